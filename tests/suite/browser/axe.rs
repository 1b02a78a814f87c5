//! axe-core over every state of every page: WCAG 2.0 to 2.2 A and AA and axe's best practices, without a
//! single violation.
//!
//! A state differs by what is on it, and by how it is shown: the size of the screen, the language, text
//! and contrast, the theme. All of these times each other would take an hour. So every state is seen in
//! both languages and in two looks, as it comes and in the largest text with high contrast, and the pages
//! with a question of every kind in everything times everything:
//!
//! | | phone | upright kiosk | lying kiosk |
//! |---|---|---|---|
//! | every state, Danish | plain, strong | plain | plain, strong |
//! | every state, English | plain, strong | plain | strong |
//! | what lies around and comes up ([`Tour::frame`], [`Tour::asides`]), the other theme | plain, strong | | plain, strong |
//! | every kind, with what is wrong, in both languages and themes | plain, strong | plain, strong | plain, strong |

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::Place;
use super::sight::Look;
use super::states::Tour;
use super::{Browser, LYING, Options, PHONE, UPRIGHT};

const AXE: &str = include_str!("../../assets/axe-core/axe.min.js");

const SURVEYS: [&str; 5] = [
    "alle",
    "groenne-omraader",
    "trivsel-og-tryghed",
    "fritid-og-biblioteker",
    "trafik-og-transport",
];

/// Of themes/, beside the default one.
const OTHER_THEME: &str = "nordby";

const PHONES: [Look; 2] = [Look::plain(PHONE), Look::strong(PHONE)];
const SCREENS: [Look; 4] =
    [Look::plain(UPRIGHT), Look::plain(LYING), Look::strong(LYING), Look::strong(UPRIGHT)];

/// What axe finds on the page as it is, as `rule at element`.
pub fn violations(browser: &Browser) -> Vec<String> {
    // A script's text, where the page did not bring axe along: its own policy lets nothing else in.
    if browser.run("return !window.axe", Vec::new()) == true {
        browser.run(AXE, Vec::new());
    }
    let found = browser.run_async(
        "const done = arguments[arguments.length - 1];
         const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         const runOnly = { type: 'tag', values };
         axe.run(document, { iframes: false, runOnly, resultTypes: ['violations'] }).then(
           ({ violations }) => done(violations.flatMap(
             ({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
               `${id} at ${target.join(' ')}: ${failureSummary.replace(/\\s+/g, ' ')}`))),
           (error) => done([String(error)]));",
        Vec::new(),
    );
    let Value::Array(list) = found else { panic!("axe gave {found}") };
    list.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// A browser whose pages all bring axe along: their own policy lets nothing in later.
pub fn examiner(options: Options) -> Option<Browser> {
    let browser = Browser::start(options)?;
    // A look is measured as it is put on: colours on their way from one to the other are neither.
    browser.wish("prefers-reduced-motion", "reduce");
    browser.ask("Page.enable", &json!({}));
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &json!({"source": AXE}));
    Some(browser)
}

/// Examines the states that `visit` shows, each in these looks.
fn examine(tour: &Tour, looks: &[Look], visit: impl Fn(&Tour, &mut dyn FnMut(&str))) {
    let browser = tour.browser;
    browser.wear(looks[0]);
    let (mut seen, mut wrong) = (0, Vec::new());
    visit(tour, &mut |state| {
        for look in looks {
            browser.wear(*look);
            let mut found = violations(browser);
            let sideways = "return document.documentElement.scrollWidth > innerWidth";
            if browser.run(sideways, Vec::new()) == true {
                found.push("it scrolls sideways".to_owned());
            }
            let told = |line| format!("{}{state}, {look}: {line}", tour.prefix);
            wrong.extend(found.into_iter().map(told));
        }
        browser.wear(looks[0]);
        seen += 1;
    });
    assert!(seen > 4, "only {seen} states");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A site as its visitors come to it, and a browser that examines it.
fn on(place: &Place, channel: Channel, visit: impl Fn(&Tour)) {
    let Some(browser) = examiner(if channel == Channel::Kiosk { UPRIGHT } else { PHONE }) else {
        return;
    };
    for prefix in ["", "/en"] {
        visit(&Tour { browser: &browser, place, prefix, channel });
    }
}

fn all(tour: &Tour, see: &mut dyn FnMut(&str)) {
    around(tour, see);
    tour.pages(see);
    for slug in SURVEYS {
        tour.survey(slug, see);
    }
}

fn around(tour: &Tour, see: &mut dyn FnMut(&str)) {
    tour.frame(see);
    tour.asides(see);
}

fn problems(tour: &Tour, see: &mut dyn FnMut(&str)) {
    tour.problems(see);
}

#[test]
fn a_phone_shows_no_violation() {
    let place = Place::patient(Channel::Web);
    on(&place, Channel::Web, |tour| examine(tour, &PHONES, all));
}

#[test]
fn a_kiosk_shows_no_violation() {
    let place = Place::patient(Channel::Kiosk);
    on(&place, Channel::Kiosk, |tour| match tour.prefix {
        "" => examine(tour, &SCREENS[..3], all),
        _ => examine(tour, &[SCREENS[0], SCREENS[2]], all),
    });
}

#[test]
fn every_kind_shows_no_violation_in_any_look() {
    // The rest of both is above.
    let kiosk = Place::patient(Channel::Kiosk);
    on(&kiosk, Channel::Kiosk, |tour| match tour.prefix {
        "" => examine(tour, &SCREENS[3..], problems),
        _ => examine(tour, &[SCREENS[1], SCREENS[3]], problems),
    });
}

#[test]
fn another_theme_shows_no_violation() {
    let kiosk = Place::themed(Channel::Kiosk, OTHER_THEME);
    on(&kiosk, Channel::Kiosk, |tour| {
        examine(tour, &SCREENS, problems);
        if tour.prefix.is_empty() {
            examine(tour, &SCREENS[1..3], around);
        }
    });
    let web = Place::themed(Channel::Web, OTHER_THEME);
    on(&web, Channel::Web, |tour| {
        examine(tour, &PHONES, problems);
        if tour.prefix.is_empty() {
            examine(tour, &PHONES, around);
        }
    });
}

/// A real central's: the form, the pages behind mailed links, and what they say of a wrong answer.
#[test]
fn members_pages_show_no_violation() {
    let Some(browser) = examiner(PHONE) else { return };
    let office = crate::panel::Office::new();
    let _running = office.run();
    for number in 0..2 {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    let mails = office.mails();
    let token = |at: usize| mails["confirm"][at].token.expect("a link").to_hex();
    let confirm = format!("/panel/confirm/{}", token(0));
    assert_eq!(office.post(&format!("/panel/confirm/{}", token(1)), &[]).0, 200);
    let member = mails["confirm"][1].member;
    let known = office.members().member(member).expect("read").expect("a member");
    office.post("/panel/me/", &[("email", &known.fields.email.to_string())]);
    office.desk.says(&["invite", "parker"], 0);
    let mails = office.mails();
    let me = format!("/panel/me/{}", mails["me"][0].token.expect("a link").to_hex());
    let invited = format!("/i/{}", mails["invitation"][0].token.expect("a link").to_hex());
    let stop = format!("/panel/stop/{}/kbh", known.stop.to_hex());
    let unknown = "/i/00000000000000000000000000000000".to_owned();
    let plain = ["/", "/panel/kbh/", "/panel/kbh/tak/", "/panel/me/", "/en/panel/me/"];
    let plain = plain.map(str::to_owned).into_iter();
    let mut wrong = Vec::new();
    for path in plain.chain([confirm, me, invited, stop, unknown]) {
        browser.wear(PHONES[0]);
        browser.goto(&format!("http://{}{path}", office.address));
        for look in PHONES {
            browser.wear(look);
            let told = |line| format!("{path}, {look}: {line}");
            wrong.extend(violations(&browser).into_iter().map(told));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_put_in_on_purpose_is_found() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = examiner(PHONE) else { return };
    browser.goto(&place.at("/"));
    let picture = "document.querySelector('main').append(new Image(9, 9)); return true";
    browser.run(picture, Vec::new());
    let found = violations(&browser);
    assert!(found.iter().any(|line| line.starts_with("image-alt")), "{found:?}");
}
