// The conformance host `js-decide`: pointsman/decide in Node.js. Requests are those of ../../plain/node/subject.mjs.
import { createInterface } from "node:readline";
import { Zone } from "../../../target/wasm/npm/decide.mjs";

let zone, view;

const report = (statuses) => {
  const health = { HealthChecks: {}, AliasTargets: {} };
  for (const { check, alias_target: target, status } of statuses) {
    if (target !== undefined) health.AliasTargets[target] = status;
    else if (status === "insufficient, last healthy") health.HealthChecks[check] = { Status: "insufficient", LastKnown: "healthy" };
    else if (status === "insufficient, last unhealthy") health.HealthChecks[check] = { Status: "insufficient", LastKnown: "unhealthy" };
    else if (status !== "no data") health.HealthChecks[check] = status;
  }
  return health;
};

const refused = (work) => {
  try {
    work();
  } catch (error) {
    if (error.code === "only-decides") return { text: error.message };
    throw error;
  }
  throw new Error("this package should have no such thing");
};

const operations = {
  open({ image, statuses }) {
    view?.free();
    zone?.free();
    zone = Zone.fromImage(Buffer.from(image, "base64"));
    view = zone.health(report(statuses));
    return { unknown: view.unknown };
  },
  resolve({ line }) {
    const query = JSON.parse(line);
    const [first, again] = [view.resolve(query), view.resolve(query)];
    if (first !== again) throw new Error("equal answers are one object");
    return { text: JSON.stringify(first) };
  },
  no_odds: ({ line }) => refused(() => view.odds(JSON.parse(line))),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let response;
  try {
    response = operations[request.op](request);
  } catch (error) {
    response = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(response)}\n`);
}
