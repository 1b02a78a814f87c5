//! What lies in a folder of results besides the two files that the auditor reads: nothing but the files of a
//! release, and in each of them the same figures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::foreign::book::only_sheet;
use crate::results::audit::agree::{finer_length, place, too_fine};
use crate::results::figure::{Figure, Value};
use crate::results::files::is_of_survey;
use crate::results::sheet::{HIDDEN, Sheet};

/// In the tables for people: how many, the figure, and the two ends of its interval.
const COLUMNS: [usize; 4] = [5, 7, 8, 9];

/// What people read: without one of them the folder is not what was published.
const NEEDED: [&str; 3] = ["index.html", "data/results-excel.csv", "data/results.xlsx"];

/// What is wrong with the files of a release whose figures are `sheet`.
pub fn faults(folder: &Path, sheet: &Sheet) -> Result<Vec<String>> {
    let missing = NEEDED.iter().filter(|name| !folder.join(name).is_file());
    let mut faults: Vec<String> = missing.map(|name| format!("{name} is missing")).collect();
    for file in every_file(folder)? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).during_at("read", &file)?;
        if !is_of_survey(&name) {
            faults
                .push(format!("{name} is no file of results: nobody has audited it; take it away"));
        }
        match name.as_str() {
            "data/results-excel.csv" => faults.extend(differs(&name, of_csv(&bytes), sheet)),
            "data/results.xlsx" => faults.extend(differs(&name, of_workbook(&bytes), sheet)),
            _ => {}
        }
        faults.extend(finer(&name, &bytes));
    }
    Ok(faults)
}

/// Every file of a folder, in the order of their names.
fn every_file(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).during_at("list", &folder)? {
            let path = entry.during_at("list", &folder)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// What a text file says that is finer than what is audited.
fn finer(name: &str, bytes: &[u8]) -> Option<String> {
    let is_text =
        [".csv", ".json", ".jsonld", ".html", ".svg"].iter().any(|end| name.ends_with(end));
    let text = String::from_utf8_lossy(is_text.then_some(bytes)?);
    if let Some(found) = too_fine(name, &text) {
        return Some(format!("{name} says {found}, which is finer than what is audited"));
    }
    let found = finer_length(&text).filter(|_| name.ends_with(".html"))?;
    Some(format!("{name} has a chart with {found}, which is finer than what is audited"))
}

/// The numbers of a row, as they read.
type Numbers = [String; COLUMNS.len()];

/// Where a table for people does not have the figures of results.csv, in their order.
fn differs(name: &str, rows: Option<Vec<Numbers>>, sheet: &Sheet) -> Option<String> {
    let Some(rows) = rows else { return Some(format!("{name} cannot be read")) };
    let (there, own) = (rows.len(), sheet.figures.len());
    if there != own {
        return Some(format!("{name} has {there} figures, and results.csv {own}"));
    }
    let mut both = sheet.figures.iter().zip(rows);
    both.find_map(|(figure, row)| {
        let own = numbers(figure);
        let (says, not) = row.iter().zip(&own).find(|(says, not)| says != not)?;
        let measure = figure.measure.name();
        Some(format!(
            "{name} says `{says}` where results.csv has `{not}`: {}, {measure}",
            place(figure)
        ))
    })
}

fn numbers(figure: &Figure) -> Numbers {
    let value =
        |value: Option<Value>| value.map_or(String::new(), |value| plain(&value.to_string()));
    let shown = figure.value.map_or(HIDDEN.to_owned(), |shown| value(Some(shown)));
    [figure.n.to_string(), shown, value(figure.low), value(figure.high)]
}

/// A number as a workbook has it: `3.0` is 3.
fn plain(text: &str) -> String {
    text.parse::<f64>().map_or(text.to_owned(), |number| number.to_string())
}

fn of_csv(bytes: &[u8]) -> Option<Vec<Numbers>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let rows = reader.records().map(|row| {
        let row = row.ok()?;
        let field = |column: usize| Some(plain(&row.get(column)?.replace(',', ".")));
        all(COLUMNS.map(field))
    });
    rows.collect()
}

/// None also of a workbook with a second sheet, where more could stand.
fn of_workbook(bytes: &[u8]) -> Option<Vec<Numbers>> {
    let rows = only_sheet(bytes)?;
    let numbers = rows.iter().skip(1).map(|row| {
        COLUMNS.map(|column| row.get(&(column as u32)).map_or(String::new(), |text| plain(text)))
    });
    Some(numbers.collect())
}

fn all(fields: [Option<String>; COLUMNS.len()]) -> Option<Numbers> {
    let [Some(n), Some(value), Some(low), Some(high)] = fields else { return None };
    Some([n, value, low, high])
}
