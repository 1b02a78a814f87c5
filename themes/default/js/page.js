// Every page: larger text, contrast, reach; and what the survey's own script is built from. Pages
// work without it.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const element = (tag, properties) => Object.assign(document.createElement(tag), properties);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

const root = document.documentElement;
const page = document.body.dataset;
const form = $("#survey-form");
/** The thank-you page lies under the survey: only there the draft has done its work. */
const draftKey = `draft:${/\/s\/([^/]+)\//.exec(location.pathname)?.[1]}`;

/** Reads, writes (`value`) or removes (`null`) what the device keeps; nothing where it refuses. */
function memory(area, key, value) {
  try {
    if (value === undefined) return JSON.parse(window[area].getItem(key));
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, JSON.stringify(value));
  } catch {}
  return null;
}

let look;
function dress(wishes) {
  const contrast = matchMedia("(prefers-contrast: more)").matches ? "high" : "normal";
  look = { text: 0, contrast, low: false, ...wishes };
  memory("sessionStorage", "look", look);
  Object.assign(root.dataset, { text: look.text, contrast: look.contrast });
  root.toggleAttribute("data-low", look.low);
  const on = { larger: look.text > 0, contrast: look.contrast === "high", lower: look.low };
  for (const name in on) $(`[data-action=${name}]`)?.setAttribute("aria-pressed", on[name]);
}

const ACTIONS = {
  __proto__: null,
  larger: () => dress({ ...look, text: (look.text + 1) % 3 }),
  contrast: () => dress({ ...look, contrast: look.contrast === "high" ? "normal" : "high" }),
  lower: () => dress({ ...look, low: !look.low }),
};

root.classList.add("js");
for (const box of $$("[data-js]")) box.hidden = false;
dress(memory("sessionStorage", "look"));
addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
if (!form) memory("localStorage", draftKey, null);
