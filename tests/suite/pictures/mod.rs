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

/// Does what a visitor does before the picture is taken: `pick q-input`, `click css`, `type css words`,
/// `press keys`, `until expression`.
fn touch(browser: &Browser, told: &str) {
    match told.split_once(' ') {
        Some(("pick", input)) => browser.click(&format!("label:has(#q-{input})")),
        Some(("click", css)) => browser.click(css),
        Some(("until", expression)) => browser.wait_until(expression),
        Some(("type", rest)) => {
            let (css, words) = rest.split_once(' ').expect("a field and what is typed");
            browser.type_into(css, words);
        }
        _ => panic!("a touch picks, clicks, types or waits: {told}"),
    }
}

/// Waits for nothing that moves: the focus ring belongs to whoever is answering, and colours that are
/// still changing to nobody.
fn still(browser: &Browser) {
    let still = "
        document.activeElement.blur();
        document.getAnimations().forEach((animation) => animation.finish());
        return document.fonts.ready.then(() => true)";
    browser.run(still, Vec::new());
}
