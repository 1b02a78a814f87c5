//! The closed screen: outside the opening hours, and because staff said so.

use borgerpanel::server::app::Channel;

use super::{Kiosk, PARKS, STATUS, content, status};

const CLOSED: &str = "Skærmen er lukket lige nu";

fn with_hours() -> Kiosk {
    Kiosk::with(Channel::Kiosk, &content(), Some("mon-fri 08:00-21:00, sat 10:00-16:00"))
}

#[test]
fn outside_the_hours_nobody_begins_but_whoever_began_may_finish() {
    let kiosk = with_hours();
    assert!(!kiosk.get("/kiosk/").contains(CLOSED) && !kiosk.get(PARKS).contains(CLOSED));
    // 21:00 in Copenhagen.
    kiosk.set("2026-11-24T20:00:00Z");
    for path in ["/kiosk/", "/", PARKS] {
        let page = kiosk.get(path);
        assert_eq!(status(&page), 200, "{path}");
        assert!(page.contains(CLOSED) && page.contains("i morgen kl. 8.00."), "{path}: {page}");
        assert!(!page.contains("class=\"tool\"") && !page.contains("survey-form"), "{path}");
        assert!(page.contains("href=\"/en/kiosk/\"") && !page.contains("http-equiv"), "{path}");
    }
    let english = kiosk.get(&format!("/en{PARKS}"));
    assert!(english.contains("It opens again tomorrow at 8:00."), "{english}");
    assert!(kiosk.get("/kiosk/state").contains("\"closed\":true"));
    let thanks = kiosk.answer(1);
    assert_eq!(status(&thanks), 303);
    assert!(!kiosk.get("/s/groenne-omraader/tak/").contains(CLOSED));
    assert_eq!(kiosk.channels().len(), 1);
    // Saturday evening: until Monday.
    kiosk.set("2026-11-28T15:00:00Z");
    assert!(kiosk.get("/kiosk/").contains("mandag kl. 8.00."));
    kiosk.set("2026-11-30T07:00:00Z");
    assert!(!kiosk.get("/kiosk/").contains(CLOSED));
    // In summer the wall shows another time than in winter.
    kiosk.set("2026-07-01T05:59:59Z");
    assert!(kiosk.get("/kiosk/").contains("i dag kl. 8.00."));
    kiosk.set("2026-07-01T06:00:00Z");
    assert!(!kiosk.get("/kiosk/").contains(CLOSED));
}

#[test]
fn staff_reach_their_page_at_night() {
    let kiosk = with_hours();
    kiosk.set("2026-11-24T22:00:00Z");
    let cookie = kiosk.enter();
    assert!(kiosk.get_with(STATUS, &cookie).contains("mon-fri 08:00-21:00"));
}

#[test]
fn what_staff_closed_stays_closed_until_they_open_it() {
    let kiosk = Kiosk::new();
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "close");
    assert!(kiosk.get_with(STATUS, &cookie).contains("Skærmen er lukket."));
    assert!(kiosk.get_with(STATUS, &cookie).contains("Skærmen er lukket for borgere"));
    assert!(kiosk.get(PARKS).contains("Spørg personalet."));
    let kiosk = kiosk.again();
    assert!(kiosk.get(PARKS).contains("Spørg personalet."));
    assert_eq!(status(&kiosk.answer(1)), 303);
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "open");
    assert!(!kiosk.get(PARKS).contains(CLOSED));
}
