// A kiosk's own script, beside app.js; its files share one scope. Here: a visit and its end. Nobody's
// answers stay on the screen, and nothing of one visitor is left for the next.

const START = "/kiosk/";
const visit = document.body.dataset;
const dialog = document.querySelector("#idle");
const answers = document.querySelector("#survey-form");

/** Buttons by their `data-action`; the script of every page has its own. */
const ACTIONS = { __proto__: null, stay: () => dialog.close(), restart: leave, quit: leave };

/** By the prototype's own: a question may be called "reset". */
const clear = () => answers && HTMLFormElement.prototype.reset.call(answers);

function leave() {
  clear();
  for (const area of ["sessionStorage", "localStorage"]) {
    // A browser that keeps nothing refuses even this.
    try { window[area].clear(); } catch {}
  }
  // Takes the place of the page with answers, so that no button leads back to it.
  location.replace(START);
}

/** Nobody said "delete": where the survey keeps what is half answered, it is sent before it goes. */
function expire() {
  if (document.querySelector("#survey-form[data-partial]")) {
    const body = new URLSearchParams(new FormData(answers));
    body.set("_part", 1);
    // Kept alive beyond the page. What comes of it is nobody's to see any more.
    fetch(location.pathname, { method: "POST", body, keepalive: true }).catch(() => {});
  }
  leave();
}

/** Asks with a countdown whether somebody is there still; a page without the question just goes. */
function watchIdle() {
  const warning = dialog ? Number(visit.warning) : 0;
  const seconds = Number(visit.return ?? visit.idle) + warning;
  let last = Date.now();
  let touched = false;
  const wake = () => {
    touched = true;
    if (!dialog?.open) last = Date.now();
  };
  const signs = ["pointerdown", "keydown", "click", "input", "wheel", "aloud"];
  for (const sign of signs) addEventListener(sign, wake, true);
  dialog?.addEventListener("close", wake);
  const clock = setInterval(() => {
    const left = Math.ceil(seconds - (Date.now() - last) / 1000);
    if (left > warning) return;
    // Nobody came: nobody is asked, but the page is fetched anew, with what is open by now.
    const end = touched || !isFresh() ? expire : leave;
    if (left > 0 && end === expire) return warn(left);
    clearInterval(clock);
    end();
  }, 500);
}

/** A start page on which nothing has been answered. */
function isFresh() {
  return "kioskStart" in visit || document.querySelector("#start")?.checkVisibility();
}

function warn(left) {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-countdown]").textContent = left;
}

// A page out of the browser's cache would still hold somebody's answers.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  clear();
  location.reload();
});
addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
watchIdle();
