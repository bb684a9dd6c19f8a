/** The tree as a track plan: groups are points, record sets are tracks, and the one that was taken is lit. */
import { $, colourOf, h, s, short } from "./dom.js";
import type { Group, Member, Shown } from "./protocol.js";

const ROW = 46, GROUP = 150, MEMBER = 176, GAP = 32, END = 186, BOX = 34;

interface Drawing {
  readonly links: SVGElement[];
  readonly nodes: SVGElement[];
  rows: number;
  width: number;
}

export function drawTree({ tree, answer, kind }: Shown): void {
  const box = $("tree");
  if (tree === undefined) {
    const words = { NXDOMAIN: "The zone has neither the name nor anything below it.", REFUSED: "The name lies outside the zone." };
    box.replaceChildren(h("p", { class: "quiet" }, answer.rcode === "NOERROR"
      ? answer.referral === undefined ? "The zone has the name by a wildcard, or not in this type." : `Delegated: ${answer.referral} has name servers of its own.`
      : words[answer.rcode]));
    return;
  }
  const drawing: Drawing = { links: [], nodes: [], rows: 0, width: 0 };
  groupAt(drawing, tree, 6);
  const width = drawing.width + 6, height = drawing.rows * ROW + 8;
  box.replaceChildren(s("svg", {
    class: "plan", width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Tree of ${tree.name}; the way taken is ${answer.set_identifiers.join(", then ") || "direct"}`,
    style: `--lit: ${colourOf(kind?.colour ?? -1)}`,
  }, ...drawing.links, ...drawing.nodes));
}

/** Draws a group and all below it; answers the height of its middle. */
function groupAt(drawing: Drawing, group: Group, x: number): number {
  const from = x + GROUP, to = from + GAP;
  const ends = group.members.map((member) => ({ member, y: memberAt(drawing, member, to) }));
  if (group.hidden > 0) {
    const y = nextRow(drawing);
    drawing.nodes.push(s("text", { class: "more", x: to + 4, y: y + 4 }, `and ${group.hidden.toLocaleString("en")} more`));
    drawing.width = Math.max(drawing.width, to + MEMBER);
  }
  if (ends.length === 0) nextRow(drawing);
  const chosen = ends.find(({ member }) => member.chosen);
  const first = ends[0]?.y ?? 0, last = ends.at(-1)?.y ?? first;
  const y = ends.length === 0 ? first + ROW / 2 : (first + last) / 2;
  // The lit track is drawn last, on top of the others.
  for (const { member, y: end } of [...ends.filter((one) => one !== chosen), ...(chosen === undefined ? [] : [chosen])]) {
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, end) }));
  }
  const [name = "", type = ""] = group.name.split(" ");
  drawing.nodes.push(s("g", { class: `group${group.onPath ? " lit" : ""}`, transform: `translate(${x} ${y - BOX / 2})` },
    s("title", {}, group.name),
    s("rect", { width: GROUP, height: BOX, rx: 8 }),
    s("text", { x: 10, y: 14 }, short(name.replace(/\.$/, ""), 20)),
    s("text", { x: 10, y: 27, class: "detail" }, `${group.policy}, ${type}`)));
  return y;
}

/** Draws a member and what it leads to; answers the height of its middle. */
function memberAt(drawing: Drawing, member: Member, x: number): number {
  const from = x + MEMBER, to = from + GAP;
  let y: number;
  if (member.child === undefined) {
    y = nextRow(drawing) + 0;
    const text = member.resource?.replace(/\.$/, "") ?? member.values.join(", ");
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, y) }));
    drawing.nodes.push(s("g", { class: `end ${look(member)}`, transform: `translate(${to} ${y})` },
      s("title", {}, text),
      s("circle", { r: 5, cx: 2 }),
      s("text", { x: 13, y: 4 }, `${shortEnd(text)}${member.leads ? " …" : ""}`)));
    drawing.width = Math.max(drawing.width, to + END);
  } else {
    y = groupAt(drawing, member.child, to);
    drawing.links.push(s("path", { class: `rail ${look(member)}`, d: curve(from, y, to, y) }));
  }
  const mark = { chosen: "►", healthy: "✓", unhealthy: "✗", "not-a-candidate": "·" }[member.verdict ?? "not-a-candidate"];
  drawing.nodes.push(s("g", { class: `member ${look(member)} ${member.verdict ?? "unasked"}`, transform: `translate(${x} ${y - BOX / 2})` },
    s("title", {}, `${member.setIdentifier}${member.reason === "" ? "" : `: ${member.reason}`}`),
    s("rect", { width: MEMBER, height: BOX, rx: 8 }),
    s("text", { x: 11, y: member.part === "" ? 21 : 14 }, short(member.setIdentifier === "" ? "the record set" : member.setIdentifier, 23)),
    member.part !== "" && s("text", { x: 11, y: 27, class: "detail" }, short(member.part, 26)),
    member.verdict !== undefined && s("text", { x: MEMBER - 12, y: 21, class: "verdict", "text-anchor": "middle" }, mark)));
  return y;
}

/** A resource's name is told by its end less than by its beginning; Regions stand in the middle. */
export const shortEnd = (text: string): string => short(text.replace(/^dualstack\./, "").replace(/\.elb\.amazonaws\.com$/, ""), 27);

const look = ({ chosen, verdict }: Member): string => (chosen ? "lit" : verdict === "unhealthy" ? "sick" : "");

function nextRow(drawing: Drawing): number {
  drawing.rows += 1;
  return (drawing.rows - 0.5) * ROW + 4;
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1.toFixed(1)}C${middle} ${y1.toFixed(1)} ${middle} ${y2.toFixed(1)} ${x2} ${y2.toFixed(1)}`;
}
