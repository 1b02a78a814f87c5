//! Results in a real browser: axe on every size of screen, and nothing that runs out of its place.

use std::fs;

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::{EVERY, GREEN, desk};
use crate::browser::axe::{examiner, violations};
use crate::browser::place::Place;
use crate::browser::sight::Look;
use crate::browser::{Browser, LYING, PHONE};

const OPEN: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true; })";

/// Words of charts that stand over the edge of the page.
const OVER_THE_EDGE: &str = "
    const wide = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll('.chart text')]
      .filter((text) => text.getBoundingClientRect().right > wide)
      .map((text) => text.textContent)";

#[test]
fn results_show_no_violation_on_any_screen() {
    let place = Place::of(desk().0, Channel::Web, None);
    let Some(browser) = examiner(PHONE) else { return };
    let looks = [Look::plain(PHONE), Look::strong(PHONE), Look::plain(LYING), Look::strong(LYING)];
    let mut wrong = Vec::new();
    let pages = [
        format!("/r/{GREEN}/"),
        format!("/en/r/{GREEN}/"),
        format!("/r/{EVERY}/"),
        "/r/".to_owned(),
    ];
    for path in pages {
        browser.goto(&place.at(&path));
        browser.run(OPEN, Vec::new());
        for look in looks {
            browser.wear(look);
            let mut found = violations(&browser);
            let sideways = "return document.documentElement.scrollWidth > innerWidth";
            if browser.run(sideways, Vec::new()) == true {
                found.push("it scrolls sideways".to_owned());
            }
            let over = browser.run(OVER_THE_EDGE, Vec::new());
            if over != json!([]) {
                found.push(format!("over the edge: {over}"));
            }
            wrong.extend(found.into_iter().map(|line| format!("{path}, {look}: {line}")));
        }
        browser.wear(looks[0]);
        photograph(&browser, &path);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// With `RESULTS_PICTURES=<folder>`: each page from top to bottom, to be looked at.
fn photograph(browser: &Browser, path: &str) {
    let Ok(folder) = std::env::var("RESULTS_PICTURES") else { return };
    for (name, look) in [("phone", Look::plain(PHONE)), ("wide", Look::plain(LYING))] {
        browser.wear(look);
        let size = "return [innerWidth, document.documentElement.scrollHeight]";
        let size = browser.run(size, Vec::new());
        let area = json!({"x": 0, "y": 0, "width": size[0], "height": size[1]});
        let picture = browser.picture(&area, 1.0, 80);
        let file = format!("{}-{name}.webp", path.trim_matches('/').replace('/', "-"));
        fs::write(std::path::Path::new(&folder).join(file), picture).expect("written");
    }
    browser.wear(Look::plain(PHONE));
}
