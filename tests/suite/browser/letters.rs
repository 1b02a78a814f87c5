//! A letter's code at a kiosk, in a browser: from the first screen to the thank-you, with scripts and without.

use borgerpanel::panel::code::Code;
use borgerpanel::server::app::Channel;
use serde_json::json;

use super::axe::violations;
use super::place::{Place, desk};
use super::{Browser, LYING, UPRIGHT};

const SURVEY: &str = "---\ntitle: Parker\nsample: panel\npanels: [kbh]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2099-01-01\nkeep_answers_months: 24\n---\n\n\
    ## Hvor ofte går du i parken? {#often required}\n\n- Hver dag {#daily}\n- Sjældnere {#rarely}\n";
const ENGLISH: &str = "---\ntitle: Parks\n---\n\n## How often do you go to the park? {#often}\n\n\
    - Every day {#daily}\n- Less often {#rarely}\n";

/// A kiosk at which two surveys are open to whoever has a letter.
fn kiosk() -> Place {
    let desk = desk();
    for slug in ["parker", "bade"] {
        let write = |file: &str, text: &str| {
            std::fs::write(desk.path("content/surveys").join(file), text).expect("a survey");
        };
        write(&format!("{slug}.md"), SURVEY);
        write(&format!("{slug}.en.md"), ENGLISH);
    }
    Place::of(desk, Channel::Kiosk, None)
}

#[test]
fn the_way_of_a_code_is_open_to_all_and_needs_no_script() {
    let place = kiosk();
    let code = Code::of([11; 5]);
    for screen in [UPRIGHT, LYING, UPRIGHT.plain()] {
        let Some(browser) = Browser::start(screen) else { return };
        let note = |state: &str| {
            if !screen.javascript {
                return;
            }
            let found = violations(&browser);
            assert!(found.is_empty(), "{state}: {}", found.join("\n"));
            let low = "return [...document.querySelectorAll('main :is(button, a, input[type=text])')] \
                .filter((e) => e.checkVisibility() && (e.closest('.card') ?? e).offsetHeight < 64) \
                .map((e) => `${e.outerHTML.slice(0, 60)} ${e.offsetHeight}`)";
            assert_eq!(browser.run(low, vec![]), json!([]), "{state}: targets");
        };
        let before = place.responses().len();
        browser.goto(&place.at("/kiosk/"));
        browser.click(".have-code a");
        browser.wait_until("location.pathname === '/kode/'");
        note("the code");
        browser.type_into("#code", &format!("{code}\u{e007}"));
        browser.wait_until("location.pathname.startsWith('/i/')");
        assert_eq!(browser.text("h1"), "Hvilken undersøgelse står i dit brev?");
        note("which survey");
        browser.goto(&place.at(&format!("/en/i/{}", code.plain())));
        assert_eq!(browser.text("h1"), "Which survey is your letter about?");
        note("which survey, in English");
        browser.goto(&place.at(&format!("/i/{}", code.plain())));
        browser.click(".card a[href$='/parker/']");
        browser.wait_until("document.querySelector('#survey-form')");
        assert!(browser.text("main").contains("Dine svar er fortrolige"));
        note("the survey");
        if screen.javascript {
            browser.click("[data-action=start]");
        }
        browser.click("label:has(#q-often-daily)");
        browser.click("[data-action=send]");
        browser.wait_until("location.pathname === '/s/parker/tak/'");
        note("thanks");
        let kept = place.responses();
        assert_eq!(kept.len(), before + 1);
        assert!(kept[before].invited && kept[before].background.district.is_none());
    }
}
