//! Conditions: the compiled tree that Rust and the browser evaluate alike.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A condition as a tree of fixed node kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Condition {
    And {
        of: Vec<Condition>,
    },
    Or {
        of: Vec<Condition>,
    },
    Not {
        of: Box<Condition>,
    },
    Eq {
        left: Operand,
        right: Value,
    },
    Ne {
        left: Operand,
        right: Value,
    },
    Lt {
        left: Operand,
        right: Value,
    },
    Le {
        left: Operand,
        right: Value,
    },
    Gt {
        left: Operand,
        right: Value,
    },
    Ge {
        left: Operand,
        right: Value,
    },
    In {
        left: Operand,
        right: Vec<Value>,
    },
    /// A multiple question where this choice is ticked.
    Has {
        left: Operand,
        right: Value,
    },
    Answered {
        left: Operand,
    },
}

/// The left side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operand {
    /// `{"q": "often"}`
    Q(String),
    /// `{"row": ["rate", "clean"]}`: one row of a matrix.
    Row([String; 2]),
    /// `{"count": "what"}`: how many choices are ticked.
    Count(String),
    /// `{"builtin": "channel"}`: `age`, `today` or `channel`.
    Builtin(String),
}

/// The right side of a comparison: a code, a text, a date (`YYYY-MM-DD`), a time (`HH:MM`), a number,
/// or what another question was answered with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(f64),
    Text(String),
    Other(Operand),
}

/// What an operand is, when a condition is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Not asked, or not answered.
    Unanswered,
    Number(f64),
    /// A code or a text: it has no order.
    Text(String),
    /// A date (`YYYY-MM-DD`) or a time (`HH:MM`): ordered as it is written.
    Date(String),
    /// A don't-know code: equal to itself, unanswered to `<` and `>`.
    DontKnow(String),
    /// The choices ticked.
    Set(Vec<String>),
}

impl Condition {
    /// Calls `see` with each comparison's left side and its values; those may be operands too.
    pub fn visit(&self, see: &mut dyn FnMut(&Operand, &[Value])) {
        match self {
            Condition::And { of } | Condition::Or { of } => {
                for part in of {
                    part.visit(see);
                }
            }
            Condition::Not { of } => of.visit(see),
            Condition::In { left, right } => see(left, right),
            Condition::Answered { left } => see(left, &[]),
            Condition::Eq { left, right }
            | Condition::Ne { left, right }
            | Condition::Lt { left, right }
            | Condition::Le { left, right }
            | Condition::Gt { left, right }
            | Condition::Ge { left, right }
            | Condition::Has { left, right } => see(left, std::slice::from_ref(right)),
        }
    }

    /// Every operand in it, on either side.
    pub fn operands(&self) -> Vec<Operand> {
        let mut found = Vec::new();
        self.visit(&mut |left, values| {
            found.push(left.clone());
            found.extend(values.iter().filter_map(|value| match value {
                Value::Other(operand) => Some(operand.clone()),
                Value::Number(_) | Value::Text(_) => None,
            }));
        });
        found
    }

    /// Both sides of its comparisons, as far as they are operands; not what `has` and `answered` ask
    /// after, nor counts, which are never unanswered.
    pub fn compared(&self) -> Vec<&Operand> {
        match self {
            Condition::And { of } | Condition::Or { of } => {
                of.iter().flat_map(Condition::compared).collect()
            }
            Condition::Not { of } => of.compared(),
            Condition::Has { .. } | Condition::Answered { .. } => Vec::new(),
            Condition::In { left, right } => operands(left, right),
            Condition::Eq { left, right }
            | Condition::Ne { left, right }
            | Condition::Lt { left, right }
            | Condition::Le { left, right }
            | Condition::Gt { left, right }
            | Condition::Ge { left, right } => operands(left, std::slice::from_ref(right)),
        }
    }

    /// Whether it holds; `fact` says what each operand is. A comparison with something unanswered is
    /// false, and `ne` is exactly not `eq`.
    pub fn holds(&self, fact: &dyn Fn(&Operand) -> Fact) -> bool {
        match self {
            Condition::And { of } => of.iter().all(|part| part.holds(fact)),
            Condition::Or { of } => of.iter().any(|part| part.holds(fact)),
            Condition::Not { of } => !of.holds(fact),
            Condition::Eq { left, right } => equals(&fact(left), &of(right, fact)),
            Condition::Ne { left, right } => !equals(&fact(left), &of(right, fact)),
            Condition::Lt { left, right } => {
                compare(&fact(left), &of(right, fact)) == Some(Ordering::Less)
            }
            Condition::Gt { left, right } => {
                compare(&fact(left), &of(right, fact)) == Some(Ordering::Greater)
            }
            Condition::Le { left, right } => {
                compare(&fact(left), &of(right, fact)).is_some_and(Ordering::is_le)
            }
            Condition::Ge { left, right } => {
                compare(&fact(left), &of(right, fact)).is_some_and(Ordering::is_ge)
            }
            Condition::In { left, right } => {
                let left = fact(left);
                right.iter().any(|value| equals(&left, &of(value, fact)))
            }
            Condition::Has { left, right } => match (fact(left), right) {
                (Fact::Set(ticked), Value::Text(code)) => ticked.contains(code),
                _ => false,
            },
            Condition::Answered { left } => fact(left) != Fact::Unanswered,
        }
    }
}

fn operands<'a>(left: &'a Operand, right: &'a [Value]) -> Vec<&'a Operand> {
    let right = right.iter().filter_map(|value| match value {
        Value::Other(operand) => Some(operand),
        Value::Number(_) | Value::Text(_) => None,
    });
    std::iter::once(left)
        .chain(right)
        .filter(|operand| !matches!(operand, Operand::Count(_)))
        .collect()
}

/// The right side as a fact. What an author wrote is a text, whatever it is compared with.
fn of(value: &Value, fact: &dyn Fn(&Operand) -> Fact) -> Fact {
    match value {
        Value::Number(number) => Fact::Number(*number),
        Value::Text(text) => Fact::Text(text.clone()),
        Value::Other(operand) => fact(operand),
    }
}

fn equals(left: &Fact, right: &Fact) -> bool {
    match (left, right) {
        (Fact::Number(left), Fact::Number(right)) => left == right,
        _ => written(left).is_some_and(|text| Some(text) == written(right)),
    }
}

/// Numbers as numbers, dates and times as they are written; anything else has no order.
fn compare(left: &Fact, right: &Fact) -> Option<Ordering> {
    match (left, right) {
        (Fact::Number(left), Fact::Number(right)) => left.partial_cmp(right),
        (Fact::Date(left), _) => Some(left.as_str().cmp(written(right)?)),
        _ => None,
    }
}

fn written(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Text(text) | Fact::DontKnow(text) | Fact::Date(text) => Some(text),
        Fact::Unanswered | Fact::Number(_) | Fact::Set(_) => None,
    }
}
