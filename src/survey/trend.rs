//! `{trend="groenne-2025.rate"}`: a question compared with one of an earlier survey. The same answers
//! are required; other words are fine, and are shown beside the figures.

use std::ops::Range;

use super::catalogue as c;
use super::model::Definition;
use super::source::{Notes, suggest};
use crate::diag::Diagnostic;

/// A question that says what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// The survey that says so, and its question.
    pub survey: String,
    pub question: String,
    /// Where it says so: the file, and the attribute's value in it.
    pub file: String,
    pub span: Range<usize>,
    /// As written: `groenne-2025.rate`.
    pub earlier: String,
}

/// A question that a survey has from a block: the same one in every survey that includes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub survey: String,
    pub question: String,
    /// The file of the block.
    pub block: String,
}

/// What is wrong with `trends`, judged when every survey of a site is known.
pub fn check(trends: &[Trend], surveys: &[Definition]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for trend in trends {
        let mut notes = Notes::new(&trend.file);
        check_one(trend, surveys, &mut notes);
        found.append(&mut notes.list);
    }
    found
}

fn check_one(trend: &Trend, surveys: &[Definition], notes: &mut Notes) {
    let (slug, id) = trend.earlier.split_once('.').unwrap_or((&trend.earlier, ""));
    let Some(earlier) = surveys.iter().find(|definition| definition.slug == slug) else {
        let slugs: Vec<&str> = surveys.iter().map(|definition| definition.slug.as_str()).collect();
        let note = notes.add(&c::TREND_UNKNOWN, trend.span.clone());
        suggest(note.arg("name", slug), slug, slugs);
        note.fix = None;
        return;
    };
    let Some(before) = earlier.base().question(id) else {
        let ids: Vec<&str> = earlier.base().questions().map(|one| one.id.as_str()).collect();
        let note = notes.add(&c::TREND_UNKNOWN, trend.span.clone());
        suggest(note.arg("name", format!("{slug}.{id}")), id, ids);
        note.fix = None;
        return;
    };
    let own = surveys.iter().find(|definition| definition.slug == trend.survey);
    let Some(now) = own.and_then(|own| own.base().question(&trend.question)) else { return };
    if before.shape() != now.shape() {
        notes
            .add(&c::TREND_DIFFERS, trend.span.clone())
            .arg("name", &now.id)
            .arg("earlier", &trend.earlier);
    }
}
