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
    let mut judged: Vec<Option<Logic>> = Vec::new();
    for item in &list.items {
        let name_of = |number: u32| sheet.table.head.peek(number).to_owned();
        let columns: HashMap<String, String> =
            item.row.cells().map(|(number, text)| (name_of(number), text.to_owned())).collect();
        let scope = Scope { columns: Some(&columns), ..scope };
        match meaning::condition(filter, scope) {
            Ok(logic) => judged.push(Some(logic)),
            // A code that its question does not have: the choice is never offered.
            Err(why) if why.contains("has no choice") => judged.push(None),
            Err(why) => {
                let why = format!("every choice is offered, since {why}");
                report.add(&place, filter, Done::Dropped, why);
                return choices;
            }
        }
        for (number, _) in item.row.cells() {
            if filter.contains(&name_of(number)) {
                item.row.read(number);
            }
        }
    }
    let mut kept = Vec::new();
    for ((mut choice, logic), item) in choices.into_iter().zip(judged).zip(&list.items) {
        match logic {
            Some(Logic::Known(true)) => {}
            Some(Logic::Known(false)) | None => {
                let why = format!("the filter `{filter}` never lets it through");
                report.add(&choice.place, &item.name, Done::Dropped, why);
                continue;
            }
            Some(logic) => {
                let text = logic.write().unwrap_or_default();
                let (source, place) = (filter.to_owned(), place.clone());
                choice.condition = Some(Rule { text, cue: None, source, place });
            }
        }
        kept.push(choice);
    }
    kept
}
