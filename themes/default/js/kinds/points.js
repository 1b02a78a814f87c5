// Points shared among choices, `question.choice` each: whole numbers that add up.

KINDS.points = (raw, { id, share }, { choices }) => {
  const answer = Object.create(null);
  for (const choice of choices) {
    const { answer: points, problems } = readNumber({ min: 0, max: share }, written(raw, `${id}.${choice}`));
    if (problems.length > 0) return wrong("share-number", { share });
    if (points !== null) answer[choice] = points;
  }
  const shares = Object.values(answer);
  const sum = shares.reduce((all, points) => all + points, 0);
  if (shares.length > 0 && sum !== share) return wrong("share-sum", { share, sum });
  return fine(shares.length > 0 ? answer : null);
};
