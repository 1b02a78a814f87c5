//! Pass 1: finds the attributes of headings, choices, table cells and attribute lines, and blanks
//! them, so that pass 2 (`outline`) gives clean text with unchanged offsets.
//!
//! Line by line and before pulldown-cmark, since a `>` that begins a wrapped attribute line would
//! be a quote to it, and a `|` in a condition the end of a cell.

use std::ops::Range;

use super::attributes::{self, Attributes};
use super::catalogue as c;
use super::source::Notes;

/// A source whose attributes and comments are spaces, and the attributes.
#[derive(Debug)]
pub struct Prescan {
    pub text: String,
    /// In the order of the source.
    pub attributes: Vec<Attributes>,
    /// The files that lines `{{include "…"}}` name, and where.
    pub includes: Vec<(String, Range<usize>)>,
}

impl Prescan {
    /// The attributes that stand in `range`, joined.
    pub fn attributes_in(&self, range: &Range<usize>, notes: &mut Notes) -> Attributes {
        let mut joined = Attributes::default();
        let first = self.attributes.partition_point(|found| found.spans[0].start < range.start);
        for found in &self.attributes[first..] {
            let span = &found.spans[0];
            if span.start >= range.end {
                break;
            }
            if span.end <= range.end {
                joined.join(found.clone(), notes);
            }
        }
        joined
    }
}

/// Scans `source` from `body` on; what lies before is blanked (front matter).
pub fn scan(source: &str, body: usize, notes: &mut Notes) -> Prescan {
    let mut scanner =
        Scanner { source, notes, found: Vec::new(), comments: Vec::new(), includes: Vec::new() };
    scanner.lines(body);
    let (found, comments, includes) = (scanner.found, scanner.comments, scanner.includes);
    let mut text = source.to_owned().into_bytes();
    let spans = found.iter().flat_map(|attributes| attributes.spans.iter());
    for span in spans.chain(&comments).cloned().chain(std::iter::once(0..body)) {
        for byte in &mut text[span] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    let text = String::from_utf8(text).expect("whole characters were replaced by spaces");
    Prescan { text, attributes: found, includes }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Heading,
    Item,
    TableRow,
    Other,
}

struct Scanner<'a, 'n, 'f> {
    source: &'a str,
    notes: &'n mut Notes<'f>,
    found: Vec<Attributes>,
    /// What is no text: comments, unclosed braces, includes.
    comments: Vec<Range<usize>>,
    includes: Vec<(String, Range<usize>)>,
}

impl Scanner<'_, '_, '_> {
    fn lines(&mut self, body: usize) {
        let mut at = body;
        let (mut last, mut in_item, mut fenced) = (Line::Blank, false, false);
        while at < self.source.len() {
            let end = self.line_end(at);
            let line = &self.source[at..end];
            if is_fence(line) {
                fenced = !fenced;
            }
            let indented = line.starts_with([' ', '\t']);
            let kind = if fenced { Line::Other } else { classify(line) };
            let mut next = end;
            match kind {
                Line::Heading | Line::Item => self.trailing(at..end),
                Line::TableRow => self.cells(at..end),
                Line::Other if fenced => {}
                Line::Other if line.trim_start().starts_with("<!--") => next = self.comment(at),
                Line::Other if names_include(line) => self.include(at..end),
                Line::Other if last == Line::Heading && opens_attributes(line) => {
                    next = self.attribute_line(at);
                }
                Line::Other if last == Line::Heading => self.note_lost_brace(at),
                Line::Other if in_item && indented => self.trailing(at..end),
                _ => {}
            }
            in_item = kind == Line::Item || (in_item && indented && kind == Line::Other);
            // An attribute line may stand one empty line below its heading.
            if !(kind == Line::Blank && last == Line::Heading) {
                last = kind;
            }
            at = next + usize::from(next < self.source.len());
        }
    }

    fn line_end(&self, at: usize) -> usize {
        self.source[at..].find('\n').map_or(self.source.len(), |newline| at + newline)
    }

    fn trailing(&mut self, range: Range<usize>) {
        let noted = self.notes.list.len();
        let found = attributes::trailing(self.source, range.clone(), self.notes);
        if let Some(open) = found.as_ref().map(|found| found.spans[0].start)
            && !self.source[range.start..open].is_empty()
            && !self.source[range.start..open].ends_with(char::is_whitespace)
        {
            let before = self.source[..open].chars().next_back().map_or(0, char::len_utf8);
            self.notes.add(&c::BRACE_WITHOUT_SPACE, open - before..open + 1).fix(open..open, " ");
        }
        if found.is_none() {
            self.stray_closing(&range, noted);
            self.note_wrapped(&range, noted);
            // Braces that are never closed are said once; what they hold is no text either.
            let unclosed = self.notes.list[noted..].iter().map(|note| note.span.clone());
            self.comments.extend(unclosed);
        }
        self.found.extend(found);
    }

    /// Braces that open behind a heading and are closed on the next line.
    fn note_wrapped(&mut self, range: &Range<usize>, noted: usize) {
        let next = self.source[range.end..].lines().nth(1).unwrap_or_default();
        let closes = next.trim_end().ends_with('}') && !next.contains('{');
        if closes && self.source[range.clone()].starts_with('#') {
            for note in &mut self.notes.list[noted..] {
                note.arg("wrapped", "");
            }
        }
    }

    /// A `}` at the end of a line whose `{` was lost.
    fn stray_closing(&mut self, range: &Range<usize>, noted: usize) {
        let text = self.source[range.clone()].trim_end();
        let opens = text.replace("\\{", "").contains('{');
        if text.ends_with('}') && !text.ends_with("\\}") && !opens && self.notes.list.len() == noted
        {
            let end = range.start + text.len();
            self.notes.add(&c::STRAY_BRACES, end - 1..end).arg("text", "}");
        }
    }

    fn cells(&mut self, line: Range<usize>) {
        for cell in cells(self.source, line) {
            self.trailing(cell);
        }
    }

    /// Blanks a comment; the line it ends on is the last one read.
    fn comment(&mut self, at: usize) -> usize {
        let close = self.source[at..].find("-->").map(|close| at + close + 3);
        if close.is_none() {
            self.notes.add(&c::UNCLOSED_COMMENT, at..self.line_end(at));
        }
        let close = close.unwrap_or(self.source.len());
        self.comments.push(at..close);
        self.line_end(close)
    }

    fn include(&mut self, line: Range<usize>) {
        let text = self.source[line.clone()].trim();
        let span = line.start..line.start + self.source[line.clone()].trim_end().len();
        let path = text
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"))
            .and_then(|inner| inner.trim().strip_prefix("include"))
            .and_then(|name| name.trim().strip_prefix('"')?.strip_suffix('"'))
            .filter(|path| !path.is_empty() && !path.contains('"'));
        match path {
            Some(path) => self.includes.push((path.to_owned(), span.clone())),
            None => {
                self.notes.add(&c::BAD_INCLUDE, span.clone());
            }
        }
        self.comments.push(span);
    }

    fn attribute_line(&mut self, at: usize) -> usize {
        let open = at + self.source[at..].find('{').expect("the line begins with a brace");
        let limit = self.paragraph_end(at);
        match attributes::scan(self.source, open, limit, self.notes) {
            Some(found) => {
                let end = self.line_end(found.spans[0].end);
                self.found.push(found);
                end
            }
            None => {
                // Said once; what it holds is no text either.
                self.comments.push(open..limit);
                limit
            }
        }
    }

    /// Attributes right under a heading whose `{` was lost: `if="a == b"}`.
    fn note_lost_brace(&mut self, at: usize) {
        let end = self.paragraph_end(at);
        let text = self.source[at..end].trim_end();
        let closes = text.ends_with('}') && !text.ends_with("\\}");
        if closes && !text.contains('{') {
            let span = at..at + text.len();
            self.notes.add(&c::STRAY_BRACES, span).arg("text", "}").arg("lost", "");
        }
    }

    fn paragraph_end(&self, at: usize) -> usize {
        self.source[at..].find("\n\n").map_or(self.source.len(), |empty| at + empty)
    }
}

fn classify(line: &str) -> Line {
    let text = line.trim_start();
    let hashes = text.len() - text.trim_start_matches('#').len();
    if text.is_empty() {
        Line::Blank
    } else if (1..=6).contains(&hashes) && text[hashes..].starts_with([' ', '\t']) {
        Line::Heading
    } else if text.starts_with('|') {
        Line::TableRow
    } else if item_marker(text).is_some() {
        Line::Item
    } else {
        Line::Other
    }
}

/// Length of `- `, `* `, `+ `, `1. ` or `1) ` at the start of a line.
pub fn item_marker(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
    let marks = if digits == 0 { "-*+" } else { ".)" };
    let sign = text[digits..].chars().next()?;
    let after = &text[digits + sign.len_utf8()..];
    let spaced = after.is_empty() || after.starts_with([' ', '\t']);
    (digits <= 9 && marks.contains(sign) && spaced).then_some(digits + 1)
}

/// A line of ```` ``` ```` or `~~~`; backticks that close on the same line are code in a text.
fn is_fence(line: &str) -> bool {
    let text = line.trim_start();
    let inline = || text.trim_start_matches('`').contains('`');
    text.starts_with("~~~") || (text.starts_with("```") && !inline())
}

fn opens_attributes(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with('{') && !text.starts_with("{{")
}

/// A line that means to include a file, whether it says so rightly or not.
fn names_include(line: &str) -> bool {
    let text = line.trim_start().trim_start_matches('{').trim_start();
    line.trim_start().starts_with('{') && text.starts_with("include")
}

/// The cells of a table row, without the bars: those within braces and quotes, and escaped ones,
/// do not count.
pub fn cells(source: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let (mut bars, mut escaped, mut braced, mut quoted) = (Vec::new(), false, false, false);
    for (at, sign) in source[line.clone()].char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' if braced => quoted = !quoted,
            '{' => braced = true,
            '}' if !quoted => braced = false,
            '|' if !braced => bars.push(line.start + at),
            _ => {}
        }
    }
    let tail = bars.last().map_or(line.start, |bar| bar + 1);
    let mut cells: Vec<Range<usize>> = bars.windows(2).map(|pair| pair[0] + 1..pair[1]).collect();
    if !source[tail..line.end].trim().is_empty() {
        cells.push(tail..line.end);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan_of(source: &str) -> (Prescan, Vec<&'static str>) {
        let mut notes = Notes::new("a.md");
        let scan = scan(source, 0, &mut notes);
        (scan, notes.list.iter().map(|note| note.entry.code).collect())
    }

    #[test]
    fn blanks_attributes_and_keeps_offsets() {
        let source =
            "## Hvad? {#a}\n{if=\"b != c and\n     > d\"}\n\n- ( ) Æ {#x}\n- B\n  mere {#y}\n";
        let (scan, notes) = scan_of(source);
        assert_eq!(notes, Vec::<&str>::new());
        assert_eq!(scan.text.len(), source.len());
        assert!(!scan.text.contains(['{', '}']), "{}", scan.text);
        assert_eq!(scan.attributes.len(), 4);
        assert!(scan.text.contains("- ( ) Æ"));
    }

    #[test]
    fn blanks_comments_of_several_lines() {
        let (scan, _) = scan_of("a\n\n<!-- en\nto -->\n\nb\n");
        assert_eq!(scan.text, "a\n\n       \n      \n\nb\n");
    }

    #[test]
    fn splits_cells_outside_braces() {
        let source = r#"| A {if="x == 1 | y"} | B \| C |  |"#;
        let cells: Vec<&str> =
            cells(source, 0..source.len()).into_iter().map(|cell| source[cell].trim()).collect();
        assert_eq!(cells, [r#"A {if="x == 1 | y"}"#, r"B \| C", ""]);
    }
}
