/** Engines: the one that a program starts with, and others of one's own. */
import * as errors from "./error.js";
import type * as api from "./api.js";
import { make } from "pointsman:engine";

/**
 * An engine of its own, by {@link createEngine}: all that the package exports, over memory that no other engine has part in.
 * Its `Zone` and `View` are classes of its own; `PointsmanError` is one class for all.
 */
export interface Engine extends Readonly<typeof api> {
  /**
   * Gives the engine up with everything in it: its zones and views are of no use any more, and its memory goes back when
   * the garbage collector comes by. Closing it again does nothing.
   */
  close(): void;
}

const main = make(errors);
let compiled: WebAssembly.Module | undefined;

/** @internal What the package exports as its own: the engine that a program starts with. */
export const exported: typeof api = main.api;

/** @internal Starts that engine. */
export function start(module: WebAssembly.Module): void {
  compiled ??= module;
  main.start(compiled);
}

/**
 * Another engine, beside the one that the package starts with. What one engine loads is nothing to the others: a zone that
 * uses up its engine's memory takes away that engine's zones alone. And the memory of an engine never shrinks, so that who
 * wants it back closes the engine. It takes about a millisecond, and a megabyte and a half of memory.
 *
 * ```js
 * const tenant = createEngine();
 * const zone = tenant.Zone.load([documentText]);
 * tenant.close();
 * ```
 *
 * @throws {PointsmanError} `not-started` before `init()` of `pointsman/manual`.
 */
export function createEngine(): Engine {
  if (compiled === undefined) {
    throw new errors.PointsmanError("not-started", "call `await init()` of pointsman/manual before createEngine()");
  }
  const { api, start, stop } = make(errors);
  start(compiled);
  return Object.freeze({ ...api, close: stop });
}
