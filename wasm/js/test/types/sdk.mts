// Answers and inputs of the AWS SDK for JavaScript, by its own types.
import type {
  ChangeBatch, ChangeResourceRecordSetsRequest, GetHealthCheckStatusCommandOutput, GetHostedZoneCommandOutput, ListCidrBlocksCommandOutput,
  ListHealthChecksCommandOutput, ListResourceRecordSetsCommandOutput, ListResourceRecordSetsResponse,
} from "@aws-sdk/client-route-53";
import { apply, check, Zone } from "pointsman";
import type { CheckStatus, HealthReport, View } from "pointsman";

export function load(
  zone: GetHostedZoneCommandOutput, pages: ListResourceRecordSetsCommandOutput[], plain: ListResourceRecordSetsResponse,
  checks: ListHealthChecksCommandOutput, blocks: ListCidrBlocksCommandOutput, status: GetHealthCheckStatusCommandOutput,
): View {
  const offices = { json: blocks, cidrCollection: "c1a5e6a5-7a3c-4a3e-9b1e-2f6d0c9b8a77" };
  check([plain]);
  const known: CheckStatus = status;
  const report: HealthReport = { HealthChecks: { "hc-1": status, "hc-2": known } };
  return Zone.load([zone, ...pages, checks, offices]).health(report);
}

export function change(zone: GetHostedZoneCommandOutput, batch: ChangeBatch, request: ChangeResourceRecordSetsRequest): string[] {
  return [apply([zone], batch), apply([zone], request)];
}
