//! What lies in a folder of results besides the two files that the auditor reads: nothing but the files of a
//! release, and in each of them the same figures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::foreign::book::only_sheet;
use crate::results::audit::agree::{finer_length, place, too_fine};
use crate::results::audit::page::read::{Page, read};
use crate::results::audit::page::{INVITED, OTHERS as OF_OTHERS, Shown, Words, objections};
use crate::results::figure::{Figure, Value};
use crate::results::files::{OTHERS, is_of_survey};
use crate::results::remarks::Remarks;
use crate::results::sheet::{HIDDEN, Open, Sheet};

/// In the tables for people: how many, the figure, and the two ends of its interval.
const COLUMNS: [usize; 4] = [5, 7, 8, 9];

/// What people read: without one of them the folder is not what was published.
const NEEDED: [&str; 3] = ["index.html", "data/results-excel.csv", "data/results.xlsx"];

/// What is wrong with the files of a release whose figures are `sheet`, and of which `said` is said.
pub fn faults(folder: &Path, open: &Open, sheet: &Sheet, said: &Remarks) -> Result<Vec<String>> {
    let missing = NEEDED.iter().filter(|name| !folder.join(name).is_file());
    let mut faults: Vec<String> = missing.map(|name| format!("{name} is missing")).collect();
    let mut pages = Vec::new();
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
        if name.ends_with(".html") {
            pages.push((name, read(&String::from_utf8_lossy(&bytes))));
        }
    }
    // Named by the words of index.html, the default language's.
    pages.sort_by_key(|(name, _)| name != NEEDED[0]);
    faults.extend(of_pages(folder, &pages, open, sheet, said)?);
    Ok(faults)
}

/// Where the pages do not have the figures of the data.
fn of_pages(
    folder: &Path,
    pages: &[(String, Page)],
    open: &Open,
    sheet: &Sheet,
    said: &Remarks,
) -> Result<Vec<String>> {
    let table = folder.join(NEEDED[1]);
    if !pages.iter().any(|(name, _)| name == NEEDED[0]) || !table.is_file() {
        // That it is missing has been told.
        return Ok(Vec::new());
    }
    let bytes = fs::read(&table).during_at("read", &table)?;
    let Some(words) = words_of(&bytes).filter(|words| words.len() == sheet.figures.len()) else {
        return Ok(Vec::new());
    };
    let of_others = folder.join("data").join(OTHERS);
    let others = match of_others.is_file() {
        true => {
            let text = fs::read_to_string(&of_others).during_at("read", &of_others)?;
            match Open::from_json(&text) {
                Ok(others) => Some(others),
                Err(error) => return Ok(vec![format!("{}: {error}", of_others.display())]),
            }
        }
        false => None,
    };
    let known = others.iter().flat_map(|others| &others.figures);
    let theirs: Vec<Option<Words>> =
        known.map(|figure| same_words(figure, &sheet.figures, &words)).collect();
    let words: Vec<Option<Words>> = words.into_iter().map(Some).collect();
    let mut shown =
        vec![Shown { prefix: INVITED, items: &open.items, figures: &sheet.figures, words: &words }];
    shown.extend(others.iter().map(|others| Shown {
        prefix: OF_OTHERS,
        items: &others.items,
        figures: &others.figures,
        words: &theirs,
    }));
    Ok(objections(pages, &shown, said))
}

/// What the figures are about, in the words of the table for people.
fn words_of(bytes: &[u8]) -> Option<Vec<Words>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
    let rows = reader.records().map(|row| {
        let row = row.ok()?;
        let field = |column: usize| row.get(column).map(str::to_owned);
        Some(Words { row: field(1)?, choice: field(2)?, group: field(4)?, measure: field(6)? })
    });
    rows.collect()
}

/// Those of a figure of the invited about the same.
fn same_words(figure: &Figure, figures: &[Figure], words: &[Words]) -> Option<Words> {
    let mut both = figures.iter().zip(words);
    let same = both.find(|(own, _)| {
        (&own.question, &own.row, &own.choices, own.measure, &own.group)
            == (&figure.question, &figure.row, &figure.choices, figure.measure, &figure.group)
    });
    same.map(|(_, words)| words.clone())
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
