// Chance: draws of keys, at random, and demanded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { example, pointsman, www } from "./support.mjs";

const { drawOf, PointsmanError, randomDraw, Zone } = pointsman;
const missing = { name: "PointsmanError", code: "invalid-query", field: "query.draw", message: "query.draw: is missing, and draws are required here" };

test("a key has one draw, the same on every host", () => {
  assert.deepEqual(["", "a", "198.51.100.7", "ä😀"].map(drawOf), [
    17665956581633026203n, 198367012849983736n, 14828524396295628003n, 1352162609538531668n,
  ]);
  for (const key of [undefined, 7, 7n, {}, null]) assert.throws(() => drawOf(key), { name: "TypeError", message: "key must be a string" });
  assert.throws(() => drawOf("\ud800"), TypeError);
});

test("draws of keys and at random give a zone its shares", () => {
  const view = Zone.load([example()]).health({ HealthChecks: { "hc-blue": "healthy", "hc-green": "healthy" } });
  for (const draw of [(number) => drawOf(`10.1.${number >> 8}.${number & 255}`), () => randomDraw()]) {
    let blue = 0;
    for (let number = 0; number < 20_000; number += 1) {
      if (view.resolve(www({ draw: draw(number) })).set_identifiers[0] === "blue") blue += 1;
    }
    // 3 to 1, five standard deviations.
    assert.ok(Math.abs(blue / 20_000 - 0.75) < 0.0154, String(blue));
  }
});

test("a zone, or a view, demands a draw", () => {
  const strict = Zone.load([example()], { draws: "required" });
  const some = Zone.load([example()]).health(undefined, { draws: "required" });
  for (const view of [strict.health(), some, some.down(["hc-blue"]), some.updated({ HealthChecks: {} }), some.without(["www.example.com/A/blue"])]) {
    for (const draw of [undefined, null]) {
      for (const ask of ["resolve", "explain", "withoutAnswer"]) assert.throws(() => view[ask](www({ draw })), missing, ask);
      assert.throws(() => view.resolveAt(www({ draw }), [0, 0]), missing);
    }
    assert.equal(view.resolveJson('{"name":"www.example.com","type":"A"}'), '{"error":"draw: is missing, and draws are required here"}');
    assert.match(view.explainJson('{"name":"www.example.com","type":"A"}'), /^\{"error"/);
    assert.match(view.resolveJson('{"name":"www.example.com","type":"A","draw":"7"}'), /^\{"rcode"/);
    assert.match(view.resolveJson("no query"), /^\{"error":"the text is not JSON/);
    assert.equal(view.resolve(www({ draw: 0 })).rcode, "NOERROR");
    assert.ok(view.odds(www()).outcomes.length > 0);
  }
  assert.equal(Zone.load([example()], { draws: "optional" }).health().resolve(www()).rcode, "NOERROR");
  for (const draws of [true, "always", 1]) {
    assert.throws(() => Zone.load([example()], { draws }), { name: "TypeError", message: 'options.draws must be "required" or "optional"' });
  }
  assert.throws(() => Zone.load([example()], { draw: "required" }), TypeError);
  assert.throws(() => pointsman.check([example()], { draws: "required" }), TypeError);
  try {
    strict.health().resolve(www());
  } catch (error) {
    assert.ok(error instanceof PointsmanError);
    assert.match(error.help, /drawOf\(key\)/);
  }
});
