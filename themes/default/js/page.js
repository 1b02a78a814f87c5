// Every page: larger text, contrast, reach; and what the survey's own script is built from. Pages
// work without it.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const buttonFor = (action) => $(`[data-action=${action}]`);
const on = (target, event, listener) => target.addEventListener(event, listener);

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

const root = document.documentElement;
const page = document.body.dataset;
/** A question may be called as a member of it ("submit", "elements") and then hides that. */
const form = $("#survey-form");

/** Reads, writes (`value`) or removes (`null`) what the device keeps; nothing where it refuses. */
function memory(area, key, value) {
  try {
    if (value === undefined) return JSON.parse(window[area].getItem(key));
    window[area][value ? "setItem" : "removeItem"](key, JSON.stringify(value));
  } catch {}
  return null;
}

/** What was answered here so far; the thank-you page lies under the survey. */
const draft = (value) => memory("localStorage", `draft:${/\/s\/([^/]+)\//.exec(location.pathname)?.[1]}`, value);

let look;
function dress(wishes) {
  const contrast = matchMedia("(prefers-contrast: more)").matches ? "high" : "normal";
  look = { text: 0, contrast, low: false, ...wishes };
  memory("sessionStorage", "look", look);
  Object.assign(root.dataset, look);
  const on = { larger: look.text > 0, contrast: look.contrast === "high", lower: look.low };
  for (const name in on) buttonFor(name)?.setAttribute("aria-pressed", on[name]);
}

const ACTIONS = {
  __proto__: null,
  larger: () => dress({ ...look, text: (look.text + 1) % 3 }),
  contrast: () => dress({ ...look, contrast: look.contrast === "high" ? "normal" : "high" }),
  lower: () => dress({ ...look, low: !look.low }),
  aloud: () => import($("[data-action=aloud]").dataset.src),
};

/** Reading aloud is offered where the device itself has a voice for the page's language. */
function offerVoice() {
  const ours = ({ localService, lang }) => localService && lang.startsWith(root.lang);
  $("[data-action=aloud]").hidden = !speechSynthesis.getVoices().some(ours);
}

root.classList.add("js");
for (const box of $$("[data-js]")) box.hidden = false;
dress(memory("sessionStorage", "look"));
addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
// Only with a thank-you the draft has done its work: not on the page that says what went wrong.
if (!form && location.pathname.includes("/tak/")) draft(null);
if (window.speechSynthesis) {
  // Voices may come late.
  speechSynthesis.onvoiceschanged = offerVoice;
  offerVoice();
}
