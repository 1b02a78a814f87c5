//! Sentences and words, counted as people read them, and LIX.
//!
//! LIX is Björnsson's (1968): words per sentence plus the share in percent of words longer than six
//! letters. A colon ends a sentence, as it does there. Every line of a list and every paragraph is a
//! sentence of its own, whether or not it has its full stop.

/// The words of one sentence, each with the signs that stand at it.
pub type Sentence<'t> = Vec<&'t str>;

/// A full stop behind these ends no sentence, whatever follows.
const NEVER_LAST: &[&str] = &[
    "kl", "nr", "ca", "fx", "dvs", "hr", "dr", "skt", "sct", "st", "art", "stk", "jf", "tlf",
    "inkl", "ekskl", "evt", "maks", "max", "vedr", "pga", "afd", "vs", "mr", "mrs", "ms", "prof",
    "approx", "incl", "dept", "fig", "tel", "ie", "eg", "jan", "feb", "aug", "sep", "sept", "okt",
    "nov", "dec",
];

/// With a full stop inside they are abbreviations; these may end a sentence all the same.
const MAY_BE_LAST: &[&str] = &["m.v", "m.m", "o.l", "o.lign", "a.m", "p.m", "e.kr", "f.kr"];

/// A full stop behind these is an abbreviation's only before a number.
const BEFORE_NUMBERS: &[&str] = &["no", "nos", "p", "pp", "s", "side"];

const MONTHS: &[&str] = &[
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
    "january",
    "february",
    "march",
    "may",
    "june",
    "july",
    "october",
];

/// Danes open with » and close with «, others the other way round.
const CLOSING: &[char] = &['"', '\'', '”', '“', '»', '«', '’', ')', ']', '*', '_'];
const OPENING: &[char] = &['"', '\'', '“', '„', '«', '»', '‘', '(', '[', '*', '_'];

/// Cuts a plain text into sentences.
pub fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut found = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut sentence = Vec::new();
        for (at, word) in words.iter().enumerate() {
            if is_word(word) {
                sentence.push(*word);
            }
            // `1. Hvor bor du?`: a number before the text it counts.
            let counts = sentence.len() == 1 && number(word.trim_end_matches('.'));
            if !counts && ends_sentence(word, words.get(at + 1).copied()) && !sentence.is_empty() {
                found.push(std::mem::take(&mut sentence));
            }
        }
        if !sentence.is_empty() {
            found.push(sentence);
        }
    }
    found
}

/// The words of a text, the sentences they stand in, and those of more than six letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub words: usize,
    pub sentences: usize,
    pub long_words: usize,
}

impl Count {
    /// Counts a plain text.
    pub fn of(text: &str) -> Count {
        let sentences = sentences(text);
        let words = sentences.iter().flatten();
        Count {
            words: words.clone().count(),
            sentences: sentences.len(),
            long_words: words.filter(|word| is_long(word)).count(),
        }
    }

    /// The two texts as one.
    pub fn and(self, other: Count) -> Count {
        Count {
            words: self.words + other.words,
            sentences: self.sentences + other.sentences,
            long_words: self.long_words + other.long_words,
        }
    }

    /// LIX, to the nearest whole number; 0 where there are no words.
    pub fn lix(self) -> usize {
        if self.words == 0 {
            return 0;
        }
        let words = self.words as f64;
        let lix = words / self.sentences as f64 + 100.0 * self.long_words as f64 / words;
        lix.round() as usize
    }
}

fn is_word(token: &str) -> bool {
    token.chars().any(char::is_alphanumeric)
}

/// An address is looked at, not read.
fn is_long(word: &str) -> bool {
    let is_address = word.contains('@') || word.contains("://") || word.starts_with("www.");
    !is_address && word.chars().filter(|sign| sign.is_alphabetic()).count() > 6
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn ends_sentence(word: &str, next: Option<&str>) -> bool {
    let bare = word.trim_end_matches(CLOSING);
    let Some(next) = next else { return true };
    let next = next.trim_start_matches(OPENING);
    let begins = next.chars().next().unwrap_or(' ');
    match bare.chars().next_back() {
        Some(':') => true,
        Some('!' | '?' | '…') => !begins.is_lowercase(),
        Some('.') => !begins.is_lowercase() && stops(bare, next),
        _ => false,
    }
}

/// Whether the full stop at the end of `word` is one, before a word that could begin a sentence.
fn stops(word: &str, next: &str) -> bool {
    let stem = word.trim_end_matches('.').trim_start_matches(OPENING).to_lowercase();
    let before_number = next.starts_with(|sign: char| sign.is_ascii_digit());
    if number(&stem) {
        let next = next.trim_end_matches(|sign: char| !sign.is_alphabetic()).to_lowercase();
        return !before_number && !MONTHS.contains(&next.as_str());
    }
    if stem.contains('.') {
        return MAY_BE_LAST.contains(&stem.as_str()) && !before_number;
    }
    // `H. C. Andersen`
    let initial = stem.chars().count() == 1;
    let abbreviated = NEVER_LAST.contains(&stem.as_str())
        || (before_number && BEFORE_NUMBERS.contains(&stem.as_str()));
    !initial && !abbreviated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<usize> {
        sentences(text).iter().map(Vec::len).collect()
    }

    #[test]
    fn full_stops_and_other_ends() {
        assert_eq!(lengths("Vi ses. Kom nu! Hvorfor? Fordi"), [2, 2, 1, 1]);
        assert_eq!(lengths("Første linje\nanden linje her"), [2, 3]);
        assert_eq!(lengths("Vælg: en af dem"), [1, 3]);
        assert_eq!(lengths("Han sagde »ja.« Så gik han."), [3, 3]);
        assert_eq!(lengths("Kom (hvorfor ikke?) med os."), [5]);
        assert_eq!(lengths(" – \n… "), Vec::<usize>::new());
    }

    #[test]
    fn abbreviations_numbers_dates_and_times_end_nothing() {
        for text in [
            "Skriv fx. Nørrebro eller f.eks. Valby eller bl.a. Amager her",
            "Det koster 1.000 kr. om året",
            "Vi åbner kl. 8.30 og lukker kl. 20 den 1. december og den 2. December",
            "Det er ca. 3.5 km til nr. 7",
            "Parker, søer osv. tæller med, dvs. Fælledparken også",
            "Bring something, e.g. Lego, i.e. No. 5 for Mr. Jensen",
            "H. C. Andersens Boulevard og J.P. Jacobsens Vej",
            "Spørg hr. Hansen eller dr. Olsen på 3. sal",
        ] {
            assert_eq!(lengths(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn an_abbreviation_that_ends_a_sentence_ends_it() {
        assert_eq!(lengths("Det koster 100 kr. Vi betaler."), [4, 2]);
        assert_eq!(lengths("Parker, søer osv. Vi læser alt."), [3, 3]);
        assert_eq!(lengths("Vi flyttede i 2025. Nu bor vi her."), [4, 4]);
        assert_eq!(lengths("We close at 5 p.m. Please come early."), [5, 3]);
        assert_eq!(lengths("1. Hvor bor du?"), [4]);
    }

    #[test]
    fn lix_by_hand() {
        // Ten words, two sentences, two long words: 5 + 20.
        let count = Count::of("Vi bor i en dejlig by. Kommunen passer på parkerne.");
        assert_eq!(count, Count { words: 10, sentences: 2, long_words: 2 });
        assert_eq!(count.lix(), 25);
        assert_eq!(Count::default().lix(), 0);
        assert_eq!(Count::of("borgerpanelet@example.dk").long_words, 0);
    }
}
