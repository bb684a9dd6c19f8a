/** The module within the script: for bundlers and pages that bring no other file along. Nothing is fetched or waited for. */
import bytes from "./pointsman.wasm";
import { start } from "../engines.js";

start(new WebAssembly.Module(bytes as unknown as BufferSource));

export * from "../index.js";
