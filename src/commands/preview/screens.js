// The three screens: a frame each, as large inside as the real one and made smaller as a whole, so that
// a page breaks its lines here where it will break them there.

const GAP = 24;
/** Room for the words under a screen, and for its rim. */
const FOOT = 44;
const RIM = 6;

export const SCREENS = [
  { id: "phone", name: "Phone", width: 360, height: 800, mode: "web" },
  { id: "upright", name: "Kiosk, upright", width: 1080, height: 1920, mode: "kiosk" },
  { id: "lying", name: "Kiosk, lying", width: 1920, height: 1080, mode: "kiosk" },
];

/** One screen; `hear(screen, message)` is called with what its page tells. */
export class Screen {
  /** What the page said last: `{path, view, lang}`; nothing while it loads. */
  here = null;

  constructor(about, origin, hear) {
    Object.assign(this, about, { origin });
    this.box = document.querySelector(`#${about.id}`);
    this.glass = this.box.querySelector(".glass");
    this.frame = this.glass.querySelector("iframe");
    this.absent = this.glass.querySelector(".absent");
    addEventListener("message", ({ source, data }) => {
      if (source !== this.frame.contentWindow) return;
      if (data.said === "here") this.here = data;
      hear(this, data);
    });
  }

  /** Opens an address; `why` is said instead where this screen never shows it. */
  open(path, why) {
    this.here = null;
    this.absent.textContent = why ?? "";
    this.absent.hidden = !why;
    this.frame.hidden = Boolean(why);
    const url = why ? "about:blank" : this.origin + path;
    // Not by `src`: each would be a step of this tab's history.
    if (this.frame.src) this.frame.contentWindow.location.replace(url);
    else this.frame.src = url;
  }

  /** Asks something of the page; one that is still loading is not there to ask. */
  ask(asked, more) {
    if (this.here) this.frame.contentWindow.postMessage({ asked, ...more }, this.origin);
  }

  /** Whether somebody works in it. */
  get leads() {
    return document.activeElement === this.frame;
  }

  scale(factor) {
    this.glass.style.width = `${this.width * factor + 2 * RIM}px`;
    this.glass.style.height = `${this.height * factor + 2 * RIM}px`;
    this.frame.style.transform = `scale(${factor})`;
    this.box.querySelector(".size").textContent = `${this.width} × ${this.height}, at ${Math.round(factor * 100)} %`;
  }
}

/** Makes the screens as large as the room allows: one of them, or all in a row. */
export function arrange(screens, room, only) {
  const height = room.clientHeight - FOOT - 2 * RIM;
  const width = room.clientWidth - 2 * RIM;
  for (const screen of screens) screen.box.hidden = only !== "all" && screen.id !== only;
  const one = screens.find(({ id }) => id === only);
  if (one) return one.scale(Math.min(width / one.width, height / one.height, 1));
  const [phone, upright, lying] = screens;
  const free = room.clientWidth - 2 * GAP - 6 * RIM;
  // Phone and upright kiosk equally high; both kiosks equally fine, or the lying one finer.
  const tall = upright.height / phone.height;
  const row = upright.width + tall * phone.width;
  const fine = Math.min(height / upright.height, free / (row + lying.width));
  upright.scale(fine);
  phone.scale(Math.min(fine * tall, 1));
  lying.scale(Math.min((free - row * fine) / lying.width, height / lying.height));
}
