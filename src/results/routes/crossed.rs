//! Routes that ask after more than one answer: after two questions, or after two choices of one. How many got
//! there is how many gave both, a cell of a table of two questions, which nobody publishes. So it has to be no
//! small one, and what it leaves of the one answer, too.

use super::{Look, Route, Stage, answers_of, context};
use crate::response::evaluate::holds_of;
use crate::results::item::{Given, Item, Shape};
use crate::results::table::{Released, Table};
use crate::survey::condition::{Condition, Operand, Value};
use crate::survey::model::Survey;

/// What is known of somebody's answer to the leading question.
#[derive(Debug, Clone, Copy)]
enum Known<'a> {
    /// The answer, or that there is none.
    Answer(Option<&'a str>),
    /// Whether this one of several choices is ticked.
    Tick(&'a str, bool),
}

impl Look<'_> {
    /// Whether, of those in a group whose answer to the lead does not decide it alone, only a few were asked, or
    /// all but a few.
    pub(super) fn is_crossed(
        &self,
        route: &Route,
        lead: &Stage,
        table: &Table<Released>,
        group: usize,
    ) -> bool {
        let Some(theirs) = self.route(lead.item) else { return false };
        let decides = |known| route.decides(self.survey, lead.item, &theirs, known).is_some();
        // How many were asked, and were not, of those who gave such an answer.
        let count = |is_it: &dyn Fn(&Given) -> bool| {
            let both = self.own.item.given.iter().zip(&lead.item.given).zip(self.people);
            let here = both.filter(|((_, given), person)| {
                given.is_asked() && table.has(person, Some(group)) && is_it(given)
            });
            here.fold((0, 0), |(asked, passed), ((own, _), _)| match own.is_asked() {
                true => (asked + 1, passed),
                false => (asked, passed + 1),
            })
        };
        let is_few = |(asked, passed): (usize, usize)| {
            asked + passed > 0 && asked.min(passed) < self.frame.least
        };
        let choices = &lead.item.choices;
        match lead.item.shape {
            Shape::Single | Shape::Ordered => {
                let open: Vec<Option<usize>> = (0..choices.len())
                    .map(Some)
                    .chain([None])
                    .filter(|at| {
                        let code = at.map(|at| choices[at].id.as_str());
                        !decides(Known::Answer(code))
                    })
                    .collect();
                is_few(count(&|given| match given {
                    Given::One(choice) => open.contains(&Some(*choice)),
                    _ => open.contains(&None),
                }))
            }
            // Where neither who ticked a choice nor who did not is decided, it is the sum of both that is known.
            Shape::Multiple => (0..choices.len()).any(|at| {
                let is_ticked =
                    |given: &Given| matches!(given, Given::Many(all) if all.contains(&at));
                let open = [true, false].map(|is| !decides(Known::Tick(&choices[at].id, is)));
                match open {
                    [true, false] => is_few(count(&is_ticked)),
                    [false, true] => is_few(count(&|given| !is_ticked(given))),
                    _ => false,
                }
            }),
            _ => false,
        }
    }
}

impl Route<'_> {
    /// Whether somebody of whom this is known is asked; none where it depends on something else. What led to the
    /// leading question holds of whoever was asked it.
    fn decides(&self, survey: &Survey, lead: &Item, theirs: &Route, known: Known) -> Option<bool> {
        let leaf = |one: &Condition| {
            if theirs.conditions.contains(&one) {
                return Some(true);
            }
            let is_lead = |operand: &Operand| match operand {
                Operand::Q(id) | Operand::Count(id) => *id == lead.question,
                Operand::Row([id, row]) => *id == lead.question && lead.row.as_ref() == Some(row),
                Operand::Builtin(_) => false,
            };
            if !one.operands().iter().all(is_lead) {
                return None;
            }
            match known {
                Known::Answer(code) => {
                    Some(holds_of(survey, &answers_of(survey, lead, code), &context(), one))
                }
                Known::Tick(id, is_ticked) => match one {
                    Condition::Has { right: Value::Text(code), .. } if code == id => {
                        Some(is_ticked)
                    }
                    Condition::Answered { .. } if is_ticked => Some(true),
                    _ => None,
                },
            }
        };
        let own = self.conditions.iter().map(|one| judge(one, &leaf));
        let past = self.skips.iter().filter_map(|(question, choice)| {
            let is_same = theirs.skips.iter().any(|(_, one)| std::ptr::eq(*one, *choice));
            (!is_same).then(|| match known {
                Known::Answer(code) if question.id == lead.question => {
                    Some(code != Some(choice.id.as_str()))
                }
                Known::Tick(id, is_ticked) if question.id == lead.question && id == choice.id => {
                    Some(!is_ticked)
                }
                _ => None,
            })
        });
        all(own.chain(past))
    }
}

/// Whether a condition holds, where each of its comparisons may be unknown.
fn judge(condition: &Condition, leaf: &impl Fn(&Condition) -> Option<bool>) -> Option<bool> {
    let known = leaf(condition);
    match condition {
        _ if known.is_some() => known,
        Condition::And { of } => all(of.iter().map(|one| judge(one, leaf))),
        Condition::Or { of } => {
            all(of.iter().map(|one| judge(one, leaf).map(|is| !is))).map(|none| !none)
        }
        Condition::Not { of } => judge(of, leaf).map(|is| !is),
        _ => None,
    }
}

/// Whether all of them hold: not where one does not, whatever the others do.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.collect();
    match (parts.contains(&Some(false)), parts.contains(&None)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}
