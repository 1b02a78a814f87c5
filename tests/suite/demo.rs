//! `demo` as the real program: made-up answers that go all the way, and look like people's.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::authors::Desk;
use crate::chain::spawn;
use crate::preview::Running;
use crate::staff::Visitor;

#[test]
fn made_up_answers_arrive_and_are_no_burst() {
    let desk = Desk::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    // Another test may hold any port; the demo takes the next free one.
    command.args(["demo", "--answers", "40", "--port", "18080"]).current_dir(desk.path(""));
    let mut demo = Running(spawn(command.stdout(Stdio::piped())));
    let told = BufReader::new(demo.0.stdout.take().expect("piped")).lines();
    let mut told = told.map(|line| line.expect("UTF-8"));
    let mut before = Vec::new();
    let is_there = |line: &String| !line.contains("are at the central");
    before.extend(told.by_ref().take_while(is_there));
    let after = |name: &str| {
        let rest = before.iter().find_map(|line| line.split_once(name).map(|(_, rest)| rest));
        rest.unwrap_or_else(|| panic!("no {name} in {before:?}")).trim()
    };
    let central = after("website   http://").trim_end_matches('/');
    assert_eq!(after("staff     http://"), format!("{central}/staff/login"));
    let staff = Visitor::at(central);
    assert!(staff.get("/staff/login").body.contains("Eksempeldata"));
    assert_eq!(staff.log_in("demo", after("password "), "").leads_to(), "/staff/");
    assert!(staff.get("/staff/").body.contains("Eksempeldata"));
    let path = desk.path("data/demo/central/central.db");
    let central = Connection::open(path).expect("the central's database");
    let count = |flag: &str| -> i64 {
        let sql = "SELECT count(*) FROM response WHERE flags LIKE '%' || ?1 || '%'";
        central.query_row(sql, [flag], |row| row.get(0)).expect("a number")
    };
    assert_eq!((count(""), count("burst")), (40, 0));
}
