// Statements with several answers each; `readRows` comes with matrix.js.

KINDS["matrix-multiple"] = (raw, question, offered) =>
  readRows(raw, question, offered, (values, known, columns) => {
    if (!values.every((value) => known.has(value))) return wrong("unknown-choice");
    const picked = columns.filter((column) => values.includes(column.id));
    const alone = picked.some((column) => column.exclusive || column.dontknow);
    if (alone && picked.length > 1) return wrong("exclusive");
    return fine(picked.length > 0 ? picked.map((column) => column.id) : null);
  });
