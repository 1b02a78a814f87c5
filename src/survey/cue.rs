//! What a page without JavaScript says before a conditional part, made from the condition where it
//! is simple: comparisons joined by `and` alone, or by `or` alone.

use super::carry;
use super::condition::{Condition, Operand, Value};
use super::model::{Question, Survey};

/// How a cue calls a question, or a part of it whose words are given: a row, a choice with points.
pub type Naming<'a> = &'a dyn Fn(&Question, Option<&str>) -> String;

/// The words of one language.
struct Phrases {
    open: &'static str,
    and: &'static str,
    or: &'static str,
    chosen: &'static str,
    not_chosen: &'static str,
    ticked: &'static str,
    not_ticked: &'static str,
    answered: &'static str,
    not_answered: &'static str,
    number: &'static str,
    count: &'static str,
    age: &'static str,
    /// Exactly, not, under, at most, over, at least.
    amounts: [&'static str; 6],
    /// Before a question whose choices, or whose rows, were taken over: those ticked, those not.
    carried: [[&'static str; 2]; 2],
}

static DANISH: Phrases = Phrases {
    open: "Svar kun, hvis",
    and: "og",
    or: "eller",
    chosen: "du har svaret {v} til {q}",
    not_chosen: "du ikke har svaret {v} til {q}",
    ticked: "du har valgt {v} i {q}",
    not_ticked: "du ikke har valgt {v} i {q}",
    answered: "du har svaret på {q}",
    not_answered: "du ikke har svaret på {q}",
    number: "dit svar på {q} er {n}",
    count: "du har valgt {n} i {q}",
    age: "din alder er {n}",
    amounts: ["{}", "ikke {}", "under {}", "højst {}", "over {}", "mindst {}"],
    carried: [
        ["Vælg kun blandt det, du valgte i {q}.", "Vælg kun blandt det, du ikke valgte i {q}."],
        ["Svar kun om det, du valgte i {q}.", "Svar kun om det, du ikke valgte i {q}."],
    ],
};

static ENGLISH: Phrases = Phrases {
    open: "Answer only if",
    and: "and",
    or: "or",
    chosen: "you answered {v} to {q}",
    not_chosen: "you did not answer {v} to {q}",
    ticked: "you chose {v} in {q}",
    not_ticked: "you did not choose {v} in {q}",
    answered: "you answered {q}",
    not_answered: "you did not answer {q}",
    number: "your answer to {q} is {n}",
    count: "you chose {n} in {q}",
    age: "your age is {n}",
    amounts: ["{}", "not {}", "under {}", "at most {}", "over {}", "at least {}"],
    carried: [
        [
            "Choose only from what you chose in {q}.",
            "Choose only from what you did not choose in {q}.",
        ],
        [
            "Answer only about what you chose in {q}.",
            "Answer only about what you did not choose in {q}.",
        ],
    ],
};

/// What a cue is put together from.
struct Saying<'a> {
    phrases: &'static Phrases,
    name: Naming<'a>,
}

impl Saying<'_> {
    fn name(&self, question: &Question) -> String {
        (self.name)(question, None)
    }

    fn part(&self, question: &Question, part: &str) -> Option<String> {
        Some((self.name)(question, Some(part_of(question, part)?)))
    }
}

/// The cue of `condition` in the survey's language; none where it cannot be said simply, or where
/// there are no phrases for the language.
pub fn make(condition: &Condition, survey: &Survey) -> Option<String> {
    make_with(condition, survey, &by_text)
}

/// The same where questions are not called by their texts: on paper they have numbers.
pub fn make_with(condition: &Condition, survey: &Survey, name: Naming) -> Option<String> {
    let phrases = phrases_of(&survey.lang)?;
    let saying = &Saying { phrases, name };
    let (parts, join) = match condition {
        Condition::And { of } => (of.as_slice(), phrases.and),
        Condition::Or { of } => (of.as_slice(), phrases.or),
        single => (std::slice::from_ref(single), phrases.and),
    };
    let said: Option<Vec<String>> =
        parts.iter().map(|part| say(part, true, survey, saying)).collect();
    Some(format!("{} {}.", phrases.open, said?.join(&format!(" {join} "))))
}

fn phrases_of(lang: &str) -> Option<&'static Phrases> {
    match lang {
        "da" => Some(&DANISH),
        "en" => Some(&ENGLISH),
        _ => None,
    }
}

/// The cue of a question: of its own condition, and of the earlier answer it takes its choices from.
pub fn of_question(question: &Question, survey: &Survey) -> Option<String> {
    of_question_with(question, survey, &by_text)
}

/// The same where questions are not called by their texts.
pub fn of_question_with(question: &Question, survey: &Survey, name: Naming) -> Option<String> {
    let own = carry::own_condition(question).map(|own| make_with(own, survey, name));
    let Some(from) = &question.from else { return own? };
    let source = survey.question(&from.q)?;
    let words = phrases_of(&survey.lang)?.carried[usize::from(!question.rows.is_empty())];
    let words = words[usize::from(!from.chosen)];
    let carried = fill(words, "", &name(source, None));
    match own {
        Some(own) => Some(format!("{} {carried}", own?)),
        None => Some(carried),
    }
}

fn say(part: &Condition, holds: bool, survey: &Survey, saying: &Saying) -> Option<String> {
    match part {
        Condition::Not { of } => say(of, !holds, survey, saying),
        Condition::Eq { left, right } => {
            compare(left, std::slice::from_ref(right), usize::from(!holds), survey, saying)
        }
        Condition::Ne { left, right } => {
            compare(left, std::slice::from_ref(right), usize::from(holds), survey, saying)
        }
        Condition::In { left, right } => compare(left, right, usize::from(!holds), survey, saying),
        Condition::Lt { left, right } => {
            order(left, right, if holds { 2 } else { 5 }, survey, saying)
        }
        Condition::Le { left, right } => {
            order(left, right, if holds { 3 } else { 4 }, survey, saying)
        }
        Condition::Gt { left, right } => {
            order(left, right, if holds { 4 } else { 3 }, survey, saying)
        }
        Condition::Ge { left, right } => {
            order(left, right, if holds { 5 } else { 2 }, survey, saying)
        }
        Condition::Has { left: Operand::Q(id), right: Value::Text(code) } => {
            let question = survey.question(id)?;
            let words = if holds { saying.phrases.ticked } else { saying.phrases.not_ticked };
            Some(fill(words, &quote(&question.choice(code)?.text.plain), &saying.name(question)))
        }
        Condition::Has { left: Operand::Row([id, row]), right: Value::Text(code) } => {
            let question = survey.question(id)?;
            let column = question.columns.iter().find(|column| column.id == *code)?;
            let words = if holds { saying.phrases.ticked } else { saying.phrases.not_ticked };
            Some(fill(words, &quote(&column.text.plain), &saying.part(question, row)?))
        }
        Condition::Answered { left: Operand::Q(id) } => {
            let words = if holds { saying.phrases.answered } else { saying.phrases.not_answered };
            Some(fill(words, "", &saying.name(survey.question(id)?)))
        }
        _ => None,
    }
}

/// Equal to one of `values` (`amount` 0) or to none of them (1).
fn compare(
    left: &Operand,
    values: &[Value],
    amount: usize,
    survey: &Survey,
    saying: &Saying,
) -> Option<String> {
    if let [value @ Value::Number(_)] = values {
        return order(left, value, amount, survey, saying);
    }
    let (question, label) = match left {
        Operand::Q(id) => {
            let question = survey.question(id)?;
            (question, saying.name(question))
        }
        Operand::Row([id, row]) => {
            let question = survey.question(id)?;
            (question, saying.part(question, row)?)
        }
        _ => return None,
    };
    let choices = if question.columns.is_empty() { &question.choices } else { &question.columns };
    let names: Option<Vec<String>> = values
        .iter()
        .map(|value| match value {
            Value::Text(code) => {
                let choice = choices.iter().find(|choice| choice.id == *code)?;
                Some(quote(&choice.text.plain))
            }
            Value::Number(number) => Some(number.to_string()),
            Value::Other(_) => None,
        })
        .collect();
    let names = names?.join(&format!(" {} ", saying.phrases.or));
    let words = if amount == 0 { saying.phrases.chosen } else { saying.phrases.not_chosen };
    Some(fill(words, &names, &label))
}

fn order(
    left: &Operand,
    value: &Value,
    amount: usize,
    survey: &Survey,
    saying: &Saying,
) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let amount = saying.phrases.amounts[amount].replace("{}", &number.to_string());
    let (words, question) = match left {
        Operand::Q(id) => (saying.phrases.number, saying.name(survey.question(id)?)),
        Operand::Row([id, part]) => {
            (saying.phrases.number, saying.part(survey.question(id)?, part)?)
        }
        Operand::Count(id) => (saying.phrases.count, saying.name(survey.question(id)?)),
        Operand::Builtin(name) if name == "age" => (saying.phrases.age, String::new()),
        _ => return None,
    };
    Some(fill(words, "", &question).replace("{n}", &amount))
}

/// The way a page names a question: by its own words, or those of its part.
fn by_text(question: &Question, part: Option<&str>) -> String {
    quote(part.unwrap_or(&question.text.plain))
}

/// The words of a row, or of a choice that gets points.
fn part_of<'s>(question: &'s Question, part: &str) -> Option<&'s str> {
    let row = question.rows.iter().find(|row| row.id == part).map(|row| &row.text);
    let text = row.or_else(|| question.choice(part).map(|choice| &choice.text))?;
    Some(&text.plain)
}

fn quote(text: &str) -> String {
    format!("“{text}”")
}

fn fill(words: &str, value: &str, question: &str) -> String {
    words.replace("{v}", value).replace("{q}", question)
}
