//! The questions, pages and endings a file has, as far as they can be read while it is written.

use crate::site::content::Content;
use crate::site::theme::slashed;
use crate::survey::assemble::kind_by_form;
use crate::survey::attributes::Attributes;
use crate::survey::frontmatter::{self, Required};
use crate::survey::ids::{self, Named};
use crate::survey::kinds;
use crate::survey::map;
use crate::survey::model::Text;
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
    /// The question whose choices it takes over.
    from: Option<String>,
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
        known.add(text, None, content, &mut Vec::new());
        known.questions.sort_by_key(|question| question.at);
        known.take_over();
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

    /// The questions of the pages before the one that the byte `at` is in.
    pub fn on_earlier_pages(&self, at: usize) -> &[Question] {
        let page = self.pages.iter().rev().find(|page| page.at <= at).map_or(0, |page| page.at);
        &self.questions[..self.questions.partition_point(|question| question.at < page)]
    }

    /// The codes that `left` (`often`, `rate.clean`) can be compared with.
    pub fn codes(&self, left: &str) -> &[Code] {
        let id = left.split('.').next().unwrap_or(left);
        self.question(id).map_or(&[], |question| &question.choices)
    }

    /// Adds what `text` has; at one place where it is included there.
    fn add(
        &mut self,
        text: &str,
        at: Option<usize>,
        content: Option<&Content>,
        included: &mut Vec<String>,
    ) {
        let mut ignored = Notes::new("");
        let body = frontmatter::read(text, Required::No, &mut ignored).body;
        let tree = tree::read(text, body, &mut ignored);
        for page in &tree.pages {
            self.pages.push(read_page(page, at));
            for source in &page.questions {
                let mut question = read_question(source, at);
                if let Some(map) = source.attributes.value("place") {
                    question.choices = areas(map, content);
                }
                self.questions.push(question);
            }
        }
        for include in tree.includes {
            let block = content.and_then(|content| find(content, &include.path));
            if let Some(block) = block.filter(|_| !included.contains(&include.path)) {
                included.push(include.path);
                self.add(block, Some(at.unwrap_or(include.span.start)), content, included);
            }
        }
    }

    /// Gives questions with a `from` what they take over.
    fn take_over(&mut self) {
        for at in 0..self.questions.len() {
            let Some(from) = &self.questions[at].from else { continue };
            let taken = self.question(from).map(|from| from.choices.clone()).unwrap_or_default();
            let question = &mut self.questions[at];
            match question.choices.is_empty() {
                true => question.choices = taken,
                false => question.rows = taken,
            }
        }
    }
}

/// The text of a file of the site, by its path in it.
fn find<'c>(content: &'c Content, path: &str) -> Option<&'c String> {
    content.sources.get(&slashed(&content.folder.join(path)))
}

fn areas(map: &str, content: Option<&Content>) -> Vec<Code> {
    let text = content.and_then(|content| find(content, &format!("maps/{map}.svg")));
    let map = text.and_then(|text| map::read(text, &mut Notes::new(""))).unwrap_or_default();
    let lang = content.map_or("", |content| content.config.default_language.as_str());
    map.areas.iter().map(|area| (area.id.clone(), map.title(area, lang).to_owned())).collect()
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
    let from = source.attributes.value("from");
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
        from: from.and_then(|from| from.split_whitespace().next()).map(str::to_owned),
    }
}

fn codes<'a>(parts: impl Iterator<Item = (&'a Attributes, &'a Text)>) -> Vec<Code> {
    parts.map(|(attributes, text)| code(attributes.value("#"), text)).collect()
}

fn code(id: Option<&str>, text: &Text) -> Code {
    (id.unwrap_or_default().to_owned(), text.plain.clone())
}
