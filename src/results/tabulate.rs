//! Which items a survey has, and what a stored response gives for each of them.
//!
//! A question is an item; of a matrix each row is. [`columns`] lists them once for a survey, and
//! [`Column::read`] is then called for every response. Asked but open is `null` in a response, not asked is
//! absent (docs/survey-json.md), so that the base of an item follows the route without walking it again.

use std::collections::HashMap;

use super::item::{Choice, Given, Item, Shape, Ticks};
use crate::response::evaluate::{Context, holds_of};
use crate::response::record::Response;
use crate::survey::answer::Answer;
use crate::survey::condition::{Condition, Operand};
use crate::survey::model::{self, Question, Survey};

/// A question without figures, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub question: String,
    pub why: Why,
}

/// Why a question has no figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Own words are never published as they were written.
    Words,
    /// A day, a time or a postcode: nearly every answer is another one.
    Exact,
    /// An address or a number of somebody's.
    Contact,
    /// Its answer is kept away from the response.
    Private,
    /// Nobody gets on without saying yes, so the only answer is that of everybody.
    Consent,
    /// It says who answered; figures are compared by it.
    Background,
}

/// How a stored answer becomes what is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// One code.
    One,
    /// One whole number, which is a code.
    Point,
    /// Codes; none of them where somebody passed by.
    Many,
    Ranked,
    Shared,
    Number,
    /// One code in a row.
    RowOne,
    /// Codes in a row.
    RowMany,
}

/// How one item is read.
#[derive(Debug, Clone)]
pub struct Column {
    question: String,
    row: Option<Row>,
    reader: Reader,
    places: HashMap<String, usize>,
    /// Of choices that only some can choose: which, and the condition; none where what it asks after is not kept
    /// with the answers.
    offers: Vec<(usize, Option<Condition>)>,
    /// The questions of its page: on paper one of them has to be answered for an empty one to count.
    page: Vec<String>,
}

#[derive(Debug, Clone)]
struct Row {
    id: String,
    condition: Option<Condition>,
}

/// The items of a survey in its order, still without answers, and how each is read.
pub fn columns(survey: &Survey) -> Vec<(Column, Item)> {
    let mut columns = Vec::new();
    for (at, page) in survey.pages.iter().enumerate() {
        let ids: Vec<String> = page.questions.iter().map(|one| one.id.clone()).collect();
        for question in page.questions.iter().filter(|one| reason(one).is_none()) {
            let routed = is_routed(survey, at, question);
            for (mut column, mut item) in of_question(question) {
                column.page.clone_from(&ids);
                column.offers = offers(survey, question);
                // Who cannot choose it is a structural zero that everybody knows of.
                item.totals_only |= !column.offers.is_empty();
                item.routed |= routed;
                columns.push((column, item));
            }
        }
    }
    columns
}

/// The questions that are no items.
pub fn left_out(survey: &Survey) -> Vec<LeftOut> {
    let without = survey.questions().filter_map(|question| Some((question, reason(question)?)));
    without.map(|(question, why)| LeftOut { question: question.id.clone(), why }).collect()
}

/// Why a question is no item; none where it is one.
pub(super) fn reason(question: &Question) -> Option<Why> {
    if question.private {
        return Some(Why::Private);
    }
    if question.maps.is_some() {
        return Some(Why::Background);
    }
    match question.kind.rules().name() {
        "text" | "longtext" => Some(Why::Words),
        "tel" | "email" => Some(Why::Contact),
        "consent" => Some(Why::Consent),
        "date" | "time" | "postcode" => Some(Why::Exact),
        _ => None,
    }
}

fn of_question(question: &Question) -> Vec<(Column, Item)> {
    let choices = &question.choices;
    match question.kind.rules().name() {
        "single" | "place" => {
            let list = listed(choices);
            let ordered = list.iter().any(|choice| choice.value.is_some());
            let shape = if ordered { Shape::Ordered } else { Shape::Single };
            vec![item(question, None, Reader::One, shape, list)]
        }
        "multiple" => vec![item(question, None, Reader::Many, Shape::Multiple, listed(choices))],
        "ranking" => {
            let places = question.top.unwrap_or(choices.len() as u32);
            let shape = Shape::Ranking { places };
            vec![item(question, None, Reader::Ranked, shape, listed(choices))]
        }
        "points" => vec![item(question, None, Reader::Shared, Shape::Budget, listed(choices))],
        "scale" => {
            let scale = question.scale.as_ref();
            let points = scale.into_iter().flat_map(|scale| scale.from..=scale.to);
            let points = points.map(|point| Choice {
                id: point.to_string(),
                value: Some(point as f64),
                exclusive: true,
            });
            vec![item(question, None, Reader::Point, Shape::Ordered, points.collect())]
        }
        "number" | "year" => vec![item(question, None, Reader::Number, Shape::Number, Vec::new())],
        "matrix" | "differential" => rows(question, Reader::RowOne, Shape::Ordered),
        "matrix-multiple" => rows(question, Reader::RowMany, Shape::Multiple),
        kind => unreachable!("`reason` leaves out {kind}, or a kind was added without its figures"),
    }
}

fn rows(question: &Question, reader: Reader, shape: Shape) -> Vec<(Column, Item)> {
    let rows = question.rows.iter();
    rows.map(|row| item(question, Some(row), reader, shape, listed(&question.columns))).collect()
}

fn item(
    question: &Question,
    row: Option<&model::Row>,
    reader: Reader,
    shape: Shape,
    choices: Vec<Choice>,
) -> (Column, Item) {
    let places = choices.iter().enumerate().map(|(at, choice)| (choice.id.clone(), at)).collect();
    let column = Column {
        question: question.id.clone(),
        row: row.map(|row| Row { id: row.id.clone(), condition: row.condition.clone() }),
        reader,
        places,
        offers: Vec::new(),
        page: Vec::new(),
    };
    let item = Item {
        question: question.id.clone(),
        row: row.map(|row| row.id.clone()),
        shape,
        choices,
        routed: row.is_some_and(|row| row.condition.is_some()),
        ticks: ticks(question),
        totals_only: false,
        given: Vec::new(),
    };
    (column, item)
}

/// How many choices whoever answers has to give, and may.
fn ticks(question: &Question) -> Ticks {
    let whole = |number: Option<f64>| number.map(|number| number.max(0.0) as u32);
    let any = Ticks::default();
    match question.kind.rules().name() {
        "multiple" => Ticks {
            // Who may pass it by may give none, whatever is asked of those who give some.
            least: if question.required { whole(question.least()).unwrap_or(1).max(1) } else { 0 },
            most: whole(question.most()).map_or(any.most, |most| most.max(1)),
        },
        "matrix-multiple" => Ticks { least: u32::from(question.required), ..any },
        "ranking" if question.required => {
            let places = question.top.unwrap_or(question.choices.len() as u32);
            Ticks { least: places, ..any }
        }
        _ => any,
    }
}

/// The choices of an item that stand behind a condition.
fn offers(survey: &Survey, question: &Question) -> Vec<(usize, Option<Condition>)> {
    let is_kept =
        |id: &String| survey.question(id).is_some_and(|one| !one.private && one.maps.is_none());
    let is_known = |operand: &Operand| match operand {
        Operand::Q(id) | Operand::Row([id, _]) | Operand::Count(id) => is_kept(id),
        Operand::Builtin(name) => name != "age",
    };
    let choices = if question.rows.is_empty() { &question.choices } else { &question.columns };
    let behind = choices.iter().enumerate().filter_map(|(at, choice)| {
        let condition = choice.condition.as_deref()?;
        Some((at, condition.operands().iter().all(is_known).then(|| condition.clone())))
    });
    behind.collect()
}

/// Choices with what each counts as in a mean: its own code, where all codes but "don't know" are numbers
/// that rise. Words have an order that only their author knows.
fn listed(choices: &[model::Choice]) -> Vec<Choice> {
    let number = |choice: &model::Choice| match choice.stands_alone() {
        true => None,
        false => choice.id.parse::<i64>().ok(),
    };
    let ordered = choices.iter().filter(|choice| !choice.stands_alone());
    let numbers: Option<Vec<i64>> = ordered.map(number).collect();
    let rise =
        |numbers: &Vec<i64>| numbers.len() > 1 && numbers.windows(2).all(|two| two[0] < two[1]);
    let has_values = numbers.as_ref().is_some_and(rise);
    let listed = choices.iter().map(|choice| Choice {
        id: choice.id.clone(),
        value: number(choice).filter(|_| has_values).map(|number| number as f64),
        exclusive: choice.stands_alone(),
    });
    listed.collect()
}

/// Whether not everybody who gets through the survey is asked: behind a condition of its own or its
/// page's, or past a skip.
fn is_routed(survey: &Survey, page: usize, question: &Question) -> bool {
    question.condition.is_some()
        || survey.pages[page].condition.is_some()
        || skips(survey, page, question).next().is_some()
}

/// The questions and choices that lead past `question`, on the page of this number. A skip to an ending takes
/// people out of every base, and out of none of them.
pub(super) fn skips<'a>(
    survey: &'a Survey,
    page: usize,
    question: &'a Question,
) -> impl Iterator<Item = (&'a Question, &'a model::Choice)> {
    let place = |id: &str| survey.pages.iter().position(|one| one.id == id);
    let is_ending = |id: &str| survey.endings.iter().any(|ending| ending.id == id);
    let own = survey.pages[page].questions.iter().position(|one| one.id == question.id);
    let choices = survey.pages.iter().take(page + 1).enumerate().flat_map(|(at, page)| {
        page.questions.iter().enumerate().flat_map(move |(order, one)| {
            one.choices.iter().map(move |choice| (at, order, one, choice))
        })
    });
    let leaps = move |at: usize, order: usize, choice: &model::Choice| {
        let Some(target) = choice.goto.as_deref().filter(|target| !is_ending(target)) else {
            return false;
        };
        // The rest of the skip's own page is passed over, too.
        (at < page || Some(order) < own) && place(target).is_none_or(|target| target > page)
    };
    choices
        .filter(move |(at, order, _, choice)| leaps(*at, *order, choice))
        .map(|(_, _, one, choice)| (one, choice))
}

/// A choice that only some of those who were asked could choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub question: String,
    /// Of a matrix.
    pub row: Option<String>,
    pub choice: usize,
    /// How many could; none where that is not kept with the answers.
    pub shown: Option<u32>,
    /// How many did.
    pub chosen: u32,
}

impl Column {
    /// The choices that only some can choose, as yet of nobody.
    pub fn offers(&self) -> Vec<Offer> {
        let none = |(choice, condition): &(usize, Option<Condition>)| Offer {
            question: self.question.clone(),
            row: self.row.as_ref().map(|row| row.id.clone()),
            choice: *choice,
            shown: condition.as_ref().map(|_| 0),
            chosen: 0,
        };
        self.offers.iter().map(none).collect()
    }

    /// Counts who could choose those, and who did.
    pub fn count(&self, survey: &Survey, response: &Response, given: &Given, offers: &mut [Offer]) {
        for (offer, (choice, condition)) in offers.iter_mut().zip(&self.offers) {
            let is_chosen = match given {
                Given::One(one) => one == choice,
                Given::Many(all) | Given::Ranked(all) => all.contains(choice),
                Given::Points(points) => points[*choice] > 0.0,
                Given::NotAsked | Given::Open | Given::Number(_) => false,
            };
            offer.chosen += u32::from(is_chosen);
            if let (Some(shown), Some(condition)) = (&mut offer.shown, condition) {
                let context = context(response);
                let holds = || holds_of(survey, &response.answers, &context, condition);
                *shown += u32::from(given.is_asked() && (is_chosen || holds()));
            }
        }
    }

    /// What a complete response gives for this item.
    pub fn read(&self, survey: &Survey, response: &Response) -> Given {
        match response.answers.get(&self.question) {
            None => Given::NotAsked,
            Some(answer) if self.row.is_some() => self.read_row(survey, response, answer),
            Some(answer) => self.given(answer).unwrap_or_else(|| self.open(response)),
        }
    }

    fn read_row(&self, survey: &Survey, response: &Response, answer: &Answer) -> Given {
        if let Some(given) = self.given(answer) {
            return given;
        }
        // Only an open row needs the condition; one that asks for an age, which is not stored, counts
        // as not asked.
        let condition = self.row.as_ref().and_then(|row| row.condition.as_ref());
        let context = context(response);
        let asked = condition.is_none_or(|it| holds_of(survey, &response.answers, &context, it));
        if asked { self.open(response) } else { Given::NotAsked }
    }

    /// An answer as given; none where it is open, or not one that this item can have.
    fn given(&self, answer: &Answer) -> Option<Given> {
        let row = self.row.as_ref().map(|row| row.id.as_str()).unwrap_or_default();
        match (self.reader, answer) {
            (Reader::One, Answer::Text(code)) => self.one(code),
            (Reader::Point, Answer::Number(number)) => self.one(&number.to_string()),
            (Reader::RowOne, Answer::Rows(rows)) => self.one(rows.get(row)?),
            (Reader::Many, Answer::Text(code)) => self.many(std::slice::from_ref(code)),
            (Reader::Many, Answer::Choices(codes)) => self.many(codes),
            (Reader::RowMany, Answer::RowChoices(rows)) => self.many(rows.get(row)?),
            (Reader::Ranked, Answer::Choices(codes)) => {
                let ranked: Vec<usize> =
                    codes.iter().filter_map(|code| self.places.get(code).copied()).collect();
                (!ranked.is_empty()).then_some(Given::Ranked(ranked))
            }
            (Reader::Shared, Answer::Points(points)) => {
                let mut shared = vec![0.0; self.places.len()];
                for (code, number) in points {
                    if let (Some(at), Some(number)) = (self.places.get(code), number.as_f64()) {
                        shared[*at] = number;
                    }
                }
                (shared.iter().sum::<f64>() > 0.0).then_some(Given::Points(shared))
            }
            (Reader::Number, Answer::Number(number)) => number.as_f64().map(Given::Number),
            _ => None,
        }
    }

    fn one(&self, code: &str) -> Option<Given> {
        self.places.get(code).copied().map(Given::One)
    }

    fn many(&self, codes: &[String]) -> Option<Given> {
        let mut ticked: Vec<usize> =
            codes.iter().filter_map(|code| self.places.get(code).copied()).collect();
        ticked.sort_unstable();
        (!ticked.is_empty()).then_some(Given::Many(ticked))
    }

    /// Asked, and nothing given. Where ticks are asked for, none of them is an answer of whoever came past
    /// the page: on a screen everybody who sent the form, on paper who answered something else on it.
    fn open(&self, response: &Response) -> Given {
        let ticks = matches!(self.reader, Reader::Many | Reader::RowMany);
        let answered = |id: &String| response.answers.get(id).is_some_and(Answer::is_answered);
        let passed = response.channel != "paper" || self.page.iter().any(answered);
        if ticks && passed { Given::Many(Vec::new()) } else { Given::Open }
    }
}

/// What conditions asked after when the response was given.
fn context(response: &Response) -> Context {
    Context { today: response.day.clone(), channel: response.channel.clone() }
}
