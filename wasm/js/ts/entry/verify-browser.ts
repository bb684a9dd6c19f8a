/** Browsers and bundlers: `init` fetches the modules; nothing is loaded before. */
import { compile, type WasmSource } from "./compile.js";
import { analyses } from "../verify/index.js";
import { Background, type Reply } from "../verify/background.js";
import { Module } from "../verify/module.js";
import type { Analyses } from "../verify/types.js";

export { PointsmanError } from "../error.js";
export type * from "../verify/types.js";
export type { Abortable, Background } from "../verify/background.js";
export type { WasmModule, WasmSource } from "./compile.js";

const verify = new Module(), formats = new Module();

const all = analyses(verify, formats);
// Each by its declared type: what TypeScript would write out instead names files that are not in the package.
export const drill: Analyses["drill"] = all.drill;
export const diff: Analyses["diff"] = all.diff;
export const rto: Analyses["rto"] = all.rto;
export const readDocuments: Analyses["readDocuments"] = all.readDocuments;

/** Fetches what is needed: the analyses, and with `formats` the reader of other formats. Calling it again does nothing. */
export async function init(what: { readonly verify?: WasmSource; readonly formats?: WasmSource | boolean } = {}): Promise<void> {
  const from = (source: WasmSource | boolean | undefined, own: () => URL) => (source === undefined || source === true ? own() : source as WasmSource);
  const loads: Promise<void>[] = [];
  if (!verify.isThere) {
    loads.push(compile(from(what.verify, () => new URL("./pointsman_verify.wasm", import.meta.url))).then((module) => verify.take(module as WebAssembly.Module)));
  }
  if (what.formats !== undefined && what.formats !== false && !formats.isThere) {
    loads.push(compile(from(what.formats, () => new URL("./pointsman_import.wasm", import.meta.url))).then((module) => formats.take(module as WebAssembly.Module)));
  }
  await Promise.all(loads);
}

/** The same analyses in a web worker, as promises that a signal ends. The page is never blocked. */
export function background(): Background {
  return new Background((onReply: (reply: Reply) => void, onError) => {
    const worker = new Worker(new URL("./verify-worker.js", import.meta.url), { type: "module" });
    worker.onmessage = (event) => onReply(event.data as Reply);
    worker.onerror = (event) => onError(new Error(event.message || "the worker of pointsman/verify cannot be loaded"));
    return worker;
  });
}
