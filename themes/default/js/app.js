// A survey beyond a plain form: one step at a time with live skips and checks at "Next". It works
// without. What is wrong is in problems.js, the last step in review.js, drafts and sending in
// sending.js, what only some kinds do in widgets/; a kiosk's own script is in kiosk/.

const kiosk = page.mode === "kiosk";
const [survey, words] = ["#survey", "#texts"].map((id) => JSON.parse($(id).textContent));
const questions = new Map(questionsOf(survey).map((question) => [question.id, question]));
const { ui, problems: sentences } = words;
const summary = $("#problems");
const title = document.title.replace(ui.error_prefix, "");

/** What a kind does besides, called with each of its questions; features are called once. */
const WIDGETS = { __proto__: null };
/** What widgets do after every change. */
const redraws = [];
/** What a problem mentions, as people read it; changed by the kinds that have to. */
let readable = (code, values) => values;

/** What `evaluate` made of the form as it stands. */
let state;
/** The step shown, a page or the review; null is the start. */
let view = null;
/** The steps that have been shown, and all before them. */
const seen = new Set();
let begun = Date.now();

// One step at a time

const stepsNow = () => ($(REVIEW) ? [...state.path, REVIEW] : state.path);

/** Judges the form and shows what is asked now. Focus never moves. */
function update() {
  const context = { today: new Date().toLocaleDateString("sv"), channel: page.mode };
  do state = evaluate(survey, readFields(survey, new FormData(form)), context);
  while (offer());
  for (const box of $$(".question")) box.hidden = !state.visible.includes(questionOf(box).id);
  for (const box of $$(".page")) box.hidden = box.dataset.page !== view;
  const steps = stepsNow();
  const at = steps.indexOf(view);
  $("#start").hidden = at >= 0;
  $(".progress").hidden = $(".controls").hidden = at < 0;
  $(".step").textContent = view === REVIEW ? ui.step_last : stepLine(at);
  Object.assign($("progress"), { max: state.path.length, value: at + 1 });
  const next = buttonFor("next");
  next.hidden = at === steps.length - 1;
  buttonFor("send").hidden = !next.hidden;
  next.textContent = isMending() ? ui.review_back : ui.next;
  for (const redraw of redraws) redraw();
  if (view === REVIEW) review();
  mend();
}

/** Which step this is, and what is left by the estimate of the start page. */
function stepLine(at) {
  let seconds = 0;
  for (const id of state.path.slice(at)) seconds += Number($(`#page-${id}`).dataset.seconds);
  const n = Math.ceil(seconds / 60);
  const left = n > 1 ? fill(ui.left, { n }) : ui.left_one;
  return `${fill(ui.step, { n: at + 1, of: state.path.length })} · ${left}`;
}

/** Shows the choices and rows whose conditions hold; true where that changed what is sent. */
function offer() {
  let changed = false;
  for (const [id, offered] of state.offered) {
    const { choices = [], rows = [] } = questions.get(id);
    const bound = new Set([...choices, ...rows].filter((item) => item.if).map((item) => item.id));
    if (bound.size === 0) continue;
    const items = rows.length > 0 ? ".row" : ".choice, .other, option, [data-code]";
    for (const item of $$(items, boxOf(id))) {
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

/** Shows a step, or the last page before it that is on the path, with focus on the step line. */
function show(to, record) {
  const steps = stepsNow();
  const before = view;
  const order = [...survey.pages.map(({ id }) => id), REVIEW];
  view = steps.filter((step) => order.indexOf(step) <= order.indexOf(to)).pop() ?? null;
  for (const step of steps.slice(0, steps.indexOf(view) + 1)) seen.add(step);
  // From the middle of a draft, the way back is not the start but the page before.
  const deep = record === "pushState" && !kiosk && (before !== null || to === state.path[0]);
  if (record) history[deep ? record : "replaceState"]({ view, deep }, "", location.pathname);
  clearProblems();
  stopWaiting();
  update();
  save();
  scrollTo(0, 0);
  (view === null ? buttonFor("start") : $(".step")).focus();
}

/** Where "Next" leads: on, or from a mended answer to the review, by way of pages that came with it. */
function following() {
  const steps = stepsNow();
  const next = steps[steps.indexOf(view) + 1];
  return next && seen.has(REVIEW) ? steps.find((step) => !seen.has(step)) ?? REVIEW : next;
}

const isMending = () => seen.has(REVIEW) && following() === REVIEW;

/** On to the next step; true where this is the last one and all may be sent. */
function advance() {
  const next = following();
  // Before the review and before sending all pages are judged.
  const judged = state.path.includes(next) ? [view] : state.path;
  const stop = judged.find((id) => problemsOn(id)[0] ?? nudgesOn(id)[0]);
  if (stop) {
    if (stop !== view) show(stop, "pushState");
    showProblems();
  } else if (!warn()) {
    if (!next) return true;
    show(next, "pushState");
  }
  return false;
}

function retreat() {
  if (history.state?.deep) return history.back();
  const steps = stepsNow();
  show(steps[steps.indexOf(view) - 1], "replaceState");
}

// While somebody answers

function edited({ target }) {
  const question = questionOf(target);
  const other = target.closest(".other")?.dataset.other;
  if (other && target.value) choose(question, other);
  if (target.type === "checkbox" && target.checked) exclude(target);
  if (target.type === "textarea") count(target);
  $(".guard", target.parentElement)?.remove();
  stopWaiting();
  update();
  save();
}

function choose(question, code) {
  const field = $(`#q-${question.id}-${code}`);
  if (!field) $(`select[name="${question.id}"]`).value = code;
  else if (!field.matches(":checked, [aria-pressed=true]")) field.click();
}

/** "None of these", which stands apart, clears the others, and they clear it. */
function exclude(target) {
  const apart = (field) => field.closest(".apart");
  for (const field of $$(":checked", target.closest(".choices, .cells"))) {
    if (field !== target && (apart(target) || apart(field))) field.checked = false;
  }
}

let speaking;
/** Says it when the typing rests. */
function speak(textContent) {
  clearTimeout(speaking);
  speaking = setTimeout(() => ($("#spoken").textContent = textContent), 1000);
}

/** What is left, at once to the eye, later to the ear. */
function count({ name, value, dataset }) {
  const left = dataset.maxlength - [...text(value)].length;
  const textContent = fill(ui[left < 0 ? "count_over" : "count_left"], { n: Math.abs(left) });
  Object.assign($(`#count-${name}`) ?? {}, { textContent });
  speak(textContent);
}

// The beginning

function openSurvey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  $("[name=_id]").value ||= Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const question of questions.values()) WIDGETS[question.kind]?.(question, boxOf(question.id));
  for (const feature of ["shuffle", "piping", "dropdown"]) WIDGETS[feature]?.();
  on(form, "input", edited);
  on(form, "submit", submitted);
  on(form, "formdata", leaves);
  on(summary, "click", followLink);
  // A jump within the page has no state of ours.
  history.replaceState({ view }, "");
  addEventListener("popstate", ({ state: entry }) => entry && show(entry.view));
  const refused = !summary.hidden;
  // What is no question's fault, as a survey that changed, only the server can say.
  const changed = $("[href='#survey-form']", summary);
  update();
  const wrong = !changed && state.path.find((id) => problemsOn(id).length > 0);
  const from = refused ? wrong || state.path[0] : location.hash.replace("#page-", "");
  if (stepsNow().includes(from)) show(from, "replaceState");
  else if (drafts && !isAnswered()) askForDraft();
  if (refused) wrong ? showProblems() : announceProblems(!summary.matches(".nudges"));
}

Object.assign(ACTIONS, {
  start: () => { begun = Date.now(); show(state.path[0], "pushState"); },
  back: retreat,
  next: advance,
});
// Widgets come after this in the page's one script, and are there once all of it has run.
queueMicrotask(openSurvey);
