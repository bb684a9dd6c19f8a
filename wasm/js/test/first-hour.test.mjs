// What people try in their first hour: methods taken off, zones and errors printed and cloned, words from elsewhere.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { example, pointsman, www } from "./support.mjs";

const { CONTINENTS, countries, isContinent, isCountry, isRecordType, isSubdivision, PointsmanError, RECORD_TYPES, Zone } = pointsman;
const zone = Zone.load([example()]);
const view = zone.health({ HealthChecks: { "hc-blue": "healthy", "hc-green": "healthy" } });

test("a method without its view says so in a sentence", () => {
  for (const method of ["resolve", "resolveAt", "odds", "explain", "withoutAnswer", "updated", "down", "without"]) {
    const alone = view[method];
    for (const call of [() => alone(www(), []), () => [www()].map(view[method]), () => alone.call({}, www(), [])]) {
      assert.throws(call, { name: "TypeError", message: `${method} was called without its view; write (query) => view.${method}(query), not view.${method} alone` });
    }
  }
  const { health } = zone;
  assert.throws(() => health(), { name: "TypeError", message: /^health was called without its zone; / });
});

test("a zone, a view and an error say what they are", () => {
  assert.equal(JSON.stringify({ zone, view }), JSON.stringify({
    zone: { kind: "pointsman zone", name: "example.com.", isPrivate: false, recordSetCount: 5 },
    view: { kind: "pointsman view", zoneName: "example.com.", findings: 0 },
  }));
  assert.equal(inspect(zone), "Zone { example.com., 5 record sets }");
  assert.equal(inspect({ view }), "{ view: View { example.com. under one state of health } }");
  // A clone is data: its name, and nothing to ask.
  assert.equal(structuredClone(zone).name, "example.com.");
  assert.equal(structuredClone(view).zoneName, "example.com.");
  assert.throws(() => view.resolve(www({ client: { country: "UK" } })), (error) => {
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      name: "PointsmanError", code: "invalid-query", field: "query.client.country", diagnostics: [],
      message: "query.client.country: `UK` is not a country of ISO 3166-1; the United Kingdom is GB",
    });
    return true;
  });
  assert.throws(() => Zone.load(["{"]), (error) => {
    const written = JSON.parse(JSON.stringify(error));
    assert.equal(written.code, "invalid-documents");
    assert.equal(written.diagnostics[0].code, "truncated-json");
    assert.ok(written.help.length > 0);
    return true;
  });
});

test("a place that there is not is refused, and no client is in it by mistake", () => {
  for (const [client, field] of [
    [{ country: "UK" }, "country"], [{ country: "EL" }, "country"], [{ country: "ZZ" }, "country"], [{ country: "T1" }, "country"],
    [{ country: "EU" }, "country"], [{ country: "gb" }, "country"], [{ subdivision: "US-ZZ" }, "subdivision"],
    [{ subdivision: "UK-ENG" }, "subdivision"], [{ continent: "XX" }, "continent"], [{ continent: "eu" }, "continent"],
  ]) {
    assert.throws(() => view.resolve(www({ client })), { name: "PointsmanError", code: "invalid-query", field: `query.client.${field}` }, JSON.stringify(client));
  }
  for (const client of [{ country: "GB" }, { country: "XK" }, { country: "BV" }, { subdivision: "US-WA" }, { subdivision: "US-PR" }, { subdivision: "CA-ON" }, { country: "AQ" }]) {
    assert.equal(view.resolve(www({ client })).rcode, "NOERROR", JSON.stringify(client));
  }
});

test("lists and guards agree with what queries take", () => {
  for (const type of RECORD_TYPES) assert.ok(view.resolve(www({ type })).rcode, type);
  for (const continent of CONTINENTS) assert.ok(view.resolve(www({ client: { continent } })).rcode, continent);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
  const taken = letters.flatMap((first) => letters.map((second) => first + second)).filter((country) => {
    try {
      return view.resolve(www({ client: { country } })).rcode === "NOERROR";
    } catch {
      return false;
    }
  });
  assert.deepEqual(letters.flatMap((first) => letters.map((second) => first + second)).filter(isCountry), taken);
  const listed = countries();
  assert.equal(new Set(listed.map(({ code }) => code)).size, listed.length);
  assert.deepEqual(taken.filter((code) => !listed.some((country) => country.code === code)), ["BV", "CX", "EH", "HM"]);
  assert.ok(listed.every(({ code, continent }) => isCountry(code) && isContinent(continent)));
  assert.deepEqual([isRecordType("A"), isRecordType("AXFR"), isRecordType(7), isContinent("EU"), isContinent("UK")], [true, false, false, true, false]);
  assert.deepEqual(["US-WA", "US-ZZ", "WA", "us-wa", "UA-30", 7, undefined].map(isSubdivision), [true, false, false, false, true, false, false]);
  assert.deepEqual([undefined, null, 7, "", "\ud800x", "gb", "GBR"].map(isCountry), Array(7).fill(false));
  assert.throws(() => RECORD_TYPES.push("X"), TypeError);
});

test("the view without an answer gives the next choice", () => {
  const query = www({ draw: 0 });
  const first = view.resolve(query);
  const second = view.withoutAnswer(query).resolve(query);
  assert.deepEqual([first.set_identifiers, second.set_identifiers], [["green"], ["blue"]]);
  assert.deepEqual(view.resolve(query), first, "the view itself is what it was");
  const many = Zone.load([{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: Array.from({ length: 20 }, (_, number) => ({
    Name: "www.example.com.", Type: "A", SetIdentifier: `m${number}`, MultiValueAnswer: true, TTL: 60, ResourceRecords: [{ Value: `192.0.2.${number}` }],
  })) }]).health();
  const given = many.resolve(query).values, next = many.withoutAnswer(query).resolve(query).values;
  assert.equal(new Set([...given, ...next]).size, 16);
  // An AWS resource counts as down with the record set that leads to it, and nothing else is left.
  const lb = { name: "lb.example.com", type: "A" };
  assert.equal(view.withoutAnswer(lb).resolve(lb).alias_target, view.resolve(lb).alias_target);
  for (const nothing of [www({ name: "nowhere.example.com" }), { name: "example.org", type: "A" }]) {
    assert.equal(view.withoutAnswer(nothing).resolve(nothing).rcode, view.resolve(nothing).rcode);
  }
  assert.throws(() => view.withoutAnswer(www({ name: "a..b" })), { code: "invalid-query", field: "query.name" });
});

test("what is wrong with a document of any length is said in few words", () => {
  const twice = JSON.stringify(JSON.stringify({ ResourceRecordSets: [], filler: "x".repeat(2_000_000) }));
  for (const work of [() => Zone.load([twice]), () => zone.health(twice), () => Zone.load([{ ResourceRecordSets: [{ Name: "x".repeat(2_000_000), Type: "A" }] }])]) {
    assert.throws(work, (error) => {
      assert.ok(error instanceof PointsmanError, String(error).slice(0, 200));
      assert.ok(JSON.stringify(error).length < 40_000, String(JSON.stringify(error).length));
      return true;
    });
  }
  assert.throws(() => Zone.load([twice]), { help: /not encoded a second time/ });
  const answer = view.resolveJson(JSON.stringify({ name: "www.example.com", type: "A", client: { country: "x".repeat(2_000_000) } }));
  assert.ok(answer.length < 10_000, String(answer.length));
});
