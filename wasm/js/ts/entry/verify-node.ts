/** Node.js: the modules lie beside this file, and are read when they are first needed. */
import { readFileSync } from "node:fs";
import { Worker as Thread } from "node:worker_threads";
import { analyses } from "../verify/index.js";
import { Background, type Reply } from "../verify/background.js";
import { Module } from "../verify/module.js";

export { PointsmanError } from "../error.js";
export type * from "../verify/types.js";
export type { Abortable, Background } from "../verify/background.js";

const file = (name: string) => new WebAssembly.Module(readFileSync(new URL(name, import.meta.url)));
const all = analyses(new Module(() => file("./pointsman_verify.wasm")), new Module(() => file("./pointsman_import.wasm")));

export const { drill, diff, rto, readDocuments } = all;

/** Does nothing here: the modules are read when they are first needed. */
export async function init(): Promise<void> {}

/** The same analyses in a worker thread, as promises that a signal ends. */
export function background(): Background {
  return new Background((onReply: (reply: Reply) => void, onError) => {
    const thread = new Thread(new URL("./verify-worker-node.mjs", import.meta.url));
    thread.on("message", (reply: Reply) => {
      // An idle thread keeps no program alive.
      if (!("progress" in reply)) thread.unref();
      onReply(reply);
    });
    thread.on("error", onError);
    return { postMessage: (message) => { thread.ref(); thread.postMessage(message); }, terminate: () => thread.terminate() };
  });
}
