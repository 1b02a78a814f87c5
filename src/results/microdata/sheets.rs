//! The cases as a workbook: one sheet of cases, one of what the columns are.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{Cell, Microdata, codebook};

/// The workbook's bytes.
///
/// # Errors
/// More cases or columns than a sheet has.
pub fn book(data: &Microdata) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    cases(book.add_worksheet().set_name("cases")?, data, &bold)?;
    variables(book.add_worksheet().set_name("codebook")?, data, &bold)?;
    book.save_to_buffer()
}

fn cases(sheet: &mut Worksheet, data: &Microdata, bold: &Format) -> Result<(), XlsxError> {
    for (column, variable) in data.variables.iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, &variable.name, bold)?;
    }
    for (row, case) in data.cases.iter().enumerate() {
        for (column, (variable, cell)) in data.variables.iter().zip(case).enumerate() {
            let (row, column) = (row as u32 + 1, column as u16);
            match cell {
                Cell::Code(code) => sheet.write_number(row, column, *code as f64)?,
                Cell::Missing(missing) => {
                    sheet.write_number(row, column, variable.missing(*missing) as f64)?
                }
                Cell::Number(number) => sheet.write_number(row, column, *number)?,
                Cell::Words(words) => sheet.write_string(row, column, words)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn variables(sheet: &mut Worksheet, data: &Microdata, bold: &Format) -> Result<(), XlsxError> {
    for (row, line) in codebook::table(data).iter().enumerate() {
        for (column, words) in line.iter().enumerate() {
            match row {
                0 => sheet.write_string_with_format(0, column as u16, words, bold)?,
                _ => sheet.write_string(row as u32, column as u16, words)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}
