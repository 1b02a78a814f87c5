//! Responses of a survey with every kind of question, read into a sample.

use serde_json::{Value, json};

use super::*;
use crate::response::record::Background;
use crate::results::item::{Given, Shape};
use crate::results::tabulate::Why;
use crate::survey::compile::{Facts, File, Files, Input, Shelf, compile};
use crate::survey::kinds::{ALL, Kind};

const SURVEY: &str = r#"---
title: Parker
---

# Dig {#you}

## Bydel? {#district maps=district}

- ( ) Valby {#valby}
- ( ) Vanløse {#vanloese}

## Hvor ofte? {#often required}

- ( ) Hver dag {#daily}
- ( ) Sjældent {#rarely}
- ( ) Aldrig {#never goto=wishes}
- ( ) Bor her ikke {#away goto=thanks}

# Stedet {#place}

## Hvad laver du? {#doing}

- [ ] Sport {#sport}
- [ ] Hund {#dog}
- [ ] Ingen af delene {#none exclusive}

## Hvordan er det? {#rate}

|                                   | Dårligt {#1} | Jævnt {#2} | Godt {#3} | Ved ikke {#x dontknow} |
|-----------------------------------|:------------:|:----------:|:---------:|:----------------------:|
| Rent {#clean}                     |              |            |           |                        |
| Hunde {#dogs if="doing has dog"}  |              |            |           |                        |

## Hvornår? {#when}

|              | Hverdag {#days} | Weekend {#ends} |
|--------------|-----------------|-----------------|
| Parker {#pk} | [ ]             | [ ]             |

## Hvordan er byen? {#feel}

|                 | 1 {#1} | 2 {#2} | 3 {#3} |        |
|-----------------|:------:|:------:|:------:|--------|
| Langsom {#pace} |        |        |        | Hurtig |

## Hvor tilfreds? {#satisfied scale=0..3}

- 0: Nej
- 3: Ja

# Ønsker {#wishes}

## Det bedste først {#rank top=2}

1. Træer {#trees}
2. Bænke {#bench}
3. Lys {#light}

## Del 100 {#budget share=100}

- Træer {#trees}
- Bænke {#bench}

## Hvor mange minutter? {#minutes number min=0 max=90}

## Hvornår flyttede du? {#moved year min=1900 max=2026}

## Dag? {#day date}

## Tid? {#time time}

## Postnummer? {#post postcode}

## Telefon? {#phone tel private}

## Mail? {#mail email private}

## Andet? {#line maxlength=100}

____

## Mere? {#more maxlength=500}

____
____
____

## Ja? {#yes consent}

- [ ] Ja {#yes}

# Tak {#thanks ending}

Tak.
"#;

fn definition() -> Definition {
    let survey = Files { base: File { path: "parker.md", text: SURVEY }, translations: Vec::new() };
    let site = Facts { default_language: "da".to_owned(), lone: true, ..Facts::default() };
    let input = Input { slug: "parker", survey, shelf: &Shelf::default(), site: &site };
    let compiled = compile(&input);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    compiled.definition.expect("a survey without mistakes")
}

/// A response with these answers; the background in `who` may be empty.
fn response(definition: &Definition, uid: u32, answers: Value, rest: Value) -> Response {
    let mut json = json!({
        "v": 1, "uid": format!("{uid:032x}"), "survey": "parker", "version": definition.version,
        "channel": "web", "invited": false, "assisted": false, "status": "complete", "lang": "da",
        "day": "2026-11-24", "duration_s": null, "background": {}, "answers": answers,
    });
    let rest = rest.as_object().expect("an object").clone();
    json.as_object_mut().expect("an object").extend(rest);
    serde_json::from_value(json).expect("a response")
}

fn gather(definition: &Definition, responses: &[Response]) -> Gathered {
    let scope = Scope::default();
    let mut gathering = Gathering::new(definition, &[], &scope);
    responses.iter().for_each(|one| gathering.add(one));
    gathering.finish()
}

/// What the only response gives for `question`, or its `row`.
fn given(answers: Value, question: &str, row: Option<&str>) -> Given {
    let definition = definition();
    let gathered = gather(&definition, &[response(&definition, 1, answers, json!({}))]);
    let items = gathered.sample.items;
    let mut its = items.iter().filter(|it| it.question == question && it.row.as_deref() == row);
    let item = its.next().unwrap_or_else(|| panic!("no item {question} {row:?}"));
    item.given[0].clone()
}

#[test]
fn every_kind_is_an_item_or_is_named_as_left_out() {
    let definition = definition();
    let gathered = gather(&definition, &[]);
    for question in definition.base().questions() {
        let tabulated = gathered.sample.items.iter().any(|item| item.question == question.id);
        let named = gathered.left_out.iter().any(|one| one.question == question.id);
        assert!(tabulated != named, "{}", question.id);
    }
    let kinds: BTreeSet<&str> =
        definition.base().questions().map(|one| one.kind.rules().name()).collect();
    let missing: Vec<&str> =
        ALL.iter().map(|rules| rules.name()).filter(|name| !kinds.contains(name)).collect();
    assert_eq!(missing, ["place"], "which is read as a single choice is");
    let why = |id: &str| gathered.left_out.iter().find(|one| one.question == id).map(|it| it.why);
    assert_eq!(why("district"), Some(Why::Background));
    assert_eq!(why("more"), Some(Why::Words));
    assert_eq!(why("phone"), Some(Why::Private));
    assert_eq!(why("post"), Some(Why::Exact));
    assert_eq!(why("yes"), Some(Why::Consent));
}

#[test]
fn a_place_is_read_as_a_single_choice() {
    let mut definition = definition();
    let question = &mut definition.languages[0].pages[0].questions[1];
    question.kind = Kind::named("place").expect("a kind");
    let one = response(&definition, 1, json!({"often": "rarely"}), json!({}));
    let gathered = gather(&definition, &[one]);
    assert_eq!(gathered.sample.items[0].given, [Given::One(1)]);
}

#[test]
fn answers_are_read_by_kind() {
    assert_eq!(given(json!({"often": "rarely"}), "often", None), Given::One(1));
    assert_eq!(given(json!({"doing": ["sport", "dog"]}), "doing", None), Given::Many(vec![0, 1]));
    assert_eq!(given(json!({"rate": {"clean": "x"}}), "rate", Some("clean")), Given::One(3));
    assert_eq!(given(json!({"feel": {"pace": "3"}}), "feel", Some("pace")), Given::One(2));
    assert_eq!(given(json!({"satisfied": 3}), "satisfied", None), Given::One(3));
    let ranked = given(json!({"rank": ["light", "trees"]}), "rank", None);
    assert_eq!(ranked, Given::Ranked(vec![2, 0]));
    let shared = given(json!({"budget": {"bench": 100}}), "budget", None);
    assert_eq!(shared, Given::Points(vec![0.0, 100.0]));
    assert_eq!(given(json!({"minutes": 12}), "minutes", None), Given::Number(12.0));
    assert_eq!(given(json!({"moved": 1998}), "moved", None), Given::Number(1998.0));
    let when = given(json!({"when": {"pk": ["ends"]}}), "when", Some("pk"));
    assert_eq!(when, Given::Many(vec![1]));
}

#[test]
fn asked_but_open_is_not_the_same_as_not_asked() {
    assert_eq!(given(json!({"often": null}), "often", None), Given::Open);
    assert_eq!(given(json!({}), "often", None), Given::NotAsked);
    assert_eq!(given(json!({"rate": null}), "rate", Some("clean")), Given::Open);
}

#[test]
fn ticking_nothing_is_an_answer_of_whoever_came_past() {
    assert_eq!(given(json!({"doing": null}), "doing", None), Given::Many(Vec::new()));
    assert_eq!(given(json!({"when": null}), "when", Some("pk")), Given::Many(Vec::new()));
    let definition = definition();
    let paper = |uid, answers| response(&definition, uid, answers, json!({"channel": "paper"}));
    let passed = paper(1, json!({"doing": null, "satisfied": 2}));
    let blank = paper(2, json!({"doing": null, "satisfied": null}));
    let gathered = gather(&definition, &[passed, blank]);
    let doing = gathered.sample.items.iter().find(|item| item.question == "doing");
    assert_eq!(doing.expect("an item").given, [Given::Many(Vec::new()), Given::Open]);
}

#[test]
fn ticks_that_were_taken_out_are_no_answer_and_were_asked_all_the_same() {
    let definition = definition();
    let taken = |question: &str, row: Option<&str>| Impossible {
        question: question.to_owned(),
        row: row.map(str::to_owned),
        why: String::new(),
    };
    let scope = Scope::default();
    let mut gathering = Gathering::new(&definition, &[], &scope);
    let answers = json!({"doing": null, "when": null});
    let response = response(&definition, 1, answers, json!({}));
    gathering.add_without(&response, &[taken("doing", None), taken("when", Some("other"))]);
    let sample = gathering.finish().sample;
    let given = |question: &str| {
        let item = sample.items.iter().find(|item| item.question == question);
        item.expect("an item").given.clone()
    };
    assert_eq!(given("doing"), [Given::Open]);
    assert_eq!(given("when"), [Given::Many(Vec::new())]);
    assert_eq!(given("minutes"), [Given::NotAsked]);
}

#[test]
fn a_day_that_does_not_exist_is_none_of_the_days_of_answers() {
    let definition = definition();
    let on = |uid, day| response(&definition, uid, json!({}), json!({ "day": day }));
    let all = [on(1, "2026-13-45"), on(2, "2026-11-24"), on(3, "0"), on(4, "2026-11-02")];
    let days = gather(&definition, &all).sample.counted.days;
    assert_eq!(days, Some(("2026-11-02".to_owned(), "2026-11-24".to_owned())));
    assert_eq!(gather(&definition, &all[..1]).sample.counted.days, None);
}

#[test]
fn a_row_behind_a_condition_was_asked_only_of_some() {
    let dogs = |doing: Value, rate: Value| {
        given(json!({"doing": doing, "rate": rate}), "rate", Some("dogs"))
    };
    assert_eq!(dogs(json!(["dog"]), json!({"clean": "1"})), Given::Open);
    assert_eq!(dogs(json!(["sport"]), json!({"clean": "1"})), Given::NotAsked);
    assert_eq!(dogs(json!(["dog"]), json!({"dogs": "2"})), Given::One(1));
}

#[test]
fn items_behind_a_skip_or_a_condition_are_routed() {
    let gathered = gather(&definition(), &[]);
    let routed = |question: &str, row: Option<&str>| {
        let mut items = gathered.sample.items.iter();
        let is_it = |item: &&Item| item.question == question && item.row.as_deref() == row;
        items.find(is_it).expect("an item").routed
    };
    assert!(!routed("often", None) && !routed("rank", None));
    assert!(routed("doing", None) && routed("rate", Some("clean")) && routed("satisfied", None));
}

#[test]
fn what_an_earlier_version_did_not_ask_was_asked_of_some() {
    let definition = definition();
    let answers = [json!({"often": "daily", "doing": null}), json!({"doing": ["dog"]})];
    let responses =
        (1..).zip(answers).map(|(uid, answers)| response(&definition, uid, answers, json!({})));
    let gathered = gather(&definition, &responses.collect::<Vec<_>>());
    let often = gathered.sample.items.iter().find(|item| item.question == "often");
    let often = often.expect("an item");
    assert_eq!(often.given, [Given::One(0), Given::NotAsked]);
    assert!(often.routed, "how many it was asked of is told to tens, as behind a route");
}

#[test]
fn a_skip_passes_over_the_rest_of_its_own_page() {
    let mut definition = definition();
    let first = &mut definition.languages[0].pages[0].questions;
    first.swap(0, 1);
    first[1].maps = None;
    let gathered = gather(&definition, &[]);
    let routed: Vec<bool> = gathered.sample.items.iter().take(2).map(|item| item.routed).collect();
    assert_eq!(routed, [false, true]);
}

#[test]
fn ordered_items_count_their_codes_and_dont_know_counts_as_nothing() {
    let gathered = gather(&definition(), &[]);
    let item = |question: &str| {
        gathered.sample.items.iter().find(|item| item.question == question).expect("an item")
    };
    let values: Vec<Option<f64>> = item("rate").choices.iter().map(|it| it.value).collect();
    assert_eq!(values, [Some(1.0), Some(2.0), Some(3.0), None]);
    assert_eq!(item("satisfied").choices.len(), 4);
    assert_eq!((item("often").shape, item("rate").shape), (Shape::Single, Shape::Ordered));
    assert_eq!(item("rank").shape, Shape::Ranking { places: 2 });
}

#[test]
fn only_complete_responses_are_people_and_all_others_are_counted() {
    let definition = definition();
    let of = |uid, rest| response(&definition, uid, json!({"often": "daily"}), rest);
    let gathered = gather(
        &definition,
        &[
            of(1, json!({})),
            of(1, json!({})),
            of(2, json!({"status": "partial"})),
            of(3, json!({"status": "screened"})),
            of(4, json!({"channel": "preview"})),
            of(5, json!({"version": "of another structure"})),
            of(6, json!({"channel": "kiosk", "kiosk": "valby", "day": "2026-11-20"})),
        ],
    );
    let counted = &gathered.sample.counted;
    assert_eq!(gathered.sample.people.len(), 2);
    assert_eq!((counted.complete, counted.partial, counted.screened), (2, 1, 1));
    assert_eq!((counted.previews, counted.other_versions), (1, 1));
    assert_eq!(counted.days, Some(("2026-11-20".to_owned(), "2026-11-24".to_owned())));
    assert_eq!(counted.channels["kiosk"], 1);
    assert!(gathered.sample.items.iter().all(|item| item.given.len() == 2));
}

#[test]
fn versions_of_the_same_structure_are_one_survey() {
    let definition = definition();
    let other = |version: &str, structure: &str| Definition {
        version: version.to_owned(),
        structure: structure.to_owned(),
        ..definition.clone()
    };
    let versions = [other("words", &definition.structure), other("choices", "another")];
    let scope = Scope::default();
    let mut gathering = Gathering::new(&definition, &versions, &scope);
    for (uid, version) in [(1, "words"), (2, "choices")] {
        let rest = json!({"version": version});
        gathering.add(&response(&definition, uid, json!({"often": "daily"}), rest));
    }
    let counted = gathering.finish().sample.counted;
    assert_eq!((counted.complete, counted.other_versions), (1, 1));
}

#[test]
fn of_a_survey_by_invitation_the_others_are_a_sample_of_their_own() {
    let mut definition = definition();
    definition.settings.sample = Whom::Panel;
    let of = |uid, invited| {
        let rest = json!({"invited": invited, "background": {"district": "valby"}});
        response(&definition, uid, json!({"often": "daily"}), rest)
    };
    let gathered = gather(&definition, &[of(1, true), of(2, false), of(3, false)]);
    let others = gathered.others.expect("a sample");
    assert_eq!((gathered.sample.people.len(), others.people.len()), (1, 2));
    let valby = Background { district: Some("valby".to_owned()), ..Background::default() };
    assert_eq!(gathered.sample.people[0].background, valby);
}

#[test]
fn locations_with_few_answers_are_not_named() {
    let kiosks = [("valby", 30), ("vanloese", 29), ("oesterbro", 31)];
    let kiosks = kiosks.into_iter().map(|(name, many)| (name.to_owned(), many)).collect();
    let counted = Counted { kiosks, ..Counted::default() };
    assert_eq!(counted.locations(), [("oesterbro", 31), ("valby", 30)]);
}

#[test]
fn a_line_that_is_no_response_is_named() {
    let good = serde_json::to_string(&response(&definition(), 1, json!({}), json!({})));
    let text = format!("{}\n\n{{\"v\":1}}\n", good.expect("JSON"));
    let read: Vec<_> = read_lines(&text).collect();
    assert!(read[0].is_ok());
    assert_eq!(read[1].as_ref().expect_err("no response").line, 3);
    let said = |line: &str| read_line(600, line).map(|read| read.expect_err("none").to_string());
    let of = |line: &str| said(line).expect("a line");
    assert_eq!(of("{\"v\":1,å"), "line 601, column 8: key must be a string");
    assert!(
        of("{\"v\":1}").starts_with("line 601, column 7: missing field"),
        "{}",
        of("{\"v\":1}")
    );
}
