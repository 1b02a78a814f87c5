//! Intervals where nobody is weighted: how wide they are is not to tell how many answered.

use borgerpanel::results::bounds::{counts_of, rounded, to_ten};
use borgerpanel::results::figure::{Figure, Measure, Value};
use borgerpanel::results::interval::Interval;
use serde_json::{Value as Json, json};

use super::routes::Town;

const TEXT: &str = r#"---
title: Parken
---

# Parken {#park}

## Hvad er bedst? {#best}

- ( ) Træerne {#a}
- ( ) Søen {#b}
- ( ) Stierne {#c}
- ( ) Græsset {#d}

## Hvor glad er du for den? {#glad scale=1..5}

- 1: Slet ikke
- 5: Meget
"#;

/// What is published of people of a gender, with the answer that they gave to one question, or none.
fn published(question: &str, people: &[(&'static str, Json)]) -> Vec<Figure> {
    let of = |(gender, answer): &(&'static str, Json)| {
        let mut answers = json!({"best": null, "glad": null});
        answers[question] = answer.clone();
        (*gender, answers)
    };
    let people: Vec<(&str, Json)> = people.iter().map(of).collect();
    let figures = Town::asked(TEXT, &people).published().figures;
    figures.into_iter().filter(|figure| figure.question == question).collect()
}

fn answers(gender: &'static str, choices: &[Json], counts: &[usize]) -> Vec<(&'static str, Json)> {
    let each = choices.iter().zip(counts);
    each.flat_map(|(choice, many)| vec![(gender, choice.clone()); *many]).collect()
}

fn percent(value: Option<Value>) -> u32 {
    match value {
        Some(Value::Percent(percent)) => percent.into(),
        other => panic!("a percent is hidden: {other:?}"),
    }
}

fn tenths(value: Option<Value>) -> i64 {
    match value {
        Some(Value::Tenths(tenths)) => tenths,
        other => panic!("a mean is hidden: {other:?}"),
    }
}

/// The percents and the ends of their intervals, of a gender or of everybody.
fn shares(figures: &[Figure], gender: Option<&str>) -> Vec<(u32, [u32; 2])> {
    let own = figures.iter().filter(|figure| {
        let group = figure.group.as_ref().map(|group| group.categories.concat());
        figure.measure == Measure::Percent && group.as_deref() == gender
    });
    own.map(|one| (percent(one.value), [percent(one.low), percent(one.high)])).collect()
}

/// The ends that a percent has for so many people.
fn ends(percent: u32, people: u32) -> [u32; 2] {
    let found = Interval::of_share(f64::from(percent) / 100.0, f64::from(people) - 1.0);
    [found.low, found.high].map(|end| match Value::of_share(end) {
        Value::Percent(percent) => percent.into(),
        Value::Tenths(_) => unreachable!("a share"),
    })
}

/// Whether `answered` people can have these percents.
fn fits(shares: &[(u32, [u32; 2])], answered: u32) -> bool {
    let counts: Vec<(u32, u32)> =
        shares.iter().map(|(percent, _)| counts_of(*percent, answered)).collect();
    let low: u32 = counts.iter().map(|one| one.0).sum();
    let high: u32 = counts.iter().map(|one| one.1).sum();
    counts.iter().all(|(low, high)| low <= high) && (low..=high).contains(&answered)
}

#[test]
fn that_of_a_group_does_not_tell_how_many_of_it_left_the_question_open() {
    let choices = ["a", "b", "c", "d"].map(|id| json!(id));
    let women = answers("female", &choices, &[33, 23, 35, 26]);
    let men = answers("male", &choices, &[11, 11, 16, 12]);
    let figures = published("best", &[women, men, vec![("female", Json::Null); 10]].concat());
    let everybody = shares(&figures, None);
    let groups = [(127, Some("female")), (50, Some("male"))];
    let groups = groups.map(|(people, gender)| (people, shares(&figures, gender)));

    // How many men may have left it open, with intervals of so many people of a group.
    let may = |printed: &dyn Fn(u32, u32) -> u32, shown: &dyn Fn(usize, u32) -> u32| {
        let is_one = |at: usize, open: u32| {
            let (people, shares) = &groups[at];
            let ends = |(percent, _): &(u32, [u32; 2])| ends(*percent, printed(*people, open));
            let theirs = |(percent, _): &(u32, [u32; 2])| self::ends(*percent, shown(at, *people));
            fits(shares, people - open) && shares.iter().all(|one| ends(one) == theirs(one))
        };
        let men = (0..25).filter(|men| {
            (0..25).any(|women| {
                let answered = 177 - women - men;
                rounded(answered, 177) == 170
                    && is_one(0, women)
                    && is_one(1, *men)
                    && fits(&everybody, answered)
            })
        });
        men.collect::<Vec<u32>>()
    };
    // The twin has the group's own number, in tens where ten or more left it open.
    let own = |people: u32, open: u32| if open < 10 { people } else { to_ten(people - open) };
    let naive = may(&own, &|at, people| own(people, [10, 0][at]));
    assert_eq!(naive, [0], "no attack: all 50 men answered");

    // Ours are those of published numbers alone: as large a part of each group as of everybody.
    for (people, shares) in &groups {
        let told = people * 170 / 177;
        for (percent, printed) in shares {
            assert_eq!(*printed, ends(*percent, told), "{percent} % of {people}");
        }
    }
    let ours = may(&|people, _| people * 170 / 177, &|_, people| people * 170 / 177);
    assert!(ours.contains(&0) && ours.iter().any(|open| *open >= 5), "{ours:?}");
}

#[test]
fn that_of_a_mean_does_not_tell_how_many_left_the_question_open() {
    let counts = [10, 11, 14, 13, 11];
    let choices = [1, 2, 3, 4, 5].map(|step| json!(step));
    let figures = published("glad", &answers("", &choices, &counts));
    let all = shares(&figures, None);
    let mean = figures.iter().find(|figure| figure.measure == Measure::Mean).expect("a mean");
    let printed = [mean.value, mean.low, mean.high].map(tenths);

    // What would be printed of counts that sum to fewer than 59, with their own exact error.
    let exact = |counts: &[u32]| {
        let n = f64::from(counts.iter().sum::<u32>());
        let steps: Vec<(f64, f64)> =
            (1..).map(f64::from).zip(counts.iter().map(|one| f64::from(*one))).collect();
        let own = steps.iter().map(|(step, many)| step * many).sum::<f64>() / n;
        let squares: f64 = steps.iter().map(|(step, many)| many * (step - own).powi(2)).sum();
        let middle = (own * 10.0).round() / 10.0;
        let around = Interval::of_mean(middle, (59.0 / 58.0 * squares).sqrt() / n);
        [middle, around.low, around.high].map(|it| tenths(Some(Value::of_mean(it))))
    };
    // How many may have left it open where the three numbers are these.
    let may = |is_it: &dyn Fn(&[u32]) -> bool| {
        let open = (0..10).filter(|open| {
            let answered = 59 - open;
            let ranges = all.iter().map(|(percent, _)| counts_of(*percent, answered));
            let worlds = ranges.fold(vec![Vec::new()], |worlds: Vec<Vec<u32>>, (low, high)| {
                let longer = |world: Vec<u32>| {
                    (low..=high).map(move |one| [world.clone(), vec![one]].concat())
                };
                worlds.into_iter().flat_map(longer).collect()
            });
            worlds.iter().any(|world| world.iter().sum::<u32>() == answered && is_it(world))
        });
        open.collect::<Vec<u32>>()
    };
    let true_one = exact(&counts.map(|one| one as u32));
    assert_eq!(may(&|world| exact(world) == true_one), [0], "no attack: all answered");

    // Ours is of the printed shares, which any of the worlds has.
    let spread: f64 = (1..)
        .map(f64::from)
        .zip(&all)
        .map(|(step, (percent, _))| (step, f64::from(*percent)))
        .fold([0.0; 3], |[all, sum, squares], (step, percent)| {
            [all + percent, sum + step * percent, squares + step * step * percent]
        })
        .windows(3)
        .map(|it| it[2] / it[0] - (it[1] / it[0]).powi(2))
        .sum();
    let around = Interval::of_mean(printed[0] as f64 / 10.0, (spread / 58.0).sqrt());
    assert_eq!(printed[1..], [around.low, around.high].map(|it| tenths(Some(Value::of_mean(it)))));
    let ours = may(&|world| exact(world)[0] == printed[0]);
    assert!(ours.contains(&0) && ours.iter().any(|open| *open >= 5), "{ours:?}");
}
