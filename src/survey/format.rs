//! `fmt`: writes the ids that are missing, puts attributes in one order and table columns under each
//! other. Never changes the meaning: the compiled survey is the same before and after, and a second
//! run changes nothing.
//!
//! 1. `write_ids`: an id wherever the compiler would make one up.
//! 2. `order_attributes`: `{#id type required … if= cue=}`.
//! 3. `align_tables`: every column as wide as its widest cell.

use std::ops::Range;

use super::assemble::{self, Names};
use super::attributes::{Attribute, Attributes};
use super::compile::{Facts, File, Files, Input, Shelf};
use super::frontmatter::{self, Required};
use super::gather;
use super::kinds;
use super::model::{Page, Question};
use super::outline::{self, What};
use super::prescan;
use super::source::Notes;
use super::tree::{AnswersSource, CellSource, PageSource, QuestionSource};

/// Whether a file names the ids, or follows another file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Base,
    /// What its pages and questions are called is up to the surveys that take it in.
    Block,
    /// Its ids are the base file's; only its form is tidied.
    Translation,
}

/// The tidied text of a file that nothing lies beside. `text` has no errors (`compile`).
pub fn format(text: &str, role: Role) -> String {
    if role == Role::Translation {
        return align_tables(&order_attributes(text));
    }
    let survey = Files { base: File { path: "", text }, translations: Vec::new() };
    let facts = Facts { lone: true, ..Facts::default() };
    let input = Input { slug: "", survey, shelf: &Shelf::default(), site: &facts };
    align_tables(&order_attributes(&write_ids(&input, role)))
}

/// The tidied text of a survey's own file: what it includes takes ids too, and so decides which are
/// left.
pub fn survey(input: &Input) -> String {
    align_tables(&order_attributes(&write_ids(input, Role::Base)))
}

/// A change of the source.
struct Edit {
    span: Range<usize>,
    text: String,
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    out
}

fn body_of(text: &str) -> usize {
    frontmatter::read(text, Required::No, &mut Notes::new("")).body
}

fn write_ids(input: &Input, role: Role) -> String {
    let text = input.survey.base.text;
    let mut notes = Notes::new("");
    let front = frontmatter::read(text, Required::No, &mut notes);
    let mut gathered = gather::gather(input, &front, &mut notes);
    let files = gathered.files();
    let mut names = Names::default();
    let made = assemble::assemble(&mut gathered.pages, &files, &mut names, &mut notes);
    let mut edits = Vec::new();
    let mut pages = made.pages.iter();
    for source in &gathered.pages {
        // A page that `---` opens has no heading to write an id behind.
        if source.title.is_some() && source.origin == 0 && role == Role::Base {
            edits.extend(missing_id(
                &source.attributes,
                heading_end(text, &source.span),
                &source.id,
            ));
        }
        if !source.attributes.has("ending")
            && let Some(page) = pages.next()
        {
            question_ids(text, page, source, role, &mut edits);
        }
    }
    apply(text, edits)
}

fn question_ids(text: &str, page: &Page, source: &PageSource, role: Role, edits: &mut Vec<Edit>) {
    let questions = page.questions.iter().zip(&source.questions);
    for (question, source) in questions.filter(|(_, source)| source.origin == 0) {
        if role == Role::Base {
            let heading = heading_end(text, &source.span);
            edits.extend(missing_id(&source.attributes, heading, &question.id));
        }
        part_ids(question, source, edits);
    }
}

fn part_ids(question: &Question, source: &QuestionSource, edits: &mut Vec<Edit>) {
    match &source.answers {
        // A scale's labels have their numbers; a consent is stored as "yes".
        AnswersSource::List { items, .. } if question.scale.is_none() => {
            let needs_code = question.choices.len() > 1;
            for (choice, item) in question.choices.iter().zip(items).filter(|_| needs_code) {
                edits.extend(missing_id(&item.attributes, item.span.end, &choice.id));
            }
        }
        AnswersSource::Table { header, rows, .. } => {
            // A differential's last header cell names nothing: there is no column for it.
            let columns = question.columns.iter().map(|column| column.id.as_str());
            cell_ids(columns, header.iter().skip(1), edits);
            let statements = rows.iter().filter_map(|row| row.first());
            cell_ids(question.rows.iter().map(|row| row.id.as_str()), statements, edits);
        }
        _ => {}
    }
}

fn cell_ids<'a>(
    ids: impl Iterator<Item = &'a str>,
    cells: impl Iterator<Item = &'a CellSource>,
    edits: &mut Vec<Edit>,
) {
    for (id, cell) in ids.zip(cells) {
        edits.extend(missing_id(&cell.attributes, cell.span.end, id));
    }
}

/// The end of a heading: behind the hashes that may close it.
fn heading_end(text: &str, heading: &Range<usize>) -> usize {
    let rest = text[heading.end..].split('\n').next().unwrap_or_default();
    heading.end + rest.trim_end().len()
}

/// The edit that writes an id behind an element, which has an end, or first among its attributes.
fn missing_id(attributes: &Attributes, end: usize, id: &str) -> Option<Edit> {
    if attributes.id().is_some() {
        return None;
    }
    Some(match attributes.spans.first() {
        Some(braces) => {
            let inside = braces.start + 1;
            let space = if attributes.list.is_empty() { "" } else { " " };
            Edit { span: inside..inside, text: format!("#{id}{space}") }
        }
        None => Edit { span: end..end, text: format!(" {{#{id}}}") },
    })
}

fn order_attributes(text: &str) -> String {
    let scan = prescan::scan(text, body_of(text), &mut Notes::new(""));
    let edits = scan.attributes.iter().filter_map(|attributes| ordered(text, attributes)).collect();
    apply(text, edits)
}

/// The attributes of one `{…}` in their order; none where its author broke it over several lines,
/// which is a layout of its own.
fn ordered(text: &str, attributes: &Attributes) -> Option<Edit> {
    let span = attributes.spans[0].clone();
    if text[span.clone()].contains('\n') {
        return None;
    }
    let mut list: Vec<&Attribute> = attributes.list.iter().collect();
    list.sort_by_key(|attribute| rank(attribute));
    let words: Vec<&str> = list.iter().map(|attribute| &text[attribute.span.clone()]).collect();
    let tidy = format!("{{{}}}", words.join(" "));
    (tidy != text[span.clone()]).then_some(Edit { span, text: tidy })
}

/// Ids first, then the type, then `required`, and last what is long to read. What is between stays
/// in its author's order.
fn rank(attribute: &Attribute) -> usize {
    let name = attribute.name.as_str();
    let is_type = kinds::ALL.iter().any(|rules| rules.keyword() == Some(name));
    match name {
        "#" => 0,
        _ if is_type => 1,
        "required" => 2,
        "if" => 4,
        "cue" => 5,
        _ => 3,
    }
}

fn align_tables(text: &str) -> String {
    let scan = prescan::scan(text, body_of(text), &mut Notes::new(""));
    let tables = outline::blocks(&scan.text)
        .into_iter()
        .filter(|block| matches!(block.what, What::Table { .. }))
        .map(|block| Edit {
            text: aligned(text, line_span(text, &block.span)),
            span: line_span(text, &block.span),
        })
        .collect();
    apply(text, tables)
}

/// Whole lines: a row's last attributes are blank to the outline, and may lie behind its end.
fn line_span(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |newline| span.end + newline);
    start..end
}

fn aligned(text: &str, span: Range<usize>) -> String {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    let mut at = span.start;
    for line in text[span].split_inclusive('\n') {
        let end = at + line.trim_end().len();
        rows.push(
            prescan::cells(text, at..end).into_iter().map(|cell| text[cell].trim()).collect(),
        );
        at += line.len();
    }
    let mut widths = vec![3; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for (_, row) in rows.iter().enumerate().filter(|(number, _)| *number != 1) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let lines: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| {
                if number == 1 { dashes(cell, width + 2) } else { padded(cell, *width) }
            });
            format!("|{}|", cells.collect::<Vec<_>>().join("|"))
        })
        .collect();
    lines.join("\n")
}

fn padded(cell: &str, width: usize) -> String {
    let missing = width.saturating_sub(cell.chars().count());
    format!(" {cell}{} ", " ".repeat(missing))
}

/// `:---:` keeps its colons.
fn dashes(cell: &str, width: usize) -> String {
    let left = if cell.starts_with(':') { ":" } else { "-" };
    let right = if cell.len() > 1 && cell.ends_with(':') { ":" } else { "-" };
    format!("{left}{}{right}", "-".repeat(width - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_ids_orders_attributes_and_aligns_tables() {
        let text = "---\ntitle: A\n---\n# Side et\n\n## Hvor tit? {required}\n\n- ( ) Tit\n\
                    - ( ) Ikke {goto=end}\n\n## Hvor god? {if=\"hvor-tit == 1\" #god}\n\n\
                    | | Dårlig | God {#2} |\n|-|:-:|---|\n| Ren {#r} | | |\n";
        let expected = "---\ntitle: A\n---\n# Side et {#side-et}\n\n## Hvor tit? {#hvor-tit required}\n\n\
                        - ( ) Tit {#1}\n- ( ) Ikke {#2 goto=end}\n\n\
                        ## Hvor god? {#god if=\"hvor-tit == 1\"}\n\n\
                        |          | Dårlig {#1} | God {#2} |\n\
                        |----------|:-----------:|----------|\n\
                        | Ren {#r} |             |          |\n";
        assert_eq!(format(text, Role::Base), expected);
        assert_eq!(format(expected, Role::Base), expected);
    }
}
