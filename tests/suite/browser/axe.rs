//! axe-core over every kind of page, at a phone's, an upright and a lying kiosk's size, in both
//! languages: WCAG 2.0 to 2.2 A and AA and axe's best practices, without a single violation.

use borgerpanel::server::app::Channel;
use serde_json::Value;

use super::place::Place;
use super::{Browser, Options, PHONE};

const AXE: &str = include_str!("../../assets/axe-core/axe.min.js");

pub(super) const UPRIGHT: Options = Options { width: 1080, height: 1920, javascript: true };
pub(super) const LYING: Options = Options { width: 1920, height: 1080, javascript: true };

/// The surveys that together have every kind.
const SURVEYS: [&str; 4] =
    ["alle", "groenne-omraader", "trivsel-og-tryghed", "fritid-og-biblioteker"];

/// What axe finds on the page as it is, as `rule at element`.
pub(super) fn violations(browser: &Browser) -> Vec<String> {
    // Loaded as a script's text, since the page's own policy lets nothing else in.
    browser.run(&format!("if (!window.axe) {{ {AXE} }} return true"), Vec::new());
    let found = browser.run_async(
        "const done = arguments[arguments.length - 1];
         const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         axe.run(document, { iframes: false, runOnly: { type: 'tag', values } }).then(
           ({ violations }) => done(violations.flatMap(
             ({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
               `${id} at ${target.join(' ')}: ${failureSummary.replace(/\\s+/g, ' ')}`))),
           (error) => done([String(error)]));",
        Vec::new(),
    );
    let Value::Array(list) = found else { panic!("axe gave {found}") };
    list.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// Collects what is wrong over many pages, so that one run shows all of it.
struct Report<'a> {
    browser: &'a Browser,
    lines: Vec<String>,
}

impl Report<'_> {
    fn note(&mut self, state: &str) {
        let sideways = "return document.documentElement.scrollWidth > innerWidth";
        if self.browser.run(sideways, Vec::new()) == true {
            self.lines.push(format!("{state}: scrolls sideways"));
        }
        let found = violations(self.browser);
        self.lines.extend(found.into_iter().map(|line| format!("{state}: {line}")));
    }

    fn end(self) {
        assert!(self.lines.is_empty(), "{}", self.lines.join("\n"));
    }
}

/// Every page of a survey at once, as a reader without JavaScript has it.
fn unfold(browser: &Browser) {
    browser.run(
        "document.documentElement.classList.remove('js');
         const parts = '.page, .question, .choice, .row, #start, .controls';
         document.querySelectorAll(parts).forEach((part) => { part.hidden = false; });
         return true",
        Vec::new(),
    );
}

fn survey(report: &mut Report, place: &Place, prefix: &str, slug: &str) {
    let address = place.at(&format!("{prefix}/s/{slug}/"));
    let state = format!("{prefix}/s/{slug}/");
    report.browser.goto(&address);
    report.note(&format!("{state} start"));
    report.browser.click("[data-action=start]");
    report.note(&format!("{state} first page"));
    // Only a survey that asks something at once has an error to show.
    report.browser.click("[data-action=next]");
    report.note(&format!("{state} after next"));
    unfold(report.browser);
    report.note(&format!("{state} unfolded"));
}

fn shown(channel: Channel, options: Options) {
    let place = Place::patient(channel);
    let Some(browser) = Browser::start(options) else { return };
    let mut report = Report { browser: &browser, lines: Vec::new() };
    for prefix in ["", "/en"] {
        let home = if channel == Channel::Kiosk { "/kiosk/" } else { "/" };
        for path in [home, "/s/groenne-omraader/tak/", "/s/cykelparkering/", "/s/findes-ikke/"] {
            browser.goto(&place.at(&format!("{prefix}{path}")));
            report.note(&format!("{prefix}{path}"));
        }
        if channel == Channel::Web {
            let paper = format!("{prefix}/s/trivsel-og-tryghed/papir/");
            browser.goto(&place.at(&paper));
            report.note(&paper);
        }
        for slug in SURVEYS {
            survey(&mut report, &place, prefix, slug);
        }
    }
    report.end();
}

#[test]
fn a_phone_shows_no_violation() {
    shown(Channel::Web, PHONE);
}

#[test]
fn an_upright_kiosk_shows_no_violation() {
    shown(Channel::Kiosk, UPRIGHT);
}

#[test]
fn a_lying_kiosk_shows_no_violation() {
    shown(Channel::Kiosk, LYING);
}

#[test]
fn a_wide_screen_at_home_shows_no_violation() {
    shown(Channel::Web, LYING);
}

#[test]
fn the_page_that_came_back_with_problems_shows_no_violation() {
    let place = Place::patient(Channel::Web);
    for options in [PHONE, LYING] {
        let Some(browser) = Browser::start(options) else { return };
        let mut report = Report { browser: &browser, lines: Vec::new() };
        for prefix in ["", "/en"] {
            for slug in ["trafik-og-transport", "alle"] {
                browser.goto(&place.at(&format!("{prefix}/s/{slug}/")));
                // Sent past the script, as an old browser would.
                let send = "document.querySelector('#survey-form').submit(); return true";
                browser.run(send, Vec::new());
                browser.wait_until("document.querySelector('#problems li')");
                report.note(&format!("{prefix}/s/{slug}/ 422"));
                unfold(&browser);
                report.note(&format!("{prefix}/s/{slug}/ 422 unfolded"));
            }
        }
        report.end();
    }
}

#[test]
fn large_text_and_high_contrast_show_no_violation() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    let mut report = Report { browser: &browser, lines: Vec::new() };
    browser.goto(&place.at("/"));
    for action in ["larger", "larger", "contrast"] {
        browser.click(&format!("[data-action={action}]"));
    }
    for slug in ["groenne-omraader", "alle"] {
        browser.goto(&place.at(&format!("/s/{slug}/")));
        report.note(&format!("{slug} start"));
        unfold(&browser);
        report.note(&format!("{slug} unfolded"));
    }
    report.end();
}

#[test]
fn a_fault_put_in_on_purpose_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/"));
    let picture = "document.querySelector('main').append(new Image(9, 9)); return true";
    browser.run(picture, Vec::new());
    let found = violations(&browser);
    assert!(found.iter().any(|line| line.starts_with("image-alt")), "{found:?}");
}
