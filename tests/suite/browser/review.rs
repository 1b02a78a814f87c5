//! The last step: all answers, before they are sent.

use borgerpanel::server::app::Channel;

use super::axe::violations;
use super::place::Place;
use super::{Browser, Options, PHONE};

const NEXT: &str = "[data-action=next]";
const BACK: &str = "[data-action=back]";
const SEND: &str = "[data-action=send]";

const KIOSK: Options = Options { width: 1080, height: 1920, javascript: true };

fn pick(browser: &Browser, input: &str) {
    browser.click(&format!("label:has(#{input})"));
}

/// `/s/proeve/` answered in two pages, up to its review.
fn reviewed(place: &Place, options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    pick(&browser, "q-often-never");
    browser.click(NEXT);
    browser.type_into("#q-more", "Nej");
    browser.click(NEXT);
    Some(browser)
}

/// Each question of the review with its answer, as they are read: `Hvor ofte …? | Aldrig`.
fn answers(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('.answers dt')].map((name) =>
        `${name.textContent} | ${name.nextElementSibling.innerText.replace(/\\n+/g, ' / ')}`)";
    let found = browser.run(script, vec![]);
    let lines = found.as_array().expect("a list").iter();
    lines.map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// The button beside a question's answer.
fn mend(browser: &Browser, question: &str) {
    browser.click(&format!(".answers button[aria-label='Ret: {question}']"));
}

#[test]
fn all_answers_are_seen_before_they_are_sent() {
    let place = Place::open(Channel::Web);
    let Some(browser) = reviewed(&place, PHONE) else { return };
    assert_eq!(browser.text(".step"), "Til sidst");
    assert_eq!(browser.focus(), "step");
    assert_eq!(browser.text("#review h2"), "Se dine svar igennem");
    assert_eq!(browser.run("return document.querySelector('progress').position", vec![]), 1);
    assert!(browser.shows(SEND) && !browser.shows(NEXT));
    let told = ["Hvor ofte kommer du i byen? | Aldrig", "Har du mere på hjerte? | Nej"];
    assert_eq!(answers(&browser), told);
    assert!(place.responses().is_empty());
    assert_eq!(violations(&browser), [""; 0]);
    browser.click(BACK);
    browser.wait_until("!document.querySelector('#page-last').hidden");
    browser.click(NEXT);
    browser.click(SEND);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    assert_eq!(place.responses().len(), 1);
}

#[test]
fn an_answer_is_mended_and_the_next_step_is_the_review_again() {
    let place = Place::open(Channel::Web);
    let Some(browser) = reviewed(&place, PHONE) else { return };
    mend(&browser, "Har du mere på hjerte?");
    assert_eq!(browser.focus(), "q-more");
    assert_eq!(browser.text(NEXT), "Tilbage til oversigten");
    browser.type_into("#q-more", " tak");
    browser.click(NEXT);
    assert_eq!(browser.focus(), "step");
    assert_eq!(answers(&browser)[1], "Har du mere på hjerte? | Nej tak");
    // The browser's own way back leads to it, too.
    mend(&browser, "Hvor ofte kommer du i byen?");
    assert_eq!(browser.focus(), "q-often-never");
    browser.back();
    browser.wait_until("!document.querySelector('#review').hidden");
}

#[test]
fn pages_that_a_mended_answer_opens_are_asked_on_the_way_back() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = reviewed(&place, KIOSK) else { return };
    mend(&browser, "Hvor ofte kommer du i byen?");
    pick(&browser, "q-often-daily");
    assert_eq!(browser.text(NEXT), "Næste");
    browser.click(NEXT);
    assert!(browser.shows("#page-doing"));
    assert_eq!(browser.text(NEXT), "Tilbage til oversigten");
    browser.click(NEXT);
    assert_eq!(browser.focus(), "problems");
    // By script: the buttons that are always in sight lie over what the driver scrolls to.
    for input in ["q-what-sport", "q-rate-clean-2"] {
        browser.run(&format!("document.querySelector('#{input}').click()"), vec![]);
    }
    browser.click(NEXT);
    assert_eq!(
        answers(&browser),
        [
            "Hvor ofte kommer du i byen? | Tit",
            "Hvad laver du? | Sport",
            "Hvordan er der? | Hvor rent der er: Godt",
            "Hvor mange gange om ugen? | Ikke besvaret",
            "Har du mere på hjerte? | Nej",
        ]
    );
}

#[test]
fn every_kind_is_said_in_words() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/alle/"));
    browser.click("[data-action=start]");
    for (id, text) in [("name", "Kim <b>"), ("born", "3.5.1980"), ("people", "4")] {
        browser.type_into(&format!("#q-{id}"), text);
    }
    browser.type_into("#q-mail", "kim@example.dk");
    browser.click(NEXT);
    browser.click(".map [data-code=noerrebro]");
    pick(&browser, "q-what-sport");
    browser.type_into("#q-what-other-text", "Fugle");
    pick(&browser, "q-picture-bench");
    browser.click(NEXT);
    browser.click("#q-rank-benches");
    browser.type_into("#q-rank-other-text", "Lys");
    browser.type_into("#q-budget-newtrees", "60");
    browser.type_into("#q-budget-benches", "40");
    browser.click(NEXT);
    for cell in ["rate-clean-2", "use-parks-days", "use-parks-ends", "use-lakes-x", "feel-pace-4"] {
        pick(&browser, &format!("q-{cell}"));
    }
    browser.click(NEXT);
    pick(&browser, "q-happy-10");
    browser.click("#q-came option[value=other]");
    browser.type_into("#q-came-other-text", "Løbehjul");
    browser.type_into("#q-more", "Først\nog så");
    pick(&browser, "q-consent");
    browser.click(NEXT);
    let mut told = answers(&browser);
    told.sort();
    let mut expected = [
        "Hvad skal vi kalde dig? | Kim <b>",
        "Hvornår er du født? | 3. maj 1980",
        "Hvornår står du op? | Ikke besvaret",
        "Hvor mange bor der hos jer? | 4",
        "Hvor mange af dem er børn? | Ikke besvaret",
        "Hvad er dit postnummer? | Ikke besvaret",
        "Hvad er din e-mail? | kim@example.dk / Gemmes for sig og kan ikke kobles til dine andre svar.",
        "Hvad er dit telefonnummer? | Ikke besvaret / Gemmes for sig og kan ikke kobles til dine andre svar.",
        "Hvor kommer du mest, Kim <b>? | Nørrebro",
        "Hvad laver du? | Dyrker sport / Andet: Fugle",
        "Hvilken plads er bedst? | Bænk",
        "Hvad er vigtigst af det, du laver? | Ikke besvaret",
        "Sæt det bedste først | 1. Bænke / 2. Andet: Lys",
        "Hvordan vil du dele 100 kroner? | Nye træer: 60 kr. / Flere bænke: 40 kr.",
        "Hvordan er der? | Hvor rent der er: Godt / Lys om aftenen: Ikke besvaret",
        "Hvordan er byen? | Langsom – Hurtig: 4 / Grå – Fuld af farver: Ikke besvaret",
        "Hvor glad er du for byen? | 10: Meget",
        "Hvilket år flyttede du hertil? | Ikke besvaret",
        "Hvordan kom du hertil? | Andet: Løbehjul",
        "Har du mere på hjerte? | Først / og så",
        "Må vi bruge dine svar? | Ja, I må bruge mine svar",
    ];
    expected.sort_unstable();
    // The rows of one question are shuffled.
    let at = told.iter().position(|line| line.starts_with("Hvornår bruger du dem?"));
    let shuffled = told.remove(at.expect("it was asked"));
    assert!(shuffled.contains("Parker: Hverdage og Weekender"), "{shuffled}");
    assert!(shuffled.contains("Søerne: Ved ikke"), "{shuffled}");
    assert_eq!(told, expected);
}

#[test]
fn another_language_and_a_draft_open_the_review() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = reviewed(&place, PHONE) else { return };
    browser.click("button[name=_switch]");
    browser.wait_until("document.documentElement.lang === 'en'");
    browser.wait_until("document.querySelector('#review')?.checkVisibility()");
    assert_eq!(answers(&browser)[0], "How often are you in town? | Never");
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=resume]");
    assert!(browser.shows("#review"));
    // Not to the start, which was left before.
    browser.click(BACK);
    assert!(browser.shows("#page-last"));
}

#[test]
fn a_question_or_two_are_their_own_review() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/kort/"));
    browser.click("[data-action=start]");
    browser.type_into("#q-more", "Nej");
    browser.click(SEND);
    browser.wait_until("location.pathname.endsWith('/tak/')");
    assert_eq!(place.responses().len(), 1);
}
