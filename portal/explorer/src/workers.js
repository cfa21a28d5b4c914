// Monaco's three workers, bundled by Vite. They must be named in our own source: the ready-made
// `graphiql/setup-workers/vite` breaks the dev server, and without workers Monaco fails on start.
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker";
import JsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker";
import GraphQLWorker from "monaco-graphql/esm/graphql.worker.js?worker";

const byLabel = { json: JsonWorker, graphql: GraphQLWorker };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new (byLabel[label] ?? EditorWorker)(),
};
