//! What an import or an export could not carry over: where it stood, what it was, what was done.

use std::fmt;

use serde::Serialize;

/// Where something stood in the foreign file. Rows, columns and lines count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The sheet of a workbook; none in a file that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of a sheet or the line of a file; 0 for the whole of it.
    pub row: u32,
    /// 0 for the whole row.
    pub column: u32,
    /// What the column is called in its first row.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub header: String,
}

impl Place {
    /// A sheet as a whole.
    pub fn sheet(name: &str) -> Place {
        Place { sheet: Some(name.to_owned()), ..Place::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.sheet.as_ref().map(|name| format!("sheet {name}")));
        let row = if self.sheet.is_some() { "row" } else { "line" };
        parts.extend((self.row > 0).then(|| format!("{row} {}", self.row)));
        if self.column > 0 {
            let name = match &self.sheet {
                Some(_) => letters(self.column),
                None => self.column.to_string(),
            };
            let header = match self.header.as_str() {
                "" => String::new(),
                header => format!(" ({header})"),
            };
            parts.push(format!("column {name}{header}"));
        }
        if self.column == 0 && !self.header.is_empty() {
            parts.push(format!("field {}", self.header));
        }
        if parts.is_empty() {
            parts.push("the file".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

/// A column as spreadsheets name it: 1 is A, 27 is AA.
pub fn letters(mut column: u32) -> String {
    let mut name = Vec::new();
    while column > 0 {
        column -= 1;
        name.push(char::from(b'A' + u8::try_from(column % 26).expect("below 26")));
        column /= 26;
    }
    name.iter().rev().collect()
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// It is not in the result.
    Dropped,
    /// It stands in the result as a comment, which nobody but the author sees.
    Comment,
    /// Something like it took its place.
    Replaced,
    /// It is there under another name: nothing is lost.
    Renamed,
    /// It is there, and `check` refuses it.
    Refused,
}

impl Done {
    fn words(self) -> &'static str {
        match self {
            Done::Dropped => "dropped",
            Done::Comment => "kept as a comment",
            Done::Replaced => "replaced",
            Done::Renamed => "renamed",
            Done::Refused => "refused by check",
        }
    }
}

/// One part that did not come over as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    #[serde(flatten)]
    pub place: Place,
    /// As it stood there, shortened.
    pub what: String,
    pub done: Done,
    /// Why, and what stands there instead.
    pub why: String,
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}: {}", self.place, self.what, self.done.words(), self.why)
    }
}

/// Everything that did not come over as it was, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub items: Vec<Item>,
}

/// Longer texts are shown by their beginning.
const SHOWN_MAX: usize = 120;

impl Report {
    /// Adds a part: `what` as it stood there, `why` in words.
    pub fn add(&mut self, place: &Place, what: &str, done: Done, why: impl Into<String>) {
        let (place, what, why) = (place.clone(), shortened(what), why.into());
        self.items.push(Item { place, what, done, why });
    }

    /// Sorts by place, so that a reader goes through the file from its top; the same is said once.
    pub fn sort(&mut self) {
        self.items.sort_by(|a, b| (&a.place, &a.what, &a.why).cmp(&(&b.place, &b.what, &b.why)));
        self.items.dedup();
    }

    /// Whether everything is in the result, if under another name.
    pub fn is_whole(&self) -> bool {
        self.items.iter().all(|item| item.done == Done::Renamed)
    }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN_MAX {
        return line;
    }
    line.chars().take(SHOWN_MAX).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_a_spreadsheet_shows_them() {
        let header = "relevant".to_owned();
        let place = Place { sheet: Some("survey".to_owned()), row: 4, column: 28, header };
        assert_eq!(place.to_string(), "sheet survey, row 4, column AB (relevant)");
        assert_eq!(Place { row: 3, column: 2, ..Place::default() }.to_string(), "line 3, column 2");
        assert_eq!(Place::sheet("osm").to_string(), "sheet osm");
        assert_eq!(letters(26), "Z");
    }
}
