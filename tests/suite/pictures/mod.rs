//! The pictures of the documentation, taken in a real browser: [`manual`] shows each kind of question,
//! [`screens`] each state of the pages on each kind of screen, [`preview`] what authors see.
//!
//! `DOC_PICTURES=1 cargo test --test suite pictures` makes what is missing or no longer of its example,
//! `DOC_PICTURES=all` every one: after a change of the look.

mod manual;
mod preview;
mod scenes;
mod screens;

use std::path::{Path, PathBuf};

use crate::browser::Browser;

/// Which pictures are to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    None,
    Stale,
    All,
}

fn wanted() -> Wanted {
    match std::env::var("DOC_PICTURES").as_deref() {
        Err(_) => Wanted::None,
        Ok("all") => Wanted::All,
        Ok(_) => Wanted::Stale,
    }
}

/// `docs/pictures/<name>`.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures").join(name)
}

/// Does what a visitor does before the picture is taken: `pick input`, `click css`, `type css words`,
/// `see css`, `until expression`, `reload`; `to css` goes on until it is in sight, past what must be
/// answered.
fn touch(browser: &Browser, told: &str) {
    match told.split_once(' ') {
        Some(("pick", input)) => {
            // A click by itself scrolls no further than to below a kiosk's buttons.
            let label = format!("label:has(#q-{input})");
            let centre = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
            browser.run(centre, vec![label.clone().into()]);
            browser.click(&label);
        }
        Some(("click", css)) => browser.click(css),
        Some(("until", expression)) => browser.wait_until(expression),
        Some(("see", css)) => {
            let see = "document.querySelector(arguments[0]).scrollIntoView()";
            browser.run(see, vec![css.into()]);
        }
        Some(("to", css)) => walk(browser, css),
        None if told == "reload" => browser.reload(),
        Some(("type", rest)) => {
            let (css, words) = rest.split_once(' ').expect("a field and what is typed");
            browser.type_into(css, words);
        }
        _ => panic!("a touch picks, clicks, types or waits: {told}"),
    }
}

/// Steps a survey may have.
const STEPS_MAX: u32 = 20;

/// Goes on to where this is in sight; what is asked on the way gets its first choices.
fn walk(browser: &Browser, css: &str) {
    let answer = "
        for (const box of document.querySelectorAll('.page:not([hidden]) :is(.question, .row)')) {
          if (!box.querySelector(':checked')) box.querySelector('input[type=radio]')?.click();
        }";
    for _ in 0..STEPS_MAX {
        if browser.shows(css) {
            return;
        }
        browser.run(answer, Vec::new());
        browser.click("[data-action=next]");
    }
    panic!("no step shows {css}");
}

/// Waits for nothing that moves: the focus ring belongs to whoever is answering, and colours that are
/// still changing to nobody.
fn still(browser: &Browser) {
    let still = "
        if (!document.activeElement.matches('input[type=text], textarea')) document.activeElement.blur();
        document.getAnimations().forEach((animation) => animation.finish());
        return document.fonts.ready.then(() => true)";
    browser.run(still, Vec::new());
}
