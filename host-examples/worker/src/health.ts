/** The view that requests are routed by: kept in this isolate, refreshed behind their back, never made by a bad report. */
import { PointsmanError, type View, type Zone } from "pointsman";

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
  readonly #zone: Zone;
  readonly #source: Source | undefined;
  readonly #options: Options;
  readonly #withoutReport: View;
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
  /** Record sets that failed a moment ago, and when they are asked again. */
  readonly #failed = new Map<string, number>();
  #withoutFailed: { readonly of: View; readonly key: string; readonly view: View } | undefined;

  constructor(zone: Zone, source: Source | undefined, options: Options) {
    this.#zone = zone;
    this.#source = source;
    this.#options = options;
    this.#withoutReport = zone.health();
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
        this.#view = this.#zone.health(read.text);
        this.#version = read.version;
        const time = timeOf(read.text);
        this.#hasTime = time !== undefined;
        // A clock that is ahead makes no report newer than now.
        this.#madeAt = Math.min(time ?? Infinity, Date.now());
      } else if (this.#source?.confirms === true || !this.#hasTime) {
        this.#madeAt = Date.now();
      }
      this.#fault = undefined;
    } catch (error) {
      if (number < this.#counted) return;
      this.#fault = error instanceof PointsmanError ? `bad report: ${error.message}` : String((error as Error)?.message ?? error);
      console.error(`health: ${this.#fault}; what was known stays in force`);
    } finally {
      this.#counted = Math.max(this.#counted, number);
    }
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

  /** Leaves record sets alone for some seconds. */
  failed(recordSets: readonly string[], seconds: number): void {
    for (const recordSet of recordSets) if (seconds > 0) this.#failed.set(recordSet, Date.now() + seconds * 1000);
  }

  #current(of: View, state: string): Current {
    for (const [recordSet, until] of this.#failed) if (until <= Date.now()) this.#failed.delete(recordSet);
    if (this.#failed.size === 0) return { view: of, state };
    const key = [...this.#failed.keys()].sort().join("\n");
    if (this.#withoutFailed?.of !== of || this.#withoutFailed.key !== key) {
      this.#withoutFailed = { of, key, view: of.without([...this.#failed.keys()]) };
    }
    return { view: this.#withoutFailed.view, state };
  }
}

/** The time that a report carries. */
function timeOf(text: string): number | undefined {
  const { Time } = JSON.parse(text) as { Time?: unknown };
  const time = typeof Time === "string" ? Date.parse(Time) : typeof Time === "number" ? Time * 1000 : NaN;
  return Number.isFinite(time) ? time : undefined;
}
