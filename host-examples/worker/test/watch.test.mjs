// The worker behind the real `pointsman watch`, which tries two origins for real. POINTSMAN names the program.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { here, origin, settingsFor, until, workerd } from "./support.mjs";

const program = process.env.POINTSMAN ?? join(here, "..", "..", "target", "release", "pointsman");

/** The zone of the worker, with health checks for two origins on this machine. */
function zone(us, eu) {
  const document = JSON.parse(readFileSync(join(here, "..", "zones", "active-active.json"), "utf8"));
  const port = (id) => Number((id === "hc-us-east-1" ? us : eu).address.split(":")[1]);
  const check = ({ Id }) => ({
    Id, HealthCheckConfig: { Type: "HTTP", IPAddress: "127.0.0.1", Port: port(Id), ResourcePath: "/healthz", RequestInterval: 10, FailureThreshold: 3 },
  });
  return JSON.stringify({ ...document, HealthChecks: document.HealthChecks.map(check) });
}

test("an origin dies and comes back: the prober sees it, its feed informs the worker, requests move and return", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-worker-"));
  const [us, eu] = await Promise.all([origin("us"), origin("eu")]);
  writeFileSync(join(folder, "zone.json"), zone(us, eu));
  const watch = execFile(program, ["watch", "-z", join(folder, "zone.json"), "--listen", "127.0.0.1:0", "--interval-scale", "0.1"]);
  const ended = once(watch, "exit");
  let worker;
  try {
    const lines = createInterface({ input: watch.stdout });
    const first = await Promise.race([once(lines, "line"), ended.then(([code]) => { throw new Error(`${program} ended with ${code}`); })]);
    // Nothing is spared for having failed, so that what moves requests without a try is the feed.
    worker = await workerd(join(here, "workerd.capnp"), { env: settingsFor(us, eu, { FEED: `${first[0]}/v1/health`, LEAVE_ALONE: "0" }) });
    const fresh = ({ status, said }) => status === 200 && said.health.startsWith("fresh, ") && said.tried === undefined;
    await until(worker.address, (answer) => fresh(answer) && answer.body.origin === "us" && /is reported healthy/.test(answer.said.why));
    await us.kill();
    await until(worker.address, (answer) => fresh(answer) && answer.body.origin === "eu");
    await us.start();
    await until(worker.address, (answer) => fresh(answer) && answer.body.origin === "us");
  } finally {
    await worker?.stop();
    watch.kill();
    await ended;
    await Promise.all([us.kill(), eu.kill()]);
    rmSync(folder, { recursive: true });
  }
});
