/** Everywhere else: whoever has the module hands it over. */
import { compile, type WasmSource } from "./compile.js";
import { start } from "../engines.js";

export type { WasmModule, WasmSource } from "./compile.js";

/**
 * Starts the engine; everything else waits for it. Calling it again does nothing.
 *
 * ```js
 * import wasm from "pointsman/pointsman.wasm"; // as your bundler has it: a URL, bytes, or a WebAssembly.Module
 * await init(wasm);
 * ```
 */
export async function init(source: WasmSource | Promise<WasmSource>): Promise<void> {
  start(await compile(await source));
}

export * from "../index.js";
