// Whole numbers in a row.

KINDS.scale = (raw, { id, scale }) => {
  const points = new Set();
  for (let point = scale.from; point <= scale.to; point += 1) points.add(String(point));
  const { answer, problems } = readOne(given(raw, id), points);
  return { answer: answer && Number(answer), problems };
};
