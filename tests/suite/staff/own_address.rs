//! `staff_listen`: staff pages at an address of their own.

use super::{House, OWN, Visitor};
use crate::chain::free_address;

#[test]
fn staff_pages_of_an_own_address_are_there_alone_and_nothing_else_is() {
    let house = House::new();
    let inner = free_address();
    house.set(&format!("staff_listen = \"{inner}\""));
    let _running = house.run();
    let public = house.visitor();
    for path in ["/staff/", "/staff/login", "/en/staff/login", "/staff/en/login"] {
        assert_eq!(public.get(path).status, 404, "{path}");
    }
    assert_eq!(public.post("/staff/login", &[("user", "admin")]).status, 404);
    assert_eq!(public.get("/").status, 200);
    let admin = Visitor::at(&inner);
    assert_eq!(admin.log_in("admin", &house.one_time, "").status, 303);
    assert_eq!(admin.choose(OWN).status, 303);
    let start = admin.get("/staff/");
    assert_eq!(start.status, 200);
    let style = start.body.split("rel=\"stylesheet\" href=\"").nth(1).expect("a style sheet");
    let style = style.split('"').next().expect("an address");
    assert_eq!(admin.get(style).status, 200, "{style}");
    assert_eq!(admin.get("/healthz").status, 200);
    for path in ["/", "/en/", "/privatliv/", "/api/v1/sync", "/panel/me/", "/kode/", "/r/"] {
        assert_eq!(admin.get(path).status, 404, "{path}");
    }
    let survey = admin.post("/s/trafik-og-transport/", &[("_v", "0")]);
    assert_eq!(survey.status, 404);
}
