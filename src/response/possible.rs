//! What a question could have got. `could_be` asks it of an answer that a form sent, which is written in one way alone;
//! [`Judge`] of answers that came some other way, as in a file that somebody's script wrote: whole numbers as `7.0`, ticks in any
//! order. What cannot have been given is taken out there and counts as asked and left open; nobody knows what was meant.

use std::collections::{BTreeMap, HashMap};

use serde_json::Number;

use super::record::Response;
use super::revalidate::is_taken_out;
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::kinds::{Offered, Reading};
use crate::survey::model::{Definition, Limit, Question};
use crate::survey::normal;
use crate::survey::problem::Problem;

/// Signs of an answer that are said again.
const SAID_MAX: usize = 24;

/// Kinds whose answers are somebody's own words or address: they are not said again.
const OWN_WORDS: [&str; 5] = ["text", "longtext", "tel", "email", "postcode"];

/// Whether the question could have got this answer, all its choices and rows offered.
pub(super) fn could_be(question: &Question, answer: &Answer, fields: &Fields, day: &str) -> bool {
    let offered = Offered::all(question, day);
    question.kind.rules().read(question, fields, &offered) == Reading::fine(answer.clone())
}

/// Whether it is a day there is, and nothing finer.
pub fn is_day(day: &str) -> bool {
    day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok()
}

/// The question without limits that are `today`: where no day is known there is nothing to hold them against.
pub(super) fn without_today(question: &Question) -> Question {
    let mut question = question.clone();
    let is_today = |limit: &mut Limit| *limit == Limit::Text("today".to_owned());
    question.min.take_if(is_today);
    question.max.take_if(is_today);
    question
}

/// An answer that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    pub question: String,
    /// The statement of a matrix it was given to; none is the whole question.
    pub row: Option<String>,
    /// In words, as in "1e300 is no number that can be written in it".
    pub why: String,
}

impl Impossible {
    /// Whether it was the answer to this question, or to this row of it.
    pub fn is_of(&self, question: &str, row: Option<&str>) -> bool {
        self.question == question && (self.row.is_none() || self.row.as_deref() == row)
    }
}

/// Judges answers to one version of a survey, one response after the other.
pub struct Judge {
    slug: String,
    version: String,
    asked: HashMap<String, Asked>,
}

/// A question, and all that can be answered to it.
struct Asked {
    question: Question,
    /// The same where it is not known on which day it was asked.
    undated: Question,
    offered: Offered,
}

impl Judge {
    pub fn of(definition: &Definition) -> Judge {
        let questions = definition.base().questions().filter(|question| !is_taken_out(question));
        let asked = |question: &Question| Asked {
            undated: without_today(question),
            offered: Offered::all(question, ""),
            question: question.clone(),
        };
        Judge {
            slug: definition.slug.clone(),
            version: definition.version.clone(),
            asked: questions.map(|question| (question.id.clone(), asked(question))).collect(),
        }
    }

    /// Whether the response answers this very version; of others nothing is known.
    pub fn knows(&self, response: &Response) -> bool {
        response.survey == self.slug && response.version == self.version
    }

    /// Takes out what cannot have been given, and says what that was; of a matrix only the rows it is about. What the survey
    /// does not ask is none of its answers, and is left alone.
    pub fn settle(&mut self, response: &mut Response) -> Vec<Impossible> {
        let mut found = Vec::new();
        if !self.knows(response) {
            return found;
        }
        let day = Some(response.day.as_str()).filter(|day| is_day(day));
        for (id, answer) in &mut response.answers {
            if let Some(asked) = self.asked.get_mut(id) {
                asked.settle(answer, day, &mut found);
            }
        }
        found
    }
}

impl Asked {
    fn settle(&mut self, answer: &mut Answer, day: Option<&str>, found: &mut Vec<Impossible>) {
        if !self.is_choice(answer) && is_given(answer) {
            self.settle_by_form(answer, day, found);
        }
    }

    /// Whether it is one of the choices of a single choice, as most answers are: a form with it is read as just
    /// that, and need not be made.
    fn is_choice(&self, answer: &Answer) -> bool {
        let is_single = self.question.kind.rules().name() == "single";
        matches!(answer, Answer::Text(code) if is_single && self.offered.has(code))
    }

    fn settle_by_form(
        &mut self,
        answer: &mut Answer,
        day: Option<&str>,
        found: &mut Vec<Impossible>,
    ) {
        if self.question.kind.rules().is_moment() {
            day.unwrap_or_default().clone_into(&mut self.offered.today);
        }
        let question = if day.is_some() { &self.question } else { &self.undated };
        let given = in_our_form(question, std::mem::replace(answer, Answer::Unanswered));
        let impossible = |row, why| Impossible { question: question.id.clone(), row, why };
        let judge = |given: &Answer| judge(question, given, &self.offered);
        *answer = match (judge(&given), given) {
            (Ok(()), given) => given,
            (Err(_), Answer::Rows(rows)) => {
                let part = |(row, column): (&String, &String)| {
                    judge(&Answer::Rows([(row.clone(), column.clone())].into()))
                };
                let (rows, wrong) = parted(rows, part);
                found.extend(wrong.into_iter().map(|(row, why)| impossible(Some(row), why)));
                if rows.is_empty() { Answer::Unanswered } else { Answer::Rows(rows) }
            }
            (Err(_), Answer::RowChoices(rows)) => {
                let part = |(row, columns): (&String, &Vec<String>)| {
                    judge(&Answer::RowChoices([(row.clone(), columns.clone())].into()))
                };
                let (rows, wrong) = parted(rows, part);
                found.extend(wrong.into_iter().map(|(row, why)| impossible(Some(row), why)));
                if rows.is_empty() { Answer::Unanswered } else { Answer::RowChoices(rows) }
            }
            (Err(why), _) => {
                found.push(impossible(None, why));
                Answer::Unanswered
            }
        };
    }
}

/// The rows that can be, and why others cannot.
fn parted<T>(
    rows: BTreeMap<String, T>,
    judge: impl Fn((&String, &T)) -> Result<(), String>,
) -> (BTreeMap<String, T>, Vec<(String, String)>) {
    let (mut fine, mut wrong) = (BTreeMap::new(), Vec::new());
    for (row, given) in rows {
        match judge((&row, &given)) {
            Ok(()) => drop(fine.insert(row, given)),
            Err(why) => wrong.push((row, why)),
        }
    }
    (fine, wrong)
}

/// Whether anything was given: a script may write nothing in many ways.
fn is_given(answer: &Answer) -> bool {
    match answer {
        Answer::Unanswered => false,
        Answer::Number(_) => true,
        Answer::Text(text) => !normal::text(text).is_empty(),
        Answer::Choices(codes) => !codes.is_empty(),
        Answer::Rows(rows) => !rows.is_empty(),
        Answer::RowChoices(rows) => rows.values().any(|codes| !codes.is_empty()),
        Answer::Points(points) => !points.is_empty(),
    }
}

/// The answer with its numbers as a form gives them, and a tick that stands by itself as a list of one.
fn in_our_form(question: &Question, answer: Answer) -> Answer {
    match (question.kind.rules().name(), answer) {
        (_, Answer::Number(number)) => Answer::Number(in_digits(number)),
        (_, Answer::Points(points)) => {
            let plain = points.into_iter().map(|(choice, number)| (choice, in_digits(number)));
            Answer::Points(plain.collect())
        }
        ("multiple", Answer::Text(code)) => Answer::Choices(vec![code]),
        ("consent", Answer::Choices(codes)) if codes.len() == 1 => {
            codes.into_iter().next().map_or(Answer::Unanswered, Answer::Text)
        }
        (_, answer) => answer,
    }
}

/// `7.0` is 7, and 0.1 + 0.2 is 0.3: more than 15 digits are the noise of somebody's sum.
fn in_digits(number: Number) -> Number {
    let Some(value) = number.as_f64().filter(|_| number.is_f64()) else { return number };
    let value: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    let plain = if whole { Some((value as i64).into()) } else { Number::from_f64(value) };
    plain.unwrap_or(number)
}

/// Why the question cannot have got what was given, if it cannot: a form with it is read as something else.
fn judge(question: &Question, given: &Answer, offered: &Offered) -> Result<(), String> {
    let rules = question.kind.rules();
    let reading = rules.read(question, &Fields(rules.write(question, given)), offered);
    match reading.problems.first() {
        Some(problem) => Err(words(problem, question, given)),
        None if is_same(question, given, &reading.answer) => Ok(()),
        None => Err(otherwise(question, given)),
    }
}

/// Whether what was read is what was given, in whatever order ticks are and however a text is written.
fn is_same(question: &Question, given: &Answer, read: &Answer) -> bool {
    let ticks = |codes: &[String]| {
        let mut codes = codes.to_vec();
        codes.sort_unstable();
        codes
    };
    match (given, read) {
        (Answer::Text(_), Answer::Text(_)) => true,
        (Answer::Choices(given), Answer::Choices(read)) => {
            given == read || !is_ranking(question) && ticks(given) == ticks(read)
        }
        (Answer::RowChoices(given), Answer::RowChoices(read)) => {
            let given: Vec<_> = given.iter().filter(|(_, codes)| !codes.is_empty()).collect();
            let is_read = |(row, codes): &(&String, &Vec<String>)| {
                read.get(*row).is_some_and(|read| ticks(read) == ticks(codes))
            };
            given.len() == read.len() && given.iter().all(is_read)
        }
        _ => given == read,
    }
}

fn is_ranking(question: &Question) -> bool {
    question.kind.rules().name() == "ranking"
}

/// What is wrong, in words for whoever has the file.
fn words(problem: &Problem, question: &Question, given: &Answer) -> String {
    let value = |name: &str| problem.values.get(name).map(String::as_str).unwrap_or_default();
    let what = match problem.code.as_str() {
        "number-format" => "is no number that can be entered".to_owned(),
        "number-min" => format!("is less than {}", value("min")),
        "number-max" => format!("is more than {}", value("max")),
        "number-step" if value("step") == "1" => "is no whole number".to_owned(),
        "number-step" => format!("is not on a step of {}", value("step")),
        "unknown-choice" => "is none of its choices".to_owned(),
        "share-number" => format!("are not whole numbers of points from 0 to {}", value("share")),
        "share-sum" => format!("are {} points together and not {}", value("sum"), value("share")),
        "ranking-twice" => "gives one choice two places".to_owned(),
        "too-few" => format!("are fewer than {} choices", value("min")),
        "too-many" => format!("are more than {} choices", value("max")),
        "exclusive" => "has a choice that excludes all others".to_owned(),
        "too-long" => {
            format!("is {} signs long, of {} at most", value("length"), value("max"))
        }
        "date-format" => "is no day".to_owned(),
        "time-format" => "is no time of day".to_owned(),
        "date-min" | "time-min" => format!("is before {}", value("min")),
        "date-max" | "time-max" => format!("is after {}", value("max")),
        code => format!("is no answer to it ({code})"),
    };
    format!("{} {what}", said(question, given))
}

/// The same where a form would drop a part of it without a word.
fn otherwise(question: &Question, given: &Answer) -> String {
    let (places, choices) = (question.top.unwrap_or(u32::MAX) as usize, question.choices.len());
    let what = match given {
        Answer::Choices(ranks) if is_ranking(question) && ranks.len() > places.min(choices) => {
            format!("are more than {} places", places.min(choices))
        }
        Answer::Choices(_) if question.kind.rules().name() == "multiple" => {
            "names a choice twice".to_owned()
        }
        Answer::RowChoices(rows) if rows.keys().all(|row| has_row(question, row)) => {
            "names a choice twice".to_owned()
        }
        Answer::Rows(rows) if !rows.keys().all(|row| has_row(question, row)) => {
            "is given to a statement that it does not have".to_owned()
        }
        Answer::Points(_) if question.kind.rules().name() == "points" => {
            "are points for a choice that it does not have".to_owned()
        }
        _ => format!(
            "has not the form of an answer to a question of kind {}",
            question.kind.rules().name()
        ),
    };
    format!("{} {what}", said(question, given))
}

fn has_row(question: &Question, row: &str) -> bool {
    question.rows.iter().any(|one| one.id == row)
}

/// What was given, shortened; nobody's own words.
fn said(question: &Question, given: &Answer) -> String {
    let all = match given {
        _ if OWN_WORDS.contains(&question.kind.rules().name()) => return "it".to_owned(),
        Answer::Unanswered => String::new(),
        Answer::Number(number) => number.to_string(),
        Answer::Text(text) => text.clone(),
        Answer::Choices(codes) => codes.join(", "),
        Answer::Rows(rows) => rows.values().cloned().collect::<Vec<_>>().join(", "),
        Answer::RowChoices(rows) => rows.values().flatten().cloned().collect::<Vec<_>>().join(", "),
        Answer::Points(points) => {
            let each = points.iter().map(|(choice, number)| format!("{choice} {number}"));
            each.collect::<Vec<_>>().join(", ")
        }
    };
    let shown: String =
        all.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(SAID_MAX).collect();
    if shown.len() < all.len() { format!("`{shown}…`") } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests;
