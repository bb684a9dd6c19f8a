/** Node.js: the module lies beside this file and is there at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../engine.js";

start(new WebAssembly.Module(readFileSync(join(__dirname, "pointsman.wasm"))));

export * from "../index.js";
