//! A stored response judged again, by the code that judged it at the kiosk: a kiosk key that was
//! stolen can forge a response, but not one that its survey could not have given.

use super::evaluate::{Context, evaluate};
use super::record::{FORM, Response, Status};
use crate::survey::answer::Answer;
use crate::survey::condition::{Operand, Value};
use crate::survey::fields::Fields;
use crate::survey::kinds::{Offered, Reading, wording};
use crate::survey::model::{Definition, Survey};
use crate::survey::normal;

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
    // Somebody who left half-way has not walked to the end; and where a condition looks at an answer
    // that became background and was taken out, the walk cannot be walked again.
    if response.status == Status::Partial || depends_on_taken(survey) {
        check_each(&response, survey)?;
    } else {
        check_walk(&response, survey)?;
    }
    Ok(response)
}

/// Every answer is one that its question could have got, whatever was asked before.
fn check_each(response: &Response, survey: &Survey) -> Result<(), Unsound> {
    let fields = fields_of(response, survey);
    for (id, answer) in &response.answers {
        let sound = match survey.question(id) {
            Some(question) => {
                let offered = Offered::all(question, &response.day);
                let reading = question.kind.rules().read(question, &fields, &offered);
                !is_taken_out(question) && reading == Reading::fine(answer.clone())
            }
            None => is_other_text(id, answer, survey),
        };
        if !sound {
            return Err(Unsound::Answers(format!("unexpected answer to {id}")));
        }
    }
    Ok(())
}

/// Whether `id` names an "other" choice, as in `what.other`, and `answer` is a text it can have.
fn is_other_text(id: &str, answer: &Answer, survey: &Survey) -> bool {
    let found = id.split_once('.').and_then(|(question, choice)| {
        survey.question(question)?.choice(choice).filter(|choice| choice.other)
    });
    let fits = |text: &String| normal::length(text) <= wording::OTHER_LENGTH_MAX;
    found.is_some() && matches!(answer, Answer::Text(text) if fits(text))
}

/// The same walk with the same answers comes to the same end.
fn check_walk(response: &Response, survey: &Survey) -> Result<(), Unsound> {
    let context = Context { today: response.day.clone(), channel: response.channel.clone() };
    let evaluation = evaluate(survey, &fields_of(response, survey), &context);
    let taken = |id: &str| survey.question(id).is_some_and(is_taken_out);
    if let Some(problem) = evaluation.problems.iter().find(|problem| !taken(&problem.question)) {
        return Err(Unsound::Answers(format!("{} at {}", problem.code, problem.question)));
    }
    for (id, answer) in &response.answers {
        if taken(id) || evaluation.answers.get(id) != Some(answer) {
            return Err(Unsound::Answers(format!("unexpected answer to {id}")));
        }
    }
    let unstored = |id: &&String| !response.answers.contains_key(*id) && !taken(id);
    match evaluation.answers.keys().find(unstored) {
        Some(id) => Err(Unsound::Answers(format!("no answer to {id}"))),
        None => Ok(()),
    }
}

/// Whether any condition looks at an answer that is not stored.
fn depends_on_taken(survey: &Survey) -> bool {
    let mut found = false;
    let is_taken = |operand: &Operand| match operand {
        Operand::Q(id) | Operand::Count(id) | Operand::Row([id, _]) => {
            survey.question(id).is_some_and(is_taken_out)
        }
        Operand::Builtin(name) => name == "age",
    };
    let mut see = |left: &Operand, values: &[Value]| {
        let right = |value: &Value| matches!(value, Value::Other(operand) if is_taken(operand));
        found |= is_taken(left) || values.iter().any(right);
    };
    for page in &survey.pages {
        page.condition.iter().for_each(|condition| condition.visit(&mut see));
        for question in &page.questions {
            let choices = question.choices.iter().filter_map(|choice| choice.condition.as_ref());
            let rows = question.rows.iter().filter_map(|row| row.condition.as_ref());
            let own = question.condition.iter().chain(question.check.as_ref());
            let all = own.chain(choices).chain(rows);
            all.for_each(|condition| condition.visit(&mut see));
        }
    }
    found
}

fn is_taken_out(question: &crate::survey::Question) -> bool {
    matches!(question.maps.as_deref(), Some("birth-year" | "email" | "age"))
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
