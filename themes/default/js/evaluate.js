// Which pages and questions somebody is asked, what they answered, and what is wrong with it.
// The same walk as src/response/evaluate.rs, held to it by tests/vectors. The server decides; this
// spares people a round trip.

/** The most code points behind an "other" choice. */
const OTHER_LENGTH_MAX = 500;

/** Every question, in document order. */
const questionsOf = ({ pages }) => pages.flatMap((page) => page.questions);

/** Groups `[name, value]` pairs by name; what is no question's is left out, but for `_asked`. */
export function readFields(survey, fields) {
  const ids = ["_asked", ...questionsOf(survey).map(({ id }) => id)];
  const raw = new Map();
  for (const [name, value] of fields) {
    if (ids.includes(name.split(".")[0])) raw.set(name, [...(raw.get(name) ?? []), value]);
  }
  return raw;
}

/**
 * Walks the survey in document order; an answer counts only where its question was asked.
 * `answers` come from `readFields`, `context` is `{today: "YYYY-MM-DD", channel}`. `offered` of the
 * result maps each question asked to the choices and rows whose conditions hold.
 */
export function evaluate(survey, answers, context) {
  const lists = { path: [], visible: [], problems: [], nudges: [] };
  const done = { ...lists, answers: Object.create(null), offered: new Map() };
  const asked = String(answers.get("_asked")).split(/[, \t\n\f\r]/);
  const walk = { survey, context, raw: answers, asked, kinds: {}, skip: null, ...done };
  for (const page of survey.pages) walkPage(walk, page);
  const ending = survey.endings?.find(({ id }) => id === walk.skip)?.id ?? null;
  return { ...done, ending };
}

function walkPage(walk, page) {
  if (walk.skip === page.id) walk.skip = null;
  if (walk.skip !== null || !holds(walk, page.if)) return;
  const before = walk.visible.length;
  for (const question of page.questions) {
    if (walk.skip === null && holds(walk, question.if)) walkQuestion(walk, question);
  }
  if (walk.visible.length > before || page.questions.length === 0) walk.path.push(page.id);
}

function walkQuestion(walk, question) {
  const { id, kind, check, expected } = question;
  const ids = (items = []) => items.filter((item) => holds(walk, item.if)).map((item) => item.id);
  const offered = {
    choices: new Set(ids(question.choices)),
    rows: new Set(ids(question.rows)),
    today: walk.context.today,
  };
  const { answer, problems, open, texts } = read(walk.raw, question, offered);
  walk.visible.push(id);
  walk.kinds[id] = kind;
  walk.offered.set(id, offered);
  walk.answers[id] = answer;
  if (answer !== null && problems.length === 0 && check && isBroken(walk, check)) {
    problems.push({ code: "check", message: question.message });
    walk.answers[id] = null;
  } else Object.assign(walk.answers, texts);
  for (const { code, row, ...values } of problems) {
    walk.problems.push({ code, question: id, ...(row && { row }), values });
  }
  if (expected && open && problems.length === 0 && !walk.asked.includes(id)) {
    walk.nudges.push({ code: "expected", question: id, values: {} });
  }
  walk.skip = taken(question, walk.answers[id]).find((choice) => choice.goto)?.goto ?? null;
}

/** The choices an answer names, in the survey's order. */
function taken({ choices = [] }, answer) {
  const codes = [answer].flat();
  return choices.filter((choice) => codes.includes(choice.id));
}

// Conditions

function holds(walk, condition) {
  if (condition === undefined) return true;
  const { op, of, left, right } = condition;
  const part = (inner) => holds(walk, inner);
  if (op === "and") return of.every(part);
  if (op === "or") return of.some(part);
  if (op === "not") return !part(of);
  const value = (side) => (side?.constructor === Object ? fact(walk, side) : side);
  const moment = /^(date|time|today)$/.test(left.builtin ?? walk.kinds[left.q]);
  return TESTS[op](value(left), op === "in" ? right.map(value) : value(right), moment);
}

const TESTS = {
  __proto__: null,
  eq: equal,
  ne: (value, right) => !equal(value, right),
  lt: ordered((value, right) => value < right),
  le: ordered((value, right) => value <= right),
  gt: ordered((value, right) => value > right),
  ge: ordered((value, right) => value >= right),
  in: (value, right) => right.some((one) => equal(value, one)),
  has: (value, right) => Array.isArray(value) && value.includes(right),
  answered: (value) => value !== null,
};

/** Nothing equals what is unanswered, nor several choices or rows taken together. */
function equal(value, right) {
  return typeof value !== "object" && value === right;
}

/** Numbers, days and times have an order; codes, "don't know" among them, have none. */
function ordered(test) {
  return (value, right, moment) => {
    const comparable = typeof value === "number" || (moment && value !== null);
    return comparable && typeof value === typeof right && test(value, right);
  };
}

/** What an operand is; `null` where it was not asked or not answered. */
function fact({ survey, answers, context }, { q, row, count, builtin }) {
  if (q) return answers[q] ?? null;
  if (row) return answers[row[0]]?.[row[1]] ?? null;
  if (count) return Array.isArray(answers[count]) ? answers[count].length : 0;
  return builtin === "age" ? age(survey, answers, context.today) : context[builtin];
}

// Answers: each kind returns `{answer, problems}`; a wrong answer counts as none. Where some of it may
// be left, `open` says whether, and `missing` what then is wrong with a required one.

const fine = (answer) => ({ answer, problems: [] });
const wrong = (code, values) => ({ answer: null, problems: [{ code, ...values }] });
const written = (raw, name) => text(raw.get(name)?.[0]);
const given = (raw, name) => [...new Set(raw.get(name))].filter(Boolean);

/** The readers by kind: what every page has. Those of `kinds/*.js` add themselves. */
const KINDS = {
  __proto__: null,
  single: (raw, { id }, { choices }) => readOne(given(raw, id), choices),
  text: readWords,
  longtext: readWords,
  consent: (raw, { id }) => readOne(given(raw, id).slice(0, 1), new Set(["yes"])),
};

function read(raw, question, offered) {
  const reading = KINDS[question.kind](raw, question, offered);
  const { answer, open = answer === null, missing = ["required"] } = reading;
  if (reading.problems.length > 0 || question.rows) return reading;
  const whole = withTexts(raw, question, { ...reading, open });
  if (whole.problems.length > 0 || !open) return whole;
  if (question.kind === "consent") return wrong("consent");
  return question.required ? wrong(...missing) : whole;
}

/** Adds what was written behind the "other" choices taken. */
function withTexts(raw, question, reading) {
  const texts = {};
  for (const choice of taken(question, reading.answer).filter((choice) => choice.other)) {
    const name = `${question.id}.${choice.id}`;
    const { answer, problems } = readText(written(raw, `${name}.text`), OTHER_LENGTH_MAX);
    if (problems.length > 0) return { answer: null, problems };
    if (answer !== null) texts[name] = answer;
  }
  return { ...reading, texts };
}

function readOne(values, known) {
  if (!values.every((value) => known.has(value))) return wrong("unknown-choice");
  if (values.length > 1) return wrong("one-only");
  return fine(values[0] ?? null);
}

function readWords(raw, { id, maxlength }) {
  return readText(written(raw, id), maxlength);
}

function readText(value, max = Infinity) {
  const { length } = [...value];
  return length > max ? wrong("too-long", { max, length }) : fine(value || null);
}

// One form for what people write in many

const SPACE = /[\p{White_Space}\ufeff]/u;

/**
 * Line ends as `\n` (a POST has CRLF where a script sees LF), no control characters but `\n` and
 * tab, no space at the ends: Unicode White_Space and U+FEFF, a set that neither `\s` nor Rust's
 * `trim` is.
 */
export function text(raw = "") {
  const kept = raw.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f]/g, "");
  let [from, to] = [0, kept.length];
  // By hand: a pattern for the end would try every run of spaces within, over and over. Beyond an
  // end stands `undefined`, which is no space.
  while (SPACE.test(kept[from])) from += 1;
  while (SPACE.test(kept[to - 1])) to -= 1;
  return kept.slice(from, to);
}
