//! A stored response judged again, by the code that judged it at the kiosk: a kiosk key that was
//! stolen can forge a response, but not one that its survey could not have given.

use super::evaluate::{Context, evaluate};
use super::letter::ByLetter;
use super::possible::{could_be, is_day, without_today};
use super::private::Private;
use super::record::{self, FORM, Response, Status};
use crate::survey::answer::{Answer, Answers};
use crate::survey::condition::{Operand, Value};
use crate::survey::fields::Fields;
use crate::survey::kinds::wording;
use crate::survey::model::{Definition, Question, Survey};
use crate::survey::normal;

/// Bounds of what stands beside the answers: a flag or a channel, a choice's id, and how many flags there
/// may ever be.
const WORD_BYTES_MAX: usize = 40;
const CODE_BYTES_MAX: usize = 200;
const FLAGS_MAX: usize = 16;

/// Why a stored response is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("it is not a response of version {FORM}: {0}")]
    Unreadable(String),
    #[error("it belongs to survey {0}")]
    OtherSurvey(String),
    #[error("its answers cannot have been given: {0}")]
    Answers(String),
    /// Beside the answers; what it is called, not what it says.
    #[error("its {0} cannot be")]
    Circumstances(&'static str),
}

/// Reads and judges `body` against the definition it names.
pub fn revalidate(body: &[u8], definition: &Definition) -> Result<Response, Unsound> {
    let response: Response =
        serde_json::from_slice(body).map_err(|wrong| Unsound::Unreadable(wrong.to_string()))?;
    check_response(&response, definition)?;
    Ok(response)
}

fn check_response(response: &Response, definition: &Definition) -> Result<(), Unsound> {
    if response.v != FORM {
        return Err(Unsound::Unreadable(format!("version {}", response.v)));
    }
    if response.survey != definition.slug || response.version != definition.version {
        return Err(Unsound::OtherSurvey(response.survey.clone()));
    }
    let survey = definition.in_language(&response.lang);
    check_circumstances(response, survey).map_err(Unsound::Circumstances)?;
    // Somebody who left half-way has not walked to the end; and where a condition looks at an answer
    // that became background and was taken out, the walk cannot be walked again.
    if response.status == Status::Partial || depends_on_taken(survey) {
        check_each(response, survey)
    } else {
        check_walk(response, survey)
    }
}

/// Judges an answer that was given with a letter's code, and what was set apart from it. Whether the code
/// opens anything is for others to say; how long it may be is not.
pub fn check_by_letter(letter: &ByLetter, definition: &Definition) -> Result<(), Unsound> {
    if letter.v != FORM {
        return Err(Unsound::Unreadable(format!("version {}", letter.v)));
    }
    if letter.code.len() > WORD_BYTES_MAX {
        return Err(Unsound::Circumstances("code"));
    }
    // Whoever was invited sends all of it, or nothing; and it counts, or is none.
    if letter.response.status == Status::Partial || letter.response.channel != "kiosk" {
        return Err(Unsound::Circumstances("status or channel"));
    }
    check_response(&letter.response, definition)?;
    let private = definition.base().questions().filter(|question| question.private).count();
    if letter.apart.len() > private {
        return Err(Unsound::Answers("more private answers than questions".to_owned()));
    }
    letter.apart.iter().try_for_each(|answers| check_apart(answers, definition))
}

/// What stands beside the answers is short and of its kind: here a forged response could hold megabytes
/// of anything.
fn check_circumstances(response: &Response, survey: &Survey) -> Result<(), &'static str> {
    let background = &response.background;
    let codes = [&background.district, &background.gender, &background.age, &background.education];
    let is_word = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=WORD_BYTES_MAX).contains(&word.len()) && word.bytes().all(fits)
    };
    let is_order = |(id, order): (&String, &Vec<String>)| record::is_order(survey, id, order);
    let checks = [
        ("channel", is_word(&response.channel)),
        ("language", response.lang.len() <= WORD_BYTES_MAX),
        ("day", is_day(&response.day)),
        ("background", codes.into_iter().flatten().all(|code| code.len() <= CODE_BYTES_MAX)),
        ("orders", response.shown.iter().all(is_order)),
        (
            "flags",
            response.flags.len() <= FLAGS_MAX && response.flags.iter().all(|flag| is_word(flag)),
        ),
    ];
    checks.into_iter().find(|(_, holds)| !holds).map_or(Ok(()), |(name, _)| Err(name))
}

/// Reads and judges a private record by itself: it knows nothing of the response it came with. Its
/// question is private in that version, and could have got the answer.
pub fn revalidate_private(body: &[u8], definition: &Definition) -> Result<Private, Unsound> {
    let private: Private =
        serde_json::from_slice(body).map_err(|wrong| Unsound::Unreadable(wrong.to_string()))?;
    if private.v != FORM {
        return Err(Unsound::Unreadable(format!("version {}", private.v)));
    }
    if private.survey != definition.slug || private.version != definition.version {
        return Err(Unsound::OtherSurvey(private.survey));
    }
    check_apart(&private.answers, definition)?;
    Ok(private)
}

fn check_apart(answers: &Answers, definition: &Definition) -> Result<(), Unsound> {
    let survey = definition.base();
    let asked = |id: &str| survey.question(id).filter(|question| question.private);
    let Some(question) = answers.keys().find_map(|id| asked(id)) else {
        return Err(Unsound::Answers("no private question is answered".to_owned()));
    };
    let question = without_today(question);
    let fields = fields_of(answers, survey);
    for (id, answer) in answers {
        let is_its_text = || id.split_once('.').is_some_and(|(before, _)| before == question.id);
        let sound = match *id == question.id {
            true => answer.is_answered() && could_be(&question, answer, &fields, ""),
            false => is_its_text() && is_other_text(id, answer, survey),
        };
        if !sound {
            return Err(Unsound::Answers(format!("unexpected answer to {id}")));
        }
    }
    Ok(())
}

/// Every answer is one that its question could have got, whatever was asked before.
fn check_each(response: &Response, survey: &Survey) -> Result<(), Unsound> {
    let fields = fields_of(&response.answers, survey);
    for (id, answer) in &response.answers {
        let sound = match survey.question(id) {
            Some(question) => {
                !is_taken_out(question) && could_be(question, answer, &fields, &response.day)
            }
            None => !is_taken_text(id, survey) && is_other_text(id, answer, survey),
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

/// Whether `id` names a text of a question that is taken out.
fn is_taken_text(id: &str, survey: &Survey) -> bool {
    let question = id.split_once('.').and_then(|(question, _)| survey.question(question));
    question.is_some_and(is_taken_out)
}

/// The same walk with the same answers comes to the same end.
fn check_walk(response: &Response, survey: &Survey) -> Result<(), Unsound> {
    let context = Context { today: response.day.clone(), channel: asked_on(response).to_owned() };
    let evaluation = evaluate(survey, &fields_of(&response.answers, survey), &context);
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

/// The channel that conditions looked at. Staff who try a kiosk out are asked as its visitors are,
/// and only the response says that it does not count.
fn asked_on(response: &Response) -> &str {
    match (&*response.channel, &response.kiosk) {
        ("preview", Some(_)) => "kiosk",
        (channel, _) => channel,
    }
}

/// Whether any condition looks at an answer that is not stored, or any way leads from one.
fn depends_on_taken(survey: &Survey) -> bool {
    let leads_on =
        |question: &Question| question.choices.iter().any(|choice| choice.goto.is_some());
    let mut found = survey.questions().any(|question| is_taken_out(question) && leads_on(question));
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
            let choices = question.choices.iter().filter_map(|choice| choice.condition.as_deref());
            let rows = question.rows.iter().filter_map(|row| row.condition.as_ref());
            let own = question.condition.iter().chain(question.check.as_ref());
            let all = own.chain(choices).chain(rows);
            all.for_each(|condition| condition.visit(&mut see));
        }
    }
    found
}

/// Private, or mapped to background: its answer is in no response.
pub(super) fn is_taken_out(question: &Question) -> bool {
    question.private || matches!(question.maps.as_deref(), Some("birth-year" | "email" | "age"))
}

/// The fields that a form with these answers would send.
pub(super) fn fields_of(answers: &Answers, survey: &Survey) -> Fields {
    let mut fields = Vec::new();
    for (id, answer) in answers {
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
