/** Node.js: the module lies beside this file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../instance.js";

const file = import.meta.url === undefined ? join(__dirname, "pointsman_decide.wasm") : new URL("./pointsman_decide.wasm", import.meta.url);
start(new WebAssembly.Module(readFileSync(file)));

export * from "../index.js";
