//! The staff corner and the closed screen in a browser.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use borgerpanel::crypto::PinHash;
use borgerpanel::server::kiosk::hours::Hours;
use borgerpanel::server::kiosk::{Corner, Setup};
use borgerpanel::site::config::OwnRules;
use serde_json::json;

use super::axe::violations;
use super::place::Place;
use super::{Browser, Options};
use crate::fleet::Hand;

/// A kiosk's screen, upright.
const SCREEN: Options = Options { width: 1080, height: 1920, javascript: true };

const PIN: &str = "483920";

/// A kiosk that is open from 8 to 22, on a Tuesday at 11.
fn kiosk() -> (Place, Hand) {
    with_times(None)
}

fn with_times(times: Option<OwnRules>) -> (Place, Hand) {
    let clock = Hand::new();
    set(&clock, "2026-11-24T10:00:00Z");
    let corner = Corner::new(Setup {
        hours: Some(Hours::read("08:00-22:00").expect("hours")),
        pin: Some(PinHash::of(PIN)),
        ..Setup::default()
    });
    (Place::with_corner(Arc::new(clock.clone()), corner, times), clock)
}

fn set(clock: &Hand, time: &str) {
    let time = time.parse::<jiff::Timestamp>().expect("a time");
    clock.0.store(time.as_second(), Ordering::Relaxed);
}

/// A finger on the screen, as Chromium gets it from the hardware.
fn tap(browser: &Browser, x: u32, y: u32) {
    let point = json!([{"x": x, "y": y}]);
    for (kind, points) in [("touchStart", point), ("touchEnd", json!([]))] {
        let parameters = json!({"type": kind, "touchPoints": points});
        browser.ask("Input.dispatchTouchEvent", &parameters);
    }
}

#[test]
fn five_taps_in_the_corner_and_the_pin_lead_to_the_staff_page() {
    let (place, _) = kiosk();
    let Some(browser) = Browser::start(SCREEN) else { return };
    browser.goto(&place.at("/s/groenne-omraader/"));
    let corner = browser.run("return document.querySelector('.corner').offsetWidth", vec![]);
    assert!(corner.as_u64().is_some_and(|width| width >= 64), "{corner}");
    for (x, y) in [(20, 20), (20, 20), (500, 900), (20, 20), (20, 20), (20, 20)] {
        tap(&browser, x, y);
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(browser.shows("#survey-form"), "a tap elsewhere begins the count anew");
    for _ in 0..2 {
        tap(&browser, 20, 20);
    }
    browser.wait_until("location.pathname === '/kiosk/status'");
    browser.wait_until("document.querySelector('#pin')");
    for digit in PIN.chars().chain(['7']) {
        browser.click(&format!("[name=digit][value='{digit}']"));
    }
    browser.click("[value=erase]");
    assert_eq!(browser.run("return document.querySelector('#pin').value", vec![]), PIN);
    browser.click(".enter");
    browser.wait_until("document.querySelector('.figures')");
    browser.click("[value=test]");
    browser.wait_until("document.querySelector('.testing').checkVisibility()");
    browser.click("[value=done]");
    browser.wait_until("location.pathname === '/kiosk/'");
    assert!(browser.text(".testing").contains("svar tæller ikke"));
    browser.goto(&place.at("/kiosk/status"));
    assert!(browser.shows("#pin"), "the session ended");
}

#[test]
fn taps_that_take_too_long_and_the_tab_key_lead_nowhere() {
    let (place, _) = kiosk();
    let Some(browser) = Browser::start(SCREEN) else { return };
    browser.goto(&place.at("/kiosk/"));
    for _ in 0..4 {
        tap(&browser, 20, 20);
    }
    std::thread::sleep(std::time::Duration::from_millis(3200));
    tap(&browser, 20, 20);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(browser.run("return location.pathname", vec![]), "/kiosk/");
    let reached = "const all = [...document.querySelectorAll('*')]; \
         return all.filter((e) => e.tabIndex >= 0 && e.closest('.corner')).length";
    assert_eq!(browser.run(reached, vec![]), 0);
    // What lies under the corner can be touched all the same.
    let under = "return document.elementFromPoint(20, 20).closest('.corner') === null";
    assert_eq!(browser.run(under, vec![]), true);
}

/// Types the PIN key by key and opens the page.
fn enter(browser: &Browser, place: &Place) {
    browser.goto(&place.at("/kiosk/status"));
    browser.type_into("#pin", PIN);
    // Enter presses no digit.
    browser.type_into("#pin", "\u{e007}");
    browser.wait_until("document.querySelector('.figures')");
}

#[test]
fn a_staff_page_that_nobody_touches_goes_back_to_the_start_and_is_shut() {
    let (place, _) = with_times(Some(OwnRules { idle_seconds: Some(2), ..OwnRules::default() }));
    let Some(browser) = Browser::start(SCREEN) else { return };
    enter(&browser, &place);
    browser.wait_until("location.pathname === '/kiosk/'");
    browser.goto(&place.at("/kiosk/status"));
    assert!(browser.shows("#pin"));
}

#[test]
fn the_kiosks_own_pages_are_open_to_all() {
    let (place, clock) = kiosk();
    for screen in [SCREEN, Options { width: 1920, height: 1080, ..SCREEN }] {
        let Some(browser) = Browser::start(screen) else { return };
        let note = |state: &str| {
            let found = violations(&browser);
            assert!(found.is_empty(), "{state}: {}", found.join("\n"));
            let low = "return [...document.querySelectorAll('main :is(button, a, input)')] \
                .filter((e) => e.checkVisibility() && e.type !== 'hidden' && e.offsetHeight < 64) \
                .map((e) => `${e.outerHTML.slice(0, 60)} ${e.offsetHeight}`)";
            assert_eq!(browser.run(low, vec![]), json!([]), "{state}: targets");
        };
        set(&clock, "2026-11-24T10:00:00Z");
        browser.goto(&place.at("/kiosk/status"));
        note("PIN");
        browser.type_into("#pin", "1\u{e007}");
        browser.wait_until("document.querySelector('#problem-pin')");
        note("a wrong PIN");
        enter(&browser, &place);
        note("staff");
        browser.click("[value=test]");
        browser.wait_until("document.querySelector('.testing').checkVisibility()");
        note("test mode");
        browser.goto(&place.at("/kode/"));
        browser.type_into("#code", "123\u{e007}");
        browser.wait_until("document.querySelector('#problem-code')");
        note("a wrong code");
        browser.goto(&place.at("/i/79KMSPXT1G"));
        note("an unknown code");
        set(&clock, "2026-11-24T22:00:00Z");
        browser.goto(&place.at("/en/kiosk/"));
        note("closed");
    }
}

#[test]
fn the_screen_closes_and_opens_by_itself() {
    let (place, clock) = kiosk();
    let Some(browser) = Browser::start(SCREEN) else { return };
    browser.goto(&place.at("/kiosk/"));
    set(&clock, "2026-11-24T21:00:00Z");
    browser.wait_long("document.querySelector('.closed')");
    assert!(browser.text(".closed").contains("i morgen kl. 8.00"), "{}", browser.text(".closed"));
    assert!(!browser.shows("footer"));
    set(&clock, "2026-11-25T07:00:00Z");
    browser.wait_long("document.querySelector('[data-kiosk-start]')");
}
