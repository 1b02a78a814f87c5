//! Codes of letters: `/kode/` on a kiosk and on the web, without a script.

use borgerpanel::panel::code::Code;
use borgerpanel::server::app::Channel;

use super::{Kiosk, content, encode, filled, status};
use crate::authors::{self, Desk};

/// The shipped content, one of its surveys by invitation.
fn with_an_invitation() -> Desk {
    let desk = Desk::new();
    authors::copy(&content(), &desk.path("content"));
    let path = desk.path("content/surveys/fritid-og-biblioteker.md");
    let text = std::fs::read_to_string(&path).expect("the survey");
    std::fs::write(&path, text.replacen("sample: open", "sample: panel\ncloses: 2026-12-31", 1))
        .expect("written");
    desk
}

#[test]
fn a_code_leads_on_and_an_unknown_one_gets_a_kind_page() {
    for channel in [Channel::Web, Channel::Kiosk] {
        let kiosk = Kiosk::with(channel, &content(), None);
        let page = kiosk.get("/kode/");
        assert!(page.contains("Kode fra dit brev") && page.contains("name=\"code\""), "{page}");
        let code = Code::of([1, 2, 3, 4, 250]);
        let typed = code.to_string().to_lowercase().replace('-', " ");
        let reply = kiosk.post("/kode/", "", &[("code", &typed)]);
        assert_eq!(status(&reply), 303, "{reply}");
        assert!(reply.contains(&format!("Location: /i/{}\r\n", code.plain())), "{reply}");
        let reply = kiosk.post("/en/kode/", "", &[("code", &typed)]);
        assert!(reply.contains(&format!("Location: /en/i/{}\r\n", code.plain())), "{reply}");
        let unknown = kiosk.get(&format!("/i/{}", code.plain()));
        assert_eq!(status(&unknown), 404);
        assert!(unknown.contains(&format!("Vi kender ikke koden {code}")), "{unknown}");
        assert!(unknown.contains("href=\"/kode/\""), "{unknown}");
    }
}

#[test]
fn a_mistyped_code_is_kept_and_told_at_the_field() {
    let kiosk = Kiosk::new();
    let mistyped = Code::of([9; 5]).plain();
    let mistyped = mistyped.chars().rev().collect::<String>();
    for (typed, told) in [
        ("", "Skriv koden"),
        ("abc", "Du har skrevet 3"),
        ("uuuuuuuuuu", "Tegnet u"),
        (&*mistyped, "skrivefejl"),
        ("\"><script>", "Tegnet &quot;"),
    ] {
        let page = kiosk.post("/kode/", "", &[("code", typed)]);
        assert_eq!(status(&page), 422, "{typed:?}");
        assert!(page.contains(told) && page.contains("id=\"problem-code\""), "{typed:?}: {page}");
        assert!(page.contains("<title>Fejl: ") && !page.contains("<script>"), "{page}");
        if !typed.contains('"') {
            assert!(page.contains(&format!("value=\"{typed}\"")), "{typed:?}: {page}");
        }
    }
    let elsewhere = kiosk.post_raw("/kode/", "Origin: http://evil.example\r\n", "code=1");
    assert_eq!(status(&elsewhere), 403);
    // What is no code is not repeated.
    let odd = kiosk.get("/i/ring-12345678-nu");
    assert!(status(&odd) == 404 && !odd.contains("12345678"), "{odd}");
}

#[test]
fn the_way_to_the_page_is_shown_where_somebody_may_have_a_code() {
    let link = "Har du fået en kode?";
    let desk = with_an_invitation();
    for (channel, start) in [(Channel::Web, "/"), (Channel::Kiosk, "/kiosk/")] {
        assert!(!Kiosk::with(channel, &content(), None).get(start).contains(link));
        let kiosk = Kiosk::with(channel, &desk.path("content"), None);
        let page = kiosk.get(start);
        assert!(page.contains(link) && page.contains("href=\"/kode/\""), "{page}");
        assert!(!page.contains("/s/fritid-og-biblioteker/"), "no card: {page}");
        assert_eq!(status(&kiosk.get("/s/fritid-og-biblioteker/")), 404);
        // Long after it has closed.
        kiosk.set("2036-01-01T12:00:00Z");
        assert!(!kiosk.get(start).contains(link));
    }
}

#[test]
fn a_code_that_staff_try_goes_nowhere_and_a_visitors_travels_inside_the_seal() {
    let desk = with_an_invitation();
    let kiosk = Kiosk::with(Channel::Kiosk, &desk.path("content"), None);
    let survey = kiosk.app.published().site.survey("fritid-og-biblioteker").expect("it").clone();
    let code = Code::of([3; 5]).plain();
    let path = format!("/i/{code}/fritid-og-biblioteker/");
    let answer = |seed| {
        let headers = format!("Origin: http://{}\r\n", kiosk.address);
        kiosk.post_raw(&path, &headers, &encode(&filled(&survey, seed)))
    };
    let cookie = kiosk.enter();
    assert_eq!(status(&kiosk.press(&cookie, "test")), 303);
    assert!(kiosk.get(&path).contains("<aside class=\"testing\">"));
    assert_eq!(status(&answer(1)), 303);
    assert_eq!(kiosk.channels(), ["preview"], "an answer like any other of a test");
    let cookie = kiosk.enter();
    kiosk.press(&cookie, "end-test");
    assert_eq!(status(&answer(2)), 303);
    let opened = kiosk.opened();
    assert!(opened[0].get("code").is_none() && opened[0]["invited"] == false, "{}", opened[0]);
    assert_eq!(opened[1]["code"], code);
    assert_eq!(opened[1]["response"]["invited"], true);
    let sealed = kiosk.outbox.rows_after(0, 100, 10_000_000).expect("rows");
    let outside = sealed.iter().map(|row| &row.sealed);
    for sealed in outside {
        assert_eq!(sealed.label.kind.name(), "response", "outside all are alike");
        assert!(!sealed.body.windows(code.len()).any(|part| part == code.as_bytes()));
    }
    let elsewhere = kiosk.post_raw(&path, "Origin: http://evil.example\r\n", "often=daily");
    assert_eq!(status(&elsewhere), 403);
    // When the screen is closed nobody begins, and when the survey is over nobody answers.
    kiosk.set("2036-01-01T12:00:00Z");
    assert_eq!(status(&kiosk.get(&path)), 410);
    assert_eq!(status(&answer(3)), 410);
    assert_eq!(kiosk.opened().len(), 2);
}
