// Points to share: what is left, and a button for less and one for more at each field.

WIDGETS.points = ({ share }, box) => {
  const fields = $$("input", box);
  const line = $(".remainder", box);
  const worth = ({ value }) => Number(value) || 0;
  const left = () => fields.reduce((rest, field) => rest - (field.disabled ? 0 : worth(field)), share);
  const step = Math.max(1, Math.round(share / 20));

  function button(field, words, by) {
    const [choice] = field.labels;
    const ariaLabel = fill(words, { choice: choice.textContent });
    const button = element("button", { type: "button", className: "step-by", ariaLabel, textContent: by < 0 ? "−" : "+" });
    on(button, "click", () => {
      // Never more than there is, never less than nothing.
      const change = by < 0 ? -step : Math.min(step, Math.max(left(), 0));
      field.value = Math.max(worth(field) + change, 0);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return button;
  }

  for (const field of fields) {
    field.before(button(field, ui.share_less, -1));
    field.parentElement.append(button(field, ui.share_more, 1));
  }
  redraws.push(() => {
    const n = left();
    const textContent = n === 0 ? ui.share_done : fill(n < 0 ? ui.share_over : ui.share_left, { n: Math.abs(n) });
    line.classList.toggle("over", n < 0);
    if (line.textContent === textContent) return;
    if (line.textContent) speak(textContent);
    line.textContent = textContent;
  });
};

SAID.points = (shares, box) => Object.entries(shares).map(([code, n]) => {
  const share = $(`[data-code="${code}"]`, box);
  return [`${$("label", share).textContent}: `, inDigits(n), unitOf(share)];
});
