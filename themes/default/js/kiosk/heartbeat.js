// A sign of life for the program that watches over the browser: given only by a page that is drawn.

const BEAT_MS = 10_000;

function beat() {
  requestAnimationFrame(() => fetch("/kiosk/heartbeat", { method: "POST" }).catch(() => {}));
}

beat();
setInterval(beat, BEAT_MS);
