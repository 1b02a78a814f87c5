// What the pages do beyond plain forms: a survey one page at a time with live skips, checks at
// "Next" and a draft; larger text. Every page works without it. A kiosk's own script: kiosk.js.

const DRAFT_MS = 24 * 60 * 60 * 1000;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const element = (tag, properties) => Object.assign(document.createElement(tag), properties);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

const root = document.documentElement;
const page = document.body.dataset;
const kiosk = page.mode === "kiosk";
const form = $("#survey-form");
const [survey, words] = form ? ["#survey", "#texts"].map((id) => JSON.parse($(id).textContent)) : [];
const questions = new Map(survey && questionsOf(survey).map((question) => [question.id, question]));
const { ui, problems: sentences } = words ?? {};
const summary = $("#problems");
const title = form && document.title.replace(ui.error_prefix, "");
/** A person's own device keeps a draft, but never of a sensitive survey; a kiosk keeps nothing. */
const drafts = form && !kiosk && !("sensitive" in form.dataset);
/** The thank-you page lies under the survey: only there the draft has done its work. */
const draftKey = `draft:${survey?.slug ?? /\/s\/([^/]+)\//.exec(location.pathname)?.[1]}`;

/** What `evaluate` made of the form as it stands. */
let state;
/** The page shown; null is the start. */
let view = null;
/** False, or why the page is left: "switch" or "send". */
let sending = false;
let begun = Date.now();

/** Reads, writes (`value`) or removes (`null`) what the device keeps; nothing where it refuses. */
function memory(area, key, value) {
  try {
    if (value === undefined) return JSON.parse(window[area].getItem(key));
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, JSON.stringify(value));
  } catch {}
  return null;
}

// One page at a time

/** Judges the form and shows what is asked now. Focus never moves. */
function update() {
  const context = { today: new Date().toLocaleDateString("sv"), channel: page.mode };
  do state = evaluate(survey, readFields(survey, new FormData(form)), context);
  while (offer());
  for (const box of $$(".question")) box.hidden = !state.visible.includes(box.dataset.question);
  for (const box of $$(".page")) box.hidden = box.dataset.page !== view;
  const [n, of] = [state.path.indexOf(view) + 1, state.path.length];
  $("#start").hidden = n > 0;
  $(".progress").hidden = $(".controls").hidden = n === 0;
  $(".step").textContent = fill(ui.step, { n, of });
  Object.assign($("progress"), { max: of, value: n });
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
    const items = rows.length > 0 ? "[data-row]" : "[data-choice], [data-other]";
    for (const item of $$(items, $(`#question-${id}`))) {
      const { row, choice, other } = item.dataset;
      const gone = !(offered.rows.has(row) || offered.choices.has(choice ?? other));
      if (item.hidden === gone) continue;
      item.hidden = gone;
      for (const field of [item, ...$$("input", item)]) field.disabled = gone;
      changed = true;
    }
  }
  return changed;
}

/** Shows a page, or the last one before it that is on the path, with focus on the step line. */
function show(to, record) {
  const order = survey.pages.map(({ id }) => id);
  view = state.path.filter((id) => order.indexOf(id) <= order.indexOf(to)).pop() ?? null;
  const deep = record === "pushState" && !kiosk;
  if (record) history[deep ? record : "replaceState"]({ view, deep }, "", location.pathname);
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
  const wrong = state.path.slice(last ? 0 : at, at + 1).find((id) => problemsOn(id).length > 0);
  if (wrong) {
    if (wrong !== view) show(wrong, "pushState");
    showProblems();
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
const pageOf = (box) => box.closest(".page").dataset.page;
const problemsOn = (id) => state.problems.filter((problem) => pageOf(boxOf(problem)) === id);
const marked = () => $$(".problem:not([hidden])");

function sentence({ code, question, row, values }) {
  const all = questions.get(question);
  const { text } = all.rows?.find(({ id }) => id === row) ?? all;
  return fill(sentences[code] ?? code, { ...values, label: text.plain });
}

function showProblems() {
  clearProblems();
  const items = problemsOn(view).map((problem) => {
    const textContent = sentence(problem);
    Object.assign(lineOf(problem), { textContent, hidden: false });
    $(`#q-${problem.question}`)?.setAttribute("aria-invalid", true);
    const item = element("li");
    const { id } = $("input:enabled, select, textarea", boxOf(problem));
    item.append(element("a", { href: `#${id}`, textContent }));
    return item;
  });
  const { problems_one: one, problems_many: many } = ui;
  $("h2", summary).textContent = items.length === 1 ? one : fill(many, { n: items.length });
  $("ul", summary).replaceChildren(...items);
  announceProblems();
}

function announceProblems() {
  document.title = ui.error_prefix + title;
  summary.hidden = false;
  summary.focus();
}

function clearProblems() {
  for (const line of marked()) unmark(line).hidden = true;
  summary.hidden = true;
  document.title = title;
}

/** A repaired field loses its mark at once, but keeps the room it took. */
function mend() {
  for (const line of marked()) {
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

/** Into the field, with its question in sight; a plain jump would be a step in the history. */
function followLink(event) {
  const field = event.target.hash && $(event.target.hash);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.closest(".row, .question")?.scrollIntoView();
}

/** Stops once at a free text that seems to hold personal data. */
function warn() {
  const fields = $$("textarea, [data-kind=text] input, .other input", $(`#page-${view}`));
  const news = fields.filter(({ value, dataset }) => dataset.told !== value && seemsPersonal(value));
  for (const field of news) {
    field.dataset.told = field.value;
    field.after(element("p", { className: "notice guard", role: "alert", textContent: ui.guard }));
  }
  news[0]?.focus();
  return news.length > 0;
}

/** An e-mail address, a CPR number, a Danish phone number; as src/response/personal.rs. */
function seemsPersonal(value) {
  const runs = value.match(/\d(?:[ \xa0-]?\d)*/g) ?? [];
  const number = /^(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{6}|(?:(?:00)?45)?[2-9]\d{7})$/;
  const email = /[^\s@]@[^\s@]+\.\p{L}{2,}/u;
  return email.test(value) || runs.some((run) => number.test(run.replace(/\D/g, "")));
}

// While somebody answers

function edited({ target }) {
  const question = questions.get(target.closest(".question").dataset.question);
  const other = target.closest(".other")?.dataset.other;
  if (other && target.value) choose(question, other);
  if (question.kind === "multiple" && target.checked) exclude(question, target.value);
  if (target.type === "textarea") count(target);
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
function exclude({ id, choices }, code) {
  const alone = ({ exclusive, dontknow }) => exclusive || dontknow;
  const chosen = choices.find((choice) => choice.id === code);
  for (const choice of choices) {
    if (choice === chosen || !(alone(chosen) || alone(choice))) continue;
    $(`#q-${id}-${choice.id}`).checked = false;
  }
}

let speaking;
/** What is left, at once to the eye; to the ear when the typing rests. */
function count({ name, value, dataset }) {
  const left = dataset.maxlength - [...text(value)].length;
  const textContent = fill(ui[left < 0 ? "count_over" : "count_left"], { n: Math.abs(left) });
  Object.assign($(`#count-${name}`) ?? {}, { textContent });
  clearTimeout(speaking);
  speaking = setTimeout(() => Object.assign($("#spoken"), { textContent }), 1000);
}

/** Another order for each visitor; choices that are pinned or stand apart stay where they are. */
function shuffle({ id, choices }) {
  const free = choices.filter((it) => !(it.pin || it.other || it.exclusive || it.dontknow));
  const items = free.map((choice) => $(`#question-${id} [data-choice="${choice.id}"]`));
  const places = items.map((item) => item.parentNode.insertBefore(new Comment(), item));
  for (const place of places) place.replaceWith(...items.splice(Math.random() * items.length, 1));
  const value = $$(`#question-${id} [data-choice]`).map((box) => box.dataset.choice).join();
  form.append(element("input", { type: "hidden", name: `_o.${id}`, value }));
}

// Sending, drafts

function submitted(event) {
  const switches = event.submitter?.name === "_switch";
  // The page in the other language opens where this one was.
  if (switches) form.setAttribute("action", view ? `#page-${view}` : "");
  if (sending || !(switches || advance())) return event.preventDefault();
  sending = switches ? "switch" : "send";
}

/** What was typed into questions that are no longer asked stays here. */
function leaves({ formData }) {
  if (sending !== "send") return;
  for (const name of [...formData.keys()]) {
    const [id] = name.split(".");
    if (questions.has(id) && !state.visible.includes(id)) formData.delete(name);
  }
  formData.set("_d", Math.round((Date.now() - begun) / 1000));
}

const isAnswered = () => Object.values(state.answers).some((answer) => answer !== null);

function save() {
  if (!drafts || !isAnswered()) return;
  const fields = [...new FormData(form)].filter(([name]) => !/^_(?!id$)/.test(name));
  memory("localStorage", draftKey, { at: Date.now(), view, fields });
}

function restore({ fields, view: page }) {
  for (const field of form.elements) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (values.length === 0) continue;
    if (/radio|checkbox/.test(field.type)) field.checked = values.includes(field.value);
    else [field.value] = values;
  }
  update();
  show(page, "pushState");
}

function askForDraft() {
  const draft = memory("localStorage", draftKey);
  if (!(Date.now() - draft?.at < DRAFT_MS)) return memory("localStorage", draftKey, null);
  const [box, start] = [$("#draft"), $("[data-action=start]")];
  const decide = (next) => () => { [box.hidden, start.hidden] = [true, false]; next(); };
  [box.hidden, start.hidden] = [false, true];
  ACTIONS.resume = decide(() => restore(draft));
  ACTIONS.anew = decide(() => { memory("localStorage", draftKey, null); start.focus(); });
}

function openSurvey() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  form.elements._id.value ||= bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const question of questions.values()) if (question.shuffle) shuffle(question);
  form.addEventListener("input", edited);
  form.addEventListener("submit", submitted);
  form.addEventListener("formdata", leaves);
  summary.addEventListener("click", followLink);
  // A jump within the page has no state of ours.
  history.replaceState({ view }, "");
  addEventListener("popstate", ({ state: entry }) => entry && show(entry.view));
  const refused = !summary.hidden;
  update();
  const wrong = state.path.find((id) => problemsOn(id).length > 0);
  const from = refused ? wrong ?? state.path[0] : location.hash.slice("#page-".length);
  if (state.path.includes(from)) show(from, "replaceState");
  else if (drafts && !isAnswered()) askForDraft();
  if (refused) wrong ? showProblems() : announceProblems();
}

// Every page: text size, contrast, reach

let look;
function dress(wishes) {
  const contrast = matchMedia("(prefers-contrast: more)").matches ? "high" : "normal";
  look = { text: 0, contrast, low: false, ...wishes };
  memory("sessionStorage", "look", look);
  Object.assign(root.dataset, { text: look.text, contrast: look.contrast });
  root.toggleAttribute("data-low", look.low);
  const on = { larger: look.text > 0, contrast: look.contrast === "high", lower: look.low };
  for (const tool of $$(".tool[aria-pressed]")) tool.setAttribute("aria-pressed", on[tool.dataset.action]);
}

const ACTIONS = {
  __proto__: null,
  start: () => { begun = Date.now(); show(state.path[0], "pushState"); },
  back: retreat,
  next: advance,
  larger: () => dress({ ...look, text: (look.text + 1) % 3 }),
  contrast: () => dress({ ...look, contrast: look.contrast === "high" ? "normal" : "high" }),
  lower: () => dress({ ...look, low: !look.low }),
};

root.classList.add("js");
for (const box of $$("[data-js]")) box.hidden = false;
dress(memory("sessionStorage", "look"));
addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
addEventListener("pageshow", () => (sending = false));
if (form) openSurvey();
else memory("localStorage", draftKey, null);
