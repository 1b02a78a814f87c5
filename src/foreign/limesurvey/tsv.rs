//! The tab-separated structure: a line of names, then a line a part; cells in quotes may hold tabs and
//! line breaks.

use crate::foreign::Unreadable;
use crate::foreign::table::{Row, Table};

/// The most cells that are read.
const CELLS_MAX: usize = 400_000;

/// Reads the lines.
///
/// # Errors
/// Where the columns of a structure are not there.
pub fn read(text: &str) -> Result<Table, Unreadable> {
    let table = Table::new(None, rows(text)?);
    let names: Vec<String> = table.head.cells().map(|(_, name)| name.to_lowercase()).collect();
    let is_structure = ["class", "name", "text"].iter().all(|n| names.iter().any(|name| name == n));
    if !is_structure {
        return Err(Unreadable::new(
            "it is no survey structure",
            "in LimeSurvey choose Export, then “Tab-separated-values format (*.txt)” or “Survey structure (*.lss)”",
        ));
    }
    Ok(table)
}

fn rows(text: &str) -> Result<Vec<Row>, Unreadable> {
    let mut rows = Vec::new();
    let mut row = Row::new(1);
    let (mut line, mut column, mut count) = (1, 1, 0);
    let mut cell = String::new();
    let mut quoted = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\n' | '\t' if !quoted => {
                row.put(column, &cell);
                count += usize::from(!cell.is_empty());
                cell.clear();
                column += 1;
                if sign == '\n' {
                    (line, column) = (line + 1, 1);
                    rows.push(std::mem::replace(&mut row, Row::new(line)));
                }
                if count > CELLS_MAX {
                    return Err(Unreadable::new(
                        format!("it has more than {CELLS_MAX} cells"),
                        "split the survey into several",
                    ));
                }
            }
            '\r' if !quoted => {}
            _ => {
                line += u32::from(sign == '\n');
                cell.push(sign);
            }
        }
    }
    row.put(column, &cell);
    rows.push(row);
    Ok(rows)
}
