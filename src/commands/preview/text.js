// The text a survey is written in, with what is wrong at its line. Nothing is changed here: that is the
// author's editor's part.

const WORDS = {
  en: { error: "Mistake", warning: "Advice", line: "line", none: "Nothing is wrong in this text." },
  da: { error: "Fejl", warning: "Råd", line: "linje", none: "Der er ingen fejl i denne tekst." },
};

const $ = (selector) => document.querySelector(selector);

/** An element with a class, a text or others inside. */
export function make(tag, className, ...inside) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...inside);
  return made;
}

/** Puts others into a box; a button that had the focus leaves it to the one that takes its place. */
export function refill(box, elements) {
  const buttons = () => [...box.querySelectorAll("button")];
  const at = buttons().indexOf(document.activeElement);
  box.replaceChildren(...elements);
  buttons()[at]?.focus();
}

/** A message, what stands between backticks as code. */
const written = (message) => message.split("`").map((part, at) => (at % 2 ? make("code", "", part) : part));

/** The files of a survey or page: its base, its translations, the blocks it includes. */
function filesOf({ stem }, { files }) {
  const base = `${stem}.md`;
  const translations = Object.keys(files).filter((file) => file.startsWith(`${stem}.`) && file.endsWith(".md") && file !== base);
  const own = [base, ...translations].filter((file) => file in files);
  const root = stem.replace(/(surveys|pages)\/[^/]*$/, "");
  const blocks = own.flatMap((file) => [...files[file].matchAll(/\{\{include "([^"]+)"\}\}/g)].map(([, name]) => root + name));
  return [...new Set([...own, ...blocks])].filter((file) => file in files);
}

/** How many mistakes, and how much advice, there is in these files. */
export function count(item, state) {
  const files = filesOf(item, state);
  const told = state.messages.en.filter(({ file }) => files.includes(file));
  const mistakes = told.filter(({ severity }) => severity === "error").length;
  return { mistakes, advice: told.length - mistakes };
}

/** The pane. It remembers which file and line somebody looks at. */
export class Text {
  constructor() {
    this.lines = $("#lines");
    for (const button of document.querySelectorAll("[data-words]")) {
      button.addEventListener("click", () => this.speak(button.dataset.words));
    }
  }

  /** Shows the texts of `item` in `lang`, and every other file in which something is wrong. */
  show(item, state, lang) {
    this.words ??= state.words;
    const wrong = state.messages.en.filter(({ severity }) => severity === "error").map(({ file }) => file);
    this.files = [...new Set([...filesOf(item, state), ...wrong])].filter((file) => file in state.files);
    const shown = `${item.path} ${lang}`;
    const changed = this.shown !== shown;
    Object.assign(this, { shown, state });
    const wanted = [this.file, `${item.stem}.${lang}.md`, `${item.stem}.md`].slice(changed ? 1 : 0);
    this.file = [...wanted, ...this.files].find((file) => this.files.includes(file));
    this.draw(changed);
  }

  speak(words) {
    this.words = words;
    this.draw();
  }

  open(file) {
    this.file = file;
    this.draw(true);
  }

  draw(anew) {
    const { words, state, file } = this;
    for (const button of document.querySelectorAll("[data-words]")) {
      button.setAttribute("aria-pressed", button.dataset.words === words);
    }
    const messages = state.messages[words];
    refill($("#files"), this.files.map((name) => this.tab(name, messages)));
    const own = messages.filter((message) => message.file === file);
    $("#told").lang = words;
    refill($("#told"), own.map((message) => this.entry(message)));
    $("#all-well").textContent = WORDS[words].none;
    $("#all-well").lang = words;
    $("#all-well").hidden = own.length > 0;
    const top = anew ? 0 : this.lines.scrollTop;
    const lines = (state.files[file] ?? "").replace(/\n$/, "").split("\n");
    this.lines.firstElementChild.replaceChildren(...lines.map((line, at) => this.line(line, at + 1, own)));
    this.lines.scrollTop = top;
    this.name(1);
  }

  tab(name, messages) {
    const number = messages.filter(({ file }) => file === name).length;
    const button = make("button", "file", name.replace(/^.*\//, ""));
    if (number > 0) button.append(" ", make("span", "number", number));
    button.type = "button";
    if (name === this.file) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => this.open(name));
    return button;
  }

  /** A message in the list on top, which leads to its line. */
  entry({ severity, line, message, help }) {
    const words = WORDS[this.words];
    const button = make("button", severity, make("strong", "", `${words[severity]}, ${words.line} ${line}`), " ", ...written(message));
    button.type = "button";
    if (help) button.append(make("span", "help", ...written(help)));
    button.addEventListener("click", () => this.goTo(line));
    return make("li", "", button);
  }

  /** A line with its number; what is wrong in it is marked there and said under it. */
  line(text, number, messages) {
    const own = messages.filter(({ line }) => line === number);
    const code = make("code", "");
    code.append(...marked([...text], own[0]));
    const item = make("li", own[0]?.severity ?? "", code);
    item.id = `line-${number}`;
    item.tabIndex = -1;
    for (const { severity, message, help } of own) {
      const remark = make("p", `remark ${severity}`, ...written(message));
      remark.lang = this.words;
      if (help) remark.append(make("span", "help", ...written(help)));
      item.append(remark);
    }
    item.addEventListener("click", () => this.name(number));
    return item;
  }

  /** The place as editors and terminals understand it. */
  name(line) {
    $("#place").textContent = `${this.file}:${line}`;
  }

  goToFirst() {
    const { file, line } = this.state.messages.en.find(({ severity }) => severity === "error");
    this.open(file);
    this.goTo(line);
  }

  goTo(line) {
    const item = $(`#line-${line}`);
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
    this.name(line);
  }
}

/** The signs of a line, those of the message's span marked. */
function marked(signs, message) {
  if (!message) return [signs.join("")];
  const from = message.column - 1;
  const to = message.end_line > message.line ? signs.length : Math.max(message.end_column - 1, from + 1);
  const part = (...bounds) => signs.slice(...bounds).join("");
  return [part(0, from), make("mark", "", part(from, to)), part(to)];
}
