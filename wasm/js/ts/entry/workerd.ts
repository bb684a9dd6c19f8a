/** workerd and wrangler: an import of a .wasm file is a compiled module. */
import module from "./pointsman.wasm";
import { start } from "../engines.js";

start(module);

export * from "../index.js";
