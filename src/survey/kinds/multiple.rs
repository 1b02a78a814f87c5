//! Several of several choices, `{min=1 max=3}` of them.

use super::author::{self, Author};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::{Choice, Question};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `- [ ] A`
pub struct Multiple;

impl Rules for Multiple {
    fn name(&self) -> &'static str {
        "multiple"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        let given: Vec<&str> = fields.all(&question.id).filter(|value| !value.is_empty()).collect();
        if given.iter().any(|code| !offered.has(code)) {
            return Reading::wrong(Problem::new("unknown-choice", &question.id));
        }
        let chosen: Vec<&Choice> =
            question.choices.iter().filter(|choice| given.contains(&choice.id.as_str())).collect();
        match wrong_count(question, &chosen) {
            Some(problem) => Reading::wrong(problem),
            None if chosen.is_empty() => Reading::fine(Answer::Unanswered),
            None => Reading::fine(Answer::Choices(
                chosen.iter().map(|choice| choice.id.clone()).collect(),
            )),
        }
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        match answer {
            Answer::Choices(codes) => {
                codes.iter().map(|code| (question.id.clone(), code.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let stands_alone = |id: &str| question.choice(id).is_some_and(Choice::stands_alone);
        let (alone, mut together): (Vec<String>, Vec<String>) =
            offered.choices.iter().cloned().partition(|id| stands_alone(id));
        if together.is_empty() || (!alone.is_empty() && rng.f32() < 0.1) {
            let one = rng.choice(&alone).cloned();
            return one.map_or(Answer::Unanswered, |code| Answer::Choices(vec![code]));
        }
        let least = question.least().map_or(1, |min| min as usize).clamp(1, together.len());
        let most =
            question.most().map_or(together.len(), |max| max as usize).clamp(least, together.len());
        rng.shuffle(&mut together);
        together.truncate(rng.usize(least..=most));
        let in_order = question.choices.iter().map(|choice| choice.id.clone());
        Answer::Choices(in_order.filter(|id| together.contains(id)).collect())
    }
}

impl Author for Multiple {
    fn attributes(&self) -> &'static [&'static str] {
        &["min", "max", "shuffle", "from", "multiple"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.shuffle = source.attributes.has("shuffle");
        if let AnswersSource::List { items, .. } = &source.answers {
            question.choices = author::choices(items, notes);
        }
        author::limits(source, question, notes);
        for name in ["min", "max"] {
            // Half a choice cannot be ticked.
            author::whole(&source.attributes, name, notes);
        }
        note_unreachable_limits(source, question, notes);
    }
}

/// An exclusive choice that stands alone is enough whatever `min` says.
fn wrong_count(question: &Question, chosen: &[&Choice]) -> Option<Problem> {
    let alone = chosen.iter().any(|choice| choice.stands_alone());
    if chosen.is_empty() || (alone && chosen.len() == 1) {
        return None;
    }
    let count = chosen.len() as f64;
    if let Some(min) = question.least().filter(|min| count < *min) {
        return Some(Problem::new("too-few", &question.id).with("min", min));
    }
    if let Some(max) = question.most().filter(|max| count > *max) {
        return Some(Problem::new("too-many", &question.id).with("max", max));
    }
    alone.then(|| Problem::new("exclusive", &question.id))
}

fn note_unreachable_limits(source: &QuestionSource, question: &Question, notes: &mut Notes) {
    let together = question.choices.iter().filter(|choice| !choice.stands_alone()).count();
    for (name, value) in [("min", question.least()), ("max", question.most())] {
        if let (Some(value), Some(at)) = (value, source.attributes.find(name))
            && value > together as f64
        {
            notes
                .add(&c::MAX_OVER_CHOICES, at.span.clone())
                .arg("name", name)
                .arg("value", value)
                .arg("count", together);
        }
    }
}
