// Writes src/generated/world.json: the outlines of world-atlas with ISO codes, English names, and a point in each country.
//
// Outlines are those of 1:110 million, which leave small countries out; those become dots, at the places that the outlines
// of 1:50 million tell.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { geoArea, geoCentroid } from "d3-geo";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const atlas = (scale) => JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), "utf8"));
const countries = require("i18n-iso-countries");
const names = require("i18n-iso-countries/langs/en.json").countries;

/** The middle of the largest piece: that of all of France would lie off Spain. */
function middle({ geometry }) {
  const pieces = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  const polygons = pieces.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a));
  return geoCentroid(largest).map((degrees) => Math.round(degrees * 100) / 100);
}

const fine = atlas("50m"), coarse = atlas("110m");
const places = {};
for (const shape of feature(fine, fine.objects.countries).features) {
  const code = shape.id === undefined ? undefined : countries.numericToAlpha2(shape.id);
  // Several shapes may share an id: a country and its far islands. The first, largest one counts.
  if (code === undefined || places[code] !== undefined) continue;
  const name = names[code];
  places[code] = { name: Array.isArray(name) ? name[0] : name ?? shape.properties.name, point: middle(shape), dot: true };
}
for (const geometry of coarse.objects.countries.geometries) {
  const code = geometry.id === undefined ? undefined : countries.numericToAlpha2(geometry.id);
  geometry.properties = {};
  if (code === undefined) { delete geometry.id; continue; }
  geometry.id = code;
  if (places[code] !== undefined) places[code].dot = false;
}
const folder = join(dirname(fileURLToPath(import.meta.url)), "src", "generated");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "world.json"), JSON.stringify({ places, topology: coarse }));
console.error(`    ${Object.keys(places).length} countries, ${Object.values(places).filter(({ dot }) => dot).length} of them dots`);
