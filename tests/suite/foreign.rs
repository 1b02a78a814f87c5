//! Surveys from and to elsewhere: forms from the field, made here with what the standard allows;
//! each has to come over as Markdown that `check` accepts, and name what it lost.

use borgerpanel::foreign::report::Done;
use borgerpanel::foreign::{self, Imported};
use borgerpanel::survey::compile::Shelf;
use borgerpanel::survey::format::{Role, format};
use borgerpanel::survey::{Definition, Facts, File, Files, Input, compile};
use rust_xlsxwriter::Workbook;

mod accounting;
mod export;
mod limesurvey;
mod meanings;
mod xlsform;

/// A workbook: sheets of rows of texts.
pub fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a name");
        for (number, row) in rows.iter().enumerate() {
            for (column, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                let (number, column) = (number as u32, column as u16);
                sheet.write_string(number, column, *text).expect("a cell");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// The import of a workbook that is one.
pub fn import(sheets: &[(&str, &[&[&str]])]) -> Imported {
    foreign::import(&workbook(sheets), "skema").expect("a form")
}

/// The survey that the files make, all languages; with every reason where they make none.
pub fn compiled(imported: &Imported) -> Definition {
    let files = &imported.files;
    let language =
        |name: &str| name.split('.').nth(1).filter(|part| *part != "md").map(str::to_owned);
    let languages = files.iter().filter_map(|file| language(&file.name)).collect();
    let default_language = "da".to_owned();
    let facts = Facts { default_language, languages, lone: true, ..Facts::default() };
    let base = File { path: &files[0].name, text: &files[0].text };
    let translations = files[1..].iter().map(|file| {
        let lang = file.name.split('.').nth(1).expect("a language in the name");
        (lang, File { path: &file.name, text: &file.text })
    });
    let survey = Files { base, translations: translations.collect() };
    let compiled = compile(&Input { slug: "x", survey, shelf: &Shelf::default(), site: &facts });
    let notes: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|note| format!("{}: {} {:?}", note.file, note.message(Default::default()), note.span))
        .collect();
    let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
    compiled.definition.unwrap_or_else(|| panic!("{notes:#?}\n{}", texts.join("\n=====\n")))
}

/// Compiles, and is as `fmt` leaves it.
pub fn sound(imported: &Imported) -> Definition {
    let definition = compiled(imported);
    for (number, file) in imported.files.iter().enumerate() {
        let role = if number == 0 { Role::Base } else { Role::Translation };
        assert_eq!(format(&file.text, role), file.text, "{} is not tidy", file.name);
    }
    definition
}

/// Asserts that the report names the cell: sheet, row (from 1), column (from 1; 0 for the row).
pub fn named(imported: &Imported, sheet: &str, row: u32, column: u32, done: Done) {
    let found = imported.report.items.iter().any(|item| {
        let place = &item.place;
        let sheet = if sheet.is_empty() { None } else { Some(sheet) };
        (place.sheet.as_deref(), place.row, place.column, item.done) == (sheet, row, column, done)
    });
    assert!(found, "{sheet} {row} {column} {done:?} is not in {:#?}", imported.report.items);
}
