//! A kiosk's pages: nobody's answers stay.

use borgerpanel::server::app::Channel;

use super::place::Place;
use super::{Browser, Options};

/// A kiosk's screen, upright.
const SCREEN: Options = Options { width: 1080, height: 1920, javascript: true };

fn answering(place: &Place) -> Option<Browser> {
    let browser = Browser::start(SCREEN)?;
    browser.goto(&place.at("/kiosk/"));
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click("[data-action=next]");
    browser.type_into("#q-more", "kanariefugl");
    Some(browser)
}

fn assert_nothing_is_left(browser: &Browser) {
    browser.wait_until("location.pathname === '/kiosk/'");
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    browser.back();
    let found =
        browser.run("return document.documentElement.innerHTML.includes('kanariefugl')", vec![]);
    assert_eq!(found, false);
    let typed = "return document.querySelector('#q-more')?.value ?? ''";
    assert_eq!(browser.run(typed, vec![]), "");
}

#[test]
fn after_a_question_and_a_countdown_everything_is_cleared() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = answering(&place) else { return };
    browser.wait_until("document.querySelector('#idle').open");
    assert_eq!(browser.text("[data-countdown]").parse::<u32>().map(|left| left <= 2), Ok(true));
    browser.click("[data-action=stay]");
    assert!(browser.shows("#page-last") && !browser.shows("#idle"));
    assert_nothing_is_left(&browser);
    assert!(place.responses().is_empty());
}

#[test]
fn stop_and_delete_clears_at_once() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = answering(&place) else { return };
    browser.click("[data-action=quit]");
    assert_nothing_is_left(&browser);
}
