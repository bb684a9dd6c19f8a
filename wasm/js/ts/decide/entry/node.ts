/** Node.js: the module lies beside this file and is there at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../instance.js";

start(new WebAssembly.Module(readFileSync(join(__dirname, "pointsman_decide.wasm"))));

export * from "../index.js";
