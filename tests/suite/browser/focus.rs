//! The focus: seen on everything that takes it, in two colours of which one stands out from whatever is
//! beside it; never under a bar; and moved to where somebody goes on (docs/accessibility.md).

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::Place;
use super::sight::Look;
use super::states::{PAGES, Tour, every_question_required};
use super::targets::strings;
use super::{Browser, LYING, Options, PHONE, UPRIGHT};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const REACH: &str = include_str!("page/reach.js");

/// More stops than a page has.
const STOPS_MAX: usize = 120;

/// What the focus is on, with the box that shows it and 8 pixels around; null at the page's end.
const FOCUSED: &str = "const it = document.activeElement;
    if (!it || it === document.body || it.dataset.met) return null;
    it.dataset.met = true;
    const box = (it.closest('label.choice, .card') ?? it).getBoundingClientRect();
    const [left, top] = [Math.max(0, box.left - 8), Math.max(0, box.top - 8)].map(Math.floor);
    return {
      name: `${it.tagName} #${it.id} ${it.getAttribute('aria-label') ?? it.textContent.trim().slice(0, 30)}`,
      around: box.width + box.height,
      area: {
        x: left, y: top,
        width: Math.ceil(Math.min(innerWidth, box.right + 8) - left),
        height: Math.ceil(Math.min(innerHeight, box.bottom + 8) - top),
      },
    }";

/// Goes through a page with the tab key, and names each stop where the focus is not seen: in one colour
/// where the system draws it (forced colours), else in two.
pub fn unseen(browser: &Browser, colours: u32) -> Vec<String> {
    let mut wrong = Vec::new();
    for stop in 0..STOPS_MAX {
        browser.press(TAB);
        let at = browser.run(FOCUSED, Vec::new());
        if at.is_null() {
            assert!(stop >= 5, "only {stop} stops");
            return wrong;
        }
        let name = at["name"].as_str().unwrap_or_default();
        wrong.extend(faint(browser, &at, colours).map(|what| format!("{name}: {what}")));
    }
    panic!("{STOPS_MAX} stops and no end");
}

/// What is wrong with how the focus looks where it is.
///
/// Of the points that change with the focus, as many as go around the element once have to change by
/// 3:1 (WCAG 2.4.13), and as many have to stand out as much from the ring's commonest colour: it has two.
fn faint(browser: &Browser, at: &Value, colours: u32) -> Option<String> {
    let with = browser.photograph(&at["area"]);
    // The next step of the tab key goes on from here.
    browser.run("document.activeElement.blur()", Vec::new());
    let without = browser.photograph(&at["area"]);
    let around = at["around"].as_f64().unwrap_or_default() as usize * 2;
    let seen = with.visible_changes(&without);
    if seen < around {
        return Some(format!("{seen} points change by 3:1, {around} go around it"));
    }
    if colours < 2 {
        return None;
    }
    let ring: Vec<_> = with.changes(&without).map(|(_, now)| now).collect();
    let second = super::png::beside_the_commonest(&ring);
    (second < around / 2).then(|| format!("its second colour has {second} points of {around}"))
}

/// In high contrast one of the two colours is the page's own.
fn seen_everywhere(contrast: &'static str, colours: u32, pages: &[&str]) {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.wish("prefers-reduced-motion", "reduce");
    browser.goto(&place.at("/was/"));
    browser.dress(Look { contrast, ..Look::plain(PHONE) });
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    let mut wrong = Vec::new();
    for page in pages {
        match PAGES.contains(page) {
            true => tour.page(page),
            false => tour.open(page),
        }
        wrong.extend(unseen(&browser, colours).into_iter().map(|line| format!("{page}: {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_focus_is_seen_on_every_kind() {
    seen_everywhere("normal", 2, &["/", "you", "city", "most", "how", "last"]);
}

#[test]
fn the_focus_is_seen_in_high_contrast() {
    seen_everywhere("high", 1, &["/", "city", "most", "how"]);
}

#[test]
fn a_focus_that_is_not_seen_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/was/"));
    let plain = "const sheet = new CSSStyleSheet();
        sheet.replaceSync(':focus-visible { outline: 1px dotted #999 !important; box-shadow: none !important }');
        document.adoptedStyleSheets = [sheet]";
    browser.run(plain, Vec::new());
    assert!(unseen(&browser, 2).len() >= 5);
}

fn hidden_under_bars(channel: Channel, screens: &[Options]) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(screens[0]) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
    let mut wrong = Vec::new();
    tour.problems(&mut |state| {
        for look in Look::of_every_size(screens) {
            browser.wear(look);
            let found = strings(browser.run(REACH, Vec::new()));
            wrong.extend(found.into_iter().map(|line| format!("{look}, {state}: {line}")));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_bar_lies_over_the_focus() {
    hidden_under_bars(Channel::Web, &[PHONE]);
    hidden_under_bars(Channel::Kiosk, &[UPRIGHT, LYING]);
}

#[test]
fn a_bar_over_the_focus_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/alle/#page-city"));
    let bar = "Object.assign(document.querySelector('.foot').style, { position: 'fixed', bottom: 0, height: '400px', background: 'red' })";
    browser.run(bar, Vec::new());
    assert!(!strings(browser.run(REACH, Vec::new())).is_empty());
}

#[test]
fn a_link_of_the_summary_leads_into_the_field_for_every_kind() {
    let place = Place::of(every_question_required(), Channel::Web, None);
    let Some(browser) = Browser::start(PHONE) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    let mut questions = 0;
    tour.page("you");
    for _ in PAGES {
        assert_eq!(browser.focus(), "step");
        tour.go_on();
        assert_eq!(browser.focus(), "problems");
        let links = "return [...document.querySelectorAll('#problems a')].map((it) => it.hash)";
        let links = strings(browser.run(links, Vec::new()));
        questions += links.len();
        for link in links {
            browser.tab_to(&format!("#problems [href='{link}']"));
            browser.press(ENTER);
            // Where the list of a ranking is linked to, its first button stands for it.
            let there = "const [hash] = arguments;
                const it = document.activeElement;
                const box = document.querySelector(hash).closest('.row, .question');
                const { top } = box.getBoundingClientRect();
                return [box.contains(it), it.matches('input, select, textarea, button'), top >= 0 && top < innerHeight / 2]";
            let there = browser.run(there, vec![link.clone().into()]);
            assert_eq!(there, json!([true, true, true]), "{link} leads to {}", browser.focus());
            browser.run("scrollTo(0, 0)", Vec::new());
        }
        tour.fill();
        tour.go_on();
    }
    tour.go_on();
    browser.wait_until("location.pathname.endsWith('/tak/')");
    // Every question of the survey, and six rows for three of them.
    assert_eq!(questions, 25, "questions or rows with a problem");
}
