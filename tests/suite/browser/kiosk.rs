//! A kiosk's pages: nobody's answers stay.

use borgerpanel::server::app::Channel;

use serde_json::{Value, json};

use super::Browser;
use super::UPRIGHT;
use super::place::{HASTY, Place, desk};
use crate::preview::get;

fn answering(place: &Place) -> Option<Browser> {
    let browser = Browser::start(UPRIGHT)?;
    browser.goto(&place.at("/kiosk/"));
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-never)");
    browser.click("[data-action=next]");
    browser.type_into("#q-more", "kanariefugl");
    Some(browser)
}

fn assert_nothing_is_left(browser: &Browser) {
    browser.wait_until("location.pathname === '/kiosk/'");
    assert_eq!(browser.run("return localStorage.length", vec![]), 0);
    browser.back();
    let found =
        browser.run("return document.documentElement.innerHTML.includes('kanariefugl')", vec![]);
    assert_eq!(found, false);
    let typed = "return document.querySelector('#q-more')?.value ?? ''";
    assert_eq!(browser.run(typed, vec![]), "");
}

#[test]
fn after_a_question_and_a_countdown_everything_is_cleared() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = answering(&place) else { return };
    // The question lies over the keyboard and takes its place; then the writing goes on.
    browser.wait_until(
        "document.querySelector('#idle').open && document.querySelector('.keyboard').hidden",
    );
    assert_eq!(browser.text("[data-countdown]").parse::<u32>().map(|left| left <= 4), Ok(true));
    browser.click("[data-action=stay]");
    assert!(browser.shows("#page-last") && !browser.shows("#idle"));
    assert!(browser.shows(".keyboard"));
    assert_eq!(browser.focus(), "q-more");
    assert_nothing_is_left(&browser);
    assert!(place.responses().is_empty());
}

#[test]
fn stop_and_delete_clears_at_once() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = answering(&place) else { return };
    browser.click("[data-action=quit]");
    assert_nothing_is_left(&browser);
}

/// A kiosk whose survey keeps what was half answered.
fn keeping() -> Place {
    let desk = desk();
    let path = desk.path("content/surveys/proeve.md");
    let text = std::fs::read_to_string(&path).expect("the survey");
    let text = text.replacen("sample: open", "sample: open\npartial: keep", 1);
    std::fs::write(&path, text).expect("written");
    Place::of(desk, Channel::Kiosk, Some(HASTY))
}

#[test]
fn what_was_half_answered_is_kept_at_idle_where_the_survey_says_so() {
    let place = keeping();
    let Some(browser) = answering(&place) else { return };
    browser.wait_until("document.querySelector('#idle').open");
    assert!(browser.text("#idle p").starts_with("Vi gemmer de svar, du har givet"));
    assert_nothing_is_left(&browser);
    let responses = place.responses();
    assert_eq!(responses.len(), 1);
    let response = serde_json::to_value(&responses[0]).expect("JSON");
    assert_eq!(response["status"], "partial");
    assert_eq!(response["answers"]["often"], "never");
    assert_eq!(response["answers"]["more"], "kanariefugl");
}

#[test]
fn what_somebody_had_deleted_is_kept_nowhere() {
    let place = keeping();
    for button in ["quit", "restart"] {
        let Some(browser) = answering(&place) else { return };
        if button == "restart" {
            browser.wait_until("document.querySelector('#idle').open");
        }
        browser.click(&format!("[data-action={button}]"));
        assert_nothing_is_left(&browser);
    }
    assert!(place.responses().is_empty());
}

#[test]
fn nobody_is_asked_on_a_start_page_that_nobody_touched() {
    let place = Place::open(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    browser.goto(&place.at("/en/s/proeve/"));
    let asked = "window.name = ''; document.querySelector('#idle')
        .addEventListener('beforetoggle', () => { window.name = 'asked'; })";
    browser.run(asked, vec![]);
    browser.wait_until("location.pathname === '/kiosk/'");
    assert_eq!(browser.run("return window.name", vec![]), "");
}

#[test]
fn every_page_but_the_first_can_be_ended() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    for path in ["/privatliv/", "/s/proeve/tak/", "/s/cykelparkering/", "/findes-ikke/", "/en/om/"]
    {
        browser.goto(&place.at(path));
        browser.click("[data-action=quit]");
        browser.wait_until("location.pathname === '/kiosk/'");
    }
    assert!(!browser.shows("[data-action=quit]"));
}

#[test]
fn every_page_gives_signs_of_life() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    let count = "window.beats = 0; const real = window.fetch;
        window.fetch = (address, how) => {
          if (address === '/kiosk/heartbeat' && how.method === 'POST') window.beats += 1;
          return real(address, how);
        };";
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &json!({"source": count}));
    for path in ["/kiosk/", "/s/proeve/", "/s/proeve/tak/", "/findes-ikke/"] {
        browser.goto(&place.at(path));
        browser.wait_until("window.beats > 0");
    }
}

/// What becomes of an event: true where the page stops it.
const BARRED: &str = "
    const field = document.querySelector('#q-more');
    const events = {
      menu: [document.body, new MouseEvent('contextmenu', { bubbles: true, cancelable: true })],
      drag: [document.body, new DragEvent('dragstart', { bubbles: true, cancelable: true })],
      drop: [document.body, new DragEvent('drop', { bubbles: true, cancelable: true })],
      middle: [document.body, new PointerEvent('auxclick', { bubbles: true, cancelable: true, button: 1 })],
      zoom: [document.body, new WheelEvent('wheel', { bubbles: true, cancelable: true, ctrlKey: true })],
      wheel: [document.body, new WheelEvent('wheel', { bubbles: true, cancelable: true })],
      mark: [document.querySelector('h1'), new Event('selectstart', { bubbles: true, cancelable: true })],
      markField: [field, new Event('selectstart', { bubbles: true, cancelable: true })],
      copy: [field, new ClipboardEvent('copy', { bubbles: true, cancelable: true })],
      paste: [field, new ClipboardEvent('paste', { bubbles: true, cancelable: true })],
    };
    const touch = (n) => new Touch({ identifier: n, target: document.body, clientX: n, clientY: n });
    const fingers = (n) => new TouchEvent('touchmove', { bubbles: true, cancelable: true,
      touches: [...Array(n).keys()].map(touch) });
    events.oneFinger = [document.body, fingers(1)];
    events.pinch = [document.body, fingers(2)];
    const keys = { F5: {}, F12: {}, p: { ctrlKey: true }, s: { ctrlKey: true }, u: { ctrlKey: true },
      ArrowLeft: { altKey: true }, a: { ctrlKey: true }, b: {}, Tab: {}, Enter: {} };
    for (const [key, more] of Object.entries(keys)) {
      events[key] = [field, new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })];
    }
    return Object.entries(events)
      .filter(([, [target, event]]) => !target.dispatchEvent(event)).map(([name]) => name)";

#[test]
fn what_a_browser_could_do_besides_is_barred_and_writing_is_not() {
    let place = Place::patient(Channel::Kiosk);
    let Some(browser) = Browser::start(UPRIGHT) else { return };
    browser.goto(&place.at("/s/proeve/"));
    let Value::Array(mut barred) = browser.run(BARRED, vec![]) else { panic!("a list") };
    barred.sort_by_key(Value::to_string);
    let want = json!([
        "ArrowLeft",
        "F12",
        "F5",
        "copy",
        "drag",
        "drop",
        "mark",
        "menu",
        "middle",
        "p",
        "paste",
        "pinch",
        "s",
        "u",
        "zoom",
    ]);
    assert_eq!(Value::Array(barred), want);
    // A printed page is an empty one.
    browser.ask("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    assert!(!browser.shows("main") && !browser.shows(".keyboard"));
    let marks = "return getComputedStyle(document.querySelector('h1')).userSelect";
    assert_eq!(browser.run(marks, vec![]), "none");
}

#[test]
fn a_phone_is_shown_the_way_where_the_site_is_on_the_web() {
    let shown = |hosts: &str, channels: &str| {
        let desk = desk();
        let path = desk.path("content/site.toml");
        let text = std::fs::read_to_string(&path).expect("the settings");
        std::fs::write(&path, text.replacen("hosts = []", hosts, 1)).expect("written");
        let path = desk.path("content/surveys/proeve.md");
        let text = std::fs::read_to_string(&path).expect("the survey");
        std::fs::write(&path, text.replacen("[kiosk, web]", channels, 1)).expect("written");
        let place = Place::of(desk, Channel::Kiosk, None);
        get(place.at("").trim_start_matches("http://"), "/en/s/proeve/")
    };
    let page = shown("hosts = [\"panel.example.dk\"]", "[kiosk, web]");
    assert!(page.contains("Would you rather answer on your own phone?"));
    assert!(page.contains("panel.example.dk/<wbr>en/<wbr>s/<wbr>proeve/<wbr>"));
    assert!(page.contains("<svg class=\"qr\"") && !page.contains("href=\"https"));
    assert!(!shown("hosts = []", "[kiosk, web]").contains("class=\"qr\""));
    let kiosks_alone = shown("hosts = [\"panel.example.dk\"]", "[kiosk]");
    assert!(!kiosks_alone.contains("class=\"qr\""));
}
