// What is wrong with the answers, or was forgotten: said at "Next", at its place and in the summary.

/** The questions left open that were asked for once more. */
const nudged = new Set($("[name=_asked]")?.value.split(" "));

const boxOf = (question, row) => $(row ? `#row-${question}-${row}` : `#question-${question}`);
const placeOf = ({ question, row }) => boxOf(question, row);
const questionOf = (part) => questions.get(part.closest(".question").id.slice("question-".length));
const lineOf = (problem) => $(":scope > .problem", placeOf(problem));
const pageOf = (box) => box.closest(".page").dataset.page;
const isOn = (id) => (problem) => pageOf(placeOf(problem)) === id;
const problemsOn = (id) => state.problems.filter(isOn(id));
const nudgesOn = (id) => state.nudges.filter(isOn(id)).filter(({ question }) => !nudged.has(question));
const marked = () => $$(".problem:not([hidden])");

/** The words of a question or row as they stand in the page. */
function labelOf(box) {
  const label = $("legend, .label", box).cloneNode(true);
  $(".required", label)?.remove();
  return label.textContent.trim();
}

function sentence(problem) {
  const { code, values } = problem;
  const told = { ...values, label: labelOf(placeOf(problem)) };
  return fill(sentences[code] ?? code, readable(code, told));
}

function showProblems() {
  clearProblems();
  const problems = problemsOn(view);
  const nudges = nudgesOn(view);
  for (const { question } of nudges) nudged.add(question);
  const [wrong, open] = $$("ul", summary);
  wrong.replaceChildren(...problems.map((problem) => mark(problem, false)));
  open.replaceChildren(...nudges.map((nudge) => mark(nudge, true)));
  const n = problems.length;
  $("h2", summary).textContent = n === 0 ? ui.nudge_title : n === 1 ? ui.problems_one : fill(ui.problems_many, { n });
  announceProblems(n > 0);
}

/** Says a problem at its place, and gives its line of the summary. */
function mark(problem, nudge) {
  const box = placeOf(problem);
  const textContent = sentence(problem);
  const line = lineOf(problem) ?? addLine(box);
  describe(line, true);
  line.textContent = textContent;
  line.hidden = false;
  line.classList.toggle("nudge", nudge);
  if (!nudge) for (const field of fieldsOf(box)) field.setAttribute("aria-invalid", true);
  return element("li", {}, element("a", { href: `#${entryOf(box).id}`, textContent }));
}

/** What a question is written into, but for the words of an "other". */
const fieldsOf = (box) => $$("input[type=text], select, textarea", box).filter((it) => !it.closest(".other"));

/** A place for a message. */
function addLine(box) {
  const line = element("p", { className: "problem", id: box.id.replace(/^\w+/, "problem") });
  $$(":scope > :is(legend, .label, .cue, .help)", box).pop().after(line);
  return line;
}

/** A message is read out with what else describes the question, and no more once it is mended. */
function describe({ id, parentElement: box }, on) {
  for (const told of box.matches("fieldset") ? [box] : fieldsOf(box)) {
    const ids = (told.getAttribute("aria-describedby") ?? "").split(" ").filter((it) => it && it !== id);
    if (on) ids.push(id);
    if (ids.length > 0) told.setAttribute("aria-describedby", ids.join(" "));
    else told.removeAttribute("aria-describedby");
  }
}

/** The control to begin with. */
function entryOf(box) {
  const shown = (selector) => $$(selector, box).find((field) => field.checkVisibility());
  return shown("input:checked") ?? shown("input:enabled, select, textarea") ?? shown("button");
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
  describe(line, false);
  for (const field of fieldsOf(line.parentElement)) field.removeAttribute("aria-invalid");
  return line;
}

/** Into the field, with its question in sight; a plain jump would be a step in the history. */
function followLink(event) {
  const linked = event.target.hash && $(event.target.hash);
  const box = linked?.closest(".row, .question");
  if (!box) return;
  event.preventDefault();
  enter(box, linked.checkVisibility() ? linked : entryOf(box));
}

function enter(box, field = entryOf(box)) {
  field.focus();
  box.scrollIntoView();
}

/** Stops once at a free text that seems to hold personal data. */
function warn() {
  const free = (field) => /text/.test(questionOf(field).kind) || field.closest(".other");
  const fields = $$(`[data-page="${view}"] :is(textarea, input[type=text])`).filter(free);
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
