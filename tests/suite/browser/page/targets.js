// What can be pressed on the page as it stands, each as what is hit: the row of a choice, the card of a
// link. Left out are links within a sentence and areas of a map, which stand in the list beside it, too.
const [least, leastLarge] = arguments;
const WHAT = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
const LARGE = ".choice, .button, .tool, .step-by, .language";
const hit = (it) => it.closest("label.choice, .card") ?? it;
const inSentence = (it) =>
  it.matches("p a, li a, dd a") && getComputedStyle(it).display === "inline" && it.parentElement.textContent.trim() !== it.textContent.trim();
const shown = [...document.querySelectorAll(WHAT)].filter((it) => it.checkVisibility({ visibilityProperty: true }));
const open = document.querySelector("dialog[open]");
const found = shown.filter((it) => !it.matches(".skip, .map *") && !inSentence(it) && (!open || open.contains(it)));
const boxes = [...new Set(found.map(hit))];
const name = (it) => `${it.tagName.toLowerCase()}${it.id && `#${it.id}`}.${it.className} “${it.textContent.trim().slice(0, 30)}”`;
const wrong = [];
for (const box of boxes) {
  const { width, height } = box.getBoundingClientRect();
  const high = box.matches(LARGE) ? leastLarge : least;
  if (width < least - 0.5 || height < high - 0.5) {
    wrong.push(`${name(box)} is ${width.toFixed(1)} × ${height.toFixed(1)}`);
  }
}
// What lies in a bar that stays is moved over the rest by scrolling, and compared with its like only.
const layer = (it) => it.closest(".bar, .foot, .controls, .keyboard, dialog") ?? document.body;
for (const [at, one] of boxes.entries()) {
  const a = one.getBoundingClientRect();
  for (const other of boxes.slice(at + 1)) {
    if (layer(one) !== layer(other) || one.contains(other)) continue;
    const b = other.getBoundingClientRect();
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 0.5 && down > 0.5) wrong.push(`${name(one)} lies on ${name(other)}`);
  }
}
return { count: boxes.length, wrong };
