// What a user writes, under `tsc --strict`: it has to compile, and each line marked as an error has to be one.
import { apply, check, createEngine, PointsmanError, regions, Zone } from "pointsman";
import type { Answer, Client, Diagnostic, Engine, HealthReport, Odds, Query, View } from "pointsman";
import { init } from "pointsman/manual";
import { watchFeed } from "pointsman/watch";
import { watchFile } from "pointsman/watch-file";
import { Zone as SmallZone, type View as SmallView } from "pointsman/decide";

const report: HealthReport = { HealthChecks: { "hc-1": "unhealthy", alarm: { Status: "insufficient", LastKnown: "unhealthy" } } };

export function load(text: string): View {
  try {
    const zone = Zone.load([text, { name: "latency.json", text }, { LatencyTable: {} }], { zoneName: "example.com" });
    return zone.health(report);
  } catch (error) {
    if (error instanceof PointsmanError && error.code === "invalid-documents") {
      error.diagnostics.forEach(({ line, column, message }: Diagnostic) => console.error(line, column, message));
    }
    throw error;
  }
}

export function ask(view: View, country: string): string {
  const client: Client = { country, latency_ms: { "us-east-1": 10 } };
  const query: Query = { name: "www.example.com", type: "A", client, draw: 7n };
  const answer: Answer = view.resolve(query);
  switch (answer.rcode) {
    case "NXDOMAIN":
    case "SERVFAIL":
    case "REFUSED": {
      const nothing: readonly [] = answer.values;
      return `${nothing.length} ${answer.ttl.toFixed()}`;
    }
    case "NOERROR":
      if (answer.alias_target !== undefined) {
        const unknown: null = answer.ttl;
        return `${answer.alias_target.toUpperCase()} ${unknown}`;
      }
      if (answer.referral !== undefined) return answer.referral.toUpperCase();
      return `${answer.values.join()} ${answer.ttl.toFixed()}`;
  }
}

export function share(odds: Odds): number {
  let sum = 0;
  for (const outcome of odds.outcomes) {
    if (outcome.members !== undefined) sum += outcome.choose / outcome.members.length;
    else if (outcome.alias_target !== undefined) sum += outcome.alias_target.length;
    else sum += outcome.values.length * outcome.probability;
  }
  return sum;
}

export function steps(view: View): string[] {
  const { steps, text } = view.explain({ name: "www.example.com", type: "A" });
  return [text, ...steps.map((step) => step.kind === "member" ? `${step.verdict ?? "?"}: ${step.reason.code} ${step.reason.runner_up ?? ""} ${step.health} ${step.text}`
    : step.kind === "group" ? `${step.policy} ${step.healthy}` : step.subject)];
}

export async function start(): Promise<string> {
  await init(new Uint8Array(8));
  return apply([{}], "{}") + check([]).length + regions()[0]?.code;
}

export function wrong(view: View, answer: Answer): void {
  // @ts-expect-error: there is no such record type
  view.resolve({ name: "www.example.com", type: "AXFR" });
  // @ts-expect-error: a misspelt fact
  view.resolve({ name: "www.example.com", type: "A", client: { contry: "SG" } });
  // @ts-expect-error: the name is missing
  view.resolve({ type: "A" });
  // @ts-expect-error: answers are shared, so nobody may write to them
  answer.values.push("192.0.2.1");
  // @ts-expect-error: nor here
  answer.fail_open = true;
  // @ts-expect-error: there may be no TTL
  answer.ttl.toFixed();
  // @ts-expect-error: a status that there is not
  view.updated({ HealthChecks: { "hc-1": "fine" } });
  // @ts-expect-error: documents are a list
  Zone.load("{}");
}

import { CONTINENTS, countries, drawOf, isCountry, isRecordType, randomDraw, RECORD_TYPES } from "pointsman";
import { Zone as InlineZone } from "pointsman/inline";
import type { Continent, RecordType } from "pointsman";
import wasm from "pointsman/pointsman.wasm";

export async function words(country: string, type: string): Promise<string> {
  await init(wasm);
  const zone = InlineZone.load([{ json: {}, cidrCollection: "c" }], { draws: "required" });
  const view = zone.health(undefined, { draws: "required" });
  const first: RecordType | undefined = RECORD_TYPES[0];
  const continents: readonly Continent[] = CONTINENTS;
  if (!isRecordType(type) || !isCountry(country)) return `${first} ${continents.join()}`;
  const query = { name: "www.example.com", type, client: { country }, draw: drawOf("key") + randomDraw() };
  return `${view.withoutAnswer(query).zoneName} ${countries()[0]?.continent} ${JSON.stringify(new PointsmanError("freed", "x").toJSON().field)}`;
}

// @ts-expect-error There are two ways.
Zone.load([], { draws: "always" });
// @ts-expect-error A key is a text.
drawOf(7);
export function decide(bytes: Uint8Array): readonly string[] {
  const view: SmallView = SmallZone.fromImage(bytes).health(report).down(["hc-1"]);
  const answer: Answer = view.resolve({ name: "www.example.com", type: "A" });
  // @ts-expect-error: a type that Route 53 does not know
  view.resolve({ name: "www.example.com", type: "AXFR" });
  // @ts-expect-error: an image is bytes
  SmallZone.fromImage("zone.pmz");
  const never: never = view.explain();
  return [...answer.values, never, ...view.unknown];
}

export function tenants(documents: string[]): Answer {
  const engine: Engine = createEngine();
  try {
    return engine.Zone.load(documents).health().resolve({ name: "www.example.com", type: "A", draw: engine.drawOf("key") });
  } finally {
    engine.close();
  }
}

export function follow(zone: Zone): string {
  const feed = watchFeed(zone, "http://127.0.0.1:8053/v1/health", (view: View, { state, age }) => console.log(view.zoneName, state, age?.toFixed()), { maxAge: 30, whenStale: "no-data" });
  const file = watchFile(zone, "health.json", () => {}, { onFault: (fault: Error) => console.error(fault) });
  file.close();
  // @ts-expect-error There are two ways.
  watchFeed(zone, "http://127.0.0.1:8053/", () => {}, { whenStale: "drop" });
  // @ts-expect-error One query after another is as quick.
  feed.view.resolveMany([]);
  return feed.status.state;
}
