// What the bar offers: surveys and pages, languages, the steps of a survey.

import { make } from "./text.js";

const PHASES = { coming: "not open yet", closed: "closed", open: "" };

export const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** A heading and its entries; nothing where there are none. */
export function section(name, entries) {
  if (entries.length === 0) return [];
  return [make("h2", "", name), make("ul", "", ...entries.map((entry) => make("li", "", entry)))];
}

/** A survey or page, with what its author has to know of it. */
export function menuEntry({ phase }, title, isChosen, { mistakes, advice }, choose) {
  const button = make("button", "entry", make("span", "", title));
  button.type = "button";
  if (PHASES[phase]) button.append(make("span", "chip", PHASES[phase]));
  if (mistakes) button.append(make("span", "chip wrong", counted(mistakes, "mistake")));
  else if (advice) button.append(make("span", "chip", `${advice} × advice`));
  if (isChosen) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => {
    document.querySelector("#menu").hidePopover();
    choose();
  });
  return button;
}

export function languageButton(code, isChosen, choose) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
  const button = make("button", "", name.charAt(0).toLocaleUpperCase(code) + name.slice(1));
  Object.assign(button, { type: "button", lang: code });
  button.setAttribute("aria-pressed", isChosen);
  button.addEventListener("click", choose);
  return button;
}

/** The steps of a survey, each under what its address ends with; a page of text has one. */
export function steps({ pages, endings }, review, titleOf) {
  const start = new Option("Start page", "");
  if (!pages) return [start];
  const numbered = pages.map((page, at) => new Option(`${at + 1}. ${titleOf(page)}`, `#page-${page.id}`));
  const reviews = review ? [new Option("All answers, before sending", review)] : [];
  const others = endings.map((ending) => new Option(`Ending: ${titleOf(ending)}`, `tak/${ending.id}/`));
  return [start, ...numbered, ...reviews, new Option("Thank-you page", "tak/"), ...others];
}
