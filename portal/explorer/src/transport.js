// How the page talks to the API: HTTP for queries and mutations, one WebSocket for subscriptions.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { Kind, parse } from "graphql";
import { createClient } from "graphql-ws";
import { multipart, withoutFiles } from "./upload.js";

export const GRAPHQL_PATH = "/graphql";
// Close codes by which the gateway refuses a token (4401 before, 4403 after the handshake).
const TOKEN_REFUSED = new Set([4401, 4403]);

/** Headers of every request; the same pairs travel in the WebSocket's connection_init. */
export function identity({ token, customerId }) {
  return {
    authorization: `Bearer ${token}`,
    ...(customerId ? { "x-customer-id": customerId } : {}),
  };
}

/** One POST outside GraphiQL, for the header's own questions. Throws only when nobody answers. */
export async function ask(session, query) {
  const response = await fetch(GRAPHQL_PATH, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf": "1", ...identity(session) },
    body: JSON.stringify({ query }),
  });
  const body = await response.json().catch(() => ({}));
  return { status: response.status, data: body.data, errors: body.errors ?? [] };
}

function socketUrl() {
  const url = new URL(GRAPHQL_PATH, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Replaces the placeholders of the ready-made tabs by values, each time a document is run. */
export function fillPlaceholders(value, chosen) {
  if (value === "<customer>") return chosen.behalfOf ?? null;
  if (value === "<file>") return chosen.file ?? null;
  if (value === "<new key>") return crypto.randomUUID();
  if (value === "<today>") return new Date().toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map((item) => fillPlaceholders(item, chosen));
  if (value === null || typeof value !== "object") return value;
  const filled = Object.entries(value).map(([k, v]) => [k, fillPlaceholders(v, chosen)]);
  return Object.fromEntries(filled);
}

/**
 * The document and operation that are on the screen. GraphiQL learns both 100 ms after a tab was
 * chosen: whoever runs it at once would send the old name, or a subscription as a query.
 */
function asShown({ query, operationName }) {
  try {
    const documentAST = parse(query);
    const names = documentAST.definitions
      .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((definition) => definition.name?.value);
    return { documentAST, operationName: names.includes(operationName) ? operationName : names[0] };
  } catch {
    // A syntax error: the API says where.
    return { operationName };
  }
}

/** Whether a placeholder for the file stands somewhere in the variables. */
function asksForFile(value) {
  if (value === null || typeof value !== "object") return value === "<file>";
  return Object.values(value).some(asksForFile);
}

const NO_FILE = { errors: [{ message: 'Choose a file at the top of the page: it takes the place of "<file>".' }] };

/** The fetcher GraphiQL runs documents with; `close` ends its WebSocket. */
export function connect(session, { onRefused }) {
  const socket = createClient({
    url: socketUrl(),
    connectionParams: () => identity(session),
    shouldRetry: (event) => !TOKEN_REFUSED.has(event?.code),
    on: { closed: (event) => TOKEN_REFUSED.has(event?.code) && onRefused() },
  });
  const headers = { "x-csrf": "1", ...identity(session) };
  const watched = async (...request) => {
    const response = await fetch(...request);
    if (response.status === 401) onRefused();
    return response;
  };
  const send = createGraphiQLFetcher({ url: GRAPHQL_PATH, headers, wsClient: socket, fetch: watched });
  const upload = async (params, variables, files) => {
    const body = multipart(params, variables, files);
    return (await watched(GRAPHQL_PATH, { method: "POST", headers, body })).json();
  };
  const fetcher = (params, options) => {
    if (!session.file && asksForFile(params.variables)) return NO_FILE;
    const { documentAST, operationName } = asShown(params);
    const { value: variables, files } = withoutFiles(fillPlaceholders(params.variables, session));
    const shown = { ...params, operationName, variables };
    if (files.length > 0) return upload(shown, variables, files);
    return send(shown, { ...options, documentAST });
  };
  return { fetcher, close: () => socket.dispose() };
}
