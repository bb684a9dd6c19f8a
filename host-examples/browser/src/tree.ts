/** The tree below a question, with what the explanation says about the members that were looked at. */
import type { Explanation, Step } from "pointsman";
import { type Content, groupKey, partOf, policyOf, reachable } from "./documents.js";
import type { Group, Member } from "./protocol.js";

/** Members of a group that are drawn; of more, the chosen one and the first ones are. */
const MEMBERS_MAX = 12;
/** Groups that are drawn on the way down. */
const DEPTH_MAX = 8;

export function treeOf(content: Content, key: string, explanation: Explanation): Group | undefined {
  if (!content.groups.has(key)) return undefined;
  const said = readSteps(explanation.steps);
  // A group that is reached by two ways is drawn twice, as each way looks at it by itself.
  const room = { left: 90 + reachable(content, key).length };
  return groupOf(content, key, said, true, true, 0, room);
}

function groupOf(
  content: Content, key: string, said: ReadonlyMap<string, Step>, onPath: boolean, isTaken: boolean, depth: number, room: { left: number },
): Group {
  const records = content.groups.get(key) ?? [];
  const members: Member[] = [];
  const isChosen = (identifier: string): boolean => isTaken && said.get(`${key}/${identifier}`)?.verdict === "chosen";
  let hidden = 0;
  for (const record of records) {
    const setIdentifier = record.SetIdentifier ?? "";
    const step = said.get(`${key}/${setIdentifier}`);
    const chosen = isChosen(setIdentifier) || (isTaken && records.length === 1);
    if (!chosen && (members.length >= MEMBERS_MAX || room.left <= 0)) {
      hidden += 1;
      continue;
    }
    room.left -= 1;
    const target = record.AliasTarget === undefined ? undefined : groupKey(record.AliasTarget.DNSName, record.Type);
    const leads = target !== undefined && content.groups.has(target);
    // What was not looked into is shown by its name alone; why something is unhealthy is worth a look.
    const opens = leads && depth < DEPTH_MAX && onPath && (chosen || said.get(`${key}/${setIdentifier}`)?.verdict === "unhealthy");
    const member = step?.kind === "member" ? step : undefined;
    members.push({
      setIdentifier,
      part: partOf(record),
      values: record.ResourceRecords?.map(({ Value }) => Value) ?? [],
      resource: target === undefined || opens ? undefined : record.AliasTarget?.DNSName,
      leads: leads && !opens,
      child: opens ? groupOf(content, target, said, true, chosen, depth + 1, room) : undefined,
      chosen,
      verdict: member?.verdict ?? undefined,
      reason: member?.text ?? "",
    });
  }
  const [first] = records;
  return { name: key, policy: first === undefined ? "" : policyOf(first), members, hidden, onPath: isTaken };
}

/** What was said of each member, by group and SetIdentifier. */
function readSteps(steps: readonly Step[]): ReadonlyMap<string, Step> {
  const said = new Map<string, Step>();
  for (const step of steps) {
    if (step.kind !== "member" || step.parent === null) continue;
    const group = steps[step.parent];
    if (group?.kind !== "group" && group?.kind !== "alias-target") continue;
    const [name = "", type = ""] = group.subject.split(" ");
    const key = `${groupKey(name, type)}/${step.subject}`;
    // Of two looks at one member, the one on the path is shown.
    if (said.get(key)?.verdict !== "chosen") said.set(key, step);
  }
  return said;
}
