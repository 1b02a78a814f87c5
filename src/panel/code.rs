//! The short code in a letter of invitation: ten characters that survive being read aloud, typed on a
//! kiosk and written by hand.
//!
//! Eight characters of Crockford's base32 hold 40 random bits, two more hold their remainder by 1021.
//! That is a prime below 2^10 that divides neither a power of 32 nor 31, so that one wrong character
//! and two neighbours in the wrong order are always found, wherever they stand: a property test says
//! so. Of other mistakes one in 1021 passes; whether a code was ever given is for the central to say.

use std::fmt;

/// Without I, L, O and U: the first three are read as 1, 1 and 0, the last is none.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters a code has.
pub const LENGTH: usize = 10;

/// Printed in groups, with a hyphen between them.
const GROUP: usize = 5;

const CHECK: u64 = 1021;
const CHECK_BITS: u32 = 10;
const VALUE_BITS: u32 = 40;

/// A code whose check characters fit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(u64);

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("nothing was written")]
    Empty,
    #[error("a code has {LENGTH} characters, not {0}")]
    Length(usize),
    #[error("no code has the character {0:?}")]
    Sign(char),
    #[error("a character is wrong, or two have changed places")]
    Check,
}

impl Code {
    /// The code that five random bytes make.
    pub fn of(random: [u8; 5]) -> Code {
        let value = random.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        Code(value)
    }

    /// Reads what a person typed: small letters, spaces and hyphens are fine, and O, I and L count as
    /// the digits they look like.
    ///
    /// # Errors
    /// [`Wrong`], in the order a person would mend it.
    pub fn read(text: &str) -> Result<Code, Wrong> {
        let mut bits = 0;
        let mut length = 0;
        for sign in text.chars().filter(|sign| !is_between(*sign)) {
            let digit = digit(sign).ok_or(Wrong::Sign(sign))?;
            // Too long a text only shifts bits out: its length is refused below.
            bits = bits << 5 | digit;
            length += 1;
        }
        match length {
            0 => Err(Wrong::Empty),
            LENGTH => Code::checked(bits).ok_or(Wrong::Check),
            other => Err(Wrong::Length(other)),
        }
    }

    fn checked(bits: u64) -> Option<Code> {
        let (value, check) = (bits >> CHECK_BITS, bits & ((1 << CHECK_BITS) - 1));
        (value % CHECK == check).then_some(Code(value))
    }

    /// Its ten characters in one piece, as in an address.
    pub fn plain(self) -> String {
        let bits = (self.0 << CHECK_BITS) | (self.0 % CHECK);
        let places = (0..LENGTH).rev().map(|place| bits >> (5 * place) & 31);
        places.map(|digit| char::from(SIGNS[digit as usize])).collect()
    }
}

impl fmt::Display for Code {
    /// In groups: `7K3M9-2QXT4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        let (first, second) = plain.split_at(GROUP);
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for Code {
    /// Whoever has it can answer in somebody's place: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What people put between groups, or leave behind when they copy.
fn is_between(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '.' | '\u{ad}')
}

fn digit(sign: char) -> Option<u64> {
    let sign = match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = SIGNS.iter().position(|known| char::from(*known) == sign)?;
    Some(place as u64)
}

// The value and its check fill the characters exactly.
const _: () = assert!((VALUE_BITS + CHECK_BITS) as usize == 5 * LENGTH && CHECK < 1 << CHECK_BITS);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_printed_in_groups_and_read_back() {
        let code = Code::of([0, 0, 0, 0, 1]);
        assert_eq!(code.to_string(), "00000-00101");
        assert_eq!(Code::read("oooo0 -ooILi"), Err(Wrong::Check));
        assert_eq!(Code::read("ooooo–oo1ol"), Ok(code));
        assert_eq!(Code::of([255; 5]).plain().len(), LENGTH);
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(Code::read(" - "), Err(Wrong::Empty));
        assert_eq!(Code::read("123"), Err(Wrong::Length(3)));
        assert_eq!(Code::read(&"1".repeat(500)), Err(Wrong::Length(500)));
        assert_eq!(Code::read("U2345-67890"), Err(Wrong::Sign('U')));
        assert_eq!(Code::read("æ2345-67890"), Err(Wrong::Sign('æ')));
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", Code::of([1; 5])), "Code(…)");
    }

    proptest! {
        #[test]
        fn comes_back_however_it_is_typed(random: [u8; 5], small: bool) {
            let code = Code::of(random);
            let typed = if small { code.to_string().to_lowercase() } else { code.to_string() };
            prop_assert_eq!(Code::read(&typed), Ok(code));
            prop_assert_eq!(Code::read(&code.plain()), Ok(code));
        }

        #[test]
        fn every_wrong_character_is_found(random: [u8; 5]) {
            let right = Code::of(random).plain();
            for at in 0..LENGTH {
                for sign in SIGNS.iter().map(|sign| char::from(*sign)) {
                    let mut typed: Vec<char> = right.chars().collect();
                    if std::mem::replace(&mut typed[at], sign) != sign {
                        let typed: String = typed.into_iter().collect();
                        prop_assert_eq!(Code::read(&typed), Err(Wrong::Check), "{}", typed);
                    }
                }
            }
        }

        #[test]
        fn neighbours_that_changed_places_are_found(random: [u8; 5]) {
            let right: Vec<char> = Code::of(random).plain().chars().collect();
            for at in 1..LENGTH {
                let mut typed = right.clone();
                typed.swap(at - 1, at);
                if typed != right {
                    let typed: String = typed.into_iter().collect();
                    prop_assert_eq!(Code::read(&typed), Err(Wrong::Check), "{}", typed);
                }
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,30}") {
            let _ = Code::read(&text);
        }
    }
}
