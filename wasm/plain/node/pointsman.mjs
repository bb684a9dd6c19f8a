// pointsman_plain.wasm in any engine that has JavaScript's WebAssembly object: Node, Deno, Bun, a browser. It has no
// dependency and no build step, and is meant to be read beside ../README.md, which describes the ABI.

const ABI_VERSION = 3;
const QUERY_SIZE = 1360;
const NAME_AT = 80;
const LATENCIES_AT = 336;
const LATENCIES_MAX = 64;
const NO_LATENCIES = 255;
const STATUS = ["ok", "no such zone, view or record set", "the name is not a domain name",
  "a fact about the client is not well-formed", "refused"];
const NO_TEXT = 0xffffffff;
/** Health statuses by their numbers. */
const STATUSES = ["no data", "healthy", "unhealthy", "insufficient, last healthy", "insufficient, last unhealthy"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** One memory with what was loaded into it. */
export class Instance {
  #exports;

  /** Compiles and instantiates the module; it imports nothing. */
  static async open(bytes) {
    const module = await WebAssembly.compile(bytes);
    const imports = WebAssembly.Module.imports(module);
    if (imports.length > 0) throw new Error(`the module imports ${imports.length} things; it should import none`);
    return new Instance((await WebAssembly.instantiate(module, {})).exports);
  }

  constructor(exports) {
    const version = exports.pointsman_abi_version();
    if (version !== ABI_VERSION) throw new Error(`the module speaks ABI version ${version}, this program ${ABI_VERSION}`);
    this.#exports = exports;
  }

  /** The memory as bytes. It is made anew each time, because growing detaches it. */
  get #bytes() { return new Uint8Array(this.#exports.memory.buffer); }

  /** Copies bytes in, calls, and frees them again. */
  #with(list, work) {
    const copies = list.map((bytes) => {
      if (bytes.length === 0) return [0, 0];
      const address = this.#exports.pointsman_alloc(bytes.length) >>> 0;
      if (address === 0) throw new Error(`the module has no memory for ${bytes.length} bytes`);
      this.#bytes.set(bytes, address);
      return [address, bytes.length];
    });
    try {
      return work(...copies.flat()) >>> 0;
    } finally {
      for (const [address, length] of copies) if (length > 0) this.#exports.pointsman_free(address, length);
    }
  }

  #text() {
    const address = this.#exports.pointsman_text() >>> 0;
    const text = decoder.decode(this.#bytes.slice(address, address + this.#exports.pointsman_text_length()));
    this.#exports.pointsman_text_free();
    return text;
  }

  #findings() { return this.#text().split("\n").filter(Boolean).map((line) => JSON.parse(line)); }

  check(documents) {
    this.#with([bundle(documents)], this.#exports.pointsman_check);
    return this.#findings();
  }

  /** The documents after a change batch, as `{text}`; or `{findings}`. */
  apply(documents, batch) {
    const status = this.#with([bundle(documents), encoder.encode(batch)], this.#exports.pointsman_apply);
    if (status === 0) return { text: this.#text() };
    if (status === 4) return { findings: this.#findings() };
    throw new Error(STATUS[status]);
  }

  loadZone(documents, zoneName) {
    const zone = this.#with([bundle(documents, zoneName)], this.#exports.pointsman_zone_load);
    const findings = this.#findings();
    if (zone === 0) throw new Error(findings.map((finding) => finding.message).join("; "));
    return zone;
  }

  /** Opens the image of a zone, as `pointsman compile` writes it. */
  openZone(image) {
    const zone = this.#with([image], this.#exports.pointsman_zone_open);
    if (zone === 0) throw new Error(`the image is not opened: ${this.#text()}`);
    return zone;
  }

  /** The image of a zone that was loaded. */
  image(zone) {
    const status = this.#exports.pointsman_zone_image(zone);
    if (status !== 0) throw new Error(STATUS[status]);
    const address = this.#exports.pointsman_text() >>> 0;
    const image = this.#bytes.slice(address, address + this.#exports.pointsman_text_length());
    this.#exports.pointsman_text_free();
    return image;
  }

  freeZone(zone) { this.#exports.pointsman_zone_free(zone); }

  newView(zone, report) { return this.#view(this.#exports.pointsman_view_new, zone, report); }
  updateView(view, changes) { return this.#view(this.#exports.pointsman_view_update, view, changes); }

  #view(make, of, report) {
    const view = this.#with([encoder.encode(report)], (address, length) => make(of, address, length));
    const findings = this.#findings();
    if (view === 0) throw new Error(findings.map((finding) => finding.message).join("; "));
    return view;
  }

  /** The view of which nothing is known yet. */
  newViewWithoutReport(zone) {
    const view = this.#exports.pointsman_view_new(zone, 0, 0) >>> 0;
    if (view === 0) throw new Error(STATUS[1]);
    return view;
  }

  /** The view after some statuses, each `{check}` or `{alias_target}` with its status; and the names that the zone does not have. */
  withStatuses(view, statuses) {
    const parts = statuses.flatMap(({ check, alias_target: target, status }) => {
      const name = encoder.encode(check ?? target);
      const head = new Uint8Array(8);
      head[0] = check === undefined ? 1 : 0;
      head[1] = STATUSES.indexOf(status);
      new DataView(head.buffer).setUint32(4, name.length, true);
      return [head, name];
    });
    const next = this.#with([joined(parts)], (address, length) => this.#exports.pointsman_view_statuses(view, address, length));
    if (next === 0) throw new Error(STATUS[1]);
    return { view: next, unknown: this.#text().split("\n").filter(Boolean) };
  }

  /** The view in which these are down: health checks, alias targets, Regions, or `NAME/TYPE/SetIdentifier`. */
  down(view, what) { return this.#next(this.#exports.pointsman_view_down, view, what); }
  /** The view without these record sets. */
  without(view, recordSets) { return this.#next(this.#exports.pointsman_view_without, view, recordSets); }

  #next(make, of, lines) {
    const view = this.#with([encoder.encode(lines.join("\n"))], (address, length) => make(of, address, length));
    if (view === 0) throw new Error(`the zone has nothing called ${JSON.stringify(this.#text())} that can be taken down`);
    return view;
  }

  freeView(view) { this.#exports.pointsman_view_free(view); }

  recordSet(zone, number) {
    const status = this.#exports.pointsman_record_set_describe(zone, number);
    if (status !== 0) throw new Error(STATUS[status]);
    return JSON.parse(this.#text());
  }

  /** The SetIdentifier of a record set; empty for simple routing. */
  setIdentifier(view, number) {
    const status = this.#exports.pointsman_set_identifier(view, number);
    if (status !== 0) throw new Error(STATUS[status]);
    return this.#text();
  }

  region(code) { return this.#with([encoder.encode(code)], this.#exports.pointsman_region); }

  /** Writes a query: `{name: wire bytes, type: number, draw: bigint, client}` with core's words for client facts. */
  setQuery({ name, type, draw, client }) {
    const latencies = Object.entries(client.latency_ms ?? {})
      .map(([code, milliseconds]) => [this.region(code), milliseconds]);
    if (latencies.length > LATENCIES_MAX) throw new Error("more latencies than there are Regions");
    const vpc = client.vpc_region ? this.region(client.vpc_region) : 0;

    const at = this.#exports.pointsman_query() >>> 0;
    const bytes = this.#bytes.subarray(at, at + QUERY_SIZE);
    const view = new DataView(bytes.buffer, at, QUERY_SIZE);
    bytes.fill(0, 0, NAME_AT);
    view.setBigUint64(0, draw, true);
    view.setUint16(8, type, true);
    bytes[10] = name.length;
    bytes.set(name, NAME_AT);
    if (client.ip) bytes[12] = putAddress(bytes, 16, client.ip);
    if (client.ecs) {
      const [address, length] = client.ecs.split("/");
      bytes[13] = putAddress(bytes, 32, address);
      bytes[14] = Number(length);
    }
    if (client.country) bytes.set(encoder.encode(client.country), 48);
    if (client.continent) bytes.set(encoder.encode(client.continent), 50);
    if (client.subdivision) {
      bytes.set(encoder.encode(client.subdivision.slice(0, 2)), 52);
      bytes.set(encoder.encode(client.subdivision.slice(3)), 54);
    }
    bytes[57] = vpc;
    if (client.latitude !== undefined) {
      bytes[15] = 1;
      view.setFloat64(64, client.latitude, true);
      view.setFloat64(72, client.longitude, true);
    }
    bytes[11] = client.latency_ms && latencies.length === 0 ? NO_LATENCIES : latencies.length;
    latencies.forEach(([region, milliseconds], index) => {
      view.setUint32(LATENCIES_AT + 16 * index, region, true);
      view.setUint32(LATENCIES_AT + 16 * index + 4, 0, true);
      view.setFloat64(LATENCIES_AT + 16 * index + 8, milliseconds, true);
    });
  }

  /** Keeps the name and type that were written last, looked up in a zone. */
  newQuestion(zone) { return this.#exports.pointsman_question_new(zone) >>> 0; }
  freeQuestion(question) { this.#exports.pointsman_question_free(question); }

  /** Keeps the client that was written last. */
  newClient() { return this.#exports.pointsman_client_new() >>> 0; }
  freeClient(client) { this.#exports.pointsman_client_free(client); }

  /** Answers the query that was written last. */
  resolve(view) { return this.#answer(view, this.#exports.pointsman_resolve(view)); }

  /** Answers a kept question of a kept client; where one is 0, the query that was written last says it. */
  ask(view, question, client, draw) {
    return this.#answer(view, this.#exports.pointsman_resolve_kept(view, question, client, draw));
  }

  #answer(view, status) {
    if (status !== 0) throw new Error(STATUS[status]);
    this.#exports.pointsman_values(view);
    const memory = new DataView(this.#exports.memory.buffer);
    const at = this.#exports.pointsman_answer() >>> 0;
    const word = (offset) => memory.getUint32(at + offset, true);
    const flags = memory.getUint8(at + 1);
    const list = (address, count) => Array.from({ length: count }, (_, n) => memory.getUint32(address + 4 * n, true));
    const values = list(word(48), 2 * word(52));
    const bytes = this.#bytes;
    return {
      rcode: memory.getUint8(at),
      failOpen: (flags & 1) !== 0,
      ttl: (flags & 2) !== 0 ? word(4) : null,
      isReferral: (flags & 4) !== 0,
      isAliasTarget: (flags & 8) !== 0,
      type: memory.getUint16(at + 2, true),
      scopePrefixLength: memory.getUint8(at + 8),
      undetermined: memory.getUint8(at + 9),
      values: Array.from({ length: word(52) }, (_, n) =>
        decoder.decode(bytes.slice(values[2 * n], values[2 * n] + values[2 * n + 1]))),
      path: list(word(56), word(60)),
      name: bytes.slice(word(64), word(64) + word(68)),
    };
  }

  odds(view) { return this.#ask(this.#exports.pointsman_odds(view)); }
  explain(view, asJson) { return this.#ask(this.#exports.pointsman_explain(view, asJson ? 1 : 0)); }

  #ask(status) {
    const text = this.#text();
    if (status !== 0) throw new Error(text || STATUS[status]);
    return text;
  }

  /** Asks a line of JSON: `what` is resolve, odds or explain. */
  line(what, view, line) {
    const call = this.#exports[`pointsman_${what}_json`];
    const status = this.#with([encoder.encode(line)], (address, length) => call(view, address, length));
    if (status !== 0) throw new Error(STATUS[status]);
    return this.#text();
  }
}

/** Documents as the module takes them. */
function bundle(documents, zoneName) {
  const parts = [];
  const put = (text) => {
    const bytes = text === undefined ? new Uint8Array() : encoder.encode(text);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, text === undefined ? NO_TEXT : bytes.length, true);
    parts.push(length, bytes);
  };
  put(zoneName);
  documents.forEach((text, index) => { put(`document ${index}`); put(undefined); put(text); });
  return joined(parts);
}

/** Bytes one after the other. */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

/** Writes an address and returns its family. */
function putAddress(bytes, at, address) {
  if (!address.includes(":")) {
    bytes.set(address.split(".").map(Number), at);
    return 4;
  }
  // A URL's host is the canonical form; what :: stands for is filled in.
  const [head, tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const words = (text) => (text ? text.split(":").map((word) => parseInt(word, 16)) : []);
  const [first, last] = [words(head), words(tail)];
  const all = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
  all.forEach((word, index) => { bytes[at + 2 * index] = word >> 8; bytes[at + 2 * index + 1] = word & 255; });
  return 6;
}
