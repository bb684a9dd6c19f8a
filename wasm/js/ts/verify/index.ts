/**
 * What goes wrong when this dies, what a change alters, how long until clients have moved: the analyses of the command
 * line's `drill`, `diff` and `rto`, as functions.
 *
 * @packageDocumentation
 */
import type { RecordType } from "../types.js";
import type { Module } from "./module.js";
import { requests, results } from "./requests.js";
import type { Diff, Document, Drill, DrillOptions, Read, ReadOptions, Rto, RtoOptions, VersionOptions } from "./types.js";

/** The analyses over two modules. */
export interface Analyses {
  /**
   * Tries every failure on every name and every class of clients.
   *
   * ```js
   * import { drill } from "pointsman/verify";
   * expect(drill([zone]).dangers).toEqual([]);
   * ```
   */
  drill(documents: readonly Document[], options?: DrillOptions): Drill;
  /** Which clients get another answer after a change, in which states of health. */
  diff(before: readonly Document[], after: readonly Document[], options?: VersionOptions): Diff;
  /** How long clients stay with what is dead. */
  rto(name: string, type: RecordType, documents: readonly Document[], options?: RtoOptions): Rto;
  /** Terraform, CloudFormation, traffic policies and zone files as documents that everything else takes. */
  readDocuments(documents: readonly Document[], options?: ReadOptions): Read;
}

/** The analyses, over the module of each kind. */
export function analyses(verify: Module, formats: Module): Analyses {
  return {
    drill: (documents, options) => results.drill(verify.ask(requests.drill(documents, options), options?.onProgress)),
    diff: (before, after, options) => results.diff(verify.ask(requests.diff(before, after, options))),
    rto: (name, type, documents, options) =>
      results.rto(verify.ask(requests.rto(name, type, documents, options), options?.onProgress)),
    readDocuments: (documents, options) => results.read(formats.ask(requests.read(documents, options)), documents),
  };
}
