// Reads the page aloud, with a voice of the device's own: what stands on the page is never sent to
// somebody else's. A module of its own that page.js fetches at the first press, and that begins at once.

const SAID = ":is(h1, h2, h3, dt, p, li, summary, legend, label, .label, button.choice)";
const speech = speechSynthesis;
const tool = document.querySelector("[data-action=aloud]");
/** What is still to be said. */
let parts = [];
/** What is being said: Chromium forgets a line that nobody holds. */
let line;

function sayNext() {
  document.querySelector(".aloud")?.classList.remove("aloud");
  const part = parts.shift();
  tool.ariaPressed = !!part;
  if (!part) return;
  const chosen = part.control?.checked || part.ariaPressed === "true";
  const { lang } = part.closest("[lang]");
  const picture = part.querySelector("img")?.alt ?? "";
  const voice = speech.getVoices().find((voice) => voice.localService && voice.lang.startsWith(lang));
  line = new SpeechSynthesisUtterance(`${picture} ${part.innerText}${chosen ? tool.dataset.chosen : ""}`);
  Object.assign(line, { lang, voice, onend: sayNext });
  speech.speak(line);
  (part.closest(".question") ?? part).classList.add("aloud");
  part.scrollIntoView({ block: "nearest" });
  // Somebody who listens is there.
  dispatchEvent(new Event("aloud"));
}

function hush() {
  parts = [];
  speech.cancel();
  sayNext();
}

/** Reads what is in sight from its beginning, or is silent again. */
function toggle() {
  if (tool.ariaPressed === "true") return hush();
  // Not within what is said already; words for screen readers are a pixel wide.
  parts = [...document.querySelectorAll(`main ${SAID}:not(${SAID} *)`)].filter((part) => part.offsetWidth > 1);
  sayNext();
}

// Another page of the survey, its problems, or a kiosk's question.
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target.matches("section, dialog, #problems"))) hush();
}).observe(document.body, { subtree: true, attributeFilter: ["hidden", "open"] });
addEventListener("pagehide", hush);
tool.addEventListener("click", toggle);
toggle();
