//! What is said where something is to be put right, at its question and in the summary.

use serde::Serialize;

use super::{Given, first_input};
use crate::survey::{Problem, Question};

/// A line of the summary of problems.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    pub href: String,
    pub text: String,
}

/// A message at a question or a row.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) nudge: bool,
}

/// The first thing to say about a question, or one row of it.
pub(super) fn of(question: &Question, row: Option<&str>, given: &Given<'_>) -> Option<Told> {
    let mine =
        |problem: &&Problem| problem.question == question.id && problem.row.as_deref() == row;
    let told = |nudge| move |problem| Told { text: sentence(question, row, problem, given), nudge };
    let problem = given.problems.iter().find(mine).map(told(false));
    problem.or_else(|| given.nudges.iter().find(mine).map(told(true)))
}

fn sentence(
    question: &Question,
    row: Option<&str>,
    problem: &Problem,
    given: &Given<'_>,
) -> String {
    given.words.problem(&problem.code, &label(question, row), &problem.values)
}

fn label(question: &Question, row: Option<&str>) -> String {
    let row = row.and_then(|id| question.rows.iter().find(|row| row.id == id));
    let Some(row) = row else { return question.text.plain.trim().to_owned() };
    match &row.right {
        Some(right) => format!("{} – {}", row.text.plain.trim(), right.plain.trim()),
        None => row.text.plain.trim().to_owned(),
    }
}

/// The summary of `list`. A problem without a question (the survey changed) leads to the form.
pub fn summary(list: &[Problem], given: &Given<'_>) -> Vec<ProblemView> {
    let line = |problem: &Problem| match given.survey.question(&problem.question) {
        Some(question) => ProblemView {
            href: format!("#{}", first_input(question, problem.row.as_deref())),
            text: sentence(question, problem.row.as_deref(), problem, given),
        },
        None => ProblemView {
            href: "#survey-form".to_owned(),
            text: given.words.problem(&problem.code, "", &problem.values),
        },
    };
    list.iter().map(line).collect()
}
