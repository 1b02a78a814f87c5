// The last step: all answers in words, each with a way to mend it. A long form without a script is
// its own review, and so is a survey of a question or two, whose page has no place for one.

/** The review as a step; no page can be called so. */
const REVIEW = "#review";

const review = () => $(".answers").replaceChildren(...state.path.flatMap(answersOf));

/** A page's heading, where it has one, and its questions; nothing of a page that asks nothing. */
function answersOf(id) {
  const section = $(`#page-${id}`);
  const list = element("dl", {}, ...$$(".question:not([hidden])", section).map(answerOf));
  const title = $(".page-title", section)?.textContent;
  if (!list.firstChild) return [];
  return title ? [element("h3", { textContent: title }), list] : [list];
}

function answerOf(box) {
  const line = $("template").content.cloneNode(true);
  const [name, answer, button] = $$("dt, dd:first-of-type, button", line);
  const { id } = questionOf(box);
  const parts = partsOf(id).map((part) => element("p", { textContent: part.join("") }));
  if (parts.length > 0) answer.replaceChildren(...parts);
  // What is kept by itself says so here too.
  answer.append($(`#private-${id}`)?.cloneNode(true) ?? "");
  answer.lastElementChild.id = "";
  name.textContent = labelOf(box);
  button.ariaLabel = `${button.textContent}: ${name.textContent}`;
  // The next step from the question is the review again.
  on(button, "click", () => {
    show(pageOf(box), "pushState");
    enter(box);
  });
  return line;
}
