// A number, within its limits; years and points are read with it.

/** More significant digits than this a JSON number does not hold. */
const DIGITS_MAX = 15;

KINDS.number = (raw, question) => readNumber(question, written(raw, question.id));

/** Reads `12`, `-3,5` and `3.5`; thousands separators are refused. */
function readNumber({ min, max, step = 1 }, value) {
  if (value === "") return fine(null);
  const plain = value.replace("\u2212", "-").replace(",", ".");
  const digits = plain.replace(/\D/g, "").replace(/^0+/, "").length;
  if (!/^[-+]?\d+(\.\d{1,15})?$/.test(plain) || digits > DIGITS_MAX) return wrong("number-format");
  const [number, least, most, width] = [plain, min ?? 0, max ?? 0, step].map(exact);
  if (min !== undefined && number < least) return wrong("number-min", { min });
  if (max !== undefined && number > most) return wrong("number-max", { max });
  if (width && (number - least) % width) return wrong("number-step", { step });
  return fine(Number(plain) || 0);
}

/** A decimal as a whole number of 10^-40, so that 0.3 is three times 0.1. */
function exact(decimal) {
  // An author's small limit writes itself with an exponent.
  const [, sign, whole, part = "", shift = 0] = /^([-+]?)(\d+)(?:\.(\d+))?(?:e-(\d+))?$/.exec(decimal);
  const size = BigInt(whole + part) * 10n ** BigInt(40 - part.length - shift);
  return sign === "-" ? -size : size;
}
