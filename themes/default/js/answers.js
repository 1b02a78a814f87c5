// Answers in words, as the page words them: for texts that follow an answer, and for the review.

/** How a kind says its answers where they are neither words nor choices. */
const SAID = { __proto__: null };

/** The parts of an answer, each `[before, words, after]`; none where there is no answer. */
function partsOf(id) {
  const answer = state.answers[id] ?? null;
  const box = boxOf(id);
  const { kind, rows, choices } = questions.get(id);
  if (answer === null) return [];
  if (SAID[kind]) return SAID[kind](answer, box);
  // Each row that is asked, answered or not.
  if (rows) return $$(".row:not([hidden])", box).map((row) => {
    const names = [answer[row.dataset.row] ?? []].flat().map((code) => nameOf(code, row));
    return [`${labelOf(row)}: `, inList(names) || ui.unanswered];
  });
  // What a point of a scale means stands behind its number.
  if (typeof answer === "number") return [["", inDigits(answer), nameOf(answer, box)?.slice(`${answer}`.length) ?? unitOf(box)]];
  if (!choices && kind !== "consent") return [["", answer]];
  return [answer].flat().map((code, at) => {
    const name = nameOf(code, box);
    const own = state.answers[`${id}.${code}`];
    const place = kind === "ranking" ? `${at + 1}. ` : "";
    return own ? [`${place}${name}: `, own] : [place, name];
  });
}

const inList = (names) => new Intl.ListFormat(root.lang).format(names);
const inDigits = (n) => n.toLocaleString(root.lang, { useGrouping: false, maximumFractionDigits: 15 });
const unitOf = (box) => ` ${$(".unit", box)?.textContent ?? ""}`;

/** The label of a choice or column, as it stands in the page. */
function nameOf(code, box) {
  const field = $(`[value="${code}"]:not([type=text])`, box);
  return (field?.closest("label")?.lastElementChild ?? field)?.textContent.trim();
}
