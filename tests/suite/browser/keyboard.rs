//! The keyboard on a kiosk's screen: every layout typed on, caret and deletion, coming and going, and
//! a keyboard that is plugged in beside it.

use std::thread::sleep;
use std::time::Duration;

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::axe::violations;
use super::place::Place;
use super::{Browser, Options};
use super::{LYING, UPRIGHT};

const OPEN: &str = "!document.querySelector('.keyboard').hidden";

/// The first page of `/s/alle/` with its first field in use.
fn writing(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/alle/"));
    browser.click("[data-action=start]");
    browser.click("#q-name");
    Some(browser)
}

fn key(name: &str) -> String {
    format!(".key[data-key='{name}']")
}

/// Presses the keys of this line, named as in layouts.js.
fn tap(browser: &Browser, keys: &str) {
    for name in keys.split(' ') {
        browser.click(&key(name));
    }
}

fn value(browser: &Browser, id: &str) -> String {
    let read = "return document.querySelector(arguments[0]).value";
    browser.run(read, vec![id.into()]).as_str().unwrap_or_default().to_owned()
}

fn has_key(browser: &Browser, name: &str) -> bool {
    browser.shows(&key(name))
}

fn use_field(browser: &Browser, css: &str) {
    browser.run("document.querySelector(arguments[0]).focus()", vec![css.into()]);
}

#[test]
fn letters_write_sentences_with_capitals_where_they_belong() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    tap(&browser, "h e j . space d u , space shift å s e");
    assert_eq!(value(&browser, "#q-name"), "Hej. Du, Åse");
    tap(&browser, "space æ ø delete 1 signs ! ? letters space shift");
    assert_eq!(value(&browser, "#q-name"), "Hej. Du, Åse æ1!? ");
    assert_eq!(browser.focus(), "q-name");
    // What shift was pressed for is undone where a capital comes by itself.
    tap(&browser, "b");
    assert_eq!(value(&browser, "#q-name"), "Hej. Du, Åse æ1!? b");
}

#[test]
fn each_kind_has_the_keys_that_it_reads() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    let typed = |id: &str, keys: &str, want: &str, missing: &str| {
        use_field(&browser, id);
        tap(&browser, keys);
        assert_eq!(value(&browser, id), want);
        assert!(missing.split(' ').all(|name| !has_key(&browser, name)), "{id} has {missing}");
    };
    typed("#q-born", "3 . 5 . 1 9 8 0", "3.5.1980", "a , - +");
    typed("#q-up", "8 . 3 0 delete delete delete : 3 0", "8:30", "a , -");
    typed("#q-people", "4", "4", "a . , - +");
    typed("#q-post", "2 2 0 0", "2200", "a . , - +");
    typed("#q-mail", "a n _ b - c @ x 1 .dk", "an_b-c@x1.dk", "shift å space");
    typed("#q-phone", "+ 4 5", "+45", "a , . -");
    let modes = "return [...document.querySelectorAll('input[type=text], textarea')]
        .filter((field) => field.getAttribute('inputmode') !== 'none').map((field) => field.id)";
    assert_eq!(browser.run(modes, vec![]), json!([]));
    let hidden = "document.querySelectorAll('.page').forEach((page) => { page.hidden = false; })";
    browser.run(hidden, vec![]);
    let only = |id: &str, has: &str, lacks: &str| {
        use_field(&browser, id);
        assert!(has_key(&browser, has) && !has_key(&browser, lacks), "{id}");
    };
    only("#q-budget-benches", "7", ",");
    only("#q-moved", "7", "a");
    only("#q-what-other-text", "å", ".dk");
    only("#q-more", "å", ".dk");
    browser.goto(&place.at("/s/proeve/"));
    browser.run(hidden, vec![]);
    only("#q-times", ",", "-");
}

#[test]
fn the_caret_moves_and_what_is_deleted_is_deleted_whole() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    tap(&browser, "a b c left left x");
    assert_eq!(value(&browser, "#q-name"), "Axbc");
    tap(&browser, "right right right d left delete");
    assert_eq!(value(&browser, "#q-name"), "Axbd");
    browser.run("document.querySelector('#q-name').setSelectionRange(1, 3)", vec![]);
    tap(&browser, "ø");
    assert_eq!(value(&browser, "#q-name"), "Aød");
    browser.run("document.querySelector('#q-name').select()", vec![]);
    tap(&browser, "delete delete");
    assert_eq!(value(&browser, "#q-name"), "");
    // A sign of two halves, as a plugged-in keyboard or a paste may bring one.
    let two = "const field = document.querySelector('#q-name'); field.value = 'a😀b';
        field.setSelectionRange(4, 4)";
    browser.run(two, vec![]);
    tap(&browser, "left left x right delete");
    assert_eq!(value(&browser, "#q-name"), "axb");
}

#[test]
fn the_keys_lead_on_to_the_next_field_and_to_a_new_line() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    assert_eq!(browser.text(&key("enter")), "Næste felt");
    tap(&browser, "enter");
    assert_eq!(browser.focus(), "q-born");
    assert!(has_key(&browser, ".") && !has_key(&browser, "a"));
    use_field(&browser, "#q-phone");
    assert_eq!(browser.text(&key("enter")), "Færdig");
    tap(&browser, "enter");
    browser.wait_until("document.querySelector('.keyboard').hidden");
    browser.goto(&place.at("/en/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click("[data-action=next]");
    browser.click("#q-more");
    assert_eq!(browser.text(&key("enter")), "New line");
    tap(&browser, "h i enter å");
    assert_eq!(value(&browser, "#q-more"), "Hi\nÅ");
    assert_eq!(browser.text("#count-more"), "16 characters left");
}

#[test]
fn the_page_reacts_as_to_typing() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-weekly)");
    browser.click("#q-why-other-text");
    tap(&browser, "r e g n");
    assert_eq!(value(&browser, "select[name=why]"), "other");
    browser.click("[data-action=next]");
    browser.click("label:has(#q-what-none)");
    browser.click("#q-what-other-text");
    tap(&browser, "f");
    let ticked = "return [...document.querySelectorAll('#question-what :checked')].map(x => x.id)";
    assert_eq!(browser.run(ticked, vec![]), json!(["q-what-other"]));
}

#[test]
fn it_closes_when_the_focus_is_gone_and_never_under_a_finger() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    // In one turn: what is asked for later may come late on a busy machine.
    let fate = "const [done] = arguments;
        const board = document.querySelector('.keyboard');
        document.activeElement.blur();
        const begun = performance.now();
        const at_once = board.hidden;
        new MutationObserver(() => done([at_once, performance.now() - begun]))
          .observe(board, { attributeFilter: ['hidden'] });";
    let fate = browser.run_async(fate, vec![]);
    assert_eq!(fate[0], false);
    let after = fate[1].as_f64().expect("milliseconds");
    assert!((245.0..2000.0).contains(&after), "{after}");
    browser.click("#q-name");
    browser.wait_until(OPEN);
    let top = "return document.querySelector('[data-action=next]').getBoundingClientRect().top";
    let before = browser.run(top, vec![]);
    browser.hold("[data-action=next]");
    sleep(Duration::from_millis(700));
    assert_eq!(browser.run(&format!("return {OPEN}"), vec![]), true);
    let moved = [browser.run(top, vec![]), before].map(|top| top.as_f64().expect("pixels"));
    // Pressed, a button gives way by a pixel.
    assert!((moved[0] - moved[1]).abs() < 2.0, "{moved:?}");
    browser.let_go("[data-action=next]");
    assert!(browser.shows("#problems"), "the button was not pressed");
    browser.wait_until("document.querySelector('.keyboard').hidden");
    // From field to field nothing moves.
    browser.click("#q-name");
    let before = browser.run(top, vec![]);
    use_field(&browser, "#q-born");
    sleep(Duration::from_millis(400));
    assert_eq!(browser.run(top, vec![]), before);
    // Hidden by its key, it comes back with a touch of the field.
    tap(&browser, "hide");
    assert_eq!(browser.run(&format!("return {OPEN}"), vec![]), false);
    assert_eq!(browser.focus(), "q-born");
    browser.click("#q-born");
    assert_eq!(browser.run(&format!("return {OPEN}"), vec![]), true);
}

#[test]
fn a_key_held_for_long_writes_once_and_delete_goes_on() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    tap(&browser, "a b c");
    browser.hold(&key("d"));
    sleep(Duration::from_millis(900));
    browser.let_go(&key("d"));
    assert_eq!(value(&browser, "#q-name"), "Abcd");
    browser.hold(&key("delete"));
    browser.wait_until("document.querySelector('#q-name').value === ''");
    browser.let_go(&key("delete"));
    // Let go beside the keyboard, a key was not meant.
    browser.hold(&key("e"));
    browser.let_go("#q-name");
    assert_eq!(value(&browser, "#q-name"), "");
}

#[test]
fn plugged_in_keys_go_on_working_and_never_stop_at_those_on_the_screen() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, UPRIGHT) else { return };
    tap(&browser, "a");
    browser.press("b\u{e003}c");
    tap(&browser, "d");
    assert_eq!(value(&browser, "#q-name"), "Acd");
    let mut stops = Vec::new();
    for _ in 0..20 {
        browser.press("\u{e004}");
        stops.push(browser.focus());
    }
    assert_eq!(stops[0], "q-born");
    assert!(stops.iter().all(|stop| !stop.contains("key")), "{stops:?}");
    // A screen reader's press is a click without a finger.
    use_field(&browser, "#q-name");
    browser.press("\u{e010}");
    // Where the caret is now, the page hears with its next frame.
    browser.wait_until("document.querySelector('[data-key=shift]').ariaPressed === 'false'");
    browser.run("document.querySelector(\".key[data-key='e']\").click()", vec![]);
    assert_eq!(value(&browser, "#q-name"), "Acde");
}

/// The least width and height of a key, and whether the field is in sight between what stands above
/// and below it.
fn measured(browser: &Browser) -> (f64, f64, bool) {
    let measure = "const boxes = [...document.querySelectorAll('.key')].map((key) =>
          key.getBoundingClientRect());
        const field = document.activeElement.getBoundingClientRect();
        const form = document.querySelector('#survey-form').getBoundingClientRect();
        const sticky = document.querySelector('.controls');
        const below = getComputedStyle(sticky).position === 'sticky' ?
          sticky.getBoundingClientRect().top : form.bottom;
        return [Math.min(...boxes.map(({ width }) => width)),
          Math.min(...boxes.map(({ height }) => height)),
          field.top >= form.top && field.bottom <= below]";
    let found = browser.run(measure, vec![]);
    let number = |at: usize| found[at].as_f64().expect("a number");
    (number(0), number(1), found[2] == true)
}

fn assert_size(options: Options, least: f64) {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, options) else { return };
    for text in 0..3 {
        for field in ["#q-name", "#q-mail", "#q-born", "#q-phone"] {
            use_field(&browser, field);
            let (width, height, in_sight) = measured(&browser);
            assert!(width >= least && height >= least, "{field} {text}: {width} × {height}");
            assert!(in_sight, "{field} is out of sight, text {text}");
        }
        browser.click("[data-action=larger]");
        // The one who writes goes on writing.
        assert_eq!(browser.focus(), "q-phone");
        assert!(measured(&browser).2, "{text}");
    }
}

#[test]
fn keys_are_large_on_an_upright_screen() {
    assert_size(UPRIGHT, 70.0);
}

#[test]
fn keys_are_large_on_a_lying_screen_and_leave_the_field_in_sight() {
    assert_size(LYING, 64.0);
}

#[test]
fn every_layout_is_named_for_those_who_hear_it() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = writing(&place, LYING) else { return };
    // Colours on their way from one contrast to the other are neither.
    browser.wish("prefers-reduced-motion", "reduce");
    let names = "const { ariaLabel, textContent } = document.querySelector(arguments[0]);
        return ariaLabel ?? textContent";
    let name = |key: String| browser.run(names, vec![Value::from(key)]);
    assert_eq!(name(key("space")), "Mellemrum");
    assert_eq!(name(key("delete")), "Slet");
    assert_eq!(name(key(".")), "punktum");
    for action in ["none", "contrast", "larger", "larger"] {
        if action != "none" {
            browser.click(&format!("[data-action={action}]"));
        }
        for field in ["#q-name", "#q-mail", "#q-born"] {
            use_field(&browser, field);
            assert_eq!(violations(&browser), Vec::<String>::new(), "{field} {action}");
        }
    }
    use_field(&browser, "#q-name");
    tap(&browser, "signs");
    assert_eq!(violations(&browser), Vec::<String>::new());
}
