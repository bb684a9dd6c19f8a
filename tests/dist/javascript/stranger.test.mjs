// The package as npm installed it, in every way that people load one.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { resolve } from "node:path";

const ANSWER = "192.0.2.2";
const node = (...args) => execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
const tool = (name, ...args) => node(`node_modules/${name}`, ...args);
const manifest = JSON.parse(readFileSync("node_modules/pointsman/package.json", "utf8"));

// Node.js fetches no files; a browser would get this from the server that has the bundle.
globalThis.fetch = async (url) => new Response(readFileSync(fileURLToPath(url)), { headers: { "content-type": "application/wasm" } });

async function answers(file) {
  const { Zone } = await import(pathToFileURL(resolve(file)).href);
  const view = Zone.load([readFileSync("zone.json", "utf8")]).health(readFileSync("report.json", "utf8"));
  assert.deepEqual(view.resolve({ name: "www.example.com", type: "A" }).values, [ANSWER]);
}

test("CommonJS", () => assert.equal(node("use.cjs"), ANSWER));

test("TypeScript, strict, to ESM", () => {
  tool("typescript/bin/tsc", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext", "--types", "node", "use.mts");
  assert.equal(node("use.mjs"), ANSWER);
});

test("every entry of the manifest loads", async () => {
  // The modules themselves are entries too, for bundlers.
  const entries = Object.entries(manifest.exports).filter(([entry, target]) => typeof target === "object" && !entry.endsWith(".wasm"));
  assert.ok(entries.length > 1);
  for (const [entry] of entries) {
    const loaded = await import(`pointsman${entry.slice(1)}`);
    assert.ok(Object.keys(loaded).length > 0, entry);
  }
});

test("Vite", async () => {
  const { build } = await import("vite");
  await build({
    logLevel: "error", configFile: false, base: "./",
    build: { outDir: "vite", target: "es2022", assetsInlineLimit: 0, rollupOptions: { input: resolve("app.js"), preserveEntrySignatures: "strict", output: { entryFileNames: "app.mjs" } } },
  });
  await answers("vite/app.mjs");
});

test("webpack", async () => {
  const { default: webpack } = await import("webpack");
  const stats = await new Promise((done, failed) => webpack({
    mode: "production", target: "web", entry: "./app.js", devtool: false, experiments: { outputModule: true },
    output: { path: resolve("webpack"), filename: "app.mjs", library: { type: "module" }, module: true, publicPath: "auto" },
  }, (error, stats) => error ? failed(error) : done(stats)));
  assert.ok(!stats.hasErrors(), stats.toString());
  await answers("webpack/app.mjs");
});

test("esbuild, with the module copied beside the bundle", async () => {
  const { build } = await import("esbuild");
  await build({ entryPoints: ["app.js"], bundle: true, format: "esm", target: "es2022", outfile: "esbuild/app.mjs", conditions: ["browser"], logLevel: "error" });
  copyFileSync("node_modules/pointsman/pointsman.wasm", "esbuild/pointsman.wasm");
  await answers("esbuild/app.mjs");
});

test("publint finds nothing", () => {
  const said = tool("publint/src/cli.js", "node_modules/pointsman", "--strict");
  assert.match(said, /All good/);
});

// Not asked: what cannot have types, resolution as before Node.js 12, and `require` of an entry that is an ES module.
test("attw finds no wrong types", () => {
  const untyped = Object.keys(manifest.exports).filter((entry) => entry.endsWith(".wasm")).map((entry) => entry.slice(2));
  tool("@arethetypeswrong/cli/dist/index.js", process.env.PACKAGE, "--no-color", "--profile", "node16",
    "--ignore-rules", "cjs-resolves-to-esm", "--exclude-entrypoints", ...untyped);
});
