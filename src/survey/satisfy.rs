//! Can a condition hold, and can it fail, judged by itself: every question it names may or may not
//! have been asked. What leads to it is `reach`'s business.

use std::collections::HashSet;

use super::condition::{Condition, Operand, Value};
use super::model::Question;
use super::solve::{Budget, Problem, Verdict};
use super::subject::Subjects;

/// What trying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sometimes,
    Never,
    Always,
    /// Too much to try.
    Unknown,
}

/// More steps than this are not taken for one condition.
const STEPS_MAX: usize = 400_000;

/// Tries `condition` over everything the questions it names allow.
pub fn judge(condition: &Condition, questions: &[&Question]) -> Outcome {
    if compares_answers(condition) {
        return Outcome::Unknown;
    }
    let mut named = HashSet::new();
    condition.visit(&mut |operand, _| match operand {
        Operand::Q(id) | Operand::Row([id, _]) | Operand::Count(id) => {
            named.insert(id.clone());
        }
        Operand::Builtin(_) => {}
    });
    let questions: Vec<&Question> =
        questions.iter().copied().filter(|question| named.contains(&question.id)).collect();
    let count = questions.len();
    let mut subjects = Subjects::new(questions, [condition]);
    for at in 0..count {
        let asked = subjects.circuit.free();
        subjects.ask(at, asked);
    }
    let holds = subjects.node(condition);
    let fails = subjects.circuit.not(holds);
    let given: Vec<_> = (0..count)
        .flat_map(|at| subjects.rules_of_ticking(at))
        .flat_map(|ticking| [ticking.sum, ticking.fits])
        .collect();
    let mut budget = Budget { left: STEPS_MAX };
    let mut can = |node| {
        let roots = given.iter().copied().chain([node]).collect();
        let problem = Problem::new(&subjects.circuit, roots, &mut |_| Vec::new());
        problem.solve(&|_| false, &mut budget)
    };
    match (can(holds), can(fails)) {
        (Verdict::Impossible, _) => Outcome::Never,
        (_, Verdict::Impossible) => Outcome::Always,
        (Verdict::Possible, Verdict::Possible) => Outcome::Sometimes,
        _ => Outcome::Unknown,
    }
}

/// Two answers compared with each other have too many ways to differ.
fn compares_answers(condition: &Condition) -> bool {
    let mut found = false;
    condition.visit(&mut |_, right| {
        found |= right.iter().any(|value| matches!(value, Value::Other(_)));
    });
    found
}
