//! The questions, pages and endings a file has, as far as they can be read while it is written.

use crate::site::content::Content;
use crate::survey::assemble::kind_by_form;
use crate::survey::attributes::Attributes;
use crate::survey::frontmatter::{self, Required};
use crate::survey::ids::{self, Named};
use crate::survey::kinds;
use crate::survey::model::{Question as Compiled, Text};
use crate::survey::source::Notes;
use crate::survey::tree::{self, AnswersSource, PageSource, QuestionSource};

/// An id and its text.
pub type Code = (String, String);

/// A question, and the byte of the open file where it begins.
#[derive(Debug)]
pub struct Question {
    pub at: usize,
    pub id: String,
    pub kind: &'static str,
    pub text: String,
    pub choices: Vec<Code>,
    pub rows: Vec<Code>,
}

/// A page or an ending.
#[derive(Debug)]
pub struct Page {
    pub at: usize,
    pub id: Option<String>,
    pub title: String,
}

/// What a file has, in its order.
#[derive(Debug, Default)]
pub struct Known {
    pub pages: Vec<Page>,
    pub questions: Vec<Question>,
}

impl Known {
    /// Reads `text`; what it takes in from elsewhere (blocks, maps) comes from `content`.
    pub fn of(text: &str, content: Option<&Content>) -> Known {
        let mut known = Known::default();
        known.add(text, None);
        for (at, path) in includes(text) {
            let block = content.and_then(|content| {
                content.sources.get(&content.folder.join(path).to_string_lossy().into_owned())
            });
            if let Some(block) = block {
                known.add(block, Some(at));
            }
        }
        known.questions.sort_by_key(|question| question.at);
        known.add_compiled(content);
        known
    }

    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The questions that come before what the byte `at` is in.
    pub fn asked_before(&self, at: usize) -> &[Question] {
        let begun = self.questions.partition_point(|question| question.at <= at);
        let last = self.questions[..begun].last().map(|question| question.at);
        let in_question =
            last.is_some_and(|last| !self.pages.iter().any(|page| last < page.at && page.at <= at));
        &self.questions[..begun - usize::from(in_question)]
    }

    /// The codes that `left` (`often`, `rate.clean`) can be compared with.
    pub fn codes(&self, left: &str) -> &[Code] {
        let id = left.split('.').next().unwrap_or(left);
        self.question(id).map_or(&[], |question| &question.choices)
    }

    fn add(&mut self, text: &str, at: Option<usize>) {
        let mut ignored = Notes::new("");
        let body = frontmatter::read(text, Required::No, &mut ignored).body;
        for page in tree::read(text, body, &mut ignored).pages {
            self.pages.push(read_page(&page, at));
            self.questions.extend(page.questions.iter().map(|source| read_question(source, at)));
        }
    }

    /// Choices that stand in no list: areas of maps, and what is taken over from other questions.
    fn add_compiled(&mut self, content: Option<&Content>) {
        let surveys = content.into_iter().flat_map(|content| &content.surveys);
        let all: Vec<&Compiled> = surveys.flat_map(|survey| survey.base().questions()).collect();
        for question in self.questions.iter_mut().filter(|known| known.choices.is_empty()) {
            let same =
                |known: &&&Compiled| known.id == question.id && known.text.plain == question.text;
            if let Some(known) = all.iter().find(same) {
                let codes = known.choices.iter().map(|one| code(Some(&one.id), &one.text));
                question.choices = codes.collect();
            }
        }
    }
}

fn read_page(page: &PageSource, at: Option<usize>) -> Page {
    let title = page.title.as_ref().map(|title| title.plain.clone());
    let slug = || title.as_ref().map(|title| ids::slug(title, Named::Part));
    Page {
        at: at.unwrap_or(page.span.start),
        id: page.attributes.value("#").map(str::to_owned).or_else(slug),
        title: title.unwrap_or_default(),
    }
}

fn read_question(source: &QuestionSource, at: Option<usize>) -> Question {
    let written = source.attributes.value("#").map(str::to_owned);
    let asked = kinds::ALL
        .iter()
        .find(|rules| rules.keyword().is_some_and(|word| source.attributes.has(word)));
    let (choices, rows) = match &source.answers {
        AnswersSource::List { items, .. } => {
            (codes(items.iter().map(|item| (&item.attributes, &item.text))), Vec::new())
        }
        AnswersSource::Table { header, rows, .. } => {
            let columns = header.iter().skip(1).map(|cell| (&cell.attributes, &cell.text));
            let rows = rows.iter().filter_map(|row| row.first());
            (codes(columns), codes(rows.map(|cell| (&cell.attributes, &cell.text))))
        }
        AnswersSource::Nothing | AnswersSource::Lines { .. } => Default::default(),
    };
    Question {
        at: at.unwrap_or(source.span.start),
        id: written.unwrap_or_else(|| ids::slug(&source.text.plain, Named::Part)),
        kind: asked.map_or_else(|| kind_by_form(&source.answers), |rules| rules.name()),
        text: source.text.plain.clone(),
        choices,
        rows,
    }
}

fn codes<'a>(parts: impl Iterator<Item = (&'a Attributes, &'a Text)>) -> Vec<Code> {
    parts.map(|(attributes, text)| code(attributes.value("#"), text)).collect()
}

fn code(id: Option<&str>, text: &Text) -> Code {
    (id.unwrap_or_default().to_owned(), text.plain.clone())
}

/// The lines `{{include "blocks/a.md"}}` and where they begin.
fn includes(text: &str) -> Vec<(usize, &str)> {
    let opened = text.match_indices("{{include \"");
    opened
        .filter_map(|(at, opening)| Some((at, text[at + opening.len()..].split_once("\"}}")?.0)))
        .filter(|(_, path)| !path.contains('\n'))
        .collect()
}
