//! What the kinds whose answer is a day or a time of day share: limits, and how both are read.

use super::author;
use super::{Reading, single_value};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::{Limit, Question};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// The words of one of the kinds.
pub struct Words {
    /// `date-format`
    pub format: &'static str,
    /// `date-min`
    pub min: &'static str,
    /// `date-max`
    pub max: &'static str,
}

/// Reads what `read` understands, within the question's limits.
pub fn read(
    question: &Question,
    fields: &Fields,
    today: &str,
    words: &Words,
    read: impl Fn(&str) -> Option<String>,
) -> Reading {
    let Some(raw) = single_value(question, fields) else {
        return Reading::fine(Answer::Unanswered);
    };
    let Some(moment) = read(raw) else {
        return Reading::wrong(Problem::new(words.format, &question.id));
    };
    let limit = |limit: &Option<Limit>| {
        limit.as_ref().and_then(|limit| limit.moment(today)).map(str::to_owned)
    };
    if let Some(min) = limit(&question.min).filter(|min| moment < *min) {
        return Reading::wrong(Problem::new(words.min, &question.id).with("min", min));
    }
    if let Some(max) = limit(&question.max).filter(|max| moment > *max) {
        return Reading::wrong(Problem::new(words.max, &question.id).with("max", max));
    }
    Reading::fine(Answer::Text(moment))
}

/// Takes in `min` and `max` as the author wrote them.
pub fn limits(
    source: &QuestionSource,
    question: &mut Question,
    expected: [&str; 2],
    read: impl Fn(&str) -> Option<String>,
    notes: &mut Notes,
) {
    let mut limit = |name: &str| {
        let attribute = source.attributes.find(name)?;
        let limit = read(attribute.value.as_deref()?);
        if limit.is_none() {
            author::note_value(attribute, expected, notes);
        }
        limit.map(Limit::Text)
    };
    (question.min, question.max) = (limit("min"), limit("max"));
    if let (Some(Limit::Text(min)), Some(Limit::Text(max)), Some(at)) =
        (&question.min, &question.max, source.attributes.find("min"))
        && min > max
        && [min, max].iter().all(|limit| *limit != "today")
    {
        notes.add(&c::MIN_OVER_MAX, at.span.clone()).arg("min", min).arg("max", max);
    }
}
