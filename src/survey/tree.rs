//! A file as pages and questions, still as the author wrote them: texts compiled, attributes not
//! yet judged. A base file and its translations take the same form here.

use std::collections::HashSet;
use std::ops::Range;

use super::attributes::{Attribute, Attributes};
use super::catalogue as c;
pub use super::marker::Marker;
use super::marker::{
    broken_marker, is_broken_line, label_marker, left_over, read_marker, sign_without_space, ticked,
};
use super::model::{Image, Text};
use super::outline::{self, Block, Foreign, Item, What};
use super::picture;
use super::pipe::Pipe;
use super::prescan::{self, Prescan};
use super::prose;
use super::source::Notes;
use crate::diag;

/// A survey's or a block's file below its front matter.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub intro: Option<Text>,
    pub pages: Vec<PageSource>,
    pub includes: Vec<IncludeSource>,
    /// The answers its texts show.
    pub pipes: Vec<Pipe>,
}

/// A `{{include "…"}}`: it stands behind so many pages, and so many questions of the last of them.
#[derive(Debug, Clone)]
pub struct IncludeSource {
    pub path: String,
    pub span: Range<usize>,
    pub pages: usize,
    pub questions: usize,
}

/// A page, or an ending.
#[derive(Debug, Clone, Default)]
pub struct PageSource {
    /// Its heading's text, or its line `---`.
    pub span: Range<usize>,
    /// Which of the survey's files it stands in (`gather`).
    pub origin: usize,
    /// Its id, as `assemble` read or made it.
    pub id: String,
    /// Nobody opened it: questions before any page made it.
    pub implicit: bool,
    pub title: Option<Text>,
    pub attributes: Attributes,
    pub intro: Option<Text>,
    /// Where its intro stands.
    pub intro_at: Range<usize>,
    pub questions: Vec<QuestionSource>,
}

/// A question.
#[derive(Debug, Clone)]
pub struct QuestionSource {
    /// Its heading's text.
    pub span: Range<usize>,
    /// Which of the survey's files it stands in (`gather`).
    pub origin: usize,
    /// Its id, as `assemble` read or made it.
    pub id: String,
    pub text: Text,
    pub attributes: Attributes,
    pub help: Option<Text>,
    pub note: Option<Text>,
    /// Where its help and its note stand.
    pub prose_at: [Range<usize>; 2],
    pub answers: AnswersSource,
}

/// What stands under a question to answer it with.
#[derive(Debug, Clone)]
pub enum AnswersSource {
    Nothing,
    Lines { count: usize, span: Range<usize> },
    List { ordered: bool, items: Vec<ItemSource>, span: Range<usize> },
    Table { header: Vec<CellSource>, rows: Vec<Vec<CellSource>>, span: Range<usize> },
}

impl AnswersSource {
    /// Where it stands; none where there is nothing.
    pub fn span(&self) -> Option<&Range<usize>> {
        match self {
            AnswersSource::Nothing => None,
            AnswersSource::Lines { span, .. }
            | AnswersSource::List { span, .. }
            | AnswersSource::Table { span, .. } => Some(span),
        }
    }
}

/// A choice, or a scale's label.
#[derive(Debug, Clone)]
pub struct ItemSource {
    pub span: Range<usize>,
    pub marker: Marker,
    /// The dash and what stands behind it: `- ( )`.
    pub marker_span: Range<usize>,
    pub text: Text,
    /// The label ends in `____`.
    pub other: bool,
    /// The picture it begins with.
    pub image: Option<Image>,
    pub attributes: Attributes,
}

/// A cell of a matrix.
#[derive(Debug, Clone)]
pub struct CellSource {
    pub span: Range<usize>,
    pub text: Text,
    pub attributes: Attributes,
}

/// Reads `source` from `body` on.
pub fn read(source: &str, body: usize, notes: &mut Notes) -> Tree {
    let noted = notes.list.len();
    let scan = prescan::scan(source, body, notes);
    let blocks = outline::blocks(&scan.text);
    let mut builder = Builder { scan: &scan, notes, used: HashSet::new(), tree: Tree::default() };
    builder.build(&blocks);
    builder.note_unused(source);
    let mut tree = builder.tree;
    drop_echoes(source, noted, notes);
    for note in &mut notes.list[noted..] {
        // A block may begin within what was blanked, and so within a character.
        note.span = diag::within(source, &note.span);
    }
    tree.pipes = std::mem::take(&mut notes.pipes);
    tree.includes =
        scan.includes.iter().map(|(path, span)| place(&tree.pages, path, span)).collect();
    // A page that has nothing may still be one that something is included into.
    let has_include = |at: usize| tree.includes.iter().any(|include| include.pages == at + 1);
    let mut at = 0;
    let kept: Vec<bool> = tree
        .pages
        .iter()
        .enumerate()
        .map(|(at, page)| !is_empty(page) || has_include(at))
        .collect();
    for include in &mut tree.includes {
        include.pages = kept[..include.pages].iter().filter(|kept| **kept).count();
    }
    tree.pages.retain(|_| {
        at += 1;
        kept[at - 1]
    });
    tree
}

fn is_empty(page: &PageSource) -> bool {
    page.title.is_none() && page.intro.is_none() && page.questions.is_empty()
}

/// Where an include stands among the pages and questions.
fn place(pages: &[PageSource], path: &str, span: &Range<usize>) -> IncludeSource {
    let before = |other: &Range<usize>| other.start < span.start;
    let pages = &pages[..pages.iter().filter(|page| before(&page.span)).count()];
    let questions = pages
        .last()
        .map_or(0, |page| page.questions.iter().filter(|question| before(&question.span)).count());
    IncludeSource { path: path.to_owned(), span: span.clone(), pages: pages.len(), questions }
}

struct Builder<'a, 'n, 'f> {
    scan: &'a Prescan,
    notes: &'n mut Notes<'f>,
    /// Starts of the attribute blocks that belong to something.
    used: HashSet<usize>,
    tree: Tree,
}

impl Builder<'_, '_, '_> {
    fn build(&mut self, blocks: &[Block]) {
        let mut at = 0;
        while let Some(block) = blocks.get(at) {
            let heading_follows = |at: usize| {
                matches!(blocks.get(at), Some(Block { what: What::Heading { level: 1, .. }, .. }))
            };
            at = match &block.what {
                What::Heading { underlined: true, .. } => {
                    self.notes.add(&c::SETEXT_HEADING, block.span.clone());
                    at + 1
                }
                What::Heading { level: 1, text, .. } => self.page(blocks, at, text),
                What::Heading { level: 2, text, .. } => self.question(blocks, at, text),
                // Straight before an H1 it says the same thing twice.
                What::Rule { sign: b'-' } if heading_follows(at + 1) => at + 1,
                What::Rule { sign: b'-' } => self.untitled_page(blocks, at),
                _ => {
                    let (text, next) = self.introduction(blocks, at);
                    self.tree.intro = text;
                    next
                }
            };
        }
    }

    fn page(&mut self, blocks: &[Block], at: usize, text: &Range<usize>) -> usize {
        let title = self.line(text.clone());
        let attributes = self.attributes(&self.with_attribute_line(blocks, at));
        let (intro, next) = self.introduction(blocks, at + 1);
        let span = tight(&self.scan.text, text.clone());
        self.note_empty(&title, &span);
        self.tree.pages.push(PageSource {
            span,
            title: Some(title),
            attributes,
            intro,
            intro_at: blocks.get(at + 1).map_or(0..0, |first| first.span.clone()),
            ..PageSource::default()
        });
        next
    }

    fn untitled_page(&mut self, blocks: &[Block], at: usize) -> usize {
        let (intro, next) = self.introduction(blocks, at + 1);
        let span = blocks[at].span.clone();
        self.tree.pages.push(PageSource {
            span,
            intro,
            intro_at: blocks.get(at + 1).map_or(0..0, |first| first.span.clone()),
            ..PageSource::default()
        });
        next
    }

    /// Prose up to the next page or question.
    fn introduction(&mut self, blocks: &[Block], from: usize) -> (Option<Text>, usize) {
        let end = section_end(blocks, from);
        let mut prose: Option<Range<usize>> = None;
        for block in &blocks[from..end] {
            self.check_prose(block);
            self.note_answers_without_question(blocks, from, block);
            prose = Some(prose.map_or(block.span.start, |range| range.start)..block.span.end);
        }
        (prose.map(|range| self.paragraphs(range)), end)
    }

    /// Answers under a page's heading: often a `##` that lost a `#`, so the heading is shown too.
    fn note_answers_without_question(&mut self, blocks: &[Block], from: usize, block: &Block) {
        let lost = match &block.what {
            What::Rule { sign: b'_' } | What::Table { .. } => true,
            What::List { items, .. } => items
                .iter()
                .any(|item| read_marker(&self.scan.text[item.text.clone()]).0 != Marker::Plain),
            _ => false,
        };
        if lost {
            let heading = from.checked_sub(1).map(|at| &blocks[at]);
            let heading = heading.filter(|heading| matches!(heading.what, What::Heading { .. }));
            let start = heading.map_or(block.span.start, |heading| heading.span.start);
            let text = &self.scan.text[block.span.clone()];
            let end = block.span.start + text.find('\n').unwrap_or(text.len());
            self.notes.add(&c::ANSWERS_WITHOUT_QUESTION, start..end);
        }
    }

    fn question(&mut self, blocks: &[Block], at: usize, text: &Range<usize>) -> usize {
        let span = tight(&self.scan.text, text.clone());
        let heading = self.line(text.clone());
        self.note_empty(&heading, &span);
        let attributes = self.attributes(&self.with_attribute_line(blocks, at));
        let end = section_end(blocks, at + 1);
        let (answers, answer_blocks) = self.answers(&blocks[at + 1..end]);
        let (before, after) =
            (at + 1..at + 1 + answer_blocks.start, at + 1 + answer_blocks.end..end);
        let help = self.prose_of(&blocks[before.clone()]);
        let note = self.prose_of(&blocks[after.clone()]);
        let prose_at = [before.clone(), after.clone()].map(|blocks_at| {
            let prose = blocks[blocks_at].iter().filter(|block| !is_answers(block));
            prose.map(|block| block.span.clone()).reduce(|all, next| all.start..next.end)
        });
        let prose_at = prose_at.map(|at| at.unwrap_or_else(|| span.clone()));
        if attributes.has("scale") {
            blocks[before].iter().chain(&blocks[after]).for_each(|block| self.note_labels(block));
        }
        if self.tree.pages.is_empty() {
            let page = PageSource { span: span.clone(), implicit: true, ..PageSource::default() };
            self.tree.pages.push(page);
        }
        let page = self.tree.pages.last_mut().expect("there is a page by now");
        page.questions.push(QuestionSource {
            span,
            origin: 0,
            id: String::new(),
            text: heading,
            attributes,
            help,
            note,
            prose_at,
            answers,
        });
        end
    }

    /// `10: I høj grad` beside a scale, without the dash that would make it a label.
    fn note_labels(&mut self, block: &Block) {
        if block.what != What::Paragraph {
            return;
        }
        let mut at = block.span.start;
        for line in self.scan.text[block.span.clone()].split_inclusive('\n') {
            let text = line.trim();
            let start = at + (line.len() - line.trim_start().len());
            if let Some(marker) = label_marker(text) {
                self.notes
                    .add(&c::CHOICE_WITHOUT_DASH, start..start + text.len())
                    .arg("marker", marker)
                    .fix(start..start, "- ");
            }
            at += line.len();
        }
    }

    /// The first run of answers among a question's blocks, and which blocks it takes.
    fn answers(&mut self, blocks: &[Block]) -> (AnswersSource, Range<usize>) {
        let Some(first) = blocks.iter().position(is_answers) else {
            return (AnswersSource::Nothing, blocks.len()..blocks.len());
        };
        let lines = matches!(blocks[first].what, What::Rule { .. });
        let run = blocks[first..]
            .iter()
            .take_while(|block| lines && matches!(block.what, What::Rule { sign: b'_' }))
            .count();
        let end = first + run.max(1);
        for again in blocks[end..].iter().filter(|block| is_answers(block)) {
            self.notes.add(&c::TWO_ANSWERS, again.span.clone());
        }
        let span = blocks[first].span.start..blocks[end - 1].span.end;
        let answers = match &blocks[first].what {
            What::List { ordered, items } => {
                let items = items.iter().map(|item| self.item(item)).collect();
                AnswersSource::List { ordered: *ordered, items, span }
            }
            What::Table { rows } => self.table(rows, span),
            _ => AnswersSource::Lines { count: run, span },
        };
        (answers, first..end)
    }

    fn item(&mut self, item: &Item) -> ItemSource {
        if let Some((span, sign)) = &item.nested {
            let start = span.end - self.scan.text[span.clone()].trim_start().len();
            // `1.` is a number with a sign behind it: only the sign can be escaped.
            let digits = sign.len() - sign.trim_start_matches(|s: char| s.is_ascii_digit()).len();
            let note = self.notes.add(&c::NESTED_BLOCK, start..start + sign.len());
            note.arg("sign", sign);
            if sign.starts_with('_') {
                note.phrase("label", "Other", "Andet");
            } else {
                let (number, rest) = sign.split_at(digits);
                note.arg("escaped", format!("{number}\\{rest}"));
                note.fix(start + digits..start + digits, "\\");
            }
        }
        self.note_text_between(item);
        let attributes = self.attributes(&item.span);
        let raw = &self.scan.text[item.text.clone()];
        let lead = raw.len() - raw.trim_start().len();
        let (marker, taken) = read_marker(raw);
        if let Some(empty) = ticked(&raw[lead..]) {
            let start = item.text.start + lead;
            self.notes
                .add(&c::TICKED, start..start + 3)
                .arg("empty", empty)
                .fix(start..start + 3, empty);
        }
        let label = item.text.start + taken..item.text.end;
        self.check_marker(marker, &label, lead);
        let (label, other) = self.cut_answer_line(label);
        let (label, image) = self.cut_picture(label);
        let mut text = self.line(label.clone());
        match &image {
            // A picture alone is called by its words.
            Some(image) if text.plain.is_empty() => text.plain.clone_from(&image.alt),
            None if !other => self.note_empty(&text, &item.span),
            _ => {}
        }
        let span = tight(&self.scan.text, item.span.clone());
        ItemSource {
            marker_span: span.start..(item.text.start + taken).max(span.start),
            span,
            marker,
            text,
            other,
            image,
            attributes,
        }
    }

    /// A marker that is nearly one, or that its label is stuck to.
    fn check_marker(&mut self, marker: Marker, label: &Range<usize>, lead: usize) {
        let text = &self.scan.text[label.clone()];
        if marker != Marker::Plain {
            if let Some(over) = left_over(text) {
                let before = &self.scan.text[..label.start];
                let start = before.rfind(['(', '[']).unwrap_or(label.start);
                let span = start..label.start + over;
                let shown = &self.scan.text[span.clone()];
                self.notes.add(&c::BROKEN_MARKER, span).arg("text", shown);
            } else if let Some(first) = text.chars().next().filter(|sign| !sign.is_whitespace()) {
                let sign = if marker == Marker::Round { "( )" } else { "[ ]" };
                let end = label.start + first.len_utf8();
                self.notes
                    .add(&c::MISSING_SPACE, label.start..end)
                    .arg("sign", sign)
                    .fix(label.start..label.start, " ");
            }
        } else if let Some(length) = broken_marker(&text[lead..]) {
            let start = label.start + lead;
            let text = &self.scan.text[start..start + length];
            self.notes.add(&c::BROKEN_MARKER, start..start + length).arg("text", text.trim());
        }
    }

    /// `Andet: ____` is a label with a text field behind it.
    fn cut_answer_line(&mut self, label: Range<usize>) -> (Range<usize>, bool) {
        let raw = self.scan.text[label.clone()].trim_end();
        let text = raw.trim_end_matches('_');
        if raw.len() - text.len() < 3 {
            if let Some(at) = raw.find("___") {
                // A text field that stands anywhere but at the end is none.
                let at = label.start + at;
                self.notes.add(&c::STRAY_RULE, at..at + 3).phrase("label", "Other", "Andet");
            }
            return (label, false);
        }
        let text = text.trim_end().trim_end_matches(':');
        (label.start..label.start + text.len(), true)
    }

    /// `![En bænk](baenk.jpg) Flere bænke` is a picture with a label behind it.
    fn cut_picture(&mut self, label: Range<usize>) -> (Range<usize>, Option<Image>) {
        let found = prose::leading_picture(&self.scan.text, label.clone());
        let Some((url, alt, span)) = found else { return (label, None) };
        let rest = span.end..label.end.max(span.end);
        // One that is not known was noted; a choice it is all the same.
        let image = picture::find(&url, &alt, span, self.notes);
        (rest, Some(image.unwrap_or(Image { src: url, alt, ..Image::default() })))
    }

    /// A second line of an item that is not indented: Markdown takes it for the item's.
    fn note_text_between(&mut self, item: &Item) {
        let mut at = item.span.start;
        for line in self.scan.text[item.span.clone()].split_inclusive('\n') {
            let outside = at > item.span.start && !line.starts_with([' ', '\t', '\n']);
            if outside && item.nested.is_none() {
                let end = at + line.trim_end().len();
                self.notes.add(&c::TEXT_BETWEEN_CHOICES, at..end);
            }
            at += line.len();
        }
    }

    fn table(&mut self, rows: &[Vec<Range<usize>>], span: Range<usize>) -> AnswersSource {
        let mut read = rows
            .iter()
            .map(|row| row.iter().map(|cell| self.cell(cell.clone())).collect::<Vec<CellSource>>());
        let header = read.next().unwrap_or_default();
        let rows: Vec<Vec<CellSource>> = read.collect();
        for row in &rows {
            if row.len() != header.len() {
                let start = row.first().map_or(span.start, |cell| cell.span.start);
                let end = row.last().map_or(start, |cell| cell.span.end);
                self.notes
                    .add(&c::TABLE_WIDTH, start..end)
                    .arg("found", row.len())
                    .arg("expected", header.len());
            }
        }
        AnswersSource::Table { header, rows, span }
    }

    fn cell(&mut self, range: Range<usize>) -> CellSource {
        let attributes = self.attributes(&range);
        let text = self.line(range.clone());
        CellSource { span: tight(&self.scan.text, range), text, attributes }
    }

    /// Notes what ordinary text must not hold.
    fn check_prose(&mut self, block: &Block) {
        let text = &self.scan.text[block.span.clone()];
        let mut at = block.span.start;
        match &block.what {
            What::Rule { sign } if *sign != b'_' && *sign != b'-' => {
                self.notes.add(&c::STRAY_RULE, block.span.clone());
            }
            What::Other(foreign @ (Foreign::Code | Foreign::Quote)) => {
                let [en, da] = match foreign {
                    Foreign::Code => ["code", "kode"],
                    _ => ["a quote (`>`)", "et citat (`>`)"],
                };
                self.notes.add(&c::UNSUPPORTED_BLOCK, block.span.clone()).phrase("what", en, da);
            }
            What::Paragraph => {
                for line in text.split_inclusive('\n') {
                    self.check_line(line, at);
                    at += line.len();
                }
            }
            _ => {}
        }
    }

    fn check_line(&mut self, line: &str, at: usize) {
        let text = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        if text.starts_with('|') || text.matches('|').count() >= 2 {
            self.notes.add(&c::BROKEN_TABLE, start..start + text.len());
        } else if read_marker(text).0 != Marker::Plain || ticked(text).is_some() {
            self.notes
                .add(&c::CHOICE_WITHOUT_DASH, start..start + text.len())
                .arg("marker", text.get(..3).unwrap_or("( )"))
                .fix(start..start, "- ");
        } else if let Some(bullet) = bullet(text) {
            self.notes
                .add(&c::CHOICE_WITHOUT_DASH, start..start + text.len())
                .phrase("marker", "text", "tekst")
                .fix(start..start + bullet.len_utf8(), "-");
        } else if text.chars().all(|sign| "-_*".contains(sign)) || is_broken_line(text) {
            self.notes.add(&c::STRAY_RULE, start..start + text.len());
        } else if let Some(sign) = sign_without_space(text) {
            self.notes
                .add(&c::MISSING_SPACE, start..start + sign.len())
                .arg("sign", sign)
                .fix(start + sign.len()..start + sign.len(), " ");
        }
    }

    fn prose_of(&mut self, blocks: &[Block]) -> Option<Text> {
        for block in blocks {
            self.check_prose(block);
        }
        let prose: Vec<&Block> = blocks.iter().filter(|block| !is_answers(block)).collect();
        let (first, last) = (prose.first()?, prose.last()?);
        Some(self.paragraphs(first.span.start..last.span.end))
    }

    fn line(&mut self, range: Range<usize>) -> Text {
        prose::line(&self.scan.text, range, self.notes)
    }

    fn paragraphs(&mut self, range: Range<usize>) -> Text {
        prose::paragraphs(&self.scan.text, range, self.notes)
    }

    fn note_empty(&mut self, text: &Text, span: &Range<usize>) {
        if text.plain.is_empty() {
            self.notes.add(&c::EMPTY_TEXT, span.clone());
        }
    }

    /// From a heading to the next block: its attributes may stand on a line below it, which is
    /// blank by now.
    fn with_attribute_line(&self, blocks: &[Block], at: usize) -> Range<usize> {
        let end = blocks.get(at + 1).map_or(self.scan.text.len(), |next| next.span.start);
        blocks[at].span.start..end
    }

    fn attributes(&mut self, range: &Range<usize>) -> Attributes {
        let found = self.scan.attributes_in(range, self.notes);
        self.used.extend(found.spans.iter().map(|span| span.start));
        found
    }

    fn note_unused(&mut self, source: &str) {
        for span in self.scan.attributes.iter().flat_map(|found| found.spans.iter()) {
            if !self.used.contains(&span.start) {
                let text = &source[span.clone()];
                self.notes.add(&c::STRAY_BRACES, span.clone()).arg("text", text);
            }
        }
    }
}

/// The bullet of a word processor at the start of a line.
fn bullet(text: &str) -> Option<char> {
    let sign = text.chars().next()?;
    let spaced = text[sign.len_utf8()..].starts_with([' ', '\t']);
    (spaced && "•‣◦·▪■●○\u{f0b7}".contains(sign)).then_some(sign)
}

/// A line that is wrong already says nothing more about its attributes.
fn drop_echoes(source: &str, noted: usize, notes: &mut Notes) {
    let line_of = |at: usize| source[..at.min(source.len())].matches('\n').count();
    let told: Vec<Range<usize>> = notes.list[noted..]
        .iter()
        .filter(|note| {
            let causes =
                [&c::BROKEN_TABLE, &c::CHOICE_WITHOUT_DASH, &c::MISSING_SPACE, &c::TWO_ANSWERS];
            causes.iter().any(|cause| cause.code == note.entry.code)
        })
        .map(|note| line_of(note.span.start)..line_of(note.span.end) + 1)
        .collect();
    let mut at = 0;
    notes.list.retain(|note| {
        at += 1;
        let echo = at > noted && note.entry.code == c::STRAY_BRACES.code;
        !(echo && told.iter().any(|lines| lines.contains(&line_of(note.span.start))))
    });
}

fn section_end(blocks: &[Block], from: usize) -> usize {
    let ends = |block: &Block| match &block.what {
        What::Heading { level, underlined, .. } => *level <= 2 || *underlined,
        What::Rule { sign } => *sign == b'-',
        _ => false,
    };
    blocks[from..].iter().position(ends).map_or(blocks.len(), |found| from + found)
}

fn is_answers(block: &Block) -> bool {
    matches!(block.what, What::List { .. } | What::Table { .. } | What::Rule { sign: b'_' })
}

fn tight(text: &str, range: Range<usize>) -> Range<usize> {
    let raw = &text[range.clone()];
    let start = range.start + (raw.len() - raw.trim_start().len());
    start..start + raw.trim().len()
}

/// The spans a diagnostic about an element's attribute points at.
pub fn span_of(attribute: Option<&Attribute>, otherwise: &Range<usize>) -> Range<usize> {
    attribute.map_or_else(|| otherwise.clone(), |attribute| attribute.value_span.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(source: &str) -> (Tree, Vec<&'static str>) {
        let mut notes = Notes::new("a.md");
        let tree = read(source, 0, &mut notes);
        (tree, notes.list.iter().map(|note| note.entry.code).collect())
    }

    #[test]
    fn reads_pages_questions_help_and_notes() {
        let source = "Hej **du**.\n\n# En {#one}\n\nIndledning.\n\n## Hvad? {#what}\n\nHjælp.\n\n\
                      - ( ) A {#a}\n- ( ) Andet: ____ {#b}\n\nNote.\n\n---\n\n## To {#two number}\n";
        let (tree, notes) = read_of(source);
        assert_eq!(notes, Vec::<&str>::new());
        assert_eq!(tree.intro.expect("intro").plain, "Hej du.");
        assert_eq!(tree.pages.len(), 2);
        let question = &tree.pages[0].questions[0];
        assert_eq!(question.help.as_ref().expect("help").plain, "Hjælp.");
        assert_eq!(question.note.as_ref().expect("note").plain, "Note.");
        let AnswersSource::List { items, .. } = &question.answers else { panic!() };
        assert_eq!(items[1].text.plain, "Andet");
        assert!(items[1].other);
        assert_eq!(items[1].attributes.value("#"), Some("b"));
        assert!(tree.pages[1].title.is_none());
    }

    #[test]
    fn notes_what_markdown_would_take_for_something_else() {
        assert_eq!(read_of("## A {#a}\n\ntext\n---\n").1, ["setext-heading"]);
        assert_eq!(read_of("## A {#a}\n\n#text\n---\n").1, ["setext-heading"]);
        assert_eq!(read_of("## A {#a}\n\n- > 100\n- B\n").1, ["nested-block"]);
        assert_eq!(read_of("## A {#a}\n\n- ( ) B\nC\n- ( ) D\n").1, ["text-between-choices"]);
        assert_eq!(read_of("## A {#a}\n\n( ) B\n( ) C\n").1, ["choice-without-dash"; 2]);
        assert_eq!(read_of("## A {#a}\n\n- (x) B\n- ( ) C\n").1, ["ticked-choice"]);
        assert_eq!(read_of("## A {#a}\n\n- B\n- C\n\nx\n\n- D\n").1, ["two-answer-blocks"]);
        assert_eq!(read_of("# A {#a}\n\n- ( ) B\n- ( ) C\n").1, ["answers-without-question"]);
        assert_eq!(read_of("## A {#a}\n\n| x | y |\n| a | b |\n").1, ["broken-table"; 2]);
        assert_eq!(read_of("### A {#a}\n").1, ["stray-braces"]);
        assert_eq!(read_of("#A\n").1, ["missing-space"]);
        assert_eq!(read_of("## A {#a}\n\n-0: B\n\n- 5: C\n").1, ["missing-space"]);
        assert_eq!(read_of("## A {#a}\n\n\\-5 \\# b\n\n- B\n- C\n").1, Vec::<&str>::new());
        assert_eq!(read_of("## A {#a}\n\n- B\n- C\n\n--\n").1, ["stray-rule"]);
        assert_eq!(read_of("## A {#a}\n\n- B ___ _ {#b}\n- C\n").1, ["stray-rule"]);
        assert_eq!(read_of("<!-- a --\n\n## A {#a}\n").1, ["unclosed-comment"]);
        assert_eq!(read_of("## A {#a}\n\n- ( )Æ\n- ( ) B\n").1, ["missing-space"]);
        assert_eq!(read_of("## A {#a}\n\n()\n").1, ["choice-without-dash"]);
        assert_eq!(read_of("## A {#a}\n\n()æ\n").1, ["choice-without-dash"]);
        assert_eq!(read_of("## A {#a}\n\n- [ ]] B\n- [ ] ] C\n").1, ["broken-marker"; 2]);
        assert_eq!(read_of("## A {#a scale=0..9}\n\n0: B\n- 9: C\n").1, ["choice-without-dash"]);
    }
}
