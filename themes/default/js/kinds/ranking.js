// Choices in order: place 1 is the field `question.1`, and so on.

KINDS.ranking = (raw, { id, top }, { choices }) => {
  const places = Array.from({ length: top }, (_, at) => given(raw, `${id}.${at + 1}`)[0]);
  // Gaps close up: who leaves place 2 empty has ranked what stands at 3 as the second.
  const ranked = places.filter(Boolean);
  if (!ranked.every((choice) => choices.has(choice))) return wrong("unknown-choice");
  if (new Set(ranked).size < ranked.length) return wrong("ranking-twice");
  const most = Math.min(top, choices.size);
  const open = ranked.length < most;
  if (ranked.length === 0) return { ...fine(null), open };
  return { ...fine(ranked), open, missing: ["ranking-short", { top: most }] };
};
