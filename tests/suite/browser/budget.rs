//! What a page costs and when it is there: the bytes that Chromium fetches for a survey as a city would
//! write it, from where, and what is seen before the script has come.

use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use borgerpanel::server::app::Channel;
use borgerpanel::server::http::{Body, Response};
use serde_json::json;

use super::place::{self, Place};
use super::states::Tour;
use super::targets::strings;
use super::{Browser, LYING, PHONE};
use crate::authors::Desk;

/// Bytes as they are, not compressed (docs/theme.md).
const PAGE_MAX: usize = 120_000;
const SHEET_MAX: usize = 20_000;
const SCRIPT_MAX: usize = 20_000;

/// How long a script is kept back: longer than any first picture takes.
const STALLED: Duration = Duration::from_secs(2);

const SURVEY: &str = include_str!("../../fixtures/budget/byen.md");
const TRANSLATION: &str = include_str!("../../fixtures/budget/byen.en.md");

/// What was fetched: paths and bytes.
type Fetched = Arc<Mutex<Vec<(String, usize)>>>;

fn desk() -> Desk {
    let desk = place::desk();
    fs::write(desk.path("content/surveys/byen.md"), SURVEY).expect("written");
    fs::write(desk.path("content/surveys/byen.en.md"), TRANSLATION).expect("written");
    desk
}

/// The site, and a list of what it was asked for.
fn counted(channel: Channel) -> (Place, Fetched) {
    let fetched = Fetched::default();
    let list = fetched.clone();
    let place = Place::of(desk(), channel, None).by_way_of(move |path, response| {
        let bytes = match &response.body {
            Body::Bytes(bytes) => bytes.len(),
            Body::File(file) => fs::metadata(file).map_or(0, |it| it.len() as usize),
            Body::Stream(_) => 0,
        };
        list.lock().expect("no test panics here").push((path.to_owned(), bytes));
        response
    });
    (place, fetched)
}

/// Through the whole survey, to the thanks.
fn answer(tour: &Tour) {
    tour.open("/s/byen/");
    tour.browser.click("[data-action=start]");
    for page in 1..=7 {
        let step = tour.browser.text(".step");
        assert!(step.starts_with(&format!("Trin {page} af 7")), "{step}");
        tour.fill();
        tour.go_on();
    }
    assert!(tour.browser.shows("#review"));
    tour.go_on();
    tour.browser.wait_until("location.pathname.endsWith('/tak/')");
}

#[test]
fn a_survey_of_seven_pages_is_within_its_budget() {
    let (place, fetched) = counted(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    answer(&tour);
    let fetched = fetched.lock().expect("no test panics here").clone();
    // The thanks are a page of their own.
    let thanks = fetched.iter().position(|(path, _)| path.ends_with("/tak/")).expect("thanks");
    let survey = &fetched[..thanks];
    let sum = |ending: &str| -> usize {
        survey.iter().filter(|(path, _)| path.ends_with(ending)).map(|(_, bytes)| bytes).sum()
    };
    let count = |ending: &str| survey.iter().filter(|(path, _)| path.ends_with(ending)).count();
    assert_eq!((count(".css"), count(".js"), count(".woff2")), (1, 1, 2), "{survey:#?}");
    assert!(sum(".css") <= SHEET_MAX, "the style sheet: {} bytes", sum(".css"));
    assert!(sum(".js") <= SCRIPT_MAX, "the script: {} bytes", sum(".js"));
    assert!(sum("") <= PAGE_MAX, "{} bytes: {survey:#?}", sum(""));
    assert_eq!(place.responses().len(), 1);
}

/// What the page fetched, or would, from elsewhere than its own origin.
const ELSEWHERE: &str = "const links = [...document.querySelectorAll('[src], link[href], [action], [data], image, use')]
      .map((it) => it.src ?? it.href?.baseVal ?? it.href ?? it.action ?? it.data);
    const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
    return [...links, ...fetched].filter((it) => it && new URL(it, location).origin !== location.origin)";

#[test]
fn nothing_comes_from_another_origin() {
    for (channel, screen) in [(Channel::Web, PHONE), (Channel::Kiosk, LYING)] {
        let place = Place::patient(channel);
        let Some(browser) = Browser::start(screen) else { return };
        let tour = Tour { browser: &browser, place: &place, prefix: "", channel };
        let mut pages = 0;
        let mut see = |state: &str| {
            pages += 1;
            let found = strings(browser.run(ELSEWHERE, Vec::new()));
            assert!(found.is_empty(), "{state}: {found:?}");
        };
        tour.frame(&mut see);
        tour.survey("alle", &mut see);
        tour.asides(&mut see);
        assert!(pages > 10);
    }
}

#[test]
fn the_page_is_painted_before_its_script_has_come_and_stays_where_it_is() {
    let stall = |path: &str, response: Response| {
        if path.ends_with(".js") {
            thread::sleep(STALLED);
        }
        response
    };
    let place = Place::of(desk(), Channel::Web, None).by_way_of(stall);
    let Some(browser) = Browser::start(PHONE) else { return };
    // What can be read as the first picture is made; what has moved since.
    let watch = "window.moved = [];
        new PerformanceObserver(() => { window.read ??= document.body.innerText }).observe({ type: 'paint' });
        new PerformanceObserver((entries) => {
          for (const { sources } of entries.getEntries()) window.moved.push(...sources);
        }).observe({ type: 'layout-shift' })";
    browser.ask("Page.enable", &json!({}));
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &json!({"source": watch}));
    browser.goto(&place.at("/s/byen/"));
    browser.wait_until("document.querySelector('.js') && performance.now() > window.moved.length");
    let seen = browser.run_async(
        "const done = arguments[arguments.length - 1];
         const [paint] = performance.getEntriesByName('first-contentful-paint');
         const script = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('.js'));
         const far = ({ previousRect: from, currentRect: to }) => from.height > 0 && Math.abs(from.y - to.y);
         setTimeout(() => done({
           paint: paint.startTime, script: script.responseEnd, read: window.read,
           moved: window.moved.filter(({ node }) => !node?.matches?.('.foot'))
             .map((source) => [source.node?.outerHTML?.slice(0, 60), far(source)]),
         }), 300)",
        Vec::new(),
    );
    let number = |name: &str| seen[name].as_f64().expect("a number");
    assert!(number("script") >= STALLED.as_secs_f64() * 1000.0, "{seen}");
    assert!(number("paint") < 1500.0, "{seen}");
    let read = seen["read"].as_str().expect("text");
    for words in ["Hvordan er byen at leve i?", "Hvor længe har du boet i byen?", "Send dine svar"]
    {
        assert!(read.contains(words), "{words} is not there yet: {read}");
    }
    // The foot comes up as the pages fold; what somebody may be reading stays.
    let moved = seen["moved"].as_array().expect("a list");
    let far: Vec<_> =
        moved.iter().filter(|one| one[1].as_f64().unwrap_or_default() > 4.0).collect();
    assert!(far.is_empty(), "{far:?}");
}
