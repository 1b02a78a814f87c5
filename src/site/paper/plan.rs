//! What is printed and under which number: who fills in a paper form finds the way by numbers, where
//! a browser would have led them.

use std::collections::BTreeMap;

use crate::site::words::Words;
use crate::survey::condition::{Condition, Operand, Value};
use crate::survey::{Page, Question, Survey, cue};

/// The printed questions of a survey, numbered from 1: the form's first, then those to tear off.
pub(super) struct Plan<'a> {
    pub(super) survey: &'a Survey,
    pub(super) words: &'a Words,
    numbers: BTreeMap<&'a str, usize>,
}

/// Where a choice sends whoever ticks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    To(usize),
    /// Nothing more is asked.
    Done,
}

impl<'a> Plan<'a> {
    /// Numbers the questions of `survey`.
    pub(super) fn of(survey: &'a Survey, words: &'a Words) -> Plan<'a> {
        let mut plan = Plan { survey, words, numbers: BTreeMap::new() };
        let printed = |private: bool| {
            let pages = survey.pages.iter();
            pages.flat_map(move |page| asked(page).filter(move |one| one.private == private))
        };
        let in_order = printed(false).chain(printed(true));
        plan.numbers = in_order.zip(1..).map(|(question, at)| (question.id.as_str(), at)).collect();
        plan
    }

    /// The number of the question with this id; none where it is not printed.
    pub(super) fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The questions of `page` on the form itself.
    pub(super) fn questions(&self, page: &'a Page) -> impl Iterator<Item = &'a Question> + use<'a> {
        asked(page).filter(|question| !question.private)
    }

    /// The questions whose answers must not lie with the others.
    pub(super) fn to_tear_off(&self) -> impl Iterator<Item = &'a Question> + use<'a> {
        self.survey.pages.iter().flat_map(asked).filter(|question| question.private)
    }

    /// Where `goto` leads from the question numbered `from`; none where that comes next anyway.
    pub(super) fn skip(&self, goto: &str, from: usize) -> Option<Skip> {
        let Some(at) = self.survey.pages.iter().position(|page| page.id == goto) else {
            return Some(Skip::Done);
        };
        match self.next_from(at) {
            Skip::To(number) if number == from + 1 => None,
            skip => Some(skip),
        }
    }

    /// The first question at or after the page at `at`.
    fn next_from(&self, at: usize) -> Skip {
        let later = self.survey.pages[at..].iter().flat_map(|page| self.questions(page));
        let first = later.filter_map(|question| self.number(&question.id)).next();
        first.map_or(Skip::Done, Skip::To)
    }

    /// Where those go on whom the page at `at` does not concern.
    pub(super) fn past(&self, at: usize) -> Skip {
        self.next_from(at + 1)
    }

    /// Who is asked `question`, in words, with numbers for questions.
    pub(super) fn question_cue(&self, question: &Question) -> Option<String> {
        question.condition.as_ref().filter(|condition| on_paper(condition) != Some(true))?;
        let made = cue::of_question(question, self.survey);
        self.rather(question.cue.as_deref(), made, |name| {
            cue::of_question_with(question, self.survey, name)
        })
    }

    /// Whom a page, a choice or a row concerns; `written` as in the compiled survey.
    pub(super) fn cue(&self, condition: &Condition, written: Option<&str>) -> Option<String> {
        if on_paper(condition) == Some(true) {
            return None;
        }
        let made = cue::make(condition, self.survey);
        self.rather(written, made, |name| cue::make_with(condition, self.survey, name))
    }

    /// What an author wrote goes before what can be made; both stand in the same place of a survey.
    fn rather(
        &self,
        written: Option<&str>,
        made: Option<String>,
        numbered: impl FnOnce(cue::Naming) -> Option<String>,
    ) -> Option<String> {
        match written {
            Some(written) if made.as_deref() != Some(written) => Some(written.to_owned()),
            _ => numbered(&|question, part| self.name(question, part)),
        }
    }

    fn name(&self, question: &Question, part: Option<&str>) -> String {
        let Some(number) = self.number(&question.id) else {
            return format!("“{}”", part.unwrap_or(&question.text.plain));
        };
        let number = number.to_string();
        match part {
            Some(part) => self.words.fill("paper_part", &[("part", part), ("n", &number)]),
            None => self.words.fill("paper_question", &[("n", &number)]),
        }
    }
}

/// The questions of `page` that somebody with a paper form may be asked.
fn asked(page: &Page) -> impl Iterator<Item = &Question> {
    let asked = may_hold(page.condition.as_ref());
    page.questions.iter().filter(move |question| asked && may_hold(question.condition.as_ref()))
}

/// Whether a condition leaves room for anybody with a paper form.
pub(super) fn may_hold(condition: Option<&Condition>) -> bool {
    condition.is_none_or(|condition| on_paper(condition) != Some(false))
}

/// What a condition comes to on paper, where the channel alone decides it.
fn on_paper(condition: &Condition) -> Option<bool> {
    let is_channel =
        |operand: &Operand| matches!(operand, Operand::Builtin(name) if name == "channel");
    let is_paper = |value: &Value| matches!(value, Value::Text(code) if code == "paper");
    match condition {
        Condition::Not { of } => on_paper(of).map(|holds| !holds),
        Condition::And { of } => all(of.iter().map(on_paper), true),
        Condition::Or { of } => all(of.iter().map(on_paper), false),
        Condition::Eq { left, right } if is_channel(left) => Some(is_paper(right)),
        Condition::Ne { left, right } if is_channel(left) => Some(!is_paper(right)),
        Condition::In { left, right } if is_channel(left) => Some(right.iter().any(is_paper)),
        _ => None,
    }
}

/// `and` (`like` true) and `or` (false) over parts of which some are not known.
fn all(mut parts: impl Iterator<Item = Option<bool>>, like: bool) -> Option<bool> {
    parts
        .try_fold(Some(like), |so_far, part| match part {
            Some(holds) if holds != like => Err(Some(holds)),
            Some(_) => Ok(so_far),
            None => Ok(None),
        })
        .unwrap_or_else(|decided| decided)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(code: &str) -> Condition {
        let left = Operand::Builtin("channel".to_owned());
        Condition::Eq { left, right: Value::Text(code.to_owned()) }
    }

    fn unknown() -> Condition {
        Condition::Answered { left: Operand::Q("q".to_owned()) }
    }

    #[test]
    fn the_channel_decides_what_it_can() {
        assert_eq!(on_paper(&channel("paper")), Some(true));
        assert_eq!(on_paper(&channel("kiosk")), Some(false));
        assert_eq!(on_paper(&Condition::Not { of: Box::new(channel("kiosk")) }), Some(true));
        assert_eq!(on_paper(&unknown()), None);
        let and = |of: Vec<Condition>| on_paper(&Condition::And { of });
        assert_eq!(and(vec![unknown(), channel("kiosk")]), Some(false));
        assert_eq!(and(vec![unknown(), channel("paper")]), None);
        assert_eq!(and(vec![channel("paper"), channel("paper")]), Some(true));
        let or = |of: Vec<Condition>| on_paper(&Condition::Or { of });
        assert_eq!(or(vec![unknown(), channel("paper")]), Some(true));
        assert_eq!(or(vec![unknown(), channel("web")]), None);
        assert_eq!(or(vec![channel("web"), channel("kiosk")]), Some(false));
    }
}
