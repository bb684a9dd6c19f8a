/** The whole state in the fragment of the URL, compressed; fragments are not sent to servers. */
import type { Doc, Situation } from "./protocol.js";

export interface State {
  readonly documents: readonly Doc[];
  readonly situation: Situation;
}

const VERSION = "1";
/** What a link may unfold to: a few bytes can stand for gigabytes. */
const BYTES_MAX = 64_000_000;
/** The longest URL that browsers take. */
export const LINK_MAX = 2_000_000;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, BufferSource>);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const reader = (piped as ReadableStream<Uint8Array<ArrayBuffer>>).getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > BYTES_MAX) {
      await reader.cancel();
      throw new Error("too large");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

export async function toFragment(state: State): Promise<string> {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return `#${VERSION}.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** The state of a fragment; `undefined` for none, such as a place in the page, an error for one that cannot be read. */
export async function fromFragment(fragment: string): Promise<State | undefined> {
  const [, version, body = ""] = /^#(\d+)\.(.*)$/s.exec(fragment) ?? [];
  if (version === undefined) return undefined;
  if (version !== VERSION) throw new Error("the link is of another version of the playground");
  let state: unknown;
  try {
    const binary = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    state = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
  } catch (cause) {
    throw new Error("the link is damaged or cut short", { cause });
  }
  if (!isState(state)) throw new Error("the link does not hold a zone");
  return state;
}

export function isState(state: unknown): state is State {
  const { documents, situation } = (state ?? {}) as Partial<State>;
  const isText = (value: unknown): boolean => typeof value === "string";
  return Array.isArray(documents) && documents.every((document: Partial<Doc>) => isText(document?.name) && isText(document?.text))
    && typeof situation === "object" && situation !== null
    && [situation.name, situation.type, situation.country, situation.network, situation.draw].every(isText)
    && Array.isArray(situation.down) && situation.down.every(isText)
    && typeof situation.biases === "object" && situation.biases !== null
    && Object.values(situation.biases).every((bias) => typeof bias === "number");
}
