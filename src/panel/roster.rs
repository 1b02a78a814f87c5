//! People who said yes elsewhere, as a table brings them into panels: each row is held to what the panel's
//! sign-up form would have asked of that person, by the same code, and every fault is told with its line.
//!
//! ```text
//! email;birth_year;gender;district;education;language;panels
//! anna@example.dk;1970;female;valby;vocational;da;kbh oesterbro
//! ```
//!
//! `email`, `birth_year` and `panels` are needed; nothing but these columns is taken, as nothing else is kept
//! of a member. Separated by commas or semicolons; codes are those of the form's choices.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::admission::{Barred, Rules, barred};
use super::email::Email;
use super::member::{WrongYear, judge_birth_year};
use crate::response::{Context, Evaluation, SignUp, evaluate};
use crate::survey::{Definition, Fields, Problem, Question, Survey};

/// The columns, by the member's fields as forms name them, and two that no question is tied to.
const COLUMNS: [&str; 7] =
    ["email", "birth-year", "gender", "district", "education", "language", "panels"];
const NEEDED: [&str; 3] = ["email", "birth-year", "panels"];

/// Where people may go, and by whose rules.
pub struct Desk<'a> {
    /// The sign-up forms.
    pub forms: &'a [Definition],
    /// By panel.
    pub rules: BTreeMap<&'a str, Rules<'a>>,
    pub languages: &'a [String],
    pub default_language: &'a str,
    pub day: Date,
}

/// A person who can be taken in, with what each panel's form would have sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrant {
    /// From 1, the header's being the first.
    pub line: u64,
    pub signups: Vec<SignUp>,
}

/// Why a row is not taken. It names no person: the line does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Fault {
    pub line: u64,
    pub why: String,
}

/// What a table came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roster {
    pub entrants: Vec<Entrant>,
    /// In the order of lines.
    pub faults: Vec<Fault>,
}

/// Reads a table.
///
/// # Errors
/// Where it is no such table at all: nothing can be said of its rows then.
pub fn read(bytes: &[u8], desk: &Desk) -> Result<Roster, Fault> {
    let no_table = |line, why: &str| Fault { line, why: why.to_owned() };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| no_table(1, "this is not UTF-8; save the table as \"CSV UTF-8\""))?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') { b';' } else { b',' };
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = table.headers().map_err(|_| no_table(1, "the first line cannot be read"))?;
    let columns = columns(head).map_err(|why| no_table(1, &why))?;
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut roster = Roster::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in table.records() {
        let begins = |position: Option<&csv::Position>| position.map_or(0, csv::Position::byte);
        let record = record.map_err(|wrong| {
            no_table(lines.reach(begins(wrong.position())), "this line cannot be read")
        })?;
        let line = lines.reach(begins(record.position()));
        if record.iter().all(str::is_empty) {
            continue;
        }
        match entrant(&record, &columns, desk, line, &mut seen) {
            Ok(entrant) => roster.entrants.push(entrant),
            Err(reasons) => {
                roster.faults.extend(reasons.into_iter().map(|why| Fault { line, why }));
            }
        }
    }
    Ok(roster)
}

/// Counts lines on the way. The reader's own count stands before the end of a line that ends in CRLF.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line, from 1, of the record whose bytes begin here, behind line ends.
    fn reach(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let begins = from + self.text[from..].iter().take_while(is_end).count();
        let ends = self.text[self.at..begins].iter().filter(|byte| **byte == b'\n').count();
        (self.at, self.line) = (begins, self.line + ends as u64);
        self.line
    }
}

/// Which field each column holds.
fn columns(head: &csv::StringRecord) -> Result<Vec<&'static str>, String> {
    let mut columns: Vec<&'static str> = Vec::new();
    for name in head {
        let plain = name.to_lowercase().replace(['_', ' '], "-");
        let plain = match plain.as_str() {
            "e-mail" => "email",
            "lang" => "language",
            "panel" => "panels",
            other => other,
        };
        let known = COLUMNS.iter().find(|known| **known == plain);
        let known = known.ok_or_else(|| {
            format!(
                "the column {name:?} is nothing that is kept of a member; take it out. Known are {}",
                COLUMNS.join(", ")
            )
        })?;
        if columns.contains(known) {
            return Err(format!("the column {known} is there twice"));
        }
        columns.push(known);
    }
    match NEEDED.iter().find(|needed| !columns.contains(needed)) {
        Some(missing) => Err(format!("there is no column {missing}")),
        None => Ok(columns),
    }
}

fn entrant(
    record: &csv::StringRecord,
    columns: &[&'static str],
    desk: &Desk,
    line: u64,
    seen: &mut HashMap<String, u64>,
) -> Result<Entrant, Vec<String>> {
    if record.len() != columns.len() {
        let why = format!("{} cells, where the first line has {}", record.len(), columns.len());
        return Err(vec![why]);
    }
    let cells: BTreeMap<&str, &str> = columns.iter().copied().zip(record).collect();
    let cell = |name: &str| cells.get(name).copied().unwrap_or_default();
    if let Ok(email) = Email::read(cell("email"))
        && let Some(before) = seen.insert(email.identity(), line)
    {
        return Err(vec![format!(
            "the address of line {before} once more; one person has one line"
        )]);
    }
    let lang = match cell("language") {
        "" => desk.default_language,
        lang if desk.languages.iter().any(|known| known == lang) => lang,
        _ => return Err(vec!["language: the site has no such language".to_owned()]),
    };
    let panels: Vec<&str> =
        cell("panels").split([' ', ',', '|']).filter(|one| !one.is_empty()).collect();
    if panels.is_empty() {
        return Err(vec!["panels: it names none".to_owned()]);
    }
    let (mut signups, mut reasons) = (Vec::new(), Vec::new());
    for panel in panels {
        match signup(panel, lang, &cells, desk) {
            Ok(signup) => signups.push(signup),
            Err(more) => reasons.extend(more.into_iter().map(|why| format!("{panel}: {why}"))),
        }
    }
    if reasons.is_empty() { Ok(Entrant { line, signups }) } else { Err(reasons) }
}

/// What the panel's form would have sent, all its consents given: that is what the table says.
fn signup(
    panel: &str,
    lang: &str,
    cells: &BTreeMap<&str, &str>,
    desk: &Desk,
) -> Result<SignUp, Vec<String>> {
    let form = desk.forms.iter().find(|form| form.panel() == Some(panel));
    let form = form.ok_or_else(|| vec!["there is no such panel".to_owned()])?;
    let survey = form.in_language(lang);
    let unasked = unasked(survey, cells);
    if !unasked.is_empty() {
        return Err(unasked);
    }
    let context = Context { today: desk.day.to_string(), channel: "web".to_owned() };
    let evaluation = evaluate(survey, &fields(survey, cells), &context);
    if !evaluation.problems.is_empty() {
        return Err(evaluation.problems.iter().map(|problem| refused(survey, problem)).collect());
    }
    admitted(panel, survey, &evaluation, context, desk)
}

fn admitted(
    panel: &str,
    survey: &Survey,
    evaluation: &Evaluation,
    context: Context,
    desk: &Desk,
) -> Result<SignUp, Vec<String>> {
    let uid = crate::crypto::hex(&crate::crypto::random::<16>());
    let signup = SignUp::compose(survey, evaluation, uid, context);
    let told = signup.told(survey);
    let rules = desk.rules.get(panel).copied().unwrap_or_default();
    let mut reasons: Vec<String> =
        barred(&told, rules, desk.day).into_iter().map(|one| words(one).to_owned()).collect();
    // Nobody ticked a box that says how old they are: only a year in which all are old enough will do.
    let year = told.birth_year.unwrap_or_default();
    if judge_birth_year(year, rules.minimum_age, false, desk.day) == Err(WrongYear::AgeNotConfirmed)
    {
        let age = rules.minimum_age;
        reasons.push(format!(
            "birth-year: may not be {age} yet; whoever is has to sign up by the form, and say so"
        ));
    }
    if reasons.is_empty() { Ok(signup) } else { Err(reasons) }
}

/// Cells that the form has no question for: it would never have been told.
fn unasked(survey: &Survey, cells: &BTreeMap<&str, &str>) -> Vec<String> {
    let is_asked = |name: &str| survey.questions().any(|one| one.maps.as_deref() == Some(name));
    let beside = |name: &str| name == "language" || name == "panels";
    let unasked =
        cells.iter().filter(|(name, value)| !value.is_empty() && !beside(name) && !is_asked(name));
    unasked.map(|(name, _)| format!("{name}: the panel's form does not ask for it")).collect()
}

fn fields(survey: &Survey, cells: &BTreeMap<&str, &str>) -> Fields {
    let of = |question: &Question| -> Option<String> {
        match question.maps.as_deref() {
            Some(name) => {
                cells.get(name).filter(|value| !value.is_empty()).map(|value| (*value).to_owned())
            }
            None => (question.kind.rules().name() == "consent").then(|| "yes".to_owned()),
        }
    };
    let all = survey.questions();
    Fields(all.filter_map(|question| Some((question.id.clone(), of(question)?))).collect())
}

/// A problem of the form by the column that has it, with its stable code.
fn refused(survey: &Survey, problem: &Problem) -> String {
    let question = survey.question(&problem.question);
    let column = question.and_then(|one| one.maps.as_deref()).unwrap_or(&problem.question);
    format!("{column}: the panel's form refuses it ({})", problem.code)
}

fn words(barred: Barred) -> &'static str {
    match barred {
        Barred::TooYoung => "birth-year: too young",
        Barred::NoYear => "birth-year: nobody alive was born then",
        Barred::Elsewhere => "district: the panel is for people of other districts",
        Barred::NoAddress => "email: mail could not be sent there",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn desk() -> Desk<'static> {
        Desk {
            forms: &[],
            rules: BTreeMap::new(),
            languages: &[],
            default_language: "da",
            day: date(2026, 11, 27),
        }
    }

    #[test]
    fn lines_are_those_of_an_editor_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let table =
                ["email,birth_year,panels", "", "a@b.dk,1970,x", "\"a", "b\",1970,x", "c,1970,x"];
            let roster = read(table.join(end).as_bytes(), &desk()).expect("a table");
            let lines: Vec<u64> = roster.faults.iter().map(|fault| fault.line).collect();
            assert_eq!(lines, [3, 4, 6], "{end:?}: {:?}", roster.faults);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_takes_nobody_where_there_is_no_panel(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            rows in "[a-z@;,\" \r\n0-9]{0,120}",
        ) {
            let _ = read(&bytes, &desk());
            let table = format!("email;birth_year;panels\n{rows}");
            if let Ok(roster) = read(table.as_bytes(), &desk()) {
                prop_assert!(roster.entrants.is_empty());
            }
        }
    }
}
