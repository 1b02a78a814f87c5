//! What several questions behind a route, a route behind a route, and one that asks after two questions tell of
//! the questions that lead there.

use borgerpanel::results::bounds::{counts_of, rounded, to_ten};
use borgerpanel::results::figure::Value;
use borgerpanel::results::sheet::Open;
use serde_json::{Value as Json, json};

use super::routes::{Town, figures};

const TEXT: &str = r#"---
title: Parken
---

# Parken {#park}

## Bruger du parken? {#use}

- ( ) Ja {#yes}
- ( ) Nej {#no}

## Bor du nær ved den? {#near required}

- ( ) Ja {#near-by}
- ( ) Nej {#far}

## Hvor glad er du for den? {#glad scale=1..7 required}

- 1: Slet ikke
- 7: Meget

# Brugen {#more if="use == yes"}

## Hvor tit? {#often required}

- ( ) Tit {#a}
- ( ) Nogle gange {#b}
- ( ) Sjældent {#c}

# Hvorfor ikke {#less if="use == no"}

## Hvorfor ikke? {#why required}

- ( ) For langt {#a}
- ( ) For kedeligt {#b}
- ( ) Ingen tid {#c}

# Vejen {#way if="near == near-by"}

## Hvordan kommer du derhen? {#how}

- ( ) Til fods {#foot}
- ( ) På cykel {#bike}

# Stien {#walk if="how == foot"}

## Hvilken sti? {#path required}

- ( ) Den brede {#a}
- ( ) Den smalle {#b}
- ( ) Den lange {#c}

# Naboer {#both if="use == yes and near == near-by"}

## Hvad er bedst? {#best required}

- ( ) Træerne {#a}
- ( ) Søen {#b}
- ( ) Stierne {#c}

# Glade {#four if="glad >= 4"}

## Hvad gør dig glad? {#joy required}

- ( ) Træerne {#a}
- ( ) Søen {#b}
- ( ) Stierne {#c}

# Gladere {#five if="glad >= 5"}

## Hvad skal blive? {#keep required}

- ( ) Træerne {#a}
- ( ) Søen {#b}
- ( ) Stierne {#c}
"#;

/// So many people with each answer to a question, who all live far away and give 3, 5 or 7 of joy; then what
/// they are asked behind it, in turn.
fn town(people: &[(usize, Json)]) -> Town {
    let of = |(many, own): &(usize, Json)| {
        let one = |at: usize| {
            let mut answers = json!({"use": null, "near": "far", "glad": ([3, 5, 7][at % 3])});
            let answers_of = answers.as_object_mut().expect("an object");
            answers_of.extend(own.as_object().expect("an object").clone());
            (["female", "male"][at % 2], answers)
        };
        (0..*many).map(one).collect::<Vec<_>>()
    };
    Town::asked(TEXT, &people.iter().flat_map(of).collect::<Vec<_>>())
}

/// What people gave to a question, so many each to `a`, `b` and `c`, beside what else they gave.
fn each(question: &str, counts: [usize; 3], also: &Json) -> Vec<(usize, Json)> {
    let of = |(choice, many)| {
        let mut own = also.clone();
        own[question] = json!(choice);
        (many, own)
    };
    ["a", "b", "c"].into_iter().zip(counts).map(of).collect()
}

/// How many of everybody can have been asked a question, and answered it; anybody where it is not published.
fn asked(open: &Open, question: &str, people: u32) -> Vec<u32> {
    let figures = figures(open, question, None);
    let Some(first) = figures.first() else { return (0..=people).collect() };
    let fits = |asked: &u32| {
        let counts = figures.iter().map(|figure| counts(figure.value, *asked));
        let (low, high) = counts.fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        rounded(*asked, people) == first.n && (low..=high).contains(asked)
    };
    (0..=people).filter(fits).collect()
}

/// The counts of a choice of a question, of so many who answered it.
fn gave(
    open: &Open,
    question: &str,
    choice: usize,
    answered: u32,
) -> std::ops::RangeInclusive<u32> {
    let (low, high) = counts(figures(open, question, None)[choice].value, answered);
    low..=high
}

/// None where no count is of this percent: then the least is above the most.
fn counts(value: Option<Value>, base: u32) -> (u32, u32) {
    match value {
        Some(Value::Percent(percent)) => match counts_of(percent.into(), base) {
            (low, high) if low > high => (base + 1, 0),
            found => found,
        },
        _ => (0, base),
    }
}

fn is_safe(may: &[u32]) -> bool {
    may.contains(&0) && may.iter().any(|few| *few >= 5)
}

fn is_shown(open: &Open, question: &str) -> bool {
    !figures(open, question, None).is_empty()
}

#[test]
fn numbers_asked_behind_each_answer_do_not_tell_how_many_gave_none() {
    // Of the first somebody is known to have left it open, of the others fewer than five.
    for (yes, no, open, told) in [
        ([19, 32, 20], [16, 35, 32], 2, [1, 2].as_slice()),
        ([13, 16, 13], [30, 21, 21], 1, &[0, 1]),
        ([12, 10, 12], [38, 28, 16], 1, &[0, 1]),
    ] {
        let users = each("often", yes, &json!({"use": "yes"}));
        let others = each("why", no, &json!({"use": "no"}));
        let people = yes.iter().chain(&no).sum::<usize>() + open;
        let town = town(&[users, others, vec![(open, json!({}))]].concat());
        let may = |open: &Open| neither(open, people as u32);
        assert_eq!(may(&town.naively()), told, "no attack");
        let open = town.published().open;
        assert!(is_safe(&may(&open)), "{:?}", may(&open));
        assert!(is_shown(&open, "often") && !is_shown(&open, "why"), "the later one is left out");
    }
}

/// How many of so many may have said neither yes nor no.
fn neither(open: &Open, people: u32) -> Vec<u32> {
    let (yes, no) = (asked(open, "often", people), asked(open, "why", people));
    let is_one = |left: &u32| {
        let answered = people - left;
        let fits = |yes: &u32| {
            let rest = answered.checked_sub(*yes);
            gave(open, "use", 0, answered).contains(yes)
                && rest.is_some_and(|rest| {
                    no.contains(&rest) && gave(open, "use", 1, answered).contains(&rest)
                })
        };
        rounded(answered, people) == to_ten(people) && yes.iter().any(fits)
    };
    (0..20).filter(is_one).collect()
}

#[test]
fn where_many_left_it_open_both_are_published() {
    let users = each("often", [19, 32, 20], &json!({"use": "yes"}));
    let others = each("why", [16, 35, 32], &json!({"use": "no"}));
    let open = town(&[users, others, vec![(12, json!({}))]].concat()).published().open;
    assert!(is_shown(&open, "often") && is_shown(&open, "why"));
}

#[test]
fn a_route_behind_a_route_does_not_tell_how_many_left_the_leading_question_open() {
    let near = json!({"near": "near-by"});
    let on_foot = each("path", [12, 20, 10], &json!({"near": "near-by", "how": "foot"}));
    let mut by_bike = near.clone();
    by_bike["how"] = json!("bike");
    let mut left = near;
    left["how"] = Json::Null;
    let people = [on_foot, vec![(27, by_bike), (1, left), (57, json!({}))]].concat();
    let town = town(&people);
    let may = |open: &Open| -> Vec<u32> {
        let paths = asked(open, "path", 127);
        // 55 % of 127 live near by: 70.
        assert_eq!(gave(open, "near", 0, 127), 70..=70);
        let is_one = |left: &u32| {
            let answered = 70 - left;
            gave(open, "how", 0, answered).any(|foot| {
                paths.contains(&foot) && gave(open, "how", 1, answered).contains(&(answered - foot))
            })
        };
        (0..20).filter(is_one).collect()
    };
    let naive = may(&town.naively());
    assert_eq!(naive, [1], "no attack");
    let open = town.published().open;
    assert!(is_shown(&open, "how") && is_safe(&may(&open)), "{:?}", may(&open));
}

#[test]
fn a_route_that_asks_after_two_questions_does_not_tell_that_nearly_all_gave_both_answers() {
    let of = |both: [usize; 3], near_alone: usize| {
        let near =
            json!({"near": "near-by", "use": "yes", "how": "foot", "often": "a", "path": "a"});
        let mut not_using = near.clone();
        not_using["use"] = json!("no");
        let far = json!({"use": "yes", "often": "b"});
        let no = json!({"use": "no", "why": "a"});
        [each("best", both, &near), vec![(near_alone, not_using), (15, far), (15, no)]].concat()
    };
    let few = town(&of([13, 13, 12], 2));
    // Of those who live near by, how many do not use it: 40 are 57 % of 70.
    let may = |open: &Open| -> Vec<u32> {
        assert_eq!(gave(open, "near", 0, 70), 40..=40);
        asked(open, "best", 70).iter().filter_map(|both| 40_u32.checked_sub(*both)).collect()
    };
    assert_eq!(may(&few.naively()), [2], "no attack");
    let open = few.published().open;
    assert!(!is_shown(&open, "best") && is_safe(&may(&open)));
    // Ten of them are no few.
    assert!(is_shown(&town(&of([10, 10, 10], 10)).published().open, "best"));
}

#[test]
fn what_two_routes_differ_by_is_no_hidden_step_of_a_scale() {
    let steps = [10, 4, 4, 3, 4, 4, 71];
    let (mut joy, mut keep) = ([10, 20, 52], [10, 25, 44]);
    let next = |left: &mut [usize; 3]| {
        let at = (0..3).find(|at| left[*at] > 0).expect("enough");
        left[at] -= 1;
        ["a", "b", "c"][at]
    };
    let mut people = Vec::new();
    for (step, many) in (1..).zip(steps) {
        for _ in 0..many {
            let mut own = json!({"glad": step, "use": "no", "why": "a"});
            if step >= 4 {
                own["joy"] = json!(next(&mut joy));
            }
            if step >= 5 {
                own["keep"] = json!(next(&mut keep));
            }
            people.push((1, own));
        }
    }
    let town = town(&people);
    // Who was asked the one and not the other gave 4, which is hidden.
    let may = |open: &Open| -> Vec<u32> {
        let (more, fewer) = (asked(open, "joy", 100), asked(open, "keep", 100));
        let pairs = more.iter().flat_map(|more| fewer.iter().map(move |fewer| (more, fewer)));
        pairs.filter_map(|(more, fewer)| more.checked_sub(*fewer)).collect()
    };
    let naive = town.naively();
    assert_eq!(figures(&naive, "glad", None)[3].value, None);
    assert_eq!(may(&naive), [3], "no attack");
    let open = town.published().open;
    assert!(is_safe(&may(&open)), "{:?}", may(&open));
    assert!(is_shown(&open, "joy") && !is_shown(&open, "keep"), "the later one is left out");
}
