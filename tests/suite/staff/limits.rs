//! How often passwords may be tried, and what the central learns from its proxy.

use super::{House, OWN};

#[test]
fn guessing_meets_waits_and_whoever_is_known_does_not() {
    let house = House::new();
    house.set("trusted_proxy = \"127.0.0.1\"");
    let _running = house.run();
    let at = |address: &str| house.visitor().from(address);
    let admin = at("10.0.0.1");
    assert_eq!(admin.log_in("admin", &house.one_time, "").status, 303);
    assert_eq!(admin.choose(OWN).status, 303);
    let guesser = at("10.0.0.66");
    for number in 0..6 {
        assert_eq!(guesser.log_in("admin", &format!("gæt nummer {number}"), "").status, 422);
    }
    let refused = guesser.log_in("admin", OWN, "");
    assert_eq!(refused.status, 429, "also where it is right");
    let wait: u32 = refused.header("Retry-After").and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=15).contains(&wait) && refused.body.contains("for mange forsøg"), "{wait}");
    assert!(!guesser.is_inside());
    // Another name from there waits, too; the name from elsewhere after a few more.
    assert_eq!(guesser.log_in("frederik", "x", "").status, 429);
    let others: Vec<u16> = (70..76)
        .map(|last| at(&format!("10.0.0.{last}")).log_in("admin", "forkert", "").status)
        .collect();
    assert_eq!(others.last(), Some(&429), "{others:?}");
    // Whoever logged in from here before comes in all the same.
    let again = at("10.0.0.1");
    assert_eq!(again.log_in("admin", OWN, "").status, 303);
    // No line for what was not looked at.
    let failed = house.log().iter().filter(|line| line.contains("login-failed")).count();
    assert!((6..12).contains(&failed), "{failed}");
}

#[test]
fn cookies_of_https_go_by_https_alone() {
    let house = House::new();
    house.set("trusted_proxy = \"127.0.0.1\"");
    let running = house.run();
    let proxied = house.visitor().from("10.0.0.1");
    let given = |reply: &super::Reply| reply.header("Set-Cookie").expect("a cookie").to_owned();
    assert!(given(&proxied.get("/staff/login")).ends_with("; Secure"));
    assert!(given(&proxied.log_in("admin", &house.one_time, "")).ends_with("; Secure"));
    assert!(!given(&house.visitor().get("/staff/login")).contains("Secure"));
    drop(running);
    // Anybody may claim to be a proxy.
    let path = house.desk.path("data/central/central.toml");
    let text = std::fs::read_to_string(&path).expect("the settings");
    std::fs::write(&path, text.replace("trusted_proxy = \"127.0.0.1\"\n", "")).expect("written");
    let _again = house.run();
    let claimed = house.visitor().from("10.0.0.1");
    assert!(!given(&claimed.get("/staff/login")).contains("Secure"));
}
