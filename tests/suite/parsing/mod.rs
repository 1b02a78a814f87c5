//! Any text at all as a survey: the stable twin of the fuzz targets (`fuzz/`), and what `fmt` makes
//! of made-up surveys. `SEED=…` repeats a run.

mod draft;
mod oracle;
mod seeds;

use std::fs;
use std::path::Path;

use fastrand::Rng;
use oracle::{CUT, Parts};
use proptest::prelude::*;

/// What the language is made of, and a little of what it is not.
const WORDS: &[&str] = &[
    "---\n",
    "\n",
    "\n\n",
    "title: A\n",
    "background: ask\n",
    "# ",
    "## ",
    "- ",
    "- ( ) ",
    "- [ ] ",
    "1. ",
    "____\n",
    "{#a}",
    "{#b required}",
    " {",
    "}",
    "\"",
    "#c",
    "if=\"a == b\"",
    "if=\"",
    "{{",
    "}}",
    "{{a or \"du\"}}",
    "{{include \"blocks/b.md\"}}",
    "| ",
    "|\n",
    "|--|--|\n",
    "<!-- ",
    "-->",
    "![x](a.png)",
    "[x](/y/)",
    "*",
    "**",
    "`",
    "```\n",
    "> ",
    "\\",
    "<b>",
    "&amp;",
    "æ",
    "e\u{301}",
    "…",
    "\r\n",
    "\u{feff}",
    "\t",
    "  ",
    "Hvad?",
    "a",
    "number",
    "scale=0..10",
    "place=m",
    "from=\"a chosen\"",
    "goto=end",
    "max=2",
    "0: ",
    "10: ",
    "\n%%%%\n",
    "\u{e000}",
    "\u{e001}",
    "\u{2016}",
    "maps=district",
    "share=100",
    "dontknow",
    "exclusive",
    "x dontknow",
    "consent",
];

/// A survey's beginning, so that a mixture is read as one.
const FRONT: &str = "---\ntitle: A\n---\n";

fn shipped() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/surveys");
    let files = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = files.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("UTF-8")).collect()
}

/// A run's seed, to be printed where it fails.
fn seed() -> u64 {
    let asked = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = asked.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    seed
}

/// A few pieces of `text` taken out, repeated, moved, or replaced by words of the language.
fn disturbed(text: &str, rng: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..6) {
        let mut cut = || {
            let mut at = rng.usize(..=text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (one, other) = (cut(), cut());
        let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 40));
        let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        let piece = text[start..end].to_owned();
        match rng.u8(..4) {
            0 => text.replace_range(start..end, ""),
            1 => text.insert_str(start, &piece.repeat(rng.usize(1..4))),
            _ => text.replace_range(start..end, rng.choice(WORDS).expect("words")),
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_a_survey_or_told_why_not(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        Parts::cut(&bytes).judge();
    }

    #[test]
    fn any_text_is_a_survey_or_told_why_not(text in "\\PC{0,200}") {
        Parts::survey(&text).judge();
        Parts::survey(&format!("{FRONT}{text}")).judge();
        oracle::judge_map(&text);
        oracle::judge_condition(&text);
    }

    #[test]
    fn any_mixture_of_words_is_a_survey_or_told_why_not(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..60)
    ) {
        let parts = Parts::cut(format!("{FRONT}{}", words.concat()).as_bytes());
        parts.judge();
        parts.judge_format();
    }

    #[test]
    fn any_condition_is_read_or_told_why_not(words in prop::collection::vec(prop::sample::select(
        &["a", "b.c", "(", ")", "and", "or", "not", "in", "has", "answered", "count(a)", "==", "!=",
          "<", "3", "'x y'", "'", ",", "=", "&", "æ", "08:30", "today"][..]
    ), 0..20)) {
        oracle::judge_condition(&words.join(" "));
        oracle::judge_condition(&words.concat());
    }
}

#[test]
fn a_shipped_survey_with_pieces_moved_is_still_judged() {
    let surveys = shipped();
    let mut rng = Rng::with_seed(seed());
    for _ in 0..200 {
        let text = disturbed(rng.choice(&surveys).expect("surveys"), &mut rng);
        let parts = Parts::survey(&text);
        parts.judge();
        parts.judge_format();
    }
}

#[test]
fn a_made_up_survey_with_pieces_moved_is_still_judged() {
    let mut rng = Rng::with_seed(seed());
    for _ in 0..300 {
        let base = draft::survey(&mut rng);
        let text = disturbed(&base, &mut rng);
        let english = disturbed(&base, &mut rng);
        let mut bytes = text.into_bytes();
        bytes.extend([CUT, CUT].concat());
        bytes.extend(english.bytes());
        let parts = Parts::cut(&bytes);
        parts.judge();
        parts.judge_format();
    }
}

#[test]
fn fmt_keeps_what_made_up_surveys_mean() {
    let mut rng = Rng::with_seed(seed());
    let (mut valid, mut drafts) = (0, 0);
    while valid < 300 {
        let mut text = draft::survey(&mut rng);
        if rng.bool() {
            text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        }
        let parts = Parts::cut(text.as_bytes());
        valid += usize::from(parts.judge().is_some());
        parts.judge_format();
        // Random conditions that nobody can fulfil are rightly refused: they say nothing of the drafts.
        drafts += usize::from(!parts.is_only_unreachable());
    }
    assert!(valid * 10 > drafts * 8, "only {valid} of {drafts} drafts were valid");
}
