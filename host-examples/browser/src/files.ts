/** Files and pasted texts: which of them are a zone, which belong to one, and which say what is down. */
import { normal } from "./documents.js";
import type { Doc } from "./protocol.js";

/** What was given, sorted. */
export interface Given {
  readonly documents: readonly Doc[];
  /** Whether the documents are no zone by themselves: health checks, or a table. */
  readonly isMore: boolean;
  /** What health reports say is down. */
  readonly down: readonly string[];
  /** The health reports' names. */
  readonly reports: readonly string[];
}

/** Parts of a zone that come in files of their own. */
const PARTS: ReadonlySet<string> = new Set(["HealthChecks", "CidrCollections", "CidrBlocks", "AliasTargets", "LatencyTable"]);

/** A file's text. Windows PowerShell writes what the AWS CLI prints as UTF-16. */
export async function textOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

export function sortOut(given: readonly Doc[]): Given {
  const documents: Doc[] = [], down: string[] = [], reports: string[] = [];
  let isMore = true;
  for (const document of given) {
    const content = read(document.text);
    const reported = content === undefined ? undefined : reportedDown(content);
    if (reported !== undefined) {
      down.push(...reported);
      reports.push(document.name);
      continue;
    }
    documents.push(document);
    const keys = Object.keys(content ?? {});
    isMore &&= keys.length > 0 && keys.some((key) => PARTS.has(key)) && !keys.includes("ResourceRecordSets") && !keys.includes("HostedZone");
  }
  return { documents, isMore: isMore && documents.length > 0, down, reports };
}

/** Only zones are longer, and reading those twice would take seconds. */
const CHARACTERS_MAX = 10_000_000;

function read(text: string): Record<string, unknown> | undefined {
  if (text.length > CHARACTERS_MAX) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a health report says is down; `undefined` for a document that is none. */
function reportedDown(content: Record<string, unknown>): string[] | undefined {
  const { HealthChecks = {}, AliasTargets = {}, ...rest } = content;
  const isReport = Object.keys(rest).length === 0 && isObject(HealthChecks) && isObject(AliasTargets)
    && Object.values(AliasTargets).every((status) => typeof status === "string")
    && Object.keys(HealthChecks).length + Object.keys(AliasTargets).length > 0;
  if (!isReport) return undefined;
  const isDown = (status: unknown): boolean => (isObject(status) ? status["Status"] : status) === "unhealthy";
  return [
    ...Object.keys(HealthChecks).filter((id) => isDown(HealthChecks[id])).map((id) => `check:${id}`),
    ...Object.keys(AliasTargets).filter((name) => isDown(AliasTargets[name])).map((name) => `target:${normal(name)}`),
  ];
}
