//! Both languages: every page says which one it is in, has a title of its own in it, and leads to the
//! other; a survey's answers go along.

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::place::Place;
use super::states::{PAGES, Tour};
use super::targets::strings;
use super::{Browser, LYING, PHONE};

const PATHS: [&str; 9] = [
    "/",
    "/om/",
    "/privatliv/",
    "/was/",
    "/s/alle/",
    "/s/alle/tak/",
    "/s/alle/papir/",
    "/s/cykelparkering/",
    "/s/havnebade/",
];

/// Lang of the page, its title, and what leads to another language: its `lang` and its words.
fn spoken(browser: &Browser) -> serde_json::Value {
    browser.run(
        "const others = [...document.querySelectorAll('[hreflang], [name=_switch], .language')];
         return [document.documentElement.lang, document.title,
           [...new Set(others.map((it) => `${it.lang} ${it.textContent.trim()}`))]]",
        Vec::new(),
    )
}

fn said_everywhere(channel: Channel, paths: &[&str]) {
    let place = Place::patient(channel);
    let options = if channel == Channel::Kiosk { LYING } else { PHONE };
    let Some(browser) = Browser::start(options) else { return };
    for path in paths {
        browser.goto(&place.at(path));
        let danish = spoken(&browser);
        browser.goto(&place.at(&format!("/en{path}")));
        let english = spoken(&browser);
        assert_eq!((&danish[0], &english[0]), (&json!("da"), &json!("en")), "{path}");
        assert_eq!(danish[2], json!(["en English"]), "{path}");
        assert_eq!(english[2], json!(["da Dansk"]), "{path}");
        // The front page has the site's name alone, which is the same in every language.
        let titled = danish[1] != english[1] || danish[1] == "Borgerpanelet";
        assert!(titled && danish[1] != "", "{path}: {danish} {english}");
    }
}

#[test]
fn every_page_says_its_language_and_leads_to_the_other() {
    said_everywhere(Channel::Web, &PATHS);
    said_everywhere(Channel::Kiosk, &["/kiosk/", "/s/alle/", "/s/alle/tak/"]);
}

/// What is answered, without what the page writes for itself.
fn answered(browser: &Browser) -> Vec<String> {
    let fields = "return [...new FormData(document.querySelector('#survey-form'))]
        .filter(([name, value]) => value && !name.startsWith('_')).map((pair) => pair.join('=')).sort()";
    strings(browser.run(fields, Vec::new()))
}

#[test]
fn the_answers_of_every_kind_go_along_to_the_other_language() {
    for (channel, screen) in [(Channel::Web, PHONE), (Channel::Kiosk, LYING)] {
        let place = Place::patient(channel);
        let Some(browser) = Browser::start(screen) else { return };
        let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
        for page in PAGES {
            tour.page(page);
            tour.fill();
            let before = answered(&browser);
            assert!(before.len() >= 3, "{page}: {before:?}");
            for (lang, title) in [("en", "Every sort"), ("da", "Alle slags")] {
                browser.click("button[name=_switch]");
                browser.wait_until(&format!("document.documentElement.lang === '{lang}'"));
                browser.wait_until(&format!(
                    "document.querySelector('.js #page-{page}')?.checkVisibility()"
                ));
                assert!(browser.title().starts_with(title), "{}", browser.title());
                assert_eq!(answered(&browser), before, "{page}");
            }
            browser.run("localStorage.clear()", Vec::new());
        }
        assert!(place.responses().is_empty());
    }
}
