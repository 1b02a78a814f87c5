// Answers every question that is shown: the first choice of each, the first places of a ranking, and in
// fields what is given for their names.
const [typed] = arguments;
const shown = (selector) => [...document.querySelectorAll(selector)].filter((it) => (it.closest("label") ?? it).checkVisibility());
const done = new Set();
for (const field of shown("#survey-form input[type=radio], #survey-form input[type=checkbox]")) {
  if (!done.has(field.name)) field.click();
  done.add(field.name);
}
for (const button of shown(".ranking button").slice(0, 2)) button.click();
for (const select of shown("#survey-form select")) {
  const used = [...document.querySelectorAll("select")].filter((it) => it !== select).map((it) => it.value);
  select.value = [...select.options].map((it) => it.value).find((value) => value && !used.includes(value));
  select.dispatchEvent(new Event("input", { bubbles: true }));
}
for (const field of shown("#survey-form [role=combobox]")) {
  field.click();
  field.parentElement.querySelector("[role=option]").click();
}
for (const [name, text] of typed) {
  for (const field of shown(`#survey-form [name="${name}"]`)) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
