/**
 * Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this health, and why?
 *
 * @packageDocumentation
 */
export { drawOf, randomDraw } from "./draw.js";
export { memoryBytes } from "./instance.js";
export { type ErrorCode, PointsmanError } from "./error.js";
export type * from "./types.js";
export { View } from "./view.js";
export { CONTINENTS, countries, isContinent, isCountry, isRecordType, isSubdivision, RECORD_TYPES } from "./words.js";
export { apply, check, regions, Zone } from "./zone.js";
