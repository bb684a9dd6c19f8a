/** The view that requests are routed by: kept in this isolate, refreshed behind their back, never made by a bad report. */
import { PointsmanError, type View, type Zone } from "pointsman";
import type { Outliers } from "./outliers.js";

/** Milliseconds that a look at the source may take. */
const LOOK_MAX = 2000;

/** Where a health report comes from: a KV namespace, or the feed of `pointsman watch`. */
export interface Source {
  /** Whether "still the same" means that somebody has just made sure of it. A feed does; a key in KV may be forgotten. */
  readonly confirms: boolean;
  /** The report's text and a mark of its version; `undefined` when it is still the version of the mark given. */
  read(version: string | undefined): Promise<{ readonly text: string; readonly version: string | undefined } | undefined>;
}

/** The report is the value of a key. */
export const fromKv = (namespace: KVNamespace, key: string): Source => ({
  confirms: false,
  async read(version) {
    const text = await namespace.get(key);
    if (text === null) throw new Error(`the KV namespace has no key \`${key}\``);
    return text === version ? undefined : { text, version: text };
  },
});

/** The report is at a URL, with an ETag. */
export const fromFeed = (url: string): Source => ({
  confirms: true,
  async read(version) {
    const headers: Record<string, string> = version === undefined ? {} : { "if-none-match": version };
    // A report out of a cache would look newer than it is.
    const response = await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(LOOK_MAX) });
    if (response.status === 304) return undefined;
    if (!response.ok) throw new Error(`the feed answers ${response.status}`);
    return { text: await response.text(), version: response.headers.get("etag") ?? undefined };
  },
});

/** What a report that is older than `maxAge` is worth. */
export type WhenStale = "keep" | "no-data" | "not-ready";

export interface Options {
  /** Seconds between two looks at the source. */
  readonly refresh: number;
  /** Seconds after which what is known is stale. */
  readonly maxAge: number;
  readonly whenStale: WhenStale;
}

/** A view with what there is to know about it. */
export interface Current {
  readonly view: View;
  /** `fresh`, `stale`, `no data`: for the header. */
  readonly state: string;
}

export class Health {
  #zone: Zone;
  /** The report in force. */
  #report: string | undefined;
  readonly #source: Source | undefined;
  readonly #options: Options;
  #withoutReport: View;
  #view: View | undefined;
  #version: string | undefined;
  /** When the report was made, or else when it was last seen to be the current one. */
  #madeAt = 0;
  #lookedAt = 0;
  /** Looks that were begun, and the number of the last one whose end counted. */
  #looks = 0;
  #counted = 0;
  #hasTime = false;
  #fault: string | undefined;
  /** The watch that made the report, and when it was last heard of. */
  #watch: ReturnType<typeof watchOf>;
  #heardAt = 0;
  readonly #outliers: Outliers;
  #withoutOut: { readonly of: View; readonly key: string; readonly view: View } | undefined;

  constructor(zone: Zone, source: Source | undefined, options: Options, outliers: Outliers) {
    this.#zone = zone;
    this.#outliers = outliers;
    this.#source = source;
    this.#options = options;
    this.#withoutReport = zone.health();
  }

  /** Goes on with another version of the zone, and with what is known of health. */
  useZone(zone: Zone): void {
    const withoutReport = zone.health();
    const view = this.#report === undefined ? undefined : zone.health(this.#report);
    this.#zone = zone;
    this.#withoutReport = withoutReport;
    this.#view = view;
    // Record sets of the version before are not to be looked for in this one.
    this.#outliers.clear();
  }

  /** The view to use now. The first requests wait for the source; later ones have it looked at behind their back. */
  async current(waitUntil: (work: Promise<void>) => void): Promise<Current | undefined> {
    if (this.#source === undefined) return this.#current(this.#withoutReport, "no source");
    // Until one look has ended, each request looks for itself: in a worker, what one request waits for another must not.
    if (this.#counted === 0) await this.#look();
    else if (Date.now() - this.#lookedAt >= this.#options.refresh * 1000) waitUntil(this.#look());
    const age = Math.max(0, Math.round((Date.now() - this.#madeAt) / 1000));
    const isStale = this.#view === undefined || age > this.#options.maxAge;
    const fault = this.#fault === undefined ? "" : `; ${this.#fault}`;
    if (!isStale && this.#view !== undefined) return this.#current(this.#view, `fresh, ${age} s${fault}`);
    switch (this.#options.whenStale) {
      case "not-ready": return undefined;
      case "no-data": return this.#current(this.#withoutReport, `no data${fault}`);
      case "keep": return this.#view === undefined
        ? this.#current(this.#withoutReport, `no data${fault}`)
        : this.#current(this.#view, `stale, ${age} s${fault}`);
    }
  }

  /** Looks at the source. Whatever goes wrong, what is in force stays in force. */
  async #look(): Promise<void> {
    this.#lookedAt = Date.now();
    const number = this.#looks += 1;
    try {
      const read = await this.#read();
      // One that was begun later has ended already, and knows better.
      if (number < this.#counted) return;
      if (read !== undefined) {
        const view = this.#zone.health(read.text);
        const watch = watchOf(read.text);
        // Behind a balancer each look may reach another watch: the one whose report is in force counts while it lives.
        if (!this.#mayTake(watch)) {
          this.#fault = undefined;
          return;
        }
        if (this.#view !== undefined && watch?.run !== this.#watch?.run) {
          console.warn(`health: the report is now by watch ${watch?.run ?? "without a name"}; it was by ${this.#watch?.run ?? "one without a name"}`);
        }
        this.#watch = watch;
        this.#view = view;
        this.#report = read.text;
        this.#version = read.version;
        const time = timeOf(read.text);
        this.#hasTime = time !== undefined;
        // A clock that is ahead makes no report newer than now.
        this.#madeAt = Math.min(time ?? Infinity, Date.now());
        if (Date.now() - this.#madeAt > this.#options.maxAge * 1000) {
          console.warn(`health: the report was made ${Math.round((Date.now() - this.#madeAt) / 1000)} s ago`);
        }
      } else if (this.#source?.confirms === true || !this.#hasTime) {
        this.#madeAt = Date.now();
      }
      this.#heardAt = Date.now();
      this.#fault = undefined;
    } catch (error) {
      if (number < this.#counted) return;
      this.#fault = error instanceof PointsmanError ? `bad report: ${error.message}` : String((error as Error)?.message ?? error);
      console.error(`health: ${this.#fault}; what was known stays in force`);
    } finally {
      this.#counted = Math.max(this.#counted, number);
    }
  }

  /** Whether a report of this watch may take the place of the one in force. */
  #mayTake(watch: ReturnType<typeof watchOf>): boolean {
    if (this.#view === undefined) return true;
    if (watch?.run === this.#watch?.run) return watch === undefined || watch.sequence >= (this.#watch?.sequence ?? 0);
    return Date.now() - this.#heardAt > 3000 * this.#options.refresh + LOOK_MAX;
  }

  async #read(): ReturnType<Source["read"]> {
    let timer: number | null = null;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the source does not answer within ${LOOK_MAX} ms`)), LOOK_MAX);
    });
    try {
      return await Promise.race([this.#source?.read(this.#version), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #current(of: View, state: string): Current {
    const out = this.#outliers.recordSets();
    if (out.length === 0) return { view: of, state };
    const key = out.join("\n");
    if (this.#withoutOut?.of !== of || this.#withoutOut.key !== key) {
      this.#withoutOut = { of, key, view: of.without(out) };
    }
    return { view: this.#withoutOut.view, state };
  }
}

/** The watch that made a report, by its id and run, and the report's number; `undefined` where it does not say. */
function watchOf(text: string): { readonly run: string; readonly sequence: number } | undefined {
  const { Watch } = JSON.parse(text) as { Watch?: { Id?: unknown; Run?: unknown; Sequence?: unknown } };
  if (typeof Watch?.Id !== "string" || typeof Watch.Run !== "string" || typeof Watch.Sequence !== "number") return undefined;
  return { run: `${Watch.Id}, run ${Watch.Run}`, sequence: Watch.Sequence };
}

/** The time that a report carries. */
function timeOf(text: string): number | undefined {
  const { Time } = JSON.parse(text) as { Time?: unknown };
  const time = typeof Time === "string" ? Date.parse(Time) : typeof Time === "number" ? Time * 1000 : NaN;
  return Number.isFinite(time) ? time : undefined;
}
