//! What can be chosen: radio buttons, checkboxes, options, fields that share points.

use serde::Serialize;

use super::Given;
use crate::survey::model::Image;
use crate::survey::{Choice, Fields, Question, Text};

/// A radio button, checkbox, option or field of points.
#[derive(Debug, Serialize)]
pub struct ChoiceView<'a> {
    pub id: &'a str,
    pub input_id: String,
    pub name: String,
    pub value: String,
    pub text: Option<&'a Text>,
    pub image: Option<&'a Image>,
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

/// The points of a scale are choices of their own, before what the author lists.
pub(super) fn choices<'a>(question: &'a Question, given: &Given<'a>) -> Vec<ChoiceView<'a>> {
    let points = question.scale.iter().flat_map(|scale| {
        (scale.from..=scale.to).map(|point| {
            let label = scale.labels.iter().find(|label| label.value == point);
            (point, label.map(|label| &label.text))
        })
    });
    let points = points.map(|(point, text)| {
        let mut view = unlabelled(&question.id, None, &point.to_string(), given.kept);
        view.text = text;
        view
    });
    let shares = question.kind.rules().name() == "points";
    let listed = question.choices.iter().map(|choice| {
        let mut view = listed(choice, &question.id, None, given.kept);
        view.other = choice.other.then(|| OtherView::new(question, choice, given));
        if shares {
            view.name = format!("{}.{}", question.id, choice.id);
            view.value = given.kept.first(&view.name).unwrap_or_default().to_owned();
        }
        view
    });
    points.chain(listed).collect()
}

/// A choice the author listed, in a row of a matrix or by itself.
pub(super) fn listed<'a>(
    choice: &'a Choice,
    question: &str,
    row: Option<&str>,
    kept: &Fields,
) -> ChoiceView<'a> {
    let mut view = unlabelled(question, row, &choice.id, kept);
    view.id = &choice.id;
    view.text = Some(&choice.text);
    view.image = choice.image.as_ref();
    view.dontknow = choice.dontknow;
    view.exclusive = choice.exclusive;
    view
}

fn unlabelled<'a>(question: &str, row: Option<&str>, value: &str, kept: &Fields) -> ChoiceView<'a> {
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
        image: None,
        dontknow: false,
        exclusive: false,
        other: None,
    }
}

impl<'a> OtherView<'a> {
    fn new(question: &Question, choice: &'a Choice, given: &Given<'a>) -> OtherView<'a> {
        let name = format!("{}.{}.text", question.id, choice.id);
        OtherView {
            input_id: format!("q-{}-{}-text", question.id, choice.id),
            label: given.words.fill("other_label", &[("choice", &choice.text.plain)]),
            value: given.kept.first(&name).unwrap_or_default(),
            name,
        }
    }
}
