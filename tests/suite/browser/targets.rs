//! What a finger has to hit: at least 44 × 44 CSS pixels on a phone, choices and buttons 64 high on a
//! kiosk, and none on top of another, in every text size.

use borgerpanel::server::app::Channel;
use serde_json::Value;

use super::place::Place;
use super::sight::Look;
use super::states::Tour;
use super::{Browser, LYING, Options, PHONE, UPRIGHT};

const MEASURE: &str = include_str!("page/targets.js");

/// WCAG 2.2, target size (enhanced).
const LEAST: u32 = 44;
/// For a choice or a button on a kiosk, which is hit standing and at arm's length.
const LEAST_KIOSK: u32 = 64;

/// What is too small or lies on another, and how many there were to measure.
fn measured(browser: &Browser, large: u32) -> (u64, Vec<String>) {
    let found = browser.run(MEASURE, vec![LEAST.into(), large.into()]);
    let wrong = found["wrong"].as_array().expect("a list");
    let wrong = wrong.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect();
    (found["count"].as_u64().expect("a number"), wrong)
}

fn measure(channel: Channel, screens: &[Options], large: u32) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(screens[0]) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
    let looks = Look::of_every_size(screens);
    let mut wrong = Vec::new();
    let mut see = |state: &str| {
        for look in &looks {
            browser.wear(*look);
            let (count, found) = measured(&browser, large);
            assert!(count >= 2, "{state}: only {count} targets");
            wrong.extend(found.into_iter().map(|line| format!("{look}, {state}: {line}")));
        }
        browser.wear(looks[0]);
    };
    tour.round(&mut see);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_finger_hits_everything_on_a_phone() {
    measure(Channel::Web, &[PHONE], LEAST);
}

#[test]
fn a_finger_hits_everything_on_a_kiosk() {
    measure(Channel::Kiosk, &[UPRIGHT, LYING], LEAST_KIOSK);
}

#[test]
fn a_small_and_a_covered_target_are_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/was/"));
    // Side by side, each is as high as the highest.
    let small = "for (const { style } of document.querySelectorAll('.tool')) Object.assign(style, { minHeight: 0, padding: 0 })";
    browser.run(small, Vec::new());
    let (_, wrong) = measured(&browser, LEAST);
    assert!(wrong.iter().any(|line| line.starts_with("button.tool")), "{wrong:?}");
    browser.run("document.querySelector('.foot li + li').style.marginTop = '-2rem'", Vec::new());
    let (_, wrong) = measured(&browser, LEAST);
    assert!(wrong.iter().any(|line| line.contains("lies on")), "{wrong:?}");
}

/// The values of a list that a page's script gave.
pub fn strings(found: Value) -> Vec<String> {
    let Value::Array(list) = found else { panic!("a list, not {found}") };
    list.into_iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}
