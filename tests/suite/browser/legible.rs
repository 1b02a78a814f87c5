//! A kiosk whose screen's width is known: text and buttons in millimetres, as measured on the page.

use borgerpanel::server::app::Channel;
use borgerpanel::site::config::OwnRules;

use super::place::{Place, desk};
use super::{Browser, Options};
use super::{LYING, UPRIGHT};

/// EN 301 549, 5.1.4: 0.7° for eyes 60 cm away.
const CAPITAL_MM: f64 = 7.3;
const FINGER_MM: f64 = 15.0;

/// The height of a capital H in the smallest text in sight, and the least side of what is pressed, px.
fn smallest(browser: &Browser) -> (f64, f64, String) {
    let script = "const brush = document.createElement('canvas').getContext('2d');
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        let least = [Infinity, ''];
        while (texts.nextNode()) {
          const { data, parentElement: box } = texts.currentNode;
          const unseen = !data.trim() || !box.checkVisibility() || box.closest('script, .sr, svg, .skip');
          if (unseen || box.getBoundingClientRect().width <= 1) continue;
          const { fontWeight, fontSize, fontFamily } = getComputedStyle(box);
          brush.font = `${fontWeight} ${fontSize} ${fontFamily}`;
          const height = brush.measureText('H').actualBoundingBoxAscent;
          if (height < least[0]) least = [height, data];
        }
        const pressed = [...document.querySelectorAll('.choice, .button, .tool, .languages > *, summary')]
          .filter((target) => target.checkVisibility())
          .map((target) => target.getBoundingClientRect().height);
        return [...least, Math.min(...pressed), document.fonts.check('20px \"IBM Plex Sans\"')]";
    let found = browser.run(script, vec![]);
    assert_eq!(found[3], true, "measured in another font");
    let number = |at: usize| found[at].as_f64().expect("a number");
    (number(0), number(2), found[1].as_str().unwrap_or_default().to_owned())
}

fn assert_legible(options: Options, width_mm: u32) {
    let own = OwnRules { screen_width_mm: Some(width_mm), ..OwnRules::default() };
    let place = Place::of(desk(), Channel::Kiosk, Some(own));
    let Some(browser) = Browser::start(options) else { return };
    let mm = f64::from(width_mm) / f64::from(options.width);
    browser.goto(&place.at("/kiosk/"));
    let (plain, ..) = smallest(&browser);
    assert!(plain * mm > 4.0, "plain text of {} mm", plain * mm);
    browser.click("[data-action=larger]");
    browser.click("[data-action=larger]");
    let legible = |state: &str| {
        let (capital, target, text) = smallest(&browser);
        assert!(capital * mm >= CAPITAL_MM, "{state}: {} mm in {text:?}", capital * mm);
        // A pixel's hundredth is the browser's rounding.
        assert!(target + 0.01 >= 64.0, "{state}: {target} px");
        assert!((target + 0.01) * mm >= FINGER_MM, "{state}: {} mm", target * mm);
    };
    legible("start");
    for slug in ["alle", "groenne-omraader"] {
        browser.goto(&place.at(&format!("/s/{slug}/")));
        legible(slug);
        browser.click("[data-action=start]");
        browser.click("[data-action=next]");
        legible(&format!("{slug}, problems"));
    }
    browser.goto(&place.at("/s/alle/"));
    browser.click("[data-action=start]");
    for field in ["#q-name", "#q-mail", "#q-born"] {
        browser.run("document.querySelector(arguments[0]).focus()", vec![field.into()]);
        legible(field);
    }
    let unfold = "document.querySelectorAll('.page').forEach((page) => { page.hidden = false; })";
    browser.run(unfold, vec![]);
    legible("every kind");
    browser.goto(&place.at("/s/alle/tak/"));
    legible("thank-you");
}

#[test]
fn an_upright_screen_of_398_mm_is_read_from_60_cm() {
    assert_legible(UPRIGHT, 398);
}

#[test]
fn a_lying_screen_of_527_mm_is_read_from_60_cm() {
    assert_legible(LYING, 527);
}
