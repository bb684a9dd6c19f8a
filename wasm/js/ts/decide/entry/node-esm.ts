/** The same as ESM. */
import { readFileSync } from "node:fs";
import { start } from "../instance.js";

start(new WebAssembly.Module(readFileSync(new URL("./pointsman_decide.wasm", import.meta.url))));

export * from "../index.js";
