/** Browsers and bundlers: the module is fetched before the importing module runs. */
import { compile } from "./compile.js";
import { start } from "../engines.js";

start(await compile(new URL("./pointsman.wasm", import.meta.url)));

export * from "../index.js";
