// The page as it is seen: nothing jumps, nothing is cut off, nothing serious for axe in any state.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { a, after as following, example, flip, folder, load, start, zoneOf } from "./support.mjs";

const require = createRequire(import.meta.url);
let site;
before(async () => { site = await start(); });
after(async () => { await site.stop(); });
afterEach(() => { assert.deepEqual(site.faults.splice(0), [], "errors in the page, or requests elsewhere"); });

const SIZES = [["desktop", { width: 1440, height: 900 }], ["tablet", { width: 1024, height: 768 }], ["phone", { width: 390, height: 844 }], ["small phone", { width: 320, height: 640 }]];

const label = "a-very-long-label-that-goes-on-and-on-for-all-of-sixty-octets";
const deep = Array.from({ length: 7 }, (_, level) => [
  { Name: `l${level}.example.com.`, Type: "A", SetIdentifier: `a${level}`, Weight: 9, AliasTarget: { HostedZoneId: "Z1", DNSName: `l${level + 1}.example.com.`, EvaluateTargetHealth: true } },
  a(`l${level}.example.com.`, `198.51.100.${level}`, { SetIdentifier: `b${level}`, Weight: 1 }),
]).flat();
const ZONES = {
  "deep aliases": zoneOf([...deep, a("l7.example.com.", "192.0.2.77")]),
  "long names": zoneOf([1, 2].map((at) => a(`${label}.${label}.${label}.example.com.`, `192.0.2.${at}`, { SetIdentifier: `${at}-${"x".repeat(120)}`, Weight: 1 }))),
  "two hundred checks": zoneOf(Array.from({ length: 100 }, (_, at) => a("w.example.com.", `192.0.2.${at}`, { SetIdentifier: `web-${at}`, Weight: 1, HealthCheckId: `0a1b2c3d-1111-2222-3333-${String(at).padStart(12, "0")}` })), {
    HealthChecks: Array.from({ length: 200 }, (_, at) => ({ Id: `0a1b2c3d-1111-2222-3333-${String(at).padStart(12, "0")}`, HealthCheckConfig: { Type: "HTTPS", FullyQualifiedDomainName: "health.example.com", Port: 443 } })),
  }),
  "twelve members": zoneOf(Array.from({ length: 12 }, (_, at) => a("mv.example.com.", `192.0.2.${at}`, { SetIdentifier: `m${at}`, MultiValueAnswer: true }))),
  "no record sets": zoneOf([]),
  "forty findings": zoneOf(Array.from({ length: 40 }, (_, at) => a(`x${at}.example.com.`, "192.0.2.1", { SetIdentifier: "a", Weight: 300 }))),
};

async function seriously(page) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.filter(({ impact }) => impact !== "minor").map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
/** How much moved by itself since the last look, as browsers count it; what moves within half a second of a click answers to the click. */
const shifted = (page) => page.evaluate(() => globalThis.shifts.splice(0).reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0));

for (const [name, size] of SIZES) {
  test(`nothing jumps while the page loads, nor at a switch: ${name}`, async () => {
    const page = await site.open(size);
    await page.waitForTimeout(300);
    const told = [];
    const still = async (what, most) => {
      const moved = await shifted(page);
      told.push(`${what} ${moved.toFixed(4)}`);
      assert.ok(moved <= most, `${what}: ${moved}`);
    };
    await still("load", 0.005);
    for (const key of ["region:eu-west-1", "region:us-east-1"]) {
      await flip(page, key);
      await page.waitForTimeout(100);
      await still(key, 0.005);
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(600);
    await following(page, () => page.fill("#network", "10.0."));
    await following(page, () => page.fill("#network", ""));
    await following(page, () => page.click("#roll"));
    await page.click("#share");
    await page.waitForTimeout(300);
    const top = () => page.$eval("#map", (map) => map.getBoundingClientRect().top);
    const before = await top();
    for (const country of ["US", "TD", "VC"]) {
      await following(page, () => page.selectOption("#country", country));
      assert.equal(await top(), before, "a longer name of a country moves the map");
    }
    await still("network, roll and link", 0.005);
    console.log(`    layout shift: ${told.join(", ")}`);
    await page.context().close();
  });

  test(`nothing is cut off, and axe finds nothing in any state: ${name}`, async () => {
    const page = await site.open(size);
    for (const title of ["Worldwide", "Hybrid", "Geoproximity", "Weighted"]) {
      await example(page, title);
      const { room, needs } = await page.$eval("#tree", (box) => ({ room: box.clientWidth, needs: box.scrollWidth }));
      assert.ok(needs <= room, `${title}: the tree is ${needs} wide in ${room}`);
      assert.ok(await wide(page) <= 0, `${title} is too wide`);
    }
    for (const [title, zone] of Object.entries(ZONES)) {
      await load(page, { "zone.json": zone });
      assert.ok(await wide(page) <= 0, `${title} is ${await wide(page)} too wide`);
      // Between the widest and the narrowest, nothing is drawn that those two do not draw.
      if (name === "desktop" || name === "small phone") assert.deepEqual(await seriously(page), [], title);
    }
    await page.context().close();
  });
}

test("axe finds nothing where all is dark, or the user's own colours rule", async () => {
  for (const options of [{ colorScheme: "dark" }, { forcedColors: "active" }, { reducedMotion: "reduce" }]) {
    const page = await site.open(options);
    await flip(page, "region:eu-west-1");
    assert.deepEqual(await seriously(page), []);
    await load(page, { "zone.json": ZONES["forty findings"] });
    assert.deepEqual(await seriously(page), []);
    if (options.forcedColors !== undefined) {
      const plain = await page.$eval("#answer .chip", (chip) => getComputedStyle(chip).forcedColorAdjust);
      assert.equal(plain, "none", "the colour of an answer stays");
    }
    await page.context().close();
  }
});

test("the answer stays in sight while what is far below is switched", async () => {
  const page = await site.open({ width: 390, height: 844 });
  const key = "target:dualstack.shop-canary.eu-west-1.elb.amazonaws.com.";
  await page.$eval(`[data-key="${key}"]`, (element) => element.scrollIntoView({ block: "center" }));
  await flip(page, key);
  const { top } = await page.$eval("#answer", (box) => box.getBoundingClientRect());
  assert.equal(top, 0);
  await page.context().close();
});

test("checks can be distinguished though their ids are long, and long lists are folded", async () => {
  const page = await site.open();
  await load(page, { "zone.json": ZONES["two hundred checks"] });
  const labels = await page.$$eval(".switch .label", (all) => all.map(({ textContent }) => textContent));
  assert.equal(new Set(labels).size, labels.length);
  const times = [];
  for (let round = 0; round < 6; round += 1) times.push(await flip(page, await page.getAttribute(".switch", "data-key")));
  assert.ok(Math.min(...times) < 100, `a hundred members are redrawn in ${times.join()} ms`);
  assert.match(await page.textContent(".switch"), /health\.example\.com:443/);
  await page.focus('[data-key="more"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".switch").count(), 200);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "more", "focus stays");
  const height = await page.evaluate(() => document.querySelector("#why").clientHeight);
  assert.ok(height < 1500, `Why is ${height} high`);
  assert.match(await page.textContent("#why summary"), /more that were not chosen/);
  await page.context().close();
});

test("opened as a file, or without JavaScript, the page says what it needs", async () => {
  const page = await site.open();
  await page.goto(`file://${folder}/index.html`);
  assert.match(await page.textContent("#notice"), /python3 -m http\.server/);
  site.faults.length = 0;
  await page.context().close();
  const plain = await (await site.browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(site.address);
  assert.ok(await plain.locator("noscript p").isVisible());
  await plain.context().close();
});

test("a bias can be taken back", async () => {
  const page = await site.open();
  await example(page, "Geoproximity");
  const legend = await page.textContent("#legend");
  await page.focus('[data-set="sa-east-1"]');
  for (let step = 0; step < 30; step += 1) await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector('[data-set="sa-east-1"] + output').textContent === "+30");
  await following(page, () => page.click("#unbias"));
  await page.waitForFunction(() => document.querySelector('[data-set="sa-east-1"] + output').textContent === "0");
  assert.equal(await page.inputValue('[data-set="sa-east-1"]'), "0");
  assert.equal(await page.textContent("#legend"), legend);
  await page.context().close();
});
