/** What an entry exports, at run time: the build puts it in the place of ../index.js, which has the types. */
import { exported } from "../engines.js";

export { createEngine } from "../engines.js";
export { PointsmanError } from "../error.js";
export const {
  apply, check, CONTINENTS, countries, drawOf, isContinent, isCountry, isRecordType, isSubdivision, memoryBytes, randomDraw,
  RECORD_TYPES, regions, View, Zone,
} = exported;
