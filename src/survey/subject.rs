//! What conditions speak of, as variables of a circuit, and conditions as its nodes.
//!
//! An answer counts only where its question was asked: a comparison becomes "asked, and one of these
//! ways" (`!=` is exactly not `==`, and so holds where nothing was asked). Whoever builds the circuit
//! says when each question is asked, by [`Subjects::ask`].

use std::collections::{BTreeMap, HashMap, HashSet};

use super::circuit::{Circuit, Node, Var, WAYS_MAX, Ways, YES};
use super::condition::{Condition, Fact, Operand, Value};
use super::model::{Choice, Question};
use super::ways::{self, Shape};

/// More ways, or more comparisons, of one answer are not told apart: the effort is their product.
const TELLING_MAX: usize = 1_000;

/// Questions, and what became of them in a circuit.
pub struct Subjects<'a> {
    pub circuit: Circuit,
    questions: Vec<&'a Question>,
    at: HashMap<&'a str, usize>,
    /// What each subject is compared with, by its name.
    leaves: BTreeMap<String, Vec<Condition>>,
    singles: HashMap<String, Option<Single>>,
    ticks: HashMap<String, Option<Ticks>>,
    asked: Vec<Option<Node>>,
    /// Where a row or a share is offered only under a condition.
    offered: HashMap<(usize, String), Node>,
    /// Whose answer a variable is.
    owners: HashMap<Var, usize>,
    /// Variables that can be in ways that no answer is.
    pub vague: HashSet<Var>,
    /// `age` is what the questions tied to it say, as they are asked; otherwise it is any age.
    pub is_walk: bool,
}

/// A variable, and what each of its ways is.
#[derive(Debug, Clone)]
struct Single {
    var: Var,
    facts: Vec<Fact>,
}

/// A yes-or-no variable for each choice, and how many of them are ticked.
#[derive(Debug, Clone)]
pub struct Ticks {
    codes: Vec<String>,
    vars: Vec<Var>,
    pub count: Var,
}

/// What an answer of several choices is.
#[derive(Debug, Clone, Copy)]
pub struct Ticking {
    /// The count is the number of those ticked: a root of a problem, and nothing else.
    pub sum: Node,
    /// There are enough, not too many, and what stands alone does.
    pub fits: Node,
}

impl<'a> Subjects<'a> {
    /// Of `questions` in their order; `conditions` are all that will ever be asked about.
    pub fn new<'c>(
        questions: Vec<&'a Question>,
        conditions: impl IntoIterator<Item = &'c Condition>,
    ) -> Subjects<'a> {
        let mut subjects = Subjects {
            circuit: Circuit::default(),
            at: questions.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect(),
            asked: vec![None; questions.len()],
            questions,
            leaves: BTreeMap::new(),
            singles: HashMap::new(),
            ticks: HashMap::new(),
            offered: HashMap::new(),
            owners: HashMap::new(),
            vague: HashSet::new(),
            is_walk: false,
        };
        let age = subjects.mapped("age").map(|at| subjects.questions[at].id.clone());
        for condition in conditions {
            collect(condition, age.as_deref(), &mut subjects.leaves);
        }
        subjects
    }

    /// From here on the question counts as asked where `asked` holds.
    pub fn ask(&mut self, question: usize, asked: Node) {
        self.asked[question] = Some(asked);
    }

    /// A row, or a choice that points can be given to, is offered only where `when` holds.
    pub fn offer(&mut self, question: usize, part: &str, when: Node) {
        self.offered.insert((question, part.to_owned()), when);
    }

    /// The question whose answer `var` is part of.
    pub fn owner(&self, var: Var) -> Option<usize> {
        self.owners.get(&var).copied()
    }

    /// The first question tied to this field of the panel, as `response` looks it up.
    fn mapped(&self, field: &str) -> Option<usize> {
        self.questions.iter().position(|question| question.maps.as_deref() == Some(field))
    }

    /// A condition as a node.
    pub fn node(&mut self, condition: &Condition) -> Node {
        match condition {
            Condition::And { of } => {
                let parts: Vec<Node> = of.iter().map(|part| self.node(part)).collect();
                self.circuit.all(parts)
            }
            Condition::Or { of } => {
                let parts: Vec<Node> = of.iter().map(|part| self.node(part)).collect();
                self.circuit.any(parts)
            }
            Condition::Not { of } => {
                let inner = self.node(of);
                self.circuit.not(inner)
            }
            Condition::Ne { left, right } => {
                let equal = self.leaf(&Condition::Eq { left: left.clone(), right: right.clone() });
                self.circuit.not(equal)
            }
            leaf => self.leaf(leaf),
        }
    }

    fn leaf(&mut self, leaf: &Condition) -> Node {
        let mut seen = None;
        leaf.visit(&mut |operand, right| seen = Some((operand.clone(), right.to_vec())));
        let Some((operand, right)) = seen else { return self.anything() };
        if right.iter().any(|value| matches!(value, Value::Other(_))) {
            // Two answers compared with each other have too many ways to differ.
            return self.anything();
        }
        match &operand {
            Operand::Q(id) => self.of_question(id, leaf, &right),
            Operand::Count(id) => self.of_count(id, leaf),
            Operand::Row([id, row]) => self.of_part(id, row, leaf, &right),
            Operand::Builtin(name) if name == "age" && self.is_walk => self.age(leaf),
            Operand::Builtin(name) if name == "age" => {
                let known = self.circuit.free();
                let so = self.builtin(name, leaf, &|values| ways::of_builtin(name, values));
                self.circuit.all([known, so])
            }
            Operand::Builtin(name) => {
                self.builtin(name, leaf, &|values| ways::of_builtin(name, values))
            }
        }
    }

    /// Something of which nothing is known.
    fn anything(&mut self) -> Node {
        let var = self.circuit.variable(2);
        self.vague.insert(var);
        self.circuit.is(var, YES)
    }

    fn of_question(&mut self, id: &str, leaf: &Condition, right: &[Value]) -> Node {
        let Some((at, asked)) = self.asked_by(id) else {
            return self.constant(leaf, Fact::Unanswered);
        };
        let inside = match (ways::shape(self.questions[at]), leaf) {
            (Shape::One, _) => match self.single(at) {
                Some(single) => self.among(&single, leaf),
                None => self.anything(),
            },
            (_, Condition::Answered { .. }) => self.answered(at),
            (Shape::Some, Condition::Has { .. }) => self.has(id, at, right),
            _ => self.anything(),
        };
        self.circuit.all([asked, inside])
    }

    fn of_count(&mut self, id: &str, leaf: &Condition) -> Node {
        let none = self.constant(leaf, Fact::Number(0.0));
        let Some((at, asked)) = self.asked_by(id) else { return none };
        let inside = match self.ticks(at) {
            Some(ticks) => {
                let holds = |count: &usize| leaf.holds(&|_| Fact::Number(*count as f64));
                let counts = (0..=ticks.codes.len()).filter(holds);
                let ways = counts.fold(0, |ways, count| ways | 1 << count);
                self.circuit.is(ticks.count, ways)
            }
            None => self.anything(),
        };
        let asked_so = self.circuit.all([asked, inside]);
        let not = self.circuit.not(asked);
        let unasked_so = self.circuit.all([not, none]);
        self.circuit.any([asked_so, unasked_so])
    }

    fn of_part(&mut self, id: &str, part: &str, leaf: &Condition, right: &[Value]) -> Node {
        let Some((at, asked)) = self.asked_by(id) else {
            return self.constant(leaf, Fact::Unanswered);
        };
        let inside = match (ways::shape(self.questions[at]), leaf) {
            (Shape::Parts, _) => match self.part(at, part) {
                Some(single) => self.among(&single, leaf),
                None => self.anything(),
            },
            (Shape::PartsOfSome, Condition::Has { .. }) => {
                self.has(&format!("{id}.{part}"), at, right)
            }
            (Shape::PartsOfSome, Condition::Answered { .. }) => self.part_answered(at, part),
            _ => self.anything(),
        };
        let offered = self.is_offered(at, part);
        self.circuit.all([asked, offered, inside])
    }

    fn has(&mut self, name: &str, at: usize, right: &[Value]) -> Node {
        let [Value::Text(code)] = right else { return self.anything() };
        let (code, ticks) = (code.clone(), self.ticks_named(name, at));
        match ticks {
            Some(ticks) => self.ticked(&ticks, &code),
            None => self.anything(),
        }
    }

    /// Whether a question's own answer holds this choice, where it is asked.
    pub fn chose(&mut self, at: usize, code: &str) -> Node {
        match ways::shape(self.questions[at]) {
            Shape::One => match self.single(at) {
                Some(single) => self.equal(&single, code),
                None => self.anything(),
            },
            Shape::Some => match self.ticks(at) {
                Some(ticks) => self.ticked(&ticks, code),
                None => self.anything(),
            },
            Shape::Parts => self.part_answered(at, code),
            Shape::PartsOfSome | Shape::Unknown => self.anything(),
        }
    }

    /// Whether the question is answered, where it is asked.
    pub fn answered(&mut self, at: usize) -> Node {
        match ways::shape(self.questions[at]) {
            Shape::One => match self.single(at) {
                Some(single) => self.circuit.is(single.var, !1),
                None => self.anything(),
            },
            Shape::Some => match self.ticks(at) {
                Some(ticks) => self.circuit.is(ticks.count, !1),
                None => self.anything(),
            },
            Shape::Parts | Shape::PartsOfSome => {
                let parts = parts(self.questions[at]);
                let answered = parts.iter().map(|part| {
                    let answered = self.part_answered(at, part);
                    let offered = self.is_offered(at, part);
                    self.circuit.all([offered, answered])
                });
                let answered: Vec<Node> = answered.collect();
                self.circuit.any(answered)
            }
            Shape::Unknown => self.anything(),
        }
    }

    /// Whether this row is answered, where it is offered.
    pub fn part_answered(&mut self, at: usize, part: &str) -> Node {
        if ways::shape(self.questions[at]) == Shape::PartsOfSome {
            let name = format!("{}.{part}", self.questions[at].id);
            return match self.ticks_named(&name, at) {
                Some(ticks) => self.circuit.is(ticks.count, !1),
                None => self.anything(),
            };
        }
        match self.part(at, part) {
            Some(single) => self.circuit.is(single.var, !1),
            None => self.anything(),
        }
    }

    fn asked_by(&self, id: &str) -> Option<(usize, Node)> {
        let at = *self.at.get(id)?;
        Some((at, self.asked[at]?))
    }

    /// Whether a row, or a choice that points can be given to, is offered.
    pub fn is_offered(&mut self, at: usize, part: &str) -> Node {
        let when = self.offered.get(&(at, part.to_owned())).copied();
        when.unwrap_or_else(|| self.circuit.constant(true))
    }

    fn constant(&mut self, leaf: &Condition, fact: Fact) -> Node {
        let holds = leaf.holds(&|_| fact.clone());
        self.circuit.constant(holds)
    }

    fn among(&mut self, single: &Single, leaf: &Condition) -> Node {
        let holding = single.facts.iter().enumerate();
        let holding = holding.filter(|(_, fact)| leaf.holds(&|_| (*fact).clone()));
        let ways = holding.fold(0, |ways, (way, _)| ways | 1 << way);
        self.circuit.is(single.var, ways)
    }

    fn equal(&mut self, single: &Single, code: &str) -> Node {
        let is = |fact: &Fact| matches!(fact, Fact::Text(id) | Fact::DontKnow(id) if id == code);
        let way = single.facts.iter().position(is);
        self.circuit.is(single.var, way.map_or(0, |way| 1 << way))
    }

    fn ticked(&mut self, ticks: &Ticks, code: &str) -> Node {
        match ticks.codes.iter().position(|known| known == code) {
            Some(at) => self.circuit.is(ticks.vars[at], YES),
            None => self.circuit.constant(false),
        }
    }

    /// As `response::age` has it: from the question tied to `age`, else from a birth year, which is
    /// not tied to the day here, and so may be any number.
    fn age(&mut self, leaf: &Condition) -> Node {
        let [own, by_year] = ["age", "birth-year"].map(|field| {
            let at = self.mapped(field)?;
            let counts =
                matches!(self.questions[at].kind.rules().name(), "number" | "year" | "scale");
            let asked = self.asked[at].filter(|_| counts)?;
            let answered = self.answered(at);
            Some((at, self.circuit.all([asked, answered])))
        });
        let no = self.circuit.constant(false);
        let (mut holds, mut answered) = (no, no);
        if let Some((at, known)) = own {
            let so = match self.single(at) {
                Some(single) => self.among(&single, leaf),
                None => self.anything(),
            };
            holds = self.circuit.all([known, so]);
            answered = known;
        }
        if let Some((at, known)) = by_year {
            // Half years are there where the question is no `{year}`.
            let step = if self.questions[at].kind.rules().name() == "year" { 1.0 } else { 0.5 };
            let so = self.builtin("age", leaf, &|values| ways::numbers(values, None, None, step));
            let not = self.circuit.not(answered);
            let so = self.circuit.all([not, known, so]);
            holds = self.circuit.any([holds, so]);
        }
        holds
    }

    fn builtin(
        &mut self,
        name: &str,
        leaf: &Condition,
        facts: &dyn Fn(&[Value]) -> Option<Vec<Fact>>,
    ) -> Node {
        // No question is called like this.
        let key = format!("@{name}");
        if !self.singles.contains_key(&key) {
            let values = self.values(&key);
            let single = facts(&values).and_then(|facts| self.variable(&key, facts, &[]));
            if let (Some(single), "age") = (&single, name) {
                self.vague.insert(single.var);
            }
            self.singles.insert(key.clone(), single);
        }
        match self.singles[&key].clone() {
            Some(single) => self.among(&single, leaf),
            None => self.anything(),
        }
    }

    /// The variable of a question with one answer.
    fn single(&mut self, at: usize) -> Option<Single> {
        let question = self.questions[at];
        self.single_named(&question.id, at, ways::of_question, &question.choices)
    }

    /// The variable of a row, or of a share.
    fn part(&mut self, at: usize, part: &str) -> Option<Single> {
        let name = format!("{}.{part}", self.questions[at].id);
        self.single_named(&name, at, ways::of_part, &[])
    }

    fn single_named(
        &mut self,
        name: &str,
        at: usize,
        facts: fn(&Question, &[Value]) -> Option<Vec<Fact>>,
        choices: &[Choice],
    ) -> Option<Single> {
        if !self.singles.contains_key(name) {
            let question = self.questions[at];
            let facts = facts(question, &self.values(name)).map(|mut facts| {
                facts.insert(0, Fact::Unanswered);
                facts
            });
            let single = facts.and_then(|facts| self.variable(name, facts, choices));
            if let Some(single) = &single {
                self.own(single.var, at);
            }
            self.singles.insert(name.to_owned(), single);
        }
        self.singles[name].clone()
    }

    /// A variable with a way for each of `facts` that something in the survey tells apart.
    fn variable(&mut self, name: &str, facts: Vec<Fact>, choices: &[Choice]) -> Option<Single> {
        let leaves = self.leaves.get(name).map_or(&[][..], Vec::as_slice);
        if facts.len().max(leaves.len()) > TELLING_MAX {
            return None;
        }
        let mut kept: Vec<Fact> = Vec::new();
        let mut seen: HashSet<(bool, Option<usize>, Vec<bool>)> = HashSet::new();
        for fact in facts {
            let holding = leaves.iter().map(|leaf| leaf.holds(&|_| fact.clone())).collect();
            let telling = choices.iter().position(|choice| {
                let is = matches!(&fact, Fact::Text(id) | Fact::DontKnow(id) if *id == choice.id);
                is && (choice.goto.is_some() || choice.condition.is_some())
            });
            if seen.insert((fact == Fact::Unanswered, telling, holding)) {
                kept.push(fact);
            }
        }
        if kept.is_empty() || kept.len() > WAYS_MAX {
            return None;
        }
        Some(Single { var: self.circuit.variable(kept.len()), facts: kept })
    }

    /// The variables of a question of which several choices can be ticked.
    pub fn ticks(&mut self, at: usize) -> Option<Ticks> {
        let is_one = ways::shape(self.questions[at]) == Shape::Some;
        is_one.then(|| self.ticks_named(&self.questions[at].id, at)).flatten()
    }

    /// The same for a row; `name` is the question's id, and the row's behind a dot.
    pub fn ticks_named(&mut self, name: &str, at: usize) -> Option<Ticks> {
        if !self.ticks.contains_key(name) {
            let choices = choices_of(self.questions[at]);
            let ticks = (choices.len() < WAYS_MAX).then(|| Ticks {
                codes: choices.iter().map(|choice| choice.id.clone()).collect(),
                vars: choices.iter().map(|_| self.circuit.variable(2)).collect(),
                count: self.circuit.variable(choices.len() + 1),
            });
            if let Some(ticks) = &ticks {
                self.own(ticks.count, at);
                ticks.vars.iter().for_each(|var| self.own(*var, at));
            }
            self.ticks.insert(name.to_owned(), ticks);
        }
        self.ticks[name].clone()
    }

    fn own(&mut self, var: Var, at: usize) {
        self.owners.insert(var, at);
        if ways::is_vague(self.questions[at]) {
            self.vague.insert(var);
        }
    }

    fn values(&self, name: &str) -> Vec<Value> {
        let mut values = Vec::new();
        for leaf in self.leaves.get(name).into_iter().flatten() {
            leaf.visit(&mut |_, right| values.extend_from_slice(right));
        }
        values
    }

    /// What makes an answer one that can be given, whether or not the question is asked.
    pub fn rules_of_ticking(&mut self, at: usize) -> Vec<Ticking> {
        let question = self.questions[at];
        match ways::shape(question) {
            Shape::Some => {
                let most = question.most().or(question.top.map(f64::from));
                let ticks = self.ticks(at);
                let limits = (question.least(), most);
                ticks.map(|ticks| self.ticking(&ticks, question, limits)).into_iter().collect()
            }
            Shape::PartsOfSome => {
                let mut rules = Vec::new();
                for row in &question.rows {
                    if let Some(ticks) =
                        self.ticks_named(&format!("{}.{}", question.id, row.id), at)
                    {
                        rules.push(self.ticking(&ticks, question, (None, None)));
                    }
                }
                rules
            }
            Shape::One | Shape::Parts | Shape::Unknown => Vec::new(),
        }
    }

    /// The count is right; what stands alone does; otherwise there are enough, and not too many.
    fn ticking(
        &mut self,
        ticks: &Ticks,
        question: &Question,
        (least, most): (Option<f64>, Option<f64>),
    ) -> Ticking {
        let ranked = question.kind.rules().name() == "ranking";
        let sum = self.circuit.sum(ticks.count, ticks.vars.clone());
        let mut rules = Vec::new();
        let fits = |count: &usize| {
            let count = *count as f64;
            count == 0.0
                || least.is_none_or(|least| count >= least) && most.is_none_or(|most| count <= most)
        };
        let counts = (0..=ticks.codes.len()).filter(fits);
        let counts: Ways = counts.fold(0, |ways, count| ways | 1 << count);
        let mut enough = vec![self.circuit.is(ticks.count, counts)];
        for (choice, var) in choices_of(question).iter().zip(&ticks.vars) {
            if choice.stands_alone() && !ranked {
                let chosen = self.circuit.is(*var, YES);
                let alone = self.circuit.is(ticks.count, 0b10);
                rules.push(self.circuit.implies(chosen, alone));
                enough.push(chosen);
            }
        }
        rules.push(self.circuit.any(enough));
        Ticking { sum, fits: self.circuit.all(rules) }
    }
}

/// What is ticked in an answer to `question`, or in a row of it.
fn choices_of(question: &Question) -> &[Choice] {
    match ways::shape(question) {
        Shape::PartsOfSome => &question.columns,
        _ => &question.choices,
    }
}

/// The ids of a question's rows, or of the choices that points are given to.
pub fn parts(question: &Question) -> Vec<String> {
    match question.rows.is_empty() {
        true => question.choices.iter().map(|choice| choice.id.clone()).collect(),
        false => question.rows.iter().map(|row| row.id.clone()).collect(),
    }
}

/// Puts each comparison under the name of what it compares.
fn collect(
    condition: &Condition,
    age: Option<&str>,
    leaves: &mut BTreeMap<String, Vec<Condition>>,
) {
    match condition {
        Condition::And { of } | Condition::Or { of } => {
            of.iter().for_each(|part| collect(part, age, leaves));
        }
        Condition::Not { of } => collect(of, age, leaves),
        leaf => leaf.visit(&mut |operand, right| {
            if right.iter().any(|value| matches!(value, Value::Other(_))) {
                return;
            }
            let mut under = |name: String| leaves.entry(name).or_default().push(leaf.clone());
            match operand {
                Operand::Q(id) => under(id.clone()),
                Operand::Row([id, row]) => under(format!("{id}.{row}")),
                Operand::Builtin(name) => {
                    under(format!("@{name}"));
                    if let (Some(id), "age") = (age, name.as_str()) {
                        under(id.to_owned());
                    }
                }
                // Counts are told apart anyway.
                Operand::Count(_) => {}
            }
        }),
    }
}
