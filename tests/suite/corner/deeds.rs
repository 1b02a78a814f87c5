//! What staff can do, and the page's sign of life.

use std::sync::atomic::Ordering;

use borgerpanel::server::app::Channel;

use super::{Kiosk, PARKS, PIN, STATUS, content, status};
use crate::preview::get;

#[test]
fn in_test_mode_every_page_says_so_and_answers_do_not_count() {
    let kiosk = Kiosk::new();
    let hidden = "<aside class=\"testing\" hidden>";
    assert!(kiosk.get(PARKS).contains(hidden));
    assert_eq!(status(&kiosk.answer(1)), 303);
    let cookie = kiosk.enter();
    assert_eq!(status(&kiosk.press(&cookie, "test")), 303);
    assert!(kiosk.get_with(STATUS, &cookie).contains("Testen er begyndt"));
    let thanks = "/s/groenne-omraader/tak/";
    for path in [STATUS, "/kiosk/", "/en/kiosk/", PARKS, thanks, "/privatliv/", "/kode/", "/nix/"] {
        let page = kiosk.get(path);
        assert!(
            page.contains("<aside class=\"testing\">") && !page.contains(hidden),
            "{path}: {page}"
        );
    }
    assert_eq!(status(&kiosk.answer(2)), 303);
    assert_eq!(kiosk.channels(), ["kiosk", "preview"]);
    // It lives by what people do, and not by what pages ask by themselves.
    kiosk.wait(599);
    kiosk.get(PARKS);
    kiosk.wait(599);
    assert!(kiosk.get("/kiosk/state").contains("\"testing\":true"));
    kiosk.wait(1);
    assert!(kiosk.get("/kiosk/state").contains("\"testing\":false"));
    assert!(kiosk.get(PARKS).contains(hidden));
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "test");
    kiosk.press(&cookie, "end-test");
    assert_eq!(status(&kiosk.answer(3)), 303);
    assert_eq!(kiosk.channels(), ["kiosk", "preview", "kiosk"]);
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "test");
    assert!(kiosk.again().get(PARKS).contains(hidden), "a restart ends it");
}

#[test]
fn sending_and_restarting_are_buttons() {
    let kiosk = Kiosk::new();
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "send");
    assert!(kiosk.get_with(STATUS, &cookie).contains("Centralen kan ikke nås"));
    assert_eq!(kiosk.restarts.load(Ordering::Relaxed), 0);
    let reply = kiosk.press(&cookie, "restart");
    assert!(reply.contains("Programmet starter igen") && reply.contains("data-run=\""), "{reply}");
    assert_eq!(kiosk.restarts.load(Ordering::Relaxed), 1);
    assert!(kiosk.get_with(STATUS, &cookie).contains("PIN-kode"), "the session ends with it");
}

#[test]
fn without_a_pin_the_page_says_so_and_on_the_web_there_is_none() {
    let kiosk = crate::collecting::Kiosk::start(crate::collecting::shipped());
    let page = get(&kiosk.address, STATUS);
    assert!(page.contains("kiosk pin") && !page.contains("name=\"pin\""), "{page}");
    assert_eq!(status(&kiosk.post(STATUS, &[])), 403);
    let web = Kiosk::with(Channel::Web, &content(), None);
    for path in [STATUS, "/kiosk/status/en", "/kiosk/state", "/kiosk/", "/en/kiosk/status"] {
        assert_eq!(status(&web.get(path)), 404, "{path}");
    }
    for path in [STATUS, "/kiosk/heartbeat"] {
        assert_eq!(status(&web.post(path, "", &[("pin", PIN)])), 404, "{path}");
    }
    assert!(!web.get("/healthz").contains("page_seen_s"));
}

#[test]
fn the_heartbeat_is_remembered_and_comes_from_our_page_alone() {
    let kiosk = Kiosk::new();
    assert!(kiosk.get("/healthz").contains("\"page_seen_s\":null"));
    assert_eq!(
        status(&kiosk.post_raw("/kiosk/heartbeat", "Origin: http://evil.example\r\n", "")),
        403
    );
    assert_eq!(status(&kiosk.get("/kiosk/heartbeat")), 405);
    assert!(kiosk.get("/healthz").contains("\"page_seen_s\":null"));
    let reply = kiosk.post("/kiosk/heartbeat", "", &[]);
    assert_eq!(status(&reply), 204);
    assert!(reply.ends_with("\r\n\r\n"), "no body: {reply}");
    assert!(kiosk.get("/healthz").contains("\"page_seen_s\":0"));
}
