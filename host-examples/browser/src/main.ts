/** The page: one state, one worker, one round of drawing for each reply. */
import "./style.css";
import { $, h } from "./dom.js";
import { Editor } from "./editor.js";
import { drill, showSituation } from "./foresight.js";
import { EXAMPLES } from "./examples.js";
import { countryNames, points, sweepGrid, WorldMap } from "./map.js";
import { sortOut, textOf } from "./files.js";
import { keep, KEPT_MAX, recall } from "./memory.js";
import { notice } from "./notice.js";
import { drawAnswer, drawBiases, drawFailure, drawOdds, drawProblems, drawSwitches, drawWhy } from "./panels.js";
import type { Doc, Reply, Request, Situation } from "./protocol.js";
import { drawQuestion, watchQuestion } from "./question.js";
import { fromFragment, LINK_MAX, toFragment } from "./share.js";
import { STATES } from "./states.js";
import { drawTree } from "./treeview.js";

const START: Situation = { name: "", type: "A", country: "DE", network: "", draw: "0", down: [], biases: {} };
/** Milliseconds without a key before a changed text is loaded. */
const TYPING_PAUSE = 250;

/** Milliseconds after an answer until the state is kept for a reload. */
const KEEPING_PAUSE = 400;

let situation = START, asked = START;
let sent = 0, isBusy = true, isWaiting = false, documentsChanged = true, isFresh = true;
let switchedAt: number | undefined;

let worker = startWorker(), hasStarted = false;
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
  post({ id: sent, kind: "ask", documents: documentsChanged ? editor.documents : undefined, fresh: isFresh, situation });
  asked = situation;
  documentsChanged = isFresh = false;
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

function startWorker(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<Reply | "ready">): void => {
    if (data !== "ready") {
      receive(data);
      return;
    }
    hasStarted = true;
    isBusy = false;
    post({ id: 0, kind: "world", points, grid, pixels });
    if (isWaiting) ask();
  };
  started.onerror = (event): void => {
    event.preventDefault();
    restart(event.message ?? "");
  };
  return started;
}

/** Another engine for one that stopped. It is asked at the next change, not at once: the same question could stop it again. */
function restart(why: string): void {
  worker.terminate();
  isBusy = true;
  isWaiting = false;
  documentsChanged = true;
  document.body.dataset["state"] = "ready";
  document.body.classList.add("started");
  if (!hasStarted) {
    drawFailure("the engine could not be started");
    notice("The engine could not be started: a browser of 2023 or newer is needed, and the page's folder must come from a web server (cargo xtask playground).");
    return;
  }
  hasStarted = false;
  worker = startWorker();
  notice(`The engine stopped${why === "" ? "" : ` (${why})`} and was started anew. What is shown is the last answer; change anything to ask again.`);
}

let keeping: ReturnType<typeof setTimeout> | undefined;

function receive({ shown, findings, failure, fatal, zone, took }: Reply): void {
  if (fatal !== undefined) {
    restart(fatal);
    return;
  }
  isBusy = false;
  if (findings !== undefined) {
    editor.show(findings);
    drawProblems(findings, (finding) => editor.go(finding));
    drill(editor.documents, change);
  }
  showSituation(situation);
  if (zone !== undefined && shown !== undefined) {
    if (situation.name === asked.name && situation.type === asked.type) situation = { ...situation, name: shown.name, type: shown.type };
    drawQuestion(zone.questions, shown.name, shown.type);
    drawAnswer(shown, situation.country, failure, () => editor.toProblems());
    map.show(shown, situation.country.slice(0, 2));
    drawSwitches(shown.switches, new Set(situation.down), toggle);
    drawBiases(shown.biases, situation.biases, (biases) => change({ biases }));
    drawTree(shown, zone.name);
    drawOdds(shown);
    drawWhy(shown);
    $("took").textContent = `${zone.recordSets.toLocaleString("en")} record sets; this answer, ${Object.keys(shown.countries).length} countries' odds and the tree took ${took.toFixed(took < 10 ? 1 : 0)} ms.`;
  } else {
    drawFailure(failure ?? "paste a zone, or open its files", zone !== undefined);
  }
  for (const [id, value] of [["country", situation.country], ["network", situation.network], ["draw", situation.draw]] as const) {
    const field = $<HTMLInputElement | HTMLSelectElement>(id);
    if (document.activeElement !== field || id === "country") field.value = value;
  }
  for (const [id, field] of [["network", "client.ecs"], ["draw", "query.draw"], ["other-name", "query.name"]] as const) {
    $(id).setAttribute("aria-invalid", String(failure?.includes(field) === true));
  }
  document.body.dataset["state"] = "ready";
  document.body.classList.add("started");
  if (switchedAt !== undefined && !isWaiting) {
    // For whoever measures: from the switch to the drawing being done.
    document.body.dataset["recoloured"] = (performance.now() - switchedAt).toFixed(1);
    switchedAt = undefined;
  }
  clearTimeout(keeping);
  keeping = setTimeout(keepNow, KEEPING_PAUSE);
  if (isWaiting) ask();
}

const keepNow = (): void => keep(editor.length > KEPT_MAX ? undefined : { documents: editor.documents, situation, example: example.value });
addEventListener("pagehide", keepNow);

function open(documents: readonly Doc[], next: Partial<Situation> = {}): void {
  clearTimeout(typing);
  situation = { ...START, country: situation.country, ...next };
  editor.set(documents);
  documentsChanged = isFresh = true;
  ask();
}

// ---- the head of the page ----------------------------------------------------------------------------------------------

const example = $<HTMLSelectElement>("example");
example.append(h("option", { value: "" , hidden: true }, "your own"), ...EXAMPLES.map(({ title }, at) => h("option", { value: at }, title)));
example.addEventListener("change", () => {
  const chosen = EXAMPLES[Number(example.value)];
  if (chosen === undefined) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  open(chosen.documents(), { country: chosen.country });
});

$<HTMLSelectElement>("country").append(
  ...countryNames.map(([code, name]) => h("option", { value: code }, name)),
  h("optgroup", { label: "United States, by state" }, ...STATES.map(([code, name]) => h("option", { value: code }, name))),
);
$("country").addEventListener("change", (event) => change({ country: (event.target as HTMLSelectElement).value }));
watchQuestion((name, type) => change({ name, type }));
$("network").addEventListener("input", (event) => change({ network: (event.target as HTMLInputElement).value.trim() }));
$("draw").addEventListener("input", (event) => change({ draw: (event.target as HTMLInputElement).value.trim() || "0" }));
$("roll").addEventListener("click", () => {
  change({ draw: String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) });
  $<HTMLInputElement>("draw").value = situation.draw;
});
$("question").addEventListener("submit", (event) => event.preventDefault());

$("share").addEventListener("click", () => void share());
async function share(): Promise<void> {
  const fragment = await toFragment({ documents: editor.documents, situation });
  const size = `${Math.ceil(fragment.length / 1000).toLocaleString("en")} kB`;
  if (fragment.length > LINK_MAX) {
    notice(`A link to this zone would be ${size} long, which no browser takes. Hand on the files instead.`);
    return;
  }
  const long = fragment.length > 8000 ? `, ${size} long: some programs cut such links` : "";
  try {
    history.replaceState(history.state, "", fragment);
    await navigator.clipboard.writeText(location.href);
    notice(`Link copied; it holds the whole zone${long}.`, 5);
  } catch {
    notice(`The link is in the address bar; it holds the whole zone${long}.`, 8);
  }
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

/** Opens documents; what belongs to a zone is put beside the one that is open, and a health report says what is down. */
function take(given: readonly Doc[]): void {
  const { documents, isMore, down, reports } = sortOut(given);
  if (reports.length > 0) notice(`${reports.join(", ")}: ${down.length} down, the rest up.`, 6);
  const reported = reports.length > 0 ? { down } : {};
  if (documents.length === 0) {
    if (reports.length > 0) change(reported);
    return;
  }
  example.value = "";
  if (!isMore) {
    open(documents, reported);
    return;
  }
  const names = new Set(documents.map(({ name }) => name));
  open([...editor.documents.filter(({ name }) => !names.has(name)), ...documents], { ...situation, ...reported });
  editor.select(editor.documents.length - 1);
}

async function read(files: Iterable<File>): Promise<void> {
  try {
    take(await Promise.all(Array.from(files, async (file) => ({ name: file.name, text: await textOf(file) }))));
  } catch (error) {
    notice(`The file cannot be read: ${(error as Error).message}`);
  }
}
const files = $<HTMLInputElement>("files");
files.addEventListener("change", async () => {
  await read(files.files ?? []);
  // The same file may be opened again once it has changed.
  files.value = "";
});
for (const kind of ["dragover", "dragleave", "drop"] as const) {
  addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    $("drop").hidden = kind !== "dragover";
    if (kind === "drop") void read(event.dataTransfer.files);
  });
}
addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const isField = (event.target as Element | null)?.closest("input, select, .cm-editor") != null;
  if (!isField && text.trim().startsWith("{")) take([{ name: "pasted.json", text }]);
});
$("close").addEventListener("click", () => {
  editor.close();
  documentsChanged = true;
  ask();
});

// ---- the first state ---------------------------------------------------------------------------------------------------

async function restore(): Promise<void> {
  clearTimeout(keeping);
  const kept = recall();
  if (kept !== undefined) {
    example.value = kept.example;
    open(kept.documents, kept.situation);
    return;
  }
  try {
    const state = await fromFragment(location.hash);
    if (state !== undefined) {
      example.value = "";
      open(state.documents, state.situation);
      return;
    }
  } catch (error) {
    const said = (error as Error).message;
    notice(`${said[0]?.toUpperCase()}${said.slice(1)}. ${editor.documents.length > 0 ? "Nothing was changed." : "Here is an example instead."}`);
    if (editor.documents.length > 0) return;
  }
  const [first] = EXAMPLES;
  example.value = "0";
  if (first !== undefined) open(first.documents(), { country: first.country });
}
// Links inside the page have fragments too; those hold no state.
addEventListener("hashchange", () => { if (location.hash === "" || /^#\d+\./.test(location.hash)) void restore(); });
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const place = $(link.hash.slice(1));
    place.scrollIntoView();
    place.focus({ preventScroll: true });
  });
}
void restore();
