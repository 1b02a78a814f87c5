//! A text as words, with what stands between them.

/// Letters or digits without anything between, and what stands before it.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) lower: String,
    /// From the word before, or the beginning.
    pub(super) gap: &'a str,
}

impl Word<'_> {
    /// Letters alone, the first of them a capital.
    pub(super) fn is_capitalised(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
            && self.text.chars().count() > 1
            && self.text.chars().all(char::is_alphabetic)
    }

    /// Whether a sentence may end before it.
    pub(super) fn begins_sentence(&self) -> bool {
        self.gap.contains(['.', '!', '?', ':', '\n'])
    }
}

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find(char::is_alphanumeric) {
        let (gap, tail) = rest.split_at(from);
        let end = tail.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(tail.len());
        let (text, tail) = tail.split_at(end);
        words.push(Word { text, lower: text.to_lowercase(), gap });
        rest = tail;
    }
    words
}
