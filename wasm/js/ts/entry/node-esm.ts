/** The same as ESM. Coming to it by way of `require` would have Node.js read two files, which takes as long as an answer. */
import { readFileSync } from "node:fs";
import { once } from "./once.js";

export const {
  apply, check, CONTINENTS, countries, createEngine, drawOf, isContinent, isCountry, isRecordType, isSubdivision, memoryBytes,
  PointsmanError, randomDraw, RECORD_TYPES, regions, View, Zone,
} =
  once(() => new WebAssembly.Module(readFileSync(new URL("./pointsman.wasm", import.meta.url))));
