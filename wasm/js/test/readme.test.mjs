// The JavaScript of the READMEs, as it stands there, run with what it says it is given; and what its comments say comes out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { example, pointsman, root, zoneFile } from "./support.mjs";

/** The blocks of a language in a file. */
function blocks(file, language) {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code);
}

/** Runs a block, and gives what its lines with a comment are worth beside the comment. */
function run(code, given) {
  const said = [];
  const lines = code.split("\n").filter((line) => !line.startsWith("import ")).map((line) => {
    const [, expression, comment] = /^(?!const )(\S.*?);\s*\/\/ (.*)$/.exec(line) ?? [];
    return expression === undefined ? line : `said.push([${expression}, ${JSON.stringify(comment)}]);`;
  });
  new Function(...Object.keys(given), "said", lines.join("\n"))(...Object.values(given), said);
  assert.ok(said.length > 0);
  for (const [value, comment] of said) {
    if (comment.startsWith("[")) assert.deepEqual([...value], JSON.parse(comment));
    else assert.ok(value.length > 0, comment);
  }
  return said.length;
}

test("the README of the package", () => {
  const [code, ...others] = blocks("wasm/js/package/README.md", "js").filter((code) => !code.includes('"pointsman/decide"'));
  assert.equal(others.length, 0);
  const { ResourceRecordSets, HealthChecks, HostedZone } = example();
  const named = (Id) => Id === "hc-green" ? "hc-1" : Id;
  const recordSets = { HostedZone, ResourceRecordSets: ResourceRecordSets.map((set) => set.HealthCheckId ? { ...set, HealthCheckId: named(set.HealthCheckId) } : set) };
  const healthChecks = { HealthChecks: HealthChecks.map((check) => ({ ...check, Id: named(check.Id) })) };
  assert.match(code, /^import \{ drawOf, Zone \} from "pointsman";\n/);
  assert.equal(run(code, { Zone: pointsman.Zone, drawOf: pointsman.drawOf, recordSets, healthChecks }), 3);
});

test("the README of the package, with little room", async () => {
  const { Zone } = await import("../../../target/wasm/npm/decide.mjs");
  const [code, ...others] = blocks("wasm/js/package/README.md", "js").filter((code) => code.includes('"pointsman/decide"'));
  assert.equal(others.length, 0);
  const document = JSON.parse(JSON.stringify(example()).replaceAll("hc-green", "hc-1"));
  assert.equal(run(code, { Zone, bytes: pointsman.Zone.load([document]).toImage() }), 1);
});

test("the guide", () => {
  const [code, ...others] = blocks("docs/guide.md", "js");
  assert.equal(others.length, 0);
  assert.equal(run(code, { Zone: pointsman.Zone, activeActive: zoneFile("active-active.json"), latency: zoneFile("latency.json") }), 2);
});
