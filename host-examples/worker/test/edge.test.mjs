// What the open internet does to a worker: paths, methods, headers, bodies and clients that nobody planned for.
import assert from "node:assert/strict";
import { request as ask1 } from "node:http";
import { once } from "node:events";
import { createServer as createSocket } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { bundle } from "../build.mjs";
import { ask, EU, here, origin, server, settingsFor, US, until, workerd } from "./support.mjs";

const config = join(here, "workerd.capnp");
let us, eu, worker;
const output = [];

before(async () => {
  [us, eu] = await Promise.all([origin("us"), origin("eu")]);
  worker = await workerd(config, { env: settingsFor(us, eu), output });
});
after(async () => { await worker.stop(); await Promise.all([us.kill(), eu.kill()]); });

/** A request as it is written, past what `fetch` allows. */
async function raw(address, { path = "/", method = "GET", headers = {}, body } = {}) {
  const { hostname, port } = new URL(address);
  const request = ask1({ hostname, port, path, method, headers: { "cf-blob": '{"country":"US"}', "cf-connecting-ip": "203.0.114.9", ...headers }, agent: false });
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const data of response) text += data;
  return { status: response.statusCode, headers: response.headers, text };
}

/** With a worker of its own. */
async function withWorker(env, work) {
  const own = await workerd(config, { env });
  try {
    return await work(own);
  } finally {
    await own.stop();
  }
}
const handled = (handle) => server(handle);
const both = (one, two = one) => ({ ORIGINS: JSON.stringify({ [US]: `http://${one.address}`, [EU]: `http://${two.address}` }) });

test("a path cannot lead a request to another host", async () => {
  let asked = 0;
  const other = await handled((_, response) => { asked += 1; response.end("stolen"); });
  for (const path of [`//${other.address}/`, `/\\${other.address}/`, `//user@${other.address}/x`, `///${other.address}`]) {
    const { status, text } = await raw(worker.address, { path });
    assert.equal(status, 200, path);
    assert.equal(JSON.parse(text).origin, "us", path);
  }
  await other.kill();
  assert.equal(asked, 0);
});

test("an origin may have a path, which goes before that of the request", async () => {
  const ORIGINS = JSON.stringify({ [US]: `http://${us.address}/base/`, [EU]: `http://${eu.address}` });
  await withWorker({ ...settingsFor(us, eu), ORIGINS }, async ({ address }) => {
    assert.equal((await ask(address, { path: "/cart?id=7" })).body.url, "/base/cart?id=7");
  });
});

test("what a client sends cannot make an origin look ill", async () => {
  for (const [method, body] of [["TRACE", undefined], ["GET", "a body"], ["HEAD", undefined], ["OPTIONS", undefined], ["PROPFIND", undefined], ["DELETE", "x"]]) {
    const { status } = await raw(worker.address, { method, body, headers: body === undefined ? {} : { "content-length": body.length } });
    assert.ok(status < 502, `${method}: ${status}`);
    const next = await ask(worker.address);
    assert.deepEqual([next.body.origin, next.said.tried], ["us", undefined], `after ${method}`);
  }
});

test("facts that the rules refuse are left out", async () => {
  for (const cf of [
    { country: "US", regionCode: "ZZ" }, { country: "ZZ" }, { country: "US", continent: "XX" }, { country: "US", latitude: "91", longitude: "0" },
    { country: "US", latitude: "", longitude: "" }, { country: 7, continent: {} }, { country: "US", continent: "NA", regionCode: "1" },
  ]) {
    const { status, body } = await ask(worker.address, { cf });
    assert.equal(status, 200, JSON.stringify([cf, body]));
  }
  assert.equal((await ask(worker.address, { headers: { "cf-connecting-ip": "nonsense" } })).status, 200);
  const known = await ask(worker.address, { cf: { country: "DE", regionCode: "BY", continent: "??", latitude: "95", longitude: "11" } });
  assert.equal(known.body.origin, "eu", "the other facts count");
});

test("a host that is no name is not asked about", async () => {
  await withWorker({ ...settingsFor(us, eu), NAME: "" }, async ({ address }) => {
    for (const host of ["[::1]:8080", "a..b", "127.0.0.1", `${"a".repeat(70)}.example.com`, "app_1.example.com"]) {
      const { status, text } = await raw(address, { headers: { host } });
      assert.ok([404, 421].includes(status) || (status === 400 && !text.includes("origin")), `${host}: ${status} ${text}`);
    }
    assert.equal((await raw(address, { headers: { host: "APP.example.com:80" } })).status, 200);
  });
});

test("a long answer is not cut off, and neither is a long upload", async () => {
  const slow = await handled(async (request, response) => {
    let size = 0;
    for await (const data of request) size += data.length;
    response.writeHead(200, { "x-size": size });
    for (let at = 0; at < 5; at += 1) { response.write("part "); await setTimeout(200); }
    response.end("end");
  });
  await withWorker({ ...settingsFor(us, eu), ...both(slow), TIMEOUT: "500" }, async ({ address }) => {
    assert.equal((await raw(address)).text, "part part part part part end");
    const { hostname, port } = new URL(address);
    const upload = ask1({ hostname, port, method: "PUT", headers: { "cf-blob": '{"country":"US"}', "transfer-encoding": "chunked" }, agent: false });
    for (let at = 0; at < 5; at += 1) { upload.write("x".repeat(1000)); await setTimeout(200); }
    upload.end();
    const [response] = await once(upload, "response");
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers["x-size"], "5000");
    response.resume();
    await once(response, "end");
  });
  await slow.kill();
});

test("what is not safe to send twice is not, unless the client says that it is", async () => {
  let asked = 0;
  const sick = await handled((request, response) => { asked += 1; request.resume(); request.on("end", () => response.writeHead(503).end("sick")); });
  await withWorker({ ...settingsFor(us, eu), ...both(sick, eu) }, async ({ address }) => {
    for (const [method, headers, origin] of [
      ["POST", {}, undefined], ["PATCH", {}, undefined], ["POST", { "idempotency-key": "7" }, "eu"], ["PUT", {}, "eu"], ["DELETE", {}, "eu"], ["GET", {}, "eu"],
    ]) {
      const { body, status } = await ask(address, { method, headers, ...(method === "GET" ? {} : { body: "order 7" }) });
      if (origin === undefined) assert.deepEqual([status, body], [503, "sick"], method);
      else assert.deepEqual([status, body.origin], [200, origin], `${method} ${JSON.stringify(headers)}`);
    }
  });
  await sick.kill();
  assert.equal(asked, 6);
});

test("an order that may have arrived is not sent again; one that cannot have, is", async () => {
  let asked = 0;
  const hangs = await handled(() => { asked += 1; });
  await withWorker({ ...settingsFor(us, eu), ...both(hangs, eu), TIMEOUT: "300" }, async ({ address }) => {
    const { status, body, said } = await ask(address, { method: "POST", body: "order 7" });
    assert.equal(status, 504);
    assert.match(body, /no answer in time.*may have been carried out/s);
    assert.equal(said.tried, `${US} (no answer in time)`);
    assert.equal((await ask(address, { method: "POST", body: "order 8" })).body.origin, "eu", "the next one is spared it");
  });
  await hangs.kill();
  assert.equal(asked, 1);
});

test("a streamed upload to an origin that is dead: told, and the next one goes elsewhere", async () => {
  const dead = await handled(() => {});
  await dead.kill();
  await withWorker({ ...settingsFor(us, eu, { LEAVE_ALONE: "20" }), ...both(dead, eu) }, async ({ address }) => {
    const { status } = await raw(address, { method: "PUT", body: "x".repeat(10), headers: { "transfer-encoding": "chunked" } });
    assert.equal(status, 502);
    const next = await raw(address, { method: "PUT", body: "x".repeat(10), headers: { "transfer-encoding": "chunked" } });
    assert.deepEqual([next.status, JSON.parse(next.text).origin], [200, "eu"]);
  });
});

test("headers: hop by hop ones stay, spoofed ones go, several cookies come back", async () => {
  const echo = await handled((request, response) => {
    response.writeHead(200, [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-pointsman-fail-open", "a lie"], ["x-pointsman-answer", "a lie"], ["cache-control", "max-age=60"]].flat());
    response.end(JSON.stringify(request.headers));
  });
  await withWorker({ ...settingsFor(us, eu), ...both(echo) }, async ({ address }) => {
    const { headers, text } = await raw(address, { headers: {
      connection: "close, x-secret", "x-secret": "1", "keep-alive": "timeout=5", te: "trailers", "proxy-authorization": "Basic eDp5", "x-pointsman-answer": "a lie", "x-mine": "kept",
      "x-pointsman-debug": "let me see",
    } });
    const sent = JSON.parse(text);
    for (const name of ["x-secret", "keep-alive", "te", "proxy-authorization", "x-pointsman-answer", "x-pointsman-debug"]) assert.equal(sent[name], undefined, name);
    assert.equal(sent["x-mine"], "kept");
    assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
    assert.deepEqual([headers["x-pointsman-fail-open"], headers["x-pointsman-answer"], headers["cache-control"]], [undefined, US, "max-age=60"]);
  });
  await echo.kill();
});

test("a worker that is its own origin says so instead of turning in circles", async () => {
  const proxy = await handled((request, response) => {
    asked += 1;
    const { hostname, port } = new URL(target);
    request.pipe(ask1({ hostname, port, path: request.url, method: request.method, headers: request.headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    }).on("error", () => response.destroy()));
  });
  let asked = 0, target;
  await withWorker({ ...settingsFor(us, eu), ...both(proxy) }, async ({ address }) => {
    target = address;
    const { status, text } = await raw(address);
    assert.equal(status, 508);
    assert.match(text, /ORIGINS leads back to this worker/);
  });
  await proxy.kill();
  assert.equal(asked, 1);
});

test("a WebSocket goes through, and stays open past the time-out", async () => {
  const chat = await handled(() => {});
  chat.http.on("upgrade", async (request, socket) => {
    const { createHash } = await import("node:crypto");
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    await setTimeout(700);
    socket.end(Buffer.from([0x81, 5, ...Buffer.from("hello")]));
  });
  await withWorker({ ...settingsFor(us, eu), ...both(chat), TIMEOUT: "300" }, async ({ address }) => {
    const { hostname, port } = new URL(address);
    const request = ask1({ hostname, port, agent: false, headers: {
      connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "cf-blob": '{"country":"US"}',
      "x-pointsman-debug": "let me see",
    } });
    request.end();
    const [response, socket, head] = await once(request, "upgrade");
    assert.equal(response.headers["x-pointsman-answer"], US);
    const [data] = head.length > 0 ? [head] : await once(socket, "data");
    assert.equal(data.subarray(2).toString(), "hello");
    socket.destroy();
  });
  chat.http.closeAllConnections();
  chat.http.close();
});

test("what is said of health can be any text", async () => {
  const feed = await handled((_, response) => response.end('{"HealthChecks": {"hc-us-east-1": "\u{1f44b}ü"}}'));
  await withWorker({ ...settingsFor(us, eu), FEED: `http://${feed.address}/` }, async ({ address }) => {
    const { status, said } = await ask(address);
    assert.equal(status, 200);
    assert.match(said.health, /^no data; bad report: .*%F0%9F%91%8B%C3%BC/);
  });
  await feed.kill();
});

test("while the first look lasts, everybody waits for one; a source that hangs stops nobody for long", async () => {
  let delay = 400;
  const feed = await handled(async (_, response) => {
    if (delay === Infinity) return;
    await setTimeout(delay);
    response.end('{"HealthChecks": {"hc-us-east-1": "unhealthy", "hc-eu-west-1": "healthy"}}');
  });
  const FEED = `http://${feed.address}/`;
  await withWorker({ ...settingsFor(us, eu), FEED, WHEN_STALE: "not-ready" }, async ({ address }) => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(address)));
    assert.deepEqual(answers.map(({ status, body }) => `${status} ${body.origin}`), Array(8).fill("200 eu"));
  });
  delay = Infinity;
  await withWorker({ ...settingsFor(us, eu), FEED }, async ({ address }) => {
    const first = await ask(address);
    assert.deepEqual([first.status, first.body.origin], [200, "us"]);
    assert.match(first.said.health, /^no data; /);
    const began = performance.now();
    for (let at = 0; at < 5; at += 1) assert.equal((await ask(address)).status, 200);
    assert.ok(performance.now() - began < 1500, `${performance.now() - began} ms: only the first one waits`);
  });
  await feed.kill();
});

test("a report from the future is as old as its arrival", async () => {
  const report = { Time: new Date(Date.now() + 3_600_000).toISOString(), HealthChecks: { "hc-us-east-1": "unhealthy", "hc-eu-west-1": "healthy" } };
  const kv = await handled((_, response) => response.end(JSON.stringify(report)));
  const own = await workerd(join(here, "test", "kv.capnp"), { env: settingsFor(us, eu, { MAX_AGE: "1" }), externals: { kv: kv.address } });
  try {
    assert.match((await ask(own.address)).said.health, /^fresh, 0 s/);
    await until(own.address, ({ said }) => said.health.startsWith("stale, "));
  } finally {
    await own.stop();
    await kv.kill();
  }
});

test("an alias that does not look at its target's health is left out itself", async () => {
  const record = (Name, Value) => ({ Name, Type: "A", TTL: 60, ResourceRecords: [{ Value }] });
  const alias = (SetIdentifier, Failover, DNSName) => ({
    Name: "*.example.com.", Type: "A", SetIdentifier, Failover, AliasTarget: { HostedZoneId: "Z1", DNSName, EvaluateTargetHealth: false },
  });
  const documents = [{ HostedZone: { Id: "Z1", Name: "example.com." }, ResourceRecordSets: [
    alias("first", "PRIMARY", "us.example.com."), alias("second", "SECONDARY", "eu.example.com."), record("us.example.com.", US), record("eu.example.com.", EU),
  ] }];
  const folder = mkdtempSync(join(here, "dist", "zone-"));
  const dead = await handled(() => {});
  await dead.kill();
  try {
    writeFileSync(join(folder, "entry.ts"), `import { worker } from ${JSON.stringify(join(here, "src", "route.ts"))};\nexport default worker(${JSON.stringify(documents)});\n`);
    await bundle(join(folder, "entry.ts"), join(folder, "worker.js"));
    writeFileSync(join(folder, "workerd.capnp"), readFileSync(config, "utf8").replaceAll('embed "dist/', 'embed "'));
    const own = await workerd(join(folder, "workerd.capnp"), { env: settingsFor(dead, eu, { NAME: "any.example.com" }) });
    try {
      const { status, body, said } = await ask(own.address);
      assert.deepEqual([status, body.origin, said.path, said.tried], [200, "eu", "second", `${US} (no connection)`], JSON.stringify([body, said]));
    } finally {
      await own.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("clients that nobody knows get an answer too", async () => {
  assert.equal((await raw(worker.address, { headers: { "cf-connecting-ip": "" } })).status, 200);
});

test("what goes wrong is logged", async () => {
  const dead = await handled(() => {});
  await dead.kill();
  const lines = [];
  const own = await workerd(config, { env: { ...settingsFor(us, eu), ...both(dead, eu) }, output: lines });
  try {
    assert.equal((await ask(own.address)).body.origin, "eu");
    for (let round = 0; !/192\.0\.2\.10 \(no connection\)/.test(lines.join("")); round += 1) {
      assert.ok(round < 100, lines.join(""));
      await setTimeout(50);
    }
  } finally {
    await own.stop();
  }
});
