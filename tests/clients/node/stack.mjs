// The started stack, as `make run` describes it in dev.json (DEV_JSON names the file).
import { readFileSync } from "node:fs";

// Tools that need only the schema run without a stack.
export const dev = process.env.DEV_JSON ? JSON.parse(readFileSync(process.env.DEV_JSON, "utf8")) : null;

/** What a portal sends with every request. */
export function headers(token) {
  return { authorization: `Bearer ${token}` };
}

/** Text of one of the portal documents. */
export function documentText(name) {
  return readFileSync(new URL(`documents/${name}.graphql`, import.meta.url), "utf8");
}

/** A plain POST, without any client library. Throws on anything but data. */
export async function post(token, query, variables) {
  const response = await fetch(dev.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers(token) },
    body: JSON.stringify({ query, variables }),
  });
  const body = await response.json();
  if (body.errors) throw new Error(`HTTP ${response.status}: ${JSON.stringify(body.errors)}`);
  return body.data;
}

/** Fails the program, saying what was expected. */
export function check(condition, message) {
  if (!condition) throw new Error(message);
}

/** Runs the program and prints one line that its test looks for. */
export async function program(name, run) {
  const started = Date.now();
  const said = await run();
  console.log(`${name}: ok (${((Date.now() - started) / 1000).toFixed(1)} s)${said ? `, ${said}` : ""}`);
  process.exit(0);
}
