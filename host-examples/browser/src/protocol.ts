/** What the page and its worker say to each other. */
import type { Answer, Diagnostic, Explanation, Odds, RecordType } from "pointsman";

/** A document in the editor. */
export interface Doc {
  readonly name: string;
  readonly text: string;
}

/** All that is asked, apart from the documents. */
export interface Situation {
  /** The name and type asked for; empty for the zone's first. */
  readonly name: string;
  readonly type: RecordType;
  /** Where the client is: a country, or a state such as `US-WA`. */
  readonly country: string;
  /** The client's network, or nothing. */
  readonly network: string;
  readonly draw: string;
  /** What is down: `check:ID`, `target:NAME`, `region:CODE`. */
  readonly down: readonly string[];
  /** Bias by SetIdentifier, where a slider was moved. */
  readonly biases: Readonly<Record<string, number>>;
}

/** Where a country is, for the worker. */
export interface Point {
  readonly code: string;
  readonly latitude: number;
  readonly longitude: number;
}

export type Request =
  | { readonly id: number; readonly kind: "world"; readonly points: readonly Point[]; readonly grid: Float64Array; readonly pixels: Uint32Array }
  | {
    readonly id: number; readonly kind: "ask"; readonly documents: readonly Doc[] | undefined;
    /** The documents were opened, not edited: colours begin anew. */
    readonly fresh: boolean;
    readonly situation: Situation;
  };

/** A thing that can be switched off. */
export interface Switch {
  /** As in {@link Situation.down}. */
  readonly key: string;
  readonly label: string;
  /** What it is, in a word or two. */
  readonly detail: string;
  /** What a health check asks. */
  readonly endpoint: string;
  /** Whether it is healthy in the end; a calculated check follows its children. */
  readonly healthy: boolean;
  readonly fixed: boolean;
}

/** A record set of the tree. */
export interface Member {
  readonly setIdentifier: string;
  /** `weight 90`, `PRIMARY`, `us-east-1`, `Europe`. */
  readonly part: string;
  readonly values: readonly string[];
  /** An AWS resource. */
  readonly resource: string | undefined;
  /** Whether `resource` is a group of the zone that is not drawn. */
  readonly leads: boolean;
  readonly child: Group | undefined;
  readonly chosen: boolean;
  readonly verdict: "chosen" | "healthy" | "unhealthy" | "not-a-candidate" | undefined;
  readonly reason: string;
}

/** A group of the tree. */
export interface Group {
  readonly name: string;
  readonly policy: string;
  readonly members: readonly Member[];
  /** Members that are not drawn. */
  readonly hidden: number;
  readonly onPath: boolean;
}

/** A kind of answer that colours the map. */
export interface Kind {
  readonly key: string;
  /** The values, or what stands in their place. */
  readonly label: string;
  /** The path that leads to it. */
  readonly path: string;
  /** Which colour; -1 for no data. */
  readonly colour: number;
  readonly countries: number;
}

/** What a country gets: kinds with their shares, likeliest first. */
export type Shares = readonly (readonly [kind: number, share: number])[];

export interface BiasHandle {
  readonly setIdentifier: string;
  readonly place: string;
  readonly bias: number;
}

export interface RegionMark {
  readonly code: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly down: boolean;
}

/** A name and type that has record sets. */
export interface Asked {
  readonly name: string;
  readonly type: RecordType;
}

export interface Reply {
  readonly id: number;
  /** Findings about the documents that were sent last. */
  readonly findings: readonly Diagnostic[] | undefined;
  /** What loading failed with; what is shown is the last zone that could be loaded. */
  readonly failure: string | undefined;
  /** The engine cannot go on; the page starts another one. */
  readonly fatal: string | undefined;
  readonly zone: {
    readonly name: string;
    readonly recordSets: number;
    /** What can be asked, up to the first thousand; only with the first answer from a zone. */
    readonly questions: readonly Asked[] | undefined;
  } | undefined;
  readonly shown: Shown | undefined;
  /** Milliseconds in the worker. */
  readonly took: number;
}

export interface Shown {
  readonly name: string;
  readonly type: RecordType;
  readonly answer: Answer;
  readonly kind: Kind | undefined;
  readonly odds: Odds;
  /** The kind of each outcome. */
  readonly oddsKinds: readonly number[];
  readonly explanation: Explanation;
  readonly tree: Group | undefined;
  /** What was found of the name, in words. */
  readonly lookup: string;
  readonly switches: readonly Switch[];
  readonly regions: readonly RegionMark[];
  readonly biases: readonly BiasHandle[];
  readonly kinds: readonly Kind[];
  readonly countries: Readonly<Record<string, Shares>>;
  /** The colour of each pixel of the sweep, for geoproximity. */
  readonly sweep: Int16Array | undefined;
  /** Latencies were estimated from distance. */
  readonly estimated: boolean;
}
