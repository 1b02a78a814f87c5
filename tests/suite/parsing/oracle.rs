//! What must hold of every file, however broken: the property tests and the fuzz targets
//! (`fuzz/fuzz_targets`) judge by the same functions.

use std::ops::Range;

use borgerpanel::diag::{self, Diagnostic, Language, Sources};
use borgerpanel::survey::format::{self, Role};
use borgerpanel::survey::picture::{Picture, Pictures};
use borgerpanel::survey::source::{self, Notes};
use borgerpanel::survey::{Compiled, Facts, File, Files, Input, Shelf, compile, expr, map};

/// Cuts one input into the files of a site, in the order survey, block, translation, map.
pub const CUT: &[u8] = b"\n%%%%\n";

const SURVEY: &str = "surveys/a.md";
const ENGLISH: &str = "surveys/a.en.md";
const BLOCK: &str = "blocks/b.md";
const BLOCK_ENGLISH: &str = "blocks/b.en.md";
const MAP: &str = "maps/m.svg";

const SOME_BLOCK: &str = "# Blok {#blok}\n\n## Bor du her? {#here}\n\n- Ja {#yes}\n- Nej {#no}\n";
const SOME_MAP: &str = "<svg viewBox=\"0 0 9 9\"><path id=\"v\" d=\"M0 0h9z\"><title>V</title></path>\
                        <path id=\"w\" d=\"M0 0h9z\"><title>W</title></path></svg>";

/// The files of a small site, decoded.
#[derive(Debug, Clone)]
pub struct Parts {
    sources: Sources,
    /// What decoding them said.
    undecoded: Vec<Diagnostic>,
}

impl Parts {
    /// The parts of `bytes`.
    pub fn cut(bytes: &[u8]) -> Parts {
        let mut parts = Parts { sources: Sources::new(), undecoded: Vec::new() };
        let mut rest = Some(bytes);
        for file in [SURVEY, BLOCK, ENGLISH, MAP] {
            let Some(bytes) = rest else { break };
            let cut = bytes.windows(CUT.len()).position(|window| window == CUT);
            let (own, behind) = match cut {
                Some(at) => (&bytes[..at], Some(&bytes[at + CUT.len()..])),
                None => (bytes, None),
            };
            rest = behind;
            if own.is_empty() && file != SURVEY {
                continue;
            }
            let (text, wrong) = source::decode(file, own);
            parts.undecoded.extend(wrong);
            parts.sources.insert(file.to_owned(), text);
        }
        parts.sources.entry(BLOCK.to_owned()).or_insert_with(|| SOME_BLOCK.to_owned());
        parts.sources.entry(MAP.to_owned()).or_insert_with(|| SOME_MAP.to_owned());
        parts
    }

    /// A survey alone beside a block and a map.
    pub fn survey(text: &str) -> Parts {
        let mut parts = Parts::cut(b"");
        parts.sources.insert(SURVEY.to_owned(), text.to_owned());
        parts
    }

    fn file(&self, path: &str) -> Option<File<'_>> {
        self.sources.get_key_value(path).map(|(path, text)| File { path, text })
    }

    fn files(&self, base: &str, english: &str) -> Files<'_> {
        Files {
            base: self.file(base).expect("every site has one"),
            translations: self.file(english).map(|file| ("en", file)).into_iter().collect(),
        }
    }

    fn shelf(&self) -> Shelf<'_> {
        let picture = |name: &str| {
            let address = format!("/assets/{name}");
            (format!("surveys/{name}"), Picture { address, width: 6, height: 4, bytes: 1_000 })
        };
        let block = self.files(BLOCK, BLOCK_ENGLISH);
        let background = self.files(BLOCK, BLOCK_ENGLISH);
        Shelf {
            blocks: [(BLOCK.to_owned(), block), ("blocks/baggrund.md".to_owned(), background)]
                .into(),
            maps: [("m".to_owned(), self.file(MAP).expect("every site has one"))].into(),
            pictures: Pictures::from([picture("a.png")]),
        }
    }

    fn with_input<T>(&self, act: impl FnOnce(&Input) -> T) -> T {
        let facts = Facts {
            default_language: "da".into(),
            languages: vec!["da".into(), "en".into()],
            languages_required: Vec::new(),
            translation_fallback: false,
            panels: vec!["kbh".into()],
            lone: false,
        };
        let survey = self.files(SURVEY, ENGLISH);
        act(&Input { slug: "a", survey, shelf: &self.shelf(), site: &facts })
    }

    /// What the compiler makes of them.
    pub fn compile(&self) -> Compiled {
        self.with_input(compile)
    }

    /// Judges what the compiler makes of them; gives its version, where there is one.
    pub fn judge(&self) -> Option<String> {
        let compiled = self.compile();
        for note in compiled.diagnostics.iter().chain(&self.undecoded) {
            judge_note(note, &self.sources[&note.file]);
        }
        for language in [Language::English, Language::Danish] {
            diag::report(&compiled.diagnostics, &self.sources, language);
            diag::to_json(&compiled.diagnostics, &self.sources, language);
        }
        let wrong = compiled.diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(compiled.definition.is_none(), wrong, "{:?}", codes(&compiled));
        let again = self.compile();
        assert_eq!(again.definition, compiled.definition);
        assert_eq!(codes(&again), codes(&compiled));
        compiled.definition.map(|definition| definition.version)
    }

    /// Whether all that is wrong is that nobody can get somewhere: what is written is sound, and only
    /// its conditions do not go together.
    pub fn is_only_unreachable(&self) -> bool {
        let compiled = self.compile();
        let mut wrong = compiled.diagnostics.iter().filter(|note| note.is_error()).peekable();
        let unreachable = |code: &str| {
            code.starts_with("unreachable-") || ["nothing-to-choose", "never-true"].contains(&code)
        };
        wrong.peek().is_some() && wrong.all(|note| unreachable(note.entry.code))
    }

    /// The same files as `fmt` writes them.
    pub fn tidied(&self) -> Parts {
        let mut tidied = self.clone();
        let survey = self.with_input(format::survey);
        tidied.sources.insert(SURVEY.to_owned(), survey);
        if let Some(english) = tidied.sources.get_mut(ENGLISH) {
            *english = format::format(english, Role::Translation);
        }
        tidied
    }

    /// Where they compile, `fmt` keeps what they mean, and has nothing to do a second time.
    pub fn judge_format(&self) {
        let compiled = self.compile();
        let Some(before) = compiled.definition else { return };
        let tidied = self.tidied();
        let after = tidied.compile();
        let version = after.definition.as_ref().map(|definition| &definition.version);
        assert_eq!(version, Some(&before.version), "{:?}\n{tidied:?}", codes(&after));
        assert_eq!(tidied.tidied().sources, tidied.sources);
    }
}

fn codes(compiled: &Compiled) -> Vec<(&'static str, Range<usize>)> {
    compiled.diagnostics.iter().map(|note| (note.entry.code, note.span.clone())).collect()
}

fn judge_span(span: &Range<usize>, source: &str, note: &Diagnostic) {
    let fits = source.get(span.clone()).is_some();
    assert!(fits, "{span:?} is no part of a file of {} bytes: {note:?}", source.len());
}

/// Its place lies in its file, on whole characters, and it has words in both languages.
fn judge_note(note: &Diagnostic, source: &str) {
    judge_span(&note.span, source, note);
    if let Some(fix) = &note.fix {
        judge_span(&fix.span, source, note);
    }
    for language in [Language::English, Language::Danish] {
        assert!(!note.message(language).is_empty(), "{note:?}");
        assert!(!note.help(language).is_empty(), "{note:?}");
    }
}

/// Any bytes as a map.
pub fn judge_map(text: &str) {
    let mut notes = Notes::new("m.svg");
    let map = map::read(text, &mut notes);
    assert_eq!(map.is_none(), !notes.list.is_empty());
    for note in &notes.list {
        judge_note(note, text);
    }
    map::size(text);
    let Some(map) = map else { return };
    assert!(!map.areas.is_empty());
    for area in &map.areas {
        assert!(!map.title(area, "da").is_empty());
        // Nothing but shapes: what is shown is put into pages as it stands.
        judge_svg(&area.shape);
    }
    map.scenery.iter().for_each(|shape| judge_svg(shape));
}

fn judge_svg(shape: &str) {
    let quotes = shape.matches('"').count();
    assert!(shape.starts_with('<') && shape.ends_with('>') && quotes.is_multiple_of(2), "{shape}");
    let lower = shape.to_lowercase();
    for word in ["script", " on", "href", "style", "url(", "&", "id="] {
        assert!(!lower.contains(word), "{word}: {shape}");
    }
}

/// Any text as a condition.
pub fn judge_condition(text: &str) {
    if let Err(wrong) = expr::parse(text, 7) {
        let span = wrong.span;
        let inside = span.start >= 7 && span.start <= span.end;
        assert!(inside && text.get(span.start - 7..span.end - 7).is_some(), "{span:?} of {text:?}");
        assert!(wrong.why.iter().all(|why| !why.is_empty()), "{text:?}");
    }
}
