/** What can go wrong: a drill of the zone in the editor, in a worker of its own. */
import { background, type Drill, type DrillFinding } from "pointsman/verify";
import { $, h } from "./dom.js";
import { percent } from "./map.js";
import type { Doc, Situation } from "./protocol.js";

/** Findings of a severity that are listed before the rest is folded away. */
const SHOWN = 6;
/** Milliseconds of quiet before a changed zone is drilled. */
const PAUSE = 600;
/** Above so many characters a zone is drilled only when asked: it would take the machine from the map. */
const AT_ONCE_MAX = 400_000;

type Set = (some: Partial<Situation>) => void;

const analyses = background();
let pause: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;
let drilled: Drill | undefined;
let situation: Pick<Situation, "down"> = { down: [] };
let set: Set = () => undefined;

/** Begins a drill of these documents once nothing has changed for a while. */
export function drill(documents: readonly Doc[], change: Set): void {
  set = change;
  clearTimeout(pause);
  running?.abort();
  running = undefined;
  const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
  if (characters === 0) return;
  if (characters > AT_ONCE_MAX) {
    note("");
    $("foresight").replaceChildren(h("button", { type: "button", id: "drill", click: () => void begin(documents) }, "Try every failure"));
    return;
  }
  pause = setTimeout(() => void begin(documents), PAUSE);
}

/** Marks the failure that is set. */
export function showSituation(now: Pick<Situation, "down">): void {
  situation = now;
  for (const button of document.querySelectorAll<HTMLElement>("#foresight [data-down]")) {
    button.setAttribute("aria-pressed", String(isSet(button.dataset["down"] ?? "")));
  }
}

async function begin(documents: readonly Doc[]): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  note("trying every failure …");
  try {
    const result = await analyses.drill(documents.map(({ name, text }) => ({ name, text })), {
      signal: mine.signal,
      onProgress: (done, of) => void (running === mine && of > 1 && note(`trying every failure, ${done} of ${of} names`)),
    });
    if (running !== mine) return;
    drilled = result;
    draw(result);
  } catch (error) {
    if (mine.signal.aborted) return;
    note("");
    // What is wrong with the documents stands among the problems; the last findings stay, and say that they are old.
    if (drilled !== undefined) note("of the last good zone");
    else $("foresight").replaceChildren(h("p", { class: "quiet" }, (error as Error).message));
  }
}

const note = (text: string): void => { $("foresight-note").textContent = text; };

/** What a finding takes down, as the page's switches have it. */
function downOf({ reproduce }: DrillFinding): string[] {
  if (reproduce === undefined) return [];
  const { HealthChecks, AliasTargets } = reproduce.report;
  return [...Object.keys(HealthChecks).map((id) => `check:${id}`), ...Object.keys(AliasTargets).map((name) => `target:${name}`)];
}

const key = (down: readonly string[]): string => JSON.stringify([...down].sort());
const isSet = (down: string): boolean => down === key(situation.down);

function draw(result: Drill): void {
  const words = [["dangers", "danger"], ["warnings", "warning"], ["notes", "note"]] as const;
  const counts = words.map(([list, word]) => count(result[list].length, word)).join(", ");
  note(`${counts}; ${result.exact ? "every failure, every class of clients" : "not exact"}`);
  const loud = [...result.dangers, ...result.warnings], quiet = result.notes;
  const shown = loud.slice(0, SHOWN), rest = [...loud.slice(SHOWN), ...quiet];
  $("foresight").replaceChildren(
    ...(loud.length === 0 ? [h("p", { class: "quiet" }, result.exact ? "Every failure was tried: no danger, no warning." : "No danger and no warning where it looked.")] : []),
    h("ol", {}, ...shown.map(item)),
    ...(rest.length === 0 ? [] : [h("details", {}, h("summary", {}, loud.length > SHOWN ? `and ${rest.length} more` : count(rest.length, "note")), h("ol", {}, ...rest.map(item)))]),
    ...(result.exact ? [] : [h("p", { class: "quiet" }, restsOn(result))]),
  );
  showSituation(situation);
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;

/** Why a result is not exact, in one line. */
function restsOn(result: Drill): string {
  const lists = [["sampled", result.sampled], ["bounded", result.bounded], ["assumed", result.assumed], ["not asked", result.not_asked], ["unconfirmed", result.unconfirmed]] as const;
  return lists.filter(([, list]) => list.length > 0)
    .map(([word, list]) => `${word}: ${list.slice(0, 2).join("; ")}${list.length > 2 ? `; and ${list.length - 2} more` : ""}`).join(" · ");
}

function item(finding: DrillFinding): HTMLElement {
  const { severity, code, message, why, help, share, reproduce } = finding;
  const down = downOf(finding);
  const unnoticed = reproduce?.unnoticed ?? [];
  return h("li", { class: severity },
    h("button", {
      type: "button", "data-down": key(down), "aria-pressed": "false", disabled: reproduce === undefined,
      title: reproduce === undefined ? "" : "Set this failure and ask as one of these clients; press again to undo",
      click: (event) => press(event.currentTarget as HTMLElement, finding, down),
    },
    h("span", { class: "code" }, code, share > 0 && h("small", {}, `${percent(share)} of clients`)),
    h("span", { class: "message" }, message),
    h("span", { class: "rest" }, why, severity !== "note" && help !== "" && ` ${sentence(help)}`),
    unnoticed.length > 0 && h("span", { class: "rest" }, `Nothing notices that ${unnoticed.join(", ")} is dead, so no switch changes.`)));
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** Sets the failure, with the question and the client that show it; or takes it back. */
function press(button: HTMLElement, { reproduce }: DrillFinding, down: readonly string[]): void {
  if (reproduce === undefined) return;
  if (button.getAttribute("aria-pressed") === "true" && down.length > 0) {
    set({ down: [] });
    return;
  }
  const { client, name, type, draw } = reproduce.query;
  const country = client.subdivision ?? client.country;
  set({ down, name, type, draw, network: client.ecs ?? "", ...(country === undefined ? {} : { country }) });
}
