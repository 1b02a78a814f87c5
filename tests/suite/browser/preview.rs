//! The preview's page for staff: three screens, the text beside them, and made-up answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::axe::violations;
use super::{Browser, Options};
use crate::authors::{self, Desk};
use crate::preview::{Running, start};

/// A small laptop's window, without the browser's own bars.
pub const LAPTOP: Options = Options { width: 1366, height: 650, javascript: true };

const ENTER: &str = "\u{e007}";
const SCREENS: [&str; 3] = ["phone", "upright", "lying"];

/// A preview of the shipped content and the tests' own surveys, looked at.
pub struct Author {
    pub browser: Browser,
    desk: Desk,
    _running: Running,
}

impl Author {
    /// Opens the survey on all screens.
    pub fn looks_at(slug: &str) -> Option<Author> {
        let desk = Desk::new();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/browser");
        authors::copy(&fixtures, &desk.path("content/surveys"));
        let browser = Browser::start(LAPTOP)?;
        let (running, address) = start(&desk, &["preview", "--port", "0"]);
        browser.goto(&format!("http://{address}/_preview/#/s/{slug}/"));
        let author = Author { browser, desk, _running: running };
        author.on_all(&format!(
            "location.pathname === '/s/{slug}/' && document.querySelector('.in-frame #start')"
        ));
        Some(author)
    }

    /// Waits until an expression is true on every screen.
    pub fn on_all(&self, expression: &str) {
        for frame in 0..3 {
            self.browser.within(frame, || self.browser.wait_until(expression));
        }
    }

    /// What a function body returns on each screen.
    fn asked(&self, script: &str) -> Vec<Value> {
        (0..3)
            .map(|frame| self.browser.within(frame, || self.browser.run(script, vec![])))
            .collect()
    }

    /// Works on a screen as somebody who has clicked into it; the driver clicks beside what is made
    /// smaller, so keys do it.
    fn on(&self, frame: u16, work: impl FnOnce(&Browser)) {
        let screen = SCREENS[usize::from(frame)];
        let focus = format!("document.querySelector('#{screen} iframe').focus()");
        self.browser.run(&focus, vec![]);
        self.browser.within(frame, || work(&self.browser));
    }

    /// The text of a survey.
    pub fn path(&self, slug: &str) -> PathBuf {
        self.desk.path(&format!("content/surveys/{slug}.md"))
    }
}

#[test]
fn three_screens_are_as_large_inside_as_the_real_ones() {
    let Some(author) = Author::looks_at("alle") else { return };
    let size = "return [innerWidth, innerHeight, document.body.dataset.mode]";
    let real =
        [json!([360, 800, "web"]), json!([1080, 1920, "kiosk"]), json!([1920, 1080, "kiosk"])];
    assert_eq!(author.asked(size), real);
    assert_eq!(author.asked("return document.documentElement.clientWidth")[0], 360);
    let outside = "return [...document.querySelectorAll('.glass, button')]
        .filter((box) => box.checkVisibility())
        .filter((box) => box.getBoundingClientRect().right > innerWidth)
        .map((box) => box.outerHTML)";
    let browser = &author.browser;
    assert_eq!(browser.run(outside, vec![]), json!([]));
    assert_eq!(browser.run("return document.documentElement.scrollHeight", vec![]), 650);
    assert_eq!(violations(browser), Vec::<String>::new());
    browser.click("#chosen");
    assert_eq!(violations(browser), Vec::<String>::new());
}

#[test]
fn what_is_done_on_one_screen_happens_on_all_and_languages_keep_it() {
    let Some(author) = Author::looks_at("alle") else { return };
    author.on(0, |browser| {
        browser.type_into("[data-action=start]", ENTER);
        browser.type_into("#q-name", "Ane");
    });
    author.on_all("document.querySelector('#q-name').value === 'Ane'");
    author.on_all("document.querySelector('#page-you').checkVisibility()");
    author.browser.click("#languages [lang=en]");
    author.on_all("document.documentElement.lang === 'en' && document.readyState === 'complete'");
    author.on_all("document.querySelector('#page-you')?.checkVisibility()");
    let kept = author.asked("return document.querySelector('#q-name').value");
    assert_eq!(kept, ["Ane", "Ane", "Ane"]);
    author.browser.wait_until(
        "document.querySelector('[aria-current=true].file').textContent === 'alle.en.md'",
    );
    // Answering alone, once it is wished.
    author.browser.click("#in-step");
    author.on(1, |browser| browser.type_into("#q-name", " B"));
    assert_eq!(
        author.asked("return document.querySelector('#q-name').value"),
        ["Ane", "Ane B", "Ane"]
    );
}

#[test]
fn a_mistake_is_said_at_its_line_until_it_is_mended() {
    let Some(author) = Author::looks_at("proeve") else { return };
    let browser = &author.browser;
    let good = fs::read_to_string(author.path("proeve")).expect("the survey");
    let line = good.lines().position(|line| line.contains("required")).expect("one is") + 1;
    author.on(0, |browser| browser.type_into("[data-action=start]", ENTER));
    fs::write(author.path("proeve"), good.replacen("required", "reqired", 1)).expect("saved");
    browser.wait_until(&format!("document.querySelector('#line-{line} .remark')"));
    browser.click("[data-words=en]");
    assert!(browser.text(&format!("#line-{line} .remark")).contains("did you mean required?"));
    assert_eq!(browser.text(&format!("#line-{line} mark")), "reqired");
    assert!(browser.text("#notice").starts_with("1 mistake in the text"));
    assert!(browser.text("#told").starts_with(&format!("Mistake, line {line}")));
    browser.click("[data-words=da]");
    assert!(browser.text("#told").starts_with(&format!("Fejl, linje {line}")));
    assert_eq!(violations(browser), Vec::<String>::new());
    browser.click("#told button");
    assert_eq!(browser.focus(), format!("line-{line}"));
    assert_eq!(browser.text("#place"), format!("content/surveys/proeve.md:{line}"));
    // The last good build is still there, at the page it was.
    author.on_all("document.querySelector('#page-you').checkVisibility()");
    let mended = good.replacen("title: ", "title: Ny ", 1);
    fs::write(author.path("proeve"), mended).expect("saved");
    browser.wait_until(
        "!document.querySelector('.remark') && document.querySelector('#notice').hidden",
    );
    author.on_all("document.title.startsWith('Ny ')");
    author.on_all("document.querySelector('#page-you')?.checkVisibility()");
}

#[test]
fn made_up_answers_fill_every_kind_and_can_be_sent() {
    let Some(author) = Author::looks_at("alle") else { return };
    let browser = &author.browser;
    let before = files(&author.desk.path(""));
    browser.click("[data-press=fill]");
    author.on_all("document.querySelector('#q-name')?.value");
    let first = author.asked("return document.querySelector('#q-born').value");
    assert!(first.iter().all(|one| *one == first[0] && *one != ""), "{first:?}");
    // The pages after it are still to be answered.
    assert_eq!(author.asked("return document.querySelector('#q-more').value"), ["", "", ""]);
    browser.click("[data-press=fill]");
    author.on_all(&format!("document.querySelector('#q-born').value !== {}", first[0]));
    browser.click("[data-press=fill-all]");
    author.on_all("document.querySelector('#page-last').checkVisibility()");
    // Live sums, ranks and texts about answers have followed.
    author.on_all("document.querySelectorAll('#question-rank [aria-pressed=true]').length === 2");
    author.on_all("!document.querySelector('#page-last .intro').textContent.includes('engang')");
    let empty = "const given = new FormData(document.querySelector('#survey-form'));
        const answered = (id) => [...given].some(([name, value]) => name.split('.')[0] === id && value);
        return [...document.querySelectorAll('.question:not([hidden])')]
          .map(({ id }) => id.slice('question-'.length)).filter((id) => !answered(id))";
    assert_eq!(author.asked(empty), [json!([]), json!([]), json!([])]);
    for frame in 0..3 {
        browser.within(frame, || send(browser));
    }
    assert_eq!(files(&author.desk.path("")), before);
}

/// Presses what leads on until the answers are sent.
fn send(browser: &Browser) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while browser.run("return location.pathname", vec![]) != "/s/alle/tak/" {
        let problems =
            "return document.querySelector('#problems:not([hidden])')?.textContent ?? ''";
        assert_eq!(browser.run(problems, vec![]), "");
        assert!(Instant::now() < deadline, "it is never sent");
        let on = "[data-action=next]:not([hidden]), [data-action=send]:not([hidden])";
        browser.run(&format!("document.querySelector('{on}')?.click()"), vec![]);
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Every file below, by name.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path.display().to_string()),
        }
    }
    found.sort();
    found
}

#[test]
fn problems_are_shown_on_request_and_a_day_can_be_chosen() {
    let Some(author) = Author::looks_at("alle") else { return };
    let browser = &author.browser;
    browser.run(
        "const step = document.querySelector('#step'); step.value = '#page-most';
        step.dispatchEvent(new Event('change', { bubbles: true }))",
        vec![],
    );
    author.on_all("document.querySelector('#page-most').checkVisibility()");
    browser.click("[data-press=provoke]");
    author.on_all("document.querySelectorAll('#problems li').length === 2");
    browser.click("#chosen");
    let bathing = "[...document.querySelectorAll('.entry')]
        .find((entry) => entry.textContent.includes('havnebade'))";
    browser.run(&format!("{bathing}.click()"), vec![]);
    author
        .on_all("location.pathname === '/s/havnebade/' && !document.querySelector('#survey-form')");
    assert!(browser.text("#notice").starts_with("This survey opens on 1 May 2031."));
    browser.click("#notice-action");
    author.on_all("document.querySelector('#survey-form [data-action=start]')");
    browser.click("[data-press=today]");
    author.on_all("!document.querySelector('#survey-form')");
}

#[test]
fn the_text_follows_what_is_opened_on_a_screen() {
    let Some(author) = Author::looks_at("alle") else { return };
    let browser = &author.browser;
    author.on(0, |browser| browser.type_into("a[href='/om/']", ENTER));
    browser
        .wait_until("document.querySelector('[aria-current=true].file').textContent === 'om.md'");
    author.on_all("location.pathname === '/om/'");
    // The keys keep their place where buttons are made anew.
    browser.run("document.querySelector('#languages [lang=en]').focus()", vec![]);
    browser.press(ENTER);
    author.on_all("location.pathname === '/en/om/'");
    assert_eq!(browser.run("return document.activeElement.textContent", vec![]), "English");
    assert_eq!(browser.text("[aria-current=true].file"), "om.en.md");
}
