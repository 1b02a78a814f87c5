//! The pictures of the manual (docs/survey-language.md): each shows the last question of the example
//! above it, as a phone does.
//!
//! docs/pictures/kinds/made.txt keeps from which example each was made. Without `DOC_PICTURES` the tests
//! compare, and need no browser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use borgerpanel::server::app::Channel;
use borgerpanel::site::content;
use borgerpanel::survey::Definition;
use borgerpanel::survey::kinds;
use sha2::{Digest, Sha256};

use super::{Wanted, folder, still, touch, wanted};
use crate::authors::Desk;
use crate::browser::place::Place;
use crate::browser::{Browser, Options, PHONE};
use crate::diagnostics::{FRONT, SETTINGS, blocks};
use crate::manual::{beside, read};

/// A phone's width, and the sharpness of its screen.
const WIDTH: u32 = 400;
const SCALE: f64 = 1.5;
const QUALITY: u32 = 80;

/// What surrounds the question in a picture, CSS pixels.
const MARGIN: u32 = 14;

/// A longer question, a place with many areas, goes on below its picture.
const HEIGHT_MAX: u32 = 720;

/// All pictures together: the page has to open on a phone, too.
const BYTES_MAX: u64 = 600_000;

/// What is done to a question before its picture is taken: choices picked, clicks, and what is typed.
/// A picture shows more where something is answered.
const TOUCHED: &[(&str, &[&str])] = &[
    ("single", &["pick often-weekly"]),
    ("multiple", &["pick what-sport", "pick what-dog"]),
    ("other", &["pick how-other", "type #q-how-other-text Løbehjul"]),
    ("pictures", &["pick nice-bench"]),
    ("ranking", &["click #q-rank-play", "click #q-rank-trees"]),
    ("points", &["type #q-budget-trees 60", "type #q-budget-lights 30"]),
    ("matrix", &["pick rate-clean-3", "pick rate-safe-1"]),
    ("matrix-multiple", &["pick use-lakes-ends"]),
    ("differential", &["pick feel-pace-2"]),
    ("scale", &["pick nps-7"]),
    ("place", &["click .map [data-code=noerrebro]"]),
    ("number", &["type #q-far 2,5"]),
    ("year", &["type #q-moved 1999"]),
    ("date", &["type #q-seen 3.5.2026"]),
    ("time", &["type #q-up 8.30"]),
    ("postcode", &["type #q-post 2200"]),
    ("text", &["type #q-where Fælledparken"]),
    ("longtext", &["type #q-more Der mangler en bænk ved søen."]),
    ("consent", &["pick agree"]),
    ("check", &["type #q-people 2", "type #q-children 2", "click [data-action=send]"]),
];

/// A picture of the manual, and its example.
#[derive(Debug)]
struct Shown {
    /// Its file's name, without the ending.
    name: String,
    example: String,
}

impl Shown {
    fn digest(&self) -> String {
        let digest = Sha256::digest(self.example.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn path(&self) -> PathBuf {
        folder("kinds").join(format!("{}.webp", self.name))
    }
}

/// The pictures of the manual in their order.
fn shown() -> Vec<Shown> {
    let page = read("docs/survey-language.md");
    let lines: Vec<&str> = page.lines().collect();
    let examples = blocks(&lines, 0..lines.len());
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((_, path)) = line.split_once("src=\"pictures/kinds/") else { continue };
        let name = path.split(".webp\"").next().expect("a name").to_owned();
        let mut above = examples.iter().filter(|example| example.info == "markdown");
        let above = above.rfind(|example| example.lines.end <= at);
        let example = above.unwrap_or_else(|| panic!("{name} has no example")).text.clone();
        found.push(Shown { name, example });
    }
    found
}

/// A desk whose content is every example as a survey of its own, called as its picture.
fn desk(shown: &[Shown]) -> Desk {
    let desk = Desk::new();
    fs::remove_dir_all(desk.path("content")).expect("removed");
    let write = |name: &str, text: &str| {
        let path = desk.path("content").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write("site.toml", &format!("languages = [\"da\"]\n{SETTINGS}"));
    write("_index.md", "---\ntitle: Velkommen\n---\n");
    for file in beside() {
        write(file.info.trim_start_matches("text "), &file.text);
    }
    for one in shown {
        write(&format!("surveys/{}.md", one.name), &format!("{FRONT}{}", one.example));
    }
    desk
}

fn definitions(desk: &Desk) -> BTreeMap<String, Definition> {
    let content = content::load(&desk.path("content")).expect("the examples can be read");
    content.surveys.into_iter().map(|survey| (survey.slug.clone(), survey)).collect()
}

/// The id of the question a picture shows.
fn question(definition: &Definition) -> String {
    definition.base().questions().last().expect("an example asks something").id.clone()
}

fn made() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder("kinds").join("made.txt")).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(name, digest)| (name.to_owned(), digest.to_owned())).collect()
}

#[test]
fn every_kind_has_its_picture() {
    let shown = shown();
    let names: BTreeSet<&str> = shown.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), shown.len(), "a picture stands in the manual twice");
    let definitions = definitions(&desk(&shown));
    for rules in kinds::ALL {
        let name = rules.name();
        assert!(names.contains(name), "docs/survey-language.md has no picture of {name}");
        let last = definitions[name].base().questions().last();
        assert_eq!(last.expect("a question").kind.rules().name(), name, "the example of {name}");
    }
}

#[test]
fn doc_pictures_are_of_their_examples() {
    let shown = shown();
    let made = made();
    if wanted() != Wanted::None {
        let stale = |one: &&Shown| {
            wanted() == Wanted::All
                || !one.path().exists()
                || made.get(&one.name) != Some(&one.digest())
        };
        let stale: Vec<&Shown> = shown.iter().filter(stale).collect();
        make(&shown, &stale);
    }
    let made = self::made();
    let now: BTreeMap<String, String> =
        shown.iter().map(|one| (one.name.clone(), one.digest())).collect();
    assert_eq!(made, now, "make them: DOC_PICTURES=1 cargo test --test suite pictures");
    let mut bytes = 0;
    for one in &shown {
        bytes += fs::metadata(one.path()).expect("the picture is there").len();
    }
    assert!(bytes <= BYTES_MAX, "the pictures have {bytes} bytes");
}

/// Takes the pictures of `stale`, and says of all that they are made.
fn make(shown: &[Shown], stale: &[&Shown]) {
    fs::create_dir_all(folder("kinds")).expect("a folder");
    if !stale.is_empty() {
        let desk = desk(shown);
        let definitions = definitions(&desk);
        let place = Place::of(desk, Channel::Web, None);
        let Some(browser) = Browser::start(Options { width: WIDTH, ..PHONE }) else { return };
        // A bar at the side would take room that a phone does not give it.
        browser.ask("Emulation.setScrollbarsHidden", &serde_json::json!({"hidden": true}));
        for one in stale {
            let picture = take(&browser, &place, one, &question(&definitions[&one.name]));
            fs::write(one.path(), picture).expect("written");
        }
    }
    let lines = shown.iter().map(|one| format!("{} {}\n", one.name, one.digest()));
    let lines: BTreeSet<String> = lines.collect();
    let text: String = lines.into_iter().collect();
    fs::write(folder("kinds").join("made.txt"), text).expect("written");
}

fn take(browser: &Browser, place: &Place, one: &Shown, question: &str) -> Vec<u8> {
    browser.goto(&place.at(&format!("/s/{}/", one.name)));
    browser.click("[data-action=start]");
    let touches = TOUCHED.iter().find(|(name, _)| *name == one.name);
    for told in touches.map_or(&[][..], |(_, touches)| touches) {
        touch(browser, told);
    }
    still(browser);
    let area = "
        const box = document.querySelector(arguments[0]).getBoundingClientRect();
        const [margin, tallest] = [arguments[1], arguments[2]];
        return {
            x: 0, y: box.y + scrollY - margin,
            width: innerWidth, height: Math.min(box.height + 2 * margin, tallest),
        }";
    let css = format!("#question-{question}");
    let area = browser.run(area, vec![css.into(), MARGIN.into(), HEIGHT_MAX.into()]);
    browser.picture(&area, SCALE, QUALITY)
}
