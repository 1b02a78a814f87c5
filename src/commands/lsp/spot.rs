//! What stands at the cursor: a key of the front matter, an attribute, or the inside of its value.
//!
//! Reads half-written lines, where the parser has only a mistake to tell: an editor asks for words
//! exactly while a brace or a quote is still open.

use std::ops::Range;

use crate::survey::frontmatter::{self, Required};
use crate::survey::prescan::item_marker;
use crate::survey::source::Notes;
use crate::survey::vocabulary::Element;

/// What is being written before the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Spot<'a> {
    /// A key's name.
    Key,
    /// The value of a key.
    KeyValue { key: &'a str },
    /// An attribute's name; those the braces have so far.
    Name { on: Element, has: Vec<&'a str> },
    /// The value of an attribute, up to the cursor.
    Value { name: &'a str, before: &'a str },
    /// The question whose answer a text shows: `{{na`.
    Pipe,
    /// The block that is taken in: `{{include "blo`.
    Include,
}

/// What stands before the byte `at`.
pub fn before(text: &str, at: usize) -> Option<Spot<'_>> {
    let line = &text[line_start(text, at)..at];
    if at < front_end(text) {
        return Some(match line.split_once(':') {
            Some((key, _)) => Spot::KeyValue { key: key.trim() },
            None => Spot::Key,
        });
    }
    if let Some((_, inside)) = line.rsplit_once("{{").filter(|(_, inside)| !inside.contains("}}")) {
        return match inside.trim_start().strip_prefix("include") {
            Some(rest) if rest.trim_start().starts_with('"') => Some(Spot::Include),
            _ => (!inside.trim_start().contains(' ')).then_some(Spot::Pipe),
        };
    }
    let open = open_brace(text, at)?;
    let inside = &text[open + 1..at];
    let words = words(inside);
    let (last, earlier) = words.split_last()?;
    let Some((name, value)) = last.split_once('=') else {
        let has = earlier.iter().map(|word| word.split('=').next().unwrap_or(word));
        return Some(Spot::Name { on: element(text, open)?, has: has.collect() });
    };
    Some(Spot::Value { name, before: value.strip_prefix('"').unwrap_or(value) })
}

/// Where the front matter ends; where it is never closed, behind the first empty line.
fn front_end(text: &str) -> usize {
    if !text.starts_with("---\n") {
        return 0;
    }
    let body = frontmatter::read(text, Required::No, &mut Notes::new("")).body;
    let front = text[..body].trim_end();
    if front.len() > 3 && front.ends_with("\n---") {
        return body;
    }
    text.find("\n\n").map_or(text.len() + 1, |empty| empty + 2)
}

/// Where the line of the byte `at` begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The word before the byte `at`, which what is chosen takes the place of.
pub fn word_before(text: &str, at: usize) -> Range<usize> {
    let is_part = |sign: char| sign.is_alphanumeric() || "_-#".contains(sign);
    let start = text[..at].trim_end_matches(is_part).len();
    start..at
}

/// The `{` that is still open at `at`: on its line, or in an attribute line above that wraps.
fn open_brace(text: &str, at: usize) -> Option<usize> {
    let paragraph = text[..at].rfind("\n\n").map_or(0, |empty| empty + 2);
    let (mut open, mut quoted, mut escaped) = (None, false, false);
    let mut wraps = false;
    for (offset, sign) in text[paragraph..at].char_indices() {
        let here = paragraph + offset;
        match (sign, open) {
            _ if escaped => escaped = false,
            ('\\', None) => escaped = true,
            ('{', None) => {
                open = Some(here);
                wraps = text[line_start(text, here)..here].trim().is_empty();
            }
            // `{{name}}` is no attribute.
            ('{', Some(brace)) if brace + 1 == here => open = None,
            ('"', Some(_)) => quoted = !quoted,
            ('}', Some(_)) if !quoted => open = None,
            ('\n', Some(_)) if !wraps => (open, quoted) = (None, false),
            _ => {}
        }
    }
    open
}

/// The words between spaces, quotes kept together; the last may be empty.
fn words(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|sign: char| {
        quoted ^= sign == '"';
        sign.is_whitespace() && !quoted
    })
    .collect()
}

/// What the attributes that open at `open` stand on.
fn element(text: &str, open: usize) -> Option<Element> {
    let start = line_start(text, open);
    let line = text[start..open].trim_start();
    if line.is_empty() {
        let above = text[..start].trim_end();
        return heading(above.rsplit('\n').next().unwrap_or_default());
    }
    if line.starts_with('|') {
        let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let below = text[end..].trim_start_matches('\n').split('\n').next().unwrap_or_default();
        let is_header = below.contains('-') && below.chars().all(|sign| "|:- ".contains(sign));
        return Some(if is_header { Element::Column } else { Element::Row });
    }
    heading(line).or_else(|| item_marker(line).map(|_| Element::Choice))
}

fn heading(line: &str) -> Option<Element> {
    let hashes = line.len() - line.trim_start_matches('#').len();
    match hashes {
        1 => Some(Element::Page),
        2 => Some(Element::Question),
        _ => None,
    }
}

/// What a condition can go on with.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected<'a> {
    /// The id of a question.
    Question,
    /// A row of this question.
    Row(&'a str),
    /// What this is compared with: a question, or one of its rows (`rate.clean`).
    Code(&'a str),
    /// A sign between two sides.
    Sign,
    /// `and`, `or`, or nothing.
    Joint,
}

/// What the condition `before` can go on with; its last word, if it ends in one, is being written.
pub fn expected(before: &str) -> Expected<'_> {
    let tokens = tokens(before);
    let writes = before.ends_with(|sign: char| !sign.is_whitespace() && !"()=<>!,".contains(sign));
    let (tokens, word) = match tokens.split_last() {
        Some((word, earlier)) if writes => (earlier, *word),
        _ => (&tokens[..], ""),
    };
    if let Some((question, _)) = word.split_once('.') {
        return Expected::Row(question);
    }
    let compares = |token: &str| ["==", "!=", "<", "<=", ">", ">=", "has"].contains(&token);
    match tokens {
        [] | [.., "and" | "or" | "not" | "answered"] => Expected::Question,
        [.., left, sign] if compares(sign) => Expected::Code(left),
        [.., left, "in", "("] => Expected::Code(left),
        [.., "("] => Expected::Question,
        [.., ","] => match tokens.rsplitn(2, |token| *token == "(").nth(1) {
            Some([.., left, "in"]) => Expected::Code(left),
            _ => Expected::Joint,
        },
        [.., ")"] if !matches!(tokens, [.., "count", "(", _, ")"]) => Expected::Joint,
        [.., sign, _] if compares(sign) || *sign == "answered" => Expected::Joint,
        _ => Expected::Sign,
    }
}

fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | ',' => 1,
            '=' | '<' | '>' | '!' => {
                rest.len() - rest.trim_start_matches(['=', '<', '>', '!']).len()
            }
            '\'' => rest[1..].find('\'').map_or(rest.len(), |close| close + 2),
            _ => rest
                .find(|c: char| c.is_whitespace() || "()=<>!,".contains(c))
                .unwrap_or(rest.len()),
        };
        found.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands at the `¦`.
    fn at(text: &str) -> (String, usize) {
        let cursor = text.find('¦').expect("a cursor");
        (text.replacen('¦', "", 1), cursor)
    }

    #[track_caller]
    fn name_on(text: &str, on: Element, has: &[&str]) {
        let (text, cursor) = at(text);
        assert_eq!(before(&text, cursor), Some(Spot::Name { on, has: has.to_vec() }));
    }

    #[test]
    fn knows_what_half_written_braces_stand_on() {
        name_on("# A {¦", Element::Page, &[]);
        name_on("## A? {#a if=\"b == c\" req¦}\n", Element::Question, &["#a", "if"]);
        name_on("## A?\n{#a\n ¦", Element::Question, &["#a", ""]);
        name_on("- ( ) A {¦}\n- B\n", Element::Choice, &[]);
        name_on("| | A {¦} |\n|--|--|\n| B | |\n", Element::Column, &[]);
        name_on("| | A |\n|--|--|\n| B {¦} | |\n", Element::Row, &[]);
        for none in [
            "{{name or ¦",
            "{{name}} ¦",
            "text ¦",
            "## A {#a} ¦",
            "## A \\{¦",
            "- A {\n- B ¦",
            "a {x¦",
        ] {
            let (text, cursor) = at(none);
            assert_eq!(before(&text, cursor), None, "{none}");
        }
    }

    #[test]
    fn knows_keys_and_values() {
        let front = "---\ntitle: A\n¦";
        let (text, cursor) = at(front);
        assert_eq!(before(&text, cursor), Some(Spot::Key));
        let (text, cursor) = at("---\nsample: p¦\n---\n");
        assert_eq!(before(&text, cursor), Some(Spot::KeyValue { key: "sample" }));
        let (text, cursor) = at("## A {#a if=\"b == ¦\"}");
        assert_eq!(before(&text, cursor), Some(Spot::Value { name: "if", before: "b == " }));
        let (text, cursor) = at("## Hej {{na¦");
        assert_eq!(before(&text, cursor), Some(Spot::Pipe));
        let (text, cursor) = at("{{include \"blocks/¦");
        assert_eq!(before(&text, cursor), Some(Spot::Include));
        let (text, cursor) = at("- A {goto=y¦}");
        assert_eq!(before(&text, cursor), Some(Spot::Value { name: "goto", before: "y" }));
    }

    #[test]
    fn knows_what_a_condition_goes_on_with() {
        for question in
            ["", "of", "a == b and ", "not ", "(", "count(", "answered x", "a in (b) or "]
        {
            assert_eq!(expected(question), Expected::Question, "{question}");
        }
        assert_eq!(expected("x > 1 and rate.cl"), Expected::Row("rate"));
        for code in ["often == ", "often != ne", "often in (", "often in (daily, ", "often has "] {
            assert_eq!(expected(code), Expected::Code("often"), "{code}");
        }
        assert_eq!(expected("rate.clean == "), Expected::Code("rate.clean"));
        assert_eq!(expected("often "), Expected::Sign);
        assert_eq!(expected("count(what) "), Expected::Sign);
        for joint in ["often == never ", "a in (b) ", "answered x "] {
            assert_eq!(expected(joint), Expected::Joint, "{joint}");
        }
    }
}
