// What a browser can do and a kiosk must not: menus, dragging, zooming, marking text, the clipboard,
// printing, files, other tabs, and the keys for all of these. The browser's policy bars the same; this
// is for the machine that has none yet.

const FIELDS = "textarea, input:is(:not([type]), [type=text], [type=password], [type=search])";
const stop = (event) => event.preventDefault();
const bar = (types, when = () => true) => {
  for (const type of types.split(" ")) {
    // Not passive: a browser takes a passive listener's word that it stops nothing.
    addEventListener(type, (event) => when(event) && stop(event), { capture: true, passive: false });
  }
};

bar("contextmenu dragstart dragover drop auxclick gesturestart gesturechange");
// The next visitor would paste what this one copied.
bar("copy cut paste");
bar("selectstart", ({ target }) => !(target.closest ? target : target.parentElement)?.closest(FIELDS));
bar("wheel", ({ ctrlKey }) => ctrlKey);
bar("touchstart touchmove", ({ touches }) => touches.length > 1);
bar("mousedown", ({ button }) => button !== 0);
bar("click", ({ ctrlKey, metaKey, shiftKey, target }) => (ctrlKey || metaKey || shiftKey) && target.closest("a"));
bar("keydown", isBarred);

/** Every key but those that write, move about in a text or in the page. */
function isBarred(event) {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (/^(F\d+|Browser|Launch|Print|ContextMenu|Help)/.test(key)) return true;
  // AltGr writes @ and €, and counts as Ctrl and Alt on some systems.
  if (event.getModifierState?.("AltGraph")) return false;
  const edits = /^(a|z|Arrow\w+|Backspace|Delete|Home|End)$/i.test(key) && event.target.matches(FIELDS);
  return metaKey || altKey || (ctrlKey && !edits);
}
