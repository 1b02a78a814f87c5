// A page in one of the frames: tells the page for staff what it shows, and does what that asks.
//
// The policy of the page lets only the page for staff hold it in a frame, so its parent needs no
// further proof, and there is nobody else to tell.

const LIFE_MS = 5000;

const $ = (selector) => document.querySelector(selector);
const form = $("#survey-form");
const survey = form && JSON.parse($("#survey").textContent);

const tell = (said, more) => window.parent.postMessage({ said, ...more }, "*");

/** The step of the survey that is shown, a page or the review of all answers: null is its start. */
const shown = () => $(".page:not([hidden])")?.dataset.page ?? null;

let last;
/** Tells what is shown, once for each change. */
function report() {
  const view = shown();
  if (view === last) return;
  last = view;
  const { pathname: path } = location;
  const { lang } = document.documentElement;
  const review = $(".page.review")?.dataset.page;
  tell("here", { path, view, lang, review, survey: survey?.slug ?? null, showing: Number($("[name=showing]").content) });
}

// What is asked

/** To a page of the survey, or the last one before it that these answers lead to. */
function show({ view }) {
  if (!form || view === shown()) return;
  // The script of the survey goes to whatever page an entry of the history names.
  history.replaceState({ view }, "");
  dispatchEvent(new PopStateEvent("popstate", { state: { view } }));
}

/** The same page in another language, by its own button or link. */
function speak({ lang }) {
  if (lang === document.documentElement.lang) return;
  $(`[name=_switch][value="${lang}"], a[hreflang="${lang}"]`)?.click();
}

/** The page as it is now built; a form keeps its answers, as in a switch of the language. */
function refresh() {
  if (!form) return location.replace(location.pathname);
  const properties = { name: "_switch", value: document.documentElement.lang, hidden: true, formNoValidate: true };
  const button = Object.assign(document.createElement("button"), properties);
  form.append(button);
  // Without its version the form is one of the survey as it is today.
  form.addEventListener("formdata", ({ formData }) => formData.delete("_v"));
  form.requestSubmit(button);
}

/** Fills in the page that is shown, or all of them. */
async function fillIn({ seed, all }) {
  if (!form) return;
  const last = survey.pages.at(-1).id;
  if (!all && shown() === null) show({ view: survey.pages[0].id });
  const body = new URLSearchParams(new FormData(form));
  const page = survey.pages.some(({ id }) => id === shown()) ? shown() : last;
  for (const [name, value] of [["_survey", survey.slug], ["_seed", seed], ["_page", all ? "" : page]]) body.set(name, value);
  const reply = await fetch("/_preview/answers", { method: "POST", body });
  if (!reply.ok) return tell("refused", { why: await reply.text() });
  enter({ fields: await reply.json() });
  if (all) show({ view: last });
  tell("filled");
}

/** Puts answers into the form's fields as typing does, and empties the others. */
function enter({ fields }) {
  if (!form) return;
  const own = [...form.elements].filter(({ name, type }) => /^[^_]/.test(name) && type !== "submit");
  const changed = own.filter((field) => put(field, fields.filter(([name]) => name === field.name)));
  for (const field of changed) {
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

/** True where that changed the field. */
function put(field, given) {
  const values = given.map(([, value]) => value);
  const key = /radio|checkbox/.test(field.type) ? "checked" : "value";
  const before = field[key];
  field[key] = key === "checked" ? values.includes(field.value) : values[0] ?? "";
  return field[key] !== before;
}

const answers = () => [...new FormData(form)].filter(([name]) => !name.startsWith("_"));

/** What is said to somebody who leaves this page open. */
function provoke() {
  if (!form) return;
  if (shown() === null) show({ view: survey.pages[0].id });
  const page = survey.pages.find(({ id }) => id === shown());
  const asked = page?.questions.filter(({ id }) => !$(`#question-${id}`).hidden) ?? [];
  // Where nothing has to be answered, "Next" would lead on, or send.
  if (!asked.some(({ required, expected }) => required || expected)) return tell("lenient");
  const ids = asked.map(({ id }) => id);
  enter({ fields: answers().filter(([name]) => !ids.includes(name.split(".")[0])) });
  $("[data-action=next]:not([hidden]), [data-action=send]:not([hidden])").click();
}

const ASKED = { __proto__: null, show, speak, refresh, fillIn, enter, provoke };

// How a page behaves here

/** The frame that somebody works in keeps the focus, whatever happens in the others. */
function keepFocus() {
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = function (...how) {
    if (document.hasFocus()) focus.apply(this, how);
  };
}

/** No page of another site opens in the frame: it could not be told from the citizen's. */
function stay(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.origin === location.origin) return;
  event.preventDefault();
  tell("outside", { url: link.href });
}

function forgetDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
}

/** Begins before the page's own scripts do. */
export function serve() {
  document.documentElement.classList.add("in-frame");
  keepFocus();
  forgetDrafts();
  // A kiosk's page that nobody touches goes back to the start; here somebody looks at it.
  setInterval(() => dispatchEvent(new Event("wheel")), LIFE_MS);
  addEventListener("click", stay, true);
  addEventListener("message", ({ source, data }) => {
    if (source === window.parent) ASKED[data.asked]?.(data);
  });
  form?.addEventListener("input", () => queueMicrotask(() => tell("typed", { fields: answers() })));
  // Once the page's own scripts have run.
  addEventListener("load", () => {
    const watched = { subtree: true, attributes: true, attributeFilter: ["hidden"] };
    if (form) new MutationObserver(report).observe(form, watched);
    report();
  });
}
