/// <reference lib="esnext.disposable" preserve="true" />
import type { RawZone } from "../glue/glue.js";
import { readDiagnostics, readDocument, readDocuments, readOptions, withDocuments } from "./documents.js";
import { refused } from "./error.js";
import { guarded, Held } from "./instance.js";
import type { Answers } from "./query.js";
import type { Diagnostic, DocumentInput, HealthReport, LoadOptions, NamedDocument, Question, RecordType, Region, ViewOptions } from "./types.js";
import { makeView, readReport, type View } from "./view.js";

const MAKE = Symbol("make");
/** What a zone holds, also for a method that was taken off it, which has no `this`. */
let heldOf: (zone: Zone, method: string) => Held<RawZone>;

/**
 * A hosted zone ready to be asked. Immutable.
 *
 * Memory is given back when a zone is garbage collected; `free()`, or `using zone = ...`, gives it back at once. Views of
 * it go on working.
 *
 * ```js
 * const zone = Zone.load([documentText]);
 * const view = zone.health({ HealthChecks: { "hc-1": "unhealthy" } });
 * ```
 */
export class Zone {
  static {
    heldOf = (zone, method) => {
      if (typeof zone === "object" && zone !== null && #held in zone) return zone.#held;
      throw new TypeError(`${method} was called without its zone; write (report) => zone.${method}(report), not zone.${method} alone`);
    };
  }
  readonly #held: Held<RawZone>;
  readonly #answers: Answers = [];
  readonly #isDrawRequired: boolean;
  /** The zone's name, with the final dot. */
  readonly name: string;
  /** Whether the zone is private. */
  readonly isPrivate: boolean;
  /** How many record sets it has. */
  readonly recordSetCount: number;
  /** What loading had to say: what Route 53 would refuse and yet can be evaluated, and lints. */
  readonly findings: readonly Diagnostic[];

  /** @internal Zones come from {@link Zone.load}. */
  constructor(key: symbol, raw: RawZone, sources: readonly { readonly text: string }[], isDrawRequired: boolean) {
    if (key !== MAKE) throw new TypeError("a Zone comes from Zone.load([documents])");
    this.#held = new Held(raw, "zone", "load it again with Zone.load([documents])");
    this.#isDrawRequired = isDrawRequired;
    this.name = raw.name();
    this.isPrivate = raw.is_private();
    this.recordSetCount = raw.record_set_count();
    this.findings = Object.freeze(readDiagnostics(raw.findings(), sources));
    Object.freeze(this);
  }

  /**
   * Loads a zone from the documents that the AWS CLI prints, in any order.
   *
   * @throws {PointsmanError} `invalid-documents` when they make no zone; `diagnostics` say why, each with line and column.
   */
  static load(documents: readonly DocumentInput[], options?: LoadOptions): Zone {
    const sources = readDocuments(documents, "documents");
    const { zoneName, isDrawRequired } = readOptions(options, ["zoneName", "draws"]);
    try {
      return withDocuments(sources, (raw) => makeZone(raw.load(zoneName), sources, isDrawRequired));
    } catch (error) {
      if (typeof error !== "string") throw error;
      throw refused("invalid-documents", readDiagnostics(error, sources));
    }
  }

  /**
   * The zone under a health report: its JSON text, or the object of it. Without one, no check has data yet. With
   * `{ draws: "required" }` the view, and every one that is made from it, refuses queries without a draw.
   *
   * @throws {PointsmanError} `invalid-report` when it cannot be read.
   */
  health(report?: string | NamedDocument | HealthReport, options?: ViewOptions): View {
    const held = heldOf(this, "health");
    const sources = report === undefined ? [] : [readReport(report, "report")];
    const { isDrawRequired } = readOptions(options, ["draws"]);
    held.use();
    const kept = { answers: this.#answers, zoneName: this.name, isDrawRequired: this.#isDrawRequired || isDrawRequired };
    return makeView("invalid-report", kept, sources, () => held.use().health(sources[0]?.text));
  }

  /** The zone as an image, for `pointsman/decide`: the same bytes for equal zones, wherever they are loaded. */
  toImage(): Uint8Array {
    return guarded("an image of this size", () => this.#held.use().image());
  }

  /** Every name and type that has record sets. */
  questions(): Question[] {
    const words = guarded("the list of questions", () => heldOf(this, "questions").use().questions());
    const questions: Question[] = [];
    for (let at = 0; at + 1 < words.length; at += 2) {
      questions.push({ name: words[at]!, type: words[at + 1] as RecordType });
    }
    return questions;
  }

  /** The ids of the health checks, in document order. */
  healthChecks(): string[] {
    return guarded("the list of checks", () => heldOf(this, "healthChecks").use().health_checks());
  }

  /** The DNS names of the AWS resources that aliases lead to. */
  aliasTargets(): string[] {
    return guarded("the list of targets", () => heldOf(this, "aliasTargets").use().alias_targets());
  }

  /** What `JSON.stringify` writes: what it is, and not what is in it. */
  toJSON(): { kind: "pointsman zone"; name: string; isPrivate: boolean; recordSetCount: number } {
    const { name, isPrivate, recordSetCount } = this;
    return { kind: "pointsman zone", name, isPrivate, recordSetCount };
  }

  /** @internal What `console.log` shows in Node.js. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Zone { ${this.name}, ${this.recordSetCount} record sets }`;
  }

  /** Gives the memory back. The zone is of no use afterwards; freeing it again does nothing. */
  free(): void {
    this.#held.free();
  }

  /** The same, for `using zone = Zone.load([documents])`. */
  [Symbol.dispose](): void {
    this.free();
  }
}

/** Not by name within the class: a bundler would give the class another. */
function makeZone(raw: RawZone, sources: readonly { readonly text: string }[], isDrawRequired: boolean): Zone {
  return new Zone(MAKE, raw, sources, isDrawRequired);
}

/**
 * Every finding about some documents: what Route 53 would refuse, what cannot be evaluated, and lints. Empty when there is
 * nothing to say. Bad documents are findings here, and no error.
 */
export function check(documents: readonly DocumentInput[], options?: LoadOptions): readonly Diagnostic[] {
  const sources = readDocuments(documents, "documents");
  const { zoneName } = readOptions(options, ["zoneName"]);
  return readDiagnostics(withDocuments(sources, (raw) => raw.check(zoneName)), sources);
}

/**
 * The zone after a change batch, as the text of one document.
 *
 * @throws {PointsmanError} `invalid-batch` when Route 53 would refuse it, with every reason in `diagnostics`.
 */
export function apply(
  documents: readonly DocumentInput[], batch: DocumentInput, options?: LoadOptions,
): string {
  const sources = [...readDocuments(documents, "documents"), readDocument(batch, "batch", "change batch")];
  const { zoneName } = readOptions(options, ["zoneName"]);
  try {
    return withDocuments(sources, (raw) => raw.apply(zoneName));
  } catch (error) {
    if (typeof error !== "string") throw error;
    throw refused("invalid-batch", readDiagnostics(error, sources));
  }
}

/** Every AWS Region, with the approximate position that geoproximity uses for it. */
export function regions(): Region[] {
  return guarded("the list of Regions", (engine) => {
    const words = engine.region_words(), positions = engine.region_positions();
    return Array.from({ length: words.length / 2 }, (_, index) => ({
      code: words[index * 2]!,
      country: words[index * 2 + 1]!,
      latitude: positions[index * 2]!,
      longitude: positions[index * 2 + 1]!,
    }));
  });
}
