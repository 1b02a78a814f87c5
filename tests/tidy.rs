//! The house rules, held by a test: which way imports run, which room a third-party crate lives in,
//! who reads the wall clock, what every file begins with, and that the documents name what exists.
//!
//! Reads the sources as text and depends on nothing but the standard library, so that it says what is
//! wrong even where the crate does not compile. A rule that has to give way gets a line in a table
//! here, with its reason; it is not worked around.

#[path = "tidy/lexer.rs"]
mod lexer;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/tree.rs"]
mod tree;

use lexer::{Kind, Token, tokens};
use tree::{File, files};

/// The rooms of the crate, from the ground up. A room uses its own floor only within itself (but for
/// the ground, and the commands with their command line) and every floor below it.
const FLOORS: [&[&str]; 8] = [
    &["error", "clock", "console", "durable", "crypto", "diag"],
    &["survey"],
    &["response"],
    &["panel", "results", "foreign"],
    &["site", "store"],
    &["sync", "mail"],
    &["server"],
    &["commands", "cli"],
];

/// Floors whose rooms may use each other.
const OPEN_FLOORS: [&str; 2] = ["error", "commands"];

/// What the store may know of a survey: what was compiled, never how.
const MODEL: [&str; 13] = [
    "model",
    "condition",
    "settings",
    "Definition",
    "Survey",
    "Page",
    "Question",
    "Choice",
    "Row",
    "Text",
    "Settings",
    "Answer",
    "Answers",
];

/// Third-party crates, and the only places (prefixes of paths) that may name them.
const FENCES: [(&str, &[&str]); 39] = [
    ("annotate_snippets", &["src/diag.rs"]),
    ("argon2", &["src/crypto.rs"]),
    ("calamine", &["src/foreign/book.rs"]),
    ("clap", &["src/cli.rs", "src/cli/"]),
    ("crypto_box", &["src/crypto.rs"]),
    ("csv", &["src/panel/roster.rs", "src/results/", "src/commands/results/"]),
    ("ctrlc", &["src/commands/"]),
    ("ed25519_dalek", &["src/crypto.rs"]),
    ("httparse", &["src/server/"]),
    ("imagesize", &["src/site/"]),
    ("indicatif", &["src/commands/"]),
    ("lsp_server", &["src/commands/lsp.rs", "src/commands/lsp/"]),
    ("lsp_types", &["src/commands/lsp.rs", "src/commands/lsp/"]),
    ("miniz_oxide", &["src/sync/", "src/foreign/archive.rs"]),
    ("microlp", &["src/results/audit/", "src/results/stacked.rs"]),
    ("notify", &["src/commands/watch.rs"]),
    ("oxc_allocator", &["src/site/squeeze.rs"]),
    ("oxc_ast", &["src/site/squeeze.rs"]),
    ("oxc_codegen", &["src/site/squeeze.rs"]),
    ("oxc_minifier", &["src/site/squeeze.rs"]),
    ("oxc_parser", &["src/site/squeeze.rs"]),
    ("oxc_span", &["src/site/squeeze.rs"]),
    ("pulldown_cmark", &["src/survey/"]),
    ("qrcodegen", &["src/site/qr.rs"]),
    ("quick_xml", &["src/results/microdata/ddi.rs"]),
    ("ring", &["src/crypto/totp.rs"]),
    ("roxmltree", &["src/survey/map.rs", "src/foreign/limesurvey/"]),
    ("rusqlite", &["src/store/"]),
    ("rust_xlsxwriter", &["src/foreign/xlsform/write/", "src/results/"]),
    ("rustls", &["src/mail/wire.rs"]),
    ("serde_saphyr", &["src/survey/"]),
    ("sha2", &["src/crypto.rs"]),
    ("statrs", &["src/results/interval.rs"]),
    ("tera", &["src/site/"]),
    ("tiny_http", &["src/server/"]),
    ("toml", &["src/site/", "src/commands/"]),
    ("ureq", &["src/sync/", "src/commands/"]),
    ("walkdir", &["src/site/"]),
    ("webpki_roots", &["src/mail/wire.rs"]),
];

/// Who may ask what time it is, and why; tests may.
const CLOCKS: [(&str, &str, &str); 9] = [
    ("src/clock.rs", "Timestamp", "the one place"),
    ("src/clock.rs", "Instant", "how long a machine with a dead battery has been on"),
    ("src/mail/wire.rs", "Instant", "deadlines of one command: never stored, never a date"),
    ("src/server/permits.rs", "Instant", "deadlines of one request: never stored, never a date"),
    (
        "src/server/staff/workshop.rs",
        "Instant",
        "deadlines of one request, and what work took: never stored",
    ),
    ("src/server/kiosk/pulse.rs", "Instant", "how long the page has been silent: never stored"),
    ("src/commands/kiosk/torture.rs", "Instant", "how fast a disk is: a figure, never a date"),
    ("src/commands/kiosk/shell.rs", "Instant", "how long a browser takes to start: never stored"),
    ("src/commands/watch.rs", "Instant", "the pause that ends a burst of changes"),
];

/// The longest a source may be, in lines: beyond this nobody reads it whole.
const LINES_MAX: usize = 700;

const SOURCES: [&str; 7] = [".rs", ".js", ".css", ".html", ".toml", ".sh", ".sql"];

/// Hosts of package registries, which no project file names; in halves, since this file is one.
const REGISTRIES: [&str; 7] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".com"),
    concat!("npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("rubygems", ".org"),
    concat!("unpkg", ".com"),
];

/// Fails with every violation, each as `file:line: what`.
fn report(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// The crate's own modules, with their tokens.
fn modules(files: &[File]) -> impl Iterator<Item = (&File, Vec<Token>)> {
    let own = files.iter().filter(|file| file.path.starts_with("src/") && file.ends_with(&[".rs"]));
    own.map(|file| (file, tokens(&file.text)))
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Why `from` may not use `path`, if it may not.
fn refusal(from: &str, path: &[String]) -> Option<String> {
    let to = path.first()?.as_str();
    let (own, other) = (floor_of(from)?, floor_of(to)?);
    if other > own {
        return Some(format!("`{from}` may not use `{to}`: imports run one way"));
    }
    let open = OPEN_FLOORS.iter().any(|room| FLOORS[own].contains(room));
    if other == own && from != to && !open {
        return Some(format!("`{from}` and `{to}` may not see each other"));
    }
    if from == "mail" && to == "store" {
        return Some("`mail` knows no database: its queue is a trait".to_owned());
    }
    let part = path.get(1).map_or("", String::as_str);
    if from == "store" && to == "survey" && !MODEL.contains(&part) {
        return Some(format!("`store` may know the compiled model only, not `survey::{part}`"));
    }
    None
}

#[test]
fn refuses_what_runs_up_or_sideways() {
    let refused = |from: &str, path: &str| {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        refusal(from, &path).is_some()
    };
    assert!(refused("survey", "response::evaluate"));
    assert!(refused("crypto", "survey::Survey"));
    assert!(refused("site", "store::outbox"));
    assert!(refused("store", "site::Site"));
    assert!(refused("store", "survey::compile"));
    assert!(refused("mail", "store::central"));
    assert!(!refused("store", "survey::Definition"));
    assert!(!refused("server", "store::outbox"));
    assert!(!refused("durable", "error::Context"));
    assert!(!refused("commands", "cli::Verdict"));
}

#[test]
fn imports_run_one_way() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        let module = paths::module_of(&file.path);
        // lib.rs names every room, main.rs is another crate.
        let Some(room) = module.first() else { continue };
        if floor_of(room).is_none() {
            violations.push(format!("{}:1: `{room}` has no floor in tests/tidy.rs", file.path));
        }
        for named in paths::own(&module, &tokens) {
            if let Some(why) = refusal(room, &named.path) {
                violations.push(format!("{}:{}: {why}", file.path, named.line));
            }
        }
    }
    report(&violations);
}

#[test]
fn third_party_crates_stay_behind_their_fences() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        for (name, places) in FENCES {
            if places.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            for line in paths::third_party(name, &tokens) {
                let places = places.join(", ");
                violations.push(format!("{}:{line}: `{name}` belongs to {places}", file.path));
            }
        }
    }
    report(&violations);
}

/// No other test builds them, and it takes minutes.
#[test]
fn fuzz_targets_may_name_the_crates_they_use() {
    let files = files();
    let text = |path: &str| {
        let found = files.iter().find(|file| file.path == path);
        found.unwrap_or_else(|| panic!("there is no {path}")).text.as_str()
    };
    let named = |manifest: &str| -> Vec<String> {
        let dependencies = text(manifest).split_once("[dependencies]").expect("a section").1;
        let lines = dependencies.lines().skip(1).take_while(|line| !line.starts_with('['));
        lines.filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
    };
    let theirs = named("fuzz/Cargo.toml");
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("fuzz/fuzz_targets/")) {
        let shared = file.text.lines().filter_map(|line| {
            line.strip_prefix("#[path = \"../../")?.strip_suffix("\"]").map(&text)
        });
        for source in shared.chain([file.text.as_str()]) {
            for name in named("Cargo.toml").iter().filter(|name| !theirs.contains(name)) {
                if !paths::third_party(name, &tokens(source)).is_empty() {
                    violations.push(format!("{}: `{name}` is not in fuzz/Cargo.toml", file.path));
                }
            }
        }
    }
    report(&violations);
}

#[test]
fn only_the_clock_reads_the_wall_clock() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        for three in tokens.windows(3) {
            let [clock, path, now] = three else { continue };
            let Kind::Word(name) = &clock.kind else { continue };
            let known = matches!(
                name.as_str(),
                "Instant" | "SystemTime" | "Timestamp" | "Zoned" | "ZonedDateTime"
            );
            let reads = known && path.kind == Kind::Path && now.is("now") && !clock.in_test;
            let allowed = CLOCKS.iter().any(|(place, what, _)| file.path == *place && name == what);
            if reads && !allowed && !file.ends_with(&["/tests.rs"]) {
                let at = format!("{}:{}", file.path, clock.line);
                violations.push(format!("{at}: `{name}::now`: take the time from `clock::Clock`"));
            }
        }
    }
    report(&violations);
}

#[test]
fn the_table_of_clocks_holds_what_is_there() {
    let files = files();
    for (place, what, why) in CLOCKS {
        let file = files.iter().find(|file| file.path == place);
        let reads = file.is_some_and(|file| file.text.contains(&format!("{what}::now")));
        assert!(reads, "{place} does not read {what} ({why}): take it off the table");
    }
}

#[test]
fn nothing_ends_the_process_or_is_left_undone() {
    let mut violations = Vec::new();
    let all = files();
    for file in all.iter().filter(|file| file.ends_with(&[".rs"])) {
        let tokens = tokens(&file.text);
        for two in tokens.windows(2) {
            let Kind::Word(word) = &two[0].kind else { continue };
            let undone = matches!(word.as_str(), "todo" | "dbg" | "unimplemented");
            if undone && two[1].kind == Kind::Sign('!') {
                violations.push(format!("{}:{}: `{word}!`", file.path, two[0].line));
            }
        }
        for four in tokens.windows(4) {
            let exits = four[0].is("process") && four[1].kind == Kind::Path && four[2].is("exit");
            // clap's `Error::exit` does the same behind a method.
            let leaves = four[0].kind == Kind::Sign('.') && four[1].is("exit");
            if exits || leaves && four[2].kind == Kind::Sign('(') && four[3].kind == Kind::Sign(')')
            {
                let at = format!("{}:{}", file.path, four[0].line);
                violations.push(format!("{at}: ends the process; `main` alone has an exit code"));
            }
        }
    }
    report(&violations);
}

#[test]
fn lines_go_to_the_terminal_through_the_console() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        for two in tokens.windows(2).filter(|two| !two[0].in_test) {
            let prints = ["print", "println", "eprint", "eprintln"];
            let panics = prints.iter().any(|name| two[0].is(name));
            if panics && two[1].kind == Kind::Sign('!') {
                let at = format!("{}:{}", file.path, two[0].line);
                violations.push(format!("{at}: panics where nobody reads: `say!`, `complain!`"));
            }
        }
    }
    report(&violations);
}

#[test]
fn failures_are_told_not_unwrapped() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        for three in tokens.windows(3) {
            let unwraps = three[0].kind == Kind::Sign('.')
                && three[1].is("unwrap")
                && three[2].kind == Kind::Sign('(');
            if unwraps && !three[1].in_test && !file.ends_with(&["/tests.rs"]) {
                let at = format!("{}:{}", file.path, three[1].line);
                violations.push(format!("{at}: `unwrap`: say why it holds with `expect`"));
            }
        }
    }
    report(&violations);
}

#[test]
fn names_say_what_things_are() {
    let mut violations = Vec::new();
    for (file, tokens) in modules(&files()) {
        let module = paths::module_of(&file.path);
        let vague = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];
        if module.iter().any(|part| vague.contains(&part.as_str())) {
            violations.push(format!("{}:1: a module is named after what it holds", file.path));
        }
        for two in tokens.windows(2) {
            let Kind::Word(name) = &two[1].kind else { continue };
            let empty = ["get_", "do_", "handle_", "process_"];
            if two[0].is("fn") && empty.iter().any(|prefix| name.starts_with(prefix)) {
                violations.push(format!(
                    "{}:{}: `{name}`: a verb that says what",
                    file.path, two[1].line
                ));
            }
        }
    }
    report(&violations);
}

#[test]
fn every_module_says_what_it_is_for() {
    let rust = |file: &&File| file.ends_with(&[".rs"]) && !file.text.starts_with("//!");
    let silent = files()
        .iter()
        .filter(rust)
        .map(|file| format!("{}:1: no `//!`", file.path))
        .collect::<Vec<_>>();
    report(&silent);
}

#[test]
fn no_source_is_too_long_to_read() {
    let mut violations = Vec::new();
    for file in files().iter().filter(|file| file.ends_with(&SOURCES)) {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            violations.push(format!("{}:{LINES_MAX}: {lines} lines", file.path));
        }
    }
    report(&violations);
}

/// Every place where one of `words` stands, in small letters or capitals.
fn mentions(file: &File, words: &[&str], violations: &mut Vec<String>) {
    for (at, line) in file.text.lines().enumerate() {
        let line = line.to_lowercase();
        for word in words.iter().filter(|word| line.contains(**word)) {
            violations.push(format!("{}:{}: `{word}`", file.path, at + 1));
        }
    }
}

#[test]
fn no_file_names_a_registry_or_the_machine_it_was_written_on() {
    let mut violations = Vec::new();
    let workshop = concat!("/wo", "rk/");
    for file in files().iter().filter(|file| !file.ends_with(&["Cargo.lock"])) {
        mentions(file, &REGISTRIES, &mut violations);
        mentions(file, &[workshop], &mut violations);
    }
    report(&violations);
}

#[test]
fn no_page_promises_what_cannot_be_kept() {
    // Answers are confidential, or we do not ask for a name; nobody can promise more.
    let mut violations = Vec::new();
    for file in files() {
        if file.path.starts_with("content/") || file.path.starts_with("themes/") {
            mentions(&file, &[concat!("anon", "ym")], &mut violations);
        }
    }
    report(&violations);
}

#[path = "tidy/documents.rs"]
mod documents;
