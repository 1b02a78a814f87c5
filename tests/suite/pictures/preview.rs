//! The preview as an author sees it: docs/pictures/preview.webp.

use std::fs;

use serde_json::json;

use super::{Wanted, folder, wanted};
use crate::browser::preview::{Author, LAPTOP};

/// In bytes: it stands in a page of the documentation.
const BYTES_MAX: u64 = 120_000;

#[test]
fn the_preview_has_its_picture() {
    let path = folder("preview.webp");
    let is_stale = wanted() == Wanted::All || (wanted() == Wanted::Stale && !path.exists());
    if is_stale && let Some(picture) = taken() {
        fs::write(&path, picture).expect("written");
    }
    let told = fs::metadata(&path).expect("the picture: DOC_PICTURES=1 makes it");
    assert!(told.len() <= BYTES_MAX, "the picture has {} bytes", told.len());
}

/// A page with made-up answers, and a mistake just saved.
fn taken() -> Option<Vec<u8>> {
    let slug = "trafik-og-transport";
    let author = Author::looks_at(slug)?;
    let browser = &author.browser;
    browser.click("[data-press=fill]");
    author.on_all("document.querySelector('.page:not([hidden]) input:checked')");
    let text = fs::read_to_string(author.path(slug)).expect("the survey");
    fs::write(author.path(slug), text.replacen("required", "reqired", 1)).expect("saved");
    browser.wait_until("document.querySelector('#told button')");
    browser.click("[data-words=en]");
    browser.click("#told button");
    // What was said about the answers has been read by then.
    browser.run("document.querySelector('#spoken').replaceChildren()", vec![]);
    let area = json!({"x": 0, "y": 0, "width": LAPTOP.width, "height": LAPTOP.height});
    Some(browser.picture(&area, 1.25, 80))
}
