//! A stored response judged again, by the code that judged it at the kiosk: a kiosk key that was
//! stolen can forge a response, but not one that its survey could not have given.

use super::evaluate::{Context, evaluate};
use super::record::{FORM, Response, Status};
use crate::survey::answer::Answer;
use crate::survey::condition::{Operand, Value};
use crate::survey::fields::Fields;
use crate::survey::model::{Definition, Survey};

/// Why a stored response is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("it is not a response of version {FORM}: {0}")]
    Unreadable(String),
    #[error("it belongs to survey {0}")]
    OtherSurvey(String),
    #[error("its answers cannot have been given: {0}")]
    Answers(String),
}

/// Reads and judges `body` against the definition it names.
pub fn revalidate(body: &[u8], definition: &Definition) -> Result<Response, Unsound> {
    let response: Response =
        serde_json::from_slice(body).map_err(|wrong| Unsound::Unreadable(wrong.to_string()))?;
    if response.v != FORM {
        return Err(Unsound::Unreadable(format!("version {}", response.v)));
    }
    if response.survey != definition.slug || response.version != definition.version {
        return Err(Unsound::OtherSurvey(response.survey));
    }
    let survey = definition.in_language(&response.lang);
    if response.status != Status::Partial {
        check_answers(&response, survey)?;
    }
    Ok(response)
}

fn check_answers(response: &Response, survey: &Survey) -> Result<(), Unsound> {
    let context = Context { today: response.day.clone(), channel: response.channel.clone() };
    let fields = fields_of(response, survey);
    let evaluation = evaluate(survey, &fields, &context);
    // What became background was taken out before it was stored: nothing can be said about it, nor
    // about what a condition makes depend on it.
    let taken = |id: &str| survey.question(id).is_some_and(is_taken_out);
    let lenient = depends_on_taken(survey);
    let problem = evaluation.problems.iter().find(|problem| !taken(&problem.question));
    if let Some(problem) = problem.filter(|_| !lenient) {
        return Err(Unsound::Answers(format!("{} at {}", problem.code, problem.question)));
    }
    for (id, answer) in &response.answers {
        let sound = match evaluation.answers.get(id) {
            Some(judged) => judged == answer,
            None => lenient && survey_knows(survey, id),
        };
        if !sound {
            return Err(Unsound::Answers(format!("unexpected answer to {id}")));
        }
    }
    let unstored = |id: &&String| !response.answers.contains_key(*id) && !taken(id) && !lenient;
    match evaluation.answers.keys().find(unstored) {
        Some(id) => Err(Unsound::Answers(format!("no answer to {id}"))),
        None => Ok(()),
    }
}

/// Whether any condition looks at an answer that is not stored.
fn depends_on_taken(survey: &Survey) -> bool {
    let mut found = false;
    let mut see = |operand: &Operand, _: &[Value]| {
        found |= match operand {
            Operand::Q(id) | Operand::Count(id) | Operand::Row([id, _]) => {
                survey.question(id).is_some_and(is_taken_out)
            }
            Operand::Builtin(name) => name == "age",
        };
    };
    for page in &survey.pages {
        page.condition.iter().for_each(|condition| condition.visit(&mut see));
        for question in &page.questions {
            let choices = question.choices.iter().filter_map(|choice| choice.condition.as_ref());
            let rows = question.rows.iter().filter_map(|row| row.condition.as_ref());
            let all = question.condition.iter().chain(choices).chain(rows);
            all.for_each(|condition| condition.visit(&mut see));
        }
    }
    found
}

fn is_taken_out(question: &crate::survey::Question) -> bool {
    matches!(question.maps.as_deref(), Some("birth-year" | "email" | "age"))
}

fn survey_knows(survey: &Survey, id: &str) -> bool {
    survey.question(id.split('.').next().unwrap_or(id)).is_some()
}

/// The fields that a form with these answers would send.
fn fields_of(response: &Response, survey: &Survey) -> Fields {
    let mut fields = Vec::new();
    for (id, answer) in &response.answers {
        match (survey.question(id), answer) {
            (Some(question), answer) => {
                fields.extend(question.kind.rules().write(question, answer))
            }
            (None, Answer::Text(text)) => fields.push((format!("{id}.text"), text.clone())),
            (None, _) => {}
        }
    }
    Fields(fields)
}
