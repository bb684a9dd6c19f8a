/**
 * What goes wrong when this dies, what a change alters, how long until clients have moved: the analyses of the command
 * line's `drill`, `diff` and `rto`, as functions.
 *
 * @packageDocumentation
 */
import type { Module } from "./module.js";
import { requests, results } from "./requests.js";
import type { Analyses } from "./types.js";

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
