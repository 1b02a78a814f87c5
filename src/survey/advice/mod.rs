//! Advice: what makes a survey worse without making it wrong. Everything here is a warning.
//!
//! 1. [`wording`] reads the texts of one file, in its own language: sentences that are too long,
//!    LIX (`readability`), questions that push (`leading`) or ask two things (`doubled`), and scales
//!    with more on one side (`balance`).
//! 2. [`mod@load`] looks at the pages and questions of the base: too many of them or of their choices,
//!    numbers that overlap (`ranges`), scales named at one end, what members have told already.
//! 3. [`whole`] looks at the survey as a whole: how long it takes.
//!
//! `check --strict` makes failures of warnings, so each rule would rather miss a bad question than
//! blame a good one: `tests/suite/advice.rs` holds both. Words belong to a language; a survey in
//! another than Danish or English gets what needs no words.

mod balance;
mod doubled;
mod leading;
mod load;
mod place;
mod ranges;
mod readability;
pub mod sentence;

use std::ops::Range;

pub use load::{Row, load, whole};

use super::frontmatter::{self, Required};
use super::model::{Survey, Text};
use super::source::Notes;
use super::tree::{AnswersSource, QuestionSource, Tree};
use sentence::Count;

/// The language whose words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tongue {
    Danish,
    English,
}

impl Tongue {
    fn of(lang: &str) -> Option<Tongue> {
        match lang {
            "da" => Some(Tongue::Danish),
            "en" => Some(Tongue::English),
            _ => None,
        }
    }
}

/// A file whose words are judged.
struct Words<'a, 'n, 'f> {
    source: &'a str,
    tongue: Option<Tongue>,
    notes: &'n mut Notes<'f>,
}

impl Words<'_, '_, '_> {
    /// Where these words stand; the element's own place where they are not found.
    fn place(&self, words: &str, from: usize, otherwise: &Range<usize>) -> Range<usize> {
        place::find(self.source, from, words).unwrap_or_else(|| otherwise.clone())
    }
}

/// Judges the texts of the file at hand: `tree` was read from `source`.
pub fn wording(tree: &Tree, source: &str, lang: &str, notes: &mut Notes) {
    let mut words = Words { source, tongue: Tongue::of(lang), notes };
    if let Some(intro) = &tree.intro {
        let body = frontmatter::read(source, Required::No, &mut Notes::new("")).body;
        let line = source[body..].find(|sign: char| !sign.is_whitespace()).unwrap_or(0) + body;
        let end = source[line..].find('\n').map_or(source.len(), |at| line + at);
        prose(&mut words, intro, body, &(line..end));
    }
    for page in &tree.pages {
        if let Some(intro) = &page.intro {
            prose(&mut words, intro, page.span.start, &page.span);
        }
        for question in &page.questions {
            question_words(&mut words, question);
        }
    }
}

/// A text that explains.
fn prose(words: &mut Words, text: &Text, from: usize, otherwise: &Range<usize>) {
    readability::note(words, &text.plain, from, otherwise);
    leading::note(words, &text.plain, leading::In::Prose, from, otherwise);
}

fn question_words(words: &mut Words, question: &QuestionSource) {
    let (span, from) = (&question.span, question.span.start);
    readability::note(words, &question.text.plain, from, span);
    leading::note(words, &question.text.plain, leading::In::Heading, from, span);
    doubled::heading(words, question);
    for text in [&question.help, &question.note].into_iter().flatten() {
        prose(words, text, question.span.end, span);
    }
    if let AnswersSource::Table { rows, .. } = &question.answers {
        // The last cell of a semantic differential is a text, too.
        for cell in rows.iter().flatten() {
            doubled::row(words, &cell.text.plain, &cell.span);
        }
    }
    balance::note(words, question);
}

/// LIX of everything a visitor reads in sentences, for the summary of `check`.
pub fn lix(survey: &Survey) -> usize {
    let of = |text: &Option<Text>| Count::of(text.as_ref().map_or("", |text| &text.plain));
    let mut count = of(&survey.intro);
    for page in &survey.pages {
        count = count.and(of(&page.intro));
        for question in &page.questions {
            count = count.and(Count::of(&question.text.plain));
            count = count.and(of(&question.help)).and(of(&question.note));
        }
    }
    count.lix()
}
