/** One instance in a program for `import` and `require` alike: whichever comes first starts it, the other takes it over. */
import { start } from "../engines.js";
import * as index from "../index.js";

/** The package's version, which the build writes here: two versions in one program share nothing. */
declare const VERSION: string;
const KEY = Symbol.for(`pointsman ${VERSION}`);

/** What the package exports, started unless it has been. */
export function once(compile: () => WebAssembly.Module): typeof index {
  const shared = globalThis as { [KEY]?: typeof index };
  const started = shared[KEY];
  if (started !== undefined) return started;
  start(compile());
  Object.defineProperty(shared, KEY, { value: index });
  return index;
}
