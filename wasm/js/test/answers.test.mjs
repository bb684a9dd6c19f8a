import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { example, packageFolder, pointsman, www, zoneFile } from "./support.mjs";

const { apply, check, PointsmanError, regions, View, Zone } = pointsman;

test("a zone answers, and equal answers are one frozen object", () => {
  const view = Zone.load([example()]).health();
  const answer = view.resolve(www());
  assert.deepEqual(answer, {
    rcode: "NOERROR", type: "A", ttl: 60, values: ["192.0.2.2"], set_identifiers: ["green"], fail_open: false,
    scope_prefix_length: 0,
  });
  assert.equal(view.resolve(www()), answer);
  assert.equal(view.updated({ HealthChecks: { "hc-green": "healthy" } }).resolve(www()), answer, "another view of the zone");
  assert.ok(Object.isFrozen(answer) && Object.isFrozen(answer.values) && Object.isFrozen(answer.set_identifiers));
});

test("each kind of answer has its shape", () => {
  const view = Zone.load([example()]).health();
  const ask = (name, type = "A") => view.resolve({ name, type });
  assert.equal(ask("no.example.com").rcode, "NXDOMAIN");
  assert.equal(ask("www.example.org").rcode, "REFUSED");
  assert.equal(ask("www.example.org").ttl, 0);
  assert.deepEqual(ask("www.example.com", "MX").values, []);
  assert.equal(ask("a.sub.example.com").referral, "sub.example.com.");
  assert.equal(ask("a.sub.example.com").type, "NS");
  assert.equal(ask("lb.example.com").alias_target, "my-lb.us-east-1.elb.amazonaws.com.");
  assert.equal(ask("lb.example.com").ttl, null);
  assert.deepEqual(ask("txt.example.com", "TXT").values, ['"grüße 👋 \\" \u2028"']);
});

test("numbers, bigints and strings are one draw, to the last bit", () => {
  const view = Zone.load([example()]).health();
  for (const draw of [0n, 1n, 12_345n, 2n ** 31n, 2n ** 32n, 2n ** 32n + 7n, 2n ** 53n - 1n]) {
    const answers = [draw, String(draw), Number(draw)].map((draw) => view.resolve(www({ draw })));
    assert.ok(answers.every((answer) => answer === answers[0]));
    assert.equal(JSON.stringify(answers[0]), view.resolveJson(JSON.stringify(www({ draw: String(draw) }))));
  }
  const far = 2n ** 64n - 1n;
  assert.equal(view.resolve(www({ draw: far })), view.resolve(www({ draw: String(far) })));
});

test("shares are those of the odds", () => {
  const view = Zone.load([example()]).health();
  const odds = view.odds(www());
  assert.deepEqual(odds.outcomes.map(({ ratio, values }) => [ratio, values[0]]), [["3/4", "192.0.2.1"], ["1/4", "192.0.2.2"]]);
  let blue = 0;
  for (let draw = 0; draw < 40_000; draw += 1) blue += view.resolve(www({ draw })).values[0] === "192.0.2.1" ? 1 : 0;
  assert.ok(Math.abs(blue / 40_000 - 0.75) < 0.01, `${blue}`);
});

test("health reports, changes, and what is taken down", () => {
  const zone = Zone.load([example()]);
  const up = zone.health({ HealthChecks: { "hc-blue": "healthy", "hc-green": "healthy" } });
  const only = (view) => view.odds(www()).outcomes.map(({ values }) => values[0]);
  assert.deepEqual(only(up), ["192.0.2.1", "192.0.2.2"]);
  assert.deepEqual(only(up.updated('{"HealthChecks": {"hc-blue": "unhealthy"}}')), ["192.0.2.2"]);
  assert.deepEqual(only(up.down(["hc-green"])), ["192.0.2.1"]);
  assert.deepEqual(only(up.without(["www.example.com/A/blue"])), ["192.0.2.2"]);
  assert.equal(up.down(["hc-green", "hc-blue"]).resolve(www()).fail_open, true);
  assert.deepEqual(only(up), ["192.0.2.1", "192.0.2.2"], "a view does not change");
  assert.deepEqual(zone.health().withoutData(), ["hc-blue", "hc-green"]);
  assert.equal(up.isCheckHealthy("hc-blue"), true);
  assert.equal(up.down(["hc-blue"]).isCheckHealthy("hc-blue"), false);
  assert.equal(up.isCheckHealthy("hc-none"), undefined);
  const [warning] = zone.health({ HealthChecks: { "hc-other": "healthy" } }).findings;
  assert.equal(warning.code, "unknown-health-check");
  assert.equal(warning.severity, "warning");
});

test("an explanation holds the walk, the answer and the text", () => {
  const view = Zone.load([zoneFile("hybrid.json"), zoneFile("latency.json")]).health(zoneFile("both-down.json"));
  const query = { name: "cart.example.com", type: "A", client: { country: "US" } };
  const { steps, answer, text, summary, question } = view.explain(query);
  assert.deepEqual(answer, view.resolve(query));
  assert.equal(steps[0].kind, "lookup");
  const chosen = steps.find(({ kind, verdict }) => kind === "member" && verdict === "chosen");
  assert.deepEqual([chosen.subject, chosen.reason.code], ["standby-ap-southeast-1", "primary-unhealthy"]);
  const group = steps.find(({ kind }) => kind === "group");
  assert.deepEqual([group.policy, group.candidates, group.healthy, group.fail_open], ["failover", 2, 1, false]);
  assert.ok(text.includes("► standby-ap-southeast-1") && text.startsWith(question) && text.includes(summary));
});

test("every fact of a client reaches the rules", () => {
  const view = Zone.load([zoneFile("hybrid.json"), zoneFile("latency.json")]).health();
  const facts = {
    ip: "198.51.100.7", ecs: "203.0.113.0/24", country: "SG", continent: "AS", subdivision: "US-WA",
    latitude: 1.3, longitude: 103.8, latency_ms: { "us-east-1": 210, "eu-west-1": 4.5 }, vpc_region: "us-east-1",
  };
  const query = { name: "cart.example.com", type: "A", client: facts };
  const told = view.explain(query).question;
  assert.equal(told, JSON.parse(view.explainJson(JSON.stringify(query))).question);
  assert.deepEqual(view.resolve(query).set_identifiers, ["active", "eu-west-1"]);
  const near = { ...query, client: { latency_ms: { "us-east-1": 1, "eu-west-1": 4.5 } } };
  assert.deepEqual(view.resolve(near).set_identifiers, ["active", "us-east-1"]);
});

test("a sweep over positions gives what one query each gives", () => {
  const place = (SetIdentifier, AWSRegion, Value, Bias) => ({
    Name: "geo.example.com.", Type: "A", SetIdentifier, GeoProximityLocation: { AWSRegion, Bias }, TTL: 60,
    ResourceRecords: [{ Value }],
  });
  const zone = Zone.load([{
    HostedZone: { Id: "Z1", Name: "example.com." },
    ResourceRecordSets: [place("us", "us-east-1", "192.0.2.1", 0), place("eu", "eu-west-1", "192.0.2.2", 20),
      place("ap", "ap-northeast-1", "192.0.2.3", -30)],
  }]);
  const view = zone.health(), positions = [];
  for (let latitude = -85; latitude <= 85; latitude += 10) {
    for (let longitude = -180; longitude <= 180; longitude += 7.5) positions.push(latitude, longitude);
  }
  const query = { name: "geo.example.com", type: "A", client: { country: "US" } };
  const { answers, index } = view.resolveAt(query, Float64Array.from(positions));
  assert.equal(index.length, positions.length / 2);
  assert.ok(answers.length === 3);
  index.forEach((which, at) => {
    const client = { country: "US", latitude: positions[at * 2], longitude: positions[at * 2 + 1] };
    assert.equal(answers[which], view.resolve({ ...query, client }));
  });
  assert.deepEqual(view.resolveAt(query, []), { answers: [], index: new Uint32Array(0) });
});

test("answers past what is remembered are still right", () => {
  const members = Array.from({ length: 14 }, (_, number) => ({
    Name: "many.example.com.", Type: "A", SetIdentifier: `m${String(number).padStart(2, "0")}`, MultiValueAnswer: true, TTL: 60,
    ResourceRecords: [{ Value: `192.0.2.${number}` }],
  }));
  const zone = Zone.load([{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: members }]);
  const view = zone.health(), other = zone.health();
  const query = { name: "many.example.com", type: "A" };
  for (let draw = 0; draw < 20_000; draw += 1) {
    const answer = view.resolve({ ...query, draw });
    if (draw % 97 === 0) {
      assert.equal(JSON.stringify(answer), other.resolveJson(JSON.stringify({ ...query, draw })));
      assert.equal(answer.values.length, 8);
    }
  }
});

test("words past what is remembered are still right", () => {
  const view = Zone.load([{
    HostedZone: { Id: "Z1", Name: "example.com." },
    ResourceRecordSets: [
      { Name: "*.example.com.", Type: "A", SetIdentifier: "in", CidrRoutingConfig: { CollectionId: "c0000000-0000-4000-8000-000000000001", LocationName: "in" },
        TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] },
      { Name: "*.example.com.", Type: "A", SetIdentifier: "out", CidrRoutingConfig: { CollectionId: "c0000000-0000-4000-8000-000000000001", LocationName: "*" },
        TTL: 60, ResourceRecords: [{ Value: "192.0.2.2" }] },
    ],
    CidrCollections: [{ Id: "c0000000-0000-4000-8000-000000000001", Name: "c", CidrBlocks: [{ LocationName: "in", CidrBlock: "10.0.0.0/17" }] }],
  }]).health();
  for (let round = 0; round < 12_000; round += 1) {
    const ip = `10.0.${round % 256}.${(round * 7) % 256}`;
    const ecs = `10.0.${(round * 13) % 256}.0/24`;
    const answer = view.resolve({ name: `n${round}.example.com`, type: "A", client: round % 2 ? { ip } : { ip, ecs } });
    const third = Number((round % 2 ? ip : ecs).split(".")[2]);
    assert.equal(answer.values[0], third < 128 ? "192.0.2.1" : "192.0.2.2", `${ip} ${ecs}`);
  }
});

test("check tells every finding with its place, apply the zone after a batch", () => {
  const text = '{\n  "HostedZone": {"Id": "Z1", "Name": "example.com."},\n  "ResourceRecordSets": [\n' +
    '    {"Name": "ü👋.example.com.", "Type": "A", "TTL": "x", "ResourceRecords": [{"Value": "300.0.0.1"}]}]\n}';
  const findings = check([{ name: "zone.json", text }]);
  const ttl = findings.find(({ path }) => path === "$.ResourceRecordSets[0].TTL");
  assert.equal(ttl.document, "zone.json");
  assert.equal(ttl.line, 4);
  assert.equal(text.slice(ttl.start, ttl.end), '"x"', "in UTF-16, past characters of two and four bytes");
  assert.deepEqual(check([zoneFile("weighted.json")]).filter(({ severity }) => severity === "error"), []);

  const after = apply([zoneFile("bare.json")], zoneFile("article-001-batch-fixed.json"));
  assert.equal(Zone.load([after]).recordSetCount, 4);
  assert.throws(() => apply([zoneFile("bare.json")], { name: "batch.json", text: zoneFile("article-001-batch.json") }), (error) => {
    assert.ok(error instanceof PointsmanError && error.code === "invalid-batch");
    assert.match(error.message, /^batch\.json:35:17: `my-app.* does not lie in the zone .* \(and 1 more\)$/);
    assert.equal(error.diagnostics[0].route53_error, "InvalidChangeBatch");
    return true;
  });
});

test("what a zone and the world consist of", () => {
  const zone = Zone.load([zoneFile("active-passive.json")]);
  assert.equal(zone.name, "example.com.");
  assert.equal(zone.isPrivate, false);
  assert.ok(zone.questions().some(({ name, type }) => name === "my-app.example.com." && type === "A"));
  assert.ok(zone.aliasTargets().includes("dualstack.my-app-1187.us-east-1.elb.amazonaws.com."));
  assert.deepEqual(Zone.load([example()]).healthChecks(), ["hc-blue", "hc-green"]);
  assert.equal(Zone.load(['{"ResourceRecordSets": []}'], { zoneName: "example.net" }).name, "example.net.");
  const singapore = regions().find(({ code }) => code === "ap-southeast-1");
  assert.deepEqual(singapore, { code: "ap-southeast-1", country: "SG", latitude: 1.35, longitude: 103.82 });
});

test("import and require give one instance", () => {
  const required = createRequire(import.meta.url)(join(packageFolder, "node.cjs"));
  assert.equal(required.Zone, Zone);
  assert.equal(required.View, View);
  const names = Object.keys(required).filter((name) => !name.startsWith("__")).sort();
  assert.deepEqual(names, Object.keys(pointsman).filter((name) => name !== "default").sort());
});
