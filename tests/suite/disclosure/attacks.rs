//! Attacks that need paper and pencil only, each on a naive publication that falls to it, and on ours.

use borgerpanel::response::record::Background;
use borgerpanel::response::targets::Variable;
use borgerpanel::results::audit::agree;
use borgerpanel::results::figure::{Measure, Value};
use borgerpanel::results::item::{Given, Item, Person, Shape, Ticks};
use borgerpanel::results::protect::{Earlier, Rules};
use borgerpanel::results::releases;
use borgerpanel::results::sheet::{Open, Sheet};
use borgerpanel::results::table::Split;

use super::{Published, Survey, audited, item, value};

/// The usual mistake: what is small is hidden, and nothing else.
fn small(inside: u32, _: u32) -> bool {
    inside < 5
}

/// Better, and not enough.
fn small_or_nearly_all(inside: u32, base: u32) -> bool {
    inside < 5 || base - inside < 5
}

fn nothing(_: u32, _: u32) -> bool {
    false
}

/// A table as the attacker fills it in: bounds of each cell, by choice and group; the residual last.
struct Filled {
    people: Vec<i64>,
    cells: Vec<Vec<(i64, i64)>>,
}

/// The counts of `people` that round to a percent.
fn counts(people: i64, percent: u8) -> (i64, i64) {
    let is_it = |count: &i64| (*count as f64 / people as f64 * 100.0).round() == f64::from(percent);
    let all: Vec<i64> = (0..=people).filter(is_it).collect();
    (all[0], all[all.len() - 1])
}

/// Percent times people, then columns and rows are subtracted until nothing more follows.
fn fill_in(open: &Open) -> Filled {
    let choices = open.items[0].choices.len();
    let share = |choice: usize, group: Option<&str>| {
        let id = format!("c{choice}");
        open.figures.iter().find(|figure| {
            let own = figure.group.as_ref().map(|group| group.categories.join("+"));
            figure.measure == Measure::Percent
                && figure.choices == [id.as_str()]
                && own.as_deref() == group
        })
    };
    let mut groups: Vec<(String, i64)> = Vec::new();
    for figure in &open.figures {
        if let Some(group) = &figure.group {
            let one = (group.categories.join("+"), i64::from(figure.n));
            if !groups.contains(&one) {
                groups.push(one);
            }
        }
    }
    let everybody = i64::from(open.people);
    let mut people: Vec<i64> = groups.iter().map(|(_, people)| *people).collect();
    people.push(everybody - people.iter().sum::<i64>());
    let read = |choice: usize, group: Option<&str>, people: i64| match share(choice, group)
        .and_then(|figure| figure.value)
    {
        Some(Value::Percent(percent)) => counts(people, percent),
        _ => (0, people),
    };
    let row = |choice: usize| {
        let shown = groups.iter().map(|(name, people)| read(choice, Some(name), *people));
        shown.chain([(0, people[groups.len()])]).collect()
    };
    let mut cells: Vec<Vec<(i64, i64)>> = (0..choices).map(row).collect();
    let totals: Vec<(i64, i64)> =
        (0..choices).map(|choice| read(choice, None, everybody)).collect();
    for _ in 0..50 {
        for column in 0..people.len() {
            let all: Vec<(i64, i64)> = (0..choices).map(|choice| cells[choice][column]).collect();
            let narrowed = subtract(&all, (people[column], people[column]));
            (0..choices).for_each(|choice| cells[choice][column] = narrowed[choice]);
        }
        for choice in 0..choices {
            cells[choice] = subtract(&cells[choice], totals[choice]);
        }
    }
    Filled { people, cells }
}

/// Each part is the whole less the others.
fn subtract(parts: &[(i64, i64)], whole: (i64, i64)) -> Vec<(i64, i64)> {
    let low: i64 = parts.iter().map(|part| part.0).sum();
    let high: i64 = parts.iter().map(|part| part.1).sum();
    let one = |part: &(i64, i64)| {
        (part.0.max(whole.0 - (high - part.1)), part.1.min(whole.1 - (low - part.0)))
    };
    parts.iter().map(one).collect()
}

/// The true counts of which the attacker learns that they are small, by choice and group.
fn learned(open: &Open, truth: &[Vec<usize>]) -> Vec<(usize, usize)> {
    let filled = fill_in(open);
    let mut learned = Vec::new();
    for (choice, row) in filled.cells.iter().enumerate() {
        for (group, (low, high)) in row.iter().enumerate() {
            let (count, people) = (truth[group][choice] as i64, filled.people[group]);
            let few = people.min(5);
            let inside = count < 5 && (*low > 0 || *high < few);
            let outside = people - count < 5 && (*high < people || *low > people - few);
            if people > 0 && (inside || outside) {
                learned.push((choice, group));
            }
        }
    }
    learned
}

/// The naive publication falls, ours does not, and the auditor says so of both.
fn stands(truth: &[Vec<usize>], hides: impl Fn(u32, u32) -> bool) {
    let survey = Survey::of_ages(Shape::Ordered, truth);
    let naive = survey.publish_naively(hides);
    assert!(!learned(&naive, truth).is_empty(), "the naive publication stands: no attack");
    let ours = survey.publish(5);
    assert_eq!(learned(&ours.open, truth), [], "{:#?}", fill_in(&ours.open).cells);
    let report = audited(&ours);
    assert!(report.is_safe(), "{report:#?}");
    let mut leaking = ours;
    leaking.open.figures = naive.figures;
    for table in &mut leaking.companion.items[0].tables {
        table.percents.iter_mut().flatten().flatten().for_each(|percent| *percent = None);
    }
    assert!(!audited(&leaking).is_safe(), "the auditor lets the naive publication pass");
}

#[test]
fn one_hidden_cell_is_not_found_by_subtracting_the_others_from_its_group() {
    stands(&[vec![2, 48, 50], vec![30, 40, 30], vec![25, 35, 40], vec![0, 0, 0]], small);
}

#[test]
fn percents_times_people_find_nobody() {
    stands(&[vec![1, 19, 20], vec![10, 20, 10], vec![0, 0, 0]], nothing);
}

#[test]
fn groups_of_whom_all_or_none_gave_an_answer_say_nothing_of_each_member() {
    stands(&[vec![40, 0], vec![20, 20], vec![25, 15], vec![0, 0]], nothing);
}

#[test]
fn all_but_a_few_is_as_hidden_as_a_few() {
    stands(&[vec![48, 2], vec![30, 20], vec![25, 25], vec![0, 0]], small);
}

#[test]
fn those_in_no_group_are_not_found_by_subtracting_the_groups_from_everybody() {
    stands(&[vec![30, 20], vec![25, 25], vec![3, 0]], small_or_nearly_all);
}

fn ticks(group: usize, rows: &[(usize, &[usize])]) -> (Vec<Person>, Vec<Given>) {
    let age = Some(format!("g{group}"));
    let background = Background { age, ..Background::default() };
    let person = Person { background, ..Person::default() };
    let given = rows.iter().flat_map(|(count, ticked)| vec![Given::Many(ticked.to_vec()); *count]);
    let given: Vec<Given> = given.collect();
    (vec![person; given.len()], given)
}

fn ticked(choices: usize, exclusive: &[usize], groups: &[&[(usize, &[usize])]]) -> Survey {
    let (mut people, mut given) = (Vec::new(), Vec::new());
    for (group, rows) in groups.iter().enumerate() {
        let (more, gave) = ticks(group, rows);
        people.extend(more);
        given.extend(gave);
    }
    let mut question: Item = item(Shape::Multiple, choices, given);
    exclusive.iter().for_each(|&choice| question.choices[choice].exclusive = true);
    Survey::new(people, vec![question], groups.len())
}

fn percent(open: &mut Open, choice: &str, group: &str) -> Option<u8> {
    match value(open, choice, group) {
        Some(Value::Percent(percent)) => Some(*percent),
        _ => None,
    }
}

#[test]
fn those_who_did_not_tick_what_nearly_all_ticked_are_not_found() {
    let survey = ticked(2, &[], &[&[(97, &[0]), (3, &[])], &[(40, &[0]), (40, &[1]), (20, &[])]]);
    let mut naive = survey.publish_naively(small);
    assert_eq!(percent(&mut naive, "c0", "g0"), Some(97), "3 of 100 did not tick it");
    let mut ours = survey.publish(5);
    assert_eq!(percent(&mut ours.open, "c0", "g0"), None);
    assert!(audited(&ours).is_safe());
}

#[test]
fn choices_that_exclude_all_others_leave_room_for_the_hidden_ones() {
    // 60 ticked "none" and 38 "don't know", so at most 2 ticked anything else.
    let groups: [&[(usize, &[usize])]; 2] =
        [&[(60, &[1]), (38, &[2]), (2, &[0])], &[(30, &[1]), (30, &[2]), (40, &[0])]];
    let survey = ticked(3, &[1, 2], &groups);
    let mut naive = survey.publish_naively(small_or_nearly_all);
    let room = 100
        - percent(&mut naive, "c1", "g0").expect("shown")
        - percent(&mut naive, "c2", "g0").expect("shown");
    assert!(percent(&mut naive, "c0", "g0").is_none() && room < 5, "room for {room}");
    let mut ours = survey.publish(5);
    let hidden = ["c1", "c2"].map(|choice| percent(&mut ours.open, choice, "g0").is_none());
    assert!(hidden.contains(&true), "both are shown beside what they leave room for");
    assert!(audited(&ours).is_safe());
}

/// Published by who forgets that the form says how many choices everybody gives: whoever reads the page does not.
fn forgetting_the_form(survey: &Survey) -> Published {
    let mut careless = survey.clone();
    careless.items[0].ticks = Ticks::default();
    let mut published = careless.publish(5);
    published.open.items[0].ticks = survey.items[0].ticks;
    published
}

#[test]
fn choices_of_which_everybody_gives_so_many_do_not_give_away_the_hidden_one() {
    let groups: [&[(usize, &[usize])]; 2] = [
        &[(28, &[0, 1]), (20, &[0, 2]), (10, &[1, 2]), (2, &[0, 3])],
        &[(20, &[0, 1]), (20, &[0, 2]), (10, &[1, 2]), (12, &[2, 3])],
    ];
    let mut survey = ticked(4, &[], &groups);
    survey.items[0].ticks = Ticks { least: 2, most: 2 };
    let mut naive = forgetting_the_form(&survey);
    let shown = ["c0", "c1", "c2"].map(|choice| percent(&mut naive.open, choice, "g0"));
    let shown: Vec<u8> = shown.into_iter().flatten().collect();
    let least: f64 = shown.iter().map(|&percent| (f64::from(percent) - 0.5) * 0.6).sum();
    assert!(shown.len() == 3 && 120.0 - least < 5.0, "{shown:?} leave 120 - {least} at most");
    assert!(!audited(&naive).is_safe());
    let ours = survey.publish(5);
    assert!(audited(&ours).is_safe());
}

#[test]
fn places_that_everybody_fills_do_not_give_away_who_ranked_a_choice_that_few_did() {
    let ranked = |count: usize, order: &[usize]| vec![Given::Ranked(order.to_vec()); count];
    let given = [
        ranked(20, &[0, 1, 2]),
        ranked(15, &[1, 2, 3]),
        ranked(13, &[2, 3, 0]),
        ranked(10, &[3, 0, 1]),
        ranked(2, &[0, 1, 4]),
    ];
    let given = given.concat();
    let people = given.iter().map(|_| Person::default()).collect();
    let mut survey = Survey::new(people, vec![item(Shape::Ranking { places: 3 }, 5, given)], 0);
    survey.splits.clear();
    survey.items[0].ticks.least = 3;
    // What is left of three places each, by the choices that are shown.
    let left = |open: &Open| {
        let tops = open.figures.iter().filter(|figure| figure.measure == Measure::Top);
        let least = tops.filter_map(|figure| match figure.value {
            Some(Value::Percent(percent)) => Some((f64::from(percent) - 0.5) * 0.6),
            _ => None,
        });
        180.0 - least.sum::<f64>()
    };
    let naive = survey.publish_naively(small);
    assert!(left(&naive) < 5.0, "{} for the one that is hidden", left(&naive));
    let ours = survey.publish(5);
    assert!(left(&ours.open) > 10.0, "{} for those that are hidden", left(&ours.open));
    assert!(audited(&ours).is_safe());
}

/// Each variable's table made by itself, and all put on one page.
fn one_by_one(survey: &Survey, seed: u64) -> Published {
    let mut parts = survey.splits.iter().map(|split| {
        let mut alone = survey.clone();
        alone.splits = vec![split.clone()];
        alone.publish(seed)
    });
    let mut all = parts.next().expect("a variable");
    for part in parts {
        let groups = part.open.figures.into_iter().filter(|figure| figure.group.is_some());
        all.open.figures.extend(groups);
        let tables = part.companion.items.into_iter().flat_map(|item| item.tables).skip(1);
        all.companion.items[0].tables.extend(tables);
    }
    all
}

#[test]
fn tables_that_are_safe_one_by_one_tell_of_each_other_and_are_made_together() {
    // 3 of g0 answered c0. By age alone the total of 36 % hides them: it may be 355 to 364 of 1,000. But
    // the ten genders of a hundred each have exact counts, and they add up to 360.
    let mut truth = vec![vec![40, 60]; 10];
    truth[0] = vec![3, 97];
    truth[9] = vec![37, 63];
    truth.push(vec![0, 0]);
    let mut survey = Survey::of_ages(Shape::Ordered, &truth);
    let mut seen = [0, 0];
    for (person, given) in survey.people.iter_mut().zip(&survey.items[0].given) {
        let Given::One(choice) = given else { continue };
        person.background.gender = Some(format!("h{}", seen[*choice] % 10));
        seen[*choice] += 1;
    }
    let genders = (0..10).map(|at| format!("h{at}")).collect();
    survey.splits.push(Split::fixed(Variable::Gender, genders));
    let alone = |split: usize| {
        let mut one = survey.clone();
        one.splits = vec![survey.splits[split].clone()];
        one.publish(5)
    };
    assert!(audited(&alone(0)).is_safe() && audited(&alone(1)).is_safe());
    let report = audited(&one_by_one(&survey, 5));
    let found = report.r#unsafe.iter().find(|cell| cell.group == "g0" && cell.choice == "c0");
    let found = found.expect("the naive publication stands: no attack");
    assert!(found.why.starts_with("it cannot be "), "{found:?}");
    let together = audited(&survey.publish(5));
    assert!(together.is_safe(), "{together:#?}");
}

#[test]
fn neither_a_mean_nor_an_interval_stands_beside_hidden_cells() {
    let truth = [vec![2, 41, 4], vec![20, 20, 20], vec![0, 0, 0]];
    let survey = Survey::of_ages(Shape::Ordered, &truth);
    let ours = survey.publish(5);
    let in_group = |open: &Open, group: &str| -> Vec<_> {
        let own = open
            .figures
            .iter()
            .filter(|figure| figure.group.as_ref().is_some_and(|own| own.categories == [group]));
        own.cloned().collect()
    };
    let g0 = in_group(&ours.open, "g0");
    assert!(g0.iter().any(|figure| figure.measure == Measure::Percent && figure.value.is_none()));
    assert!(g0.iter().all(|figure| figure.low.is_none() && figure.high.is_none()));
    let mean = g0.iter().find(|figure| figure.measure == Measure::Mean).expect("a place for it");
    assert_eq!(mean.value, None);
    // The twin: 6 of 47 are hidden in two cells; a mean of 2.0 is 2 and 4, or 3 and 3, but not 0 and 6.
    let possible: Vec<usize> = (0..=6)
        .filter(|&first| {
            let mean = (first + 41 * 2 + (6 - first) * 3) as f64 / 47.0;
            (mean * 10.0).round() == 20.0
        })
        .collect();
    assert!(!possible.contains(&0) && possible.contains(&2), "{possible:?}");
    let mut naive = ours.open.clone();
    let figure = naive.figures.iter_mut().find(|figure| **figure == *mean).expect("the same");
    figure.value = Some(Value::Tenths(20));
    let sheet = Sheet { survey: "s".to_owned(), figures: naive.figures.clone() };
    let broken = agree::with_rules(&naive, &sheet);
    assert_eq!(broken, ["q, age g0: mean beside hidden figures"]);
}

#[test]
fn two_releases_one_respondent_apart_are_refused() {
    let before =
        Survey::of_ages(Shape::Ordered, &[vec![20, 30], vec![25, 25], vec![0, 0]]).publish(5);
    let after =
        Survey::of_ages(Shape::Ordered, &[vec![21, 30], vec![25, 25], vec![0, 0]]).publish(5);
    // The twin: both in hand, the one who came later answered c0.
    let count = |published: &Published| fill_in(&published.open).cells[0][0];
    assert_eq!((count(&before), count(&after)), ((20, 20), (21, 21)));
    let refused = releases::relate(&before.open, &after.open, None).expect_err("refused");
    assert!(refused.to_string().contains("one person"), "{refused}");
}

/// A district of 29 people, four of whom gave the first answer, beside two that are large enough.
const DISTRICT_OF_29: [[usize; 2]; 3] = [[4, 25], [30, 30], [25, 35]];

fn district_of_29(split: Split) -> (Survey, Vec<Vec<usize>>) {
    let truth: Vec<Vec<usize>> = DISTRICT_OF_29.iter().map(|row| row.to_vec()).collect();
    let mut survey = Survey::of_ages(Shape::Ordered, &[truth, vec![vec![0, 0]]].concat());
    for person in &mut survey.people {
        person.background.district = person.background.age.take();
    }
    survey.splits = vec![split];
    (survey, DISTRICT_OF_29.iter().map(|row| row.to_vec()).collect())
}

fn districts() -> Vec<String> {
    (0..3).map(|at| format!("g{at}")).collect()
}

#[test]
fn a_district_with_29_people_is_published_with_its_neighbour_alone() {
    let (survey, _) = district_of_29(Split::ordered(Variable::District, districts()));
    let ours = survey.publish(5);
    assert!(audited(&ours).is_safe());
    let groups = |open: &Open| -> Vec<(String, u32)> {
        let grouped = open.figures.iter().filter_map(|figure| {
            let name = figure.group.as_ref()?.categories.join("+");
            Some((name, figure.n))
        });
        let mut groups: Vec<_> = grouped.collect();
        groups.dedup();
        groups
    };
    let two = [("g0+g1".to_owned(), 89), ("g2".to_owned(), 60)];
    let said: Vec<_> =
        groups(&ours.open).into_iter().filter(|group| !two.contains(group)).collect();
    assert_eq!(said, []);
    // The twin has 30 for a rule, and 29 is nearly that.
    let rules = Rules { min_group: 29, ..Rules::default() };
    let twin = survey.publish_by(&rules, &Earlier::default(), 5);
    assert!(groups(&twin.open).contains(&("g0".to_owned(), 29)), "the twin has no such group");
    let sheet = Sheet { survey: "s".to_owned(), figures: twin.open.figures.clone() };
    let broken = agree::with_rules(&twin.open, &sheet);
    assert!(broken.iter().any(|rule| rule.contains("district g0")), "{broken:?}");
}

#[test]
fn a_district_with_29_people_and_no_neighbour_is_not_found_by_subtracting_the_others() {
    let (survey, mut truth) = district_of_29(Split::fixed(Variable::District, districts()));
    truth.rotate_left(1);
    let naive = {
        let rules = Rules { threshold: 1, ..Rules::default() };
        survey.publish_by(&rules, &Earlier::default(), 5).open
    };
    assert!(!learned(&naive, &truth).is_empty(), "the naive publication stands: no attack");
    let ours = survey.publish(5);
    assert_eq!(learned(&ours.open, &truth), [], "{:#?}", fill_in(&ours.open).cells);
    assert!(audited(&ours).is_safe());
}

#[test]
fn files_that_do_not_say_the_same_are_not_published() {
    let ours =
        Survey::of_ages(Shape::Ordered, &[vec![20, 30], vec![25, 25], vec![0, 0]]).publish(5);
    let mut sheet = Sheet { survey: "s".to_owned(), figures: ours.open.figures.clone() };
    assert_eq!(agree::with_rules(&ours.open, &sheet), [""; 0]);
    sheet.figures[0].value = Some(Value::Percent(99));
    let broken = agree::with_rules(&ours.open, &sheet);
    assert_eq!(broken, ["results.csv and results.json do not say the same: q, c0"]);
}

#[test]
fn a_member_of_a_hidden_cell_does_not_learn_that_they_are_alone_in_it() {
    let truth = [vec![1, 20, 29], vec![30, 20, 30], vec![25, 25, 30], vec![0, 0, 0]];
    let survey = Survey::of_ages(Shape::Ordered, &truth);
    let (_, high) = fill_in(&survey.publish_naively(small)).cells[0][0];
    assert_eq!(high, 1, "the naive publication tells its one member");
    let (low, high) = fill_in(&survey.publish(5).open).cells[0][0];
    assert!(low <= 1 && high >= 5, "{low} to {high}");
}

#[test]
fn the_order_and_number_of_figures_say_nothing() {
    let places = |truth: &[Vec<usize>]| -> Vec<_> {
        let open = Survey::of_ages(Shape::Ordered, truth).publish(5).open;
        open.figures
            .into_iter()
            .map(|figure| (figure.choices, figure.group, figure.measure))
            .collect()
    };
    let one = places(&[vec![10, 30, 60], vec![25, 15, 10], vec![1, 1, 1]]);
    let other = places(&[vec![60, 30, 10], vec![11, 38, 1], vec![0, 2, 1]]);
    assert_eq!(one, other);
}
