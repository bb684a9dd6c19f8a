/**
 * Queries on their way into the module, and answers on their way out.
 *
 * A word (a name, a country, a network) crosses the boundary once; from then on its number does. So a query is six
 * numbers as a rule, and rarer facts stand in a block of the module's memory. Nothing here decides anything.
 */
import type { Engine, RawView } from "../glue/glue.js";
import { readAnswer } from "./answer.js";
import { isLater, isOurs, ours, requireWellFormed, shown, WORD_LENGTH_MAX } from "./arguments.js";
import { PointsmanError } from "./error.js";
import { brokenOff, enter, guarded, leave, numbersAt, running, whenGivenUp } from "./instance.js";
import type { Answer, Client, Query } from "./types.js";

/** Kinds of words; the numbers are those of ../src/words.rs. */
const NAME = 0, TYPE = 1, COUNTRY = 2, CONTINENT = 3, SUBDIVISION = 4, VPC_REGION = 5, IP = 6, ECS = 7;
const LATENCY_REGION = 8;
const KINDS = 9;

/** Slots of the block; see ../src/engine.rs. */
const BLOCK_IP = 0, BLOCK_ECS = 1, BLOCK_LATITUDE = 2, BLOCK_LONGITUDE = 3, BLOCK_LATENCIES = 4, BLOCK_FIRST = 5;
const REGIONS_MAX = 39;
const BLOCK_LENGTH = BLOCK_FIRST + 2 * REGIONS_MAX;

/** Answers that were given, by number; one list a zone. */
export type Answers = (Answer | undefined)[];

/** In place of a word's or an answer's number. */
export const FAULT = 0xffff_ffff;
/** Added to the number of an answer that has to be read. */
export const FRESH = 0x8000_0000;

/** The numbers of the words that the module knows, by kind. */
const words: readonly Map<string, number>[] = Array.from({ length: KINDS }, () => new Map<string, number>());
/** The block of rarer facts; of no length until it is needed, and after the memory has grown. */
let block = new Float64Array(0);

whenGivenUp(() => {
  for (const map of words) map.clear();
  block = new Float64Array(0);
});

// ---- the query that was packed last ------------------------------------------------------------------------------------

/** The number of its name. */
let name = 0;
/** The number of its type. */
let type = 0;
/** Country, continent, Region of the VPC and subdivision. */
let place = 0;
/** Whether the block holds rarer facts. */
let more = false;
/** The draw's lower half. */
let low = 0;
/** The draw's upper half. */
let high = 0;
/** Whether a draw was given. */
let isDrawn = false;

/** Whether the query that was packed says its draw. */
export function isDrawGiven(): boolean {
  return isDrawn;
}

/**
 * Packs a query. All of it is read first, since reading may run code of the caller's, which may ask something itself.
 */
export function pack(query: Query, argument: string): void {
  if (typeof query !== "object" || query === null) throw new TypeError(`${argument} must be an object`);
  let found = 0;
  let queryName, queryType, client: Client | undefined, draw;
  let country, continent, subdivision, vpcRegion, ip, ecs, latitude, longitude, latencies;
  try {
    queryName = query.name;
    queryType = query.type;
    client = query.client;
    draw = query.draw;
    found = 2 + (client === undefined ? 0 : 1) + (draw === undefined ? 0 : 1);
    for (const _ in query) found -= 1;
    if (found < 0) refuseUnknown(query, QUERY_FIELDS, argument);
    if (client != null) {
      if (typeof client !== "object") throw ours(new TypeError(`${argument}.client must be an object`));
      found = 0;
      if ((country = client.country) !== undefined) found += 1;
      if ((continent = client.continent) !== undefined) found += 1;
      if ((subdivision = client.subdivision) !== undefined) found += 1;
      if ((vpcRegion = client.vpc_region) !== undefined) found += 1;
      if ((ip = client.ip) !== undefined) found += 1;
      if ((ecs = client.ecs) !== undefined) found += 1;
      if ((latitude = client.latitude) !== undefined) found += 1;
      if ((longitude = client.longitude) !== undefined) found += 1;
      if ((latencies = client.latency_ms) !== undefined) found += 1;
      const facts = found;
      for (const _ in client) found -= 1;
      if (found < 0) refuseUnknown(client, CLIENT_FACTS, `${argument}.client`);
      if (facts === 0) requireFacts(client, `${argument}.client`);
      if (latencies != null) latencies = readLatencies(latencies, `${argument}.client.latency_ms`);
    }
  } catch (error) {
    if (error instanceof PointsmanError || isOurs(error)) throw error;
    throw new TypeError(`${argument} cannot be read: one of its properties throws`, { cause: error });
  }

  running();
  packDraw(draw, argument);
  name = words[NAME]!.get(queryName) ?? learn(NAME, queryName, argument, "name");
  type = words[TYPE]!.get(queryType) ?? learn(TYPE, queryType, argument, "type");
  place = 0;
  more = false;
  if (client == null) return;
  if (country != null) place = (words[COUNTRY]!.get(country) ?? learn(COUNTRY, country, argument, "client.country")) + 1;
  if (continent != null) {
    place |= ((words[CONTINENT]!.get(continent) ?? learn(CONTINENT, continent, argument, "client.continent")) + 1) << 9;
  }
  if (vpcRegion != null) {
    place |= ((words[VPC_REGION]!.get(vpcRegion) ?? learn(VPC_REGION, vpcRegion, argument, "client.vpc_region")) + 1) << 12;
  }
  if (subdivision != null) {
    const known = words[SUBDIVISION]!.get(subdivision) ?? learn(SUBDIVISION, subdivision, argument, "client.subdivision");
    place |= (known + 1) << 18;
  }
  if (ip == null && ecs == null && latitude == null && longitude == null && latencies == null) return;
  packRare(ip, ecs, latitude, longitude, latencies, argument);
}

/** Hands the query that was packed to the engine, for what takes it from there. */
export function holdPacked(engine: Engine): void {
  engine.hold(name, type, place, more, low, high);
}

/** Answers the query that was packed. */
export function answerPacked(raw: RawView, answers: Answers, argument: string): Answer {
  const engine = enter();
  let answer: Answer | undefined, fault = "";
  try {
    const number = engine.resolve(raw, name, type, place, more, low, high);
    if (number < FRESH) answer = answers[number];
    else if (number === FAULT) fault = engine.fault();
    else answer = answers[number - FRESH] = readAnswer(engine);
    leave();
  } catch (error) {
    throw brokenOff(error, "an answer");
  }
  if (answer === undefined) throw invalidQuery(fault, argument);
  return answer;
}

/** The facts that stand in the block. */
function packRare(
  ip: unknown, ecs: unknown, latitude: unknown, longitude: unknown,
  latencies: readonly (readonly [string, number])[] | undefined | null | Readonly<Record<string, number>>,
  argument: string,
): void {
  more = true;
  const numbers: number[] = [NaN, NaN, NaN, NaN, NaN];
  if (ip != null) numbers[BLOCK_IP] = words[IP]!.get(ip as string) ?? learn(IP, ip, argument, "client.ip");
  if (ecs != null) numbers[BLOCK_ECS] = words[ECS]!.get(ecs as string) ?? learn(ECS, ecs, argument, "client.ecs");
  if (latitude != null || longitude != null) {
    if (typeof latitude !== "number") throw new TypeError(`${argument}.client.latitude must be a number beside longitude`);
    if (typeof longitude !== "number") throw new TypeError(`${argument}.client.longitude must be a number beside latitude`);
    // What is not a number lies outside of every range, and says so.
    numbers[BLOCK_LATITUDE] = Number.isNaN(latitude) ? Infinity : latitude;
    numbers[BLOCK_LONGITUDE] = Number.isNaN(longitude) ? Infinity : longitude;
  }
  if (latencies != null) {
    const pairs = latencies as readonly (readonly [string, number])[];
    numbers[BLOCK_LATENCIES] = pairs.length;
    for (const [region, milliseconds] of pairs) {
      const known = words[LATENCY_REGION]!.get(region) ?? learn(LATENCY_REGION, region, argument, "client.latency_ms");
      numbers.push(known, milliseconds);
    }
  }
  // Learning may have made the memory grow, which takes away every view of it.
  if (block.length === 0) {
    guarded("a query", (engine) => { block = numbersAt(engine.block(), BLOCK_LENGTH); });
  }
  block.set(numbers);
}

const QUERY_FIELDS = new Set(["name", "type", "client", "draw"]);
const CLIENT_FACTS = new Set([
  "ip", "ecs", "country", "continent", "subdivision", "latitude", "longitude", "latency_ms", "vpc_region",
]);

/** A misspelt fact would be a fact that plays no part. */
function refuseUnknown(object: object, known: ReadonlySet<string>, argument: string): void {
  for (const key of Object.keys(object)) {
    if (known.has(key)) continue;
    const what = known === CLIENT_FACTS ? "a client fact" : "a field of a query";
    throw new PointsmanError("invalid-query", `${argument}.${shown(key)} is not ${what}`, {
      field: `${argument}.${shown(key)}`,
      help: `use ${[...known].join(", ")}`,
    });
  }
}

/** Where no fact was found, it may be because none can be: a Map holds its entries elsewhere. */
function requireFacts(client: Client, argument: string): void {
  if (Object.keys(client).length > 0) return;
  if (isLater(client)) throw ours(new TypeError(`${argument} is a Promise; await it first`));
  if (Symbol.iterator in client) throw ours(new TypeError(`${argument} must be an object of facts, such as { country: "SG" }`));
}

function readLatencies(latencies: object, argument: string): readonly (readonly [string, number])[] {
  if (typeof latencies !== "object") throw ours(new TypeError(`${argument} must be an object`));
  const pairs = Object.entries(latencies) as [string, number][];
  if (pairs.length === 0 && (isLater(latencies) || Symbol.iterator in latencies)) {
    throw ours(new TypeError(`${argument} must be an object, such as { "us-east-1": 12 }`));
  }
  for (const [region, milliseconds] of pairs) {
    if (typeof milliseconds !== "number") throw ours(new TypeError(`${argument}["${shown(region)}"] must be a number`));
  }
  if (pairs.length > REGIONS_MAX) throw ours(new TypeError(`${argument} has more entries than there are Regions`));
  return pairs;
}

function packDraw(draw: unknown, argument: string): void {
  isDrawn = draw != null;
  if (draw === undefined || draw === null) {
    low = high = 0;
  } else if (typeof draw === "number" && Number.isSafeInteger(draw) && draw >= 0) {
    low = draw >>> 0;
    high = (draw / 0x1_0000_0000) >>> 0;
  } else {
    let wide: bigint;
    if (typeof draw === "bigint") wide = draw;
    else if (typeof draw === "string" && /^[0-9]{1,20}$/.test(draw)) wide = BigInt(draw);
    else if (typeof draw === "string" || typeof draw === "number") wide = -1n;
    else throw new TypeError(`${argument}.draw must be a number, a bigint or a decimal string`);
    if (wide < 0n || wide > 0xffff_ffff_ffff_ffffn) {
      throw new PointsmanError("invalid-query", `${argument}.draw must be a whole number of 0 to 2^53 - 1, or of 64 bits as a bigint or string`, {
        field: `${argument}.draw`,
      });
    }
    low = Number(wide & 0xffff_ffffn);
    high = Number(wide >> 32n);
  }
}

/** Whether a query takes a word as this fact. */
export function isWord(fact: "country" | "subdivision", word: string): boolean {
  const kind = fact === "country" ? COUNTRY : SUBDIVISION;
  if (words[kind]!.has(word)) return true;
  try {
    learn(kind, word, "", fact);
    return true;
  } catch (error) {
    if (error instanceof PointsmanError && error.code === "invalid-query" || error instanceof TypeError) return false;
    throw error;
  }
}

/** Reads a word that is new. */
function learn(kind: number, word: unknown, argument: string, field: string): number {
  const path = `${argument}.${field}`;
  if (typeof word !== "string") throw new TypeError(`${path} must be a string`);
  if (word.length > WORD_LENGTH_MAX) {
    throw new PointsmanError("invalid-query", `${path} is ${word.length} characters long`, { field: path });
  }
  requireWellFormed(word, path);
  const number = guarded("a word of a query", (engine) => {
    const number = engine.word(kind, word);
    if (number === FAULT) throw invalidQuery(engine.fault(), argument);
    return number;
  });
  const known = words[kind]!;
  // The table was full and is empty again.
  if (number === 0) known.clear();
  known.set(word, number);
  return number;
}

/** Core's `FIELD: what is wrong` as an error. */
export function invalidQuery(fault: string, argument: string): PointsmanError {
  const at = fault.indexOf(": ");
  if (at < 0) return new PointsmanError("invalid-query", fault);
  const field = `${argument}.${fault.slice(0, at)}`;
  return new PointsmanError("invalid-query", `${field}: ${fault.slice(at + 2)}`, { field });
}
