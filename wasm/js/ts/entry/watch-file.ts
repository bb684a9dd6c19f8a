/** Node.js: a file. */
export { watchFile } from "../watch/file.js";
export type { OnView, Watch, WatchOptions, WatchStatus } from "../watch/index.js";
