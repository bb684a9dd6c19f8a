/** What {@link init} takes: where the module is, its bytes, a response that brings them, or the compiled module. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | WasmModule;

/** `WebAssembly.Module`, in programs whose libraries know it: Node.js' own types do not. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;

/** Compiles the module, while it arrives where the server lets it. */
export async function compile(source: WasmSource): Promise<WasmModule> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === "string" || source instanceof URL) return compile(await load(source));
  if (typeof Response === "function" && source instanceof Response) {
    if (!source.ok) throw new Error(`cannot load pointsman.wasm: ${source.url} answers ${source.status}`);
    // A server that does not know the type .wasm is no reason to fail.
    if (source.headers.get("content-type")?.startsWith("application/wasm")) return WebAssembly.compileStreaming(source);
    return compileBytes(await source.arrayBuffer(), source.url);
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return compileBytes(source as BufferSource, "what was given");
  throw new TypeError("source must be a URL, a Response, bytes, or a WebAssembly.Module");
}

async function load(source: string | URL): Promise<Response> {
  try {
    return await fetch(source);
  } catch (cause) {
    throw new Error(`cannot load pointsman.wasm from ${String(source)}: ${String((cause as Error)?.message ?? cause)}`, { cause });
  }
}

/** Many servers answer with a page where there is no file. */
async function compileBytes(bytes: BufferSource, from: string): Promise<WebAssembly.Module> {
  const start = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  if (String(start.subarray(0, 4)) !== "0,97,115,109") {
    throw new Error(`${from} is no WebAssembly module; put pointsman/pointsman.wasm where the bundle looks for it`);
  }
  return WebAssembly.compile(bytes);
}
