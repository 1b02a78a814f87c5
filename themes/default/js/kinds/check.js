// What an author checks beyond a kind's own rules; `evaluate.js` asks where a question has it.

/** Whether a check fails; it is judged only where all that it compares is answered. */
const isBroken = (walk, check) => comparesAnswers(walk, check) && !holds(walk, check);

function comparesAnswers(walk, { op, of, left, right }) {
  if (of) return [of].flat().every((part) => comparesAnswers(walk, part));
  if (op === "has" || op === "answered") return true;
  // What is no operand is no fact either, and not `null`.
  return [left, right].flat().every((side) => fact(walk, side) !== null);
}
