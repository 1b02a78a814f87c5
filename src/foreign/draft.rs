//! A survey on its way from another format to Markdown: pages and questions as the survey language
//! has them, each part with the place it came from.

use super::report::Place;

/// A text in each language; the base's first, empty where a language has none. Each is Markdown.
pub type Words = Vec<String>;

/// Texts in every language on one line, for a comment: what is not shown is not to be lost either.
pub fn in_all_languages(texts: &[Words]) -> String {
    let count = texts.iter().map(Vec::len).max().unwrap_or(0);
    let mut said: Vec<String> = Vec::new();
    for language in 0..count {
        let words: Vec<&str> =
            texts.iter().filter_map(|words| words.get(language)).map(String::as_str).collect();
        let line = words.join(" ");
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said.join(" | ")
}

/// A survey.
#[derive(Debug, Default)]
pub struct Draft {
    pub slug: String,
    /// The base's first; empty where nothing says which language it is.
    pub languages: Vec<String>,
    /// Not Markdown.
    pub title: Words,
    pub title_place: Place,
    /// Further lines of the front matter, as in `closes: 2026-12-31`.
    pub settings: Vec<String>,
    /// Paragraphs of the start page.
    pub intro: Vec<Words>,
    /// Notes for the author about the survey as a whole.
    pub comments: Vec<String>,
    pub pages: Vec<Page>,
    /// The thank-you page.
    pub endings: Vec<Page>,
}

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    pub id: String,
    /// Without one, a line `---` opens it.
    pub title: Option<Words>,
    pub condition: Option<Rule>,
    pub shuffle: bool,
    pub intro: Vec<Words>,
    pub comments: Vec<String>,
    pub questions: Vec<Question>,
    pub place: Place,
}

/// A condition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// In the survey language.
    pub text: String,
    /// What a page without JavaScript says, where that has to be written.
    pub cue: Option<Words>,
    /// As it stood in the foreign file, and where.
    pub source: String,
    pub place: Place,
}

/// A question.
#[derive(Debug, Default)]
pub struct Question {
    pub id: String,
    pub text: Words,
    pub help: Vec<Words>,
    pub note: Vec<Words>,
    pub comments: Vec<String>,
    /// The word or `key=value` that asks for the kind, as in `number` or `scale=0..10`.
    pub kind: Option<String>,
    pub required: bool,
    /// The others, in the order they are written.
    pub settings: Vec<Setting>,
    pub check: Option<Rule>,
    /// What is said where `check` fails.
    pub message: Option<Words>,
    pub condition: Option<Rule>,
    pub answers: Answers,
    pub place: Place,
}

/// `min=3`
#[derive(Debug, Clone, Default)]
pub struct Setting {
    pub name: &'static str,
    pub value: Option<String>,
    pub source: String,
    pub place: Place,
}

impl Setting {
    /// A word without a value.
    pub fn word(name: &'static str, source: &str, place: &Place) -> Setting {
        Setting { name, value: None, source: source.to_owned(), place: place.clone() }
    }

    pub fn value(name: &'static str, value: String, source: &str, place: &Place) -> Setting {
        Setting { name, value: Some(value), source: source.to_owned(), place: place.clone() }
    }
}

/// What is under a question.
#[derive(Debug, Default)]
pub enum Answers {
    #[default]
    Nothing,
    Lines(u32),
    List(Marker, Vec<Choice>),
    Table {
        rows: Vec<Choice>,
        columns: Vec<Choice>,
        several: bool,
    },
}

/// What stands before each choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// `- ( )`
    Round,
    /// `- [ ]`
    Square,
    /// `-`
    Plain,
    /// `1.`
    Number,
    /// `- 3:`, the id being the point of a scale.
    Point,
}

/// A choice, a row, a column or a label of a scale.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    pub id: String,
    pub text: Words,
    /// It has a text field of its own.
    pub other: bool,
    /// `exclusive`, `dontknow`, `pin`
    pub flags: Vec<&'static str>,
    pub condition: Option<Rule>,
    pub place: Place,
}

impl Draft {
    /// How many choices, rows and columns it writes.
    pub fn size(&self) -> usize {
        let questions = self.pages.iter().flat_map(|page| &page.questions);
        questions
            .map(|question| match &question.answers {
                Answers::List(_, choices) => 1 + choices.len(),
                Answers::Table { rows, columns, .. } => 1 + rows.len() + columns.len(),
                Answers::Nothing | Answers::Lines(_) => 1,
            })
            .sum()
    }
}
