// `node bench/decide.mjs --zone FILE --json FILE [--smoke]`: what pointsman/decide costs in Node.js: size, start beside json-logic-js in one
// run, opening an image, an answer. The figures are added to a file, a line each, in the form of tests/bench/src/figures.rs.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as full from "../../../target/wasm/npm/node.mjs";
import { Instance } from "../../plain/node/pointsman.mjs";
import { memoryBytes, Zone } from "../../../target/wasm/npm/decide.mjs";

const { values: options } = parseArgs({ options: { json: { type: "string" }, zone: { type: "string" }, smoke: { type: "boolean", default: false } } });
const [OPENINGS, STARTS, TURNS] = options.smoke ? [1, 1, 1] : [25, 25, 25];
const here = dirname(fileURLToPath(import.meta.url));
const npm = join(here, "../../../target/wasm/npm");
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const round = (number) => Number(number.toPrecision(4));
const spread = (all) => round(median(all.map((one) => Math.abs(one - median(all)))) / median(all));
const rows = [];
const row = (id, what, figure, unit, more = {}) => rows.push({ id, what, figure: round(figure), unit, ...more });
const held = (id, what, figure, unit, at_most, in_the_way, more = {}) =>
  row(id, what, figure, unit, { ...more, budget: { at_most }, ...(round(figure) <= at_most ? {} : { in_the_way }) });

const gzip = (name) => gzipSync(readFileSync(join(npm, name)), { level: 9 }).length;
held("budget/gzip/module", "`pointsman_decide.wasm`, gzip -9", gzip("pointsman_decide.wasm"), "bytes", 40_000, "Something that a decision does not need is in it.");
held("budget/gzip/script", "JavaScript for browsers with it, gzip -9", gzip("decide-browser.js"), "bytes", 10_000, "Something that a decision does not need is in it.");

const image = full.Zone.load([readFileSync(options.zone, "utf8")]).toImage();
const opened = [];
for (let turn = 0; turn < OPENINGS; turn += 1) {
  const start = performance.now();
  const zone = Zone.fromImage(image);
  opened.push(performance.now() - start);
  zone.free();
}
held("budget/open", "an image of 10,000 record sets, opened in Node.js", median(opened), "ms", 4,
  "The first openings run code that V8 has not optimised yet.", { spread: spread(opened) });

const zone = Zone.fromImage(image), view = zone.health();
row("memory/instance", "memory of the instance with the image opened, to the size of the image", memoryBytes() / image.length, "");
const name = full.Zone.load([readFileSync(options.zone, "utf8")]).questions()[7].name;
const query = { name, type: "A", client: { country: "US" } };
const answers = { decide: [], full: [] }, ways = { decide: view, full: full.Zone.load([readFileSync(options.zone, "utf8")]).health() };
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const [way, asked] of Object.entries(ways)) {
    const start = performance.now();
    for (let count = 0; count < 10_000; count += 1) asked.resolve(query);
    answers[way].push((performance.now() - start) * 100);
  }
}
row("answer/decide", "`resolve` of a kept query object, pointsman/decide", median(answers.decide), "ns", { spread: spread(answers.decide) });
row("answer/full", "the same, pointsman", median(answers.full), "ns", { spread: spread(answers.full) });

// What platforms do that start each request in an instance of its own: instance, image, view, answer.
const module = new WebAssembly.Module(readFileSync(join(npm, "pointsman_decide.wasm")));
const small = full.Zone.load([readFileSync(join(here, "../../../host-examples/zones/active-active.json"), "utf8")]).toImage();
for (const [id, what, bytes] of [["small", "4 record sets", small], ["large", "10,000 record sets", image]]) {
  const requests = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const start = performance.now();
    const fresh = new Instance(new WebAssembly.Instance(module, {}).exports);
    const opened = fresh.openZone(bytes), state = fresh.newViewWithoutReport(opened);
    fresh.setQuery({ name: Uint8Array.of(3, 97, 112, 112, 7, 101, 120, 97, 109, 112, 108, 101, 3, 99, 111, 109), type: 1, draw: 0n, client: { country: "US" } });
    fresh.resolve(state);
    requests.push((performance.now() - start) * 1000);
  }
  row(`request/${id}`, `a fresh instance for a request, image of ${what}`, median(requests), "us", { spread: spread(requests) });
}

const file = join(tmpdir(), `pointsman-start-${process.pid}.pmz`);
writeFileSync(file, full.Zone.load([{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: [
  { Name: "www.example.com.", Type: "A", TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] }] }]).toImage());
const starts = {
  decide: `const { readFileSync } = await import("node:fs"); const { Zone } = await import(${JSON.stringify(pathToFileURL(join(npm, "decide.mjs")).href)});
    Zone.fromImage(readFileSync(${JSON.stringify(file)})).health().resolve({ name: "www.example.com", type: "A" });`,
  "json-logic-js": `const { default: logic } = await import("json-logic-js"); logic.apply({ "==": [1, 1] });`,
};
const took = { decide: [], "json-logic-js": [] };
for (let turn = 0; turn < STARTS; turn += 1) {
  for (const [way, script] of Object.entries(starts)) {
    const program = `const start = performance.now(); ${script} process.stdout.write(String(performance.now() - start));`;
    took[way].push(Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: here, encoding: "utf8" })));
  }
}
held("budget/start", "import to the first answer, to json-logic-js", median(took.decide.map((ours, at) => ours / took["json-logic-js"][at])), "", 1,
  "V8 checks 84 KB of code and compiles what a first answer goes through; json-logic-js is 15 KB of JavaScript that is read lazily.");
for (const [way, all] of Object.entries(took)) row(`start/${way}`, way === "decide" ? "pointsman/decide" : way, median(all), "ms", { spread: spread(all) });

const text = rows.map((one) => `${JSON.stringify(one)}\n`).join("");
if (options.json === undefined) process.stdout.write(text);
else appendFileSync(options.json, text);
