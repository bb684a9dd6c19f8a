// What the page says about answers of every kind.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { a, after as following, answer, colour, example, load, ready, start, zoneOf } from "./support.mjs";

let site;
before(async () => { site = await start(); });
after(async () => { await site.stop(); });
afterEach(() => { assert.deepEqual(site.faults.splice(0), [], "errors in the page, or requests elsewhere"); });

test("any name and type can be asked: no such name, no such type, a referral, a wildcard, another zone", async () => {
  const page = await site.open();
  await load(page, { "zone.json": zoneOf([
    a("www.example.com.", "192.0.2.1"), a("*.wild.example.com.", "192.0.2.9"),
    { Name: "sub.example.com.", Type: "NS", TTL: 60, ResourceRecords: [{ Value: "ns1.example.net." }] },
    { Name: "lb.example.com.", Type: "A", AliasTarget: { HostedZoneId: "Z32O12XQLNTSW2", DNSName: "dualstack.my-lb-1.eu-west-1.elb.amazonaws.com.", EvaluateTargetHealth: true } },
  ]) });
  const ask = async (name, type) => {
    if (!await page.isVisible("#other-name")) await page.selectOption("#name", "other");
    await page.selectOption("#other-type", type);
    await page.fill("#other-name", "");
    await following(page, () => page.fill("#other-name", name));
    return [await answer(page), await page.textContent("#answer .facts"), await page.textContent("#tree")];
  };
  const told = async (name, type, words) => {
    const said = (await ask(name, type)).join(" | ");
    for (const word of words) assert.ok(said.includes(word), `${name} ${type}: ${said}`);
  };
  await told("nope.example.com", "A", ["no such name", "NXDOMAIN", "neither the name nor anything below it"]);
  await told("www.example.com", "AAAA", ["no data", "NOERROR", "the name, but no record set of the type"]);
  await told("a.sub.example.com", "A", ["ns1.example.net.", "referral to the name servers of sub.example.com.", "Delegated"]);
  await told("x.wild.example.com", "A", ["192.0.2.9", "*.wild.example.com"]);
  await told("example.org", "A", ["not this zone's name", "REFUSED"]);
  await told("lb.example.com", "A", ["dualstack.my-lb-1.eu-west-1.elb.amazonaws.com", "addresses of the resource"]);
  await told("bad name", "A", ["must be written as"]);
  assert.equal(await page.getAttribute("#other-name", "aria-invalid"), "true");
  await following(page, () => page.selectOption("#name", "www.example.com. A"));
  assert.equal(await answer(page), "192.0.2.1");
  assert.equal(await page.isVisible("#other-name"), false);
  await page.context().close();
});

test("an edit that takes the asked name away leads to the zone's first name", async () => {
  const page = await site.open();
  await load(page, { "zone.json": zoneOf([a("one.example.com.", "192.0.2.1")]) });
  const text = JSON.stringify(zoneOf([a("two.example.com.", "192.0.2.2")]));
  await page.click(".cm-content");
  await page.keyboard.press("Control+a");
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+v");
  await page.waitForFunction(() => document.querySelector("#answer strong").textContent === "192.0.2.2");
  assert.equal(await page.inputValue("#name"), "two.example.com. A");
  await following(page, () => page.selectOption("#country", "JP"));
  assert.equal(await answer(page), "192.0.2.2");
  await page.context().close();
});

test("some of twelve multivalue members: one colour, their chance, and no way through all of them", async () => {
  const page = await site.open();
  await load(page, { "zone.json": zoneOf(Array.from({ length: 12 }, (_, at) => a("mv.example.com.", `192.0.2.${at + 1}`, { SetIdentifier: `m${at}`, MultiValueAnswer: true }))) });
  const chip = await page.$eval("#answer .chip", (chip) => chip.style.background);
  assert.equal(await colour(page, "DE"), chip);
  assert.equal(await page.$eval(".plan", (plan) => plan.style.getPropertyValue("--lit").trim()), chip);
  assert.doesNotMatch(await page.textContent("#answer .path"), /›/);
  assert.equal((await page.textContent("#answer .path")).split(", ").length, 8);
  assert.match(await page.textContent("#odds"), /each member in 66\.7 %/);
  await page.context().close();
});

test("colours and ways of one zone do not linger in the next", async () => {
  const page = await site.open();
  const legend = () => page.$$eval("#legend li", (rows) => rows.map((row) => [row.textContent, row.querySelector("i").style.background, row.querySelector(".path").title].join()).sort());
  await example(page, "Ten thousand");
  const fresh = await legend();
  await example(page, "Geoproximity");
  await example(page, "Ten thousand");
  assert.deepEqual(await legend(), fresh);
  // Of Germany and France alike, and by the way that is taken now.
  assert.ok(fresh.some((row) => /eu-west-1-stable$/.test(row)), fresh.join("\n"));
  await page.context().close();
});

test("territories with a code of their own ask for themselves", async () => {
  const page = await site.open();
  await load(page, { "zone.json": zoneOf([["SA", "192.0.2.1"], ["EU", "192.0.2.2"], ["AF", "192.0.2.3"]].map(([ContinentCode, Value]) =>
    a("geo.example.com.", Value, { SetIdentifier: ContinentCode, GeoLocation: { ContinentCode } })).concat(
    a("geo.example.com.", "192.0.2.4", { SetIdentifier: "rest", GeoLocation: { CountryCode: "*" } }))) });
  const of = async (code) => { await following(page, () => page.selectOption("#country", code)); return answer(page); };
  assert.deepEqual([await of("GF"), await of("BR"), await of("FR"), await of("RE"), await of("XK")], ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.2"]);
  assert.equal(await colour(page, "GF"), await colour(page, "BR"));
  assert.notEqual(await colour(page, "GF"), await colour(page, "FR"));
  assert.deepEqual(await page.$$eval(".countries > *", (shapes) => shapes.filter(({ dataset }) => dataset.code === undefined).length), 0, "every shape can be clicked");
  await page.context().close();
});

test("a network that is none yet is marked, and the last answer stays in sight", async () => {
  const page = await site.open();
  const before = await answer(page);
  await following(page, () => page.fill("#network", "203.0."));
  assert.equal(await answer(page), before);
  assert.match(await page.textContent("#answer .facts"), /`203\.0\.` is not a network/);
  assert.equal(await page.getAttribute("#network", "aria-invalid"), "true");
  await following(page, () => page.fill("#network", "203.0.113.0/24"));
  assert.equal(await page.getAttribute("#network", "aria-invalid"), "false");
  assert.equal(await page.$eval("#answer", (box) => box.classList.contains("stale")), false);
  await page.context().close();
});

test("an engine that stops is started anew, and says so", async () => {
  const page = await site.open();
  await page.workers()[0].evaluate(() => { setTimeout(() => { throw new Error("trap"); }, 0); });
  await page.waitForFunction(() => document.querySelector("#notice").textContent.includes("The engine stopped"));
  site.faults.length = 0;
  await following(page, () => page.selectOption("#country", "BR"));
  assert.equal(await answer(page), "192.0.2.70");
  assert.equal(page.workers().length, 1);
  await page.context().close();
});

test("an engine that cannot be started is reported, not waited for", async () => {
  const page = await site.open({ prepare: (page) => page.route("**/*.wasm", (route) => route.fulfill({ status: 200, contentType: "application/wasm", body: "no module" })) });
  await ready(page);
  assert.match(await page.textContent("#notice"), /could not be started/);
  assert.match(await page.textContent("#answer"), /could not be started/);
  site.faults.length = 0;
  await page.context().close();
});
