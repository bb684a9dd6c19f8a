/** Documents and findings on their way in and out. */
import { RawDocuments } from "../glue/glue.js";
import { isArray, reading, requireObject, requireWellFormed, shown, taking } from "./arguments.js";
import { PointsmanError } from "./error.js";
import { guarded } from "./instance.js";
import type { Diagnostic, LoadOptions } from "./types.js";

/** Characters of all documents together: past this the module's memory could not hold what is made of them. */
const CHARACTERS_MAX = 200_000_000;

/** Longer names of documents, collections and zones help nobody. */
const NAME_LENGTH_MAX = 4096;
const DOCUMENT_PARTS = ["name", "text", "cidrCollection"];
const OBJECT_PARTS = ["name", "json", "cidrCollection"];

/** A document as it was given, for its findings. */
interface Source {
  readonly name: string;
  readonly text: string;
  readonly cidrCollection: string | undefined;
}

/** Reads the documents of a call. */
export function readDocuments(documents: unknown, argument: string): Source[] {
  if (!isArray(documents, argument)) {
    throw new TypeError(`${argument} must be an array of documents, such as [text]`);
  }
  let characters = 0;
  return taking(documents, argument, (document, index) => {
    const source = readDocument(document, `${argument}[${index}]`, `document ${index + 1}`);
    characters += source.text.length;
    if (characters > CHARACTERS_MAX) {
      throw new PointsmanError("invalid-documents", `${argument} hold more than ${CHARACTERS_MAX} characters`);
    }
    return source;
  });
}

/** Reads one document. */
export function readDocument(document: unknown, argument: string, defaultName: string): Source {
  if (typeof document === "string") {
    requireWellFormed(document, argument);
    return { name: defaultName, text: document, cidrCollection: undefined };
  }
  if (typeof document !== "object" || document === null || isArray(document, argument)) {
    throw new TypeError(`${argument} must be JSON text, an object of it, { name, text } or { name, json }`);
  }
  let named: { name?: unknown; text?: unknown; json?: unknown; cidrCollection?: unknown };
  let isNamed, isObject;
  try {
    isNamed = Object.hasOwn(document, "text");
    isObject = !isNamed && Object.hasOwn(document, "json");
    named = isNamed || isObject ? { ...document } : {};
  } catch (cause) {
    throw new TypeError(`${argument} cannot be read: one of its properties throws`, { cause });
  }
  if (isNamed) {
    refuseOthers(named, DOCUMENT_PARTS, argument, "a part of a document");
    const { name, text, cidrCollection } = named;
    if (typeof text !== "string") throw new TypeError(`${argument}.text must be a string`);
    requireWellFormed(text, `${argument}.text`);
    return {
      name: readName(name, `${argument}.name`) || defaultName, text, cidrCollection: readName(cidrCollection, `${argument}.cidrCollection`),
    };
  }
  if (isObject) {
    refuseOthers(named, OBJECT_PARTS, argument, "a part of a document");
    const { name, json, cidrCollection } = named;
    if (typeof json !== "object" || json === null) throw new TypeError(`${argument}.json must be an object; text goes into ${argument}.text`);
    return {
      name: readName(name, `${argument}.name`) || defaultName, text: toJson(json, `${argument}.json`),
      cidrCollection: readName(cidrCollection, `${argument}.cidrCollection`),
    };
  }
  return { name: defaultName, text: toJson(document, argument), cidrCollection: undefined };
}

/** An object as the JSON that it stands for. */
export function toJson(value: object, argument: string): string {
  requireObject(value, argument);
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError(`${argument} cannot be written as JSON: ${String((cause as Error)?.message ?? cause)}`, { cause });
  }
  if (typeof text !== "string") throw new TypeError(`${argument} stands for no JSON`);
  if (!text.startsWith("{")) throw new TypeError(`${argument} stands for no JSON object`);
  return text;
}

/** Reads a name that may be left out. */
function readName(name: unknown, argument: string): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name !== "string") throw new TypeError(`${argument} must be a string`);
  if (name.length > NAME_LENGTH_MAX) throw new TypeError(`${argument} is ${name.length} characters long`);
  requireWellFormed(name, argument);
  return name;
}

/** What is misspelt would play no part. */
function refuseOthers(given: object, known: readonly string[], argument: string, what: string): void {
  const other = Object.keys(given).find((key) => !known.includes(key));
  if (other !== undefined) throw new TypeError(`${argument}.${shown(other)} is not ${what}; use ${known.join(", ")}`);
}

/** Options as they are read. */
interface Options {
  readonly zoneName: string | undefined;
  readonly isDrawRequired: boolean;
}

/** Reads the options of a call; `known` are those that it takes. */
export function readOptions(options: unknown, known: readonly string[]): Options {
  if (options === undefined) return { zoneName: undefined, isDrawRequired: false };
  if (isArray(options, "options")) throw new TypeError("options must be an object such as { zoneName }; documents go into one array");
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const given: LoadOptions = reading("options", () => {
    const { zoneName, draws } = options as LoadOptions;
    return { ...options, ...(zoneName === undefined ? {} : { zoneName }), ...(draws === undefined ? {} : { draws }) };
  });
  refuseOthers(given, known, "options", "an option");
  const { draws } = given;
  if (draws !== undefined && draws !== "required" && draws !== "optional") {
    throw new TypeError('options.draws must be "required" or "optional"');
  }
  return { zoneName: readName(given.zoneName, "options.zoneName"), isDrawRequired: draws === "required" };
}

/** Takes documents into the module for as long as the work takes. */
export function withDocuments<T>(sources: readonly Source[], work: (documents: RawDocuments) => T): T {
  return guarded("a zone of this size", () => {
    const raw = new RawDocuments();
    try {
      for (const { name, text, cidrCollection } of sources) raw.push(name, text, cidrCollection);
      return work(raw);
    } finally {
      try {
        raw.free();
      } catch {
        // After a trap there is nothing to free; the trap itself is on its way out.
      }
    }
  });
}

/** Findings as the module writes them, with places as indices of JavaScript's strings. */
export function readDiagnostics(json: string, sources: readonly { readonly text: string }[]): readonly Diagnostic[] {
  if (json === "[]") return [];
  const list = JSON.parse(json) as (Diagnostic & { start?: number; end?: number })[];
  const converters = new Map<number, (byte: number) => number>();
  return list.map((finding) => Object.freeze(placed(finding)));

  function placed(finding: (typeof list)[number]): Diagnostic {
    const { source, start, end } = finding;
    const text = source === undefined ? undefined : sources[source]?.text;
    if (source === undefined || text === undefined || start === undefined || end === undefined) return finding;
    let convert = converters.get(source);
    if (convert === undefined) converters.set(source, convert = bytesToIndices(text));
    return { ...finding, start: convert(start), end: convert(end) };
  }
}

/** Where a byte of the UTF-8 form lies in a string. */
function bytesToIndices(text: string): (byte: number) => number {
  // eslint-disable-next-line no-control-regex
  if (!/[^\0-\x7f]/.test(text)) return (byte) => byte;
  // One mark for each 1,024 units, so that a place far down is found without walking the whole text.
  const marks: number[] = [];
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (index % 1024 === 0) marks.push(bytes);
    bytes += unitBytes(text.charCodeAt(index));
  }
  return (byte) => {
    let lower = 0, upper = marks.length;
    while (upper - lower > 1) {
      const middle = (lower + upper) >> 1;
      if ((marks[middle] ?? 0) <= byte) lower = middle;
      else upper = middle;
    }
    let index = lower * 1024, at = marks[lower] ?? 0;
    while (at < byte && index < text.length) at += unitBytes(text.charCodeAt(index++));
    return index;
  };
}

/** The bytes that a UTF-16 unit stands for; a pair of surrogates shares its four. */
function unitBytes(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}
