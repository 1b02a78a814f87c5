//! The whole of a survey by the keys alone: on the web and on a kiosk, forwards and backwards, with no
//! place that holds the focus.

use borgerpanel::server::app::Channel;

use super::place::Place;
use super::states::{PAGES, Tour};
use super::{Browser, Options, PHONE, UPRIGHT};

const TAB: &str = "\u{e004}";
/// Shift is held until the keys end.
const SHIFT_TAB: &str = "\u{e008}\u{e004}";
const ENTER: &str = "\u{e007}";

/// More stops than a page has.
const STOPS_MAX: usize = 120;

/// What has the focus; radio buttons of one question are one stop. Empty at the page's end.
fn stop(browser: &Browser) -> String {
    let name = "const it = document.activeElement;
        if (!it || it === document.body) return '';
        if (it.type === 'radio') return `radio ${it.name}`;
        return `${it.localName}#${it.id}.${it.dataset.action ?? it.dataset.code ?? it.getAttribute('href') ?? ''} ${it.getAttribute('aria-label') ?? it.textContent.trim()}`";
    browser.run(name, Vec::new()).as_str().unwrap_or_default().to_owned()
}

/// Every stop from the page's beginning to its end, or the other way round.
fn stops(browser: &Browser, key: &str) -> Vec<String> {
    browser.run("document.activeElement.blur(); getSelection().removeAllRanges()", Vec::new());
    let mut found: Vec<String> = Vec::new();
    while found.len() < STOPS_MAX {
        browser.press(key);
        match stop(browser) {
            end if end.is_empty() => return found,
            name => found.push(name),
        }
    }
    panic!("the focus is held: {:?}", &found[STOPS_MAX - 4..]);
}

#[test]
fn the_tab_key_goes_through_every_page_and_the_same_way_back() {
    for (channel, options) in [(Channel::Web, PHONE), (Channel::Kiosk, UPRIGHT)] {
        let place = Place::patient(channel);
        let Some(browser) = Browser::start(options) else { return };
        let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
        for page in PAGES {
            tour.page(page);
            tour.go_on();
            tour.page(page);
            // The focus goes on from where it is: to the end, where the next step begins at the top.
            stops(&browser, TAB);
            let forwards = stops(&browser, TAB);
            let mut backwards = stops(&browser, SHIFT_TAB);
            backwards.reverse();
            assert!(forwards.len() > 8, "{page}: {forwards:?}");
            assert_eq!(forwards, backwards, "{page}");
        }
    }
}

/// Whether the survey's last page has been sent.
fn thanked(browser: &Browser) -> bool {
    browser.run("return location.pathname.endsWith('/tak/')", Vec::new()) == true
}

/// Answers the first of everything that is asked with the keys, and goes on.
fn answer_page(browser: &Browser) {
    let empty = "const it = document.activeElement;
        if (it.matches('[data-action=next], [data-action=send]')) return 'on';
        if (!it.closest('.question')) return 'by';
        if (it.matches('[type=radio], [type=checkbox]')) {
          return document.querySelector(`[name='${it.name}']:checked`) ? 'by' : 'tick';
        }
        if (it.matches('.ranking button')) return it.closest('.ranking').querySelector('[aria-pressed=true]') ? 'by' : 'tick';
        if (it.matches('select')) return it.value ? 'by' : 'pick';
        return 'by'";
    for _ in 0..STOPS_MAX {
        browser.press(TAB);
        match browser.run(empty, Vec::new()).as_str().unwrap_or_default() {
            "on" => return browser.press(ENTER),
            "tick" => browser.press(" "),
            "pick" => browser.press("\u{e015}"),
            _ => {}
        }
    }
    panic!("the tab key never comes to a button that goes on");
}

fn answered_by_keys(channel: Channel, options: Options, home: &str) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(options) else { return };
    browser.goto(&place.at(home));
    browser.tab_to("a[href*='/s/groenne-omraader/']");
    browser.press(ENTER);
    browser.wait_until("document.querySelector('.js [data-action=start]')");
    browser.tab_to("[data-action=start]");
    browser.press(ENTER);
    for _ in 0..20 {
        if thanked(&browser) {
            break;
        }
        let before = browser.run("return document.querySelector('.step').textContent", vec![]);
        answer_page(&browser);
        let moved = format!(
            "location.pathname.endsWith('/tak/') || document.querySelector('.step').textContent !== {before}"
        );
        browser.wait_until(&moved);
    }
    assert!(thanked(&browser));
    assert_eq!(place.responses().len(), 1);
    browser.tab_to("main a.button");
}

#[test]
fn a_shipped_survey_is_answered_with_the_keys_at_home_and_at_a_kiosk() {
    answered_by_keys(Channel::Web, PHONE, "/");
    answered_by_keys(Channel::Kiosk, UPRIGHT, "/kiosk/");
}

#[test]
fn the_keys_stay_within_the_question_whether_somebody_is_there() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.wait_until("document.querySelector('#idle').open");
    let within = "return document.activeElement === document.body || document.querySelector('#idle').contains(document.activeElement)";
    assert_eq!(browser.run("return document.activeElement.dataset.action", vec![]), "stay");
    for _ in 0..3 {
        browser.press(TAB);
        assert_eq!(browser.run(within, vec![]), true);
    }
    browser.press("\u{e00c}");
    browser.wait_until("!document.querySelector('#idle').open");
}
