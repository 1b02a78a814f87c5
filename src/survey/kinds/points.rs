//! Points to share: `{share=100}` over a list; the answers add up to the sum.

use std::collections::BTreeMap;

use super::author::{self, Author};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `{share=100}`
pub struct Points;

/// More than this nobody shares out in their head.
const SHARE_MAX: u32 = 1_000_000;

impl Rules for Points {
    fn name(&self) -> &'static str {
        "points"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        let share = u64::from(question.share.unwrap_or_default());
        let mut points = BTreeMap::new();
        let mut sum = 0;
        for choice in &offered.choices {
            let raw = fields.first(&field(question, choice)).unwrap_or_default();
            if normal::text(raw).is_empty() {
                continue;
            }
            let given = normal::decimal(raw).and_then(|number| number.to_json().as_u64());
            let Some(given) = given.filter(|given| *given <= share) else {
                let wrong = Problem::new("share-number", &question.id);
                return Reading::wrong(wrong.with("share", share));
            };
            sum += given;
            points.insert(choice.clone(), given.into());
        }
        if points.is_empty() {
            return Reading::fine(Answer::Unanswered);
        }
        if sum != share {
            let wrong = Problem::new("share-sum", &question.id);
            return Reading::wrong(wrong.with("share", share).with("sum", sum));
        }
        Reading::fine(Answer::Points(points))
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        let Answer::Points(points) = answer else { return Vec::new() };
        let fields = points.iter().map(|(choice, n)| (field(question, choice), n.to_string()));
        fields.collect()
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let mut left = question.share.unwrap_or_default();
        let mut points: BTreeMap<String, serde_json::Number> = BTreeMap::new();
        for (at, choice) in offered.choices.iter().enumerate() {
            let last = at + 1 == offered.choices.len();
            let given = if last { left } else { rng.u32(0..=left) };
            left -= given;
            points.insert(choice.clone(), given.into());
        }
        if points.is_empty() { Answer::Unanswered } else { Answer::Points(points) }
    }
}

impl Author for Points {
    fn keyword(&self) -> Option<&'static str> {
        Some("share")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["share", "shuffle", "unit", "from"]
    }

    fn of_choices(&self) -> &'static [&'static str] {
        &["#", "if", "pin"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.shuffle = source.attributes.has("shuffle");
        question.unit = source.attributes.value("unit").map(str::to_owned);
        question.share = author::whole(&source.attributes, "share", notes);
        if let (Some(share), Some(at)) = (question.share, source.attributes.find("share"))
            && share > SHARE_MAX
        {
            let expected = ["a whole number up to 1000000", "et helt tal op til 1000000"];
            author::note_value(at, expected, notes);
        }
        match &source.answers {
            AnswersSource::List { items, .. } => {
                question.choices = author::choices(items, notes);
                author::refuse_others(items, self.name(), notes);
            }
            AnswersSource::Nothing => author::note_no_list(source, notes),
            _ => author::refuse_answers(source, self.name(), notes),
        }
    }
}

fn field(question: &Question, choice: &str) -> String {
    format!("{}.{choice}", question.id)
}
