// What wrangler does on its own: one module of JavaScript, and the .wasm beside it, in dist/.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Bundles a worker. */
export async function bundle(entry, outfile) {
  mkdirSync(dirname(outfile), { recursive: true });
  copyFileSync(fileURLToPath(import.meta.resolve("pointsman/pointsman.wasm")), join(dirname(outfile), "pointsman.wasm"));
  await build({
    entryPoints: [entry], bundle: true, format: "esm", target: "es2022", conditions: ["workerd"], external: ["./pointsman.wasm"],
    outfile, logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(join(here, "src", "worker.ts"), join(here, "dist", "worker.js"));
