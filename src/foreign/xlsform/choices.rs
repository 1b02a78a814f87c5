//! The choices of a question, from a list that several may share.

use std::collections::HashMap;

use super::form::{Form, List, Listed};
use crate::foreign::draft::{Choice, Rule};
use crate::foreign::logic::Logic;
use crate::foreign::meaning::{self, Scope};
use crate::foreign::names::Names;
use crate::foreign::prose::Placeholder;
use crate::foreign::report::{Done, Report};
use crate::foreign::table::Row;
use crate::foreign::xpath;
use crate::survey::ids::Named;

/// The choice that `or_other` adds.
pub fn other_id(list: Option<&List>) -> String {
    let mut names = Names::default();
    for item in list.into_iter().flat_map(|list| &list.items) {
        names.give(&item.id, Named::Choice);
    }
    names.give("other", Named::Choice)
}

/// What a question asks of its list.
pub struct Wanted<'q> {
    pub list: &'q str,
    pub or_other: bool,
    /// The row of the question, for its filter.
    pub row: &'q Row,
}

/// The choices of a question; those that its filter never lets through are left out.
pub fn of_question(
    form: &Form,
    wanted: &Wanted,
    scope: Scope,
    placeholders: &dyn Placeholder,
    report: &mut Report,
) -> Vec<Choice> {
    let mut choices = of_list(form, wanted.list, placeholders, report);
    let filter = form.survey.columns.read(wanted.row, "choice_filter");
    if !filter.is_empty() {
        choices = filtered(form, wanted, filter, choices, scope, report);
    }
    if wanted.or_other {
        let text = form.own_words("Andet:", "Other:");
        let id = other_id(form.lists.get(wanted.list));
        choices.push(Choice { id, text, other: true, ..Choice::default() });
    }
    choices
}

/// The choices of a list.
pub fn of_list(
    form: &Form,
    name: &str,
    placeholders: &dyn Placeholder,
    report: &mut Report,
) -> Vec<Choice> {
    let (Some(list), Some(sheet)) = (form.lists.get(name), &form.choices) else {
        return Vec::new();
    };
    let choice = |item: &Listed| {
        sheet.columns.read(item.row, "list_name");
        sheet.columns.read(item.row, "name");
        let place = sheet.place(item.row, "name");
        if item.id != item.name {
            let why = format!("the choice is called {}", item.id);
            report.add(&place, &item.name, Done::Renamed, why);
        }
        let text = form.line(sheet, item.row, "label", placeholders, report);
        let text = text.unwrap_or_else(|| {
            let place = sheet.place(item.row, "label");
            let why = "the choice has no label: its name stands there";
            report.add(&place, &item.name, Done::Replaced, why);
            let name = crate::foreign::prose::convert(&item.name, placeholders).line();
            let name = if name.is_empty() { item.id.clone() } else { name };
            vec![name; form.languages.len()]
        });
        Choice { id: item.id.clone(), text, place, ..Choice::default() }
    };
    list.items.iter().map(choice).collect()
}

fn filtered(
    form: &Form,
    wanted: &Wanted,
    filter: &str,
    choices: Vec<Choice>,
    scope: Scope,
    report: &mut Report,
) -> Vec<Choice> {
    let (Some(list), Some(sheet)) = (form.lists.get(wanted.list), &form.choices) else {
        return choices;
    };
    let place = form.survey.place(wanted.row, "choice_filter");
    let mut all = |why: String| {
        let why = format!("every choice is offered, since {why}");
        report.add(&place, filter, Done::Dropped, why);
    };
    let expr = match xpath::parse(filter) {
        Ok(expr) => expr,
        Err(why) => {
            all(why);
            return choices;
        }
    };
    let names = expr.names();
    let mut judged: Vec<Logic> = Vec::new();
    for item in &list.items {
        let mut columns: HashMap<String, String> = HashMap::new();
        for column in &sheet.columns.list {
            let text = item.row.peek(column.number);
            let header = sheet.table.head.peek(column.number);
            columns.entry(header.to_owned()).or_insert_with(|| text.to_owned());
            columns.entry(column.key.clone()).or_insert_with(|| text.to_owned());
        }
        match meaning::meaning(&expr, Scope { columns: Some(&columns), ..scope }) {
            Ok(logic) => judged.push(logic),
            Err(why) => {
                all(why);
                return choices;
            }
        }
    }
    if judged.iter().all(|logic| *logic == Logic::Known(false)) {
        all("it would never offer any".to_owned());
        return choices;
    }
    for item in &list.items {
        for column in &sheet.columns.list {
            let header = sheet.table.head.peek(column.number);
            if names.iter().any(|name| *name == header || *name == column.key) {
                item.row.read(column.number);
            }
        }
    }
    let mut kept = Vec::new();
    for ((mut choice, logic), item) in choices.into_iter().zip(judged).zip(&list.items) {
        match logic {
            Logic::Known(true) => {}
            Logic::Known(false) => {
                let why = format!("the filter `{filter}` never lets it through");
                report.add(&choice.place, &item.name, Done::Dropped, why);
                continue;
            }
            logic => {
                let text = logic.write().unwrap_or_default();
                let (source, place) = (filter.to_owned(), place.clone());
                choice.condition = Some(Rule { text, cue: None, source, place });
            }
        }
        kept.push(choice);
    }
    kept
}
