// The analyses as they are published, beside what the command line prints for the same zones.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pointsman, root, zoneFile } from "./support.mjs";

const verify = await import("../../../target/wasm/npm/verify-node.mjs");
const hybrid = [zoneFile("hybrid.json"), zoneFile("latency.json")];

const record = (SetIdentifier, more) => ({
  Name: "www.example.com.", Type: "A", SetIdentifier, TTL: 60, ResourceRecords: [{ Value: SetIdentifier }], ...more,
});
const zone = (...sets) => [{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: sets,
  HealthChecks: [{ Id: "hc-1", HealthCheckConfig: { Type: "TCP", IPAddress: "192.0.2.1", Port: 443 } }] }];
const unwatched = zone(record("192.0.2.1", { Weight: 1, HealthCheckId: "hc-1" }), record("192.0.2.2", { Weight: 1 }));

test("drill finds the endpoint that nothing watches", () => {
  const drilled = verify.drill(unwatched);
  assert.ok(drilled.dangers.some(({ code, failures }) => code === "dead-endpoint" && failures.includes("192.0.2.2")), JSON.stringify(drilled.findings));
  assert.equal(drilled.zone, "example.com.");
  assert.equal(drilled.findings.length, drilled.dangers.length + drilled.warnings.length + drilled.notes.length);
});

test("the module finds what the command line finds", { skip: process.env.POINTSMAN === undefined && "POINTSMAN names no command" }, () => {
  const folder = join(root, "host-examples", "zones");
  for (const files of [["hybrid.json", "latency.json"], ["active-passive.json"], ["weighted.json"]]) {
    const printed = spawnSync(process.env.POINTSMAN, ["drill", "--json", ...files.flatMap((file) => ["-z", join(folder, file)])], { encoding: "utf8" }).stdout;
    const { invariants: _, ...native } = JSON.parse(printed);
    const { dangers: _d, warnings: _w, notes: _n, unknown_facts: _u, ...drilled } = verify.drill(files.map(zoneFile));
    assert.deepEqual(drilled, native);
  }
});

test("a finding's report and query show it", () => {
  const zone = pointsman.Zone.load(unwatched);
  const { reproduce } = verify.drill(unwatched).dangers.find(({ code }) => code === "dead-endpoint");
  const view = zone.health(reproduce.report);
  assert.deepEqual(view.resolve(reproduce.query).values, ["192.0.2.2"]);
  assert.match(view.explain(reproduce.query).text, /192\.0\.2\.2/);
});

test("a drill that is stopped says so, and a function that throws ends it", () => {
  const stopped = verify.drill(hybrid, { onProgress: () => false });
  assert.equal(stopped.exact, false);
  assert.ok(stopped.not_asked.length > 0);
  assert.throws(() => verify.drill(hybrid, { onProgress: () => { throw new RangeError("enough"); } }), /enough/);
  assert.equal(verify.drill(unwatched).zone, "example.com.", "the module goes on");
});

test("diff compares two versions", () => {
  const before = zone(record("192.0.2.1", { Weight: 9 }), record("192.0.2.2", { Weight: 0 }));
  const after = zone(record("192.0.2.1", { Weight: 9 }), record("192.0.2.2", { Weight: 1 }));
  const { changes, exact, markdown } = verify.diff(before, after);
  assert.equal(exact, true);
  assert.equal(changes[0].name, "www.example.com.");
  assert.match(markdown, /90 % 192\.0\.2\.1/);
  assert.deepEqual(verify.diff(before, before).changes, []);
});

test("rto says when clients have moved, and whether that is soon enough", () => {
  const failover = zone(record("192.0.2.1", { Failover: "PRIMARY", HealthCheckId: "hc-1" }), record("192.0.2.2", { Failover: "SECONDARY" }));
  const { recoveries, svg } = verify.rto("www.example.com", "A", failover, { down: ["192.0.2.1"], want: 1 });
  assert.equal(recoveries.length, 1);
  assert.equal(recoveries[0].want.met, false);
  assert.ok(recoveries[0].recovered.p99 > 60);
  assert.match(svg, /^<svg/);
  assert.throws(() => verify.rto("nope.example.com", "A", failover), ({ code, help }) => code === "unknown-name" && /www/.test(help));
  assert.throws(() => verify.rto("www.example.com", "A", failover, { down: ["nothing"] }), ({ code }) => code === "unknown-name");
});

test("documents that make no zone are refused with their findings", () => {
  assert.throws(() => verify.drill(["{"]), (error) => error.name === "PointsmanError" && error.code === "invalid-documents" && error.diagnostics.length > 0);
  assert.throws(() => verify.drill("{}"), TypeError);
  assert.throws(() => verify.drill(unwatched, { only: ["nope.example.com"] }), ({ code }) => code === "unknown-name");
  assert.throws(() => verify.drill(unwatched, { facts: { clients: { EU: -1 } } }), ({ code }) => code === "invalid-facts");
});

test("other formats are read", () => {
  const template = JSON.stringify({ Resources: { Www: { Type: "AWS::Route53::RecordSet", Properties: {
    HostedZoneName: "example.com.", Name: "www.example.com.", Type: "A", TTL: "60", ResourceRecords: ["192.0.2.1"] } } } });
  const { documents, diagnostics } = verify.readDocuments([{ name: "template.json", text: template }], { zoneName: "example.com" });
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  assert.equal(verify.drill(documents, { zoneName: "example.com" }).zone, "example.com.");
});

test("a traffic policy, its instances and the zone's listing: the policy's record sets stand for what is listed", () => {
  const file = (name) => ({ name, text: readFileSync(new URL(`../../../import/tests/documents/${name}`, import.meta.url), "utf8") });
  const given = [file("policy-listing.json"), file("policy-instances.json"), file("get-traffic-policy.json")];
  const { documents, diagnostics } = verify.readDocuments(given);
  // One instance has no policy here, and stays what it is: listed, and not known.
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === "error").map(({ code, line }) => [code, line]), [["traffic-policy-instance", 20]]);
  const zone = pointsman.Zone.load(documents);
  assert.equal(zone.health().resolve({ name: "www.example.com", type: "A" }).rcode, "NOERROR");
});

test("in the background: the same results, progress, and a signal that ends it", async () => {
  const worker = verify.background();
  const seen = [];
  const drilled = await worker.drill(hybrid, { onProgress: (done, of) => void seen.push([done, of]) });
  assert.deepEqual(drilled, verify.drill(hybrid));
  assert.ok(seen.length > 0);
  // Also at the moment when the reply that nobody wants is on its way.
  for (const wait of [0, 1, 2, 4, 8]) {
    const controller = new AbortController();
    const first = worker.drill(hybrid, { signal: controller.signal });
    const second = worker.diff(hybrid, hybrid);
    const ended = wait === 0 ? assert.rejects(first, /no longer wanted/) : first.catch((error) => assert.match(error.message, /no longer wanted/));
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    controller.abort(new Error("no longer wanted"));
    await ended;
    assert.deepEqual((await second).changes, []);
  }
  await assert.rejects(worker.drill(["{"]), ({ code, diagnostics }) => code === "invalid-documents" && diagnostics.length > 0);
  worker.close();
  await assert.rejects(worker.drill(hybrid, { signal: AbortSignal.abort() }), { name: "AbortError" });
});
