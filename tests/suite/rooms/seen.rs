//! The rooms in a real browser: axe on each, on a phone and on a wide screen, plain and strong.

use super::{ADDRESSES, BOTH, Hall, ready};
use crate::browser::axe::{examiner, violations};
use crate::browser::sight::Look;
use crate::browser::{Browser, LYING, PHONE};
use crate::staff::OWN;

fn come_in(browser: &Browser, hall: &Hall) {
    browser.goto(&format!("http://{}/staff/login", hall.town.central_address()));
    browser.type_into("#user", "boss");
    browser.type_into("#password", OWN);
    browser.click("form.desk-form .button");
    browser.wait_until("location.pathname === '/staff/'");
}

#[test]
fn rooms_show_no_violation() {
    let Some(browser) = examiner(PHONE) else { return };
    let hall = Hall::new();
    // What takes long is worked out by then.
    for (path, [boss, ..]) in ADDRESSES {
        if boss {
            ready(&hall.boss, &format!("/staff/{path}"));
        }
    }
    come_in(&browser, &hall);
    let looks = [Look::plain(PHONE), Look::strong(PHONE), Look::plain(LYING)];
    let mut wrong = Vec::new();
    let mut see = |path: &str| {
        for look in looks {
            browser.wear(look);
            let mut found = violations(&browser);
            let sideways = "return document.documentElement.scrollWidth > innerWidth";
            if browser.run(sideways, Vec::new()) == true {
                found.push("it scrolls sideways".to_owned());
            }
            wrong.extend(found.into_iter().map(|line| format!("{path}, {look}: {line}")));
        }
    };
    for (path, [boss, ..]) in ADDRESSES {
        if boss {
            browser.goto(&format!("http://{}/staff/{path}", hall.town.central_address()));
            see(path);
        }
    }
    browser.goto(&format!("http://{}/staff/members", hall.town.central_address()));
    browser.type_into("input[name=email]", "ikke en adresse");
    browser.click("form.desk-form .button");
    browser.wait_until("document.querySelector('[aria-invalid]') !== null");
    see("members with what is wrong");
    browser.goto(&format!("http://{}/staff/members", hall.town.central_address()));
    browser.type_into("input[name=email]", BOTH);
    browser.click("form.desk-form .button");
    browser.wait_until("document.querySelector('.told') !== null");
    see("a member");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
