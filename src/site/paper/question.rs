//! A question as it is printed: what to draw, and the line that says how to fill it in.

use serde::Serialize;

use super::plan::{Plan, Skip, may_hold};
use crate::site::view::map::{self, MapView};
use crate::survey::condition::Condition;
use crate::survey::model::{Image, ScaleLabel};
use crate::survey::{Choice, Definition, Question, Row, Text};

/// More choices than this stand in two columns.
const IN_ONE_COLUMN: usize = 9;

/// As many points have room for a label each.
const WITH_LABELS: i64 = 7;

/// The lines of a long answer.
const LONG_LINES: u32 = 6;

/// A hand writes some 60 signs on a line as wide as the page.
const SIGNS_A_LINE: u32 = 60;

/// For `paper/question.html` and the template of its shape.
#[derive(Debug, Serialize)]
pub(super) struct PaperQuestion<'a> {
    number: usize,
    text: &'a Text,
    help: Option<&'a Text>,
    note: Option<&'a Text>,
    required: bool,
    /// Who need not answer.
    cue: Option<String>,
    /// How to fill it in: `Sæt højst 3 krydser.`
    how: String,
    /// The name of the template in `paper/`.
    pub(super) shape: &'static str,
    /// Round for one answer, square for many: `one` or `many`.
    mark: &'static str,
    columns: &'a [Choice],
    choices: Vec<PaperChoice<'a>>,
    two_columns: bool,
    rows: Vec<PaperRow<'a>>,
    /// Rows have a label at their right end too.
    two_ends: bool,
    points: Vec<Point<'a>>,
    /// Labels of the first, middle and last point, where others have none.
    ends: Vec<&'a Text>,
    /// Labels that do not fit under their points, as in `3 = Nogenlunde`.
    legend: Vec<&'a ScaleLabel>,
    /// Groups of boxes for one sign each.
    boxes: Vec<Boxes>,
    lines: u32,
    unit: Option<&'a str>,
    share: Option<u32>,
    /// To look at: what is ticked is the list beside it.
    map: Option<MapView<'a>>,
}

/// A choice, and where it leads.
#[derive(Debug, Serialize)]
struct PaperChoice<'a> {
    text: &'a Text,
    other: bool,
    image: Option<&'a Image>,
    cue: Option<String>,
    skip: Option<String>,
}

/// A statement of a matrix.
#[derive(Debug, Serialize)]
struct PaperRow<'a> {
    text: &'a Text,
    right: Option<&'a Text>,
    cue: Option<String>,
}

/// A point of a scale, with its label where there is room.
#[derive(Debug, Serialize)]
struct Point<'a> {
    value: i64,
    text: Option<&'a Text>,
}

/// Boxes in a row, with what stands before them and under them.
#[derive(Debug, Serialize)]
struct Boxes {
    before: &'static str,
    count: usize,
    caption: String,
}

impl<'a> PaperQuestion<'a> {
    /// Works out what a template places.
    pub(super) fn new(
        question: &'a Question,
        definition: &'a Definition,
        plan: &Plan<'a>,
    ) -> PaperQuestion<'a> {
        let kind = question.kind.rules().name();
        let boxes = boxes(question, kind, plan);
        let labels = Labels::of(question);
        let number = plan.number(&question.id).unwrap_or_default();
        let choices: Vec<_> = choices(question, number, plan).collect();
        PaperQuestion {
            number,
            text: &question.text,
            help: question.help.as_ref(),
            note: question.note.as_ref(),
            required: question.required,
            cue: plan.question_cue(question),
            how: how(question, kind, plan),
            shape: shape(kind, &boxes),
            mark: if is_for_many(kind) { "many" } else { "one" },
            columns: &question.columns,
            two_columns: choices.len() > IN_ONE_COLUMN,
            choices,
            rows: rows(question, plan).collect(),
            two_ends: question.rows.iter().any(|row| row.right.is_some()),
            points: labels.points,
            ends: labels.ends,
            legend: labels.legend,
            boxes,
            lines: lines(question, kind),
            unit: question.unit.as_deref(),
            share: question.share,
            map: map::of(question, &definition.maps),
        }
    }
}

fn is_for_many(kind: &str) -> bool {
    matches!(kind, "multiple" | "matrix-multiple" | "consent")
}

/// The template that draws a kind. A kind it does not know gets a line to write on.
fn shape(kind: &str, boxes: &[Boxes]) -> &'static str {
    match kind {
        "single" | "multiple" | "consent" | "place" => "choices",
        "matrix" | "matrix-multiple" | "differential" => "table",
        "scale" => "scale",
        "ranking" | "points" => "amounts",
        _ if !boxes.is_empty() => "boxes",
        _ => "lines",
    }
}

fn lines(question: &Question, kind: &str) -> u32 {
    match (kind, question.maxlength) {
        ("longtext", _) => LONG_LINES,
        ("text", Some(signs)) if signs > 2 * SIGNS_A_LINE => 2,
        _ => 1,
    }
}

fn choices<'a, 'p>(
    question: &'a Question,
    number: usize,
    plan: &'p Plan<'a>,
) -> impl Iterator<Item = PaperChoice<'a>> + use<'a, 'p> {
    let printed = question.choices.iter().filter(|choice| may_hold(choice.condition.as_deref()));
    printed.map(move |choice| PaperChoice {
        text: &choice.text,
        other: choice.other,
        image: choice.image.as_ref(),
        cue: part_cue(question, choice.condition.as_deref(), plan),
        skip: choice.goto.as_ref().and_then(|goto| plan.skip(goto, number)).map(
            |skip| match skip {
                Skip::To(number) => plan.words.fill("paper_go_to", &[("n", &number.to_string())]),
                Skip::Done => plan.words.ui("paper_done").to_owned(),
            },
        ),
    })
}

fn rows<'a, 'p>(
    question: &'a Question,
    plan: &'p Plan<'a>,
) -> impl Iterator<Item = PaperRow<'a>> + use<'a, 'p> {
    let printed = question.rows.iter().filter(|row| may_hold(row.condition.as_ref()));
    printed.map(move |row: &Row| PaperRow {
        text: &row.text,
        right: row.right.as_ref(),
        cue: part_cue(question, row.condition.as_ref(), plan),
    })
}

/// What is said at a choice or row with a condition. Those carried over are explained once, above.
fn part_cue(question: &Question, condition: Option<&Condition>, plan: &Plan) -> Option<String> {
    condition.filter(|_| question.from.is_none()).and_then(|condition| plan.cue(condition, None))
}

/// The points of a scale and where their labels stand: under the row where only its ends and middle
/// have one; else at the points where these are few; else in a legend.
#[derive(Default)]
struct Labels<'a> {
    points: Vec<Point<'a>>,
    ends: Vec<&'a Text>,
    legend: Vec<&'a ScaleLabel>,
}

impl<'a> Labels<'a> {
    fn of(question: &'a Question) -> Labels<'a> {
        let Some(scale) = &question.scale else { return Labels::default() };
        let at = |value: i64| {
            let label = scale.labels.iter().find(|label| label.value == value);
            label.map(|label| &label.text)
        };
        let bare = |value| Point { value, text: None };
        let has_middle = (scale.to - scale.from) % 2 == 0;
        let middle = at(scale.from.midpoint(scale.to)).filter(|_| has_middle);
        let ends: Vec<_> = [at(scale.from), middle, at(scale.to)].into_iter().flatten().collect();
        let at_ends = at(scale.from).is_some() && at(scale.to).is_some();
        let range = scale.from..=scale.to;
        if at_ends && ends.len() == scale.labels.len() {
            return Labels { points: range.map(bare).collect(), ends, legend: Vec::new() };
        }
        if scale.to - scale.from < WITH_LABELS {
            let points = range.map(|value| Point { value, text: at(value) }).collect();
            return Labels { points, ..Labels::default() };
        }
        let legend = scale.labels.iter().collect();
        Labels { points: range.map(bare).collect(), ends: Vec::new(), legend }
    }
}

/// Boxes for signs whose number is known.
fn boxes(question: &Question, kind: &str, plan: &Plan) -> Vec<Boxes> {
    let group = |before, count, caption: &str| Boxes {
        before,
        count,
        caption: if caption.is_empty() { String::new() } else { plan.words.ui(caption).to_owned() },
    };
    match kind {
        "year" | "postcode" => vec![group("", 4, "")],
        "date" => vec![
            group("", 2, "paper_day"),
            group("-", 2, "paper_month"),
            group("-", 4, "paper_year"),
        ],
        "time" => vec![group("", 2, "paper_hours"), group(":", 2, "paper_minutes")],
        "number" => digits(question).map(|count| group("", count, "")).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// How many digits a number can have, where it is a whole one from 0 with an end.
fn digits(question: &Question) -> Option<usize> {
    let whole = question.step.is_none_or(|step| step.fract() == 0.0);
    let most = question.most().filter(|most| *most < 1e7)?;
    (whole && question.least()? >= 0.0).then(|| format!("{most:.0}").len())
}

fn how(question: &Question, kind: &str, plan: &Plan) -> String {
    let say = |key: &str, values: &[(&str, &str)]| plan.words.fill(key, values);
    let number = |value: f64| value.to_string();
    match kind {
        "single" | "scale" | "place" => say("paper_one", &[]),
        "matrix" | "differential" => say("paper_one_a_row", &[]),
        "matrix-multiple" => say("paper_many_a_row", &[]),
        "consent" => say("paper_consent", &[]),
        "multiple" => match (question.least().map(number), question.most().map(number)) {
            (Some(min), Some(max)) if min == max => say("paper_exact", &[("n", &max)]),
            (Some(min), Some(max)) => say("paper_between", &[("min", &min), ("max", &max)]),
            (None, Some(max)) => say("paper_up_to", &[("n", &max)]),
            (Some(min), None) => say("paper_at_least", &[("n", &min)]),
            (None, None) => say("paper_many", &[]),
        },
        "ranking" => {
            let top = question.top.map_or(question.choices.len(), |top| top as usize);
            say("paper_rank", &[("n", &top.to_string())])
        }
        "points" => say("paper_share", &[("n", &question.share.unwrap_or(100).to_string())]),
        "number" => match (question.least().map(number), question.most().map(number)) {
            (Some(min), Some(max)) => say("paper_number_between", &[("min", &min), ("max", &max)]),
            _ => say("paper_number", &[]),
        },
        "year" | "date" | "time" | "postcode" => say("paper_digits", &[]),
        "longtext" | "text" if !question.private => say("private_hint", &[]),
        _ => String::new(),
    }
}
