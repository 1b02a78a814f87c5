//! Questions about two things at once, of which one answer cannot tell which is meant.
//!
//! `and/or` always is one. A plain `and` is one only where something is judged (`How satisfied are
//! you with X and Y?`), and where X and Y are not one thing in two words, or a name.

use std::ops::Range;

use super::sentence::{Sentence, sentences};
use super::{Tongue, Words};
use crate::survey::catalogue as c;
use crate::survey::tree::QuestionSource;

struct Lexicon {
    and: &'static str,
    /// Behind these stands what is judged.
    openers: &'static [&'static str],
    /// What is judged ends before these.
    stops: &'static [&'static str],
    /// In the first part they make the second belong to something else than the judgement.
    prepositions: &'static [&'static str],
    /// `and other things`
    rests: &'static [&'static str],
    both: &'static str,
    /// One thing in two words: how both begin, since endings differ.
    pairs: &'static [(&'static str, &'static str)],
}

#[rustfmt::skip]
static DANISH: Lexicon = Lexicon {
    and: "og",
    openers: &[
        "tilfreds er du med", "tilfreds er i med", "tilfreds eller utilfreds er du med", "utilfreds er du med",
        "tilfreds er du alt i alt med", "er du tilfreds med", "glad er du for", "hvordan vurderer du",
        "hvordan oplever du", "hvordan bedømmer du", "hvordan vil du vurdere", "hvordan vil du bedømme",
        "hvad synes du om", "hvad mener du om", "hvor god er", "hvor godt er", "hvor gode er", "hvor ren er",
        "hvor rene er", "hvor vigtig er", "hvor vigtige er", "hvor tryg er du i", "hvor tryg er du på",
        "hvor tryg føler du dig i", "hvor tryg føler du dig på",
    ],
    stops: &["der", "som", "når", "hvor", "hvis", "fordi", "mens"],
    prepositions: &[
        "på", "i", "ved", "til", "for", "af", "om", "med", "mellem", "fra", "mod", "hos", "under", "over",
        "at", "det", "både",
    ],
    rests: &["andet", "andre", "lignende", "mere", "så", "omegn", "resten"],
    both: "både",
    pairs: &[
        ("børn", "ung"), ("børn", "voksn"), ("børn", "forældre"), ("barn", "voksen"), ("unge", "ældre"),
        ("gade", "vej"), ("veje", "sti"), ("vej", "gade"), ("sti", "vej"), ("veje", "plads"), ("gade", "plads"),
        ("gade", "stræde"), ("ro", "orden"), ("ro", "mag"), ("til", "fra"), ("frem", "tilbage"), ("sport", "fritid"),
        ("kultur", "fritid"), ("idræt", "fritid"), ("mænd", "kvind"), ("kvinde", "mænd"), ("dreng", "pige"),
        ("pige", "dreng"), ("drift", "vedlige"), ("mad", "drikke"), ("kaffe", "kage"), ("tid", "sted"),
        ("pleje", "omsorg"), ("teknik", "miljø"), ("natur", "miljø"), ("klima", "miljø"), ("råd", "vejledning"),
        ("rådgivning", "vejledning"), ("hjælp", "støtte"), ("hus", "have"), ("skole", "hjem"), ("by", "land"),
        ("land", "by"), ("køb", "salg"), ("regler", "love"), ("is", "sne"), ("sne", "is"), ("træer", "buske"),
        ("busser", "tog"), ("løn", "ansættelse"), ("sorg", "glæde"), ("fred", "ro"), ("sol", "sommer"),
        ("ve", "vel"), ("liv", "død"), ("tryghed", "sikkerhed"), ("forenings", "fritid"), ("park", "grøn"),
    ],
};

#[rustfmt::skip]
static ENGLISH: Lexicon = Lexicon {
    and: "and",
    openers: &[
        "satisfied are you with", "satisfied or dissatisfied are you with", "dissatisfied are you with",
        "satisfied are you overall with", "are you satisfied with", "happy are you with", "how do you rate",
        "how would you rate", "what do you think of", "what do you think about", "how do you feel about",
        "how good is", "how good are", "how clean is", "how clean are", "how important is", "how important are",
        "how safe do you feel in", "how safe do you feel on",
    ],
    stops: &["that", "which", "who", "whose", "where", "when", "if", "because", "while"],
    prepositions: &[
        "on", "in", "at", "of", "for", "to", "with", "by", "from", "between", "about", "towards", "among",
        "it", "both",
    ],
    rests: &["other", "others", "more", "similar", "so"],
    both: "both",
    pairs: &[
        ("children", "young"), ("children", "teenager"), ("children", "parent"), ("children", "adult"),
        ("parent", "child"), ("young", "old"), ("men", "women"), ("women", "men"), ("boys", "girls"),
        ("girls", "boys"), ("peace", "quiet"), ("law", "order"), ("food", "drink"), ("coffee", "cake"),
        ("street", "road"), ("road", "street"), ("road", "path"), ("street", "square"), ("street", "path"),
        ("sport", "leisure"), ("culture", "leisure"), ("arts", "culture"), ("pros", "cons"), ("help", "support"),
        ("advice", "guidance"), ("advice", "support"), ("health", "safety"), ("terms", "condition"),
        ("rules", "regulation"), ("snow", "ice"), ("ice", "snow"), ("safety", "security"), ("park", "green"),
        ("house", "garden"), ("back", "forth"), ("care", "support"), ("trees", "bushes"), ("time", "place"),
    ],
};

/// The longest first part that is still plain: an article, a word that describes, a noun.
const PART_WORDS_MAX: usize = 3;

fn lexicon(tongue: Option<Tongue>) -> Option<&'static Lexicon> {
    match tongue? {
        Tongue::Danish => Some(&DANISH),
        Tongue::English => Some(&ENGLISH),
    }
}

/// Judges a question's heading.
pub fn heading(words: &mut Words, question: &QuestionSource) {
    let plain = &question.text.plain;
    if let Some(found) = and_or(plain) {
        return note(words, found, question.span.start, &question.span);
    }
    let Some(lexicon) = lexicon(words.tongue) else { return };
    if let Some(found) = sentences(plain).iter().find_map(|sentence| joined(lexicon, sentence)) {
        note(words, &found, question.span.start, &question.span);
    }
}

/// Judges a row of a matrix.
pub fn row(words: &mut Words, plain: &str, span: &Range<usize>) {
    if let Some(found) = and_or(plain) {
        note(words, found, span.start, span);
    }
}

fn note(words: &mut Words, found: &str, from: usize, otherwise: &Range<usize>) {
    let span = words.place(found, from, otherwise);
    words.notes.add(&c::DOUBLE_QUESTION, span).arg("words", found);
}

fn and_or(plain: &str) -> Option<&'static str> {
    let lower = plain.to_lowercase();
    let mut words = lower.split(|sign: char| sign.is_whitespace() || "(),;:?!".contains(sign));
    words.find_map(|word| ["og/eller", "and/or"].into_iter().find(|found| word == *found))
}

/// `renholdelsen og sikkerheden` of what is judged in a sentence.
fn joined(lexicon: &Lexicon, sentence: &Sentence) -> Option<String> {
    let judged = judged(lexicon, sentence)?;
    let at = judged.iter().position(|word| *word == lexicon.and)?;
    let (first, second) = (&judged[..at], &judged[at + 1..]);
    let first = first.strip_prefix(&[lexicon.both]).unwrap_or(first);
    let (last, next) = (first.last()?, second.first()?);
    let is_plain = first.len() <= PART_WORDS_MAX
        && !first.iter().any(|word| lexicon.prepositions.contains(&word.to_lowercase().as_str()));
    let second_noun = second.iter().find(|word| !is_article(word))?;
    let is_one_thing = is_pair(lexicon, last, second_noun) || is_name(last, next);
    let is_open = lexicon.rests.contains(&next.to_lowercase().as_str());
    let describes = are_adjectives(lexicon, last, second);
    (is_plain && !is_one_thing && !is_open && !describes && !is_number(next))
        .then(|| [first, &[lexicon.and], until_preposition(lexicon, second)].concat().join(" "))
}

/// The second part, without where or when: `ved skolen`.
fn until_preposition<'p, 's>(lexicon: &Lexicon, part: &'p [&'s str]) -> &'p [&'s str] {
    let ends = |word: &&str| lexicon.prepositions.contains(&word.to_lowercase().as_str());
    let end = part.iter().position(ends).unwrap_or(part.len());
    &part[..end.clamp(1, PART_WORDS_MAX)]
}

/// The words behind an opener, up to the end of their clause.
fn judged<'s>(lexicon: &Lexicon, sentence: &Sentence<'s>) -> Option<Vec<&'s str>> {
    let clean: Vec<&str> = sentence.iter().map(|word| bare(word)).collect();
    let lower: Vec<String> = clean.iter().map(|word| word.to_lowercase()).collect();
    let start = lexicon.openers.iter().find_map(|opener| {
        let opener: Vec<&str> = opener.split(' ').collect();
        let at = lower.windows(opener.len()).position(|window| window == opener)?;
        Some(at + opener.len())
    })?;
    let mut judged = Vec::new();
    for at in start..clean.len() {
        if lexicon.stops.contains(&lower[at].as_str()) {
            break;
        }
        judged.push(clean[at]);
        if sentence[at].ends_with([',', ';', ')']) {
            break;
        }
    }
    Some(judged)
}

/// Without the signs around it; a hyphen stays, as it says that a word is cut short.
fn bare(word: &str) -> &str {
    word.trim_matches(|sign: char| !sign.is_alphanumeric() && sign != '-')
}

fn is_article(word: &str) -> bool {
    let lower = word.to_lowercase();
    ["the", "a", "an", "your", "its", "den", "det", "de", "din", "dit", "dine", "vores"]
        .contains(&lower.as_str())
}

/// `the old and new library`: two words about one thing, or else two things said too plainly to be
/// sure. Danish nouns show that they are nouns: `prisen og servicen`.
fn are_adjectives(lexicon: &Lexicon, last: &str, second: &[&str]) -> bool {
    let (first, next) = (last.to_lowercase(), second.first().map(|word| word.to_lowercase()));
    let Some(next) = next else { return false };
    let definite = |word: &str| ["en", "et", "ne"].iter().any(|ending| word.ends_with(ending));
    let follows = second.get(1).is_some_and(|word| {
        let word = word.to_lowercase();
        !lexicon.prepositions.contains(&word.as_str()) && word != lexicon.and
    });
    let nouns = lexicon.and == DANISH.and && definite(&first) && definite(&next);
    follows && !is_article(&next) && !nouns
}

fn is_pair(lexicon: &Lexicon, first: &str, second: &str) -> bool {
    let (first, second) = (first.to_lowercase(), second.to_lowercase());
    // `cykel- og gangstier` is a kind of path to its reader.
    first.ends_with('-')
        || lexicon.pairs.iter().any(|(a, b)| first.starts_with(a) && second.starts_with(b))
}

/// `Brønshøj og Husum`
fn is_name(first: &str, second: &str) -> bool {
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    capital(first) && capital(second)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|sign: char| sign.is_ascii_digit())
}
