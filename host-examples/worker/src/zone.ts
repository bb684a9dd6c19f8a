/** The zone that requests are routed by, where it follows the feed of a fleet: a version that is no good changes nothing. */
import { type DocumentInput, PointsmanError, Zone } from "pointsman";

/** Milliseconds that a look at the feed may take, the document included. */
const LOOK_MAX = 10_000;
/** Milliseconds between two looks after many failures. */
const PAUSE_MAX = 60_000;
/** How long an answer with a lower number than the last one is that of a watch that lags behind, in milliseconds. After that it is a fleet that began anew. */
const LAG_MAX = 60_000;

export interface ZoneFeedOptions {
  /** `http://HOST/v1/zone`, with `?location=NAME` for the version of a location. */
  readonly url: string;
  /** Seconds between two looks. */
  readonly refresh: number;
  /** Documents that go with the zone, such as a latency table. */
  readonly documents: readonly DocumentInput[];
  /** Throws when a zone is not one that this worker can use. */
  readonly check: (zone: Zone) => void;
  /** Puts a zone in force. */
  readonly use: (zone: Zone) => void;
}

/** Keeps the zone at the version that a feed serves. */
export class ZoneFeed {
  readonly #options: ZoneFeedOptions;
  /** The digest of the document that came last, whether it could be used or not. */
  #digest: string | undefined;
  #number = 0;
  #numberAt = 0;
  #nextAt = 0;
  #failures = 0;
  /** Looks that were begun, and the last one whose end counted. */
  #looks = 0;
  #counted = 0;

  constructor(options: ZoneFeedOptions) {
    this.#options = options;
  }

  /** Has the feed looked at when it is time. The first requests wait for it; later ones do not. */
  async refresh(waitUntil: (work: Promise<void>) => void): Promise<void> {
    if (this.#counted === 0) await this.#look();
    else if (Date.now() >= this.#nextAt) waitUntil(this.#look());
  }

  async #look(): Promise<void> {
    const number = this.#looks += 1;
    // Whoever comes while this look goes on does not begin another.
    this.#nextAt = Date.now() + LOOK_MAX;
    try {
      const text = await this.#read(number);
      if (text !== undefined) this.#take(text);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      console.error(`zone: ${String((error as Error)?.message ?? error)}; the last good version stays in force`);
    } finally {
      this.#counted = Math.max(this.#counted, number);
      const pause = Math.min(this.#options.refresh * 1000 * 2 ** Math.min(this.#failures, 16), Math.max(PAUSE_MAX, this.#options.refresh * 1000));
      // Half of a pause is random, so that isolates do not come back all at once.
      this.#nextAt = Date.now() + (this.#failures === 0 ? pause : pause * (0.5 + Math.random() / 2));
    }
  }

  /** The document of the feed; `undefined` when it is the one that came last. */
  async #read(look: number): Promise<string | undefined> {
    const headers: Record<string, string> = this.#digest === undefined ? {} : { "if-none-match": `"${this.#digest}"` };
    const response = await fetch(this.#options.url, { headers, cache: "no-store", signal: AbortSignal.timeout(LOOK_MAX) });
    if (response.status !== 304 && !response.ok) throw new Error(`the feed answers ${response.status}`);
    const body = response.status === 304 ? undefined : await response.arrayBuffer();
    // One that was begun later has ended already, and knows better.
    if (look < this.#counted) return undefined;
    const number = Number(response.headers.get("pointsman-number") ?? 0);
    if (number < this.#number && Date.now() - this.#numberAt < LAG_MAX) {
      throw new Error(`the feed is at number ${number}, and ${this.#number} was there before: it lags behind`);
    }
    const digest = body === undefined ? undefined : hexadecimal(await crypto.subtle.digest("SHA-256", body));
    const tag = (response.headers.get("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
    if (digest !== undefined && digest !== tag) throw new Error(`the document is damaged: its digest is ${digest}, and the ETag says ${tag}`);
    this.#number = number;
    this.#numberAt = Date.now();
    if (body === undefined || digest === undefined || digest === this.#digest) return undefined;
    this.#digest = digest;
    return new TextDecoder().decode(body);
  }

  #take(text: string): void {
    try {
      const zone = Zone.load([text, ...this.#options.documents]);
      this.#options.check(zone);
      this.#options.use(zone);
      console.log(`zone: version ${this.#digest?.slice(0, 12)} is in force`);
    } catch (error) {
      if (!(error instanceof PointsmanError) && !(error instanceof Error)) throw error;
      // It is not asked for again: the same text would be refused again.
      console.error(`zone: version ${this.#digest?.slice(0, 12)} cannot be used: ${error.message}; the last good version stays in force`);
    }
  }
}

const hexadecimal = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
