/** Browsers and bundlers: the module is fetched before the importing module runs. */
import { compile } from "../../entry/compile.js";
import { start } from "../instance.js";

start(await compile(new URL("./pointsman_decide.wasm", import.meta.url)));

export * from "../index.js";
