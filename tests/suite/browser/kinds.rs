//! Every kind of question, answered in three ways that have to come to the same: with a finger or a
//! mouse, without JavaScript, and with the keys alone. The survey is `/s/alle/`.

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::Place;
use super::states::YOU;
use super::{Browser, Options, PHONE};

const NEXT: &str = "[data-action=next]";
const SEND: &str = "[data-action=send]";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";

/// What the three ways answer, but for what is stored by itself.
fn answers() -> Value {
    json!({
        "name": "Kim", "born": "1980-05-03", "up": "08:30", "people": 4, "children": 2,
        "post": "2200", "where": "noerrebro", "what": ["sport", "other"], "what.other": "Fugle",
        "picture": "bench", "best": "sport", "rank": ["benches", "other"], "rank.other": "Lys",
        "budget": {"newtrees": 60, "benches": 40}, "rate": {"clean": "2", "light": "x"},
        "use": {"parks": ["days", "ends"], "lakes": ["x"]}, "feel": {"pace": "4", "colour": "1"},
        "happy": 7, "moved": 1999, "came": "bike", "more": "Tak", "consent": "yes",
    })
}

/// What was stored, once the thank-you is there.
fn stored(browser: &Browser, place: &Place) -> Value {
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let responses = place.responses();
    assert_eq!(responses.len(), 1);
    let mut response = serde_json::to_value(&responses[0]).expect("JSON");
    let answers = response["answers"].as_object_mut().expect("answers");
    answers.remove("mail");
    answers.remove("phone");
    response
}

fn opened(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/alle/"));
    if options.javascript {
        browser.click("[data-action=start]");
    }
    Some(browser)
}

fn type_all(browser: &Browser) {
    for (id, text) in YOU {
        browser.type_into(&format!("#q-{id}"), text);
    }
}

fn pick(browser: &Browser, inputs: &[&str]) {
    for input in inputs {
        browser.click(&format!("label:has(#q-{input})"));
    }
}

const ROWS: [&str; 7] = [
    "rate-clean-2",
    "rate-light-x",
    "use-parks-days",
    "use-parks-ends",
    "use-lakes-x",
    "feel-pace-4",
    "feel-colour-1",
];

#[test]
fn every_kind_is_answered_by_finger() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    type_all(&browser);
    browser.click(NEXT);
    browser.click(".map [data-code=valby]");
    assert_eq!(
        browser.run("return document.querySelector('#q-where-valby').checked", vec![]),
        true
    );
    browser.click(".map [data-code=noerrebro]");
    pick(&browser, &["what-sport", "picture-bench"]);
    browser.type_into("#q-what-other-text", "Fugle");
    browser.click(NEXT);
    pick(&browser, &["best-sport"]);
    browser.click("#q-rank-trees");
    browser.click("#q-rank-benches");
    assert_eq!(browser.text("#question-rank .status"), "Bænke er nummer 2");
    browser.click("#q-rank-trees");
    assert_eq!(browser.text("#q-rank-benches .badge"), "1");
    browser.type_into("#q-rank-other-text", "Lys");
    assert_eq!(browser.text("#q-rank-other .badge"), "2");
    browser.click("#q-rank-play");
    assert!(browser.text("#question-rank .status").starts_with("Du har valgt 2."));
    for _ in 0..12 {
        browser.click("[aria-label='Mere til Nye træer']");
    }
    assert_eq!(browser.text(".remainder"), "Du har 40 tilbage");
    for _ in 0..9 {
        browser.click("[aria-label='Mere til Flere bænke']");
    }
    assert_eq!(browser.text(".remainder"), "Alt er delt ud");
    browser.click(NEXT);
    pick(&browser, &["use-lakes-days"]);
    pick(&browser, &ROWS);
    browser.click(NEXT);
    pick(&browser, &["happy-7", "consent"]);
    browser.type_into("#q-moved", "1999");
    browser.click("#q-came option[value=bike]");
    browser.type_into("#q-more", "Tak");
    browser.click(NEXT);
    browser.click(SEND);
    let response = stored(&browser, &place);
    assert_eq!(response["answers"], answers());
    let shown = |name: &str| response["shown"][name].as_array().map_or(0, Vec::len);
    let orders = ["page.how", "what", "rank", "use"].map(shown);
    assert_eq!(orders, [3, 5, 4, 2], "{}", response["shown"]);
    assert_eq!(response["shown"]["rank"][3], "other");
}

#[test]
fn every_kind_is_answered_without_javascript() {
    let place = Place::patient(Channel::Web);
    let plain = Options { javascript: false, ..PHONE };
    let Some(browser) = opened(&place, plain) else { return };
    assert!(browser.shows("#rank-rank-1") && !browser.shows("#q-rank-trees"));
    assert!(browser.text("#page-most").contains("det, du valgte i “Hvad laver du?”"));
    type_all(&browser);
    pick(&browser, &["where-noerrebro", "what-sport", "what-other", "picture-bench", "best-sport"]);
    browser.type_into("#q-what-other-text", "Fugle");
    browser.click("#rank-rank-1 option[value=benches]");
    browser.click("#rank-rank-2 option[value=other]");
    browser.type_into("#q-rank-other-text", "Lys");
    browser.type_into("#q-budget-newtrees", "60");
    browser.type_into("#q-budget-benches", "30");
    pick(&browser, &ROWS);
    pick(&browser, &["happy-7", "consent"]);
    browser.type_into("#q-moved", "1999");
    browser.click("#q-came option[value=bike]");
    browser.type_into("#q-more", "Tak");
    browser.click(SEND);
    // 90 of 100: the page comes back with all that was written.
    browser.wait_until("document.title.startsWith('Fejl: ')");
    assert!(browser.text("#problem-budget").starts_with("Fordel præcis 100"));
    assert_eq!(browser.run("return document.querySelector('#rank-rank-2').value", vec![]), "other");
    browser.type_into("#q-budget-benches", "\u{e003}\u{e003}40");
    browser.click(SEND);
    let response = stored(&browser, &place);
    assert_eq!(response["answers"], answers());
    assert_eq!(response["shown"].as_object().map_or(0, serde_json::Map::len), 0);
}

/// Comes to a group of radio buttons and goes down to the one with this value.
fn turn_to(browser: &Browser, name: &str, value: &str) {
    browser.tab_to(&format!("[name='{name}']"));
    browser.press(" ");
    let there = format!("return document.activeElement.value === '{value}'");
    for _ in 0..12 {
        if browser.run(&there, vec![]) == true {
            return;
        }
        browser.press(DOWN);
    }
    panic!("no {value} in {name}");
}

fn go_on(browser: &Browser, button: &str) {
    browser.tab_to(button);
    browser.press(ENTER);
}

/// Tabs to each input, which there has to be, and ticks it.
fn tick(browser: &Browser, inputs: &[&str]) {
    for input in inputs {
        browser.tab_to(&format!("#q-{input}"));
        browser.press(" ");
    }
}

#[test]
fn every_kind_is_answered_with_the_keys_alone() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/alle/"));
    go_on(&browser, "[data-action=start]");
    for (id, text) in YOU {
        browser.tab_to(&format!("#q-{id}"));
        browser.press(text);
    }
    go_on(&browser, NEXT);
    browser.tab_to(".map [data-code=noerrebro]");
    browser.press(ENTER);
    let pressed = "return document.activeElement.getAttribute('aria-pressed')";
    assert_eq!(browser.run(pressed, vec![]), "true");
    tick(&browser, &["what-sport"]);
    browser.tab_to("#q-what-other-text");
    browser.press("Fugle");
    turn_to(&browser, "picture", "bench");
    go_on(&browser, NEXT);
    turn_to(&browser, "best", "sport");
    // What is shuffled may come in any order: once around the page for each.
    tick(&browser, &["rank-benches"]);
    tick(&browser, &["rank-other"]);
    browser.tab_to("#q-rank-other-text");
    browser.press("Lys");
    for (field, points) in [("newtrees", "60"), ("benches", "40")] {
        browser.tab_to(&format!("#q-budget-{field}"));
        browser.press(points);
    }
    go_on(&browser, NEXT);
    for (row, column) in
        [("rate.clean", "2"), ("rate.light", "x"), ("feel.pace", "4"), ("feel.colour", "1")]
    {
        turn_to(&browser, row, column);
    }
    tick(&browser, &["use-parks-days", "use-parks-ends", "use-lakes-x"]);
    go_on(&browser, NEXT);
    turn_to(&browser, "happy", "7");
    browser.tab_to("#q-moved");
    browser.press("1999");
    browser.tab_to("#q-came");
    browser.press("På");
    browser.tab_to("#q-more");
    browser.press("Tak");
    tick(&browser, &["consent"]);
    go_on(&browser, NEXT);
    go_on(&browser, SEND);
    assert_eq!(stored(&browser, &place)["answers"], answers());
}

#[test]
fn what_was_left_open_is_asked_for_once_and_then_let_go() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.click(NEXT);
    assert_eq!(browser.focus(), "problems");
    assert_eq!(browser.text("#problems h2"), "Har du glemt noget?");
    assert!(!browser.title().starts_with("Fejl"));
    assert_eq!(browser.text("#problem-name"), "Du har ikke svaret på: “Hvad skal vi kalde dig?”");
    browser.click("#problems a");
    assert_eq!(browser.focus(), "q-name");
    browser.click(NEXT);
    assert!(browser.shows("#page-city"));
}

#[test]
fn without_javascript_the_server_asks_once_more() {
    let place = Place::patient(Channel::Web);
    let plain = Options { javascript: false, ..PHONE };
    let Some(browser) = opened(&place, plain) else { return };
    pick(&browser, &["where-valby", "consent"]);
    browser.click("#rank-rank-1 option[value=play]");
    browser.click("#rank-rank-2 option[value=trees]");
    browser.type_into("#q-budget-light", "100");
    pick(&browser, &["use-parks-x", "use-lakes-ends"]);
    browser.click(SEND);
    browser.wait_until("document.querySelector('[name=_asked]')");
    assert_eq!(browser.text("#problems h2"), "Har du glemt noget?");
    assert!(browser.shows("#problem-name.nudge"));
    browser.click(SEND);
    assert_eq!(stored(&browser, &place)["answers"]["rank"], json!(["play", "trees"]));
}

#[test]
fn texts_follow_what_was_answered() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    assert_eq!(
        browser.run("return document.querySelector('#page-city h2').textContent", vec![]),
        "Byen og du"
    );
    type_all(&browser);
    browser.type_into("#q-name", " <b>");
    browser.click(NEXT);
    assert_eq!(browser.text("#page-city h2"), "Byen og Kim <b>");
    browser.click(NEXT);
    assert_eq!(browser.text("#problem-where"), "Svar på: “Hvor kommer du mest, Kim <b>?”");
    browser.click(".map [data-code=noerrebro]");
    pick(&browser, &["what-sport"]);
    browser.type_into("#q-what-other-text", "Fugle");
    browser.click(NEXT);
    assert_eq!(browser.text("#page-most .intro"), "Du laver Dyrker sport og Fugle i Nørrebro.");
    assert!(!browser.shows("label:has(#q-best-walk)") && browser.shows("label:has(#q-best-other)"));
    let last = "return document.querySelector('#page-last .intro').textContent.trim()";
    assert_eq!(browser.run(last, vec![]), "Du er født 3. maj 1980, og I er 4 hjemme.");
}

#[test]
fn a_draft_and_another_language_keep_every_kind() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    type_all(&browser);
    browser.click(NEXT);
    browser.click(".map [data-code=noerrebro]");
    pick(&browser, &["what-sport"]);
    browser.click(NEXT);
    browser.click("#q-rank-benches");
    browser.type_into("#q-budget-newtrees", "60");
    let kept = |browser: &Browser| {
        assert_eq!(browser.text("#q-rank-benches .badge"), "1");
        let kept = "const value = (id) => document.querySelector(id).value;
            const area = document.querySelector('[data-code=noerrebro]');
            return [value('#q-budget-newtrees'), value('#q-born'), area.getAttribute('aria-pressed')]";
        assert_eq!(browser.run(kept, vec![]), json!(["60", "3.5.1980", "true"]));
    };
    browser.reload();
    browser.click("[data-action=resume]");
    assert!(browser.shows("#page-most"));
    kept(&browser);
    browser.click("button[name=_switch]");
    browser.wait_until("document.documentElement.lang === 'en'");
    browser.wait_until("document.querySelector('#page-most')?.checkVisibility()");
    kept(&browser);
    assert_eq!(browser.text(".remainder"), "You have 40 left");
    assert!(!browser.shows("#problems"));
}

#[test]
fn what_an_author_checks_is_said_in_the_authors_words() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.type_into("#q-people", "2");
    browser.type_into("#q-children", "2");
    browser.type_into("#q-born", "3.5.1901");
    browser.click(NEXT);
    assert_eq!(browser.text("#problem-children"), "Der skal bo mindst én voksen hos jer.");
    let born = "Skriv en dato, der er 1. januar 1910 eller senere, i: “Hvornår er du født?”";
    assert_eq!(browser.text("#problem-born"), born);
}

#[test]
fn a_long_scale_breaks_into_two_lines_of_much_the_same_length() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/alle/"));
    let lines = "
        for (const part of document.querySelectorAll('.page, .question')) part.hidden = false;
        const lines = {};
        for (const box of document.querySelectorAll('#question-happy .choice')) {
          const { top } = box.getBoundingClientRect();
          lines[top] = (lines[top] ?? 0) + 1;
        }
        return Object.values(lines)";
    assert_eq!(browser.run(lines, vec![]), json!([6, 5]));
}
