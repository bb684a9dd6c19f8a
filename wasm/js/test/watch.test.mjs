// Views that follow a report: a server and a file of one's own, good days and bad ones.
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { example, pointsman, www } from "./support.mjs";

const { watchFeed } = await import("../../../target/wasm/npm/watch.js");
const { watchFile } = await import("../../../target/wasm/npm/watch-file.js");
const zone = pointsman.Zone.load([example()]);
const every = 0.02;
// A draw that goes to blue while blue is healthy.
const draw = Array.from({ length: 99 }, (_, number) => number).find((draw) => zone.health().resolve(www({ draw })).set_identifiers[0] === "blue");
const left = (view) => view.resolve(www({ draw })).values[0];
const report = (blue, more = {}) => ({ HealthChecks: { "hc-blue": blue }, ...more });
const by = (Run, Sequence, Zone = "example.com.") => ({ Watch: { Id: "a", Run, Sequence, Zone } });
const UP = "192.0.2.1", DOWN = "192.0.2.2";

/** Waits until something holds; a test that waits in vain says for what. */
async function until(what, holds) {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(5)) if (holds()) return;
  assert.fail(`${what} did not come about`);
}

/** A server whose answer can be changed, and what it was asked. */
async function feed(work) {
  const state = { body: report("healthy"), status: 200, asked: [], isSilent: false };
  const server = createServer((request, response) => {
    state.asked.push(request.headers);
    if (state.isSilent) return;
    const text = typeof state.body === "string" ? state.body : JSON.stringify(state.body);
    const tag = `"${Buffer.from(text).toString("base64url")}"`;
    if (state.status === 200 && request.headers["if-none-match"] === tag) return response.writeHead(304).end();
    response.writeHead(state.status, { etag: tag }).end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work(`http://127.0.0.1:${server.address().port}/v1/health`, state);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a feed is followed, by its tags, and what it says that is wrong changes nothing", () => feed(async (url, state) => {
  const views = [], faults = [];
  const watch = watchFeed(zone, url, (view, { state }) => views.push([left(view), state]), { every, headers: { authorization: "Bearer x" }, onFault: (fault) => faults.push(fault.message) });
  assert.equal(watch.status.state, "no data");
  await until("the first report", () => views.length > 0);
  state.body = report("unhealthy");
  await until("the second report", () => left(watch.view) === DOWN);
  await until("an answer without a body", () => state.asked.at(-1)["if-none-match"] !== undefined && state.asked.length > 5);
  assert.equal(state.asked[0].authorization, "Bearer x");
  assert.deepEqual(views, [[UP, "fresh"], [DOWN, "fresh"]], "a view that is the same is not handed over again");
  for (const [body, status, message] of [
    ["{", 200, /^1:2|health report:1/], ['{"healthchecks": {}}', 200, /neither HealthChecks nor AliasTargets/], ["", 503, /answers 503/], [report("healthy", by("r", 1, "example.org.")), 200, /is about example\.org\., and the zone is example\.com\./],
  ]) {
    faults.length = 0;
    Object.assign(state, { body, status });
    await until(`a fault ${message}`, () => faults.some((fault) => message.test(fault)));
    assert.equal(left(watch.view), DOWN);
    assert.match(watch.status.fault, message);
  }
  Object.assign(state, { body: report("healthy"), status: 200 });
  await until("the end of the faults", () => left(watch.view) === UP && watch.status.fault === undefined);
  watch.close();
  watch.close();
  await sleep(50);
  const asked = state.asked.length;
  await sleep(100);
  assert.equal(state.asked.length, asked, "a closed watch asks nothing");
  assert.equal(left(watch.view), UP);
}));

test("an older report is not taken, nor one of another watch while the first is alive", () => feed(async (url, state) => {
  state.body = report("unhealthy", by("one", 7));
  const watch = watchFeed(zone, url, () => {}, { every });
  await until("the first report", () => watch.status.by === "a, run one");
  const asked = () => { const from = state.asked.length; return until("some looks", () => state.asked.length > from + 3); };
  state.body = report("healthy", by("one", 6));
  await asked();
  assert.equal(left(watch.view), DOWN);
  state.body = report("healthy", by("two", 1));
  await asked();
  assert.equal(watch.status.by, "a, run one");
  await until("the first watch's end", () => watch.status.by === "a, run two");
  assert.equal(left(watch.view), UP);
  state.body = report("unhealthy", by("two", 2));
  await until("the second watch's next report", () => left(watch.view) === DOWN);
  watch.close();
}));

test("a silent feed is given up look by look, and what is known grows stale", () => feed(async (url, state) => {
  for (const whenStale of ["keep", "no-data"]) {
    const states = [], end = new AbortController();
    Object.assign(state, { body: report("unhealthy", { Time: new Date().toISOString() }), isSilent: false });
    const watch = watchFeed(zone, url, (view, { state }) => states.push([left(view), state]), { every, maxAge: 0.5, whenStale, signal: end.signal });
    await until("the first report", () => states.length === 1);
    state.isSilent = true;
    await until("a late look", () => /does not answer within/.test(watch.status.fault ?? ""));
    assert.deepEqual(states, [[DOWN, "fresh"], [whenStale === "keep" ? DOWN : UP, "stale"]]);
    end.abort();
    assert.equal(left(watch.view), whenStale === "keep" ? DOWN : UP);
  }
}));

test("a file is followed, through its absence, too; a report of long ago is stale at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-watch-")), path = join(folder, "health.json");
  const put = (report) => { writeFileSync(`${path}.next`, JSON.stringify(report)); renameSync(`${path}.next`, path); };
  try {
    const watch = watchFile(zone, path, () => {}, { every });
    await until("the absence", () => /ENOENT/.test(watch.status.fault ?? ""));
    assert.equal(left(watch.view), UP);
    put(report("unhealthy"));
    await until("the report", () => left(watch.view) === DOWN);
    rmSync(path);
    await until("its absence", () => watch.status.fault !== undefined);
    assert.equal(left(watch.view), DOWN);
    put(report("unhealthy", { Time: "2020-01-01T00:00:00Z" }));
    await until("the report of long ago", () => watch.status.state === "stale" && watch.status.fault === undefined);
    watch.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what onView throws is the caller's, and ends nothing", () => feed(async (url, state) => {
  const thrown = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error.message));
  try {
    const watch = watchFeed(zone, url, () => { throw new Error("mine"); }, { every });
    await until("the error", () => thrown.length === 1);
    state.body = report("unhealthy");
    await until("the next view", () => left(watch.view) === DOWN && thrown.length === 2);
    assert.deepEqual(thrown, ["mine", "mine"]);
    watch.close();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
  }
}));

test("wrong arguments are refused at once", () => {
  for (const options of [{ every: 0 }, { every: "1" }, { maxAge: -1 }, { maxAge: NaN }, { whenStale: "drop" }]) {
    assert.throws(() => watchFeed(zone, "http://127.0.0.1:1/", () => {}, options), TypeError);
  }
  assert.throws(() => watchFeed(zone, "no url", () => {}), TypeError);
  assert.throws(() => watchFeed(zone, "http://127.0.0.1:1/"), TypeError);
});
