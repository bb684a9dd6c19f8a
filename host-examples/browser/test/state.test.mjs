// Nothing that was done is lost: links, reloads, the back button, files of every make.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { a, after as following, answer, example, flip, load, ready, start, zoneOf } from "./support.mjs";

let site;
before(async () => { site = await start(); });
after(async () => { await site.stop(); });
afterEach(() => { assert.deepEqual(site.faults.splice(0), [], "errors in the page, or requests elsewhere"); });

const mine = zoneOf([
  a("app.example.com.", "192.0.2.1", { SetIdentifier: "p", Failover: "PRIMARY", HealthCheckId: "one" }),
  a("app.example.com.", "192.0.2.2", { SetIdentifier: "s", Failover: "SECONDARY", HealthCheckId: "two" }),
]);
const checks = { HealthChecks: ["one", "two"].map((Id) => ({ Id, HealthCheckConfig: { Type: "TCP", IPAddress: "8.8.8.8", Port: 443 } })) };

test("links inside the page lead to a place, and the zone stays", async () => {
  const page = await site.open();
  await load(page, { "mine.json": mine });
  for (const place of ["answer", "source"]) {
    await page.focus(`.skip[href="#${place}"]`);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(200);
    await ready(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), place);
    assert.equal(await answer(page), "192.0.2.1");
  }
  await page.context().close();
});

test("a link that is damaged, of another version, or none says so and takes nothing away", async () => {
  for (const [hash, words] of [["#1.abc", /damaged or cut short/], ["#9.abc", /another version/], [`#1.${"A".repeat(3000)}`, /damaged or cut short/], ["#answer", /^$/], ["#%%%", /^$/]]) {
    const page = await site.open({ hash });
    assert.match(await page.textContent("#notice"), words, hash);
    assert.match(await answer(page), /^198\.51\.100/, hash);
    await page.context().close();
  }
  const page = await site.open();
  await load(page, { "mine.json": mine });
  await page.evaluate(() => { location.hash = "#1.abc"; });
  await page.waitForFunction(() => document.querySelector("#notice").textContent.includes("Nothing was changed"));
  assert.equal(await answer(page), "192.0.2.1");
  await page.context().close();
});

test("a link that would unfold to gigabytes is refused", async () => {
  const page = await site.open();
  const hash = await page.evaluate(async () => {
    const stream = new Blob(Array.from({ length: 100 }, () => " ".repeat(1_000_000))).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return `#1.${btoa(text).replaceAll("+", "-").replaceAll("/", "_")}`;
  });
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await page.waitForFunction(() => document.querySelector("#notice").textContent.includes("damaged"));
  await page.context().close();
});

test("a reload, and back and forward, restore what was there", async () => {
  const page = await site.open();
  await load(page, { "mine.json": mine, "checks.json": checks });
  await flip(page, "check:one");
  assert.equal(await answer(page), "192.0.2.2");
  await page.reload();
  await ready(page);
  assert.equal(await answer(page), "192.0.2.2");
  assert.equal(await page.textContent("#tabs"), "mine.jsonchecks.json");

  const other = await site.open();
  await example(other, "Canary");
  await other.click("#share");
  await other.waitForFunction(() => location.hash.length > 100);
  const { hash } = new URL(other.url());
  await other.context().close();
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await page.waitForFunction(() => document.querySelector("#tabs").textContent === "zone.json");
  await ready(page);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector("#tabs").textContent === "mine.jsonchecks.json");
  await ready(page);
  assert.equal(await answer(page), "192.0.2.2");
  await page.goForward();
  await page.waitForFunction(() => document.querySelector("#tabs").textContent === "zone.json");
  await page.context().close();
});

test("two tabs do not meddle with each other", async () => {
  const page = await site.open();
  const other = await page.context().newPage();
  await other.goto(site.address);
  await ready(other);
  await load(page, { "mine.json": mine });
  await page.waitForTimeout(600);
  await other.reload();
  await ready(other);
  assert.match(await answer(other), /^198\.51\.100/);
  assert.equal(await answer(page), "192.0.2.1");
  await page.context().close();
});

test("files as machines write them: UTF-16, a byte order mark, CRLF, and what is no text at all", async () => {
  const page = await site.open();
  const text = JSON.stringify(mine, null, 2);
  const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  for (const content of [little, Buffer.from(little).swap16(), Buffer.from(`\uFEFF${text}`), text.replaceAll("\n", "\r\n")]) {
    await example(page, "Canary");
    await load(page, { "mine.json": content });
    await page.waitForFunction(() => document.querySelector("#answer strong").textContent === "192.0.2.1");
  }
  await load(page, { "mine.json": text.replaceAll("\n", "\r\n").replace('"PRIMARY"', "oops") });
  const line = text.slice(0, text.indexOf('"PRIMARY"')).split("\n").length;
  await page.waitForSelector("#problems li.error");
  assert.match(await page.textContent("#problems .place"), new RegExp(`^mine\\.json:${line}:`));
  await load(page, { "picture.png": Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919 + (at >> 3)) & 255)) });
  await page.waitForFunction(() => document.querySelector("#problems").textContent.includes("not JSON"));
  assert.equal(await answer(page), "192.0.2.1", "the last good zone stays in force");
  await page.context().close();
});

test("further documents join the zone, a health report says what is down, a tab can be closed", async () => {
  const page = await site.open();
  await load(page, { "mine.json": mine });
  await load(page, { "checks.json": checks });
  await page.waitForFunction(() => document.querySelector("#tabs").textContent === "mine.jsonchecks.json");
  assert.equal(await page.locator('[role="tab"][aria-selected="true"]').textContent(), "checks.json");
  await load(page, { "health.json": { HealthChecks: { one: "unhealthy", two: { Status: "healthy" } } } });
  await page.waitForFunction(() => document.querySelector("#answer strong").textContent === "192.0.2.2");
  assert.match(await page.textContent("#notice"), /health\.json: 1 down/);
  assert.equal(await page.getAttribute('[data-key="check:one"]', "aria-checked"), "false");
  await following(page, () => page.click("#close"));
  assert.equal(await page.textContent("#tabs"), "mine.json");
  assert.equal(await page.isVisible("#close"), false, "the last document stays");
  await page.context().close();
});

test("JSON that is pasted beside the editor is opened", async () => {
  const page = await site.open();
  await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(mine));
  await page.focus("#answer");
  await following(page, () => page.keyboard.press("Control+v"));
  await page.waitForFunction(() => document.querySelector("#tabs").textContent === "pasted.json");
  assert.equal(await answer(page), "192.0.2.1");
  await page.context().close();
});

test("a link too long for some programs says how long it is", async () => {
  const page = await site.open();
  await example(page, "Ten thousand");
  await page.click("#share");
  await page.waitForFunction(() => /Link copied.* kB long/.test(document.querySelector("#notice").textContent));
  const other = await site.open({ hash: new URL(page.url()).hash });
  assert.match(await other.textContent("#took"), /^10,000 record sets/);
  await other.context().close();
  await page.context().close();
});
