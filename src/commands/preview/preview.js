// Preview only, in every page: alone it loads itself anew after a build, and shows what is wrong while
// one fails; in a frame it does what the page for staff asks.

import { serve } from "./frame.js";

function show(panel, report) {
  panel.textContent = report.trim();
  panel.hidden = panel.textContent === "";
}

async function watch() {
  const panel = document.createElement("pre");
  panel.id = "preview-problems";
  panel.setAttribute("role", "status");
  panel.hidden = true;
  document.body.append(panel);
  const events = new EventSource("/_preview/events");
  events.addEventListener("reload", () => location.reload());
  events.addEventListener("problems", (event) => show(panel, event.data));
  const report = await fetch("/_preview/problems");
  show(panel, await report.text());
}

if (window.parent === window) watch();
else serve();
