// A kiosk's own script, beside app.js: nobody's answers stay on the screen, and nothing of one
// visitor is left for the next.

{
  const START = "/kiosk/";
  const page = document.body.dataset;
  const dialog = document.querySelector("#idle");

  function leave() {
    document.querySelector("#survey-form")?.reset();
    sessionStorage.clear();
    if (location.pathname !== START) location.replace(START);
    else if (document.querySelector(".tool[aria-pressed=true]")) location.reload();
  }

  /** Asks with a countdown whether somebody is there still; a page without the question just goes. */
  function watchIdle() {
    const warning = dialog ? Number(page.warning) : 0;
    const seconds = Number(page.return ?? page.idle) + warning;
    let last = Date.now();
    const wake = () => { if (!dialog?.open) last = Date.now(); };
    const signs = ["pointerdown", "keydown", "input", "wheel", "scroll", "aloud"];
    for (const sign of signs) addEventListener(sign, wake, true);
    dialog?.addEventListener("close", wake);
    setInterval(() => {
      const left = Math.ceil(seconds - (Date.now() - last) / 1000);
      if (left <= 0) leave();
      else if (dialog && left <= warning) warn(left);
    }, 500);
  }

  function warn(left) {
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-countdown]").textContent = left;
  }

  // A page out of the browser's cache would still hold somebody's answers.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    document.querySelector("#survey-form")?.reset();
    location.reload();
  });
  for (const type of ["contextmenu", "dragstart"]) {
    addEventListener(type, (event) => event.preventDefault());
  }
  watchIdle();

  const ACTIONS = { __proto__: null, stay: () => dialog.close(), restart: leave, quit: leave };
  addEventListener("click", ({ target }) => ACTIONS[target.closest("[data-action]")?.dataset.action]?.());
}
