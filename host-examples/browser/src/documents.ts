/** What the page itself reads in documents: enough to draw, never enough to decide. */
import type { Doc } from "./protocol.js";

export interface RecordSet {
  readonly Name: string;
  readonly Type: string;
  readonly SetIdentifier?: string;
  readonly Weight?: number;
  readonly Region?: string;
  readonly Failover?: string;
  readonly MultiValueAnswer?: boolean;
  readonly GeoLocation?: { readonly ContinentCode?: string; readonly CountryCode?: string; readonly SubdivisionCode?: string };
  readonly GeoProximityLocation?: {
    readonly AWSRegion?: string; readonly LocalZoneGroup?: string; readonly Bias?: number;
    readonly Coordinates?: { readonly Latitude: string; readonly Longitude: string };
  };
  readonly CidrRoutingConfig?: { readonly LocationName?: string };
  readonly HealthCheckId?: string;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
  readonly AliasTarget?: { readonly DNSName: string; readonly EvaluateTargetHealth?: boolean };
}

export interface HealthCheck {
  readonly Id: string;
  readonly HealthCheckConfig?: {
    readonly Type?: string; readonly Inverted?: boolean; readonly Disabled?: boolean; readonly FullyQualifiedDomainName?: string;
    readonly IPAddress?: string; readonly Port?: number;
  };
}

/** What documents hold, keyed for drawing. */
export interface Content {
  readonly groups: ReadonlyMap<string, readonly RecordSet[]>;
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly hasLatencyTable: boolean;
  readonly hasLatencyRecords: boolean;
}

/** A name as records are looked up: lower case, with a final dot, escapes undone. */
export function normal(name: string): string {
  const plain = name.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8))).toLowerCase();
  return plain.endsWith(".") ? plain : `${plain}.`;
}

export const groupKey = (name: string, type: string): string => `${normal(name)} ${type}`;

/** Reads documents that core has loaded, so that they are JSON and of the right shape. */
export function readContent(documents: readonly unknown[]): Content {
  const groups = new Map<string, RecordSet[]>();
  const checks = new Map<string, HealthCheck>();
  let hasLatencyTable = false, hasLatencyRecords = false;
  for (const document of documents) {
    if (typeof document !== "object" || document === null) continue;
    const { ResourceRecordSets, HealthChecks, LatencyTable } = document as Record<string, unknown>;
    for (const record of Array.isArray(ResourceRecordSets) ? ResourceRecordSets as RecordSet[] : []) {
      const key = groupKey(record.Name, record.Type);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [record]);
      else group.push(record);
      if (record.Region !== undefined) hasLatencyRecords = true;
    }
    for (const check of Array.isArray(HealthChecks) ? HealthChecks as HealthCheck[] : []) checks.set(check.Id, check);
    if (LatencyTable !== undefined) hasLatencyTable = true;
  }
  for (const group of groups.values()) group.sort((a, b) => (a.SetIdentifier ?? "") < (b.SetIdentifier ?? "") ? -1 : 1);
  return { groups, checks, hasLatencyTable, hasLatencyRecords };
}

/** Documents with the sliders' biases in place of their own. */
export function withBiases(documents: readonly Doc[], biases: Readonly<Record<string, number>>): readonly unknown[] {
  return documents.map(({ text }) => {
    const document = JSON.parse(text) as { ResourceRecordSets?: unknown };
    if (!Array.isArray(document.ResourceRecordSets)) return document;
    const ResourceRecordSets = (document.ResourceRecordSets as RecordSet[]).map((record) => {
      const bias = biases[record.SetIdentifier ?? ""];
      const { GeoProximityLocation } = record;
      if (bias === undefined || GeoProximityLocation === undefined) return record;
      return { ...record, GeoProximityLocation: { ...GeoProximityLocation, Bias: bias } };
    });
    return { ...document, ResourceRecordSets };
  });
}

const CONTINENTS: Readonly<Record<string, string>> = {
  AF: "Africa", AN: "Antarctica", AS: "Asia", EU: "Europe", NA: "North America", OC: "Oceania", SA: "South America",
};

/** A group's policy, in a word. */
export function policyOf(record: RecordSet): string {
  if (record.Weight !== undefined) return "weighted";
  if (record.Region !== undefined) return "latency";
  if (record.Failover !== undefined) return "failover";
  if (record.GeoLocation !== undefined) return "geolocation";
  if (record.GeoProximityLocation !== undefined) return "geoproximity";
  if (record.CidrRoutingConfig !== undefined) return "IP-based";
  if (record.MultiValueAnswer === true) return "multivalue";
  return "simple";
}

/** A member's part in its group's policy. */
export function partOf(record: RecordSet): string {
  const { Weight, Region, Failover, GeoLocation, GeoProximityLocation, CidrRoutingConfig } = record;
  if (Weight !== undefined) return `weight ${Weight}`;
  if (Region !== undefined) return Region;
  if (Failover !== undefined) return Failover.toLowerCase();
  if (GeoLocation !== undefined) {
    const { ContinentCode, CountryCode, SubdivisionCode } = GeoLocation;
    if (ContinentCode !== undefined) return CONTINENTS[ContinentCode] ?? ContinentCode;
    if (CountryCode === "*") return "everywhere else";
    return SubdivisionCode === undefined ? CountryCode ?? "" : `${CountryCode}-${SubdivisionCode}`;
  }
  if (GeoProximityLocation !== undefined) {
    const bias = GeoProximityLocation.Bias ?? 0;
    return `${placeOf(record)}${bias === 0 ? "" : `, bias ${bias > 0 ? "+" : ""}${bias}`}`;
  }
  if (CidrRoutingConfig !== undefined) return CidrRoutingConfig.LocationName === "*" ? "all other networks" : CidrRoutingConfig.LocationName ?? "";
  return "";
}

/** Where a geoproximity record set is. */
export function placeOf({ GeoProximityLocation: place }: RecordSet): string {
  return place?.AWSRegion ?? place?.LocalZoneGroup
    ?? (place?.Coordinates === undefined ? "" : `${place.Coordinates.Latitude}, ${place.Coordinates.Longitude}`);
}

/** Groups that a question may reach, itself first. */
export function reachable(content: Content, key: string): string[] {
  const list = [key];
  const seen = new Set(list);
  for (const next of list) {
    for (const { AliasTarget, Type } of content.groups.get(next) ?? []) {
      if (AliasTarget === undefined) continue;
      const target = groupKey(AliasTarget.DNSName, Type);
      if (content.groups.has(target) && !seen.has(target)) {
        seen.add(target);
        list.push(target);
      }
    }
  }
  return list;
}
