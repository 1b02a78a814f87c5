//! Somebody wants to be a member: what a panel's sign-up form was answered with. A record of its own, of
//! kind `signup`, that never comes near a response.

use serde::{Deserialize, Serialize};

use super::evaluate::{Context, Evaluation, evaluate};
use super::record::FORM;
use super::revalidate::{Unsound, fields_of};
use crate::survey::answer::{Answer, Answers};
use crate::survey::model::{Definition, Survey};

/// A sign-up as it is stored and sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    pub v: u32,
    /// 32 hex digits, random.
    pub uid: String,
    /// The form's slug, `panel/<slug>`.
    pub survey: String,
    /// The form's version: which words were agreed to.
    pub version: String,
    pub lang: String,
    /// `YYYY-MM-DD`.
    pub day: String,
    /// Where it was filled in, as conditions see it.
    pub channel: String,
    pub answers: Answers,
}

/// What is kept of a member, as far as it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    pub email: String,
    pub birth_year: Option<i16>,
    pub gender: Option<String>,
    pub district: Option<String>,
    pub education: Option<String>,
}

impl SignUp {
    /// The sign-up that `evaluation`, which has no problems, comes to.
    pub fn compose(
        survey: &Survey,
        evaluation: &Evaluation,
        uid: String,
        context: Context,
    ) -> SignUp {
        SignUp {
            v: FORM,
            uid,
            survey: survey.slug.clone(),
            version: survey.version.clone(),
            lang: survey.lang.clone(),
            day: context.today,
            channel: context.channel,
            answers: evaluation.answers.clone(),
        }
    }

    /// The answers by the fields of a member that the form ties them to.
    pub fn told(&self, survey: &Survey) -> Told {
        told(survey, &self.answers)
    }
}

/// The answers by the fields of a member that `survey` ties them to.
pub fn told(survey: &Survey, answers: &Answers) -> Told {
    let mut told = Told::default();
    for question in survey.questions() {
        let answer = answers.get(&question.id);
        let text = match answer {
            Some(Answer::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match question.maps.as_deref() {
            Some("email") => told.email = text.unwrap_or_default(),
            Some("birth-year") => {
                told.birth_year = match answer {
                    Some(Answer::Number(year)) => {
                        year.as_u64().and_then(|year| i16::try_from(year).ok())
                    }
                    _ => None,
                }
            }
            Some("gender") => told.gender = text,
            Some("district") => told.district = text,
            Some("education") => told.education = text,
            _ => {}
        }
    }
    told
}

/// Reads and judges a sign-up against the form it names: it has to be one that the form could have given.
pub fn revalidate_signup(body: &[u8], definition: &Definition) -> Result<SignUp, Unsound> {
    let signup: SignUp =
        serde_json::from_slice(body).map_err(|wrong| Unsound::Unreadable(wrong.to_string()))?;
    if signup.v != FORM {
        return Err(Unsound::Unreadable(format!("version {}", signup.v)));
    }
    if signup.survey != definition.slug || signup.version != definition.version {
        return Err(Unsound::OtherSurvey(signup.survey));
    }
    if signup.day.parse::<jiff::civil::Date>().is_err() || signup.day.len() != 10 {
        return Err(Unsound::Circumstances("day"));
    }
    if !definition.languages.iter().any(|survey| survey.lang == signup.lang) {
        return Err(Unsound::Circumstances("language"));
    }
    let survey = definition.in_language(&signup.lang);
    let context = Context { today: signup.day.clone(), channel: signup.channel.clone() };
    let evaluation = evaluate(survey, &fields_of(&signup.answers, survey), &context);
    if let Some(problem) = evaluation.problems.first() {
        return Err(Unsound::Answers(format!("{} at {}", problem.code, problem.question)));
    }
    match evaluation.answers == signup.answers {
        true => Ok(signup),
        false => Err(Unsound::Answers("they are not those of a walk".to_owned())),
    }
}
