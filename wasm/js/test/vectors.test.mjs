// Every documented case of tests/vectors, judged here too: by odds, and by draws.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pointsman, root } from "./support.mjs";

const { apply, check, PointsmanError, Zone } = pointsman;
const folder = join(root, "tests", "vectors");
const key = (values) => [...new Set(values)].sort().join(",");

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "schema.json").sort()) {
  test(file, () => {
    const cases = JSON.parse(readFileSync(join(folder, file), "utf8"));
    assert.ok(cases.length > 0);
    for (const one of cases) {
      try {
        judge(one);
      } catch (error) {
        error.message = `${one.id} (${one.source}): ${error.message}`;
        throw error;
      }
    }
  });
}

/** The documents of a case, and its health report. */
function inputs({ zone, alias_targets, health = {} }) {
  const targets = new Set((zone.ResourceRecordSets ?? []).map(({ AliasTarget }) => AliasTarget?.DNSName));
  const entries = Object.entries(health);
  return {
    documents: alias_targets === undefined ? [zone] : [zone, { AliasTargets: alias_targets }],
    report: {
      HealthChecks: Object.fromEntries(entries.filter(([id]) => !targets.has(id))),
      AliasTargets: Object.fromEntries(entries.filter(([id]) => targets.has(id))),
    },
  };
}

function judge(one) {
  let { documents, report } = inputs(one);
  let refusals = [];
  if (one.change_batch !== undefined) {
    try {
      documents = [apply(documents, one.change_batch)];
    } catch (error) {
      assert.ok(error instanceof PointsmanError, String(error));
      refusals = error.diagnostics;
    }
  }
  if (refusals.length === 0) refusals = check(documents).filter(({ severity }) => severity === "error");
  if (one.expect_invalid !== undefined || refusals.length > 0) return judgeRefusal(one, refusals);

  const view = Zone.load(documents).health(report);
  const query = { ...one.query, client: one.client ?? {} };
  const odds = view.odds(query);
  judgeOdds(one, odds);
  for (let draw = 0n; draw < 24n; draw += 1n) {
    const answer = view.resolve({ ...query, draw: BigInt.asUintN(64, draw * 0x9E3779B97F4A7C15n) });
    assert.equal(answer.rcode, odds.rcode);
    assert.ok(odds.outcomes.some((outcome) => outcome.members === undefined
      ? outcome.ttl === answer.ttl && outcome.type === answer.type && outcome.alias_target === answer.alias_target
        && outcome.values.join() === answer.values.join()
      : answer.values.every((value) => outcome.members.some(({ values }) => values.includes(value)))), JSON.stringify(answer));
  }
}

function judgeRefusal(one, refusals) {
  assert.ok(one.expect_invalid !== undefined, `refused: ${JSON.stringify(refusals)}`);
  assert.ok(refusals.some(({ route53_error, route53_message, message }) =>
    (one.error === undefined || one.error === route53_error)
    && (one.message_contains === undefined || `${route53_message}\n${message}`.includes(one.message_contains))),
  `${one.expect_invalid}: ${JSON.stringify(refusals)}`);
}

function judgeOdds({ expect, query }, { rcode, outcomes }) {
  if (expect.rcode !== undefined) assert.equal(rcode, expect.rcode);
  const seen = new Map();
  for (const { type, ttl, values, members, choose, probability } of outcomes) {
    if (values?.length !== 0) assert.equal(type, expect.type ?? query.type);
    const ttls = members === undefined ? [ttl] : members.map((member) => member.ttl);
    if (expect.ttl !== undefined && values?.length !== 0) assert.ok(ttls.every((ttl) => ttl === expect.ttl));
    if (members !== undefined) {
      assert.equal(choose, expect.count);
      assert.equal(key(members.flatMap(({ values }) => values)), key(expect.subset_of));
      return;
    }
    seen.set(key(values), (seen.get(key(values)) ?? 0) + probability);
  }
  const answers = [...seen.keys()].sort();
  if (expect.exactly !== undefined) assert.deepEqual(answers, [key(expect.exactly)]);
  if (expect.one_of !== undefined) assert.deepEqual(answers, expect.one_of.map(key).sort());
  for (const [answer, share] of Object.entries(expect.weights ?? {})) {
    const values = key(answer.split(",").map((value) => value.trim()).filter((value) => value !== ""));
    assert.ok(Math.abs((seen.get(values) ?? 0) - share) < 1e-6, `${answer}: ${seen.get(values)}`);
    seen.delete(values);
  }
  if (expect.weights !== undefined) assert.equal(seen.size, 0);
}
