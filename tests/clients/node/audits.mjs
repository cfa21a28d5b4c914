// graphql-http's audits of "GraphQL over HTTP", with introspection open (staff) and the header
// that our endpoint asks of GET requests.
import { auditServer } from "graphql-http";
import { check, dev, headers, program } from "./stack.mjs";

const AUDITS = 61;

await program("audits", async () => {
  const results = await auditServer({
    url: dev.graphqlUrl,
    fetchFn: (url, options = {}) =>
      fetch(url, {
        ...options,
        headers: { ...options.headers, "x-csrf": "1", ...headers(dev.tokens.staff) },
      }),
  });
  const bad = results.filter((result) => result.status !== "ok");
  const said = bad.map(({ id, name, status, reason }) => `${id} ${name}: ${status}, ${reason}`);
  check(bad.length === 0, said.join("\n"));
  check(results.length === AUDITS, `${results.length} audits ran, not ${AUDITS}`);
  return `${results.length} audits`;
});
