//! Mails as they lie on a disk: one in a file, many in an mbox (RFC 4155), a Maildir's files. [`mails`] takes a
//! file's bytes apart; which files there are is for whoever has the folder.

/// What each mail of an mbox begins with.
const FROM: &[u8] = b"From ";

/// The mails in a file. An mbox begins with a line `From …`, and so does each of its mails, after an empty
/// line; such lines within a mail were written with `>` before them, any number of which lose one.
pub fn mails(file: &[u8]) -> Vec<Vec<u8>> {
    if !file.starts_with(FROM) {
        return if file.is_empty() { Vec::new() } else { vec![file.to_vec()] };
    }
    let mut mails: Vec<Vec<u8>> = Vec::new();
    let mut is_after_empty = true;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        if is_after_empty && line.starts_with(FROM) {
            mails.push(Vec::new());
        } else if let Some(mail) = mails.last_mut() {
            mail.extend_from_slice(unquoted(line));
        }
        is_after_empty = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    }
    mails
}

fn unquoted(line: &[u8]) -> &[u8] {
    let signs = line.iter().take_while(|byte| **byte == b'>').count();
    if signs > 0 && line[signs..].starts_with(FROM) { &line[1..] } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_mail_and_an_mbox_many() {
        assert_eq!(
            mails(b"Subject: Hej\n\nFrom here\n"),
            [b"Subject: Hej\n\nFrom here\n".to_vec()]
        );
        let mbox = b"From a@b Thu Nov 26\nSubject: 1\n\n>From us\n>>From them\nFrom within\n\n\
                     From c@d Fri Nov 27\r\nSubject: 2\r\n\r\nHej\r\n";
        let want: [&[u8]; 2] =
            [b"Subject: 1\n\nFrom us\n>From them\nFrom within\n\n", b"Subject: 2\r\n\r\nHej\r\n"];
        assert_eq!(mails(mbox), want);
        assert!(mails(b"").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            mails(&bytes);
            mails(&[FROM, &bytes[..]].concat());
        }
    }
}
