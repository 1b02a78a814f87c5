//! docs/survey-language.md, the manual, docs/survey-reference.md, its tables, and the short guide in
//! Danish: every example compiles without a word against it, every kind, attribute and key is listed,
//! and every link leads to a heading.

use std::fs;
use std::path::Path;

use borgerpanel::survey::kinds::{self, author};
use borgerpanel::survey::vocabulary;

use crate::diagnostics::{Block, By, blocks, judge};

/// The pages whose examples are held.
const PAGES: [&str; 3] =
    ["docs/survey-language.md", "docs/survey-reference.md", "docs/da/undersoegelser.md"];

/// The page with the tables.
const REFERENCE: &str = PAGES[1];

/// Files of the project that examples name, and what they are called beside an example.
const BESIDE: [(&str, &str); 5] = [
    ("content/maps/districts.svg", "maps/districts.svg"),
    ("content/blocks/baggrund.md", "blocks/baggrund.md"),
    ("tests/fixtures/browser/billeder/traeer.svg", "surveys/billeder/traeer.svg"),
    ("tests/fixtures/browser/billeder/baenk.svg", "surveys/billeder/baenk.svg"),
    ("tests/fixtures/browser/billeder/soe.svg", "surveys/billeder/soe.svg"),
];

/// A file of the project.
pub fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is there")
}

/// The files beside an example, as they would stand on a page.
pub fn beside() -> Vec<Block> {
    let block = |(path, name): &(&str, &str)| Block {
        info: format!("text {name}"),
        text: read(path),
        lines: 0..0,
    };
    BESIDE.iter().map(block).collect()
}

/// The blocks of a page that are files of a site; commands and messages are not.
fn examples(lines: &[&str]) -> Vec<Block> {
    let all = blocks(lines, 0..lines.len()).into_iter();
    all.filter(|block| block.info.starts_with("markdown") || block.info.starts_with("svg"))
        .collect()
}

/// Examples that make one site: those of a section that have a file name. Without one an example is
/// a survey by itself.
fn sites(lines: &[&str]) -> Vec<Vec<Block>> {
    let mut sites: Vec<Vec<Block>> = Vec::new();
    for block in examples(lines) {
        let is_named = |block: &Block| block.info.contains(' ');
        let together = sites.last().is_some_and(|last| {
            let end = last.last().expect("a site has a file").lines.end;
            let heading = |line: &&str| line.starts_with('#');
            let between = &lines[end..block.lines.start];
            is_named(&block) && is_named(&last[0]) && !between.iter().any(heading)
        });
        match sites.last_mut() {
            Some(last) if together => last.push(block),
            _ => sites.push(vec![block]),
        }
    }
    sites
}

#[test]
fn every_example_of_the_manual_has_nothing_wrong() {
    for path in PAGES {
        let page = read(path);
        let lines: Vec<&str> = page.lines().collect();
        for site in sites(&lines) {
            let at = site[0].lines.start;
            let files = [beside(), site].concat();
            let (codes, told) = judge(&files, By::Reading);
            assert!(codes.is_empty(), "{path}:{at}\n{told}");
        }
    }
}

#[test]
fn the_manual_shows_enough() {
    let page = read(PAGES[0]);
    let lines: Vec<&str> = page.lines().collect();
    assert!(examples(&lines).len() > kinds::ALL.len());
}

#[test]
fn every_message_of_the_manual_is_one_that_check_gives() {
    let (page, goldens) = (read(PAGES[0]), read("docs/diagnostics.md"));
    let lines: Vec<&str> = page.lines().collect();
    for block in blocks(&lines, 0..lines.len()).iter().filter(|block| block.info == "text") {
        assert!(goldens.contains(&block.text), "not in docs/diagnostics.md:\n{}", block.text);
    }
}

#[test]
fn the_reference_lists_every_kind_and_attribute() {
    let page = read(REFERENCE);
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    let first_cells: Vec<&str> = rows.iter().filter_map(|row| row.split('|').nth(1)).collect();
    let listed = |word: &str| {
        let forms = [format!("`{word}`"), format!("`{word}="), format!("`{word}id`")];
        first_cells.iter().any(|cell| forms.iter().any(|form| cell.contains(form)))
    };
    for rules in kinds::ALL {
        let name = rules.name();
        assert!(first_cells.iter().any(|cell| cell.trim() == name), "the kind {name}");
        for attribute in rules.attributes() {
            assert!(listed(attribute), "the attribute {attribute} of {name}");
        }
    }
    let parts = [author::COMMON, author::OF_CHOICE, author::OF_COLUMN, author::OF_ROW].concat();
    for attribute in parts {
        assert!(listed(attribute), "the attribute {attribute}");
    }
    for attribute in vocabulary::ATTRIBUTES {
        assert!(listed(attribute.name), "the attribute {}", attribute.name);
    }
    for key in vocabulary::KEYS {
        assert!(listed(key.name), "the key {} of the front matter", key.name);
    }
}

/// The headings of a page as a code host names them in addresses.
fn anchors(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut anchors = Vec::new();
    for line in page.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced && line.starts_with('#') {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || "_- ".contains(*c));
            anchors.push(kept.collect::<String>().replace(' ', "-"));
        }
    }
    anchors
}

/// The links of a page that lead to a heading: the page, and the heading.
fn links(page: &str) -> Vec<(&str, &str)> {
    let targets = page.split("](").skip(1).filter_map(|after| after.split(')').next());
    let targets = targets.filter(|target| !target.contains("://"));
    targets.filter_map(|target| target.split_once('#')).collect()
}

#[test]
fn every_link_of_the_manual_leads_to_a_heading() {
    for path in PAGES {
        let page = read(path);
        let (folder, _) = path.rsplit_once('/').expect("the pages lie in docs");
        for (to, heading) in links(&page) {
            let there = match to {
                "" => anchors(&page),
                to => anchors(&read(&format!("{folder}/{to}"))),
            };
            assert!(there.iter().any(|known| known == heading), "{path}: no {to}#{heading}");
        }
    }
}
