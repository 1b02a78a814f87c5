//! What fuzzing begins with: the shipped surveys, the examples of docs/diagnostics.md, the language's
//! words, and the protocol's test vectors.
//!
//! `cargo test --test suite parsing::seeds -- --ignored` writes `fuzz/corpus` (about 1 MB, not
//! committed).

use std::fs;
use std::path::{Path, PathBuf};

use borgerpanel::survey::vocabulary;

use super::oracle::CUT;
use crate::protocol;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|wrong| panic!("{path}: {wrong}"))
}

/// The blocks between fences of a page: what stands behind the fence, and the text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        if line.starts_with("```") {
            open = !open;
            if open {
                found.push((line.trim_start_matches('`').to_owned(), String::new()));
            }
        } else if let (true, Some((_, text))) = (open, found.last_mut()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    found
}

/// The files of each example, as one input.
fn examples(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut parts = [const { String::new() }; 4];
    for (info, text) in blocks(page) {
        let name = info.split_once(' ').map_or("", |(_, name)| name);
        let at = match name {
            _ if info == "text" => {
                found.push(parts.join("\n%%%%\n"));
                parts = Default::default();
                continue;
            }
            name if name.ends_with(".svg") => 3,
            name if name.ends_with(".en.md") => 2,
            name if name.starts_with("blocks/") => 1,
            _ => 0,
        };
        let front = if at == 0 && !text.starts_with("---") { "---\ntitle: A\n---\n" } else { "" };
        parts[at] = format!("{front}{text}");
    }
    found.push(parts.join("\n%%%%\n"));
    found
}

fn shipped() -> Vec<String> {
    let block = read("content/blocks/baggrund.md");
    let cut = String::from_utf8_lossy(CUT);
    let folder = fs::read_dir(root().join("content/surveys")).expect("the folder is there");
    let names = folder.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut slugs: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".en.md").map(str::to_owned)).collect();
    slugs.sort();
    let file = |slug: &str, ending| read(&format!("content/surveys/{slug}{ending}"));
    let surveys = slugs.iter().map(|slug| [file(slug, ".md"), block.clone(), file(slug, ".en.md")]);
    surveys.map(|files| files.join(&cut)).chain([read("tests/fixtures/example.md")]).collect()
}

const MAPS: &[&str] = &[
    "<svg viewBox=\"0 0 9 9\"><rect x=\"0\"/><g id=\"v\"><title>V</title><path d=\"M0 0h9z\"/></g>\
     <path id=\"w\" d=\"M0 0h9z\"><title xml:lang=\"en\">W</title></path></svg>",
    "<?xml version=\"1.0\"?><!DOCTYPE svg><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4px\" \
     height=\"3\" viewBox=\"0 0 4 3\"><g><g><path d=\"M0 3h4\"/></g></g></svg>",
];

fn write(target: &str, seeds: &[impl AsRef<[u8]>]) {
    let folder: PathBuf = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder");
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed).expect("written");
    }
}

#[test]
#[ignore = "writes fuzz/corpus, for those who fuzz"]
fn writes_what_fuzzing_begins_with() {
    let mut surveys = shipped();
    surveys.extend(examples(&read("docs/diagnostics.md")));
    surveys.extend(examples(&read("docs/survey-language.md")));
    let conditions: Vec<String> = surveys
        .iter()
        .flat_map(|text| text.split("if=\"").skip(1))
        .filter_map(|rest| rest.split_once('"').map(|(condition, _)| condition.to_owned()))
        .collect();
    write("survey", &surveys);
    write("fmt", &surveys);
    write("condition", &conditions);
    write("map", MAPS);
    for (target, seeds) in protocol::seeds() {
        write(target, &seeds);
    }
}

#[test]
fn the_dictionary_has_every_word_of_the_language() {
    let dictionary = read("fuzz/survey.dict");
    for attribute in vocabulary::ATTRIBUTES {
        let equals = if attribute.value.is_some() { "=" } else { "" };
        let line = format!("\"{}{equals}\"", attribute.name);
        assert!(dictionary.lines().any(|known| known == line), "{line} is not in it");
    }
    for key in vocabulary::KEYS {
        let line = format!("\"{}: \"", key.name);
        assert!(dictionary.lines().any(|known| known == line), "{line} is not in it");
    }
}
