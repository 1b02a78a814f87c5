//! Conditions as XPath.

use super::names::Names;
use crate::survey::condition::{Condition, Operand, Value};
use crate::survey::{Question, Survey};

/// What conditions are written about.
#[derive(Clone, Copy)]
pub struct Expr<'s> {
    pub survey: &'s Survey,
    pub names: &'s Names,
    /// The question whose constraint is written: it is `.` there.
    pub here: Option<&'s str>,
}

impl Expr<'_> {
    /// A condition.
    ///
    /// # Errors
    /// What of it a form cannot say.
    pub fn condition(&self, condition: &Condition) -> Result<String, String> {
        let all = |of: &[Condition], word: &str| -> Result<String, String> {
            let parts: Result<Vec<String>, String> =
                of.iter().map(|part| self.condition(part)).collect();
            Ok(format!("({})", parts?.join(word)))
        };
        match condition {
            Condition::And { of } => all(of, " and "),
            Condition::Or { of } => all(of, " or "),
            Condition::Not { of } => Ok(format!("not({})", self.condition(of)?)),
            Condition::Eq { left, right } => self.equal(left, right),
            Condition::Ne { left, right } => match right {
                Value::Other(_) => Ok(format!("not({})", self.equal(left, right)?)),
                _ => self.compare(left, "!=", right),
            },
            Condition::Lt { left, right } => self.compare(left, "<", right),
            Condition::Le { left, right } => self.compare(left, "<=", right),
            Condition::Gt { left, right } => self.compare(left, ">", right),
            Condition::Ge { left, right } => self.compare(left, ">=", right),
            Condition::In { left, right } => {
                let parts: Result<Vec<String>, String> =
                    right.iter().map(|value| self.equal(left, value)).collect();
                Ok(format!("({})", parts?.join(" or ")))
            }
            Condition::Has { left, right: Value::Text(code) } => {
                Ok(format!("selected({}, {})", self.operand(left)?, quoted(code)?))
            }
            Condition::Has { .. } => Err("a choice that is no code".to_owned()),
            Condition::Answered { left } => self.answered(left),
        }
    }

    /// Two answers that are both missing are not equal in a survey, but in a form they would be.
    fn equal(&self, left: &Operand, right: &Value) -> Result<String, String> {
        let equal = self.compare(left, "=", right)?;
        match right {
            Value::Other(Operand::Q(_) | Operand::Row(_)) => {
                Ok(format!("({} != '' and {equal})", self.operand(left)?))
            }
            _ => Ok(equal),
        }
    }

    fn compare(&self, left: &Operand, op: &str, right: &Value) -> Result<String, String> {
        let kind = self.kind(left);
        let right = match right {
            Value::Number(number) => number.to_string(),
            Value::Other(other) => self.operand(other)?,
            Value::Text(day) if kind == "date" || is_today(left) => {
                format!("date({})", quoted(day)?)
            }
            Value::Text(time) if kind == "time" => day_part(time)?,
            Value::Text(_) if kind == "consent" => quoted("OK")?,
            Value::Text(text) => quoted(text)?,
        };
        let left = match kind {
            "time" if !right.starts_with('$') => format!("decimal-time({})", self.operand(left)?),
            _ => self.operand(left)?,
        };
        Ok(format!("{left} {op} {right}"))
    }

    fn answered(&self, left: &Operand) -> Result<String, String> {
        let Operand::Q(id) = left else { return Ok(format!("{} != ''", self.operand(left)?)) };
        let question = self.question(id)?;
        let parts: Vec<&str> = if question.share.is_some() {
            question.choices.iter().map(|choice| choice.id.as_str()).collect()
        } else {
            question.rows.iter().map(|row| row.id.as_str()).collect()
        };
        if parts.is_empty() {
            return Ok(format!("{} != ''", self.operand(left)?));
        }
        let given = parts.iter().map(|part| format!("${{{}}} != ''", self.names.part(id, part)));
        Ok(format!("({})", given.collect::<Vec<_>>().join(" or ")))
    }

    fn operand(&self, operand: &Operand) -> Result<String, String> {
        match operand {
            Operand::Q(id) if self.here == Some(id) => Ok(".".to_owned()),
            Operand::Q(id) => {
                self.question(id)?;
                Ok(format!("${{{}}}", self.names.question(id)))
            }
            Operand::Row([id, row]) => Ok(format!("${{{}}}", self.names.part(id, row))),
            Operand::Count(id) if self.here == Some(id) => Ok("count-selected(.)".to_owned()),
            Operand::Count(id) => Ok(format!("count-selected(${{{}}})", self.names.question(id))),
            Operand::Builtin(name) if name == "today" => Ok("today()".to_owned()),
            Operand::Builtin(name) => Err(format!("`{name}`, which a form does not know")),
        }
    }

    fn question(&self, id: &str) -> Result<&Question, String> {
        self.survey.question(id).ok_or_else(|| format!("`{id}`, which is not in the form"))
    }

    fn kind(&self, operand: &Operand) -> &'static str {
        match operand {
            Operand::Q(id) => self.survey.question(id).map_or("", |q| q.kind.rules().name()),
            _ => "",
        }
    }
}

fn is_today(operand: &Operand) -> bool {
    matches!(operand, Operand::Builtin(name) if name == "today")
}

/// A time of day as a form counts it: the part of a day that has gone.
pub fn day_part(time: &str) -> Result<String, String> {
    let (hour, minute) = time.split_once(':').ok_or("a time of day")?;
    let number = |text: &str| text.parse::<f64>().map_err(|_| "a time of day".to_owned());
    let part = (number(hour)? * 60.0 + number(minute)?) / 1440.0;
    Ok(format!("{part:.6}"))
}

/// XPath 1 has no way to write a quote within its own kind.
fn quoted(text: &str) -> Result<String, String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        (true, true) => Err("a text with both kinds of quotes".to_owned()),
    }
}
