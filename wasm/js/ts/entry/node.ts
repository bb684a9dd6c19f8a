/** Node.js: the module lies beside this file and is there at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "./once.js";

export const {
  apply, check, CONTINENTS, countries, createEngine, drawOf, isContinent, isCountry, isRecordType, isSubdivision, memoryBytes,
  PointsmanError, randomDraw, RECORD_TYPES, regions, View, Zone,
} =
  once(() => new WebAssembly.Module(readFileSync(join(__dirname, "pointsman.wasm"))));
