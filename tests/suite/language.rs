//! The survey language: the shipped surveys, the design's example, and an example of every mistake.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use borgerpanel::diag::{self, Language, Sources};
use borgerpanel::survey::picture::Picture;
use borgerpanel::survey::{Compiled, Facts, File, Files, Input, Shelf, compile};

/// The files of a small site by path.
#[derive(Clone)]
pub struct Site(BTreeMap<String, String>);

impl Site {
    pub fn new() -> Site {
        Site(BTreeMap::new())
    }

    /// Everything in the shipped content folder.
    pub fn shipped() -> Site {
        let mut site = Site::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
        for folder in ["surveys", "blocks"] {
            for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
                let path = entry.expect("an entry").path();
                let name = format!("{folder}/{}", path.file_name().expect("a name").display());
                site.0.insert(name, fs::read_to_string(&path).expect("UTF-8"));
            }
        }
        site
    }

    pub fn with(mut self, path: &str, text: &str) -> Site {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    pub fn slugs(&self) -> Vec<String> {
        let names = self.0.keys().filter_map(|path| path.strip_prefix("surveys/"));
        let names = names.filter_map(|name| name.strip_suffix(".md"));
        names.filter(|name| !name.contains('.')).map(str::to_owned).collect()
    }

    pub fn sources(&self) -> &Sources {
        &self.0
    }

    fn files(&self, stem: &str) -> Option<Files<'_>> {
        let (path, text) = self.0.get_key_value(&format!("{stem}.md"))?;
        let english = self.0.get_key_value(&format!("{stem}.en.md"));
        Some(Files {
            base: File { path, text },
            translations: english
                .map(|(path, text)| ("en", File { path, text }))
                .into_iter()
                .collect(),
        })
    }

    fn shelf(&self) -> Shelf<'_> {
        let stems = self.0.keys().filter_map(|path| path.strip_suffix(".md"));
        let blocks = stems.filter(|stem| stem.starts_with("blocks/") && !stem.contains('.'));
        let blocks = blocks.filter_map(|stem| Some((format!("{stem}.md"), self.files(stem)?)));
        let maps = self.0.iter().filter_map(|(path, text)| {
            let name = path.strip_prefix("maps/")?.strip_suffix(".svg")?;
            Some((name.to_owned(), File { path, text }))
        });
        let pictures = self.0.keys().filter(|path| path.ends_with(".png")).map(|path| {
            let address = format!("/assets/{}", path.replace('/', "-"));
            (path.clone(), Picture { address, width: 640, height: 480, bytes: 1_000 })
        });
        Shelf { blocks: blocks.collect(), maps: maps.collect(), pictures: pictures.collect() }
    }

    pub fn compile(&self, slug: &str, required: &[&str]) -> Compiled {
        self.compile_in(slug, &Site::facts(required))
    }

    pub fn facts(required: &[&str]) -> Facts {
        Facts {
            default_language: "da".into(),
            languages: vec!["da".into(), "en".into()],
            languages_required: required.iter().map(|lang| (*lang).to_owned()).collect(),
            translation_fallback: false,
            panels: vec!["kbh".into(), "oesterbro".into()],
            lone: false,
        }
    }

    pub fn compile_in(&self, slug: &str, facts: &Facts) -> Compiled {
        let survey = self.files(&format!("surveys/{slug}")).expect("the survey is there");
        compile(&Input { slug, survey, shelf: &self.shelf(), site: facts })
    }
}

#[test]
fn the_shipped_surveys_have_no_diagnostics() {
    let site = Site::shipped();
    let mut all = Vec::new();
    for slug in site.slugs() {
        all.extend(site.compile(&slug, &["da", "en"]).diagnostics);
    }
    diag::sort(&mut all);
    assert!(all.is_empty(), "{}", diag::report(&all, site.sources(), Language::English));
}

/// The diagnostics of a survey `a`, as `line:column code`.
fn codes_of(site: &Site) -> Vec<String> {
    let mut all = site.compile("a", &[]).diagnostics;
    diag::sort(&mut all);
    let sources = site.sources();
    all.iter()
        .map(|note| {
            let place = diag::Place::of(&sources[&note.file], &note.span);
            assert!(!note.help(Language::English).is_empty(), "{note:?}");
            assert!(!note.help(Language::Danish).is_empty(), "{note:?}");
            format!("{}:{} {}", place.line, place.column, note.entry.code)
        })
        .collect()
}

fn codes(body: &str) -> Vec<String> {
    codes_of(&Site::new().with("surveys/a.md", &format!("---\ntitle: A\n---\n{body}")))
}

#[test]
fn the_designs_example_compiles_without_a_word() {
    let body =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/example.md"))
            .expect("the fixture is there");
    let site = Site::shipped().with("surveys/a.md", &body);
    assert_eq!(codes_of(&site), Vec::<String>::new());
    let compiled = site.compile("a", &[]);
    let definition = compiled.definition.expect("no errors");
    let background: Vec<_> = definition
        .base()
        .pages
        .last()
        .expect("pages")
        .questions
        .iter()
        .filter_map(|question| question.maps.as_deref())
        .collect();
    assert!(!background.contains(&"district"), "the survey maps it itself: {background:?}");
    assert!(background.contains(&"gender"), "{background:?}");
}

#[test]
fn what_is_missing_from_a_whole_file_is_shown_on_its_first_line() {
    let base = "---\ntitle: A\n---\n# P {#p}\n\n## B {#b}\n____\n";
    // Shorter than a line, and not of one byte a sign.
    for english in ["\u{e6}", "\u{e6}\n", "\n", ""] {
        let site = Site::new().with("surveys/a.md", base).with("surveys/a.en.md", english);
        for note in site.compile("a", &[]).diagnostics {
            let text = &site.sources()[&note.file];
            assert!(text.get(note.span.clone()).is_some(), "{english:?}: {note:?}");
        }
    }
}

#[test]
fn a_missing_text_may_fall_back_to_the_base() {
    let base = "---\ntitle: A\n---\n## B {#b}\n\nHjælp\n\n- X {#x}\n- Y {#y}\n";
    let english = "---\ntitle: A\n---\n## Bee {#b}\n\n- Ex {#x}\n";
    let site = Site::new().with("surveys/a.md", base).with("surveys/a.en.md", english);
    let codes: Vec<_> = site.compile("a", &[]).diagnostics.iter().map(|n| n.entry.code).collect();
    assert!(codes.contains(&"missing-translation"), "{codes:?}");
    let facts = Facts { translation_fallback: true, ..Site::facts(&[]) };
    let compiled = site.compile_in("a", &facts);
    let definition = compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let question = definition.in_language("en").question("b").expect("it is there");
    let texts = [&question.text, &question.choices[0].text, &question.choices[1].text];
    assert_eq!(texts.map(|text| text.plain.as_str()), ["Bee", "Ex", "Y"]);
}

#[test]
fn the_version_follows_what_is_shown_and_the_structure_does_not() {
    let version = |body: &str| {
        let site = Site::new().with("surveys/a.md", body);
        let definition = site.compile("a", &[]).definition.expect("no errors");
        (definition.version, definition.structure)
    };
    let one = version("---\ntitle: A\n---\n## B {#b}\n____\n");
    let reworded = version("---\ntitle: A\n---\n## C {#b}\n____\n");
    let scheduled =
        version("---\ntitle: A\nsummary: x\nopens: 2026-01-01\norder: 3\n---\n## B {#b}\n____\n");
    let changed = version("---\ntitle: A\n---\n## B {#b required}\n____\n");
    assert_ne!(one.0, reworded.0);
    assert_eq!(one.1, reworded.1);
    assert_eq!(one, scheduled);
    assert_ne!(one.1, changed.1);
}

#[test]
fn conditions_that_can_hold_are_not_called_impossible() {
    let bodies = [
        "## N {#n number max=5 step=0.1}\n\n## B {#b if=\"n == 0.3\"}\n____\n",
        "## N {#n number max=5 step=0.1}\n\n## B {#b if=\"n > 0.2 and n < 0.4\" cue=x}\n____\n",
        "## A {#a}\n____\n\n## B {#b if=\"today > 2026-11-01 and today < 2026-11-10\" cue=x}\n____\n",
    ];
    for body in bodies {
        assert_eq!(codes(body), Vec::<String>::new(), "{body}");
    }
    let none = "## A {#a}\n____\n\n## B {#b if=\"today > 2026-11-01 and today < 2026-11-02\" cue=x}\n____\n";
    assert_eq!(codes(none), ["7:14 never-true"]);
}

#[test]
fn every_mistake_is_named_where_it_stands() {
    let cases: &[(&str, &[&str])] = &[
        ("## B {#b reqired}\n\n- X {#x}\n- Y {#y}\n", &["4:10 unknown-attribute"]),
        ("## B {#b}\n\n- ( ) X {#x}\n- [ ] Y {#y}\n", &["7:1 mixed-markers"]),
        ("## B {#b}\n____\n\n## C {#b}\n____\n", &["7:8 duplicate-id"]),
        (
            "## B {#b}\n\n- X {#x}\n- Y {#y}\n\n## C {#c if=\"b == z\"}\n____\n",
            &["9:19 unknown-code"],
        ),
        (
            "## B {#b}\n\n- X {#x}\n- Y {#y}\n\n## C {#c if=\"bb == x\"}\n____\n",
            &["9:14 unknown-id"],
        ),
        (
            "## B {#b if=\"c == x\"}\n____\n\n## C {#c}\n\n- X {#x}\n- Y {#y}\n",
            &["4:14 later-question"],
        ),
        ("## B {#b number max=9}\n\n## C {#c if=\"b > 9\"}\n____\n", &["6:14 never-true"]),
        ("## B {#b number}\n\n## C {#c if=\"b == 'x'\"}\n____\n", &["6:19 type-mismatch"]),
        ("## B {#b number}\n\n## C {#c if=\"b = 3\"}\n____\n", &["6:16 condition-syntax"]),
        ("## B {#b}\n\n## C {#c}\n____\n", &["4:4 question-without-answers"]),
        ("## B {#b numbr}\n", &["4:10 unknown-attribute"]),
        ("## B {#b share=100}\n\n- X {#x}\n- Y ____ {#y}\n", &["7:1 attribute-not-here"]),
        ("## B {#b top=3}\n\n1. X {#x}\n2. Y {#y}\n", &["4:10 max-over-choices"]),
        ("## N {#n}\n____\n\n---\n\n## Hej {n}\n____\n", &["9:4 no-id", "9:9 meant-pipe"]),
        ("## B {#B}\n____\n", &["4:8 bad-id"]),
        ("## B {#not}\n____\n", &["4:8 reserved-id"]),
        ("## B\n____\n", &["4:4 no-id"]),
        ("## B {#b}\n\n- X\n- Y\n", &["6:1 codes-by-position"]),
        ("## B {#b}\n\n- X {#x goto=d}\n- Y {#y}\n", &["6:14 goto-unknown"]),
        ("# P {#p}\n\n## B {#b}\n\n- X {#x goto=p}\n- Y {#y}\n", &["8:14 goto-backwards"]),
        (
            "## B {#b}\n\n- [ ] X {#x}\n- [ ] Y {#y exclusive}\n\n## C {#c if=\"b == x\"}\n____\n",
            &["9:14 type-mismatch"],
        ),
        ("## B {#b max=3}\n\n- [ ] X {#x}\n- [ ] Y {#y}\n", &["4:10 max-over-choices"]),
        ("## B {#b number min=5 max=2}\n", &["4:17 min-over-max"]),
        ("## B {#b scale=5..1}\n\n- 5: x\n", &["4:16 attribute-value"]),
        ("## B {#b scale=1..5}\n\n- 0: x\n", &["6:1 scale-label"]),
        ("## B {#b consent}\n\n- [ ] X\n- [ ] Y\n", &["6:1 answers-not-allowed"]),
        (
            "## B {#b}\n\n|  | X {#1} | Y {#2} |\n|--|--|--|\n| R {#r} | |\n",
            &["8:3 table-row-width"],
        ),
        (
            "## B {#b}\n\n| T | X {#1} | Y {#2} |\n|--|--|--|\n| R {#r} | | |\n",
            &["6:3 table-corner"],
        ),
        (
            "## B {#b if=\"today > 2026-01-01 and (channel == web or channel == kiosk)\"}\n____\n",
            &["4:10 cue-needed"],
        ),
        ("## Hvad er dit CPR-nummer? {#b}\n____\n", &["4:4 asks-for-cpr"]),
        ("## Skriv ikke CPR-nummer. Hvad synes du? {#b}\n____\n", &[]),
        ("Hej <b>du</b>\n\n## B {#b}\n____\n", &["4:5 raw-html", "4:10 raw-html"]),
        ("## B {#b\n____\n", &["4:4 no-id", "4:6 unclosed-brace"]),
    ];
    let mut wrong = String::new();
    for (body, expected) in cases {
        let found = codes(body);
        if found != *expected {
            wrong.push_str(&format!("{body:?}\n  found {found:?}\n  not   {expected:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn front_matter_mistakes_are_named_where_they_stand() {
    let cases: &[(&str, &[&str])] = &[
        ("titel: A\ntitle: A", &["2:1 unknown-key"]),
        ("title: A: B", &["2:8 unquoted-colon"]),
        ("title: A\nopens: 2026-02-30", &["3:8 bad-date"]),
        ("title: A\nopens: 2026-12-01\ncloses: 2026-11-30", &["4:9 closes-before-opens"]),
        ("title: A\nopens: 2026-12-01\ncloses: 2026-12-01", &[]),
        ("title: A\nsample: opn", &["3:9 bad-value"]),
        ("title: A\npanels: [kbhh]", &["3:9 unknown-panel"]),
        ("title: A\ntarget: district in (valby) and hight > 3", &["3:9 unknown-maps"]),
        ("title: A\nbackground: ask", &["1:1 no-background-block"]),
        ("summary: A", &["1:1 missing-key"]),
    ];
    for (front, expected) in cases {
        let text = format!("---\n{front}\n---\n## B {{#b}}\n____\n");
        let found = codes_of(&Site::new().with("surveys/a.md", &text));
        assert_eq!(found, *expected, "\n{front}");
    }
}

#[test]
fn a_translation_has_the_same_questions_and_nothing_else() {
    let base = "---\ntitle: A\n---\nHej\n\n# P {#p}\n\n## B {#b required}\n\nHjælp\n\n- [ ] X {#x}\n- [ ] Andet ____ {#o}\n";
    let cases: &[(&str, &[&str])] = &[
        ("Hi\n\n# P\n\n## B\n\nHelp\n\n- [ ] X\n- [ ] Other ____\n", &[]),
        (
            "Hi\n\n# P {#p}\n\n## B {#b}\n\n- [ ] X\n- [ ] Other ____\n",
            &["8:4 missing-translation"],
        ),
        (
            "Hi\n\n# P {#p}\n\n## B {#b required}\n\nHelp\n\n- [ ] X\n- [ ] Other ____\n",
            &["8:10 attribute-in-translation"],
        ),
        (
            "Hi\n\n# P {#p}\n\n## B {#b}\n\nHelp\n\n- [ ] X {#x}\n- [ ] Other ____ {#q}\n",
            // In the translation, and in the base.
            &["13:20 id-differs", "13:20 id-differs"],
        ),
        (
            "Hi\n\n# P {#p}\n\n## B {#b}\n\nHelp\n\n- ( ) X\n- ( ) Other ____\n",
            &["8:4 translation-shape"],
        ),
        (
            "Hi\n\n# P {#p}\n\n## B {#b}\n\nHelp\n\n- [ ] X\n- [ ] Other\n",
            &["13:1 translation-shape"],
        ),
        ("Hi\n\n# P {#p}\n", &["6:3 missing-translation"]),
    ];
    for (body, expected) in cases {
        let site = Site::new()
            .with("surveys/a.md", base)
            .with("surveys/a.en.md", &format!("---\ntitle: A\n---\n{body}"));
        assert_eq!(codes_of(&site), *expected, "\n{body}");
    }
    let found = Site::new().with("surveys/a.md", base).compile("a", &["da", "en"]).diagnostics;
    assert_eq!(found[0].entry.code, "missing-translation-file");
}
