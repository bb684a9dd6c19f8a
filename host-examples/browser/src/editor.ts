/** The editor: documents in tabs, findings marked at their place. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic as Mark, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Diagnostic } from "pointsman";
import { $, h } from "./dom.js";
import type { Doc } from "./protocol.js";

/** Past this many characters a text is shown without colours, which would cost seconds. */
const COLOURED_MAX = 1_000_000;

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.punctuation, tags.bracket, tags.separator], color: "var(--soft)" },
]);

export class Editor {
  #documents: { name: string; state: EditorState }[] = [];
  #current = 0;
  #findings: readonly Diagnostic[] = [];
  readonly #view: EditorView;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#view = new EditorView({
      parent: $("editor"),
      state: this.#state(""),
      dispatch: (transaction) => {
        this.#view.update([transaction]);
        const document = this.#documents[this.#current];
        if (document !== undefined) document.state = this.#view.state;
        if (transaction.docChanged) this.#changed();
      },
    });
  }

  #state(text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), foldGutter(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), lintGutter(),
        highlightSelectionMatches(), text.length > COLOURED_MAX ? [] : [json(), syntaxHighlighting(colours)],
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Zone document, as JSON" }),
        // Tab leaves the editor, as it leaves every other field.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
      ],
    });
  }

  get documents(): readonly Doc[] {
    return this.#documents.map(({ name, state }) => ({ name, text: state.doc.toString() }));
  }

  /** How many characters the documents have. */
  get length(): number {
    return this.#documents.reduce((sum, { state }) => sum + state.doc.length, 0);
  }

  set(documents: readonly Doc[]): void {
    this.#documents = documents.map(({ name, text }) => ({ name, state: this.#state(text) }));
    this.#findings = [];
    this.select(0);
  }

  /** Takes the document away that is shown, if there are others. */
  close(): void {
    if (this.#documents.length < 2) return;
    this.#documents.splice(this.#current, 1);
    this.#findings = [];
    this.select(this.#current);
  }

  /** Goes to the list of problems. */
  toProblems(): void {
    const first = document.querySelector<HTMLElement>("#problems button");
    first?.scrollIntoView({ block: "center" });
    first?.focus({ preventScroll: true });
  }

  select(index: number): void {
    this.#current = Math.max(0, Math.min(index, this.#documents.length - 1));
    this.#view.setState(this.#documents[this.#current]?.state ?? this.#state(""));
    this.#mark();
    this.#tabs();
  }

  /** Shows findings, in the text and on the tabs. */
  show(findings: readonly Diagnostic[]): void {
    this.#findings = findings;
    this.#mark();
    this.#tabs();
  }

  /** Goes to the place of a finding. */
  go({ source = 0, start, end }: Diagnostic): void {
    if (source !== this.#current) this.select(source);
    const length = this.#view.state.doc.length;
    const anchor = Math.min(start ?? 0, length), head = Math.min(end ?? anchor, length);
    this.#view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.#view.focus();
    $("editor").scrollIntoView({ block: "nearest" });
  }

  #mark(): void {
    const marks: Mark[] = this.#findings.filter(({ source, start }) => source === this.#current && start !== undefined)
      .slice(0, 500).map((finding) => ({
        ...within(this.#view.state.doc, finding.start ?? 0, finding.end ?? 0),
        severity: finding.severity, message: `${finding.message}\n${finding.help}`, source: finding.code,
      }));
    this.#view.dispatch(setDiagnostics(this.#view.state, marks));
  }

  #tabs(): void {
    $("close").hidden = this.#documents.length < 2;
    $("tabs").replaceChildren(...this.#documents.map(({ name }, index) => {
      const errors = this.#findings.filter(({ source, severity }) => source === index && severity === "error").length;
      return h("button", {
        type: "button", role: "tab", "aria-selected": index === this.#current ? "true" : "false",
        tabindex: index === this.#current ? 0 : -1, "aria-controls": "editor",
        click: () => this.select(index),
        keydown: (event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[(event as KeyboardEvent).key];
          if (step === undefined) return;
          this.select((index + step + this.#documents.length) % this.#documents.length);
          ($("tabs").children[this.#current] as HTMLElement).focus();
        },
      }, name, errors > 0 && h("span", { class: "count" }, String(errors)));
    }));
  }
}

function within(text: Text, from: number, to: number): { from: number; to: number } {
  const start = Math.min(from, text.length);
  return { from: start, to: Math.max(start, Math.min(to, text.length)) };
}
