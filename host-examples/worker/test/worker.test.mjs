import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ask, EU, here, origin, server, settingsFor, until, US, workerd } from "./support.mjs";

const config = join(here, "workerd.capnp");
let us, eu;

before(async () => { [us, eu] = await Promise.all([origin("us"), origin("eu")]); });
after(async () => { await Promise.all([us.kill(), eu.kill()]); });

const settings = (more) => settingsFor(us, eu, more);

/** A feed whose report can be changed, with an ETag. */
async function feed(report) {
  const state = { text: JSON.stringify(report), asked: 0, unchanged: 0 };
  const http = await server((request, response) => {
    state.asked += 1;
    const tag = `"${Buffer.from(state.text).toString("base64").slice(-40)}"`;
    if (request.headers["if-none-match"] === tag) {
      state.unchanged += 1;
      response.writeHead(304).end();
    } else response.writeHead(200, { etag: tag }).end(state.text);
  });
  return Object.assign(state, { url: `http://${http.address}/v1/health`, kill: http.kill });
}

const healthy = { HealthChecks: { "hc-us-east-1": "healthy", "hc-eu-west-1": "healthy" } };
const usDown = { HealthChecks: { "hc-us-east-1": "unhealthy", "hc-eu-west-1": "healthy" } };

test("clients go to the Region that is near, and learn why", async () => {
  const worker = await workerd(config, { env: settings() });
  try {
    const near = await ask(worker.address, { path: "/cart?id=7" });
    assert.equal(near.status, 200);
    assert.deepEqual(near.body, { origin: "us", method: "GET", url: "/cart?id=7", body: "", host: new URL(worker.address).host });
    assert.deepEqual(near.said, {
      answer: US, path: "us-east-1", health: "no source",
      why: "24 ms; healthy: health check hc-us-east-1 (HTTPS) has no data yet, which counts as healthy; chosen: lowest latency of the healthy ones",
    });
    assert.equal((await ask(worker.address, { cf: { country: "DE", continent: "EU" } })).body.origin, "eu");
    for (const cf of [{}, { country: "T1" }, { country: "XX", continent: "??" }, { latitude: "x", longitude: "y" }]) {
      const { status } = await ask(worker.address, { cf: { ...cf, continent: undefined } });
      assert.equal(status, 200, JSON.stringify(cf));
    }
  } finally {
    await worker.stop();
  }
});

test("an origin is killed: the request goes to the next choice; it comes back: clients do", async () => {
  const worker = await workerd(config, { env: settings() });
  try {
    assert.equal((await ask(worker.address)).body.origin, "us");
    await us.kill();
    const next = await ask(worker.address, { method: "POST", body: "order 7", headers: { "idempotency-key": "7" } });
    assert.equal(next.status, 200);
    assert.deepEqual([next.body.origin, next.body.method, next.body.body], ["eu", "POST", "order 7"]);
    assert.equal(next.said.tried, `${US} (no connection)`);
    assert.match(next.said.why, /chosen: lowest latency of the healthy ones/);
    const spared = await ask(worker.address);
    assert.equal(spared.body.origin, "eu");
    assert.equal(spared.said.tried, undefined, "left alone for a while");
    await us.start();
    await until(worker.address, ({ body }) => body.origin === "us");

    await us.kill();
    await eu.kill();
    const none = await ask(worker.address);
    assert.equal(none.status, 502);
    assert.match(String(none.body), /no origin/);
    assert.match(none.said.tried, new RegExp(`${US} \\(no connection\\), ${EU} \\(no connection\\)`));
    await Promise.all([us.start(), eu.start()]);
    await until(worker.address, ({ status }) => status === 200);
  } finally {
    await worker.stop();
  }
});

test("an origin that hangs or answers 503 is no better than a dead one", async () => {
  const hangs = await server(() => {});
  const sick = await server((_, response) => response.writeHead(503).end("sick"));
  for (const [bad, said] of [[hangs, "no answer in time"], [sick, "HTTP 503"]]) {
    const ORIGINS = JSON.stringify({ [US]: `http://${bad.address}`, [EU]: `http://${eu.address}` });
    const worker = await workerd(config, { env: settings({ ORIGINS, TIMEOUT: "400" }) });
    try {
      const answer = await ask(worker.address);
      assert.deepEqual([answer.status, answer.body.origin, answer.said.tried], [200, "eu", `${US} (${said})`]);
    } finally {
      await worker.stop();
      await bad.kill();
    }
  }
});

test("health comes from the feed; a bad report changes nothing; unchanged ones are not sent", async () => {
  const source = await feed(healthy);
  const worker = await workerd(config, { env: settings({ FEED: source.url }) });
  try {
    assert.equal((await ask(worker.address)).body.origin, "us");
    source.text = JSON.stringify(usDown);
    const moved = await until(worker.address, ({ body }) => body.origin === "eu");
    assert.match(moved.said.health, /^fresh, \d+ s$/);
    source.text = '{"HealthChecks": {"hc-us-east-1": "fine"}}';
    const kept = await until(worker.address, ({ said }) => said.health.includes("bad report"));
    assert.equal(kept.body.origin, "eu");
    source.text = JSON.stringify(healthy);
    await until(worker.address, ({ body }) => body.origin === "us");
    await until(worker.address, () => source.unchanged > 0);
    assert.ok(source.asked < 200);
  } finally {
    await worker.stop();
    await source.kill();
  }
});

for (const [whenStale, expected] of [
  ["keep", ({ body, said }) => body.origin === "eu" && /^stale, \d+ s; /.test(said.health)],
  ["no-data", ({ body, said }) => body.origin === "us" && said.health.startsWith("no data; ")],
  ["not-ready", ({ status, said }) => status === 503 && said.health === "stale"],
]) {
  test(`the feed dies, and what it said gets old: ${whenStale}`, async () => {
    const source = await feed(usDown);
    const worker = await workerd(config, { env: settings({ FEED: source.url, MAX_AGE: "1", WHEN_STALE: whenStale }) });
    try {
      assert.equal((await ask(worker.address)).body.origin, "eu");
      await source.kill();
      await until(worker.address, expected);
    } finally {
      await worker.stop();
    }
  });
}

test("health comes from KV, with the time that the report carries", async () => {
  const kv = { value: JSON.stringify(usDown) };
  const namespace = await server((request, response) => {
    const { pathname } = new URL(request.url, "http://kv");
    if (pathname === "/health" && kv.value !== undefined) response.writeHead(200).end(kv.value);
    else response.writeHead(404).end();
  });
  const worker = await workerd(join(here, "test", "kv.capnp"), { env: settings({ MAX_AGE: "30" }), externals: { kv: namespace.address } });
  try {
    assert.equal((await ask(worker.address)).body.origin, "eu");
    kv.value = JSON.stringify({ ...healthy, Time: new Date(Date.now() - 3_600_000).toISOString() });
    const old = await until(worker.address, ({ body }) => body.origin === "us");
    assert.match(old.said.health, /^stale, 36\d\d s/);
  } finally {
    await worker.stop();
    await namespace.kill();
  }
});

test("names outside the zone and names that do not exist", async () => {
  for (const [name, status] of [["www.example.org", 421], ["none.example.com", 404]]) {
    const worker = await workerd(config, { env: settings({ NAME: name }) });
    try {
      assert.equal((await ask(worker.address)).status, status);
    } finally {
      await worker.stop();
    }
  }
});

test("settings: what is not set has a default, and what is wrong is reported", async () => {
  const unset = Object.fromEntries(["FEED", "REFRESH", "MAX_AGE", "WHEN_STALE", "TIMEOUT", "LEAVE_ALONE", "CONSECUTIVE_FAILURES", "MAX_EJECTED", "FAIL_CLOSED"].map((key) => [key, undefined]));
  for (const [more, status, said] of [
    [unset, 200, /"origin":"us"/],
    [{ ORIGINS: "{" }, 500, /^ORIGINS must be JSON such as/],
    [{ ORIGINS: undefined }, 500, /^ORIGINS must be JSON such as/],
    [{ ORIGINS: "{}" }, 502, /^ORIGINS has no `192\.0\.2\.10`/],
    [{ ORIGINS: "[]" }, 500, /^ORIGINS must be JSON such as/],
    [{ ORIGINS: JSON.stringify({ [US]: "localhost:9001" }) }, 500, /^ORIGINS must be JSON such as/],
    [{ TIMEOUT: "0" }, 500, /^TIMEOUT must be a number of 1 to 1000000, not `0`/],
    [{ REFRESH: "1e400" }, 500, /^REFRESH must be a number of 0 to 1000000, not `1e400`/],
    [{ NAME: "a..b" }, 500, /^NAME: .*a label of the name is empty/],
    [{ FEED: "ftp://127.0.0.1/" }, 500, /^FEED must be a URL, not `ftp:/],
    [{ FEED: "nowhere" }, 500, /^FEED must be a URL, not `nowhere`/],
    [{ MAX_AGE: "a minute" }, 500, /^MAX_AGE must be a number of 0 to 1000000, not `a minute`/],
    [{ CONSECUTIVE_FAILURES: "0" }, 500, /^CONSECUTIVE_FAILURES must be a number of 1 to 1000000, not `0`/],
    [{ MAX_EJECTED: "-1" }, 500, /^MAX_EJECTED must be a number of 0 to 1000000, not `-1`/],
    [{ WHEN_STALE: "never" }, 500, /^WHEN_STALE must be keep, no-data or not-ready, not `never`/],
  ]) {
    const worker = await workerd(config, { env: settings(more) });
    try {
      const answer = await ask(worker.address);
      assert.equal(answer.status, status);
      assert.match(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body), said);
    } finally {
      await worker.stop();
    }
  }
});

/** What a client may not learn: addresses, ports, names of record sets. */
const inside = new RegExp(`${US}|${EU}|127\\.0\\.0\\.1|us-east-1|eu-west-1|hc-`.replaceAll(".", "\\."));

test("who does not know the token learns nothing about origins, whatever happens", async () => {
  const hangs = await server(() => {});
  for (const [more, statuses] of [
    [{}, [200]],
    [{ ORIGINS: JSON.stringify({ [US]: `http://${hangs.address}`, [EU]: `http://${hangs.address}` }), TIMEOUT: "200" }, [502, 504]],
    [{ ORIGINS: "{}" }, [502]],
    [{ ORIGINS: "{", FEED: `http://${hangs.address}/` }, [500]],
    [{ NAME: "none.example.com" }, [404]],
    [{ FEED: `http://${hangs.address}/`, WHEN_STALE: "not-ready" }, [503]],
  ]) {
    const output = [];
    const worker = await workerd(config, { env: settings(more), output });
    try {
      for (const headers of [{ "x-pointsman-debug": "guess" }, { "x-pointsman-debug": "" }]) {
        const response = await fetch(worker.address, { headers: { "cf-blob": JSON.stringify({ country: "US", continent: "NA" }), ...headers } });
        const body = await response.text();
        assert.ok(statuses.includes(response.status), `${JSON.stringify(more)}: ${response.status} ${body}`);
        const seen = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
        assert.doesNotMatch(seen, /x-pointsman/, seen);
        if (response.status !== 200) assert.doesNotMatch(body, inside, body);
      }
      if (statuses[0] === 502) assert.match(output.join(""), new RegExp(US.replaceAll(".", "\\.")), "the log says which origin");
    } finally {
      await worker.stop();
    }
  }
  const worker = await workerd(config, { env: settings({ DEBUG_TOKEN: "" }) });
  try {
    const { said } = await ask(worker.address, { headers: { "x-pointsman-debug": "" } });
    assert.deepEqual(said, {}, "without a token nobody sees it");
  } finally {
    await worker.stop();
    await hangs.kill();
  }
});

test("one time-out takes no origin out for everybody; several in a row do, and never more than the cap", async () => {
  let failures = 0;
  const flaky = await server((_, response) => {
    if (failures > 0) failures -= 1;
    else response.writeHead(200, { "content-type": "application/json" }).end('{"origin":"flaky"}');
  });
  const ORIGINS = JSON.stringify({ [US]: `http://${flaky.address}`, [EU]: `http://${eu.address}` });
  const worker = await workerd(config, { env: settings({ ORIGINS, TIMEOUT: "300", CONSECUTIVE_FAILURES: "3", LEAVE_ALONE: "8" }) });
  const origin = async () => (await ask(worker.address)).body.origin;
  try {
    failures = 1;
    assert.deepEqual([await origin(), await origin()], ["eu", "flaky"], "this request moves on, the next one does not");
    failures = 2;
    assert.deepEqual([await origin(), await origin(), await origin()], ["eu", "eu", "flaky"], "a success begins anew");
    failures = 1000;
    for (let round = 0; round < 3; round += 1) assert.equal(await origin(), "eu");
    const left = failures;
    for (let round = 0; round < 3; round += 1) assert.equal(await origin(), "eu");
    assert.equal(failures, left, "it is not asked any more");
    // The other one fails as well: half of the origins are out already, so that it stays in the choice.
    await eu.kill();
    for (let round = 0; round < 5; round += 1) assert.equal((await ask(worker.address)).status, 502);
    await eu.start();
    assert.equal(await origin(), "eu", "at once, since it never was taken out");
    failures = 0;
    await until(worker.address, ({ body }) => body.origin === "flaky");
  } finally {
    await worker.stop();
    await flaky.kill();
  }
});

test("FAIL_CLOSED: 503 where nothing is healthy", async () => {
  const source = await feed({ HealthChecks: { "hc-us-east-1": "unhealthy", "hc-eu-west-1": "unhealthy" } });
  for (const [FAIL_CLOSED, status] of [["", 200], ["app.example.com", 503], ["Example.com.", 503], [".", 503], ["www.example.com", 200]]) {
    const worker = await workerd(config, { env: settings({ FEED: source.url, FAIL_CLOSED }) });
    try {
      assert.equal((await ask(worker.address)).status, status, FAIL_CLOSED);
    } finally {
      await worker.stop();
    }
  }
  await source.kill();
});

test("two watches behind one address do not take turns", async () => {
  const mark = (id, report, sequence) => ({ Watch: { Id: id, Run: "1", Sequence: sequence, Zone: "example.com." }, ...report });
  let looks = 0, isAlone = false;
  const balancer = await server((_, response) => {
    looks += 1;
    response.writeHead(200).end(JSON.stringify(looks % 2 === 1 && !isAlone ? mark("one", healthy, looks) : mark("two", usDown, looks)));
  });
  const worker = await workerd(config, { env: settings({ FEED: `http://${balancer.address}/`, REFRESH: "0.1" }) });
  try {
    for (let round = 0; round < 40; round += 1) {
      assert.equal((await ask(worker.address)).body.origin, "us", `look ${looks}`);
      await setTimeout(50);
    }
    assert.ok(looks > 8, `${looks} looks`);
    isAlone = true;
    await until(worker.address, ({ body }) => body.origin === "eu");
  } finally {
    await worker.stop();
    await balancer.kill();
  }
});

test("a text that says nothing of health is no report", async () => {
  const source = await feed(usDown);
  const worker = await workerd(config, { env: settings({ FEED: source.url }) });
  try {
    assert.equal((await ask(worker.address)).body.origin, "eu");
    source.text = "{}";
    const kept = await until(worker.address, ({ said }) => said.health.includes("bad report"));
    assert.equal(kept.body.origin, "eu");
  } finally {
    await worker.stop();
    await source.kill();
  }
});
