// Another order for each visitor: of choices, of a matrix's rows, of a page's questions. What is
// pinned or stands apart stays where it is; the order shown is sent along.

WIDGETS.shuffle = () => {
  for (const { id, shuffle, questions: asked } of survey.pages) {
    const boxes = asked.map((question) => boxOf(question.id));
    if (shuffle) mix([...boxes], `page.${id}`, boxes, (box) => questionOf(box).id);
  }
  for (const { id, shuffle, choices = [], rows = [] } of questions.values()) {
    if (!shuffle) continue;
    const box = boxOf(id);
    const items = $$(rows.length > 0 ? ".row" : ".choice, .share, .ranking button", box);
    const stays = (it) => it.pin || it.other || it.exclusive || it.dontknow;
    const pinned = new Set(choices.filter(stays).map((choice) => choice.id));
    mix(items.filter((item) => !pinned.has(codeOf(item))), id, items, codeOf);
  }
};

/** Gives the free ones of `items` each other's places; uses `free` up. */
function mix(free, name, items, code) {
  const parent = items[0].parentNode;
  const places = free.map((item) => item.parentNode.insertBefore(new Comment(), item));
  for (const place of places) place.replaceWith(...free.splice(Math.random() * free.length, 1));
  const value = $$(":scope > *", parent).filter((item) => items.includes(item)).map(code).join();
  $("#spoken").after(element("input", { type: "hidden", name: `_o.${name}`, value }));
}
