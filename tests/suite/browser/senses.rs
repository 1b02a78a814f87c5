//! Nothing rests on one sense or one skill: single taps are enough for everything, no colour says
//! anything alone, and the system's wishes for colours, contrast and stillness are kept.

use std::fs;
use std::path::Path;

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::focus::unseen;
use super::place::Place;
use super::sight::Look;
use super::states::{PAGES, Tour};
use super::targets::strings;
use super::{Browser, LYING, Options, PHONE};

/// A thing to choose of every kind: its page, what is looked at, and what is clicked.
const CHOSEN: [(&str, &str, &str); 10] = [
    ("city", "label:has(#q-where-valby)", "#q-where-valby"),
    ("city", ".map [data-code=valby]", ".map [data-code=valby]"),
    ("city", "label:has(#q-what-sport)", "#q-what-sport"),
    ("city", "label:has(#q-picture-bench)", "#q-picture-bench"),
    ("most", "#q-rank-trees", "#q-rank-trees"),
    ("how", "label:has(#q-rate-clean-1)", "#q-rate-clean-1"),
    ("how", "label:has(#q-use-parks-days)", "#q-use-parks-days"),
    ("how", "label:has(#q-feel-pace-2)", "#q-feel-pace-2"),
    ("last", "label:has(#q-happy-7)", "#q-happy-7"),
    ("last", "label:has(#q-consent)", "#q-consent"),
];

/// Points that have to change from light to dark or back for a choice to look chosen: a small tick.
const MARK: usize = 60;

/// A click and nothing else: no pointer that comes, goes, or moves.
const CLICK: &str = "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', { bubbles: true }));
    document.activeElement.blur()";

#[test]
fn single_clicks_answer_every_kind() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    tour.open("/s/alle/");
    browser.run(CLICK, vec!["[data-action=start]".into()]);
    for page in PAGES {
        browser.wait_until(&format!("document.querySelector('#page-{page}').checkVisibility()"));
        tour.fill();
        if page == "city" {
            browser.run(CLICK, vec![".map [data-code=valby]".into()]);
            let there = "return document.querySelector('#q-where-valby').checked";
            assert_eq!(browser.run(there, vec![]), true);
        }
        if page == "most" {
            let less = "[aria-label='Mindre til Nye træer']";
            browser.run(CLICK, vec![less.into()]);
            assert_eq!(browser.text(".remainder"), "Du har 5 tilbage");
            browser.run(CLICK, vec![less.replace("Mindre", "Mere").into()]);
        }
        browser.run(CLICK, vec!["[data-action=next]".into()]);
    }
    browser.wait_until("document.querySelector('#review').checkVisibility()");
    browser.run(CLICK, vec!["[data-action=send]".into()]);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let response = serde_json::to_value(&place.responses()[0]).expect("JSON");
    for answer in ["where", "what", "picture", "rank", "budget", "rate", "use", "feel", "happy"] {
        assert!(!response["answers"][answer].is_null(), "{answer}: {}", response["answers"]);
    }
}

/// Every file of the theme with this ending, with its name.
fn theme_files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default").join(folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).expect("a folder of the theme") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            let name = path.strip_prefix(folder.parent().expect("the theme")).expect("within");
            found.extend(theme_files(&name.to_string_lossy(), ending));
        } else if path.to_string_lossy().ends_with(ending) {
            let text = fs::read_to_string(&path).expect("a readable file");
            found.push((path.display().to_string(), text));
        }
    }
    found
}

#[test]
fn no_script_waits_for_dragging_holding_hovering_or_two_fingers() {
    let gestures = [
        "touchmove",
        "pointermove",
        "mousemove",
        "mouseover",
        "mouseenter",
        "dblclick",
        "dragover",
        "ondrop",
        "gesturestart",
        "new Audio",
        "AudioContext",
    ];
    let scripts = theme_files("js", ".js");
    assert!(scripts.len() > 20);
    for (name, script) in scripts {
        // It names them to keep them from doing anything.
        if name.ends_with("kiosk/barrier.js") {
            continue;
        }
        for gesture in gestures {
            assert!(!script.contains(gesture), "{name}: {gesture}");
        }
    }
}

#[test]
fn hovering_changes_how_things_look_and_never_what_is_there() {
    let harmless = [
        "background",
        "background-color",
        "border-color",
        "color",
        "fill",
        "filter",
        "stroke",
        "text-decoration",
        "text-decoration-thickness",
        "transition",
    ];
    let mut rules = 0;
    for (name, sheet) in theme_files("css", ".css") {
        for rule in sheet.split('}').filter(|rule| rule.contains(":hover")) {
            rules += 1;
            let (_, inside) = rule.rsplit_once('{').unwrap_or_default();
            for line in inside.lines().filter_map(|line| line.trim().split_once(':')) {
                assert!(harmless.contains(&line.0), "{name}: {} on hovering", line.0);
            }
        }
    }
    assert!(rules >= 5, "{rules} rules");
}

/// What does not look chosen by light and dark alone.
fn alike(browser: &Browser, tour: &Tour) -> Vec<String> {
    let mut wrong = Vec::new();
    for (page, looked_at, clicked) in CHOSEN {
        tour.page(page);
        let into_sight = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
        browser.run(into_sight, vec![looked_at.into()]);
        let before = browser.view(looked_at, 4);
        browser.run(CLICK, vec![clicked.into()]);
        let chosen = browser.view(looked_at, 4);
        let marks = match chosen.points.len() == before.points.len() {
            true => chosen.visible_changes(&before),
            false => MARK,
        };
        if marks < MARK {
            wrong.push(format!("{looked_at}: {marks} points"));
        }
    }
    wrong
}

fn chosen_is_seen(channel: Channel, screen: Options, contrast: &'static str, forced: &str) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(screen) else { return };
    browser.wish("forced-colors", forced);
    browser.goto(&place.at("/was/"));
    browser.dress(Look { contrast, ..Look::plain(screen) });
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
    let wrong = alike(&browser, &tour);
    assert!(wrong.is_empty(), "{contrast} contrast, forced colours {forced}: {wrong:#?}");
}

#[test]
fn what_is_chosen_is_seen_without_colours() {
    chosen_is_seen(Channel::Web, PHONE, "normal", "none");
    chosen_is_seen(Channel::Web, PHONE, "high", "none");
    chosen_is_seen(Channel::Kiosk, LYING, "normal", "none");
}

#[test]
fn forced_colours_show_what_is_chosen() {
    chosen_is_seen(Channel::Web, PHONE, "normal", "active");
    chosen_is_seen(Channel::Kiosk, LYING, "normal", "active");
}

#[test]
fn forced_colours_show_focus_progress_and_problems() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.wish("forced-colors", "active");
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    let mut bars = Vec::new();
    for page in ["you", "city", "most", "how"] {
        tour.page(page);
        let bar = browser.view("progress", 0);
        let most = bar.points[0];
        // Its end differs from its beginning, and both from each other by 3:1.
        let done = bar.points.iter().filter(|one| super::png::contrast(**one, most) >= 3.0).count();
        bars.push(done);
        if page != "you" {
            let wrong = unseen(&browser, 1);
            assert!(wrong.is_empty(), "{page}: {wrong:#?}");
        }
    }
    assert!(bars.windows(2).all(|pair| pair[0] > pair[1] + 100), "the progress: {bars:?}");
    tour.page("most");
    tour.go_on();
    for line in ["#problems", "#problem-rank"] {
        let into_sight = "document.querySelector(arguments[0]).scrollIntoView()";
        browser.run(into_sight, vec![line.into()]);
        let seen = super::png::beside_the_commonest(&browser.view(line, 0).points);
        assert!(seen > 500, "{line}: {seen} points");
    }
}

#[test]
fn a_choice_that_only_changes_its_colour_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/was/"));
    let colour_alone = "document.addEventListener('DOMContentLoaded', () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`.choice:has(:checked), .choice[aria-pressed=true] {
            background: #d8f0d8 !important; color: var(--ink) !important;
            border: 2px solid #6a8272 !important; box-shadow: none !important; text-shadow: none !important;
            font-weight: 400 !important; }
          .choice input { opacity: 0 !important; } .badge { visibility: hidden; }`);
        document.adoptedStyleSheets = [sheet];
      })";
    browser.ask("Page.enable", &json!({}));
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &json!({"source": colour_alone}));
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    // The map is drawn and has rules of its own.
    let alike = alike(&browser, &tour);
    assert_eq!(alike.len(), CHOSEN.len() - 1, "{alike:?}");
}

/// What moves, or would: elements with a transition or an animation.
const MOVING: &str = "return [...document.querySelectorAll('*')].filter((it) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(it);
      return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
    }).map((it) => `${it.localName}.${it.className}`)";

/// Comes over a button with the pointer, where alone something may move.
fn hover(browser: &Browser, css: &str) {
    let middle = "const it = document.querySelector(arguments[0]);
        it.scrollIntoView({ block: 'center' });
        const { x, y, width, height } = it.getBoundingClientRect();
        return [x + width / 2, y + height / 2]";
    let middle = browser.run(middle, vec![css.into()]);
    let moved = json!({"type": "mouseMoved", "x": middle[0], "y": middle[1]});
    browser.ask("Input.dispatchMouseEvent", &moved);
}

#[test]
fn nothing_moves_for_somebody_who_wishes_so() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    browser.wish("prefers-reduced-motion", "reduce");
    for page in PAGES {
        tour.page(page);
        tour.fill();
        hover(&browser, "[data-action=next]");
        assert_eq!(strings(browser.run(MOVING, Vec::new())), Vec::<String>::new(), "{page}");
        let running = browser.run("return document.getAnimations().length", Vec::new());
        assert_eq!(running, 0, "{page}");
    }
    browser.wish("prefers-reduced-motion", "no-preference");
    tour.page("city");
    hover(&browser, "[data-action=next]");
    assert!(!strings(browser.run(MOVING, Vec::new())).is_empty(), "else this shows nothing");
}

#[test]
fn a_wish_for_more_contrast_is_kept() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.wish("prefers-contrast", "more");
    browser.goto(&place.at("/s/alle/"));
    let look = "const { backgroundColor } = getComputedStyle(document.documentElement);
        const pressed = document.querySelector('[data-action=contrast]').ariaPressed;
        return [document.documentElement.dataset.contrast, backgroundColor, pressed]";
    assert_eq!(browser.run(look, vec![]), json!(["high", "rgb(0, 0, 0)", "true"]));
}
