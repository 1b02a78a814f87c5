//! `results.xlsx`: the figures with their words, one a row. Percents are whole numbers, means have one
//! decimal, and there is no formula and no hidden sheet.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::figure::{Figure, Value};
use super::open_data::{Spoken, words};

/// Writes the workbook; `heads` name the columns of [`super::open_data::COLUMNS`], `sheet` the sheet, and
/// `spoken` stand at the places of `figures`.
///
/// # Errors
/// Where it cannot be made: a text longer than a cell can hold, or a name that no sheet can have.
pub fn workbook(
    sheet: &str,
    heads: &[String],
    figures: &[Figure],
    spoken: &[Spoken],
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // When it was made is nobody's business, and the same figures are to give the same bytes.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let bold = Format::new().set_bold();
    let table = book.add_worksheet().set_name(sheet)?;
    for (column, head) in (0u16..).zip(heads) {
        table.write_string_with_format(0, column, head, &bold)?;
    }
    table.set_freeze_panes(1, 0)?;
    for (row, (figure, spoken)) in (1u32..).zip(figures.iter().zip(spoken)) {
        let [before @ .., measure] = words(spoken);
        for (column, word) in (0u16..).zip(before) {
            table.write_string(row, column, word)?;
        }
        table.write_number(row, 5, figure.n)?;
        table.write_string(row, 6, measure)?;
        match figure.value {
            Some(value) => table.write_number(row, 7, number(value))?,
            None => table.write_string(row, 7, "·")?,
        };
        for (column, end) in [(8, figure.low), (9, figure.high)] {
            if let Some(end) = end {
                table.write_number(row, column, number(end))?;
            }
        }
    }
    book.save_to_buffer()
}

/// As it is written: 31 tenths are the number that reads 3.1.
fn number(value: Value) -> f64 {
    value.to_string().parse().expect("a value is written as a number")
}
