// What does not fit: the page wider than the window, boxes wider than it, text that its own box cuts
// off or that leaves it, and text that lies on other text.
const wrong = [];
const root = document.scrollingElement;
if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} wide in ${innerWidth}`);
const name = (it) => `${it.tagName.toLowerCase()}${it.id && `#${it.id}`}.${it.className?.baseVal ?? it.className} “${it.textContent.trim().slice(0, 40)}”`;
const open = document.querySelector("dialog[open]") ?? document;
const visible = (it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest(".sr, svg, .skip, :has(> .sr)");
const hiding = (it) => getComputedStyle(it).clipPath !== "none" || getComputedStyle(it).opacity === "0";
const clipped = (it) => { for (let up = it; up; up = up.parentElement) if (hiding(up)) return true; return false; };
for (const it of open.querySelectorAll("body *")) {
  if (!visible(it) || clipped(it)) continue;
  const { overflowX, overflowY } = getComputedStyle(it);
  const scrolls = it.matches(".kiosk main, .kiosk .survey > form, textarea, select, .kiosk body, dialog");
  if (overflowX !== "visible" && it.scrollWidth > it.clientWidth + 1 && !it.matches("select")) wrong.push(`${name(it)} cuts off ${it.scrollWidth - it.clientWidth} px of its width`);
  if (overflowY !== "visible" && !scrolls && it.scrollHeight > it.clientHeight + 1) wrong.push(`${name(it)} cuts off ${it.scrollHeight - it.clientHeight} px of its height`);
}
const BOX = ".choice, .button, .tool, .row, .question, .card, .problems, .notice, .bar, .foot, dialog, .step-by, .columns, main, body";
const lines = [];
const walker = document.createTreeWalker(open === document ? document.body : open, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const { parentElement: it, data } = walker.currentNode;
  if (!data.trim() || it.matches("script, option, textarea") || !visible(it) || clipped(it)) continue;
  // Nobody can set a style sheet of their own at a kiosk, and only a kiosk has keys of a fixed height.
  if (it.closest(".keyboard") && document.adoptedStyleSheets.length > 0) continue;
  const range = document.createRange();
  range.selectNodeContents(walker.currentNode);
  const box = it.closest(BOX);
  const within = box.getBoundingClientRect();
  for (const rect of range.getClientRects()) {
    if (rect.width < 1) continue;
    const out = Math.max(within.left - rect.left, rect.right - within.right, ...(box.matches("main, body") ? [] : [within.top - rect.top, rect.bottom - within.bottom]));
    if (out > 1.5) wrong.push(`“${data.trim().slice(0, 40)}” leaves ${name(box)} by ${out.toFixed(1)} px`);
    if (rect.left < -1 || rect.right > innerWidth + 1) wrong.push(`“${data.trim().slice(0, 40)}” leaves the window`);
    // The glyphs, without the room above and below them.
    const size = parseFloat(getComputedStyle(it).fontSize);
    const slack = Math.max(0, (rect.height - size) / 2);
    lines.push({ it, data, top: rect.top + slack, bottom: rect.bottom - slack, left: rect.left, right: rect.right, layer: it.closest(".bar, .foot, .controls, .keyboard, dialog") });
  }
}
for (const [at, a] of lines.entries()) {
  for (const b of lines.slice(at + 1)) {
    if (a.layer !== b.layer) continue;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 2) wrong.push(`“${a.data.trim().slice(0, 40)}” lies on “${b.data.trim().slice(0, 40)}”`);
  }
}
return wrong;
