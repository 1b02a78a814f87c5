//! Questions that push towards an answer.
//!
//! Four ways of pushing are known, each as a list of words that hardly ever stand in a fair
//! question: asking for agreement, leaning on what others think, taking the direction for granted,
//! and praising or blaming the thing that is asked about. A fair question may hold any single one of
//! these words elsewhere, so where they stand counts too.

use std::ops::Range;

use super::sentence::{Sentence, sentences};
use super::{Tongue, Words};
use crate::survey::catalogue as c;

/// What kind of text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum In {
    Heading,
    /// Help, notes and introductions: `of course you may stop` pushes nobody, so only what asks for
    /// agreement counts.
    Prose,
}

/// The words of one language.
struct Lexicon {
    /// At the start of a question: negated ones expect a yes.
    starts: &'static [&'static str],
    /// The same, at the start of any clause of it.
    openings: &'static [&'static str],
    /// Anywhere.
    appeals: &'static [&'static str],
    /// At the start of a sentence.
    claims: &'static [&'static str],
    /// At the end of a question.
    endings: &'static [&'static str],
    /// In a heading: certain beforehand.
    certain: &'static [&'static str],
    /// In a heading without `or`: the direction is taken for granted.
    directions: &'static [&'static str],
    or: &'static str,
    /// Before `loaded`, they make it an opinion about the thing itself.
    determiners: &'static [&'static str],
    genitive: &'static str,
    loaded: &'static [&'static str],
}

#[rustfmt::skip]
static DANISH: Lexicon = Lexicon {
    starts: &[],
    openings: &[
        "er du ikke enig", "er du ikke enig i", "er du ikke også", "er i ikke enige", "er vi ikke enige", "er det ikke på tide",
        "er det ikke rimeligt", "er det ikke urimeligt", "er det ikke også", "er det ikke bedre",
        "er det ikke bedst", "er det ikke godt", "er det ikke en god", "er det ikke et godt", "er det ikke vigtigt",
        "er det ikke for dårligt", "er det ikke et problem", "synes du ikke", "synes du ikke også", "synes du så ikke", "mener du så ikke", "synes i ikke", "mener du ikke",
        "tror du ikke", "føler du ikke også", "vil du ikke gerne", "vil du ikke også", "vil du ikke hellere",
        "ville du ikke", "ville det ikke være", "burde kommunen ikke", "burde byen ikke", "burde vi ikke",
        "burde man ikke", "burde der ikke", "bør kommunen ikke", "bør byen ikke", "bør vi ikke", "bør man ikke",
        "bør der ikke", "skal vi ikke", "skulle vi ikke", "skulle kommunen ikke", "kan vi ikke blive enige",
        "du er vel", "du synes vel", "du mener vel", "du vil vel",
    ],
    appeals: &[
        "som alle ved", "som vi alle ved", "som enhver ved", "synes du ikke også", "mener du ikke også",
        "du er sikkert enig", "du er nok enig", "vi er sikkert enige",
    ],
    claims: &[
        "alle ved", "enhver ved", "de fleste mener", "de fleste synes", "de fleste er enige",
        "alle er enige", "eksperter er enige", "eksperterne er enige", "eksperter siger", "eksperterne siger",
        "forskning viser", "forskningen viser", "undersøgelser viser", "det er velkendt",
    ],
    endings: &["ikke sandt", "ikke også"],
    certain: &["selvfølgelig", "naturligvis", "utvivlsomt", "uden tvivl", "som bekendt"],
    directions: &[
        "hvor meget bedre", "hvor meget dårligere", "hvor meget værre", "hvor meget ringere",
        "hvor meget tryggere", "hvor meget lettere", "hvor meget nemmere", "hvor meget pænere",
        "hvor meget renere", "hvor meget gladere", "hvor dårlig er", "hvor dårligt er", "hvor dårlige er",
        "hvor slem er", "hvor slemt er", "hvor elendig er", "hvor elendigt er", "hvor forfærdelig er",
        "hvor forfærdeligt er", "hvor fantastisk er", "hvor fremragende er", "hvorfor elsker du",
        "hvorfor hader du",
    ],
    or: "eller",
    determiners: &["den", "det", "de", "denne", "dette", "disse", "vores"],
    genitive: "s",
    loaded: &[
        "fremragende", "fantastiske", "vidunderlige", "enestående", "glimrende", "imponerende", "elendige",
        "forfærdelige", "skandaløse", "håbløse", "latterlige", "vanvittige", "tåbelige", "ubrugelige",
        "utålelige", "uacceptable", "tiltrængte",
    ],
};

#[rustfmt::skip]
static ENGLISH: Lexicon = Lexicon {
    starts: &["doesn't", "wouldn't", "shouldn't", "isn't", "aren't"],
    openings: &[
        "don't you", "don't you agree", "don't you think", "do you not agree", "do you not think", "don't we", "doesn't it", "doesn't the",
        "wouldn't you", "wouldn't it", "shouldn't we", "shouldn't the", "shouldn't there", "isn't it", "isn't the",
        "isn't this", "isn't there", "aren't they", "aren't the", "aren't there", "couldn't we", "can't we",
        "can we not agree", "would you not", "should we not", "should the city not", "is it not", "are you not",
        "you do agree",
    ],
    appeals: &[
        "as everyone knows", "as everybody knows", "as we all know", "you will surely agree", "you will agree",
        "you surely agree", "you must agree", "i am sure you agree", "we are sure you agree",
    ],
    claims: &[
        "everyone knows", "everybody knows", "most people agree", "most people think", "experts agree",
        "experts say", "research shows", "studies show", "it is well known", "of course",
    ],
    endings: &["right", "don't you agree", "wouldn't you agree"],
    certain: &["surely", "obviously", "undoubtedly", "without a doubt", "needless to say"],
    directions: &[
        "how much better", "how much worse", "how much safer", "how much easier", "how much happier",
        "how much nicer", "how much cleaner", "how bad is", "how bad are", "how bad was", "how terrible is",
        "how terrible are", "how awful is", "how awful are", "how wonderful is", "how wonderful are",
        "how excellent is", "how fantastic is", "why do you love", "why do you hate",
    ],
    or: "or",
    determiners: &["the", "our", "its", "this", "these", "those"],
    genitive: "'s",
    loaded: &[
        "excellent", "outstanding", "fantastic", "wonderful", "superb", "amazing", "brilliant", "impressive",
        "terrible", "awful", "horrible", "dreadful", "appalling", "disgraceful", "ridiculous", "hopeless",
        "useless", "unacceptable", "much-needed", "long-awaited", "world-class",
    ],
};

/// What to do about each way of pushing.
const ASK_OPENLY: [&str; 2] = [
    "ask openly, as in `How much do you agree or disagree that …?`",
    "spørg åbent, som i `Hvor enig eller uenig er du i, at …?`",
];
const LEAVE_OUT: [&str; 2] = [
    "leave it out, and ask what the citizen thinks, as in `What do you think of …?`",
    "lad det være, og spørg, hvad borgeren selv synes, som i `Hvad synes du om …?`",
];
const BOTH_WAYS: [&str; 2] = [
    "ask both ways, as in `Has it become better or worse?`",
    "spørg til begge sider, som i `Er det blevet bedre eller dårligere?`",
];
const NO_PRAISE: [&str; 2] = [
    "name the thing without praise or blame; the answers are for that",
    "nævn tingen uden ros eller ris; det er svarene til for",
];

/// Words that push, and what to do about them.
type Push = (String, [&'static str; 2]);

/// Notes what pushes in a text.
pub fn note(words: &mut Words, plain: &str, place: In, from: usize, otherwise: &Range<usize>) {
    let lexicon = match words.tongue {
        Some(Tongue::Danish) => &DANISH,
        Some(Tongue::English) => &ENGLISH,
        None => return,
    };
    for sentence in sentences(plain) {
        let Some((found, cure)) = push(lexicon, &sentence, place) else { continue };
        let span = words.place(&found, from, otherwise);
        let note = words.notes.add(&c::LEADING_QUESTION, span);
        note.arg("words", found).phrase("cure", cure[0], cure[1]);
    }
}

fn push(lexicon: &Lexicon, sentence: &Sentence, place: In) -> Option<Push> {
    let clauses = clauses(sentence);
    let whole = clauses.join(" ");
    let asks = sentence.last().is_some_and(|word| word.contains('?'));
    let opening = || {
        let mut opened = clauses.iter().filter_map(|clause| first_of(lexicon.openings, clause));
        first_of(lexicon.starts, &whole).or_else(|| opened.next()).filter(|_| asks)
    };
    let ending = || {
        let last = clauses.last().filter(|_| asks && clauses.len() > 1)?;
        lexicon.endings.iter().copied().find(|ending| last == ending)
    };
    let found = opening().or_else(ending).or_else(|| inside(lexicon.appeals, &whole));
    if let Some(found) = found {
        return Some((found.to_owned(), ASK_OPENLY));
    }
    if place == In::Prose {
        return None;
    }
    let claim = first_of(lexicon.claims, &whole).or_else(|| inside(lexicon.certain, &whole));
    if let Some(found) = claim {
        return Some((found.to_owned(), LEAVE_OUT));
    }
    let both = inside(&[lexicon.or], &whole).is_some();
    if let Some(found) = inside(lexicon.directions, &whole).filter(|_| !both) {
        return Some((found.to_owned(), BOTH_WAYS));
    }
    praise(lexicon, &whole).map(|found| (found, NO_PRAISE))
}

/// The sentence in lower case, cut at its commas, without signs but those inside words.
fn clauses(sentence: &Sentence) -> Vec<String> {
    let mut clauses = vec![String::new()];
    for word in sentence {
        let clean = word.trim_matches(|sign: char| !sign.is_alphanumeric());
        let clean = clean.to_lowercase().replace('’', "'");
        let clause = clauses.last_mut().expect("it begins with one");
        if !clause.is_empty() {
            clause.push(' ');
        }
        clause.push_str(&clean);
        if word.ends_with([',', ';']) {
            clauses.push(String::new());
        }
    }
    clauses
}

fn first_of<'l>(list: &[&'l str], clause: &str) -> Option<&'l str> {
    let begins = |phrase: &&&str| {
        clause.strip_prefix(**phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    list.iter().filter(begins).max_by_key(|phrase| phrase.len()).copied()
}

fn inside<'l>(list: &[&'l str], text: &str) -> Option<&'l str> {
    let text = format!(" {text} ");
    let there = |phrase: &&&str| text.contains(&format!(" {phrase} "));
    list.iter().filter(there).max_by_key(|phrase| phrase.len()).copied()
}

/// `den fremragende plan`, `the city's terrible roads`
fn praise(lexicon: &Lexicon, text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let pair = words.windows(2).find(|pair| {
        let genitive = pair[0].len() > 3 && pair[0].ends_with(lexicon.genitive);
        let definite = genitive || lexicon.determiners.contains(&pair[0]);
        definite && lexicon.loaded.contains(&pair[1])
    })?;
    Some(pair.join(" "))
}
