/** A request's way: which origin it goes to, what happens when that one fails, and the headers that say why. */
import { type Answer, type DocumentInput, PointsmanError, type Query, type View } from "pointsman";
import { queryOf } from "./client.js";
import { ask, hasLooped, outgoing } from "./origin.js";
import { type Env, isBelow, readSettings, type Settings } from "./settings.js";

/** Origins that are tried for one request. */
const TRIES_MAX = 3;
/** Said by the proxy before an origin, not by the origin. */
const BAD_GATEWAY = new Set([502, 503, 504]);
/** Longer headers are cut: servers refuse them. */
const HEADER_MAX = 500;

/** The worker of a zone. */
export function worker(documents: readonly DocumentInput[]): ExportedHandler<Env> {
  let settings: Settings | undefined;
  return {
    async fetch(request, env, context) {
      const isTold = await mayBeTold(request, env);
      try {
        settings ??= readSettings(documents, env);
      } catch (error) {
        console.error(`settings: ${(error as Error).message}`);
        return plain(500, isTold ? `${(error as Error).message}\n` : "the worker is not set up; its log says why\n", {});
      }
      await settings.zoneFeed?.refresh((work) => context.waitUntil(work));
      const current = await settings.health.current((work) => context.waitUntil(work));
      if (current === undefined) {
        return plain(503, "no health report that is new enough\n", isTold ? { "x-pointsman-health": "stale" } : {});
      }
      return route(request, settings, current.view, current.state, isTold);
    },
  };
}

/** Whether the client may learn of origins and decisions: it knows the token, if there is one. */
async function mayBeTold(request: Request, env: Env): Promise<boolean> {
  const given = request.headers.get("x-pointsman-debug");
  if (!env.DEBUG_TOKEN || given === null) return false;
  // Hashes of equal length, so that the time it takes tells nothing of the token.
  const hash = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const [one, other] = (await Promise.all([hash(env.DEBUG_TOKEN), hash(given)])).map((digest) => new Uint8Array(digest));
  return one !== undefined && other !== undefined && one.reduce((sum, byte, at) => sum | (byte ^ (other[at] ?? 0)), 0) === 0;
}

async function route(request: Request, settings: Settings, view: View, state: string, isTold: boolean): Promise<Response> {
  const { origins, timeout, outliers } = settings;
  const name = settings.name ?? new URL(request.url).hostname;
  // `fetch` sends neither, and nothing behind a worker wants them.
  if (["CONNECT", "TRACE", "TRACK"].includes(request.method)) return plain(405, `${request.method} is not allowed\n`, {});
  if (hasLooped(request, name)) return plain(508, "the request was here before: ORIGINS leads back to this worker\n", {});
  let query: Query;
  try {
    query = await queryOf(request, name, view);
  } catch (error) {
    if (!(error instanceof PointsmanError)) throw error;
    return plain(400, `the host of the request: ${error.message}\n`, {});
  }
  const out = await outgoing(request, name);
  const tried = new Map<string, string>();
  let left = view;
  for (let round = 1; ; round += 1) {
    const answer = left.resolve(query);
    const headers = (): Headers => (isTold ? headersOf(answer, state, tried, left, query) : new Headers());
    /** An error of the worker's own: what it is about is in the log, and only who knows the token reads it. */
    const failure = (status: number, what: string, why: string): Response => {
      console.warn(`${name}: ${status}: ${why}`);
      return plain(status, `${isTold ? why : what}\n`, headers());
    };
    if (answer.rcode !== "NOERROR") return plain({ NXDOMAIN: 404, REFUSED: 421, SERVFAIL: 502 }[answer.rcode], `${name}: ${answer.rcode}\n`, headers());
    if (answer.fail_open && round === 1 && isBelow(name, settings.failClosed)) {
      return failure(503, "no origin is healthy", "nothing is healthy, and FAIL_CLOSED asks for no answer then");
    }
    const untried = targetsOf(answer).filter((target) => !tried.has(target));
    const [target] = untried;
    const origin = target === undefined ? undefined : origins.get(target);
    if (target === undefined || origin === undefined) {
      const why = tried.size > 0 && target === undefined ? `no origin is left: ${told(tried)}`
        : target === undefined ? "the name has no address" : `ORIGINS has no \`${target}\``;
      return failure(502, "no origin for this request", why);
    }
    const { response, fault } = await ask(origin, out, timeout);
    const isLast = !out.canRepeat || round >= TRIES_MAX;
    const isBad = response === undefined || BAD_GATEWAY.has(response.status);
    if (!isBad) outliers.succeeded(target);
    if (response !== undefined && (isLast || !isBad)) return answered(response, headers());

    await response?.body?.cancel();
    tried.set(target, fault ?? `HTTP ${response?.status}`);
    const isShared = untried.length > 1;
    console.warn(`${name}: ${target} (${fault ?? `HTTP ${response?.status}`})`);
    // A record set with another address has another chance; one without is taken out of the choice of this request.
    if (!isShared) {
      left = withoutChosen(left, query, tried, (recordSets) => {
        // An origin that answers 503 may have had enough of this one path; one that does not answer may be down for all.
        if (fault !== undefined && outliers.failed(target, recordSets)) console.warn(`${name}: ${target} is left alone for a while`);
      });
    }
    if (isLast) {
      const isSure = out.canRepeat ? "" : "; the request may have been carried out, and is not sent again";
      return failure(fault === "no answer in time" ? 504 : 502, `no origin answered${isSure}`, `no origin answered: ${told(tried)}${isSure}`);
    }
  }
}

const targetsOf = (answer: Answer): readonly string[] =>
  answer.values.length > 0 || answer.alias_target === undefined ? answer.values : [answer.alias_target];

const told = (tried: ReadonlyMap<string, string>): string => [...tried].map(([target, why]) => `${target} (${why})`).join(", ");

/**
 * The view without the record sets that gave the answer; or, where that changes nothing, as with an alias that does not
 * look at its target's health, without those above them.
 */
function withoutChosen(view: View, query: Query, tried: ReadonlyMap<string, string>, failed: (recordSets: readonly string[]) => void): View {
  let left = view, isFirst = true;
  for (const recordSets of chosenRecordSets(view, query)) {
    try {
      left = left.without(recordSets);
    } catch (error) {
      if (!(error instanceof PointsmanError)) throw error;
      console.error(`cannot be left out: ${error.message}`);
      continue;
    }
    if (isFirst) failed(recordSets);
    isFirst = false;
    if (targetsOf(left.resolve(query)).some((target) => !tried.has(target))) break;
  }
  return left;
}

/** The record sets that led to an answer, as `View.without` names them; those that gave it come first. */
function chosenRecordSets(view: View, query: Query): string[][] {
  const { steps, answer } = view.explain(query);
  const identifiers = [...answer.set_identifiers];
  const groups = new Map<number, number>();
  for (const { kind, verdict, parent } of steps) {
    if (kind === "member" && verdict === "chosen" && parent !== null) groups.set(parent, (groups.get(parent) ?? 0) + 1);
  }
  const levels: string[][] = [];
  for (const [number, count] of groups) {
    const group = steps[number];
    if (group === undefined) continue;
    const key = group.subject.replace(" ", "/");
    const isSimple = group.kind === "group" && group.policy === "simple";
    levels.unshift(isSimple ? [key] : identifiers.splice(0, count).map((identifier) => `${key}/${identifier}`));
  }
  return levels;
}

/** What the origin said, with why it was the one to say it. */
function answered(response: Response, why: Headers): Response {
  const result = new Response(response.body, response);
  // An origin cannot speak for the worker.
  for (const key of [...result.headers.keys()]) if (key.startsWith("x-pointsman-")) result.headers.delete(key);
  why.forEach((value, key) => result.headers.set(key, value));
  return result;
}

/** Why the request went where it went. */
function headersOf(answer: Answer, state: string, tried: ReadonlyMap<string, string>, view: View, query: Query): Headers {
  const headers = new Headers();
  const set = (name: string, value: string): void => headers.set(`x-pointsman-${name}`, printable(value));
  set("answer", answer.values.length > 0 ? answer.values.join(", ") : answer.alias_target ?? answer.rcode);
  set("path", answer.set_identifiers.join(" > "));
  set("health", state);
  const { steps } = view.explain(query);
  const last = steps.filter(({ kind, verdict }) => kind === "member" && verdict === "chosen").at(-1);
  if (last !== undefined) set("why", last.text);
  if (answer.fail_open) set("fail-open", "true");
  if (tried.size > 0) set("tried", told(tried));
  return headers;
}

/** A text as a header can hold it. */
function printable(text: string): string {
  const safe = text.replace(/\p{Cs}/gu, "").replace(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character));
  return safe.length <= HEADER_MAX ? safe : `${safe.slice(0, HEADER_MAX - 3)}...`;
}

function plain(status: number, text: string, headers: HeadersInit): Response {
  const response = new Response(text, { status, headers });
  response.headers.set("content-type", "text/plain; charset=utf-8");
  // What went wrong a moment ago is not reported for longer.
  response.headers.set("cache-control", "no-store");
  return response;
}
