//! Where an author wrote what: the file, the span and the words of each line that decides a path.

use std::collections::HashMap;
use std::ops::Range;

use super::{Line, Target};
use crate::survey::attributes::Attributes;
use crate::survey::model::{Page, Survey};
use crate::survey::tree::{AnswersSource, Tree};

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
}

/// A file that gives a survey pages, from the page `first` on.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
    pub tree: &'a Tree,
    pub first: usize,
}

impl Places {
    /// Where a line stands: its attribute, or else what it is about.
    pub fn line(&self, line: Line) -> Option<&Place> {
        self.lines.get(&line).or_else(|| {
            self.targets.get(&match line {
                Line::Page(page) => Target::Page(page),
                Line::Question(at) | Line::Required(at) | Line::Check(at) => Target::Question(at),
                Line::Choice(at, part) | Line::Goto(at, part) => Target::Choice(at, part),
                Line::Row(at, part) => Target::Row(at, part),
            })
        })
    }

    /// Where a target stands: its own condition, or else its heading or words.
    pub fn target(&self, target: Target) -> Option<&Place> {
        let condition = match target {
            Target::Page(page) => Some(Line::Page(page)),
            Target::Question(at) => Some(Line::Question(at)),
            Target::Choice(at, part) => Some(Line::Choice(at, part)),
            Target::Row(at, part) => Some(Line::Row(at, part)),
            Target::Ending(_) => None,
        };
        let condition = condition.and_then(|line| self.lines.get(&line));
        condition.or_else(|| self.targets.get(&target))
    }
}

/// The places of `survey`, whose pages and endings `sources` hold in their order.
pub fn collect(survey: &Survey, sources: &[Source]) -> Places {
    let mut places = Places::default();
    let mut endings = 0;
    for source in sources {
        let starts = source.text.match_indices('\n').map(|(at, _)| at + 1);
        let finder = Finder { source, starts: std::iter::once(0).chain(starts).collect() };
        let pages = survey.pages.iter().enumerate().skip(source.first);
        let (own, others): (Vec<_>, Vec<_>) =
            source.tree.pages.iter().partition(|page| !page.attributes.has("ending"));
        for ending in others {
            places.targets.insert(Target::Ending(endings), finder.place(&ending.span));
            endings += 1;
        }
        let mut first: usize = before(&survey.pages[..source.first]);
        for ((at, page), written) in pages.zip(own) {
            places.targets.insert(Target::Page(at), finder.place(&written.span));
            finder.attribute(&written.attributes, "if", Line::Page(at), &mut places);
            for (number, question) in (first..).zip(&written.questions).take(page.questions.len()) {
                places.targets.insert(Target::Question(number), finder.place(&question.span));
                for (name, line) in [
                    ("if", Line::Question(number)),
                    ("required", Line::Required(number)),
                    ("consent", Line::Required(number)),
                    ("check", Line::Check(number)),
                ] {
                    finder.attribute(&question.attributes, name, line, &mut places);
                }
                finder.answers(&question.answers, number, &mut places);
            }
            first += page.questions.len();
        }
    }
    places
}

fn before(pages: &[Page]) -> usize {
    pages.iter().map(|page| page.questions.len()).sum()
}

struct Finder<'a> {
    source: &'a Source<'a>,
    /// Where its lines begin.
    starts: Vec<usize>,
}

impl Finder<'_> {
    fn answers(&self, answers: &AnswersSource, number: usize, places: &mut Places) {
        match answers {
            AnswersSource::List { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    places.targets.insert(Target::Choice(number, at), self.place(&item.span));
                    self.attribute(&item.attributes, "if", Line::Choice(number, at), places);
                    self.attribute(&item.attributes, "goto", Line::Goto(number, at), places);
                }
            }
            AnswersSource::Table { rows, .. } => {
                let statements = rows.iter().filter_map(|row| row.first());
                for (at, cell) in statements.enumerate() {
                    places.targets.insert(Target::Row(number, at), self.place(&cell.span));
                    self.attribute(&cell.attributes, "if", Line::Row(number, at), places);
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    fn attribute(&self, attributes: &Attributes, name: &str, line: Line, places: &mut Places) {
        if let Some(attribute) = attributes.find(name) {
            places.lines.insert(line, self.place(&attribute.value_span));
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let text = &self.source.text;
        let inside = text.get(span.clone()).unwrap_or_default();
        Place {
            file: self.source.path.to_owned(),
            span: span.clone(),
            line: self.starts.partition_point(|start| *start <= span.start),
            text: inside.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}
