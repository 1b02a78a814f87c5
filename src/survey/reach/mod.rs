//! Who can get where: reachability over a whole survey.
//!
//! Each condition may hold by itself (`satisfy`), and still nobody gets there: a page's condition and
//! a question's exclude each other, a `goto` has led everybody past, what must be answered leaves only
//! the other way. Here they are judged together:
//!
//! 1. [`walk`] writes the walk of `response::evaluate` as a circuit: when each page is shown and each
//!    question asked, and what an answer has to fulfil.
//! 2. [`judge`] asks of every page, question, conditional choice and row, and every ending, whether
//!    any answers lead there, by search (`solve`).
//! 3. Where none do, the lines that forbid it are left out one by one, as long as it stays forbidden:
//!    those that remain are the reason, which `words` say.
//!
//! "Reached" is what a response can come to that has nothing wrong before that place: a question that
//! must be answered is, and a `check` is passed, on the same page too. Nothing is ever called
//! unreachable that is not. What is unknown (two answers compared with each other, a kind without a
//! list of its ways, an exhausted budget) is taken to be possible. An age by birth year can be any
//! number, for it moves with the day; so can points that must add up.
//!
//! A condition that others make superfluous is told only where they enclose it: a question's that its
//! page's implies, a choice's or row's that its question's implies. `often != never` behind a
//! `{#never goto=end}` is left alone: it says what is meant, and keeps its meaning when the `goto` is
//! taken away.

pub mod places;
pub mod walk;
mod words;

use std::collections::BTreeSet;

use super::circuit::{Node, Rule};
use super::model::Survey;
use super::solve::{Budget, Problem, Verdict};
use super::ways::{self, Shape};
pub use places::Places;
pub use walk::Line;
use walk::Walk;
pub use words::note;

/// Something that can be reached. Questions are counted through the survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    Page(usize),
    Question(usize),
    /// Choosing this conditional choice of a question.
    Choice(usize, usize),
    /// Being shown this conditional row.
    Row(usize, usize),
    Ending(usize),
}

/// What a survey's judgement came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What nobody reaches, and the fewest lines that together forbid it. A page stands for all that
    /// is on it.
    pub unreachable: Vec<(Target, Vec<Line>)>,
    /// Conditions that always hold where the conditions around them do.
    pub implied: Vec<(Line, Vec<Line>)>,
    /// Questions that must be answered, and that can be asked with nothing to choose.
    pub stuck: Vec<usize>,
    /// What the budget was too small for.
    pub unknown: Vec<Target>,
}

/// Steps that one question may take: enough for hundreds of conditions, and a few milliseconds.
const STEPS_MAX: usize = 400_000;
/// Steps that one survey may take.
const STEPS_MAX_SURVEY: usize = 3_000_000;
/// Steps to find out whether one line belongs to the reason.
const STEPS_MAX_LINE: usize = 100_000;
/// What it takes to cut a problem out of the circuit, in steps for each of its nodes.
const MAKING: usize = 8;
/// A circuit larger than this is not judged: no author writes it by hand.
const SIZE_MAX: usize = 200_000;

/// Judges a survey without mistakes.
pub fn judge(survey: &Survey) -> Judgement {
    let Some(walk) = Walk::new(survey, SIZE_MAX) else { return Judgement::default() };
    let mut judge = Judge {
        stubborn: (0..walk.questions.len()).filter(|at| walk.is_stubborn[*at]).collect(),
        walk,
        budget: Budget { left: STEPS_MAX_SURVEY },
        found: Judgement::default(),
    };
    judge.pages();
    judge.endings();
    judge.found
}

struct Judge<'a> {
    walk: Walk<'a>,
    /// Questions before which somebody may be stopped.
    stubborn: Vec<usize>,
    budget: Budget,
    found: Judgement,
}

impl Judge<'_> {
    fn pages(&mut self) {
        let mut number = 0;
        for (at, page) in self.walk.survey.pages.iter().enumerate() {
            let questions = number..number + page.questions.len();
            number = questions.end;
            let entered = self.walk.entered[at];
            if !self.reaches(Target::Page(at), entered, questions.start) {
                continue;
            }
            for number in questions {
                let asked = self.walk.asked[number];
                // What is asked of everybody who comes to the page is reached as the page is.
                let plain =
                    asked == entered && self.stubborn.first().is_none_or(|first| *first >= number);
                if plain || self.reaches(Target::Question(number), asked, number) {
                    self.question(at, number);
                }
            }
        }
    }

    fn question(&mut self, page: usize, number: usize) {
        let question = self.walk.questions[number];
        let asked = self.walk.asked[number];
        let page_holds = self.walk.page_holds[page];
        let mut around = vec![(Line::Page(page), page_holds)];
        // What is taken over from an earlier answer was not written, and cannot be removed.
        let is_written = question.from.is_none();
        if is_written && question.condition.is_some() {
            let holds = self.walk.holds[number];
            self.implied(Line::Question(number), holds, &around);
            around.push((Line::Question(number), holds));
        }
        for at in (0..question.choices.len()).filter(|at| question.choices[*at].condition.is_some())
        {
            let chosen = self.walk.subjects.chose(number, &question.choices[at].id);
            let offered = self.walk.choices[number][at];
            // That it is offered where it is chosen, the question's demands say; of points, this.
            let as_line = self.walk.subjects.is_offered(number, &question.choices[at].id);
            let chosen = self.walk.circuit().all([asked, as_line, chosen]);
            if self.reaches(Target::Choice(number, at), chosen, number) && is_written {
                self.implied(Line::Choice(number, at), offered, &around);
            }
        }
        for at in (0..question.rows.len()).filter(|at| question.rows[*at].condition.is_some()) {
            let offered = self.walk.rows[number][at];
            let as_line = self.walk.subjects.is_offered(number, &question.rows[at].id);
            let shown = self.walk.circuit().all([asked, as_line]);
            if self.reaches(Target::Row(number, at), shown, number) && is_written {
                self.implied(Line::Row(number, at), offered, &around);
            }
        }
        self.stuck(number);
    }

    /// Notes a question that must be answered, where nothing of it may be offered.
    fn stuck(&mut self, number: usize) {
        let question = self.walk.questions[number];
        let choosing = match ways::shape(question) {
            Shape::One | Shape::Parts => question.rows.is_empty(),
            Shape::Some => question.kind.rules().name() != "ranking",
            Shape::PartsOfSome | Shape::Unknown => false,
        };
        let all_conditional = question.choices.iter().all(|choice| choice.condition.is_some());
        if !choosing || !question.required || question.choices.is_empty() || !all_conditional {
            return;
        }
        let offered = self.walk.choices[number].clone();
        let any = self.walk.circuit().any(offered);
        let none = self.walk.circuit().not(any);
        let asked = self.walk.asked[number];
        let stuck = self.walk.circuit().all([asked, none]);
        let Some(problem) = self.problem(stuck, number) else { return };
        let sure = problem.vars.iter().all(|var| !self.walk.subjects.vague.contains(var));
        if sure && self.solve(&problem) == Verdict::Possible {
            self.found.stuck.push(number);
        }
    }

    fn endings(&mut self) {
        for (ending, id) in self.walk.survey.endings.iter().map(|one| &one.id).enumerate() {
            let mut because = BTreeSet::new();
            let mut verdicts = Vec::new();
            for number in 0..self.walk.questions.len() {
                let choices = &self.walk.questions[number].choices;
                for at in (0..choices.len()).filter(|at| choices[*at].goto.as_ref() == Some(id)) {
                    let taken = self.walk.taken(number, at);
                    let Some(problem) = self.problem(taken, number) else {
                        verdicts.push(Verdict::Unknown);
                        continue;
                    };
                    verdicts.push(self.solve(&problem));
                    if verdicts.last() == Some(&Verdict::Impossible) {
                        because.extend(self.reason(&problem));
                    }
                }
            }
            if verdicts.iter().all(|verdict| *verdict == Verdict::Impossible) {
                let because = because.into_iter().collect();
                self.found.unreachable.push((Target::Ending(ending), because));
            } else if !verdicts.contains(&Verdict::Possible) {
                self.found.unknown.push(Target::Ending(ending));
            }
        }
    }

    /// Whether `node`, which says that `target` is reached, may hold; notes it where it cannot.
    /// Whoever comes there has answered the questions before `number` as they must be.
    fn reaches(&mut self, target: Target, node: Node, number: usize) -> bool {
        let Some(problem) = self.problem(node, number) else {
            self.found.unknown.push(target);
            return true;
        };
        match self.solve(&problem) {
            Verdict::Possible => true,
            Verdict::Unknown => {
                self.found.unknown.push(target);
                true
            }
            Verdict::Impossible => {
                let because = self.reason(&problem);
                self.found.unreachable.push((target, because));
                false
            }
        }
    }

    fn problem(&mut self, node: Node, number: usize) -> Option<Problem> {
        let before = self.stubborn.iter().take_while(|at| **at < number);
        let stubborn = before.flat_map(|at| self.walk.demands[*at].iter().copied());
        let roots = stubborn.chain([node]).collect();
        self.problem_of(roots)
    }

    /// The problem of all `roots` holding, with what the answers they are about must fulfil; none
    /// where the budget is used up.
    fn problem_of(&mut self, roots: Vec<Node>) -> Option<Problem> {
        let walk = &self.walk;
        let mut seen = BTreeSet::new();
        let problem = Problem::new(&walk.subjects.circuit, roots, &mut |var| match walk
            .subjects
            .owner(var)
            .filter(|owner| seen.insert(*owner))
        {
            Some(owner) => walk.demands[owner].clone(),
            None => Vec::new(),
        });
        self.budget.spend(MAKING * problem.size).then_some(problem)
    }

    fn solve(&mut self, problem: &Problem) -> Verdict {
        let mut share = self.budget.share(STEPS_MAX);
        let verdict = problem.solve(&|_| false, &mut share);
        self.budget.settle(share, STEPS_MAX);
        verdict
    }

    /// The fewest lines that make `problem` impossible, in the order of the survey. The last are kept
    /// rather than the first: they are nearer to what cannot be reached.
    fn reason(&mut self, problem: &Problem) -> Vec<Line> {
        let mut left_out: BTreeSet<Rule> = BTreeSet::new();
        for rule in &problem.rules {
            left_out.insert(*rule);
            let mut share = self.budget.share(STEPS_MAX_LINE);
            let verdict = problem.solve(&|rule| left_out.contains(&rule), &mut share);
            self.budget.settle(share, STEPS_MAX_LINE);
            if verdict != Verdict::Impossible {
                left_out.remove(rule);
            }
        }
        let kept = problem.rules.iter().filter(|rule| !left_out.contains(rule));
        let mut lines: Vec<Line> = kept.map(|rule| self.walk.lines[rule.0]).collect();
        lines.sort_by_key(|line| line.order(&self.walk.page_of));
        lines
    }

    /// Notes a condition that those around it imply, whatever else the survey says.
    fn implied(&mut self, line: Line, holds: Node, around: &[(Line, Node)]) {
        let fails = self.walk.circuit().not(holds);
        let mut kept: Vec<(Line, Node)> = around.to_vec();
        if !self.excludes(&kept, fails) {
            return;
        }
        for left_out in around {
            let fewer: Vec<(Line, Node)> =
                kept.iter().copied().filter(|(line, _)| *line != left_out.0).collect();
            if self.excludes(&fewer, fails) {
                kept = fewer;
            }
        }
        // By itself it always holds: that is told already.
        if !kept.is_empty() {
            self.found.implied.push((line, kept.into_iter().map(|(line, _)| line).collect()));
        }
    }

    /// Whether `around` and `node` cannot hold together, with every line of the survey left out.
    fn excludes(&mut self, around: &[(Line, Node)], node: Node) -> bool {
        let roots = around.iter().map(|(_, node)| *node).chain([node]).collect();
        let Some(problem) = self.problem_of(roots) else { return false };
        let mut share = self.budget.share(STEPS_MAX_LINE);
        let verdict = problem.solve(&|_| true, &mut share);
        self.budget.settle(share, STEPS_MAX_LINE);
        verdict == Verdict::Impossible
    }
}

impl Target {
    /// Its own condition.
    fn line(self) -> Option<Line> {
        match self {
            Target::Page(page) => Some(Line::Page(page)),
            Target::Question(at) => Some(Line::Question(at)),
            Target::Choice(at, part) => Some(Line::Choice(at, part)),
            Target::Row(at, part) => Some(Line::Row(at, part)),
            Target::Ending(_) => None,
        }
    }
}

impl Line {
    /// Where it comes in the survey: the page, the question, and the part of it.
    fn order(self, page_of: &[usize]) -> (usize, usize, usize) {
        match self {
            Line::Page(page) => (page, 0, 0),
            Line::Question(at) => (page_of[at], at + 1, 0),
            Line::Required(at) => (page_of[at], at + 1, 1),
            Line::Limits(at) => (page_of[at], at + 1, 2),
            Line::Check(at) => (page_of[at], at + 1, 3),
            Line::Choice(at, part) | Line::Row(at, part) | Line::Goto(at, part) => {
                (page_of[at], at + 1, part + 4)
            }
        }
    }
}
