//! Ids: which may be used, and what they are where the author wrote none.

use std::collections::HashMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::attributes::Attribute;
use super::catalogue as c;
use super::compile::File;
use super::expr;
use super::source::Notes;

/// The longest id, in characters.
const LENGTH_MAX: usize = 31;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Questions, pages and endings begin with a letter.
    Part,
    /// Choices, rows and columns may begin with a digit.
    Choice,
}

/// Whether `id` is well formed.
pub fn is_id(id: &str, named: Named) -> bool {
    let first =
        |sign: char| sign.is_ascii_lowercase() || (named == Named::Choice && sign.is_ascii_digit());
    id.len() <= LENGTH_MAX
        && id.starts_with(first)
        && id.chars().all(|s| s.is_ascii_lowercase() || s.is_ascii_digit() || s == '_' || s == '-')
}

/// An id made from a text: `Hvor bor du?` becomes `hvor-bor-du`.
pub fn slug(text: &str, named: Named) -> String {
    let mut slug = String::new();
    for sign in text.to_lowercase().chars() {
        match sign {
            'æ' => slug.push_str("ae"),
            'ø' => slug.push_str("oe"),
            'å' => slug.push_str("aa"),
            _ => push_plain(&mut slug, sign),
        }
    }
    let starts_well = slug.starts_with(|sign: char| sign.is_ascii_lowercase());
    let is_reserved = expr::is_reserved(slug.trim_end_matches('-'));
    if named == Named::Part && (!starts_well || is_reserved) {
        slug.insert_str(0, "q-");
    }
    slug.truncate(LENGTH_MAX);
    slug.trim_end_matches('-').to_owned()
}

fn push_plain(slug: &mut String, sign: char) {
    let before = slug.len();
    slug.extend(std::iter::once(sign).nfd().filter(char::is_ascii_alphanumeric));
    if slug.len() == before && !slug.is_empty() && !slug.ends_with('-') && !is_accent(sign) {
        slug.push('-');
    }
}

fn is_accent(sign: char) -> bool {
    ('\u{300}'..'\u{370}').contains(&sign)
}

/// Notes an id that cannot be used, and gives one that can.
pub fn check(attribute: &Attribute, named: Named, notes: &mut Notes) -> String {
    let id = attribute.value.clone().unwrap_or_default();
    if !is_id(&id, named) {
        let suggestion = slug(&id.replace('_', " "), named);
        notes
            .add(&c::BAD_ID, attribute.value_span.clone())
            .arg("id", &id)
            .arg("suggestion", &suggestion)
            .fix(attribute.value_span.clone(), suggestion.clone());
        return suggestion;
    }
    if expr::is_reserved(&id) {
        notes.add(&c::RESERVED_ID, attribute.value_span.clone()).arg("id", &id);
    }
    note_swallowed(&id, &attribute.value_span, notes);
    id
}

/// Words that no id is likely to end in but by a space that was lost.
const SWALLOWED: &[&str] = &[
    "required",
    "expected",
    "dropdown",
    "shuffle",
    "private",
    "exclusive",
    "dontknow",
    "consent",
    "ending",
];

/// `{#nonedontknow}`: an id that took in the attribute behind it.
fn note_swallowed(id: &str, span: &Range<usize>, notes: &mut Notes) {
    let split = |word: &'static str| {
        let own = id.strip_suffix(word)?;
        (own.ends_with(|sign: char| sign.is_ascii_alphanumeric())).then_some((own.len(), word))
    };
    if let Some((at, word)) = SWALLOWED.iter().copied().find_map(split) {
        let space = span.start + at;
        notes
            .add(&c::WORD_IN_ID, span.clone())
            .arg("id", id)
            .arg("meant", format!("#{} {word}", &id[..at]))
            .arg("word", word)
            .fix(space..space, " ");
    }
}

/// Where an id was taken, as messages say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// On a line of a file, from 1.
    Line { file: String, line: usize },
    /// By a choice, row or column of the same question, from 1.
    Nth(usize),
}

impl Taken {
    /// At a byte of a file.
    pub fn at(file: File, byte: usize) -> Taken {
        let line = file.text[..byte.min(file.text.len())].matches('\n').count() + 1;
        Taken::Line { file: file.path.to_owned(), line }
    }

    /// `on line 4`, and in which file where that is another than `here`; in English and Danish.
    fn said(&self, here: &str) -> [String; 2] {
        match self {
            Taken::Nth(nth) => [format!("by number {nth} here"), format!("af nummer {nth} her")],
            Taken::Line { file, line } if file == here => {
                [format!("on line {line}"), format!("på linje {line}")]
            }
            Taken::Line { file, line } => {
                [format!("on line {line} of {file}"), format!("på linje {line} i {file}")]
            }
        }
    }
}

/// The ids of one kind of thing, each used once; `-` and `_` count as the same.
#[derive(Debug, Default)]
pub struct Register {
    taken: HashMap<String, Taken>,
    /// The last number given by `free`, by id: a thousand equal headings are not tried one by one.
    numbered: HashMap<String, usize>,
}

impl Register {
    /// Whether `id` is taken.
    pub fn has(&self, id: &str) -> bool {
        self.taken.contains_key(&id.replace('_', "-"))
    }

    /// Takes `id`, which stands at `at`, and notes it at `span` where it is taken.
    pub fn take(&mut self, id: &str, at: Taken, span: &Range<usize>, notes: &mut Notes) {
        match self.taken.get(&id.replace('_', "-")) {
            Some(first) => {
                let [en, da] = first.said(notes.file);
                notes.add(&c::DUPLICATE_ID, span.clone()).arg("id", id).phrase("place", &en, &da);
            }
            None => {
                self.taken.insert(id.replace('_', "-"), at);
            }
        }
    }

    /// `id`, or the first of `id-2`, `id-3` … that is free: for ids made from texts.
    pub fn free(&mut self, id: &str) -> String {
        let is_free = |candidate: &str| !self.has(candidate);
        if is_free(id) {
            return id.to_owned();
        }
        let from = self.numbered.get(id).copied().unwrap_or(2);
        let numbered = |number: usize| {
            let tail = format!("-{number}");
            format!("{}{tail}", &id[..id.len().min(LENGTH_MAX - tail.len())])
        };
        let number = (from..).find(|number| is_free(&numbered(*number)));
        let number = number.expect("numbers do not run out");
        self.numbered.insert(id.to_owned(), number);
        numbered(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_ids_from_danish_texts() {
        assert_eq!(slug("Hvor bor du?", Named::Part), "hvor-bor-du");
        assert_eq!(
            slug("Grønne områder på Østerbro – éner", Named::Part),
            "groenne-omraader-paa-oesterbro"
        );
        assert_eq!(slug("3 ting", Named::Part), "q-3-ting");
        assert_eq!(slug("3 ting", Named::Choice), "3-ting");
        assert_eq!(slug("???", Named::Part), "q");
        assert_eq!(slug("And?", Named::Part), "q-and");
    }

    #[test]
    fn ids_are_taken_once_whatever_their_hyphens() {
        let mut notes = Notes::new("a.md");
        let mut register = Register::default();
        let file = File { path: "a.md", text: "" };
        register.take("a-b", Taken::at(file, 0), &(0..1), &mut notes);
        register.take("a_b", Taken::at(file, 2), &(2..3), &mut notes);
        assert_eq!(notes.list.len(), 1);
        assert_eq!(register.free("a_b"), "a_b-2");
    }
}
