// What the tests share: the package as it is published, and zones to ask.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const packageFolder = join(root, "target", "wasm", "npm");
export const pointsman = await import("../../../target/wasm/npm/node.mjs");

/** A file of host-examples/zones. */
export const zoneFile = (name) => readFileSync(join(root, "host-examples", "zones", name), "utf8");

/** A weighted group `www`, 3 to 1 with a check each, and what lies around it. */
export const example = () => ({
  HostedZone: { Id: "/hostedzone/Z1", Name: "example.com." },
  ResourceRecordSets: [
    weighted("blue", 3, "192.0.2.1", "hc-blue"),
    weighted("green", 1, "192.0.2.2", "hc-green"),
    { Name: "txt.example.com.", Type: "TXT", TTL: 5, ResourceRecords: [{ Value: '"grüße 👋 \\" \u2028"' }] },
    { Name: "sub.example.com.", Type: "NS", TTL: 300, ResourceRecords: [{ Value: "ns1.example.net." }] },
    {
      Name: "lb.example.com.", Type: "A",
      AliasTarget: { HostedZoneId: "Z35SXDOTRQ7X7K", DNSName: "my-lb.us-east-1.elb.amazonaws.com.", EvaluateTargetHealth: true },
    },
  ],
  HealthChecks: ["hc-blue", "hc-green"].map((Id) => ({
    Id, HealthCheckConfig: { Type: "TCP", IPAddress: "8.8.8.8", Port: 443 },
  })),
});

function weighted(SetIdentifier, Weight, Value, HealthCheckId) {
  return { Name: "www.example.com.", Type: "A", SetIdentifier, Weight, HealthCheckId, TTL: 60, ResourceRecords: [{ Value }] };
}

export const www = (more = {}) => ({ name: "www.example.com", type: "A", ...more });

/** Fills the stack, and calls at each of the last levels on the way back. */
export function atTheEnd(padding, levels, work) {
  let left = levels;
  const room = Array(padding).fill(0);
  const deeper = (...room) => {
    try { deeper(...room); } catch {}
    if (left-- > 0) try { work(); } catch {}
  };
  deeper(...room);
}
