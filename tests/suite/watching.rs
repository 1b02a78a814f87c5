//! `check --watch`, the real program: a file broken, mended, and the last verdict at the end.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::authors::Desk;
use crate::preview::Running;

const SURVEY: &str = "content/surveys/havnebade.md";

fn start(desk: &Desk, args: &[&str]) -> (Running, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
        .args(args)
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let stdout = child.stdout.take().expect("piped");
    (Running(child), BufReader::new(stdout).lines())
}

/// Reads up to the line that ends a report; all of it.
fn report(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let mut report = String::new();
    loop {
        let line = lines.next().expect("a line before the end").expect("UTF-8");
        report.push_str(&line);
        report.push('\n');
        if line.contains(" files read: ") {
            return report;
        }
    }
}

fn stop(child: &mut Child, signal: Signal) -> Option<i32> {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("an id");
    kill_process(id, signal).expect("it runs");
    child.wait().expect("it ends").code()
}

#[test]
fn a_mistake_is_told_when_it_is_saved_and_gone_when_it_is_mended() {
    let desk = Desk::new();
    let (mut running, mut lines) = start(&desk, &["check", "--watch", "--lang", "en"]);
    let first = report(&mut lines);
    assert!(first.contains(": 0 errors"), "{first}");
    let shape: String = first.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    assert!(shape.starts_with("99:99:99  checking\n"), "{first}");
    assert!(shape.lines().last().is_some_and(|line| line.starts_with("99:99:99  99 files read: ")));

    let good = fs::read_to_string(desk.path(SURVEY)).expect("the survey");
    fs::write(desk.path(SURVEY), good.replacen("required", "reqired", 1)).expect("saved");
    let broken = report(&mut lines);
    assert!(broken.contains("error[unknown-attribute]"), "{broken}");
    assert!(broken.contains("did you mean `required`?"), "{broken}");
    assert!(!broken.contains('\u{1b}'), "it clears and colours nothing");

    fs::write(desk.path(SURVEY), &good).expect("saved");
    let mended = report(&mut lines);
    assert!(!mended.contains("unknown-attribute"), "{mended}");
    assert_eq!(stop(&mut running.0, Signal::INT), Some(0));
}

#[test]
fn every_change_is_one_line_of_json_and_the_last_verdict_is_the_exit_code() {
    let desk = Desk::new();
    let (mut running, mut lines) = start(&desk, &["check", "--watch", "--json", SURVEY]);
    let mut next = || -> Value {
        let line = lines.next().expect("a line before the end").expect("UTF-8");
        serde_json::from_str(&line).expect("an array on one line")
    };
    assert_eq!(next(), Value::Array(Vec::new()));
    let good = fs::read_to_string(desk.path(SURVEY)).expect("the survey");
    fs::write(desk.path(SURVEY), good.replacen("required", "reqired", 1)).expect("saved");
    assert_eq!(next()[0]["code"], "unknown-attribute");
    assert_eq!(stop(&mut running.0, Signal::TERM), Some(1));
}

#[test]
fn a_file_that_stands_alone_is_watched_too() {
    let desk = Desk::new();
    fs::create_dir(desk.path("alene")).expect("a folder");
    let text = "---\ntitle: A\n---\n\n## Hvad? {#what}\n\n____\n";
    fs::write(desk.path("alene/a.md"), text).expect("written");
    let (mut running, mut lines) = start(&desk, &["check", "--watch", "--json", "alene/a.md"]);
    let mut next = || lines.next().expect("a line before the end").expect("UTF-8");
    assert_eq!(next(), "[]");
    fs::write(desk.path("alene/a.md"), text.replace("____", "")).expect("saved");
    assert!(next().contains("\"question-without-answers\""));
    assert_eq!(stop(&mut running.0, Signal::TERM), Some(1));
}

#[test]
fn what_is_not_there_cannot_be_watched() {
    let desk = Desk::new();
    let output = desk.run(&["check", "--watch", "nowhere.md"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("name a content folder"));
}
