/** A report at a URL. */
import type { Zone } from "../zone.js";
import { type OnView, Watch, type WatchOptions } from "./index.js";

export interface FeedOptions extends WatchOptions {
  /** Headers of each request, such as `{ authorization: "Bearer ..." }` for a watch that asks for a token. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Follows the health report at a URL, such as `http://127.0.0.1:8053/v1/health` of `pointsman watch`, and hands over a view
 * whenever there is a new one. What cannot be read leaves the last view in force; a report about another zone, one that is
 * older than the one in force, and one of another watch while the first is alive are not taken.
 *
 * ```js
 * const watch = watchFeed(zone, "http://127.0.0.1:8053/v1/health", (view, { state }) => console.log(state));
 * watch.view.resolve(query); // by what is known now
 * watch.close();
 * ```
 */
export function watchFeed(zone: Zone, url: string | URL, onView: OnView, { headers = {}, ...options }: FeedOptions = {}): Watch {
  const at = new URL(url);
  const read = async (version: string | undefined, signal: AbortSignal) => {
    const known = version === undefined ? {} : { "if-none-match": version };
    // A report out of a cache would look newer than it is.
    const response = await fetch(at, { headers: { ...headers, ...known }, cache: "no-store", signal });
    if (response.status === 304) return undefined;
    if (!response.ok) throw new Error(`${at.href} answers ${response.status}`);
    return { text: await response.text(), version: response.headers.get("etag") ?? undefined };
  };
  return new Watch(zone, { confirms: true, read }, onView, options);
}
