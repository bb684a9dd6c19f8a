// `node bench/bench.mjs [--smoke] [--json FILE]`: what a decision costs in Node.js, beside other rule engines, all in one
// run. With --json the figures go to a file, a line each, in the form of tests/bench/src/figures.rs.
//
// The contenders take turns, so that a slow moment of the machine falls on all of them. Before anything is timed, each has
// to give the answers that all agree on.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Environment } from "@marcbachmann/cel-js";
import jsonLogic from "json-logic-js";
import { LogicEngine } from "json-logic-engine";
import { Zone } from "../../../target/wasm/npm/node.mjs";
import * as rules from "./rules.mjs";

const require = createRequire(import.meta.url);
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({ options: { json: { type: "string" }, smoke: { type: "boolean", default: false } } });
const [ROUNDS, TURN_MS, STARTS] = options.smoke ? [2, 2, 1] : [25, 12, 15];
const QUESTIONS = 1000;
const npm = join(here, "../../../target/wasm/npm");

/** Figures, in the order of the report. */
const rows = [];
const row = (id, what, figure, unit, more = {}) => rows.push({ id, what, figure: round(figure), unit, ...more });
const held = (id, what, figure, unit, at_most, in_the_way) =>
  row(id, what, figure, unit, { budget: { at_most }, ...(round(figure) <= at_most ? {} : { in_the_way }) });
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const spread = (all) => round(median(all.map((one) => Math.abs(one - median(all)))) / median(all));

function contenders(decision) {
  const { healths, questions } = rules.situations(decision, QUESTIONS);
  const zone = Zone.load([rules.route53(decision)]);
  const views = healths.map((health) => zone.health({
    HealthChecks: Object.fromEntries(Object.entries(health).map(([name, isUp]) => [name, isUp ? "healthy" : "unhealthy"])),
  }));
  const data = questions.map(({ country, continent, draw, health }) => ({ country, continent, draw, health: healths[health] }));
  const queries = questions.map(({ country, draw }) => ({ name: "app.example.com", type: "A", client: { country }, draw }));

  const logic = rules.jsonLogic(decision);
  const compiled = new LogicEngine().build(logic);
  const environment = new Environment().registerVariable("country", "string").registerVariable("continent", "string")
    .registerVariable("draw", "double").registerVariable("health", "map");
  const expression = environment.parse(rules.cel(decision));
  const plain = rules.javascript(decision);

  const { text, ways } = rules.cedar(decision);
  const set = `set ${decision.title}`;
  const parsed = cedar.preparsePolicySet(set, { staticPolicies: text });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
  let checks = 0;
  const permits = (context, name) => {
    checks += 1;
    return cedar.statefulIsAuthorized({
      principal: { type: "Client", id: "c" }, action: { type: "Action", id: "route" }, resource: { type: "Endpoint", id: name },
      context, preparsedPolicySetId: set, entities: [],
    }).response.decision === "allow";
  };
  const byCedar = (at) => {
    const context = data[at];
    const way = ways.find(({ kind, code }) => kind === "default" || context[kind] === code);
    return way.endpoints.find((name) => permits(context, name)) ?? way.last;
  };
  return {
    questions, healths, checks: () => checks,
    list: [
      ["pointsman", (at) => views[questions[at].health].resolve(queries[at]).values[0], rules.nameOf],
      ["json-logic-js", (at) => jsonLogic.apply(logic, data[at])],
      ["json-logic-engine, compiled", (at) => compiled(data[at])],
      ["@marcbachmann/cel-js, parsed", (at) => expression(data[at])],
      ["cedar-wasm, stateful, a pick", byCedar],
      ["JavaScript, written by hand", (at) => { const { country, continent, health, draw } = data[at]; return plain(country, continent, health, draw); }],
    ],
  };
}

const decisions = [];
for (const [id, decision] of [["geo", rules.geo], ["tree", rules.tree]]) {
  const { questions, healths, checks, list } = contenders(decision);
  for (const [contender, decide, name = (text) => text] of list) {
    questions.forEach((question, at) => {
      const right = rules.expected(decision, question, healths[question.health]);
      const got = name(decide(at));
      if (!right.includes(got)) throw new Error(`${contender} answers ${got} and not ${right} to ${JSON.stringify(question)}`);
    });
  }
  const before = checks();
  questions.forEach((_, at) => list[4][1](at));
  const checksPerPick = (checks() - before) / questions.length;

  const times = new Map(list.map(([contender]) => [contender, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [contender, decide] of list) {
      const start = performance.now();
      let count = 0;
      do {
        for (let at = 0; at < QUESTIONS; at += 10) decide((at + count) % QUESTIONS);
        count += QUESTIONS / 10;
      } while (performance.now() - start < TURN_MS);
      times.get(contender).push(((performance.now() - start) * 1e6) / count);
    }
  }
  const against = (other) => times.get("pointsman").map((ours, at) => ours / times.get(other)[at]);
  held(`budget/json-logic/${id}`, `\`resolve\` to json-logic-js, ${decision.title}`, median(against("json-logic-js")), "", 1,
    "An answer of ours crosses into the module and back.");
  held(`budget/cedar/${id}`, `\`resolve\` to cedar-wasm (stateful), ${decision.title}`, median(against("cedar-wasm, stateful, a pick")), "", 1 / 20,
    "Cedar took fewer checks to pick an endpoint than it used to.");
  decisions.push(() => {
    for (const [contender, all] of [...times].sort(([, a], [, b]) => median(a) - median(b))) {
      const checks = contender.startsWith("cedar") ? ` (${checksPerPick.toFixed(2)} permit checks)` : "";
      row(`${id}/${contender}`, `${contender}${checks}`, median(all), "ns", { spread: spread(all) });
    }
  });
}

// ---- importing and sizes -----------------------------------------------------------------------------------------------

const zone = JSON.stringify(JSON.stringify(rules.route53(rules.geo)));
const starts = {
  pointsman: `const { Zone } = await import(${JSON.stringify(join(here, "../../../target/wasm/npm/node.mjs"))});
    Zone.load([${zone}]).health().resolve({ name: "app.example.com", type: "A" });`,
  "json-logic-js": `const { default: logic } = await import("json-logic-js"); logic.apply({ "==": [1, 1] });`,
  "@marcbachmann/cel-js": `const { evaluate } = await import("@marcbachmann/cel-js"); evaluate("1 + 2");`,
  "cedar-wasm": `const { default: cedar } = await import("@cedar-policy/cedar-wasm/nodejs");
    cedar.isAuthorized({ principal: { type: "C", id: "c" }, action: { type: "Action", id: "a" }, resource: { type: "E", id: "e" }, context: {}, policies: { staticPolicies: "permit(principal, action, resource);" }, entities: [] });`,
};
const took = new Map(Object.keys(starts).map((name) => [name, []])), processor = [];
for (let turn = 0; turn < STARTS; turn += 1) {
  for (const [name, script] of Object.entries(starts)) {
    const program = `const { cpuUsage } = process, before = cpuUsage(), start = performance.now(); ${script}
      const end = performance.now(), { user, system } = cpuUsage(before); process.stdout.write((end - start) + " " + (user + system) / 1000);`;
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: here, encoding: "utf8" });
    const [wall, all] = printed.split(" ").map(Number);
    took.get(name).push(wall);
    if (name === "pointsman") processor.push(all);
  }
}

const bytes = (file) => readFileSync(join(npm, file));
const gzip = (content) => gzipSync(content, { level: 9 }).length;
const folderOf = (name) => join(here, "..", "node_modules", name);
const scripts = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name)).map((entry) => gzip(readFileSync(join(entry.parentPath ?? entry.path, entry.name))))
  .reduce((sum, size) => sum + size, 0);

const module = bytes("pointsman.wasm");
const { code, data } = sections(module);
const grouped = (number) => number.toLocaleString("en-US");
held("budget/start", "import to the first answer", median(took.get("pointsman")), "ms", 20,
  `It takes ${round(median(processor))} ms of processor time, on all threads; a machine with other work makes more of it. The larger part is V8's: it checks ${grouped(code)} bytes of code, and compiles the four hundred functions that a first answer goes through. Both follow the size of the module. Alone on the machine, without others in turn, it is 18 to 27 ms.`);
held("budget/gzip", "module, gzip", gzip(module), "bytes", 100_000,
  `Code is ${grouped(code)} bytes of it before compression, texts and tables ${grouped(data)}. All of core is in it: reading, every check of documents and change batches with its words, explanations. It is built for size (opt-level z); wasm-opt takes off another hundredth. Tried on 2026-11-21: without a single word of its findings it weighs 13,000 bytes less, and LLVM's outlining and merging of alike functions make it no smaller. What reads and checks documents is more than half of it.`);
for (const tell of decisions) tell();
row("start/pointsman-processor", "pointsman, processor time of all threads", median(processor), "ms", { spread: spread(processor) });
for (const [contender, all] of [...took].sort(([, a], [, b]) => median(a) - median(b))) {
  row(`start/${contender}`, contender, median(all), "ms", { spread: spread(all) });
}
row("gzip/module", "pointsman: module", gzip(module), "bytes");
row("gzip/browser", "pointsman: JavaScript for browsers", gzip(bytes("browser.js")), "bytes");
row("gzip/cedar", "cedar-wasm: module", gzip(readFileSync(join(folderOf("@cedar-policy/cedar-wasm"), "web", "cedar_wasm_bg.wasm"))), "bytes");
row("gzip/json-logic", "json-logic-js", gzip(readFileSync(join(folderOf("json-logic-js"), "logic.js"))), "bytes");
row("gzip/cel", "@marcbachmann/cel-js", scripts(join(folderOf("@marcbachmann/cel-js"), "lib")), "bytes");

if (options.json !== undefined) writeFileSync(options.json, rows.map((one) => `${JSON.stringify(one)}\n`).join(""));
else {
  let table;
  for (const { id, what, figure, unit, budget } of rows) {
    if (table !== (table = id.split("/")[0])) console.log(`\n${table}`);
    console.log(`  ${what.padEnd(76)}${grouped(figure).padStart(10)} ${unit}${budget === undefined ? "" : ` (at most ${grouped(budget.at_most)})`}`);
  }
}

/** The bytes of code and of data in a module. */
function sections(module) {
  const length = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7, at += 1) {
      value |= (module[at] & 0x7f) << shift;
      if (module[at] < 0x80) return [value, at + 1];
    }
  };
  const found = { code: 0, data: 0 };
  for (let at = 8; at < module.length;) {
    const kind = module[at], [size, body] = length(at + 1);
    if (kind === 10) found.code = size;
    if (kind === 11) found.data = size;
    at = body + size;
  }
  return found;
}

function round(number) {
  return Number(number.toPrecision(4));
}
