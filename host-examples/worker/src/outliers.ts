/** Origins that fail again and again are taken out of the choice for a while, as Envoy's outlier detection does it. */

/** An origin is out for so many times LEAVE_ALONE at most, however often it was taken out before. */
const TIMES_MAX = 30;

export interface OutlierOptions {
  /** Failures in a row after which an origin is taken out. */
  readonly consecutiveFailures: number;
  /** Seconds that it is out the first time; the second time it is twice as long, and so on. 0: none is ever taken out. */
  readonly leaveAlone: number;
  /** How many origins there are, and the percentage of them that may be out at once; one may always be. */
  readonly origins: number;
  readonly maxEjectedPercent: number;
}

interface Record {
  failures: number;
  /** How often it was taken out since it last did well while it was in. */
  times: number;
  until: number;
  recordSets: readonly string[];
}

/** What became of origins in this isolate. */
export class Outliers {
  readonly #options: OutlierOptions;
  readonly #origins = new Map<string, Record>();

  constructor(options: OutlierOptions) {
    this.#options = options;
  }

  /** Takes a failure down; whether the origin is out now. `recordSets` are those that lead to it. */
  failed(origin: string, recordSets: readonly string[]): boolean {
    const { consecutiveFailures, leaveAlone, origins, maxEjectedPercent } = this.#options;
    const record = this.#origins.get(origin) ?? { failures: 0, times: 0, until: 0, recordSets };
    this.#origins.set(origin, record);
    record.failures += 1;
    const now = Date.now();
    if (leaveAlone === 0 || record.failures < consecutiveFailures || record.until > now) return record.until > now;
    const out = [...this.#origins.values()].filter(({ until }) => until > now).length;
    if (out >= Math.max(1, Math.floor(origins * maxEjectedPercent / 100))) return false;
    record.times = Math.min(record.times + 1, TIMES_MAX);
    record.until = now + record.times * leaveAlone * 1000;
    record.recordSets = recordSets;
    record.failures = 0;
    return true;
  }

  /** An origin that answers begins anew; one that answers while it should be out stays out for its time. */
  succeeded(origin: string): void {
    const record = this.#origins.get(origin);
    if (record === undefined) return;
    record.failures = 0;
    if (record.until <= Date.now()) this.#origins.delete(origin);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#origins.clear();
  }

  /** The record sets of the origins that are out. */
  recordSets(): string[] {
    const now = Date.now();
    return [...this.#origins.values()].filter(({ until }) => until > now).flatMap(({ recordSets }) => recordSets).sort();
  }
}
