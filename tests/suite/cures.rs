//! What a message advises, where one mistake has several causes: the cure has to be the right one.

use borgerpanel::diag::{Language, Place};

use crate::language::Site;

const CHOICES: &str = "## Hvad? {#a}\n\n- A {#x}\n- B {#y}\n\n";

/// The body of a survey, a code, the line it is told on below the front matter, and a part of its cure.
const CURES: &[(&str, &str, usize, &str)] = &[
    ("## A {#a}\n\n- 1. x {#x}\n- B {#y}\n", "nested-block", 3, r"`1\.`"),
    ("## A {#a}\n\n- ____ {#x}\n- B {#y}\n", "nested-block", 3, "words in front"),
    ("## A {#a}\n\n- C: ____ (hvad?) {#x}\n- B {#y}\n", "stray-rule", 3, "at the end of a choice"),
    ("## A {#a}\n\n• B\n• C\n", "choice-without-dash", 3, "`- text …`"),
    ("## A {#a pin}\n\n____\n", "unknown-attribute", 1, "on a choice"),
    ("## A {id=b}\n\n____\n", "unknown-attribute", 1, "`#b`"),
    ("## A {#a text}\n", "unknown-attribute", 1, "a line `____`"),
    ("## A {#a\n if=\"b == c\"}\n\n____\n", "unclosed-brace", 1, "right under the heading"),
    ("## A {#a cue='b c'}\n\n____\n", "bad-attribute", 1, "double quotes"),
    ("## A {#a number unit=“år”}\n", "bad-attribute", 1, "straight quotes"),
    ("## A {#a}\nrequired\n cue=\"B\"}\n\n____\n", "stray-braces", 2, "is missing"),
    ("## A {#aconsent}\n\n- [ ] Ja {#x}\n", "word-in-id", 1, "#a consent"),
    ("## A {#a}\n\n- [ u] B {#x}\n- [ ] C {#y}\n", "broken-marker", 3, "`[ ]`"),
    ("## A {#a}\n\n- = ) B {#x}\n- ( ) C {#y}\n", "broken-marker", 3, "`( )`"),
    ("## A {#a year min=190}\n", "attribute-value", 1, "four digits"),
    ("## A {#a number max=020}\n", "attribute-value", 1, "a number such as 3"),
    ("## A {#a number}\n\n## B {#b if=\"a > 03\"}\n\n____\n", "type-mismatch", 3, "a >= 3"),
    ("## A {#a scale=0..01}\n", "attribute-value", 1, "0..10"),
    ("## A {#a}\n{maxlength=04}\n\n____\n", "attribute-value", 2, "1 or more"),
    ("## A {#a consent}\n\n- [d] Ja {#x}\n", "broken-marker", 3, "`[ ]`"),
    ("# P {#p}\n\n## A {#a}\n\n____\n\n# Hej {a} du\n", "meant-pipe", 7, "{{a or"),
    ("# P {#p}\n\n## A {#a}\n\n____\n\n# Hej {{a or \"du\"} der\n", "pipe-syntax", 7, "{{name or"),
    (
        "## M {#m}\n\n|  | A {#1} | B {#2} |\n|--|--|--|\n| r {#r} | [ ] | |\n",
        "table-body",
        5,
        "in every cell",
    ),
    (
        "## M {#m}\n\n|  | A {#1} | B {#2} |\n|--|--|--|\n| r {#r} | [x] | [ ] |\n",
        "ticked-choice",
        5,
        "`[ ]`",
    ),
];

fn told(site: &Site) -> Vec<(String, String, usize, String)> {
    let notes = site.compile("a", &[]).diagnostics;
    let line = |note: &borgerpanel::diag::Diagnostic| {
        Place::of(&site.sources()[&note.file], &note.span).line
    };
    let told = notes.iter().map(|note| {
        (note.file.clone(), note.entry.code.to_owned(), line(note), note.help(Language::English))
    });
    told.collect()
}

fn survey(front: &str, body: &str) -> Site {
    Site::new().with("surveys/a.md", &format!("---\n{front}\n---\n{body}"))
}

#[test]
fn the_cure_fits_the_cause() {
    for (body, code, line, cure) in CURES {
        let told = told(&survey("title: T", body));
        let fits = |one: &&(String, String, usize, String)| {
            one.1 == *code && one.2 == line + 3 && one.3.contains(cure)
        };
        assert!(told.iter().any(|one| fits(&one)), "{body}\n{told:#?}");
    }
}

#[test]
fn front_matter_says_what_to_write() {
    for (front, code, line, cure) in [
        ("title: @hej", "bad-yaml", 2, "`title: \"@hej\"`"),
        ("title: T\nlang: dansk", "bad-value", 3, "da, en"),
        ("title: T\nkeep_answers_months: -3", "bad-value", 3, "1 or more"),
        ("title: T\nchannels: [web, kiosks]", "bad-value", 3, "`kiosk`"),
        ("title:", "missing-key", 2, "title: …"),
        ("title: T\ntarget: age < abc", "type-mismatch", 3, "age >= 18"),
        ("title: T\ntarget: gender has x", "type-mismatch", 3, "in ("),
    ] {
        let told = told(&survey(front, CHOICES));
        let [(_, found, at, help)] = told.as_slice() else { panic!("{front}: {told:#?}") };
        assert_eq!((found.as_str(), *at), (code, line), "{front}");
        assert!(help.contains(cure), "{front}: {help}");
    }
    let block = "## D {#d maps=district}\n\n- A {#aa}\n- B {#bb}\n";
    let site = survey("title: T\ntarget: district in (aa, bx)", CHOICES);
    let told_of = told(&site.with("blocks/baggrund.md", block));
    let [(_, code, 3, help)] = told_of.as_slice() else { panic!("{told_of:#?}") };
    assert_eq!((code.as_str(), help.as_str()), ("unknown-code", "did you mean `bb`?"));
    for good in ["title: T\nsummary:", "title: T\ntarget: district in (a, b) and age < 30"] {
        assert_eq!(told(&survey(good, CHOICES)), [], "{good}");
    }
}

#[test]
fn what_a_translation_adds_is_told_where_it_stands() {
    let site = survey("title: T", CHOICES);
    let english = "---\ntitle: T\n---\n## What? {#a}\n\nMore\n\n- A {#x}\n- B {#y}\n\nAnd more\n";
    let told = told(&site.with("surveys/a.en.md", english));
    let lines: Vec<(&str, usize)> = told.iter().map(|one| (one.1.as_str(), one.2)).collect();
    assert_eq!(lines, [("extra-translation", 6), ("extra-translation", 11)]);
}

#[test]
fn a_question_about_cpr_numbers_does_not_ask_for_one() {
    let list = "\n\n- Ja {#yes}\n- Nej {#no}\n";
    for (heading, answers, asks) in [
        ("Hvad er dit CPR-nummer?", "\n\n____\n", true),
        ("Dit C.P.R.-nummer", "\n\n____\n", true),
        ("Your social security number", "\n\n____\n", true),
        ("Har du et CPR-nummer?", "\n\n____\n", true),
        ("Har du et CPR-nummer?", list, false),
        ("Skriv ikke CPR-nummer her", "\n\n____\n", false),
        ("Undgå CPR-numre. Hvad skete der?", "\n\n____\n", false),
    ] {
        let told = told(&survey("title: T", &format!("## {heading} {{#q}}{answers}")));
        assert_eq!(told.iter().any(|one| one.1 == "asks-for-cpr"), asks, "{heading}");
    }
}

#[test]
fn one_mistake_in_a_table_is_not_told_of_its_attributes_too() {
    let body = "## M {#m}\n\n|  | A {#1} | B {#2} |\n| r {#r} | | |\n";
    let told = told(&survey("title: T", body));
    assert!(told.iter().all(|one| one.1 != "stray-braces"), "{told:#?}");
}
