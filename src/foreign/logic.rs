//! Conditions between two languages: what a foreign expression means, in the terms of the survey
//! language, and how that is written there. Shared by XPath and LimeSurvey's expressions.

use std::collections::HashMap;

/// A condition of the survey language.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// Known without any answer.
    Known(bool),
    And(Vec<Logic>),
    Or(Vec<Logic>),
    Not(Box<Logic>),
    Answered(String),
    Test(Test),
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub left: String,
    pub op: &'static str,
    pub right: String,
}

impl Logic {
    pub fn test(left: impl Into<String>, op: &'static str, right: impl Into<String>) -> Logic {
        Logic::Test(Test { left: left.into(), op, right: right.into() })
    }

    /// All of them hold; what is known is taken out.
    pub fn and(parts: Vec<Logic>) -> Logic {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Logic::Known(true) => {}
                Logic::Known(false) => return Logic::Known(false),
                Logic::And(inner) => flat.extend(inner),
                // Saying it twice says no more.
                other if flat.contains(&other) => {}
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Logic::Known(true),
            1 => flat.remove(0),
            _ => Logic::And(flat),
        }
    }

    /// One of them holds. Equal to one thing or another becomes `in`.
    pub fn or(parts: Vec<Logic>) -> Logic {
        let mut flat: Vec<Logic> = Vec::new();
        for part in parts {
            match part {
                Logic::Known(false) => {}
                Logic::Known(true) => return Logic::Known(true),
                Logic::Or(inner) => flat.extend(inner),
                other if flat.contains(&other) => {}
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Logic::Known(false),
            1 => flat.remove(0),
            _ => one_of(&flat).unwrap_or(Logic::Or(flat)),
        }
    }

    pub fn negated(inner: Logic) -> Logic {
        match inner {
            Logic::Known(known) => Logic::Known(!known),
            Logic::Not(inner) => *inner,
            Logic::Test(Test { left, op: "==", right }) => Logic::test(left, "!=", right),
            Logic::Test(Test { left, op: "!=", right }) => Logic::test(left, "==", right),
            other => Logic::Not(Box::new(other)),
        }
    }

    /// How many comparisons it is made of.
    pub fn size(&self) -> usize {
        match self {
            Logic::And(parts) | Logic::Or(parts) => parts.iter().map(Logic::size).sum(),
            Logic::Not(inner) => inner.size(),
            Logic::Known(_) | Logic::Answered(_) | Logic::Test(_) => 1,
        }
    }

    /// As the survey language writes it; none for what is always or never true.
    pub fn write(&self) -> Option<String> {
        Some(match self {
            Logic::Known(_) => return None,
            Logic::Answered(left) => format!("answered {left}"),
            Logic::Test(Test { left, op, right }) => format!("{left} {op} {right}"),
            Logic::Not(inner) => match inner.as_ref() {
                Logic::And(_) | Logic::Or(_) => format!("not ({})", inner.write()?),
                _ => format!("not {}", inner.write()?),
            },
            Logic::And(parts) => joined(parts, " and ", |part| matches!(part, Logic::Or(_)))?,
            Logic::Or(parts) => joined(parts, " or ", |part| matches!(part, Logic::And(_)))?,
        })
    }
}

fn joined(parts: &[Logic], word: &str, braced: impl Fn(&Logic) -> bool) -> Option<String> {
    let written: Option<Vec<String>> = parts
        .iter()
        .map(|part| {
            let text = part.write()?;
            Some(if braced(part) { format!("({text})") } else { text })
        })
        .collect();
    Some(written?.join(word))
}

/// `a == x or a == y` as `a in (x, y)`.
fn one_of(parts: &[Logic]) -> Option<Logic> {
    let mut values = Vec::new();
    let mut same: Option<&str> = None;
    for part in parts {
        let Logic::Test(Test { left, op, right }) = part else { return None };
        if same.is_some_and(|name| name != left) {
            return None;
        }
        same = Some(left);
        match *op {
            "==" => values.push(right.as_str()),
            "in" => values.push(right.trim_matches(['(', ')'])),
            _ => return None,
        }
    }
    Some(Logic::test(same?, "in", format!("({})", values.join(", "))))
}

/// What a question is to a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// One code.
    Choice,
    /// Several codes, which can be counted.
    Set,
    /// One choice of several, which LimeSurvey names by itself: `Y` where it is ticked.
    Tick,
    Number,
    Date,
    Time,
    Text,
    /// Ticked or not.
    Consent,
}

/// A question that a condition can speak of.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// `often`, or `rate.clean` for a row.
    pub id: String,
    pub nature: Nature,
    /// The ids of each foreign code; several where a list has it twice.
    pub codes: HashMap<String, Vec<String>>,
    /// Its place in the order of questions: a condition looks back only.
    pub order: usize,
}

/// The right side of a foreign comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Side<'a> {
    Text(&'a str),
    Number(f64),
    Date(&'a str),
    Today,
    Other(&'a Subject),
}

/// `subject op side` in the survey language.
///
/// # Errors
/// Why it cannot be said there.
pub fn compare(subject: &Subject, op: &'static str, side: &Side) -> Result<Logic, String> {
    let id = &subject.id;
    if *side == Side::Text("") {
        return match op {
            "==" => Ok(Logic::negated(answered(subject))),
            "!=" => Ok(answered(subject)),
            _ => Err(format!("`{id}` cannot be more or less than nothing")),
        };
    }
    let equality = matches!(op, "==" | "!=");
    match (subject.nature, side) {
        (Nature::Tick, Side::Text("Y")) if equality => {
            let ticked = answered(subject);
            Ok(if op == "==" { ticked } else { Logic::negated(ticked) })
        }
        (Nature::Choice, _) if equality => {
            let tests = codes(subject, side)?;
            let equal = Logic::or(
                tests.iter().map(|code| Logic::test(id.clone(), "==", code.clone())).collect(),
            );
            Ok(if op == "==" { equal } else { Logic::negated(equal) })
        }
        // XPath compares the whole text of a set: exactly this one is ticked.
        (Nature::Set, Side::Text(_) | Side::Number(_)) if equality => {
            let alone = Logic::test(format!("count({id})"), "==", "1");
            let only = Logic::and(vec![ticked(subject, side)?, alone]);
            Ok(if op == "==" { only } else { Logic::negated(only) })
        }
        (Nature::Number, Side::Number(number)) => {
            Ok(Logic::test(id.clone(), op, decimal(*number)?))
        }
        (Nature::Number, Side::Text(text)) => {
            let number = text.trim().parse::<f64>();
            let number = number.map_err(|_| format!("`{id}` is a number, `{text}` is none"))?;
            Ok(Logic::test(id.clone(), op, decimal(number)?))
        }
        (Nature::Date, Side::Date(day) | Side::Text(day)) if is_day(day) => {
            Ok(Logic::test(id.clone(), op, *day))
        }
        (Nature::Date, Side::Today) => Ok(Logic::test(id.clone(), op, "today")),
        (Nature::Time, Side::Text(time)) if is_time(time) => {
            Ok(Logic::test(id.clone(), op, &time[..5]))
        }
        (Nature::Text, Side::Text(text)) if equality => {
            if text.contains(['\'', '"', '{', '}', '\n']) {
                return Err(format!("a condition cannot hold the quotes or braces of `{text}`"));
            }
            Ok(Logic::test(id.clone(), op, format!("'{text}'")))
        }
        (Nature::Text, Side::Number(number)) if equality => {
            Ok(Logic::test(id.clone(), op, format!("'{number}'")))
        }
        (Nature::Consent, Side::Text("OK")) if equality => {
            let given = answered(subject);
            Ok(if op == "==" { given } else { Logic::negated(given) })
        }
        (Nature::Number, Side::Other(other)) if other.nature == Nature::Number => {
            Ok(Logic::test(id.clone(), op, other.id.clone()))
        }
        (Nature::Date, Side::Other(other)) if other.nature == Nature::Date => {
            Ok(Logic::test(id.clone(), op, other.id.clone()))
        }
        (Nature::Time, Side::Other(other)) if other.nature == Nature::Time => {
            Ok(Logic::test(id.clone(), op, other.id.clone()))
        }
        _ => Err(format!("`{id}` cannot be compared with that")),
    }
}

/// There is an answer.
pub fn answered(subject: &Subject) -> Logic {
    let code = |name: &str| subject.codes.get(name).and_then(|codes| codes.first());
    match (subject.nature, code("Y"), code("OK")) {
        (Nature::Tick, Some(code), _) => Logic::test(subject.id.clone(), "has", code.clone()),
        // Agreeing that became yes and no: no is an answer too.
        (Nature::Consent, _, Some(yes)) => Logic::test(subject.id.clone(), "==", yes.clone()),
        _ => Logic::Answered(subject.id.clone()),
    }
}

/// The choice is ticked, or chosen.
///
/// # Errors
/// Where the question has no choices, or not this one.
pub fn ticked(subject: &Subject, side: &Side) -> Result<Logic, String> {
    match subject.nature {
        Nature::Choice | Nature::Consent => compare(subject, "==", side),
        Nature::Set => {
            let codes = codes(subject, side)?;
            let has = |code: &String| Logic::test(subject.id.clone(), "has", code.clone());
            Ok(Logic::or(codes.iter().map(has).collect()))
        }
        _ => Err(format!("`{}` has no choices", subject.id)),
    }
}

/// What is said of a code that a question does not have.
pub const NO_CHOICE: &str = "has no choice";

fn codes<'s>(subject: &'s Subject, side: &Side) -> Result<&'s [String], String> {
    let name = match side {
        Side::Text(text) => text.trim().to_owned(),
        Side::Number(number) => number.to_string(),
        _ => return Err(format!("`{}` is compared with something that is no choice", subject.id)),
    };
    let found = subject.codes.get(&name).filter(|codes| !codes.is_empty());
    found.map(Vec::as_slice).ok_or_else(|| format!("`{}` {NO_CHOICE} `{name}`", subject.id))
}

/// A number as conditions and attributes write it.
///
/// # Errors
/// Where it has no plain form.
pub fn decimal(number: f64) -> Result<String, String> {
    let text = number.to_string();
    let digits = text.trim_start_matches('-').replace('.', "");
    let plain = digits.bytes().all(|sign| sign.is_ascii_digit()) && digits.len() <= 15;
    if plain { Ok(text) } else { Err(format!("the number {number} is too long")) }
}

/// `YYYY-MM-DD`, and a day that exists.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// `HH:MM`, perhaps with seconds.
pub fn is_time(text: &str) -> bool {
    let Some((hour, rest)) = text.split_once(':') else { return false };
    let part = |text: &str, max: u32| {
        text.len() == 2
            && text.bytes().all(|sign| sign.is_ascii_digit())
            && text.parse::<u32>().is_ok_and(|n| n <= max)
    };
    part(hour, 23) && rest.is_char_boundary(2) && rest.len() >= 2 && part(&rest[..2], 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(nature: Nature) -> Subject {
        let codes = HashMap::from([
            ("A1".to_owned(), vec!["a1".to_owned()]),
            ("2".to_owned(), vec!["2".to_owned(), "2-2".to_owned()]),
        ]);
        Subject { id: "q".to_owned(), nature, codes, order: 0 }
    }

    fn said(nature: Nature, op: &'static str, side: &Side) -> String {
        match compare(&subject(nature), op, side) {
            Ok(logic) => logic.write().unwrap_or_default(),
            Err(why) => why,
        }
    }

    #[test]
    fn compares_each_nature_in_its_own_way() {
        assert_eq!(said(Nature::Choice, "!=", &Side::Text("A1")), "q != a1");
        assert_eq!(said(Nature::Choice, "==", &Side::Number(2.0)), "q in (2, 2-2)");
        assert_eq!(said(Nature::Set, "==", &Side::Text("A1")), "q has a1 and count(q) == 1");
        assert_eq!(said(Nature::Number, "<=", &Side::Text("18")), "q <= 18");
        assert_eq!(said(Nature::Date, "<", &Side::Today), "q < today");
        assert_eq!(said(Nature::Text, "!=", &Side::Text("")), "answered q");
        assert_eq!(said(Nature::Time, ">=", &Side::Text("08:30:00")), "q >= 08:30");
        assert!(said(Nature::Choice, "==", &Side::Text("B")).contains("no choice"));
        assert!(said(Nature::Text, "<", &Side::Text("B")).contains("cannot be compared"));
    }

    #[test]
    fn writes_braces_where_they_are_needed() {
        let a = || Logic::test("a", "==", "1");
        let b = || Logic::test("b", "==", "2");
        let either = Logic::or(vec![a(), b()]);
        let all = Logic::and(vec![either.clone(), Logic::negated(either.clone()), b()]);
        assert_eq!(
            all.write().expect("a condition"),
            "(a == 1 or b == 2) and not (a == 1 or b == 2) and b == 2"
        );
        assert_eq!(Logic::or(vec![a(), a()]), a());
        assert_eq!(Logic::and(vec![Logic::Known(true), a()]), a());
        assert_eq!(Logic::or(vec![Logic::Known(true), a()]), Logic::Known(true));
    }
}
