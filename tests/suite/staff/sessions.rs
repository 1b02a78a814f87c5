//! When a session begins and ends.

use super::{House, OWN};

#[test]
fn what_a_browser_had_before_the_login_is_worth_nothing_after_it() {
    let house = House::new();
    let _running = house.run();
    let victim = house.visitor();
    let csrf = victim.get("/staff/login").csrf();
    let before = victim.cookie.borrow().clone();
    let fields = [("user", "admin"), ("password", &*house.one_time), ("_csrf", &csrf)];
    assert_eq!(victim.post("/staff/login", &fields).status, 303);
    assert!(victim.is_inside() && *victim.cookie.borrow() != before);
    let attacker = house.visitor();
    attacker.cookie.replace(before);
    assert!(!attacker.is_inside());
    // Nor is an id that somebody made up.
    for planted in ["staff=", "staff=0", &format!("staff={}", "0".repeat(32))] {
        attacker.cookie.replace(Some(planted.to_owned()));
        assert!(!attacker.is_inside(), "{planted}");
    }
    // Each change of the password is a new session, and the end of all others.
    let first = victim.cookie.borrow().clone();
    assert_eq!(victim.choose(OWN).status, 303);
    attacker.cookie.replace(first);
    assert!(!attacker.is_inside() && victim.is_inside());
}

#[test]
fn a_session_ends_by_leaving_by_a_new_password_and_by_a_restart() {
    let house = House::new();
    let running = house.run();
    let (one, two) = (house.administrator(), house.visitor());
    assert_eq!(two.log_in("admin", OWN, "").status, 303);
    let (cookie, csrf) = (one.cookie.borrow().clone(), one.get("/staff/").csrf());
    assert_eq!(one.post("/staff/logout", &[("_csrf", &csrf)]).leads_to(), "/staff/login?out");
    assert!(one.get("/staff/login?out").body.contains("Du er logget ud"));
    one.cookie.replace(cookie);
    assert!(!one.is_inside() && two.is_inside());
    // Another window changes the password, which takes the present one.
    one.cookie.replace(None);
    assert_eq!(one.log_in("admin", OWN, "").status, 303);
    let new = "fire æbler og en pære";
    let change = |present: &str| {
        let csrf = one.get("/staff/password").csrf();
        let fields = [("password", present), ("new", new), ("again", new), ("_csrf", &csrf)];
        one.post("/staff/password", &fields).status
    };
    assert_eq!((change("noget andet"), change("")), (422, 422));
    assert!(two.is_inside());
    assert_eq!(change(OWN), 303);
    assert!(one.is_inside() && !two.is_inside());
    drop(running);
    let _again = house.run();
    assert!(!one.is_inside());
    assert_eq!(one.log_in("admin", new, "").leads_to(), "/staff/");
    house.desk.says(&["central", "staff", "password", "admin"], 0);
    assert!(!one.is_inside());
    let log = house.log();
    let count = |line: &str| log.iter().filter(|one| *one == line).count();
    assert_eq!((count("admin logout"), count("admin password-failed")), (1, 2), "{log:?}");
}
