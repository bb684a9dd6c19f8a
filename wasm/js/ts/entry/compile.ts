/** What {@link init} takes: where the module is, its bytes, a response that brings them, or the compiled module. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView<ArrayBuffer> | WebAssembly.Module;

/** Compiles the module, while it arrives where the server lets it. */
export async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === "string" || source instanceof URL) return compile(await fetch(source));
  if (typeof Response === "function" && source instanceof Response) {
    if (!source.ok) throw new Error(`cannot load pointsman.wasm: ${source.url} answers ${source.status}`);
    // A server that does not know the type .wasm is no reason to fail.
    if (source.headers.get("content-type")?.startsWith("application/wasm")) return WebAssembly.compileStreaming(source);
    return WebAssembly.compile(await source.arrayBuffer());
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source as BufferSource);
  throw new TypeError("source must be a URL, a Response, bytes, or a WebAssembly.Module");
}
