/** The instance of pointsman_decide.wasm: memory, calls, and what becomes of it after a trap. Its ABI is that of ../../../plain/README.md. */
import { PointsmanError } from "../error.js";

/** What the module exports and this package calls. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  pointsman_abi_version(): number;
  pointsman_alloc(size: number): number;
  pointsman_free(address: number, size: number): void;
  pointsman_query(): number;
  pointsman_answer(): number;
  pointsman_text(): number;
  pointsman_text_length(): number;
  pointsman_text_free(): void;
  pointsman_zone_open(address: number, length: number): number;
  pointsman_zone_free(zone: number): number;
  pointsman_region(address: number, length: number): number;
  pointsman_view_new(zone: number, address: number, length: number): number;
  pointsman_view_statuses(view: number, address: number, length: number): number;
  pointsman_view_down(view: number, address: number, length: number): number;
  pointsman_view_without(view: number, address: number, length: number): number;
  pointsman_view_free(view: number): number;
  pointsman_resolve(view: number): number;
  pointsman_values(view: number): number;
  pointsman_set_identifier(view: number, number: number): number;
}

const ABI_VERSION = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

let compiled: WebAssembly.Module | undefined;
let exports: Exports | undefined;
/** Zones and views of an instance that was given up are gone. */
let generation = 0;
let bytes = new Uint8Array(0);
let numbers = new DataView(bytes.buffer);

/** Starts the module. */
export function start(module: WebAssembly.Module): void {
  if (compiled !== undefined) return;
  compiled = module;
  begin();
}

function begin(): void {
  const started = new WebAssembly.Instance(compiled!, {}).exports as unknown as Exports;
  if (started.pointsman_abi_version() !== ABI_VERSION) {
    throw new Error("pointsman_decide.wasm is of another version than this package");
  }
  exports = started;
}

/** Runs the module. A trap leaves the instance in no state to go on, so it is started anew, and what was opened is gone. */
export function call<T>(what: string, work: (module: Exports) => T): T {
  if (exports === undefined) throw new PointsmanError("not-started", "call `await init()` of pointsman/decide/manual before anything else");
  try {
    return work(exports);
  } catch (cause) {
    if (cause instanceof PointsmanError || cause instanceof TypeError) throw cause;
    generation += 1;
    begin();
    throw new PointsmanError("out-of-memory", `${what} needs more memory or stack than there is; the engine was started anew`, {
      help: "open every zone again", cause,
    });
  }
}

/** The memory as it is now: growing takes every view of it away. */
export function memory(module: Exports): { readonly bytes: Uint8Array; readonly numbers: DataView } {
  if (bytes.buffer !== module.memory.buffer) {
    bytes = new Uint8Array(module.memory.buffer);
    numbers = new DataView(module.memory.buffer);
  }
  return { bytes, numbers };
}

/** Copies bytes in for one call. */
export function lending<T>(module: Exports, given: Uint8Array, work: (address: number, length: number) => T): T {
  if (given.length === 0) return work(0, 0);
  const address = module.pointsman_alloc(given.length) >>> 0;
  if (address === 0) throw new RangeError("no memory");
  memory(module).bytes.set(given, address);
  const result = work(address, given.length);
  module.pointsman_free(address, given.length);
  return result;
}

/** The text that the last call left. */
export function takeText(module: Exports): string {
  const address = module.pointsman_text() >>> 0;
  const text = textAt(module, address, module.pointsman_text_length());
  module.pointsman_text_free();
  return text;
}

/** Text in the module's memory. */
export function textAt(module: Exports, address: number, length: number): string {
  return decoder.decode(memory(module).bytes.subarray(address, address + length));
}

/** A text as bytes. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Gives handles back that a caller dropped. */
const dropped = new FinalizationRegistry<() => void>((free) => free());

/** A zone or view inside the module. */
export class Handle {
  readonly #generation = generation;
  #handle: number;
  readonly #what: "zone" | "view";

  constructor(handle: number, what: "zone" | "view", owner: object) {
    this.#handle = handle;
    this.#what = what;
    const of = generation;
    dropped.register(owner, () => { if (of === generation) release(what, handle); }, this);
  }

  /** It, for one call. */
  use(): number {
    if (this.#generation !== generation) {
      throw new PointsmanError("freed", `the ${this.#what} is gone: the engine was started anew`, { help: "open the image again" });
    }
    if (this.#handle === 0) throw new PointsmanError("freed", `the ${this.#what} was freed and cannot be used any more`);
    return this.#handle;
  }

  free(): void {
    const handle = this.#handle;
    this.#handle = 0;
    dropped.unregister(this);
    if (handle !== 0 && this.#generation === generation) release(this.#what, handle);
  }
}

function release(what: "zone" | "view", handle: number): void {
  call("freeing", (module) => what === "zone" ? module.pointsman_zone_free(handle) : module.pointsman_view_free(handle));
}

/** Bytes of the module's memory; it never shrinks. */
export function memoryBytes(): number {
  return call("nothing", (module) => module.memory.buffer.byteLength);
}
