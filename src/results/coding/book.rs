//! What themes are called: `content/results/<slug>.themes.md`, a heading with a question's id and below it a
//! table with a column for each language.
//!
//! ```text
//! # mangler
//!
//! | theme  | da            | en         |
//! |--------|---------------|------------|
//! | traeer | Flere træer   | More trees |
//! ```

use std::collections::BTreeMap;

/// A theme and what it is called by language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub names: BTreeMap<String, String>,
}

/// The themes of each question, in the order of the page where shares are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    pub questions: BTreeMap<String, Vec<Named>>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Fault {
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// Below a heading: the languages once the head of the table was read.
struct Open {
    question: String,
    languages: Option<Vec<String>>,
}

impl Book {
    /// Reads a file. A theme that has no name in a language goes by that in `default`, which it must have.
    ///
    /// # Errors
    /// The first line that is none of a table, or a theme that could not be shown.
    pub fn read(text: &str, default: &str) -> Result<Book, Fault> {
        let mut book = Book::default();
        let mut open: Option<Open> = None;
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let fault = |what: &str| Fault { line: at + 1, what: what.to_owned() };
            let line = line.trim();
            if let Some(heading) = line.strip_prefix('#') {
                let question = heading.trim_start_matches('#').trim().to_owned();
                if book.questions.insert(question.clone(), Vec::new()).is_some() {
                    return Err(fault("this question has a table already"));
                }
                open = Some(Open { question, languages: None });
            } else if line.starts_with('|') {
                let open = open.as_mut().ok_or_else(|| fault("no heading names the question"))?;
                let themes = book.questions.get_mut(&open.question).expect("it was put there");
                row(&cells(line), open, themes, default).map_err(|what| fault(&what))?;
            }
        }
        Ok(book)
    }
}

fn row(
    cells: &[String],
    open: &mut Open,
    themes: &mut Vec<Named>,
    default: &str,
) -> Result<(), String> {
    let Some(languages) = &open.languages else {
        let languages = cells.get(1..).unwrap_or_default();
        if !languages.iter().any(|lang| lang == default) {
            return Err(format!("the head of the table names no column `{default}`"));
        }
        open.languages = Some(languages.to_vec());
        return Ok(());
    };
    let is_rule = |cell: &String| !cell.is_empty() && cell.chars().all(|sign| "-:".contains(sign));
    if cells.iter().all(is_rule) {
        return Ok(());
    }
    let id = cells.first().cloned().unwrap_or_default();
    let is_sound = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    if id.is_empty() || !id.chars().all(is_sound) {
        return Err(format!("`{id}` is no id: small letters a to z, digits and hyphens"));
    }
    if themes.iter().any(|theme| theme.id == id) {
        return Err(format!("`{id}` is there already"));
    }
    let names = languages.iter().cloned().zip(cells[1..].iter().cloned());
    let names: BTreeMap<String, String> = names.filter(|(_, name)| !name.is_empty()).collect();
    if !names.contains_key(default) {
        return Err(format!("`{id}` has no name in `{default}`"));
    }
    themes.push(Named { id, names });
    Ok(())
}

/// The cells of a line; `\|` is a sign of its own.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|');
    let inner = match inner.strip_suffix('|') {
        Some(inner) if !inner.ends_with('\\') => inner,
        _ => inner,
    };
    let mut cells = vec![String::new()];
    let mut signs = inner.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.peek() == Some(&'|') => {
                cells.last_mut().expect("there is one").extend(signs.next());
            }
            '|' => cells.push(String::new()),
            sign => cells.last_mut().expect("there is one").push(sign),
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Temaer.\n\n# mangler\n\n| tema | da | en |\n|---|:--|--|\n\
        | traeer | Flere træer | More trees |\n| lys | Lys \\| lamper | |\n";

    #[test]
    fn themes_have_names_in_each_language_or_in_the_sites() {
        let book = Book::read(TEXT, "da").unwrap();
        let themes = &book.questions["mangler"];
        assert_eq!(themes[0].names["en"], "More trees");
        assert_eq!(themes[1].names["da"], "Lys | lamper");
        assert!(!themes[1].names.contains_key("en"));
    }

    #[test]
    fn says_which_line_is_wrong() {
        for (text, line) in [
            ("| traeer | x |", 1),
            ("# q\n| tema | en |\n", 2),
            ("# q\n| tema | da |\n|---|---|\n| Træer | Træer |", 4),
            ("# q\n| t | da |\n| a | A |\n| a | B |", 4),
            ("# q\n| t | da | en |\n| a | | B |", 3),
            ("# q\n\n# q\n", 3),
        ] {
            assert_eq!(Book::read(text, "da").unwrap_err().line, line, "{text}");
        }
    }
}
