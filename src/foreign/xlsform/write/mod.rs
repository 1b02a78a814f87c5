//! A compiled survey as an XLSForm that `pyxform` accepts, and what a form cannot say.
//!
//! 1. `names`: every question, page and row gets a name that is there once.
//! 2. `skips`: a `goto` becomes a condition on everything it jumps over.
//! 3. `rows`: questions become rows, `expr` writes their conditions as XPath.
//! 4. Here: rows become the sheets survey, choices and settings.

mod expr;
mod names;
mod rows;
mod skips;
mod text;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::foreign::report::{Done, Place, Report};
use crate::survey::Definition;
use names::Names;
use rows::{Cells, Writer};

/// A workbook and what is not in it.
#[derive(Debug)]
pub struct Exported {
    pub bytes: Vec<u8>,
    pub report: Report,
}

/// The columns of the sheet survey; those with texts once a language.
const SURVEY: [(&str, bool); 11] = [
    ("type", false),
    ("name", false),
    ("label", true),
    ("hint", true),
    ("required", false),
    ("relevant", false),
    ("constraint", false),
    ("constraint_message", true),
    ("appearance", false),
    ("parameters", false),
    ("choice_filter", false),
];

/// The columns of the sheet choices.
const CHOICES: [(&str, bool); 5] = [
    ("list_name", false),
    ("name", false),
    ("label", true),
    ("media::image", true),
    ("shown", false),
];

/// Writes a survey.
///
/// # Errors
/// Where the workbook cannot be made: a text longer than a cell can hold.
pub fn write(definition: &Definition) -> Result<Exported, XlsxError> {
    let names = Names::of(definition.base());
    let mut writer = Writer::new(definition, &names);
    writer.survey();
    let (survey, choices, mut report) = (writer.survey, writer.choices, writer.report);
    let languages: Vec<String> =
        definition.languages.iter().map(|survey| text::language(&survey.lang)).collect();
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    sheet(book.add_worksheet().set_name("survey")?, &SURVEY, &survey, &languages, &bold)?;
    sheet(book.add_worksheet().set_name("choices")?, &CHOICES, &choices, &languages, &bold)?;
    settings(book.add_worksheet().set_name("settings")?, definition, &languages[0], &bold)?;
    for survey in definition.languages.iter().skip(1) {
        if survey.title != definition.base().title {
            let why = "a form has its title in one language";
            report.add(&Place::sheet("settings"), &survey.title.plain, Done::Dropped, why);
        }
    }
    Ok(Exported { bytes: book.save_to_buffer()?, report })
}

fn sheet(
    sheet: &mut Worksheet,
    columns: &[(&str, bool)],
    rows: &[Cells],
    languages: &[String],
    bold: &Format,
) -> Result<(), XlsxError> {
    let mut number = 0;
    for (name, is_text) in columns {
        let used = rows.iter().any(|row| row.contains_key(name));
        // What no row needs is left out, but for what a form cannot be without.
        if !used && !["type", "name", "label", "list_name"].contains(name) {
            continue;
        }
        let count = if *is_text { languages.len() } else { 1 };
        for (language, spoken) in languages.iter().enumerate().take(count) {
            let header = if *is_text { format!("{name}::{spoken}") } else { (*name).to_owned() };
            sheet.write_string_with_format(0, number, &header, bold)?;
            sheet.set_column_width(number, if *is_text { 40 } else { 18 })?;
            for (row, cells) in (1..).zip(rows) {
                let words = cells.get(name);
                let text = words.and_then(|words| words.get(language).or(words.first()));
                if let Some(text) = text.filter(|text| !text.is_empty()) {
                    sheet.write_string(row, number, text)?;
                }
            }
            number += 1;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn settings(
    sheet: &mut Worksheet,
    definition: &Definition,
    language: &str,
    bold: &Format,
) -> Result<(), XlsxError> {
    let version = definition.version.get(..10).unwrap_or(&definition.version);
    let pairs = [
        ("form_title", definition.base().title.plain.as_str()),
        ("form_id", definition.slug.as_str()),
        ("version", version),
        ("default_language", language),
    ];
    for (column, (name, value)) in (0..).zip(pairs) {
        sheet.write_string_with_format(0, column, name, bold)?;
        sheet.write_string(1, column, value)?;
    }
    Ok(())
}
