// The page for staff: what is looked at, in which language, by what answers; three screens show it, and
// the text stands beside them.

import { counted, languageButton, menuEntry, section, steps } from "./menu.js";
import { SCREENS, Screen, arrange } from "./screens.js";
import { Text, count, refill } from "./text.js";

const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];

/** How long a word about what was just pressed stays. */
const SPOKEN_MS = 8000;

/** A new build is told of; what it was made from is asked for. */
const events = new EventSource("/_preview/events");
let state = await load();
/** The survey or page that is looked at. */
let item;
let lang = state.default_language;
let only = "all";

const kiosk = `${location.protocol}//${location.hostname}:${state.kiosk_port}`;
const text = new Text();
const screens = SCREENS.map((about) => new Screen(about, about.mode === "kiosk" ? kiosk : location.origin, hear));

async function load() {
  const reply = await fetch("/_preview/state.json");
  return reply.json();
}

const items = () => [...state.surveys, ...state.pages];
const isSurvey = (item) => "pages" in item;
const titleOf = ({ titles, id, path }) => titles[lang] ?? Object.values(titles)[0] ?? id ?? path;
const speaks = (lang) => !isSurvey(item) || lang in item.titles;

// What is looked at

/** Where a screen finds `path`. */
function address(screen, path) {
  const own = screen.mode === "kiosk" && path === "/" ? "/kiosk/" : path;
  return lang === state.default_language || !speaks(lang) ? own : `/${lang}${own}`;
}

/** Why a screen does not show it, if it does not. */
function absence({ mode }) {
  if (item.invited) return "Invited members alone are asked this survey. Nobody is invited yet.";
  if (item.screens?.[mode] ?? true) return null;
  return mode === "kiosk" ? "This survey is not asked on kiosks." : "This survey is asked on kiosks only.";
}

/** Shows `item` on a screen: its start, one of its pages or what comes after it. */
const open = (screen, rest = "") => screen.open(address(screen, item.path) + rest, absence(screen));
const openAll = () => screens.forEach((screen) => open(screen));

function choose(path) {
  item = items().find((one) => one.path === path) ?? items()[0];
  history.replaceState(null, "", `#${item.path}`);
  draw();
  openAll();
}

// The bar

function draw() {
  $("#chosen-title").textContent = titleOf(item);
  document.title = `${titleOf(item)} – preview`;
  const entry = (one) => menuEntry(one, titleOf(one), one === item, count(one, state), () => choose(one.path));
  refill($("#menu"), [...section("Surveys", state.surveys.map(entry)), ...section("Pages", state.pages.map(entry))]);
  refill($("#languages"), state.languages.map((code) => languageButton(code, code === lang, () => speak(code))));
  $("#day").value = state.day;
  drawSteps();
  text.show(item, state, lang);
  notice();
}

/** The steps of the survey, and the buttons that are for surveys. */
function drawSteps() {
  for (const control of $$("[data-survey]")) control.disabled = !isSurvey(item);
  const { here } = leader();
  $("#step").replaceChildren(...steps(item, here?.review, titleOf));
  if (here) stepTo(here);
}

function speak(code) {
  lang = code;
  draw();
  if (!speaks(code)) return;
  for (const screen of screens) screen.ask("speak", { lang });
}

// What has to be said

/** Says what the screens do not: that they are behind, or that the day is wrong. */
function notice() {
  const mistakes = state.messages.en.filter(({ severity }) => severity === "error").length;
  const [line, button] = [$("#notice"), $("#notice-action")];
  const say = (words, action, act) => {
    line.firstElementChild.textContent = words;
    line.hidden = !words;
    button.hidden = !action;
    button.textContent = action ?? "";
    button.onclick = act;
  };
  line.classList.toggle("wrong", !state.is_good);
  if (!state.is_good) say(`${counted(mistakes, "mistake")} in the text: the screens show the last version without.`, "Go to the first", () => { unfold(true); text.goToFirst(); });
  else if (!speaks(lang)) say("This survey has no text in that language.");
  else if (item.phase === "coming") say(`This survey opens on ${inWords(item.opens)}.`, "Show it as on that day", () => turnTo(item.opens));
  else if (item.phase === "closed") say(`This survey closed after ${inWords(item.closes)}.`, "Show it as on its last day", () => turnTo(item.closes));
  else say("");
  $("#mistakes").textContent = mistakes;
  $("#mistakes").hidden = mistakes === 0;
  arrange(screens, $("#room"), only);
}

const inWords = (day) => new Date(`${day}T12:00`).toLocaleDateString("en-GB", { dateStyle: "long" });

let fading;
function spoken(words) {
  $("#spoken").textContent = words;
  clearTimeout(fading);
  fading = setTimeout(() => $("#spoken").replaceChildren(), SPOKEN_MS);
}

function turnTo(day) {
  return fetch("/_preview/day", { method: "POST", body: new URLSearchParams({ day }) });
}

function unfold(open) {
  $("#text").hidden = !open;
  $("#fold").setAttribute("aria-pressed", open);
  arrange(screens, $("#room"), only);
}

// What the screens tell

function hear(screen, message) {
  HEARD[message.said]?.(screen, message);
}

/** Whose page the bar follows: the one somebody works in, else the first. */
const leader = () => screens.find(({ leads }) => leads) ?? screens.find(({ frame }) => !frame.hidden) ?? screens[0];
const others = (screen) => screens.filter((other) => other !== screen && other.here);
const inStep = () => $("#in-step").getAttribute("aria-pressed") === "true";

const HEARD = {
  __proto__: null,
  here(screen, message) {
    const { path, view, lang: theirs, survey, showing } = message;
    // It was still on its way when the last build was told of.
    if (showing < state.showing) screen.ask("refresh");
    if (screen !== leader()) return;
    if (screen.leads) follow(screen, path);
    drawSteps();
    if (!screen.leads || !inStep()) return;
    if (theirs !== lang && speaks(lang)) speak(theirs);
    for (const other of others(screen)) if (survey && other.here.survey === survey) other.ask("show", { view });
  },
  typed(screen, { fields }) {
    if (!screen.leads || !inStep()) return;
    for (const other of others(screen)) other.ask("enter", { fields });
  },
  filled: () => spoken("Filled in with made-up answers."),
  refused: (screen, { why }) => spoken(`Not filled in: ${why}`),
  lenient: () => spoken("Nothing on this page has to be answered."),
  outside: (screen, { url }) => spoken(`That link leaves the site: ${url}`),
};

/** Somebody opened another survey or page on a screen. */
function follow(screen, path) {
  const [, prefix, rest] = RegExp(`^(?:/(${state.languages.join("|")})(?=/))?(.*)$`).exec(path);
  const there = items().find((one) => one.path === rest.replace(/^\/kiosk\/$/, "/"));
  if (!there || there === item) return;
  item = there;
  if (isSurvey(item)) lang = prefix ?? state.default_language;
  history.replaceState(null, "", `#${item.path}`);
  draw();
  if (inStep()) for (const other of others(screen)) open(other);
}

function stepTo({ view, path, review }) {
  const [, end] = /\/(tak\/.*)$/.exec(path) ?? [];
  $("#step").value = end ?? (view === null ? "" : view === review ? view : `#page-${view}`);
}

// What is pressed

/** Steps are named by what an address ends with: nothing, `#page-…`, the review's `#…`, `tak/…`. */
function step(value) {
  const view = value.replace("#page-", "") || null;
  for (const screen of screens) {
    if (screen.here?.survey && !value.startsWith("tak/")) screen.ask("show", { view });
    else open(screen, value);
  }
}

function stepBy(by) {
  const options = [...$("#step").options];
  const at = Math.min(Math.max($("#step").selectedIndex + by, 0), options.length - 1);
  $("#step").selectedIndex = at;
  step(options[at].value);
}

/** Each press makes up others, the same for all screens. */
function fillIn(all) {
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  for (const screen of screens) screen.ask("fillIn", { seed, all });
}

const PRESSED = {
  __proto__: null,
  back: () => stepBy(-1),
  on: () => stepBy(1),
  fill: () => fillIn(false),
  "fill-all": () => fillIn(true),
  provoke: () => screens.forEach((screen) => screen.ask("provoke")),
  anew: openAll,
  "in-step": (button) => button.setAttribute("aria-pressed", !inStep()),
  today: () => turnTo(""),
  "to-text": () => { unfold(true); $("#lines").focus(); },
  fold: () => unfold($("#text").hidden),
};

addEventListener("click", ({ target }) => {
  const button = target.closest("[data-press]");
  if (button) PRESSED[button.dataset.press](button);
  const view = target.closest("[data-only]");
  if (!view) return;
  only = view.dataset.only;
  for (const button of $$("[data-only]")) button.setAttribute("aria-pressed", button === view);
  arrange(screens, $("#room"), only);
});
$("#step").addEventListener("change", ({ target }) => step(target.value));
$("#day").addEventListener("change", ({ target }) => turnTo(target.value));
addEventListener("resize", () => arrange(screens, $("#room"), only));
addEventListener("hashchange", () => choose(location.hash.slice(1)));

async function update() {
  state = await load();
  item = items().find(({ path }) => path === item.path) ?? items()[0];
  draw();
}

events.addEventListener("reload", async () => {
  await update();
  for (const screen of screens) if (screen.here?.showing < state.showing) screen.ask("refresh");
});
events.addEventListener("problems", update);
// The first time it is open it has just been opened; after that, the program was started again.
events.addEventListener("open", () => events.addEventListener("open", () => location.reload()), { once: true });

choose(location.hash.slice(1));
