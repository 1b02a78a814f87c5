//! Sending while nobody answers: nothing is lost, and nothing is stored twice.

use borgerpanel::server::app::Channel;
use borgerpanel::server::collect::Refused;
use serde_json::json;

use super::axe::violations;
use super::place::Place;
use super::{Browser, Options, PHONE};

const NEXT: &str = "[data-action=next]";
const SEND: &str = "[data-action=send]";

const KIOSK: Options = Options { width: 1080, height: 1920, javascript: true };

const THANKED: &str = "location.pathname.endsWith('/tak/')";
/// A try has failed, and the page says so.
const TOLD: &str = "/forbindelse|prøver/.test(document.querySelector('#sending').textContent)";

/// `/s/proeve/` up to its review.
fn ready(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click(NEXT);
    browser.type_into("#q-more", "Nej");
    browser.click(NEXT);
    Some(browser)
}

fn id(browser: &Browser) -> String {
    let id = browser.run("return document.querySelector('[name=_id]').value", vec![]);
    id.as_str().expect("an id").to_owned()
}

fn online(browser: &Browser, online: bool) {
    let conditions = json!({
        "offline": !online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
    });
    browser.ask("Network.enable", &json!({}));
    browser.ask("Network.emulateNetworkConditions", &conditions);
}

fn assert_stored_once(place: &Place, id: &str) {
    let responses = place.responses();
    let uids: Vec<&str> = responses.iter().map(|response| response.uid.as_str()).collect();
    assert_eq!(uids, [id]);
    let response = serde_json::to_value(&responses[0]).expect("JSON");
    assert_eq!(response["answers"], json!({"often": "never", "more": "Nej"}));
}

#[test]
fn answers_wait_for_the_server_and_are_stored_once() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    let id = id(&browser);
    place.go_down();
    browser.click(SEND);
    browser.wait_until(TOLD);
    assert!(browser.text("#sending").contains("gemt her på enheden"));
    assert_eq!(browser.run("return document.querySelector('#sending').role", vec![]), "status");
    assert!(browser.shows("#review"), "the answers are still there");
    assert_eq!(violations(&browser), [""; 0]);
    place.come_back();
    browser.wait_until(THANKED);
    assert_stored_once(&place, &id);
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
}

#[test]
fn back_online_they_are_sent_at_once() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    let id = id(&browser);
    online(&browser, false);
    browser.click(SEND);
    browser.wait_until(TOLD);
    let before = std::time::Instant::now();
    online(&browser, true);
    browser.wait_until(THANKED);
    assert!(before.elapsed().as_secs() < 4, "before the next try by the clock");
    assert_stored_once(&place, &id);
}

#[test]
fn after_a_reload_the_page_says_that_they_wait_and_sends_them() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    let id = id(&browser);
    online(&browser, false);
    browser.click(SEND);
    browser.wait_until(TOLD);
    // A page that was closed before the network came back.
    let draft = browser.run("return Object.entries(localStorage)", vec![]);
    online(&browser, true);
    browser.wait_until(THANKED);
    assert_stored_once(&place, &id);
    browser.run("for (const [key, value] of arguments[0]) localStorage[key] = value", vec![draft]);
    browser.goto(&place.at("/s/proeve/"));
    assert_eq!(browser.text("#unsent h2"), "Dine svar er ikke sendt endnu");
    assert!(!browser.shows("#draft") && !browser.shows("[data-action=start]"));
    assert_eq!(violations(&browser), [""; 0]);
    browser.click("#unsent [data-action=resend]");
    browser.wait_until(THANKED);
    let responses = place.responses();
    assert_eq!(responses.len(), 2, "the other was sent before this test put it back");
    assert_eq!(responses[0].uid, responses[1].uid);
    let bodies: Vec<_> = responses.iter().map(|one| serde_json::to_value(one).ok()).collect();
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn whoever_waits_may_go_on_answering_or_delete() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    place.go_down();
    browser.click(SEND);
    browser.wait_until(TOLD);
    browser.click(".answers button[aria-label='Ret: Har du mere på hjerte?']");
    assert_eq!(browser.text("#sending"), "");
    assert_eq!(browser.focus(), "q-more");
    browser.click(NEXT);
    browser.click(SEND);
    browser.wait_until(TOLD);
    let draft = browser.run("return Object.entries(localStorage)", vec![]);
    place.come_back();
    browser.wait_until(THANKED);
    assert_eq!(place.responses().len(), 1, "what waited before was given up");
    let put_back = "for (const [key, value] of arguments[0]) localStorage[key] = value";
    browser.run(put_back, vec![draft.clone()]);
    browser.goto(&place.at("/s/proeve/"));
    browser.click("#unsent [data-action=resume]");
    assert!(browser.shows("#review") && browser.text("#sending").is_empty());
    browser.run(put_back, vec![draft]);
    browser.reload();
    browser.click("#unsent [data-action=anew]");
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    assert!(browser.shows("[data-action=start]"));
}

#[test]
fn of_a_sensitive_survey_nothing_is_kept_and_the_page_says_to_stay_open() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/trivsel-og-tryghed/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-consent)");
    browser.click(NEXT);
    while !browser.shows("#review") {
        browser.click(NEXT);
    }
    place.go_down();
    browser.click(SEND);
    browser.wait_until(TOLD);
    assert!(browser.text("#sending").contains("Lad siden stå åben"));
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    place.come_back();
    browser.wait_until(THANKED);
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn a_kiosk_waits_for_its_server_and_keeps_nothing() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = ready(&place, KIOSK) else { return };
    let id = id(&browser);
    place.go_down();
    browser.click(SEND);
    browser.wait_until(TOLD);
    assert_eq!(browser.text("#sending"), "Vent et øjeblik – vi prøver igen.");
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    place.come_back();
    browser.wait_until(THANKED);
    assert_stored_once(&place, &id);
}

#[test]
fn a_server_that_asks_for_patience_is_asked_again() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    let id = id(&browser);
    place.refuse(Some(Refused::Busy));
    browser.click(SEND);
    browser.wait_until(TOLD);
    place.refuse(None);
    browser.wait_until(THANKED);
    assert_stored_once(&place, &id);
}

#[test]
fn any_other_answer_is_the_servers_page_and_the_draft_stays() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    place.refuse(Some(Refused::TooLong));
    browser.click(SEND);
    browser.wait_until("!document.querySelector('#survey-form')");
    assert_eq!(browser.text("h1"), "Dine svar fylder for meget");
    assert_eq!(browser.run("return localStorage.length", vec![]), 1);
    place.refuse(None);
    browser.goto(&place.at("/s/proeve/"));
    browser.click("#draft [data-action=resume]");
    browser.click(SEND);
    browser.wait_until(THANKED);
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn two_clicks_send_once() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = ready(&place, PHONE) else { return };
    let twice =
        "const button = document.querySelector(arguments[0]); button.click(); button.click()";
    browser.run(twice, vec![SEND.into()]);
    browser.wait_until(THANKED);
    assert_eq!(place.responses().len(), 1);
}
