import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { example, pointsman, www } from "./support.mjs";

const { memoryBytes, PointsmanError, Zone } = pointsman;

/** Bytes in use by JavaScript after a collection. */
function heap() {
  for (let round = 0; round < 3; round += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const MEGABYTE = 1 << 20;

test("a million answers do not grow the heap", () => {
  const view = Zone.load([example()]).health();
  const ask = (count) => {
    for (let draw = 0; draw < count; draw += 1) {
      view.resolve(www({ draw, client: { country: "SG", ip: `10.${draw & 255}.${draw >> 8 & 255}.1` } }));
    }
  };
  ask(50_000);
  const [before, module] = [heap(), memoryBytes()];
  ask(1_000_000);
  assert.equal(memoryBytes(), module);
  assert.ok(heap() - before < MEGABYTE, `${heap() - before} bytes more`);
});

test("ten thousand loads, freed, do not grow the heap", () => {
  const document = JSON.stringify(example());
  const load = (count) => {
    for (let round = 0; round < count; round += 1) {
      const zone = Zone.load([document]);
      const view = zone.health({ HealthChecks: { "hc-blue": "unhealthy" } });
      const next = view.updated({ HealthChecks: { "hc-green": "unhealthy" } });
      next.resolve(www());
      next.free();
      view.free();
      zone.free();
    }
  };
  load(500);
  const [before, module] = [heap(), memoryBytes()];
  load(10_000);
  assert.equal(memoryBytes(), module);
  assert.ok(heap() - before < 2 * MEGABYTE, `${heap() - before} bytes more`);
});

test("what nobody freed is freed by the garbage collector", async () => {
  const document = JSON.stringify(example());
  const load = async (count) => {
    for (let round = 0; round < count; round += 1) {
      Zone.load([document]).health().resolve(www());
      if (round % 50 === 0) {
        globalThis.gc();
        await setImmediate();
      }
    }
  };
  await load(500);
  const module = memoryBytes();
  await load(5_000);
  assert.ok(memoryBytes() <= module + 2 * MEGABYTE, `${memoryBytes() - module} bytes more`);
});

test("errors leave nothing behind", () => {
  const fail = (count) => {
    for (let round = 0; round < count; round += 1) {
      assert.throws(() => Zone.load(["{"]), PointsmanError);
      assert.throws(() => Zone.load(["{}"]), PointsmanError);
    }
  };
  fail(200);
  const module = memoryBytes();
  fail(5_000);
  assert.equal(memoryBytes(), module);
});
