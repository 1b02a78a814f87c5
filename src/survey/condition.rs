//! Conditions: the compiled tree that Rust and the browser evaluate alike.

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

/// The right side of a comparison: a code, a text, a date (`YYYY-MM-DD`) or a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Number(f64),
    Text(String),
}
