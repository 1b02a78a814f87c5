//! Room: nothing is wider than a screen of 320 pixels, nothing is cut off or lies on something else, also
//! with the page at 400 % and with the distances between letters, words and lines of WCAG 1.4.12.

use borgerpanel::server::app::Channel;

use super::place::Place;
use super::sight::Look;
use super::states::{PAGES, Tour};
use super::targets::strings;
use super::{Browser, LYING, Options, PHONE, UPRIGHT};

const CRAMPED: &str = include_str!("page/cramped.js");
const SPACING: &str = include_str!("page/spacing.js");

const NARROW: Options = Options { width: 320, ..PHONE };
/// A screen of 1280 × 1024 at 400 %.
const ZOOMED: Options = Options { height: 256, ..NARROW };

/// What does not fit on the pages of a channel, as they are and with wide spacing.
fn fits(channel: Channel, screens: &[Options]) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(screens[0]) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
    let looks = Look::of_every_size(screens);
    let mut wrong = Vec::new();
    let mut see = |state: &str| {
        for (spacing, change) in
            [("spaced", SPACING), ("plain", "document.adoptedStyleSheets = []")]
        {
            browser.run(change, Vec::new());
            for look in &looks {
                browser.wear(*look);
                let found = strings(browser.run(CRAMPED, Vec::new()));
                let told = |line| format!("{look}, {spacing}, {state}: {line}");
                wrong.extend(found.into_iter().map(told));
            }
        }
        browser.wear(looks[0]);
    };
    tour.round(&mut see);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_cut_off_on_a_narrow_phone() {
    fits(Channel::Web, &[NARROW]);
}

#[test]
fn nothing_is_cut_off_on_a_kiosk() {
    fits(Channel::Kiosk, &[UPRIGHT, LYING]);
}

#[test]
fn at_400_percent_every_field_comes_into_sight() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(ZOOMED) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    // With the bar for scrolling that a computer at home shows.
    browser.ask("Emulation.setScrollbarsHidden", &serde_json::json!({"hidden": false}));
    let mut wrong = Vec::new();
    for page in PAGES {
        tour.page(page);
        wrong.extend(strings(browser.run(CRAMPED, Vec::new())));
        wrong.extend(strings(browser.run(include_str!("page/reach.js"), Vec::new())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_does_not_fit_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(NARROW) else { return };
    browser.goto(&place.at("/was/"));
    for (fault, told) in [
        (
            "const it = document.querySelector('h1'); it.style.height = '9px'; it.style.overflow = 'hidden'",
            "cuts off",
        ),
        (
            "document.querySelector('.tool').style.width = '5rem'; document.querySelector('.tool').style.whiteSpace = 'nowrap'",
            "leaves",
        ),
        ("document.querySelector('h1 + p').style.marginTop = '-2rem'", "lies on"),
        ("document.querySelector('p').style.width = '400px'", "is 4"),
    ] {
        browser.reload();
        browser.run(fault, Vec::new());
        let wrong = strings(browser.run(CRAMPED, Vec::new()));
        assert!(wrong.iter().any(|line| line.contains(told)), "{told}: {wrong:?}");
    }
}
