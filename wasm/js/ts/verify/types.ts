/** What the analyses take and bring, in the words of the command line's `--json`. */
import type { Answer, Client, Query, RecordType } from "../types.js";

/** JSON text, an object of it, or a text with a name. What the AWS CLI prints; other formats go through {@link readDocuments}. */
export type Document = string | object | { readonly name?: string; readonly text: string; readonly cidrCollection?: string };

/** One version of a zone. */
export interface VersionOptions {
  /** The zone's name, for documents without HostedZone and without a record at the apex. */
  readonly zoneName?: string | undefined;
}

/** What a zone does not say: see docs/verify.md. */
export interface Facts {
  /** What fails together, by name: values, DNS names of alias targets, ids of health checks. */
  readonly domains?: Readonly<Record<string, readonly string[]>>;
  /** The Region of an endpoint, by value or DNS name. */
  readonly regions?: Readonly<Record<string, string>>;
  /** Relative traffic by continent, country, state or network; `default` is everybody else. */
  readonly clients?: Readonly<Record<string, number>>;
  /** What health checks read, by id: the endpoints whose death makes them unhealthy. */
  readonly reads?: Readonly<Record<string, readonly string[] | {
    readonly sees?: readonly string[];
    readonly misses?: readonly string[];
    /** Of a load balancer, by DNS name: whether it may count as unhealthy while health checks find it alive. */
    readonly unhealthy_while_alive?: boolean;
  }>>;
  /** The most that endpoints can carry, in the units of `clients`; without those, per cent. */
  readonly capacity?: Readonly<Record<string, number>>;
  /** What resolvers and clients do with a TTL, each a share of all clients. */
  readonly resolvers?: readonly Readonly<Record<string, number>>[];
}

/** Says how far an analysis is; `false` stops it, and what was not looked at is named in the result. */
export type OnProgress = (done: number, of: number) => boolean | void;

export interface DrillOptions extends VersionOptions {
  readonly facts?: Facts | undefined;
  /** Only findings of at most so many failures at once; a failure domain is one. */
  readonly depth?: number | undefined;
  /** Only these names. */
  readonly only?: readonly string[] | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface RtoOptions extends VersionOptions {
  readonly facts?: Facts | undefined;
  /** What dies, each a failure of its own; each endpoint and failure domain of the name when empty. */
  readonly down?: readonly string[] | undefined;
  /** The seconds within which `percentile` of clients have to have moved. */
  readonly want?: number | undefined;
  /** The percentile that `want` speaks of; 99 when left out. */
  readonly percentile?: number | undefined;
  /** The seed of the simulation. */
  readonly seed?: number | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What a result rests on: it is exact only when every list is empty. */
export interface Claim {
  readonly exact: boolean;
  readonly sampled: readonly string[];
  readonly bounded: readonly string[];
  readonly assumed: readonly string[];
  readonly not_asked: readonly string[];
  readonly unconfirmed: readonly string[];
}

/** A name and type with the clients that a finding is true of. */
export interface Asked {
  readonly question: string;
  readonly clients: string;
  readonly client_list: readonly string[];
  /** 0 to 1. */
  readonly share: number;
}

/** A finding of a drill, with the smallest set of failures that shows it. */
export interface DrillFinding {
  /** Its kind, a stable name such as `dead-endpoint`. */
  readonly code: string;
  readonly severity: "danger" | "warning" | "note";
  readonly message: string;
  readonly why: string;
  readonly help: string;
  /** The record set or health check that it is about; empty when it is about neither. */
  readonly about: string;
  /** What has to fail. */
  readonly failures: readonly string[];
  readonly needs_change: boolean;
  readonly share: number;
  readonly questions: readonly Asked[];
  readonly also_with_more_failures: readonly Asked[];
  /** The same from one drill to the next. */
  readonly fingerprint: string;
  /** The command line that shows it. */
  readonly reproduce?: {
    readonly command: string;
    readonly name: string;
    readonly type: RecordType;
    readonly client: readonly string[];
    readonly draw: string;
    readonly down: readonly string[];
    readonly unnoticed: readonly string[];
    /** What `view.resolve`, `view.odds` and `view.explain` take. */
    readonly query: Query & { readonly client: Client; readonly draw: string };
    /** What `zone.health` takes. */
    readonly report: { readonly HealthChecks: Readonly<Record<string, "unhealthy">>; readonly AliasTargets: Readonly<Record<string, "unhealthy">> };
  };
}

/** What a drill found. */
export interface Drill extends Claim {
  readonly zone: string;
  /** Names and types that were asked. */
  readonly questions: number;
  /** Classes of clients, of all questions together. */
  readonly classes: number;
  /** Endpoints and health checks that can fail. */
  readonly failures: number;
  /** Worst first. */
  readonly findings: readonly DrillFinding[];
  /** Dangers and warnings by the one thing to mend; findings by their fingerprints. */
  readonly causes: readonly {
    readonly cause: string;
    readonly severity: "danger" | "warning" | "note";
    readonly needs_change: boolean;
    readonly help: string;
    readonly findings: readonly string[];
  }[];
  /** Each failure alone, with the names of which clients are hit until somebody changes record sets. */
  readonly single_failures: readonly {
    readonly failure: string;
    readonly questions: number;
    readonly needs_change: boolean;
    readonly hit: readonly string[];
    readonly share: number;
  }[];
  /** Words of the facts that the zone does not have. */
  readonly unknown_facts: readonly string[];
  /** The findings that are dangers: clients are sent where nothing answers, or get nothing. */
  readonly dangers: readonly DrillFinding[];
  /** The findings that are warnings. */
  readonly warnings: readonly DrillFinding[];
  /** The findings that are notes. */
  readonly notes: readonly DrillFinding[];
}

/** One name and type whose answers differ. */
export interface Change {
  readonly name: string;
  readonly type: RecordType;
  /** What it stands for, where it is more than itself. */
  readonly stands_for: string | null;
  readonly cases: readonly {
    readonly clients: string;
    readonly client: readonly string[];
    /** The share of the Earth that the clients are on, as far as positions tell clients apart. */
    readonly earth: number | null;
    readonly down: readonly string[];
    readonly insufficient: readonly string[];
    readonly states: number;
    readonly before: Answer;
    readonly after: Answer;
  }[];
}

/** What differs between two versions. */
export interface Diff extends Claim {
  readonly compared: number;
  readonly changes: readonly Change[];
  /** Names that exist now, without record sets. */
  readonly appear: readonly string[];
  readonly vanish: readonly string[];
  readonly findings: readonly { readonly code: string; readonly level: string; readonly name: string; readonly type: RecordType; readonly message: string }[];
  /** The difference as Markdown, for a comment on a pull request. */
  readonly markdown: string;
}

/** How a name recovers from one failure; times in seconds. */
export interface Recovery {
  readonly failure: string;
  readonly clients: string;
  /** The share of the clients' requests that went to what fails, 0 to 1. */
  readonly affected: number;
  /** The share that goes there still when everything that notices has turned. */
  readonly stuck: number;
  readonly ttl: number;
  /** What notices, and when. */
  readonly turns: readonly { readonly id: string; readonly earliest: number; readonly mean: number; readonly latest: number }[];
  readonly detected: Percentiles;
  readonly recovered: Percentiles;
  readonly mean: number;
  readonly request_seconds_lost: number;
  /** Whether the figures are a closed form's; else a simulation's. */
  readonly closed_form: boolean;
  readonly assumed: readonly string[];
  /** Seconds, and the share of all requests that still go to what is dead. */
  readonly curve: readonly (readonly [number, number])[];
  /** The verdict, when `want` was given. */
  readonly want?: { readonly seconds: number; readonly percentile: number; readonly met: boolean; readonly takes: number | null };
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** How long until clients have moved. */
export interface Rto {
  readonly name: string;
  readonly type: RecordType;
  readonly recoveries: readonly Recovery[];
  /** A chart of clients on the dead endpoint over time. */
  readonly svg: string;
}

export interface ReadOptions extends VersionOptions {
  /** Values of a CloudFormation template's parameters. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** The name that a traffic policy is used for. */
  readonly name?: string | undefined;
  /** The TTL of a traffic policy's record sets, in seconds. */
  readonly ttl?: number | undefined;
}

/** Documents in the AWS CLI's words. */
export interface Read {
  /** What `Zone.load` and the analyses take. */
  readonly documents: readonly { readonly name: string; readonly text: string }[];
  /** The zone that was chosen. */
  readonly zoneName: string | null;
  /** What is wrong, each at its place in the text as given. */
  readonly diagnostics: readonly { readonly code: string; readonly severity: string; readonly message: string; readonly document?: string; readonly line?: number; readonly column?: number }[];
}

/** The analyses over two modules. */
export interface Analyses {
  /**
   * Tries every failure on every name and every class of clients.
   *
   * ```js
   * import { drill } from "pointsman/verify";
   * expect(drill([zone]).dangers).toEqual([]);
   * ```
   */
  drill(documents: readonly Document[], options?: DrillOptions): Drill;
  /** Which clients get another answer after a change, in which states of health. */
  diff(before: readonly Document[], after: readonly Document[], options?: VersionOptions): Diff;
  /** How long clients stay with what is dead. */
  rto(name: string, type: RecordType, documents: readonly Document[], options?: RtoOptions): Rto;
  /** Terraform, CloudFormation, traffic policies and zone files as documents that everything else takes. */
  readDocuments(documents: readonly Document[], options?: ReadOptions): Read;
}
