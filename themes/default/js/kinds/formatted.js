// What days, times, addresses and the like have in common; those kinds bring it along.

/**
 * A kind that is written in a form of its own: `parse` gives what is stored, or nothing. Days and
 * times, which are ordered as they are written, have limits.
 */
function formatted(parse) {
  return (raw, { id, kind, min, max }, { today }) => {
    const value = written(raw, id);
    if (value === "") return fine(null);
    const answer = parse(value);
    const [least, most] = [min, max].map((limit) => (limit === "today" ? today : limit));
    if (!answer) return wrong(`${kind}-format`);
    if (answer < least) return wrong(`${kind}-min`, { min: least });
    return answer > most ? wrong(`${kind}-max`, { max: most }) : fine(answer);
  };
}
