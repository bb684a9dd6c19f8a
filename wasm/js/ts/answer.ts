import type { Engine } from "../glue/glue.js";
import type { Answer } from "./types.js";

/**
 * Makes the object of an answer that is new, from its texts and numbers; see `Parts` in ../src/answers.rs. Its
 * properties stand in the order of core's JSON, so that `JSON.stringify` gives the same bytes.
 */
export function readAnswer(engine: Engine): Answer {
  const text = engine.fresh_text();
  const numbers = engine.fresh_numbers();
  const [ttl = 0, failOpen = 0, scope = 0, values = 0, identifiers = 0] = numbers;
  let slot = 5, at = 0;
  const next = (): string | undefined => {
    const length = numbers[slot++] ?? -1;
    return length < 0 ? undefined : text.slice(at, at += length);
  };
  const list = (count: number): readonly string[] =>
    Object.freeze(Array.from({ length: count }, () => next() ?? ""));
  const answer: Record<string, unknown> = {
    rcode: next(),
    type: next(),
    ttl: ttl < 0 ? null : ttl,
    values: list(values),
    set_identifiers: list(identifiers),
    fail_open: failOpen === 1,
    scope_prefix_length: scope,
  };
  for (const key of ["referral", "alias_target", "undetermined", "quarantined"]) {
    const word = next();
    if (word !== undefined) answer[key] = word;
  }
  return Object.freeze(answer) as unknown as Answer;
}
