// Ranking: buttons pressed in order. The lists that are there without a script stay the fields.

WIDGETS.ranking = ({ id }, box) => {
  const places = $$(".ranks select", box);
  const buttons = $$(".ranking button", box);
  const nameOf = (button) => button.lastElementChild.textContent;
  const ranked = () => places.filter((it) => !it.selectedOptions[0]?.disabled).map((it) => it.value).filter(Boolean);

  function press(button) {
    const before = ranked();
    const after = before.filter((code) => code !== button.value);
    const gone = after.length < before.length;
    if (!gone && after.length === places.length) return fill(ui.rank_full, { top: places.length });
    if (!gone) after.push(button.value);
    places.forEach((place, at) => (place.value = after[at] ?? ""));
    places[0].dispatchEvent(new Event("input", { bubbles: true }));
    return fill(ui[gone ? "rank_gone" : "rank_is"], { choice: nameOf(button), n: after.length });
  }

  on(box, "click", ({ target }) => {
    const button = target.closest(".ranking button");
    if (button) $(".status", box).textContent = press(button);
  });
  redraws.push(() => {
    const codes = ranked();
    for (const button of buttons) {
      const at = codes.indexOf(button.value);
      button.setAttribute("aria-pressed", at >= 0);
      button.firstElementChild.textContent = at < 0 ? "" : at + 1;
    }
  });
};
