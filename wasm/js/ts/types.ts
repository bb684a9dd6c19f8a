/**
 * The words that everything speaks: those of Route 53's API, and those of Pointsman's JSON, which are the same on every
 * host (command line, component, this package).
 */

/** A record type that Route 53 knows. */
export type RecordType =
  | "A" | "AAAA" | "CAA" | "CNAME" | "DS" | "HTTPS" | "MX" | "NAPTR" | "NS" | "PTR" | "SOA" | "SPF" | "SRV" | "SSHFP"
  | "SVCB" | "TLSA" | "TXT";

/** A continent as Route 53 abbreviates it. */
export type Continent = "AF" | "AN" | "AS" | "EU" | "NA" | "OC" | "SA";

/** What is known of a client. Every fact is optional; what is not known plays no part. */
export interface Client {
  /** The address that the query came from, usually a resolver's. */
  readonly ip?: string | undefined;
  /** EDNS client subnet such as `203.0.113.0/24`. It beats `ip` in public zones. */
  readonly ecs?: string | undefined;
  /** ISO 3166-1 alpha-2 code in upper case, such as `SG`. It gives the continent unless that is given too. */
  readonly country?: string | undefined;
  /** The continent, where the country is not known. */
  readonly continent?: Continent | undefined;
  /** Country and subdivision, such as `US-WA`. It implies the country. */
  readonly subdivision?: string | undefined;
  /** Degrees, -90 to 90, north positive; together with `longitude`. For geoproximity. */
  readonly latitude?: number | undefined;
  /** Degrees, -180 to 180, east positive; together with `latitude`. */
  readonly longitude?: number | undefined;
  /** Milliseconds to each Region: `{ "us-east-1": 210, "eu-west-1": 4.5 }`. It beats the zone's LatencyTable. */
  readonly latency_ms?: Readonly<Record<string, number>> | undefined;
  /** The Region of the VPC that the query came from. In private zones it is where the client is. */
  readonly vpc_region?: string | undefined;
}

/**
 * The random number that weighted and multivalue groups use, out of all 64 bits: a bigint, a decimal string, or a whole
 * number of 0 to 2^53 - 1. Equal draws give equal answers. Use `drawOf(key)`, which makes a client's answers stick, or
 * `randomDraw()`. Small numbers are no draws: `hash % 100`, or `Math.random()` times a thousand, has the same few lowest
 * bits for ever, and shares come out wrong.
 */
export type Draw = number | bigint | string;

/** A question with what is known of who asks. */
export interface Query {
  /** The name asked for; a final dot and upper case make no difference. */
  readonly name: string;
  /** The type asked for. */
  readonly type: RecordType;
  /** Who asks. */
  readonly client?: Client | undefined;
  /** Chance; 0 when left out, which sends everybody the same way. {@link LoadOptions.draws} can demand it. */
  readonly draw?: Draw | undefined;
}

interface AnswerBase {
  /** The type of the values: the type asked for, CNAME where a CNAME answers instead, or NS in a referral. */
  readonly type: RecordType;
  /** The values in Route 53's own spelling; empty when there is no data. */
  readonly values: readonly string[];
  /** The path down the tree; a multivalue group ends it with all its chosen members. */
  readonly set_identifiers: readonly string[];
  /** Whether somewhere on the way nothing was healthy, so that everything counted as healthy. */
  readonly fail_open: boolean;
  /** EDNS scope: every client of so long a prefix gets the same answer; 0 when the network was not consulted. */
  readonly scope_prefix_length: number;
  /** Why the answer is no more than the tie rule's pick: too little is known of the client. */
  readonly undetermined?: string;
}

/** Values, or none of that type at a name that exists. */
export interface ValuesAnswer extends AnswerBase {
  readonly rcode: "NOERROR";
  /** Seconds that the answer may be cached; for "no data" those of the SOA record. */
  readonly ttl: number;
  readonly referral?: undefined;
  readonly alias_target?: undefined;
}

/** The name lies below a delegation: `values` are its name servers. */
export interface ReferralAnswer extends AnswerBase {
  readonly rcode: "NOERROR";
  readonly type: "NS";
  /** Seconds that the name servers may be cached. */
  readonly ttl: number;
  /** The delegated name, with the final dot. */
  readonly referral: string;
  readonly alias_target?: undefined;
}

/** An AWS resource answers whose addresses no AliasTargets document tells. */
export interface AliasTargetAnswer extends AnswerBase {
  readonly rcode: "NOERROR";
  /** The resource's own, which nobody told. */
  readonly ttl: null;
  readonly values: readonly [];
  readonly referral?: undefined;
  /** The resource's DNS name, with the final dot. */
  readonly alias_target: string;
}

/** The name does not exist, does not lie in the zone, or has record sets that cannot be evaluated. */
export interface NegativeAnswer extends AnswerBase {
  readonly rcode: "NXDOMAIN" | "REFUSED" | "SERVFAIL";
  /** Of SERVFAIL, the code of the zone's finding that says why. */
  readonly quarantined?: string;
  /** Seconds that the absence may be cached; 0 for REFUSED and SERVFAIL. */
  readonly ttl: number;
  readonly values: readonly [];
  readonly referral?: undefined;
  readonly alias_target?: undefined;
}

/**
 * What a client gets. Told apart by `rcode`, then by `referral` and `alias_target`. Answers are frozen, and equal
 * answers of one zone are one object.
 */
export type Answer = ValuesAnswer | ReferralAnswer | AliasTargetAnswer | NegativeAnswer;

interface OutcomeBase {
  /** 0 to 1. */
  readonly probability: number;
  /** The same as an exact fraction such as `1/3`; left out where {@link Odds.exact} is `false`. */
  readonly ratio?: string;
  /** The type of the values, as in an answer. */
  readonly type: RecordType;
  /** Where this outcome is SERVFAIL, the code of the zone's finding that says why. */
  readonly quarantined?: string;
}

/** Values, or the name servers of a delegated name. */
export interface ValuesOutcome extends OutcomeBase {
  /** Seconds. */
  readonly ttl: number;
  readonly values: readonly string[];
  /** The delegated name, in a referral. */
  readonly referral?: string;
  readonly alias_target?: undefined;
  readonly members?: undefined;
  readonly choose?: undefined;
}

/** An AWS resource answers whose addresses no AliasTargets document tells. */
export interface AliasTargetOutcome extends OutcomeBase {
  readonly ttl: null;
  readonly values: readonly [];
  readonly referral?: undefined;
  /** The resource's DNS name. */
  readonly alias_target: string;
  readonly members?: undefined;
  readonly choose?: undefined;
}

/** A multivalue group answers with some of its members, each set of that size as likely as the next. */
export interface MembersOutcome extends OutcomeBase {
  readonly ttl?: undefined;
  readonly values?: undefined;
  readonly referral?: undefined;
  readonly alias_target?: undefined;
  /** Those that may be among them. */
  readonly members: readonly OddsMember[];
  /** How many an answer holds: eight at most. */
  readonly choose: number;
}

/** One possible answer of a query, told apart by `members` and `alias_target`. */
export type Outcome = ValuesOutcome | AliasTargetOutcome | MembersOutcome;

/** A member that a multivalue answer may hold. */
export interface OddsMember {
  readonly set_identifier: string;
  /** Seconds. */
  readonly ttl: number;
  readonly values: readonly string[];
}

/** Every possible answer with its exact probability, likeliest first. */
export interface Odds {
  /** That of every answer; SERVFAIL only where all outcomes are quarantined. */
  readonly rcode: "NOERROR" | "NXDOMAIN" | "REFUSED" | "SERVFAIL";
  readonly outcomes: readonly Outcome[];
  /** `false` where the fractions outgrew 128 bits and were rounded. */
  readonly exact?: boolean;
  /** Why the odds are no more than those of the tie rule's pick: too little is known of the client. */
  readonly undetermined?: string;
}

/** What became of a step's subject. */
export type Verdict = "chosen" | "healthy" | "unhealthy" | "not-a-candidate";

/** The health of a record set, an AWS resource or a health check, for this client. */
export type Health = "healthy" | "unhealthy";

/** The codes of reasons for each kind of step; docs/explanations.md says what they mean. */
export type LookupCode =
  | "name-found" | "wildcard-found" | "type-not-found" | "wildcard-type-not-found" | "no-record-sets-at-name"
  | "name-not-found" | "delegated" | "outside-zone";
export type GroupCode =
  | "healthy-candidates" | "no-healthy-candidate" | "no-candidate" | "group-quarantined";
export type MemberCode =
  | "only-record-set" | "primary-healthy" | "primary-unhealthy" | "no-primary" | "primary-as-last-resort"
  | "only-one-in-pool" | "drawn-by-weight" | "drawn-equally" | "lowest-latency" | "nearest-region" | "china-rule"
  | "first-region-code" | "smallest-place" | "nearest-place" | "first-set-identifier" | "longest-block"
  | "no-block-contains-client" | "client-network-unknown" | "no-healthy-block-contains-client" | "all-returned"
  | "drawn-together"
  | "unhealthy" | "not-drawn" | "zero-weight" | "secondary-stands-by" | "higher-latency" | "farther-region"
  | "latency-unknown" | "later-region-code" | "tie-later-region-code" | "china-prefers-cn-north-1" | "wider-place"
  | "farther-place" | "tie-later-set-identifier" | "later-set-identifier" | "shorter-block" | "default-stands-by"
  | "not-among-drawn" | "place-elsewhere" | "location-elsewhere";
export type HealthCode =
  | "no-health-check" | "not-evaluated" | "check-healthy" | "check-unhealthy" | "target-healthy" | "target-unhealthy"
  | "target-not-evaluated" | "check-and-target-healthy" | "check-healthy-target-unhealthy" | "taken-down";
export type CheckCode =
  | "reported-healthy" | "reported-unhealthy" | "no-data" | "insufficient-data" | "enough-children-healthy"
  | "too-few-children-healthy" | "disabled";
export type AliasTargetCode =
  | "resource-healthy" | "resource-unhealthy" | "resource-not-evaluated" | "addresses-known" | "addresses-unknown"
  | "no-address-of-type";
export type NoteCode =
  | "fail-open" | "undetermined-latency" | "undetermined-position" | "close-distance" | "target-without-record-sets"
  | "left-out";

/** The policies as a group's step names them. */
export type PolicyName =
  | "simple" | "failover" | "weighted" | "latency" | "geolocation" | "geoproximity" | "IP-based" | "multivalue answer";

/** Why the name and type came to what they did. */
export interface LookupReason {
  readonly code: LookupCode;
  readonly wildcard?: string;
  readonly closest_encloser?: string;
  /** The nearest wildcard that does not apply, because a name below it exists. */
  readonly blocked_wildcard?: string;
  /** The delegated name. */
  readonly name?: string;
}

/** Why a record set was chosen or not. */
export interface MemberReason {
  readonly code: MemberCode;
  /** Its place, from 1, in the order in which the policy tests the candidates. */
  readonly rank?: number;
  /** What it was chosen from. */
  readonly pool?: "healthy" | "all" | "healthy-with-weight" | "healthy-without-weight" | "all-with-weight";
  /** Who would be chosen if this record set alone were unhealthy. */
  readonly runner_up?: string;
  readonly weight?: number;
  /** The sum of the weights in the pool. */
  readonly total_weight?: number;
  /** How many record sets the pool has. */
  readonly members?: number;
  /** The level of the tree that the draw was made at. */
  readonly level?: number;
  readonly latency_ms?: number;
  readonly distance_km?: number;
  /** The distance after bias. */
  readonly biased_km?: number;
  readonly place?: "subdivision" | "country" | "continent" | "default";
  /** The longest CIDR block of its location that contains the client. */
  readonly block?: string;
  /** The client's network. */
  readonly network?: string;
}

/** Why a record set is healthy or not. */
export interface HealthReason {
  readonly code: HealthCode;
  /** The code of the finding about a record set that cannot be evaluated. */
  readonly finding?: string;
  /** Its health check's id. */
  readonly check?: string;
  /** What its alias leads to: `NAME TYPE` in the zone, or an AWS resource's DNS name. */
  readonly target?: string;
  readonly target_health?: Health;
}

/** Where a health check's status comes from. */
export interface CheckReason {
  readonly code: CheckCode;
  readonly inverted?: true;
  /** What each checker reported, where the health report says. */
  readonly reports?: readonly string[];
  readonly checkers?: number;
  readonly successes?: number;
  /** Of a calculated check: its healthy children, its children, and how many it needs. */
  readonly healthy?: number;
  readonly children?: number;
  readonly threshold?: number;
  readonly insufficient_data_health_status?: "Healthy" | "Unhealthy" | "LastKnownStatus";
  readonly last_known?: Health;
}

/** What there is to know besides. */
export interface NoteReason {
  readonly code: NoteCode;
  readonly candidates?: number;
  readonly pool_size?: number;
  /** The record sets that Route 53 may choose. */
  readonly possible?: readonly string[];
  readonly set_identifier?: string;
  readonly count?: number;
}

interface StepBase {
  /** The index in `steps` of the step that this one belongs under; `null` at the top. */
  readonly parent: number | null;
  /** The thing: a SetIdentifier, `NAME TYPE`, a health check's id, a DNS name. */
  readonly subject: string;
  /** A member's part in its policy, such as `weight 90`, or a health check's type. */
  readonly part?: string;
  /** The reasons as a sentence. */
  readonly text: string;
}

/** One step of an explanation, told apart by `kind`. */
export type Step = StepBase & (
  | { readonly kind: "lookup"; readonly verdict: null; readonly reason: LookupReason }
  | {
    readonly kind: "group";
    /** `null` for a group that was chosen from; `unhealthy` for one that makes the alias above it so. */
    readonly verdict: "unhealthy" | null;
    readonly policy: PolicyName;
    readonly record_sets: number;
    /** How many of the record sets apply to this client. */
    readonly candidates: number;
    /** How many of the candidates are healthy for this client. */
    readonly healthy: number;
    /** Whether a record set was chosen although no candidate is healthy. */
    readonly fail_open: boolean;
    readonly reason: { readonly code: GroupCode; /** The code of the finding about record sets that cannot be evaluated. */ readonly finding?: string };
  }
  | {
    readonly kind: "member";
    readonly verdict: Verdict;
    readonly health: Health;
    readonly reason: MemberReason;
    readonly health_reason: HealthReason;
  }
  | { readonly kind: "health-check"; readonly verdict: Health; readonly health: Health; readonly reason: CheckReason }
  | {
    readonly kind: "alias-target";
    /** `null` where its health does not count, or where the step says what its addresses are. */
    readonly verdict: Health | null;
    readonly health: Health;
    readonly reason: { readonly code: AliasTargetCode; readonly type?: string };
  }
  | { readonly kind: "note"; readonly verdict: null; readonly reason: NoteReason }
);

/** Why an answer is what it is. */
export interface Explanation {
  /** The question with what is known of the client, in words. */
  readonly question: string;
  /** The walk; the first step is the lookup. */
  readonly steps: readonly Step[];
  /** The answer in words. */
  readonly summary: string;
  /** The answer. */
  readonly answer: Answer;
  /** All of it as a tree for people. */
  readonly text: string;
}

/** A finding about a document: what is wrong, where, and what to do. */
export interface Diagnostic {
  /** A stable name for the kind of finding. */
  readonly code: string;
  /** Whether it stands in the way, or is only worth a look. */
  readonly severity: "error" | "warning";
  /** Who objects: Route 53, the engine, or only good sense. */
  readonly class: "refused-by-api" | "cannot-be-evaluated" | "lint";
  /** What is wrong, in words. */
  readonly message: string;
  /** What to do. */
  readonly help: string;
  /** The error that Route 53's API gives. */
  readonly route53_error?: string | null;
  /** Route 53's own text, where one is on record. */
  readonly route53_message?: string | null;
  /** The name of the document. */
  readonly document?: string | null;
  /** Where in the document, as a JSONPath. */
  readonly path?: string | null;
  /** The line, counted from 1. */
  readonly line?: number | null;
  /** The column in characters, counted from 1. */
  readonly column?: number | null;
  /** Which of the documents it was, counted from 0. */
  readonly source?: number;
  /** Where the place begins in the document's text, for `text.slice(start, end)`. */
  readonly start?: number;
  /** Where it ends. */
  readonly end?: number;
}

/** A document with a name to speak of it. */
export interface NamedDocument {
  /** How findings call it; `document N` when left out. */
  readonly name?: string | undefined;
  /** The JSON. */
  readonly text: string;
  /** For the output of `aws route53 list-cidr-blocks`: the id of the collection, which that output does not hold. */
  readonly cidrCollection?: string | undefined;
}

/** What the AWS CLI and the AWS SDK give, and Pointsman's own parts, as an object. */
export interface ZoneDocument {
  /** Of `get-hosted-zone`. */
  readonly HostedZone?: object | undefined;
  /** Of `list-resource-record-sets`. */
  readonly ResourceRecordSets?: readonly object[] | undefined;
  /** Of `list-health-checks`. */
  readonly HealthChecks?: readonly object[] | undefined;
  /** Of `list-cidr-collections`, with their blocks. */
  readonly CidrCollections?: readonly object[] | undefined;
  /** Of a change batch. */
  readonly Changes?: readonly object[] | undefined;
  /** Of `change-resource-record-sets`, as its input has the batch. */
  readonly ChangeBatch?: object | undefined;
  /** What AWS resources resolve to. */
  readonly AliasTargets?: object | undefined;
  /** Latency by place. */
  readonly LatencyTable?: object | undefined;
}

/** A document as an object, such as an answer of the AWS SDK, with what it does not say itself. */
export interface NamedObject {
  /** How findings call it; `document N` when left out. */
  readonly name?: string | undefined;
  /** The object. */
  readonly json: object;
  /** For an answer of `ListCidrBlocks`: the id of the collection, which the answer does not hold. */
  readonly cidrCollection?: string | undefined;
}

/**
 * A document as the AWS CLI prints it (`HostedZone`, `ResourceRecordSets`, `HealthChecks`, `CidrCollections`), or one of
 * `AliasTargets`, `LatencyTable`: its text, its text with a name, the object that its text stands for, such as an answer of
 * the AWS SDK for JavaScript, or that with a name.
 */
export type DocumentInput = string | NamedDocument | NamedObject | ZoneDocument | Readonly<Record<string, unknown>>;

/** Options of loading. */
export interface LoadOptions {
  /** The zone's name, such as `example.com`, where no document says it. */
  readonly zoneName?: string | undefined;
  /**
   * `required`: a query without a draw is refused by every view of the zone, where a forgotten draw would send everybody
   * the same way. `odds`, in which the draw plays no part, is asked without one.
   */
  readonly draws?: "required" | "optional" | undefined;
}

/** Options of a view. */
export interface ViewOptions {
  /** As {@link LoadOptions.draws}, for this view and those that are made from it. */
  readonly draws?: "required" | "optional" | undefined;
}

/** Raw status of a health check, before Disabled and Inverted. */
export type CheckStatus =
  | "healthy" | "unhealthy" | "insufficient"
  | { readonly Status: "healthy" | "unhealthy" | "insufficient"; readonly LastKnown?: "healthy" | "unhealthy" }
  /** What `aws route53 get-health-check-status` prints. */
  | { readonly HealthCheckObservations: readonly unknown[] | undefined };

/** What is up and what is down. What it does not mention has no data yet. */
export interface HealthReport {
  /** When it was made, in RFC 3339, such as `2026-03-01T09:30:00Z`. It decides nothing. */
  readonly Time?: string | undefined;
  /** By health check id. */
  readonly HealthChecks?: Readonly<Record<string, CheckStatus>> | undefined;
  /** By the DNS name that aliases lead to. */
  readonly AliasTargets?: Readonly<Record<string, "healthy" | "unhealthy">> | undefined;
}

/** A name and type that a zone has record sets for. */
export interface Question {
  /** With the final dot; a wildcard as `*.example.com.`. */
  readonly name: string;
  readonly type: RecordType;
}

/** An AWS Region with its approximate position; AWS publishes none. */
export interface Region {
  /** Such as `ap-southeast-1`. */
  readonly code: string;
  /** ISO 3166-1 alpha-2 code of the country that it lies in. */
  readonly country: string;
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
}

/** What {@link View.resolveAt} found: for each position the index of its answer. */
export interface Sweep {
  /** The different answers, in the order that they were met. */
  readonly answers: readonly Answer[];
  /** For each position, which of them. */
  readonly index: Uint32Array;
}
