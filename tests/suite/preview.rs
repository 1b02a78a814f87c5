//! `preview` as an author sees it: the real program, a file saved, the browser told.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::authors::Desk;

/// A program that is stopped at the end of the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program in `desk` and waits until it listens; gives the address.
pub fn start(desk: &Desk, args: &[&str]) -> (Running, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
        .args(args)
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let stdout = child.stdout.take().expect("piped");
    let running = Running(child);
    let mut lines = BufReader::new(stdout).lines();
    let address = loop {
        let line = lines.next().expect("a line before the end").expect("UTF-8");
        if let Some(address) = line.strip_prefix("listening on http://") {
            break address.to_owned();
        }
    };
    // Whatever else it says must find a reader, or it would stop at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (running, address)
}

/// One request on a connection of its own; the whole reply as text.
pub fn fetch(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("a reply");
    String::from_utf8_lossy(&reply).into_owned()
}

pub fn get(address: &str, path: &str) -> String {
    fetch(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))
}

/// Reads events until one has this name; its data.
fn wait_for(events: &mut impl BufRead, name: &str) -> String {
    let mut found = false;
    let mut data = String::new();
    loop {
        let mut line = String::new();
        assert!(events.read_line(&mut line).expect("an event") > 0, "the stream ended");
        let line = line.trim_end();
        if line == format!("event: {name}") {
            found = true;
        } else if let (true, Some(text)) = (found, line.strip_prefix("data: ")) {
            data.push_str(text);
            data.push('\n');
        } else if found && line.is_empty() {
            return data;
        }
    }
}

#[test]
fn a_saved_file_reloads_the_page_and_a_mistake_keeps_the_last_good_build() {
    let desk = Desk::new();
    let (_running, address) = start(&desk, &["preview", "--port", "0"]);
    assert!(get(&address, "/").contains("/_preview/preview.js"));
    let stream = TcpStream::connect(&address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    let ask = format!("GET /_preview/events HTTP/1.1\r\nHost: {address}\r\n\r\n");
    (&stream).write_all(ask.as_bytes()).expect("sent");
    let mut events = BufReader::new(&stream);
    // The greeting: from here on every event is heard.
    let mut line = String::new();
    while !line.contains("retry:") {
        line.clear();
        events.read_line(&mut line).expect("a line");
    }
    let path = desk.path("content/surveys/fritid-og-biblioteker.md");
    let good = fs::read_to_string(&path).expect("the survey");
    let title = "title: Hvad laver du om onsdagen?\n";
    let start = good.find("title:").expect("a title");
    let end = good[start..].find('\n').expect("its end") + start + 1;
    fs::write(&path, [&good[..start], title, &good[end..]].concat()).expect("saved");
    wait_for(&mut events, "reload");
    assert!(get(&address, "/s/fritid-og-biblioteker/").contains("om onsdagen?"));
    fs::write(&path, good.replacen("required", "reqired", 1)).expect("saved");
    let report = wait_for(&mut events, "problems");
    assert!(report.contains("did you mean `required`?"), "{report}");
    assert!(get(&address, "/s/fritid-og-biblioteker/").contains("om onsdagen?"));
    assert!(get(&address, "/_preview/problems").contains("unknown-attribute"));
    fs::write(&path, &good).expect("saved");
    wait_for(&mut events, "reload");
}

/// The value of a header in a reply.
fn header<'r>(reply: &'r str, name: &str) -> &'r str {
    let lines = reply.lines().take_while(|line| !line.is_empty());
    let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    values.next().unwrap_or_default()
}

fn state(address: &str) -> serde_json::Value {
    let reply = get(address, "/_preview/state.json");
    let (_, body) = reply.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn only_the_preview_shows_its_pages_in_frames() {
    let desk = Desk::new();
    let (_running, web) = start(&desk, &["preview", "--port", "0"]);
    let kiosk = format!("127.0.0.1:{}", state(&web)["kiosk_port"]);
    let policy = |address: &str, path: &str| {
        let reply = get(address, path);
        header(&reply, "Content-Security-Policy").to_owned()
    };
    let (_, own) = web.split_once(':').expect("a port");
    let (_, other) = kiosk.split_once(':').expect("a port");
    let shell = policy(&web, "/_preview/");
    let frames = format!("frame-src 'self' http://127.0.0.1:{other} http://localhost:{other};");
    assert!(shell.contains(&frames) && shell.contains("frame-ancestors 'none';"), "{shell}");
    let phone = policy(&web, "/s/fritid-og-biblioteker/");
    assert!(phone.contains("frame-src 'none'; frame-ancestors 'self';"), "{phone}");
    let upright = policy(&kiosk, "/s/fritid-og-biblioteker/");
    let holder = format!("frame-ancestors http://127.0.0.1:{own} http://localhost:{own};");
    assert!(upright.contains(&holder) && upright.contains("frame-src 'none'"), "{upright}");
    assert!(get(&kiosk, "/kiosk/").contains("data-mode=\"kiosk\" data-idle=\"86400\""));
    assert!(get(&kiosk, "/_preview/").starts_with("HTTP/1.1 404"));
}

#[test]
fn texts_are_read_and_days_chosen_from_this_machine_alone() {
    let desk = Desk::new();
    let (_running, address) = start(&desk, &["preview", "--port", "0"]);
    let told = state(&address);
    assert!(told["files"]["content/surveys/havnebade.md"].is_string());
    assert_eq!(told["messages"], serde_json::json!({"en": [], "da": []}));
    let rebound =
        "GET /_preview/state.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(fetch(&address, rebound).starts_with("HTTP/1.1 400"));
    let post = |origin: &str| {
        let body = "day=2031-05-01";
        let head = format!("POST /_preview/day HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}");
        let form = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close";
        let length = body.len();
        fetch(&address, &format!("{head}\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}"))
    };
    assert!(post("http://evil.example").starts_with("HTTP/1.1 403"));
    assert!(get(&address, "/s/havnebade/").contains("1. maj 2031"));
    assert!(post(&format!("http://{address}")).starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/s/havnebade/").contains("survey-form"));
    assert_eq!(state(&address)["day"], "2031-05-01");
}
