/** The tree as a track plan: groups are points, record sets are tracks, and the one that was taken is lit. */
import { $, colourOf, h, s, short } from "./dom.js";
import { drawList } from "./treelist.js";
import type { Group, Member, Shown } from "./protocol.js";

const ROW = 46, GAP = 26, BOX = 34, PAD = 22;
/** How wide boxes are at most, where there is room and where there is not, and how small a plan is drawn before it becomes a list. */
const WIDEST = [270, 172], SMALL = 0.92, SMALLEST = 0.82;

/** Where the columns of each depth begin, and how wide their boxes are. */
interface Column {
  group: number;
  member: number;
  end: number;
  x: number;
}

interface Drawing {
  readonly links: SVGElement[];
  readonly nodes: SVGElement[];
  readonly columns: readonly Column[];
  readonly zone: string;
  rows: number;
}

let drawn: { shown: Shown; zone: string; width: number } | undefined;
let isWatched = false;

export function drawTree(shown: Shown, zone: string): void {
  const { tree, answer, kind, lookup } = shown;
  const box = $("tree");
  const room = box.clientWidth;
  drawn = { shown, zone, width: room };
  if (!isWatched) {
    isWatched = true;
    new ResizeObserver(() => { if (drawn !== undefined && drawn.width !== box.clientWidth) drawTree(drawn.shown, drawn.zone); }).observe(box);
  }
  if (tree === undefined) {
    box.replaceChildren(h("p", { class: "quiet" }, answer.referral === undefined
      ? `No group to choose from: the zone ${lookup.replace(/\.$/, "")}.` : `Delegated: the name servers of ${answer.referral} answer, not this zone.`));
    return;
  }
  let columns: readonly Column[] = [], width = 0;
  for (const widest of WIDEST) {
    columns = columnsOf(tree, zone, widest);
    width = Math.max(...columns.map(({ x, group, member, end }) => x + group + GAP + member + GAP + end)) + 6;
    if (width * SMALL <= room) break;
  }
  const label = `Tree of ${tree.name}; the way taken is ${answer.set_identifiers.join(", then ") || "direct"}`;
  const lit = `--lit: ${colourOf(kind?.colour ?? -1)}`;
  if (width * SMALLEST > room) {
    box.replaceChildren(drawList(tree, zone, label, lit));
    // What cannot be made narrower scrolls, by keys too.
    box.removeAttribute("tabindex");
    if (box.scrollWidth > room) box.tabIndex = 0;
    return;
  }
  box.removeAttribute("tabindex");
  const drawing: Drawing = { links: [], nodes: [], columns, zone, rows: 0 };
  groupAt(drawing, tree, 0);
  const height = drawing.rows * ROW + 8, scale = Math.min(1, room / width);
  box.replaceChildren(s("svg", {
    class: "plan", width: width * scale, height: height * scale, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, style: lit,
  }, ...drawing.links, ...drawing.nodes));
}

/** A name without the zone's, which all of them have. */
export function inZone(name: string, zone: string): string {
  const bare = name.replace(/\.$/, ""), apex = zone.replace(/\.$/, "");
  return bare.endsWith(`.${apex}`) ? bare.slice(0, -apex.length - 1) : bare;
}

/** What a member leads to, in words. */
export const endOf = ({ resource, values, leads }: Member): string =>
  resource === undefined ? values.join(", ") : leads ? `${resource.replace(/\.$/, "")} …` : shortEnd(resource.replace(/\.$/, ""));

/** The names of a tree's root and of the groups below it. */
const titleOf = (group: Group, zone: string, depth: number): string => {
  const [name = ""] = group.name.split(" ");
  return depth === 0 ? name.replace(/\.$/, "") : inZone(name, zone);
};

function columnsOf(tree: Group, zone: string, widest: number): Column[] {
  const columns: Column[] = [];
  const look = (group: Group, depth: number): void => {
    const column = columns[depth] ??= { group: 90, member: 90, end: 0, x: 0 };
    column.group = Math.max(column.group, Math.min(widest, widthOf(titleOf(group, zone, depth), true) + PAD));
    for (const member of group.members) {
      const text = Math.max(widthOf(member.setIdentifier || "the record set", true), widthOf(member.part) * 0.9);
      column.member = Math.max(column.member, Math.min(widest, text + PAD + 18));
      if (member.child === undefined) column.end = Math.max(column.end, Math.min(widest + 40, widthOf(endOf(member), true) + PAD));
      else look(member.child, depth + 1);
    }
  };
  look(tree, 0);
  columns.reduce((x, column) => {
    column.x = x;
    return x + column.group + GAP + column.member + GAP;
  }, 6);
  return columns;
}

/** Draws a group and all below it; returns the height of its middle. */
function groupAt(drawing: Drawing, group: Group, depth: number): number {
  const column = drawing.columns[depth] ?? { group: 0, member: 0, end: 0, x: 0 };
  const x = column.x, from = x + column.group, to = from + GAP;
  const ends = group.members.map((member) => ({ member, y: memberAt(drawing, member, depth, to) }));
  if (group.hidden > 0) {
    const y = nextRow(drawing);
    drawing.nodes.push(s("text", { class: "more", x: to + 4, y: y + 4 }, `and ${group.hidden.toLocaleString("en")} more`));
  }
  if (ends.length === 0) nextRow(drawing);
  const first = ends[0]?.y ?? 0, last = ends.at(-1)?.y ?? first;
  const y = ends.length === 0 ? first + ROW / 2 : (first + last) / 2;
  // Lit tracks are drawn last, on top of the others.
  for (const { member, y: end } of [...ends.filter(({ member }) => !member.chosen), ...ends.filter(({ member }) => member.chosen)]) {
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, end) }));
  }
  const title = titleOf(group, drawing.zone, depth), type = group.name.split(" ")[1] ?? "";
  drawing.nodes.push(s("g", { class: `group${group.onPath ? " lit" : ""}`, transform: `translate(${x} ${y - BOX / 2})` },
    s("title", {}, group.name),
    s("rect", { width: column.group, height: BOX, rx: 8 }),
    s("text", { x: 10, y: 14 }, fit(title, column.group - PAD, true)),
    s("text", { x: 10, y: 27, class: "detail" }, `${group.policy}, ${type}`)));
  return y;
}

/** Draws a member and what it leads to; returns the height of its middle. */
function memberAt(drawing: Drawing, member: Member, depth: number, x: number): number {
  const { member: width, end: room } = drawing.columns[depth] ?? { member: 0, end: 0 };
  const from = x + width, to = from + GAP;
  let y: number;
  if (member.child === undefined) {
    y = nextRow(drawing);
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, y) }));
    drawing.nodes.push(s("g", { class: `end ${look(member)}`, transform: `translate(${to} ${y})` },
      s("title", {}, member.resource ?? member.values.join(", ")),
      s("circle", { r: 5, cx: 2 }),
      s("text", { x: 13, y: 4 }, fit(endOf(member), room - 16, true))));
  } else {
    y = groupAt(drawing, member.child, depth + 1);
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, y) }));
  }
  drawing.nodes.push(s("g", { class: `member ${look(member)} ${member.verdict ?? "unasked"}`, transform: `translate(${x} ${y - BOX / 2})` },
    s("title", {}, `${member.setIdentifier}${member.reason === "" ? "" : `: ${member.reason}`}`),
    s("rect", { width, height: BOX, rx: 8 }),
    s("text", { x: 11, y: member.part === "" ? 21 : 14 }, fit(member.setIdentifier || "the record set", width - PAD - 14, true)),
    member.part !== "" && s("text", { x: 11, y: 27, class: "detail" }, fit(member.part, (width - PAD - 14) / 0.9)),
    member.verdict !== undefined && s("text", { x: width - 12, y: 21, class: "verdict", "text-anchor": "middle" }, markOf(member))));
  return y;
}

export const markOf = ({ verdict }: Member): string => ({ chosen: "►", healthy: "✓", unhealthy: "✗", "not-a-candidate": "·" })[verdict ?? "not-a-candidate"];

const pen = h("canvas", {}).getContext("2d");

/** How wide a text is in the plan. */
function widthOf(text: string, isBold = false): number {
  if (pen === null) return text.length * 7;
  pen.font = `${isBold ? "650 " : ""}12px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

/** As much of a text as there is room for. */
function fit(text: string, room: number, isBold = false): string {
  const width = widthOf(text, isBold);
  return width <= room ? text : short(text, Math.max(4, Math.floor((text.length * room) / width) - 1));
}

/** The end of a resource's name says less than its beginning; Regions stand in the middle. */
export const shortEnd = (text: string): string => short(text.replace(/^dualstack\./, "").replace(/\.elb\.amazonaws\.com$/, ""), 27);

export const look = ({ chosen, verdict }: Member): string => (chosen ? "lit" : verdict === "unhealthy" ? "sick" : "");

function nextRow(drawing: Drawing): number {
  drawing.rows += 1;
  return (drawing.rows - 0.5) * ROW + 4;
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1.toFixed(1)}C${middle} ${y1.toFixed(1)} ${middle} ${y2.toFixed(1)} ${x2} ${y2.toFixed(1)}`;
}
