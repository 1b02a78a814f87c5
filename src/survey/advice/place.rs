//! Where words of a compiled text stand in the author's file.
//!
//! Compiled texts have no offsets of their own. Words are looked for again instead, past the signs
//! of Markdown between them; where they are not found (a link's address stands between them), a
//! message points at the element they belong to.

use std::ops::Range;

/// The first place at or after `from` where `words` follow one another, as bytes of `source`. Case
/// and all signs but letters and digits are passed over.
pub fn find(source: &str, from: usize, words: &str) -> Option<Range<usize>> {
    let wanted: Vec<String> = spans(words, 0).map(|span| words[span].to_lowercase()).collect();
    let spans: Vec<Range<usize>> = spans(source, from).collect();
    if wanted.is_empty() {
        return None;
    }
    let same = |window: &&[Range<usize>]| {
        let mut pairs = window.iter().zip(&wanted);
        pairs.all(|(span, word)| source[span.clone()].to_lowercase() == *word)
    };
    let found = spans.windows(wanted.len()).find(same)?;
    let (first, last) = (found.first()?, found.last()?);
    let end = last.end + source[last.end..].len() - after_mark(&source[last.end..]).len();
    Some(first.start..end)
}

/// A question mark belongs to what is shown.
fn after_mark(rest: &str) -> &str {
    rest.strip_prefix(['.', '?', '!', ':']).unwrap_or(rest)
}

fn spans(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.find(char::is_alphanumeric)?;
        let rest = &text[start..];
        at = start + rest.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(rest.len());
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_words_past_the_signs_of_markdown() {
        let source = "## Er *du* ikke\n**enig**, ven? {#a}";
        let found = find(source, 0, "er du ikke enig").expect("they are there");
        assert_eq!(&source[found], "Er *du* ikke\n**enig");
        assert_eq!(find(source, 0, "ven?").map(|span| &source[span]), Some("ven?"));
        assert_eq!(find(source, 8, "er du"), None);
        assert_eq!(find(source, 0, "?"), None);
    }
}
