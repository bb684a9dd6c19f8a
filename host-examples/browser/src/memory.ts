/** The state of each entry of the tab's history, so that reloading, going back and going forward lose nothing. It stays in the tab. */
import { isState, type State } from "./share.js";

/** Larger states are not kept: browsers give a tab some five million characters. */
const CHARACTERS_MAX = 1_500_000;

export interface Kept extends State {
  /** The example's number, or nothing. */
  readonly example: string;
}

const keyHere = (): string | undefined => (history.state as { key?: string } | null)?.key;

export function recall(): Kept | undefined {
  const key = keyHere();
  try {
    const kept: unknown = key === undefined ? undefined : JSON.parse(sessionStorage.getItem(key) ?? "null");
    return isState(kept) && typeof (kept as Kept).example === "string" ? kept as Kept : undefined;
  } catch {
    return undefined;
  }
}

export function keep(state: Kept): void {
  let key = keyHere();
  try {
    if (state.documents.reduce((sum, { text }) => sum + text.length, 0) > CHARACTERS_MAX) {
      if (key !== undefined) sessionStorage.removeItem(key);
      return;
    }
    if (key === undefined) {
      key = `state-${sessionStorage.length}-${Date.now()}`;
      history.replaceState({ key }, "");
    }
    sessionStorage.setItem(key, JSON.stringify(state));
  } catch {
    // A page without storage, or with a full one, forgets, and that is all.
  }
}
