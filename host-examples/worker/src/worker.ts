/**
 * An edge worker that routes each request to an origin by Route 53's rules.
 *
 * Who asks is what Cloudflare knows of the client, health comes from KV or from the feed of `pointsman watch`, and when an
 * origin fails the request goes to the next choice. Headers say what was decided and why.
 */
import { type Answer, type Client, type Continent, type View, Zone } from "pointsman";
import zone from "../../zones/active-active.json";
import latency from "../../zones/latency.json";
import { fromFeed, fromKv, Health, type WhenStale } from "./health.js";

export interface Env {
  /** Where requests for an address or a host name go: `{"192.0.2.10": "https://us.example.net"}`. */
  readonly ORIGINS: string;
  /** The name to resolve; the host of the request when it is not given. */
  readonly NAME?: string;
  /** The report under the key `health`. */
  readonly HEALTH?: KVNamespace;
  /** Or the address of a feed, such as `https://health.example.net/v1/health`. */
  readonly FEED?: string;
  /** Seconds between two looks at the report; 5 by default. */
  readonly REFRESH?: string;
  /** Seconds after which a report is stale; 60 by default. */
  readonly MAX_AGE?: string;
  /** What then: `keep` it (default), go on with `no-data`, or say `not-ready` with 503. */
  readonly WHEN_STALE?: WhenStale;
  /** Milliseconds that an origin has to answer; 5000 by default. */
  readonly TIMEOUT?: string;
  /** Seconds that an origin which failed is left alone; 10 by default. */
  readonly LEAVE_ALONE?: string;
}

/** Origins that are tried for one request. */
const TRIES_MAX = 3;
/** A body up to this size is kept, so that it can be sent again. */
const BODY_MAX = 1 << 20;
/** Said by the proxy before an origin, not by the origin. */
const BAD_GATEWAY = new Set([502, 503, 504]);

/** The settings, read once. */
interface Settings {
  readonly name: string | undefined;
  readonly origins: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly leaveAlone: number;
  readonly health: Health;
}

let settings: Settings | undefined;

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    try {
      settings ??= read(env);
    } catch (error) {
      return plain(500, `${(error as Error).message}\n`, {});
    }
    const current = await settings.health.current((work) => context.waitUntil(work));
    if (current === undefined) return plain(503, "no health report that is new enough\n", { "x-pointsman-health": "stale" });
    return route(request, settings, current.view, current.state);
  },
} satisfies ExportedHandler<Env>;

/** A setting that is wrong is told to whoever asks first, and not guessed at. What is not set may be null or empty. */
function read(env: Env): Settings {
  const number = (key: "REFRESH" | "MAX_AGE" | "TIMEOUT" | "LEAVE_ALONE", byDefault: number): number => {
    const value = Number(env[key] || byDefault);
    if (!(value >= 0)) throw new Error(`${key} must be a number of 0 or more, not \`${env[key]}\``);
    return value;
  };
  const whenStale = env.WHEN_STALE || "keep";
  if (!["keep", "no-data", "not-ready"].includes(whenStale)) {
    throw new Error(`WHEN_STALE must be keep, no-data or not-ready, not \`${whenStale}\``);
  }
  let origins: unknown;
  try {
    origins = JSON.parse(env.ORIGINS);
  } catch {
    // Told below, as for any other thing that is no object.
  }
  if (typeof origins !== "object" || origins === null || !Object.values(origins).every((url) => typeof url === "string" && URL.canParse(url))) {
    throw new Error('ORIGINS must be JSON such as {"192.0.2.10": "https://us.example.net"}');
  }
  if (env.FEED && !URL.canParse(env.FEED)) throw new Error(`FEED must be a URL, not \`${env.FEED}\``);
  const source = env.HEALTH ? fromKv(env.HEALTH, "health") : env.FEED ? fromFeed(env.FEED) : undefined;
  const options = { refresh: number("REFRESH", 5), maxAge: number("MAX_AGE", 60), whenStale };
  return {
    name: env.NAME || undefined, origins: origins as Record<string, string>, timeout: number("TIMEOUT", 5000), leaveAlone: number("LEAVE_ALONE", 10),
    health: new Health(Zone.load([zone, latency]), source, options),
  };
}

async function route(request: Request, settings: Settings, view: View, state: string): Promise<Response> {
  const { origins, timeout, leaveAlone, health } = settings;
  const name = settings.name ?? new URL(request.url).hostname;
  const query = { name, type: "A" as const, client: client(request), draw: await draw(request) };
  const { body, canRepeat } = await keep(request);
  const tried: string[] = [];
  let left = view;
  for (let round = 0; ; round += 1) {
    const answer = left.resolve(query);
    const headers = (): Headers => headersOf(answer, state, tried, left, query);
    if (answer.rcode !== "NOERROR") return plain(answer.rcode === "REFUSED" ? 421 : 404, `${name}: ${answer.rcode}\n`, headers());
    const targets = answer.values.length > 0 ? answer.values : [answer.alias_target ?? ""];
    const untried = targets.filter((target) => !tried.some((line) => line.startsWith(`${target} `)));
    const [target] = untried;
    const origin = target === undefined ? undefined : origins[target];
    if (origin === undefined) {
      const why = target === undefined ? "no origin is left" : target === "" ? "the name has no address" : `ORIGINS has no \`${target}\``;
      return plain(502, `${why}\n`, headers());
    }
    try {
      const response = await ask(request, origin, body, timeout);
      if (!BAD_GATEWAY.has(response.status) || !canRepeat || round + 1 >= TRIES_MAX) {
        const result = new Response(response.body, response);
        headers().forEach((value, key) => result.headers.set(key, value));
        return result;
      }
      await response.body?.cancel();
      tried.push(`${target} (HTTP ${response.status})`);
    } catch (error) {
      tried.push(`${target} (${(error as Error)?.name === "TimeoutError" ? "no answer in time" : "no connection"})`);
    }
    if (!canRepeat || round + 1 >= TRIES_MAX) return plain(502, `no origin answered: ${tried.join(", ")}\n`, headers());
    // A record set with another address has another chance; one without is taken out of the choice.
    if (untried.length > 1) continue;
    for (const recordSet of recordSetsOf(left, query, answer)) {
      health.failed(recordSet, leaveAlone);
      left = left.without([recordSet]);
    }
  }
}

/** What is known of the client. */
function client(request: Request): Client {
  const { country, continent, regionCode, latitude, longitude } = (request.cf ?? {}) as Partial<Record<string, string>>;
  const ip = request.headers.get("cf-connecting-ip") ?? undefined;
  const position = { latitude: Number(latitude), longitude: Number(longitude) };
  return {
    ...(ip === undefined ? {} : { ip }),
    // T1 is Tor, XX is nobody knows.
    ...(country === undefined || !/^[A-Z]{2}$/.test(country) || country === "XX" ? {} : { country }),
    ...(continent === undefined ? {} : { continent: continent as Continent }),
    ...(country === "US" && /^[A-Z]{2}$/.test(regionCode ?? "") ? { subdivision: `US-${regionCode}` } : {}),
    ...(latitude === undefined || longitude === undefined || !Number.isFinite(position.latitude + position.longitude) ? {} : position),
  };
}

/** A client's draw stays the same, so that a canary does not flicker. */
async function draw(request: Request): Promise<bigint> {
  const who = request.headers.get("cf-connecting-ip") ?? "";
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(who));
  return new DataView(hash).getBigUint64(0);
}

/** The body, kept if it is small enough to be sent twice. */
async function keep(request: Request): Promise<{ body: BodyInit | null; canRepeat: boolean }> {
  if (request.body === null) return { body: null, canRepeat: true };
  const length = Number(request.headers.get("content-length") ?? Infinity);
  return length <= BODY_MAX ? { body: await request.arrayBuffer(), canRepeat: true } : { body: request.body, canRepeat: false };
}

function ask(request: Request, origin: string, body: BodyInit | null, milliseconds: number): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("x-forwarded-host", new URL(request.url).host);
  return fetch(new URL(pathname + search, origin), {
    method: request.method, headers, body, redirect: "manual", signal: AbortSignal.timeout(milliseconds),
  });
}

/** The record sets whose values an answer gave, as `View.without` names them. */
function recordSetsOf(view: View, query: Parameters<View["resolve"]>[0], answer: Answer): string[] {
  const { steps } = view.explain(query);
  const group = steps.filter(({ kind, verdict }) => kind === "member" && verdict === "chosen").map(({ parent }) => steps[parent ?? 0]).at(-1);
  const key = (group?.subject ?? `${query.name} ${query.type}`).replace(" ", "/");
  const chosen = steps.filter((step) => step.kind === "member" && step.verdict === "chosen" && steps[step.parent ?? 0] === group).length;
  const identifiers = answer.set_identifiers.slice(-Math.max(1, chosen));
  return identifiers.length === 0 ? [key] : identifiers.map((identifier) => `${key}/${identifier}`);
}

/** Why the request went where it went. */
function headersOf(answer: Answer, state: string, tried: readonly string[], view: View, query: Parameters<View["resolve"]>[0]): Headers {
  const headers = new Headers();
  const set = (name: string, value: string): void => headers.set(`x-pointsman-${name}`, value.replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character)));
  set("answer", answer.values.length > 0 ? answer.values.join(", ") : answer.alias_target ?? answer.rcode);
  set("path", answer.set_identifiers.join(" > "));
  set("health", state);
  const { steps } = view.explain(query);
  const last = steps.filter(({ kind, verdict }) => kind === "member" && verdict === "chosen").at(-1);
  if (last !== undefined) set("why", last.reason);
  if (answer.fail_open) set("fail-open", "true");
  if (tried.length > 0) set("tried", tried.join(", "));
  return headers;
}

function plain(status: number, text: string, headers: HeadersInit): Response {
  const response = new Response(text, { status, headers });
  response.headers.set("content-type", "text/plain; charset=utf-8");
  return response;
}
