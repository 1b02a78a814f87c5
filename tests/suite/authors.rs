//! What an author types: `new`, `check`, `fmt`, run as the real program in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A temporary folder with the shipped content in it.
pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a temporary folder"));
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), &desk.path("content"));
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_borgerpanel");
        let output = Command::new(program).args(args).current_dir(self.0.path()).output();
        output.expect("the program starts")
    }

    /// Standard output, after an exit with `code`.
    pub fn says(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let err = String::from_utf8_lossy(&output.stderr);
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {err}{out}");
        out
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &target),
            false => fs::copy(entry.path(), target).map(|_| ()).expect("a copy"),
        }
    }
}

#[test]
fn a_new_survey_and_page_need_no_correction() {
    let desk = Desk::new();
    desk.says(&["new", "survey", "min-plads"], 0);
    desk.says(&["new", "page", "hjaelp"], 0);
    desk.says(&["new", "panel", "valby"], 0);
    let found = desk.says(&["check", "--strict", "--json"], 0);
    assert_eq!(found.trim(), "[]");
    assert!(desk.says(&["fmt", "--check"], 0).is_empty());
    let again = desk.run(&["new", "survey", "min-plads"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("choose another name"));
    let odd = desk.run(&["new", "survey", "Min Plads"]);
    assert!(String::from_utf8_lossy(&odd.stderr).contains("min-plads"), "{odd:?}");
}

#[test]
fn check_says_where_what_and_how_in_two_languages() {
    let desk = Desk::new();
    let path = desk.path("content/surveys/havnebade.md");
    let text = fs::read_to_string(&path).expect("the survey");
    fs::write(&path, text.replacen("required", "reqired", 1)).expect("written");
    let danish = desk.says(&["check"], 1);
    assert!(danish.contains("fejl[unknown-attribute]"), "{danish}");
    assert!(danish.contains("hjælp: mente du `required`?"), "{danish}");
    let english = desk.says(&["check", "--lang", "en", "content/surveys/havnebade.md"], 1);
    assert!(english.contains("did you mean `required`?"), "{english}");
    assert!(english.contains("content/surveys/havnebade.md:"), "{english}");
    let json = desk.says(&["check", "--json"], 1);
    let list: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let note = &list[0];
    assert_eq!(note["code"], "unknown-attribute");
    assert_eq!(note["severity"], "error");
    assert_eq!(note["fix"]["text"], "required");
    let line = note["line"].as_u64().expect("a line") as usize;
    let text = fs::read_to_string(&path).expect("the survey");
    let at = note["column"].as_u64().expect("a column") as usize - 1;
    let found: String =
        text.lines().nth(line - 1).expect("a line").chars().skip(at).take(7).collect();
    assert_eq!(found, "reqired");
    fs::write(desk.path("content/surveys/uden.md"), "---\ntitle: A\n---\n## B\n____\n").ok();
    fs::write(desk.path("content/surveys/uden.en.md"), "---\ntitle: A\n---\n## B\n____\n").ok();
    desk.says(&["check", "content/surveys/uden.md"], 0);
    let strict = desk.says(&["check", "--strict", "--json", "content/surveys/uden.md"], 1);
    let list: serde_json::Value = serde_json::from_str(&strict).expect("JSON");
    assert_eq!((&list[0]["code"], &list[0]["severity"]), (&"no-id".into(), &"error".into()));
    // Another file is fine.
    desk.says(&["check", "content/surveys/trafik-og-transport.md"], 0);
}

#[test]
fn json_has_every_field_and_an_empty_list_is_one() {
    let desk = Desk::new();
    let file = "content/surveys/ny.md";
    // The tree and the letters count as one character each, and as four and two bytes.
    let text = "---\ntitle: Ny\n---\n\n## 🌳 Æøå? {#tree reqired}\n\n- A {#a}\n- B {#b}\n";
    fs::write(desk.path(file), text).expect("written");
    fs::write(desk.path("content/surveys/ny.en.md"), text.replace(" reqired", ""))
        .expect("written");
    let list: serde_json::Value =
        serde_json::from_str(&desk.says(&["check", "--json", "--lang", "en", file], 1))
            .expect("JSON");
    let place = serde_json::json!({"line": 5, "column": 18, "end_line": 5, "end_column": 25});
    let mut whole = serde_json::json!({
        "file": file,
        "severity": "error",
        "code": "unknown-attribute",
        "message": "there is no attribute `reqired` on a question",
        "help": "did you mean `required`?",
        "fix": {"text": "required"},
    });
    for (name, number) in place.as_object().expect("an object") {
        whole[name] = number.clone();
        whole["fix"][name] = number.clone();
    }
    assert_eq!(list, serde_json::json!([whole]));
    fs::write(desk.path(file), text.replace("reqired", "required")).expect("written");
    assert_eq!(desk.says(&["check", "--json", file], 0).trim(), "[]");
}

#[test]
fn strict_asks_for_an_id_on_everything_that_is_answered() {
    let desk = Desk::new();
    let file = "content/surveys/ny.md";
    let front = "---\ntitle: Ny\n---\n\n";
    let strict = |body: &str| -> Vec<String> {
        for name in [file, "content/surveys/ny.en.md"] {
            fs::write(desk.path(name), format!("{front}{body}")).expect("written");
        }
        desk.says(&["check", file], 0);
        let list = desk.says(&["check", "--strict", "--json", file], 1);
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        let list = list.as_array().expect("a list").iter();
        list.filter(|note| note["severity"] == "error")
            .map(|note| note["code"].as_str().expect("a code").to_owned())
            .collect()
    };
    assert_eq!(strict("## A?\n\n____\n"), ["no-id"]);
    assert_eq!(strict("## A? {#a}\n\n- B {#b}\n- C\n"), ["codes-by-position"]);
    let table = |row: &str, column: &str| {
        format!("## A? {{#a}}\n\n| | X {{#x}} | {column} |\n|--|--|--|\n| {row} | | |\n")
    };
    assert_eq!(strict(&table("R", "Y {#y}")), ["codes-by-position"]);
    assert_eq!(strict(&table("R {#r}", "Y")), ["codes-by-position"]);
}

#[test]
fn a_folder_without_settings_is_explained() {
    let desk = Desk::new();
    let output = desk.run(&["check", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("help: name a content folder"));
}

#[test]
fn fmt_tidies_once_and_keeps_line_ends() {
    let desk = Desk::new();
    let path = desk.path("content/surveys/rod.md");
    let text = "---\r\ntitle: Rod\r\n---\r\n\r\n## Hvad? {required}\r\n\r\n- A\r\n- B\r\n";
    fs::write(&path, text).expect("written");
    fs::remove_file(desk.path("content/surveys/rod.en.md")).ok();
    assert!(desk.says(&["fmt", "--check"], 1).contains("rod.md"));
    desk.says(&["fmt"], 0);
    let tidy = fs::read_to_string(&path).expect("the survey");
    assert_eq!(
        tidy,
        "---\r\ntitle: Rod\r\n---\r\n\r\n## Hvad? {#hvad required}\r\n\r\n- A {#1}\r\n- B {#2}\r\n"
    );
    assert!(desk.says(&["fmt"], 0).is_empty());
    // A file with mistakes is left as it is.
    fs::write(&path, text.replace("required", "reqired")).expect("written");
    let output = desk.run(&["fmt"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&path).expect("the survey"), text.replace("required", "reqired"));
}

const WITH_EVERYTHING: &str = "---\ntitle: Sted\n---\n\n{{include \"blocks/faelles.md\"}}\n\n\
    ## Bor du her? {if=\"home == yes\"}\n\n- Ja\n- Nej\n\n## Hvor? {place=kort}\n\n\
    ## Hvad er pænest?\n\n- ![En eng](eng.svg)\n- ![En sø](eng.svg)\n";

/// In the survey above, the block's first question has the words of one of the survey's own.
const BLOCK: &str = "## Bor du her?\n\n- Ja\n- Nej\n\n## Hjemme? {required #home}\n\n\
    - Ja {#yes}\n- Nej {#no}\n";

const MAP: &str = "<svg viewBox=\"0 0 9 9\"><path id=\"v\" d=\"M0 0h9z\"><title>V</title></path>\
    <path id=\"w\" d=\"M0 0h9z\"><title>W</title></path></svg>";

#[test]
fn fmt_knows_what_lies_around_a_file() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("content/maps")).expect("a folder");
    for (name, text) in [
        ("surveys/sted.md", WITH_EVERYTHING),
        ("blocks/faelles.md", BLOCK),
        ("maps/kort.svg", MAP),
        ("surveys/eng.svg", MAP),
    ] {
        fs::write(desk.path("content").join(name), text).expect("written");
    }
    let said = desk.says(&["fmt"], 0);
    assert!(said.contains("sted.md") && said.contains("faelles.md"), "{said}");
    let read = |name: &str| fs::read_to_string(desk.path("content").join(name)).expect("a file");
    let (survey, block) = (read("surveys/sted.md"), read("blocks/faelles.md"));
    // The block's question comes first and takes the id that its words make.
    assert!(survey.contains("## Bor du her? {#bor-du-her-2 if="), "{survey}");
    assert!(survey.contains("## Hvor? {#hvor place=kort}"), "{survey}");
    assert!(survey.contains("- ![En eng](eng.svg) {#1}"), "{survey}");
    assert!(block.contains("## Bor du her? {#bor-du-her}"), "{block}");
    assert!(block.contains("## Hjemme? {#home required}"), "{block}");
    assert!(desk.says(&["fmt"], 0).is_empty());
    assert!(desk.says(&["fmt", "--check"], 0).is_empty());
    assert!(desk.says(&["fmt", "--check", "content/blocks/faelles.md"], 0).is_empty());
    // A translation that is not there yet does not matter to the form.
    fs::write(desk.path("content/surveys/sted.md"), survey.replace("{#hvor place", "{place"))
        .expect("written");
    assert!(desk.says(&["fmt", "content/surveys/sted.md"], 0).contains("sted.md"));
    assert_eq!(read("surveys/sted.md"), survey);
}

#[test]
fn fmt_leaves_a_blocks_questions_without_ids_where_surveys_differ() {
    let desk = Desk::new();
    let include = "{{include \"blocks/faelles.md\"}}\n";
    let own = "## Bor du her? {#bor-du-her}\n\n____\n\n";
    for (name, body) in [("en", include.to_owned()), ("to", format!("{own}{include}"))] {
        let path = desk.path("content/surveys").join(format!("{name}.md"));
        fs::write(path, format!("---\ntitle: A\n---\n\n{body}")).expect("written");
    }
    fs::write(desk.path("content/blocks/faelles.md"), BLOCK).expect("written");
    desk.says(&["fmt"], 0);
    let block = fs::read_to_string(desk.path("content/blocks/faelles.md")).expect("a file");
    assert!(block.starts_with("## Bor du her?\n\n- Ja {#1}\n- Nej {#2}\n"), "{block}");
    assert!(desk.says(&["fmt"], 0).is_empty());
}

#[test]
fn a_reader_who_went_away_is_no_failure() {
    let desk = Desk::new();
    let program = env!("CARGO_BIN_EXE_borgerpanel");
    for args in [
        ["central", "init", "--data", "central"],
        ["build", "--out", "public", "--content=content"],
    ] {
        let mut command = Command::new(program);
        command.args(args).current_dir(desk.path(""));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        drop((child.stdout.take(), child.stderr.take()));
        let ended = child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(0), "{args:?}");
    }
}
