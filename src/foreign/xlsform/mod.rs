//! XLSForm, the spreadsheets that ODK, KoboToolbox and SurveyCTO make forms from.
//!
//! 1. [`columns`] and [`types`] know every spelling of headers and types.
//! 2. [`form`] holds the sheets, the languages and the lists of choices.
//! 3. [`plan`] walks the rows: groups become pages, tables matrices, names ids.
//! 4. [`build`] makes the draft: texts, conditions (`xpath`, `meaning`), limits, choices.
//! 5. What nobody read is reported.
//!
//! [`mod@write`] goes the other way.

pub mod build;
pub mod choices;
pub mod columns;
pub mod form;
pub mod plan;
pub mod questions;
pub mod types;
pub mod write;

use super::book::Book;
use super::draft::Draft;
use super::report::{Done, Place, Report};
use super::table::Table;
use super::{PARTS_MAX, Unreadable};
use columns::Columns;
use form::Form;
use types::Type;

/// Reads a form. `stem` names it where it does not say what it is called.
///
/// # Errors
/// Where the workbook is no form.
pub fn read(book: &Book, stem: &str) -> Result<(Draft, Report), Unreadable> {
    let lone = || match book.tables.as_slice() {
        [table] if Columns::of(table).find("type").is_some() => Some(table),
        _ => None,
    };
    let Some(survey) = book.table("survey").or_else(lone) else {
        return Err(Unreadable::new(
            "it has no sheet called survey",
            "an XLSForm has the sheets survey and choices; rename the sheet with the questions",
        ));
    };
    let mut report = Report::default();
    let form = Form::new(book, survey, &mut report);
    if form.survey.columns.find("type").is_none() {
        return Err(Unreadable::new(
            "its sheet survey has no column called type",
            "the first row of the sheet names the columns: type, name, label",
        ));
    }
    refuse_too_many(&form)?;
    let plan = plan::plan(&form, &mut report);
    let mut draft = build::build(&form, &plan, &mut report);
    form.front(&mut draft, stem, &mut report);
    report_unread(book, &form, &mut report);
    Ok((draft, report))
}

/// A list that many questions share is written for each of them.
fn refuse_too_many(form: &Form) -> Result<(), Unreadable> {
    let mut parts = 0;
    for row in &form.survey.table.rows {
        parts += 1;
        if let Type::Select { list, .. } = Type::read(form.survey.columns.peek(row, "type")) {
            parts += form.lists.get(&list).map_or(0, |list| list.items.len());
        }
        if parts > PARTS_MAX {
            return Err(Unreadable::new(
                format!("it has more than {PARTS_MAX} questions and choices"),
                "split it into several forms",
            ));
        }
    }
    Ok(())
}

/// Every cell that nobody read, and every sheet that is no part of a survey here.
fn report_unread(book: &Book, form: &Form, report: &mut Report) {
    for table in &book.tables {
        let name = table.sheet.as_deref().unwrap_or_default();
        if form.holds(table) {
            for (place, text) in table.unread() {
                if place.row == table.head.number && form.is_known(table, place.column) {
                    // A column of the standard with nothing in it, as in every template.
                    continue;
                }
                let why = form.why_unread(table, &place);
                report.add(&place, &text, Done::Dropped, why);
            }
        } else if table.count() > 0 {
            report.add(&Place::sheet(name), &sheet_words(table), Done::Dropped, why_sheet(name));
        }
    }
    for (sheet, row, column, formula) in &book.unvalued {
        let place =
            Place { sheet: Some(sheet.clone()), row: *row, column: *column, ..Place::default() };
        let why =
            "the formula was saved without its value: open and save it in a spreadsheet program";
        report.add(&place, formula, Done::Dropped, why);
    }
}

fn sheet_words(table: &Table) -> String {
    let count = table.count();
    let head: Vec<&str> = table.head.cells().map(|(_, text)| text).take(6).collect();
    format!("{count} cells under {}", head.join(", "))
}

fn why_sheet(name: &str) -> &'static str {
    match name.trim().to_lowercase().as_str() {
        "entities" => "a survey keeps no entities",
        "external_choices" => {
            "choices from elsewhere are not read; put them into the sheet choices"
        }
        "osm" => "tags of maps have no place in a survey",
        "cascades" | "columns" => "sheets of old forms are not read",
        _ => "the sheet is no part of a form",
    }
}
