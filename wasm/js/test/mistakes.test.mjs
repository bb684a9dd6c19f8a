// Mistakes that people make: each is reported by name, and none passes for something else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { example, pointsman, www } from "./support.mjs";

const { apply, check, PointsmanError, View, Zone } = pointsman;
const zone = Zone.load([example()]);
const view = zone.health();
const text = JSON.stringify({ HealthChecks: { "hc-blue": "unhealthy" } });

test("a promise that nobody awaited, bytes, and things that hold no JSON are no documents and no reports", () => {
  const things = [
    [Promise.resolve(text), /is a Promise; await it first$/],
    [{ then: (done) => done(text) }, /is a Promise; await it first$/],
    [Buffer.from(text), /holds bytes; decode them first, for instance with `new TextDecoder\(\)\.decode\(bytes\)`$/],
    [new TextEncoder().encode(text), /holds bytes; /],
    [new TextEncoder().encode(text).buffer, /holds bytes; /],
    [new Map([["HealthChecks", { "hc-blue": "unhealthy" }]]), /is a Map, which holds no JSON; pass a plain object or text$/],
    [new Set(), /is a Set, which holds no JSON/],
    [new Response(text), /is a Response, which holds no JSON/],
    [new URL("http://127.0.0.1/"), /stands for no JSON object$/],
    [new Date(), /stands for no JSON object$/],
    [/a/, /is a RegExp, which holds no JSON/],
  ];
  for (const [thing, message] of things) {
    for (const [work, argument] of [
      [() => zone.health(thing), "report"], [() => view.updated(thing), "changes"], [() => Zone.load([thing]), "documents[0]"],
      [() => check([thing]), "documents[0]"], [() => apply([example()], thing), "batch"],
    ]) {
      assert.throws(work, (error) => {
        assert.equal(error.constructor, TypeError, String(error));
        assert.ok(error.message.startsWith(`${argument} `), error.message);
        return assert.match(error.message, message) ?? true;
      });
    }
  }
  for (const member of ["HealthChecks", "AliasTargets"]) {
    assert.throws(() => zone.health({ [member]: new Map([["hc-blue", "unhealthy"]]) }), { name: "TypeError", message: new RegExp(`^report\\.${member} is a Map, which holds no JSON`) });
    assert.throws(() => zone.health({ [member]: Promise.resolve({}) }), { name: "TypeError", message: new RegExp(`^report\\.${member} is a Promise; await it first`) });
  }
  class Report { HealthChecks = { "hc-blue": "unhealthy" }; Time = new Date(); }
  for (const fine of [new Report(), Object.freeze({ HealthChecks: { "hc-blue": "unhealthy" } }), { toJSON: () => JSON.parse(text) }]) {
    assert.equal(zone.health(fine).isCheckHealthy("hc-blue"), false);
  }
  assert.equal(zone.health({ HealthChecks: {} }).withoutData().length, 2);
});

test("a Map, a list or a promise is no client and holds no latencies", () => {
  for (const client of [new Map([["country", "SG"]]), new Set(["SG"]), [], new URLSearchParams("country=SG")]) {
    assert.throws(() => view.resolve(www({ client })), { name: "TypeError", message: "query.client must be an object of facts, such as { country: \"SG\" }" });
  }
  assert.throws(() => view.resolve(www({ client: Promise.resolve({}) })), { name: "TypeError", message: "query.client is a Promise; await it first" });
  for (const latency_ms of [new Map([["us-east-1", 7]]), [], Promise.resolve({})]) {
    assert.throws(() => view.resolve(www({ client: { latency_ms } })), { name: "TypeError", message: "query.client.latency_ms must be an object, such as { \"us-east-1\": 12 }" });
  }
  assert.ok(view.resolve(www({ client: {} })));
  assert.ok(view.resolve(www({ client: Object.create(null) })));
});

test("unknown options are reported", () => {
  const documents = [example()];
  for (const [call, known] of [
    [(options) => Zone.load(documents, options), "zoneName, draws"], [(options) => check(documents, options), "zoneName"], [(options) => apply(documents, "{}", options), "zoneName"],
  ]) {
    assert.throws(() => call({ zonename: "example.com" }), { name: "TypeError", message: `options.zonename is not an option; use ${known}` });
    assert.throws(() => call([JSON.stringify(example())]), { name: "TypeError", message: /^options must be an object such as \{ .*\}; documents go into one array$/ });
  }
  assert.throws(() => Zone.load([{ text: "{}", nmae: "x" }]), { name: "TypeError", message: "documents[0].nmae is not a part of a document; use name, text, cidrCollection" });
});

test("names of any length make no message of any length", () => {
  const long = "x".repeat(10_000_000);
  for (const work of [
    () => Zone.load([example()], { zoneName: long }), () => Zone.load([{ name: long, text: "{" }]), () => Zone.load([{ text: "{", cidrCollection: long }]),
    () => view.down([long]), () => view.without([long]), () => view.resolve(www({ [long]: 1 })), () => Zone.load([example()], { [long]: 1 }),
    () => view.resolve(www({ client: { latency_ms: { [long]: 1 } } })), () => Zone.load([{ text: "{", [long]: 1 }]),
  ]) {
    assert.throws(work, (error) => (error instanceof TypeError || error instanceof PointsmanError) && error.message.length < 400, String(work));
  }
  assert.throws(() => Zone.load([{ name: "", text: "{" }]), { message: /^document 1:1:\d: / }, "no name is no name");
});

test("zones and views are what they look like", () => {
  assert.equal(Zone.name, "Zone");
  assert.equal(View.name, "View");
  assert.equal(zone.constructor.name, "Zone");
  assert.ok(Object.isFrozen(zone) && Object.isFrozen(view));
  assert.throws(() => { zone.name = "other."; }, TypeError);
  const [finding] = zone.health({ HealthChecks: { "hc-none": "healthy" } }).findings;
  assert.ok(Object.isFrozen(finding));
  const mine = new PointsmanError("invalid-report", "for a test of mine", { help: "none" });
  assert.deepEqual([mine.code, mine.message, mine.help, mine.diagnostics], ["invalid-report", "for a test of mine", "none", []]);
});
