// Piping: what was answered earlier stands in later texts; what was not keeps the author's words.

WIDGETS.piping = () => {
  const spans = $$("[data-pipe]").map((span) => ({ span, or: span.textContent }));
  redraws.push(() => {
    for (const { span, or } of spans) span.textContent = said(span.dataset.pipe) || or;
  });
};

/** An answer in words; empty where there is none. */
function said(id) {
  const answer = state.answers[id] ?? null;
  if (answer === null) return "";
  const { kind, choices } = questions.get(id);
  if (kind === "date") return inWords(answer);
  if (typeof answer === "number") return answer.toLocaleString(root.lang, { useGrouping: false, maximumFractionDigits: 15 });
  if (!choices) return String(answer);
  const names = [answer].flat().map((code) => state.answers[`${id}.${code}`] ?? nameOf(id, code));
  return new Intl.ListFormat(root.lang).format(names);
}

/** The label of a choice, as it stands in the page. */
function nameOf(id, code) {
  const field = $(`#q-${id}-${code}`);
  const label = field ? (field.labels?.[0] ?? field).lastElementChild : $(`#q-${id} [value="${code}"]`);
  return label.textContent.trim();
}
