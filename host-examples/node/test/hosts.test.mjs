import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import * as pointsman from "pointsman";
import { askComponent, askPackage } from "../ask.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const zoneFile = (name) => readFileSync(join(here, "..", "zones", name), "utf8");

const reports = ["all-healthy.json", "us-east-1-down.json", "both-down.json"].map(zoneFile);
const worlds = ["active-active.json", "hybrid.json", "weighted.json", "canary.json"].map((name) => [zoneFile(name), zoneFile("latency.json")]);
const clients = [
  {}, { country: "US" }, { country: "DE" }, { country: "SG", continent: "AS" }, { subdivision: "US-WA" },
  { ip: "203.0.113.9" }, { ecs: "203.0.113.0/24", country: "BR" }, { latitude: 1.3, longitude: 103.8 },
  { latency_ms: { "us-east-1": 210, "eu-west-1": 4.5 } }, { vpc_region: "us-east-1" },
];
const names = ["app", "cart", "www", "api", "none"].map((name) => `${name}.example.com`).concat("www.example.org");
const queries = names.flatMap((name) => clients.flatMap((client, at) => [{ name, type: "A", client, draw: at * 77 }, { name, type: "TXT", client }]));

before(() => execFileSync(process.execPath, ["transpile.mjs"], { cwd: here, stdio: "inherit" }));

test("the twenty lines print the outage", () => {
  const printed = execFileSync(process.execPath, ["outage.mjs"], { cwd: here, encoding: "utf8" });
  const [before, during] = printed.split("\n");
  assert.equal(before, "before              US 192.0.2.10   BR 192.0.2.10   DE 198.51.100.10   SG 198.51.100.10");
  assert.equal(during, "us-east-1 is down   US 198.51.100.10   BR 198.51.100.10   DE 198.51.100.10   SG 198.51.100.10");
  assert.match(printed, /us-east-1: .*unhealthy/);
});

test("they run from a folder whose name has a space in it", () => {
  const folder = mkdtempSync(join(tmpdir(), "point s man-"));
  try {
    mkdirSync(join(folder, "node"));
    cpSync(join(here, "outage.mjs"), join(folder, "node", "outage.mjs"));
    cpSync(join(here, "..", "zones"), join(folder, "zones"), { recursive: true });
    symlinkSync(join(here, "node_modules"), join(folder, "node", "node_modules"));
    assert.match(execFileSync(process.execPath, ["outage.mjs"], { cwd: join(folder, "node"), encoding: "utf8" }), /^before /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the component through jco in Node.js answers as the package does, to the byte", async () => {
  const { routing } = await import("../dist/component/pointsman.js");
  for (const documents of worlds) compare(askComponent(routing, documents, reports, queries), documents);
});

test("the component through jco in Chromium answers as the package does, to the byte", async () => {
  const server = createServer((request, response) => {
    const file = join(here, new URL(request.url, "http://localhost").pathname);
    if (request.url === "/") return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>jco</title>");
    if (!existsSync(file)) return response.writeHead(404).end();
    const type = file.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    response.writeHead(200, { "content-type": type }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    for (const documents of worlds) {
      const lines = await page.evaluate(async ([documents, reports, queries]) => {
        const [{ routing }, { askComponent }] = await Promise.all([import("/dist/component/pointsman.js"), import("/ask.mjs")]);
        return askComponent(routing, documents, reports, queries);
      }, [documents, reports, queries]);
      compare(lines, documents);
    }
  } finally {
    await browser.close();
    server.close();
  }
});

function compare(lines, documents) {
  const expected = askPackage(pointsman, documents, reports, queries);
  assert.equal(lines.length, expected.length);
  assert.ok(lines.some(([line]) => line.includes("192.0.2.")), "something is answered");
  lines.forEach((line, at) => assert.deepEqual(line, expected[at]));
}

