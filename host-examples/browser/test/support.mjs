// The built page in a real Chromium.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../static.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const folder = join(here, "..", "..", "..", "target", "playground");

/** Debian's Chromium, or one that the environment names. */
export async function launch() {
  const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (executablePath === undefined) throw new Error("no Chromium: `apt-get install chromium`, or set CHROMIUM to its path");
  // In a container there is no user namespace to make a sandbox of; the page is our own.
  return chromium.launch({ executablePath, args: ["--disable-background-networking", "--disable-component-update", "--disable-sync", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])] });
}

/** A server, a browser, and pages that fail the test on any error or any request elsewhere. */
export async function start() {
  const { server, address } = await serve(folder, 0);
  const browser = await launch();
  const faults = [];
  const open = async ({ hash = "", width = 1440, height = 1000, colorScheme = "light", prepare, ...more } = {}) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, ...more, permissions: ["clipboard-read", "clipboard-write"] });
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) globalThis.shifts.push({ value, hadRecentInput }); })
        .observe({ type: "layout-shift", buffered: true });
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) faults.push(`asks ${request.url()}`);
    });
    if (prepare !== undefined) await prepare(page);
    await page.goto(address + hash);
    await ready(page);
    return page;
  };
  return { open, faults, address, browser, stop: async () => { await browser.close(); server.close(); } };
}

/** Waits until the page shows what was asked last. */
export const ready = (page) => page.waitForFunction(() => document.body.dataset.state === "ready");

/** Picks an example and waits for it. */
export async function example(page, title) {
  const value = await page.$eval("#example", (select, title) => [...select.options].find(({ text }) => text.startsWith(title)).value, title);
  await page.evaluate(() => { document.body.dataset.state = "busy"; });
  await page.selectOption("#example", value);
  await ready(page);
}

/** The answer as it stands on the page. */
export const answer = (page) => page.textContent("#answer strong");

/** The colour that a country has on the map. */
export const colour = (page, code) => page.$eval(`[data-code="${code}"]`, (shape) => shape.style.fill);

/** Flips a switch and waits for the answer. */
export async function flip(page, key) {
  await page.evaluate(() => { delete document.body.dataset.recoloured; });
  await page.click(`[data-key="${key}"]`);
  await page.waitForFunction(() => document.body.dataset.recoloured !== undefined);
  return Number(await page.evaluate(() => document.body.dataset.recoloured));
}

/** Opens files by content, and waits for what comes of them. */
export async function load(page, documents) {
  await page.evaluate(() => { document.body.dataset.state = "busy"; });
  await page.setInputFiles("#files", Object.entries(documents).map(([name, content]) => ({
    name, mimeType: "application/json", buffer: Buffer.isBuffer(content) ? content : Buffer.from(typeof content === "string" ? content : JSON.stringify(content, null, 2)),
  })));
  await ready(page);
}

/** Does a thing and waits until the page has answered to it. */
export async function after(page, act) {
  await page.evaluate(() => { document.body.dataset.state = "busy"; });
  await act();
  await ready(page);
}

/** A zone of these record sets, and of whatever else. */
export const zoneOf = (ResourceRecordSets, more = {}) => ({ HostedZone: { Id: "/hostedzone/Z1", Name: "example.com." }, ResourceRecordSets, ...more });

/** A record set of an address. */
export const a = (Name, Value, more = {}) => ({ Name, Type: "A", TTL: 60, ResourceRecords: [{ Value }], ...more });
