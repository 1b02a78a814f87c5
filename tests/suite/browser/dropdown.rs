//! Long lists: searched by typing, picked by finger or with the keys. The survey is `/s/liste/`.

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::axe::violations;
use super::place::Place;
use super::{Browser, Options, PHONE};

const NEXT: &str = "[data-action=next]";
const FIELD: &str = "#q-where";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const BACKSPACE: &str = "\u{e003}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

const KIOSK: Options = Options { width: 1080, height: 1920, javascript: true };

fn opened(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/liste/"));
    browser.click("[data-action=start]");
    Some(browser)
}

/// The rows shown.
fn rows(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('#list-where li')]
        .filter((row) => row.checkVisibility()).map((row) => row.textContent)";
    let found = browser.run(script, vec![]);
    let rows = found.as_array().expect("a list").iter();
    rows.map(|row| row.as_str().unwrap_or_default().to_owned()).collect()
}

/// The field's text, and what the form would send.
fn chosen(browser: &Browser) -> (String, String) {
    let script = "return [document.querySelector('#q-where').value,
        new FormData(document.querySelector('#survey-form')).get('where') ?? '']";
    let found = browser.run(script, vec![]);
    let text = |at: usize| found[at].as_str().unwrap_or_default().to_owned();
    (text(0), text(1))
}

fn pair(text: &str, code: &str) -> (String, String) {
    (text.to_owned(), code.to_owned())
}

/// Types into the emptied field.
fn search(browser: &Browser, text: &str) {
    browser.run("document.querySelector('#q-where').select()", vec![]);
    browser.press(&format!("{BACKSPACE}{text}"));
}

#[test]
fn typing_finds_rows_however_they_are_spelt() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.click(FIELD);
    assert_eq!(rows(&browser).len(), 10, "all that are offered");
    assert_eq!(violations(&browser), [""; 0]);
    for (typed, found) in [
        ("noerre", vec!["Nørrebro"]),
        ("NÖRRE", vec!["Nørrebro"]),
        ("norre", vec!["Nørrebro"]),
        ("ø", vec!["Østerbro", "Nørrebro", "Vanløse", "Brønshøj", "Amager Øst", "Ørestad"]),
        ("ter", vec!["Østerbro", "Vesterbro"]),
        ("  valby ", vec!["Valby"]),
        ("London", vec![]),
    ] {
        search(&browser, typed);
        let rows = rows(&browser);
        let missing = found.iter().filter(|row| !rows.iter().any(|shown| shown == *row));
        assert_eq!(missing.count(), 0, "{typed}: {rows:?}");
        assert!(found.len() > 2 || rows.len() == found.len(), "{typed}: {rows:?}");
    }
    assert!(browser.text(".search .help").starts_with("Det står ikke på listen."));
    assert_eq!(violations(&browser), [""; 0]);
    browser.wait_until("/^Det står/.test(document.querySelector('#spoken').textContent)");
    search(&browser, "ter");
    browser.wait_until("document.querySelector('#spoken').textContent === 'På listen: 2'");
    assert_eq!(chosen(&browser).1, "", "what is searched for is no answer");
}

#[test]
fn a_row_is_picked_by_finger_and_stays() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.click(FIELD);
    browser.click("#list-where li:nth-child(3)");
    assert_eq!(chosen(&browser), pair("Nørrebro", "noerre"));
    assert_eq!(browser.focus(), "q-where");
    assert!(rows(&browser).is_empty());
    browser.reload();
    browser.click("[data-action=resume]");
    assert_eq!(chosen(&browser), pair("Nørrebro", "noerre"));
    browser.click("button[name=_switch]");
    browser.wait_until("document.documentElement.lang === 'en'");
    browser.wait_until("document.querySelector('#q-where')?.value === 'North'");
    assert_eq!(chosen(&browser), pair("North", "noerre"));
    browser.click(NEXT);
    browser.type_into("#q-more", "!");
    browser.click(NEXT);
    assert!(browser.text("#review").contains("North"));
    browser.click("[data-action=send]");
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let response = serde_json::to_value(&place.responses()[0]).expect("JSON");
    assert_eq!(response["answers"]["where"], json!("noerre"));
}

#[test]
fn the_keys_alone_open_walk_pick_and_leave() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    let at = |browser: &Browser| {
        let script = "const row = document.querySelector('#list-where [aria-selected=true]');
            const said = document.activeElement.getAttribute('aria-activedescendant');
            return said === row.id && row.textContent";
        browser.run(script, vec![])
    };
    let expanded = "return document.activeElement.ariaExpanded";
    browser.tab_to(FIELD);
    assert_eq!(browser.run(expanded, vec![]), "false");
    browser.press(DOWN);
    assert_eq!(browser.run(expanded, vec![]), "true");
    browser.press(DOWN);
    assert_eq!(at(&browser), "Indre By");
    browser.press(UP);
    assert_eq!(at(&browser), "Et andet sted");
    browser.press(DOWN);
    browser.press(DOWN);
    browser.press(ENTER);
    assert_eq!(chosen(&browser), pair("Østerbro", "oester"));
    assert!(browser.shows("#page-place"), "Enter has sent nothing");
    // What was searched for in vain is forgotten, what was meant is taken.
    browser.press("xyz");
    browser.press(ESCAPE);
    assert_eq!(chosen(&browser), pair("Østerbro", "oester"));
    search(&browser, "valb\t");
    assert_eq!(chosen(&browser), pair("Valby", "valby"));
    browser.tab_to(FIELD);
    search(&browser, "bro\t");
    assert_eq!(chosen(&browser), pair("Valby", "valby"), "several would fit");
    browser.tab_to(FIELD);
    search(&browser, "\t");
    assert_eq!(chosen(&browser), pair("", ""), "an emptied field is no answer");
}

#[test]
fn only_what_is_offered_is_on_the_list() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.click("label:has(#q-dog-yes)");
    browser.click(FIELD);
    search(&browser, "hund");
    browser.click("#list-where li");
    assert_eq!(chosen(&browser), pair("Hundeskoven", "woods"));
    browser.click("label:has(#q-dog-no)");
    assert_eq!(chosen(&browser), pair("", ""));
    browser.click(FIELD);
    assert!(!rows(&browser).contains(&"Hundeskoven".to_owned()));
    browser.press(ESCAPE);
    browser.type_into("#q-where-other-text", "Havnen");
    assert_eq!(chosen(&browser), pair("Et andet sted", "other"));
}

#[test]
fn problems_lead_to_the_field() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    browser.click(NEXT);
    let told = "const field = document.querySelector('#q-where');
        return [field.getAttribute('aria-invalid'), field.getAttribute('aria-describedby')]";
    assert_eq!(browser.run(told, vec![]), json!(["true", "problem-where"]));
    browser.click("#problems a");
    assert_eq!(browser.focus(), "q-where");
    assert!(rows(&browser).is_empty(), "a list that opens by itself would hide what follows");
    browser.press("valb");
    browser.press(ENTER);
    assert_eq!(browser.run(told, vec![])[0], json!(null));
    // The server's messages stand in the same places.
    browser.run("document.querySelector('#survey-form').submit()", vec![]);
    browser.goto(&place.at("/s/liste/"));
    browser.run("localStorage.clear(); document.querySelector('#survey-form').submit()", vec![]);
    browser.wait_until("document.querySelector('#problems li')");
    assert_eq!(browser.run(told, vec![]), json!(["true", "problem-where"]));
    browser.click("#problems a");
    assert_eq!(browser.focus(), "q-where");
}

#[test]
fn short_lists_are_the_systems_own_but_on_a_kiosk() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = opened(&place, PHONE) else { return };
    assert!(browser.shows("select[name=how]") && !browser.shows("select[name=where]"));
    drop(browser);
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = opened(&place, KIOSK) else { return };
    assert!(!browser.shows("select"));
    browser.click("#q-how");
    let heights = "return [...document.querySelectorAll('#list-how li, #q-how')]
        .map((row) => row.getBoundingClientRect().height)";
    let heights = browser.run(heights, vec![]);
    let heights = heights.as_array().expect("a list");
    assert_eq!(heights.len(), 3);
    assert!(heights.iter().all(|height| height.as_f64() >= Some(64.0)), "{heights:?}");
    assert_eq!(violations(&browser), [""; 0]);
    browser.click("#list-how li:last-child");
    assert_eq!(browser.run("return document.querySelector('#q-how').value", vec![]), "På cykel");
}
