//! Results in a real browser: axe on every size of screen, and nothing that runs out of its place.

use std::fs;
use std::path::Path;

use borgerpanel::server::app::Channel;
use serde_json::json;

use super::{EVERY, GREEN, desk, shared};
use crate::authors;
use crate::browser::axe::{examiner, violations};
use crate::browser::place::Place;
use crate::browser::sight::Look;
use crate::browser::{Browser, LYING, PHONE};

/// Opens the groups of the first questions and of the first row of a matrix; all of them together are more
/// than axe reads in its time.
const OPEN: &str = "
    const rows = [...document.querySelectorAll('details')].filter((one) => one.matches(
      'section:nth-of-type(-n + 3) > details, .trend > details, .legend ~ details'));
    rows.slice(0, 4).forEach((one) => { one.open = true; })";

/// Words of charts that stand over the edge of the page.
const OVER_THE_EDGE: &str = "
    const wide = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll('.chart text')]
      .filter((text) => text.getBoundingClientRect().right > wide)
      .map((text) => text.textContent)";

#[test]
fn results_show_no_violation_on_any_screen() {
    let place = Place::of(desk(), Channel::Web, None);
    let Some(browser) = examiner(PHONE) else { return };
    let looks = [Look::plain(PHONE), Look::strong(PHONE), Look::plain(LYING), Look::strong(LYING)];
    let mut wrong = Vec::new();
    let pages = [format!("/r/{GREEN}/"), format!("/en/r/{EVERY}/"), "/r/".to_owned()];
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

/// With `RESULTS_PICTURES=<folder>`: each page from top to bottom and the files it is made of, to be looked
/// at.
fn photograph(browser: &Browser, path: &str) {
    let Ok(folder) = std::env::var("RESULTS_PICTURES") else { return };
    let made = Path::new(&folder).join("results");
    authors::copy(&shared().0.path("content/results"), &made);
    for (name, look) in [("phone", Look::plain(PHONE)), ("wide", Look::plain(LYING))] {
        browser.wear(look);
        let size = "return [innerWidth, document.documentElement.scrollHeight]";
        let size = browser.run(size, Vec::new());
        let high = size[1].as_u64().unwrap_or_default();
        // A picture can be no higher than 16,383 pixels.
        for (at, y) in (0..high).step_by(3000).enumerate() {
            let area = json!({"x": 0, "y": y, "width": size[0], "height": (high - y).min(3000)});
            let picture = browser.picture(&area, 1.0, 80);
            let file = format!("{}-{name}-{at:02}.webp", path.trim_matches('/').replace('/', "-"));
            fs::write(Path::new(&folder).join(file), picture).expect("written");
        }
    }
    browser.wear(Look::plain(PHONE));
}
