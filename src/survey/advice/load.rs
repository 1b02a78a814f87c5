//! What is too much for one sitting, and answers that are asked for in vain.

use super::ranges::{self, Fault};
use crate::survey::catalogue as c;
use crate::survey::compile::File;
use crate::survey::frontmatter::FrontMatter;
use crate::survey::minutes::minutes;
use crate::survey::model::{Page, Question, Scale, Survey};
use crate::survey::settings::{Background, Sample, Settings};
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, PageSource, QuestionSource, span_of};

/// More choices than this are not read to the end on a phone.
const CHOICES_MAX: usize = 15;

/// More questions than this on a page look like a form to fill in.
const QUESTIONS_MAX: usize = 8;

/// After a quarter of an hour most people have left, on the web and at a kiosk alike.
const MINUTES_MAX: u32 = 15;

/// The survey's pages over all its files, beside what they were compiled from.
pub struct Row<'p, 'a> {
    pub pages: &'p [Page],
    /// One for each page.
    pub sources: &'p [&'p PageSource],
    pub files: &'p [File<'a>],
}

/// Judges pages and questions, each in the file it stands in.
pub fn load<'a>(row: &Row<'_, 'a>, settings: &Settings, notes: &mut Notes<'a>) {
    for (page, source) in row.pages.iter().zip(row.sources) {
        notes.file = row.files[source.origin].path;
        many_questions(page, source, notes);
        for (question, source) in page.questions.iter().zip(&source.questions) {
            notes.file = row.files[source.origin].path;
            many_choices(question, source, notes);
            if let Some(scale) = &question.scale {
                one_end(scale, source, notes);
            }
            numbers(question, source, notes);
            // A block is shared with surveys that ask anybody.
            if source.origin == 0 {
                asked_before(question, source, settings, notes);
            }
        }
    }
}

/// Judges the whole survey, at the keys of its front matter.
pub fn whole(survey: &Survey, settings: &Settings, front: &FrontMatter, notes: &mut Notes) {
    let estimate = minutes(survey);
    if let Some(title) = front.find("title").filter(|_| estimate > MINUTES_MAX) {
        let note = notes.add(&c::LONG_SURVEY, title.value_span.clone());
        note.arg("minutes", estimate).arg("max", MINUTES_MAX);
    }
    let asks = settings.sample == Sample::Panel && settings.background == Background::Ask;
    if let Some(key) = front.find("background").filter(|_| asks) {
        let note = notes.add(&c::ASKED_BEFORE, key.value_span.clone());
        note.phrase("field", "background", "baggrund");
    }
}

/// Questions that not everybody meets do not count: many of them may shut each other out.
fn many_questions(page: &Page, source: &PageSource, notes: &mut Notes) {
    let always = page.questions.iter().filter(|question| question.condition.is_none()).count();
    if always > QUESTIONS_MAX {
        let span = source.span.clone();
        notes.add(&c::LONG_PAGE, span).arg("count", always).arg("max", QUESTIONS_MAX);
    }
}

fn many_choices(question: &Question, source: &QuestionSource, notes: &mut Notes) {
    let listed = ["single", "multiple"].contains(&question.kind.rules().name());
    let always = question.choices.iter().filter(|choice| choice.condition.is_none()).count();
    if listed && !question.dropdown && question.map.is_none() && always > CHOICES_MAX {
        let span = source.span.clone();
        notes.add(&c::TOO_MANY_CHOICES, span).arg("count", always).arg("max", CHOICES_MAX);
    }
}

/// A scale of which only one end says what it means.
fn one_end(scale: &Scale, source: &QuestionSource, notes: &mut Notes) {
    let named = |value: i64| scale.labels.iter().any(|label| label.value == value);
    let missing = match (named(scale.from), named(scale.to)) {
        (true, false) => scale.to,
        (false, true) => scale.from,
        _ => return,
    };
    let AnswersSource::List { items, .. } = &source.answers else { return };
    // A label that could not be read has a message of its own.
    let all_read = items.len() == scale.labels.len();
    if let (true, Some(first), Some(last)) = (all_read, items.first(), items.last()) {
        let span = first.span.start..last.span.end;
        notes.add(&c::SCALE_ONE_END, span).arg("value", missing);
    }
}

fn numbers(question: &Question, source: &QuestionSource, notes: &mut Notes) {
    let AnswersSource::List { items, ordered: false, .. } = &source.answers else { return };
    if question.kind.rules().name() != "single" {
        return;
    }
    let texts: Vec<&str> = items.iter().map(|item| item.text.plain.as_str()).collect();
    for (at, fault) in ranges::faults(&texts) {
        let (entry, first, last) = match fault {
            Fault::Overlap(first, last) => (&c::RANGES_OVERLAP, first, last),
            Fault::Gap(first, last) => (&c::RANGES_GAP, first, last),
        };
        let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
        notes
            .add(entry, items[at].span.clone())
            .arg("numbers", numbers)
            .arg("one", texts[at - 1])
            .arg("other", texts[at]);
    }
}

/// Members told their background when they signed up.
fn asked_before(
    question: &Question,
    source: &QuestionSource,
    settings: &Settings,
    notes: &mut Notes,
) {
    let known = settings.sample == Sample::Panel || settings.background == Background::Panel;
    let field = question.maps.as_deref().filter(|_| known);
    if let Some([en, da]) = field.and_then(words_of) {
        let span = span_of(source.attributes.find("maps"), &source.span);
        notes.add(&c::ASKED_BEFORE, span).phrase("field", en, da);
    }
}

fn words_of(field: &str) -> Option<[&'static str; 2]> {
    Some(match field {
        "district" => ["district", "bydel"],
        "gender" => ["gender", "køn"],
        "birth-year" => ["year of birth", "fødselsår"],
        "age" => ["age", "alder"],
        "education" => ["education", "uddannelse"],
        "email" => ["e-mail address", "e-mailadresse"],
        _ => return None,
    })
}
