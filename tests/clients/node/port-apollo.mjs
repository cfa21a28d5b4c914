// Apollo Client 4 with apollo-upload-client: a File in the variables becomes a multipart request.
import { ApolloClient, ApolloLink, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import UploadHttpLink from "apollo-upload-client/UploadHttpLink.mjs";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { portStory } from "./portflow.mjs";
import { dev, headers, program } from "./stack.mjs";
import { streamed } from "./streamed.mjs";

const identity = headers(dev.tokens.customerA);
const socket = createClient({ url: dev.wsUrl, webSocketImpl: WebSocket, connectionParams: identity });
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new UploadHttpLink({ uri: dev.graphqlUrl, headers: { ...identity, "x-csrf": "1" } }),
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

await program("port-apollo", () => portStory({ ask, subscribe }, { npa: "303" }));
