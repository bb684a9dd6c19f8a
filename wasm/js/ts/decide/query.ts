/** Queries into the query buffer, answers out of the answer buffer. Nothing here decides anything. */
import { PointsmanError } from "../error.js";
import type { Answer, Query } from "../types.js";
import { type Exports, lending, memory, takeText, textAt, utf8 } from "./instance.js";

/** Record types by their DNS numbers. */
const TYPES: Readonly<Record<string, number>> = {
  A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, DS: 43, SSHFP: 44, TLSA: 52, SVCB: 64,
  HTTPS: 65, SPF: 99, CAA: 257,
};
const TYPE_NAMES = new Map(Object.entries(TYPES).map(([name, number]) => [number, name]));
const RCODES: Readonly<Record<number, string>> = { 0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED" };
const UNDETERMINED = [
  undefined, "no latency is known from this client to any Region of the group", "the position of this client is unknown",
];

const NAME_AT = 80, LATENCIES_AT = 336, REGIONS_MAX = 39, NO_LATENCIES = 255;
const QUERY_FIELDS = ["name", "type", "client", "draw"];
const CLIENT_FACTS = ["ip", "ecs", "country", "continent", "subdivision", "latitude", "longitude", "latency_ms", "vpc_region"];

/** The numbers of Regions, which never change. */
const regions = new Map<string, number>();

function invalid(field: string, what: string): PointsmanError {
  return new PointsmanError("invalid-query", `query.${field}: ${what}`, { field: `query.${field}` });
}

function refuseUnknown(object: object, known: readonly string[], field: string): void {
  for (const key of Object.keys(object)) if (!known.includes(key)) throw invalid(`${field}${key}`, "is not a field of a query");
}

function word(value: unknown, field: string): string {
  if (typeof value !== "string") throw new TypeError(`query.${field} must be a string`);
  return value;
}

function finite(value: unknown, field: string): number {
  if (typeof value !== "number") throw new TypeError(`query.${field} must be a number`);
  return value;
}

/** Writes a query into the buffer. Words are checked by the module, which says which part is wrong: the name, or the client. */
export function writeQuery(module: Exports, query: Query): void {
  if (typeof query !== "object" || query === null) throw new TypeError("query must be an object");
  refuseUnknown(query, QUERY_FIELDS, "");
  const client = query.client ?? {};
  if (typeof client !== "object") throw new TypeError("query.client must be an object");
  refuseUnknown(client, CLIENT_FACTS, "client.");
  const name = wire(word(query.name, "name"));
  const type = TYPES[word(query.type, "type")];
  if (type === undefined) throw invalid("type", `\`${query.type}\` is not a record type that Route 53 knows`);
  const draw = drawOf(query.draw);
  const latencies = Object.entries(client.latency_ms ?? {}).map(([region, milliseconds]) =>
    [regionNumber(module, region, "client.latency_ms"), finite(milliseconds, "client.latency_ms")] as const);
  if (latencies.length > REGIONS_MAX) throw invalid("client.latency_ms", "has more entries than there are Regions");
  const vpc = client.vpc_region == null ? 0 : regionNumber(module, word(client.vpc_region, "client.vpc_region"), "client.vpc_region");
  const ip = client.ip == null ? undefined : address(word(client.ip, "client.ip"), "client.ip");
  const ecs = client.ecs == null ? undefined : network(word(client.ecs, "client.ecs"));

  const at = module.pointsman_query() >>> 0;
  const { bytes, numbers } = memory(module);
  bytes.fill(0, at, at + NAME_AT);
  numbers.setBigUint64(at, draw, true);
  numbers.setUint16(at + 8, type, true);
  bytes[at + 10] = name.length;
  bytes.set(name, at + NAME_AT);
  if (ip !== undefined) {
    bytes[at + 12] = ip.length === 4 ? 4 : 6;
    bytes.set(ip, at + 16);
  }
  if (ecs !== undefined) {
    bytes[at + 13] = ecs.address.length === 4 ? 4 : 6;
    bytes[at + 14] = ecs.length;
    bytes.set(ecs.address, at + 32);
  }
  if (client.country != null) code(bytes, at + 48, client.country, "client.country");
  if (client.continent != null) code(bytes, at + 50, client.continent, "client.continent");
  if (client.subdivision != null) {
    const [country = "", part = "", more] = word(client.subdivision, "client.subdivision").split("-");
    if (part.length < 1 || part.length > 3 || more !== undefined) throw invalid("client.subdivision", `\`${client.subdivision}\` is not one such as US-WA`);
    code(bytes, at + 52, country, "client.subdivision");
    bytes.set(ascii(part, "client.subdivision"), at + 54);
  }
  bytes[at + 57] = vpc;
  if (client.latitude != null || client.longitude != null) {
    if (client.latitude == null || client.longitude == null) throw invalid("client.latitude", "latitude and longitude must be given together");
    bytes[at + 15] = 1;
    numbers.setFloat64(at + 64, finite(client.latitude, "client.latitude"), true);
    numbers.setFloat64(at + 72, finite(client.longitude, "client.longitude"), true);
  }
  // An empty object says that no latency is known, whatever the zone's table holds.
  bytes[at + 11] = client.latency_ms != null && latencies.length === 0 ? NO_LATENCIES : latencies.length;
  latencies.forEach(([region, milliseconds], index) => {
    numbers.setUint32(at + LATENCIES_AT + 16 * index, region, true);
    numbers.setUint32(at + LATENCIES_AT + 16 * index + 4, 0, true);
    numbers.setFloat64(at + LATENCIES_AT + 16 * index + 8, milliseconds, true);
  });
}

/** Why a query was not answered. */
export function refusal(status: number, query: Query): PointsmanError {
  if (status === 2) return invalid("name", `\`${query.name}\` is not a domain name`);
  return invalid("client", "a fact is not well-formed: compare with the types of this package");
}

/** Reads the answer that stands in the buffer; its properties stand in the order of core's JSON. */
export function readAnswer(module: Exports, view: number): Answer {
  module.pointsman_values(view);
  const at = module.pointsman_answer() >>> 0;
  const { bytes, numbers } = memory(module);
  const number = (offset: number): number => numbers.getUint32(at + offset, true);
  const flags = bytes[at + 1]!, rcode = bytes[at]!;
  const path = list(numbers, number(56), number(60));
  const places = list(numbers, number(48), 2 * number(52));
  const nameAt = number(64), nameLength = number(68);
  const name = bytes.slice(nameAt, nameAt + nameLength);
  const values = Array.from({ length: number(52) }, (_, index) => textAt(module, places[2 * index]!, places[2 * index + 1]!));
  const answer: Record<string, unknown> = {
    rcode: RCODES[rcode],
    type: TYPE_NAMES.get(numbers.getUint16(at + 2, true)),
    ttl: (flags & 2) !== 0 ? number(4) : null,
    values: Object.freeze(values),
    set_identifiers: undefined,
    fail_open: (flags & 1) !== 0,
    scope_prefix_length: bytes[at + 8],
  };
  if ((flags & 4) !== 0) answer["referral"] = spelled(name);
  if ((flags & 8) !== 0) answer["alias_target"] = spelled(name);
  const reason = UNDETERMINED[bytes[at + 9]!];
  if (reason !== undefined) answer["undetermined"] = reason;
  if (rcode === 2) answer["quarantined"] = new TextDecoder().decode(name);
  // Last, since each of them is a text of its own.
  const identifiers = path.map((record) => module.pointsman_set_identifier(view, record) === 0 ? takeText(module) : "");
  answer["set_identifiers"] = Object.freeze(identifiers.filter((identifier) => identifier !== ""));
  return Object.freeze(answer) as unknown as Answer;
}

/** What tells the answer in the buffer from every other one of its zone. */
export function answerKey(module: Exports): string {
  const at = module.pointsman_answer() >>> 0;
  const { numbers } = memory(module);
  let key = `${numbers.getUint32(at, true)} ${numbers.getUint32(at + 8, true)}`;
  const count = numbers.getUint32(at + 12, true);
  for (let index = 0; index < count && index < 8; index += 1) key += ` ${numbers.getUint32(at + 16 + 4 * index, true)}`;
  const path = numbers.getUint32(at + 56, true), length = numbers.getUint32(at + 60, true);
  for (let index = 0; index < length; index += 1) key += `,${numbers.getUint32(path + 4 * index, true)}`;
  // A name that nothing comes from is a delegation or an alias target.
  return `${key}/${numbers.getUint32(at + 64, true)}`;
}

function list(numbers: DataView, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => numbers.getUint32(address + 4 * index, true));
}

function drawOf(draw: unknown): bigint {
  if (draw === undefined || draw === null) return 0n;
  if (typeof draw === "number" ? !Number.isSafeInteger(draw) : typeof draw !== "bigint" && !/^[0-9]{1,20}$/.test(String(draw))) {
    throw invalid("draw", "must be a whole number of 0 to 2^53 - 1, or of 64 bits as a bigint or string");
  }
  const wide = BigInt(draw as number | bigint | string);
  if (wide < 0n || wide > 0xffff_ffff_ffff_ffffn) throw invalid("draw", "must have 64 bits at most");
  return wide;
}

function regionNumber(module: Exports, code: string, field: string): number {
  let number = regions.get(code);
  if (number === undefined) {
    number = lending(module, utf8(code), (address, length) => module.pointsman_region(address, length));
    if (number === 0) throw invalid(field, `\`${code}\` is not a Region`);
    regions.set(code, number);
  }
  return number;
}

function ascii(text: string, field: string): Uint8Array {
  if (!/^[\x21-\x7e]+$/.test(text)) throw invalid(field, `\`${text}\` is not a code`);
  return utf8(text);
}

function code(bytes: Uint8Array, at: number, text: string, field: string): void {
  if (word(text, field).length !== 2) throw invalid(field, `\`${text}\` is not a code of two letters`);
  bytes.set(ascii(text, field), at);
}

/** A name in wire form from Route 53's spelling (RFC 1035 3.1, without the root label). */
function wire(name: string): Uint8Array {
  const parts: number[] = [];
  for (const label of (name === "." ? "" : name.replace(/\.$/, "")).split(".")) {
    if (name === "." || name === "") break;
    const at = parts.push(0) - 1;
    for (let index = 0; index < label.length; index += 1) {
      const escape = label[index] === "\\" ? /^\\([0-3][0-7]{2})/.exec(label.slice(index)) : null;
      const byte = escape === null ? label.charCodeAt(index) : parseInt(escape[1]!, 8);
      if (byte > 255 || (escape === null && (byte > 126 || byte === 92))) throw invalid("name", `\`${name}\` is not a domain name`);
      parts.push(byte);
      if (escape !== null) index += 3;
    }
    const length = parts.length - at - 1;
    if (length === 0 || length > 63) throw invalid("name", `\`${name}\`: a label must have 1 to 63 bytes`);
    parts[at] = length;
  }
  if (parts.length > 254) throw invalid("name", `\`${name}\` is longer than a domain name can be`);
  return Uint8Array.from(parts);
}

/** Route 53's spelling of a name in wire form. */
function spelled(wire: Uint8Array): string {
  let text = "";
  for (let at = 0; at < wire.length; at += 1 + wire[at]!) {
    const label = wire.subarray(at + 1, at + 1 + wire[at]!);
    text += at === 0 && label.length === 1 && label[0] === 42 ? "*" : [...label].map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(letter) ? letter : `\\${byte.toString(8).padStart(3, "0")}`;
    }).join("");
    text += ".";
  }
  return text || ".";
}

function address(text: string, field: string): Uint8Array {
  const fault = (): PointsmanError => invalid(field, `\`${text}\` is not an IP address`);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split(".");
    if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) throw fault();
    return Uint8Array.from(parts, Number);
  }
  const halves = text.split("::");
  if (halves.length > 2 || !/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(":")) throw fault();
  const groups = (half: string, isLast: boolean): number[] => (half === "" ? [] : half.split(":")).flatMap((group, index, all) => {
    if (group.includes(".")) {
      if (index !== all.length - 1 || !isLast) throw fault();
      const [a, b, c, d] = address(group, field);
      if (d === undefined) throw fault();
      return [a! << 8 | b!, c! << 8 | d];
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) throw fault();
    return [parseInt(group, 16)];
  });
  const [first, last] = [groups(halves[0]!, halves.length === 1), groups(halves[1] ?? "", true)];
  const missing = 8 - first.length - last.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) throw fault();
  return Uint8Array.from([...first, ...Array<number>(missing).fill(0), ...last].flatMap((group) => [group >> 8, group & 255]));
}

function network(text: string): { address: Uint8Array; length: number } {
  const [first = "", length = "", more] = text.split("/");
  const bytes = address(first, "client.ecs");
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > 8 * bytes.length || more !== undefined) {
    throw invalid("client.ecs", `\`${text}\` is not a network such as 203.0.113.0/24`);
  }
  return { address: bytes, length: Number(length) };
}
