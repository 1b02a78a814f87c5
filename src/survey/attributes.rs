//! `{#id word key=value key="two words"}`: a scanner that knows quotes and keeps every span.
//!
//! Our own, since pulldown-cmark's heading attributes lose conditions (any `<`, `>` or brace inside
//! turns the block into text), split values at spaces and have no offsets.

use std::ops::Range;

use super::catalogue as c;
use super::source::{Notes, nfc};

/// One attribute and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `#` for an id.
    pub name: String,
    pub value: Option<String>,
    pub span: Range<usize>,
    /// The value without its quotes; equal to `span` where there is none.
    pub value_span: Range<usize>,
}

/// The attributes of one element: those behind it and those on a line of their own below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    pub list: Vec<Attribute>,
    /// Each `{…}`, braces included.
    pub spans: Vec<Range<usize>>,
}

impl Attributes {
    /// The attribute of this name.
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.list.iter().find(|attribute| attribute.name == name)
    }

    /// The value of `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|attribute| attribute.value.as_deref())
    }

    /// Whether the word `name` is there.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The id and its span.
    pub fn id(&self) -> Option<&Attribute> {
        self.find("#")
    }

    /// Takes over the attributes of a second `{…}` of the same element.
    pub fn join(&mut self, other: Attributes, notes: &mut Notes) {
        for attribute in other.list {
            if self.has(&attribute.name) {
                note_duplicate(&attribute, notes);
            } else {
                self.list.push(attribute);
            }
        }
        self.spans.extend(other.spans);
    }
}

fn note_duplicate(attribute: &Attribute, notes: &mut Notes) {
    notes.add(&c::DUPLICATE_ATTRIBUTE, attribute.span.clone()).arg("name", &attribute.name);
}

/// The `{…}` that ends `source[range]`, if there is one: braces that open outside quotes, are not
/// escaped, and have nothing but spaces behind them.
pub fn trailing(source: &str, range: Range<usize>, notes: &mut Notes) -> Option<Attributes> {
    let text = source[range.clone()].trim_end();
    let mut at = 0;
    while let Some(open) = find_unescaped(text, at, '{') {
        if text[open..].starts_with("{{") {
            at = text[open..].find("}}").map_or(text.len(), |close| open + close + 2);
            continue;
        }
        match scan(source, range.start + open, range.start + text.len(), notes) {
            Some(found) if found.spans[0].end == range.start + text.len() => return Some(found),
            Some(found) => {
                // Braces with text behind them are no attributes; what they were scanned to is void.
                at = found.spans[0].end - range.start;
            }
            None => return None,
        }
    }
    None
}

fn find_unescaped(text: &str, from: usize, wanted: char) -> Option<usize> {
    let mut escaped = false;
    for (at, sign) in text[from..].char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == wanted => return Some(from + at),
            _ => {}
        }
    }
    None
}

/// Reads the `{…}` that opens at `open`; it may run to `limit`. None, with a note, where it is never
/// closed.
pub fn scan(source: &str, open: usize, limit: usize, notes: &mut Notes) -> Option<Attributes> {
    let Some(close) = closing_brace(&source[open..limit]).map(|close| open + close) else {
        let entry = match odd_quote(&source[open..limit]) {
            true => &c::UNCLOSED_QUOTE,
            false => &c::UNCLOSED_BRACE,
        };
        notes.add(entry, open..limit);
        return None;
    };
    let spans = std::iter::once(open..close + 1).collect();
    let mut attributes = Attributes { list: Vec::new(), spans };
    for word in words(source, open + 1..close) {
        if let Some(attribute) = read(source, word, notes) {
            if attributes.has(&attribute.name) {
                note_duplicate(&attribute, notes);
            } else {
                attributes.list.push(attribute);
            }
        }
    }
    Some(attributes)
}

/// Offset of the `}` that ends a text beginning with `{`.
fn closing_brace(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            '"' => quoted = !quoted,
            '}' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn odd_quote(text: &str) -> bool {
    text.matches('"').count() % 2 == 1
}

/// The spans between spaces, quotes kept together.
fn words(source: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, sign) in source[range.clone()].char_indices() {
        let at = range.start + at;
        if sign == '"' {
            quoted = !quoted;
        }
        match (sign.is_whitespace() && !quoted, start) {
            (true, Some(begin)) => {
                found.push(begin..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    found.extend(start.map(|begin| begin..range.end));
    found
}

fn read(source: &str, span: Range<usize>, notes: &mut Notes) -> Option<Attribute> {
    let text = &source[span.clone()];
    if let Some(id) = text.strip_prefix('#') {
        let value_span = span.start + 1..span.end;
        return Some(Attribute { name: "#".to_owned(), value: Some(nfc(id)), span, value_span });
    }
    let name_end = text.find('=').unwrap_or(text.len());
    let name = &text[..name_end];
    let plain = |name: &str| {
        !name.is_empty() && name.chars().all(|sign| sign.is_alphanumeric() || "-_.".contains(sign))
    };
    let Some(raw) = text.get(name_end + 1..) else {
        if !plain(name) {
            notes.add(&c::BAD_ATTRIBUTE, span).arg("text", text);
            return None;
        }
        let value_span = span.clone();
        return Some(Attribute { name: nfc(name), value: None, span, value_span });
    };
    let value_start = span.start + name_end + 1;
    let (value, value_span) = match unquote(raw) {
        Some(inner) => (inner, value_start + 1..span.end - 1),
        None => (raw, value_start..span.end),
    };
    // What a word processor makes of quotes, unless they stand within a quoted text.
    let curly =
        |text: &str| text.starts_with(['“', '”', '„', '»', '«', '’']) || text.ends_with(['“', '”']);
    if value == raw && curly(value) {
        notes.add(&c::BAD_ATTRIBUTE, span).arg("text", text).arg("straight", "");
        return None;
    }
    if !plain(name) || value.contains('"') || value.starts_with('\'') {
        let note = notes.add(&c::BAD_ATTRIBUTE, span).arg("text", text);
        if plain(name) && (value.starts_with('\'') || unquote(raw).is_some()) {
            note.arg("quotes", "");
        }
        return None;
    }
    Some(Attribute { name: nfc(name), value: Some(nfc(value)), span, value_span })
}

fn unquote(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailing_of(text: &str) -> (Option<Attributes>, Vec<&'static str>) {
        let mut notes = Notes::new("a.md");
        let found = trailing(text, 0..text.len(), &mut notes);
        (found, notes.list.iter().map(|note| note.entry.code).collect())
    }

    #[test]
    fn reads_ids_words_values_and_quotes_with_spans() {
        let text = r#"## Æbler? {#age required min=15 unit="år i alt" if="a >= 1 and b < {2}"}"#;
        let (found, notes) = trailing_of(text);
        let found = found.expect("attributes");
        assert_eq!(notes, Vec::<&str>::new());
        assert_eq!(found.value("#"), Some("age"));
        assert!(found.has("required"));
        assert_eq!(found.value("unit"), Some("år i alt"));
        assert_eq!(&text[found.find("min").expect("min").value_span.clone()], "15");
        assert_eq!(found.value("if"), Some("a >= 1 and b < {2}"));
    }

    #[test]
    fn leaves_escaped_braces_and_piping_alone() {
        assert_eq!(trailing_of(r"## What is \{x}?").0, None);
        assert_eq!(trailing_of("## Hello {{name}}").0, None);
        assert_eq!(trailing_of("## A {b} c").0, None);
    }

    #[test]
    fn names_what_is_not_closed() {
        assert_eq!(trailing_of("## A {#b").1, ["unclosed-brace"]);
        assert_eq!(trailing_of("## A {#b if=\"x == 1}").1, ["unclosed-quote"]);
        assert_eq!(trailing_of("## A {#b min=1 min=2}").1, ["duplicate-attribute"]);
        assert_eq!(trailing_of("## A {==}").1, ["bad-attribute"]);
    }
}
