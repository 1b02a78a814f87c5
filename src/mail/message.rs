//! A mail as bytes: headers and two readings of the same text, plain and HTML (RFC 5322, 2045, 2047).
//!
//! Everything is ASCII in lines of at most 76 characters, so that no server on the way has to change
//! it. No field can bring a header of its own: what is text is encoded, and what is not (addresses,
//! the id) is refused where it does not have its form.

use std::fmt::Write;

use jiff::Timestamp;

use super::address::{Address, AddressError, Sender};

/// A line's length (RFC 2045, 6.7), without its end.
const LINE_MAX: usize = 76;

/// One mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The left part of `Message-ID`: the same for the same mail, however often it is tried. Letters,
    /// digits, `.`, `-`, `_` and `+`.
    pub id: String,
    /// `da` or `en`.
    pub lang: String,
    /// When it was written, for `Date`.
    pub date: Timestamp,
    /// The https address that leaves at one click (RFC 8058).
    pub unsubscribe: Option<String>,
    /// Whom other servers tell that it did not arrive; without it, the sender.
    pub bounce_to: Option<String>,
}

/// Why a message cannot be a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the address of a mail: {0}")]
    To(AddressError),
    #[error("the address that bounces go to: {0}")]
    BounceTo(AddressError),
    #[error("the id of a mail is made of letters, digits, `.`, `-`, `_` and `+`")]
    Id,
    #[error("the address to leave at is no web address")]
    Unsubscribe,
}

/// A mail that can be sent: who it is from and to, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub from: Address,
    pub to: Address,
    /// Lines end in CRLF; dots are not stuffed yet.
    pub bytes: Vec<u8>,
}

impl Message {
    /// The mail that `sender` sends. The id's right side is the sender's host.
    pub fn envelope(&self, sender: &Sender) -> Result<Envelope, Unfit> {
        let to = Address::read(&self.to).map_err(Unfit::To)?;
        let bounce_to = self.bounce_to.as_deref().map(Address::read).transpose();
        let from = bounce_to.map_err(Unfit::BounceTo)?.unwrap_or_else(|| sender.address.clone());
        if !is_id(&self.id) {
            return Err(Unfit::Id);
        }
        let mut out = String::with_capacity(2 * (self.text.len() + self.html.len()) + 1024);
        self.write_head(sender, &to, &mut out)?;
        self.write_parts(&mut out);
        Ok(Envelope { from, to, bytes: out.into_bytes() })
    }

    fn write_head(&self, sender: &Sender, to: &Address, out: &mut String) -> Result<(), Unfit> {
        let mut line = |name: &str, value: &str| {
            let _ = write!(out, "{name}: {value}\r\n");
        };
        let name = match sender.name.as_str() {
            "" => String::new(),
            name => format!("{} ", words(name, "From: ".len(), b" -")),
        };
        line("From", &format!("{name}<{}>", sender.address));
        line("To", &format!("<{to}>"));
        line("Subject", &words(&self.subject, "Subject: ".len(), b" -.,!?:'/&+%"));
        line("Date", &self.date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
        line("Message-ID", &format!("<{}@{}>", self.id, sender.address.host()));
        // No reply of a machine's comes back for it (RFC 3834).
        line("Auto-Submitted", "auto-generated");
        if let Some(url) = &self.unsubscribe {
            if !is_web_address(url) {
                return Err(Unfit::Unsubscribe);
            }
            line("List-Unsubscribe", &format!("<{url}>"));
            line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        if matches!(self.lang.as_str(), "da" | "en") {
            line("Content-Language", &self.lang);
        }
        line("MIME-Version", "1.0");
        // `=_` cannot stand in what is quoted-printable (RFC 2045, 6.7), so no part can end early.
        let boundary = format!("multipart/alternative;\r\n boundary=\"{BOUNDARY}\"");
        line("Content-Type", &boundary);
        Ok(())
    }

    fn write_parts(&self, out: &mut String) {
        for (kind, text) in [("plain", &self.text), ("html", &self.html)] {
            let _ = write!(
                out,
                "\r\n--{BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            );
            quote(text, out);
        }
        let _ = write!(out, "\r\n--{BOUNDARY}--\r\n");
    }
}

const BOUNDARY: &str = "=_borgerpanel_=";

pub(super) fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte);
    id.len() <= 128 && id.split('.').all(|part| !part.is_empty() && part.bytes().all(fits))
}

/// A web address that can stand between `<` and `>` on one line (RFC 5322 allows 998 characters).
fn is_web_address(url: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\,".contains(&byte);
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && url.len() <= 900 && url.bytes().all(is_plain)
}

/// Text in a header: as it is where it is plain and short, else in encoded words (RFC 2047).
/// `taken` characters of the first line are used up; the signs of `bare` mean nothing in this header.
fn words(text: &str, taken: usize, bare: &[u8]) -> String {
    // Nothing a reader could see is lost: controls have no look, and a line break is a space here.
    let text: Vec<&str> =
        text.split(|sign: char| sign.is_control() || sign.is_whitespace()).collect();
    let text = text.join(" ");
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || bare.contains(&byte);
    if text.bytes().all(plain) && text.len() + taken <= LINE_MAX {
        return text.to_owned();
    }
    const OPEN: &str = "=?utf-8?q?";
    let mut out = String::from(OPEN);
    let mut used = taken + OPEN.len();
    for sign in text.chars() {
        let mut bytes = [0; 4];
        let piece = encoded(sign.encode_utf8(&mut bytes));
        // A sign is never cut in two (RFC 2047, 5), and a word has at most 75 characters.
        if used + piece.len() + "?=".len() >= LINE_MAX {
            out.push_str("?=\r\n ");
            out.push_str(OPEN);
            used = 1 + OPEN.len();
        }
        used += piece.len();
        out.push_str(&piece);
    }
    out.push_str("?=");
    out
}

/// One sign of an encoded word, with what RFC 2047, 5 (3) allows in any place.
fn encoded(sign: &str) -> String {
    match sign.as_bytes() {
        [b' '] => "_".to_owned(),
        [byte] if byte.is_ascii_alphanumeric() => sign.to_owned(),
        bytes => bytes.iter().map(|byte| format!("={byte:02X}")).collect(),
    }
}

/// Quoted-printable (RFC 2045, 6.7). Ends with the end of a line.
fn quote(text: &str, out: &mut String) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for line in text.trim_end_matches('\n').split('\n') {
        let mut used = 0;
        let last = line.len().saturating_sub(1);
        for (at, byte) in line.bytes().enumerate() {
            // A space at the end of a line would be lost on the way.
            let plain =
                matches!(byte, b' '..=b'~') && byte != b'=' && !(byte == b' ' && at == last);
            let width = if plain { 1 } else { 3 };
            if used + width >= LINE_MAX {
                out.push_str("=\r\n");
                used = 0;
            }
            used += width;
            if plain {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "={byte:02X}");
            }
        }
        out.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sender(name: &str) -> Sender {
        Sender { name: name.to_owned(), address: Address::read("panel@example.dk").expect("fits") }
    }

    fn message() -> Message {
        Message {
            to: "anna@example.dk".to_owned(),
            subject: "Hvad synes du om træerne på Nørrebrogade, og skal der være flere af dem?"
                .to_owned(),
            text: "Kære nabo\n\n= æ".to_owned(),
            html: "<p>Kære nabo</p>".to_owned(),
            id: "inv.17-ab".to_owned(),
            lang: "da".to_owned(),
            date: "2026-11-27T11:05:09Z".parse().expect("a moment"),
            unsubscribe: Some("https://panel.example.dk/panel/leave/abc".to_owned()),
            bounce_to: None,
        }
    }

    fn written(message: &Message, name: &str) -> String {
        let envelope = message.envelope(&sender(name)).expect("fits");
        String::from_utf8(envelope.bytes).expect("ASCII")
    }

    /// The names of the headers, folded lines put together.
    fn headers(mail: &str) -> Vec<&str> {
        let (head, _) = mail.split_once("\r\n\r\n").expect("a head");
        let lines = head.split("\r\n").filter(|line| !line.starts_with(' '));
        lines.map(|line| line.split(':').next().expect("split")).collect()
    }

    #[test]
    fn a_mail_has_its_headers_and_both_readings() {
        let mail = written(&message(), "Københavns Borgerpanel");
        assert!(
            mail.starts_with(
                "From: =?utf-8?q?K=C3=B8benhavns_Borgerpanel?= <panel@example.dk>\r\n"
            )
        );
        assert!(mail.contains("\r\nMessage-ID: <inv.17-ab@example.dk>\r\n"));
        assert!(mail.contains("\r\nDate: Fri, 27 Nov 2026 11:05:09 +0000\r\n"));
        assert!(
            mail.contains("\r\nList-Unsubscribe: <https://panel.example.dk/panel/leave/abc>\r\n")
        );
        assert!(mail.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
        assert!(mail.contains("K=C3=A6re nabo\r\n\r\n=3D =C3=A6\r\n"));
        assert!(mail.lines().all(|line| line.len() <= LINE_MAX), "{mail}");
    }

    #[test]
    fn a_mail_is_the_same_each_time_it_is_made() {
        assert_eq!(written(&message(), "Byen"), written(&message(), "Byen"));
    }

    #[test]
    fn what_is_no_id_and_no_web_address_is_refused() {
        let unfit = |message: Message| message.envelope(&sender("")).expect_err("unfit");
        for id in ["", "a b", "a\r\nBcc: x@y.dk", "a@b", ".a", "a..b", "æ"] {
            assert_eq!(unfit(Message { id: id.to_owned(), ..message() }), Unfit::Id, "{id:?}");
        }
        for url in ["", "mailto:a@b.dk", "https://", "https://a>\r\nBcc: <x@y.dk", "https://a b"] {
            let unsubscribe = Some(url.to_owned());
            assert_eq!(unfit(Message { unsubscribe, ..message() }), Unfit::Unsubscribe, "{url:?}");
        }
    }

    /// Text as an attacker would write it.
    fn odd() -> impl Strategy<Value = String> {
        let hard = [
            "\r\n",
            "\n",
            "\r",
            "\0",
            "\u{2028}",
            "\u{85}",
            "\u{202e}",
            "Bcc: x@y.dk",
            "=?",
            "?=",
            "\r\n.\r\n",
            "--=_borgerpanel_=",
            ".",
            "æ",
            "👩‍👩‍👧",
            "<",
            ">",
            "\"",
            "\r\n\r\n",
            ": ",
        ];
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(hard.to_vec()).prop_map(String::from)
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_field_can_bring_a_header_or_a_part(
            to in odd(), subject in odd(), text in odd(), html in odd(), id in odd(), lang in odd(),
            name in odd(), url in odd(), bounce in odd(), keep in any::<[bool; 4]>(),
        ) {
            // A field that does not fit is refused with the mail, so each is odd in half the cases only.
            let own = message();
            let odd_one = Message {
                to: if keep[0] { own.to } else { to },
                id: if keep[1] { own.id } else { id },
                unsubscribe: if keep[2] { own.unsubscribe } else { Some(url) },
                bounce_to: if keep[3] { None } else { Some(bounce) },
                subject, text, html, lang, date: own.date,
            };
            let Ok(envelope) = odd_one.envelope(&sender(&name)) else { return Ok(()) };
            let mail = String::from_utf8(envelope.bytes).expect("UTF-8");
            let known = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
                "List-Unsubscribe-Post", "Content-Language", "MIME-Version", "Content-Type"];
            let found = headers(&mail);
            prop_assert!(found.iter().all(|name| known.contains(name)), "{found:?}");
            prop_assert!(found.windows(2).all(|two| two[0] != two[1]), "{found:?}");
            prop_assert_eq!(mail.matches("\r\n--=_borgerpanel_=").count(), 3);
            // No line end but CRLF, and nothing that ends the mail.
            let bare = mail.replace("\r\n", "");
            prop_assert!(!bare.contains(['\r', '\n', '\0']));
            prop_assert!(mail.lines().all(|line| line.len() <= 998));
        }
    }
}
