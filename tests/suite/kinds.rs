//! What every kind keeps to, whatever its question says: an answer it makes up is one that it reads, and a
//! response of such answers is sound to the central.

use std::collections::{BTreeMap, BTreeSet};

use borgerpanel::response::revalidate::revalidate;
use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::survey::kinds::{ALL, Offered, Reading};
use borgerpanel::survey::model::Limit;
use borgerpanel::survey::{Definition, Fields, Question, Settings, Survey};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::drawn;

const TODAY: &str = "2026-11-24";

fn drawn_survey(rng: &mut Rng) -> Survey {
    serde_json::from_value(drawn::survey(rng)).expect("a survey")
}

fn definition(survey: Survey) -> Definition {
    Definition {
        slug: survey.slug.clone(),
        version: survey.version.clone(),
        structure: survey.structure.clone(),
        settings: Settings::default(),
        languages: vec![survey],
        maps: BTreeMap::new(),
    }
}

/// Whether any answer can be right; the compiler lets no others pass.
fn can_be_answered(question: &Question) -> bool {
    let number = |limit: &Option<Limit>| limit.as_ref().and_then(Limit::number);
    let moment = |limit: &Option<Limit>| {
        limit.as_ref().and_then(|limit| limit.moment(TODAY)).map(str::to_owned)
    };
    let together = question.choices.iter().filter(|choice| !choice.stands_alone()).count() as f64;
    let is_multiple = question.kind.rules().name() == "multiple";
    let most = if is_multiple { Some(together) } else { number(&question.max) };
    let in_order = match (number(&question.min), most, number(&question.max)) {
        (Some(min), Some(most), max) => min <= most && max.is_none_or(|max| min <= max),
        _ => true,
    };
    let min_first = match (moment(&question.min), moment(&question.max)) {
        (Some(min), Some(max)) => min <= max,
        _ => true,
    };
    in_order && min_first
}

#[test]
fn what_a_kind_makes_up_it_reads_as_it_was() {
    let mut met = BTreeSet::new();
    for seed in 0..1_000 {
        let mut rng = Rng::with_seed(seed);
        let survey = drawn_survey(&mut rng);
        for question in survey.questions().filter(|question| can_be_answered(question)) {
            let rules = question.kind.rules();
            let offered = Offered::all(question, TODAY);
            let answer = rules.sample(question, &offered, &mut rng);
            let fields = Fields(rules.write(question, &answer));
            let at = format!("seed {seed}: {question:?}\n{answer:?}\n{fields:?}");
            assert_eq!(
                rules.read(question, &fields, &offered),
                Reading::fine(answer.clone()),
                "{at}"
            );
            assert_eq!(rules.missing(question, &answer, &offered), Vec::new(), "{at}");
            if answer.is_answered() {
                met.insert(rules.name());
            }
        }
    }
    assert_eq!(met, ALL.iter().map(|rules| rules.name()).collect());
}

#[test]
fn an_answer_is_stored_as_it_was_and_read_from_it() {
    for seed in 0..500 {
        let mut rng = Rng::with_seed(seed);
        for question in drawn_survey(&mut rng).questions() {
            let rules = question.kind.rules();
            let answer = rules.sample(question, &Offered::all(question, TODAY), &mut rng);
            let stored = serde_json::to_string(&answer).expect("JSON");
            let again = serde_json::from_str(&stored).expect("an answer");
            assert_eq!(answer, again, "seed {seed}: {stored}");
        }
    }
}

/// A question of each kind that is not held to by the tests of `responses`: what it is, an answer that
/// it can have, and answers that a form could not have led to.
fn forgeries() -> Vec<(Value, Value, Vec<Value>)> {
    let items = |ids: &[&str]| -> Value {
        ids.iter().map(|id| json!({"id": id, "text": {"html": "", "plain": ""}})).collect()
    };
    let (codes, rows) = (items(&["a", "b", "c"]), items(&["r", "s"]));
    let days = json!({"min": "2026-01-01", "max": "today"});
    vec![
        (
            json!({"kind": "ranking", "choices": codes, "top": 2}),
            json!(["b", "a"]),
            vec![json!(["b", "b"]), json!(["d"]), json!(["a", "b", "c"]), json!([]), json!("a")],
        ),
        (
            json!({"kind": "points", "choices": codes, "share": 10}),
            json!({"a": 4, "c": 6}),
            vec![
                json!({"a": 4, "c": 5}),
                json!({"a": 11, "c": -1}),
                json!({"a": 4.5, "c": 5.5}),
                json!({"a": 4, "d": 6}),
                json!({"a": "4", "c": "6"}),
            ],
        ),
        (
            json!({"kind": "place", "choices": codes, "map": "m"}),
            json!("a"),
            vec![json!("d"), json!(["a"])],
        ),
        (
            json!({"kind": "matrix-multiple", "rows": rows, "columns": codes}),
            json!({"r": ["a", "c"]}),
            vec![
                json!({"r": ["c", "a"]}),
                json!({"r": ["a", "a"]}),
                json!({"r": ["d"]}),
                json!({"x": ["a"]}),
                json!({"r": []}),
                json!({"r": "a"}),
            ],
        ),
        (
            json!({"kind": "differential", "rows": rows, "columns": codes}),
            json!({"r": "a", "s": "b"}),
            vec![json!({"r": "d"}), json!({"x": "a"}), json!({"r": ["a"]})],
        ),
        (
            with(&days, "date"),
            json!("2026-02-28"),
            vec![
                json!("28.2.2026"),
                json!("2026-02-29"),
                json!("2025-12-31"),
                json!("2026-11-25"),
                json!(20260228),
            ],
        ),
        (json!({"kind": "time"}), json!("08:30"), vec![json!("8:30"), json!("24:00")]),
        (json!({"kind": "postcode"}), json!("2200"), vec![json!("0499"), json!(2200)]),
        (
            json!({"kind": "tel"}),
            json!("33123456"),
            vec![json!("+4533123456"), json!("33 12 34 56")],
        ),
        (json!({"kind": "email"}), json!("a@b.dk"), vec![json!(" a@b.dk"), json!("a@b")]),
    ]
}

fn with(limits: &Value, kind: &str) -> Value {
    json!({"kind": kind, "min": limits["min"], "max": limits["max"]})
}

#[test]
fn a_forged_answer_of_a_kind_is_refused() {
    for (mut question, sound, forged) in forgeries() {
        question["id"] = "q".into();
        question["text"] = json!({"html": "", "plain": ""});
        let survey = json!({
            "slug": "s", "version": "v", "structure": "", "lang": "da",
            "title": {"html": "", "plain": ""}, "pages": [{"id": "p", "questions": [question]}],
        });
        let survey: Survey = serde_json::from_value(survey).expect("a survey");
        let judged = |answer: &Value, status: &str| {
            let body = json!({
                "v": 1, "uid": "0".repeat(32), "survey": "s", "version": "v", "channel": "web",
                "invited": false, "assisted": false, "status": status, "lang": "da", "day": TODAY,
                "background": {}, "answers": {"q": answer},
            });
            revalidate(body.to_string().as_bytes(), &definition(survey.clone()))
        };
        for status in ["complete", "partial"] {
            assert!(judged(&sound, status).is_ok(), "{sound}: {:?}", judged(&sound, status));
            assert!(judged(&json!(null), status).is_ok(), "nothing, of {question}");
            for answer in &forged {
                assert!(judged(answer, status).is_err(), "{answer} for {question}");
            }
        }
    }
}

#[test]
fn responses_of_every_kind_are_sound_to_the_central() {
    let context = Context { today: TODAY.to_owned(), channel: "kiosk".to_owned() };
    let mut met = BTreeSet::new();
    let mut sound = 0;
    for seed in 0..800 {
        let mut rng = Rng::with_seed(seed);
        let survey = drawn_survey(&mut rng);
        let fields = sample::fill_in(&survey, &context, &mut rng);
        let evaluation = evaluate(&survey, &fields, &context);
        // Some of these surveys cannot be answered: their conditions and checks are drawn.
        if !evaluation.problems.is_empty() {
            continue;
        }
        sound += 1;
        let about = Circumstances {
            uid: "0".repeat(32),
            kiosk: None,
            lang: "da".to_owned(),
            duration_s: None,
            shown: BTreeMap::new(),
            context: context.clone(),
        };
        let response = compose(&survey, &evaluation, about, &[]);
        let answered = |question: &&Question| {
            response.answers.get(&question.id).is_some_and(|answer| answer.is_answered())
        };
        met.extend(
            survey.questions().filter(answered).map(|question| question.kind.rules().name()),
        );
        let body = serde_json::to_vec(&response).expect("JSON");
        let again = revalidate(&body, &definition(survey.clone()))
            .unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}\n{response:#?}\n{survey:#?}"));
        assert_eq!(again, response, "seed {seed}");
    }
    assert!(sound >= 150, "only {sound} could be answered");
    assert_eq!(met, ALL.iter().map(|rules| rules.name()).collect());
}
