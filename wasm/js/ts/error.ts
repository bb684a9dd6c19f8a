import type { Diagnostic } from "./types.js";

/** What kind of {@link PointsmanError} it is. */
export type ErrorCode =
  /** Documents make no zone; `diagnostics` say why. */
  | "invalid-documents"
  /** A change batch is refused; `diagnostics` say why. */
  | "invalid-batch"
  /** A health report cannot be read; `diagnostics` say why. */
  | "invalid-report"
  /** Bytes are no image of a zone that this version opens. */
  | "invalid-image"
  /** `pointsman/decide` was asked for what only the full package has. */
  | "only-decides"
  /** A query holds a word that means nothing; `field` names it. */
  | "invalid-query"
  /** A query has more possible answers than are listed. */
  | "too-many-outcomes"
  /** `down` or `without` names what the zone does not have; `help` says what there is. */
  | "nothing-to-take-down"
  /** The zone or view was freed. */
  | "freed"
  /** An analysis was stopped. */
  | "stopped"
  /** A name, an endpoint or a check that the zone does not have. */
  | "unknown-name"
  /** `pointsman/manual` was not started. */
  | "not-started"
  /** The engine ran out of memory and was started anew; zones of before are gone. */
  | "out-of-memory";

/** What a caller can do something about: wrong documents, reports and queries, and the use of what was freed. */
export class PointsmanError extends Error {
  override readonly name = "PointsmanError";
  /** What kind of error it is. */
  readonly code: ErrorCode;
  /** What is wrong with documents or a report, each with its place; empty for other errors. */
  readonly diagnostics: readonly Diagnostic[];
  /** The argument, such as `query.client.country`. */
  readonly field: string | undefined;
  /** What to do. */
  readonly help: string | undefined;

  /** For tests of yours; the package throws its own. */
  constructor(
    code: ErrorCode,
    message: string,
    more: {
      readonly diagnostics?: readonly Diagnostic[]; readonly field?: string; readonly help?: string | undefined; readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.diagnostics = more.diagnostics ?? [];
    this.field = more.field;
    this.help = more.help;
  }

  /** What `JSON.stringify` writes: all of it, but for the stack and the cause. */
  toJSON(): { name: string; code: ErrorCode; message: string; field?: string; help?: string; diagnostics: readonly Diagnostic[] } {
    const { name, code, message, field, help, diagnostics } = this;
    return { name, code, message, ...(field === undefined ? {} : { field }), ...(help === undefined ? {} : { help }), diagnostics };
  }
}

/** @internal The error that findings make: its message is the first one's, with its place. */
export function refused(code: ErrorCode, diagnostics: readonly Diagnostic[]): PointsmanError {
  const errors = diagnostics.filter((finding) => finding.severity === "error");
  const [first] = errors;
  if (first === undefined) return new PointsmanError(code, "refused without a finding", { diagnostics });
  const place = [first.document, first.line, first.column].filter((part) => part != null).join(":");
  const rest = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  const message = `${place === "" ? "" : `${place}: `}${first.message}${rest}`;
  return new PointsmanError(code, message, { diagnostics, help: first.help });
}
