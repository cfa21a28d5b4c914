// Apollo Client 4: HttpLink for queries and mutations, GraphQLWsLink for subscriptions.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { story } from "./flow.mjs";
import { dev, headers, program } from "./stack.mjs";
import { streamed } from "./streamed.mjs";

const identity = headers(dev.tokens.customerA);
const socket = createClient({ url: dev.wsUrl, webSocketImpl: WebSocket, connectionParams: identity });
const client = new ApolloClient({
  cache: new InMemoryCache({ typePolicies: { ReservationItem: { keyFields: ["id"] } } }),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: dev.graphqlUrl, headers: identity }),
  ),
  defaultOptions: { query: { fetchPolicy: "network-only" } },
});

async function ask(document, variables) {
  const parsed = gql(document);
  const isMutation = parsed.definitions[0].operation === "mutation";
  const { data, error } = isMutation
    ? await client.mutate({ mutation: parsed, variables })
    : await client.query({ query: parsed, variables });
  if (error) throw error;
  return data;
}

const subscribe = (document, variables) =>
  streamed((sink) =>
    client.subscribe({ query: gql(document), variables }).subscribe({
      next: ({ data, error }) => (error ? sink.error(error) : sink.next(data)),
      error: sink.error,
      complete: sink.complete,
    }),
  );

await program("apollo", () => story({ ask, subscribe }, { npas: ["720"] }));
