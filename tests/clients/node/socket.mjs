// graphql-ws alone: queries, mutations and the subscription over one WebSocket.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { story } from "./flow.mjs";
import { check, dev, headers, program } from "./stack.mjs";

const closed = [];
const client = createClient({
  url: dev.wsUrl,
  webSocketImpl: WebSocket,
  connectionParams: headers(dev.tokens.customerB),
  lazy: false,
  on: { closed: (event) => closed.push(event.code) },
});

async function* subscribe(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw new Error(JSON.stringify(errors));
    yield data;
  }
}

async function ask(query, variables) {
  for await (const data of subscribe(query, variables)) return data;
  throw new Error("the server completed without an answer");
}

/** A socket without a good token is closed with the code that makes clients give up or renew. */
async function refusedWithoutToken() {
  const stranger = createClient({
    url: dev.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: headers("not.a.token"),
  });
  const outcome = stranger.iterate({ query: "{ viewer { name } }" }).next();
  const code = await outcome.then(
    () => "an answer",
    (event) => event.code,
  );
  check([4401, 4403].includes(code), `a bad token got ${code}`);
}

await program("graphql-ws", async () => {
  await refusedWithoutToken();
  const said = await story({ ask, subscribe }, { npas: ["212"] });
  check(closed.length === 0, `the socket was closed: ${closed}`);
  return said;
});
