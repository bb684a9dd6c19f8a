/** The world, coloured by the answer that each country gets. */
import { type GeoPermissibleObjects, geoGraticule, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { $, colourOf, h, s } from "./dom.js";
import world from "./generated/world.json";
import type { Kind, Point, RegionMark, Shares, Shown } from "./protocol.js";

interface Place {
  readonly name: string;
  readonly point: readonly [number, number];
  readonly dot: boolean;
}

const WIDTH = 960, NORTH = 84, SOUTH = -58;
/** On a small screen marks are drawn larger, up to so many times. */
const LARGER_MAX = 2.4;
/** Pixels across the sweep of geoproximity: a pixel is some 110 km at the equator. */
const SWEEP_WIDTH = 360;

const places = Object.entries(world.places as unknown as Record<string, Place>);
const names = new Map(places.map(([code, { name }]) => [code, name]));
const projection = geoNaturalEarth1().fitWidth(WIDTH, { type: "Sphere" });
const path = geoPath(projection).digits(1);
const top = projection([0, NORTH])?.[1] ?? 0, bottom = projection([0, SOUTH])?.[1] ?? 480;
const height = Math.round(bottom - top);

/** Every country with a point in it. */
export const points: readonly Point[] = places.map(([code, { point }]) => ({ code, latitude: point[1], longitude: point[0] }));
export const countryName = (code: string): string => names.get(code) ?? code;
export const countryNames = [...names].sort((a, b) => a[1].localeCompare(b[1], "en"));

/** The places of the sweep's pixels, and which pixels they are. */
export function sweepGrid(): { grid: Float64Array; pixels: Uint32Array } {
  const scale = WIDTH / SWEEP_WIDTH, rows = Math.ceil(height / scale);
  const positions: number[] = [], pixels: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < SWEEP_WIDTH; column += 1) {
      const x = (column + 0.5) * scale, y = top + (row + 0.5) * scale;
      const place = projection.invert?.([x, y]);
      if (place === null || place === undefined) continue;
      const [longitude, latitude] = place;
      if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) continue;
      const back = projection([longitude, latitude]);
      if (back === null || Math.hypot(back[0] - x, back[1] - y) > 1) continue;
      positions.push(latitude, longitude);
      pixels.push(row * SWEEP_WIDTH + column);
    }
  }
  return { grid: Float64Array.from(positions), pixels: Uint32Array.from(pixels) };
}

export class WorldMap {
  readonly #shapes = new Map<string, SVGElement>();
  readonly #fills = new Map<string, string>();
  readonly #patterns = new Map<string, string>();
  readonly #defs = s("defs");
  readonly #track = s("path", { class: "track" });
  readonly #trackUnder = s("path", { class: "track-under" });
  readonly #regions = s("g", { class: "regions" });
  readonly #pin = s("g", { class: "pin" }, s("circle", { r: 9, class: "halo" }), s("circle", { r: 4.5 }));
  readonly #canvas = h("canvas", { width: SWEEP_WIDTH, height: Math.ceil(height / (WIDTH / SWEEP_WIDTH)), "aria-hidden": "true" });
  readonly #svg: SVGSVGElement;
  readonly #tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  readonly #pixels: Uint32Array;
  #shown: Shown | undefined;
  #country = "";
  #larger = 1;

  constructor(pixels: Uint32Array, ask: (country: string) => void, toggle: (region: string) => void) {
    this.#pixels = pixels;
    const topology = world.topology as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
    const land = s("g", { class: "countries" });
    for (const country of feature(topology, topology.objects.countries).features) {
      const shape = s("path", { d: path(country as GeoPermissibleObjects) ?? "" });
      if (country.id !== undefined) this.#shapes.set(String(country.id), shape);
      if (country.id === "AQ") continue;
      land.append(shape);
    }
    const dots = s("g", { class: "countries" });
    for (const [code, { point, dot }] of places) {
      if (!dot) continue;
      const [x = 0, y = 0] = projection([point[0], point[1]]) ?? [];
      const shape = s("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.8 });
      this.#shapes.set(code, shape);
      dots.append(shape);
    }
    for (const [code, shape] of this.#shapes) shape.dataset["code"] = code;
    this.#svg = s("svg", { viewBox: `0 ${top.toFixed(0)} ${WIDTH} ${height}`, role: "img", "aria-label": "World map, coloured by answer" },
      this.#defs,
      // Over the sweep, the sea is veiled: coasts stay as sharp as the outlines are.
      s("path", { class: "veil", "fill-rule": "evenodd", d: `M0 ${top}H${WIDTH}V${bottom}H0Z${path(feature(topology, topology.objects.land)) ?? ""}` }),
      s("path", { class: "graticule", d: path(geoGraticule().step([30, 30])()) ?? "" }),
      land, dots, this.#trackUnder, this.#track, this.#regions, this.#pin);
    this.#svg.addEventListener("click", ({ target }) => {
      const { code, region } = (target as SVGElement).closest<SVGElement>("[data-code],[data-region]")?.dataset ?? {};
      if (region !== undefined) toggle(region);
      else if (code !== undefined) ask(code);
    });
    this.#svg.addEventListener("pointermove", (event) => this.#hover(event));
    this.#svg.addEventListener("pointerleave", () => { this.#tip.hidden = true; });
    const box = $("map");
    // The style sheet knows the shape before this runs, so that nothing moves.
    box.style.aspectRatio = `${WIDTH} / ${height}`;
    box.append(this.#canvas, this.#svg, this.#tip);
    new ResizeObserver(([entry]) => {
      const larger = Math.min(LARGER_MAX, Math.max(1, 760 / Math.max(1, entry?.contentRect.width ?? WIDTH)));
      if (larger === this.#larger) return;
      this.#larger = larger;
      if (this.#shown !== undefined) this.#marks(this.#shown, this.#country);
    }).observe(box);
  }

  show(shown: Shown, country: string): void {
    this.#shown = shown;
    this.#country = country;
    const swept = shown.sweep !== undefined;
    this.#svg.classList.toggle("swept", swept);
    this.#canvas.hidden = !swept;
    if (shown.sweep !== undefined) this.#paint(shown.sweep);
    for (const [code, shape] of this.#shapes) {
      const fill = swept && shape.tagName === "path" ? "transparent" : this.#fill(shown.countries[code], shown.kinds);
      if (this.#fills.get(code) !== fill) {
        this.#fills.set(code, fill);
        shape.style.fill = fill;
      }
      shape.classList.toggle("asked", code === country);
    }
    this.#marks(shown, country);
    this.#legend(shown);
  }

  /** One colour, or stripes as wide as the shares. */
  #fill(shares: Shares | undefined, kinds: readonly Kind[]): string {
    if (shares === undefined || shares.length === 0) return "var(--land)";
    const colour = (kind: number): string => colourOf(kinds[kind]?.colour ?? -1);
    const [first] = shares;
    if (shares.length === 1 && first !== undefined) return colour(first[0]);
    const likeliest = shares.slice(0, 8);
    const sum = likeliest.reduce((sum, [, share]) => sum + share, 0);
    const key = likeliest.map(([kind, share]) => `${kinds[kind]?.colour}:${(share / sum).toFixed(3)}`).join();
    let id = this.#patterns.get(key);
    if (id === undefined) {
      id = `stripes-${this.#patterns.size}`;
      this.#patterns.set(key, id);
      const width = 12;
      const pattern = s("pattern", { id, width, height: width, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
      let at = 0;
      for (const [kind, share] of likeliest) {
        pattern.append(s("rect", { x: at.toFixed(2), width: (share / sum * width + 0.3).toFixed(2), height: width, style: `fill: ${colour(kind)}` }));
        at += share / sum * width;
      }
      this.#defs.append(pattern);
    }
    return `url(#${id})`;
  }

  #paint(sweep: Int16Array): void {
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    const style = getComputedStyle(document.documentElement);
    const palette = Array.from({ length: 11 }, (_, at) => rgb(context, style.getPropertyValue(at === 10 ? "--none" : `--answer-${at}`)));
    const { width, height: rows } = this.#canvas;
    const image = context.createImageData(width, rows);
    const at = new Int16Array(width * rows).fill(-2);
    this.#pixels.forEach((pixel, index) => { at[pixel] = sweep[index] ?? -1; });
    for (let pixel = 0; pixel < at.length; pixel += 1) {
      const colour = at[pixel] ?? -2;
      if (colour === -2) continue;
      const [red = 0, green = 0, blue = 0] = palette[colour < 0 ? 10 : colour] ?? [];
      const right = at[pixel + 1], below = at[pixel + width];
      const isBorder = (right !== undefined && right !== -2 && right !== colour) || (below !== undefined && below !== -2 && below !== colour);
      const dim = isBorder ? 0.55 : 1;
      image.data.set([red * dim, green * dim, blue * dim, 255], pixel * 4);
    }
    context.putImageData(image, 0, 0);
  }

  #marks(shown: Shown, country: string): void {
    const place = (point: { longitude: number; latitude: number }): readonly [number, number] => {
      const [x = 0, y = 0] = projection([point.longitude, point.latitude]) ?? [];
      return [x, y];
    };
    const answering = regionOf(shown);
    const scale = this.#larger === 1 ? "" : ` scale(${this.#larger.toFixed(2)})`;
    this.#regions.replaceChildren(...shown.regions.map((region) => {
      const [x, y] = place(region);
      // A label goes to the other side of what is close on its right.
      const isLeft = x > WIDTH - 150 * this.#larger || shown.regions.some((other) => {
        const [right, level] = place(other);
        return other !== region && right >= x && right - x < 80 * this.#larger && Math.abs(level - y) < 14 * this.#larger;
      });
      return s("g", {
        transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})${scale}`, "data-region": region.code,
        class: `region${region.down ? " down" : ""}${region.code === answering?.code ? " answering" : ""}`,
      },
      s("circle", { r: 13, class: "target" }),
      s("path", { class: "mark", d: "M0-6 6 0 0 6-6 0Z" }),
      s("path", { class: "cross", d: "M-8-8 8 8M8-8-8 8" }),
      s("text", { x: isLeft ? -10 : 10, y: 4, "text-anchor": isLeft ? "end" : "start" }, region.code));
    }));
    const here = points.find(({ code }) => code === country);
    this.#pin.toggleAttribute("hidden", here === undefined);
    if (here !== undefined) {
      const [x, y] = place(here);
      this.#pin.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})${scale}`);
    }
    const line = here === undefined || answering === undefined ? "" : path({
      type: "LineString", coordinates: [[here.longitude, here.latitude], [answering.longitude, answering.latitude]],
    }) ?? "";
    this.#track.setAttribute("d", line);
    this.#trackUnder.setAttribute("d", line);
  }

  #legend({ kinds, countries, estimated, sweep }: Shown): void {
    const total = Object.keys(countries).length;
    // Of a long path the end says the most; the whole of it stands in the title.
    const used = kinds.filter(({ countries }) => countries > 0).sort((a, b) => b.countries - a.countries);
    // The colour stands in front of both lines.
    const rows = used.slice(0, 12).map(({ label, path, colour, countries }) => h("li", {},
      h("i", { style: `background: ${colourOf(colour)}` }),
      h("b", { title: label }, label),
      h("span", { class: "path", title: path }, path.split(" › ").at(-1) ?? ""),
      h("span", { class: "share" }, countries === total ? "everywhere" : countries === 1 ? "1 country" : `${countries} countries`)));
    if (used.length > 12) rows.push(h("li", {}, `and ${used.length - 12} more`));
    const notes = [
      estimated && "Latencies are estimated from distance: the zone has no LatencyTable.",
      sweep !== undefined && "Each place is coloured by its own answer, each dot by its country's middle.",
    ].filter((note): note is string => typeof note === "string");
    $("legend").replaceChildren(h("ul", {}, ...rows), ...notes.map((note) => h("p", {}, note)));
  }

  #hover(event: PointerEvent): void {
    const { code, region } = (event.target as SVGElement).closest<SVGElement>("[data-code],[data-region]")?.dataset ?? {};
    const shown = this.#shown;
    if (shown === undefined || (code === undefined && region === undefined)) {
      this.#tip.hidden = true;
      return;
    }
    if (region !== undefined) {
      const down = shown.regions.find((mark: RegionMark) => mark.code === region)?.down === true;
      this.#tip.replaceChildren(h("b", {}, region), h("span", {}, down ? "down: click to bring it back" : "click to take it down"));
    } else if (code !== undefined) {
      const shares = shown.countries[code] ?? [];
      this.#tip.replaceChildren(h("b", {}, countryName(code)), ...shares.slice(0, 4).map(([kind, share]) =>
        h("span", {}, h("i", { style: `background: ${colourOf(shown.kinds[kind]?.colour ?? -1)}` }),
          `${share === 1 ? "" : `${percent(share)} `}${shown.kinds[kind]?.label ?? ""}`)));
    }
    const box = $("map").getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    this.#tip.hidden = false;
    this.#tip.style.transform = `translate(${Math.min(x + 14, box.width - 220)}px, ${y + (y > box.height - 90 ? -70 : 16)}px)`;
  }
}

/** The Region at the end of the path that was taken. */
function regionOf({ tree, regions }: Shown): RegionMark | undefined {
  let found: RegionMark | undefined;
  for (let group = tree; group !== undefined;) {
    const member = group.members.find(({ chosen }) => chosen);
    const words = `${member?.setIdentifier} ${member?.part} ${member?.resource ?? ""}`;
    found = regions.find(({ code }) => words.includes(code)) ?? found;
    group = member?.child;
  }
  return found;
}

export const percent = (share: number): string =>
  share === 1 ? "100 %" : `${(share * 100).toLocaleString("en", { maximumSignificantDigits: share > 0.995 || share < 0.01 ? 4 : 3 })} %`;

function rgb(context: CanvasRenderingContext2D, colour: string): readonly number[] {
  context.fillStyle = colour.trim();
  const hex = String(context.fillStyle);
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
