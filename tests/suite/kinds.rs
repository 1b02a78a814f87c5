//! What every kind keeps to, whatever its question says: an answer it makes up is one that it reads, and a
//! response of such answers is sound to the central.

use std::collections::{BTreeMap, BTreeSet};

use borgerpanel::response::revalidate::revalidate;
use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::survey::kinds::{ALL, Offered, Reading};
use borgerpanel::survey::model::Limit;
use borgerpanel::survey::{Definition, Fields, Question, Settings, Survey};
use fastrand::Rng;

use crate::drawn;

const TODAY: &str = "2026-11-24";

fn drawn_survey(rng: &mut Rng) -> Survey {
    serde_json::from_value(drawn::survey(rng)).expect("a survey")
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
        let definition = Definition {
            slug: survey.slug.clone(),
            version: survey.version.clone(),
            structure: survey.structure.clone(),
            settings: Settings::default(),
            languages: vec![survey.clone()],
            maps: BTreeMap::new(),
        };
        let body = serde_json::to_vec(&response).expect("JSON");
        let again = revalidate(&body, &definition)
            .unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}\n{response:#?}\n{survey:#?}"));
        assert_eq!(again, response, "seed {seed}");
    }
    assert!(sound >= 150, "only {sound} could be answered");
    assert_eq!(met, ALL.iter().map(|rules| rules.name()).collect());
}
