// Days, in the page's language.

WIDGETS.date = () => {
  readable = (code, { min, max, ...values }) => {
    const days = code.startsWith("date-");
    return { ...values, min: days && min ? inWords(min) : min, max: days && max ? inWords(max) : max };
  };
};

SAID.date = (date) => [["", inWords(date)]];

/** `2026-12-24` as `24. december 2026`. */
function inWords(date) {
  const [year, month, day] = date.split("-").map(Number);
  return fill(ui.date, { day, month: ui.months.split(" ")[month - 1], year });
}
