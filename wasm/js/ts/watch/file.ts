/** A report in a file. */
import { readFile } from "node:fs/promises";
import type { Zone } from "../zone.js";
import { type OnView, Watch, type WatchOptions } from "./index.js";

/**
 * Follows the health report in a file, such as the one that `pointsman watch --out FILE` writes, and hands over a view
 * whenever there is a new one. Without a `Time` in it, a report is confirmed by each look that finds it there. Node.js only.
 *
 * ```js
 * const watch = watchFile(zone, "health.json", (view) => { current = view; });
 * ```
 */
export function watchFile(zone: Zone, path: string | URL, onView: OnView, options: WatchOptions = {}): Watch {
  const read = async (version: string | undefined, signal: AbortSignal) => {
    const text = await readFile(path, { encoding: "utf8", signal });
    return text === version ? undefined : { text, version: text };
  };
  return new Watch(zone, { confirms: false, read }, onView, options);
}
