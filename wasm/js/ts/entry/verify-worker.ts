/** The web worker of `background()`. */
import { carryOut, type Call } from "../verify/background.js";
import { diff, drill, init, readDocuments, rto } from "./verify-browser.js";

declare const self: { onmessage: ((event: { readonly data: Call }) => void) | null; postMessage(message: unknown): void };

self.onmessage = ({ data }) => {
  init({ formats: data.call === "readDocuments" })
    .then(() => carryOut({ diff, drill, readDocuments, rto }, data, (reply) => self.postMessage(reply)))
    .catch((error: unknown) => self.postMessage({ error: { code: "not-started", message: String((error as Error)?.message ?? error) } }));
};
