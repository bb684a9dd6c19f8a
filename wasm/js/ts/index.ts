/**
 * Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this health, and why?
 *
 * @packageDocumentation
 */
export * from "./api.js";
export { createEngine, type Engine } from "./engines.js";
