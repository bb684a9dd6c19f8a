// `node bench/bench.mjs [--json]`: what a decision costs in Node.js, beside other rule engines, all in one run.
//
// The contenders take turns, so that a slow moment of the machine falls on all of them. Before anything is timed, each has
// to give the answers that all agree on.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Environment } from "@marcbachmann/cel-js";
import jsonLogic from "json-logic-js";
import { LogicEngine } from "json-logic-engine";
import { Zone } from "../../../target/wasm/npm/node.mjs";
import * as rules from "./rules.mjs";

const require = createRequire(import.meta.url);
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const here = dirname(fileURLToPath(import.meta.url));
const isJson = process.argv.includes("--json");
const ROUNDS = 25, TURN_MS = 12, QUESTIONS = 1000;

const lines = [];
const tell = (line) => {
  lines.push(line);
  if (isJson) console.log(JSON.stringify({ bench: "js", ...line }));
};

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

for (const decision of [rules.geo, rules.tree]) {
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
  for (const [contender, all] of times) {
    all.sort((a, b) => a - b);
    const line = { what: decision.title, contender, ns_median: round(all[all.length >> 1]), ns_best: round(all[0]) };
    if (contender.startsWith("cedar")) line.checks_per_pick = Math.round(checksPerPick * 100) / 100;
    tell(line);
  }
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
const took = new Map(Object.keys(starts).map((name) => [name, []]));
for (let round = 0; round < 9; round += 1) {
  for (const [name, script] of Object.entries(starts)) {
    const program = `const start = performance.now(); ${script} process.stdout.write(String(performance.now() - start));`;
    took.get(name).push(Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: here, encoding: "utf8" })));
  }
}
for (const [contender, all] of took) {
  all.sort((a, b) => a - b);
  tell({ what: "import to first answer", contender, ms_median: round(all[all.length >> 1]), ms_best: round(all[0]) });
}

const gzip = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
const folderOf = (name) => join(here, "..", "node_modules", name);
const scripts = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name)).map((entry) => gzip(join(entry.parentPath ?? entry.path, entry.name)))
  .reduce((sum, size) => sum + size, 0);
const npm = join(here, "../../../target/wasm/npm");
tell({ what: "gzip bytes", contender: "pointsman: module", bytes: gzip(join(npm, "pointsman.wasm")) });
tell({ what: "gzip bytes", contender: "pointsman: JavaScript of the browser", bytes: gzip(join(npm, "browser.js")) });
tell({ what: "gzip bytes", contender: "cedar-wasm: module", bytes: gzip(join(folderOf("@cedar-policy/cedar-wasm"), "web", "cedar_wasm_bg.wasm")) });
tell({ what: "gzip bytes", contender: "json-logic-js", bytes: gzip(join(folderOf("json-logic-js"), "logic.js")) });
tell({ what: "gzip bytes", contender: "@marcbachmann/cel-js", bytes: scripts(join(folderOf("@marcbachmann/cel-js"), "lib")) });

// ---- the table ---------------------------------------------------------------------------------------------------------

if (!isJson) {
  for (const what of new Set(lines.map((line) => line.what))) {
    console.log(`\n${what}`);
    const of = lines.filter((line) => line.what === what);
    const value = (line) => line.ns_median ?? line.ms_median ?? line.bytes;
    const ours = value(of.find(({ contender }) => contender.startsWith("pointsman")));
    for (const line of of.sort((a, b) => value(a) - value(b))) {
      const unit = line.ns_median !== undefined ? "ns" : line.ms_median !== undefined ? "ms" : "bytes";
      const best = line.ns_best ?? line.ms_best;
      const note = line.checks_per_pick === undefined ? "" : `, ${line.checks_per_pick} checks a pick`;
      console.log(`  ${line.contender.padEnd(38)}${value(line).toLocaleString("en-US").padStart(12)} ${unit}${best === undefined ? "" : ` (best ${best.toLocaleString("en-US")})`}, ${(value(line) / ours).toPrecision(3)} of ours${note}`);
    }
  }
}

function round(number) {
  return Number(number.toPrecision(3));
}
