// Engines of one's own: what happens in one is nothing to the others.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { atTheEnd, example, packageFolder, pointsman, www } from "./support.mjs";

const { createEngine, PointsmanError, View, Zone } = pointsman;
const module = JSON.stringify(join(packageFolder, "node.mjs"));
const right = JSON.stringify(Zone.load([example()]).health().resolve(www()));

test("a zone that fills its engine's memory takes nothing from the others", () => {
  const printed = execFileSync(process.execPath, ["--wasm-max-mem-pages=1500", "--input-type=module", "--eval", `
    const { createEngine, memoryBytes, PointsmanError, Zone } = await import(${module});
    const record = (number) => ({ Name: "h" + number + ".example.com.", Type: "A", TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] });
    const zone = (count) => [{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: Array.from({ length: count }, (_, number) => record(number)) }];
    const query = { name: "h7.example.com", type: "A" };
    const ours = Zone.load(zone(10)).health(), answer = ours.resolve(query), size = memoryBytes();
    const tenant = createEngine(), other = createEngine();
    const theirs = tenant.Zone.load(zone(10)).health(), others = other.Zone.load(zone(10)).health();
    for (let round = 0; round < 2; round += 1) {
      try { tenant.Zone.load(zone(400_000)); console.log("loaded"); } catch (error) { console.log(error instanceof PointsmanError, error.code); }
    }
    try { theirs.resolve(query); console.log("answered"); } catch (error) { console.log(error.code); }
    console.log(ours.resolve(query) === answer, others.resolve(query).values[0], memoryBytes() === size, tenant.Zone.load(zone(10)).health().resolve(query).values[0]);`],
  { encoding: "utf8" });
  assert.deepEqual(printed.trim().split("\n"), ["true out-of-memory", "true out-of-memory", "freed", "true 192.0.2.1 true 192.0.2.1"]);
});

test("a full stack in one engine takes nothing from another", () => {
  const ours = Zone.load([example()]).health(), tenant = createEngine();
  let lost = 0;
  for (let padding = 0; padding < 24; padding += 1) {
    const view = tenant.Zone.load([example()]).health();
    atTheEnd(padding, 200, () => view.explain(www()));
    try {
      assert.equal(JSON.stringify(view.resolve(www())), right);
    } catch (error) {
      assert.equal(error.code, "freed");
      lost += 1;
    }
    assert.equal(JSON.stringify(ours.resolve(www())), right);
  }
  assert.ok(lost > 0, "no call was broken off, so that nothing was shown");
});

test("words that engines learn in turn do not mix", () => {
  const engines = [pointsman, createEngine(), createEngine()];
  const views = engines.map(({ Zone }, number) => Zone.load([{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: Array.from({ length: 9 }, (_, at) => (
    { Name: `n${at}.example.com.`, Type: "A", TTL: 60, ResourceRecords: [{ Value: `192.0.2.${number * 10 + at}` }] })) }]).health());
  for (let round = 0; round < 200; round += 1) {
    const number = round * 7 % 3, at = round * 5 % 9;
    assert.deepEqual(views[number].resolve({ name: `n${at}.example.com`, type: "A", client: { country: ["SG", "DE"][round & 1] } }).values, [`192.0.2.${number * 10 + at}`]);
  }
});

test("an engine that was closed says so, and errors are of one class", () => {
  const tenant = createEngine(), zone = tenant.Zone.load([example()]), view = zone.health();
  assert.ok(Object.isFrozen(tenant));
  assert.ok(tenant.Zone !== Zone && !(view instanceof View));
  assert.throws(() => tenant.Zone.load(["{"]), PointsmanError);
  assert.ok(tenant.memoryBytes() > 0);
  tenant.close();
  tenant.close();
  for (const work of [() => view.resolve(www()), () => zone.health(), () => tenant.Zone.load([example()]), () => tenant.memoryBytes(), () => tenant.drawOf("a"), () => tenant.isCountry("QM")]) {
    assert.throws(work, (error) => error instanceof PointsmanError && error.code === "freed" && error.message === "the engine was closed" && /createEngine/.test(error.help));
  }
  view.free();
  zone.free();
  assert.deepEqual(Object.keys(tenant).filter((name) => name !== "close").sort(),
    Object.keys(pointsman).filter((name) => !["createEngine", "default"].includes(name)).sort());
});

test("the memory of closed engines goes back", () => {
  const big = JSON.stringify({ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: Array.from({ length: 20_000 }, (_, number) => (
    { Name: `h${number}.example.com.`, Type: "A", TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] })) });
  const use = () => {
    const tenant = createEngine();
    tenant.Zone.load([big]);
    const bytes = tenant.memoryBytes();
    tenant.close();
    globalThis.gc();
    return bytes;
  };
  use();
  const before = process.memoryUsage().rss;
  let all = 0;
  for (let round = 0; round < 30; round += 1) all += use();
  const more = process.memoryUsage().rss - before;
  assert.ok(more < all / 4, `${more} bytes more after engines of ${all}`);
});

test("before init() there is no other engine", async () => {
  const manual = await import("../../../target/wasm/npm/manual.js");
  assert.throws(() => manual.createEngine(), { code: "not-started" });
  assert.throws(() => manual.Zone.load([example()]), { code: "not-started" });
  const { readFileSync } = await import("node:fs");
  await manual.init(readFileSync(join(packageFolder, "pointsman.wasm")));
  for (const { Zone } of [manual, manual.createEngine()]) assert.equal(JSON.stringify(Zone.load([example()]).health().resolve(www())), right);
  assert.deepEqual(Object.keys(manual).filter((name) => name !== "init").sort(), Object.keys(pointsman).filter((name) => name !== "default").sort());
});
