//! A response as a row: one cell for each column, and a code for why one is missing.

use jiff::civil::Date;
use serde_json::Number;

use super::Missing;
use super::variable::{Content, Source, Variable};
use crate::response::record::{Background, Response, Status};
use crate::survey::answer::Answer;
use crate::survey::model::{Definition, Question};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Code(i64),
    Number(f64),
    Words(String),
    Missing(Missing),
}

/// The row of a response that answered `asked`.
pub fn of(variables: &[Variable], response: &Response, asked: &Definition) -> Vec<Cell> {
    variables.iter().map(|variable| cell(variable, response, asked)).collect()
}

fn cell(variable: &Variable, response: &Response, asked: &Definition) -> Cell {
    let Some(of) = &variable.question else {
        return circumstance(variable, response, asked);
    };
    let question = asked.base().question(&of.id).filter(|one| one.shape() == of.shape);
    let (Some(question), Some(answer)) = (question, response.answers.get(&of.id)) else {
        return Cell::Missing(Missing::NotAsked);
    };
    match answer {
        Answer::Unanswered => Cell::Missing(Missing::NotAnswered),
        answer => answered(variable, question, answer),
    }
}

/// What every response has, asked or not.
fn circumstance(variable: &Variable, response: &Response, asked: &Definition) -> Cell {
    match &variable.source {
        Source::Channel => Cell::Words(response.channel.clone()),
        Source::Invited => Cell::Code(response.invited.into()),
        Source::Status => Cell::Words(
            match response.status {
                Status::Complete => "complete",
                Status::Partial => "partial",
                Status::Screened => "screened",
            }
            .to_owned(),
        ),
        Source::Week => Cell::Words(week(&response.day)),
        Source::Language => Cell::Words(response.lang.clone()),
        Source::DurationS => match response.duration_s {
            Some(seconds) => Cell::Number(seconds.into()),
            None => Cell::Missing(Missing::NotAnswered),
        },
        Source::Background(field) => {
            match (field_of(&response.background, field), &variable.content) {
                (Some(id), Content::Codes { .. }) => code(variable, id),
                _ if is_asked(asked, field) => Cell::Missing(Missing::NotAnswered),
                _ => Cell::Missing(Missing::NotAsked),
            }
        }
        Source::Flags => Cell::Words(response.flags.join(" ")),
        _ => Cell::Missing(Missing::NotAsked),
    }
}

/// Whether the survey asks for this part of the background itself.
fn is_asked(survey: &Definition, field: &str) -> bool {
    let maps = if field == "age" { "birth-year" } else { field };
    survey.base().questions().any(|question| question.maps.as_deref() == Some(maps))
}

/// `2026-W48` of `2026-11-27`: the day itself would narrow down who it was.
fn week(day: &str) -> String {
    let Ok(day) = day.parse::<Date>() else { return String::new() };
    let week = day.iso_week_date();
    format!("{}-W{:02}", week.year(), week.week())
}

pub(super) fn field_of<'a>(background: &'a Background, field: &str) -> Option<&'a str> {
    let found = match field {
        "district" => &background.district,
        "gender" => &background.gender,
        "education" => &background.education,
        _ => &background.age,
    };
    found.as_deref()
}

fn answered(variable: &Variable, question: &Question, answer: &Answer) -> Cell {
    match (&variable.source, answer) {
        (Source::Answer, Answer::Number(number)) => self::number(number),
        (Source::Answer, Answer::Text(text)) => match variable.content {
            Content::Words => Cell::Words(text.clone()),
            Content::Number => {
                text.parse().map_or(Cell::Missing(Missing::NotAnswered), Cell::Number)
            }
            Content::Codes { .. } if is_dont_know(&question.choices, text) => {
                Cell::Missing(Missing::DontKnow)
            }
            Content::Codes { .. } => code(variable, text),
        },
        (Source::Ticked { choice, dont_know }, Answer::Choices(chosen)) => {
            ticked(chosen, choice, dont_know.as_deref())
        }
        (Source::Place(place), Answer::Choices(ranked)) => {
            ranked.get(*place).map_or(Cell::Missing(Missing::NotAnswered), |id| code(variable, id))
        }
        // Points that were not written are none.
        (Source::Points(choice), Answer::Points(points)) => {
            points.get(choice).map_or(Cell::Number(0.0), number)
        }
        (Source::Row(row), Answer::Rows(rows)) => match rows.get(row) {
            Some(column) if is_dont_know(&question.columns, column) => {
                Cell::Missing(Missing::DontKnow)
            }
            Some(column) => code(variable, column),
            None => Cell::Missing(Missing::NotAnswered),
        },
        (Source::RowTicked { row, column, dont_know }, Answer::RowChoices(rows)) => {
            match rows.get(row) {
                Some(chosen) => ticked(chosen, column, dont_know.as_deref()),
                None => Cell::Missing(Missing::NotAnswered),
            }
        }
        // An answer of another form than its question has was not judged by this version.
        _ => Cell::Missing(Missing::NotAnswered),
    }
}

fn ticked(chosen: &[String], choice: &str, dont_know: Option<&str>) -> Cell {
    let has = |id: &str| chosen.iter().any(|one| one == id);
    match dont_know {
        Some(dont_know) if has(dont_know) => Cell::Missing(Missing::DontKnow),
        _ => Cell::Code(has(choice).into()),
    }
}

fn number(number: &Number) -> Cell {
    number.as_f64().map_or(Cell::Missing(Missing::NotAnswered), Cell::Number)
}

fn is_dont_know(choices: &[crate::survey::model::Choice], id: &str) -> bool {
    choices.iter().any(|choice| choice.dontknow && choice.id == id)
}

/// The code of a choice; a choice that this column does not know is missing.
fn code(variable: &Variable, id: &str) -> Cell {
    let Content::Codes { labels, ids, .. } = &variable.content else {
        return Cell::Missing(Missing::NotAnswered);
    };
    let place = ids.iter().position(|known| known == id);
    place.map_or(Cell::Missing(Missing::NotAnswered), |place| Cell::Code(labels[place].0))
}
