//! Piping: `{{name or "du"}}` in a text shows an earlier answer, or what stands behind `or`.
//!
//! Before Markdown is read, each is masked by signs of the same length that mean nothing to it, so
//! that offsets stay true and a `_` in the words is no emphasis.

use std::borrow::Cow;
use std::ops::Range;

use super::catalogue as c;
use super::model::Question;
use super::source::{Notes, nfc, suggest};

/// The first and last sign of a mask: private use, so that they are letters to Markdown.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A `{{…}}` of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipe {
    /// Bytes of the file, braces included.
    pub span: Range<usize>,
    /// The question whose answer is shown.
    pub name: String,
    /// What is shown without one.
    pub otherwise: String,
}

/// Masks every `{{…}}` of `markdown`, whose bytes are `shift` further on in the file; those that
/// cannot be read are noted and masked too.
pub fn mask(markdown: &str, shift: isize, notes: &mut Notes) -> (String, Vec<Pipe>) {
    let (mut masked, mut pipes) = (String::with_capacity(markdown.len()), Vec::new());
    let mut at = 0;
    // Behind the last `}}` none is looked for again and again.
    let last = markdown.rfind("}}").unwrap_or(0);
    while let Some(open) = markdown[at..].find("{{").map(|open| at + open) {
        let close = Some(open)
            .filter(|open| *open < last)
            .and_then(|open| markdown[open..].find("}}").map(|close| open + close + 2));
        let escaped = markdown[..open].ends_with('\\');
        let Some(close) = close.filter(|_| !escaped) else {
            masked.push_str(&unmasked(&markdown[at..open + 2]));
            at = open + 2;
            continue;
        };
        let place = |offset: usize| (offset as isize + shift).max(0) as usize;
        let span = place(open)..place(close);
        masked.push_str(&unmasked(&markdown[at..open]));
        match read(&markdown[open + 2..close - 2]) {
            Some((name, otherwise)) => {
                let filling = close - open - OPEN.len_utf8() - CLOSE.len_utf8();
                masked.push(OPEN);
                masked.extend(std::iter::repeat_n('x', filling));
                masked.push(CLOSE);
                pipes.push(Pipe { span, name: name.to_owned(), otherwise: nfc(otherwise) });
            }
            None => {
                notes.add(&c::PIPE_SYNTAX, span).arg("text", &markdown[open..close]);
                masked.extend(std::iter::repeat_n('x', close - open));
            }
        }
        at = close;
    }
    masked.push_str(&unmasked(&markdown[at..]));
    (masked, pipes)
}

/// Text in which none of its own signs is taken for a mask; U+FFFD has as many bytes.
fn unmasked(text: &str) -> Cow<'_, str> {
    match text.contains([OPEN, CLOSE]) {
        true => text.replace([OPEN, CLOSE], "\u{fffd}").into(),
        false => text.into(),
    }
}

/// `name or "du"` as its two parts.
fn read(inner: &str) -> Option<(&str, &str)> {
    let inner = inner.trim();
    let (name, rest) = inner.split_once(char::is_whitespace)?;
    let quoted = rest.trim_start().strip_prefix("or")?.trim_start();
    let otherwise = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "_-".contains(sign);
    let fits = name.chars().all(plain) && !otherwise.contains('"') && !otherwise.trim().is_empty();
    fits.then_some((name, otherwise))
}

/// A text of Markdown cut where masks stand: pieces of text, and the pipes between them in order.
pub fn pieces<'t>(text: &'t str, pipes: &mut impl Iterator<Item = Pipe>) -> Vec<Piece<'t>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((_, behind)) = after.split_once(CLOSE) else { break };
        found.push(Piece::Text(before));
        found.extend(pipes.next().map(Piece::Pipe));
        rest = behind;
    }
    found.push(Piece::Text(rest));
    found
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    Text(&'t str),
    Pipe(Pipe),
}

/// The span that the script fills in.
pub fn html(pipe: &Pipe) -> String {
    format!("<span data-pipe=\"{}\">{}</span>", pipe.name, escape(&pipe.otherwise))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Notes a pipe that shows what is not answered before its page: `earlier` are the questions of the
/// pages before, `later` all others.
pub fn check(pipe: &Pipe, earlier: &[&Question], later: &[&Question], notes: &mut Notes) {
    let name = pipe.name.as_str();
    if let Some(question) = earlier.iter().find(|question| question.id == name) {
        let kind = question.kind.rules().name();
        if !is_short(kind) {
            notes.add(&c::PIPE_KIND, pipe.span.clone()).arg("name", name).arg("kind", kind);
        }
    } else if later.iter().any(|question| question.id == name) {
        notes.add(&c::PIPE_LATER, pipe.span.clone()).arg("name", name);
    } else {
        let note = notes.add(&c::UNKNOWN_ID, pipe.span.clone());
        suggest(note.arg("name", name), name, earlier.iter().map(|question| question.id.as_str()));
        note.fix = None;
    }
}

/// Kinds whose answer fits into a sentence.
fn is_short(kind: &str) -> bool {
    !matches!(
        kind,
        "matrix" | "matrix-multiple" | "differential" | "points" | "longtext" | "consent"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_every_offset() {
        let mut notes = Notes::new("a.md");
        let text = r#"Kære {{name or "_ven_"}}, se \{{x}} og {{b}}"#;
        let (masked, pipes) = mask(text, 10, &mut notes);
        assert_eq!(masked.len(), text.len());
        assert_eq!(pipes.len(), 1);
        assert_eq!((pipes[0].name.as_str(), pipes[0].otherwise.as_str()), ("name", "_ven_"));
        assert_eq!(
            &text[pipes[0].span.start - 10..pipes[0].span.end - 10],
            r#"{{name or "_ven_"}}"#
        );
        assert_eq!(notes.list.len(), 1);
        let pieces = pieces(&masked, &mut pipes.into_iter());
        assert!(matches!(&pieces[..], [Piece::Text("Kære "), Piece::Pipe(_), Piece::Text(_)]));
    }
}
