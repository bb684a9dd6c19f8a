/** Zones to begin with: those of host-examples/zones, which are built after what articles recommend, and two for maps. */
import activeActive from "../../zones/active-active.json?raw";
import activePassive from "../../zones/active-passive.json?raw";
import canary from "../../zones/canary.json?raw";
import hybrid from "../../zones/hybrid.json?raw";
import latency from "../../zones/latency.json?raw";
import weighted from "../../zones/weighted.json?raw";
import geoproximity from "../zones/geoproximity.json?raw";
import worldwide from "../zones/worldwide.json?raw";
import type { Doc } from "./protocol.js";

export interface Example {
  readonly title: string;
  readonly documents: () => readonly Doc[];
  readonly country: string;
}

const zone = (text: string): Doc => ({ name: "zone.json", text });
const table: Doc = { name: "latency.json", text: latency };

export const EXAMPLES: readonly Example[] = [
  { title: "Worldwide: geolocation over failover over a canary", country: "DE", documents: () => [zone(worldwide)] },
  { title: "Geoproximity: borders that a bias moves", country: "BR", documents: () => [zone(geoproximity)] },
  { title: "Active-active: latency over two Regions", country: "US", documents: () => [zone(activeActive)] },
  { title: "Active-active, with a latency table", country: "SG", documents: () => [zone(activeActive), table] },
  { title: "Active-passive: failover over load balancers", country: "US", documents: () => [zone(activePassive)] },
  { title: "Hybrid: two active Regions, one stands by", country: "US", documents: () => [zone(hybrid), table] },
  { title: "Weighted with health checks: 50 to 50", country: "FR", documents: () => [zone(weighted)] },
  { title: "Canary: 90 to 10", country: "US", documents: () => [zone(canary)] },
  { title: "Ten thousand record sets", country: "JP", documents: () => [zone(tenThousand())] },
];

/** The worldwide zone, with ten thousand record sets and as many health checks beside it. */
function tenThousand(): string {
  const document = JSON.parse(worldwide) as { ResourceRecordSets: unknown[]; HealthChecks?: unknown[] };
  const HealthChecks: unknown[] = [];
  const room = 10_000 - document.ResourceRecordSets.length;
  for (let number = 0; number < room; number += 1) {
    const pair = number >> 1, Id = `hc-${pair}${number % 2 === 0 ? "a" : "b"}`;
    HealthChecks.push({ Id, HealthCheckConfig: { Type: "TCP", IPAddress: "8.8.8.8", Port: 443 } });
    document.ResourceRecordSets.push({
      Name: `host-${pair}.example.com.`, Type: "A", SetIdentifier: number % 2 === 0 ? "primary" : "secondary",
      Failover: number % 2 === 0 ? "PRIMARY" : "SECONDARY", HealthCheckId: Id, TTL: 60,
      ResourceRecords: [{ Value: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}` }],
    });
  }
  // Compact: an editor shows four megabytes of one line each better than eight of many.
  const records = document.ResourceRecordSets.map((record) => `  ${JSON.stringify(record)}`).join(",\n");
  const checks = HealthChecks.map((check) => `  ${JSON.stringify(check)}`).join(",\n");
  const { ResourceRecordSets: _, ...rest } = document;
  return `${JSON.stringify(rest).slice(0, -1)},\n"ResourceRecordSets": [\n${records}\n],\n"HealthChecks": [\n${checks}\n]}\n`;
}
