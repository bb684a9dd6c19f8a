/** Chance: draws for keys, and draws at random. */
import { requireWellFormed } from "./arguments.js";
import { PointsmanError } from "./error.js";
import { guarded } from "./instance.js";

/**
 * The draw of a key, such as a client's address or the id of a session: one key has one draw, so that its answers stick,
 * and the draws of many keys are spread evenly over all 64 bits, as weighted groups need it. The same on every host. It is
 * no secret: who chooses keys can choose draws.
 *
 * ```js
 * view.resolve({ name: "www.example.com", type: "A", draw: drawOf(request.ip) });
 * ```
 */
export function drawOf(key: string): bigint {
  if (typeof key !== "string") throw new TypeError("key must be a string");
  requireWellFormed(key, "key");
  return guarded("a draw", (engine) => engine.draw_of(key));
}

/** A draw at random, as a resolver's cache sees it: by the platform's secure source. */
export function randomDraw(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

/** @internal The error about a draw that a zone or view demands. */
export function drawMissing(argument: string): PointsmanError {
  return new PointsmanError("invalid-query", `${argument}.draw: is missing, and draws are required here`, {
    field: `${argument}.draw`,
    help: "pass drawOf(key), which sticks, or randomDraw()",
  });
}
