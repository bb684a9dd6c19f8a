/** The state of each entry of the tab's history, so that reloading, going back and going forward lose nothing. It stays in the tab. */
import { isState, type State } from "./share.js";

/** Larger states are not kept: browsers give a tab some five million characters. */
export const KEPT_MAX = 1_500_000;

export interface Kept extends State {
  /** The example's number, or nothing. */
  readonly example: string;
}

/** The key of this entry of the history. A new entry gets one at once: what is set while a page is left does not last. */
function keyHere(): string {
  const { key } = (history.state ?? {}) as { key?: unknown };
  if (typeof key === "string") return key;
  const made = `state-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  history.replaceState({ key: made }, "");
  return made;
}

export function recall(): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyHere()) ?? "null");
    return isState(kept) && typeof (kept as Kept).example === "string" ? kept as Kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a state, or with none forgets the one that was kept. */
export function keep(state: Kept | undefined): void {
  try {
    if (state === undefined) sessionStorage.removeItem(keyHere());
    else sessionStorage.setItem(keyHere(), JSON.stringify(state));
  } catch {
    // A page without storage, or with a full one, forgets, and that is all.
  }
}
