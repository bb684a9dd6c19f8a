/// <reference lib="esnext.disposable" preserve="true" />
import type { Engine, RawView } from "../glue/glue.js";
import { readAnswer } from "./answer.js";
import { isArray, reading, requireObject, requireWellFormed, taking, WORD_LENGTH_MAX } from "./arguments.js";
import { readDiagnostics, readDocument, toJson } from "./documents.js";
import { drawMissing } from "./draw.js";
import { PointsmanError, refused } from "./error.js";
import { guarded, Held, numbersAt } from "./instance.js";
import { answerPacked, type Answers, FAULT, FRESH, holdPacked, invalidQuery, isDrawGiven, pack } from "./query.js";
import type { Answer, Diagnostic, Explanation, HealthReport, NamedDocument, Odds, Query, Sweep } from "./types.js";

const MAKE = Symbol("make");
/** What a view holds, also for a method that was taken off it, which has no `this`. */
let heldOf: (view: View, method: string) => Held<RawView>;

/** What the views of a zone have in common. */
interface Kept {
  readonly answers: Answers;
  readonly zoneName: string;
  readonly isDrawRequired: boolean;
}
/** Of positions in one sweep: ten million, each of two numbers. */
const NUMBERS_MAX = 2e7;

/**
 * A zone under one state of health: what is asked. Immutable; a change makes a new view. It keeps its zone, so the
 * {@link Zone} may be freed before it.
 *
 * Memory is given back when a view is garbage collected; `free()`, or `using view = ...`, gives it back at once.
 *
 * ```js
 * const view = zone.health({ HealthChecks: { "hc-1": "unhealthy" } });
 * view.resolve({ name: "www.example.com", type: "A", client: { country: "SG" }, draw: 7 }).values;
 * ```
 */
export class View {
  static {
    heldOf = (view, method) => {
      if (typeof view === "object" && view !== null && #held in view) return view.#held;
      throw new TypeError(`${method} was called without its view; write (query) => view.${method}(query), not view.${method} alone`);
    };
  }
  readonly #held: Held<RawView>;
  readonly #kept: Kept;
  /** The name of the zone, with the final dot. */
  readonly zoneName: string;
  /** What making the view had to say: ids in the report that the zone does not know, and the like. */
  readonly findings: readonly Diagnostic[];

  /** @internal Views come from {@link Zone.health}. */
  constructor(key: symbol, raw: RawView, kept: Kept, sources: readonly { readonly text: string }[]) {
    if (key !== MAKE) throw new TypeError("a View comes from zone.health(report)");
    this.#held = new Held(raw, "view", "make another with zone.health(report)");
    this.#kept = kept;
    this.zoneName = kept.zoneName;
    this.findings = Object.freeze(readDiagnostics(raw.findings(), sources));
    Object.freeze(this);
  }

  /**
   * Answers a query. Equal queries give the same frozen object.
   *
   * @throws {PointsmanError} `invalid-query`, with the argument in `field`, for a word that means nothing.
   */
  resolve(query: Query): Answer {
    const held = heldOf(this, "resolve");
    pack(query, "query");
    this.#requireDraw("query");
    return answerPacked(held.use(), this.#kept.answers, "query");
  }

  #requireDraw(argument: string): void {
    if (this.#kept.isDrawRequired && !isDrawGiven()) throw drawMissing(argument);
  }

  /**
   * Answers one query from many positions: latitude and longitude in degrees, in turn. For maps: all of it is one call
   * into the module, some tenths of a microsecond a position. The query's own position plays no part.
   */
  resolveAt(query: Query, positions: ArrayLike<number>): Sweep {
    const held = heldOf(this, "resolveAt");
    if (typeof positions !== "object" || positions === null) {
      throw new TypeError("positions must be an array of latitude and longitude in turn");
    }
    const count = reading("positions", () => Number(positions.length));
    if (count > NUMBERS_MAX) throw new TypeError("positions are more than ten million");
    // What a length tells may be another thing the next time; what was copied stays.
    const given = count % 2 === 0 ? reading("positions", () => Float64Array.from(positions)) : new Float64Array(1);
    const numbers = given.length;
    if (numbers % 2 !== 0) throw new TypeError("positions must be an array of latitude and longitude in turn");
    if (numbers > NUMBERS_MAX) throw new TypeError("positions are more than ten million");
    for (let at = 0; at < numbers; at += 2) {
      const latitude = given[at]!, longitude = given[at + 1]!;
      if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
        throw new TypeError(`positions[${at}] and positions[${at + 1}] are no position: ${latitude}, ${longitude}`);
      }
    }
    pack(query, "query");
    this.#requireDraw("query");
    return guarded("a sweep of this size", (engine) => {
      const raw = held.use();
      const at = engine.make_room(numbers);
      let places = numbersAt(at, numbers);
      places.set(given);
      holdPacked(engine);
      const index = new Uint32Array(numbers / 2), answers: Answer[] = [], seen = new Map<Answer, number>();
      let done = 0;
      while (done < index.length) {
        const first = done;
        const result = engine.resolve_positions(raw, first);
        if (result === FAULT) throw invalidQuery(engine.fault(), "query");
        done = result % FRESH;
        // Where the memory has grown, it lies elsewhere now.
        if (places.length === 0) places = numbersAt(at, numbers);
        for (let row = first; row < done; row += 1) {
          const number = places[row * 2]!;
          // Only the last one can be new, and then it may have the number of one that was forgotten.
          if (row === done - 1 && result >= FRESH) this.#kept.answers[number] = readAnswer(engine);
          const answer = this.#kept.answers[number]!;
          let known = seen.get(answer);
          if (known === undefined) seen.set(answer, known = answers.push(answer) - 1);
          index[row] = known;
        }
      }
      return { answers, index };
    });
  }

  /**
   * The exact probability of every answer. The draw plays no part.
   *
   * @throws {PointsmanError} `too-many-outcomes` past 100,000 of them.
   */
  odds(query: Query): Odds {
    const held = heldOf(this, "odds");
    pack(query, "query");
    return guarded("a list of odds of this length", (engine) => {
      const raw = held.use();
      holdPacked(engine);
      const json = engine.odds(raw);
      if (json !== "") return JSON.parse(json) as Odds;
      const fault = engine.fault();
      throw fault.startsWith("the query has ") ? new PointsmanError("too-many-outcomes", fault) : invalidQuery(fault, "query");
    });
  }

  /**
   * Why a query is answered as it is, down to the record set and the health check that decided.
   *
   * @throws {PointsmanError} `invalid-query`, as `resolve`.
   */
  explain(query: Query): Explanation {
    const held = heldOf(this, "explain");
    pack(query, "query");
    this.#requireDraw("query");
    return guarded("an explanation of this length", (engine) => {
      const raw = held.use();
      holdPacked(engine);
      const [json, text] = engine.explain(raw);
      if (json === undefined || text === undefined) throw invalidQuery(engine.fault(), "query");
      return { ...JSON.parse(json) as Omit<Explanation, "text">, text };
    });
  }

  /**
   * Answers a line of JSON with a line of JSON, the same bytes as every other host's. For hosts that pass text on. A query
   * that cannot be asked is answered with `{"error": "..."}`, not thrown.
   */
  resolveJson(line: string): string {
    const held = heldOf(this, "resolveJson");
    requireLine(line);
    if (this.#kept.isDrawRequired && lacksDraw(line)) return JSON.stringify({ error: "draw: is missing, and draws are required here" });
    return guarded("the line", () => held.use().resolve_json(line));
  }

  /** The same as {@link View.resolveJson}, for odds. */
  oddsJson(line: string): string {
    const held = heldOf(this, "oddsJson");
    requireLine(line);
    return guarded("the line", () => held.use().odds_json(line));
  }

  /** The same as {@link View.resolveJson}, for the explanation. */
  explainJson(line: string): string {
    const held = heldOf(this, "explainJson");
    requireLine(line);
    if (this.#kept.isDrawRequired && lacksDraw(line)) return JSON.stringify({ error: "draw: is missing, and draws are required here" });
    return guarded("the line", () => held.use().explain_json(line));
  }

  /**
   * The view after some changes: what the partial report does not mention stays as it is. It costs what depends on the
   * changed checks.
   *
   * @throws {PointsmanError} `invalid-report` when the changes cannot be read.
   */
  updated(changes: string | NamedDocument | HealthReport): View {
    const held = heldOf(this, "updated");
    const source = readReport(changes, "changes");
    held.use();
    return makeView("invalid-report", this.#kept, [source], () => held.use().updated(source.text));
  }

  /**
   * The view in which things are down: a health check's id (raw unhealthy), an alias target's DNS name, every record set
   * and alias target of a Region, or `NAME/TYPE/SetIdentifier` (`NAME/TYPE` for simple routing).
   *
   * @throws {PointsmanError} `nothing-to-take-down` for what the zone does not have; `help` says what there is.
   */
  down(what: readonly string[]): View {
    const held = heldOf(this, "down");
    const list = readWords(what, "what");
    held.use();
    return makeView("nothing-to-take-down", this.#kept, [], () => held.use().down(list));
  }

  /**
   * The view without some record sets, each `NAME/TYPE/SetIdentifier` (`NAME/TYPE` for simple routing): they count as
   * unhealthy, so that the answer is the next choice.
   *
   * @throws {PointsmanError} `nothing-to-take-down` for what the zone does not have; `help` says what there is.
   */
  without(recordSets: readonly string[]): View {
    const held = heldOf(this, "without");
    const list = readWords(recordSets, "recordSets");
    held.use();
    return makeView("nothing-to-take-down", this.#kept, [], () => held.use().without(list));
  }

  /**
   * The view without the record sets whose values or target a query is answered with: asked again, it gives the next
   * choice, for when the first one cannot be reached. Of a multivalue answer none comes again. Where nothing else is left,
   * the group fails open and the same answer comes.
   *
   * @throws {PointsmanError} `invalid-query`, as `resolve`.
   */
  withoutAnswer(query: Query): View {
    const held = heldOf(this, "withoutAnswer");
    pack(query, "query");
    this.#requireDraw("query");
    held.use();
    return makeView("invalid-report", this.#kept, [], (engine) => {
      holdPacked(engine);
      const raw = engine.without_answer(held.use());
      if (raw === undefined) throw invalidQuery(engine.fault(), "query");
      return raw;
    });
  }

  /** The health checks that the report left without data; they count as healthy, Inverted ones as unhealthy. */
  withoutData(): string[] {
    return guarded("the list of checks", () => heldOf(this, "withoutData").use().without_data());
  }

  /** Whether a health check is healthy in the end, after Disabled and Inverted; `undefined` for an unknown id. */
  isCheckHealthy(id: string): boolean | undefined {
    if (typeof id !== "string") throw new TypeError("id must be a string");
    const status = guarded("the id", () => heldOf(this, "isCheckHealthy").use().check_status(id));
    return status < 0 ? undefined : status === 1;
  }

  /** What `JSON.stringify` writes: what it is, and not what is in it. */
  toJSON(): { kind: "pointsman view"; zoneName: string; findings: number } {
    return { kind: "pointsman view", zoneName: this.zoneName, findings: this.findings.length };
  }

  /** @internal What `console.log` shows in Node.js. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `View { ${this.zoneName} under one state of health }`;
  }

  /** Gives the memory back. The view is of no use afterwards; freeing it again does nothing. */
  free(): void {
    this.#held.free();
  }

  /** The same, for `using view = zone.health(report)`. */
  [Symbol.dispose](): void {
    this.free();
  }
}

/** @internal A health report as text. */
export function readReport(report: unknown, argument: string): { readonly name: string; readonly text: string } {
  if (typeof report === "object" && report !== null && (isArray(report, argument) || !reading(argument, () => Object.hasOwn(report, "text")))) {
    if (isArray(report, argument)) throw new TypeError(`${argument} must be a health report: JSON text or an object of it`);
    for (const member of ["HealthChecks", "AliasTargets"] as const) {
      const statuses: unknown = reading(argument, () => (report as HealthReport)[member]);
      if (typeof statuses === "object" && statuses !== null) requireObject(statuses, `${argument}.${member}`);
    }
    return { name: "health report", text: toJson(report, argument) };
  }
  return readDocument(report, argument, "health report");
}

/** @internal Makes a view, or the error that says why there is none. */
export function makeView(
  code: "invalid-report" | "nothing-to-take-down",
  kept: Kept,
  sources: readonly { readonly name: string; readonly text: string }[],
  make: (engine: Engine) => RawView,
): View {
  try {
    return guarded("a view of this size", (engine) => new View(MAKE, make(engine), kept, sources));
  } catch (error) {
    if (typeof error !== "string") throw error;
    if (code === "invalid-report") {
      const name = sources[0]?.name;
      const findings = readDiagnostics(error, sources).map((finding) =>
        name === undefined ? finding : { ...finding, document: name });
      throw refused(code, findings);
    }
    const [message = "", help] = error.split("\n");
    throw new PointsmanError(code, message, { help });
  }
}

function readWords(words: unknown, argument: string): string[] {
  if (!isArray(words, argument)) throw new TypeError(`${argument} must be an array of strings`);
  return taking(words, argument, (word, index) => {
    if (typeof word !== "string") throw new TypeError(`${argument}[${index}] must be a string`);
    requireWellFormed(word, `${argument}[${index}]`);
    if (word.length > WORD_LENGTH_MAX) throw new TypeError(`${argument}[${index}] is ${word.length} characters long`);
    return word;
  });
}

function requireLine(line: unknown): asserts line is string {
  if (typeof line !== "string") throw new TypeError("line must be a string");
  requireWellFormed(line, "line");
}

/** Whether a line is a query that says no draw; what is no query is refused elsewhere. */
function lacksDraw(line: string): boolean {
  try {
    const query: unknown = JSON.parse(line);
    return typeof query === "object" && query !== null && (query as Query).draw == null;
  } catch {
    return false;
  }
}
