// What only shows in a program of its own: how long it takes to start, and what happens when memory is short.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { example, packageFolder } from "./support.mjs";

const module = JSON.stringify(join(packageFolder, "node.mjs"));
const run = (script, ...options) =>
  execFileSync(process.execPath, [...options, "--input-type=module", "--eval", script], { encoding: "utf8" });

test("from import to the first answer", () => {
  const zone = JSON.stringify(JSON.stringify(example()));
  const times = Array.from({ length: 9 }, () => Number(run(`
    const start = performance.now();
    const { Zone } = await import(${module});
    Zone.load([${zone}]).health().resolve({ name: "www.example.com", type: "A" });
    console.log(performance.now() - start);`))).sort((a, b) => a - b);
  console.log(`    ${times[0].toFixed(1)} ms at best, ${times[4].toFixed(1)} ms in the middle`);
  // The budget is 20 ms on an idle machine. Tests run on busy ones, and are to find a start that has become another.
  assert.ok(times[0] < 150, times.join());
});

test("without memory there is an error, and the engine goes on with what is loaded next", () => {
  const printed = run(`
    const { PointsmanError, Zone } = await import(${module});
    const record = (number) => ({ Name: "h" + number + ".example.com.", Type: "A", TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] });
    const zone = (count) => ({ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: Array.from({ length: count }, (_, number) => record(number)) });
    const query = { name: "h7.example.com", type: "A" };
    const before = Zone.load([zone(10)]), view = before.health();
    view.resolve(query);
    for (let round = 0; round < 3; round += 1) {
      try {
        Zone.load([zone(400000)]);
        console.log("loaded");
      } catch (error) {
        console.log(error instanceof PointsmanError, error.code, error.message);
      }
      for (const work of [() => view.resolve(query), () => before.health(), () => before.free(), () => view.free()]) {
        try { work(); console.log("worked"); } catch (error) { console.log(error.code, error.message); }
      }
      const next = Zone.load([zone(10)]).health();
      const far = { ...query, client: { latitude: 1.5, longitude: 103.5, latency_ms: { "us-east-1": 7 } } };
      console.log(next.resolve(query).values[0], /position 1.5,103.5/.test(next.explain(far).question), next.resolveAt(query, [1, 2]).index.length);
    }`, "--wasm-max-mem-pages=1500");
  const gone = (what) => `freed the ${what} is gone: the engine ran out of memory and was started anew`;
  const once = [
    "true out-of-memory a zone of this size needs more memory than there is; the engine was started anew",
    gone("view"), gone("zone"), "worked", "worked", "192.0.2.1 true 1",
  ];
  assert.deepEqual(printed.trim().split("\n"), [...once, ...once, ...once]);
});
