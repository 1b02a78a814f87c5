//! An address as mail servers want it: checked, so that nothing in it can become a line or a command of
//! its own, and with a host in ASCII (RFC 3492), since few servers take another.

use crate::panel::email::punycode;
use std::fmt;

use crate::survey::kinds::email;
use crate::survey::source::nfc;

/// The longest address (RFC 5321, 4.5.3.1.3: 256 octets with its angle brackets).
const OCTETS_MAX: usize = 254;

/// A checked address, its host in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    at: usize,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("it is not a mail address")]
    Form,
    #[error("the name of its host cannot be written in ASCII")]
    Host,
    #[error("it is too long")]
    Long,
}

impl Address {
    /// Reads `name@host`, the form that sign-up takes and no more.
    pub fn read(text: &str) -> Result<Address, AddressError> {
        let text = email::read(text).ok_or(AddressError::Form)?;
        let (name, host) = text.split_once('@').ok_or(AddressError::Form)?;
        // What no reader sees can hide a second address; and RFC 5321 has no quotes here.
        let odd = |sign: char| sign.is_ascii_control() || "\"\\<>(),;:".contains(sign);
        if name.contains(odd) || name.starts_with('.') || name.ends_with('.') || name.contains("..")
        {
            return Err(AddressError::Form);
        }
        let host = host_in_ascii(host).ok_or(AddressError::Host)?;
        let address = Address { text: format!("{name}@{host}"), at: name.len() };
        if address.text.len() > OCTETS_MAX { Err(AddressError::Long) } else { Ok(address) }
    }

    /// As it stands in a command.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands behind the `@`, in ASCII.
    pub fn host(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// Whether the server has to know SMTPUTF8 (RFC 6531) to take it.
    pub fn needs_utf8(&self) -> bool {
        !self.text.is_ascii()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Who mail is from: `panel@example.dk`, or `Borgerpanelet <panel@example.dk>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Empty where the address alone is given.
    pub name: String,
    pub address: Address,
}

impl Sender {
    /// Reads either form.
    pub fn read(text: &str) -> Result<Sender, AddressError> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('<') else {
            return Ok(Sender { name: String::new(), address: Address::read(text)? });
        };
        let address = rest.strip_suffix('>').ok_or(AddressError::Form)?;
        let name = name.trim().trim_matches('"').trim().to_owned();
        Ok(Sender { name, address: Address::read(address)? })
    }
}

/// A host in ASCII: labels with other letters as `xn--…`.
fn host_in_ascii(host: &str) -> Option<String> {
    let host = nfc(&host.to_lowercase());
    let labels: Option<Vec<String>> = host.split('.').map(label_in_ascii).collect();
    Some(labels?.join("."))
}

fn label_in_ascii(label: &str) -> Option<String> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    if label.starts_with('-') || label.ends_with('-') || label.is_empty() {
        return None;
    }
    if label.is_ascii() {
        return (label.len() <= 63 && label.chars().all(plain)).then(|| label.to_owned());
    }
    // Letters and digits of any script; what else Unicode has is no part of a host.
    if !label.chars().all(|sign| plain(sign) || !sign.is_ascii() && sign.is_alphanumeric()) {
        return None;
    }
    let label = format!("xn--{}", punycode(label)?);
    (label.len() <= 63).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_written_in_ascii() {
        for (written, host) in [
            ("a@Example.DK", "example.dk"),
            ("a@bær.dk", "xn--br-1ia.dk"),
            ("a@rødgrød-med-fløde.dk", "xn--rdgrd-med-flde-qqbdi.dk"),
            ("a@bücher.example", "xn--bcher-kva.example"),
            // RFC 3492, 7.1 (B), within a host.
            ("a@他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"),
        ] {
            assert_eq!(Address::read(written).as_ref().map(Address::host), Ok(host), "{written}");
        }
    }

    #[test]
    fn what_could_become_a_command_is_no_address() {
        for text in [
            "a@b.dk\r\nDATA",
            "a\n@b.dk",
            "<a@b.dk>",
            "a b@c.dk",
            "a@b.dk>",
            "a@b.dk,c@d.dk",
            "a@b..dk",
            "\"a\"@b.dk",
            ".a@b.dk",
            "a..b@c.dk",
            "a@-b.dk",
            "a@b_c.dk",
            "a@b\u{2028}.dk",
        ] {
            assert!(Address::read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let sender = Sender::read("Københavns Borgerpanel <panel@example.dk>").expect("a sender");
        assert_eq!(sender.name, "Københavns Borgerpanel");
        assert_eq!(sender.address.as_str(), "panel@example.dk");
        assert_eq!(Sender::read("panel@example.dk").map(|sender| sender.name), Ok(String::new()));
        assert!(Sender::read("Panel <panel@example.dk> x").is_err());
    }
}
