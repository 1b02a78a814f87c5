//! What a question could have got, of every kind, and in how many ways a script may write it.

use serde_json::{Value, json};

use super::*;
use crate::survey::compile::{Facts, File, Files, Input, Shelf, compile};

const SURVEY: &str = r#"---
title: Parker
---

## Timer? {#hours number min=0 max=60}

## Vægt? {#weight number step=0.1}

## Hvornår flyttede du? {#moved year min=1900 max=2026}

## Hvor tilfreds? {#satisfied scale=0..3}

- 0: Nej
- 3: Ja

## Hvor ofte? {#often}

- ( ) Hver dag {#daily}
- ( ) Aldrig {#never}

## Hvad laver du? {#doing max=2}

- [ ] Sport {#sport}
- [ ] Hund {#dog}
- [ ] Ro {#calm}
- [ ] Ingen af delene {#none exclusive}

## Det bedste først {#rank top=2}

1. Træer {#trees}
2. Bænke {#bench}
3. Lys {#light}

## Del 100 {#budget share=100}

- Træer {#trees}
- Bænke {#bench}

## Hvordan er det? {#rate}

|                | Dårligt {#1} | Godt {#2} |
|----------------|:------------:|:---------:|
| Rent {#clean}  |              |           |
| Trygt {#safe}  |              |           |

## Hvornår? {#when}

|              | Hverdag {#days} | Weekend {#ends} |
|--------------|-----------------|-----------------|
| Parker {#pk} | [ ]             | [ ]             |
| Havnen {#hv} | [ ]             | [ ]             |

## Dag? {#visit date max=today}

## Andet? {#line maxlength=10}

____

## Ja? {#yes consent}

- [ ] Ja {#yes}
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

/// What is left of these answers, and why the others were taken out.
fn settled(answers: &Value, rest: &Value) -> (Value, Vec<String>) {
    let definition = definition();
    let mut json = json!({
        "v": 1, "uid": "0", "survey": "parker", "version": definition.version, "channel": "web",
        "invited": false, "assisted": false, "status": "complete", "lang": "da",
        "day": "2026-11-24", "duration_s": null, "background": {}, "answers": answers,
    });
    let rest = rest.as_object().expect("an object").clone();
    json.as_object_mut().expect("an object").extend(rest);
    let mut response: Response = serde_json::from_value(json).expect("a response");
    let found = Judge::of(&definition).settle(&mut response);
    let said = |one: Impossible| {
        let row = one.row.map(|row| format!(".{row}")).unwrap_or_default();
        format!("{}{row}: {}", one.question, one.why)
    };
    let left = serde_json::to_value(&response.answers).expect("JSON");
    (left, found.into_iter().map(said).collect())
}

#[test]
fn what_a_question_cannot_have_got_is_taken_out_and_was_asked_all_the_same() {
    for (question, answer, why) in [
        ("hours", json!(1e300), "`1e+300` is no number that can be entered"),
        ("hours", json!(-1), "`-1` is less than 0"),
        ("hours", json!(61), "`61` is more than 60"),
        ("hours", json!(7.5), "`7.5` is no whole number"),
        ("weight", json!(7.25), "`7.25` is not on a step of 0.1"),
        ("moved", json!(19), "`19` is less than 1900"),
        ("satisfied", json!(4), "`4` is none of its choices"),
        ("satisfied", json!("3"), "`3` has not the form of an answer to a question of kind scale"),
        ("often", json!("weekly"), "`weekly` is none of its choices"),
        ("doing", json!(["sport", "sport"]), "`sport, sport` names a choice twice"),
        ("doing", json!(["none", "dog"]), "`none, dog` has a choice that excludes all others"),
        ("doing", json!(["sport", "dog", "calm"]), "`sport, dog, calm` are more than 2 choices"),
        ("rank", json!(["trees", "trees"]), "`trees, trees` gives one choice two places"),
        (
            "rank",
            json!(["trees", "bench", "light"]),
            "`trees, bench, light` are more than 2 places",
        ),
        (
            "budget",
            json!({"trees": -10, "bench": 110}),
            "`bench 110, trees -10` are not whole numbers of points from 0 to 100",
        ),
        (
            "budget",
            json!({"trees": 10, "bench": 80}),
            "`bench 80, trees 10` are 90 points together and not 100",
        ),
        (
            "budget",
            json!({"trees": 100, "play": 0}),
            "`play 0, trees 100` are points for a choice that it does not have",
        ),
        ("visit", json!("2026-02-30"), "`2026-02-30` is no day"),
        ("visit", json!("2026-11-25"), "`2026-11-25` is after 2026-11-24"),
        ("line", json!("elleve tegn"), "it is 11 signs long, of 10 at most"),
        ("yes", json!("no"), "`no` is none of its choices"),
    ] {
        let (left, found) = settled(&json!({ question: answer }), &json!({}));
        assert_eq!(left, json!({ question: null }), "{answer}");
        assert_eq!(found, [format!("{question}: {why}")]);
    }
}

#[test]
fn of_a_matrix_only_the_row_that_cannot_be_is_taken_out() {
    let answers = json!({
        "rate": {"clean": "7", "safe": "2"},
        "when": {"pk": ["days", "days"], "hv": ["ends", "days"]},
    });
    let (left, found) = settled(&answers, &json!({}));
    assert_eq!(left, json!({"rate": {"safe": "2"}, "when": {"hv": ["ends", "days"]}}));
    let why =
        ["rate.clean: `7` is none of its choices", "when.pk: `days, days` names a choice twice"];
    assert_eq!(found, why);
    let (left, found) = settled(&json!({"rate": {"loud": "1"}}), &json!({}));
    assert_eq!(left, json!({"rate": null}));
    assert_eq!(found, ["rate.loud: `1` is given to a statement that it does not have"]);
}

#[test]
fn a_script_may_write_what_a_form_would_in_its_own_way() {
    for (answers, left) in [
        (json!({"hours": 7.0, "weight": 0.1 + 0.2}), json!({"hours": 7, "weight": 0.3})),
        (json!({"satisfied": 3.0, "moved": 1980.0}), json!({"satisfied": 3, "moved": 1980})),
        (json!({"budget": {"trees": 100.0}}), json!({"budget": {"trees": 100}})),
        (json!({"doing": "sport", "yes": ["yes"]}), json!({"doing": ["sport"], "yes": "yes"})),
    ] {
        assert_eq!(settled(&answers, &json!({})), (left, Vec::new()));
    }
    let as_it_is = json!({
        "doing": ["dog", "sport"], "rank": ["light"], "often": "", "hours": null,
        "when": {"pk": ["ends", "days"], "hv": []}, "rate": {}, "visit": "24.11.2026",
        "line": " kort ", "what-else": 7, "doing.other": "text",
    });
    assert_eq!(settled(&as_it_is, &json!({})), (as_it_is.clone(), Vec::new()));
    let empty = json!({"doing": [], "budget": {}, "when": {"pk": []}});
    assert_eq!(settled(&empty, &json!({})), (empty.clone(), Vec::new()));
}

#[test]
fn answers_to_another_version_are_not_judged() {
    let odd = json!({"hours": 1e300});
    assert_eq!(settled(&odd, &json!({"version": "other"})), (odd.clone(), Vec::new()));
    assert_eq!(settled(&odd, &json!({"survey": "other"})), (odd.clone(), Vec::new()));
}

#[test]
fn where_the_day_is_none_nothing_is_held_against_today() {
    let visit = json!({"visit": "2026-11-25"});
    assert_eq!(settled(&visit, &json!({"day": "2026-13-45"})), (visit.clone(), Vec::new()));
}

#[test]
fn what_is_plainly_a_choice_is_judged_as_a_form_with_it_would_be() {
    let definition = definition();
    let questions = || definition.base().questions();
    let choices = questions().flat_map(|question| question.choices.iter().chain(&question.columns));
    let odd = ["", " ", "daily ", "Daily", "weekly", "daily,never", "0", "3", "2026-11-24"];
    let codes: Vec<&str> = choices.map(|choice| choice.id.as_str()).chain(odd).collect();
    let mut answers: Vec<Answer> = vec![Answer::Unanswered, Answer::Number(3.into())];
    answers.extend(codes.iter().map(|code| Answer::Text((*code).to_owned())));
    answers.extend(codes.iter().map(|code| Answer::Choices(vec![(*code).to_owned()])));
    let mut kept = 0;
    for question in questions() {
        let mut asked = Judge::of(&definition).asked.remove(&question.id).expect("it is asked");
        for answer in &answers {
            let (mut fast, mut slow) = (answer.clone(), answer.clone());
            let (mut of_fast, mut of_slow) = (Vec::new(), Vec::new());
            let day = Some("2026-11-24");
            kept += u32::from(asked.is_choice(&fast));
            asked.settle(&mut fast, day, &mut of_fast);
            if is_given(&slow) {
                asked.settle_by_form(&mut slow, day, &mut of_slow);
            }
            assert_eq!((fast, of_fast), (slow, of_slow), "{answer:?} to {}", question.id);
        }
    }
    assert_eq!(kept, 2, "the choices of the single choice, and nothing else");
}
