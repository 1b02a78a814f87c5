//! What foreign expressions mean in the survey language.

use std::collections::HashMap;

use super::logic::{self, Logic, Nature, Side, Subject};
use super::xpath::{self, Expr};

/// What an expression can speak of.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Every question by its foreign name.
    pub subjects: &'a HashMap<String, Subject>,
    /// Those that did not come over, and why.
    pub lost: &'a HashMap<String, &'static str>,
    /// Questions from this one on come too late.
    pub order: usize,
    /// `.`
    pub here: Option<&'a Subject>,
    /// The columns of the choice that is being filtered.
    pub columns: Option<&'a HashMap<String, String>>,
}

/// A condition.
///
/// # Errors
/// Why it cannot be said in the survey language.
pub fn condition(text: &str, scope: Scope) -> Result<Logic, String> {
    scope.logic(&xpath::parse(text)?)
}

/// The same, read already.
///
/// # Errors
/// Why it cannot be said in the survey language.
pub fn meaning(expr: &Expr, scope: Scope) -> Result<Logic, String> {
    scope.logic(expr)
}

/// The most comparisons in the test of an `if()`.
const TEST_MAX: usize = 40;

/// One side of a comparison.
enum Operand<'a> {
    Subject(&'a Subject),
    Count(&'a Subject),
    Length(&'a Subject),
    /// `decimal-time()`: the part of a day that has gone.
    Clock(&'a Subject),
    Number(f64),
    Text(String),
    Date(String),
    Today,
}

impl<'a> Scope<'a> {
    fn logic(self, expr: &Expr) -> Result<Logic, String> {
        match expr {
            Expr::And(parts) => Ok(Logic::and(self.all(parts)?)),
            Expr::Or(parts) => Ok(Logic::or(self.all(parts)?)),
            Expr::Compare(op, left, right) => {
                let (left, right) = (self.operand(left)?, self.operand(right)?);
                let nobody = self.columns.is_some() && matches!(*op, "==" | "!=");
                match compare(left, op, right) {
                    // What a column says need not be a code of the question it is compared with.
                    Err(why) if nobody && why.contains(logic::NO_CHOICE) => {
                        Ok(Logic::Known(*op == "!="))
                    }
                    said => said,
                }
            }
            Expr::Call(name, arguments) => self.call(name, arguments),
            Expr::Var(_) | Expr::Here => match self.operand(expr)? {
                // XPath takes 0 for false.
                Operand::Subject(subject) if subject.nature == Nature::Number => {
                    let zero = logic::compare(subject, "!=", &Side::Number(0.0))?;
                    Ok(Logic::and(vec![logic::answered(subject), zero]))
                }
                Operand::Subject(subject) => Ok(logic::answered(subject)),
                _ => Err("it is no condition".to_owned()),
            },
            Expr::Name(name) if name == "true" => Ok(Logic::Known(true)),
            Expr::Name(name) if name == "false" => Ok(Logic::Known(false)),
            Expr::Name(name) => Err(format!("`{name}` has no meaning here")),
            Expr::Number(_) | Expr::Text(_) => Err("it is no condition".to_owned()),
        }
    }

    fn all(self, parts: &[Expr]) -> Result<Vec<Logic>, String> {
        parts.iter().map(|part| self.logic(part)).collect()
    }

    fn call(self, name: &str, arguments: &[Expr]) -> Result<Logic, String> {
        match (name, arguments) {
            ("not", [inner]) => Ok(Logic::negated(self.logic(inner)?)),
            ("true", []) => Ok(Logic::Known(true)),
            ("false", []) => Ok(Logic::Known(false)),
            ("boolean", [inner]) => self.logic(inner),
            // LimeSurvey's.
            ("is_empty", [inner]) => {
                compare(self.operand(inner)?, "==", Operand::Text(String::new()))
            }
            ("selected" | "jr:selected", [question, choice]) => {
                let (question, choice) = (self.operand(question)?, self.operand(choice)?);
                let Operand::Subject(subject) = question else {
                    return Err("`selected` asks about something that is no question".to_owned());
                };
                let ticked = match &choice {
                    Operand::Text(text) => logic::ticked(subject, &Side::Text(text)),
                    Operand::Number(number) => logic::ticked(subject, &Side::Number(*number)),
                    _ => Err("`selected` asks for something that is no choice".to_owned()),
                };
                match ticked {
                    Err(why) if self.columns.is_some() && why.contains(logic::NO_CHOICE) => {
                        Ok(Logic::Known(false))
                    }
                    said => said,
                }
            }
            ("if", [test, then, otherwise]) => {
                let (test, then) = (self.logic(test)?, self.logic(then)?);
                let otherwise = self.logic(otherwise)?;
                // The test is said twice, so tests of tests of tests would fill the memory.
                if test.size() > TEST_MAX {
                    return Err("its `if()` is too long".to_owned());
                }
                let chosen = Logic::and(vec![test.clone(), then]);
                Ok(Logic::or(vec![chosen, Logic::and(vec![Logic::negated(test), otherwise])]))
            }
            ("regex", _) => Err("the survey language has no patterns".to_owned()),
            _ => Err(format!("the survey language has no `{name}()`")),
        }
    }

    fn operand(self, expr: &Expr) -> Result<Operand<'a>, String> {
        match expr {
            Expr::Var(name) => Ok(Operand::Subject(self.subject(name)?)),
            Expr::Here => self.here.map(Operand::Subject).ok_or("`.` is nothing here".to_owned()),
            Expr::Number(number) => Ok(Operand::Number(*number)),
            Expr::Text(text) => Ok(Operand::Text(text.clone())),
            Expr::Name(name) => match self.columns {
                Some(columns) => match columns.get(name) {
                    Some(text) => Ok(Operand::Text(text.clone())),
                    None => Err(format!("the choices have no column `{name}`")),
                },
                None => Err(format!("`{name}` has no meaning here")),
            },
            Expr::Call(name, arguments) => self.called(name, arguments),
            Expr::And(_) | Expr::Or(_) | Expr::Compare(..) => {
                Err("it compares the results of comparisons".to_owned())
            }
        }
    }

    fn called(self, name: &str, arguments: &[Expr]) -> Result<Operand<'a>, String> {
        match (name, arguments) {
            ("today", []) => Ok(Operand::Today),
            ("date", [Expr::Text(day)]) if logic::is_day(day) => Ok(Operand::Date(day.clone())),
            ("int", [inner]) => match self.operand(inner)? {
                Operand::Subject(subject) if subject.nature == Nature::Number => {
                    Err("`int()` cuts the decimals off".to_owned())
                }
                operand => Ok(operand),
            },
            ("number" | "string" | "date", [inner]) => self.operand(inner),
            ("coalesce", [inner, Expr::Text(nothing)]) if nothing.is_empty() => self.operand(inner),
            ("count-selected", [inner]) => match self.operand(inner)? {
                Operand::Subject(subject) if subject.nature == Nature::Set => {
                    Ok(Operand::Count(subject))
                }
                _ => Err("`count-selected` counts something that has no ticks".to_owned()),
            },
            ("decimal-time", [inner]) => match self.operand(inner)? {
                Operand::Subject(subject) if subject.nature == Nature::Time => {
                    Ok(Operand::Clock(subject))
                }
                _ => Err("`decimal-time` reads something that is no time".to_owned()),
            },
            ("string-length", [inner]) => match self.operand(inner)? {
                Operand::Subject(subject) => Ok(Operand::Length(subject)),
                _ => Err("`string-length` measures something that is no answer".to_owned()),
            },
            _ => Err(format!("the survey language has no `{name}()`")),
        }
    }

    fn subject(self, name: &str) -> Result<&'a Subject, String> {
        if let Some(why) = self.lost.get(name) {
            return Err(format!("`{name}` did not come over: {why}"));
        }
        match self.subjects.get(name) {
            Some(subject) if subject.order < self.order => Ok(subject),
            // A question may speak of itself through its name as well as through `.`.
            Some(subject) if self.here.is_some_and(|here| here.id == subject.id) => Ok(subject),
            Some(_) => Err(format!("`{name}` is asked later, and a condition looks back")),
            None => Err(format!("there is no question `{name}`")),
        }
    }
}

fn compare(left: Operand, op: &'static str, right: Operand) -> Result<Logic, String> {
    match (&left, &right) {
        (Operand::Subject(subject), _) => logic::compare(subject, op, &side(&right)?),
        (_, Operand::Subject(subject)) => logic::compare(subject, turned(op), &side(&left)?),
        (Operand::Count(subject), _) => {
            Ok(Logic::test(format!("count({})", subject.id), op, number(&right)?))
        }
        (_, Operand::Count(subject)) => {
            Ok(Logic::test(format!("count({})", subject.id), turned(op), number(&left)?))
        }
        (Operand::Clock(subject), Operand::Number(part)) => {
            logic::compare(subject, op, &Side::Text(&clock(*part)?))
        }
        (Operand::Length(subject), Operand::Number(length)) => answered(subject, op, *length),
        (Operand::Length(_), _) | (_, Operand::Length(_)) => Err(LENGTH.to_owned()),
        (Operand::Today, Operand::Date(day)) => Ok(Logic::test("today", op, day.clone())),
        (Operand::Date(day), Operand::Today) => Ok(Logic::test("today", turned(op), day.clone())),
        (Operand::Number(left), Operand::Number(right)) => {
            Ok(Logic::Known(holds(op, left.partial_cmp(right))))
        }
        (Operand::Text(left), Operand::Text(right)) if matches!(op, "==" | "!=") => {
            Ok(Logic::Known((left == right) == (op == "==")))
        }
        (Operand::Text(text), Operand::Number(_)) | (Operand::Number(_), Operand::Text(text)) => {
            let number = text.trim().parse::<f64>().ok();
            let value = |operand: &Operand| match operand {
                Operand::Number(number) => Some(*number),
                _ => number,
            };
            let order = value(&left).zip(value(&right)).and_then(|(a, b)| a.partial_cmp(&b));
            Ok(Logic::Known(holds(op, order)))
        }
        _ => Err("it compares nothing that is answered".to_owned()),
    }
}

/// A part of a day as a time of day.
fn clock(part: f64) -> Result<String, String> {
    let minutes = (part * 1440.0).round();
    if !(0.0..1440.0).contains(&minutes) {
        return Err(format!("{part} is no part of a day"));
    }
    Ok(format!("{:02}:{:02}", (minutes / 60.0).floor(), minutes % 60.0))
}

const LENGTH: &str = "a condition does not measure the length of a text";

fn holds(op: &str, order: Option<std::cmp::Ordering>) -> bool {
    match op {
        "==" => order.is_some_and(std::cmp::Ordering::is_eq),
        "<" => order.is_some_and(std::cmp::Ordering::is_lt),
        "<=" => order.is_some_and(std::cmp::Ordering::is_le),
        ">" => order.is_some_and(std::cmp::Ordering::is_gt),
        ">=" => order.is_some_and(std::cmp::Ordering::is_ge),
        _ => !order.is_some_and(std::cmp::Ordering::is_eq),
    }
}

/// The comparison with its sides exchanged.
fn turned(op: &'static str) -> &'static str {
    match op {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

fn side<'o>(operand: &'o Operand<'o>) -> Result<Side<'o>, String> {
    match operand {
        Operand::Subject(subject) => Ok(Side::Other(subject)),
        Operand::Number(number) => Ok(Side::Number(*number)),
        Operand::Text(text) => Ok(Side::Text(text)),
        Operand::Date(day) => Ok(Side::Date(day)),
        Operand::Today => Ok(Side::Today),
        Operand::Count(_) | Operand::Length(_) | Operand::Clock(_) => {
            Err("it compares an answer with a count".to_owned())
        }
    }
}

fn number(operand: &Operand) -> Result<String, String> {
    match operand {
        Operand::Number(number) => logic::decimal(*number),
        Operand::Text(text) => {
            let number = text.trim().parse::<f64>();
            logic::decimal(number.map_err(|_| format!("`{text}` is no number"))?)
        }
        _ => Err("a count is compared with something that is no number".to_owned()),
    }
}

/// A length compared with nothing: there is an answer, or there is none.
fn answered(subject: &Subject, op: &str, length: f64) -> Result<Logic, String> {
    let given = logic::answered(subject);
    match op {
        ">" | "!=" if length == 0.0 => Ok(given),
        ">=" if length == 1.0 => Ok(given),
        "==" | "<=" if length == 0.0 => Ok(Logic::negated(given)),
        "<" if length == 1.0 => Ok(Logic::negated(given)),
        _ => Err(LENGTH.to_owned()),
    }
}

/// What a constraint becomes.
#[derive(Debug, PartialEq)]
pub enum Rule {
    /// `min`, `max` or `maxlength` with its value.
    Limit(&'static str, String),
    /// The choice of this foreign name cannot be ticked together with others.
    Alone(String),
    Check(Logic),
}

/// The parts of a constraint, each as what it becomes or why it becomes nothing. `whole` numbers have
/// a next one.
pub fn constraint(
    text: &str,
    whole: bool,
    scope: Scope,
) -> Result<Vec<Result<Rule, String>>, String> {
    let expr = xpath::parse(text)?;
    let parts = match expr {
        Expr::And(parts) => parts,
        single => vec![single],
    };
    Ok(parts.iter().map(|part| rule(part, whole, scope)).collect())
}

fn rule(part: &Expr, whole: bool, scope: Scope) -> Result<Rule, String> {
    if let Some(choice) = stands_alone(part) {
        return Ok(Rule::Alone(choice));
    }
    if let Some(limit) = limit(part, whole, scope) {
        return Ok(limit);
    }
    match scope.logic(part)? {
        Logic::Known(_) => Err("it says nothing".to_owned()),
        logic => Ok(Rule::Check(logic)),
    }
}

/// `. >= 0` and the like.
fn limit(part: &Expr, whole: bool, scope: Scope) -> Option<Rule> {
    let Expr::Compare(op, left, right) = part else { return None };
    let (left, right) = (scope.operand(left).ok()?, scope.operand(right).ok()?);
    let here = |operand: &Operand| match operand {
        Operand::Subject(s) | Operand::Count(s) | Operand::Length(s) | Operand::Clock(s) => {
            scope.here.is_some_and(|here| here.id == s.id)
        }
        _ => false,
    };
    let (left, op, right) = match (here(&left), here(&right)) {
        (true, false) => (left, *op, right),
        (false, true) => (right, turned(op), left),
        _ => return None,
    };
    let name = match op {
        ">=" | ">" => "min",
        "<=" | "<" => "max",
        _ => return None,
    };
    let next = match op {
        ">" => 1.0,
        "<" => -1.0,
        _ => 0.0,
    };
    let strict = next != 0.0;
    match (&left, &right) {
        (Operand::Subject(s), Operand::Number(number)) if s.nature == Nature::Number => {
            // Above 0 is 1 or more for whole numbers; for others there is no next number.
            let bound = match op {
                ">" if whole => number.floor() + 1.0,
                "<" if whole => number.ceil() - 1.0,
                _ => *number,
            };
            (!strict || whole).then(|| logic::decimal(bound).ok())?.map(|v| Rule::Limit(name, v))
        }
        (Operand::Count(_), Operand::Number(number)) if number.fract() == 0.0 => {
            let bound = number + next;
            (bound >= 1.0).then(|| Rule::Limit(name, bound.to_string()))
        }
        (Operand::Length(s), Operand::Number(number)) if s.nature == Nature::Text => {
            let bound = number + next;
            let fits = name == "max" && (1.0..=100_000.0).contains(&bound) && bound.fract() == 0.0;
            fits.then(|| Rule::Limit("maxlength", bound.to_string()))
        }
        (Operand::Subject(s), Operand::Date(day)) if s.nature == Nature::Date && !strict => {
            Some(Rule::Limit(name, day.clone()))
        }
        (Operand::Clock(_), Operand::Number(part)) if !strict => {
            clock(*part).ok().map(|time| Rule::Limit(name, time))
        }
        (Operand::Subject(s), Operand::Today) if s.nature == Nature::Date && !strict => {
            Some(Rule::Limit(name, "today".to_owned()))
        }
        (Operand::Subject(s), Operand::Text(text)) if !strict => match s.nature {
            Nature::Date if logic::is_day(text) => Some(Rule::Limit(name, text.clone())),
            Nature::Time if logic::is_time(text) => Some(Rule::Limit(name, text[..5].to_owned())),
            _ => None,
        },
        _ => None,
    }
}

/// `not(selected(., 'none') and count-selected(.) > 1)`, as forms write "none of these", in its
/// usual forms.
fn stands_alone(part: &Expr) -> Option<String> {
    let parts = match part {
        Expr::Call(name, arguments) if name == "not" => match arguments.as_slice() {
            [Expr::And(parts)] => parts.clone(),
            _ => return None,
        },
        Expr::Or(parts) => parts.clone(),
        Expr::Call(name, arguments) if name == "if" => match arguments.as_slice() {
            [chosen, one, Expr::Call(name, none)] if name == "true" && none.is_empty() => {
                vec![Expr::Call("not".to_owned(), vec![chosen.clone()]), one.clone()]
            }
            _ => return None,
        },
        _ => return None,
    };
    let negated = !matches!(part, Expr::Call(name, _) if name == "not");
    let [one, two] = parts.as_slice() else { return None };
    let pair = |a: &Expr, b: &Expr| {
        let (choice, many) = (selected_here(a, negated)?, counts_more(b, negated));
        many.then_some(choice)
    };
    pair(one, two).or_else(|| pair(two, one))
}

fn selected_here(expr: &Expr, negated: bool) -> Option<String> {
    match expr {
        Expr::Call(name, arguments) if name == "not" && negated => match arguments.as_slice() {
            [inner] => selected_here(inner, false),
            _ => None,
        },
        Expr::Call(name, arguments) if name == "selected" && !negated => {
            match arguments.as_slice() {
                [Expr::Here, Expr::Text(choice)] => Some(choice.clone()),
                [Expr::Here, Expr::Number(choice)] => Some(choice.to_string()),
                _ => None,
            }
        }
        _ => None,
    }
}

fn counts_more(expr: &Expr, negated: bool) -> bool {
    let Expr::Compare(op, left, right) = expr else { return false };
    let counts = matches!(&**left, Expr::Call(name, arguments)
        if name == "count-selected" && arguments == &[Expr::Here]);
    let Expr::Number(number) = **right else { return false };
    counts
        && match (*op, negated) {
            (">", false) | ("<=" | "==", true) => number == 1.0,
            (">=", false) | ("<", true) => number == 2.0,
            ("!=", false) => number == 1.0,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let subject = |id: &str, nature, order| Subject {
            id: id.to_owned(),
            nature,
            codes: HashMap::from([
                ("a".to_owned(), vec!["a".to_owned()]),
                ("b".to_owned(), vec!["b".to_owned()]),
            ]),
            order,
        };
        let subjects = HashMap::from([
            ("one".to_owned(), subject("one", Nature::Choice, 0)),
            ("many".to_owned(), subject("many", Nature::Set, 1)),
            ("age".to_owned(), subject("alder", Nature::Number, 2)),
            ("name".to_owned(), subject("name", Nature::Text, 3)),
            ("born".to_owned(), subject("born", Nature::Date, 4)),
            ("late".to_owned(), subject("late", Nature::Number, 9)),
        ]);
        let lost = HashMap::from([("bmi".to_owned(), "a survey calculates nothing")]);
        let scope = Scope { subjects: &subjects, lost: &lost, order: 5, here: None, columns: None };
        match condition(text, scope) {
            Ok(logic) => logic.write().unwrap_or_else(|| format!("{logic:?}")),
            Err(why) => format!("! {why}"),
        }
    }

    #[test]
    fn says_conditions_in_the_survey_language() {
        assert_eq!(said("${one} = 'a' or ${one}='b'"), "one in (a, b)");
        assert_eq!(
            said("selected(${many}, 'a') and not(selected(${one}, 'b'))"),
            "many has a and one != b"
        );
        assert_eq!(said("18 <= ${age} and ${age} < '65'"), "alder >= 18 and alder < 65");
        assert_eq!(said("string-length(${name}) > 0"), "answered name");
        assert_eq!(said("${name} != ''"), "answered name");
        assert_eq!(said("count-selected(${many}) >= 2"), "count(many) >= 2");
        assert_eq!(said("${born} < today()"), "born < today");
        assert_eq!(said("today() > date('2026-01-01')"), "today > 2026-01-01");
        assert_eq!(
            said("if(${one}='a', true(), ${age} > 3)"),
            "one == a or (one != a and alder > 3)"
        );
        assert_eq!(said("1 = 1"), "Known(true)");
    }

    #[test]
    fn says_why_it_cannot() {
        assert!(said("${late} > 1").contains("looks back"));
        assert!(said("${bmi} > 1").contains("calculates nothing"));
        assert!(said("${gone} > 1").contains("no question"));
        assert!(said("regex(${name}, 'x')").contains("patterns"));
        assert!(said("pulldata('a', 'b') = 1").contains("pulldata"));
        assert!(said("${one} = 'c'").contains("no choice"));
    }

    fn rules(text: &str, nature: Nature) -> Vec<Result<Rule, String>> {
        let here = Subject { id: "q".to_owned(), nature, codes: HashMap::new(), order: 0 };
        let (subjects, lost) = (HashMap::new(), HashMap::new());
        let scope =
            Scope { subjects: &subjects, lost: &lost, order: 0, here: Some(&here), columns: None };
        constraint(text, true, scope).expect("it can be read")
    }

    #[test]
    fn constraints_become_limits_where_they_can() {
        let limit = |name, value: &str| Ok(Rule::Limit(name, value.to_owned()));
        assert_eq!(
            rules(". > 0 and . <= 120", Nature::Number),
            [limit("min", "1"), limit("max", "120")]
        );
        assert_eq!(
            rules(". > -1.5 and . < 9.5", Nature::Number),
            [limit("min", "-1"), limit("max", "9")]
        );
        assert_eq!(rules(". <= today()", Nature::Date), [limit("max", "today")]);
        assert_eq!(rules("count-selected(.) < 4", Nature::Set), [limit("max", "3")]);
        assert_eq!(rules("string-length(.) <= 100", Nature::Text), [limit("maxlength", "100")]);
        for alone in [
            "not(selected(., 'none') and count-selected(.) > 1)",
            "not(count-selected(.) >= 2 and selected(., 'none'))",
            "count-selected(.) = 1 or not(selected(., 'none'))",
            "if(selected(., 'none'), count-selected(.) = 1, true())",
        ] {
            assert_eq!(rules(alone, Nature::Set), [Ok(Rule::Alone("none".to_owned()))], "{alone}");
        }
        assert!(matches!(rules(". != 7", Nature::Number)[0], Ok(Rule::Check(_))));
        assert!(rules("regex(., '^[a-z]+$')", Nature::Text)[0].is_err());
    }
}
