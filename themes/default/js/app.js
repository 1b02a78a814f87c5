// A survey beyond a plain form: one page at a time with live skips, checks at "Next" and a draft.
// It works without. What only some kinds do is in widgets/; a kiosk's own script is kiosk.js.

const DRAFT_MS = 24 * 60 * 60 * 1000;

const kiosk = page.mode === "kiosk";
const [survey, words] = ["#survey", "#texts"].map((id) => JSON.parse($(id).textContent));
const questions = new Map(questionsOf(survey).map((question) => [question.id, question]));
const { ui, problems: sentences } = words;
const summary = $("#problems");
const title = document.title.replace(ui.error_prefix, "");
/** A person's own device keeps a draft, but never of a sensitive survey; a kiosk keeps nothing. */
const drafts = !kiosk && !("sensitive" in form.dataset);

/** What a kind does besides, called with each of its questions; features are called once. */
const WIDGETS = { __proto__: null };
/** What widgets do after every change. */
const redraws = [];
/** What a problem mentions, as people read it; changed by the kinds that have to. */
let readable = (code, values) => values;

/** What `evaluate` made of the form as it stands. */
let state;
/** The page shown; null is the start. */
let view = null;
/** False, or why the page is left: "switch" or "send". */
let sending = false;
/** The questions left open that were asked for once more. */
const nudged = new Set();
let begun = Date.now();

// One page at a time

/** Judges the form and shows what is asked now. Focus never moves. */
function update() {
  const context = { today: new Date().toLocaleDateString("sv"), channel: page.mode };
  do state = evaluate(survey, readFields(survey, new FormData(form)), context);
  while (offer());
  for (const box of $$(".question")) box.hidden = !state.visible.includes(questionOf(box).id);
  for (const box of $$(".page")) box.hidden = box.dataset.page !== view;
  const [n, of] = [state.path.indexOf(view) + 1, state.path.length];
  $("#start").hidden = n > 0;
  $(".progress").hidden = $(".controls").hidden = n === 0;
  $(".step").textContent = fill(ui.step, { n, of });
  Object.assign($("progress"), { max: of, value: n });
  $("[data-action=next]").hidden = n === of;
  $("[data-action=send]").hidden = n !== of;
  for (const redraw of redraws) redraw();
  mend();
}

/** Shows the choices and rows whose conditions hold; true where that changed what is sent. */
function offer() {
  let changed = false;
  for (const [id, offered] of state.offered) {
    const { choices = [], rows = [] } = questions.get(id);
    const bound = new Set([...choices, ...rows].filter((item) => item.if).map((item) => item.id));
    if (bound.size === 0) continue;
    const items = rows.length > 0 ? ".row" : ".choice, .other, option, [data-code]";
    for (const item of $$(items, boxOf({ question: id }))) {
      const code = codeOf(item);
      const gone = bound.has(code) && !(offered.rows.has(code) || offered.choices.has(code));
      if (item.hasAttribute("hidden") === gone) continue;
      item.toggleAttribute("hidden", gone);
      for (const field of [item, ...$$("input", item)]) field.disabled = gone;
      changed = true;
    }
  }
  return changed;
}

/** The row or choice that an element is about. */
function codeOf({ dataset: { row, other, code }, control, value }) {
  return row ?? other ?? code ?? control?.value ?? value;
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
  const stop = state.path.slice(last ? 0 : at, at + 1).find((id) => problemsOn(id)[0] ?? nudgesOn(id)[0]);
  if (stop) {
    if (stop !== view) show(stop, "pushState");
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
const questionOf = (box) => questions.get(box.id.slice("question-".length));
const lineOf = (problem) => $(":scope > .problem", boxOf(problem));
const pageOf = (problem) => boxOf(problem).closest(".page").dataset.page;
const problemsOn = (id) => state.problems.filter((problem) => pageOf(problem) === id);
const nudgesOn = (id) => state.nudges.filter((nudge) => pageOf(nudge) === id && !nudged.has(nudge.question));
const marked = () => $$(".problem:not([hidden])");

/** The words of a question or row as they stand in the page. */
function labelOf(box) {
  const label = $(":scope > legend, :scope > .label", box).cloneNode(true);
  $(".required", label)?.remove();
  return label.textContent.trim();
}

function sentence({ code, values, ...problem }) {
  const told = { ...values, label: labelOf(boxOf(problem)) };
  return fill(sentences[code] ?? code, readable(code, told));
}

function showProblems() {
  clearProblems();
  const [problems, nudges] = [problemsOn(view), nudgesOn(view)];
  for (const { question } of nudges) nudged.add(question);
  const [wrong, open] = $$("ul", summary);
  wrong.replaceChildren(...problems.map((problem) => mark(problem, false)));
  open.replaceChildren(...nudges.map((nudge) => mark(nudge, true)));
  open.previousElementSibling.hidden = nudges.length === 0;
  const { problems_one: one, problems_many: many, nudge_title: forgotten } = ui;
  const n = problems.length;
  $("h2", summary).textContent = n === 0 ? forgotten : n === 1 ? one : fill(many, { n });
  announceProblems(n > 0);
}

/** Says a problem at its place, and gives its line of the summary. */
function mark(problem, nudge) {
  const [box, textContent] = [boxOf(problem), sentence(problem)];
  const line = lineOf(problem) ?? addLine(box);
  Object.assign(line, { textContent, hidden: false });
  line.classList.toggle("nudge", nudge);
  if (!nudge) $(`#q-${problem.question}`)?.setAttribute("aria-invalid", true);
  const item = element("li");
  item.append(element("a", { href: `#${entryOf(box).id}`, textContent }));
  return item;
}

/** A place for a message, said together with what else describes the question. */
function addLine(box) {
  const line = element("p", { className: "problem", id: box.id.replace(/^\w+/, "problem") });
  $$(":scope > :is(legend, .label, .cue, .help)", box).pop().after(line);
  const told = box.matches("fieldset") ? box : $("input, select, textarea", box);
  const others = told.getAttribute("aria-describedby") ?? "";
  told.setAttribute("aria-describedby", `${others} ${line.id}`.trim());
  return line;
}

/** The control to begin with. */
function entryOf(box) {
  const shown = (selector) => $$(selector, box).find((field) => field.checkVisibility());
  return shown("input:enabled, select, textarea") ?? shown("button");
}

function announceProblems(wrong) {
  if (wrong) document.title = ui.error_prefix + title;
  summary.classList.toggle("nudges", !wrong);
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
  const told = [...state.problems, ...state.nudges];
  for (const line of marked()) {
    const problem = told.find((problem) => lineOf(problem) === line);
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
  const linked = event.target.hash && $(event.target.hash);
  const box = linked?.closest(".row, .question");
  if (!box) return;
  event.preventDefault();
  (linked.checkVisibility() ? linked : entryOf(box)).focus();
  box.scrollIntoView();
}

/** Stops once at a free text that seems to hold personal data. */
function warn() {
  const free = (field) => /text/.test(questionOf(field.closest(".question")).kind) || field.closest(".other");
  const fields = $$("textarea, input[type=text]", $(`#page-${view}`)).filter(free);
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
  const question = questionOf(target.closest(".question"));
  const other = target.closest(".other")?.dataset.other;
  if (other && target.value) choose(question, other);
  if (target.type === "checkbox" && target.checked) exclude(question, target);
  if (target.type === "textarea") count(target);
  $(".guard", target.parentElement)?.remove();
  update();
  save();
}

function choose(question, code) {
  const field = $(`#q-${question.id}-${code}`);
  if (!field) $(`#q-${question.id}`).value = code;
  else if (!field.matches(":checked, [aria-pressed=true]")) field.click();
}

/** "None of these" clears the others, and they clear it. */
function exclude({ choices, columns }, { id, value }) {
  const list = columns ?? choices;
  const alone = ({ exclusive, dontknow }) => exclusive || dontknow;
  const chosen = list.find((choice) => choice.id === value);
  for (const choice of list) {
    if (choice === chosen || !(alone(chosen) || alone(choice))) continue;
    $(`#${id.slice(0, -value.length)}${choice.id}`).checked = false;
  }
}

let speaking;
/** Says it when the typing rests. */
function speak(textContent) {
  clearTimeout(speaking);
  speaking = setTimeout(() => Object.assign($("#spoken"), { textContent }), 1000);
}

/** What is left, at once to the eye, later to the ear. */
function count({ name, value, dataset }) {
  const left = dataset.maxlength - [...text(value)].length;
  const textContent = fill(ui[left < 0 ? "count_over" : "count_left"], { n: Math.abs(left) });
  Object.assign($(`#count-${name}`) ?? {}, { textContent });
  speak(textContent);
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
  if (!sending) return;
  if (nudged.size > 0) formData.set("_asked", [...nudged].join(" "));
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
  for (const id of form.elements._asked?.value.split(" ") ?? []) nudged.add(id);
  for (const question of questions.values()) WIDGETS[question.kind]?.(question, boxOf({ question: question.id }));
  for (const feature of ["shuffle", "piping"]) WIDGETS[feature]?.();
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
  if (refused) wrong ? showProblems() : announceProblems(!summary.matches(".nudges"));
}

Object.assign(ACTIONS, {
  start: () => { begun = Date.now(); show(state.path[0], "pushState"); },
  back: retreat,
  next: advance,
});
addEventListener("pageshow", () => (sending = false));
// Widgets come after this in the page's one script, and are there once all of it has run.
queueMicrotask(openSurvey);
