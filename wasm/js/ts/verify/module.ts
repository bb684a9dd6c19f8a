/** One of the two modules: how it starts, and one request. */
import { PointsmanError, type ErrorCode } from "../error.js";
import type { Diagnostic } from "../types.js";
import type { OnProgress } from "./types.js";

interface Exports {
  readonly memory: WebAssembly.Memory;
  pointsman_alloc(size: number): number;
  pointsman_free(address: number, size: number): void;
  pointsman_request(address: number, length: number): number;
  pointsman_text(): number;
  pointsman_text_length(): number;
  pointsman_text_free(): void;
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly help?: string | null;
  readonly diagnostics?: readonly Diagnostic[];
}

/** A module that is compiled when it is first asked. */
export class Module {
  #compiled: WebAssembly.Module | undefined;
  #running: Exports | undefined;
  #onProgress: OnProgress | undefined;
  /** What a progress function threw. */
  #thrown: { readonly error: unknown } | undefined;
  readonly #compile: (() => WebAssembly.Module) | undefined;

  /** `compile` brings the module at once, where that can be had. */
  constructor(compile?: () => WebAssembly.Module) {
    this.#compile = compile;
  }

  /** Whether it can be asked without waiting. */
  get isThere(): boolean {
    return this.#compiled !== undefined || this.#compile !== undefined;
  }

  /** Takes the compiled module. */
  take(module: WebAssembly.Module): void {
    this.#compiled ??= module;
  }

  /** Carries out one request. */
  ask(request: object, onProgress?: OnProgress): unknown {
    this.#onProgress = onProgress;
    this.#thrown = undefined;
    const exports = (this.#running ??= this.#start());
    let refused: boolean, text: string;
    try {
      const bytes = new TextEncoder().encode(JSON.stringify(request));
      const address = exports.pointsman_alloc(bytes.length);
      if (address === 0) throw new RangeError("no memory");
      new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
      refused = exports.pointsman_request(address, bytes.length) !== 0;
      text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.pointsman_text(), exports.pointsman_text_length()));
      exports.pointsman_text_free();
      exports.pointsman_free(address, bytes.length);
    } catch (cause) {
      // A trap leaves the instance in no state to go on.
      this.#running = undefined;
      throw new PointsmanError("out-of-memory", "the analysis needs more memory or stack than there is", {
        help: "look at fewer names with `only`, or at fewer failures with `depth`", cause,
      });
    }
    const thrown = this.#thrown as { readonly error: unknown } | undefined;
    if (thrown !== undefined) throw thrown.error;
    if (!refused) return JSON.parse(text);
    const { code, message, help, diagnostics } = JSON.parse(text) as Refusal;
    throw new PointsmanError(code, message, { help: help ?? undefined, ...(diagnostics === undefined ? {} : { diagnostics }) });
  }

  #start(): Exports {
    const compiled = (this.#compiled ??= this.#compile?.());
    if (compiled === undefined) {
      throw new PointsmanError("not-started", "call `await init()` of pointsman/verify before anything else");
    }
    const progress = (done: number, of: number): number => {
      if (this.#onProgress === undefined || this.#thrown !== undefined) return this.#thrown === undefined ? 1 : 0;
      try {
        return this.#onProgress(done, of) === false ? 0 : 1;
      } catch (error) {
        this.#thrown = { error };
        return 0;
      }
    };
    return new WebAssembly.Instance(compiled, { pointsman: { progress } }).exports as unknown as Exports;
  }
}
