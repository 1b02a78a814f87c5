//! Pass 2: the blocks of a file, by pulldown-cmark, each with its span.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};

use super::prescan;
use super::prose;

/// A block of the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub span: Range<usize>,
    pub what: What,
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Level and the text's own span. `underlined` where a line of `---` or `===` made it one.
    Heading {
        level: u8,
        text: Range<usize>,
        underlined: bool,
    },
    Paragraph,
    List {
        ordered: bool,
        items: Vec<Item>,
    },
    /// The lines of a table, the row of dashes left out, each as its cells.
    Table {
        rows: Vec<Vec<Range<usize>>>,
    },
    /// A line of `---` (`-`), `____` (`_`) or `***`.
    Rule {
        sign: u8,
    },
    /// Something else: a code block, a quote, HTML.
    Other(Foreign),
}

/// Blocks that have no meaning in the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    Code,
    Quote,
    Html,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// From its dash to the next item: blanked attributes at its end belong to it.
    pub span: Range<usize>,
    /// What stands behind the dash.
    pub text: Range<usize>,
    /// A block inside the item, as in `- > 100`, with the sign that made it.
    pub nested: Option<(Range<usize>, String)>,
}

/// The blocks of `text`, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut items = Vec::new();
    for (event, span) in Parser::new_ext(text, prose::options()).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    found.push(block(text, &tag, span));
                } else if depth == 1 && tag == Tag::Item {
                    items.push(item(text, span));
                } else if depth == 2
                    && let (Some(sign), Some(last)) = (nesting(text, &tag, &span), items.last_mut())
                    && last.nested.is_none()
                {
                    last.nested = Some((span, sign));
                }
                depth += 1;
            }
            Event::End(_) => {
                depth -= 1;
                if depth == 0
                    && let Some(Block { what: What::List { items: list, .. }, .. }) =
                        found.last_mut()
                {
                    list.append(&mut items);
                }
            }
            Event::Rule if depth == 0 => {
                let start = span.start + leading_spaces(&text[span.clone()]);
                let sign = text.as_bytes()[start];
                found.push(Block { span: trim_end(text, span), what: What::Rule { sign } });
            }
            Event::Rule if depth == 2 => {
                if let Some(last) = items.last_mut().filter(|last| last.nested.is_none()) {
                    last.nested = Some((span.clone(), text[span].trim().to_owned()));
                }
            }
            _ => {}
        }
    }
    found
}

fn leading_spaces(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn trim_end(text: &str, span: Range<usize>) -> Range<usize> {
    span.start..span.start + text[span.clone()].trim_end().len()
}

fn block(text: &str, tag: &Tag, span: Range<usize>) -> Block {
    let span = trim_end(text, span);
    let what = match tag {
        Tag::Heading { level, .. } => heading(text, *level, &span),
        Tag::List(start) => What::List { ordered: start.is_some(), items: Vec::new() },
        Tag::Table(_) => What::Table { rows: table_rows(text, &span) },
        Tag::CodeBlock(_) => What::Other(Foreign::Code),
        Tag::BlockQuote(_) => What::Other(Foreign::Quote),
        Tag::HtmlBlock => What::Other(Foreign::Html),
        _ => What::Paragraph,
    };
    Block { span, what }
}

fn heading(text: &str, level: HeadingLevel, span: &Range<usize>) -> What {
    let raw = &text[span.clone()];
    let lead = leading_spaces(raw);
    let hashes = raw[lead..].len() - raw[lead..].trim_start_matches('#').len();
    // `#A` over a line of dashes is underlined too: a heading with hashes has one line.
    if hashes == 0 || raw.trim().contains('\n') {
        let end = raw.trim_end().rfind('\n').unwrap_or(raw.len());
        return What::Heading {
            level: level as u8,
            text: span.start..span.start + end,
            underlined: true,
        };
    }
    // `## Text ##` may close with hashes of its own, after a space.
    let end = raw.trim_end().trim_end_matches('#');
    let end = if end.ends_with([' ', '\t']) { end.trim_end().len() } else { raw.trim_end().len() };
    let start = lead + hashes;
    let text = span.start + start..span.start + end.max(start);
    What::Heading { level: level as u8, text, underlined: false }
}

fn item(text: &str, span: Range<usize>) -> Item {
    let marker = prescan::item_marker(&text[span.clone()]).unwrap_or(1);
    Item { text: (span.start + marker).min(span.end)..span.end, span, nested: None }
}

/// The sign that opened a block inside an item; none for the paragraph every item may be.
fn nesting(text: &str, tag: &Tag, span: &Range<usize>) -> Option<String> {
    let raw = &text[span.clone()];
    match tag {
        Tag::BlockQuote(_) => Some(">".to_owned()),
        Tag::List(_) => {
            let lead = raw.trim_start();
            let marker = prescan::item_marker(lead).unwrap_or(1);
            Some(lead[..marker.min(lead.len())].to_owned())
        }
        Tag::Heading { .. } => Some("#".to_owned()),
        Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) => {
            Some(raw.trim_start().chars().take(1).collect())
        }
        _ => None,
    }
}

fn table_rows(text: &str, span: &Range<usize>) -> Vec<Vec<Range<usize>>> {
    let mut rows = Vec::new();
    let mut at = span.start;
    for (number, line) in text[span.clone()].split_inclusive('\n').enumerate() {
        // The second line is the row of dashes: without it there would be no table.
        if number != 1 {
            rows.push(prescan::cells(text, at..at + line.trim_end().len()));
        }
        at += line.len();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_page_breaks_from_answer_lines_and_underlined_headings() {
        let text = "# A\n\n---\n\n____\n____\n\nx\n---\n";
        let kinds: Vec<What> = blocks(text).into_iter().map(|block| block.what).collect();
        assert_eq!(kinds[1], What::Rule { sign: b'-' });
        assert_eq!(kinds[2], What::Rule { sign: b'_' });
        assert_eq!(kinds[3], What::Rule { sign: b'_' });
        assert!(matches!(kinds[4], What::Heading { underlined: true, level: 2, .. }));
    }

    #[test]
    fn items_know_what_is_nested_in_them() {
        let text = "- a\n- > 100\n- 1. x\n- + y\n";
        let blocks = blocks(text);
        let What::List { items, .. } = &blocks[0].what else { panic!("{blocks:?}") };
        let signs: Vec<Option<&str>> =
            items.iter().map(|i| i.nested.as_ref().map(|(_, sign)| sign.as_str())).collect();
        assert_eq!(signs, [None, Some(">"), Some("1."), Some("+")]);
        assert_eq!(text[items[0].text.clone()].trim(), "a");
    }

    #[test]
    fn tables_have_their_raw_cells() {
        let text = "|   | A | B |\n|---|---|---|\n| x |   | \n";
        let blocks = blocks(text);
        let What::Table { rows } = &blocks[0].what else { panic!("{blocks:?}") };
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
    }

    #[test]
    fn a_headings_text_has_neither_hashes_nor_spaces() {
        let text = "## Hvad er C#? ##\n";
        let blocks = blocks(text);
        let What::Heading { text: range, .. } = &blocks[0].what else { panic!("{blocks:?}") };
        assert_eq!(text[range.clone()].trim(), "Hvad er C#?");
    }
}
