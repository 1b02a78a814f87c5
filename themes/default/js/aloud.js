// Reads the page aloud, where the device itself has a voice for its language: what stands on the page is
// never sent to somebody else's.

if (window.speechSynthesis) {
  const SAID = ":is(h1, h2, h3, p, li, summary, legend, label, .label, button.choice)";
  const speech = speechSynthesis;
  const tool = $("[data-action=aloud]");
  /** What is still to be said. */
  let parts = [];
  /** What is being said: Chromium forgets a line that nobody holds. */
  let line;

  const voiceOf = (lang) => speech.getVoices().find((voice) => voice.localService && voice.lang.startsWith(lang));
  const offer = () => { tool.hidden = !voiceOf(root.lang); };

  function sayNext() {
    $(".aloud")?.classList.remove("aloud");
    const part = parts.shift();
    tool.ariaPressed = !!part;
    if (!part) return;
    const chosen = part.control?.checked || part.ariaPressed === "true";
    const { lang } = part.closest("[lang]");
    const picture = $("img", part)?.alt ?? "";
    line = new SpeechSynthesisUtterance(`${picture} ${part.innerText}${chosen ? tool.dataset.chosen : ""}`);
    Object.assign(line, { lang, voice: voiceOf(lang), onend: sayNext });
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

  ACTIONS.aloud = () => {
    if (tool.ariaPressed === "true") return hush();
    // What is in sight, and not within what is said already; words for screen readers are a pixel wide.
    parts = $$(`main ${SAID}:not(${SAID} *)`).filter((part) => part.offsetWidth > 1);
    sayNext();
  };

  speech.onvoiceschanged = offer;
  offer();
  // Another page of the survey, its problems, or a kiosk's question.
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.matches("section, dialog, #problems"))) hush();
  }).observe(document.body, { subtree: true, attributeFilter: ["hidden", "open"] });
  addEventListener("pagehide", hush);
}
