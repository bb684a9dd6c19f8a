// The package through the bundlers that people use, and each bundle run.
import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import * as vite5 from "vite5";
import * as vite6 from "vite6";
import * as vite7 from "vite7";
import webpack from "webpack";
import { packageFolder, pointsman, zoneFile } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "pointsman-bundlers-"));
const query = { name: "cart.example.com", type: "A", client: { country: "US" } };
const documents = [zoneFile("hybrid.json"), zoneFile("latency.json")];
const expected = pointsman.Zone.load(documents).health().resolve(query);
const realFetch = globalThis.fetch;

before(() => {
  mkdirSync(join(folder, "node_modules"));
  // As an installation does; a development server serves nothing that a link leads to.
  cpSync(packageFolder, join(folder, "node_modules", "pointsman"), { recursive: true });
  writeFileSync(join(folder, "app.js"), 'export { Zone } from "pointsman";\n');
  writeFileSync(join(folder, "inline.js"), 'export { Zone } from "pointsman/inline";\n');
  writeFileSync(join(folder, "index.html"), '<script type="module" src="./inline.js"></script>\n');
  writeFileSync(join(folder, "manual.js"), 'import wasm from "pointsman/pointsman.wasm";\nimport { init } from "pointsman/manual";\nawait init(wasm);\nexport { Zone } from "pointsman/manual";\n');
  // Node.js fetches no files; a browser would get this from the server that has the bundle.
  globalThis.fetch = async (url) => new Response(readFileSync(fileURLToPath(url)), { headers: { "content-type": "application/wasm" } });
});
after(() => {
  globalThis.fetch = realFetch;
  rmSync(folder, { recursive: true });
});

async function answers(file) {
  const loaded = await import(pathToFileURL(file).href);
  const { Zone } = loaded.Zone === undefined ? loaded.default : loaded;
  assert.notEqual(Zone, pointsman.Zone, "a bundle has its own");
  assert.deepEqual(Zone.load(documents).health().resolve(query), expected);
}

test("Vite", async () => {
  const outDir = join(folder, "vite");
  await vite({
    root: folder, logLevel: "error", configFile: false, base: "./",
    build: { outDir, target: "es2022", assetsInlineLimit: 0, rollupOptions: { input: join(folder, "app.js"), preserveEntrySignatures: "strict", output: { entryFileNames: "app.mjs" } } },
  });
  assert.ok(readdirSync(join(outDir, "assets")).some((name) => name.endsWith(".wasm")));
  await answers(join(outDir, "app.mjs"));
});

test("webpack", async () => {
  const path = join(folder, "webpack");
  const stats = await new Promise((resolve, reject) => webpack({
    mode: "production", target: "web", context: folder, entry: "./app.js", devtool: false,
    experiments: { outputModule: true },
    output: { path, filename: "app.mjs", library: { type: "module" }, module: true, publicPath: "auto" },
  }, (error, stats) => error ? reject(error) : resolve(stats)));
  assert.ok(!stats.hasErrors(), stats.toString());
  assert.ok(readdirSync(path).some((name) => name.endsWith(".wasm")));
  await answers(join(path, "app.mjs"));
});

test("esbuild, with the module copied beside the bundle", async () => {
  const outfile = join(folder, "esbuild", "app.mjs");
  await esbuild({ entryPoints: [join(folder, "app.js")], bundle: true, format: "esm", target: "es2022", outfile, conditions: ["browser"], logLevel: "error" });
  copyFileSync(join(packageFolder, "pointsman.wasm"), join(folder, "esbuild", "pointsman.wasm"));
  await answers(outfile);
});

test("esbuild, with the module handed over", async () => {
  const outfile = join(folder, "esbuild-manual", "app.mjs");
  await esbuild({ entryPoints: [join(folder, "manual.js")], bundle: true, format: "esm", target: "es2022", outfile, loader: { ".wasm": "binary" }, logLevel: "error" });
  await answers(outfile);
});

test("esbuild, for Node.js, with the module copied beside the bundle", async () => {
  const outfile = join(folder, "esbuild-node", "app.cjs");
  await esbuild({ entryPoints: [join(folder, "app.js")], bundle: true, platform: "node", format: "cjs", outfile, logLevel: "error" });
  copyFileSync(join(packageFolder, "pointsman.wasm"), join(folder, "esbuild-node", "pointsman.wasm"));
  await answers(outfile);
});

test("esbuild, for Node.js as ESM, with the module copied beside the bundle", async () => {
  const outfile = join(folder, "esbuild-node-esm", "app.mjs");
  await esbuild({ entryPoints: [join(folder, "app.js")], bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  copyFileSync(join(packageFolder, "pointsman.wasm"), join(folder, "esbuild-node-esm", "pointsman.wasm"));
  await answers(outfile);
});

test("webpack, for Node.js, which brings the module along", async () => {
  const path = join(folder, "webpack-node");
  const stats = await new Promise((resolve, reject) => webpack({
    mode: "production", target: "node", context: folder, entry: "./app.js", devtool: false,
    output: { path, filename: "app.cjs", library: { type: "commonjs2" } },
  }, (error, stats) => error ? reject(error) : resolve(stats)));
  assert.ok(!stats.hasErrors(), stats.toString());
  assert.ok(readdirSync(path).some((name) => name.endsWith(".wasm")));
  await answers(join(path, "app.cjs"));
});

// Of default settings, so that top-level await and files beside the script are not to be had.
for (const [name, { build }] of [["Vite 5", vite5], ["Vite 6", vite6], ["Vite 7", vite7], ["Vite 8", { build: vite }]]) {
  test(`${name} with default settings, inline`, async () => {
    const outDir = join(folder, name);
    await build({
      root: folder, logLevel: "error", configFile: false,
      build: { outDir, rollupOptions: { input: join(folder, "inline.js"), preserveEntrySignatures: "strict", output: { entryFileNames: "app.mjs" } } },
    });
    assert.deepEqual(readdirSync(outDir), ["app.mjs"]);
    await answers(join(outDir, "app.mjs"));
  });
}

for (const [name, { createServer }] of [["Vite 5", vite5], ["Vite 6", vite6], ["Vite 7", vite7]]) {
  test(`the development server of ${name} serves what runs, inline`, async () => {
    const server = await createServer({ root: folder, logLevel: "error", configFile: false, appType: "custom", server: { middlewareMode: true, ws: false, hmr: false, watch: null }, optimizeDeps: { noDiscovery: true } });
    try {
      const served = await server.transformRequest("/node_modules/pointsman/inline.js");
      assert.ok(served !== null && served.code.length > 100_000);
      const file = join(folder, `${name}-dev.mjs`);
      writeFileSync(file, served.code);
      await answers(file);
    } finally {
      await server.close();
    }
  });
}

test("webpack with default settings, inline", async () => {
  const path = join(folder, "webpack-inline");
  const stats = await new Promise((resolve, reject) => webpack({
    mode: "production", context: folder, entry: "./inline.js", output: { path, filename: "app.cjs", library: { type: "commonjs2" } }, performance: { hints: false },
  }, (error, stats) => error ? reject(error) : resolve(stats)));
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  assert.deepEqual(readdirSync(path), ["app.cjs"]);
  await answers(join(path, "app.cjs"));
});

test("Rollup, inline", async () => {
  const bundle = await rollup({ input: join(folder, "node_modules", "pointsman", "inline.js") });
  await bundle.write({ file: join(folder, "rollup.mjs"), format: "es" });
  await answers(join(folder, "rollup.mjs"));
});

test("esbuild as a script of its own, inline", async () => {
  const outfile = join(folder, "script.js");
  await esbuild({ absWorkingDir: folder, entryPoints: ["inline.js"], bundle: true, format: "iife", globalName: "app", outfile, logLevel: "error" });
  const app = new Function(`${readFileSync(outfile, "utf8")}; return app;`)();
  assert.deepEqual(app.Zone.load(documents).health().resolve(query), expected);
});
