/** A health report as flat bytes. */
import { PointsmanError } from "../error.js";
import type { HealthReport } from "../types.js";
import { utf8 } from "./instance.js";

const CHECK = 0, ALIAS_TARGET = 1;
const HEALTHY = 1, UNHEALTHY = 2, INSUFFICIENT = 3, INSUFFICIENT_UNHEALTHY = 4;

function invalid(message: string, help: string): PointsmanError {
  return new PointsmanError("invalid-report", `health report: ${message}`, { help });
}

/** The statuses of a report. */
export function statusBytes(report: HealthReport | string): Uint8Array {
  const parsed: unknown = typeof report === "string" ? parse(report) : report;
  const members = entries(parsed, "the report");
  const known = ["HealthChecks", "AliasTargets", "Time", "Watch"];
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (of: number, status: number, name: string): void => {
    const bytes = utf8(name), head = new Uint8Array(8);
    head[0] = of;
    head[1] = status;
    new DataView(head.buffer).setUint32(4, bytes.length, true);
    parts.push(head, bytes);
    length += 8 + bytes.length;
  };
  for (const [key, value] of members) {
    if (!known.includes(key)) throw invalid(`\`${key}\` is not a part of a health report`, "give HealthChecks and AliasTargets");
    if (key === "HealthChecks") for (const [id, status] of entries(value, key)) put(CHECK, checkStatus(status, id), id);
    if (key === "AliasTargets") for (const [name, status] of entries(value, key)) put(ALIAS_TARGET, twoStates(status, name), name);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PointsmanError("invalid-report", `health report: the text is not JSON: ${String((cause as Error).message)}`, { cause });
  }
}

function entries(value: unknown, what: string): [string, unknown][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`${what} is not an object`, "give {\"HealthChecks\": {\"ID\": \"healthy\" or \"unhealthy\"}}");
  return Object.entries(value);
}

function twoStates(status: unknown, name: string): number {
  if (status === "healthy") return HEALTHY;
  if (status === "unhealthy") return UNHEALTHY;
  throw invalid(`\`${String(status)}\` of \`${name}\` is not a status`, "use `healthy` or `unhealthy`");
}

function checkStatus(status: unknown, id: string): number {
  if (status === "insufficient") return INSUFFICIENT;
  if (typeof status !== "object" || status === null) return twoStates(status, id);
  if ("HealthCheckObservations" in status) {
    throw new PointsmanError("only-decides", `health report: what checkers observed of \`${id}\` is weighed by the full package`, {
      help: "import { Zone } from \"pointsman\", or give the status that checkers came to",
    });
  }
  const { Status, LastKnown, ...rest } = status as { Status?: unknown; LastKnown?: unknown };
  if (Object.keys(rest).length > 0) throw invalid(`\`${Object.keys(rest)[0]!}\` of \`${id}\` is not a part of a status`, "give Status and LastKnown");
  const lastUnhealthy = LastKnown !== undefined && twoStates(LastKnown, id) === UNHEALTHY;
  if (Status !== "insufficient") return twoStates(Status, id);
  return lastUnhealthy ? INSUFFICIENT_UNHEALTHY : INSUFFICIENT;
}
