//! Where somebody lives: a street and a number, a floor and a side, a postcode and a town.

use super::Finding;
use super::number::in_words;
use super::word::Word;

/// What streets are called, by themselves or as the end of a name.
const STREETS: [&str; 26] = [
    "vej",
    "vejen",
    "gade",
    "gaden",
    "allé",
    "alléen",
    "plads",
    "pladsen",
    "stræde",
    "strædet",
    "boulevard",
    "boulevarden",
    "torv",
    "torvet",
    "vænge",
    "vænget",
    "brygge",
    "bryggen",
    "svinget",
    "kollegiet",
    "kvarter",
    "street",
    "road",
    "avenue",
    "lane",
    "square",
];
/// What is also another word by itself: a street where a name comes before it.
const ALSO_WORDS: [&str; 28] = [
    "alle", "alleen", "have", "haven", "park", "parken", "bro", "broen", "sti", "stien", "høj",
    "gård", "gården", "kaj", "kajen", "bakke", "bakken", "toften", "lunden", "lund", "marken",
    "mark", "krogen", "holm", "holmen", "dammen", "ager", "strand",
];
const ENGLISH: [&str; 5] = ["street", "road", "avenue", "lane", "square"];
const SIDES: [&str; 4] = ["tv", "th", "mf", "midtfor"];
/// Towns that people write in small letters, too.
const TOWNS: [&str; 16] = [
    "københavn",
    "kbh",
    "kobenhavn",
    "frederiksberg",
    "valby",
    "vanløse",
    "brønshøj",
    "hvidovre",
    "rødovre",
    "kastrup",
    "dragør",
    "tårnby",
    "hellerup",
    "gentofte",
    "herlev",
    "copenhagen",
];

/// An address in a text.
pub(super) fn find(words: &[Word]) -> Option<Finding> {
    let places = 0..words.len();
    let is_one = |at: usize| is_street(words, at) || is_floor(words, at) || is_town(words, at);
    places.into_iter().any(is_one).then_some(Finding::Address)
}

fn is_street(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let letters = word.lower.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let is_joined = letters.len() < word.lower.len() && is_house(&word.lower[letters.len()..]);
    let before = at.checked_sub(1).map(|before| &words[before]);
    let is_named = before.is_some_and(|before| before.is_capitalised() && !word.begins_sentence());
    let is_name = ends_in(letters, &STREETS, 0) || ends_in(letters, &ALSO_WORDS, 3);
    if !(is_name || is_named && ALSO_WORDS.contains(&letters)) {
        return false;
    }
    is_joined || number_after(words, at) || (ENGLISH.contains(&letters) && number_before(words, at))
}

/// Whether a word is one of `ends`, or ends in one after at least so many letters.
fn ends_in(word: &str, ends: &[&str], least: usize) -> bool {
    let before = |end: &&str| word.strip_suffix(*end).map(|rest| rest.chars().count());
    ends.iter().filter_map(before).any(|letters| letters >= least)
}

/// A house's number: up to three digits and a letter.
fn is_house(word: &str) -> bool {
    let digits = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let many = word.len() - digits.len();
    (1..=3).contains(&many) && digits.chars().count() <= 1
}

fn number_after(words: &[Word], at: usize) -> bool {
    let mut after = words[at + 1..].iter().peekable();
    after.next_if(|word| matches!(word.lower.as_str(), "nr" | "nummer" | "no" | "number"));
    after.next().is_some_and(|word| {
        // `en vej. To år efter`, `vejen et sted` are no numbers of houses.
        let is_word = !matches!(word.lower.as_str(), "en" | "et" | "to" | "one");
        is_house(&word.lower)
            || (is_word && !word.begins_sentence() && in_words(&word.lower).is_some())
    })
}

fn number_before(words: &[Word], at: usize) -> bool {
    let near = at.saturating_sub(4)..at.saturating_sub(1);
    words[near].iter().any(|word| is_house(&word.lower))
}

/// `2. tv`, `st. th`, `3. sal mf`, `2. t.v.`
fn is_floor(words: &[Word], at: usize) -> bool {
    let is_storey = |word: &Word| {
        let is_number = word.lower.len() <= 2 && word.lower.parse::<u8>().is_ok();
        is_number || matches!(word.lower.as_str(), "st" | "stuen" | "kl" | "kælderen" | "sal")
    };
    let rest = words[at + 1..].iter().map(|word| word.lower.as_str());
    let next: Vec<&str> = rest.take(2).collect();
    let is_side = |word: &str| SIDES.contains(&word);
    is_storey(&words[at])
        && (next.first().is_some_and(|word| is_side(word))
            || matches!(
                next[..],
                ["t", "v"] | ["t", "h"] | ["m", "f"] | ["til", "venstre" | "højre"]
            ))
}

/// `2200 København`.
fn is_town(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let is_code = word.lower.len() == 4 && word.lower.parse::<u32>().is_ok_and(|code| code >= 800);
    is_code
        && words.get(at + 1).is_some_and(|next| {
            let is_near = next.gap.chars().all(|sign| sign.is_whitespace() || sign == ',');
            is_near && (next.is_capitalised() || TOWNS.contains(&next.lower.as_str()))
        })
}
