//! LimeSurvey's survey structure: tab-separated (`.txt`, `.tsv`) or XML (`.lss`).
//!
//! 1. [`tsv`] and [`lss`] give the same rows: one a group, question, subquestion or answer, and once
//!    for each language.
//! 2. [`structure`] puts them together: groups of questions with their parts, in every language.
//! 3. [`build`] makes the draft: [`kinds`] the answers of each type, [`expression`] the conditions.
//! 4. What nobody read is reported.

pub mod build;
pub mod expression;
pub mod kinds;
pub mod lss;
pub mod structure;
pub mod tsv;

use super::draft::Draft;
use super::report::{Done, Report};
use super::table::Table;
use super::{PARTS_MAX, Unreadable};
use structure::Structure;

/// Reads a structure. `stem` names it where it does not say what it is called.
///
/// # Errors
/// Where it is none.
pub fn read(bytes: &[u8], stem: &str) -> Result<(Draft, Report), Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Unreadable::new(
            "it is neither a workbook nor text in UTF-8",
            "import an XLSForm (.xlsx), or a structure that LimeSurvey exported (.lss, .txt)",
        ));
    };
    let table =
        if text.trim_start().starts_with('<') { lss::read(text)? } else { tsv::read(text)? };
    if table.rows.len() > PARTS_MAX {
        return Err(Unreadable::new(
            format!("it has more than {PARTS_MAX} questions and answers"),
            "split the survey into several",
        ));
    }
    let mut report = Report::default();
    let structure = Structure::of(&table, &mut report);
    let draft = build::build(&structure, stem, &mut report);
    report_unread(&table, &mut report);
    Ok((draft, report))
}

/// Every cell that nobody read, but for what only says that something is off.
fn report_unread(table: &Table, report: &mut Report) {
    for (place, text) in table.unread() {
        // Exports have a column for every attribute there is: one with nothing in it says nothing.
        if place.row == table.head.number && !table.is_fields {
            continue;
        }
        if matches!(text.as_str(), "0" | "N" | "n") && !place.header.is_empty() {
            continue;
        }
        let why = match place.header.as_str() {
            "validation" | "preg" => "the survey language has no patterns",
            "default" | "default_value" => "nothing is answered beforehand",
            "encrypted" => "how answers are sealed is the program's own business",
            "assessment_value" => "a survey gives no points",
            "" => "its column has no name",
            _ => "the survey language has nothing like it",
        };
        report.add(&place, &text, Done::Dropped, why);
    }
}
