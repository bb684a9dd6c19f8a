// Walks target/site in Chromium: every page of the book, the search, and the first page of everything else. A page that fails,
// a message of an error, or a request that leaves this machine ends the walk.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../host-examples/browser/static.mjs";

const target = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "target");
const shots = join(target, "site-screenshots");
mkdirSync(shots, { recursive: true });
const { server, address } = await serve(join(target, "site"), 0);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const faults = [];
page.on("console", (message) => message.type() === "error" && faults.push(`${page.url()}: ${message.text()}`));
page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`));
page.on("request", (request) => request.url().startsWith("http") && !request.url().startsWith(address) && faults.push(`asks ${request.url()}`));
// A browser asks for this by itself.
await page.route("**/favicon.ico", (route) => route.fulfill({ status: 200, contentType: "image/x-icon", body: "" }));
page.on("response", (response) => response.status() >= 400 && faults.push(`${response.url()}: ${response.status()}`));

const visit = async (path) => {
  await page.goto(new URL(path, address).href, { waitUntil: "load" });
  assert.notEqual((await page.title()).trim(), "", `${path} has no title`);
};

await visit("index.html");
await page.screenshot({ path: join(shots, "index.png") });
const chapters = await page.$$eval("#mdbook-sidebar a[href], #sidebar a[href]", (links) => links.map((link) => link.href));
const unique = [...new Set(chapters.map((href) => href.split("#")[0]))];
assert.ok(unique.length > 30, `the book lists ${unique.length} pages`);
for (const href of unique) {
  await visit(href);
  assert.ok((await page.locator("main h1").count()) > 0, `${href} has no heading`);
}
for (const path of ["rust/pointsman_core/index.html", "rust/pointsman_watch/index.html", "js/index.html"]) await visit(path);
await page.screenshot({ path: join(shots, "javascript.png") });
await visit("playground/index.html");
await page.waitForTimeout(1500);
await page.screenshot({ path: join(shots, "playground.png") });

// A reader who looks for something finds it, and the page that is found has it.
await visit("index.html");
await page.keyboard.press("s");
await page.keyboard.type("EvaluateTargetHealth", { delay: 20 });
const found = page.locator("#mdbook-searchresults li a, #searchresults li a");
await found.first().waitFor({ timeout: 20_000 });
await page.screenshot({ path: join(shots, "search.png") });
const results = await found.count();
await found.first().click();
await page.waitForLoadState("load");
assert.match(await page.locator("main").innerText(), /EvaluateTargetHealth/);
await page.setViewportSize({ width: 390, height: 844 });
await visit("docs/guide.html");
const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
assert.ok(wider <= 1, `the guide is ${wider} pixels wider than a telephone`);
await page.screenshot({ path: join(shots, "guide-390.png") });

await browser.close();
server.close();
assert.deepEqual(faults, []);
console.log(`${unique.length} pages of the book, and three more places; the search finds ${results} places; no request left this machine`);
