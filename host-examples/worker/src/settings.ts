/** The settings of the worker: what is not set has a default, and what is wrong is reported and not guessed at. */
import { type DocumentInput, PointsmanError, Zone } from "pointsman";
import { fromFeed, fromKv, Health, type WhenStale } from "./health.js";
import { Outliers } from "./outliers.js";
import { ZoneFeed } from "./zone.js";

export interface Env {
  /** Where requests for an address or a host name go: `{"192.0.2.10": "https://us.example.net"}`. */
  readonly ORIGINS: string;
  /** The name to resolve; the host of the request when it is not given. */
  readonly NAME?: string;
  /** The report under the key `health`; it goes before FEED. */
  readonly HEALTH?: KVNamespace;
  /** Or the address of a feed, such as `https://health.example.net/v1/health`. */
  readonly FEED?: string;
  /** Where a fleet serves the zone, such as `https://health.example.net/v1/zone?location=eu-west-1`; else it is the worker's own. */
  readonly ZONE_FEED?: string;
  /** Seconds between two looks at the report, and at the zone; 5 by default. */
  readonly REFRESH?: string | number;
  /** Seconds after which a report is stale; 60 by default. */
  readonly MAX_AGE?: string | number;
  /** What then: `keep` it (default), go on with `no-data`, or say `not-ready` with 503. */
  readonly WHEN_STALE?: WhenStale;
  /** Milliseconds that an origin has to answer once it has the request; 5000 by default. */
  readonly TIMEOUT?: string | number;
  /** Failures in a row after which an origin is taken out of the choice for everybody; 5 by default. */
  readonly CONSECUTIVE_FAILURES?: string | number;
  /** Seconds that it is then left alone, longer if it fails again; 10 by default, 0 for never. */
  readonly LEAVE_ALONE?: string | number;
  /** Per cent of the origins that may be out at once; 10 by default, but always one. */
  readonly MAX_EJECTED?: string | number;
  /** Names, separated by commas, that get 503 when nothing is healthy, with all below them; `.` is every name. */
  readonly FAIL_CLOSED?: string;
  /** Requests with this in `x-pointsman-debug` learn where they went and why; without it, none does. */
  readonly DEBUG_TOKEN?: string;
}

/** The settings, read once. */
export interface Settings {
  readonly name: string | undefined;
  readonly origins: ReadonlyMap<string, string>;
  readonly timeout: number;
  readonly outliers: Outliers;
  readonly failClosed: readonly string[];
  readonly health: Health;
  /** What keeps the zone up to date. */
  readonly zoneFeed: ZoneFeed | undefined;
}

/** Reads the settings. What is not set may be null or empty. */
export function readSettings(documents: readonly DocumentInput[], env: Env): Settings {
  const number = (key: "REFRESH" | "MAX_AGE" | "TIMEOUT" | "LEAVE_ALONE" | "CONSECUTIVE_FAILURES" | "MAX_EJECTED", byDefault: number, atLeast: number): number => {
    const given = env[key] ?? "";
    const value = given === "" ? byDefault : Number(given);
    if (!(value >= atLeast && value <= 1e6)) throw new Error(`${key} must be a number of ${atLeast} to 1000000, not \`${given}\``);
    return value;
  };
  const whenStale = env.WHEN_STALE || "keep";
  if (!["keep", "no-data", "not-ready"].includes(whenStale)) {
    throw new Error(`WHEN_STALE must be keep, no-data or not-ready, not \`${whenStale}\``);
  }
  for (const key of ["FEED", "ZONE_FEED"] as const) {
    if (env[key] && !isHttp(env[key])) throw new Error(`${key} must be a URL, not \`${env[key]}\``);
  }
  const source = env.HEALTH ? fromKv(env.HEALTH, "health") : env.FEED ? fromFeed(env.FEED) : undefined;
  const options = { refresh: number("REFRESH", 5, 0), maxAge: number("MAX_AGE", 60, 0), whenStale };
  const zone = Zone.load(documents);
  const name = env.NAME || undefined;
  if (name !== undefined) requireName(zone, name);
  const origins = readOrigins(env.ORIGINS);
  const outliers = new Outliers({
    consecutiveFailures: number("CONSECUTIVE_FAILURES", 5, 1), leaveAlone: number("LEAVE_ALONE", 10, 0),
    origins: origins.size, maxEjectedPercent: number("MAX_EJECTED", 10, 0),
  });
  const failClosed = (env.FAIL_CLOSED || "").split(",").map((text) => text.trim()).filter(Boolean).map(lowerName);
  const health = new Health(zone, source, options, outliers);
  const zoneFeed = env.ZONE_FEED ? new ZoneFeed({
    url: env.ZONE_FEED, refresh: options.refresh, documents: documents.slice(1),
    check: (next) => {
      if (next.name !== zone.name) throw new Error(`it is of ${next.name}, and this worker is for ${zone.name}`);
      if (name !== undefined) requireName(next, name);
    },
    use: (next) => health.useZone(next),
  }) : undefined;
  return { name, origins, timeout: number("TIMEOUT", 5000, 1), outliers, failClosed, health, zoneFeed };
}

/** A name in lower case without the final dot. */
const lowerName = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** Whether a name is one of those, or below it. */
export function isBelow(name: string, those: readonly string[]): boolean {
  return those.some((one) => one === "" || lowerName(name) === one || lowerName(name).endsWith(`.${one}`));
}

function readOrigins(text: string): ReadonlyMap<string, string> {
  let origins: unknown;
  try {
    origins = JSON.parse(text);
  } catch {
    // Told below, as for any other thing that is no object.
  }
  if (typeof origins !== "object" || origins === null || Array.isArray(origins) || !Object.values(origins).every(isHttp)) {
    throw new Error('ORIGINS must be JSON such as {"192.0.2.10": "https://us.example.net"}');
  }
  return new Map(Object.entries(origins as Record<string, string>));
}

function isHttp(url: unknown): boolean {
  return typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function requireName(zone: Zone, name: string): void {
  try {
    zone.health().resolve({ name, type: "A" });
  } catch (error) {
    throw error instanceof PointsmanError ? new Error(`NAME: ${error.message}`) : error;
  }
}
