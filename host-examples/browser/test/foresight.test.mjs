// What can go wrong, as the page tells it.
import assert from "node:assert/strict";
import { after as afterAll, before, test } from "node:test";
import { a, after, answer, example, load, start, zoneOf } from "./support.mjs";

let browser;
before(async () => { browser = await start(); });
afterAll(async () => {
  await browser.stop();
  assert.deepEqual(browser.faults, []);
});

/** Waits until the drill has ended, and returns what it says beside its title. */
const drilled = async (page) => {
  await page.waitForFunction(() => /danger/.test(document.getElementById("foresight-note").textContent));
  return page.textContent("#foresight-note");
};

const check = { Id: "hc-1", HealthCheckConfig: { Type: "TCP", IPAddress: "192.0.2.1", Port: 443 } };
const unwatched = zoneOf([
  a("www.example.com.", "192.0.2.1", { SetIdentifier: "one", Weight: 1, HealthCheckId: "hc-1" }),
  a("www.example.com.", "192.0.2.2", { SetIdentifier: "two", Weight: 1 }),
], { HealthChecks: [check] });
const failover = zoneOf([
  a("www.example.com.", "192.0.2.1", { SetIdentifier: "one", Failover: "PRIMARY", HealthCheckId: "hc-1" }),
  a("www.example.com.", "192.0.2.2", { SetIdentifier: "two", Failover: "SECONDARY" }),
], { HealthChecks: [check] });

test("the endpoint that nothing watches is the first finding", async () => {
  const page = await browser.open();
  await load(page, { "zone.json": unwatched });
  assert.match(await drilled(page), /[1-9]\d* dangers?/);
  const [first] = await page.$$("#foresight li");
  assert.match(await first.textContent(), /dead-endpoint.*192\.0\.2\.2/s);
  await after(page, () => first.$("button").then((button) => button.click()));
  assert.equal(await answer(page), "192.0.2.2", "the client that the finding is about");
});

test("a click sets a failure, and another takes it back", async () => {
  const page = await browser.open();
  await load(page, { "zone.json": failover });
  await drilled(page);
  const button = await page.waitForSelector('#foresight [data-down*="check:hc-1"]', { state: "attached" });
  await page.evaluate(() => { for (const details of document.querySelectorAll("#foresight details")) details.open = true; });
  await after(page, () => button.click());
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.equal(await page.getAttribute('[data-key="check:hc-1"]', "aria-checked"), "false");
  await after(page, () => button.click());
  assert.equal(await page.getAttribute('[data-key="check:hc-1"]', "aria-checked"), "true");
});

test("an edit is drilled anew, and the page answers meanwhile", async () => {
  const page = await browser.open();
  await load(page, { "zone.json": unwatched });
  const before = await drilled(page);
  await page.evaluate(() => { document.getElementById("foresight-note").textContent = ""; });
  await load(page, { "zone.json": zoneOf([a("www.example.com.", "192.0.2.1")]) });
  assert.equal(await answer(page), "192.0.2.1");
  assert.notEqual(await drilled(page), before);
});

test("at 390 pixels nothing is wider than the page", async () => {
  const page = await browser.open({ width: 390, height: 844 });
  await example(page, "Hybrid").catch(() => undefined);
  await drilled(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
