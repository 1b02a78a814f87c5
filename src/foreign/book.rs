//! A workbook's bytes as tables of text. The only place that knows how a spreadsheet is stored.
//!
//! Everything is bounded: the file, what it unpacks to, and its cells. Cells come one by one and are
//! kept only where there is something in them, since a sheet with one cell in its last row and column
//! would be seventeen thousand million cells.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

use super::archive;
use super::table::{Row, Table};
use super::{Unreadable, survey_sheet_hint};

/// The most cells of a workbook that are read.
const CELLS_MAX: usize = 200_000;

/// What a spreadsheet program itself allows in a cell.
const CELL_CHARS_MAX: usize = 32_767;

/// A workbook.
#[derive(Debug)]
pub struct Book {
    pub tables: Vec<Table>,
    /// Formulas that were saved without a value: sheet, row, column, formula.
    pub unvalued: Vec<(String, u32, u32, String)>,
}

impl Book {
    /// The table on the sheet of this name, whatever its capitals.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| {
            table.sheet.as_deref().is_some_and(|sheet| sheet.trim().eq_ignore_ascii_case(name))
        })
    }
}

/// Reads every sheet.
///
/// # Errors
/// What is wrong with the file and what to do.
pub fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    archive::check(bytes)?;
    // The reader of workbooks multiplies what a hostile cell says its column is, and panics where that
    // overflows: a damaged file must be a message, not the end of the program.
    let read = std::panic::catch_unwind(|| read_sheets(bytes));
    read.unwrap_or_else(|_| Err(Unreadable::new("it is damaged", survey_sheet_hint())))
}

/// The rows of a workbook's only sheet, each by column from 0; none where there are more sheets, or where it is
/// damaged.
pub fn only_sheet(bytes: &[u8]) -> Option<Vec<BTreeMap<u32, String>>> {
    archive::check(bytes).ok()?;
    // As above: the reader may panic.
    std::panic::catch_unwind(|| {
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
        let [name] = &workbook.sheet_names()[..] else { return None };
        let mut reader = workbook.worksheet_cells_reader(name).ok()?;
        let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
        while let Some(cell) = reader.next_cell().ok()? {
            let (row, column) = cell.get_position();
            rows.entry(row).or_default().insert(column, text_of(cell.get_value()));
        }
        Some(rows.into_values().collect())
    })
    .ok()?
}

fn read_sheets(bytes: &[u8]) -> Result<Book, Unreadable> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|wrong| damaged(&wrong))?;
    let names = workbook.sheet_names();
    let mut book = Book { tables: Vec::new(), unvalued: Vec::new() };
    let mut count = 0;
    for name in names {
        let reader = workbook.worksheet_cells_reader(&name);
        // A chart sheet is listed among the sheets, and has no cells.
        if matches!(reader, Err(calamine::XlsxError::NotAWorksheet(_))) {
            continue;
        }
        let mut reader = reader.map_err(|wrong| damaged(&wrong))?;
        // Rows may come in any order, and twice, from a program other than Excel.
        let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
        while let Some(cell) = reader.next_cell_with_formula().map_err(|wrong| damaged(&wrong))? {
            let (row, column) = (cell.pos.0.saturating_add(1), cell.pos.1.saturating_add(1));
            let text = text_of(&cell.value);
            if let (true, Some(formula)) = (text.is_empty(), cell.formula) {
                book.unvalued.push((name.clone(), row, column, format!("={formula}")));
            }
            if text.trim().is_empty() {
                continue;
            }
            count += 1;
            if count > CELLS_MAX {
                return Err(Unreadable::new(
                    format!("it has more than {CELLS_MAX} cells"),
                    "delete the sheets that are no part of the form",
                ));
            }
            if text.chars().count() > CELL_CHARS_MAX {
                return Err(Unreadable::new(
                    format!("the text in sheet {name}, row {row} is too long"),
                    "a spreadsheet program allows 32,767 characters in a cell; shorten it",
                ));
            }
            rows.entry(row).or_insert_with(|| Row::new(row)).put(column, &text);
        }
        book.tables.push(Table::new(Some(&name), rows.into_values().collect()));
    }
    Ok(book)
}

fn damaged(wrong: &calamine::XlsxError) -> Unreadable {
    Unreadable::new(format!("it is damaged ({wrong})"), survey_sheet_hint())
}

/// A cell as its reader sees it: 1.0 is 1, a day is written as one.
fn text_of(value: &DataRef) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "true".to_owned(),
        DataRef::Bool(false) => "false".to_owned(),
        DataRef::DateTime(moment) if moment.is_duration() => moment.as_f64().to_string(),
        DataRef::DateTime(moment) => moment_text(moment.as_f64(), moment.to_ymd_hms_milli()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(wrong) => wrong.to_string(),
    }
}

fn moment_text(serial: f64, moment: (u16, u8, u8, u8, u8, u8, u16)) -> String {
    let (year, month, day, hour, minute, ..) = moment;
    if serial.abs() < 1.0 {
        return format!("{hour:02}:{minute:02}");
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute) == (0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}") }
}
