//! A question as a template wants it: ids, names, kept answers and messages worked out, so that the
//! templates only place them. The names are the contract of the form (docs: form fields).

use serde::Serialize;

use super::words::Words;
use crate::survey::{Choice, Fields, Page, Problem, Question, Row, Survey, Text};

/// What was posted and what is wrong with it; both empty on a page nobody has answered.
pub struct Given<'a> {
    pub kept: &'a Fields,
    pub problems: &'a [Problem],
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
    pub text: &'a Text,
    pub help: Option<&'a Text>,
    pub note: Option<&'a Text>,
    pub cue: Option<&'a str>,
    pub required: bool,
    /// A line made from the rules: `Vælg højst 3.`
    pub hint: Option<String>,
    pub described_by: String,
    pub problem: String,
    pub value: &'a str,
    pub unit: Option<&'a str>,
    pub inputmode: &'static str,
    pub maxlength: Option<u32>,
    pub choices: Vec<ChoiceView<'a>>,
    pub rows: Vec<RowView<'a>>,
    pub columns: &'a [Choice],
    pub ends: Vec<End<'a>>,
    /// How many boxes a scale has, or columns a matrix.
    pub across: usize,
}

/// A radio button, checkbox or option.
#[derive(Debug, Serialize)]
pub struct ChoiceView<'a> {
    pub id: &'a str,
    pub input_id: String,
    pub name: String,
    pub value: String,
    pub text: Option<&'a Text>,
    pub checked: bool,
    pub dontknow: bool,
    pub exclusive: bool,
    pub other: Option<OtherView<'a>>,
}

/// The text field of an "other" choice.
#[derive(Debug, Serialize)]
pub struct OtherView<'a> {
    pub input_id: String,
    pub name: String,
    pub label: String,
    pub value: &'a str,
}

/// A statement of a matrix.
#[derive(Debug, Serialize)]
pub struct RowView<'a> {
    pub id: &'a str,
    pub text: &'a Text,
    pub problem: String,
    pub cells: Vec<ChoiceView<'a>>,
}

/// What a point of a scale means.
#[derive(Debug, Serialize)]
pub struct End<'a> {
    pub value: i64,
    pub text: &'a Text,
}

/// A line of the summary of problems.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    pub href: String,
    pub text: String,
}

impl<'a> QuestionView<'a> {
    /// Works out everything a template places.
    pub fn new(question: &'a Question, given: &Given<'a>) -> QuestionView<'a> {
        let kind = question.kind.rules().name();
        let template = if question.dropdown && kind == "single" { "dropdown" } else { kind };
        let hint = hint(question, given.words);
        QuestionView {
            id: &question.id,
            kind,
            template,
            field: matches!(template, "dropdown" | "number" | "text" | "longtext" | "year"),
            input_id: first_input(question, None),
            text: &question.text,
            help: question.help.as_ref(),
            note: question.note.as_ref(),
            cue: question.cue.as_deref(),
            required: question.required,
            described_by: described_by(question, hint.is_some()),
            hint,
            problem: message(question, None, given),
            value: given.kept.first(&question.id).unwrap_or_default(),
            unit: question.unit.as_deref(),
            inputmode: inputmode(question, kind),
            maxlength: question.maxlength,
            choices: choices(question, given),
            rows: question.rows.iter().map(|row| row_view(question, row, given)).collect(),
            columns: &question.columns,
            ends: ends(question),
            across: across(question),
        }
    }
}

/// Digits alone where only whole numbers from 0 fit; the decimal keyboard has no minus on phones,
/// so numbers that may be negative get the ordinary one.
fn inputmode(question: &Question, kind: &str) -> &'static str {
    let negative = question.least().is_none_or(|min| min < 0.0);
    let fractions = question.step.is_some_and(|step| step.fract() != 0.0);
    match kind {
        "year" => "numeric",
        "number" if negative => "text",
        "number" if fractions => "decimal",
        "number" => "numeric",
        _ => "text",
    }
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

/// The points of a scale are choices of their own, before what the author lists.
fn choices<'a>(question: &'a Question, given: &Given<'a>) -> Vec<ChoiceView<'a>> {
    let points = question.scale.iter().flat_map(|scale| {
        (scale.from..=scale.to).map(|point| {
            let label = scale.labels.iter().find(|label| label.value == point);
            (point, label.map(|label| &label.text))
        })
    });
    let points = points.map(|(point, text)| {
        let mut view = choice_view(&question.id, None, &point.to_string(), given.kept);
        view.text = text;
        view
    });
    let listed = question.choices.iter().map(|choice| {
        let mut view = listed_choice(choice, &question.id, None, given);
        view.other = choice.other.then(|| other_view(question, choice, given));
        view
    });
    points.chain(listed).collect()
}

fn listed_choice<'a>(
    choice: &'a Choice,
    question: &str,
    row: Option<&str>,
    given: &Given<'a>,
) -> ChoiceView<'a> {
    let mut view = choice_view(question, row, &choice.id, given.kept);
    view.id = &choice.id;
    view.text = Some(&choice.text);
    view.dontknow = choice.dontknow;
    view.exclusive = choice.exclusive;
    view
}

fn choice_view<'a>(
    question: &str,
    row: Option<&str>,
    value: &str,
    kept: &Fields,
) -> ChoiceView<'a> {
    let (name, input_id) = match row {
        Some(row) => (format!("{question}.{row}"), format!("q-{question}-{row}-{value}")),
        None => (question.to_owned(), format!("q-{question}-{value}")),
    };
    let checked = kept.all(&name).any(|given| given == value);
    ChoiceView {
        id: "",
        checked,
        input_id,
        name,
        value: value.to_owned(),
        text: None,
        dontknow: false,
        exclusive: false,
        other: None,
    }
}

fn other_view<'a>(question: &Question, choice: &'a Choice, given: &Given<'a>) -> OtherView<'a> {
    let name = format!("{}.{}.text", question.id, choice.id);
    OtherView {
        input_id: format!("q-{}-{}-text", question.id, choice.id),
        label: given.words.fill("other_label", &[("choice", &choice.text.plain)]),
        value: given.kept.first(&name).unwrap_or_default(),
        name,
    }
}

fn row_view<'a>(question: &'a Question, row: &'a Row, given: &Given<'a>) -> RowView<'a> {
    let cells = question.columns.iter();
    RowView {
        id: &row.id,
        text: &row.text,
        problem: message(question, Some(&row.id), given),
        cells: cells
            .map(|column| listed_choice(column, &question.id, Some(&row.id), given))
            .collect(),
    }
}

fn described_by(question: &Question, hinted: bool) -> String {
    let mut ids = Vec::new();
    if question.help.is_some() {
        ids.push(format!("help-{}", question.id));
    }
    if hinted {
        ids.push(format!("hint-{}", question.id));
    }
    ids.push(format!("problem-{}", question.id));
    ids.join(" ")
}

/// What the rules ask for, said before anybody can break them. Where the author wrote a help text
/// of their own, it is taken to say so.
fn hint(question: &Question, words: &Words) -> Option<String> {
    let kind = question.kind.rules().name();
    let number = |value: f64| value.to_string();
    let fill = |key: &str, values: &[(&str, &str)]| Some(words.fill(key, values));
    match kind {
        "longtext" => fill("private_hint", &[]),
        _ if question.help.is_some() => None,
        "year" => fill("year_hint", &[]),
        "multiple" => match (question.least().map(number), question.most().map(number)) {
            (Some(min), Some(max)) if min == max => fill("pick_exact", &[("max", &max)]),
            (Some(min), Some(max)) => fill("pick_between", &[("min", &min), ("max", &max)]),
            (None, Some(max)) => fill("pick_up_to", &[("max", &max)]),
            (Some(min), None) => fill("pick_at_least", &[("min", &min)]),
            (None, None) => fill("pick_many", &[]),
        },
        _ => None,
    }
}

fn message(question: &Question, row: Option<&str>, given: &Given<'_>) -> String {
    let mine =
        |problem: &&Problem| problem.question == question.id && problem.row.as_deref() == row;
    given.problems.iter().find(mine).map_or_else(String::new, |problem| {
        given.words.problem(&problem.code, label(question, row), &problem.values)
    })
}

fn label<'a>(question: &'a Question, row: Option<&str>) -> &'a str {
    let row = row.and_then(|id| question.rows.iter().find(|row| row.id == id));
    row.map_or(question.text.plain.trim(), |row| row.text.plain.trim())
}

/// Where a link to a question leads: its control, or the first of its group.
fn first_input(question: &Question, row: Option<&str>) -> String {
    let id = &question.id;
    let kind = question.kind.rules().name();
    let first_choice = || match (&question.scale, question.choices.first()) {
        (Some(scale), _) => Some(scale.from.to_string()),
        (None, Some(choice)) => Some(choice.id.clone()),
        (None, None) => None,
    };
    match kind {
        "matrix" => {
            let row = row.or(question.rows.first().map(|row| row.id.as_str()));
            let column = question.columns.first().map_or("", |column| column.id.as_str());
            format!("q-{id}-{}-{column}", row.unwrap_or_default())
        }
        "single" | "multiple" | "scale" if !(question.dropdown && kind == "single") => {
            first_choice().map_or_else(|| format!("q-{id}"), |choice| format!("q-{id}-{choice}"))
        }
        _ => format!("q-{id}"),
    }
}

/// The summary of problems. A problem without a question (the survey changed) leads to the form.
pub fn summary(survey: &Survey, given: &Given<'_>) -> Vec<ProblemView> {
    let line = |problem: &Problem| match survey.question(&problem.question) {
        Some(question) => ProblemView {
            href: format!("#{}", first_input(question, problem.row.as_deref())),
            text: message(question, problem.row.as_deref(), given),
        },
        None => ProblemView {
            href: "#survey-form".to_owned(),
            text: given.words.problem(&problem.code, "", &problem.values),
        },
    };
    given.problems.iter().map(line).collect()
}
