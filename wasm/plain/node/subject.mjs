// Lets the project's conformance runner ask pointsman_plain.wasm in Node: a request a line on standard input, a response
// a line on standard output. tests/src/plain.rs describes them.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Instance } from "./pointsman.mjs";

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, DS: 43, SSHFP: 44,
  TLSA: 52, SVCB: 64, HTTPS: 65, SPF: 99, CAA: 257 };
const TYPE_NAMES = Object.fromEntries(Object.entries(TYPES).map(([name, number]) => [number, name]));
const RCODES = { 0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED" };
const UNDETERMINED = [undefined, "no latency is known from this client to any Region of the group",
  "the position of this client is unknown"];

const instance = await Instance.open(await readFile(process.argv[2]));
let zone = 0;
let view = 0;

for await (const line of createInterface({ input: process.stdin })) {
  let response;
  try {
    response = { text: "", findings: [], ...answer(JSON.parse(line)) };
  } catch (error) {
    response = { error: error.message };
  }
  process.stdout.write(JSON.stringify(response) + "\n");
}

function answer({ op, documents, batch, report, line, image, statuses }) {
  switch (op) {
    case "check": return { findings: instance.check(documents) };
    case "apply": return instance.apply(documents, batch);
    case "load": return load(documents, report);
    case "open": return open(image, statuses, report);
    case "resolve": return { text: resolve(line) };
    case "odds": ask(line); return { text: instance.odds(view) };
    case "no_odds": return { text: refused(() => instance.odds(view)) };
    case "explain": ask(line); return { text: instance.explain(view, true) };
    case "resolve_json": case "odds_json": case "explain_json":
      return { text: instance.line(op.slice(0, -"_json".length), view, line) };
    default: throw new Error(`there is no op ${op}`);
  }
}

function load(documents, report) {
  if (zone !== 0) { instance.freeView(view); instance.freeZone(zone); }
  zone = 0;
  const loaded = instance.loadZone(documents);
  view = instance.newView(loaded, report);
  zone = loaded;
}

/** Opens an image, of base64, under some statuses, or under a report where the module reads one. */
function open(image, statuses, report) {
  if (zone !== 0) { instance.freeView(view); instance.freeZone(zone); }
  zone = instance.openZone(Buffer.from(image, "base64"));
  if (report !== undefined) {
    view = instance.newView(zone, report);
    return {};
  }
  const unreported = instance.newViewWithoutReport(zone);
  const next = instance.withStatuses(unreported, statuses);
  instance.freeView(unreported);
  view = next.view;
  return { unknown: next.unknown };
}

/** What a module that only decides says when it is asked for more. */
function refused(work) {
  try {
    work();
  } catch (error) {
    return error.message;
  }
  throw new Error("this module should have no such thing");
}

/** Writes a query line into the query buffer. */
function ask(line) {
  const { name, type, client = {}, draw = 0 } = JSON.parse(line);
  instance.setQuery({ name: wire(name), type: TYPES[type], draw: BigInt(draw), client });
}

/** Answers a query line: from the buffer, and by kept question and client, which has to be the same. */
function resolve(line) {
  ask(line);
  const text = said(instance.resolve(view));
  const [question, client] = [instance.newQuestion(zone), instance.newClient()];
  for (const kept of [[question, client], [question, 0], [0, client]]) {
    const again = said(instance.ask(view, ...kept, BigInt(JSON.parse(line).draw ?? 0)));
    if (again !== text) throw new Error(`asked by what was kept (${kept}), the answer is ${again} instead of ${text}`);
  }
  instance.freeQuestion(question);
  instance.freeClient(client);
  return text;
}

/** A flat answer in the words of core's JSON. */
function said(answer) {
  const identifiers = answer.path.map((number) => instance.setIdentifier(view, number));
  return JSON.stringify({
    rcode: RCODES[answer.rcode],
    type: TYPE_NAMES[answer.type],
    ttl: answer.ttl,
    values: answer.values,
    set_identifiers: identifiers.filter((identifier) => identifier !== ""),
    fail_open: answer.failOpen,
    scope_prefix_length: answer.scopePrefixLength,
    referral: answer.isReferral ? spelled(answer.name) : undefined,
    alias_target: answer.isAliasTarget ? spelled(answer.name) : undefined,
    undetermined: UNDETERMINED[answer.undetermined],
    quarantined: answer.rcode === 2 ? new TextDecoder().decode(answer.name) : undefined,
  });
}

/** A name in wire form from Route 53's spelling. */
function wire(name) {
  const labels = name.replace(/\.$/, "").split(".").map((label) =>
    [...label.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)))]
      .map((character) => character.charCodeAt(0)));
  return Uint8Array.from(labels.flatMap((label) => [label.length, ...label]));
}

/** Route 53's spelling of a name in wire form. */
function spelled(wire) {
  let text = "";
  for (let at = 0; at < wire.length; at += 1 + wire[at]) {
    const label = wire.slice(at + 1, at + 1 + wire[at]);
    text += at === 0 && label.length === 1 && label[0] === 42 ? "*" : [...label].map((byte) =>
      /[a-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`)
      .join("");
    text += ".";
  }
  return text || ".";
}
