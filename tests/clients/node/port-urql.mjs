// @urql/core: its fetch exchange sends a File in the variables as a multipart request by itself.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { portStory } from "./portflow.mjs";
import { dev, headers, program } from "./stack.mjs";
import { streamed } from "./streamed.mjs";

const identity = headers(dev.tokens.customerB);
const socket = createClient({ url: dev.wsUrl, webSocketImpl: WebSocket, connectionParams: identity });
const client = new Client({
  url: dev.graphqlUrl,
  requestPolicy: "network-only",
  preferGetMethod: false,
  fetchOptions: { headers: { ...identity, "x-csrf": "1" } },
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink),
        }),
      }),
    }),
  ],
});

async function ask(document, variables) {
  const act = document.startsWith("mutation") ? client.mutation : client.query;
  const { data, error } = await act.call(client, document, variables).toPromise();
  if (error) throw error;
  return data;
}

const subscribe = (document, variables) =>
  streamed((sink) => {
    client.subscription(document, variables).subscribe(({ data, error, hasNext }) => {
      if (error) sink.error(error);
      // The end of the stream repeats the last event with `hasNext: false`.
      else if (hasNext === false) sink.complete();
      else sink.next(data);
    });
  });

await program("port-urql", () => portStory({ ask, subscribe }, { npa: "415" }));
