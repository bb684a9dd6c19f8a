/** The page: one state, one worker, one round of drawing for each reply. */
import type { RecordType } from "pointsman";
import "./style.css";
import { $, h } from "./dom.js";
import { Editor } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import { countryNames, points, sweepGrid, WorldMap } from "./map.js";
import { drawAnswer, drawBiases, drawFailure, drawOdds, drawProblems, drawSwitches, drawWhy } from "./panels.js";
import type { Doc, Reply, Request, Situation } from "./protocol.js";
import { fromFragment, toFragment } from "./share.js";
import { STATES } from "./states.js";
import { drawTree } from "./treeview.js";

const START: Situation = { name: "", type: "A", country: "DE", network: "", draw: "0", down: [], biases: {} };
/** Milliseconds without a key before a changed text is loaded. */
const TYPING_PAUSE = 250;

let situation = START;
let sent = 0, isBusy = true, isWaiting = false, documentsChanged = true;
let switchedAt: number | undefined;

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const post = (request: Request): void => worker.postMessage(request);
const { grid, pixels } = sweepGrid();

let typing: ReturnType<typeof setTimeout> | undefined;
const editor = new Editor(() => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    documentsChanged = true;
    ask();
  }, TYPING_PAUSE);
});
const map = new WorldMap(pixels, (country) => change({ country }), (region) => toggle(`region:${region}`));

/** Asks, or once the answer that is on its way has come: a slider moves faster than a large zone loads. */
function ask(): void {
  isWaiting = isBusy;
  if (isBusy) return;
  isBusy = true;
  document.body.dataset["state"] = "busy";
  sent += 1;
  post({ id: sent, kind: "ask", documents: documentsChanged ? editor.documents : undefined, situation });
  documentsChanged = false;
}

function change(some: Partial<Situation>): void {
  situation = { ...situation, ...some };
  ask();
}

function toggle(key: string): void {
  switchedAt = performance.now();
  const down = new Set(situation.down);
  if (!down.delete(key)) down.add(key);
  change({ down: [...down] });
}

worker.onmessage = ({ data }: MessageEvent<Reply | "ready">): void => {
  isBusy = false;
  if (data === "ready") {
    post({ id: 0, kind: "world", points, grid, pixels });
    if (isWaiting) ask();
    return;
  }
  const { shown, findings, failure, zone, took } = data;
  if (findings !== undefined) {
    editor.show(findings);
    drawProblems(findings, (finding) => editor.go(finding));
  }
  if (zone !== undefined && shown !== undefined) {
    const { questions } = zone;
    const chosen = `${shown.name} ${shown.type}`;
    const select = $<HTMLSelectElement>("name");
    if (questions !== undefined) {
      select.replaceChildren(...questions.map(({ name, type }) => h("option", { value: `${name} ${type}` }, `${name.replace(/\.$/, "")} ${type}`)));
    }
    select.value = chosen;
    const down = new Set(situation.down);
    drawAnswer(shown, situation.country, failure);
    map.show(shown, situation.country.slice(0, 2));
    drawSwitches(shown.switches, down, toggle);
    drawBiases(shown.biases, (setIdentifier, bias) => change({ biases: { ...situation.biases, [setIdentifier]: bias } }));
    drawTree(shown);
    drawOdds(shown);
    drawWhy(shown);
    $("took").textContent = `${zone.recordSets.toLocaleString("en")} record sets; this answer, ${Object.keys(shown.countries).length} countries' odds and the tree took ${took.toFixed(took < 10 ? 1 : 0)} ms.`;
  } else {
    drawFailure(failure ?? "paste a zone, or open its files");
  }
  for (const [id, value] of [["country", situation.country], ["network", situation.network], ["draw", situation.draw]] as const) {
    const field = $<HTMLInputElement | HTMLSelectElement>(id);
    if (document.activeElement !== field || id === "country") field.value = value;
  }
  $("network").toggleAttribute("aria-invalid", failure?.includes("client.ecs") === true);
  $("draw").toggleAttribute("aria-invalid", failure?.includes("query.draw") === true);
  document.body.dataset["state"] = "ready";
  if (switchedAt !== undefined && !isWaiting) {
    // For whoever measures: from the switch to the drawing being done.
    document.body.dataset["recoloured"] = (performance.now() - switchedAt).toFixed(1);
    switchedAt = undefined;
  }
  if (isWaiting) ask();
};

function open(documents: readonly Doc[], next: Partial<Situation> = {}): void {
  clearTimeout(typing);
  situation = { ...START, country: situation.country, ...next };
  editor.set(documents);
  documentsChanged = true;
  ask();
}

// ---- the head of the page ----------------------------------------------------------------------------------------------

const example = $<HTMLSelectElement>("example");
example.append(h("option", { value: "" , hidden: true }, "your own"), ...EXAMPLES.map(({ title }, at) => h("option", { value: at }, title)));
example.addEventListener("change", () => {
  const chosen = EXAMPLES[Number(example.value)];
  if (chosen === undefined) return;
  history.replaceState(null, "", location.pathname + location.search);
  open(chosen.documents(), { country: chosen.country });
});

$<HTMLSelectElement>("country").append(
  ...countryNames.map(([code, name]) => h("option", { value: code }, name)),
  h("optgroup", { label: "United States, by state" }, ...STATES.map(([code, name]) => h("option", { value: code }, name))),
);
$("country").addEventListener("change", (event) => change({ country: (event.target as HTMLSelectElement).value }));
$("name").addEventListener("change", (event) => {
  const [name = "", type = "A"] = (event.target as HTMLSelectElement).value.split(" ");
  change({ name, type: type as RecordType });
});
$("network").addEventListener("input", (event) => change({ network: (event.target as HTMLInputElement).value.trim() }));
$("draw").addEventListener("input", (event) => change({ draw: (event.target as HTMLInputElement).value.trim() || "0" }));
$("roll").addEventListener("click", () => {
  change({ draw: String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) });
  $<HTMLInputElement>("draw").value = situation.draw;
});
$("question").addEventListener("submit", (event) => event.preventDefault());

$("share").addEventListener("click", () => void share());
async function share(): Promise<void> {
  const button = $("share");
  const fragment = await toFragment({ documents: editor.documents, situation });
  history.replaceState(null, "", fragment);
  let said = "Link copied";
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    said = "Link is in the address bar";
  }
  button.textContent = said;
  setTimeout(() => { button.textContent = "Copy link"; }, 2000);
}

$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = (root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.dataset["theme"] = isDark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset["theme"]);
  } catch {
    // A page without storage forgets the choice, and that is all.
  }
  // The sweep of geoproximity is painted in colours, not in names of colours.
  ask();
});

// ---- files -------------------------------------------------------------------------------------------------------------

async function read(files: Iterable<File>): Promise<void> {
  const documents = await Promise.all(Array.from(files, async (file) => ({ name: file.name, text: await file.text() })));
  if (documents.length === 0) return;
  example.value = "";
  open(documents);
}
const files = $<HTMLInputElement>("files");
files.addEventListener("change", () => void read(files.files ?? []));
for (const kind of ["dragover", "dragleave", "drop"] as const) {
  addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    $("drop").hidden = kind !== "dragover";
    if (kind === "drop") void read(event.dataTransfer.files);
  });
}

// ---- the first state ---------------------------------------------------------------------------------------------------

async function restore(): Promise<void> {
  try {
    const state = await fromFragment(location.hash);
    if (state !== undefined) {
      example.value = "";
      open(state.documents, state.situation);
      return;
    }
  } catch (error) {
    $("took").textContent = `${(error as Error).message}; here is an example instead.`;
  }
  const [first] = EXAMPLES;
  example.value = "0";
  if (first !== undefined) open(first.documents(), { country: first.country });
}
addEventListener("hashchange", () => void restore());
void restore();
