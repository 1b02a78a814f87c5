//! Whole numbers in a row, `{scale=0..10}`, with labels at the ends and where the author likes.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, numeric};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::{self, Question, ScaleLabel, Text};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, ItemSource, QuestionSource};

/// `{scale=0..10}` over `- 0: Slet ikke`
pub struct Scale;

/// More boxes than this do not fit a phone in two rows.
const POINTS_MAX: i64 = 11;

impl Rules for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        let mut given: Vec<&str> = fields.all(&question.id).filter(|v| !v.is_empty()).collect();
        given.dedup();
        // Its points are written in one way only, as the page's own boxes send them.
        let point = |raw: &&str| {
            let mut points = question.scale.iter().flat_map(|scale| scale.from..=scale.to);
            points.find(|point| point.to_string() == *raw)
        };
        let points: Vec<Option<i64>> = given.iter().map(point).collect();
        match points.as_slice() {
            [] => Reading::fine(Answer::Unanswered),
            points if points.contains(&None) => {
                Reading::wrong(Problem::new("unknown-choice", &question.id))
            }
            [Some(point)] => Reading::fine(Answer::Number((*point).into())),
            _ => Reading::wrong(Problem::new("one-only", &question.id)),
        }
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        numeric::write(question, answer)
    }

    fn sample(&self, question: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let scale = question.scale.as_ref();
        scale.map_or(Answer::Unanswered, |scale| {
            Answer::Number(rng.i64(scale.from..=scale.to).into())
        })
    }
}

impl Author for Scale {
    fn keyword(&self) -> Option<&'static str> {
        Some("scale")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["scale"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        let Some(attribute) = source.attributes.find("scale") else { return };
        let Some((from, to)) = attribute.value.as_deref().and_then(read_range) else {
            let expected = [
                "two numbers, as in 0..10, 11 points at most",
                "to tal, fx 0..10, højst 11 punkter",
            ];
            author::note_value(attribute, expected, notes);
            return;
        };
        let labels = match &source.answers {
            AnswersSource::List { items, .. } => read_labels(items, from, to, notes),
            _ => {
                author::refuse_answers(source, "scale", notes);
                Vec::new()
            }
        };
        question.scale = Some(model::Scale { from, to, labels });
    }
}

fn read_range(value: &str) -> Option<(i64, i64)> {
    let (from, to) = value.split_once("..")?;
    let slipped = |end: &str| author::has_leading_zero(end.trim_start_matches('-'));
    if slipped(from) || slipped(to) {
        return None;
    }
    let (from, to) = (from.parse::<i32>().ok()?, to.parse::<i32>().ok()?);
    let (from, to) = (i64::from(from), i64::from(to));
    (from < to && to - from < POINTS_MAX).then_some((from, to))
}

fn read_labels(items: &[ItemSource], from: i64, to: i64, notes: &mut Notes) -> Vec<ScaleLabel> {
    let mut labels: Vec<ScaleLabel> = Vec::new();
    for item in items {
        let label = split_label(&item.text).filter(|label| {
            !holds_another(&label.text.plain)
                && (from..=to).contains(&label.value)
                && labels.iter().all(|earlier| earlier.value != label.value)
        });
        match label {
            Some(label) => labels.push(label),
            None => {
                notes.add(&c::SCALE_LABEL, item.span.clone()).arg("from", from).arg("to", to);
            }
        }
    }
    labels.sort_by_key(|label| label.value);
    labels
}

/// A label whose next line lost its dash: `Slet ikke 5: Hverken eller`.
fn holds_another(text: &str) -> bool {
    let mut words = text.split_whitespace().skip(1);
    words.any(|word| word.strip_suffix(':').is_some_and(|number| number.parse::<i64>().is_ok()))
}

/// `0: Slet ikke` as its number and its text.
pub fn split_label(text: &Text) -> Option<ScaleLabel> {
    let (number, plain) = text.plain.split_once(':')?;
    let (_, html) = text.html.split_once(':')?;
    let value = number.trim().replace('\u{2212}', "-").parse().ok()?;
    let text = Text { html: html.trim().to_owned(), plain: plain.trim().to_owned() };
    (!text.plain.is_empty()).then_some(ScaleLabel { value, text })
}
