// Statements with several answers each.

KINDS["matrix-multiple"] = (raw, question, offered) =>
  readRows(raw, question, offered, (values, known, columns) => {
    if (!values.every((value) => known.has(value))) return wrong("unknown-choice");
    const picked = columns.filter((column) => values.includes(column.id));
    if (picked.length > 1 && picked.some((column) => column.dontknow)) return wrong("exclusive");
    return fine(picked.length > 0 ? picked.map((column) => column.id) : null);
  });
