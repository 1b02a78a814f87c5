//! The best first: a numbered list, `{top=3}` for how many.

use super::author::{self, Author};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `1. A`
pub struct Ranking;

impl Rules for Ranking {
    fn name(&self) -> &'static str {
        "ranking"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        // A place left open closes up: the order is what was meant.
        let places = (1..=places(question)).filter_map(|place| {
            let name = format!("{}.{place}", question.id);
            let code = fields.all(&name).find(|value| !value.is_empty())?;
            Some(code.to_owned())
        });
        let ranked: Vec<String> = places.collect();
        if ranked.iter().any(|code| !offered.has(code)) {
            return Reading::wrong(Problem::new("unknown-choice", &question.id));
        }
        let is_twice = |(at, code): (usize, &String)| ranked[..at].contains(code);
        if ranked.iter().enumerate().any(is_twice) {
            return Reading::wrong(Problem::new("ranking-twice", &question.id));
        }
        let answer = if ranked.is_empty() { Answer::Unanswered } else { Answer::Choices(ranked) };
        Reading::fine(answer)
    }

    fn missing(&self, question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
        if !question.required || self.is_whole(question, answer, offered) {
            return Vec::new();
        }
        if !answer.is_answered() {
            return vec![Problem::new("required", &question.id)];
        }
        let top = reachable(question, offered);
        vec![Problem::new("ranking-short", &question.id).with("top", top)]
    }

    fn is_whole(&self, question: &Question, answer: &Answer, offered: &Offered) -> bool {
        let ranked = if let Answer::Choices(ranked) = answer { ranked.len() } else { 0 };
        ranked >= reachable(question, offered)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        let Answer::Choices(ranked) = answer else { return Vec::new() };
        let places = ranked.iter().zip(1..);
        places.map(|(code, place)| (format!("{}.{place}", question.id), code.clone())).collect()
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let mut ranked = offered.choices.clone();
        rng.shuffle(&mut ranked);
        ranked.truncate(reachable(question, offered));
        if !question.required && rng.f32() < 0.2 {
            ranked.truncate(1);
        }
        if ranked.is_empty() { Answer::Unanswered } else { Answer::Choices(ranked) }
    }
}

impl Author for Ranking {
    fn attributes(&self) -> &'static [&'static str] {
        &["top", "shuffle", "from"]
    }

    fn of_choices(&self) -> &'static [&'static str] {
        &["#", "if", "pin"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.shuffle = source.attributes.has("shuffle");
        let top = author::whole(&source.attributes, "top", notes);
        question.top = top;
        let AnswersSource::List { items, .. } = &source.answers else { return };
        question.choices = author::choices(items, notes);
        let all = question.choices.len() as u32;
        if let (Some(top), Some(at)) = (top, source.attributes.find("top"))
            && top > all
        {
            notes
                .add(&c::MAX_OVER_CHOICES, at.span.clone())
                .arg("name", "top")
                .arg("value", top)
                .arg("count", all);
        }
        question.top = Some(top.unwrap_or(all));
    }
}

/// How many places there are.
fn places(question: &Question) -> usize {
    question.top.map_or(question.choices.len(), |top| top as usize)
}

/// How many of them can be filled.
fn reachable(question: &Question, offered: &Offered) -> usize {
    places(question).min(offered.choices.len())
}
