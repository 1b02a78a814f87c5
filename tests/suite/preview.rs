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
