/** Arguments as requests, and results as what callers see. */
import { PointsmanError } from "../error.js";
import type { Diff, Document, Drill, DrillFinding, DrillOptions, Read, ReadOptions, Rto, RtoOptions, VersionOptions } from "./types.js";
import type { RecordType } from "../types.js";

interface Text {
  readonly name: string;
  readonly text: string;
  readonly cidrCollection: string | undefined;
}

function text(document: Document, index: number): Text {
  if (typeof document === "string") return { name: `document ${index + 1}`, text: document, cidrCollection: undefined };
  if (typeof document !== "object" || document === null) {
    throw new TypeError(`documents[${index}] must be JSON text, an object of it, or { name, text }`);
  }
  if (!("text" in document)) return { name: `document ${index + 1}`, text: JSON.stringify(document), cidrCollection: undefined };
  if (typeof document.text !== "string") throw new TypeError(`documents[${index}].text must be a string`);
  return { name: document.name ?? `document ${index + 1}`, text: document.text, cidrCollection: document.cidrCollection };
}

/** One version of a zone, as a request has it. */
export function version(documents: readonly Document[], options: VersionOptions = {}): { documents: Text[]; zoneName: string | undefined } {
  if (!Array.isArray(documents)) throw new TypeError("documents must be an array of documents, such as [text]");
  return { documents: documents.map(text), zoneName: options.zoneName };
}

export const requests = {
  drill: (documents: readonly Document[], { facts, depth, only, ...options }: DrillOptions = {}) =>
    ({ do: "drill", ...version(documents, options), facts, depth, only }),
  diff: (before: readonly Document[], after: readonly Document[], options: VersionOptions = {}) =>
    ({ do: "diff", old: version(before, options), new: version(after, options) }),
  rto: (name: string, type: RecordType, documents: readonly Document[], { facts, down, want, percentile, seed, ...options }: RtoOptions = {}) => {
    if (typeof name !== "string") throw new TypeError("name must be a string");
    return { do: "rto", ...version(documents, options), name, type, facts, down, want, percentile, seed };
  },
  read: (documents: readonly Document[], { parameters, name, ttl, ...options }: ReadOptions = {}) =>
    ({ do: "read", ...version(documents, options), parameters, name, ttl }),
};

export const results = {
  drill(result: unknown): Drill {
    const drill = result as Omit<Drill, "dangers" | "warnings" | "notes">;
    const of = (severity: DrillFinding["severity"]) => drill.findings.filter((finding) => finding.severity === severity);
    return { ...drill, dangers: of("danger"), warnings: of("warning"), notes: of("note") };
  },
  diff: (result: unknown): Diff => result as Diff,
  rto: (result: unknown): Rto => result as Rto,
  read(result: unknown, documents: readonly Document[]): Read {
    const { texts, zoneName, diagnostics } = result as { texts: string[]; zoneName: string | null; diagnostics: Read["diagnostics"] };
    const names = version(documents).documents;
    return { documents: texts.map((text, at) => ({ name: names[at]?.name ?? "", text })), zoneName, diagnostics };
  },
};

/** The error that ends an analysis which its caller gave up. */
export function aborted(signal: AbortSignal): unknown {
  return signal.reason ?? new PointsmanError("stopped", "the analysis was stopped");
}
