// graphql-codegen's client preset over the portal documents: `node codegen.mjs SCHEMA`.
import { readFileSync, readdirSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { parse } from "graphql";
import { check, program } from "./stack.mjs";

const [schemaFile] = process.argv.slice(2);
const directory = new URL("documents/", import.meta.url);

function documents() {
  return readdirSync(directory).map((name) => {
    const rawSDL = readFileSync(new URL(name, directory), "utf8");
    return { location: name, rawSDL, document: parse(rawSDL) };
  });
}

await program("codegen", async () => {
  const files = await preset.buildGeneratesSection({
    baseOutputDir: "made/",
    schema: parse(readFileSync(schemaFile, "utf8")),
    documents: documents(),
    plugins: [],
    pluginMap: {},
    presetConfig: { fragmentMasking: false },
    config: {
      // A scalar without a type here fails the build instead of becoming `any`.
      strictScalars: true,
      scalars: JSON.parse(readFileSync(new URL("scalars.json", import.meta.url), "utf8")),
    },
  });
  const made = await Promise.all(files.map(async (file) => [file.filename, await codegen(file)]));
  const types = Object.fromEntries(made)["made/graphql.ts"];
  for (const { document } of documents()) {
    const { name, operation } = document.definitions[0];
    const expected = name.value + operation[0].toUpperCase() + operation.slice(1);
    check(types.includes(`export type ${expected} = `), `no type ${expected}`);
  }
  check(!/: any\b/.test(types), "a scalar became `any`");
  return `${made.length} files`;
});
