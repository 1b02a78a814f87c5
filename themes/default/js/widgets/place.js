// A place: the areas of the map are buttons, in step with the list.

WIDGETS.place = ({ id }, box) => {
  const map = $(".map", box);
  if (!map) return;
  map.removeAttribute("aria-hidden");
  map.setAttribute("role", "group");
  map.setAttribute("aria-label", ui.map);
  const areas = $$("g", map).map((area) => ({ area, field: $(`#q-${id}-${area.dataset.code}`) }));
  for (const { area, field } of areas) {
    area.setAttribute("role", "button");
    area.setAttribute("tabindex", 0);
    area.setAttribute("aria-label", field.labels[0].textContent.trim());
    on(area, "click", () => field.checked || field.click());
    on(area, "keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (!field.checked) field.click();
    });
  }
  redraws.push(() => {
    for (const { area, field } of areas) area.setAttribute("aria-pressed", field.checked);
  });
};
