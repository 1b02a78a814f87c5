//! Diagnostics: what is wrong in an author's file, where, and how to mend it.
//!
//! Parsing never fails; it collects [`Diagnostic`]s. Each points at an [`Entry`] of a catalogue
//! (`survey::catalogue`) that owns its code and its words, in English and Danish. [`report`] renders
//! them for people, [`to_json`] for editors.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};
use serde::Serialize;

/// Whether a site can be built all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// The language of messages to authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    Danish,
}

/// One kind of mistake. `{name}` in the words stands for an argument of the diagnostic.
#[derive(Debug)]
pub struct Entry {
    /// Kebab-case, stable, never reused.
    pub code: &'static str,
    pub severity: Severity,
    pub en: Words,
    pub da: Words,
}

/// The words of an entry in one language.
#[derive(Debug)]
pub struct Words {
    pub message: &'static str,
    /// What to do; the first whose arguments are all given is used.
    pub help: &'static [&'static str],
}

/// A change that would mend it: the text that takes the place of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub span: Range<usize>,
    pub text: String,
}

/// A mistake at its place.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The file's path as messages show it.
    pub file: String,
    /// Bytes in that file.
    pub span: Range<usize>,
    pub entry: &'static Entry,
    /// By name, in English and in Danish.
    pub args: BTreeMap<&'static str, [String; 2]>,
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A mistake in `file` at the bytes of `span`.
    pub fn new(file: &str, span: Range<usize>, entry: &'static Entry) -> Diagnostic {
        Diagnostic { file: file.to_owned(), span, entry, args: BTreeMap::new(), fix: None }
    }

    /// Adds something the words mention.
    pub fn arg(&mut self, name: &'static str, value: impl ToString) -> &mut Diagnostic {
        let value = value.to_string();
        self.args.insert(name, [value.clone(), value]);
        self
    }

    /// Adds words that the two languages say differently.
    pub fn phrase(&mut self, name: &'static str, en: &str, da: &str) -> &mut Diagnostic {
        self.args.insert(name, [en.to_owned(), da.to_owned()]);
        self
    }

    /// Says how it would be mended.
    pub fn fix(&mut self, span: Range<usize>, text: impl Into<String>) -> &mut Diagnostic {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    /// True for what stops a build.
    pub fn is_error(&self) -> bool {
        self.entry.severity == Severity::Error
    }

    /// What is wrong.
    pub fn message(&self, language: Language) -> String {
        fill(self.words(language).message, &self.args, language).unwrap_or_default()
    }

    /// What to do about it.
    pub fn help(&self, language: Language) -> String {
        let help = self.words(language).help;
        help.iter().find_map(|words| fill(words, &self.args, language)).unwrap_or_default()
    }

    fn words(&self, language: Language) -> &'static Words {
        match language {
            Language::English => &self.entry.en,
            Language::Danish => &self.entry.da,
        }
    }
}

/// Puts arguments in the place of `{name}`; none where one is missing.
fn fill(
    words: &str,
    args: &BTreeMap<&'static str, [String; 2]>,
    language: Language,
) -> Option<String> {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once("{:") {
        let (name, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&args.get(name)?[language as usize]);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The texts that diagnostics point into, by file.
pub type Sources = BTreeMap<String, String>;

/// Sorts by file, then by place, so that a reader goes through a file from its top.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (&a.file, a.span.start, a.span.end, a.entry.code).cmp(&(
            &b.file,
            b.span.start,
            b.span.end,
            b.entry.code,
        ))
    });
}

/// Diagnostics as people read them, in the manner of a compiler.
pub fn report(diagnostics: &[Diagnostic], sources: &Sources, language: Language) -> String {
    // The plain renderer's ASCII art survives every terminal and log.
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    let lines = lines_by_file(sources);
    let nothing = Lines::of("");
    for diagnostic in diagnostics {
        let lines = lines.get(diagnostic.file.as_str()).unwrap_or(&nothing);
        out.push_str(&render_one(&renderer, diagnostic, lines, language));
        out.push_str("\n\n");
    }
    out
}

fn render_one(
    renderer: &Renderer,
    diagnostic: &Diagnostic,
    lines: &Lines,
    language: Language,
) -> String {
    let level = match (diagnostic.entry.severity, language) {
        (Severity::Error, Language::English) => Level::ERROR,
        (Severity::Error, Language::Danish) => Level::ERROR.with_name("fejl"),
        (Severity::Warning, Language::English) => Level::WARNING,
        (Severity::Warning, Language::Danish) => Level::WARNING.with_name("advarsel"),
    };
    let help_level = match language {
        Language::English => Level::HELP,
        Language::Danish => Level::HELP.with_name("hjælp"),
    };
    // The renderer reads all it is given, so it is given the lines it shows.
    let (shown, first) = lines.around(&diagnostic.span);
    let span = within(lines.source, &diagnostic.span);
    let span = span.start - shown.start..span.end - shown.start;
    let mut group =
        level.primary_title(diagnostic.message(language)).id(diagnostic.entry.code).element(
            Snippet::source(&lines.source[shown])
                .line_start(first)
                .path(diagnostic.file.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        );
    let help = diagnostic.help(language);
    if !help.is_empty() {
        group = group.element(help_level.message(help));
    }
    renderer.render(&[group])
}

/// The span cut to the text, on character boundaries: a wrong span must never hide a message.
pub fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor_boundary(source, span.start);
    start..floor_boundary(source, span.end.max(start))
}

fn floor_boundary(source: &str, mut at: usize) -> usize {
    at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    file: &'a str,
    #[serde(flatten)]
    place: Place,
    severity: Severity,
    code: &'static str,
    message: String,
    help: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

/// A span as editors count it: lines and columns from 1, columns in characters, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl Place {
    /// Where `span` (bytes) lies in `source`.
    pub fn of(source: &str, span: &Range<usize>) -> Place {
        Lines::of(source).place(span)
    }
}

/// A text and where its lines begin, so that many places cost no more than few.
struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl Lines<'_> {
    fn of(source: &str) -> Lines<'_> {
        let starts = source.match_indices('\n').map(|(at, _)| at + 1);
        Lines { source, starts: std::iter::once(0).chain(starts).collect() }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let span = within(self.source, span);
        let (line, column) = self.line_and_column(span.start);
        let (end_line, end_column) = self.line_and_column(span.end);
        Place { line, column, end_line, end_column }
    }

    /// The lines that `span` touches, as bytes, and the number of the first.
    fn around(&self, span: &Range<usize>) -> (Range<usize>, usize) {
        let Place { line, end_line, .. } = self.place(span);
        let end = self.starts.get(end_line).copied().unwrap_or(self.source.len());
        (self.starts[line - 1]..end, line)
    }

    fn line_and_column(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        (line, self.source[self.starts[line - 1]..at].chars().count() + 1)
    }
}

fn lines_by_file(sources: &Sources) -> BTreeMap<&str, Lines<'_>> {
    sources.iter().map(|(file, source)| (file.as_str(), Lines::of(source))).collect()
}

/// Diagnostics as a JSON array, one object each (docs/editors.md).
pub fn to_json(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    language: Language,
) -> serde_json::Value {
    let lines = lines_by_file(sources);
    let nothing = Lines::of("");
    let list: Vec<JsonDiagnostic> = diagnostics
        .iter()
        .map(|diagnostic| {
            let lines = lines.get(diagnostic.file.as_str()).unwrap_or(&nothing);
            JsonDiagnostic {
                file: &diagnostic.file,
                place: lines.place(&diagnostic.span),
                severity: diagnostic.entry.severity,
                code: diagnostic.entry.code,
                message: diagnostic.message(language),
                help: diagnostic.help(language),
                fix: diagnostic
                    .fix
                    .as_ref()
                    .map(|fix| JsonFix { place: lines.place(&fix.span), text: &fix.text }),
            }
        })
        .collect();
    serde_json::to_value(list).expect("strings and numbers always become JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    static ENTRY: Entry = Entry {
        code: "unknown-attribute",
        severity: Severity::Error,
        en: Words {
            message: "unknown attribute `{:name}`",
            help: &["did you mean `{:nearest}`?", "remove it"],
        },
        da: Words { message: "ukendt egenskab `{:name}`", help: &["fjern den"] },
    };

    #[test]
    fn columns_count_characters_from_one() {
        let source = "# Æble\n## Øl {reqired}\n";
        let at = source.find("reqired").expect("it is there");
        let place = Place::of(source, &(at..at + 7));
        assert_eq!(place, Place { line: 2, column: 8, end_line: 2, end_column: 15 });
    }

    #[test]
    fn uses_the_first_help_whose_arguments_are_given() {
        let mut diagnostic = Diagnostic::new("a.md", 0..1, &ENTRY);
        diagnostic.arg("name", "reqired");
        assert_eq!(diagnostic.help(Language::English), "remove it");
        diagnostic.arg("nearest", "required");
        assert_eq!(diagnostic.help(Language::English), "did you mean `required`?");
        assert_eq!(diagnostic.message(Language::Danish), "ukendt egenskab `reqired`");
    }

    #[test]
    fn a_report_shows_file_line_and_cure() {
        let mut diagnostic = Diagnostic::new("a.md", 9..16, &ENTRY);
        diagnostic.arg("name", "reqired").arg("nearest", "required");
        let sources = Sources::from([("a.md".to_owned(), "# A\n\n## B {reqired}\n".to_owned())]);
        let text = report(&[diagnostic], &sources, Language::English);
        assert!(text.contains("error[unknown-attribute]: unknown attribute `reqired`"), "{text}");
        assert!(text.contains("a.md:3:"), "{text}");
        assert!(text.contains("did you mean `required`?"), "{text}");
    }
}
