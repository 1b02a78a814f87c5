//! Made-up answers that a survey could have had: for the demo, for the preview, and for tests that
//! need many.

use super::evaluate::{Context, evaluate};
use crate::survey::fields::Fields;
use crate::survey::kinds::Offered;
use crate::survey::model::{Question, Survey};

/// How often a question that need not be answered is left open.
const LEFT_OPEN: f32 = 0.08;

/// How often an answer is looked for that breaks no rule; then the question is left open.
const TRIES: u32 = 20;
/// The same where nothing may be left open: one answer of a hundred may be the only one that agrees
/// with what was answered before.
const TRIES_WHOLE: u32 = 1000;

/// The fields of a form filled in at random, without problems. Every choice has its chance, so that
/// many of them take every route.
pub fn fill_in(survey: &Survey, context: &Context, rng: &mut fastrand::Rng) -> Fields {
    let mut filling = Filling { survey, context, fields: Fields::default(), whole: false };
    for question in survey.questions() {
        filling.answer(question, rng);
    }
    let mut fields = filling.fields;
    let_go(survey, context, &mut fields);
    fields
}

/// A form that was begun, with other answers to all questions of `page`, or of every page. They go
/// with what is given on the pages before.
pub fn fill_in_page(
    survey: &Survey,
    page: Option<&str>,
    given: Fields,
    context: &Context,
    rng: &mut fastrand::Rng,
) -> Fields {
    let pages = survey.pages.iter().filter(|one| page.is_none_or(|id| id == one.id));
    let questions: Vec<&Question> = pages.flat_map(|page| &page.questions).collect();
    let mut filling = Filling { survey, context, fields: given, whole: true };
    for question in &questions {
        filling.forget(question);
    }
    for question in questions {
        filling.answer(question, rng);
    }
    filling.fields
}

/// A form on its way from the first question to the last.
struct Filling<'a> {
    survey: &'a Survey,
    context: &'a Context,
    fields: Fields,
    /// Nothing is left open, not even what may be.
    whole: bool,
}

impl Filling<'_> {
    fn forget(&mut self, question: &Question) {
        let is_its = |name: &str| name.split('.').next() == Some(&question.id);
        self.fields.0.retain(|(name, _)| !is_its(name));
    }

    /// Answers a question that is asked after what was answered so far.
    fn answer(&mut self, question: &Question, rng: &mut fastrand::Rng) {
        // What is offered depends on it too.
        let evaluation = evaluate(self.survey, &self.fields, self.context);
        if !evaluation.visible.contains(&question.id) {
            return;
        }
        // Kinds leave parts open where nobody insists.
        let required = question.required || self.whole;
        let asked = Question { required, ..question.clone() };
        let must = required || is_consent(question);
        let before = self.fields.0.len();
        let last = if self.whole { TRIES_WHOLE } else { TRIES };
        for attempt in 1..=last {
            self.fields.0.truncate(before);
            if attempt < last && (must || rng.f32() > LEFT_OPEN) {
                self.fields.0.extend(answer(&asked, self.context, rng));
            }
            let evaluation = evaluate(self.survey, &self.fields, self.context);
            if evaluation.problems.iter().all(|problem| problem.question != question.id) {
                break;
            }
        }
    }
}

/// What was left open has been asked for once more, as the page does.
fn let_go(survey: &Survey, context: &Context, fields: &mut Fields) {
    let nudges = evaluate(survey, fields, context).nudges;
    let ids: Vec<&str> = nudges.iter().map(|nudge| nudge.question.as_str()).collect();
    if !ids.is_empty() {
        fields.0.push(("_asked".to_owned(), ids.join(" ")));
    }
}

fn is_consent(question: &Question) -> bool {
    question.kind.rules().name() == "consent"
}

/// Any answer; one that names a choice not offered just now is tried again.
fn answer(
    question: &Question,
    context: &Context,
    rng: &mut fastrand::Rng,
) -> Vec<(String, String)> {
    let offered = Offered::all(question, &context.today);
    let rules = question.kind.rules();
    let mut fields = rules.write(question, &rules.sample(question, &offered, rng));
    let other = question
        .choices
        .iter()
        .find(|choice| choice.other && fields.iter().any(|(_, value)| *value == choice.id));
    if let Some(other) = other {
        let name = format!("{}.{}.text", question.id, other.id);
        fields.push((name, "Noget helt tredje".to_owned()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::kinds::Kind;
    use crate::survey::model::{Page, Text};

    fn survey() -> Survey {
        let kind = |name| serde_json::from_value::<Kind>(serde_json::json!(name)).expect("a kind");
        let asks = |id: &str| Page {
            id: format!("page-{id}"),
            questions: vec![Question::new(id, kind("longtext"), Text::default())],
            ..Page::default()
        };
        Survey { pages: vec![asks("one"), asks("two")], ..Survey::default() }
    }

    #[test]
    fn a_page_is_filled_in_whole_and_the_others_stay() {
        let (survey, mut rng) = (survey(), fastrand::Rng::with_seed(1));
        let context = Context { today: "2026-11-24".to_owned(), channel: "web".to_owned() };
        let given = Fields(vec![("one".to_owned(), "mine".to_owned())]);
        for _ in 0..50 {
            let page = Some("page-two");
            let made = fill_in_page(&survey, page, given.clone(), &context, &mut rng);
            assert_eq!(made.first("one"), Some("mine"));
            assert!(made.first("two").is_some_and(|text| !text.is_empty()));
            let made = fill_in_page(&survey, None, made, &context, &mut rng);
            assert!(made.first("one").is_some_and(|text| text != "mine"));
            assert_eq!(made.0.len(), 2);
        }
    }
}
