// What the pages do beyond plain forms: a survey one page at a time with live skips, checks at
// "Next" and a draft; a kiosk's idle clock; larger text. Every page works without it.

const KIOSK_START = "/kiosk/";
const DRAFT_MS = 24 * 60 * 60 * 1000;
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const el = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

const root = document.documentElement;
const { mode, idle, warning = 0, return: back } = document.body.dataset;
const kiosk = mode === "kiosk";
const form = $("#survey-form");
const [survey, words] = form ? ["#survey", "#texts"].map((id) => JSON.parse($(id).textContent)) : [];
const questions = new Map(survey?.pages.flatMap((page) => page.questions).map((question) => [question.id, question]));
const title = form && document.title.replace(words.ui.error_prefix, "");
// Where the form does not say sensitive, a person's own device keeps a draft; a kiosk never does.
const draftKey = form && !kiosk && !("sensitive" in form.dataset) ? `draft:${survey.slug}` : null;

let state; // what `evaluate` made of the form as it stands
let view = null; // the page shown; null is the start
let sending = false; // false, "switch" or "send"
let since = Date.now();

/** Reads, writes (`value`) or removes (`null`) what this device keeps; without storage, nothing. */
function memory(area, key, value) {
  try {
    if (value === undefined) return JSON.parse(window[area].getItem(key));
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, JSON.stringify(value));
  } catch { /* private windows may refuse */ }
  return null;
}

// The form as it stands

/** Judges the form and shows what is asked now. Focus never moves. */
function update() {
  const context = { today: new Date().toLocaleDateString("sv"), channel: mode };
  do state = evaluate(survey, readFields(survey, new FormData(form)), context);
  while (offer());
  for (const box of $$(".question")) box.hidden = !state.visible.includes(box.dataset.question);
  for (const page of $$(".page")) page.hidden = page.dataset.page !== view;
  const [n, of] = [state.path.indexOf(view) + 1, state.path.length];
  $("#start").hidden = view !== null;
  $(".progress").hidden = $(".controls").hidden = view === null;
  $(".step").textContent = fill(words.ui.step, { n, of });
  Object.assign($("progress"), { max: of, value: n });
  $("[data-action=back]").hidden = false;
  $("[data-action=next]").hidden = n === of;
  $("[data-action=send]").hidden = n !== of;
  mend();
}

/** Shows the choices and rows whose conditions hold; true where that changed what is sent. */
function offer() {
  let changed = false;
  for (const [id, offered] of state.offered) {
    const { choices = [], rows = [] } = questions.get(id);
    if (![...choices, ...rows].some((item) => item.if)) continue;
    for (const item of $$(rows.length ? "[data-row]" : "[data-choice], [data-other]", $(`#question-${id}`))) {
      const { row, choice, other } = item.dataset;
      const gone = !(row ? offered.rows.has(row) : offered.choices.has(choice ?? other));
      if (item.hidden === gone) continue;
      for (const field of [item, ...$$("input", item)]) field.disabled = gone;
      item.hidden = changed = true;
      item.hidden = gone;
    }
  }
  return changed;
}

function show(to, record) {
  const order = survey.pages.map((page) => page.id);
  view = state.path.filter((page) => order.indexOf(page) <= order.indexOf(to)).at(-1) ?? null;
  const entry = kiosk ? record && "replaceState" : record;
  if (entry) history[entry]({ view, deep: entry === "pushState" }, "", location.pathname + location.search);
  clearProblems();
  update();
  save();
  scrollTo(0, 0);
  $(view === null ? "[data-action=start]" : ".step").focus();
}

/** On to the next page; true where this is the last one and all may be sent. */
function advance() {
  const at = state.path.indexOf(view);
  const last = at === state.path.length - 1;
  const wrong = state.path.slice(last ? 0 : at, at + 1).find((page) => problemsOn(page).length > 0);
  if (wrong) {
    if (wrong !== view) show(wrong, "pushState");
    showProblems(problemsOn(wrong));
  } else if (!warn()) {
    if (last) return true;
    show(state.path[at + 1], "pushState");
  }
  return false;
}

function retreat() {
  if (history.state?.deep) history.back();
  else show(state.path[state.path.indexOf(view) - 1], "replaceState");
}

// Problems

const boxOf = ({ question, row }) => $(row ? `#row-${question}-${row}` : `#question-${question}`);
const lineOf = (problem) => $(".problem", boxOf(problem));
const pageOf = (element) => element.closest(".page")?.dataset.page;
const problemsOn = (page) => state.problems.filter((problem) => pageOf(boxOf(problem)) === page);

function sentence({ code, question, row, values }) {
  const asked = questions.get(question);
  const { text } = asked.rows?.find(({ id }) => id === row) ?? asked;
  return fill(words.problems[code] ?? code, { ...values, label: text.plain });
}

function showProblems(problems) {
  clearProblems();
  const links = problems.map((problem) => {
    const textContent = sentence(problem);
    Object.assign(lineOf(problem), { textContent, hidden: false });
    $(`#q-${problem.question}`)?.setAttribute("aria-invalid", "true");
    const { id } = $("input:enabled, select, textarea", boxOf(problem));
    return el("li", {}, el("a", { href: `#${id}`, textContent }));
  });
  const { problems_one: one, problems_many: many } = words.ui;
  $("#problems h2").textContent = links.length === 1 ? one : fill(many, { n: links.length });
  $("#problems ul").replaceChildren(...links);
  announceProblems();
}

function announceProblems() {
  $("#problems").hidden = false;
  $("#problems").focus();
  document.title = words.ui.error_prefix + title;
}

function clearProblems() {
  for (const line of $$(".problem:not([hidden])")) unmark(line).hidden = true;
  $("#problems").hidden = true;
  document.title = title;
}

/** A repaired field loses its mark at once, but keeps the room it took. */
function mend() {
  for (const line of $$(".problem:not([hidden])")) {
    const problem = state.problems.find((problem) => lineOf(problem) === line);
    if (problem) line.textContent = sentence(problem);
    else unmark(line).classList.add("mended");
  }
}

function unmark(line) {
  line.classList.remove("mended");
  $("[aria-invalid]", line.parentElement)?.removeAttribute("aria-invalid");
  return line;
}

/** Stops once at a free text that seems to hold personal data. */
function warn() {
  const fields = $$("textarea, [data-kind=text] input, .other input", $(`#page-${view}`));
  const told = fields.filter((field) => field.dataset.told !== field.value && seemsPersonal(field.value));
  for (const field of told) {
    field.dataset.told = field.value;
    field.after(el("p", { className: "notice guard", role: "alert", textContent: words.ui.guard }));
  }
  told[0]?.focus();
  return told.length > 0;
}

/** An e-mail address, a CPR number, a Danish phone number; as src/response/personal.rs. */
function seemsPersonal(value) {
  const runs = (value.match(/\d(?:[ \xa0-]?\d)*/g) ?? []).map((run) => run.replace(/\D/g, ""));
  const number = /^(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{6}|(?:(?:00)?45)?[2-9]\d{7})$/;
  return /[^\s@]@[^\s@]+\.\p{L}{2,}/u.test(value) || runs.some((run) => number.test(run));
}

// While somebody answers

function edited({ target }) {
  const question = questions.get(target.closest(".question")?.dataset.question);
  const other = target.closest(".other");
  if (other && target.value !== "") choose(question, other.dataset.other);
  if (target.type === "checkbox" && target.checked) exclude(question, target);
  if ("maxlength" in target.dataset) count(target);
  $(".guard", target.parentElement)?.remove();
  update();
  save();
}

function choose(question, code) {
  const field = $(`#q-${question.id}-${code}`);
  if (!field) $(`#q-${question.id}`).value = code;
  else if (!field.checked) field.click();
}

/** "None of these" clears the others, and they clear it. */
function exclude({ id, choices }, field) {
  const alone = ({ exclusive, dontknow }) => Boolean(exclusive || dontknow);
  const own = choices.find((choice) => choice.id === field.value);
  for (const choice of choices.filter((choice) => own && choice !== own && (alone(own) || alone(choice)))) {
    $(`#q-${id}-${choice.id}`).checked = false;
  }
}

let speaking;
function count(field) {
  const line = $(`#count-${field.name}`);
  if (!line) return;
  const left = field.dataset.maxlength - [...text(field.value)].length;
  line.textContent = fill(words.ui[left < 0 ? "count_over" : "count_left"], { n: Math.abs(left) });
  clearTimeout(speaking);
  speaking = setTimeout(() => ($("#spoken").textContent = line.textContent), 1000);
}

/** Another order for each visitor; "other", exclusive and pinned choices stay where they are. */
function shuffle({ id, choices }) {
  const free = choices.filter((it) => !(it.pin || it.other || it.exclusive || it.dontknow));
  const items = free.map((choice) => $(`#question-${id} [data-choice="${choice.id}"]`));
  const places = items.map((item) => item.parentNode.insertBefore(document.createComment(""), item));
  for (const place of places) place.replaceWith(...items.splice(Math.random() * items.length, 1));
  const value = $$(`#question-${id} [data-choice]`).map((item) => item.dataset.choice).join();
  form.append(el("input", { type: "hidden", name: `_o.${id}`, value }));
}

// Sending, drafts

function submitted(event) {
  const language = event.submitter?.name === "_switch";
  if (language) form.setAttribute("action", view === null ? "" : `#page-${view}`);
  const goes = !sending && (language || advance());
  if (!goes) return event.preventDefault();
  sending = language ? "switch" : "send";
}

/** What was typed into questions that are not asked stays here. */
function fieldsLeave({ formData }) {
  if (sending !== "send") return;
  for (const name of [...formData.keys()]) {
    const [id] = name.split(".");
    if (questions.has(id) && !state.visible.includes(id)) formData.delete(name);
  }
  formData.set("_d", Math.round((Date.now() - since) / 1000));
}

const isAnswered = () => Object.values(state.answers).some((answer) => answer !== null);

function save() {
  if (!draftKey || !isAnswered()) return;
  const fields = [...new FormData(form)].filter(([name]) => name === "_id" || !name.startsWith("_"));
  memory("localStorage", draftKey, { at: Date.now(), view, fields });
}

function restore(fields) {
  for (const field of form.elements) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (values.length === 0) continue;
    if (/radio|checkbox/.test(field.type)) field.checked = values.includes(field.value);
    else [field.value] = values;
  }
  update();
}

function askForDraft() {
  const draft = memory("localStorage", draftKey);
  const start = $("[data-action=start]");
  if (!draft || Date.now() - draft.at > DRAFT_MS) return memory("localStorage", draftKey, null);
  const { draft_title, draft_text, draft_continue, draft_restart } = words.ui;
  const button = (textContent, className, onclick) => el("button", { type: "button", className, textContent, onclick });
  const go = button(draft_continue, "button", () => {
    closeQuestion();
    restore(draft.fields);
    show(draft.view, "pushState");
  });
  const anew = button(draft_restart, "button quiet", () => {
    closeQuestion();
    memory("localStorage", draftKey, null);
    start.focus();
  });
  const box = el("div", { className: "notice" }, el("h2", { textContent: draft_title }),
    el("p", { textContent: draft_text }), el("div", { className: "choices-of-two" }, anew, go));
  const closeQuestion = () => { box.remove(); start.hidden = false; };
  start.hidden = true;
  start.before(box);
}

function openSurvey() {
  const id = form.elements._id;
  const random = crypto.getRandomValues(new Uint8Array(16));
  id.value ||= [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  form.append(el("p", { id: "spoken", className: "sr", ariaLive: "polite" }));
  $("[data-action=start]").hidden = false;
  [...questions.values()].filter((question) => question.shuffle).forEach(shuffle);
  const refused = !$("#problems").hidden;
  const from = refused ? pageOf($(".problem:not([hidden])") ?? $(".page")) : location.hash.slice("#page-".length);
  form.addEventListener("input", edited);
  form.addEventListener("submit", submitted);
  form.addEventListener("formdata", fieldsLeave);
  addEventListener("popstate", ({ state: entry }) => show(entry?.view));
  $("#problems").addEventListener("click", followLink);
  // Marks from the server stay until they are mended here.
  const marks = $$(".problem:not([hidden])");
  update();
  if (from && state.path.includes(from)) show(from, "replaceState");
  else if (draftKey && !isAnswered()) askForDraft();
  if (!refused) return;
  for (const line of marks) line.hidden = false;
  mend();
  announceProblems();
}

function followLink(event) {
  const field = event.target.hash && $(event.target.hash);
  if (!field) return;
  event.preventDefault();
  const page = pageOf(field);
  if (page && page !== view) show(page, "pushState");
  field.focus();
  field.closest(".row, .question")?.scrollIntoView();
}

// Every page: text size, contrast, reach; the kiosk's clock

let look = memory("sessionStorage", "look") ?? {};
function dress(wishes) {
  look = wishes;
  memory("sessionStorage", "look", look);
  const { size = 0, low = false, high = matchMedia("(prefers-contrast: more)").matches } = look;
  root.dataset.text = size;
  root.dataset.contrast = high ? "high" : "normal";
  root.toggleAttribute("data-low", low);
  for (const [action, on] of Object.entries({ larger: size > 0, contrast: high, lower: low })) {
    $(`[data-action=${action}]`)?.setAttribute("aria-pressed", on);
  }
}

/** Nothing of one visitor is left for the next. */
function leave() {
  form?.reset();
  dress({});
  if (location.pathname !== KIOSK_START) location.replace(KIOSK_START);
}

function watchIdle() {
  const dialog = $("#idle");
  const seconds = Number(back ?? idle);
  let last = Date.now();
  const wake = () => { if (!dialog?.open) last = Date.now(); };
  for (const type of ["pointerdown", "keydown", "input", "wheel", "scroll"]) addEventListener(type, wake, true);
  dialog?.addEventListener("close", () => (last = Date.now()));
  setInterval(() => {
    const left = seconds + (dialog ? Number(warning) : 0) - (Date.now() - last) / 1000;
    if (left <= 0) leave();
    else if (dialog && left <= warning) {
      if (!dialog.open) dialog.showModal();
      $("[data-countdown]").textContent = Math.ceil(left);
    }
  }, 500);
}

const ACTIONS = {
  __proto__: null,
  start: () => { since = Date.now(); show(state.path[0], "pushState"); },
  back: retreat,
  next: advance,
  larger: () => dress({ ...look, size: ((look.size ?? 0) + 1) % 3 }),
  contrast: () => dress({ ...look, high: root.dataset.contrast !== "high" }),
  lower: () => dress({ ...look, low: !look.low }),
  stay: () => $("#idle").close(),
  restart: leave,
  quit: leave,
};

root.classList.add("js");
for (const element of $$("[data-js]")) element.hidden = false;
if ("kioskStart" in document.body.dataset) look = {};
dress(look);
addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
addEventListener("pageshow", ({ persisted }) => {
  sending = false;
  if (!kiosk || !persisted) return;
  form?.reset();
  location.reload();
});
if (form) openSurvey();
// A sent survey leads to its thank-you page: only then the draft has done its work.
else memory("localStorage", `draft:${/\/s\/([^/]+)\//.exec(location.pathname)?.[1]}`, null);
if (kiosk) {
  watchIdle();
  for (const type of ["contextmenu", "dragstart"]) addEventListener(type, (event) => event.preventDefault());
}
