// The real workerd, and servers for it to talk to, all on this machine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import workerdPath from "workerd";

export const here = dirname(dirname(fileURLToPath(import.meta.url)));

/** A port that nothing listens on. */
async function freePort() {
  const socket = createSocket();
  await new Promise((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Starts workerd; resolves when it answers. */
export async function workerd(config, { env = {}, externals = {}, output = [] } = {}) {
  const port = await freePort();
  const options = [`--socket-addr=http=127.0.0.1:${port}`, ...Object.entries(externals).map(([name, address]) => `--external-addr=${name}=${address}`)];
  const program = spawn(workerdPath.default ?? workerdPath, ["serve", ...options, config], { cwd: here, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [program.stdout, program.stderr]) stream.on("data", (data) => output.push(String(data)));
  const ended = new Promise((resolve) => program.once("exit", resolve));
  for (let round = 0; ; round += 1) {
    const socket = await import("node:net").then(({ connect }) => new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
      socket.once("error", () => resolve(false));
    }));
    if (socket) break;
    if (program.exitCode !== null || round > 200) throw new Error(`workerd did not start: ${output.join("")}`);
    await setTimeout(50);
  }
  return { address: `http://127.0.0.1:${port}`, output, stop: async () => { program.kill(); await ended; } };
}

/** A server on this machine that can be killed and brought back at its port. */
export async function server(handle) {
  let http, port = 0;
  const start = async () => {
    http = createServer(handle);
    await new Promise((resolve, reject) => { http.once("error", reject); http.listen(port, "127.0.0.1", resolve); });
    ({ port } = http.address());
  };
  const kill = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  await start();
  return { start, kill, get http() { return http; }, get address() { return `127.0.0.1:${port}`; } };
}

/** An origin that says its name and what it was asked. */
export const origin = (name) => server((request, response) => {
  let body = "";
  request.on("data", (data) => { body += data; });
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ origin: name, method: request.method, url: request.url, body, host: request.headers["x-forwarded-host"] }));
  });
});

/** The values that the zone's record sets give, and what the worker knows about two origins. */
export const US = "192.0.2.10", EU = "198.51.100.10";
export const settingsFor = (us, eu, more = {}) => ({
  ORIGINS: JSON.stringify({ [US]: `http://${us.address}`, [EU]: `http://${eu.address}` }), NAME: "app.example.com",
  FEED: "", ZONE_FEED: "", REFRESH: "0.2", MAX_AGE: "60", WHEN_STALE: "keep", TIMEOUT: "1000", LEAVE_ALONE: "0.5",
  CONSECUTIVE_FAILURES: "1", MAX_EJECTED: "50", FAIL_CLOSED: "", DEBUG_TOKEN: "let me see", ...more,
});

/** Asks the worker as a client of a country. */
export async function ask(address, { cf = { country: "US", continent: "NA" }, path = "/", headers = {}, ...init } = {}) {
  const response = await fetch(address + path, { ...init, headers: { "cf-blob": JSON.stringify(cf), "cf-connecting-ip": "203.0.114.9", "x-pointsman-debug": "let me see", ...headers } });
  const text = await response.text();
  const said = Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("x-pointsman-")).map(([name, value]) => [name.slice(12), value]));
  let body;
  try { body = JSON.parse(text); } catch { body = text; }
  return { status: response.status, body, said };
}

/** Asks until it is so, for twenty seconds: other things may run on this machine. */
export async function until(address, isSo, options) {
  for (let round = 0; ; round += 1) {
    const answer = await ask(address, options);
    if (isSo(answer)) return answer;
    assert.ok(round < 200, JSON.stringify(answer));
    await setTimeout(100);
  }
}
