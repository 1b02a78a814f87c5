//! A question that only some were asked tells how many gave the answer that leads there.

use borgerpanel::response::record::Response;
use borgerpanel::response::targets::Variable;
use borgerpanel::results::bounds::{counts_of, rounded};
use borgerpanel::results::figure::{Figure, Measure, Value};
use borgerpanel::results::protect::{Earlier, Rules};
use borgerpanel::results::publish::{self, Plan, Publication};
use borgerpanel::results::sample::{Gathering, Sample};
use borgerpanel::results::scope::Scope;
use borgerpanel::results::sheet::Open;
use borgerpanel::results::table::Split;
use borgerpanel::results::weights::Cap;
use borgerpanel::survey::compile::{Facts, File, Files, Input, Shelf, compile};
use borgerpanel::survey::model::Definition;
use serde_json::{Value as Json, json};

use super::Survey;

const TEXT: &str = r#"---
title: Parken
---

# Parken {#park}

## Bruger du parken? {#use required}

- ( ) Ja {#yes}
- ( ) Nej {#no}

## Hvor glad er du for den? {#glad scale=1..5 required}

- 1: Slet ikke
- 5: Meget

## Hvad laver du? {#do}

- [ ] Løber {#run}
- [ ] Sidder {#sit}

# Brugen {#more if="use == yes"}

## Hvor tit? {#often required}

- ( ) Tit {#much}
- ( ) Nogle gange {#some}
- ( ) Sjældent {#rare}

# Glæden {#joy if="glad >= 3"}

## Hvad er bedst? {#best required}

- ( ) Træerne {#trees}
- ( ) Søen {#lake}
- ( ) Stierne {#paths}

# Ønsker {#wishes}

## Hvad skal der ske? {#wish}

- ( ) Mere {#more}
- ( ) Mindre {#less}
- ( ) Bredere løbestier {#tracks if="do has run"}
"#;

fn survey(text: &str) -> Definition {
    let survey = Files { base: File { path: "park.md", text }, translations: Vec::new() };
    let site = Facts { default_language: "da".to_owned(), lone: true, ..Facts::default() };
    let shelf = Shelf::default();
    let compiled = compile(&Input { slug: "park", survey, shelf: &shelf, site: &site });
    compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// A survey that people answered, each of a gender.
pub struct Town {
    definition: Definition,
    sample: Sample,
}

impl Town {
    fn of(people: &[(&str, Json)]) -> Town {
        Town::asked(TEXT, people)
    }

    /// The answers to a survey of one's own.
    pub fn asked(text: &str, people: &[(&str, Json)]) -> Town {
        let definition = survey(text);
        let scope = Scope::default();
        let mut gathering = Gathering::new(&definition, &[], &scope);
        for (at, (gender, answers)) in people.iter().enumerate() {
            let response: Response = serde_json::from_value(json!({
                "v": 1, "uid": format!("{at:032x}"), "survey": "park",
                "version": definition.version, "channel": "web", "invited": false,
                "assisted": false, "status": "complete", "lang": "da", "day": "2026-11-24",
                "duration_s": null, "background": {"gender": gender}, "answers": answers,
            }))
            .expect("a response");
            gathering.add(&response);
        }
        let sample = gathering.finish().sample;
        Town { definition, sample }
    }

    fn splits() -> Vec<Split> {
        vec![Split::fixed(Variable::Gender, vec!["female".to_owned(), "male".to_owned()])]
    }

    pub fn published(&self) -> Publication {
        let plan = Plan {
            survey: self.definition.base(),
            targets: None,
            splits: &Town::splits(),
            cap: Cap::default(),
            rules: Rules::default(),
            earlier: &Earlier::default(),
            districts: &[],
            beside: &[],
            seed: 5,
        };
        publish::publish(&self.sample, &plan).expect("nobody is weighted")
    }

    /// Each question protected by itself, as if none led to another.
    pub fn naively(&self) -> Open {
        let survey = Survey {
            people: self.sample.people.clone(),
            items: self.sample.items.clone(),
            splits: Town::splits(),
            weights: None,
            required: true,
        };
        survey.publish(5).open
    }

    /// How many of everybody, or of a gender, did not get there.
    fn passed(&self, question: &str, gender: Option<&str>) -> (u32, u32) {
        let item = self.sample.items.iter().find(|item| item.question == question).expect("it");
        let people = self.sample.people.iter().zip(&item.given);
        let here = people.filter(|(person, _)| {
            gender.is_none_or(|own| person.background.gender.as_deref() == Some(own))
        });
        let passed: Vec<bool> = here.map(|(_, given)| !given.is_asked()).collect();
        (passed.iter().filter(|is| **is).count() as u32, passed.len() as u32)
    }

    /// Whether the figures tell of the few who did not get there that they are few, or that they are somebody.
    fn falls(&self, open: &Open, question: &str, gender: Option<&str>, others: u32) -> bool {
        let (passed, people) = self.passed(question, gender);
        assert!(passed - others < 5, "not few");
        let figures = figures(open, question, gender);
        let may = (0..=people).filter(|passed| fits(open, &figures, *passed, people));
        let may: Vec<u32> = may.filter_map(|passed| passed.checked_sub(others)).collect();
        assert!(may.contains(&(passed - others)), "the truth is ruled out");
        !may.contains(&0) || !may.iter().any(|few| *few >= 5)
    }
}

pub fn figures<'a>(open: &'a Open, question: &str, gender: Option<&str>) -> Vec<&'a Figure> {
    let is_here = |figure: &&Figure| {
        let group = figure.group.as_ref().map(|group| group.categories.join("+"));
        figure.question == question
            && figure.measure == Measure::Percent
            && group.as_deref() == gender
    };
    open.figures.iter().filter(is_here).collect()
}

/// Whether all of it may be so where so many were passed over: the number of people, and whole percents of
/// those who were asked.
fn fits(open: &Open, figures: &[&Figure], passed: u32, people: u32) -> bool {
    let Some(first) = figures.first() else { return true };
    let asked = people - passed;
    let is_routed = open.items.iter().any(|item| item.question == first.question && item.routed);
    let is_rounded = is_routed || first.group.is_none();
    if first.n != if is_rounded { rounded(asked, people) } else { people } {
        return false;
    }
    let counts = figures.iter().map(|figure| match figure.value {
        Some(Value::Percent(percent)) => counts_of(percent.into(), asked),
        _ => (0, asked),
    });
    let counts: Vec<(u32, u32)> = counts.collect();
    let low: u32 = counts.iter().map(|one| one.0).sum();
    let high: u32 = counts.iter().map(|one| one.1).sum();
    counts.iter().all(|(low, high)| low <= high) && (low..=high).contains(&asked)
}

/// People of a gender, of whom the first `no` do not use the park, and so many of the others do it a lot and
/// sometimes.
fn users(
    gender: &'static str,
    people: usize,
    no: usize,
    often: [usize; 2],
) -> Vec<(&'static str, Json)> {
    let person = |at: usize| {
        let mut answers = json!({
            "use": if at < no { "no" } else { "yes" }, "glad": 3 + at % 3, "do": ["sit"],
            "best": (["trees", "lake", "paths"][at % 3]), "wish": (["more", "less"][at % 2]),
        });
        if let Some(user) = at.checked_sub(no) {
            let [much, some] = [user < often[0], user < often[0] + often[1]];
            answers["often"] = json!(if much {
                "much"
            } else if some {
                "some"
            } else {
                "rare"
            });
        }
        (gender, answers)
    };
    (0..people).map(person).collect()
}

#[test]
fn that_nearly_everybody_was_asked_tells_nothing_of_the_few_who_were_not() {
    // By hand: so many of 95, 94 and 91 people are whole percents of no other number near them.
    for (no, often) in [(0, [23, 44]), (1, [22, 18]), (4, [23, 33])] {
        let town = Town::of(&users("female", 95, no, often));
        assert!(town.falls(&town.naively(), "often", None, 0), "no attack with {no}");
        let open = town.published().open;
        assert!(!town.falls(&open, "often", None, 0), "{no}: {:?}", figures(&open, "often", None));
        let often = open.items.iter().find(|item| item.question == "often").expect("published");
        assert!(!often.routed && !often.required, "{often:?}");
    }
}

#[test]
fn a_group_of_whom_a_few_were_not_asked_has_no_table() {
    for (no, often) in [(0, [20, 37]), (2, [20, 35])] {
        let men = users("male", 96, 40, [20, 20]);
        let people = [users("female", 96, no, often), men].concat();
        let town = Town::of(&people);
        assert!(town.falls(&town.naively(), "often", Some("female"), 0), "no attack with {no}");
        let published = town.published();
        assert!(!town.falls(&published.open, "often", Some("female"), 0));
        assert!(!figures(&published.open, "often", None).is_empty(), "the totals are left");
        let withheld = published.withheld.iter().filter(|one| one.question == "often");
        let variables: Vec<&str> = withheld.map(|one| one.variable.as_str()).collect();
        assert_eq!(variables, ["gender"]);
    }
}

#[test]
fn where_many_were_not_asked_the_tables_stand() {
    let people = [users("female", 96, 30, [20, 20]), users("male", 96, 40, [20, 20])].concat();
    let published = Town::of(&people).published();
    for gender in ["female", "male"] {
        let shown = figures(&published.open, "often", Some(gender));
        assert!(shown.iter().any(|figure| figure.value.is_some()), "{:?}", published.withheld);
    }
    assert!(published.open.items.iter().any(|item| item.question == "often" && item.routed));
}

#[test]
fn a_hidden_step_of_a_scale_is_not_what_those_asked_leave_of_everybody() {
    // Whoever was not asked what is best gave 1 or 2. The 2 is shown, and 3 of 150 gave 1.
    let steps = [3, 40, 12, 45, 50];
    let mut people = users("female", 150, 50, [40, 40]);
    let glad = (1..).zip(steps).flat_map(|(step, many)| std::iter::repeat_n(step, many));
    for (at, ((_, answers), step)) in people.iter_mut().zip(glad).enumerate() {
        answers["glad"] = json!(step);
        match step {
            1 | 2 => answers.as_object_mut().expect("answers").remove("best"),
            _ => Some(std::mem::replace(
                &mut answers["best"],
                json!((["trees", "lake", "paths"][at % 3])),
            )),
        };
    }
    let town = Town::of(&people);
    let hidden = |open: &Open| -> Vec<bool> {
        figures(open, "glad", None).iter().map(|figure| figure.value.is_none()).collect()
    };
    let naive = town.naively();
    assert_eq!(hidden(&naive), [true, false, true, false, false], "another step is hidden with it");
    assert!(town.falls(&naive, "best", None, 40), "no attack");
    let published = town.published();
    assert!(!town.falls(&published.open, "best", None, 40));
    let is_it = |one: &&borgerpanel::results::page::Withheld| one.question == "best";
    assert_eq!(published.withheld.iter().filter(is_it).count(), 1, "{:?}", published.withheld);
}

#[test]
fn a_choice_for_some_is_not_told_to_be_all_of_theirs() {
    let of = |chose: usize| {
        let mut people =
            [users("female", 96, 30, [20, 20]), users("male", 96, 40, [20, 20])].concat();
        for (_, answers) in people.iter_mut().step_by(2).take(40) {
            answers["do"] = json!(["run"]);
        }
        for (_, answers) in people.iter_mut().step_by(2).take(chose) {
            answers["wish"] = json!("tracks");
        }
        Town::of(&people)
    };
    let naive = of(40).naively();
    let share = |open: &Open| figures(open, "wish", None).get(2).and_then(|figure| figure.value);
    assert_eq!(share(&naive), Some(Value::Percent(21)), "40 of 192, and 40 could choose it");
    assert_eq!(share(&of(40).published().open), None);
    let open = of(20).published().open;
    assert_eq!(share(&open), Some(Value::Percent(10)));
    assert!(figures(&open, "wish", Some("female")).is_empty(), "who could not choose it is known");
}

#[test]
fn a_table_by_a_variable_does_not_tell_what_the_leading_question_hides_by_it() {
    // 33 of 100 women gave 1 or 2; of whom 30 gave the 2, which is shown.
    let of = |gender, steps: [usize; 5]| {
        let mut people = users(gender, 100, 50, [20, 20]);
        let glad = (1..).zip(steps).flat_map(|(step, many)| std::iter::repeat_n(step, many));
        for ((_, answers), step) in people.iter_mut().zip(glad) {
            answers["glad"] = json!(step);
            if step < 3 {
                answers.as_object_mut().expect("answers").remove("best");
            }
        }
        people
    };
    let town =
        Town::of(&[of("female", [3, 30, 12, 25, 30]), of("male", [15, 30, 12, 23, 20])].concat());
    let naive = town.naively();
    let shown = |open: &Open, step: usize| figures(open, "glad", Some("female"))[step].value;
    assert_eq!((shown(&naive, 0), shown(&naive, 1)), (None, Some(Value::Percent(30))));
    assert!(town.falls(&naive, "best", Some("female"), 30), "no attack");
    let published = town.published();
    assert!(!town.falls(&published.open, "best", Some("female"), 30));
    assert!(!figures(&published.open, "best", None).is_empty(), "{:?}", published.withheld);
}
