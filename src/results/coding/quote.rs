//! A quote: a few words of one text that two people stand by.

use super::guard::{self, Finding};
use super::sheet::Row;

/// The most quotes beside one question.
pub const MOST: usize = 5;

/// What stands where something was left out.
pub const LEFT_OUT: &str = "[…]";

/// Why a quote is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("nobody, or one person only, approved it: it takes two")]
    Unapproved,
    #[error("the same person approved it twice")]
    Same,
    #[error("it is not part of the text as it was written")]
    Altered,
    #[error("{0}")]
    Found(#[from] Finding),
}

/// The quote of a row as it is published; none where it has none.
///
/// # Errors
/// Where it must not be.
pub fn approved(row: &Row, text: &str) -> Option<Result<String, Refused>> {
    let quote = plain(&row.quote);
    if quote.is_empty() {
        return None;
    }
    Some(judge(&quote, &row.approved, text).map(|()| quote))
}

fn judge(quote: &str, approved: &[String; 2], text: &str) -> Result<(), Refused> {
    let [first, second] = [&approved[0], &approved[1]].map(|name| person(name));
    match (first, second) {
        (Some(first), Some(second)) if first == second => return Err(Refused::Same),
        (Some(_), Some(_)) => {}
        _ => return Err(Refused::Unapproved),
    }
    if !is_part(quote, &plain(text)) {
        return Err(Refused::Altered);
    }
    // What is left out joins what stands around it: a number must not come through in two halves.
    match guard::find(&quote.replace(LEFT_OUT, " ")) {
        Some(finding) => Err(finding.into()),
        None => Ok(()),
    }
}

/// Spaces as one, and what was left out in one way.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("[...]", LEFT_OUT)
}

/// Who approved, without capitals, spaces and dots; none where nobody is named: `ok` is nobody.
fn person(name: &str) -> Option<String> {
    const NOBODY: [&str; 12] = [
        "ja", "nej", "ok", "okay", "yes", "no", "x", "true", "false", "godkendt", "approved",
        "afvist",
    ];
    let letters = name.chars().filter(|sign| sign.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    let is_somebody = letters.contains(char::is_alphabetic) && !NOBODY.contains(&letters.as_str());
    is_somebody.then_some(letters)
}

/// Whether a quote's parts stand in the text, in this order, each of whole words.
fn is_part(quote: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = quote.split(LEFT_OUT).map(str::trim).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some()
        && parts.all(|part| match whole(rest, part) {
            Some(end) => {
                rest = &rest[end..];
                true
            }
            None => false,
        })
}

/// Where a part ends in the text, the first time that it stands there as whole words.
fn whole(text: &str, part: &str) -> Option<usize> {
    let is_letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    let mut found = text.match_indices(part).map(|(at, _)| (at, at + part.len()));
    let begins = is_letter(part.chars().next());
    let ends = is_letter(part.chars().next_back());
    found
        .find(|(from, to)| {
            let is_cut_before = begins && is_letter(text[..*from].chars().next_back());
            let is_cut_after = ends && is_letter(text[*to..].chars().next());
            !is_cut_before && !is_cut_after
        })
        .map(|(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Der er for mørkt i parken om aftenen,\nog min nabo Jens (33 12 34 56) siger det \
        samme.";

    fn judged(quote: &str, first: &str, second: &str) -> Option<Result<String, Refused>> {
        let approved = [first, second].map(str::to_owned);
        approved_of(quote, approved)
    }

    fn approved_of(quote: &str, approved: [String; 2]) -> Option<Result<String, Refused>> {
        super::approved(&Row { quote: quote.to_owned(), approved, ..Row::default() }, TEXT)
    }

    #[test]
    fn a_part_of_the_text_that_two_people_approved_is_published() {
        let whole = judged("Der er for mørkt i  parken om aftenen, og", "Mette L.", "Ali");
        assert_eq!(whole, Some(Ok("Der er for mørkt i parken om aftenen, og".to_owned())));
        let parts = judged("Der er for mørkt [...] om aftenen", "Mette", "Ali");
        assert_eq!(parts, Some(Ok("Der er for mørkt […] om aftenen".to_owned())));
        assert_eq!(judged(" ", "Mette", "Ali"), None);
    }

    #[test]
    fn one_person_is_not_two_and_a_word_is_nobody() {
        let quote = "Der er for mørkt";
        for (first, second) in
            [("Mette", ""), ("", ""), (" ", "Ali"), ("Mette", "ok"), ("nej", "Ali"), ("1", "2")]
        {
            assert_eq!(judged(quote, first, second), Some(Err(Refused::Unapproved)), "{first}");
        }
        for second in ["mette lund", "Mette  Lund", "METTE-LUND", "Mette Lund."] {
            assert_eq!(judged(quote, "Mette Lund", second), Some(Err(Refused::Same)), "{second}");
        }
    }

    #[test]
    fn what_was_not_written_is_no_quote() {
        for quote in [
            "Der er meget mørkt",
            "om aftenen […] for mørkt",
            "ark",
            "[…]",
            "D[…]e[…]r",
            "mørkt i parken […] i parken",
        ] {
            assert_eq!(judged(quote, "Mette", "Ali"), Some(Err(Refused::Altered)), "{quote}");
        }
    }

    #[test]
    fn the_guard_sees_what_was_left_out_as_nothing() {
        let said = |finding| Some(Err(Refused::Found(finding)));
        assert_eq!(judged("nabo Jens", "Mette", "Ali"), said(Finding::Name));
        assert_eq!(judged("33 12 […] 34 56", "Mette", "Ali"), said(Finding::Phone));
    }
}
