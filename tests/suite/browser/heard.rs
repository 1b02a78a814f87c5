//! What a screen reader has to say of each kind of question: Chromium's own accessibility tree, written
//! down in tests/fixtures/heard.txt and read as somebody would hear it.
//!
//! Each question stands there as it is asked; under it what changes with "Næste", when nothing was
//! answered, and what changes once it is. `UPDATE_DOCS=1` writes the file anew: read it, aloud.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::Place;
use super::states::{PAGES, Tour, every_question_required};
use super::targets::strings;
use super::{Browser, PHONE};

const WRITTEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/heard.txt");

/// Roles that say nothing by themselves.
const SILENT: [&str; 7] =
    ["generic", "none", "LabelText", "Legend", "paragraph", "MenuListPopup", "list"];

/// Roles whose name is the text in them, or that hold what was typed.
const SAID_BY_NAME: [&str; 6] = ["button", "link", "heading", "option", "StaticText", "textbox"];

/// A part of the tree, a line for each thing heard, indented by what it is in.
fn heard(browser: &Browser, css: &str) -> Vec<String> {
    let whole = browser.ask("Accessibility.getFullAXTree", &json!({}));
    let nodes = whole["value"]["nodes"].as_array().expect("the tree");
    let document = browser.ask("DOM.getDocument", &json!({"depth": 0}));
    let root = &document["value"]["root"]["nodeId"];
    let found = browser.ask("DOM.querySelector", &json!({"nodeId": root, "selector": css}));
    let element = browser.ask("DOM.describeNode", &json!({"nodeId": found["value"]["nodeId"]}));
    let element = &element["value"]["node"]["backendNodeId"];
    let top = nodes.iter().find(|node| node["backendDOMNodeId"] == *element);
    let by_id = nodes.iter().map(|node| (node["nodeId"].as_str().expect("an id"), node)).collect();
    let mut lines = Vec::new();
    tell(top.unwrap_or_else(|| panic!("{css} is not heard")), &by_id, 0, false, &mut lines);
    lines
}

/// Adds a node and what is in it. `named` where its text has been said as the name of a control.
fn tell(
    node: &Value,
    by_id: &HashMap<&str, &Value>,
    depth: usize,
    named: bool,
    lines: &mut Vec<String>,
) {
    let role = node["role"]["value"].as_str().unwrap_or_default();
    let labels = matches!(role, "LabelText" | "Legend") || named;
    let (mut inner, mut within) = (depth, labels);
    match role {
        "InlineTextBox" | "ListMarker" => return,
        "StaticText" if named => return,
        _ if node["ignored"] == true || SILENT.contains(&role) => {}
        _ => {
            lines.push(format!("{}{}", "  ".repeat(depth), line(node, role)));
            inner += 1;
            within = SAID_BY_NAME.contains(&role);
        }
    }
    for child in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = by_id.get(child.as_str().unwrap_or_default()) {
            tell(child, by_id, inner, within, lines);
        }
    }
}

/// `radio “Ja”, not checked — Svar på: …`
fn line(node: &Value, role: &str) -> String {
    let text = |part: &str| node[part]["value"].as_str().unwrap_or_default().trim().to_owned();
    let mut line = if role == "StaticText" { "text" } else { role }.to_owned();
    if !text("name").is_empty() {
        write!(line, " “{}”", text("name")).expect("a string");
    }
    match &node["value"]["value"] {
        Value::Null => {}
        Value::String(value) => write!(line, " = {}", value.trim()).expect("a string"),
        value => write!(line, " = {value}").expect("a string"),
    }
    for property in node["properties"].as_array().into_iter().flatten() {
        let value = &property["value"]["value"];
        let on = *value == true || *value == "true";
        match property["name"].as_str().unwrap_or_default() {
            name @ ("checked" | "pressed" | "selected") => {
                line.push_str(if on { ", " } else { ", not " });
                line.push_str(name);
            }
            "expanded" => line.push_str(if on { ", open" } else { ", closed" }),
            name @ ("invalid" | "disabled" | "modal") if on => {
                write!(line, ", {name}").expect("a string");
            }
            "live" => {
                write!(line, ", live {}", value.as_str().unwrap_or_default()).expect("a string")
            }
            "valuemax" if role == "progressbar" => write!(line, " of {value}").expect("a string"),
            _ => {}
        }
    }
    let description = text("description");
    if !description.is_empty() {
        write!(line, " — {description}").expect("a string");
    }
    line
}

/// The lines that are not among those before.
fn changed(before: &[String], now: Vec<String>) -> String {
    let new = now.into_iter().filter(|line| !before.contains(line));
    new.map(|line| format!("> {}\n", line.trim_start())).collect()
}

/// Every question of the page shown, by its id.
fn questions(browser: &Browser) -> Vec<String> {
    let ids = "return [...document.querySelectorAll('.question')]
        .filter((it) => it.checkVisibility()).map((it) => it.id)";
    strings(browser.run(ids, Vec::new()))
}

/// The page that is shown: left open, refused, then answered and left.
fn page_heard(tour: &Tour, written: &mut String) {
    let browser = tour.browser;
    let ids = questions(browser);
    let hear = |id: &String| heard(browser, &format!("#{id}"));
    let asked: Vec<Vec<String>> = ids.iter().map(hear).collect();
    tour.go_on();
    let refused: Vec<Vec<String>> = ids.iter().map(hear).collect();
    tour.fill();
    for (at, id) in ids.iter().enumerate() {
        let refused = changed(&asked[at], refused[at].clone());
        let answered = changed(&asked[at], hear(id));
        let asked = asked[at].join("\n");
        write!(
            written,
            "\n## {id}\n\n{asked}\n\nWith a problem:\n{refused}\nAnswered:\n{answered}"
        )
        .expect("a string");
    }
    tour.go_on();
}

#[test]
fn every_kind_is_heard_as_written_down() {
    let place = Place::of(every_question_required(), Channel::Web, None);
    let Some(browser) = Browser::start(PHONE) else { return };
    for domain in ["Accessibility.enable", "DOM.enable", "Page.enable"] {
        browser.ask(domain, &json!({}));
    }
    // Shuffled the same way each time.
    let still = json!({"source": "Math.random = () => 0"});
    browser.ask("Page.addScriptToEvaluateOnNewDocument", &still);
    let tour = Tour { browser: &browser, place: &place, prefix: "", channel: Channel::Web };
    let mut written = String::from(
        "What a screen reader is given of each kind of question, from tests/suite/browser/heard.rs.\n",
    );
    tour.page("city");
    tour.go_on();
    for part in ["header", ".progress", "#problems", ".controls", "footer"] {
        let lines = heard(&browser, part).join("\n");
        write!(written, "\n## {part}\n\n{lines}\n").expect("a string");
    }
    tour.page("you");
    for _ in PAGES {
        page_heard(&tour, &mut written);
    }
    written.push_str("\n## the review\n\n");
    written.push_str(&heard(&browser, "#review").join("\n"));
    written.push('\n');
    tour.go_on();
    browser.wait_until("location.pathname.endsWith('/tak/')");
    let thanks = heard(&browser, "main").join("\n");
    write!(written, "\n## the thanks\n\n{thanks}\n").expect("a string");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(WRITTEN, &written).expect("written");
    }
    let known = fs::read_to_string(WRITTEN).unwrap_or_default();
    assert_eq!(written, known, "tests/fixtures/heard.txt (UPDATE_DOCS=1 rewrites it)");
}

#[test]
fn no_control_is_without_a_name_and_no_message_unsaid() {
    let place = Place::of(every_question_required(), Channel::Web, None);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.ask("Accessibility.enable", &json!({}));
    for prefix in ["", "/en"] {
        let tour = Tour { browser: &browser, place: &place, prefix, channel: Channel::Web };
        for page in PAGES {
            tour.page(page);
            tour.go_on();
            let nameless = nameless(&browser);
            assert!(nameless.is_empty(), "{prefix} {page}: {nameless:?}");
            let unsaid = "return [...document.querySelectorAll('.problem:not([hidden]), .help')]
                .filter((it) => it.id && it.checkVisibility() && !document.querySelector(`[aria-describedby~='${it.id}']`))
                .map((it) => it.id)";
            assert_eq!(browser.run(unsaid, Vec::new()), json!([]), "{prefix} {page}");
        }
    }
}

/// What can be used, or holds others together, and has no name.
fn nameless(browser: &Browser) -> Vec<String> {
    let lines = heard(browser, "body");
    let named = |line: &&String| {
        let role = line.trim_start().split(' ').next().unwrap_or_default();
        [
            "button",
            "link",
            "textbox",
            "radio",
            "checkbox",
            "combobox",
            "group",
            "image",
            "heading",
            "progressbar",
            "navigation",
        ]
        .contains(&role)
    };
    let named: Vec<&String> = lines.iter().filter(named).collect();
    assert!(named.len() > 20, "{lines:?}");
    named.into_iter().filter(|line| !line.contains('“')).cloned().collect()
}
