//! Made-up answers that a survey could have had: for the demo, and for tests that need many.

use super::evaluate::{Context, evaluate};
use crate::survey::fields::Fields;
use crate::survey::kinds::Offered;
use crate::survey::model::{Question, Survey};

/// How often a question that need not be answered is left open.
const LEFT_OPEN: f32 = 0.08;

/// The fields of a form filled in at random, without problems. Every choice has its chance, so that
/// many of them take every route.
pub fn fill_in(survey: &Survey, context: &Context, rng: &mut fastrand::Rng) -> Fields {
    let mut fields = Fields::default();
    for question in survey.questions() {
        // What is offered depends on what was answered so far.
        let evaluation = evaluate(survey, &fields, context);
        if !evaluation.visible.contains(&question.id) {
            continue;
        }
        let before = fields.0.len();
        for attempt in 0..20 {
            fields.0.truncate(before);
            if attempt < 19 && (question.required || is_consent(question) || rng.f32() > LEFT_OPEN)
            {
                fields.0.extend(answer(question, context, rng));
            }
            let evaluation = evaluate(survey, &fields, context);
            if evaluation.problems.iter().all(|problem| problem.question != question.id) {
                break;
            }
        }
    }
    let_go(survey, context, &mut fields);
    fields
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
