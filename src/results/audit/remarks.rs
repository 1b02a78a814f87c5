//! Whether what is said of figures is said of figures that are shown: a sentence about a hidden cell would tell
//! what the cell was hidden for.

use super::page::numbers;
use crate::results::figure::{Figure, Value};
use crate::results::remarks::{Cited, Remark, Remarks};
use crate::results::sheet::Open;

/// What is wrong with the sentences of a release.
pub fn objections(open: &Open, remarks: &Remarks) -> Vec<String> {
    let all = remarks.differences.iter().chain(&remarks.trends);
    let each = all.flat_map(|remark| remark.cites.iter().map(move |cited| (remark, cited)));
    each.filter_map(|(remark, cited)| objection(open, remark, cited)).collect()
}

fn objection(open: &Open, remark: &Remark, cited: &Cited) -> Option<String> {
    let is_cited = |figure: &&Figure| {
        let (variable, group) = figure.group.as_ref().map_or_else(Default::default, |group| {
            (group.variable.as_str(), group.categories.join("+"))
        });
        (figure.question == remark.question && figure.row == remark.row)
            && (variable == remark.variable && group == cited.group)
            && (figure.measure.name() == cited.measure && figure.choices.join("+") == cited.choice)
    };
    let figure = open.figures.iter().find(is_cited);
    let says = |value: Value| {
        let written = numbers::written(value);
        remark.words.values().all(|words| numbers::of(words).contains(&written))
    };
    let what = match figure.map(|figure| figure.value) {
        None => "is no figure".to_owned(),
        Some(None) => "is hidden".to_owned(),
        Some(Some(value)) if !says(value) => format!("is {value}, which it does not say"),
        Some(Some(_)) => return None,
    };
    let Remark { question, variable, .. } = remark;
    let Cited { measure, choice, group } = cited;
    Some(format!(
        "a sentence about {question}, {variable} {group}, {measure} {choice}: that {what}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::figure::{Group, Measure};

    fn open(value: Option<Value>) -> Open {
        let figure = Figure {
            question: "q".to_owned(),
            row: None,
            choices: vec!["yes".to_owned()],
            group: Some(Group { variable: "age".to_owned(), categories: vec!["75+".to_owned()] }),
            n: 40,
            measure: Measure::Percent,
            value,
            low: value,
            high: value,
        };
        Open {
            survey: "s".to_owned(),
            districts: Vec::new(),
            people: 200,
            threshold: 5,
            min_group: 30,
            weights: None,
            items: Vec::new(),
            figures: vec![figure],
        }
    }

    #[test]
    fn finds_a_sentence_about_a_hidden_cell_and_about_none() {
        let cited = Cited { measure: "percent".into(), choice: "yes".into(), group: "75+".into() };
        let remark = Remark {
            question: "q".to_owned(),
            variable: "age".to_owned(),
            cites: vec![cited.clone()],
            ..Remark::default()
        };
        let remarks = Remarks { differences: vec![remark.clone()], ..Remarks::default() };
        assert_eq!(objections(&open(Some(Value::Percent(41))), &remarks), Vec::<String>::new());
        assert!(objections(&open(None), &remarks)[0].ends_with("that is hidden"));
        let wrong = Remark { words: [("da".into(), "31 %".into())].into(), ..remark.clone() };
        let remarks = Remarks { differences: vec![wrong], ..Remarks::default() };
        let found = objections(&open(Some(Value::Percent(41))), &remarks);
        assert!(found[0].ends_with("that is 41, which it does not say"), "{found:?}");
        let elsewhere = Remark { variable: "gender".to_owned(), ..remark };
        let remarks = Remarks { trends: vec![elsewhere], ..Remarks::default() };
        let found = objections(&open(Some(Value::Percent(41))), &remarks);
        assert!(found[0].ends_with("that is no figure"));
    }
}
