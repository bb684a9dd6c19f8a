/** The engine, off the page's thread. It keeps the last good zone: what is shown stays right while the text is not. */
import { check, type Client, type Explanation, PointsmanError, type Query, type Region, regions, type View, Zone } from "pointsman";
import { Colours } from "./colours.js";
import { type Content, groupKey, normal, placeOf, reachable, readContent, type RecordSet, withBiases } from "./documents.js";
import type { Asked, BiasHandle, Doc, Point, RegionMark, Reply, Request, Shares, Shown, Situation, Switch } from "./protocol.js";
import { treeOf } from "./tree.js";

/** A zone with its view in which all is well. */
interface Loaded {
  readonly zone: Zone;
  readonly well: View;
  readonly documents: readonly Doc[];
  readonly content: Content;
  readonly biases: string;
  /** Both of them the same under each health: what walks the whole zone is not done again at each switch. */
  readonly questions: readonly Asked[];
  readonly places: readonly Region[];
}

const REGIONS = new Map<string, Region>(regions().map((region) => [region.code, region]));
/** Light in glass takes a round trip of a millisecond for 100 km, and the last mile some more. */
const KILOMETRES_A_MILLISECOND = 100, LAST_MILE = 8;
/** Switches that are listed; zones of ten thousand checks have more than a page. */
const SWITCHES_MAX = 400;
/** Questions that are listed, likewise. */
const QUESTIONS_MAX = 1000;

let points: readonly Point[] = [];
let grid: Float64Array = new Float64Array(0), pixels: Uint32Array = new Uint32Array(0);
let loaded: Loaded | undefined;
/** The zone whose questions the page has. */
let told: Loaded | undefined;
let colours = new Colours();
/** Draws that one reply may spend on telling the ways to answers. */
const DRAWS_MAX = 400;
let draws = 0;
/** The documents that came last, good or not. */
let latest: readonly Doc[] = [];
const estimates = new Map<string, Record<string, number>>();

const scope = self as unknown as { onmessage: unknown; postMessage(reply: Reply | "ready", transfer: Transferable[]): void };

scope.onmessage = ({ data }: MessageEvent<Request>): void => {
  if (data.kind === "world") {
    ({ points, grid, pixels } = data);
    return;
  }
  const started = performance.now();
  let findings, failure: string | undefined, fatal: string | undefined, shown: Shown | undefined;
  const before = data.fresh ? undefined : loaded;
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // After a trap, what the engine's memory holds is not to be relied on.
      if (error instanceof WebAssembly.RuntimeError) fatal = error.message;
      failure ??= !(error instanceof Error) ? String(error)
        : error instanceof PointsmanError && error.help !== undefined ? `${error.message}; ${error.help}` : error.message;
      // The engine ran out of memory and began anew; zones of before are gone with it.
      if (error instanceof PointsmanError && error.code === "freed") loaded = undefined;
    }
  };
  if (data.documents !== undefined) {
    latest = data.documents;
    if (data.fresh) colours = new Colours();
    attempt(() => { findings = check(latest.map(({ name, text }) => ({ name, text }))); });
  }
  attempt(() => load(data.documents ?? loaded?.documents ?? latest, data.situation.biases));
  attempt(() => { if (loaded !== undefined) shown = show(loaded, asked(loaded, before, data.situation), data.situation); });
  const questions = loaded === told ? undefined : loaded?.questions.slice(0, QUESTIONS_MAX);
  if (shown !== undefined) told = loaded;
  const reply: Reply = {
    id: data.id, findings, failure, fatal, shown, took: performance.now() - started,
    zone: loaded === undefined ? undefined : {
      name: loaded.zone.name, recordSets: loaded.zone.recordSetCount, questions,
    },
  };
  scope.postMessage(reply, transfers(shown));
};

const transfers = (shown: Shown | undefined): Transferable[] => (shown?.sweep === undefined ? [] : [shown.sweep.buffer as ArrayBuffer]);

/** What is asked: the zone's first question at first, and when an edit has taken away the one that was picked. */
function asked({ zone, questions }: Loaded, before: Loaded | undefined, { name, type }: Situation): Asked {
  const pick = (list: readonly Asked[]): Asked | undefined =>
    list.find((question) => normal(question.name) === normal(name) && question.type === type);
  if (name !== "" && (before === undefined || pick(before.questions) === undefined)) return pick(questions) ?? { name, type };
  return pick(questions) ?? questions[0] ?? { name: zone.name, type: "A" };
}

function load(documents: readonly Doc[], biases: Situation["biases"]): void {
  const key = JSON.stringify(biases);
  if (loaded !== undefined && loaded.documents === documents && loaded.biases === key) return;
  const moved = Object.keys(biases).length > 0;
  const contents = moved ? withBiases(documents, biases) : undefined;
  const zone = Zone.load(contents as Record<string, unknown>[] | undefined ?? documents.map(({ name, text }) => ({ name, text })));
  const status = (ids: readonly string[]): Record<string, "healthy"> => Object.fromEntries(ids.map((id) => [id, "healthy"]));
  const content = readContent(contents ?? documents.map(({ text }) => JSON.parse(text) as unknown));
  const calculated = (id: string): boolean => content.checks.get(id)?.HealthCheckConfig?.Type === "CALCULATED";
  const well = zone.health({
    HealthChecks: status(zone.healthChecks().filter((id) => !calculated(id))), AliasTargets: status(zone.aliasTargets()),
  });
  loaded?.well.free();
  loaded?.zone.free();
  loaded = { zone, well, documents, content, biases: key, questions: questionsOf(zone, content), places: regionsOf(content, zone) };
}

/** Questions with a policy first: they are what the page is for. */
function questionsOf(zone: Zone, content: Content): readonly Asked[] {
  const interest = ({ name, type }: Asked): number => {
    const group = content.groups.get(groupKey(name, type)) ?? [];
    if (type === "NS" || type === "SOA") return 3;
    return group.some(({ SetIdentifier }) => SetIdentifier !== undefined) ? 0 : group.some(({ AliasTarget }) => AliasTarget) ? 1 : 2;
  };
  const inside = new Set<string>();
  for (const group of content.groups.values()) {
    for (const { AliasTarget, Type } of group) if (AliasTarget !== undefined) inside.add(groupKey(AliasTarget.DNSName, Type));
  }
  return zone.questions()
    .map((question) => ({ question, rank: interest(question) + (inside.has(groupKey(question.name, question.type)) ? 0.5 : 0) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ question }) => question);
}

function show({ zone, well, content, places }: Loaded, asked: Asked, situation: Situation): Shown {
  const view = viewOf(well, situation.down);
  const estimated = content.hasLatencyRecords && !content.hasLatencyTable && !zone.isPrivate;
  const anywhere = view.explain({ ...asked, draw: "0" });
  const root = rootOf(content, asked, anywhere);
  const groups = reachable(content, root);
  const near = groups.flatMap((key) => content.groups.get(key) ?? []);
  const byPosition = near.some(({ GeoProximityLocation }) => GeoProximityLocation !== undefined);

  const client = (point: Point): Client => ({
    ...(point.code.length === 2 ? { country: point.code } : { subdivision: point.code }),
    ...(byPosition ? { latitude: point.latitude, longitude: point.longitude } : {}),
    ...(estimated ? { latency_ms: estimate(point, places) } : {}),
    ...(situation.network === "" ? {} : { ecs: situation.network }),
  });
  const query = (point: Point): Query => ({ name: asked.name, type: asked.type, client: client(point), draw: situation.draw });

  colours.forgetWays();
  draws = DRAWS_MAX;
  // Where no record set looks at the place, the odds of one country are those of all.
  const isSame = isBlind(zone, content, near);
  let everywhere: Shares | undefined;
  const countries: Record<string, Shares> = {};
  const counts = new Map<number, number>();
  for (const point of points) {
    try {
      colours.ofAnswer(view.resolve(query(point)));
      const shares = everywhere ?? colours.shares(view.odds(query(point)));
      if (isSame) everywhere ??= shares;
      findWays(view, query(point), shares);
      countries[point.code] = shares;
      for (const [kind] of shares) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    } catch (error) {
      // A country that Route 53 does not know stays uncoloured; a wrong network is reported below.
      if (!(error instanceof PointsmanError && error.field === "query.client.country")) throw error;
    }
  }
  const country = points.find(({ code }) => code === situation.country.slice(0, 2));
  const here = { latitude: 0, longitude: 0, ...country, code: situation.country };
  const answer = view.resolve(query(here)), odds = view.odds(query(here)), explanation = view.explain(query(here));
  const oddsKinds = colours.ofOdds(odds);
  // Some of many values have the colour of all such answers.
  const some = odds.outcomes.findIndex(({ members }) => members !== undefined
    && answer.values.every((value) => members.some(({ values }) => values.includes(value))));
  const kind = answer.values.length > 0 && some >= 0 ? oddsKinds[some] ?? 0 : colours.ofAnswer(answer);
  const kinds = colours.kinds(counts);
  const down = new Set(situation.down);
  const shown: Shown = {
    name: asked.name, type: asked.type, answer, kind: kinds[kind], odds, oddsKinds, explanation, kinds, countries, estimated,
    tree: treeOf(content, root, explanation),
    lookup: explanation.steps.find(({ kind }) => kind === "lookup")?.text ?? "",
    switches: switchesOf(zone, view, content, near, places, down),
    regions: places.map(({ code, latitude, longitude }): RegionMark => ({ code, latitude, longitude, down: down.has(`region:${code}`) })),
    biases: near.flatMap((record): BiasHandle[] => record.GeoProximityLocation === undefined || record.SetIdentifier === undefined ? [] : [{
      setIdentifier: record.SetIdentifier, place: placeOf(record), bias: record.GeoProximityLocation.Bias ?? 0,
    }]),
    sweep: byPosition && grid.length > 0 ? sweep(view, query(here)) : undefined,
  };
  if (view !== well) view.free();
  return shown;
}

/** Whether no record set on the way looks at where the client is. */
function isBlind(zone: Zone, content: Content, near: readonly RecordSet[]): boolean {
  const apex = `.${normal(zone.name)}`;
  return near.every(({ Region, GeoLocation, GeoProximityLocation, AliasTarget, Type }) => {
    const leadsOn = AliasTarget !== undefined && `.${normal(AliasTarget.DNSName)}`.endsWith(apex);
    return Region === undefined && GeoLocation === undefined && GeoProximityLocation === undefined
      && !(leadsOn && !content.groups.has(groupKey(AliasTarget.DNSName, Type)));
  });
}

/** The group that a question comes to; another name's where a wildcard answers. */
function rootOf(content: Content, { name, type }: Asked, { steps }: Explanation): string {
  const [at = "", of = ""] = steps.find(({ kind }) => kind === "group")?.subject.split(" ") ?? [];
  const found = groupKey(at, of);
  return content.groups.has(found) ? found : groupKey(name, type);
}

/** Some draws more, for the legend to show the path to answers that the draw did not pick. */
function findWays(view: View, query: Query, shares: Shares): void {
  for (const [kind, share] of shares) {
    if (share >= 1) continue;
    for (let draw = 1; draw <= 200 && draws > 0 && colours.isWayless(kind); draw += 1, draws -= 1) colours.ofAnswer(view.resolve({ ...query, draw }));
  }
}

/** The view with things down; what the zone does not have any more is left alone. */
function viewOf(well: View, down: readonly string[]): View {
  const of = (kind: string): string[] => down.filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1));
  const unhealthy = (ids: readonly string[]): Record<string, "unhealthy"> => Object.fromEntries(ids.map((id) => [id, "unhealthy"]));
  const [checks, targets] = [of("check"), of("target")];
  let view = checks.length + targets.length === 0 ? well
    : well.updated({ HealthChecks: unhealthy(checks), AliasTargets: unhealthy(targets) });
  for (const region of of("region")) {
    try {
      const next = view.down([region]);
      if (view !== well) view.free();
      view = next;
    } catch (error) {
      if (!(error instanceof PointsmanError && error.code === "nothing-to-take-down")) throw error;
    }
  }
  return view;
}

/** Regions that the zone names, in record sets or in the DNS names of resources. */
function regionsOf(content: Content, zone: Zone): Region[] {
  const codes = new Set<string>();
  for (const group of content.groups.values()) {
    for (const { Region, GeoProximityLocation } of group) {
      if (Region !== undefined) codes.add(Region);
      if (GeoProximityLocation?.AWSRegion !== undefined) codes.add(GeoProximityLocation.AWSRegion);
    }
  }
  for (const target of zone.aliasTargets()) for (const label of target.split(".")) if (REGIONS.has(label)) codes.add(label);
  return [...codes].sort().flatMap((code) => REGIONS.get(code) ?? []);
}

function switchesOf(
  zone: Zone, view: View, content: Content, near: readonly { HealthCheckId?: string; AliasTarget?: { DNSName: string } }[],
  places: readonly Region[], down: ReadonlySet<string>,
): Switch[] {
  const nearChecks = new Set(near.map(({ HealthCheckId }) => HealthCheckId));
  const nearTargets = new Set(near.map(({ AliasTarget }) => AliasTarget === undefined ? "" : normal(AliasTarget.DNSName)));
  const list: (Switch & { rank: number })[] = places.map(({ code }) => ({
    key: `region:${code}`, label: code, detail: "Region", endpoint: "", healthy: !down.has(`region:${code}`), fixed: false, rank: 0,
  }));
  for (const id of zone.healthChecks()) {
    const config = content.checks.get(id)?.HealthCheckConfig;
    const fixed = config?.Type === "CALCULATED";
    const details = [config?.Type ?? "health check", config?.Inverted === true ? "inverted" : "", config?.Disabled === true ? "disabled" : ""];
    const port = config?.Port === undefined ? "" : `:${config.Port}`;
    list.push({
      key: `check:${id}`, label: id, detail: details.filter((word) => word !== "").join(", "),
      endpoint: fixed ? "" : `${config?.FullyQualifiedDomainName ?? config?.IPAddress ?? ""}${port}`,
      healthy: view.isCheckHealthy(id) ?? true, fixed, rank: nearChecks.has(id) ? 1 : 3,
    });
    if (list.length > 2 * SWITCHES_MAX) break;
  }
  for (const target of zone.aliasTargets()) {
    list.push({
      key: `target:${target}`, label: target.replace(/\.$/, ""), detail: "alias target", endpoint: "",
      healthy: !down.has(`target:${target}`) && !places.some(({ code }) => down.has(`region:${code}`) && target.split(".").includes(code)),
      fixed: false, rank: nearTargets.has(target) ? 2 : 4,
    });
    if (list.length > 4 * SWITCHES_MAX) break;
  }
  return list.sort((a, b) => a.rank - b.rank).slice(0, SWITCHES_MAX);
}

/** Milliseconds to Regions by distance, for zones that use latency and say nothing of it. */
function estimate(point: Point, places: readonly Region[]): Record<string, number> {
  const key = `${point.code} ${places.length}`;
  let known = estimates.get(key);
  if (known === undefined || !places.every(({ code }) => code in (known ?? {}))) {
    known = Object.fromEntries(places.map((place) =>
      [place.code, Math.round(LAST_MILE + kilometres(point, place) / KILOMETRES_A_MILLISECOND)]));
    estimates.set(key, known);
  }
  return known;
}

function kilometres(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const radians = Math.PI / 180;
  const [north, east] = [(b.latitude - a.latitude) * radians, (b.longitude - a.longitude) * radians];
  const square = Math.sin(north / 2) ** 2 + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(east / 2) ** 2;
  return 12742 * Math.asin(Math.min(1, Math.sqrt(square)));
}

/** The colour of each pixel of the map, as asked from its place on Earth. */
function sweep(view: View, query: Query): Int16Array {
  const { latitude: _, longitude: __, ...rest } = query.client ?? {};
  const { answers, index } = view.resolveAt({ ...query, client: rest }, grid);
  const byAnswer = answers.map((answer) => colours.colour(colours.ofAnswer(answer)));
  const out = new Int16Array(pixels.length);
  for (let at = 0; at < index.length; at += 1) out[at] = byAnswer[index[at] ?? 0] ?? -1;
  return out;
}

// Messages that come before the engine has started find nobody; so the page waits for this one.
scope.postMessage("ready", []);
