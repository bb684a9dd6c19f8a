/** Wherever there is `fetch`: a feed. */
export { type FeedOptions, watchFeed } from "../watch/feed.js";
export type { OnView, Watch, WatchOptions, WatchStatus } from "../watch/index.js";
