//! The door as a person meets it, in a real browser: without scripts, and by axe.

use borgerpanel::store::central::log::Entry;
use borgerpanel::store::{Central, Options};

use super::{House, OWN};
use crate::browser::axe::{examiner, violations};
use crate::browser::sight::Look;
use crate::browser::{Browser, PHONE};

/// Logs in and chooses a password, by typing and pressing.
fn come_in(browser: &Browser, house: &House) {
    browser.goto(&format!("http://{}/staff/", house.address));
    browser.wait_until("location.pathname === '/staff/login'");
    browser.type_into("#user", "admin");
    browser.type_into("#password", &house.one_time);
    browser.click("form.desk-form .button");
    browser.wait_until("location.pathname === '/staff/password'");
    browser.type_into("#new", OWN);
    browser.type_into("#again", OWN);
    browser.click("form.desk-form .button");
    browser.wait_until("location.pathname === '/staff/'");
}

#[test]
fn somebody_without_scripts_logs_in_looks_round_and_leaves() {
    let Some(browser) = Browser::start(PHONE.plain()) else { return };
    let house = House::new();
    let _running = house.run();
    come_in(&browser, &house);
    assert_eq!(browser.text("h1"), "Oversigt");
    assert_eq!(browser.text(".notice"), "Din nye adgangskode gælder nu.");
    browser.click("a.language");
    browser.wait_until("location.pathname === '/staff/en/'");
    assert_eq!(browser.text("h1"), "Overview");
    browser.click(".leave");
    browser.wait_until("location.pathname === '/staff/en/login'");
    assert_eq!(browser.text(".notice"), "You are logged out.");
    browser.back();
    browser.goto(&format!("http://{}/staff/", house.address));
    browser.wait_until("location.pathname === '/staff/login'");
}

#[test]
fn the_door_shows_no_violation() {
    let Some(browser) = examiner(PHONE) else { return };
    let house = House::new();
    // As the demo's are: with the line that says so on every page.
    let central = Central::open(&house.desk.path("data/central"), Options::default());
    let mark = Entry {
        at: "2026-11-28T00:00:00Z".to_owned(),
        actor: "demo".to_owned(),
        action: "example-data",
        detail: String::new(),
    };
    central.expect("a central").log(&mark).expect("marked");
    let _running = house.run();
    let looks = [Look::plain(PHONE), Look::strong(PHONE)];
    let mut wrong = Vec::new();
    let mut see = |path: &str| {
        for look in looks {
            browser.wear(look);
            wrong.extend(
                violations(&browser).into_iter().map(|line| format!("{path}, {look}: {line}")),
            );
        }
    };
    let open = |path: &str| browser.goto(&format!("http://{}{path}", house.address));
    open("/staff/login");
    see("login");
    assert!(browser.text("aside.example").starts_with("Eksempeldata"));
    browser.type_into("#user", "admin");
    browser.type_into("#password", "forkert");
    browser.click("form.desk-form .button");
    browser.wait_until("document.title.startsWith('Fejl: ')");
    see("login with what is wrong");
    come_in(&browser, &house);
    for path in
        ["/staff/", "/staff/password", "/staff/second-factor", "/staff/nothing", "/staff/en/"]
    {
        open(path);
        see(path);
    }
    open("/staff/second-factor");
    browser.click("form.desk-form .button");
    browser.wait_until("document.querySelector('.secret') !== null");
    see("a secret");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
