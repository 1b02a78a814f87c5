//! `target: district in (noerrebro, valby) and age < 30`: who is invited, over a member's background.
//! It is judged here as its author wrote it, and [`compile`]d for `panel::target`, which says whom it
//! means.

use super::catalogue as c;
use super::condition::{Condition, Operand, Value};
use super::expr::{self, Expr, Left, Op, Word};
use super::front_settings;
use super::frontmatter::{FrontMatter, Key};
use super::source::{Notes, suggest};
use super::tree::{self, AnswersSource, QuestionSource};
use super::typecheck;

/// The fields a target can speak of.
pub const FIELDS: &[&str] = &["district", "gender", "age", "birth-year", "education"];

/// Those of them that are numbers; the others are one of several codes.
const NUMBERS: &[&str] = &["age", "birth-year"];

/// The target as written, its fields and their types judged.
pub fn read(front: &FrontMatter, notes: &mut Notes) -> Option<String> {
    let key = front.find("target")?;
    let text = front_settings::text(front, "target", notes)?;
    match expr::parse(&text, key.value_span.start) {
        Ok(expr) => comparisons(&expr).into_iter().for_each(|one| one.judge(key, notes)),
        Err(wrong) => {
            let [en, da] = &wrong.why;
            notes.add(&c::CONDITION_SYNTAX, key.value_span.clone()).phrase("why", en, da);
        }
    }
    Some(text)
}

/// Why a target that is used cannot be: `check` notes the same, with its place, while it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("it cannot be read at {at}: {why}")]
    Syntax { at: usize, why: String },
    #[error("no target can speak of `{0}`; it can of {known}", known = FIELDS.join(", "))]
    Field(String),
    #[error("`{0}` cannot be compared like this: write as in {example}", example = example(.0))]
    Comparison(String),
}

/// The condition that a target is, over operands `Operand::Q(field)`: the fields are
/// `district`, `gender`, `education` (codes), `age` and `birth-year` (numbers).
///
/// # Errors
/// Where it cannot be read, or compares what has no such order.
pub fn compile(text: &str) -> Result<Condition, Wrong> {
    let expr = expr::parse(text, 0).map_err(|wrong| {
        let [why, _] = wrong.why;
        Wrong::Syntax { at: wrong.span.start, why }
    })?;
    for one in comparisons(&expr) {
        if !FIELDS.contains(&one.name) {
            return Err(Wrong::Field(one.name.to_owned()));
        }
        if !one.fits() {
            return Err(Wrong::Comparison(one.name.to_owned()));
        }
    }
    Ok(lower(&expr))
}

/// The tree of an expression whose comparisons were found to fit.
fn lower(expr: &Expr) -> Condition {
    let all = |parts: &[Expr]| parts.iter().map(lower).collect();
    match expr {
        Expr::And(parts) => Condition::And { of: all(parts) },
        Expr::Or(parts) => Condition::Or { of: all(parts) },
        Expr::Not(inner) => Condition::Not { of: Box::new(lower(inner)) },
        Expr::Answered(left) => Condition::Answered { left: Operand::Q(left.name.text.clone()) },
        Expr::Test { left, op, right, .. } => {
            let name = &left.name.text;
            let is_number = NUMBERS.contains(&name.as_str());
            let values = right.iter().map(|word| match word.text.parse::<i64>() {
                Ok(number) if is_number => Value::Number(number as f64),
                _ => Value::Text(word.text.clone()),
            });
            typecheck::comparison(*op, Operand::Q(name.clone()), values.collect())
        }
    }
}

fn example(name: &str) -> &'static str {
    match NUMBERS.contains(&name) {
        true => "age >= 18",
        false => "district in (noerrebro, valby)",
    }
}

/// Notes codes that the background questions in `block` do not have.
pub fn check_codes(front: &FrontMatter, block: &str, notes: &mut Notes) {
    let Some(key) = front.find("target") else { return };
    let text = key.value.as_str().unwrap_or_default();
    let Ok(expr) = expr::parse(text, 0) else { return };
    let tree = tree::read(block, 0, &mut Notes::new(notes.file));
    let questions = || tree.pages.iter().flat_map(|page| &page.questions);
    for one in comparisons(&expr) {
        let mapped =
            |question: &&QuestionSource| question.attributes.value("maps") == Some(one.name);
        let codes = questions().find(mapped).map(codes_of).unwrap_or_default();
        let unknown = |word: &&Word| !codes.is_empty() && !codes.contains(&word.text.as_str());
        for word in one.right.iter().filter(unknown) {
            let note = notes.add(&c::UNKNOWN_CODE, key.value_span.clone());
            note.arg("name", one.name).arg("code", &word.text);
            suggest(note, &word.text, codes.iter().copied());
            // The span is the whole target, which the nearest code cannot take the place of.
            note.fix = None;
        }
    }
}

fn codes_of(question: &QuestionSource) -> Vec<&str> {
    match &question.answers {
        AnswersSource::List { items, .. } if !question.attributes.has("year") => {
            items.iter().filter_map(|item| item.attributes.value("#")).collect()
        }
        _ => Vec::new(),
    }
}

/// `district in (noerrebro, valby)`, or `answered district`.
struct Comparison<'a> {
    name: &'a str,
    /// It is about a part, as in `count(district)` and `district.row`: no field has any.
    parted: bool,
    op: Option<Op>,
    right: &'a [Word],
}

fn comparisons(expr: &Expr) -> Vec<Comparison<'_>> {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().flat_map(comparisons).collect(),
        Expr::Not(inner) => comparisons(inner),
        Expr::Answered(left) => {
            vec![Comparison {
                name: &left.name.text,
                parted: is_parted(left),
                op: None,
                right: &[],
            }]
        }
        Expr::Test { left, op, right, .. } => {
            vec![Comparison {
                name: &left.name.text,
                parted: is_parted(left),
                op: Some(*op),
                right,
            }]
        }
    }
}

fn is_parted(left: &Left) -> bool {
    left.counted || left.row.is_some()
}

impl Comparison<'_> {
    fn judge(&self, key: &Key, notes: &mut Notes) {
        if !FIELDS.contains(&self.name) {
            let note = notes.add(&c::UNKNOWN_MAPS, key.value_span.clone());
            suggest(note.arg("name", self.name), self.name, FIELDS.iter().copied());
            note.fix = None;
        } else if !self.fits() {
            let kind = if NUMBERS.contains(&self.name) { "number" } else { "single" };
            notes
                .add(&c::TYPE_MISMATCH, key.value_span.clone())
                .arg("name", self.name)
                .arg("is", kind)
                .arg("expected", example(self.name));
        }
    }

    fn fits(&self) -> bool {
        let is_number = NUMBERS.contains(&self.name);
        let op_fits = match self.op {
            Some(Op::Has) => false,
            Some(Op::Lt | Op::Le | Op::Gt | Op::Ge) => is_number,
            _ => true,
        };
        let given = |word: &Word| word.text.parse::<i64>().is_ok();
        op_fits && !self.parted && self.right.iter().all(|word| given(word) == is_number)
    }
}
