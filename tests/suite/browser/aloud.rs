//! "Læs op": reading aloud with a voice of the device's own, and nothing where there is none.
//!
//! A machine of tests has no voice. One is put into the page before its script runs: it keeps what it is
//! given to say, and goes on to the next line when a test lets it (`voice.next()`).

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::Place;
use super::{Browser, Options, PHONE};

const TOOL: &str = "[data-action=aloud]";

/// The tests' voices, instead of the browser's.
const VOICE: &str = r#"
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    window.voice = {
      voices: VOICES, line: null, said: [], langs: [],
      getVoices() { return this.voices; },
      speak(line) {
        this.line = line;
        this.said.push(line.text.trim());
        this.langs.push(line.lang);
      },
      cancel() { this.line = null; },
      next() {
        const { line } = this;
        this.line = null;
        line.onend();
        return this.line?.text;
      },
      all() {
        while (this.line) this.next();
        return this.said;
      },
    };
    Object.defineProperty(window, "speechSynthesis", { value: window.voice });
"#;

fn with_voices(options: Options, voices: &Value) -> Option<Browser> {
    let browser = Browser::start(options)?;
    let source = VOICE.replace("VOICES", &voices.to_string());
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    Some(browser)
}

fn danish() -> Value {
    json!([{ "lang": "en-US", "localService": false }, { "lang": "da-DK", "localService": true }])
}

/// Presses the button; the first time its script is fetched before anything is said.
fn press_tool(browser: &Browser) {
    let before = is_pressed(browser);
    browser.click(TOOL);
    browser.wait_until(&format!(
        "document.querySelector('[data-action=aloud]').ariaPressed !== '{before}'"
    ));
}

fn is_pressed(browser: &Browser) -> bool {
    browser.run("return document.querySelector('[data-action=aloud]').ariaPressed", vec![])
        == "true"
}

#[test]
fn the_button_is_there_only_with_a_local_voice_for_the_language() {
    let place = Place::open(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/"));
    assert!(!browser.shows(TOOL), "this machine has no voice");
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/"));
    assert!(browser.shows(TOOL));
    browser.goto(&place.at("/en/"));
    assert!(!browser.shows(TOOL), "the English voice is not the device's own");
    browser.run(
        "voice.voices = [{ lang: 'en', localService: true }]; voice.onvoiceschanged()",
        vec![],
    );
    assert!(browser.shows(TOOL), "voices may come late");
}

#[test]
fn the_page_is_read_in_order_with_what_is_chosen_and_marked_while_it_is_read() {
    let place = Place::open(Channel::Web);
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("label:has(#q-often-daily)");
    press_tool(&browser);
    assert!(is_pressed(&browser));
    let said = browser.run("return voice.all()", vec![]);
    let said: Vec<&str> =
        said.as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    assert_eq!(said[0], "Trin 1 af 3 · cirka 2 minutter tilbage");
    let chosen = said.iter().position(|line| line.ends_with(", valgt")).expect("a chosen answer");
    let question = said.iter().position(|line| line.contains("Hvor ofte")).expect("the question");
    assert!(question < chosen, "{said:?}");
    assert_eq!(said.iter().filter(|line| line.ends_with(", valgt")).count(), 1);
    assert!(!said.iter().any(|line| line.contains("Hvad laver du")), "another page: {said:?}");
    assert!(!is_pressed(&browser), "it ends by itself");
    press_tool(&browser);
    browser.run("while (!voice.next().includes('Hvor ofte'));", vec![]);
    assert!(browser.shows("#question-often.aloud"));
    let outline = "return getComputedStyle(document.querySelector('.aloud')).outlineStyle";
    assert_eq!(browser.run(outline, vec![]), "dashed");
}

#[test]
fn problems_are_read_where_they_stand() {
    let place = Place::open(Channel::Web);
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    browser.click("[data-action=next]");
    let sentence = browser.text("#problem-often");
    press_tool(&browser);
    let said = browser.run("return voice.all()", vec![]).to_string();
    assert_eq!(said.matches(&sentence.replace('"', "\\\"")).count(), 2, "{said}");
}

#[test]
fn what_a_picture_shows_is_said_before_its_words() {
    let place = Place::open(Channel::Web);
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/s/alle/"));
    browser.run("document.querySelector('[data-action=start]').click()", vec![]);
    // The page with the pictures, whatever stands before it.
    browser.run(
        "for (const box of document.querySelectorAll('.page')) box.hidden = !box.querySelector('img')",
        vec![],
    );
    press_tool(&browser);
    let said = browser.run("return voice.all()", vec![]);
    let said: Vec<&str> =
        said.as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    let alt = "return document.querySelector('.pictures img').alt";
    let alt = browser.run(alt, vec![]);
    let alt = alt.as_str().expect("a description");
    assert!(said.iter().any(|line| line.starts_with(alt) && *line != alt), "{alt} in {said:?}");
}

#[test]
fn a_part_in_another_language_is_read_in_it() {
    let place = Place::open(Channel::Web);
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/"));
    browser.run(
        "const part = document.createElement('p');
         Object.assign(part, { lang: 'en', textContent: 'Hello' });
         document.querySelector('main').append(part)",
        vec![],
    );
    press_tool(&browser);
    browser.run("voice.all()", vec![]);
    let ends = "return [voice.langs[0], voice.said.at(-1), voice.langs.at(-1)]";
    assert_eq!(browser.run(ends, vec![]), json!(["da", "Hello", "en"]));
}

#[test]
fn it_stops_when_pressed_again_and_when_the_page_changes() {
    let place = Place::open(Channel::Web);
    let Some(browser) = with_voices(PHONE, &danish()) else { return };
    browser.goto(&place.at("/s/proeve/"));
    press_tool(&browser);
    browser.run("voice.next()", vec![]);
    press_tool(&browser);
    let silent = "return voice.line === null && document.querySelector('.aloud') === null";
    assert_eq!(browser.run(silent, vec![]), true);
    assert!(!is_pressed(&browser));
    press_tool(&browser);
    browser.run("voice.next()", vec![]);
    browser.click("[data-action=start]");
    assert_eq!(browser.run(silent, vec![]), true);
    assert!(!is_pressed(&browser));
}

#[test]
fn a_kiosk_that_is_listened_to_is_not_idle_and_falls_silent_with_its_question() {
    let place = Place::open(Channel::Kiosk);
    let screen = Options { width: 1080, height: 1920, javascript: true };
    let Some(browser) = with_voices(screen, &danish()) else { return };
    browser.goto(&place.at("/s/proeve/"));
    browser.click("[data-action=start]");
    press_tool(&browser);
    // Longer than the kiosk's patience in tests, two seconds.
    for _ in 0..4 {
        browser.run("voice.next()", vec![]);
        std::thread::sleep(std::time::Duration::from_millis(800));
        assert!(!browser.shows("#idle"));
    }
    browser.wait_until("document.querySelector('#idle').open");
    assert_eq!(browser.run("return voice.line === null", vec![]), true);
    assert!(!is_pressed(&browser));
}
