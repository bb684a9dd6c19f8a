/** All of an engine, with what starts and ends it. The build makes a function of this, which each engine is a call of. */
export * as api from "./api.js";
export { start, stop } from "./instance.js";
