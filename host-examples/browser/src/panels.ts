/** The answer, the switches, the odds, the explanation and the problems. */
import type { Diagnostic, Outcome, Step } from "pointsman";
import { $, colourOf, h } from "./dom.js";
import { countryName, percent } from "./map.js";
import { shortEnd } from "./treeview.js";
import type { BiasHandle, Group, Member, Shown, Situation, Switch } from "./protocol.js";

/** Switches and problems that are listed before a page of them is enough. */
const SWITCHES_SHOWN = 24, PROBLEMS_SHOWN = 100;

/** From so many characters on, an answer is shown in smaller letters, in the same room. */
const LONG = 26, MANY = 60;

export function drawAnswer({ answer, kind, tree }: Shown, country: string, failure: string | undefined, toProblems: () => void): void {
  const values = answer.values.length > 0 ? answer.values.join(", ")
    : answer.alias_target?.replace(/\.$/, "") ?? { NOERROR: "no data", NXDOMAIN: "no such name", REFUSED: "not this zone's name", SERVFAIL: "cannot be evaluated" }[answer.rcode];
  const facts = [
    answer.rcode,
    answer.referral !== undefined && `referral to the name servers of ${answer.referral}`,
    answer.ttl === null ? "TTL and addresses of the resource" : `TTL ${answer.ttl} s`,
    answer.scope_prefix_length > 0 && `scope /${answer.scope_prefix_length}`,
  ].filter((fact): fact is string => typeof fact === "string").join(" · ");
  const way = wayOf(tree, answer.set_identifiers);
  $("answer").classList.remove("stale");
  $("answer").replaceChildren(
    h("i", { class: "chip", style: `background: ${colourOf(kind?.colour ?? -1)}` }),
    h("div", { class: `value${values.length > MANY ? " many" : values.length > LONG ? " long" : ""}` },
      h("strong", { title: values.length > LONG ? values : undefined }, values), h("span", { class: "hidden" }, ` for ${placeName(country)}`)),
    h("div", { class: "facts" }, h("span", {}, facts), way !== "" && h("span", { class: "path", title: way }, way)),
    h("div", { class: "badges" },
      answer.fail_open && h("span", { class: "badge warn", title: "Nothing healthy was left to choose from somewhere on the way, so all counted as healthy" }, "fail open"),
      answer.undetermined !== undefined && h("span", { class: "badge warn", title: answer.undetermined }, "undetermined"),
      failure !== undefined && h("button", { type: "button", class: "badge bad", title: `${failure}: go to the problems`, click: toProblems }, "shows the last good zone")),
  );
}

const placeName = (country: string): string => `${countryName(country.slice(0, 2))}${country.length > 2 ? `, ${country.slice(3)}` : ""}`;

/** The way that was taken; members that answer together are no steps of it. */
function wayOf(tree: Group | undefined, identifiers: readonly string[]): string {
  for (let group = tree; group !== undefined;) {
    const chosen: readonly Member[] = group.members.filter((member) => member.chosen);
    if (chosen.length > 1) {
      const steps = identifiers.slice(0, -chosen.length);
      return [...steps, identifiers.slice(steps.length).join(", ")].join(" › ");
    }
    group = chosen[0]?.child;
  }
  return identifiers.join(" › ");
}

/** No answer: the zone or the question is not one. Where there is a zone, its last answer stays in sight, but dimmed. */
export function drawFailure(failure: string, hasZone = false): void {
  const value = $("answer").querySelector(".value strong");
  const isKept = hasZone && value !== null;
  $("answer").classList.toggle("stale", isKept);
  $("answer").replaceChildren(h("i", { class: "chip" }), h("div", { class: "value" }, h("strong", {}, isKept ? value.textContent ?? "" : "no zone to ask")),
    h("div", { class: "facts" }, h("span", { class: "wrong", title: failure }, failure)), h("div", { class: "badges" }));
}

let everyone = false;

/** Ids of health checks differ at both ends. */
const MIDDLE = 22;
const shortMiddle = (text: string): string => (text.length <= MIDDLE ? text : `${text.slice(0, 8)}…${text.slice(-6)}`);

export function drawSwitches(switches: readonly Switch[], down: ReadonlySet<string>, toggle: (key: string) => void): void {
  const redraw = (): void => drawSwitches(switches, down, toggle);
  const listed = everyone ? switches : switches.filter(({ key }, at) => at < SWITCHES_SHOWN || down.has(key));
  const groups = [
    ["Regions", listed.filter(({ key }) => key.startsWith("region:"))],
    ["Health checks", listed.filter(({ key }) => key.startsWith("check:"))],
    ["Alias targets", listed.filter(({ key }) => key.startsWith("target:"))],
  ] as const;
  const focused = document.activeElement?.getAttribute("data-key");
  $("switches").replaceChildren(
    ...groups.filter(([, list]) => list.length > 0).map(([title, list]) => h("fieldset", {}, h("legend", {}, title), h("div", { class: "row" },
      ...list.map(({ key, label, detail, endpoint, healthy, fixed }) => h("button", {
        type: "button", role: "switch", "aria-checked": down.has(key) ? "false" : "true", "data-key": key, disabled: fixed,
        class: `switch${healthy ? "" : " sick"}`, click: () => toggle(key),
        title: `${detail} ${label}${endpoint === "" ? "" : ` of ${endpoint}`}: ${fixed ? "follows its children" : down.has(key) ? "down" : "up"}`,
      }, h("i", { class: "lever" }), h("span", { class: "label" }, key.startsWith("check:") ? shortMiddle(label) : shortEnd(label)),
      label.length > MIDDLE && endpoint !== "" && h("small", {}, endpoint),
      !down.has(key) && !healthy && h("span", { class: "hidden" }, " is unhealthy"), fixed && h("small", {}, "calculated")))))),
    ...(switches.length > listed.length || everyone ? [h("button", {
      type: "button", class: "plain", "data-key": "more", click: () => { everyone = !everyone; redraw(); },
    }, everyone ? "Show fewer" : `Show ${switches.length - listed.length} more`)] : []),
  );
  if (switches.length === 0) {
    $("switches").replaceChildren(h("p", { class: "quiet" }, "Nothing in this zone can fail: no health check, no alias target, no Region."));
  }
  if (focused != null) document.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  $("switches-note").textContent = down.size === 0 ? "" : `${down.size} down`;
}

/** Sliders stay the same elements while they are dragged. */
export function drawBiases(biases: readonly BiasHandle[], moved: Situation["biases"], move: (biases: Situation["biases"]) => void): void {
  const box = $("biases");
  const key = biases.map(({ setIdentifier }) => setIdentifier).join("\n");
  current = { moved, move };
  if (box.dataset["key"] !== key) {
    box.dataset["key"] = key;
    box.replaceChildren(...(biases.length === 0 ? [] : [h("fieldset", { class: "biases" }, h("legend", {}, "Bias"),
      ...biases.map(({ setIdentifier, place }) => h("label", { class: "bias" },
        h("span", {}, setIdentifier, place !== setIdentifier && h("small", {}, place)),
        h("input", { type: "range", min: -99, max: 99, step: 1, "data-set": setIdentifier,
          input: (event) => current.move({ ...current.moved, [setIdentifier]: Number((event.target as HTMLInputElement).value) }) }),
        h("output", {}))),
      h("button", { type: "button", class: "plain", id: "unbias", click: () => {
        current.move({});
        // The button goes away; who pressed it goes on from the sliders.
        box.querySelector("input")?.focus({ preventScroll: true });
      } }, "Back to the zone's own"))]));
  }
  for (const { setIdentifier, bias } of biases) {
    const input = box.querySelector<HTMLInputElement>(`[data-set="${CSS.escape(setIdentifier)}"]`);
    if (input === null) continue;
    if (document.activeElement !== input || !(setIdentifier in moved)) input.value = String(bias);
    // The track is filled from the middle, where no bias is.
    const at = (bias + 99) / 1.98;
    input.style.setProperty("--from", `${Math.min(50, at)}%`);
    input.style.setProperty("--to", `${Math.max(50, at)}%`);
    if (input.nextElementSibling !== null) input.nextElementSibling.textContent = bias > 0 ? `+${bias}` : String(bias);
  }
  const back = box.querySelector<HTMLButtonElement>("#unbias");
  if (back !== null) back.disabled = Object.keys(moved).length === 0;
}
let current: { moved: Situation["biases"]; move: (biases: Situation["biases"]) => void } = { moved: {}, move: () => undefined };

/** Outcomes that are listed, and how many of them before the rest is folded away. */
const OUTCOMES_MAX = 200, OUTCOMES_OPEN = 12;

export function drawOdds({ odds, oddsKinds, kinds }: Shown): void {
  const label = (outcome: Outcome): string => outcome.members !== undefined
    ? `any ${outcome.choose} of ${outcome.members.length}: ${some(outcome.members.flatMap(({ values }) => values))}`
    : outcome.alias_target ?? (outcome.values.length > 0 ? outcome.values.join(", ") : odds.rcode === "NOERROR" ? "no data" : odds.rcode);
  const rows = odds.outcomes.slice(0, OUTCOMES_MAX).map((outcome, at) => h("li", {},
    h("span", { class: "what" }, label(outcome),
      outcome.members !== undefined && h("small", {}, `each member in ${percent(outcome.choose / outcome.members.length)} of such answers`)),
    h("span", { class: "number" }, percent(outcome.probability), outcome.ratio !== undefined && outcome.probability < 1 && h("small", {}, outcome.ratio)),
    h("span", { class: "bar", "aria-hidden": "true" }, h("i", {
      style: `width: ${(outcome.probability * 100).toFixed(2)}%; background: ${colourOf(kinds[oddsKinds[at] ?? 0]?.colour ?? -1)}`,
    }))));
  const open = rows.length > OUTCOMES_OPEN + 2 ? OUTCOMES_OPEN : rows.length;
  const rest = odds.outcomes.length - open, beyond = odds.outcomes.length - rows.length;
  $("odds").replaceChildren(h("ol", { class: "odds" }, ...rows.slice(0, open)),
    ...(rest === 0 ? [] : [h("details", {}, h("summary", {}, `and ${rest.toLocaleString("en")} more`),
      h("ol", { class: "odds" }, ...rows.slice(open)), beyond > 0 && h("p", { class: "quiet" }, `and ${beyond.toLocaleString("en")} more`))]));
}

const some = (values: readonly string[]): string => `${values.slice(0, 12).join(", ")}${values.length > 12 ? `, and ${values.length - 12} more` : ""}`;

/** Members of a group that Why shows before the rest is folded away. */
const TOLD_MAX = 10;

const MARKS: Readonly<Record<string, string>> = { chosen: "►", healthy: "✓", unhealthy: "✗", "not-a-candidate": "·" };

export function drawWhy({ explanation }: Shown): void {
  const { question, steps } = explanation;
  const children = steps.map((): number[] => []);
  const roots: number[] = [];
  steps.forEach(({ parent }, at) => { (parent === null ? roots : children[parent] ?? roots).push(at); });
  const words = ({ kind, subject, part, text }: Step): string => {
    const beside = part === undefined ? "" : ` (${part})`;
    if (kind === "note") return text;
    if (kind === "lookup") return `${subject} ${text}`;
    if (kind === "health-check") return `health check ${subject}${beside} ${text}`;
    if (kind === "alias-target") return `alias target ${subject} ${text}`;
    return `${beside}: ${text}`;
  };
  // A check that its record set's own line already names.
  const isToldAbove = (number: number): boolean => {
    const step = steps[number];
    const above = step?.parent == null ? undefined : steps[step.parent];
    return step !== undefined && (step.kind === "health-check" || (step.kind === "alias-target" && step.verdict !== null))
      && (children[number] ?? []).length === 0 && above?.kind === "member"
      && (above.health_reason.check === step.subject || above.health_reason.target === step.subject);
  };
  const list = (numbers: readonly number[]): HTMLElement | undefined => {
    const said = numbers.filter((number) => steps[number]?.verdict !== "not-a-candidate");
    const silent = numbers.length - said.length;
    const item = (number: number): HTMLElement => {
      const step = steps[number];
      if (step === undefined) return h("li", {});
      const isNamed = step.kind === "group" || step.kind === "member";
      return h("li", { class: `${step.kind} ${step.verdict ?? ""}` },
        step.kind === "note" ? h("i", { class: "mark" }, "!") : step.verdict !== null && h("i", { class: "mark" }, MARKS[step.verdict] ?? ""),
        isNamed && h("b", {}, step.subject), words(step), list(children[number] ?? []));
    };
    const told = said.filter((number) => !isToldAbove(number));
    const folded = told.length > TOLD_MAX + 2
      ? told.filter((number, at) => at >= TOLD_MAX && steps[number]?.kind === "member" && steps[number]?.verdict !== "chosen") : [];
    return numbers.length === 0 ? undefined : h("ul", {}, ...told.filter((number) => !folded.includes(number)).map(item),
      folded.length > 0 && h("li", {}, h("details", {}, h("summary", {}, `${folded.length} more that were not chosen`), h("ul", {}, ...folded.map(item)))),
      silent > 0 && h("li", { class: "quiet" }, silent === 1 ? "1 other does not apply to this client" : `${silent} others do not apply to this client`));
  };
  $("why").replaceChildren(h("p", { class: "asked" }, question), list(roots) ?? "");
}

export function drawProblems(findings: readonly Diagnostic[], go: (finding: Diagnostic) => void): void {
  const sorted = [...findings].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  const errors = findings.filter(({ severity }) => severity === "error").length;
  $("problems-count").textContent = findings.length === 0 ? "none" : [
    errors > 0 ? `${errors} ${errors === 1 ? "error" : "errors"}` : "",
    findings.length > errors ? `${findings.length - errors} ${findings.length - errors === 1 ? "warning" : "warnings"}` : "",
  ].filter((part) => part !== "").join(", ");
  $("problems").replaceChildren(...(findings.length === 0
    ? [h("p", { class: "quiet" }, "Route 53 would take this zone as it is.")]
    : [h("ol", {}, ...sorted.slice(0, PROBLEMS_SHOWN).map((finding) => h("li", { class: finding.severity },
      h("button", { type: "button", click: () => go(finding) },
        h("span", { class: "place" }, finding.line == null ? finding.document ?? "" : `${finding.document}:${finding.line}:${finding.column}`),
        h("span", { class: "message" }, finding.message),
        h("span", { class: "help" }, finding.help))))),
    ...(sorted.length > PROBLEMS_SHOWN ? [h("p", { class: "quiet" }, `and ${sorted.length - PROBLEMS_SHOWN} more`)] : [])]));
}

