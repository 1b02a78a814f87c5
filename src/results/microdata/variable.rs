//! The columns of an export: names, labels, codes.

use std::collections::{BTreeMap, HashSet};

use super::Missing;
use crate::response::record::Background;
use crate::survey::model::{Choice, Definition, Question, Survey};

/// A longer name is cut: what SPSS allows.
const NAME_MAX: usize = 60;

/// What the cells of a column hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Codes and their labels in the survey's order; `ids` are the choices they stand for.
    Codes {
        labels: Vec<(i64, String)>,
        ids: Vec<String>,
        is_ordered: bool,
    },
    Number,
    /// Short and of a fixed form, as a postcode or a day.
    Words,
}

/// Where a column's cells come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Channel,
    Invited,
    Status,
    Week,
    Language,
    DurationS,
    Background(&'static str),
    Flags,
    /// A question's whole answer.
    Answer,
    /// Whether a choice of several was ticked.
    Ticked {
        choice: String,
        dont_know: Option<String>,
    },
    /// What stands at this place of a ranking, from 0.
    Place(usize),
    /// The points of a choice.
    Points(String),
    /// A row of a matrix.
    Row(String),
    /// Whether a column of a matrix' row was ticked.
    RowTicked {
        row: String,
        column: String,
        dont_know: Option<String>,
    },
}

impl Source {
    /// Of what every response has: its label is ours, in English, and not the survey's.
    pub fn has_own_label(&self) -> bool {
        use Source::{Channel, DurationS, Flags, Invited, Language, Status, Week};
        matches!(self, Channel | Invited | Status | Week | Language | DurationS | Flags)
    }

    /// Its codes are no and yes, as they are called in English, whatever the survey's language.
    pub fn has_own_codes(&self) -> bool {
        matches!(self, Source::Invited | Source::Ticked { .. } | Source::RowTicked { .. })
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Letters, digits and underscores; unlike all others, whatever the capitals.
    pub name: String,
    pub label: String,
    pub content: Content,
    pub source: Source,
    /// No value is lower: what is missing has codes below it. Where nothing limits a number, the lowest of the
    /// cases.
    pub least: f64,
    /// The question it belongs to; none of what every response has.
    pub question: Option<Asked>,
}

impl Variable {
    /// The code of what is missing in it.
    pub fn missing(&self, missing: Missing) -> i64 {
        missing.code(self.least)
    }
}

/// How a column's question was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub id: String,
    /// The shape of its answers: what another version asked in another shape is another question.
    pub shape: String,
    /// By version and language, each wording once, the newest first.
    pub wordings: Vec<Wording>,
    /// Who was asked, in words; none: everybody.
    pub route: Option<String>,
}

/// The exact words of a question in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The first digits of the newest version with these words.
    pub version: String,
    pub lang: String,
    pub text: String,
}

/// Columns of one question that could be ticked together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub name: String,
    pub label: String,
    /// Places in the list of variables.
    pub members: Vec<usize>,
}

/// Every column of the newest of `definitions`, and its sets.
pub fn all(
    definitions: &[Definition],
    signups: &[Definition],
    age_groups: &[String],
) -> (Vec<Variable>, Vec<Set>) {
    let newest = definitions.last().expect("a survey has a version").base();
    let mut variables = common(newest, signups, age_groups);
    let mut sets = Vec::new();
    for question in newest.questions().filter(|question| is_exported(question)) {
        let asked = asked(question, definitions);
        let first = variables.len();
        variables.extend(of_question(question).into_iter().map(|mut variable| {
            variable.question = Some(asked.clone());
            if variable.source == Source::Answer {
                variable.least = variable.least.min(least(question, definitions));
            }
            variable
        }));
        sets.extend(sets_of(question, &variables, first));
    }
    make_unique(&mut variables);
    (variables, sets)
}

/// What was typed freely may name somebody, what is private is in no response, and the background has
/// columns of its own.
fn is_exported(question: &Question) -> bool {
    let kind = question.kind.rules().name();
    let is_free = matches!(kind, "text" | "longtext" | "email" | "tel");
    !is_free && !question.private && question.maps.is_none()
}

fn common(survey: &Survey, signups: &[Definition], age_groups: &[String]) -> Vec<Variable> {
    let words = |name: &str, label: &str, source| plain(name, label, Content::Words, source);
    let yes_no = vec![(0, "no".to_owned()), (1, "yes".to_owned())];
    let mut variables = vec![
        words("channel", "Where it was answered", Source::Channel),
        plain("invited", "Invited member", codes(yes_no, &["0", "1"]), Source::Invited),
        words("status", "What became of it", Source::Status),
        words("week", "Week of the answer (ISO 8601)", Source::Week),
        words("lang", "Language it was answered in", Source::Language),
        plain("duration_s", "Seconds it took, to five", Content::Number, Source::DurationS),
    ];
    for field in ["district", "gender", "education"] {
        let forms = signups.iter().map(|form| form.in_language(&survey.lang));
        let questions = std::iter::once(survey).chain(forms).flat_map(Survey::questions);
        let question = { questions }.find(|one| one.maps.as_deref() == Some(field));
        let choices = question.map(|question| question.choices.as_slice()).unwrap_or_default();
        let label = question.map_or(field, |question| question.text.plain.as_str());
        variables.push(background(field, label, choices));
    }
    let ages = age_groups.iter().enumerate();
    let labels = ages.map(|(place, group)| (place as i64 + 1, group.clone())).collect();
    let groups: Vec<&str> = age_groups.iter().map(String::as_str).collect();
    let mut content = codes(labels, &groups);
    if let Content::Codes { is_ordered, .. } = &mut content {
        *is_ordered = true;
    }
    variables.push(plain("age", "Age group", content, Source::Background("age")));
    variables.push(words("flags", "Quality flags", Source::Flags));
    variables
}

/// Gives each group of a background that has no code yet one: of members it may be made coarser, and the
/// groups of the site may have been others.
pub fn note_groups(variables: &mut [Variable], background: &Background) {
    for variable in variables {
        let (Source::Background(field), Content::Codes { labels, ids, .. }) =
            (&variable.source, &mut variable.content)
        else {
            continue;
        };
        let id = super::case::field_of(background, field);
        if let Some(id) = id.filter(|id| !ids.iter().any(|known| known == id)) {
            let next = labels.iter().map(|(code, _)| code + 1).max().unwrap_or(1);
            labels.push((next, id.to_owned()));
            ids.push(id.to_owned());
        }
    }
}

/// The districts of the city by their official numbers; whatever else is counted from 1.
fn background(field: &'static str, label: &str, choices: &[Choice]) -> Variable {
    const OFFICIAL: [&str; 10] = [
        "indre-by",
        "oesterbro",
        "noerrebro",
        "vesterbro-kongens-enghave",
        "valby",
        "vanloese",
        "broenshoej-husum",
        "bispebjerg",
        "amager-oest",
        "amager-vest",
    ];
    let is_official = field == "district"
        && choices.iter().all(|one| one.id == "outside" || OFFICIAL.contains(&one.id.as_str()));
    let code =
        |(place, choice): (usize, &Choice)| match OFFICIAL.iter().position(|id| *id == choice.id) {
            Some(official) if is_official => official as i64 + 1,
            None if is_official => 99,
            _ => place as i64 + 1,
        };
    let labels =
        choices.iter().enumerate().map(|one| (code(one), one.1.text.plain.clone())).collect();
    let ids: Vec<&str> = choices.iter().map(|choice| choice.id.as_str()).collect();
    plain(field, label, codes(labels, &ids), Source::Background(field))
}

fn codes(labels: Vec<(i64, String)>, ids: &[&str]) -> Content {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    Content::Codes { labels, ids, is_ordered: false }
}

fn plain(name: &str, label: &str, content: Content, source: Source) -> Variable {
    let least = match &content {
        Content::Codes { labels, .. } => {
            labels.iter().map(|(code, _)| *code as f64).fold(0.0, f64::min)
        }
        _ => 0.0,
    };
    let (name, label) = (name.to_owned(), label.to_owned());
    Variable { name, label, content, source, least, question: None }
}

fn of_question(question: &Question) -> Vec<Variable> {
    let id = &question.id;
    let text = &question.text.plain;
    let part = |part: &str, label: &str, content, source| {
        plain(&readable(&format!("{id}_{part}")), &format!("{text}: {label}"), content, source)
    };
    match question.kind.rules().name() {
        "multiple" => ticks(&question.choices, |choice, label, dont_know| {
            let source = Source::Ticked { choice: choice.to_owned(), dont_know };
            part(choice, label, yes_no(), source)
        }),
        "ranking" => (0..question.top.unwrap_or_default() as usize)
            .map(|place| {
                let label = format!("place {}", place + 1);
                let content = choice_codes(&question.choices, false);
                part(&(place + 1).to_string(), &label, content, Source::Place(place))
            })
            .collect(),
        "points" => (question.choices.iter())
            .map(|choice| {
                let source = Source::Points(choice.id.clone());
                part(&choice.id, &choice.text.plain, Content::Number, source)
            })
            .collect(),
        "matrix" | "differential" => (question.rows.iter())
            .map(|row| {
                let content = choice_codes(&question.columns, true);
                part(&row.id, &row.text.plain, content, Source::Row(row.id.clone()))
            })
            .collect(),
        "matrix-multiple" => (question.rows.iter())
            .flat_map(|row| {
                ticks(&question.columns, |column, label, dont_know| {
                    let (row_id, column_id) = (row.id.clone(), column.to_owned());
                    let source = Source::RowTicked { row: row_id, column: column_id, dont_know };
                    let label = format!("{}: {label}", row.text.plain);
                    part(&format!("{}_{column}", row.id), &label, yes_no(), source)
                })
            })
            .collect(),
        _ => vec![plain(&readable(id), text, content(question), Source::Answer)],
    }
}

/// What a question with one answer holds.
fn content(question: &Question) -> Content {
    match question.kind.rules().name() {
        "single" | "place" => choice_codes(&question.choices, false),
        // Its one answer is "yes", whatever its choice is called.
        "consent" => {
            let text = question.choices.first().map(|choice| choice.text.plain.clone());
            codes(vec![(1, text.unwrap_or_default())], &["yes"])
        }
        "scale" | "number" | "year" => Content::Number,
        _ => Content::Words,
    }
}

fn yes_no() -> Content {
    codes(vec![(0, "no".to_owned()), (1, "yes".to_owned())], &["0", "1"])
}

/// A column for each choice but "don't know", which is a kind of missing.
fn ticks(
    choices: &[Choice],
    column: impl Fn(&str, &str, Option<String>) -> Variable,
) -> Vec<Variable> {
    let dont_know = choices.iter().find(|choice| choice.dontknow).map(|choice| choice.id.clone());
    let ticked = choices.iter().filter(|choice| !choice.dontknow);
    ticked.map(|choice| column(&choice.id, &choice.text.plain, dont_know.clone())).collect()
}

/// Codes as the ids say where all of them are numbers, and counted from 1 else.
fn choice_codes(choices: &[Choice], is_ordered: bool) -> Content {
    let counted = || choices.iter().filter(|choice| !choice.dontknow);
    let own: Option<Vec<i64>> = counted().map(|choice| choice.id.parse().ok()).collect();
    let code = |place: usize| own.as_ref().map_or(place as i64 + 1, |own| own[place]);
    let labels = counted()
        .enumerate()
        .map(|(place, choice)| (code(place), choice.text.plain.clone()))
        .collect();
    let ids = counted().map(|choice| choice.id.clone()).collect();
    Content::Codes { labels, ids, is_ordered }
}

/// The words of a question in every version that asked it in this shape.
fn asked(question: &Question, definitions: &[Definition]) -> Asked {
    let shape = question.shape();
    let mut seen = HashSet::new();
    let mut wordings = Vec::new();
    for definition in definitions.iter().rev() {
        for survey in &definition.languages {
            let same = survey.question(&question.id).filter(|one| one.shape() == shape);
            let text = same.map(|one| one.text.plain.clone());
            let is_new = |text: &String| seen.insert((survey.lang.clone(), text.clone()));
            if let Some(text) = text.filter(is_new) {
                let version = definition.version.chars().take(8).collect();
                wordings.push(Wording { version, lang: survey.lang.clone(), text });
            }
        }
    }
    Asked { id: question.id.clone(), shape, wordings, route: question.cue.clone() }
}

fn sets_of(question: &Question, variables: &[Variable], first: usize) -> Vec<Set> {
    let mut members: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (place, variable) in variables.iter().enumerate().skip(first) {
        match &variable.source {
            Source::Ticked { .. } => members.entry(None).or_default().push(place),
            Source::RowTicked { row, .. } => members.entry(Some(row)).or_default().push(place),
            _ => {}
        }
    }
    let set = |(row, members): (Option<&str>, Vec<usize>)| {
        let text = row.and_then(|id| question.rows.iter().find(|row| row.id == id));
        let label = match text {
            Some(row) => format!("{}: {}", question.text.plain, row.text.plain),
            None => question.text.plain.clone(),
        };
        let name = row.map_or(question.id.clone(), |row| format!("{}_{row}", question.id));
        Set { name: readable(&name), label, members }
    };
    // A set of one is none.
    members.into_iter().filter(|(_, members)| members.len() > 1).map(set).collect()
}

fn readable(name: &str) -> String {
    name.replace(['-', '.'], "_").chars().take(NAME_MAX).collect()
}

/// The lowest number that any version of a question allows; 0 where none says so.
fn least(question: &Question, definitions: &[Definition]) -> f64 {
    let asked = definitions.iter().filter_map(|one| one.base().question(&question.id));
    let least = |question: &Question| match &question.scale {
        Some(scale) => scale.from as f64,
        None => question.least().unwrap_or_default(),
    };
    asked.map(least).fold(0.0, f64::min)
}

/// Where two columns would have one name, the later gets a number.
fn make_unique(variables: &mut [Variable]) {
    let mut taken = HashSet::new();
    for variable in variables {
        let wanted = variable.name.clone();
        let mut number = 2;
        while !taken.insert(variable.name.to_lowercase()) {
            variable.name = format!("{wanted}_{number}");
            number += 1;
        }
    }
}
