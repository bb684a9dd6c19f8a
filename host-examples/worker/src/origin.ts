/** Asking an origin: what is sent along, what may be sent twice, and how long it may take. */

/** A body up to this size is kept, so that it can be sent again. */
const BODY_MAX = 1 << 20;
/** Methods that do the same when they are done twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND", "REPORT", "SEARCH", "QUERY"]);
/** Between a client and its server only (RFC 9110, 7.6.1); and what only this worker says. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/** A request as it is sent to one origin after another. */
export interface Outgoing {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer | ReadableStream | null;
  /** Resolves when a body that cannot be kept has been sent. */
  readonly sent: Promise<void> | undefined;
  /** Whether another origin may get it after one may have. */
  readonly canRepeat: boolean;
}

/** What an origin answered, or why it did not. */
export type Outcome =
  | { readonly response: Response; readonly fault?: undefined }
  | { readonly response?: undefined; readonly fault: "no connection" | "no answer in time" };

/** How this worker is called in `Via`. */
const viaOf = (name: string): string => `pointsman-${name.replace(/[^A-Za-z0-9.-]/g, "-")}`;

/** Whether the request has been here before. */
export function hasLooped(request: Request, name: string): boolean {
  return (request.headers.get("via") ?? "").split(",").some((hop) => hop.trim().split(" ")[1] === viaOf(name));
}

/** Takes a request over. */
export async function outgoing(request: Request, name: string): Promise<Outgoing> {
  const url = new URL(request.url);
  const isWebSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  const headers = new Headers(request.headers);
  const listed = (headers.get("connection") ?? "").split(",").map((token) => token.trim()).filter((token) => /^[\w-]+$/.test(token));
  const own = [...headers.keys()].filter((key) => key.startsWith("x-pointsman-"));
  for (const key of [...HOP_BY_HOP, ...listed, ...own]) headers.delete(key);
  if (isWebSocket) headers.set("upgrade", "websocket");
  headers.set("x-forwarded-host", url.host);
  headers.append("via", `1.1 ${viaOf(name)}`);
  const common = { method: request.method, path: url.pathname + url.search, headers };

  // A body makes no sense with these methods, and `fetch` takes none.
  if (request.body === null || request.method === "GET" || request.method === "HEAD") {
    if (request.body !== null) headers.delete("content-length");
    return { ...common, body: null, sent: undefined, canRepeat: isIdempotent(request) && !isWebSocket };
  }
  const given = request.headers.get("content-length");
  const length = given !== null && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  if (length !== undefined && length <= BODY_MAX) {
    return { ...common, body: await request.arrayBuffer(), sent: undefined, canRepeat: isIdempotent(request) };
  }
  const { readable, writable } = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  return { ...common, body: readable, sent: request.body.pipeTo(writable), canRepeat: false };
}

/** Whether doing it twice is safe: by its method, or because the client says so. */
function isIdempotent(request: Request): boolean {
  return IDEMPOTENT.has(request.method) || request.headers.has("idempotency-key");
}

/** Asks an origin. The time-out is for the answer to begin; what it says and what is uploaded may take longer. */
export async function ask(origin: string, { method, path, headers, body, sent }: Outgoing, milliseconds: number): Promise<Outcome> {
  // Set part by part: a path that begins with two slashes, resolved against the origin, would be another host.
  const url = new URL(origin);
  const at = path.indexOf("?");
  url.pathname = url.pathname.replace(/\/$/, "") + (at < 0 ? path : path.slice(0, at));
  url.search = at < 0 ? "" : path.slice(at);
  const controller = new AbortController();
  let timer: number | null = null, isOver = false;
  const begin = (): void => { if (!isOver) timer = setTimeout(() => controller.abort(), milliseconds); };
  // Where sending fails, so does the fetch, which tells. An answer may also come before all is sent.
  if (sent === undefined) begin();
  else sent.then(begin, () => {});
  try {
    return { response: await fetch(url, { method, headers, body, redirect: "manual", signal: controller.signal }) };
  } catch {
    return { fault: controller.signal.aborted ? "no answer in time" : "no connection" };
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}
