//! The second factor: codes of an app.

use std::time::{SystemTime, UNIX_EPOCH};

use borgerpanel::crypto::totp::Secret;

use super::{House, OWN, Reply, Visitor};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}

/// The secret that a page shows, as an app reads it.
fn secret_in(page: &Reply) -> Secret {
    let shown = page.body.split("<code class=\"secret\">").nth(1).expect("a secret");
    let letters = shown.split('<').next().expect("an end").replace(' ', "");
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in letters.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter);
        held = held << 5 | value.expect("base32") as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Secret::from_bytes(&bytes).expect("20 bytes")
}

/// Turns it on; the secret, and the code that was used up by that.
fn turn_on(admin: &Visitor) -> (Secret, String) {
    let page = admin.get("/staff/second-factor");
    let begin = [("do", "begin"), ("_csrf", &*page.csrf())];
    assert_eq!(admin.post("/staff/second-factor", &begin).status, 303);
    let page = admin.get("/staff/second-factor");
    assert!(page.body.contains("<svg class=\"qr\""), "{}", page.body);
    let secret = secret_in(&page);
    let confirm = |code: &str| {
        let fields = [("do", "confirm"), ("code", code), ("_csrf", &*page.csrf())];
        admin.post("/staff/second-factor", &fields).status
    };
    assert_eq!(confirm(&secret.code_at(now() - 600)), 422);
    let code = secret.code_at(now() - 30);
    assert_eq!(confirm(&code), 303);
    (secret, code)
}

#[test]
fn with_a_second_factor_a_password_alone_opens_nothing() {
    let house = House::new();
    let running = house.run();
    let admin = house.administrator();
    let other = house.visitor();
    assert_eq!(
        other.log_in("admin", OWN, "123456").status,
        303,
        "a code is passed over without one"
    );
    let (secret, used) = turn_on(&admin);
    assert!(admin.is_inside() && !other.is_inside());
    assert!(!admin.get("/staff/second-factor").body.contains("class=\"secret\""), "shown no more");
    for code in ["", "000000x", &secret.code_at(now() - 600)] {
        assert_eq!(other.log_in("admin", OWN, code).status, 422, "{code}");
    }
    assert_eq!(other.log_in("admin", OWN, &used).status, 422);
    let code = secret.code_at(now());
    assert_eq!(other.log_in("admin", "noget helt andet", &code).status, 422);
    assert_eq!(other.log_in("admin", OWN, &code).leads_to(), "/staff/");
    let replayed = house.visitor();
    assert_eq!(replayed.log_in("admin", OWN, &code).status, 422);
    let list = house.desk.says(&["central", "staff", "list", "--json"], 0);
    assert!(list.contains("\"second_factor\":true"), "{list}");
    house.desk.says(&["central", "staff", "second-factor-off", "admin"], 0);
    assert!(!other.is_inside());
    // After so many attempts from one address the next has to wait; a restart is quicker.
    drop(running);
    let _again = house.run();
    assert_eq!(other.log_in("admin", OWN, "").status, 303);
    turn_on(&other);
    let off = |password: &str| {
        let csrf = other.get("/staff/second-factor").csrf();
        let fields = [("do", "off"), ("password", password), ("_csrf", &*csrf)];
        other.post("/staff/second-factor", &fields).status
    };
    assert_eq!((off(""), off(OWN)), (422, 303));
    assert_eq!(house.visitor().log_in("admin", OWN, "").status, 303);
    let log = house.log();
    for line in [
        "admin second-factor-on",
        "admin login with a second factor",
        "console second-factor-off admin",
    ] {
        assert!(log.iter().any(|one| one == line), "{line} in {log:?}");
    }
}
