//! What mails say: Markdown in `content/mail/<name>.md` and `<name>.en.md`, or the built-in texts where a
//! city has none of its own (`themes/default/mail`, to begin from).
//!
//! The front matter has a `subject`; `{{link}}` and its like stand for what differs from mail to mail
//! ([`Name::knows`]). A placeholder that means nothing, or one that is missing, is an author's mistake
//! with its place. Text and HTML are made of the same Markdown (`reading`).

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use super::catalogue as c;
use super::reading;
use crate::diag::{self, Diagnostic, Sources};
use crate::error::{Context, Error, Result};
use crate::site::theme::slashed;
use crate::survey::frontmatter::{self, Required};
use crate::survey::prose;
use crate::survey::source::{self, Notes};

/// The folder within the content folder.
pub const FOLDER: &str = "mail";

/// A mail's occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// Somebody signed up and has to confirm it.
    Confirm,
    /// The link to a member's own page.
    Me,
    /// Somebody signed up who is a member already.
    Known,
    Invitation,
    Reminder,
    /// What was answered, and what becomes of it.
    Findings,
    /// Long silent: stay or leave?
    Inactive,
    /// Everything is erased.
    Goodbye,
}

/// All of them, with what their files are called.
pub const NAMES: [(Name, &str); 8] = [
    (Name::Confirm, "confirm"),
    (Name::Me, "me"),
    (Name::Known, "known"),
    (Name::Invitation, "invitation"),
    (Name::Reminder, "reminder"),
    (Name::Findings, "findings"),
    (Name::Inactive, "inactive"),
    (Name::Goodbye, "goodbye"),
];

/// The one placeholder whose value is not a text but HTML of our own making, with its paragraphs.
const FINDINGS: &str = "findings";

/// What a placeholder stands for, in English and Danish.
const MEANINGS: [(&str, &str, &str); 9] = [
    ("link", "the page the mail is about", "siden, som mailen handler om"),
    ("panel", "the panel's name", "panelets navn"),
    ("who", "who asks, as in `[controller] name`", "hvem der spørger, som i `[controller] name`"),
    ("contact", "whom to write to", "hvem man kan skrive til"),
    ("survey", "the survey's title", "undersøgelsens titel"),
    (
        "minutes",
        "how long it takes, as in `5 minutes`",
        "hvor lang tid det tager, som i `5 minutter`",
    ),
    (
        "closes",
        "the last day, as in `11 December 2026`",
        "den sidste dag, som i `11. december 2026`",
    ),
    ("unsubscribe", "the page to leave at", "siden, hvor man melder sig ud"),
    (
        FINDINGS,
        "what was found and what the city does, as in `content/results/<slug>.md`",
        "hvad I svarede, og hvad kommunen gør, som i `content/results/<slug>.md`",
    ),
];

impl Name {
    /// The placeholders of this mail, each of which has to be given a value.
    pub fn knows(self) -> &'static [&'static str] {
        match self {
            Name::Confirm | Name::Me | Name::Known => &["link", "panel", "who", "contact"],
            Name::Invitation | Name::Reminder => {
                &["link", "panel", "who", "contact", "survey", "minutes", "closes", "unsubscribe"]
            }
            Name::Findings => {
                &["link", "panel", "who", "contact", "survey", "unsubscribe", FINDINGS]
            }
            Name::Inactive => &["link", "panel", "who", "contact", "closes"],
            Name::Goodbye => &["panel", "who", "contact"],
        }
    }

    /// Those its text cannot do without: who invites says who asks, how long it takes, until when, and
    /// how to leave.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Name::Confirm | Name::Me | Name::Known => &["link"],
            Name::Invitation | Name::Reminder => {
                &["link", "who", "minutes", "closes", "unsubscribe"]
            }
            Name::Findings => &["link", "unsubscribe"],
            Name::Inactive => &["link", "closes"],
            Name::Goodbye => &[],
        }
    }

    fn file(self) -> &'static str {
        let known = NAMES.iter().find(|(name, _)| *name == self);
        known.map(|(_, file)| *file).expect("every name is in the table")
    }
}

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../themes/default/mail/", $name, ".md")))),*]
    };
}

/// The built-in texts, Danish without an ending.
const BUILTIN: &[(&str, &str)] = embed![
    "confirm",
    "confirm.en",
    "me",
    "me.en",
    "known",
    "known.en",
    "invitation",
    "invitation.en",
    "reminder",
    "reminder.en",
    "findings",
    "findings.en",
    "inactive",
    "inactive.en",
    "goodbye",
    "goodbye.en",
];

/// A mail, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A time as `{{minutes}}` wants it.
pub fn minutes(count: u32, lang: &str) -> String {
    match (lang, count) {
        ("en", 1) => "1 minute".to_owned(),
        ("en", _) => format!("{count} minutes"),
        (_, 1) => "1 minut".to_owned(),
        _ => format!("{count} minutter"),
    }
}

/// The texts of all mails.
#[derive(Debug)]
pub struct Templates {
    /// By file name, as in `confirm.en`, without what is built in.
    own: BTreeMap<String, Template>,
    default_language: String,
}

/// A text, ready to be filled in. Placeholders stand in it as [`token`]s.
#[derive(Debug)]
struct Template {
    lang: String,
    subject: String,
    html: String,
}

/// What a content folder's mails are, and what is wrong with them.
#[derive(Debug)]
pub struct Found {
    pub templates: Templates,
    pub diagnostics: Vec<Diagnostic>,
    /// The text of every file read, by its path as messages show it.
    pub sources: Sources,
}

impl Found {
    /// The texts, where nothing is wrong with them.
    pub fn checked(self) -> Result<Templates> {
        if !self.diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(self.templates);
        }
        let report = diag::report(&self.diagnostics, &self.sources, diag::Language::English);
        Err(Error::new("use the texts of mails").source(report).hint("mend them; nothing was sent"))
    }
}

/// Reads the mails of the content folder `content`, whose files without an ending are in
/// `default_language`.
pub fn load(content: &Path, default_language: &str) -> Result<Found> {
    let templates =
        Templates { own: BTreeMap::new(), default_language: default_language.to_owned() };
    let mut found = Found { templates, diagnostics: Vec::new(), sources: Sources::new() };
    let folder = content.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error).during_at("read the mails of", &folder),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.during_at("read the mails of", &folder)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let stem = name.as_deref().and_then(|name| name.strip_suffix(".md")).map(str::to_owned);
        files.extend(stem.filter(|stem| !stem.starts_with('.')).map(|stem| (stem, path)));
    }
    files.sort();
    for (stem, path) in files {
        let bytes = fs::read(&path).during_at("read the mail", &path)?;
        let file = slashed(&path);
        let (text, wrong) = source::decode(&file, &bytes);
        found.diagnostics.extend(wrong);
        let mut notes = Notes::new(&file);
        if let Some(template) = read(&stem, &text, default_language, &mut notes) {
            found.templates.own.insert(stem, template);
        }
        found.diagnostics.append(&mut notes.list);
        found.sources.insert(file, text);
    }
    Ok(found)
}

impl Templates {
    /// The mail of this name in `lang`, with these values. A city's own text comes first, then the
    /// built-in one, then the site's default language.
    ///
    /// # Errors
    ///
    /// Where the caller gives no value for a placeholder the text uses.
    pub fn fill(&self, name: Name, lang: &str, values: &[(&str, &str)]) -> Result<Filled> {
        let stem = match lang == self.default_language {
            true => name.file().to_owned(),
            false => format!("{}.{lang}", name.file()),
        };
        let builtin;
        let template = match self.own.get(&stem) {
            Some(template) => template,
            None => {
                builtin = self.builtin(name, lang);
                &builtin
            }
        };
        template.fill(name, values)
    }

    /// The built-in text: Danish where it has none in `lang`, as on the site.
    fn builtin(&self, name: Name, lang: &str) -> Template {
        let stem =
            if lang == "en" { format!("{}.en", name.file()) } else { name.file().to_owned() };
        let text = BUILTIN.iter().find(|(known, _)| *known == stem).map(|(_, text)| *text);
        let mut notes = Notes::new("the built-in mail");
        let text = text.expect("every name has its texts");
        read(&stem, text, "da", &mut notes).expect("a test reads all of them")
    }
}

impl Template {
    fn fill(&self, name: Name, values: &[(&str, &str)]) -> Result<Filled> {
        let mut subject = self.subject.clone();
        let mut html = self.html.clone();
        for (at, (placeholder, ..)) in MEANINGS.iter().enumerate() {
            let token = token(at, placeholder.len() + 4);
            if !subject.contains(&token) && !html.contains(&token) {
                continue;
            }
            let value = values.iter().find(|(known, _)| known == placeholder);
            let (_, value) = value.ok_or_else(|| {
                let missing = format!("nothing was given for `{{{{{placeholder}}}}}`");
                Error::new(format!("write the mail `{}`", name.file())).source(missing)
            })?;
            if *placeholder == FINDINGS {
                subject = subject.replace(&token, "");
                html = html.replace(&format!("<p>{token}</p>"), value).replace(&token, value);
                continue;
            }
            let value = value.replace(char::is_control, " ");
            subject = subject.replace(&token, &value);
            html = html.replace(&token, &reading::escaped(&value));
        }
        let text = reading::plain(&html);
        let html = reading::page(&html, &subject, &self.lang);
        Ok(Filled { subject, text, html })
    }
}

/// Reads one file; none where it is no mail.
fn read(stem: &str, text: &str, default_language: &str, notes: &mut Notes) -> Option<Template> {
    let (file, lang) = stem.split_once('.').unwrap_or((stem, default_language));
    let files = NAMES.map(|(_, file)| file);
    let Some((name, _)) = NAMES.iter().find(|(_, known)| *known == file) else {
        let note = notes.add(&c::UNKNOWN_MAIL, 0..0).arg("name", file);
        source::suggest(note, file, files);
        // What is wrong is the file's name, which no change of its text mends.
        note.fix = None;
        return None;
    };
    let masked = mask(*name, text, notes);
    let front = frontmatter::read(&masked, Required::Yes, notes);
    let subject = front.find("subject").and_then(|key| key.value.as_str()).map(str::trim);
    let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
        notes.add(&c::MAIL_SUBJECT, front.span.clone());
        return None;
    };
    if let Some(at) = text.to_lowercase().find(concat!("anon", "ym")) {
        // Small letters may be longer than capitals; the place is shown as well as it can be.
        let at = diag::within(text, &(at..at + 6));
        notes.add(&c::ANONYMITY, at);
    }
    let html = prose::paragraphs(&masked, front.body..masked.len(), notes).html;
    Some(Template { lang: lang.to_owned(), subject: subject.to_owned(), html })
}

/// A word that stands for a placeholder while Markdown is read: as long, so that places stay true, and
/// of letters, so that it may stand in an address.
fn token(at: usize, length: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(at).expect("there are few placeholders"));
    format!("zx{letter}{}z", "q".repeat(length - 4))
}

/// The text with [`token`]s for its placeholders, and notes on those that are wrong or missing.
fn mask(name: Name, text: &str, notes: &mut Notes) -> String {
    let mut masked = text.to_owned();
    let mut met = Vec::new();
    for (range, word) in placeholders(text) {
        let known = MEANINGS.iter().position(|(known, ..)| *known == word);
        let Some(at) = known.filter(|_| name.knows().contains(&word)) else {
            let start = range.start + text[range.clone()].find(word).unwrap_or(0);
            let note = notes.add(&c::UNKNOWN_PLACEHOLDER, start..start + word.len());
            source::suggest(note.arg("name", &text[range.clone()]), word, name.knows().to_vec());
            // One mistake, told once: the words left are no placeholder any more.
            masked.replace_range(range.clone(), &"q".repeat(range.len()));
            continue;
        };
        met.push(word);
        let short = token(at, word.len() + 4);
        // Spaces within the braces are allowed; behind the word they change nothing.
        masked.replace_range(range.clone(), &format!("{short:<width$}", width = range.len()));
    }
    for needed in name.needs().iter().filter(|needed| !met.contains(needed)) {
        let meaning = MEANINGS.iter().find(|(known, ..)| known == needed);
        let (_, en, da) = meaning.expect("every placeholder has a meaning");
        let note = notes.add(&c::MISSING_PLACEHOLDER, 0..3.min(text.len()));
        note.arg("name", format!("{{{{{needed}}}}}")).phrase("why", en, da);
    }
    masked
}

/// Every `{{word}}` and its place.
fn placeholders(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at + 2) else { break };
        let inner = &text[open + 2..close - 2];
        if !inner.contains('\n') {
            found.push((open..close, inner.trim()));
        }
        from = close;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &[(&str, &str)] = &[
        ("link", "https://panel.example.dk/i/abc?x=1&y=2"),
        ("panel", "Københavns Borgerpanel"),
        ("who", "Københavns Kommune"),
        ("contact", "panel@example.dk"),
        ("survey", "Træer & <grønne> områder"),
        ("minutes", "5 minutter"),
        ("closes", "11. december 2026"),
        ("unsubscribe", "https://panel.example.dk/panel/leave/abc"),
        (
            "findings",
            "<ul>\n<li>Syv ud af ti &amp; flere</li>\n</ul>\n<h2>Det gør kommunen</h2>\n<p>Planter.</p>",
        ),
    ];

    fn builtin() -> Templates {
        Templates { own: BTreeMap::new(), default_language: "da".to_owned() }
    }

    fn codes(stem: &str, text: &str) -> Vec<(&'static str, String)> {
        let mut notes = Notes::new("a.md");
        read(stem, text, "da", &mut notes);
        let place = |note: &Diagnostic| text.get(note.span.clone()).unwrap_or("").to_owned();
        notes.list.iter().map(|note| (note.entry.code, place(note))).collect()
    }

    #[test]
    fn every_mail_is_built_in_and_has_no_mistake() {
        for (stem, text) in BUILTIN {
            assert_eq!(codes(stem, text), [], "{stem}");
        }
        assert_eq!(BUILTIN.len(), 2 * NAMES.len());
        for ((name, file), lang) in NAMES.iter().flat_map(|name| [(name, "da"), (name, "en")]) {
            let mail = builtin().fill(*name, lang, VALUES).expect("filled in");
            for reading in [&mail.subject, &mail.text, &mail.html] {
                assert!(!reading.contains("{{") && !reading.contains("zx"), "{file}: {reading}");
            }
            assert!(mail.html.contains(&format!("<html lang=\"{lang}\">")), "{file}");
            for remote in ["<img", "<link", "<script", "@import", "url("] {
                assert!(!mail.html.contains(remote), "{file}: {remote}");
            }
            if name.knows().contains(&"link") {
                assert!(
                    mail.text.contains("\nhttps://panel.example.dk/i/abc?x=1&y=2\n"),
                    "{}",
                    mail.text
                );
                assert!(mail.html.contains("href=\"https://panel.example.dk/i/abc?x=1&amp;y=2\""));
            }
        }
    }

    #[test]
    fn findings_keep_their_list_and_headings_in_both_readings() {
        let mail = builtin().fill(Name::Findings, "da", VALUES).expect("filled in");
        assert!(mail.html.contains("<li>Syv ud af ti &amp; flere</li>"), "{}", mail.html);
        assert!(!mail.html.contains("<p><ul>") && !mail.subject.contains("Syv"), "{}", mail.html);
        let wanted = "\n- Syv ud af ti & flere\n\nDet gør kommunen\n\nPlanter.\n";
        assert!(mail.text.contains(wanted), "{}", mail.text);
    }

    #[test]
    fn an_invitation_says_what_fairness_asks_for() {
        let mail = builtin().fill(Name::Invitation, "da", VALUES).expect("filled in");
        for words in [
            "Dine svar er fortrolige",
            "frivilligt",
            "5 minutter",
            "11. december 2026",
            "Københavns Kommune",
            "https://panel.example.dk/panel/leave/abc",
        ] {
            assert!(mail.text.contains(words), "{words}: {}", mail.text);
        }
        assert_eq!(mail.subject, "Hvad synes du? Træer & <grønne> områder");
        assert!(mail.html.contains("<strong>Træer &amp; &lt;grønne&gt; områder</strong>"));
        assert!(mail.text.contains("Træer & <grønne> områder"));
        let mail = builtin().fill(Name::Invitation, "en", VALUES).expect("filled in");
        for words in ["Your answers are confidential", "voluntary", "5 minutter"] {
            assert!(mail.text.contains(words), "{words}: {}", mail.text);
        }
    }

    #[test]
    fn a_value_brings_no_markup_and_no_line() {
        let values: Vec<(&str, &str)> = VALUES
            .iter()
            .map(|(name, value)| match *name {
                "survey" => (*name, "*a* [b](https://evil.example) {{link}}\r\n<b>\"c"),
                _ => (*name, *value),
            })
            .collect();
        let mail = builtin().fill(Name::Invitation, "da", &values).expect("filled in");
        assert!(mail.html.contains("*a* [b](https://evil.example) {{link}}  &lt;b&gt;&quot;c"));
        assert!(!mail.subject.contains(['\r', '\n']));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let fine = "---\nsubject: Hej\n---\n\n[Ja]({{link}})\n";
        assert_eq!(codes("confirm", fine), []);
        assert_eq!(codes("confirm", &fine.replace("{{link}}", "{{ link }}")), []);
        let wrong = fine.replace("Hej", "Hej {{navn}}");
        assert_eq!(codes("confirm", &wrong), [("unknown-placeholder", "navn".to_owned())]);
        // Known elsewhere, but not in this mail.
        let wrong = fine.replace("Hej", "Hej {{minutes}}");
        assert_eq!(codes("confirm", &wrong)[0].0, "unknown-placeholder");
        let wrong = fine.replace("{{link}}", "/panel/");
        assert_eq!(codes("confirm", &wrong), [("missing-placeholder", "---".to_owned())]);
        assert_eq!(
            codes("confirm", &fine.replace("subject: Hej", "title: Hej"))[0].0,
            "mail-subject"
        );
        assert_eq!(codes("confrm", fine)[0].0, "unknown-mail");
        let wrong = format!("{fine}\nDu er {}.\n", concat!("Anon", "ym"));
        assert_eq!(codes("confirm", &wrong)[0].0, "mail-promise");
        assert_eq!(
            codes("confirm", &format!("{fine}\n<img src=\"https://a.dk/p.gif\">\n"))[0].0,
            "raw-html"
        );
        assert_eq!(codes("confirm", &format!("{fine}\n![](https://a.dk/p.gif)\n")).len(), 1);
    }

    #[test]
    fn a_city_has_its_own_words_where_it_wants_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join(FOLDER);
        fs::create_dir(&place).expect("made");
        let own = "---\nsubject: Velkommen\n---\n\nHej *du*\n\n- et\n- to\n\n[Ja]({{link}})\n";
        fs::write(place.join("confirm.md"), own).expect("written");
        let templates = load(folder.path(), "da").expect("read").checked().expect("fine");
        let mail = templates.fill(Name::Confirm, "da", VALUES).expect("filled in");
        assert_eq!(mail.subject, "Velkommen");
        assert_eq!(
            mail.text,
            "Hej du\n\n- et\n- to\n\nJa:\nhttps://panel.example.dk/i/abc?x=1&y=2\n"
        );
        let english = templates.fill(Name::Confirm, "en", VALUES).expect("filled in");
        assert!(english.subject.starts_with("Please confirm"));
        fs::write(place.join("me.md"), own.replace("Hej", "{{nobody}}")).expect("written");
        let error = load(folder.path(), "da").expect("read").checked().expect_err("wrong");
        assert!(error.to_string().contains("me.md:5:3"), "{error}");
    }

    #[test]
    fn a_value_that_is_not_given_is_an_error_and_no_gap() {
        let error = builtin().fill(Name::Me, "da", &[("link", "https://a.dk")]).expect_err("a gap");
        assert!(error.to_string().contains("{{panel}}"), "{error}");
    }
}
