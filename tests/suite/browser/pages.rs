//! A survey's pages as somebody answers them.

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::place::Place;
use super::{Browser, Options, PHONE};
use crate::authors::Desk;

const NEXT: &str = "[data-action=next]";
const BACK: &str = "[data-action=back]";
const SEND: &str = "[data-action=send]";

/// The survey's first page, just opened.
fn started(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    Some(browser)
}

/// Ticks or picks an input by its label, as a finger does.
fn pick(browser: &Browser, input: &str) {
    browser.click(&format!("label:has(#{input})"));
}

fn to_second_page(browser: &Browser) {
    pick(browser, "q-often-daily");
    browser.click(NEXT);
}

#[test]
fn one_page_at_a_time_with_steps_and_the_browsers_back() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    assert_eq!(browser.text(".step"), "Trin 1 af 3 · cirka 2 minutter tilbage");
    assert_eq!(browser.focus(), "step");
    assert!(browser.shows("#page-you") && !browser.shows("#page-doing"));
    assert!(!browser.shows(SEND));
    to_second_page(&browser);
    assert!(browser.text(".step").starts_with("Trin 2 af 3 · "));
    assert_eq!(browser.focus(), "step");
    browser.back();
    browser.wait_until("!document.querySelector('#page-you').hidden");
    assert_eq!(
        browser.run("return document.querySelector('#q-often-daily').checked", vec![]),
        true
    );
    browser.click(BACK);
    browser.wait_until("!document.querySelector('#start').hidden");
}

#[test]
fn conditions_and_skips_follow_the_answers_without_moving_the_focus() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    assert!(!browser.shows("#question-why"));
    pick(&browser, "q-often-weekly");
    assert!(browser.shows("#question-why"));
    assert_eq!(browser.focus(), "q-often-weekly");
    pick(&browser, "q-often-never");
    assert!(!browser.shows("#question-why"));
    assert!(browser.text(".step").starts_with("Trin 1 af 2 · "));
    pick(&browser, "q-often-daily");
    browser.click(NEXT);
    assert!(browser.shows("label:has(#q-what-dog)") && !browser.shows("#row-rate-dogs"));
    pick(&browser, "q-what-dog");
    assert!(browser.shows("#row-rate-dogs"));
    // A choice that is no longer offered is no answer any more.
    browser.click(BACK);
    browser.wait_until("!document.querySelector('#page-you').hidden");
    pick(&browser, "q-often-weekly");
    browser.click(NEXT);
    assert!(!browser.shows("label:has(#q-what-dog)") && !browser.shows("#row-rate-dogs"));
    browser.click(NEXT);
    assert!(browser.text("#problem-what").contains("Hvad laver du?"));
}

#[test]
fn what_is_wrong_is_said_at_next_and_mended_at_once() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    browser.click(NEXT);
    assert_eq!(browser.focus(), "problems");
    assert!(browser.title().starts_with("Fejl: "));
    assert_eq!(browser.text("#problems h2"), "Der er et problem");
    let sentence = browser.text("#problem-often");
    assert_eq!(browser.text("#problems li"), sentence);
    browser.click("#problems a");
    assert_eq!(browser.focus(), "q-often-daily");
    assert!(browser.shows("#page-you"));
    pick(&browser, "q-often-daily");
    let mended = "return document.querySelector('#problem-often').matches('.mended')";
    assert_eq!(browser.run(mended, vec![]), true);
    browser.click(NEXT);
    assert!(!browser.shows("#problems"));
    assert!(!browser.title().starts_with("Fejl"));
    browser.type_into("#q-times", "0,3");
    browser.click(NEXT);
    assert_eq!(browser.text("#problems h2"), "Der er 3 problemer");
    assert!(browser.shows("#problem-rate-clean"));
    let invalid = "return document.querySelector('#q-times').ariaInvalid";
    assert_eq!(browser.run(invalid, vec![]), "true");
}

#[test]
fn others_and_exclusive_choices_keep_each_other_right() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    pick(&browser, "q-often-weekly");
    browser.type_into("#q-why-other-text", "Regn");
    assert_eq!(browser.run("return document.querySelector('#q-why').value", vec![]), "other");
    browser.click(NEXT);
    let ticked =
        "return [...document.querySelectorAll('#question-what :checked')].map(x => x.value)";
    pick(&browser, "q-what-none");
    browser.type_into("#q-what-other-text", "Fugle");
    assert_eq!(browser.run(ticked, vec![]), json!(["other"]));
    pick(&browser, "q-what-none");
    assert_eq!(browser.run(ticked, vec![]), json!(["none"]));
}

#[test]
fn a_survey_is_sent_with_what_was_asked_only() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    pick(&browser, "q-often-weekly");
    browser.run("document.querySelector('#q-why').value = 'far'", vec![]);
    to_second_page(&browser);
    pick(&browser, "q-what-dog");
    pick(&browser, "q-what-shop");
    pick(&browser, "q-rate-clean-2");
    pick(&browser, "q-rate-dogs-x");
    browser.type_into("#q-times", "2,5");
    browser.click(NEXT);
    browser.type_into("#q-more", "Flere træer og bænke og mere lys");
    assert_eq!(browser.text("#count-more"), "12 tegn for mange");
    browser.click(NEXT);
    assert_eq!(browser.focus(), "problems");
    browser.run("document.querySelector('#q-more').value = ''", vec![]);
    browser.type_into("#q-more", "Ring 33 12 34 56");
    browser.click(NEXT);
    assert!(browser.shows(".guard"), "a phone number is warned about");
    browser.click(NEXT);
    browser.click(SEND);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let responses = place.responses();
    assert_eq!(responses.len(), 1);
    let response = serde_json::to_value(&responses[0]).expect("JSON");
    assert_eq!(
        response["answers"],
        json!({
            "often": "daily", "what": ["dog", "shop"], "rate": {"clean": "2", "dogs": "x"},
            "times": 2.5, "more": "Ring 33 12 34 56",
        })
    );
    let order = response["shown"]["what"].as_array().expect("the order shown");
    assert_eq!(order.len(), 6);
    assert_eq!(order[4..], [json!("other"), json!("none")]);
    assert!(response["duration_s"].is_number());
}

#[test]
fn a_draft_is_offered_after_a_reload_and_gone_once_sent() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    pick(&browser, "q-often-never");
    browser.click(NEXT);
    browser.type_into("#q-more", "Nej");
    browser.reload();
    assert!(browser.shows("#draft") && !browser.shows("[data-action=start]"));
    browser.click("[data-action=resume]");
    assert!(browser.shows("#page-last"));
    assert_eq!(browser.run("return document.querySelector('#q-more').value", vec![]), "Nej");
    browser.reload();
    browser.click("[data-action=anew]");
    assert!(browser.shows("[data-action=start]") && !browser.shows("#draft"));
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    browser.click("[data-action=start]");
    pick(&browser, "q-often-never");
    assert_eq!(browser.run("return localStorage.length", vec![]), 1);
    browser.click(NEXT);
    browser.click(NEXT);
    browser.click(SEND);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn another_language_keeps_page_and_answers() {
    let place = Place::open(Channel::Web);
    let Some(browser) = started(&place, PHONE) else { return };
    to_second_page(&browser);
    pick(&browser, "q-what-dog");
    browser.click("button[name=_switch]");
    browser.wait_until("document.documentElement.lang === 'en' && window.evaluate === undefined");
    browser.wait_until("document.querySelector('#page-doing')?.checkVisibility()");
    assert!(browser.text(".step").starts_with("Step 2 of 3 · "));
    assert_eq!(browser.run("return document.querySelector('#q-what-dog').checked", vec![]), true);
    assert!(!browser.shows("#problems"));
    assert!(place.responses().is_empty());
}

#[test]
fn without_javascript_the_server_sends_back_what_is_missing() {
    let place = Place::open(Channel::Web);
    let plain = Options { javascript: false, ..PHONE };
    let Some(browser) = Browser::start(plain) else { return };
    browser.goto(&place.at("/s/proeve/"));
    assert!(browser.shows("#page-you") && browser.shows("#page-last"));
    pick(&browser, "q-often-never");
    browser.type_into("#q-more", "Mere end tyve tegn er for langt");
    browser.click(SEND);
    browser.wait_until("document.title.startsWith('Fejl: ')");
    assert!(browser.shows("#problem-more"));
    browser.run("document.querySelector('#q-more').value = 'Nej'", vec![]);
    browser.click(SEND);
    browser.wait_until("location.pathname === '/s/proeve/tak/'");
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn larger_text_and_contrast_go_along_to_other_pages() {
    let place = Place::open(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/"));
    browser.click("[data-action=larger]");
    browser.click("[data-action=larger]");
    browser.click("[data-action=contrast]");
    browser.goto(&place.at("/s/proeve/"));
    let look =
        "const { text, contrast } = document.documentElement.dataset; return [text, contrast]";
    assert_eq!(browser.run(look, vec![]), json!(["2", "high"]));
    browser.click("[data-action=larger]");
    browser.click("[data-action=contrast]");
    assert_eq!(browser.run(look, vec![]), json!(["0", "normal"]));
    let pressed = "return document.querySelectorAll('[aria-pressed=true]').length";
    assert_eq!(browser.run(pressed, vec![]), 0);
}

#[test]
fn questions_may_be_called_as_what_a_form_has_of_its_own() {
    const NAMES: [&str; 8] =
        ["submit", "reset", "elements", "append", "dataset", "matches", "action", "closest"];
    let desk = Desk::new();
    let questions = NAMES
        .map(|name| format!("## {name}? {{#{name}}}\n\n- ( ) Ja {{#yes}}\n- ( ) Nej {{#no}}\n\n"));
    let pages =
        format!("# Side\n\n{}\n# Mere\n\n{}", questions[..4].concat(), questions[4..].concat());
    for (name, model) in [
        ("navne.md", include_str!("../../fixtures/browser/proeve.md")),
        ("navne.en.md", include_str!("../../fixtures/browser/proeve.en.md")),
    ] {
        let front = model.split("---\n").nth(1).expect("front matter");
        let text = format!("---\n{front}---\n\n{pages}");
        std::fs::write(desk.path("content/surveys").join(name), text).expect("written");
    }
    let place = Place::of(desk, Channel::Web, None);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/navne/"));
    browser.click("[data-action=start]");
    for names in NAMES.chunks(4) {
        for name in names {
            pick(&browser, &format!("q-{name}-yes"));
        }
        browser.click(NEXT);
    }
    browser.click(SEND);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let response = serde_json::to_value(&place.responses()[0]).expect("JSON");
    assert_eq!(response["answers"].as_object().map(|answers| answers.len()), Some(NAMES.len()));
}
