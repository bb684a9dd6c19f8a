/** The settings of the worker: what is not set has a default, and what is wrong is told and not guessed at. */
import { type DocumentInput, PointsmanError, Zone } from "pointsman";
import { fromFeed, fromKv, Health, type WhenStale } from "./health.js";

export interface Env {
  /** Where requests for an address or a host name go: `{"192.0.2.10": "https://us.example.net"}`. */
  readonly ORIGINS: string;
  /** The name to resolve; the host of the request when it is not given. */
  readonly NAME?: string;
  /** The report under the key `health`; it goes before FEED. */
  readonly HEALTH?: KVNamespace;
  /** Or the address of a feed, such as `https://health.example.net/v1/health`. */
  readonly FEED?: string;
  /** Seconds between two looks at the report; 5 by default. */
  readonly REFRESH?: string | number;
  /** Seconds after which a report is stale; 60 by default. */
  readonly MAX_AGE?: string | number;
  /** What then: `keep` it (default), go on with `no-data`, or say `not-ready` with 503. */
  readonly WHEN_STALE?: WhenStale;
  /** Milliseconds that an origin has to answer once it has the request; 5000 by default. */
  readonly TIMEOUT?: string | number;
  /** Seconds that an origin which failed is left alone; 10 by default. */
  readonly LEAVE_ALONE?: string | number;
}

/** The settings, read once. */
export interface Settings {
  readonly name: string | undefined;
  readonly origins: ReadonlyMap<string, string>;
  readonly timeout: number;
  readonly leaveAlone: number;
  readonly health: Health;
}

/** Reads the settings. What is not set may be null or empty. */
export function readSettings(documents: readonly DocumentInput[], env: Env): Settings {
  const number = (key: "REFRESH" | "MAX_AGE" | "TIMEOUT" | "LEAVE_ALONE", byDefault: number, atLeast: number): number => {
    const given = env[key] ?? "";
    const value = given === "" ? byDefault : Number(given);
    if (!(value >= atLeast && value <= 1e6)) throw new Error(`${key} must be a number of ${atLeast} to 1000000, not \`${given}\``);
    return value;
  };
  const whenStale = env.WHEN_STALE || "keep";
  if (!["keep", "no-data", "not-ready"].includes(whenStale)) {
    throw new Error(`WHEN_STALE must be keep, no-data or not-ready, not \`${whenStale}\``);
  }
  if (env.FEED && !isHttp(env.FEED)) throw new Error(`FEED must be a URL, not \`${env.FEED}\``);
  const source = env.HEALTH ? fromKv(env.HEALTH, "health") : env.FEED ? fromFeed(env.FEED) : undefined;
  const options = { refresh: number("REFRESH", 5, 0), maxAge: number("MAX_AGE", 60, 0), whenStale };
  const zone = Zone.load(documents);
  const name = env.NAME || undefined;
  if (name !== undefined) requireName(zone, name);
  return {
    name, origins: readOrigins(env.ORIGINS), timeout: number("TIMEOUT", 5000, 1), leaveAlone: number("LEAVE_ALONE", 10, 0),
    health: new Health(zone, source, options),
  };
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
