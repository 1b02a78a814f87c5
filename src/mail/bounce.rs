//! What other servers send back: which of our mails failed for good, and why.
//!
//! [`read`] takes one mail that came to the address of `bounce_to`. A delivery status notification
//! (RFC 3464) says it in fields; an old server's plain letter only quotes what it could not deliver, and
//! is believed where it comes from a mail system, quotes a `Message-ID` of ours and has a code of the
//! kind 5.X.X or 5XX. Replies of people and of their machines ("I am on holiday") are no bounces. Nothing
//! here can fail: what is not understood is none.

use super::wire::finer_code;

/// A mail of ours that will not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The left part of its `Message-ID`.
    pub id: String,
    /// The other server's words, on one line.
    pub why: String,
}

/// The longest explanation that is kept.
const WHY_MAX: usize = 300;

/// How deep parts may hold parts.
const DEPTH_MAX: usize = 4;

/// Reads a mail. `host` is the right side of our ids; ids of others are not ours to judge.
pub fn read(mail: &[u8], host: &str) -> Option<Bounce> {
    let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n").replace('\r', "\n");
    let part = Part::of(&mail);
    if part.is_reply() {
        return None;
    }
    let mut parts = Vec::new();
    collect(&part, 0, &mut parts);
    let status = parts.iter().find(|part| part.kind().starts_with("message/delivery-status"));
    let why = match status {
        Some(status) => failure(&status.body)?,
        None if part.is_from_a_mail_system() => told_failure(&part.body)?,
        None => return None,
    };
    // The notice's own id is not the mail's, so its head is left out.
    let id = parts.iter().skip(1).find_map(|part| own_id(&part.whole, host));
    let id = id.or_else(|| own_id(&part.body, host))?;
    Some(Bounce { id, why: shortened(&why) })
}

/// A mail, or a part of one.
struct Part {
    head: Vec<(String, String)>,
    body: String,
    /// Both, as they came.
    whole: String,
}

impl Part {
    fn of(text: &str) -> Part {
        let (head, body) = match text.strip_prefix('\n') {
            Some(body) => ("", body),
            None => text.split_once("\n\n").unwrap_or((text, "")),
        };
        Part { head: fields(head), body: body.to_owned(), whole: text.to_owned() }
    }

    fn field(&self, name: &str) -> &str {
        let found = self.head.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The content type in small letters.
    fn kind(&self) -> String {
        self.field("content-type").to_ascii_lowercase()
    }

    /// What stands between the parts of this one, if it has any.
    fn boundary(&self) -> Option<&str> {
        let value = self.field("content-type");
        let kind = value.to_ascii_lowercase();
        let at = kind.starts_with("multipart/").then(|| kind.find("boundary=")).flatten()?;
        let rest = &value[at + "boundary=".len()..];
        let boundary = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split([';', ' ']).next(),
        };
        boundary.filter(|boundary| !boundary.is_empty())
    }

    /// An answer of a person, or of a person's machine (RFC 3834).
    fn is_reply(&self) -> bool {
        let submitted = self.field("auto-submitted").to_ascii_lowercase();
        let precedence = self.field("precedence").to_ascii_lowercase();
        submitted.starts_with("auto-replied")
            || precedence == "auto_reply"
            || ["x-autoreply", "x-autorespond"].iter().any(|name| !self.field(name).is_empty())
    }

    /// A notice has no sender on its envelope (RFC 5321, 4.5.5), or comes from its machine by name.
    fn is_from_a_mail_system(&self) -> bool {
        let from = self.field("from").to_ascii_lowercase();
        self.field("return-path").trim() == "<>"
            || from.contains("mailer-daemon@")
            || from.contains("<mailer-daemon>")
    }
}

/// The fields of a head by their names in small letters; folded lines are one.
fn fields(head: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

/// The parts within a part, the outer first. The mail that came back is one, too, and is not opened.
fn collect(part: &Part, depth: usize, parts: &mut Vec<Part>) {
    parts.push(Part::of(&part.whole));
    let Some(boundary) = part.boundary().filter(|_| depth < DEPTH_MAX) else { return };
    let mark = format!("--{boundary}");
    let mut inside: Option<String> = None;
    for line in part.body.split_inclusive('\n') {
        let end = line.trim_end();
        let is_mark = end == mark || end.strip_suffix("--") == Some(&mark);
        if !is_mark {
            inside.iter_mut().for_each(|text| text.push_str(line));
            continue;
        }
        if let Some(text) = inside.take() {
            collect(&Part::of(&text), depth + 1, parts);
        }
        if end != mark {
            return;
        }
        inside = Some(String::new());
    }
    // A notice that was cut off ends where it ends.
    if let Some(text) = inside {
        collect(&Part::of(&text), depth + 1, parts);
    }
}

/// Why a recipient failed for good, by the fields of RFC 3464, 2.3. Delays are no failures.
fn failure(status: &str) -> Option<String> {
    status.split("\n\n").map(fields).find_map(|group| {
        let field = |name: &str| {
            let found = group.iter().find(|(known, _)| known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let is_failed = field("action").eq_ignore_ascii_case("failed");
        let code = field("status");
        let is_final = finer_code(code).is_none_or(|(class, ..)| class == 5);
        let said = field("diagnostic-code");
        let said = said.split_once(';').map_or(said, |(_, said)| said.trim());
        // The server's own words often lack the finer code, which says whether the address is to blame.
        let has_code = code.is_empty() || said.contains(code);
        let why = if has_code { said.to_owned() } else { format!("{code} {said}") };
        (is_failed && is_final).then(|| why.trim_end().to_owned())
    })
}

/// The line of a plain letter that has a code of a failure for good.
fn told_failure(letter: &str) -> Option<String> {
    let has_code = |line: &&str| {
        let words = line.split([' ', '\t', '(', ')', '#', ':', ',', '-', '[', ']', '<', '>']);
        let mut codes = words.filter(|word| {
            let is_plain = word.len() == 3 && word.starts_with('5');
            is_plain && word.bytes().all(|byte| byte.is_ascii_digit())
                || finer_code(word).is_some_and(|(class, ..)| class == 5)
        });
        codes.next().is_some()
    };
    letter.lines().find(has_code).map(str::to_owned)
}

/// The left part of the first `Message-ID` at our host in a text.
fn own_id(text: &str, host: &str) -> Option<String> {
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        let Some((name, value)) = line.split_once(':') else { continue };
        if !name.trim().eq_ignore_ascii_case("message-id") {
            continue;
        }
        let id = value.trim().strip_prefix('<').and_then(|rest| rest.split('>').next());
        let Some((left, right)) = id.and_then(|id| id.rsplit_once('@')) else { continue };
        if right.eq_ignore_ascii_case(host) && super::message::is_id(left) {
            return Some(left.to_owned());
        }
    }
    None
}

fn shortened(why: &str) -> String {
    let words: Vec<&str> = why
        .split(|s: char| s.is_whitespace() || s.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ").chars().take(WHY_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "example.dk";

    /// As Postfix writes it.
    const NOTICE: &str = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\n\
Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <2026.AB12@mx.example.net>\r\n\
Auto-Submitted: auto-replied-not\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\
\tboundary=\"AB12.1/mx\"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n--AB12.1/mx\r\n\
Content-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry to have to inform you\r\n\r\n--AB12.1/mx\r\n\
Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
Final-Recipient: rfc822; anna@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\
Diagnostic-Code: smtp; 550 5.1.1 <anna@example.net>: Recipient address\r\n    rejected: User unknown\r\n\r\n\
--AB12.1/mx\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Hvad synes du?\r\n\
Message-ID: <inv.17-ab@example.dk>\r\n\r\n--AB12.1/mx--\r\n";

    fn notice() -> String {
        NOTICE.replace("Auto-Submitted: auto-replied-not\r\n", "Auto-Submitted: auto-generated\r\n")
    }

    fn id_of(mail: &str) -> Option<String> {
        read(mail.as_bytes(), HOST).map(|bounce| bounce.id)
    }

    #[test]
    fn a_notice_says_which_mail_and_why() {
        let why =
            "550 5.1.1 <anna@example.net>: Recipient address rejected: User unknown".to_owned();
        let bounce = Bounce { id: "inv.17-ab".to_owned(), why };
        assert_eq!(read(notice().as_bytes(), HOST), Some(bounce.clone()));
        // The whole mail may come back, in a part of a part.
        let whole = notice().replace("text/rfc822-headers", "message/rfc822");
        assert_eq!(read(whole.as_bytes(), HOST), Some(bounce));
    }

    #[test]
    fn delays_others_mails_and_forged_ids_are_no_bounces() {
        assert_eq!(id_of(&notice().replace("Action: failed", "Action: delayed")), None);
        assert_eq!(id_of(&notice().replace("Status: 5.1.1", "Status: 4.4.7")), None);
        assert_eq!(id_of(&notice().replace("Action: failed", "Action: relayed")), None);
        assert_eq!(id_of(&notice().replace("inv.17-ab@example.dk", "inv.17-ab@example.org")), None);
        assert_eq!(id_of(&notice().replace("inv.17-ab@", "inv 17@")), None);
    }

    #[test]
    fn a_plain_letter_of_a_mail_system_counts_and_of_a_person_does_not() {
        let letter = "Return-Path: <>\nFrom: MAILER-DAEMON@old.example.net\nSubject: failure notice\n\n\
                      Hi. This is the qmail-send program.\n\n<anna@old.example.net>:\nno such user (#5.1.1)\n\n\
                      --- Below this line is a copy of the message.\n\nSubject: Hej\nMessage-Id: <inv.3@EXAMPLE.dk>\n";
        let bounce = read(letter.as_bytes(), HOST).expect("a bounce");
        assert_eq!((bounce.id.as_str(), bounce.why.as_str()), ("inv.3", "no such user (#5.1.1)"));
        let person =
            letter.replace("<>", "<anna@old.example.net>").replace("MAILER-DAEMON", "anna");
        assert_eq!(id_of(&person), None);
        assert_eq!(id_of(&letter.replace("5.1.1", "4.1.1")), None);
    }

    #[test]
    fn machines_that_answer_for_people_are_ignored() {
        for head in [
            "Auto-Submitted: auto-replied (vacation)",
            "X-Autoreply: yes",
            "Precedence: auto_reply",
        ] {
            let mail =
                format!("{head}\n{}", notice().replace("Auto-Submitted: auto-generated\r\n", ""));
            assert_eq!(id_of(&mail), None, "{head}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_none_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert_eq!(read(&bytes, HOST), None);
        }

        #[test]
        fn a_notice_with_a_piece_missing_or_changed_names_our_mail_or_none(
            from in 0usize..NOTICE.len(), length in 0usize..400, put in "\\PC{0,20}",
        ) {
            let mut mail = notice().into_bytes();
            let from = from.min(mail.len());
            let to = (from + length).min(mail.len());
            mail.splice(from..to, put.bytes());
            if let Some(bounce) = read(&mail, HOST) {
                prop_assert!(super::super::message::is_id(&bounce.id), "{bounce:?}");
                prop_assert!(!bounce.why.contains(['\n', '\r']) && bounce.why.chars().count() <= WHY_MAX);
            }
        }
    }
}
