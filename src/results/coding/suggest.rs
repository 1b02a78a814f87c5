//! Which words come together in a question's texts: a suggestion to begin coding from, and nothing more. It
//! reads no meaning, and a word that few use is in no group.
//!
//! 1. A text is the set of its stems (`token`); a stem counts in how many texts it is.
//! 2. Stems are ranked by tf-idf over texts, `d·ln(N/d)`: common, but not everywhere.
//! 3. The best that is left begins a group, and those join it that are in the same texts far more often than
//!    by chance: normalised pointwise mutual information (G. Bouma, GSCL 2009) of at least a third.

use std::collections::{BTreeMap, BTreeSet};

use super::token::tokens;

/// A word in fewer texts begins no group and joins none.
const LEAST: usize = 3;
/// A word in more than this share of texts tells none of them apart.
const EVERYWHERE: f64 = 0.6;
const GROUPS_MAX: usize = 12;
const WORDS_MAX: usize = 5;
/// Words that are looked at for groups.
const RANKED_MAX: usize = 120;
const TOGETHER: f64 = 1.0 / 3.0;

/// Words that come together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Small letters a to z, digits and hyphens: could be the id of a theme.
    pub id: String,
    /// In the form that is most frequent; the first is what the group began with.
    pub words: Vec<String>,
    /// How many texts hold any of them.
    pub texts: usize,
}

/// Groups of words, and for each text the groups that it has words of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestion {
    pub groups: Vec<Group>,
    /// As long as the texts; places in `groups`.
    pub of_texts: Vec<Vec<usize>>,
}

/// What the texts of one question suggest.
pub fn suggest<'a>(texts: impl IntoIterator<Item = &'a str>) -> Suggestion {
    let mut forms: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut stems: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut many = 0;
    for (at, text) in texts.into_iter().enumerate() {
        many = at + 1;
        for token in tokens(text) {
            *forms.entry(token.stem.clone()).or_default().entry(token.word).or_default() += 1;
            stems.entry(token.stem).or_default().insert(at);
        }
    }
    let ranked = ranked(&stems, many);
    let mut suggestion = Suggestion { groups: Vec::new(), of_texts: vec![Vec::new(); many] };
    for members in gather(&ranked, many) {
        let texts: BTreeSet<usize> =
            members.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
        for text in &texts {
            suggestion.of_texts[*text].push(suggestion.groups.len());
        }
        let words: Vec<String> = members.iter().map(|(stem, _)| often(&forms[*stem])).collect();
        let id = id(&words[0], &suggestion.groups);
        suggestion.groups.push(Group { id, words, texts: texts.len() });
    }
    suggestion
}

/// A stem and the texts it is in.
type Ranked<'a> = (&'a str, &'a BTreeSet<usize>);

fn ranked(stems: &BTreeMap<String, BTreeSet<usize>>, many: usize) -> Vec<Ranked<'_>> {
    let score =
        |texts: &BTreeSet<usize>| texts.len() as f64 * (many as f64 / texts.len() as f64).ln();
    let told = stems.iter().filter(|(_, texts)| {
        texts.len() >= LEAST && texts.len() as f64 <= EVERYWHERE * many as f64
    });
    let mut ranked: Vec<Ranked> = told.map(|(stem, texts)| (stem.as_str(), texts)).collect();
    ranked.sort_by(|a, b| score(b.1).total_cmp(&score(a.1)).then(a.0.cmp(b.0)));
    ranked.truncate(RANKED_MAX);
    ranked
}

fn gather<'a>(ranked: &[Ranked<'a>], many: usize) -> Vec<Vec<Ranked<'a>>> {
    let mut left = ranked.to_vec();
    let mut groups = Vec::new();
    while !left.is_empty() && groups.len() < GROUPS_MAX {
        let first = left.remove(0);
        let mut group = vec![first];
        left.retain(|word| {
            let joins = group.len() < WORDS_MAX && together(first.1, word.1, many) >= TOGETHER;
            if joins {
                group.push(*word);
            }
            !joins
        });
        groups.push(group);
    }
    groups
}

/// Normalised pointwise mutual information: 1 where two words are always together, 0 where they are as often
/// as by chance.
fn together(one: &BTreeSet<usize>, other: &BTreeSet<usize>, many: usize) -> f64 {
    let both = one.intersection(other).count();
    if both < 2 {
        return 0.0;
    }
    let share = |texts: usize| texts as f64 / many as f64;
    let information = (share(both) / (share(one.len()) * share(other.len()))).ln();
    match share(both) {
        1.0 => 1.0,
        both => information / -both.ln(),
    }
}

fn often(forms: &BTreeMap<String, usize>) -> String {
    let most = forms.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.len().cmp(&a.0.len())));
    most.map(|(word, _)| word.clone()).unwrap_or_default()
}

/// The word in letters that an id may have.
fn id(word: &str, taken: &[Group]) -> String {
    let mut id = String::new();
    for sign in word.chars() {
        match sign {
            'æ' | 'ä' => id.push_str("ae"),
            'ø' | 'ö' => id.push_str("oe"),
            'å' => id.push_str("aa"),
            'é' => id.push('e'),
            'ü' => id.push('u'),
            sign if sign.is_ascii_alphanumeric() => id.push(sign),
            _ => id.push('-'),
        }
    }
    let is_taken = |id: &str| taken.iter().any(|group| group.id == id);
    let mut numbered = (2..).map(|n| format!("{id}-{n}"));
    if is_taken(&id) { numbered.find(|id| !is_taken(id)).unwrap_or_default() } else { id.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_come_together_are_one_group_and_texts_name_it() {
        let texts = [
            "Flere bænke og borde i parken",
            "Bænke med borde, tak",
            "En bænk og et bord ved søen",
            "Der er mørkt, sæt lamper op",
            "Lamper! Det er så mørkt om aftenen",
            "Mørke stier uden lamper",
            "Ved ikke",
        ];
        let found = suggest(texts);
        let group = |word: &str| {
            found.groups.iter().position(|group| group.words.iter().any(|own| own.contains(word)))
        };
        assert_eq!(group("bænk"), group("bord"));
        assert_eq!(group("mørk"), group("lamper"));
        assert_ne!(group("bænk"), group("lamper"));
        let bench = group("bænk").unwrap();
        assert_eq!(found.groups[bench].texts, 3);
        assert!(["baenke", "borde", "bord"].contains(&found.groups[bench].id.as_str()));
        assert_eq!(found.of_texts[1], [bench]);
        assert!(found.of_texts[6].is_empty());
    }

    #[test]
    fn hardly_any_texts_suggest_nothing() {
        assert_eq!(suggest(["Træer"]).groups, []);
        assert_eq!(suggest([]), Suggestion::default());
    }
}
