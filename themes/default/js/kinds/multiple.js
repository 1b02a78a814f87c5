// Several of several choices.

KINDS.multiple = (raw, { id, choices, min, max }, offered) => {
  const values = given(raw, id);
  if (!values.every((value) => offered.choices.has(value))) return wrong("unknown-choice");
  const picked = choices.filter((choice) => values.includes(choice.id));
  if (picked.length === 0) return fine(null);
  const alone = picked.some((choice) => choice.exclusive || choice.dontknow);
  // Alone, an exclusive choice is enough whatever `min` says.
  if (picked.length < min && !(alone && picked.length === 1)) return wrong("too-few", { min });
  if (picked.length > max) return wrong("too-many", { max });
  if (alone && picked.length > 1) return wrong("exclusive");
  return fine(picked.map((choice) => choice.id));
};
