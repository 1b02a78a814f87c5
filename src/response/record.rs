//! A response as it is stored: who answered what, as little as is needed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evaluate::{self, Context, Evaluation};
use super::{personal, private};
use crate::survey::answer::{Answer, Answers};
use crate::survey::model::{Page, Question, Survey};

/// Version of the stored form.
pub const FORM: u32 = 1;

/// What became of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Complete,
    Partial,
    /// A `goto` led to an ending of its own.
    Screened,
}

/// The background a response keeps: codes and an age group, never a birth year.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub education: Option<String>,
}

/// A response; never changed once stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    pub v: u32,
    /// 32 hex digits, random.
    pub uid: String,
    pub survey: String,
    pub version: String,
    pub channel: String,
    pub invited: bool,
    pub assisted: bool,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kiosk: Option<String>,
    pub lang: String,
    /// `YYYY-MM-DD`, and nothing finer.
    pub day: String,
    /// Seconds, to five; none without JavaScript.
    pub duration_s: Option<u32>,
    pub background: Background,
    pub answers: Answers,
    /// The order in which the choices of shuffled questions were shown.
    #[serde(default)]
    pub shown: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub flags: Vec<String>,
}

/// What is known of a response besides its answers.
#[derive(Debug, Clone)]
pub struct Circumstances {
    pub uid: String,
    pub kiosk: Option<String>,
    pub lang: String,
    pub duration_s: Option<u32>,
    pub shown: BTreeMap<String, Vec<String>>,
    pub context: Context,
}

/// Longer than a day is a form left open, not time spent.
const DURATION_MAX_S: u32 = 86_400;

/// The response that `evaluation`, which has no problems, comes to. `age_groups` are the site's, as
/// in `15-24` and `75+`. Private answers leave it without a trace: [`private::set_apart`] has them.
pub fn compose(
    survey: &Survey,
    evaluation: &Evaluation,
    about: Circumstances,
    age_groups: &[String],
) -> Response {
    let mut answers = evaluation.answers.clone();
    private::take_out(survey, &mut answers);
    let background = take_background(survey, &mut answers, &about.context.today, age_groups);
    Response {
        v: FORM,
        uid: about.uid,
        survey: survey.slug.clone(),
        version: survey.version.clone(),
        channel: about.context.channel,
        invited: false,
        assisted: false,
        status: if evaluation.ending.is_some() { Status::Screened } else { Status::Complete },
        kiosk: about.kiosk,
        lang: about.lang,
        day: about.context.today,
        duration_s: about.duration_s.map(to_five),
        background,
        shown: shown(survey, evaluation, about.shown),
        flags: personal::flags(&answers),
        answers,
    }
}

fn to_five(seconds: u32) -> u32 {
    (seconds.min(DURATION_MAX_S) + 2) / 5 * 5
}

/// Only orders of questions that were asked, that may be shuffled, and that name just their choices.
/// None of private ones: nothing of them stays.
fn shown(
    survey: &Survey,
    evaluation: &Evaluation,
    mut given: BTreeMap<String, Vec<String>>,
) -> BTreeMap<String, Vec<String>> {
    given.retain(|id, order| {
        let asked = evaluation.visible.contains(id);
        (asked && is_order_of_question(survey, id, order)) || is_order_of_page(survey, id, order)
    });
    given
}

/// Whether the survey could have been shown in this order.
pub(super) fn is_order(survey: &Survey, id: &str, order: &[String]) -> bool {
    is_order_of_question(survey, id, order) || is_order_of_page(survey, id, order)
}

/// Whether `order` is one of a shuffled question's choices or rows, each at most once.
fn is_order_of_question(survey: &Survey, id: &str, order: &[String]) -> bool {
    survey.question(id).is_some_and(|question| {
        let mut sorted: Vec<&String> = order.iter().collect();
        sorted.sort();
        sorted.dedup();
        question.shuffle
            && !question.private
            && sorted.len() == order.len()
            && order.iter().all(|code| is_part(question, code))
    })
}

/// What a shuffled question shows in another order: its rows, else its choices.
fn is_part(question: &Question, code: &str) -> bool {
    let is_row = question.rows.iter().any(|row| row.id == code);
    is_row || (question.rows.is_empty() && question.choice(code).is_some())
}

/// Whether `order` is one of a shuffled page's questions, `page.use`: each once, and no others.
fn is_order_of_page(survey: &Survey, id: &str, order: &[String]) -> bool {
    let named = |page: &&Page| id.strip_prefix("page.") == Some(page.id.as_str());
    let Some(page) = survey.pages.iter().find(named).filter(|page| page.shuffle) else {
        return false;
    };
    let mut given: Vec<&str> = order.iter().map(String::as_str).collect();
    let mut asked: Vec<&str> = page.questions.iter().map(|it| it.id.as_str()).collect();
    given.sort_unstable();
    asked.sort_unstable();
    given == asked
}

/// Takes the birth year out of the answers and says the rest as background.
fn take_background(
    survey: &Survey,
    answers: &mut Answers,
    today: &str,
    age_groups: &[String],
) -> Background {
    let age = evaluate::age(survey, answers, today);
    let mut background =
        Background { age: age.and_then(|age| group_of(age, age_groups)), ..Background::default() };
    for question in survey.questions() {
        let code = match answers.get(&question.id) {
            Some(Answer::Text(code)) => Some(code.clone()),
            _ => None,
        };
        match question.maps.as_deref() {
            Some("district") => background.district = code,
            Some("gender") => background.gender = code,
            Some("education") => background.education = code,
            // An exact age tells nearly as much as a birth year: the group is what is kept.
            Some("birth-year" | "email" | "age") => {
                answers.remove(&question.id);
            }
            _ => {}
        }
    }
    background
}

/// The group, as in `15-24` and `75+`, an age in years falls into; none where it falls into none.
pub fn group_of(age: f64, groups: &[String]) -> Option<String> {
    let holds = |group: &&String| {
        if let Some(from) = group.strip_suffix('+') {
            return from.parse::<f64>().is_ok_and(|from| age >= from);
        }
        let Some((from, to)) = group.split_once('-') else { return false };
        match (from.parse::<f64>(), to.parse::<f64>()) {
            (Ok(from), Ok(to)) => (from..to + 1.0).contains(&age),
            _ => false,
        }
    };
    groups.iter().find(holds).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fall_into_groups() {
        let groups = ["15-24".to_owned(), "25-34".to_owned(), "75+".to_owned()];
        assert_eq!(group_of(24.0, &groups).as_deref(), Some("15-24"));
        assert_eq!(group_of(25.0, &groups).as_deref(), Some("25-34"));
        assert_eq!(group_of(90.0, &groups).as_deref(), Some("75+"));
        assert_eq!(group_of(12.0, &groups), None);
    }

    #[test]
    fn durations_are_rounded_to_five_seconds() {
        assert_eq!([to_five(0), to_five(2), to_five(3), to_five(183)], [0, 0, 5, 185]);
        assert_eq!(to_five(u32::MAX), 86_400);
    }
}
