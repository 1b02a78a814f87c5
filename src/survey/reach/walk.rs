//! The walk through a survey as a circuit: when each page is shown and each question asked, and
//! what an answer has to fulfil to be one. The same rules as `response::evaluate`.

use crate::survey::circuit::{Circuit, Node, Rule};
use crate::survey::condition::{Condition, Operand};
use crate::survey::model::{Choice, Page, Question, Survey};
use crate::survey::subject::{Subjects, parts};
use crate::survey::ways::{self, Shape};

/// A line of the author's that decides who gets where. Questions are counted through the survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// A page's `if`.
    Page(usize),
    /// A question's `if`.
    Question(usize),
    /// A question that has to be answered.
    Required(usize),
    /// A question's `min`, `max`, `top` and choices that stand alone.
    Limits(usize),
    /// A question's `check`.
    Check(usize),
    /// A choice's `if`.
    Choice(usize, usize),
    /// A row's `if`.
    Row(usize, usize),
    /// A choice's `goto`.
    Goto(usize, usize),
}

/// The survey as a circuit.
pub struct Walk<'a> {
    pub survey: &'a Survey,
    pub questions: Vec<&'a Question>,
    pub subjects: Subjects<'a>,
    /// By page: its condition holds; it holds, and nothing has led past.
    pub page_holds: Vec<Node>,
    pub entered: Vec<Node>,
    /// By question: its own condition holds; it is asked.
    pub holds: Vec<Node>,
    pub asked: Vec<Node>,
    pub page_of: Vec<usize>,
    /// By question, then by choice or row: it is offered, where the question is asked.
    pub choices: Vec<Vec<Node>>,
    pub rows: Vec<Vec<Node>>,
    /// By question: what an answer must fulfil where it is asked.
    pub demands: Vec<Vec<Node>>,
    /// By question: it may be that no answer fulfils that, and then nobody goes on.
    pub is_stubborn: Vec<bool>,
    /// By rule of the circuit.
    pub lines: Vec<Line>,
}

/// What has led past the place at hand.
struct Skips {
    /// Nothing has led to the end.
    not_ended: Node,
    /// The page that is led to, and that nothing leads there.
    open: Vec<(usize, Node)>,
    /// Nothing has led past this place.
    clear: Node,
}

impl<'a> Walk<'a> {
    /// None where the circuit would be larger than `size_max`.
    pub fn new(survey: &'a Survey, size_max: usize) -> Option<Walk<'a>> {
        let questions: Vec<&Question> = survey.questions().collect();
        let mut subjects = Subjects::new(questions.clone(), conditions(survey));
        subjects.is_walk = true;
        let yes = subjects.circuit.constant(true);
        let mut walk = Walk {
            survey,
            questions,
            subjects,
            page_holds: Vec::new(),
            entered: Vec::new(),
            holds: Vec::new(),
            asked: Vec::new(),
            page_of: Vec::new(),
            choices: Vec::new(),
            rows: Vec::new(),
            demands: Vec::new(),
            is_stubborn: Vec::new(),
            lines: Vec::new(),
        };
        let mut skips = Skips { not_ended: yes, open: Vec::new(), clear: yes };
        for (at, page) in survey.pages.iter().enumerate() {
            walk.page(at, page, &mut skips);
            if walk.circuit().size > size_max {
                return None;
            }
        }
        Some(walk)
    }

    fn page(&mut self, at: usize, page: &'a Page, skips: &mut Skips) {
        skips.open.retain(|(target, _)| *target > at);
        let open = skips.open.iter().map(|(_, not)| *not);
        let parts: Vec<Node> = open.chain([skips.not_ended]).collect();
        skips.clear = self.circuit().all(parts);
        let (plain, holds) = self.condition(page.condition.as_ref(), Line::Page(at));
        self.page_holds.push(plain);
        let entered = self.circuit().all([holds, skips.clear]);
        self.entered.push(entered);
        for question in &page.questions {
            let number = self.asked.len();
            let (plain, own) = self.condition(question.condition.as_ref(), Line::Question(number));
            let asked = self.circuit().all([holds, own, skips.clear]);
            self.holds.push(plain);
            self.asked.push(asked);
            self.page_of.push(at);
            self.question(number, question);
            self.gotos(number, question, skips);
        }
    }

    fn question(&mut self, number: usize, question: &'a Question) {
        let asked = self.asked[number];
        let mut choices = Vec::new();
        let mut demands = Vec::new();
        for (at, choice) in question.choices.iter().enumerate() {
            let (plain, offered) =
                self.condition(choice.condition.as_deref(), Line::Choice(number, at));
            choices.push(plain);
            if ways::shape(question) == Shape::Parts {
                self.subjects.offer(number, &choice.id, offered);
            } else if choice.condition.is_some() {
                let chosen = self.subjects.chose(number, &choice.id);
                let chosen = self.circuit().all([asked, chosen]);
                demands.push(self.circuit().implies(chosen, offered));
            }
        }
        let mut rows = Vec::new();
        for (at, row) in question.rows.iter().enumerate() {
            let (plain, offered) = self.condition(row.condition.as_ref(), Line::Row(number, at));
            rows.push(plain);
            self.subjects.offer(number, &row.id, offered);
        }
        for ticking in self.subjects.rules_of_ticking(number) {
            demands.push(ticking.sum);
            let has_limits = ticking.fits != self.circuit().constant(true);
            demands.extend(has_limits.then(|| self.rule(ticking.fits, Line::Limits(number))));
        }
        demands.extend(self.required(number, question));
        self.subjects.ask(number, asked);
        demands.extend(question.check.as_ref().map(|check| self.check(number, check)));
        self.choices.push(choices);
        self.rows.push(rows);
        self.demands.push(demands);
        let conditional = question.choices.iter().any(|choice| choice.condition.is_some());
        let stubborn = question.required && (conditional || question.check.is_some());
        self.is_stubborn.push(stubborn);
    }

    /// That the question is answered where it is asked, if it must be.
    fn required(&mut self, number: usize, question: &Question) -> Option<Node> {
        let kind = question.kind.rules().name();
        let conditional = question.choices.iter().any(|choice| choice.condition.is_some());
        // A ranking of what happens to be offered may have nothing to rank, and then goes on.
        if !(question.required || kind == "consent") || (kind == "ranking" && conditional) {
            return None;
        }
        let whole = match ways::shape(question) {
            Shape::Parts | Shape::PartsOfSome if !question.rows.is_empty() => {
                let answered = parts(question).into_iter().map(|row| {
                    let offered = self.subjects.is_offered(number, &row);
                    let answered = self.subjects.part_answered(number, &row);
                    self.circuit().implies(offered, answered)
                });
                let answered: Vec<Node> = answered.collect();
                self.circuit().all(answered)
            }
            Shape::Some if kind == "ranking" => {
                let top = question.top.map_or(question.choices.len(), |top| top as usize);
                let top = top.min(question.choices.len());
                match self.subjects.ticks(number) {
                    Some(ticks) => self.circuit().is(ticks.count, 1 << top),
                    None => self.subjects.answered(number),
                }
            }
            _ => self.subjects.answered(number),
        };
        let asked = self.asked[number];
        let demand = self.circuit().implies(asked, whole);
        Some(self.rule(demand, Line::Required(number)))
    }

    /// A check is judged where the answer and all that it compares is there.
    fn check(&mut self, number: usize, check: &Condition) -> Node {
        let id = self.questions[number].id.clone();
        let compared = check.compared().into_iter().cloned().chain([Operand::Q(id)]);
        let judged: Vec<Node> =
            compared.map(|left| self.subjects.node(&Condition::Answered { left })).collect();
        let judged = self.circuit().all(judged);
        let holds = self.subjects.node(check);
        let demand = self.circuit().implies(judged, holds);
        self.rule(demand, Line::Check(number))
    }

    fn gotos(&mut self, number: usize, question: &'a Question, skips: &mut Skips) {
        for at in 0..question.choices.len() {
            let Some(target) = question.choices[at].goto.as_deref() else { continue };
            let taken = self.taken(number, at);
            let taken = self.rule(taken, Line::Goto(number, at));
            let not = self.circuit().not(taken);
            skips.clear = self.circuit().all([skips.clear, not]);
            let page = self.page_of[number];
            let later = self.survey.pages.iter().skip(page + 1);
            match later.zip(page + 1..).find(|(page, _)| page.id == target) {
                Some((_, target)) => skips.open.push((target, not)),
                None => skips.not_ended = self.circuit().all([skips.not_ended, not]),
            }
        }
    }

    /// That a choice's `goto` is followed: it is the first one chosen that has one.
    pub fn taken(&mut self, number: usize, at: usize) -> Node {
        let question = self.questions[number];
        if matches!(ways::shape(question), Shape::Parts | Shape::PartsOfSome) {
            return self.circuit().constant(false);
        }
        let choice = |choice: &Choice, walk: &mut Walk| walk.subjects.chose(number, &choice.id);
        let mut parts = vec![self.asked[number], choice(&question.choices[at], self)];
        for earlier in question.choices[..at].iter().filter(|choice| choice.goto.is_some()) {
            let chosen = choice(earlier, self);
            parts.push(self.circuit().not(chosen));
        }
        self.circuit().all(parts)
    }

    /// A condition, and the same as a line that can be left out.
    fn condition(&mut self, condition: Option<&Condition>, line: Line) -> (Node, Node) {
        let Some(condition) = condition else {
            let yes = self.circuit().constant(true);
            return (yes, yes);
        };
        let plain = self.subjects.node(condition);
        (plain, self.rule(plain, line))
    }

    fn rule(&mut self, node: Node, line: Line) -> Node {
        let (Rule(at), node) = self.circuit().rule(node);
        debug_assert_eq!(at, self.lines.len());
        self.lines.push(line);
        node
    }

    pub fn circuit(&mut self) -> &mut Circuit {
        &mut self.subjects.circuit
    }
}

/// Every condition of a survey.
fn conditions(survey: &Survey) -> Vec<&Condition> {
    let pages = survey.pages.iter().filter_map(|page| page.condition.as_ref());
    let own = survey.questions().flat_map(|question| {
        let choices = question.choices.iter().filter_map(|choice| choice.condition.as_deref());
        let rows = question.rows.iter().filter_map(|row| row.condition.as_ref());
        question.condition.iter().chain(&question.check).chain(choices).chain(rows)
    });
    pages.chain(own).collect()
}
