//! An author's file as text: decoded, with line ends as `\n`, and the notes taken about it.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::catalogue as c;
use super::picture::Pictures;
use super::pipe::Pipe;
use crate::diag::{Diagnostic, Entry};

/// A text whose lines all end in LF. Markdown also ends a line at a lone CR, where nothing else here
/// would.
pub fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Decodes a file: UTF-8, with or without a byte order mark, CRLF and CR as LF.
///
/// Where it is something else, a [`Diagnostic`] at the first bad byte comes with a text to show it in.
pub fn decode(file: &str, bytes: &[u8]) -> (String, Option<Diagnostic>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (with_lf(text), None),
        Err(wrong) => {
            let at = wrong.valid_up_to();
            // Latin-1's bytes are the first 256 code points, so the line can be shown as meant.
            let shown: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            let start = bytes[..at].iter().map(|byte| char::from(*byte).len_utf8()).sum();
            let end = start + char::from(bytes[at]).len_utf8();
            let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
            let encoding = if wide { "UTF-16" } else { "Latin-1 (Windows-1252)" };
            let mut wrong = Diagnostic::new(file, start..end, &c::NOT_UTF8);
            wrong.arg("encoding", encoding);
            (shown, Some(wrong))
        }
    }
}

/// NFC: what an author typed on a Mac equals what another typed elsewhere.
pub fn nfc(text: &str) -> String {
    // Nearly every text is in NFC, which is quick to see.
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    }
}

/// Collects what is noted while a file is read; `file` is exchanged for the next one.
#[derive(Debug)]
pub struct Notes<'a> {
    pub file: &'a str,
    pub list: Vec<Diagnostic>,
    /// The answers its texts show, in the order they were read.
    pub pipes: Vec<Pipe>,
    /// The pictures its texts can show; none where nobody knows.
    pub pictures: Option<&'a Pictures>,
}

impl<'a> Notes<'a> {
    pub fn new(file: &'a str) -> Notes<'a> {
        Notes { file, list: Vec::new(), pipes: Vec::new(), pictures: None }
    }

    /// The same, with the pictures that texts can show.
    pub fn with_pictures(file: &'a str, pictures: &'a Pictures) -> Notes<'a> {
        Notes { pictures: Some(pictures), ..Notes::new(file) }
    }

    /// Notes a mistake; its arguments are added to what comes back.
    pub fn add(&mut self, entry: &'static Entry, span: Range<usize>) -> &mut Diagnostic {
        self.list.push(Diagnostic::new(self.file, span, entry));
        self.list.last_mut().expect("pushed on the line above")
    }
}

/// The known name most like `name`, if one is near enough to have been meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    known
        .into_iter()
        .filter_map(|candidate| {
            let own = candidate.chars().count();
            let limit = (own / 3).max(1);
            // Each sign more or less is a slip of its own.
            let near = length.abs_diff(own) <= limit;
            let distance = near.then(|| strsim::damerau_levenshtein(name, candidate))?;
            (distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Adds the nearest known name, and all of them, to a diagnostic about an unknown one.
pub fn suggest<'a>(
    note: &mut Diagnostic,
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) {
    let all: Vec<&str> = known.clone().into_iter().collect();
    match all.is_empty() {
        true => note.phrase("known", "none", "ingen"),
        false => note.arg("known", all.join(", ")),
    };
    if let Some(near) = nearest(name, known) {
        let span = note.span.clone();
        note.arg("nearest", near).fix(span, near);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_a_byte_order_mark_and_crlf() {
        assert_eq!(decode("a.md", b"\xef\xbb\xbfa\r\nb\rc").0, "a\nb\nc");
    }

    #[test]
    fn points_at_the_first_latin_1_byte() {
        let (shown, wrong) = decode("a.md", b"s\xf8 \xe6");
        let wrong = wrong.expect("Latin-1");
        assert_eq!(wrong.entry.code, "not-utf8");
        assert_eq!(&shown[wrong.span], "ø");
    }

    #[test]
    fn finds_what_was_meant() {
        assert_eq!(nearest("reqired", ["required", "dropdown"]), Some("required"));
        assert_eq!(nearest("xyz", ["required", "dropdown"]), None);
    }
}
