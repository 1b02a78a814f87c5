//! Scales with more answers on one side than on the other.
//!
//! Only answers that are wholly made of words known to judge are counted: `Meget god`, not `God
//! plads`. Lists that say how much of one thing there is (`Not satisfied`, `A little satisfied`,
//! `Satisfied`) have one side only, and are left alone.

use std::ops::Range;

use super::{Tongue, Words};
use crate::survey::catalogue as c;
use crate::survey::kinds::scale;
use crate::survey::tree::{AnswersSource, CellSource, Marker, QuestionSource};

/// Words that judge one thing: those for it and those against it.
struct Family {
    good: &'static [&'static str],
    bad: &'static [&'static str],
}

struct Lexicon {
    families: &'static [Family],
    /// Make an answer stronger or weaker; they do not change its side.
    degrees: &'static [&'static str],
    /// The same, and in a list with one side they say how much there is.
    weak: &'static [&'static str],
    not: &'static str,
}

#[rustfmt::skip]
static DANISH: Lexicon = Lexicon {
    families: &[
        Family {
            good: &["god", "godt", "gode", "fremragende", "udmærket", "udmærkede", "glimrende", "fantastisk",
                "fantastiske"],
            bad: &["dårlig", "dårligt", "dårlige", "ringe", "elendig", "elendigt", "elendige", "forfærdelig",
                "forfærdeligt"],
        },
        Family { good: &["bedre"], bad: &["dårligere", "værre", "ringere"] },
        Family { good: &["tilfreds", "tilfredse"], bad: &["utilfreds", "utilfredse"] },
        Family { good: &["enig", "enige"], bad: &["uenig", "uenige"] },
        Family { good: &["tryg", "trygt", "trygge"], bad: &["utryg", "utrygt", "utrygge"] },
        Family { good: &["sikker", "sikkert"], bad: &["usikker", "usikkert"] },
        Family {
            good: &["let", "lette", "nem", "nemt", "nemme"],
            bad: &["svær", "svært", "svære", "vanskelig", "vanskeligt", "besværlig", "besværligt"],
        },
        Family { good: &["positiv", "positivt"], bad: &["negativ", "negativt"] },
        Family {
            good: &["sandsynlig", "sandsynligt"],
            bad: &["usandsynlig", "usandsynligt"],
        },
    ],
    degrees: &[
        "meget", "rigtig", "særdeles", "yderst", "helt", "temmelig", "overvejende", "ret", "rimelig",
        "rimeligt", "virkelig", "fuldstændig", "fuldt", "mest", "særlig", "særligt", "ekstremt",
    ],
    weak: &["lidt", "noget", "delvist", "delvis", "mindre", "nogenlunde"],
    not: "ikke",
};

#[rustfmt::skip]
static ENGLISH: Lexicon = Lexicon {
    families: &[
        Family {
            good: &["good", "excellent", "great", "outstanding", "superb", "fantastic"],
            bad: &["poor", "bad", "terrible", "awful", "dreadful"],
        },
        Family { good: &["better"], bad: &["worse"] },
        Family { good: &["satisfied"], bad: &["dissatisfied", "unsatisfied"] },
        Family { good: &["agree"], bad: &["disagree"] },
        Family { good: &["safe"], bad: &["unsafe"] },
        Family { good: &["easy"], bad: &["difficult", "hard"] },
        Family { good: &["happy"], bad: &["unhappy"] },
        Family { good: &["likely"], bad: &["unlikely"] },
        Family { good: &["positive"], bad: &["negative"] },
        Family { good: &["comfortable"], bad: &["uncomfortable"] },
    ],
    degrees: &[
        "very", "really", "extremely", "completely", "totally", "mostly", "strongly", "much", "quite", "fairly",
        "rather", "entirely", "fully", "exceptionally",
    ],
    weak: &["a", "little", "bit", "slightly", "somewhat", "partly", "moderately", "tend", "to", "less"],
    not: "not",
};

/// Fewer answers than this that judge are no scale.
const ANSWERS_MIN: usize = 3;

/// Notes a scale that leans.
pub fn note(words: &mut Words, question: &QuestionSource) {
    let lexicon = match words.tongue {
        Some(Tongue::Danish) => &DANISH,
        Some(Tongue::English) => &ENGLISH,
        None => return,
    };
    let Some((answers, span)) = answers(question) else { return };
    let Some((good, bad)) = lean(lexicon, &answers) else { return };
    words.notes.add(&c::UNBALANCED_SCALE, span).arg("good", good).arg("bad", bad);
}

/// The texts of what can be answered, where one answer is given, and where they stand.
fn answers(question: &QuestionSource) -> Option<(Vec<String>, Range<usize>)> {
    match &question.answers {
        AnswersSource::List { ordered: false, items, .. } => {
            let many = items.iter().any(|item| item.marker == Marker::Square);
            let texts = items.iter().filter(|item| !item.attributes.has("dontknow")).map(|item| {
                let label = scale::split_label(&item.text);
                label.map_or_else(|| item.text.plain.clone(), |label| label.text.plain)
            });
            let span = items.first()?.span.start..items.last()?.span.end;
            (!many).then(|| (texts.collect(), span))
        }
        AnswersSource::Table { header, rows, .. } => {
            // `[ ]`: several columns of a row may be ticked, so they are no scale.
            let ticks = |cell: &CellSource| cell.text.plain.starts_with('[');
            if rows.iter().flatten().any(ticks) {
                return None;
            }
            let columns = header.get(1..).unwrap_or_default();
            let span = columns.first()?.span.start..columns.last()?.span.end;
            let own = columns.iter().filter(|column| !column.attributes.has("dontknow"));
            Some((own.map(|column| column.text.plain.clone()).collect(), span))
        }
        _ => None,
    }
}

/// How many answers are for and against, where the two differ.
fn lean(lexicon: &Lexicon, answers: &[String]) -> Option<(usize, usize)> {
    let answers: Vec<Vec<String>> = answers.iter().map(|answer| split(answer)).collect();
    let count = |list: &[&str]| answers.iter().filter(|one| judges(lexicon, one, list)).count();
    let counts = lexicon.families.iter().map(|family| (count(family.good), count(family.bad)));
    let (good, bad) = counts.max_by_key(|(good, bad)| good + bad)?;
    let says = |list: &[&str]| answers.iter().flatten().any(|word| list.contains(&word.as_str()));
    let one_sided = good == 0 || bad == 0;
    let says_how_much =
        answers.iter().any(|one| negates(lexicon, one)) || (one_sided && says(lexicon.weak));
    (good + bad >= ANSWERS_MIN && good != bad && !says_how_much).then_some((good, bad))
}

fn split(answer: &str) -> Vec<String> {
    let words = answer.split(|sign: char| !sign.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Whether an answer is one of these words, with nothing but degrees around it.
fn judges(lexicon: &Lexicon, answer: &[String], list: &[&str]) -> bool {
    let degree = |word: &&str| lexicon.degrees.contains(word) || lexicon.weak.contains(word);
    let mut rest = answer.iter().map(String::as_str).filter(|word| !degree(word));
    rest.next().is_some_and(|word| list.contains(&word)) && rest.next().is_none()
}

/// `Slet ikke tilfreds`: the far end of a list that says how much.
fn negates(lexicon: &Lexicon, answer: &[String]) -> bool {
    let judging = |word: &str| {
        lexicon.families.iter().any(|f| f.good.contains(&word) || f.bad.contains(&word))
    };
    answer.iter().any(|word| word == lexicon.not) && answer.iter().any(|word| judging(word))
}
