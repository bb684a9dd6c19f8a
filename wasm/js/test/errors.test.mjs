import assert from "node:assert/strict";
import { test } from "node:test";
import { example, pointsman, www } from "./support.mjs";

const { apply, check, PointsmanError, View, Zone } = pointsman;
const view = Zone.load([example()]).health();
const right = JSON.stringify(view.resolve(www()));

/** Throws as asked, names the argument, and leaves an instance that answers as before. */
function refuses(work, type, message) {
  assert.throws(work, (error) => {
    assert.equal(error.constructor, type, String(error?.stack ?? error));
    assert.match(error.message, message);
    return true;
  });
  assert.equal(JSON.stringify(view.resolve(www())), right);
}

const hostile = (field) => Object.defineProperty({ ...www(), client: { country: "SG" } }, field, {
  enumerable: true, get() { throw new RangeError("mine"); },
});
const revoked = () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; };

test("arguments of the wrong type are reported by name", () => {
  for (const value of [undefined, null, 7, "www", Symbol("s"), () => 0, true]) refuses(() => view.resolve(value), TypeError, /^query must be an object/);
  for (const name of [undefined, null, 7, {}, [], Symbol("s")]) refuses(() => view.resolve(www({ name })), TypeError, /^query\.name must be a string/);
  for (const type of [undefined, 1, {}]) refuses(() => view.resolve(www({ type })), TypeError, /^query\.type must be a string/);
  for (const client of [7, "SG", true]) refuses(() => view.resolve(www({ client })), TypeError, /^query\.client must be an object/);
  for (const fact of ["country", "continent", "subdivision", "vpc_region", "ip", "ecs"]) {
    for (const value of [7, {}, [], true, Symbol("s"), 1n]) {
      refuses(() => view.resolve(www({ client: { [fact]: value } })), TypeError, new RegExp(`^query\\.client\\.${fact} must be a string`));
    }
    refuses(() => view.resolve(www({ client: { [fact]: "no such word" } })), PointsmanError, new RegExp(`^query\\.client\\.${fact}: \`no such word\``));
  }
  for (const [client, field] of [[{ latitude: "1", longitude: 2 }, "latitude"], [{ latitude: 1 }, "longitude"], [{ longitude: 1 }, "latitude"]]) {
    refuses(() => view.resolve(www({ client })), TypeError, new RegExp(`^query\\.client\\.${field} must be a number`));
  }
  for (const latency of [7, "x", true]) refuses(() => view.resolve(www({ client: { latency_ms: latency } })), TypeError, /^query\.client\.latency_ms must be an object/);
  refuses(() => view.resolve(www({ client: { latency_ms: { "us-east-1": "7" } } })), TypeError, /latency_ms\["us-east-1"\] must be a number/);
  for (const draw of [{}, [], true, Symbol("s")]) refuses(() => view.resolve(www({ draw })), TypeError, /^query\.draw must be/);
});

test("numbers that are none are reported by name", () => {
  for (const draw of [NaN, -1, 1.5, Infinity, 2 ** 53, -1n, 2n ** 64n, "", "x", "-1", "1.5", "99999999999999999999", "18446744073709551616"]) {
    refuses(() => view.resolve(www({ draw })), PointsmanError, /^query\.draw must be a whole number/);
  }
  for (const [latitude, longitude] of [[NaN, 0], [0, NaN], [91, 0], [0, 181], [Infinity, 0], [0, -Infinity]]) {
    refuses(() => view.resolve(www({ client: { latitude, longitude } })), PointsmanError, /^query\.client\.latitude: latitude must be -90 to 90/);
    refuses(() => view.resolveAt(www(), [0, 0, latitude, longitude]), TypeError, /^positions\[2\] and positions\[3\] are no position/);
  }
  for (const milliseconds of [NaN, -1, Infinity, 1e9]) {
    refuses(() => view.resolve(www({ client: { latency_ms: { "us-east-1": milliseconds } } })), PointsmanError, /^query\.client\.latency_ms\.us-east-1: .* is not a latency/);
  }
  refuses(() => view.resolve(www({ client: { latency_ms: { "us-east-99": 1 } } })), PointsmanError, /^query\.client\.latency_ms: `us-east-99` is not a Region/);
});

test("words that mean nothing are reported in core's words", () => {
  refuses(() => view.resolve({ name: "a..b", type: "A" }), PointsmanError, /^query\.name: `a\.\.b`: a label of the name is empty/);
  refuses(() => view.resolve({ name: "a", type: "AXFR" }), PointsmanError, /^query\.type: `AXFR` is not a record type/);
  refuses(() => view.resolve(www({ clint: {} })), PointsmanError, /^query\.clint is not a field of a query/);
  refuses(() => view.resolve(www({ client: { contry: "SG" } })), PointsmanError, /^query\.client\.contry is not a client fact/);
  for (const method of ["resolve", "odds", "explain"]) {
    assert.throws(() => view[method](www({ client: { country: "sg" } })), { code: "invalid-query", field: "query.client.country" });
  }
});

test("lone surrogates and huge strings do not get in", () => {
  for (const text of ["\ud800.example.com", "a\udc00"]) {
    refuses(() => view.resolve(www({ name: text })), TypeError, /^query\.name holds half a character \(a lone surrogate\) at index \d/);
    refuses(() => Zone.load([`{"a": "${text}"}`]), TypeError, /^documents\[0\] holds half a character/);
    refuses(() => view.down([text]), TypeError, /^what\[0\] holds half a character/);
    refuses(() => view.resolveJson(text), TypeError, /^line holds half a character/);
    refuses(() => Zone.load([], { zoneName: text }), TypeError, /^options\.zoneName holds half a character/);
  }
  const huge = "x".repeat(50_000_000);
  refuses(() => view.resolve(www({ name: huge })), PointsmanError, /^query\.name is 50000000 characters long/);
  refuses(() => view.resolve(www({ client: { ip: huge } })), PointsmanError, /^query\.client\.ip is 50000000 characters long/);
  refuses(() => Zone.load([huge, huge, huge, huge, huge]), PointsmanError, /^documents hold more than 200000000 characters/);
  refuses(() => Zone.load([huge]), PointsmanError, /document 1:1:1: /);
});

test("hostile objects do no harm", () => {
  for (const field of ["name", "type", "client", "draw"]) refuses(() => view.resolve(hostile(field)), TypeError, /^query cannot be read: one of its properties throws/);
  refuses(() => view.resolve(www({ client: hostile("country") })), TypeError, /^query cannot be read/);
  refuses(() => view.resolve(revoked()), TypeError, /^query cannot be read/);
  refuses(() => view.resolve(www({ client: revoked() })), TypeError, /^query cannot be read/);
  refuses(() => view.updated(revoked()), TypeError, /^changes cannot be read/);
  refuses(() => Zone.load([revoked()]), TypeError, /^documents\[0\]/);
  refuses(() => Zone.load([{ text: "{}", get name() { throw new Error("mine"); } }]), TypeError, /^documents\[0\] cannot be read/);
  refuses(() => Zone.load([{ toJSON() { throw new Error("mine"); } }]), TypeError, /^documents\[0\] cannot be written as JSON: mine/);
  refuses(() => Zone.load([{ big: 1n }]), TypeError, /^documents\[0\] cannot be written as JSON/);
  refuses(() => Zone.load([{ toJSON: () => undefined }]), TypeError, /^documents\[0\] stands for no JSON/);

  // Lists that throw, that have no end, and that are longer when they are looked at again.
  const throwing = new Proxy([], { get() { throw new RangeError("mine"); } });
  const endless = new Array(2 ** 32 - 1);
  for (const [take, argument] of [
    [(list) => Zone.load(list), "documents"], [(list) => view.down(list), "what"], [(list) => view.without(list), "recordSets"],
    [(list) => view.resolveAt(www(), list), "positions"],
  ]) {
    refuses(() => take(throwing), TypeError, new RegExp(`^${argument} cannot be read: one of its properties throws`));
    refuses(() => take(endless), TypeError, new RegExp(`^${argument}(\\[0\\] must be| are more than)`));
  }
  let length = 0;
  const growing = { get length() { length += 2; return length; }, 0: 1, 1: 1, 2: 1, 3: 1 };
  assert.equal(view.resolveAt(www(), growing).index.length, 2, "what was copied counts");
  assert.equal(JSON.stringify(view.resolve(www())), right, "and no zone was lost");

  assert.deepEqual(view.resolve(Object.assign(Object.create(null), www())), JSON.parse(right));
  assert.deepEqual(view.resolve(Object.assign(Object.create({ polluted: 1 }), www())), JSON.parse(right));
  class Asked { get name() { return "www.example.com"; } get type() { return "A"; } }
  assert.deepEqual(view.resolve(new Asked()), JSON.parse(right));

  // A getter that asks in the middle of being asked.
  const nested = { name: "www.example.com", type: "A", client: { latency_ms: { "us-east-1": 5 }, get ip() {
    view.resolve(www({ client: { ip: "192.0.2.99", latency_ms: { "eu-west-1": 1 } } }));
    return "198.51.100.1";
  } } };
  assert.match(view.explain(nested).question, /198\.51\.100\.1/);
  // A getter that frees what is being asked.
  const mine = Zone.load([example()]).health();
  assert.throws(() => mine.resolve({ type: "A", get name() { mine.free(); return "www.example.com"; } }), { code: "freed" });
});

test("wrong shapes of every other argument", () => {
  for (const documents of [undefined, null, "{}", 7, {}]) {
    refuses(() => Zone.load(documents), TypeError, /^documents must be an array/);
    refuses(() => check(documents), TypeError, /^documents must be an array/);
    refuses(() => apply(documents, "{}"), TypeError, /^documents must be an array/);
  }
  for (const document of [undefined, null, 7, [], Symbol("s")]) refuses(() => Zone.load([document]), TypeError, /^documents\[0\] must be JSON text/);
  refuses(() => apply([example()], 7), TypeError, /^batch must be JSON text/);
  refuses(() => Zone.load([{ text: 7 }]), TypeError, /^documents\[0\]\.text must be a string/);
  refuses(() => Zone.load([{ text: "{}", name: 7 }]), TypeError, /^documents\[0\]\.name must be a string/);
  refuses(() => Zone.load([{ text: "{}", cidrCollection: 7 }]), TypeError, /^documents\[0\]\.cidrCollection must be a string/);
  for (const options of [null, 7]) refuses(() => Zone.load([], options), TypeError, /^options must be an object/);
  refuses(() => Zone.load([], { zoneName: 7 }), TypeError, /^options\.zoneName must be a string/);
  const zone = Zone.load([example()]);
  for (const report of [null, 7, []]) {
    refuses(() => zone.health(report), TypeError, /^report must be/);
    refuses(() => view.updated(report), TypeError, /^changes must be/);
  }
  for (const words of [undefined, "hc-blue", { 0: "hc-blue" }]) {
    refuses(() => view.down(words), TypeError, /^what must be an array/);
    refuses(() => view.without(words), TypeError, /^recordSets must be an array/);
  }
  refuses(() => view.down([7]), TypeError, /^what\[0\] must be a string/);
  for (const positions of [undefined, 7, {}, [1]]) refuses(() => view.resolveAt(www(), positions), TypeError, /^positions must be an array/);
  for (const line of [undefined, 7, {}]) refuses(() => view.resolveJson(line), TypeError, /^line must be a string/);
  refuses(() => new Zone(), TypeError, /Zone\.load/);
  refuses(() => new View(), TypeError, /zone\.health/);
  refuses(() => View.prototype.resolve.call({}, www()), TypeError, /./);
});

test("wrong documents and reports are errors with findings", () => {
  refuses(() => Zone.load(["{"]), PointsmanError, /^document 1:1:\d: the JSON ends too early/);
  refuses(() => Zone.load([]), PointsmanError, /./);
  assert.throws(() => Zone.load(["[]", '{"ResourceRecordSets": 7}']), (error) => {
    assert.equal(error.name, "PointsmanError");
    assert.equal(error.code, "invalid-documents");
    assert.ok(error.diagnostics.length >= 2 && error.diagnostics.every(({ help }) => help.length > 0));
    return true;
  });
  const zone = Zone.load([example()]);
  assert.throws(() => zone.health('{"HealthChecks": {"hc-blue": "fine"}}'), (error) => {
    assert.equal(error.code, "invalid-report");
    const [finding] = error.diagnostics;
    assert.deepEqual([finding.document, finding.line, finding.path], ["health report", 1, "$.HealthChecks['hc-blue']"]);
    return true;
  });
  assert.throws(() => zone.health({ HealthChecks: { "hc-blue": 7 } }), { code: "invalid-report" });
  assert.throws(() => view.down(["hc-none"]), { code: "nothing-to-take-down", help: "did you mean `hc-blue`?" });
  assert.throws(() => view.without(["www.example.com/A/red"]), { code: "nothing-to-take-down", message: /SetIdentifiers there: blue, green/ });
});

test("what was freed says so", () => {
  const zone = Zone.load([example()]);
  const free = zone.health();
  zone.free();
  zone.free();
  assert.equal(JSON.stringify(free.resolve(www())), right, "a view keeps its zone");
  for (const work of [() => zone.health(), () => zone.questions(), () => zone.healthChecks(), () => zone.aliasTargets()]) {
    assert.throws(work, { name: "PointsmanError", code: "freed", message: "the zone was freed and cannot be used any more" });
  }
  free[Symbol.dispose]();
  const calls = [
    () => free.resolve(www()), () => free.resolveAt(www(), [1, 1]),
    () => free.odds(www()), () => free.explain(www()), () => free.resolveJson("{}"), () => free.oddsJson("{}"),
    () => free.explainJson("{}"), () => free.updated({}), () => free.down([]), () => free.without([]),
    () => free.withoutData(), () => free.isCheckHealthy("x"),
  ];
  for (const call of calls) assert.throws(call, { name: "PointsmanError", code: "freed" }, String(call));
});
