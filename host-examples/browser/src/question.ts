/** The question's name and type: one of the zone's, or any other that is typed. */
import type { RecordType } from "pointsman";
import { $, h } from "./dom.js";
import type { Asked } from "./protocol.js";

/** The choice that leads to typing. */
const OTHER = "other";
const TYPES: readonly RecordType[] = ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"];
/** Milliseconds without a key before a name is asked for. */
const TYPING_PAUSE = 300;

const bare = (name: string): string => (name === "." ? name : name.replace(/\.$/, ""));

/** Shows what is asked; with a new zone, also what could be. */
export function drawQuestion(questions: readonly Asked[] | undefined, name: string, type: RecordType): void {
  const select = $<HTMLSelectElement>("name");
  if (questions !== undefined) {
    select.replaceChildren(
      ...questions.map((asked) => h("option", { value: `${asked.name} ${asked.type}` }, `${bare(asked.name)} ${asked.type}`)),
      h("option", { value: OTHER }, "another…"),
    );
  }
  const typed = $<HTMLInputElement>("other-name"), types = $<HTMLSelectElement>("other-type");
  // Who types is not disturbed, even where what is typed so far is a name of the zone.
  const isTyping = !$("other").hidden && $("other").contains(document.activeElement);
  const value = `${name} ${type}`;
  const isListed = !isTyping && [...select.options].some((option) => option.value === value);
  select.value = isListed ? value : OTHER;
  show(!isListed);
  if (!isTyping) [typed.value, types.value] = [bare(name), type];
}

function show(isTyped: boolean): void {
  $("other").hidden = !isTyped;
  $("question").classList.toggle("typed", isTyped);
}

/** Describes each name and type that is asked for. */
export function watchQuestion(ask: (name: string, type: RecordType) => void): void {
  const select = $<HTMLSelectElement>("name"), typed = $<HTMLInputElement>("other-name"), types = $<HTMLSelectElement>("other-type");
  types.append(...TYPES.map((type) => h("option", {}, type)));
  const askTyped = (): void => {
    if (typed.value.trim() !== "") ask(typed.value.trim(), types.value as RecordType);
  };
  let typing: ReturnType<typeof setTimeout> | undefined;
  select.addEventListener("change", () => {
    if (select.value === OTHER) {
      show(true);
      typed.focus();
      typed.select();
      return;
    }
    const [name = "", type = "A"] = select.value.split(" ");
    show(false);
    ask(name, type as RecordType);
  });
  typed.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(askTyped, TYPING_PAUSE);
  });
  types.addEventListener("change", askTyped);
}
