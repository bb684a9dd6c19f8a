/**
 * Zones from images: what a client gets, in a module of 40 KB, without the parser, the validator and the reasons of `pointsman`.
 *
 * @packageDocumentation
 */
import { PointsmanError } from "../error.js";
import type { Answer, HealthReport, Query } from "../types.js";
import { call, Handle, lending, takeText, utf8 } from "./instance.js";
import { answerKey, readAnswer, refusal, writeQuery } from "./query.js";
import { statusBytes } from "./statuses.js";

export { type ErrorCode, PointsmanError } from "../error.js";
export type * from "../types.js";
export { memoryBytes } from "./instance.js";

const MAKE = Symbol("make");
/** Different answers that are kept for a zone before all are forgotten. */
const ANSWERS_MAX = 4096;

function elsewhere(what: string): never {
  throw new PointsmanError("only-decides", `pointsman/decide has no ${what}`, {
    help: "import { Zone } from \"pointsman\", which reads documents and says why",
  });
}

/**
 * A hosted zone, opened from the image that `pointsman compile` or `zone.toImage()` of the full package wrote. Immutable.
 *
 * ```js
 * import { Zone } from "pointsman/decide";
 * const view = Zone.fromImage(bytes).health({ HealthChecks: { "hc-1": "unhealthy" } });
 * view.resolve({ name: "www.example.com", type: "A" }).values;
 * ```
 */
export class Zone {
  readonly #held: Handle;
  readonly #answers = new Map<string, Answer>();

  /** @internal Zones come from {@link Zone.fromImage}. */
  constructor(key: symbol, handle: number) {
    if (key !== MAKE) throw new TypeError("a Zone comes from Zone.fromImage(bytes)");
    this.#held = new Handle(handle, "zone", this);
  }

  /**
   * Opens an image. Every number in it is looked at once.
   *
   * @throws {PointsmanError} `invalid-image` when the bytes are no image that this version opens.
   */
  static fromImage(image: ArrayBuffer | ArrayBufferView): Zone {
    if (!(image instanceof ArrayBuffer) && !ArrayBuffer.isView(image)) throw new TypeError("image must be bytes");
    const bytes = ArrayBuffer.isView(image) ? new Uint8Array(image.buffer, image.byteOffset, image.byteLength) : new Uint8Array(image);
    return call("a zone of this size", (module) => {
      const zone = lending(module, bytes, (address, length) => module.pointsman_zone_open(address, length)) >>> 0;
      if (zone === 0) {
        throw new PointsmanError("invalid-image", `the image cannot be opened: ${takeText(module)}`, {
          help: "compile the zone's documents again with this version of Pointsman, and copy the file in binary mode",
        });
      }
      return new Zone(MAKE, zone);
    });
  }

  /** Documents are read by the full package. */
  static load(..._documents: readonly unknown[]): never {
    return elsewhere("parser of documents");
  }

  /**
   * The zone under a health report, or under none: no check has data yet.
   *
   * @throws {PointsmanError} `invalid-report` when the report is none.
   */
  health(report?: HealthReport | string): View {
    return call("a view of this size", (module) => {
      const first = module.pointsman_view_new(this.#held.use(), 0, 0) >>> 0;
      if (first === 0) throw new RangeError("no memory");
      const view = new View(MAKE, first, this.#answers, []);
      if (report === undefined) return view;
      const next = view.updated(report);
      view.free();
      return next;
    });
  }

  /** Gives its memory back; views of it go on working. */
  free(): void {
    this.#held.free();
  }
}

/** A zone under one state of its health checks. Immutable: a change makes another view. */
export class View {
  readonly #held: Handle;
  readonly #answers: Map<string, Answer>;
  /** Names in the report that the zone does not have; they change nothing. */
  readonly unknown: readonly string[];

  /** @internal Views come from {@link Zone.health}. */
  constructor(key: symbol, handle: number, answers: Map<string, Answer>, unknown: readonly string[]) {
    if (key !== MAKE) throw new TypeError("a View comes from zone.health(report)");
    this.#held = new Handle(handle, "view", this);
    this.#answers = answers;
    this.unknown = Object.freeze(unknown);
  }

  /**
   * The answer to a query. Equal answers of one zone are one frozen object.
   *
   * @throws {PointsmanError} `invalid-query` when a word of the query means nothing.
   */
  resolve(query: Query): Answer {
    return call("an answer", (module) => {
      const view = this.#held.use();
      writeQuery(module, query);
      const status = module.pointsman_resolve(view);
      if (status !== 0) throw refusal(status, query);
      const key = answerKey(module);
      let answer = this.#answers.get(key);
      if (answer === undefined) {
        answer = readAnswer(module, view);
        if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
        this.#answers.set(key, answer);
      }
      return answer;
    });
  }

  /**
   * The view after some statuses changed; what the report does not name stays as it is.
   *
   * @throws {PointsmanError} `invalid-report` when the report is none.
   */
  updated(report: HealthReport | string): View {
    const statuses = statusBytes(report);
    return call("a view of this size", (module) => {
      const view = this.#held.use();
      const next = lending(module, statuses, (address, length) => module.pointsman_view_statuses(view, address, length)) >>> 0;
      if (next === 0) throw new RangeError("no memory");
      return new View(MAKE, next, this.#answers, takeText(module).split("\n").filter((name) => name !== ""));
    });
  }

  /**
   * The view in which these are down: health checks, alias targets, Regions, or record sets as `NAME/TYPE/SetIdentifier`.
   *
   * @throws {PointsmanError} `nothing-to-take-down` when the zone has no such thing, or it is a calculated check.
   */
  down(what: readonly string[]): View {
    return this.#without("pointsman_view_down", what);
  }

  /** The view without these record sets, each as `NAME/TYPE/SetIdentifier` (`NAME/TYPE` for simple routing). */
  without(recordSets: readonly string[]): View {
    return this.#without("pointsman_view_without", recordSets);
  }

  #without(make: "pointsman_view_down" | "pointsman_view_without", what: readonly string[]): View {
    if (!Array.isArray(what) || what.some((word) => typeof word !== "string")) throw new TypeError("give an array of strings");
    if (what.length === 0) return this.updated({});
    return call("a view of this size", (module) => {
      const view = this.#held.use();
      const next = lending(module, utf8(what.join("\n")), (address, length) => module[make](view, address, length)) >>> 0;
      if (next === 0) {
        throw new PointsmanError("nothing-to-take-down", `nothing called \`${takeText(module)}\` can be taken down`, {
          help: "give a health check's id, an alias target's DNS name, a Region, or NAME/TYPE/SetIdentifier",
        });
      }
      return new View(MAKE, next, this.#answers, []);
    });
  }

  /** Odds are in the full package. */
  odds(..._query: readonly unknown[]): never {
    return elsewhere("odds");
  }

  /** Reasons are in the full package. */
  explain(..._query: readonly unknown[]): never {
    return elsewhere("explanations");
  }

  /** Gives its memory back. */
  free(): void {
    this.#held.free();
  }
}
