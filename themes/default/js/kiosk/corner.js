// Staff and the closed screen: five taps in the corner, the pad for the PIN, and pages that look again
// by themselves whether the kiosk is open.

{
  const TAPS = 5;
  const TAPS_MS = 3000;
  const page = document.body.dataset;
  const corner = document.querySelector(".corner");
  const testing = document.querySelector(".testing");
  const pin = document.querySelector("#pin");
  let taps = [];

  /** The corner takes no taps itself, so that whatever lies under it works. */
  function isInCorner({ clientX: x, clientY: y }) {
    const { left, right, top, bottom } = corner.getBoundingClientRect();
    return x >= left && x < right && y >= top && y < bottom;
  }

  function tap(event) {
    taps = isInCorner(event) ? [...taps, event.timeStamp].slice(-TAPS) : [];
    if (taps.length < TAPS || event.timeStamp - taps[0] > TAPS_MS) return;
    taps = [];
    location.replace("/kiosk/status");
  }

  /** A key of the pad; without a script the server adds the digit. */
  function press(event) {
    const { value } = event.target.closest("[name=digit]") ?? {};
    if (!value) return;
    event.preventDefault();
    pin.value = value === "erase" ? pin.value.slice(0, -1) : (pin.value + value).slice(0, pin.maxLength);
    pin.focus();
  }

  /** Nobody is in the middle of anything: a start, a closed screen, a survey not begun. */
  function waits() {
    return "look" in page || document.querySelector("#start")?.checkVisibility();
  }

  /** Whether the kiosk has opened, closed or begun a test since the page was shown. */
  async function look() {
    if (!waits()) return;
    try {
      const state = await (await fetch("/kiosk/state")).json();
      const same = state.closed === "kioskClosed" in page && state.testing === !testing.hidden;
      if ("run" in page ? state.run !== page.run : !same) location.replace("/kiosk/");
    } catch {
      // The program is starting again: the next look tells.
    }
  }

  addEventListener("pointerdown", tap, true);
  pin?.form.addEventListener("click", press);
  // The pad is this page's keyboard: the one for texts does not come up.
  for (const type of ["focusin", "click"]) pin?.addEventListener(type, (event) => event.stopPropagation());
  setInterval(look, (page.look ?? 20) * 1000);
}
