//! What can be wrong with the text of a mail.

use crate::diag::{Entry, Severity, Words};

/// A word in braces that stands for nothing.
pub static UNKNOWN_PLACEHOLDER: Entry = Entry {
    code: "unknown-placeholder",
    severity: Severity::Error,
    en: Words {
        message: "`{:name}` stands for nothing in this mail",
        help: &["did you mean `{:nearest}`? known here: {:known}", "known here: {:known}"],
    },
    da: Words {
        message: "`{:name}` står ikke for noget i denne mail",
        help: &["mente du `{:nearest}`? kendt her: {:known}", "kendt her: {:known}"],
    },
};

/// A mail that lacks what it is sent for.
pub static MISSING_PLACEHOLDER: Entry = Entry {
    code: "missing-placeholder",
    severity: Severity::Error,
    en: Words { message: "the mail lacks `{:name}`", help: &["write it where it belongs: {:why}"] },
    da: Words {
        message: "mailen mangler `{:name}`",
        help: &["skriv det, hvor det hører til: {:why}"],
    },
};

/// Front matter without a subject.
pub static MAIL_SUBJECT: Entry = Entry {
    code: "mail-subject",
    severity: Severity::Error,
    en: Words {
        message: "the mail has no subject",
        help: &["begin the file with `---`, `subject: \"…\"`, `---`"],
    },
    da: Words {
        message: "mailen har intet emne",
        help: &["begynd filen med `---`, `subject: \"…\"`, `---`"],
    },
};

/// A file that no mail is made from.
pub static UNKNOWN_MAIL: Entry = Entry {
    code: "unknown-mail",
    severity: Severity::Error,
    en: Words {
        message: "no mail is called `{:name}`",
        help: &["did you mean `{:nearest}`? the mails are {:known}", "the mails are {:known}"],
    },
    da: Words {
        message: "ingen mail hedder `{:name}`",
        help: &["mente du `{:nearest}`? mailene er {:known}", "mailene er {:known}"],
    },
};

/// A promise that nobody can keep.
pub static ANONYMITY: Entry = Entry {
    code: "mail-promise",
    severity: Severity::Error,
    en: Words {
        message: "a mail cannot promise that nobody is known: it has an address",
        help: &["write that answers are confidential"],
    },
    da: Words {
        message: "en mail kan ikke love, at ingen kendes: den har en adresse",
        help: &["skriv, at svarene er fortrolige"],
    },
};

/// Every entry, for the documentation.
pub static ALL: &[&Entry] =
    &[&UNKNOWN_PLACEHOLDER, &MISSING_PLACEHOLDER, &MAIL_SUBJECT, &UNKNOWN_MAIL, &ANONYMITY];
