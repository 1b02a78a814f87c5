//! The documents: what they name exists, and what exists is named.

use crate::report;
use crate::tree::{File, files, root};

/// Folders of the project that a document may name a path in.
const FOLDERS: [&str; 9] =
    ["src/", "tests/", "docs/", "content/", "themes/", "benches/", "fuzz/", "kiosk/", ".ci/"];

fn is_document(file: &File) -> bool {
    let beside = !file.path.contains('/') && file.path.ends_with(".md");
    beside || file.path.starts_with("docs/") && file.path.ends_with(".md")
}

/// The program's own sources and its figures name documents and tests; what its tests name may be
/// made up.
fn is_program(file: &File) -> bool {
    let tests = file.path.ends_with("/tests.rs");
    file.path.ends_with(".rs") && !tests && !file.path.starts_with("tests/")
}

/// The paths into the project that a line names. One with a placeholder (`<slug>`, `*`) is none.
fn project_paths(line: &str) -> Vec<&str> {
    let ends = |c: char| !(c.is_alphanumeric() || "_-./*<>{}".contains(c));
    let words = line.split(ends).map(|word| word.trim_end_matches(['.', '-']));
    words
        .filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.contains(['*', '<', '>', '{', '}']))
        .collect()
}

/// The targets of links and pictures in a line that lead to a file.
fn link_targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    // Code is at the odd places between backticks.
    for prose in line.split('`').step_by(2) {
        for after in prose.split("](").skip(1) {
            let target = after.split([')', ' ', '#']).next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !elsewhere {
                targets.push(target);
            }
        }
    }
    targets
}

#[test]
fn every_path_in_the_documents_exists() {
    let mut violations = Vec::new();
    for file in files().iter().filter(|file| is_document(file)) {
        let folder = root().join(&file.path).parent().expect("a file lies in a folder").to_owned();
        let mut fenced = false;
        for (at, line) in file.text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            let links = if fenced { Vec::new() } else { link_targets(line) };
            let places = project_paths(line).into_iter().map(|path| (path, root().join(path)));
            for (name, place) in places.chain(links.into_iter().map(|to| (to, folder.join(to)))) {
                if !place.exists() {
                    violations.push(format!("{}:{}: no `{name}`", file.path, at + 1));
                }
            }
        }
    }
    report(&violations);
}

#[test]
fn every_document_the_program_names_exists() {
    let mut violations = Vec::new();
    for file in files().iter().filter(|file| is_program(file)) {
        for (at, line) in file.text.lines().enumerate() {
            for path in project_paths(line) {
                let certain = path.starts_with("docs/") || path.starts_with("tests/");
                if certain && !root().join(path).exists() {
                    violations.push(format!("{}:{}: no `{path}`", file.path, at + 1));
                }
            }
        }
    }
    report(&violations);
}

/// The names under `[dependencies]` and its like in a Cargo.toml, with their lines.
fn dependencies(manifest: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (at, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside && let Some((name, _)) = line.split_once(" = ") {
            found.push((name, at + 1));
        }
    }
    found
}

#[test]
fn every_dependency_is_accounted_for() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap_or_default();
    let (manifest, document) = (read("Cargo.toml"), read("docs/dependencies.md"));
    let mut violations = Vec::new();
    let used = dependencies(&manifest);
    for (name, line) in &used {
        if !document.contains(&format!("| `{name}` |")) {
            violations.push(format!("Cargo.toml:{line}: `{name}` is not in docs/dependencies.md"));
        }
    }
    for (at, line) in document.lines().enumerate() {
        let listed = line.strip_prefix("| `").and_then(|rest| rest.split_once('`'));
        if let Some((name, _)) = listed
            && !used.iter().any(|(known, _)| *known == name)
        {
            violations.push(format!("docs/dependencies.md:{}: `{name}` is not used", at + 1));
        }
    }
    report(&violations);
}

#[test]
fn finds_paths_and_links() {
    let line = "See `src/lib.rs`, [this](a/b.md#c) and `[x](y)`, docs/<any>.md; https://a.b/src/x.";
    assert_eq!(project_paths(line), ["src/lib.rs"]);
    assert_eq!(link_targets(line), ["a/b.md"]);
}

#[test]
fn finds_dependencies() {
    let manifest = "[package]\na = 1\n[dependencies]\nb = \"1\"\n[target.'cfg(unix)'.dependencies]\nc = 2\n[profile]\nd = 3\n";
    assert_eq!(dependencies(manifest), [("b", 4), ("c", 6)]);
}
