// Preview only: loads the page anew after a build, and shows what is wrong while one fails.

const panel = document.createElement("pre");
panel.id = "preview-problems";
panel.setAttribute("role", "status");
panel.hidden = true;
document.body.append(panel);

function show(report) {
  panel.textContent = report.trim();
  panel.hidden = panel.textContent === "";
}

const events = new EventSource("/_preview/events");
events.addEventListener("reload", () => location.reload());
events.addEventListener("problems", (event) => show(event.data));

const report = await fetch("/_preview/problems");
show(await report.text());
