//! Where an author wrote what: the file, the span and the words of each line that decides a path.

use std::collections::HashMap;
use std::ops::Range;

use super::{Line, Target};
use crate::survey::attributes::Attributes;
use crate::survey::compile::File;
use crate::survey::model::Survey;
use crate::survey::tree::{AnswersSource, PageSource, QuestionSource};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub span: Range<usize>,
    /// Counted from 1.
    pub line: usize,
    /// A condition, as it was written.
    pub text: String,
}

/// The places of a survey's parts.
#[derive(Debug, Default)]
pub struct Places {
    lines: HashMap<Line, Place>,
    targets: HashMap<Target, Place>,
    /// By question: where it says which answers it takes over.
    carried: HashMap<usize, Place>,
}

impl Places {
    /// Where a line stands: its attribute, or else what it is about.
    pub fn line(&self, line: Line) -> Option<&Place> {
        let target = match line {
            Line::Page(page) => Target::Page(page),
            Line::Question(at) | Line::Required(at) | Line::Limits(at) | Line::Check(at) => {
                Target::Question(at)
            }
            Line::Choice(at, part) | Line::Goto(at, part) => Target::Choice(at, part),
            Line::Row(at, part) => Target::Row(at, part),
        };
        let carried = match line {
            Line::Question(at) | Line::Choice(at, _) | Line::Row(at, _) => self.carried.get(&at),
            _ => None,
        };
        self.lines.get(&line).or(carried).or_else(|| self.targets.get(&target))
    }

    /// Where a target stands: its own condition, or else its heading or words.
    pub fn target(&self, target: Target) -> Option<&Place> {
        match target.line() {
            Some(line) => self.line(line),
            None => self.targets.get(&target),
        }
    }

    fn question(&mut self, file: &Lines, number: usize, question: &QuestionSource) {
        self.targets.insert(Target::Question(number), file.place(&question.span));
        let from = question.attributes.find("from");
        self.carried.extend(from.map(|from| (number, file.place(&from.value_span))));
        for (name, line) in [
            ("if", Line::Question(number)),
            ("required", Line::Required(number)),
            ("consent", Line::Required(number)),
            ("check", Line::Check(number)),
        ] {
            self.attribute(file, &question.attributes, name, line);
        }
        match &question.answers {
            AnswersSource::List { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    self.targets.insert(Target::Choice(number, at), file.place(&item.span));
                    self.attribute(file, &item.attributes, "if", Line::Choice(number, at));
                    self.attribute(file, &item.attributes, "goto", Line::Goto(number, at));
                }
            }
            AnswersSource::Table { rows, .. } => {
                let statements = rows.iter().filter_map(|row| row.first());
                for (at, cell) in statements.enumerate() {
                    self.targets.insert(Target::Row(number, at), file.place(&cell.span));
                    self.attribute(file, &cell.attributes, "if", Line::Row(number, at));
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    fn attribute(&mut self, file: &Lines, attributes: &Attributes, name: &str, line: Line) {
        if let Some(attribute) = attributes.find(name) {
            self.lines.insert(line, file.place(&attribute.value_span));
        }
    }
}

/// The places of `survey`, made from `sources`, each of which says which of `files` it stands in.
pub fn collect(survey: &Survey, sources: &[PageSource], files: &[File]) -> Places {
    let files: Vec<Lines> = files.iter().map(Lines::of).collect();
    let mut places = Places::default();
    let (pages, endings): (Vec<_>, Vec<_>) =
        sources.iter().partition(|page| !page.attributes.has("ending"));
    for (at, ending) in endings.into_iter().enumerate() {
        places.targets.insert(Target::Ending(at), files[ending.origin].place(&ending.span));
    }
    let mut first = 0;
    for ((at, page), source) in survey.pages.iter().enumerate().zip(pages) {
        let file = &files[source.origin];
        places.targets.insert(Target::Page(at), file.place(&source.span));
        places.attribute(file, &source.attributes, "if", Line::Page(at));
        for (number, question) in (first..).zip(&source.questions) {
            places.question(&files[question.origin], number, question);
        }
        first += page.questions.len();
    }
    places
}

/// A file, and where its lines begin.
struct Lines<'a> {
    file: &'a File<'a>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(file: &'a File<'a>) -> Lines<'a> {
        let starts = file.text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { file, starts: std::iter::once(0).chain(starts).collect() }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let inside = self.file.text.get(span.clone()).unwrap_or_default();
        Place {
            file: self.file.path.to_owned(),
            span: span.clone(),
            line: self.starts.partition_point(|start| *start <= span.start),
            text: inside.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}
