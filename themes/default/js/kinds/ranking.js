// Choices in order: place 1 is the field `question.1`, and so on.

KINDS.ranking = (raw, { id, top }, { choices }) => {
  const places = Array.from({ length: top }, (_, at) => raw.get(`${id}.${at + 1}`)?.[0]);
  // Gaps close up: who leaves place 2 empty has ranked what stands at 3 as the second.
  const ranked = places.filter(Boolean);
  if (!ranked.every((choice) => choices.has(choice))) return wrong("unknown-choice");
  if (new Set(ranked).size < ranked.length) return wrong("ranking-twice");
  const open = ranked.length < Math.min(top, choices.size);
  return { ...fine(ranked.length > 0 ? ranked : null), open };
};
