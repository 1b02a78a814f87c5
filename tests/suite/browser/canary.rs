//! The canary: what somebody writes on a kiosk, sends, leaves or has deleted, is found nowhere on the
//! machine in the clear: not by the browser's buttons, not in its storage, not in any file of its profile
//! or of the kiosk's data.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use borgerpanel::server::app::Channel;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde_json::Value;
use tempfile::tempdir;

use super::UPRIGHT;
use super::place::Place;
use super::{Browser, PHONE};
use crate::authors;
use crate::chain::Town;

/// The end of a visit. Each has a canary of its own: `Æskekanarie1fugleøje`, the first half from the
/// keys on the screen, the second from those that are plugged in.
#[derive(Clone, Copy)]
enum End {
    Sent = 1,
    LeftAlone,
    Deleted,
    /// Deleted, after the page was fetched in another language with the answers in it.
    Translated,
    /// Deleted, after the server sent the page back with what is wrong.
    SentBack,
}

const ENDS: [End; 5] = [End::Sent, End::LeftAlone, End::Deleted, End::Translated, End::SentBack];

/// How long a visitor thinks about what was written: Chromium puts what a page keeps on the disk five
/// seconds later, but no more often than once a minute, so that each visit has a browser of its own.
const THOUGHT: Duration = Duration::from_secs(6);

/// Of the canary, what is written alike in UTF-8, in Latin-1 and in a form that is posted.
fn needle(end: u8) -> String {
    format!("kanarie{end}fugle")
}

/// The files below `folder` that hold `text`: as bytes, as UTF-16, or compressed by gzip.
fn found(text: &str, folder: &Path) -> Vec<String> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let holds = |bytes: &[u8]| {
        [text.as_bytes(), &wide].iter().any(|it| bytes.windows(it.len()).any(|part| part == *it))
    };
    let mut names = Vec::new();
    for path in files(folder) {
        // Chromium's own processes come and go with their files.
        let Ok(bytes) = fs::read(&path) else { continue };
        if holds(&bytes) || unpacked(&bytes).any(|inside| holds(&inside)) {
            names.push(path.display().to_string());
        }
    }
    names
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .flat_map(|path| match fs::symlink_metadata(&path) {
            Ok(about) if about.is_dir() => files(&path),
            Ok(about) if about.is_file() => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// What gzip streams in a file hold, wherever they begin.
fn unpacked(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    const HEAD: [u8; 4] = [0x1f, 0x8b, 8, 0];
    let begins = bytes.windows(10).enumerate().filter(|(_, part)| part.starts_with(&HEAD));
    begins.filter_map(|(at, _)| decompress_to_vec_with_limit(&bytes[at + 10..], 10_000_000).ok())
}

fn tap(browser: &Browser, keys: &str) {
    for key in keys.chars() {
        browser.click(&format!(".key[data-key='{key}']"));
    }
}

/// Comes to the last page and writes the canary there.
fn write(browser: &Browser, town: &Town, end: End) {
    browser.goto(&format!("http://{}/s/proeve/", town.kiosk));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click("[data-action=next]");
    browser.click("#q-more");
    tap(browser, &format!("æskekanarie{}", end as u8));
    browser.press("fugleøje");
    let written = "return document.querySelector('#q-more').value";
    assert_eq!(browser.run(written, vec![]), format!("Æskekanarie{}fugleøje", end as u8).as_str());
    sleep(THOUGHT);
}

fn visit(browser: &Browser, town: &Town, end: End) {
    write(browser, town, end);
    match end {
        End::Sent => {
            browser.click("[data-action=next]");
            browser.click("[data-action=send]");
            browser.wait_until("location.pathname.endsWith('/tak/')");
            assert_nothing_in_the_page(browser);
            browser.click("article .button");
        }
        End::LeftAlone => browser.wait_until("document.querySelector('#idle').open"),
        End::Deleted => browser.click("[data-action=quit]"),
        End::Translated => {
            browser.click("button[name=_switch]");
            browser.wait_until("document.documentElement.lang === 'en'");
            browser.wait_until("document.querySelector('#q-more').value.includes('kanarie')");
            browser.wait_until("document.querySelector('#page-last')?.checkVisibility()");
            browser.click("[data-action=quit]");
        }
        End::SentBack => {
            // Past the script, which would have found it first.
            let send = "document.querySelector('#q-more').value += ' og mere til';
                document.querySelector('#survey-form').submit()";
            browser.run(send, vec![]);
            browser.wait_until("document.querySelector('#problem-more:not([hidden])')");
            browser.click("[data-action=quit]");
        }
    }
    browser.wait_until("location.pathname === '/kiosk/'");
}

fn assert_nothing_in_the_page(browser: &Browser) {
    let page = "const values = [...document.querySelectorAll('input, textarea')]
          .map(({ value }) => value);
        return [document.documentElement.outerHTML, ...values].join().includes('kanarie')";
    assert_eq!(browser.run(page, vec![]), false);
}

/// Neither the buttons for back and forward nor anything a page may keep leads to it.
fn assert_nothing_in_the_browser(browser: &Browser) {
    assert_nothing_in_the_page(browser);
    let steps = browser.run("return history.length", vec![]).as_u64().expect("a number");
    for step in ["history.back()", "history.forward()"] {
        for _ in 0..steps.min(6) {
            browser.run(step, vec![]);
            sleep(Duration::from_millis(150));
            browser.wait_until("document.readyState === 'complete'");
            assert_nothing_in_the_page(browser);
        }
    }
    browser.run("location.replace('/kiosk/')", vec![]);
    browser.wait_until("location.pathname === '/kiosk/' && document.readyState === 'complete'");
    let kept = "const done = arguments[0];
        Promise.all([indexedDB.databases(), caches.keys()]).then((lists) => done(
          JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, ...lists])))";
    let kept = browser.run_async(kept, vec![]);
    // The choice of text and colours, and nothing of the visit.
    let kept: Value = serde_json::from_str(kept.as_str().expect("JSON")).expect("JSON");
    assert_eq!(kept[0], serde_json::json!({}), "{kept}");
    assert_eq!(
        kept[1].as_object().map_or(0, |it| it.keys().filter(|key| *key != "look").count()),
        0
    );
    assert_eq!(kept[2], "", "{kept}");
    assert!(kept[3] == serde_json::json!([]) && kept[4] == serde_json::json!([]), "{kept}");
}

fn assert_in_no_file(folder: &Path, when: &str) {
    assert!(files(folder).len() > 2, "{} is no such folder", folder.display());
    for end in ENDS {
        let found = found(&needle(end as u8), folder);
        assert!(found.is_empty(), "{when}, end {}: {found:?}", end as u8);
    }
}

#[test]
fn what_was_written_on_a_kiosk_is_nowhere_on_the_machine() {
    let town = Town::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/browser");
    authors::copy(&fixtures, &town.desk.path("content/surveys"));
    let data = town.desk.path("data/kiosk");
    fs::create_dir_all(&data).expect("the kiosk's folder");
    let hasty = format!("idle_seconds = {}\nidle_warning_seconds = 2\n", 2 * THOUGHT.as_secs());
    fs::write(data.join("kiosk.toml"), hasty).expect("its settings");
    let central = town.central();
    let kiosk = town.kiosk();
    town.enrol();
    town.wait_until_ready();
    for end in ENDS {
        let Some(mut browser) = Browser::start(UPRIGHT) else { return };
        browser.goto(&format!("http://{}/kiosk/", town.kiosk));
        visit(&browser, &town, end);
        assert_nothing_in_the_browser(&browser);
        assert_in_no_file(browser.profile(), "while the browser runs");
        assert_in_no_file(&data, "while the kiosk runs");
        browser.close();
        assert_in_no_file(browser.profile(), "after the browser ended");
    }
    // It was stored all the same: sealed here, and read where it belongs.
    town.drain();
    drop(kiosk);
    assert_in_no_file(&data, "after the kiosk ended");
    let sent: Vec<String> = town.texts("SELECT body FROM response");
    assert_eq!(sent.len(), 1, "only what was sent was stored");
    assert!(sent[0].contains(&needle(End::Sent as u8)), "{}", sent[0]);
    drop(central);
}

/// Were the search blind, all of this would prove nothing: a draft at home is meant to be kept.
#[test]
fn the_search_finds_what_a_browser_keeps() {
    let place = Place::patient(Channel::Web);
    let Some(mut browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click("[data-action=next]");
    browser.type_into("#q-more", "Æskekanarie9fugleøje");
    browser.close();
    assert!(!found(&needle(9), browser.profile()).is_empty());
}

#[test]
fn the_search_finds_every_way_of_writing_it() {
    let folder = tempdir().expect("a temporary folder");
    let inside = folder.path().join("cache/of");
    fs::create_dir_all(&inside).expect("a folder");
    let wide: Vec<u8> = needle(8).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut packed = b"before\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec();
    packed.extend(miniz_oxide::deflate::compress_to_vec(needle(8).repeat(2).as_bytes(), 9));
    for (name, bytes) in [("a", needle(8).into_bytes()), ("b", wide), ("c", packed)] {
        fs::write(inside.join(name), bytes).expect("written");
    }
    assert_eq!(found(&needle(8), folder.path()).len(), 3);
    assert!(found(&needle(7), folder.path()).is_empty());
}
