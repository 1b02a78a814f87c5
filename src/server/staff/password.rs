//! What a password of the staff's has to be: long, not one of those that are tried first, not the name. No
//! rules about signs and numbers, which make people write `Sommer2026!` (NIST SP 800-63B, section 5.1.1.2).

use unicode_normalization::UnicodeNormalization;

/// The least, in characters.
pub const LENGTH_MIN: usize = 12;
/// The most: enough for any sentence, and no more for us to hash.
pub const LENGTH_MAX: usize = 200;

/// What is tried first among those that are long enough; compared in small letters, without what is no
/// letter or digit.
const COMMON: [&str; 22] = [
    "adgangskode12",
    "adgangskode123",
    "administrator",
    "administrator1",
    "changemechangeme",
    "correcthorsebatterystaple",
    "danmarkdanmark",
    "hemmelighemmelig",
    "iloveyouiloveyou",
    "kodeordkodeord",
    "kobenhavn123",
    "københavn123",
    "københavn2026",
    "københavnskommune",
    "letmeinletmein",
    "minadgangskode",
    "password1234",
    "passwordpassword",
    "qwertyuiopasdf",
    "qwertyuiopå",
    "velkommen123",
    "velkommen1234",
];

/// Why a new password is none, by the key of the words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    Short,
    Long,
    /// The user's name is most of it.
    Name,
    Common,
}

/// A password as it is hashed: a letter with a ring is one sign on every keyboard.
pub fn normal(typed: &str) -> String {
    typed.nfc().collect()
}

/// Whether `password`, as [`normal`] gives it, will do for somebody of this name.
pub fn judge(password: &str, name: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < LENGTH_MIN {
        return Err(Weak::Short);
    }
    if length > LENGTH_MAX {
        return Err(Weak::Long);
    }
    let (plain, name) = (plain(password), plain(name));
    if !name.is_empty()
        && plain.contains(&name)
        && plain.replace(&name, "").chars().count() < LENGTH_MIN / 2
    {
        return Err(Weak::Name);
    }
    match is_common(&plain) {
        true => Err(Weak::Common),
        false => Ok(()),
    }
}

/// Known, one part again and again, or the signs in the order of a keyboard.
fn is_common(plain: &str) -> bool {
    const ROWS: [&str; 4] = [
        "12345678901234567890",
        "qwertyuiopåasdfghjklæøzxcvbnm",
        "abcdefghijklmnopqrstuvwxyzæøå",
        "09876543210987654321",
    ];
    let in_a_row = ROWS.iter().any(|row| !plain.is_empty() && row.contains(plain));
    let letters: Vec<char> = plain.chars().collect();
    let repeats =
        (1..=4).any(|part| letters.iter().zip(letters.iter().skip(part)).all(|(a, b)| a == b));
    COMMON.contains(&plain) || in_a_row || repeats
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_will_do_and_what_is_tried_first_will_not() {
        for good in ["blå cykel ved søen", "fire-æbler-og-en-pære", "x7Kp2mQ9vL4w"] {
            assert_eq!(judge(good, "anna"), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", Weak::Short),
            ("elleve tegn", Weak::Short),
            (&*"a".repeat(201), Weak::Long),
            ("Password1234", Weak::Common),
            ("Københavns Kommune", Weak::Common),
            ("123456789012", Weak::Common),
            ("abcabcabcabc", Weak::Common),
            ("------------", Weak::Common),
            ("qwertyuiopåa", Weak::Common),
            ("annahansen-1", Weak::Name),
            ("Anna.Hansen-Anna.Hansen", Weak::Name),
        ] {
            assert_eq!(judge(bad, "anna.hansen"), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_letter_is_the_same_however_a_keyboard_writes_it() {
        assert_eq!(normal("a\u{30a}"), "å");
    }
}
