//! Answers that are kept away from the response: a prize draw, "kontakt mig". [`set_apart`] takes them
//! out of a walk; each becomes a record of its own ([`Private`]) under a random uid, and nothing in it
//! tells which response it came with: no day, no kiosk, no language, no background.

use serde::{Deserialize, Serialize};

use super::evaluate::Evaluation;
use super::record::FORM;
use crate::survey::answer::{Answer, Answers};
use crate::survey::model::Survey;

/// What was answered to one private question: the answer and, where there is one, the text of its
/// "other" choice.
#[derive(Debug, Clone, PartialEq)]
pub struct SetApart {
    pub answers: Answers,
}

/// A private record as it is stored; never changed, and never joined to a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Private {
    pub v: u32,
    /// 32 hex digits, random: nothing is computed from the response's.
    pub uid: String,
    pub survey: String,
    pub version: String,
    /// Of one question.
    pub answers: Answers,
}

impl SetApart {
    /// The record under this uid, which must be a fresh random one.
    pub fn under(&self, uid: String, survey: &str, version: &str) -> Private {
        Private {
            v: FORM,
            uid,
            survey: survey.to_owned(),
            version: version.to_owned(),
            answers: self.answers.clone(),
        }
    }
}

/// What the private questions of `survey` were answered with, one each. Those that were left open
/// give nothing: that somebody wants no part in the draw is nobody's business.
pub fn set_apart(survey: &Survey, evaluation: &Evaluation) -> Vec<SetApart> {
    let private = survey.questions().filter(|question| question.private);
    let answered = private
        .filter(|question| evaluation.answers.get(&question.id).is_some_and(Answer::is_answered));
    answered
        .map(|question| {
            let own = evaluation.answers.iter().filter(|(id, _)| belongs(id, &question.id));
            SetApart { answers: own.map(|(id, answer)| (id.clone(), answer.clone())).collect() }
        })
        .collect()
}

/// Takes every answer to a private question out, answered or not: what is left does not tell either.
pub(super) fn take_out(survey: &Survey, answers: &mut Answers) {
    answers.retain(|id, _| {
        !survey.questions().any(|question| question.private && belongs(id, &question.id))
    });
}

/// Whether `id` is the question's answer, as in `prize`, or a text of it, as in `prize.other`.
fn belongs(id: &str, question: &str) -> bool {
    id.split_once('.').map_or(id, |(before, _)| before) == question
}
