/** workerd and wrangler: an import of a .wasm file is a compiled module. */
import module from "./pointsman_decide.wasm";
import { start } from "../instance.js";

start(module);

export * from "../index.js";
