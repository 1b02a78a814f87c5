//! Surveys from and to elsewhere: bytes of another program's file in, Markdown and a report out, and
//! back. No disk.
//!
//! 1. [`book`] and [`table`] give rows of text with their places, and account for every cell.
//! 2. [`xlsform`] and [`limesurvey`] read them into a [`draft`]: names become ids (`names`),
//!    expressions conditions (`logic`), texts Markdown (`prose`).
//! 3. [`settle`] writes the draft (`markdown`), holds it up to the compiler, and takes out what it
//!    refuses.
//!
//! Whatever does not come over as it was stands in the [`report`], with its place.

pub mod archive;
pub mod book;
pub mod draft;
pub mod limesurvey;
pub mod logic;
pub mod markdown;
pub mod meaning;
pub mod names;
pub mod prose;
pub mod report;
pub mod settle;
pub mod table;
pub mod xlsform;
pub mod xpath;

use std::fmt;

pub use report::Report;

/// What an import made.
#[derive(Debug, Default)]
pub struct Imported {
    /// The base first.
    pub files: Vec<Output>,
    pub report: Report,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub name: String,
    pub text: String,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub why: String,
    pub cure: String,
}

impl Unreadable {
    pub fn new(why: impl Into<String>, cure: impl Into<String>) -> Unreadable {
        Unreadable { why: why.into(), cure: cure.into() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unreadable {}

fn survey_sheet_hint() -> &'static str {
    "open it in a spreadsheet program and save it as .xlsx; LimeSurvey's structure is a .lss or .txt file"
}

/// The most questions, choices, rows and columns a survey may have: a list that a thousand questions
/// share is written a thousand times.
const PARTS_MAX: usize = 50_000;

/// Reads a file, whatever format it is in. `stem` is its name without its ending.
///
/// # Errors
/// What is wrong with the file and what to do about it.
pub fn import(bytes: &[u8], stem: &str) -> Result<Imported, Unreadable> {
    if bytes.len() > archive::FILE_BYTES_MAX {
        return Err(Unreadable::new(
            "it is larger than a form can be",
            "take pictures and data out of it, and save it again",
        ));
    }
    let (draft, report) = if bytes.starts_with(b"PK") {
        xlsform::read(&book::read(bytes)?, stem)?
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Unreadable::new("it is an old .xls workbook", survey_sheet_hint()));
    } else {
        limesurvey::read(bytes, stem)?
    };
    if draft.size() > PARTS_MAX {
        return Err(Unreadable::new(
            format!("it has more than {PARTS_MAX} questions and choices"),
            "split it into several forms",
        ));
    }
    Ok(settle::settle(draft, report))
}
