//! The sheet that staff code free texts in: a CSV with a row a text. Internal, always.

use std::collections::BTreeMap;

/// Its columns. `suggestion` is the machine's, `text` and `tag` are what they are, the rest is the coder's.
pub const HEAD: [&str; 8] =
    ["question", "tag", "text", "themes", "quote", "approved_1", "approved_2", "suggestion"];

/// In place of themes: the text was read, and none fits. So does an empty cell.
pub const NONE: &str = "-";

/// What was made of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub question: String,
    /// Leads back to the answer for whoever has the key.
    pub tag: String,
    /// Ids of themes.
    pub themes: Vec<String>,
    /// A part of the text to publish; empty: none.
    pub quote: String,
    /// Who approved it.
    pub approved: [String; 2],
    /// From 1, in the file.
    pub line: u64,
}

/// A text on its way to staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub question: String,
    pub tag: String,
    pub text: String,
    pub suggestion: String,
}

/// Why a file is no such sheet.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("it is not UTF-8: save it as CSV UTF-8")]
    NotUtf8,
    #[error("its first line has no column `{0}`")]
    Column(&'static str),
    #[error("line {line} has the tag of line {other}")]
    Twice { line: u64, other: u64 },
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// The texts as a sheet; `coded` is what an earlier one has, by tag.
///
/// # Errors
/// Where a text cannot be written as CSV.
pub fn write(texts: &[Text], coded: &BTreeMap<String, Row>) -> Result<Vec<u8>, Fault> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEAD)?;
    for text in texts {
        let row = coded.get(&text.tag).cloned().unwrap_or_default();
        let [first, second] = &row.approved;
        let themes = row.themes.join("+");
        let cells = [
            &text.question,
            &text.tag,
            &text.text,
            &themes,
            &row.quote,
            first,
            second,
            &text.suggestion,
        ];
        out.write_record(cells.map(|cell| tame(cell)))?;
    }
    Ok(out.into_inner().map_err(|error| csv::Error::from(error.into_error()))?)
}

/// A citizen's text is never a formula of whoever opens the sheet.
fn tame(cell: &str) -> String {
    let is_formula = cell != NONE && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// Reads a sheet as a spreadsheet program saves it: with commas or semicolons, columns in any order.
///
/// # Errors
/// Where it is none, or has a text twice.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: char| head.matches(sign).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers()?.iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |name: &str| names.iter().position(|known| known == name);
    let needed = |name: &'static str| place(name).ok_or(Fault::Column(name));
    let (question, tag, themes) = (needed("question")?, needed("tag")?, needed("themes")?);
    let (quote, first, second) = (place("quote"), place("approved_1"), place("approved_2"));
    let mut rows: Vec<Row> = Vec::new();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: Option<usize>| {
            at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned()
        };
        let tag = cell(Some(tag));
        if tag.is_empty() {
            continue;
        }
        if let Some(other) = lines.insert(tag.clone(), line) {
            return Err(Fault::Twice { line, other });
        }
        let quote = cell(quote);
        rows.push(Row {
            question: cell(Some(question)),
            tag,
            themes: ids(&cell(Some(themes))),
            quote: quote.strip_prefix('\'').map(str::to_owned).unwrap_or(quote),
            approved: [cell(first), cell(second)],
            line,
        });
    }
    Ok(rows)
}

fn ids(cell: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in cell.split('+').map(str::trim).filter(|id| !id.is_empty() && *id != NONE) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: &str, text: &str) -> Text {
        let (question, suggestion) = ("q".to_owned(), String::new());
        Text { question, tag: tag.to_owned(), text: text.to_owned(), suggestion }
    }

    #[test]
    fn what_is_coded_is_read_however_it_was_saved() {
        for text in [
            "question,tag,text,themes,quote,approved_1,approved_2\nq,t1,x,a + b,\"et, citat\",A,B\n",
            "\u{feff}Tag;themes;question;quote;approved_1;approved_2\r\nt1;a+b+a;q;et, citat;A;B\r\n",
        ] {
            let rows = read(text.as_bytes()).unwrap();
            assert_eq!(rows[0].themes, ["a", "b"], "{text}");
            assert_eq!((rows[0].quote.as_str(), rows[0].approved[1].as_str()), ("et, citat", "B"));
        }
    }

    #[test]
    fn a_text_is_never_a_formula_and_keeps_what_was_coded_before() {
        let coded = Row { themes: vec!["a".to_owned()], ..Row::default() };
        let coded = BTreeMap::from([("t1".to_owned(), coded)]);
        let bytes = write(&[text("t1", "=1+1"), text("t2", "a\nb")], &coded).unwrap();
        let written = String::from_utf8(bytes.clone()).unwrap();
        assert!(written.contains("q,t1,'=1+1,a,") && written.contains("\"a\nb\""), "{written}");
        let rows = read(&bytes).unwrap();
        assert_eq!((rows.len(), rows[0].themes.len(), rows[1].themes.len()), (2, 1, 0));
    }

    #[test]
    fn says_what_is_wrong_with_a_sheet() {
        assert!(matches!(read(b"tag,themes\n"), Err(Fault::Column("question"))));
        assert!(matches!(read(b"question,tag,themes\nq,t,\xe6\n"), Err(Fault::NotUtf8)));
        let twice = read(b"question,tag,themes\nq,t,\nq,t,\n");
        assert!(matches!(twice, Err(Fault::Twice { line: 3, other: 2 })));
    }
}
