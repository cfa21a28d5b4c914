import { defineConfig } from "vite";

// The gateway serves the result under this path; every asset URL starts with it.
const base = "/admin/graphiql/";

export default defineConfig({
  base,
  oxc: { jsx: { runtime: "automatic" } },
  // Monaco, graphql and React break when two copies meet in one page.
  resolve: { dedupe: ["graphql", "monaco-editor", "react", "react-dom"] },
  worker: { format: "es" },
  build: {
    // The policy allows scripts from this server only: nothing may become a data: URL.
    assetsInlineLimit: 0,
    // Monaco is one lazy chunk of 2.8 MB, and there is no smaller Monaco.
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries mark files "use client" for servers that render; here everything is client.
      onLog: (level, log, next) => log.code !== "MODULE_LEVEL_DIRECTIVE" && next(level, log),
    },
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev` beside `make run`: pages reload at once, queries go to the running gateway.
    proxy: { "/graphql": { target: "http://127.0.0.1:8000", ws: true } },
  },
});
