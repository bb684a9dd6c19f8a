/** A word to the user at the foot of the window, where it moves nothing. */
import { $, h } from "./dom.js";

let timer: ReturnType<typeof setTimeout> | undefined;

/** Says a thing until it is closed, or for some seconds. */
export function notice(text: string, seconds?: number): void {
  clearTimeout(timer);
  const close = (): void => $("notice").replaceChildren();
  $("notice").replaceChildren(h("p", {}, h("span", {}, text), h("button", { type: "button", class: "plain", click: close }, "Close")));
  if (seconds !== undefined) timer = setTimeout(close, seconds * 1000);
}
