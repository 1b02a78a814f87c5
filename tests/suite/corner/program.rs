//! The real program: a PIN made by its command, and a restart that a service manager would follow.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::{PIN, STATUS, cookie, status, token};
use crate::authors::Desk;
use crate::preview::{Running, fetch, get};

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

/// What `kiosk pin` prints, and how it ended.
fn made(pin: &str) -> (String, String, Option<i32>) {
    let mut child = Command::new(PROGRAM)
        .args(["kiosk", "pin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("piped").write_all(pin.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn a_pin_that_anybody_tries_is_refused_and_never_printed() {
    let (out, err, code) = made("1234\n");
    assert_eq!((&*out, code), ("", Some(2)), "{err}");
    assert!(err.contains("help: choose 4 to 12 digits"), "{err}");
    let (line, err, code) = made(&format!("{PIN}\n"));
    assert_eq!((&*err, code), ("", Some(0)));
    assert!(line.starts_with("pin_hash = \"$argon2id$") && !line.contains(PIN), "{line}");
}

#[test]
fn hours_that_cannot_be_read_stop_it_with_an_example() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("data/kiosk")).expect("a folder");
    let settings = "hours = \"fri 22:00-02:00\"\n";
    std::fs::write(desk.path("data/kiosk/kiosk.toml"), settings).expect("written");
    let output = desk.run(&["kiosk", "run", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in ["`hours`", "fri 22:00-02:00", "past midnight", "help: write it as in `hours = "] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn staff_end_the_program_where_a_service_manager_starts_it_again() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("data/kiosk")).expect("a folder");
    std::fs::write(desk.path("data/kiosk/kiosk.toml"), made(PIN).0).expect("written");
    let mut run = Command::new(PROGRAM);
    run.args(["kiosk", "run", "--listen", "127.0.0.1:0"]).current_dir(desk.path(""));
    run.env_remove("NOTIFY_SOCKET").stdout(Stdio::piped()).stderr(Stdio::null());
    for is_service in [false, true] {
        match is_service {
            true => run.env("INVOCATION_ID", "0123"),
            false => run.env_remove("INVOCATION_ID"),
        };
        let mut running = Running(run.spawn().expect("the program starts"));
        let stdout = BufReader::new(running.0.stdout.take().expect("piped"));
        let line = stdout.lines().next().expect("a line").expect("UTF-8");
        let address = line.strip_prefix("listening on http://").expect("an address");
        let post = |cookie: &str, body: &str| {
            let head = format!("POST {STATUS} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n");
            let kind = "Content-Type: application/x-www-form-urlencoded";
            let length = body.len();
            fetch(
                address,
                &format!(
                    "{head}{kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                ),
            )
        };
        let csrf = token(&get(address, STATUS));
        let staff = cookie(&post("", &format!("_csrf={csrf}&pin={PIN}")));
        let head = format!("GET {STATUS} HTTP/1.1\r\nHost: {address}\r\nCookie: {staff}\r\n");
        let page = fetch(address, &format!("{head}Connection: close\r\n\r\n"));
        assert_eq!(page.contains("value=\"restart\""), is_service, "{page}");
        let reply = post(&staff, &format!("_csrf={}&do=restart", token(&page)));
        assert_eq!(status(&reply), if is_service { 200 } else { 400 });
        if is_service {
            assert!(reply.contains("Programmet starter igen"), "{reply}");
            assert!(running.0.wait().expect("it ends").success());
        }
    }
}
