//! Names, as far as words around them tell: a title, a tie, an introduction, a surname in -sen.

use super::Finding;
use super::word::Word;

const TITLES: [&str; 14] = [
    "hr",
    "herr",
    "fru",
    "frk",
    "frøken",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "doktor",
    "lektor",
    "overlæge",
    "pastor",
];
/// `min nabo Jens`.
const TIES: [&str; 50] = [
    "nabo",
    "naboen",
    "genbo",
    "genboen",
    "underbo",
    "overbo",
    "kollega",
    "kollegaen",
    "kæreste",
    "kæresten",
    "mand",
    "manden",
    "kone",
    "konen",
    "søn",
    "datter",
    "bror",
    "søster",
    "mor",
    "far",
    "ven",
    "veninde",
    "chef",
    "chefen",
    "læge",
    "lægen",
    "lærer",
    "læreren",
    "pædagog",
    "pædagogen",
    "sagsbehandler",
    "sagsbehandleren",
    "leder",
    "lederen",
    "vicevært",
    "viceværten",
    "betjent",
    "neighbour",
    "neighbor",
    "colleague",
    "husband",
    "wife",
    "son",
    "daughter",
    "brother",
    "sister",
    "boss",
    "doctor",
    "teacher",
    "friend",
];
/// `jeg hedder Anna`.
const INTRODUCTIONS: [&[&str]; 6] =
    [&["hedder"], &["navn", "er"], &["kaldes"], &["hilsen"], &["name", "is"], &["regards"]];

/// A name in a text.
pub(super) fn find(words: &[Word]) -> Option<Finding> {
    let names = words.iter().enumerate().skip(1).filter(|(_, word)| word.is_capitalised());
    names.into_iter().any(|(at, _)| is_name(words, at)).then_some(Finding::Name)
}

fn is_name(words: &[Word], at: usize) -> bool {
    let (word, before) = (&words[at], &words[at - 1]);
    let is_titled = TITLES.contains(&before.lower.as_str()) && word.gap.trim().len() <= 1;
    let is_sentence = word.gap.contains(['.', '!', '?']);
    let is_tied = TIES.contains(&before.lower.as_str()) && !is_sentence;
    let is_introduced = INTRODUCTIONS.iter().any(|said| {
        let from = at.checked_sub(said.len());
        from.is_some_and(|from| {
            words[from..at].iter().map(|it| it.lower.as_str()).eq(said.iter().copied())
        })
    });
    let is_surname = word.lower.len() > 5
        && word.lower.ends_with("sen")
        && before.is_capitalised()
        && !is_sentence;
    is_titled || is_tied || (is_introduced && !is_sentence) || is_surname
}
