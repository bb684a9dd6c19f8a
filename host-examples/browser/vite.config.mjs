import { defineConfig } from "vite";

// Relative addresses, so that the folder works wherever it is put.
export default defineConfig({
  base: "./",
  publicDir: false,
  worker: { format: "es" },
  build: { target: "es2022", outDir: "../../target/playground", emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
});
