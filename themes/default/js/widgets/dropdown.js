// A long list: a field that searches it, beside the select that stays the form's field. On a kiosk
// every list gets one, as a system's own is too small for fingers.

/** Shorter lists are seen at a glance. */
const NATIVE_MAX = 8;

WIDGETS.dropdown = () => {
  for (const select of $$(".question > select")) {
    // The first option stands for no answer.
    if (kiosk || select.length - 1 > NATIVE_MAX) makeSearchable(select);
  }
};

function makeSearchable(select) {
  const frame = select.previousElementSibling;
  const [field, list, none] = frame.children;
  /** The row that the arrow keys are at, -1 before the first; null where the list is closed. */
  let at = null;

  const many = () => list.children.length;
  const offered = () => [...select.options].filter(({ value, disabled }) => value && !disabled);

  /** Opens the list with what fits. */
  function open(query) {
    const options = offered().filter(({ text }) => plain(text).includes(plain(query)));
    list.replaceChildren(...options.map(row));
    field.ariaExpanded = true;
    none.hidden = options.length > 0;
    list.hidden = !none.hidden;
    point(options.findIndex((option) => option.selected));
  }

  const row = ({ index, text }) =>
    element("li", { id: `${list.id}-${index}`, role: "option", textContent: text, index });

  function point(to) {
    at = to;
    [...list.children].forEach((row, n) => (row.ariaSelected = n === at));
    const row = list.children[at];
    row?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", row?.id ?? "");
  }

  function close() {
    at = null;
    field.ariaExpanded = false;
    list.hidden = none.hidden = true;
    field.value = offered().find((option) => option.selected)?.text ?? "";
  }

  /** Takes a row; without one the list is just closed. */
  function take(row) {
    close();
    if (!row) return;
    select.selectedIndex = row.index;
    select.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The row that is meant without being pressed: the only one, or the one the arrow keys are at. */
  const meant = () => list.children[many() === 1 ? 0 : at];

  function press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (at === null && !step) return;
    if (at === null) open("");
    else if (step) point((Math.max(at, step < 0 ? 0 : -1) + step + many()) % many());
    else if (event.key === "Enter") take(meant());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }

  // The field takes the select's place: the label and the links to problems lead to it.
  field.id = select.id;
  select.id = "";
  select.hidden = true;
  frame.hidden = false;
  on(field, "keydown", press);
  on(field, "click", () => {
    if (at !== null) return;
    // Room for the list, and for a keyboard on the screen.
    select.parentElement.scrollIntoView();
    field.select();
    open("");
  });
  on(field, "input", () => {
    open(field.value);
    speak(many() > 0 ? fill(ui.found, { n: many() }) : none.textContent);
  });
  // An emptied field is no answer; whoever leaves the only row that fits has meant it.
  on(field, "blur", () => at !== null && take(field.value ? many() === 1 && meant() : { index: 0 }));
  // The focus stays in the field while a row is pressed.
  on(list, "mousedown", (event) => event.preventDefault());
  on(list, "click", ({ target }) => take(target.closest("li")));
  redraws.push(() => at ?? close());
}

/** As texts are compared: "Nørrebro" is found by "noerre", "norre" and "NÖRRE". */
const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/æ|a[ae]/g, "a").replace(/ø|oe/g, "o");
