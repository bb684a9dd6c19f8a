/** The instance of the WebAssembly module: how it starts, what a call into it does, and what becomes of it after a trap. */
import { __wbg_reset_state, Engine, initSync } from "../glue/glue.js";
import { PointsmanError } from "./error.js";

let compiled: WebAssembly.Module;
let engine: Engine | undefined;
let memory: WebAssembly.Memory;

/** Zones and views of an instance that was given up are gone; each remembers which instance it belongs to. */
let generation = 0;
/** Why the last instance was given up. */
let lost = "";
/** Whether the engine was closed for good. */
let isClosed = false;
/** What forgets what it knows of an instance that was given up. */
const forgets: (() => void)[] = [];

/**
 * Whether the module is at work. It never calls anything of a caller's, so where this is found set, a call was broken off
 * in the middle, and the instance is in no state to go on.
 */
let inside = false;

/** Starts the module. */
export function start(module: WebAssembly.Module): void {
  if (engine !== undefined) return;
  compiled = module;
  begin();
}

/** Begins with the instance that the glue has now. */
function begin(): void {
  // The first time this makes the instance; later it is the way to the exports of the one that there is.
  ({ memory } = initSync({ module: compiled }));
  engine = new Engine();
}

/** Gives everything up for good. */
export function stop(): void {
  if (isClosed) return;
  giveUp("the engine was closed");
  isClosed = true;
  engine = undefined;
  memory = undefined as never;
}

/** The running engine. */
export function running(): Engine {
  if (isClosed) throw new PointsmanError("freed", "the engine was closed", { help: "make another with createEngine()" });
  if (engine === undefined) {
    throw new PointsmanError("not-started", "call `await init()` of pointsman/manual before anything else", {
      help: "or import `pointsman`, which starts on its own",
    });
  }
  if (inside) startAnew("the engine was broken off in the middle of a call and was started anew");
  return engine;
}

/** Has something called whenever the instance is given up, to forget what it knows of it. */
export function whenGivenUp(forget: () => void): void {
  forgets.push(forget);
}

/** Gives the instance up. Should this be broken off too, `inside` is still set and the next call does it. */
function startAnew(why: string): void {
  giveUp(why);
  begin();
  inside = false;
}

/** Whoever holds something of the instance learns why it is gone; the glue turns to an instance that is new. */
function giveUp(why: string): void {
  generation += 1;
  lost = why;
  for (const forget of forgets) forget();
  __wbg_reset_state();
}

/**
 * Runs the module. A trap, or a stack that is full, leaves the instance in no state to go on, so it is started anew: what
 * was loaded is gone and says so, what is loaded next works.
 */
export function guarded<T>(what: string, work: (engine: Engine) => T): T {
  const engine = enter();
  try {
    const result = work(engine);
    inside = false;
    return result;
  } catch (error) {
    throw brokenOff(error, what);
  }
}

/** The running engine, for a call that is too quick for {@link guarded}: {@link leave} ends it, or {@link brokenOff}. */
export function enter(): Engine {
  const engine = running();
  inside = true;
  return engine;
}

/** Ends what {@link enter} began. */
export function leave(): void {
  inside = false;
}

/** The error to throw for one that came out of the module. */
export function brokenOff(error: unknown, what: string): unknown {
  // What the module refuses is a string, and what is said of what it refuses is an error of ours.
  if (typeof error === "string" || error instanceof PointsmanError) {
    inside = false;
    return error;
  }
  const isStack = !(error instanceof WebAssembly.RuntimeError) && /stack|recursion/.test(String((error as Error)?.message));
  startAnew(`the engine ran out of ${isStack ? "stack" : "memory"} and was started anew`);
  const needs = isStack ? "more stack than the caller left" : "more memory than there is";
  return new PointsmanError("out-of-memory", `${what} needs ${needs}; the engine was started anew`, {
    help: "load every zone again",
    cause: error,
  });
}

/** Something inside the module that a caller holds: usable until it is freed, or its instance is given up. */
export class Held<Raw extends { free(): void }> {
  #raw: Raw | undefined;
  readonly #generation: number;
  readonly #what: string;
  readonly #again: string;

  /** `what` is what it is, and `again` says how to come by another. */
  constructor(raw: Raw, what: string, again: string) {
    this.#raw = raw;
    this.#generation = generation;
    this.#what = what;
    this.#again = again;
  }

  /** It, for one call. */
  use(): Raw {
    const raw = this.#raw;
    return raw !== undefined && this.#generation === generation ? raw : this.#refuse();
  }

  #refuse(): never {
    if (this.#generation !== generation) {
      if (isClosed) running();
      const help = this.#what === "zone" ? "load it again" : "load the zone again";
      throw new PointsmanError("freed", `the ${this.#what} is gone: ${lost}`, { help });
    }
    throw new PointsmanError("freed", `the ${this.#what} was freed and cannot be used any more`, { help: this.#again });
  }

  /** Gives its memory back; doing so again does nothing. */
  free(): void {
    const raw = this.#raw;
    this.#raw = undefined;
    if (raw !== undefined && this.#generation === generation) {
      guarded(`freeing a ${this.#what}`, () => { if (this.#generation === generation) raw.free(); });
    }
  }
}

/** Numbers in the module's memory, where it lies now. */
export function numbersAt(address: number, count: number) {
  return new Float64Array(memory.buffer, address, count);
}

/** Bytes of the module's memory; it never shrinks. */
export function memoryBytes(): number {
  running();
  return memory.buffer.byteLength;
}
