/** Everywhere else: whoever has the module hands it over. */
import { compile, type WasmSource } from "../../entry/compile.js";
import { start } from "../instance.js";

export type { WasmModule, WasmSource } from "../../entry/compile.js";

/** Starts the engine; everything else waits for it. Calling it again does nothing. */
export async function init(source: WasmSource | Promise<WasmSource>): Promise<void> {
  start(await compile(await source));
}

export * from "../index.js";
