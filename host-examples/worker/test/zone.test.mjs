// The worker follows the zone of a fleet's feed, in the real workerd.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ask, here, origin, server, settingsFor, until, US, workerd } from "./support.mjs";

const built = JSON.parse(readFileSync(join(here, "..", "zones", "active-active.json"), "utf8"));
/** A version that sends everybody to one origin. */
const sendsTo = (address) => JSON.stringify({
  ...built, ResourceRecordSets: [
    ...built.ResourceRecordSets.filter(({ Name, Type }) => Name !== "app.example.com." || !["A", "AAAA"].includes(Type)),
    { Name: "app.example.com.", Type: "A", TTL: 60, ResourceRecords: [{ Value: address }] },
  ],
});
const digestOf = (text) => createHash("sha256").update(text).digest("hex");

test("the worker follows a fleet's zone, and a version that is no good changes nothing", async () => {
  const [us, eu] = await Promise.all([origin("us"), origin("eu")]);
  const served = { text: JSON.stringify(built), number: 1, status: 200, tag: undefined, asked: [] };
  const feed = await server((request, response) => {
    served.asked.push([request.url, request.headers["if-none-match"]]);
    const etag = `"${served.tag ?? digestOf(served.text)}"`;
    const head = { etag, "pointsman-number": String(served.number) };
    if (served.status !== 200) response.writeHead(served.status).end();
    else if (request.headers["if-none-match"] === etag) response.writeHead(304, head).end();
    else response.writeHead(200, head).end(served.text);
  });
  const output = [];
  const worker = await workerd(join(here, "workerd.capnp"), {
    env: settingsFor(us, eu, { ZONE_FEED: `http://${feed.address}/v1/zone?location=eu`, REFRESH: "0.1" }), output,
  });
  const stays = async (what, isRefused) => {
    for (let round = 0; !isRefused(); round += 1) {
      assert.ok(round < 300, `${what}: ${output.join("")}`);
      assert.equal((await ask(worker.address)).body.origin, "eu", what);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await ask(worker.address)).body.origin, "eu", what);
  };
  const says = (text) => { const from = output.length; return () => output.slice(from).join("").includes(text); };
  try {
    // A client in the USA goes to `us` by the zone that is built in, which is the first version as well.
    await until(worker.address, ({ body }) => body.origin === "us");
    Object.assign(served, { text: sendsTo("198.51.100.10"), number: 2 });
    await until(worker.address, ({ body }) => body.origin === "eu");
    assert.deepEqual(served.asked.at(-1)[0], "/v1/zone?location=eu");
    await stays("asks with what it has", () => served.asked.at(-1)[1] === `"${digestOf(served.text)}"`);

    let refused = says("cannot be used");
    Object.assign(served, { text: "{\"HostedZone\": ", number: 3 });
    await stays("nonsense", refused);
    refused = says("cannot be used");
    Object.assign(served, { text: sendsTo(US).replaceAll("example.com", "example.net"), number: 4 });
    await stays("another zone", refused);
    refused = says("is damaged");
    Object.assign(served, { text: sendsTo(US), tag: digestOf("other"), number: 5 });
    await stays("damaged", refused);
    refused = says("lags behind");
    Object.assign(served, { tag: undefined, number: 2 });
    await stays("older", refused);
    refused = says("answers 503");
    served.status = 503;
    await stays("gone", refused);
    Object.assign(served, { status: 200, number: 6 });
    await until(worker.address, ({ body }) => body.origin === "us");
  } finally {
    await worker.stop();
    await Promise.all([us.kill(), eu.kill(), feed.kill()]);
  }
});
