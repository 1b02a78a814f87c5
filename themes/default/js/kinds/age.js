// How old somebody is, for surveys whose conditions ask.

/** Years lived; this year's birthday is taken as past. */
function age(survey, answers, today) {
  const mapped = (field) => answers[questionsOf(survey).find(({ maps }) => maps === field)?.id] ?? null;
  const born = mapped("birth-year");
  return mapped("age") ?? (born === null ? null : Number(today.slice(0, 4)) - born);
}
