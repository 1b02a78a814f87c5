// What stands on the keys. A row's keys have a space between them; those with a name of several letters
// do something (keyboard.js), every other writes what it says.

const DIGITS = "1 2 3 4 5 6 7 8 9 0";

/** Danish, also on pages in other languages: Danish names are typed there too. */
const LETTERS = {
  name: "letters",
  rows: [
    DIGITS,
    "q w e r t y u i o p å",
    "a s d f g h j k l æ ø",
    "shift z x c v b n m delete",
    "signs left right , space . enter hide",
  ],
};

/** Signs, and the letters of neighbours' names. */
const SIGNS = {
  name: "signs",
  rows: [
    DIGITS,
    "! ? & / ( ) % = + - @",
    "' \" : ; _ * # § € ~ |",
    "shift é è ü ö ä ñ ç delete",
    "letters left right , space . enter hide",
  ],
};

const EMAIL = {
  name: "email",
  rows: [
    DIGITS,
    "q w e r t y u i o p",
    "a s d f g h j k l _",
    "z x c v b n m - delete",
    "signs left right @ . .dk .com enter hide",
  ],
};

/** As on a telephone, with the signs that the field may need. */
const digits = (signs) => ({
  name: "digits",
  rows: ["1 2 3 delete", "4 5 6 left right", "7 8 9 enter", `${["0", ...signs].join(" ")} hide`],
});

/** By a field's `data-keys`: `email`, `digits` or `digits ,-`; letters where it has none. */
function layoutFor({ dataset: { keys = "" } }) {
  const [name, signs = ""] = keys.split(" ");
  if (name === "digits") return digits(signs);
  return name === "email" ? EMAIL : LETTERS;
}
