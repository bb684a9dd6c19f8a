/** The worker thread of `background()` in Node.js. */
import { parentPort } from "node:worker_threads";
import { carryOut, type Call } from "../verify/background.js";
import { diff, drill, readDocuments, rto } from "./verify-node.js";

parentPort?.on("message", (call: Call) => {
  carryOut({ diff, drill, readDocuments, rto }, call, (reply) => parentPort?.postMessage(reply));
});
