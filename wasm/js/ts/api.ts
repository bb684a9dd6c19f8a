/** What one engine has. Its state is that of the modules below, so that another engine is the same modules once more. */
export { drawOf, randomDraw } from "./draw.js";
export { memoryBytes } from "./instance.js";
export { type ErrorCode, PointsmanError } from "./error.js";
export type * from "./types.js";
export { View } from "./view.js";
export { CONTINENTS, countries, isContinent, isCountry, isRecordType, isSubdivision, RECORD_TYPES } from "./words.js";
export { apply, check, regions, Zone } from "./zone.js";
