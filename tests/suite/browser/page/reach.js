// Gives the focus to everything that takes it, and names what then is not in sight: outside the window,
// or under something else.
const WHAT = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
const wrong = [];
const middle = (part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2);
};
for (const it of document.querySelectorAll(WHAT)) {
  if (!(it.closest("label") ?? it).checkVisibility() || it.disabled) continue;
  it.focus();
  const whole = it.closest("label.choice, .card, .map") ?? it;
  // A card with a picture may be higher than the room there is: then its own mark counts. The keyboard
  // on a kiosk's screen has its field come into sight once it is up (keyboard.rs).
  const seen = [whole, it].map(middle).some((top) => top?.closest(".keyboard") || whole.contains(top));
  if (!seen) wrong.push(`${it.tagName.toLowerCase()}#${it.id} “${it.textContent.trim().slice(0, 30)}” lies under ${middle(it)?.className ?? "nothing: out of sight"}`);
}
return wrong;
