//! What a quote must not hold: numbers, addresses and names by which somebody is found.
//!
//! [`find`] errs on the side of refusing: a quote that is refused for nothing costs a shorter one, a quote
//! with a number in it cannot be taken back. It works on the text as it reads (NFKC), so that full-width
//! letters and circled digits are what they look like; signs that cannot be read at all are refused.
//! What it cannot see is said in docs/results.md: a name without a title, a place, a story.

mod name;
mod net;
mod number;
mod place;
mod word;

use unicode_normalization::UnicodeNormalization;

use self::word::words;

/// Why a quote cannot be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("it holds what may be a CPR number")]
    Cpr,
    #[error("it holds what may be a phone number")]
    Phone,
    #[error("it holds a long number")]
    LongNumber,
    #[error("it holds what may be an e-mail address or a user name")]
    Mail,
    #[error("it holds what may be a web address")]
    Link,
    #[error("it holds what may be a street address")]
    Address,
    #[error("it may name somebody")]
    Name,
    #[error("it holds signs that cannot be seen, or letters and digits of another script")]
    Signs,
}

/// The first thing found that must not be published.
pub fn find(text: &str) -> Option<Finding> {
    if text.chars().any(is_unseen) {
        return Some(Finding::Signs);
    }
    // What people see: ﹫ is @, ３ is 3, ① is 1.
    let read: String = text.nfkc().collect();
    if read.chars().any(|sign| is_unseen(sign) || is_foreign(sign)) {
        return Some(Finding::Signs);
    }
    let words = words(&read);
    number::find(&words)
        .or_else(|| net::find(&read))
        .or_else(|| place::find(&words))
        .or_else(|| name::find(&words))
}

/// Signs without a look of their own, and marks that are laid over others: between digits they hide a
/// number from whoever searches for it, and from nobody who reads.
fn is_unseen(sign: char) -> bool {
    let ranges = [
        '\u{ad}'..='\u{ad}',
        '\u{300}'..='\u{36f}',
        '\u{61c}'..='\u{61c}',
        '\u{115f}'..='\u{1160}',
        '\u{17b4}'..='\u{17b5}',
        '\u{180b}'..='\u{180f}',
        '\u{1ab0}'..='\u{1aff}',
        '\u{200b}'..='\u{200f}',
        '\u{202a}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{20d0}'..='\u{20ff}',
        '\u{2800}'..='\u{2800}',
        '\u{3164}'..='\u{3164}',
        '\u{e000}'..='\u{f8ff}',
        '\u{fe00}'..='\u{fe0f}',
        '\u{feff}'..='\u{feff}',
        '\u{ffa0}'..='\u{ffa0}',
        '\u{fff0}'..='\u{fffd}',
        '\u{1d173}'..='\u{1d17a}',
        '\u{e0000}'..='\u{10ffff}',
    ];
    let is_blank = matches!(sign, '\n' | '\r' | '\t');
    // Combining marks of a decomposed å are gone once it is composed.
    (sign.is_control() && !is_blank) || ranges.iter().any(|range| range.contains(&sign))
}

/// A digit that is not one of ours, or a letter that may only look like one of ours.
fn is_foreign(sign: char) -> bool {
    let is_latin = matches!(sign, '\u{0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    (sign.is_numeric() && !sign.is_ascii_digit()) || (sign.is_alphabetic() && !is_latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, finding: Finding) {
        assert_eq!(find(text), Some(finding), "{text}");
    }

    #[test]
    fn finds_cpr_numbers_however_they_are_written() {
        for text in [
            "Mit nummer er 010190-1234.",
            "0101901234",
            "010190 1234",
            "01 01 90 12 34",
            "0 1 0 1 9 0 1 2 3 4",
            "01.01.90-1234",
            "01/01/90 - 1234",
            "290296-1234",
            "610190-1234",
            "01-01-1990-1234",
            "０１０１９０-１２３４",
            "①②⓪①⑨⓪ 1234",
            "O1O19O-1234",
            "nul et nul et ni nul et to tre fire",
        ] {
            found(text, Finding::Cpr);
        }
        // The thirtieth of February is nobody's birthday, but a number still.
        found("3002901234", Finding::LongNumber);
    }

    #[test]
    fn finds_phone_numbers_however_they_are_grouped() {
        for text in [
            "ring 33123456",
            "33 12 34 56",
            "33-12-34-56",
            "33.12.34.56",
            "33/12/34/56",
            "3312 3456",
            "331 23 456",
            "33 123 456",
            "(+45) 33 12 34 56",
            "+4533123456",
            "0045 33123456",
            "3 3 1 2 3 4 5 6",
            "tlf.: 33 12 34 56!",
            "+46 70 123 45 67",
            "33\u{a0}12\u{a0}34\u{a0}56",
            "treogtredive tolv fireogtredive seksoghalvtreds",
            "tre tre et to tre fire fem seks",
        ] {
            found(text, Finding::Phone);
        }
    }

    #[test]
    fn finds_what_leads_into_the_net() {
        for text in [
            "skriv til anna.b@example.dk",
            "anna ＠ example.dk",
            "følg @anna",
            "anna snabel-a firma",
            "anna snabela firma",
            "anna(at)firma",
            "anna [ at ] firma",
            "anna at firma punktum dk",
        ] {
            found(text, Finding::Mail);
        }
        for text in [
            "se https://example.dk/anna",
            "www example",
            "anna.dk",
            "se minside.com/anna",
            "anna . dk",
            "anna punktum dk",
        ] {
            found(text, Finding::Link);
        }
    }

    #[test]
    fn finds_where_somebody_lives() {
        for text in [
            "Jeg bor på Jagtvej 69",
            "jagtvej 69b",
            "Jagtvej nr. 69",
            "Jagtvej69",
            "Nørrebrogade 5, 2. tv",
            "Frederiksberg Allé 12",
            "frederiksberg allé 12",
            "Israels Plads 3",
            "Store Kongensgade 7",
            "lille strandstræde 4",
            "H.C. Andersens Boulevard 12",
            "Sankt Hans Torv 3",
            "Ved Linden, 2. tv",
            "st. th",
            "3. sal mf",
            "2200 København N",
            "2200 københavn",
            "DK-2200 Kbh",
            "12 Baker Street",
        ] {
            found(text, Finding::Address);
        }
    }

    #[test]
    fn finds_who_is_named_with_a_title_or_a_tie() {
        for text in [
            "Hr. Hansen råber",
            "fru Olsen er sød",
            "min nabo Jens larmer",
            "naboen Karin",
            "jeg hedder Anna",
            "det var Peter Jensen, der sagde det",
            "my neighbour John",
            "Mrs Smith",
        ] {
            found(text, Finding::Name);
        }
    }

    #[test]
    fn refuses_what_cannot_be_read() {
        for text in [
            "ring 33\u{200b}123456",
            "ring ٣٣١٢٣٤٥٦",
            "anna\u{ad}b",
            "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}",
            "gm\u{430}il",
        ] {
            found(text, Finding::Signs);
        }
    }

    #[test]
    fn leaves_ordinary_words_and_numbers_alone() {
        for text in [
            "Der mangler 12 bænke og 3 træer.",
            "I 2024 kom der 1000 cykler, i 2025 kun 800.",
            "Bus 5C kører ikke efter kl. 22.30.",
            "Vi vil gerne have 3 nye legepladser til alle 5 klasser.",
            "Det er godt.De gør et fint arbejde.",
            "Jeg er 34 år og bor på 1. sal.",
            "Der er langt til stranden, f.eks. med børn, og vejen er dårlig.",
            "Nabolaget er roligt; min nabo larmer.",
            "Cyklisterne kører for stærkt ad Jagtvej.",
            "En eller to gange om ugen.",
            "Amager Øst og Indre By er glemt.",
            "It is too dark at night in the park.",
            "Grønne områder på mindst 100 m² i hver bydel.",
            "Så åben de nye parker!",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
