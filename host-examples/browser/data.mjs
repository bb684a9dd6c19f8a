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

/** Codes of their own that the atlas draws as a part of another country, or not at all, with a place of each. */
const TERRITORIES = {
  BQ: [-68.27, 12.18], BV: [3.41, -54.42], CC: [96.83, -12.15], CX: [105.63, -10.49], GF: [-53.1, 3.95], GI: [-5.35, 36.14],
  GP: [-61.55, 16.2], MQ: [-61.02, 14.65], RE: [55.54, -21.13], SJ: [16.6, 78.7], TK: [-171.85, -9.2], TV: [179.2, -8.52],
  UM: [166.63, 19.29], YT: [45.15, -12.82],
};
/** Shapes without a number: those that a country's code covers, and one whose code its users chose. */
const UNNUMBERED = { "N. Cyprus": "CY", Somaliland: "SO", Kosovo: "XK" };
/** Pieces on the map that are larger than a dot. */
const PIECES = { FR: "GF", NO: "SJ" };

const codeOf = ({ id, properties }) => (id === undefined ? UNNUMBERED[properties.name] : countries.numericToAlpha2(id));

const fine = atlas("50m"), coarse = atlas("110m");
const places = {};
for (const shape of feature(fine, fine.objects.countries).features) {
  const code = codeOf(shape);
  // Several shapes may share an id: a country and its far islands. The first, largest one counts.
  if (code === undefined || places[code] !== undefined || (shape.id === undefined && code !== "XK")) continue;
  const name = names[code];
  places[code] = { name: Array.isArray(name) ? name[0] : name ?? shape.properties.name, point: middle(shape), dot: true };
}
for (const [code, point] of Object.entries(TERRITORIES)) {
  const name = names[code];
  places[code] = { name: Array.isArray(name) ? name[0] : name, point, dot: true };
}
// A part with a code of its own asks for itself: what lies within 12 degrees of its place is cut off.
const { geometries } = coarse.objects.countries;
for (const [whole, part] of Object.entries(PIECES)) {
  const from = geometries.find((geometry) => codeOf(geometry) === whole);
  const [x, y] = TERRITORIES[part];
  const isPart = (arcs) => {
    const [east, north] = geoCentroid(feature(coarse, { type: "Polygon", arcs }));
    return Math.abs(east - x) < 12 && Math.abs(north - y) < 12 && (part !== "SJ" || north > 75);
  };
  geometries.push({ type: "MultiPolygon", id: countries.alpha2ToNumeric(part), properties: {}, arcs: from.arcs.filter(isPart) });
  from.arcs = from.arcs.filter((arcs) => !isPart(arcs));
}
const pieces = ({ type, arcs }) => (type === "MultiPolygon" ? arcs : [arcs]);
for (const geometry of geometries.filter(({ id }) => id === undefined)) {
  const whole = geometries.find((other) => other !== geometry && codeOf(other) === codeOf(geometry));
  if (whole === undefined) continue;
  Object.assign(whole, { type: "MultiPolygon", arcs: [...pieces(whole), ...pieces(geometry)] });
  geometries.splice(geometries.indexOf(geometry), 1);
}
for (const geometry of geometries) {
  const code = codeOf(geometry);
  geometry.properties = {};
  if (code === undefined) { delete geometry.id; continue; }
  geometry.id = code;
  if (places[code] !== undefined) places[code].dot = false;
}
const folder = join(dirname(fileURLToPath(import.meta.url)), "src", "generated");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "world.json"), JSON.stringify({ places, topology: coarse }));
console.error(`    ${Object.keys(places).length} countries, ${Object.values(places).filter(({ dot }) => dot).length} of them dots`);
