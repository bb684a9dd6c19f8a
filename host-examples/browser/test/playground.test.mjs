import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { answer, colour, example, flip, ready, start } from "./support.mjs";

const require = createRequire(import.meta.url);
const zone = (name) => readFileSync(new URL(`../../zones/${name}`, import.meta.url), "utf8");

let site;
before(async () => { site = await start(); });
after(async () => { await site.stop(); });
afterEach(() => { assert.deepEqual(site.faults.splice(0), [], "errors in the page, or requests elsewhere"); });

test("a Region goes down: answer, map, tree and odds change, and change back", async () => {
  const page = await site.open();
  await example(page, "Active-active, with a latency table");
  await page.selectOption("#country", "US");
  await ready(page);
  assert.equal(await answer(page), "192.0.2.10");
  const [us, de] = [await colour(page, "US"), await colour(page, "DE")];
  assert.notEqual(us, de);
  assert.match(await page.textContent(".plan .member.lit"), /us-east-1/);

  await flip(page, "region:us-east-1");
  assert.equal(await answer(page), "198.51.100.10");
  assert.equal(await colour(page, "US"), de);
  assert.match(await page.textContent(".plan .member.lit"), /eu-west-1/);
  assert.equal(await page.textContent("#odds .what"), "198.51.100.10");
  assert.match(await page.textContent("#why"), /us-east-1.*unhealthy/);

  await flip(page, "region:us-east-1");
  assert.equal(await answer(page), "192.0.2.10");
  assert.equal(await colour(page, "US"), us);
  await page.context().close();
});

test("a click on a country asks from there; a click on a Region takes it down", async () => {
  const page = await site.open();
  await page.locator('path[data-code="AU"]').click();
  await page.waitForFunction(() => document.querySelector("#country").value === "AU");
  await ready(page);
  assert.match(await page.textContent("#answer .facts .path"), /^oceania › /);
  await page.locator('[data-region="ap-southeast-1"] .mark').click();
  await page.waitForFunction(() => document.querySelector("#answer strong").textContent === "203.0.113.90");
  assert.equal(await page.getAttribute('[data-key="region:ap-southeast-1"]', "aria-checked"), "false");
  await page.context().close();
});

test("a state of the USA asks for itself", async () => {
  const page = await site.open();
  const text = JSON.stringify({
    HostedZone: { Id: "Z1", Name: "example.com." },
    ResourceRecordSets: [["US", "192.0.2.1"], ["US-WA", "192.0.2.2"], ["*", "192.0.2.3"]].map(([place, Value]) => ({
      Name: "geo.example.com.", Type: "A", SetIdentifier: place, TTL: 60, ResourceRecords: [{ Value }],
      GeoLocation: { CountryCode: place.slice(0, 2), ...(place.length > 2 ? { SubdivisionCode: "WA" } : {}) },
    })),
  });
  await page.setInputFiles("#files", { name: "geo.json", mimeType: "application/json", buffer: Buffer.from(text) });
  for (const [place, value] of [["US", "192.0.2.1"], ["US-WA", "192.0.2.2"], ["US-NY", "192.0.2.1"], ["DE", "192.0.2.3"]]) {
    await page.selectOption("#country", place);
    await page.waitForFunction((value) => document.querySelector("#answer strong").textContent === value, value);
  }
  await page.context().close();
});

test("both down: fail open is shown", async () => {
  const page = await site.open();
  await example(page, "Weighted with health checks");
  await flip(page, "check:hc-left");
  assert.equal(await page.textContent("#odds .number"), "100 %");
  await flip(page, "check:hc-right");
  assert.match(await page.textContent("#answer .badges"), /fail open/);
  await page.context().close();
});

test("odds are exact, and another draw is another answer", async () => {
  const page = await site.open();
  await example(page, "Canary");
  assert.deepEqual(await page.$$eval("#odds .number", (numbers) => numbers.map(({ textContent }) => textContent)), ["90 %9/10", "10 %1/10"]);
  const seen = new Set();
  for (let draw = 0; draw < 60; draw += 1) {
    await page.evaluate(() => { document.body.dataset.state = "busy"; });
    await page.fill("#draw", String(draw));
    await ready(page);
    seen.add(await answer(page));
  }
  assert.deepEqual([...seen].sort(), ["192.0.2.20", "198.51.100.20"]);
  await page.context().close();
});

test("broken JSON shows its place, and the last good zone stays in force", async () => {
  const page = await site.open();
  await example(page, "Active-active: latency");
  const before = await answer(page);
  await page.click(".cm-content");
  await page.keyboard.press("Control+Home");
  for (let line = 1; line < 4; line += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.type(" oops");
  await page.waitForSelector("#problems li.error");
  assert.match(await page.textContent("#problems .place"), /^zone\.json:4:\d+$/);
  assert.equal(await page.textContent("#problems-count"), "1 error");
  assert.equal(await answer(page), before);
  assert.match(await page.textContent("#answer .badges"), /shows the last good zone/);
  await page.waitForSelector(".cm-lint-marker-error");

  await page.keyboard.press("Control+z");
  await page.waitForFunction(() => document.querySelector("#problems li.error") === null);
  assert.doesNotMatch(await page.textContent("#answer .badges"), /last good/);
  await page.context().close();
});

test("what Route 53 would refuse is marked at its place, and a click goes there", async () => {
  const page = await site.open();
  const text = zone("weighted.json").replace('"Weight": 50', '"Weight": 256');
  assert.notEqual(text, zone("weighted.json"));
  await page.setInputFiles("#files", { name: "mine.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.waitForSelector("#problems li.error");
  const line = text.slice(0, text.indexOf('"Weight": 256')).split("\n").length;
  assert.match(await page.textContent("#problems .place"), new RegExp(`^mine\\.json:${line}:`));
  await page.click("#problems li.error button");
  assert.equal(await page.evaluate(() => getSelection().toString()), "256");
  await page.context().close();
});

test("several files make one zone, in tabs", async () => {
  const page = await site.open();
  const file = (name) => ({ name, mimeType: "application/json", buffer: Buffer.from(zone(name)) });
  await page.setInputFiles("#files", [file("hybrid.json"), file("latency.json")]);
  await page.waitForFunction(() => document.querySelectorAll("[role=tab]").length === 2);
  await page.waitForFunction(() => document.querySelector("#name").value.startsWith("cart."));
  assert.equal(await page.locator('[role="tab"][aria-selected="true"]').textContent(), "hybrid.json");
  await page.getByRole("tab", { name: "hybrid.json" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator('[role="tab"][aria-selected="true"]').textContent(), "latency.json");
  assert.match(await page.textContent(".cm-content"), /LatencyTable/);
  await page.context().close();
});

test("a bias moves the borders", async () => {
  const page = await site.open();
  await example(page, "Geoproximity");
  const pixels = () => page.$eval("#map canvas", (canvas) => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data].join());
  const [before, share] = [await pixels(), await page.textContent("#legend")];
  const slider = page.locator('[data-set="sa-east-1"]');
  await slider.focus();
  await page.evaluate(() => { document.body.dataset.state = "busy"; });
  for (let step = 0; step < 40; step += 1) await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector('[data-set="sa-east-1"] + output').textContent === "+40");
  await ready(page);
  assert.notEqual(await pixels(), before);
  assert.notEqual(await page.textContent("#legend"), share);
  assert.match(await page.textContent(".plan"), /bias \+40/);
  await page.context().close();
});

test("a shared link restores everything, in another browser", async () => {
  const page = await site.open();
  await example(page, "Hybrid");
  await page.selectOption("#country", "SG");
  await flip(page, "region:eu-west-1");
  const shown = async (page) => ({
    answer: await page.textContent("#answer"), odds: await page.textContent("#odds"), why: await page.textContent("#why"),
    legend: await page.$$eval("#legend b", (all) => all.map(({ textContent }) => textContent).sort()),
    tabs: await page.textContent("#tabs"), down: await page.textContent("#switches-note"),
  });
  await page.click("#share");
  await page.waitForFunction(() => location.hash.length > 100);
  const { hash } = new URL(page.url());
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
  const other = await site.open({ hash });
  assert.deepEqual(await shown(other), await shown(page));
  await page.context().close();
  await other.context().close();

  const cut = await site.open({ hash: hash.slice(0, 60) });
  assert.match(await cut.textContent("#answer"), /198\.51\.100/, "a damaged link gives the example");
  await cut.context().close();
});

test("ten thousand record sets: the map is recoloured in under 50 ms after a switch", async () => {
  const page = await site.open();
  await example(page, "Ten thousand");
  assert.match(await page.textContent("#took"), /^10,000 record sets/);
  // The best of some: others use this machine too, and what they take is not what the page takes.
  const times = [];
  for (let round = 0; round < 60 && (round < 15 || Math.min(...times) >= 50); round += 1) times.push(await flip(page, "region:eu-west-1"));
  times.sort((a, b) => a - b);
  console.log(`    recoloured in ${times[0]} ms at best, ${times[times.length >> 1]} ms in the middle, ${times.at(-1)} ms at worst`);
  assert.ok(times[0] < 50, times.join());
  await page.context().close();
});

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { width: 390, height: 844 }]]) {
  test(`axe finds nothing serious: ${name}`, async () => {
    const page = await site.open(options);
    await flip(page, "region:eu-west-1");
    for (const title of [undefined, "Geoproximity", "Weighted"]) {
      if (title !== undefined) await example(page, title);
      await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
      assert.deepEqual(serious, []);
    }
    const { scroll, view } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, view: innerWidth }));
    assert.ok(scroll <= view, `the page is ${scroll} wide in a window of ${view}`);
    await page.context().close();
  });
}

test("the keyboard reaches everything", async () => {
  const page = await site.open();
  const reached = new Set();
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.dataset.key || document.activeElement.className));
    if (await page.evaluate(() => document.activeElement.closest(".cm-editor") !== null)) break;
  }
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest(".cm-editor")), null, "Tab leaves the editor");
  for (const id of ["example", "share", "theme", "name", "country", "network", "draw", "roll", "region:eu-west-1", "files"]) {
    assert.ok(reached.has(id), `${id} in ${[...reached].join(", ")}`);
  }
  await page.focus('[data-key="region:eu-west-1"]');
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelector('[data-key="region:eu-west-1"]').getAttribute("aria-checked") === "false");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "region:eu-west-1", "focus stays");
  await page.context().close();
});

test("a switch moves nothing above the tree", async () => {
  const page = await site.open();
  const tops = () => page.$$eval(".question, #answer, .map, .legend, .switches, .tree", (all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
  const before = await tops();
  for (const key of ["region:eu-west-1", "region:us-east-1", "region:ap-south-1"]) {
    await flip(page, key);
    assert.deepEqual(await tops(), before, key);
  }
  await page.context().close();
});
