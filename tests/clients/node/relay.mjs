// relay-compiler over the Relay documents: `node relay.mjs SCHEMA DIRECTORY` (an empty directory).
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import compiler from "relay-compiler";
import { buildSchema, isScalarType, specifiedScalarTypes } from "graphql";
import { check, program } from "./stack.mjs";

const [schema, directory] = process.argv.slice(2);
const ARTIFACTS = [
  "CartReserveMutation",
  "CartSubscription",
  "NumberRowRefetchQuery",
  "NumbersPagePaginationQuery",
  "NumbersPageQuery",
  "SearchQuery",
];

/** Types for the scalars that this schema has; Relay refuses a scalar it knows no type for. */
function scalarTypes(sdl) {
  const types = JSON.parse(readFileSync(new URL("scalars.json", import.meta.url), "utf8"));
  const builtIn = specifiedScalarTypes.map((type) => type.name);
  const own = Object.values(buildSchema(sdl).getTypeMap()).filter(isScalarType);
  return Object.fromEntries(
    own.map(({ name }) => name).filter((name) => !builtIn.includes(name)).map((name) => [name, types[name]]),
  );
}

await program("relay-compiler", async () => {
  const sdl = readFileSync(schema, "utf8");
  cpSync(new URL("relay", import.meta.url).pathname, join(directory, "src"), { recursive: true });
  mkdirSync(join(directory, "made"));
  writeFileSync(join(directory, "schema.graphql"), sdl);
  writeFileSync(
    join(directory, "relay.config.json"),
    JSON.stringify({
      src: "src",
      schema: "schema.graphql",
      language: "typescript",
      artifactDirectory: "made",
      customScalarTypes: scalarTypes(sdl),
    }),
  );
  execFileSync(compiler, ["relay.config.json"], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
  const made = readdirSync(join(directory, "made"));
  for (const name of ARTIFACTS) check(made.includes(`${name}.graphql.ts`), `${name} was not made`);
  return `${made.length} artefacts`;
});
