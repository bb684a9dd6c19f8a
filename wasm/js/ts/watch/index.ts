/** Views that follow a health report while it changes, wherever it comes from. */
import type { View } from "../view.js";
import type { Zone } from "../zone.js";

/** Milliseconds that one look may take. */
const LOOK_MAX = 2000;

/** How a report is followed. */
export interface WatchOptions {
  /** Seconds between two looks; 1 when left out. */
  readonly every?: number | undefined;
  /** Seconds after which a report is stale that nobody has confirmed since; 60 when left out. */
  readonly maxAge?: number | undefined;
  /** What a stale report is worth: it is kept, or it counts as no report. It is kept when this is left out. */
  readonly whenStale?: "keep" | "no-data" | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
  /** Gets every look that failed; what was in force stays in force. */
  readonly onFault?: ((fault: Error) => void) | undefined;
}

/** What there is to know about the view in force. */
export interface WatchStatus {
  readonly state: "fresh" | "stale" | "no data";
  /** Seconds since the report was made, or was last confirmed; `undefined` before the first. */
  readonly age: number | undefined;
  /** Why the last look failed, if it did. */
  readonly fault: string | undefined;
  /** The watch that made the report, where it says so. */
  readonly by: string | undefined;
}

/** Gets each view that comes into force, and the one in force again when its state becomes another. */
export type OnView = (view: View, status: WatchStatus) => void;

/** @internal Where a report comes from. */
export interface Source {
  /** Whether "still the same" means that somebody has just made sure of it. */
  readonly confirms: boolean;
  /** The report's text and a mark of its version; `undefined` when it is still the version of the mark given. */
  read(version: string | undefined, signal: AbortSignal): Promise<{ readonly text: string; readonly version: string | undefined } | undefined>;
}

/** A report that is followed; {@link Watch.view} is what to ask. */
export class Watch {
  readonly #zone: Zone;
  readonly #source: Source;
  readonly #onView: OnView;
  readonly #options: { readonly every: number; readonly maxAge: number; readonly whenStale: "keep" | "no-data"; readonly onFault: (fault: Error) => void };
  readonly #withoutReport: View;
  readonly #end = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reported: View | undefined;
  #version: string | undefined;
  #made: Made | undefined;
  /** The report's age when it was taken or confirmed, and when that was by a clock that nobody sets; in milliseconds. */
  #ageThen = 0;
  #then = 0;
  /** When the source last brought what this watch goes by. */
  #heard = 0;
  #fault: string | undefined;
  #told: { readonly view: View | undefined; readonly state: string } = { view: undefined, state: "" };

  /** @internal Watches come from `watchFeed` and `watchFile`. */
  constructor(zone: Zone, source: Source, onView: OnView, options: WatchOptions) {
    if (typeof onView !== "function") throw new TypeError("onView must be a function of a view");
    const { every = 1, maxAge = 60, whenStale = "keep", signal, onFault = () => {} } = options;
    for (const [name, seconds] of [["every", every], ["maxAge", maxAge]] as const) {
      if (!(typeof seconds === "number" && seconds > 0 && seconds <= 86_400)) throw new TypeError(`options.${name} must be seconds, above 0 and up to a day`);
    }
    if (whenStale !== "keep" && whenStale !== "no-data") throw new TypeError('options.whenStale must be "keep" or "no-data"');
    this.#zone = zone;
    this.#source = source;
    this.#onView = onView;
    this.#options = { every, maxAge, whenStale, onFault };
    this.#withoutReport = zone.health();
    if (signal?.aborted === true) return;
    signal?.addEventListener("abort", () => this.close(), { once: true });
    void this.#look();
  }

  /** The view in force; one without a report before the first. */
  get view(): View {
    const { state } = this.status;
    const isWorth = state === "fresh" || state === "stale" && this.#options.whenStale === "keep";
    return isWorth && this.#reported !== undefined ? this.#reported : this.#withoutReport;
  }

  /** What there is to know about it. */
  get status(): WatchStatus {
    const age = this.#reported === undefined ? undefined : (this.#ageThen + performance.now() - this.#then) / 1000;
    const state = age === undefined ? "no data" : age > this.#options.maxAge ? "stale" : "fresh";
    return { state, age, fault: this.#fault, by: this.#made?.run };
  }

  /** Ends it; the view in force stays usable. Closing it again does nothing. */
  close(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
  }

  /** The same, for `using watch = watchFeed(...)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #look(): Promise<void> {
    try {
      const read = await this.#read();
      if (this.#end.signal.aborted) return;
      if (read !== undefined) this.#take(read.text, read.version);
      else if (this.#source.confirms || this.#made?.time === undefined) this.#confirm(0);
      this.#fault = undefined;
    } catch (error) {
      if (this.#end.signal.aborted) return;
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#fault = fault.name === "PointsmanError" ? `bad report: ${fault.message}` : fault.message;
      this.#call(() => this.#options.onFault(fault));
    }
    this.#tell();
    if (!this.#end.signal.aborted) this.#timer = setTimeout(() => void this.#look(), this.#options.every * 1000);
  }

  /** One look, which ends in time whatever the source does. */
  async #read(): ReturnType<Source["read"]> {
    const late = new AbortController();
    let giveUp = (_why: string): void => {};
    const never = new Promise<never>((_, reject) => { giveUp = (why) => { late.abort(); reject(new Error(why)); }; });
    const timer = setTimeout(() => giveUp(`the source does not answer within ${LOOK_MAX} ms`), LOOK_MAX);
    const onEnd = () => giveUp("the watch was closed");
    this.#end.signal.addEventListener("abort", onEnd);
    try {
      return await Promise.race([this.#source.read(this.#version, late.signal), never]);
    } finally {
      clearTimeout(timer);
      this.#end.signal.removeEventListener("abort", onEnd);
    }
  }

  #take(text: string, version: string | undefined): void {
    const view = this.#zone.health(text);
    const made = madeOf(text);
    if (made.zone !== undefined && made.zone !== this.#zone.name) {
      throw new Error(`the report is about ${made.zone}, and the zone is ${this.#zone.name}`);
    }
    // Behind a balancer each look may reach another watch: the one whose report is in force counts while it lives.
    if (this.#reported !== undefined && !this.#mayTake(made)) return;
    this.#reported = view;
    this.#version = version;
    this.#made = made;
    // A clock that is ahead makes no report newer than now.
    this.#confirm(made.time === undefined ? 0 : Math.max(0, Date.now() - made.time));
  }

  #confirm(age: number): void {
    if (this.#reported === undefined) return;
    this.#ageThen = age;
    this.#then = this.#heard = performance.now();
  }

  /** Whether a report may take the place of the one in force. */
  #mayTake(made: Made): boolean {
    if (made.run === this.#made?.run) return made.run === undefined || made.sequence >= (this.#made?.sequence ?? 0);
    return performance.now() - this.#heard > 3000 * this.#options.every + LOOK_MAX;
  }

  #tell(): void {
    const { view, status } = this;
    if (view === this.#told.view && status.state === this.#told.state) return;
    this.#told = { view, state: status.state };
    this.#call(() => this.#onView(view, status));
  }

  /** Calls what is the caller's; what it throws is no fault of the report's and ends nothing. */
  #call(call: () => void): void {
    try {
      call();
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}

/** What a report says of itself. */
interface Made {
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  readonly zone: string | undefined;
  /** The watch, by its id and run; another run counts anew. */
  readonly run: string | undefined;
  readonly sequence: number;
}

function madeOf(text: string): Made {
  const { Time, Watch } = JSON.parse(text) as { Time?: unknown; Watch?: { Id?: unknown; Run?: unknown; Sequence?: unknown; Zone?: unknown } };
  const time = typeof Time === "string" ? Date.parse(Time) : typeof Time === "number" ? Time * 1000 : NaN;
  const isNamed = typeof Watch?.Id === "string" && typeof Watch.Run === "string" && typeof Watch.Sequence === "number";
  return {
    time: Number.isFinite(time) ? time : undefined,
    zone: typeof Watch?.Zone === "string" ? Watch.Zone : undefined,
    run: isNamed ? `${Watch.Id as string}, run ${Watch.Run as string}` : undefined,
    sequence: isNamed ? Watch.Sequence as number : 0,
  };
}
