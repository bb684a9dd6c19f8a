// Calls that are broken off in the middle, by a full stack or a full memory: the engine starts anew, says so, and goes on.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { atTheEnd, example, packageFolder, pointsman, www } from "./support.mjs";

const { PointsmanError, Zone } = pointsman;
const load = () => {
  const zone = Zone.load([example()]);
  return { zone, view: zone.health() };
};
const right = JSON.stringify(load().view.resolve(www()));

const calls = {
  resolve: ({ view }, round) => view.resolve(www({ draw: round })),
  "resolve, of words that are new": ({ view }, round) => view.resolve({ name: `n${round}.example.com`, type: "A", client: { ip: `192.0.2.${round & 255}` } }),
  resolveAt: ({ view }) => view.resolveAt(www(), [1, 2]),
  odds: ({ view }) => view.odds(www()),
  explain: ({ view }) => view.explain(www()),
  resolveJson: ({ view }) => view.resolveJson(JSON.stringify(www())),
  down: ({ view }) => view.down(["hc-blue"]).free(),
  withoutData: ({ view }) => view.withoutData(),
  isCheckHealthy: ({ view }) => view.isCheckHealthy("hc-blue"),
  questions: ({ zone }) => zone.questions(),
  health: ({ zone }) => zone.health({ HealthChecks: { "hc-blue": "unhealthy" } }).free(),
};

for (const [name, call] of Object.entries(calls)) {
  test(`a full stack: ${name}`, () => {
    let things = load(), round = 0;
    for (let padding = 0; padding < 24; padding += 1) {
      atTheEnd(padding, 200, () => call(things, round += 1));
      try {
        assert.equal(JSON.stringify(things.view.resolve(www())), right);
        call(things, round);
      } catch (error) {
        assert.ok(error instanceof PointsmanError && error.code === "freed", String(error.stack));
        assert.match(error.message, /^the (view|zone) is gone: /);
        things = load();
        assert.equal(JSON.stringify(things.view.resolve(www())), right);
      }
    }
  });
}

test("memory runs out while a query is answered", () => {
  const printed = execFileSync(process.execPath, ["--wasm-max-mem-pages=30", "--input-type=module", "--eval", `
    const { PointsmanError, Zone } = await import(${JSON.stringify(join(packageFolder, "node.mjs"))});
    const members = Array.from({ length: 16 }, (_, number) => ({
      Name: "many.example.com.", Type: "A", SetIdentifier: "m" + number, MultiValueAnswer: true, TTL: 60, ResourceRecords: [{ Value: "192.0.2." + number }] }));
    const load = () => Zone.load([{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: members }]).health();
    const query = { name: "many.example.com", type: "A" }, views = Array.from({ length: 100 }, load);
    let draw = 0n;
    try {
      for (; draw < 400_000n; draw += 1n) views[Number(draw % 100n)].resolve({ ...query, draw: draw * 0x9E3779B97F4A7C15n & 0xffff_ffff_ffff_ffffn });
      console.log("it never ran out");
    } catch (error) {
      console.log(error instanceof PointsmanError, error.code);
    }
    try { views[0].resolve(query); } catch (error) { console.log(error.code, error.message); }
    console.log(load().resolve(query).values.length);`], { encoding: "utf8" });
  assert.deepEqual(printed.trim().split("\n"), [
    "true out-of-memory", "freed the view is gone: the engine ran out of memory and was started anew", "8",
  ]);
});
