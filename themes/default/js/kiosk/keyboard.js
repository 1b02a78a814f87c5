// The keyboard on the screen: real buttons under the page, which write where the caret is. One that is
// plugged in goes on working; and nothing of what is typed stays here.
//
// Its buttons are no stops of the tab key: whoever tabs has keys already, and 45 stops would stand
// between one field and the next. Screen readers come to them by their own ways.

/** After the focus left: were it at once, the page would move under the finger that is on its way. */
const CLOSE_MS = 250;
/** How long Slet is held before it repeats, and how fast it then is. */
const [HOLD_MS, REPEAT_MS] = [600, 120];

const named = JSON.parse(document.querySelector("#keys").textContent);
const board = document.createElement("section");
let field;
/** Whether letters are written as capitals. */
let upper = false;
/** The finger on a key. */
let finger = {};
/** A finger is anywhere on the screen. */
let pressing = false;
let [closing, repeating] = [0, 0];

const DEEDS = {
  __proto__: null,
  shift: () => lift(!upper),
  delete: erase,
  left: () => move(-1),
  right: () => move(1),
  space: () => write(" "),
  enter: goOn,
  signs: () => draw(SIGNS),
  letters: () => draw(layoutFor(field)),
  hide: close,
};

/** The names that signs have for the ear. */
const SPOKEN = { __proto__: null, ",": "comma", ".": "stop", "@": "at", "-": "dash", _: "underscore", ":": "colon", "+": "plus" };

// The keys

function draw({ name, rows }) {
  const layout = document.createElement("div");
  layout.className = `layout ${name}`;
  layout.setAttribute("role", "group");
  layout.ariaLabel = named[`${name}_group`];
  layout.append(...rows.map((keys) => {
    const row = document.createElement("div");
    row.className = "keys";
    row.append(...keys.split(" ").map(button));
    return row;
  }));
  board.replaceChildren(layout);
  lift(upper);
}

function button(key) {
  const made = document.createElement("button");
  const className = key in DEEDS ? "key deed" : "key";
  Object.assign(made, { type: "button", className, tabIndex: -1, textContent: labelOf(key) });
  made.dataset.key = key;
  const spoken = named[`${SPOKEN[key] ?? key}_spoken`];
  if (spoken) made.ariaLabel = spoken;
  return made;
}

function labelOf(key) {
  // The arrows are drawn: the font has none.
  if (key !== "enter") return key in DEEDS ? named[key] ?? "" : key;
  if (field.matches("textarea")) return named.line;
  return nextField() ? named.next : named.done;
}

function lift(to) {
  upper = to;
  board.classList.toggle("upper", upper);
  board.querySelector("[data-key=shift]")?.setAttribute("aria-pressed", upper);
}

/** A capital begins a text, a sentence and a line. */
function settle() {
  if (board.hidden || document.activeElement !== field) return;
  const before = field.value.slice(0, field.selectionStart);
  lift(layoutFor(field) === LETTERS && /(^|[.!?]\s+|\n)$/.test(before));
}

// What they do

function press({ dataset: { key } }) {
  field.focus({ preventScroll: true });
  if (key in DEEDS) DEEDS[key]();
  else write(upper ? key.toUpperCase() : key);
}

function write(data) {
  put(data, field.selectionStart, "insertText", data);
}

/** The selection, else the sign before the caret: whole, also where it is two halves. */
function erase() {
  const { selectionStart: start, selectionEnd: end } = field;
  const from = start < end ? start : start - widthBefore(start);
  if (from < end) put("", from, "deleteContentBackward", null);
}

/** Writes over all from there to the end of the selection, and tells the page as typing does. */
function put(text, from, inputType, data) {
  field.setRangeText(text, from, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType, data }));
  follow();
}

function move(by) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  let to = by < 0 ? start : end;
  if (start === end) to += by < 0 ? -widthBefore(start) : value.codePointAt(end) > 0xffff ? 2 : 1;
  field.setSelectionRange(to, to);
  follow();
}

function widthBefore(at) {
  return [...field.value.slice(Math.max(at - 2, 0), at)].pop()?.length ?? 0;
}

/** Unlike a person's, a script's typing does not scroll to the caret; this comes close enough. */
function follow() {
  const at = field.selectionEnd / field.value.length || 0;
  field.scrollTop = at * field.scrollHeight - field.clientHeight / 2;
  field.scrollLeft = at * field.scrollWidth - field.clientWidth / 2;
  settle();
}

function goOn() {
  if (field.matches("textarea")) return write("\n");
  const next = nextField();
  if (next) next.focus();
  else field.blur();
}

function nextField() {
  const fields = [...document.querySelectorAll(FIELDS)].filter((one) => one.checkVisibility() && !one.disabled);
  return fields[fields.indexOf(field) + 1];
}

// Fingers

const keyAt = (target) => target.closest(".key");

board.addEventListener("pointerdown", ({ pointerId, target }) => {
  // The next finger is down before this one is up: it meant its key.
  finish(true);
  finger = { pointerId, key: keyAt(target) };
  finger.key?.classList.add("held");
  if (finger.key?.dataset.key === "delete") repeating = setTimeout(repeat, HOLD_MS);
});

function repeat() {
  finger.repeated = true;
  erase();
  repeating = setTimeout(repeat, REPEAT_MS);
}

/** Not at the click: a finger that rests on a key for long gives none. One that slid off the keyboard
    meant no key. */
addEventListener("pointerup", ({ pointerId, clientX, clientY }) => {
  if (pointerId === finger.pointerId) finish(board.contains(document.elementFromPoint(clientX, clientY)));
});
addEventListener("pointercancel", () => finish(false));

function finish(meant) {
  const { key, repeated } = finger;
  clearTimeout(repeating);
  key?.classList.remove("held");
  finger = {};
  if (key && meant && !repeated) press(key);
}

// A click without a finger is a screen reader's.
board.addEventListener("click", ({ detail, target }) => {
  const key = keyAt(target);
  if (detail === 0 && key) press(key);
});

// The focus and the caret stay where they are.
for (const type of ["pointerdown", "mousedown"]) board.addEventListener(type, stop);

// Coming and going

const isField = (target) => target.matches?.(FIELDS) && !target.readOnly;

function open({ target }) {
  if (!isField(target)) return;
  clearTimeout(closing);
  if (target === field && !board.hidden) return;
  field = target;
  // The system's own keyboard would lie over this one. And Chromium writes what is typed into its session
  // file (tried), unless a field or its form completes nothing.
  Object.assign(field, { inputMode: "none", autocomplete: "off", spellcheck: false });
  board.hidden = false;
  draw(layoutFor(field));
  document.documentElement.toggleAttribute("data-keyboard", true);
  settle();
  show();
}

/** With its question, if there is room for both. */
function show() {
  (field.closest(".other, .share, .question") ?? field).scrollIntoView({ block: "nearest" });
  field.scrollIntoView({ block: "nearest" });
}

function close() {
  board.hidden = true;
  document.documentElement.toggleAttribute("data-keyboard", false);
}

/** Not while a finger is down: what it points at would be gone before it is lifted. */
function closeSoon() {
  clearTimeout(closing);
  closing = setTimeout(() => (pressing ? closeSoon() : close()), CLOSE_MS);
}

addEventListener("pointerdown", () => (pressing = true), true);
for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => (pressing = false), true);
for (const type of ["focusin", "click"]) addEventListener(type, open);
addEventListener("focusout", ({ target, relatedTarget }) => {
  if (target === field && !board.contains(relatedTarget)) closeSoon();
});
document.addEventListener("selectionchange", settle);
// Whoever wants larger text while writing goes on writing.
const isTool = ({ target }) => !board.hidden && target.closest(".tool[aria-pressed]");
addEventListener("mousedown", (event) => isTool(event) && stop(event));
addEventListener("click", (event) => isTool(event) && show());

board.className = "keyboard";
board.ariaLabel = named.keyboard;
board.hidden = true;
document.body.append(board);
