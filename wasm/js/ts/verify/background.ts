/** The analyses in a worker, so that a page goes on while they run. */
import { PointsmanError } from "../error.js";
import type { Diagnostic, RecordType } from "../types.js";
import { aborted } from "./requests.js";
import type { Diff, Document, Drill, DrillOptions, OnProgress, Read, ReadOptions, Rto, RtoOptions, VersionOptions } from "./types.js";

/** What a worker is, in browsers and in Node.js. */
export interface Worker {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** What every analysis in a worker takes as well: a signal that ends it. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** What a worker sends. */
export type Reply =
  | { readonly progress: readonly [number, number] }
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string; readonly help?: string | undefined; readonly diagnostics?: readonly Diagnostic[] } };

/** What a worker is sent. */
export interface Call {
  readonly call: "drill" | "diff" | "rto" | "readDocuments";
  readonly with: readonly unknown[];
}

interface Job {
  readonly call: Call;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Analyses that run elsewhere, one after another. */
export class Background {
  readonly #make: (onReply: (reply: Reply) => void, onError: (error: unknown) => void) => Worker;
  #worker: Worker | undefined;
  /** How many were started. */
  #workers = 0;
  readonly #queue: Job[] = [];

  /** @internal */
  constructor(make: (onReply: (reply: Reply) => void, onError: (error: unknown) => void) => Worker) {
    this.#make = make;
  }

  drill(documents: readonly Document[], { signal, onProgress, ...options }: DrillOptions & Abortable = {}): Promise<Drill> {
    return this.#run({ call: "drill", with: [documents, options] }, signal, onProgress);
  }

  diff(before: readonly Document[], after: readonly Document[], { signal, ...options }: VersionOptions & Abortable = {}): Promise<Diff> {
    return this.#run({ call: "diff", with: [before, after, options] }, signal);
  }

  rto(name: string, type: RecordType, documents: readonly Document[], { signal, onProgress, ...options }: RtoOptions & Abortable = {}): Promise<Rto> {
    return this.#run({ call: "rto", with: [name, type, documents, options] }, signal, onProgress);
  }

  readDocuments(documents: readonly Document[], { signal, ...options }: ReadOptions & Abortable = {}): Promise<Read> {
    return this.#run({ call: "readDocuments", with: [documents, options] }, signal);
  }

  /** Ends the worker; what is under way is refused, and the next call starts another. */
  close(): void {
    this.#giveUp(new PointsmanError("stopped", "the analyses were closed"));
  }

  #run<T>(call: Call, signal: AbortSignal | undefined, onProgress?: OnProgress): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(aborted(signal));
      const job: Job = { call, signal, onProgress, resolve: resolve as (result: unknown) => void, reject };
      signal?.addEventListener("abort", () => this.#abort(job), { once: true });
      this.#queue.push(job);
      if (this.#queue.length === 1) this.#next();
    });
  }

  /** Sends the first job of the queue to the worker. */
  #next(): void {
    const [job] = this.#queue;
    if (job === undefined) return;
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage(job.call);
    } catch (error) {
      this.#queue.shift();
      job.reject(error);
      this.#next();
    }
  }

  /** A worker whose messages count as long as no other has been started: an ended one may have sent a reply before. */
  #start(): Worker {
    const number = this.#workers += 1;
    const isCurrent = () => number === this.#workers;
    return this.#make((reply) => { if (isCurrent()) this.#take(reply); }, (error) => { if (isCurrent()) this.#giveUp(error); });
  }

  #take(reply: Reply): void {
    const [job] = this.#queue;
    if (job === undefined) return;
    if ("progress" in reply) {
      // A worker that computes hears nothing, so what stops it is its end.
      if (job.onProgress?.(...reply.progress) === false) this.#abort(job);
      return;
    }
    this.#queue.shift();
    if ("result" in reply) job.resolve(reply.result);
    else job.reject(new PointsmanError(reply.error.code as PointsmanError["code"], reply.error.message, {
      help: reply.error.help, ...(reply.error.diagnostics === undefined ? {} : { diagnostics: reply.error.diagnostics }),
    }));
    this.#next();
  }

  #abort(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    job.reject(job.signal?.aborted === true ? aborted(job.signal) : new PointsmanError("stopped", "the analysis was stopped"));
    if (at > 0) return;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#next();
  }

  #giveUp(error: unknown): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const job of this.#queue.splice(0)) job.reject(error);
  }
}

/** A call, carried out in the worker. */
export function carryOut(
  analyses: { readonly [name in Call["call"]]: (...given: never[]) => unknown }, { call, with: given }: Call, send: (reply: Reply) => void,
): void {
  try {
    const onProgress = (done: number, of: number) => send({ progress: [done, of] });
    const last = given.at(-1) as object;
    const work = analyses[call] as (...given: unknown[]) => unknown;
    send({ result: work(...given.slice(0, -1), { ...last, onProgress }) });
  } catch (error) {
    const { code = "invalid-documents", message, help, diagnostics } = error as PointsmanError;
    send({ error: { code, message, help, diagnostics } });
  }
}
