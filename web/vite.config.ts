import { defineConfig } from "vite";

const SERVER = process.env["TIMBREL_SERVER"] ?? "http://127.0.0.1:8765";

/** Parts that several views share get a chunk of their own, under a name that stays; the first that fits takes a module. */
const GROUPS = [
  { name: "core", test: /(node_modules[\\/]@?preact|src[\\/](design|state|api|audio|shell)[\\/]|rolldown[\\/]runtime|vite[\\/]preload-helper)/ },
  { name: "scatter", test: /(node_modules[\\/]kdbush|src[\\/]scatter[\\/])/ },
  { name: "uplot", test: /node_modules[\\/]uplot/ },
].map((group, at) => ({ ...group, priority: 10 - at, includeDependenciesRecursively: false }));

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: SERVER, ws: true, changeOrigin: true, rewriteWsOrigin: true } },
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "assets/[name].js" } } },
  build: {
    target: "es2022",
    outDir: "../src/timbrel/studio/workbench/page",
    emptyOutDir: true,
    sourcemap: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/app.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith(".css")) ? "assets/app.css" : "assets/[name][extname]",
        codeSplitting: { groups: GROUPS },
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
