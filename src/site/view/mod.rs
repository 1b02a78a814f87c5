//! A question as a template wants it: ids, names, kept answers and messages worked out, so that the
//! templates only place them. The names are the contract of the form (docs: form fields).
//!
//! [`QuestionView`] is the whole; `choice`, `row`, [`map`] and `hint` are its parts, and
//! `message` what is said at it and in the summary.

mod choice;
mod hint;
pub mod map;
mod message;
mod row;

use std::collections::BTreeMap;

use serde::Serialize;

use super::words::Words;
use crate::survey::map::Map;
use crate::survey::minutes::page_seconds;
use crate::survey::{Choice, Fields, Page, Problem, Question, Survey, Text};

use choice::ChoiceView;
use map::MapView;
pub use message::{ProblemView, summary};
use row::RowView;

/// What was posted and what is wrong with it; both empty on a page nobody has answered.
pub struct Given<'a> {
    pub survey: &'a Survey,
    pub maps: &'a BTreeMap<String, Map>,
    pub kept: &'a Fields,
    pub problems: &'a [Problem],
    /// What is asked for once more.
    pub nudges: &'a [Problem],
    pub words: &'a Words,
}

/// A page of a survey; its questions are already HTML.
#[derive(Debug, Serialize)]
pub struct PageView<'a> {
    pub id: &'a str,
    pub title: Option<&'a Text>,
    pub intro: Option<&'a Text>,
    pub cue: Option<&'a str>,
    pub questions: Vec<String>,
    /// How long it takes, by the estimate of the start page.
    pub seconds: u32,
}

impl<'a> PageView<'a> {
    /// `questions` are the rendered questions of `page`.
    pub fn new(page: &'a Page, questions: Vec<String>) -> PageView<'a> {
        PageView {
            id: &page.id,
            title: page.title.as_ref(),
            intro: page.intro.as_ref(),
            cue: page.cue.as_deref(),
            questions,
            // Bounded by the size of a file, far below the limits of u32.
            seconds: page_seconds(page).round() as u32,
        }
    }
}

/// A question, for `question.html` and the template of its kind.
#[derive(Debug, Serialize)]
pub struct QuestionView<'a> {
    pub id: &'a str,
    pub kind: &'static str,
    /// The name of the template in `kinds/`.
    pub template: &'static str,
    /// One control with a label, not a group of controls with a legend.
    pub field: bool,
    /// The id of the control (field) or of the first one (group).
    pub input_id: String,
    /// `radio` or `checkbox`.
    pub input: &'static str,
    pub text: &'a Text,
    pub help: Option<&'a Text>,
    pub note: Option<&'a Text>,
    pub cue: Option<&'a str>,
    pub required: bool,
    /// A line made from the rules: `Vælg højst 3.`
    pub hint: Option<String>,
    /// Stored apart from the other answers, and says so.
    pub private: bool,
    /// The ids of what describes the control or group; empty where nothing does.
    pub described_by: String,
    pub problem: String,
    /// The message is a question whether something was forgotten, not a refusal.
    pub nudge: bool,
    pub value: &'a str,
    pub unit: Option<&'a str>,
    pub inputmode: &'static str,
    /// For a kiosk's own keyboard.
    pub keys: &'static str,
    /// For `autocomplete`, on a person's own device (WCAG 1.3.5); empty where there is no token.
    pub autocomplete: &'static str,
    /// A field for a few characters.
    pub short: bool,
    pub maxlength: Option<u32>,
    pub choices: Vec<ChoiceView<'a>>,
    /// A choice has a picture.
    pub pictures: bool,
    pub rows: Vec<RowView<'a>>,
    pub columns: &'a [Choice],
    pub ends: Vec<End<'a>>,
    /// How many boxes a scale has, or columns a matrix.
    pub across: usize,
    /// The places of a ranking.
    pub places: Vec<PlaceView<'a>>,
    pub map: Option<MapView<'a>>,
}

/// What a point of a scale means.
#[derive(Debug, Serialize)]
pub struct End<'a> {
    pub value: i64,
    pub text: &'a Text,
}

/// A place of a ranking, as a list to choose from.
#[derive(Debug, Serialize)]
pub struct PlaceView<'a> {
    pub label: String,
    pub input_id: String,
    pub name: String,
    /// The choice that stands there.
    pub value: &'a str,
}

impl<'a> QuestionView<'a> {
    /// Works out everything a template places.
    pub fn new(question: &'a Question, given: &Given<'a>) -> QuestionView<'a> {
        let kind = question.kind.rules().name();
        let template = if is_dropdown(question) { "dropdown" } else { kind };
        let hint = hint::hint(question, given.words);
        let told = message::of(question, None, given);
        QuestionView {
            id: &question.id,
            kind,
            template,
            field: FIELDS.contains(&template),
            input_id: first_input(question, None),
            input: if TICKED.contains(&kind) { "checkbox" } else { "radio" },
            text: &question.text,
            help: question.help.as_ref(),
            note: question.note.as_ref(),
            cue: question.cue.as_deref(),
            required: question.required,
            private: question.private,
            described_by: described_by(question, hint.is_some(), told.is_some()),
            hint,
            nudge: told.as_ref().is_some_and(|told| told.nudge),
            problem: told.map(|told| told.text).unwrap_or_default(),
            value: given.kept.first(&question.id).unwrap_or_default(),
            unit: question.unit.as_deref(),
            inputmode: hint::inputmode(question),
            keys: hint::keys(question),
            autocomplete: hint::autocomplete(kind),
            short: matches!(kind, "number" | "year" | "date" | "time" | "postcode"),
            maxlength: question.maxlength,
            choices: choice::choices(question, given),
            pictures: question.choices.iter().any(|choice| choice.image.is_some()),
            rows: question.rows.iter().map(|row| RowView::new(question, row, given)).collect(),
            columns: &question.columns,
            ends: ends(question),
            across: across(question),
            places: places(question, given),
            map: map::of(question, given.maps),
        }
    }
}

/// Templates of one control; the others hold a group.
const FIELDS: &[&str] =
    &["date", "dropdown", "email", "longtext", "number", "postcode", "tel", "text", "time", "year"];
/// Kinds whose answers are ticked, several at a time.
const TICKED: &[&str] = &["consent", "matrix-multiple", "multiple"];

fn is_dropdown(question: &Question) -> bool {
    question.dropdown && question.kind.rules().name() == "single"
}

fn across(question: &Question) -> usize {
    match &question.scale {
        Some(scale) => usize::try_from(scale.to - scale.from + 1).unwrap_or_default(),
        None => question.columns.len(),
    }
}

fn ends(question: &Question) -> Vec<End<'_>> {
    let labels = question.scale.iter().flat_map(|scale| &scale.labels);
    labels.map(|label| End { value: label.value, text: &label.text }).collect()
}

fn places<'a>(question: &Question, given: &Given<'a>) -> Vec<PlaceView<'a>> {
    let place = |n: u32| {
        let name = format!("{}.{n}", question.id);
        PlaceView {
            label: given.words.fill("rank_place", &[("n", &n.to_string())]),
            input_id: place_id(question, n),
            value: given.kept.first(&name).unwrap_or_default(),
            name,
        }
    };
    (1..=question.top.unwrap_or_default()).map(place).collect()
}

/// Not `q-`: a choice may be called `1` as well.
fn place_id(question: &Question, n: u32) -> String {
    format!("rank-{}-{n}", question.id)
}

fn described_by(question: &Question, hinted: bool, told: bool) -> String {
    let parts = [
        ("help", question.help.is_some()),
        ("hint", hinted),
        ("private", question.private),
        ("problem", told),
    ];
    let ids = parts.iter().filter(|(_, there)| *there);
    ids.map(|(part, _)| format!("{part}-{}", question.id)).collect::<Vec<_>>().join(" ")
}

/// Where a link to a question leads: its control, or the first of its group.
fn first_input(question: &Question, row: Option<&str>) -> String {
    let id = &question.id;
    let first_choice = || match (&question.scale, question.choices.first()) {
        (Some(scale), _) => Some(scale.from.to_string()),
        (None, Some(choice)) => Some(choice.id.clone()),
        (None, None) => None,
    };
    if let Some(first) = question.rows.first() {
        let row = row.unwrap_or(&first.id);
        let column = question.columns.first().map_or("", |column| column.id.as_str());
        return format!("q-{id}-{row}-{column}");
    }
    match question.kind.rules().name() {
        "ranking" => place_id(question, 1),
        "single" | "multiple" | "scale" | "points" | "place" if !is_dropdown(question) => {
            first_choice().map_or_else(|| format!("q-{id}"), |choice| format!("q-{id}-{choice}"))
        }
        _ => format!("q-{id}"),
    }
}
