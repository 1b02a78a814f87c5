//! Coming in, and not coming in.

use super::{House, OWN, Visitor, password_in};

#[test]
fn from_what_init_prints_to_the_start_page() {
    let house = House::new();
    let _running = house.run();
    let admin = house.visitor();
    assert_eq!(admin.get("/staff").leads_to(), "/staff/");
    assert_eq!(admin.get("/staff/").leads_to(), "/staff/login");
    let page = admin.get("/staff/login");
    for (name, part) in [
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "frame-ancestors 'none'"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        assert!(page.header(name).is_some_and(|value| value.contains(part)), "{name}");
    }
    let reply = admin.log_in("Admin ", &house.one_time, "");
    let cookie = reply.header("Set-Cookie").expect("a cookie").to_owned();
    let (pair, scope) = cookie.split_once("; ").expect("attributes");
    assert_eq!(scope, "Path=/staff; HttpOnly; SameSite=Strict");
    assert_eq!(pair.strip_prefix("staff=").map(str::len), Some(32), "128 bits");
    // Nothing but another password can be done with a one-time one.
    assert_eq!(reply.leads_to(), "/staff/password");
    for path in ["/staff/", "/staff/second-factor", "/staff/en/"] {
        assert!(admin.get(path).leads_to().ends_with("/password"), "{path}");
    }
    for (new, again, told) in [
        ("for kort", "for kort", "for kort"),
        (&*house.one_time, &*house.one_time, "du har nu"),
        ("Velkommen1234", "Velkommen1234", "gætte på"),
        ("admin-admin-admin", "admin-admin-admin", "brugernavn"),
        (OWN, "noget helt andet", "ikke ens"),
    ] {
        let csrf = admin.get("/staff/password").csrf();
        let reply =
            admin.post("/staff/password", &[("new", new), ("again", again), ("_csrf", &csrf)]);
        assert_eq!(reply.status, 422, "{new}");
        assert!(reply.body.contains(told), "{told}: {}", reply.body);
    }
    assert_eq!(admin.choose(OWN).leads_to(), "/staff/");
    let start = admin.get("/staff/");
    assert_eq!(start.status, 200);
    assert!(start.body.contains("Logget ind som admin") && start.body.contains("gælder nu"));
    assert!(!admin.get("/staff/").body.contains("gælder nu"), "told once");
    assert!(!start.body.contains("Eksempeldata"));
    assert_eq!(admin.get("/en/staff/").leads_to(), "/staff/en/");
    assert!(admin.get("/staff/en/").body.contains("Logged in as admin"));
    // The one-time password is over, the own one holds.
    let other = house.visitor();
    assert_eq!(other.log_in("admin", &house.one_time, "").status, 422);
    assert_eq!(other.log_in("admin", OWN, "").leads_to(), "/staff/");
    let log = house.log();
    assert_eq!(
        log[1..],
        [
            "console staff-added admin, administrator",
            "admin login",
            "admin password-changed",
            "admin login-failed",
            "admin login"
        ]
    );
    house.desk.says(&["central", "audit"], 0);
}

#[test]
fn who_is_unknown_hears_and_leaves_the_same_as_who_mistypes() {
    let house = House::new();
    let _running = house.run();
    let told = |user: &str, password: &str| {
        let visitor = house.visitor();
        let reply = visitor.log_in(user, password, "");
        assert_eq!(reply.status, 422);
        assert!(!visitor.is_inside());
        let token = reply.csrf();
        let body = reply.body.replace(&token, "").replace(user, "USER");
        assert!(!body.contains(password));
        body
    };
    let wrong = told("admin", "hemmelig-hest-7");
    assert!(wrong.contains("Det kunne vi ikke logge dig ind med"), "{wrong}");
    assert_eq!(told("frederik", "hemmelig-hest-7"), wrong);
    assert_eq!(told("console", "hemmelig-hest-7"), wrong);
    let log = house.log();
    let failed: Vec<&str> = log.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(failed, ["admin login-failed", "nobody login-failed", "nobody login-failed"]);
    assert!(log.iter().all(|line| !line.contains("hest") && !line.contains("frederik")));
    // What is typed is never markup.
    let odd = house.visitor().log_in("\"><script>alert(1)</script>", "x", "");
    assert!(!odd.body.contains("<script>alert"), "{}", odd.body);
}

#[test]
fn a_form_that_is_not_this_browsers_or_not_ours_is_refused() {
    let house = House::new();
    let _running = house.run();
    let attacker = house.visitor();
    let theirs = attacker.get("/staff/login").csrf();
    let victim = house.visitor();
    victim.get("/staff/login");
    let credentials = [("user", "admin"), ("password", &*house.one_time), ("code", "")];
    let with = |csrf: &'static str| [&credentials[..], &[("_csrf", csrf)]].concat();
    for fields in [credentials.to_vec(), with(""), with("00")] {
        assert_eq!(victim.post("/staff/login", &fields).status, 403);
    }
    let forged = [&credentials[..], &[("_csrf", &*theirs)]].concat();
    assert_eq!(victim.post("/staff/login", &forged).status, 403, "another browser's form");
    let own = victim.get("/staff/login").csrf();
    let fields = [&credentials[..], &[("_csrf", &*own)]].concat();
    for origin in
        ["Origin: https://evil.example\r\n", "Origin: null\r\nSec-Fetch-Site: cross-site\r\n"]
    {
        assert_eq!(victim.post_from(origin, "/staff/login", &fields).status, 403, "{origin}");
    }
    assert!(!victim.is_inside());
    assert_eq!(victim.post("/staff/login", &fields).status, 303);
    assert_eq!(victim.choose(OWN).status, 303);
    // Inside, too.
    let csrf = victim.get("/staff/").csrf();
    for (origin, csrf) in
        [("Origin: https://evil.example\r\n", &*csrf), ("", ""), ("", "00"), ("", &*theirs)]
    {
        let reply = victim.post_from(origin, "/staff/logout", &[("_csrf", csrf)]);
        assert_eq!(reply.status, 403, "{origin}{csrf}");
    }
    let other = house.visitor();
    assert_eq!(other.log_in("admin", OWN, "").status, 303);
    let others = other.get("/staff/").csrf();
    assert_eq!(victim.post("/staff/logout", &[("_csrf", &others)]).status, 403);
    assert_eq!(victim.get("/staff/logout").leads_to(), "/staff/", "a link does not log out");
    assert!(victim.is_inside());
}

#[test]
fn staff_are_added_listed_and_taken_off_by_commands() {
    let house = House::new();
    let says = |args: &[&str], code| house.desk.says(&[&["central", "staff"], args].concat(), code);
    let told = says(&["add", "Anna@kk.dk", "--panel", "kbh"], 0);
    let first = password_in(&told);
    says(&["add", "anna@kk.dk"], 1);
    says(&["add", "bo", "--panel", "atlantis"], 2);
    says(&["add", "console"], 2);
    says(&["add", "a b"], 2);
    let list: serde_json::Value =
        serde_json::from_str(&says(&["list", "--json"], 0)).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(list[0]["name"], "admin");
    assert_eq!(list[1]["name"], "anna@kk.dk");
    assert_eq!(list[1]["role"], "panels");
    assert_eq!(list[1]["panels"], serde_json::json!(["kbh"]));
    assert_eq!(list[1]["must_change"], true);
    let second = password_in(&says(&["password", "Anna@KK.dk"], 0));
    assert_ne!(first, second);
    says(&["password", "carl"], 1);
    says(&["second-factor-off", "anna@kk.dk"], 1);
    let _running = house.run();
    let anna = house.visitor();
    assert_eq!(anna.log_in("anna@kk.dk", &first, "").status, 422);
    assert_eq!(anna.log_in("anna@kk.dk", &second, "").status, 303);
    assert_eq!(anna.choose(OWN).status, 303);
    let start = anna.get("/staff/");
    assert!(start.body.contains("Du arbejder med"), "{}", start.body);
    assert_eq!(anna.get("/staff/audit-log").status, 404);
    assert_eq!(anna.get("/staff/nothing/here").status, 404);
    // Heard by the running central at once.
    says(&["remove", "anna@kk.dk"], 0);
    says(&["remove", "anna@kk.dk"], 1);
    assert!(!anna.is_inside());
    assert_eq!(anna.log_in("anna@kk.dk", OWN, "").status, 422);
    let told = says(&["remove", "admin"], 0);
    assert!(told.contains("no administrator"), "{told}");
    let log = house.log();
    for line in [
        "console staff-added anna@kk.dk, of kbh",
        "console password-given anna@kk.dk",
        "console staff-removed anna@kk.dk",
    ] {
        assert!(log.iter().any(|one| one == line), "{line} in {log:?}");
    }
    assert!(log.iter().all(|line| !line.contains(&second)));
}

#[test]
fn nobody_else_has_staff_pages() {
    let town = crate::chain::Town::new();
    let _kiosk = town.kiosk();
    let visitor = Visitor::at(&town.kiosk);
    for path in ["/staff/", "/staff/login", "/en/staff/login"] {
        assert_eq!(visitor.get(path).status, 404, "{path}");
    }
}
