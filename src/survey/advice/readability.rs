//! Texts that are hard to read: sentences that are too long, and LIX.

use super::Words;
use super::sentence::{Count, sentences};
use crate::survey::catalogue as c;

/// Above it a text counts as difficult in Björnsson's table; the plain-language rule of most Danish
/// municipalities stays below.
const LIX_MAX: usize = 45;

/// In fewer words one long name decides LIX.
const WORDS_FOR_LIX: usize = 20;

/// Beyond it a sentence has to be read twice.
const SENTENCE_WORDS_MAX: usize = 25;

/// Notes what is hard to read in a text; its place is looked for from `from` on.
pub fn note(words: &mut Words, plain: &str, from: usize, otherwise: &std::ops::Range<usize>) {
    let all = sentences(plain);
    let long: Vec<_> = all.iter().filter(|one| one.len() > SENTENCE_WORDS_MAX).collect();
    for sentence in &long {
        let span = words.place(&sentence.join(" "), from, otherwise);
        words
            .notes
            .add(&c::LONG_SENTENCE, span)
            .arg("count", sentence.len())
            .arg("max", SENTENCE_WORDS_MAX);
    }
    let count = Count::of(plain);
    // Cutting the sentences up lowers LIX by itself.
    if long.is_empty() && count.words >= WORDS_FOR_LIX && count.lix() > LIX_MAX {
        let span = words.place(plain, from, otherwise);
        let longest = count.long_words;
        words
            .notes
            .add(&c::HARD_TO_READ, span)
            .arg("lix", count.lix())
            .arg("max", LIX_MAX)
            .arg("long", longest)
            .arg("words", count.words);
    }
}
