//! Without JavaScript: every page and state is there and can be used; only comfort is missing.

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::place::Place;
use super::states::Tour;
use super::{Browser, PHONE, UPRIGHT};

/// Buttons and links that are shown and would do nothing: what a script would have to do for them.
const IDLE: &str = "return [...document.querySelectorAll('button[type=button], [data-action]:not([type=submit]), [role=button]')]
    .filter((it) => it.checkVisibility()).map((it) => it.outerHTML.slice(0, 80))";

#[test]
fn no_page_shows_a_button_that_needs_a_script() {
    for (channel, screen) in [(Channel::Web, PHONE), (Channel::Kiosk, UPRIGHT)] {
        let place = Place::patient(channel);
        let Some(browser) = Browser::start(screen.plain()) else { return };
        let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
        tour.frame(&mut |state| assert_eq!(browser.run(IDLE, vec![]), json!([]), "{state}"));
        for slug in ["alle", "groenne-omraader", "trivsel-og-tryghed"] {
            tour.open(&format!("/s/{slug}/"));
            assert_eq!(browser.run(IDLE, vec![]), json!([]), "{slug}");
        }
    }
}

#[test]
fn every_question_and_control_of_a_survey_is_shown() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE.plain()) else { return };
    browser.goto(&place.at("/s/alle/"));
    let hidden = "return [...document.querySelectorAll('.page, .question, .question input, .question select, textarea, .row')]
        .filter((it) => !it.matches('.review, .search *') && !(it.closest('label') ?? it).checkVisibility()).map((it) => it.id)";
    assert_eq!(browser.run(hidden, vec![]), json!([]));
    assert!(browser.text(".nojs").contains("send dem til sidst"));
}

#[test]
fn a_kiosk_takes_answers_and_returns_them_with_what_is_wrong() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT.plain()) else { return };
    browser.goto(&place.at("/kiosk/"));
    browser.click("a[href='/s/proeve/']");
    browser.click("label:has(#q-often-never)");
    browser.type_into("#q-more", "Mere end tyve tegn er for langt");
    browser.click("[data-action=send]");
    browser.wait_until("document.title.startsWith('Fejl: ')");
    assert_eq!(browser.text("#problems li"), browser.text("#problem-more"));
    let kept = "return [document.querySelector('#q-often-never').checked, document.querySelector('#q-more').value.length]";
    assert_eq!(browser.run(kept, vec![]), json!([true, 31]));
    browser.click("#problems a");
    // From where the link led, the beginning, onwards: the delete key.
    browser.type_into("#q-more", &"\u{e017}".repeat(20));
    browser.click("[data-action=send]");
    browser.wait_until("location.pathname === '/s/proeve/tak/'");
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn the_language_and_the_way_home_need_no_script() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE.plain()) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("label:has(#q-often-daily)");
    browser.click("button[name=_switch]");
    browser.wait_until("document.documentElement.lang === 'en'");
    assert_eq!(
        browser.run("return document.querySelector('#q-often-daily').checked", vec![]),
        true
    );
    assert!(!browser.shows("#problems"));
    browser.click(".brand");
    browser.wait_until("location.pathname === '/en/'");
    browser.click(".languages a");
    browser.wait_until("location.pathname === '/'");
}
