// Statements with the same choices; the other kinds of rows are read with it.

KINDS.matrix = (raw, question, offered) => readRows(raw, question, offered, readOne);

/** Each row offered by itself; `readRow` gets its values and the columns' ids. */
function readRows(raw, { id, columns, required }, offered, readRow) {
  const answer = Object.create(null);
  const known = new Set(columns.map((column) => column.id));
  const problems = [];
  let open = false;
  for (const row of offered.rows) {
    const reading = readRow(given(raw, `${id}.${row}`), known, columns);
    const left = reading.answer === null;
    const [problem] = [...reading.problems, ...(left && required ? [{ code: "required-row" }] : [])];
    if (problem) problems.push({ ...problem, row });
    if (left) open = true;
    else answer[row] = reading.answer;
  }
  return { answer: Object.keys(answer).length > 0 ? answer : null, problems, open };
}
