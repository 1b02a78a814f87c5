//! A member's address: where mail goes, and by what two sign-ups are known to be of one person.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::survey::{normal, source};

/// The most octets before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

/// The most octets of a whole address (RFC 5321: a path of 256 with its angle brackets).
const BYTES_MAX: usize = 254;

/// The most octets between two dots of a host (RFC 1035).
const LABEL_BYTES_MAX: usize = 63;

/// What may stand before the `@` besides letters, digits and single dots (RFC 5322, `atext`).
const SIGNS: &str = "!#$%&'*+/=?^_`{|}~-";

/// An address that people could really have. The forms that RFC 5322 allows and nobody has (quoted
/// names, comments, numbers for a host) are refused: they are slips of the finger, or attacks on mail
/// headers.
///
/// Equal is what was written alike; whether two are one mailbox [`Email::identity`] says.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    /// As it was written: a server may tell `Anna` from `anna`, though hardly one does.
    local: String,
    /// In small letters, as people read it: `bær.dk`.
    domain: String,
    /// The same for machines: `xn--br-1ia.dk`.
    ascii: String,
}

/// The text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address that mail could be sent to")]
pub struct NotAnAddress;

impl Email {
    /// Reads what a person typed; space around it is let go.
    ///
    /// # Errors
    /// Where mail could not be sent there.
    pub fn read(raw: &str) -> Result<Email, NotAnAddress> {
        let text = source::nfc(&normal::text(raw));
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress)?;
        let domain = domain.to_lowercase();
        let labels: Option<Vec<String>> = domain.split('.').map(label).collect();
        let labels = labels.ok_or(NotAnAddress)?;
        let ascii = labels.join(".");
        let fits = is_local(local)
            && labels.len() >= 2
            && labels.last().is_some_and(|top| is_top(top))
            && local.len() + 1 + ascii.len() <= BYTES_MAX;
        if !fits {
            return Err(NotAnAddress);
        }
        Ok(Email { local: local.to_owned(), domain, ascii })
    }

    /// By what one mailbox is known: in small letters, the host as machines write it. `Anna@BÆR.dk` and
    /// `anna@xn--br-1ia.dk` are one member, as phones begin a word with a capital letter of their own
    /// accord. Dots and `+news` are kept: they are part of a mailbox's name wherever it is not Google's.
    pub fn identity(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.ascii)
    }

    /// The address that a mail server is given. Its part before the `@` may not be ASCII (RFC 6531).
    pub fn mailbox(&self) -> String {
        format!("{}@{}", self.local, self.ascii)
    }
}

impl fmt::Display for Email {
    /// As its owner reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for Email {
    /// Who is a member is nobody's business: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Email, NotAnAddress> {
        Email::read(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.to_string()
    }
}

fn is_local(local: &str) -> bool {
    let may_stand = |sign: char| sign.is_alphanumeric() || SIGNS.contains(sign) || sign == '.';
    (1..=LOCAL_BYTES_MAX).contains(&local.len())
        && local.chars().all(may_stand)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

/// A part of a host as machines write it, if it can be one.
fn label(label: &str) -> Option<String> {
    let may_stand = |sign: char| sign.is_alphanumeric() || sign == '-';
    let fits = !label.is_empty()
        && label.chars().all(may_stand)
        && !label.starts_with('-')
        && !label.ends_with('-');
    let ascii =
        if label.is_ascii() { label.to_owned() } else { format!("xn--{}", punycode(label)?) };
    (fits && ascii.len() <= LABEL_BYTES_MAX).then_some(ascii)
}

/// The last part of a host: letters alone, but for one that stands for other letters.
fn is_top(top: &str) -> bool {
    top.len() >= 2
        && (top.starts_with("xn--") || top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Punycode (RFC 3492, 6.3): the ASCII of `text` first, then by how far each other sign is from the one
/// before it. None where a number becomes too large, which is far beyond a label's length.
pub fn punycode(text: &str) -> Option<String> {
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut handled) = (128u32, 0u32, 72u32, basic);
    let length = u32::try_from(text.chars().count()).ok()?;
    while handled < length {
        let least = text.chars().map(u32::from).filter(|code| *code >= next).min()?;
        delta = delta.checked_add((least - next).checked_mul(handled + 1)?)?;
        for code in text.chars().map(u32::from) {
            if code < least {
                delta = delta.checked_add(1)?;
            } else if code == least {
                write_number(delta, bias, &mut out);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        next = least + 1;
    }
    Some(out)
}

/// A number in base 36 whose digits tell by themselves which is the last (RFC 3492, 3.3).
fn write_number(mut number: u32, bias: u32, out: &mut String) {
    let mut place = 36;
    loop {
        let least = place.clamp(bias + 1, bias + 26) - bias;
        if number < least {
            break out.push(digit(number));
        }
        out.push(digit(least + (number - least) % (36 - least)));
        number = (number - least) / (36 - least);
        place += 36;
    }
}

/// RFC 3492, 5: `a` to `z` are 0 to 25, `0` to `9` the rest.
fn digit(value: u32) -> char {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    char::from(DIGITS[value as usize])
}

/// RFC 3492, 6.1.
fn adapt(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut steps = 0;
    while delta > 455 {
        delta /= 35;
        steps += 36;
    }
    steps + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn identity(text: &str) -> Option<String> {
        Email::read(text).ok().map(|email| email.identity())
    }

    #[test]
    fn takes_addresses_that_people_have() {
        for text in [
            "anna@example.dk",
            "Anna.Berg+panel@mail.example.museum",
            "o'neil@example.dk",
            "å@bær.dk",
            "123@example.dk",
            "a@xn--br-1ia.xn--p1ai",
        ] {
            assert_eq!(Email::read(text).map(|email| email.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long_local = format!("{}@example.dk", "a".repeat(65));
        let long_label = format!("a@{}.dk", "b".repeat(64));
        let long = format!("{}@{}dk", "a".repeat(60), "example.".repeat(30));
        for wrong in [
            "",
            "anna",
            "@example.dk",
            "anna@",
            "anna@example",
            "anna@@example.dk",
            "anna@.dk",
            "anna@example..dk",
            "anna@example.dk.",
            "an na@example.dk",
            "anna@exa mple.dk",
            ".anna@example.dk",
            "anna.@example.dk",
            "an..na@example.dk",
            "anna@-example.dk",
            "anna@example-.dk",
            "anna@127.0.0.1",
            "anna@[127.0.0.1]",
            "\"anna\"@example.dk",
            "Anna <anna@example.dk>",
            "anna@example.dk, bo@example.dk",
            "anna@exa_mple.dk",
            "anna@example.d",
            "anna@example.d1",
            "anna@example.dk\nBcc: bo@example.dk",
            "an\u{200b}na@example.dk",
            "anna@example.dk\u{202e}",
            "anna＠example.dk",
            &long_local,
            &long_label,
            &long,
        ] {
            assert_eq!(Email::read(wrong), Err(NotAnAddress), "{wrong:?}");
        }
    }

    #[test]
    fn one_mailbox_has_one_identity() {
        assert_eq!(identity(" Anna@Example.DK\r\n").as_deref(), Some("anna@example.dk"));
        assert_eq!(identity("anna@BÆR.dk"), identity("anna@xn--br-1ia.dk"));
        // The letter å in two ways: with its ring beside it, and as one sign.
        assert_eq!(identity("a@a\u{30a}.dk"), identity("a@å.dk"));
        assert_ne!(identity("anna+panel@example.dk"), identity("anna@example.dk"));
    }

    #[test]
    fn mail_goes_to_what_was_written() {
        let email = Email::read("Anna@Bær.dk").expect("an address");
        assert_eq!(
            (email.mailbox().as_str(), email.to_string().as_str()),
            ("Anna@xn--br-1ia.dk", "Anna@bær.dk")
        );
        assert_eq!(format!("{email:?}"), "Email(…)");
    }

    #[test]
    fn writes_the_punycode_of_the_rfc() {
        // RFC 3492, 7.1: (I), (L) and (C).
        for (text, code) in [
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
            ("bücher", "bcher-kva"),
            ("rødgrødmedfløde", "rdgrdmedflde-vjbdg"),
        ] {
            assert_eq!(punycode(text).as_deref(), Some(code));
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_what_it_wrote(text in "\\PC{0,40}", name in "[a-zæ.]{1,9}", host in "[a-zø-]{1,9}") {
            for text in [text, format!("{name}@{host}.dk")] {
                if let Ok(email) = Email::read(&text) {
                    prop_assert_eq!(&Email::read(&email.to_string()), &Ok(email.clone()));
                    let again = Email::read(&email.identity()).map(|one| one.identity());
                    prop_assert_eq!(again, Ok(email.identity()));
                }
            }
        }
    }
}
