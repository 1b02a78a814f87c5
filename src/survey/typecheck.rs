//! Conditions looked up and type-checked: from what the author wrote ([`Expr`]) to what Rust and
//! the browser evaluate ([`Condition`]).

use super::catalogue as c;
use super::condition::{Condition, Operand, Value};
use super::expr::{Expr, Left, Op, Word};
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
                    .arg("expected", example(left, &type_));
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

fn comparison(op: Op, left: Operand, mut values: Vec<Value>) -> Condition {
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
        Type::Number | Type::Date => op != Op::Has,
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
        if question.kind.rules().name() != "multiple" {
            note_mismatch(left, question, format!("{name} == …"), notes);
            return None;
        }
        return Some((Operand::Count(name.clone()), Type::Number));
    }
    match &left.row {
        Some(row) => matrix_row(question, left, row, notes),
        None if question.kind.rules().name() == "matrix" && !whole => {
            let row = question.rows.first().map_or("row", |row| row.id.as_str());
            note_mismatch(left, question, format!("{name}.{row} == …"), notes);
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

fn matrix_row(
    question: &Question,
    left: &Left,
    row: &Word,
    notes: &mut Notes,
) -> Option<(Operand, Type)> {
    if question.rows.iter().any(|known| known.id == row.text) {
        let operand = Operand::Row([question.id.clone(), row.text.clone()]);
        let codes = question.columns.iter().map(|column| column.id.clone()).collect();
        return Some((operand, Type::Codes(codes)));
    }
    let note = notes.add(&c::UNKNOWN_ROW, row.span.clone());
    note.arg("name", &left.name.text).arg("row", &row.text);
    suggest(note, &row.text, question.rows.iter().map(|row| row.id.as_str()));
    None
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
        "single" => Type::Codes(codes()),
        "multiple" => Type::Set(codes()),
        "consent" => Type::Codes(vec!["yes".to_owned()]),
        "number" | "year" | "scale" => Type::Number,
        _ => Type::Text,
    }
}

fn kind_name<'a>(left: &'a Left, scope: Scope<'a>) -> &'a str {
    if left.counted || left.name.text == "age" {
        return "number";
    }
    let question = scope.earlier.iter().find(|question| question.id == left.name.text);
    question.map_or("text", |question| question.kind.rules().name())
}

/// How a condition on an operand of this type looks.
fn example(left: &Left, type_: &Type) -> String {
    let row = left.row.as_ref().map(|row| format!(".{}", row.text)).unwrap_or_default();
    let name = format!("{}{row}", left.name.text);
    match type_ {
        Type::Number => format!("{name} >= 3"),
        Type::Date => format!("{name} >= 2026-11-30"),
        Type::Text => format!("{name} == 'text'"),
        Type::Codes(codes) => format!("{name} == {}", codes.first().map_or("…", String::as_str)),
        Type::Set(codes) => format!("{name} has {}", codes.first().map_or("…", String::as_str)),
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
        Type::Number => number(word).map(Value::Number),
        Type::Date => {
            word.text.parse::<jiff::civil::Date>().ok().map(|date| Value::Text(date.to_string()))
        }
        Type::Text => word.quoted.then(|| Value::Text(word.text.clone())),
    };
    if read.is_none() {
        notes
            .add(&c::TYPE_MISMATCH, word.span.clone())
            .arg("name", &left.name.text)
            .arg("is", kind_name(left, scope))
            .arg("expected", example(left, type_));
    }
    read
}

fn number(word: &Word) -> Option<f64> {
    let plain = |sign: char| sign.is_ascii_digit() || sign == '.' || sign == '-';
    let fits = !word.quoted && word.text.chars().all(plain);
    word.text.parse().ok().filter(|_| fits)
}
