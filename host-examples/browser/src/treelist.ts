/** The tree where a plan has no room, on phones and where aliases go deep: the same tracks, one below the other. */
import { h } from "./dom.js";
import type { Group, Member } from "./protocol.js";
import { endOf, inZone, look, markOf } from "./treeview.js";

export function drawList(tree: Group, zone: string, label: string, lit: string): HTMLElement {
  return h("div", { class: "plan list", role: "group", "aria-label": label, style: lit }, ...group(tree, zone, 0));
}

function group({ name, policy, members, hidden, onPath }: Group, zone: string, depth: number): readonly HTMLElement[] {
  const [at = "", type = ""] = name.split(" ");
  // The track runs lit past every member that comes before the last one that was taken.
  const last = members.map(({ chosen }) => chosen).lastIndexOf(true);
  return [
    h("p", { class: `group${onPath ? " lit" : ""}`, title: name },
      h("b", {}, depth === 0 ? at.replace(/\.$/, "") : inZone(at, zone)), h("small", {}, `${policy}, ${type}`)),
    h("ul", {}, ...members.map((one, at) => item(one, zone, depth, at < last)),
      hidden > 0 && h("li", { class: "more" }, `and ${hidden.toLocaleString("en")} more`)),
  ];
}

function item(member: Member, zone: string, depth: number, isPassed: boolean): HTMLElement {
  const { setIdentifier, part, reason, verdict, child } = member;
  return h("li", { class: `${look(member)}${isPassed ? " passed" : ""}` },
    h("p", { class: `member ${look(member)} ${verdict ?? "unasked"}`, title: reason },
      h("b", {}, setIdentifier || "the record set"), h("small", {}, part),
      verdict !== undefined && verdict !== "not-a-candidate" && h("i", { class: "verdict" }, markOf(member)),
      child === undefined && h("span", { class: "end" }, endOf(member))),
    ...(child === undefined ? [] : group(child, zone, depth + 1)));
}
