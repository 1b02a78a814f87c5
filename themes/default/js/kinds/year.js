// A year: four digits, within its limits.

KINDS.year = (raw, question) => {
  const value = written(raw, question.id);
  return value === "" || /^\d{4}$/.test(value) ? readNumber(question, value) : wrong("number-format");
};
