//! What is tabulated: the people of a sample, and what each of them gave for each item.
//!
//! An item is a question, or one row of a matrix; all items of a sample list the same people in the same
//! order.

use serde::{Deserialize, Serialize};

use crate::response::record::Background;
use crate::response::targets::Variable;

/// Somebody who answered, as far as results need to know them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub background: Background,
    pub channel: String,
    pub kiosk: Option<String>,
    /// Seconds; none without JavaScript.
    pub duration_s: Option<u32>,
    /// Quality flags: they mark, and take nobody out.
    pub flags: Vec<String>,
}

impl Person {
    /// What this person has for a variable.
    pub fn category(&self, variable: Variable) -> Option<&str> {
        match variable {
            Variable::Channel => Some(&self.channel),
            of_background => of_background.of(&self.background),
        }
    }
}

/// How an item is counted, and so which figures it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One choice: its shares add up to all who answered. "Don't know" is one of the choices.
    Single,
    /// One choice of an ordered row (a scale, a matrix row of a Likert scale): shares and a mean.
    /// Rows of its table keep their order and are never merged.
    Ordered,
    /// Any choices: each is a share of its own, of everybody who was asked and came past it.
    Multiple,
    /// A number: median, quartiles, mean.
    Number,
    /// The best `places` in order: share first, share in the best, Borda mean.
    Ranking { places: u32 },
    /// Points shared out: each choice's mean share in percent.
    Budget,
}

/// A row of an item's table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    pub id: String,
    /// What it counts as in a mean; none for "don't know" and for choices without an order.
    pub value: Option<f64>,
    /// Cannot be chosen together with others.
    pub exclusive: bool,
}

/// What one person gave for one item; indices are those of [`Item::choices`].
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// The route did not lead there.
    NotAsked,
    /// Asked, and left open.
    Open,
    One(usize),
    /// In the item's order; empty where somebody who was asked passed the page by without a tick.
    Many(Vec<usize>),
    Number(f64),
    /// The best first.
    Ranked(Vec<usize>),
    /// Points by choice, as many as there are choices.
    Points(Vec<f64>),
}

impl Given {
    /// In the base of the item's figures.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Given::NotAsked | Given::Open)
    }

    pub fn is_asked(&self) -> bool {
        !matches!(self, Given::NotAsked)
    }
}

/// How many choices somebody who answers can have given, where there may be several. The form says so, and who
/// knows it knows what all shares of a group add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ticks {
    pub least: u32,
    /// The largest number there is: as many as there are choices, or places.
    #[serde(skip_serializing_if = "is_no_limit")]
    pub most: u32,
}

fn is_no_limit(most: &u32) -> bool {
    *most == u32::MAX
}

impl Default for Ticks {
    /// Any number of them.
    fn default() -> Ticks {
        Ticks { least: 0, most: u32::MAX }
    }
}

impl Ticks {
    /// The same as far as these answers keep to it: who asks on paper cannot refuse one too many. Whoever gives
    /// a choice that excludes all others gives no more, whatever is asked for.
    pub fn of(self, given: &[Given], choices: &[Choice]) -> Ticks {
        given.iter().fold(self, |ticks, given| {
            let rows = match given {
                Given::Many(rows) | Given::Ranked(rows) => rows,
                Given::Open => return Ticks { least: 0, ..ticks },
                _ => return ticks,
            };
            if rows.iter().any(|&row| choices[row].exclusive) {
                return ticks;
            }
            let count = rows.len() as u32;
            Ticks { least: ticks.least.min(count), most: ticks.most.max(count) }
        })
    }
}

/// What is tabulated by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub question: String,
    /// Of a matrix.
    pub row: Option<String>,
    pub shape: Shape,
    /// In the survey's order; none of a number.
    pub choices: Vec<Choice>,
    /// Behind a condition or a skip: not everybody is asked, so how many were is an answer to another question.
    pub routed: bool,
    pub ticks: Ticks,
    /// Has no tables by groups, whatever could be shown: what staff read out of texts.
    pub totals_only: bool,
    /// By person, as many as the sample has.
    pub given: Vec<Given>,
}
