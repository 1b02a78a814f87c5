// Sending, and what becomes of answers that cannot be sent: a draft on a person's own device, and
// further tries. The server's word counts. A draft goes once its thank-you is there (page.js); any
// other page is fetched by the form itself, so that its messages are seen as without a script. All
// tries carry one `_id`: however often an answer arrives, it is stored once.

const DRAFT_MS = 24 * 60 * 60 * 1000;
/** From one try to the next, twice as long each time. */
const [PAUSE_MIN_MS, PAUSE_MAX_MS] = [5_000, 60_000];
/** A connection on which nothing comes for so long is none. */
const SILENCE_MAX_MS = 30_000;

/** A person's own device keeps a draft, but never of a sensitive survey; a kiosk keeps nothing. */
const drafts = !kiosk && !$("#survey-form[data-sensitive]");

/** False, or why the page is left: "switch" or "send". */
let sending = false;
/** The form that could not be sent yet, as it will be. */
let waiting = null;
let timer;
/** Counts how often somebody went on answering: what was being sent then is of no interest. */
let turn = 0;

function submitted(event) {
  const switches = event.submitter?.name === "_switch";
  // The page in the other language opens where this one was.
  if (switches) form.setAttribute("action", !view ? "" : view === REVIEW ? view : `#page-${view}`);
  if (!sending && switches) return void (sending = "switch");
  event.preventDefault();
  if (!sending && advance()) send();
}

/** What was typed into questions that are no longer asked stays here. */
function leaves({ formData }) {
  if (!sending) return;
  if (nudged.size > 0) formData.set("_asked", [...nudged].join(" "));
  if (sending !== "send") return;
  for (const name of [...formData.keys()]) {
    const [id] = name.split(".");
    if (questions.has(id) && !state.visible.includes(id)) formData.delete(name);
  }
  formData.set("_d", Math.round((Date.now() - begun) / 1000));
}

const fieldsNow = () => String(new URLSearchParams(new FormData(form)));

/** Sends the form, or what waited; where nothing comes back, again after a pause. */
async function send(body, pause = PAUSE_MIN_MS) {
  clearTimeout(timer);
  sending = "send";
  body ??= waiting ?? fieldsNow();
  // Further tries are not announced.
  if (!waiting) tell("sending");
  const now = turn;
  const signal = AbortSignal.timeout?.(SILENCE_MAX_MS);
  const posted = { method: "POST", body: new URLSearchParams(body), signal };
  const answer = await fetch("", posted).catch(() => null);
  if (answer?.ok && answer.redirected) return location.replace(answer.url);
  // The server asks for patience, or what stands before it does.
  const isLater = !answer || answer.headers.has("Retry-After") || /50[24]/.test(answer.status);
  // A question may be called "submit".
  if (!isLater || (answer && pause > PAUSE_MAX_MS)) return HTMLFormElement.prototype.submit.call(form);
  sending = false;
  if (turn === now) wait(body, pause);
}

function wait(body, pause) {
  timer = setTimeout(send, Math.min(pause, PAUSE_MAX_MS), body, 2 * pause);
  if (waiting) return;
  waiting = body;
  save();
  tell(draft()?.waiting ? "kept" : "open");
}

/** Nothing waits once somebody goes on answering. */
function stopWaiting() {
  clearTimeout(timer);
  turn += 1;
  waiting = null;
  tell();
}

/** Says how the sending stands, in words that the page has for it. */
function tell(how) {
  const line = $("#sending");
  line.textContent = line.dataset[how] ?? "";
}

// Drafts

const isAnswered = () => Object.values(state.answers).some((answer) => answer !== null);

function save() {
  if (!drafts || !isAnswered()) return;
  draft({ at: Date.now(), view, fields: fieldsNow(), waiting });
}

function restore({ fields, view: step }) {
  const kept = new URLSearchParams(fields);
  for (const field of $$("#survey-form [name]")) {
    const values = kept.getAll(field.name);
    // Of what is no answer, the page knows better, but for the id of all tries.
    if (values.length === 0 || /^_(?!id$)/.test(field.name)) continue;
    if (/radio|checkbox/.test(field.type)) field.checked = values.includes(field.value);
    else [field.value] = values;
  }
  update();
  show(step, "pushState");
}

/** Offers a draft where the start button would be: to go on, to send what waits, or to delete it. */
function askForDraft() {
  const kept = draft();
  if (!(Date.now() - kept?.at < DRAFT_MS)) return draft(null);
  const box = $(kept.waiting ? "#unsent" : "#draft");
  const decide = (next) => () => { box.hidden = true; next(); };
  box.hidden = false;
  ACTIONS.resume = decide(() => restore(kept));
  ACTIONS.resend = decide(() => { restore(kept); send(kept.waiting); });
  ACTIONS.anew = decide(() => { draft(null); buttonFor("start").focus(); });
}

addEventListener("online", () => waiting && !sending && send(waiting));
addEventListener("pageshow", () => (sending = false));
