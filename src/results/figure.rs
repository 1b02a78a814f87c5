//! A published figure: whole percents, tenths of a mean, and how many people a group has.
//!
//! What is audited is exactly what these types can hold, so no writer may know anything finer: a decimal
//! more, anywhere, would make the audited pattern void (results, "What is published, and only that").

use serde::{Deserialize, Serialize};

/// What a figure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Whole percent of the item's base.
    Percent,
    /// To a tenth.
    Mean,
    Median,
    Q1,
    Q3,
    /// A ranking: whole percent who put it first.
    First,
    /// A ranking: whole percent who have it among the best.
    Top,
    /// A ranking: points by place, to a tenth.
    Borda,
}

impl Measure {
    pub const ALL: [Measure; 8] = [
        Measure::Percent,
        Measure::Mean,
        Measure::Median,
        Measure::Q1,
        Measure::Q3,
        Measure::First,
        Measure::Top,
        Measure::Borda,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Percent => "percent",
            Measure::Mean => "mean",
            Measure::Median => "median",
            Measure::Q1 => "q1",
            Measure::Q3 => "q3",
            Measure::First => "first",
            Measure::Top => "top",
            Measure::Borda => "borda",
        }
    }

    pub fn named(name: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// Whole percents, the others are tenths.
    pub fn is_share(self) -> bool {
        matches!(self, Measure::Percent | Measure::First | Measure::Top)
    }
}

/// A figure's value at the only precision there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// 0 to 100.
    Percent(u8),
    /// 31 is 3.1.
    Tenths(i64),
}

impl Value {
    /// A share (0 to 1) to the whole percent.
    pub fn of_share(share: f64) -> Value {
        Value::Percent((share.clamp(0.0, 1.0) * 100.0).round() as u8)
    }

    /// A mean or a quantile to the tenth.
    pub fn of_mean(mean: f64) -> Value {
        Value::Tenths((mean * 10.0).round() as i64)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Value::Percent(percent) => write!(out, "{percent}"),
            Value::Tenths(tenths) => {
                let sign = if tenths < 0 { "-" } else { "" };
                write!(out, "{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
            }
        }
    }
}

/// A group of one background variable; merged ones name all they hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// `district`, `gender`, `age`, `education`.
    pub variable: String,
    /// The ids of its categories, at least one.
    pub categories: Vec<String>,
}

/// A row of `results.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub question: String,
    /// Of a matrix.
    pub row: Option<String>,
    /// The ids of the choices it is about, more than one where they were merged; empty for what is about
    /// the whole question, such as a mean.
    pub choices: Vec<String>,
    /// None: everybody.
    pub group: Option<Group>,
    /// Of a group: everybody in it who was asked (rounded to 10 behind a route). Of the total: how many
    /// answered, rounded to 10.
    pub n: u32,
    pub measure: Measure,
    /// None is hidden, `·` in files, whatever the reason.
    pub value: Option<Value>,
    /// The interval, in the value's own precision; none where it is hidden or has none.
    pub low: Option<Value>,
    pub high: Option<Value>,
}
