//! Conditions looked up and type-checked: from what the author wrote ([`Expr`]) to what Rust and
//! the browser evaluate ([`Condition`]).

use super::catalogue as c;
use super::condition::{Condition, Operand, Value};
use super::expr::{Expr, Left, Op, Word};
use super::kinds;
use super::model::Question;
use super::source::{Notes, suggest};

/// Where answers come from besides questions.
pub const CHANNELS: &[&str] = &["kiosk", "web", "preview", "paper"];

const BUILTINS: &[&str] = &["age", "today", "channel"];

/// What a condition may speak of: the questions before it, and those after it, to say so.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub earlier: &'a [&'a Question],
    pub later: &'a [&'a Question],
}

/// What can be compared with an operand.
#[derive(Debug, Clone, PartialEq)]
enum Type {
    Number,
    Date,
    Time,
    Text,
    Codes(Vec<String>),
    Set(Vec<String>),
}

/// Looks up and checks `expr`; none, with notes, where it is wrong.
pub fn check(expr: &Expr, scope: Scope, notes: &mut Notes) -> Option<Condition> {
    match expr {
        Expr::And(parts) => Some(Condition::And { of: check_all(parts, scope, notes)? }),
        Expr::Or(parts) => Some(Condition::Or { of: check_all(parts, scope, notes)? }),
        Expr::Not(inner) => Some(Condition::Not { of: Box::new(check(inner, scope, notes)?) }),
        Expr::Answered(left) => {
            let (operand, _) = operand(left, true, scope, notes)?;
            Some(Condition::Answered { left: operand })
        }
        Expr::Test { left, op, right, span } => {
            let (operand, type_) = operand(left, false, scope, notes)?;
            if !fits(*op, &type_) {
                let kind = kind_name(left, scope);
                notes
                    .add(&c::TYPE_MISMATCH, span.clone())
                    .arg("name", &left.name.text)
                    .arg("is", kind)
                    .arg("expected", example(&written(left), &type_));
                return None;
            }
            let values: Option<Vec<Value>> =
                right.iter().map(|word| value(word, left, &type_, scope, notes)).collect();
            Some(comparison(*op, operand, values?))
        }
    }
}

fn check_all(parts: &[Expr], scope: Scope, notes: &mut Notes) -> Option<Vec<Condition>> {
    // Every part is checked, so that all its mistakes are shown at once.
    let checked: Vec<Option<Condition>> =
        parts.iter().map(|part| check(part, scope, notes)).collect();
    checked.into_iter().collect()
}

/// The node of a comparison whose sides are judged; `values` has one, and more for `in` alone.
pub(super) fn comparison(op: Op, left: Operand, mut values: Vec<Value>) -> Condition {
    if op == Op::In {
        return Condition::In { left, right: values };
    }
    let right = values.remove(0);
    match op {
        Op::Eq | Op::In => Condition::Eq { left, right },
        Op::Ne => Condition::Ne { left, right },
        Op::Lt => Condition::Lt { left, right },
        Op::Le => Condition::Le { left, right },
        Op::Gt => Condition::Gt { left, right },
        Op::Ge => Condition::Ge { left, right },
        Op::Has => Condition::Has { left, right },
    }
}

fn fits(op: Op, type_: &Type) -> bool {
    match type_ {
        Type::Number | Type::Date | Type::Time => op != Op::Has,
        Type::Codes(_) | Type::Text => matches!(op, Op::Eq | Op::Ne | Op::In),
        Type::Set(_) => op == Op::Has,
    }
}

fn operand(left: &Left, whole: bool, scope: Scope, notes: &mut Notes) -> Option<(Operand, Type)> {
    let name = &left.name.text;
    let Some(question) = scope.earlier.iter().find(|question| question.id == *name) else {
        return builtin(left, scope, notes);
    };
    if left.counted {
        if !matches!(type_of(question), Type::Set(_)) {
            note_mismatch(left, question, example_of(question), notes);
            return None;
        }
        return Some((Operand::Count(name.clone()), Type::Number));
    }
    match &left.row {
        Some(row) => part(question, left, row, notes),
        None if parts_of(question).is_some() && !whole => {
            note_mismatch(left, question, example_of(question), notes);
            None
        }
        None => Some((Operand::Q(name.clone()), type_of(question))),
    }
}

fn note_mismatch(left: &Left, question: &Question, expected: String, notes: &mut Notes) {
    notes
        .add(&c::TYPE_MISMATCH, left.name.span.clone())
        .arg("name", &left.name.text)
        .arg("is", question.kind.rules().name())
        .arg("expected", expected);
}

/// A question that is compared part by part: the ids of its parts, and what each is.
fn parts_of(question: &Question) -> Option<(Vec<&str>, Type)> {
    let rows = || question.rows.iter().map(|row| row.id.as_str()).collect();
    let columns = || question.columns.iter().map(|column| column.id.clone()).collect();
    match question.kind.rules().name() {
        "matrix" | "differential" => Some((rows(), Type::Codes(columns()))),
        "matrix-multiple" => Some((rows(), Type::Set(columns()))),
        "points" => {
            let choices = question.choices.iter().map(|choice| choice.id.as_str());
            Some((choices.collect(), Type::Number))
        }
        _ => None,
    }
}

fn part(
    question: &Question,
    left: &Left,
    row: &Word,
    notes: &mut Notes,
) -> Option<(Operand, Type)> {
    let Some((parts, type_)) = parts_of(question) else {
        note_mismatch(left, question, example_of(question), notes);
        return None;
    };
    if parts.contains(&row.text.as_str()) {
        return Some((Operand::Row([question.id.clone(), row.text.clone()]), type_));
    }
    let note = notes.add(&c::UNKNOWN_ROW, row.span.clone());
    note.arg("name", &left.name.text).arg("row", &row.text);
    suggest(note, &row.text, parts);
    None
}

/// How a condition on this question looks.
fn example_of(question: &Question) -> String {
    match parts_of(question) {
        Some((parts, type_)) => {
            let part = parts.first().copied().unwrap_or("row");
            example(&format!("{}.{part}", question.id), &type_)
        }
        None => example(&question.id, &type_of(question)),
    }
}

fn builtin(left: &Left, scope: Scope, notes: &mut Notes) -> Option<(Operand, Type)> {
    let name = left.name.text.as_str();
    let plain = left.row.is_none() && !left.counted;
    if plain && BUILTINS.contains(&name) && !scope.later.iter().any(|later| later.id == name) {
        let type_ = match name {
            "age" => Type::Number,
            "today" => Type::Date,
            _ => Type::Codes(CHANNELS.iter().map(|channel| (*channel).to_owned()).collect()),
        };
        return Some((Operand::Builtin(name.to_owned()), type_));
    }
    if scope.later.iter().any(|later| later.id == name) {
        notes.add(&c::LATER_QUESTION, left.name.span.clone()).arg("name", name);
    } else {
        let note = notes.add(&c::UNKNOWN_ID, left.name.span.clone());
        note.arg("name", name);
        suggest(note, name, scope.earlier.iter().map(|question| question.id.as_str()));
    }
    None
}

fn type_of(question: &Question) -> Type {
    let codes = || question.choices.iter().map(|choice| choice.id.clone()).collect();
    match question.kind.rules().name() {
        "single" | "place" => Type::Codes(codes()),
        "multiple" | "ranking" => Type::Set(codes()),
        "date" => Type::Date,
        "time" => Type::Time,
        "consent" => Type::Codes(vec!["yes".to_owned()]),
        "number" | "year" | "scale" => Type::Number,
        _ => Type::Text,
    }
}

fn kind_name<'a>(left: &'a Left, scope: Scope<'a>) -> &'a str {
    if left.counted || left.name.text == "age" {
        return "number";
    }
    if left.name.text == "today" && !scope.earlier.iter().any(|one| one.id == "today") {
        return "date";
    }
    let question = scope.earlier.iter().find(|question| question.id == left.name.text);
    question.map_or("text", |question| question.kind.rules().name())
}

/// How a condition on an operand of this type looks.
fn example(name: &str, type_: &Type) -> String {
    match type_ {
        Type::Number => format!("{name} >= 3"),
        Type::Date => format!("{name} >= 2026-11-30"),
        Type::Time => format!("{name} >= 08:30"),
        Type::Text => format!("{name} == 'text'"),
        Type::Codes(codes) => format!("{name} == {}", codes.first().map_or("…", String::as_str)),
        Type::Set(codes) => format!("{name} has {}", codes.first().map_or("…", String::as_str)),
    }
}

/// The left side as its author wrote it.
fn written(left: &Left) -> String {
    let row = left.row.as_ref().map(|row| format!(".{}", row.text)).unwrap_or_default();
    match left.counted {
        true => format!("count({})", left.name.text),
        false => format!("{}{row}", left.name.text),
    }
}

fn value(word: &Word, left: &Left, type_: &Type, scope: Scope, notes: &mut Notes) -> Option<Value> {
    let read = match type_ {
        Type::Codes(codes) | Type::Set(codes) => {
            if codes.contains(&word.text) {
                return Some(Value::Text(word.text.clone()));
            }
            let note = notes.add(&c::UNKNOWN_CODE, word.span.clone());
            note.arg("name", &left.name.text).arg("code", &word.text);
            suggest(note, &word.text, codes.iter().map(String::as_str));
            return None;
        }
        Type::Number => number(word).map(Value::Number).or_else(|| other(word, type_, scope)),
        Type::Date => {
            kinds::date::read(&word.text).map(Value::Text).or_else(|| other(word, type_, scope))
        }
        Type::Time => {
            kinds::time::read(&word.text).map(Value::Text).or_else(|| other(word, type_, scope))
        }
        Type::Text => word.quoted.then(|| Value::Text(word.text.clone())),
    };
    if read.is_none() {
        notes
            .add(&c::TYPE_MISMATCH, word.span.clone())
            .arg("name", &left.name.text)
            .arg("is", kind_name(left, scope))
            .arg("expected", example(&written(left), type_));
    }
    read
}

/// What else stands on a right side: an earlier question with an answer of the same type.
fn other(word: &Word, type_: &Type, scope: Scope) -> Option<Value> {
    if word.quoted {
        return None;
    }
    let (name, part) = match word.text.split_once('.') {
        Some((name, part)) => (name, Some(part)),
        None => (word.text.as_str(), None),
    };
    let question = scope.earlier.iter().find(|question| question.id == name);
    let operand = match (question, part) {
        (Some(question), None) if type_of(question) == *type_ => Operand::Q(name.to_owned()),
        (Some(question), Some(part)) => {
            let (parts, of_part) = parts_of(question)?;
            if !parts.contains(&part) || of_part != *type_ {
                return None;
            }
            Operand::Row([name.to_owned(), part.to_owned()])
        }
        (None, None) if name == "today" && *type_ == Type::Date => {
            Operand::Builtin(name.to_owned())
        }
        (None, None) if name == "age" && *type_ == Type::Number => {
            Operand::Builtin(name.to_owned())
        }
        _ => return None,
    };
    Some(Value::Other(operand))
}

fn number(word: &Word) -> Option<f64> {
    let plain = |sign: char| sign.is_ascii_digit() || sign == '.' || sign == '-';
    let whole = word.text.trim_start_matches('-').split('.').next().unwrap_or_default();
    let slipped = kinds::author::has_leading_zero(whole);
    let fits = !word.quoted && !slipped && word.text.chars().all(plain);
    word.text.parse().ok().filter(|_| fits)
}
