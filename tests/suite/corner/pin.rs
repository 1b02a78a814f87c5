//! Who gets in: the PIN, its limits, the session and its token, and what attackers try.

use super::{Kiosk, PIN, STATUS, cookie, status, token};

#[test]
fn the_right_pin_opens_the_page_and_done_closes_it() {
    let kiosk = Kiosk::new();
    let asked = kiosk.get(STATUS);
    assert_eq!(status(&asked), 200);
    assert!(asked.contains("PIN-kode") && !asked.contains("Gemt på skærmen"), "{asked}");
    assert!(asked.contains("Cache-Control: no-store"), "{asked}");
    let reply = kiosk.try_pin(PIN);
    let line = reply.lines().find(|line| line.starts_with("Set-Cookie")).expect("a cookie");
    assert!(line.trim_end().ends_with("; Path=/kiosk/; HttpOnly; SameSite=Strict"), "{line}");
    let cookie = cookie(&reply);
    let page = kiosk.get_with(STATUS, &cookie);
    for words in ["Gemt på skærmen", "Gemmes, som de skal", "Altid åben", "hovedbiblioteket"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let english = kiosk.get_with("/kiosk/status/en", &cookie);
    assert!(english.contains("Stored on this screen"), "{english}");
    assert!(kiosk.get("/en/kiosk/status").contains("Location: /kiosk/status/en\r\n"));
    let done = kiosk.press(&cookie, "done");
    assert!(done.contains("Location: /kiosk/\r\n") && done.contains("Max-Age=0"), "{done}");
    assert!(kiosk.get_with(STATUS, &cookie).contains("PIN-kode"));
}

#[test]
fn the_pad_works_without_a_script() {
    let kiosk = Kiosk::new();
    let mut page = kiosk.get(STATUS);
    let mut typed = String::new();
    for digit in PIN.chars().map(String::from) {
        let fields = [("_csrf", &*token(&page)), ("pin", &typed), ("digit", &digit)];
        page = kiosk.post(STATUS, "", &fields);
        typed.push_str(&digit);
        assert!(page.contains(&format!("value=\"{typed}\"")), "{page}");
    }
    let fields = [("_csrf", &*token(&page)), ("pin", &typed)];
    assert_eq!(status(&kiosk.post(STATUS, "", &fields)), 303);
}

#[test]
fn wrong_pins_lock_for_longer_each_time_and_over_a_restart() {
    let mut kiosk = Kiosk::new();
    for left in [4, 3, 2] {
        let reply = kiosk.try_pin("111111");
        assert_eq!(status(&reply), 422);
        assert!(reply.contains(&format!("Du har {left} forsøg")), "{reply}");
    }
    assert!(kiosk.try_pin("").contains("Du har ét forsøg"));
    let csrf = token(&kiosk.get(STATUS));
    let locked = kiosk.try_pin("111111");
    assert_eq!(status(&locked), 429);
    assert!(locked.contains("Retry-After: 60\r\n") && locked.contains("Vent 60 sekunder"));
    // Neither the right PIN nor pulling the plug helps.
    let right = |kiosk: &Kiosk, csrf: &str| {
        status(&kiosk.post(STATUS, "", &[("_csrf", csrf), ("pin", PIN)]))
    };
    assert_eq!(right(&kiosk, &csrf), 429);
    kiosk.wait(30);
    kiosk = kiosk.again();
    assert!(kiosk.get(STATUS).contains("Vent 30 sekunder"));
    kiosk.wait(30);
    let csrf = token(&kiosk.get(STATUS));
    assert_eq!(status(&kiosk.try_pin("222222")), 429);
    kiosk.wait(119);
    assert_eq!(right(&kiosk, &csrf), 429);
    kiosk.wait(1);
    assert_eq!(right(&kiosk, &csrf), 303);
    assert!(kiosk.try_pin("1").contains("Du har 4 forsøg"), "the right PIN forgives");
}

#[test]
fn many_at_once_get_no_more_tries() {
    let kiosk = Kiosk::new();
    let csrf = token(&kiosk.get(STATUS));
    let judged: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| kiosk.post(STATUS, "", &[("_csrf", &csrf), ("pin", "0000")])))
            .collect();
        let replies = tries.into_iter().map(|one| one.join().expect("a reply"));
        replies.filter(|reply| status(reply) == 422).count()
    });
    assert!(judged <= 4, "{judged} were told how many are left");
    assert_eq!(status(&kiosk.post(STATUS, "", &[("_csrf", &csrf), ("pin", PIN)])), 429);
}

#[test]
fn no_post_counts_without_its_token_or_from_elsewhere() {
    let kiosk = Kiosk::new();
    let gate = token(&kiosk.get(STATUS));
    let elsewhere = "Origin: http://evil.example\r\n";
    let body = format!("_csrf={gate}&pin={PIN}");
    assert_eq!(status(&kiosk.post_raw(STATUS, elsewhere, &body)), 403);
    assert_eq!(status(&kiosk.post(STATUS, "", &[("pin", PIN)])), 403);
    let cookie = kiosk.enter();
    for csrf in ["", &gate, &"0".repeat(32)] {
        let reply = kiosk.post(STATUS, &cookie, &[("_csrf", csrf), ("do", "close")]);
        assert_eq!(status(&reply), 403, "{csrf:?}");
    }
    let csrf = token(&kiosk.get_with(STATUS, &cookie));
    // The right token without its cookie.
    assert_eq!(status(&kiosk.post(STATUS, "", &[("_csrf", &csrf), ("do", "close")])), 403);
    let cross = format!("{elsewhere}Cookie: {cookie}\r\n");
    assert_eq!(status(&kiosk.post_raw(STATUS, &cross, &format!("_csrf={csrf}&do=close"))), 403);
    assert!(kiosk.get("/kiosk/state").contains("\"closed\":false"));
    assert_eq!(status(&kiosk.press(&cookie, "no-such-thing")), 400);
}

#[test]
fn an_id_that_was_planted_is_never_taken_up() {
    let kiosk = Kiosk::new();
    let planted = format!("staff={}", "a".repeat(32));
    let csrf = token(&kiosk.get_with(STATUS, &planted));
    let reply = kiosk.post(STATUS, &planted, &[("_csrf", &csrf), ("pin", PIN)]);
    let own = cookie(&reply);
    assert_ne!(own, planted);
    assert!(kiosk.get_with(STATUS, &planted).contains("PIN-kode"));
    // Planted beside it, from a path of its own, it makes the two none.
    assert!(kiosk.get_with(STATUS, &format!("{planted}; {own}")).contains("PIN-kode"));
    assert!(kiosk.get_with(STATUS, &own).contains("Gemt på skærmen"));
    // A second right PIN is a second session, and the first is over.
    let second = kiosk.enter();
    assert!(kiosk.get_with(STATUS, &own).contains("PIN-kode"));
    assert!(kiosk.get_with(STATUS, &second).contains("Gemt på skærmen"));
}

#[test]
fn the_session_ends_when_idle_and_at_the_start_page() {
    let kiosk = Kiosk::new();
    let cookie = kiosk.enter();
    kiosk.wait(299);
    assert!(kiosk.get_with(STATUS, &cookie).contains("Gemt på skærmen"));
    kiosk.wait(300);
    assert!(kiosk.get_with(STATUS, &cookie).contains("PIN-kode"));
    let cookie = kiosk.enter();
    let start = kiosk.get_with("/kiosk/", &cookie);
    assert!(start.contains("Max-Age=0") && start.contains("Sig din mening"), "{start}");
    assert!(kiosk.get_with(STATUS, &cookie).contains("PIN-kode"));
    // A button pressed too late asks for the PIN again, and does nothing.
    let cookie = kiosk.enter();
    let csrf = token(&kiosk.get_with(STATUS, &cookie));
    kiosk.wait(301);
    let late = kiosk.post(STATUS, &cookie, &[("_csrf", &csrf), ("do", "close")]);
    assert!(status(&late) == 403 && late.contains("Skriv PIN-koden igen"), "{late}");
    assert!(kiosk.get("/kiosk/state").contains("\"closed\":false"));
}
