/**
 * Node.js, by way of a bundler, as ESM or as CommonJS. Bundlers that know `new URL` bring the module along; otherwise it lies
 * beside the bundle.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../engines.js";

const file = import.meta.url === undefined ? join(__dirname, "pointsman.wasm") : new URL("./pointsman.wasm", import.meta.url);
start(new WebAssembly.Module(readFileSync(file)));

export * from "../index.js";
