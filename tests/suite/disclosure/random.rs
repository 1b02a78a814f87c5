//! Five hundred made-up surveys: each is published safely, and shows no cell fewer than it could.

use std::ops::Range;
use std::sync::Mutex;

use borgerpanel::response::targets::Variable;
use borgerpanel::results::audit;
use borgerpanel::results::figure::Value;
use borgerpanel::results::item::{Given, Item, Person, Shape, Ticks};
use borgerpanel::results::protect::Earlier;
use borgerpanel::results::table::Split;
use fastrand::Rng;

use super::{Published, Survey, audited, item};

const SURVEYS: u64 = 500;

/// A small survey: one question of some kind, one to three variables, often with few people somewhere.
fn made_up(seed: u64) -> Survey {
    let mut seeded = Rng::with_seed(seed);
    let sizes: Vec<usize> = (0..seeded.usize(1..4)).map(|_| seeded.usize(2..6)).collect();
    let everybody = seeded.usize(60..320);
    let pick = |seeded: &mut Rng, of: usize| -> usize {
        // The later, the rarer.
        (0..of).find(|_| seeded.f64() < 0.45).unwrap_or(0)
    };
    let choices = seeded.usize(2..7);
    let shape = [Shape::Single, Shape::Ordered, Shape::Multiple, Shape::Ranking { places: 2 }]
        [seeded.usize(0..4)];
    let open = if seeded.bool() { 0.0 } else { 0.06 };
    let (mut people, mut given) = (Vec::new(), Vec::new());
    for _ in 0..everybody {
        let mut person = Person::default();
        for (variable, &size) in Variable::ALL.iter().zip(&sizes) {
            let own = (seeded.f64() > 0.04).then(|| format!("g{}", pick(&mut seeded, size)));
            match variable {
                Variable::District => person.background.district = own,
                Variable::Gender => person.background.gender = own,
                Variable::Age => person.background.age = own,
                Variable::Education => person.background.education = own,
                Variable::Channel => {}
            }
        }
        people.push(person);
        given.push(if seeded.f64() < open {
            Given::Open
        } else {
            answer(&mut seeded, shape, choices, pick)
        });
    }
    let mut question: Item = item(shape, choices, given);
    if shape == Shape::Multiple && seeded.bool() {
        question.choices[choices - 1].exclusive = true;
        for given in &mut question.given {
            if let Given::Many(many) = given
                && many.contains(&(choices - 1))
            {
                *many = vec![choices - 1];
            }
        }
    }
    if seed % 5 == 3 {
        bind(&mut question, open == 0.0);
    }
    let splits = Variable::ALL.iter().zip(&sizes).map(|(&variable, &size)| {
        Split::ordered(variable, (0..size).map(|group| format!("g{group}")).collect())
    });
    let weights = (!seed.is_multiple_of(3)).then(|| vec![1.0; everybody]);
    Survey {
        people,
        items: vec![question],
        splits: splits.collect(),
        weights,
        required: open == 0.0,
    }
}

/// Makes a form of it that says how many choices whoever answers has to give, and may.
fn bind(question: &mut Item, required: bool) {
    if let (Shape::Multiple, true) = (question.shape, required) {
        for given in &mut question.given {
            if matches!(given, Given::Many(many) if many.is_empty()) {
                *given = Given::Many(vec![0]);
            }
        }
    }
    let count = |given: &Given| match given {
        Given::Many(rows) | Given::Ranked(rows) => Some(rows.len() as u32),
        _ => None,
    };
    let is_alone = |given: &&Given| matches!(given, Given::Many(rows) if rows.iter().any(|&row| question.choices[row].exclusive));
    let counts = || question.given.iter().filter(|given| !is_alone(given)).filter_map(count);
    let least = if required { counts().min().unwrap_or(0) } else { 0 };
    question.ticks = Ticks { least, most: counts().max().unwrap_or(u32::MAX) };
}

fn answer(
    seeded: &mut Rng,
    shape: Shape,
    choices: usize,
    pick: impl Fn(&mut Rng, usize) -> usize,
) -> Given {
    match shape {
        Shape::Multiple => {
            let odds: Vec<f64> = (0..choices).map(|at| 0.7 / (at as f64 * 1.5 + 1.0)).collect();
            Given::Many((0..choices).filter(|&at| seeded.f64() < odds[at]).collect())
        }
        Shape::Ranking { .. } => {
            let first = pick(seeded, choices);
            let second = (first + 1 + seeded.usize(0..choices - 1)) % choices;
            Given::Ranked(vec![first, second])
        }
        _ => Given::One(pick(seeded, choices)),
    }
}

/// Which surveys are made up: those of the suite, or by `SEEDS=1001..1501` others.
fn seeds() -> Range<u64> {
    let Ok(given) = std::env::var("SEEDS") else { return 1..SURVEYS + 1 };
    let ends = given.split_once("..").map(|(first, end)| (first.parse(), end.parse()));
    match ends {
        Some((Ok(first), Ok(end))) => first..end,
        _ => panic!("SEEDS is a range as 1001..1501, not {given:?}"),
    }
}

/// Runs `check` over these seeds, on two threads.
fn over(seeds: impl Iterator<Item = u64> + Send, check: impl Fn(u64) + Sync) {
    let seeds = Mutex::new(seeds);
    let next = || seeds.lock().expect("no check panicked").next();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| std::iter::from_fn(next).for_each(&check));
        }
    });
}

/// Publishes as the office does: a table that the auditor is not shown to be safe is not published. Returns
/// how many those were.
fn publish_safely(mut survey: Survey, seed: u64) -> (Published, usize) {
    let all = survey.splits.len();
    loop {
        let published = survey.publish(seed);
        let report = audited(&published);
        if report.is_safe() {
            assert_eq!(report.witnesses, 2 * report.targets, "seed {seed}");
            // Nor does whoever has the published files alone find anything.
            let alone = audit::audit(&published.open, None);
            assert!(alone.is_safe(), "seed {seed}: {alone:#?}");
            return (published, all - survey.splits.len());
        }
        let before = survey.splits.len();
        // Where it found no world at all it has less to look for without the largest table.
        let tables = published.patterns[0].tables.iter().filter(|table| table.variable.is_some());
        let largest =
            tables.max_by_key(|table| table.groups.len()).and_then(|table| table.variable);
        let is_lost = |split: &Split| !report.broken.is_empty() && largest == Some(split.variable);
        let is_named = |split: &Split| {
            report.r#unsafe.iter().any(|cell| cell.variable == split.variable.name())
        };
        survey.splits.retain(|split| !is_named(split) && !is_lost(split));
        assert!(survey.splits.len() < before, "seed {seed}: {report:#?}");
    }
}

#[test]
fn five_hundred_random_surveys_are_safe() {
    let hidden = Mutex::new((0, 0, 0));
    over(seeds(), |seed| {
        let (published, dropped) = publish_safely(made_up(seed), seed);
        let figures = &published.open.figures;
        let mut hidden = hidden.lock().expect("no check panicked");
        hidden.0 += figures.iter().filter(|figure| figure.value.is_none()).count();
        hidden.1 += figures.len();
        hidden.2 += dropped;
    });
    let (hidden, all, dropped) = *hidden.lock().expect("no check panicked");
    // Something is hidden, or there was nothing to find; and most of it is not.
    let surveys = seeds().count();
    assert!(hidden > 2 * surveys && hidden * 4 < all * 3, "{hidden} of {all}");
    assert!(
        dropped * 500 <= 8 * surveys,
        "{dropped} tables were made that the auditor could not be shown to be safe"
    );
}

/// The cells that are hidden for the sake of others: part, choice, table and group.
fn secondary(published: &Published) -> Vec<(usize, usize, usize, usize)> {
    let pattern = &published.patterns[0];
    let mut found = Vec::new();
    for (table, own) in pattern.tables.iter().enumerate() {
        let targets = &published.companion.items[0].tables[table].targets;
        for part in 0..pattern.parts().len() {
            for choice in 0..pattern.choices.len() {
                // A row that hardly anybody gave is hidden in every group, whatever stands in it.
                let groups = 0..own.groups.len();
                let is_row =
                    table > 0 && groups.clone().all(|group| !own.is_shown(part, choice, group));
                for group in groups.filter(|&group| !is_row && !own.is_shown(part, choice, group)) {
                    let is_small = targets.iter().any(|target| {
                        (target.part, target.row, target.column) == (part, choice, group)
                    });
                    if !is_small {
                        found.push((part, choice, table, group));
                    }
                }
            }
        }
    }
    found
}

/// Shows one cell more, in the files and to the insider.
fn reveal(survey: &Survey, published: &mut Published, cell: (usize, usize, usize, usize)) {
    let (part, choice, table, group) = cell;
    let pattern = &published.patterns[0];
    let measure = pattern.parts()[part].measure;
    let own = &pattern.tables[table];
    let figure = published.open.figures.iter_mut().find(|figure| {
        let categories = figure.group.as_ref().map_or(&[][..], |group| &group.categories);
        let variable = figure.group.as_ref().map(|group| group.variable.as_str());
        figure.measure == measure
            && figure.choices == pattern.ids(choice)
            && variable == own.variable.map(|variable| variable.name())
            && categories == own.groups[group]
    });
    let figure = figure.expect("a figure");
    let (inside, base) = survey.counted(&survey.items[0], figure).expect("a share");
    figure.value = Some(Value::of_share(f64::from(inside) / f64::from(base.max(1))));
    let secret = &mut published.companion.items[0].tables[table];
    let asked = if survey.weights.is_some() { secret.asked[group] } else { base };
    let percent = (f64::from(inside) / f64::from(asked) * 100.0).round() as u32;
    secret.percents[part][choice][group] = Some(percent);
}

#[test]
fn showing_any_cell_that_is_hidden_for_others_makes_somebody_unsafe() {
    // Those weighted, and those not: how many cells, and which could be shown.
    let counted = Mutex::new([(0, Vec::new()), (0, Vec::new())]);
    // Of the suite's some, and three in which cells are hidden for those who left a ranking open; of others all.
    let is_ours = std::env::var_os("SEEDS").is_none();
    let some = seeds().filter(|seed| !is_ours || seed.is_multiple_of(13));
    let rankings = [2032, 2309, 2407].into_iter().filter(|_| is_ours);
    over(some.chain(rankings), |seed| {
        let survey = made_up(seed);
        let as_made = survey.publish(seed);
        for cell in secondary(&as_made) {
            let mut published = as_made.clone();
            reveal(&survey, &mut published, cell);
            // Where nobody is weighted cells are hidden for those who audit without the companion, too.
            let is_weighted = survey.weights.is_some();
            let is_safe = audited(&published).is_safe()
                && (is_weighted || audit::audit(&published.open, None).is_safe());
            let mut counted = counted.lock().expect("no check panicked");
            let (cells, needless) = &mut counted[usize::from(!is_weighted)];
            *cells += 1;
            if is_safe {
                needless.push((seed, cell));
            }
        }
    });
    let [(cells, needless), (plain, needless_plain)] = &*counted.lock().expect("no check panicked");
    println!("could be shown: {needless:?} of {cells}, {needless_plain:?} of {plain} unweighted");
    let least = if is_ours { 40 } else { 0 };
    assert!(*cells > least && *plain > least / 2, "{cells} and {plain} cells hidden for others");
    assert_eq!(needless[..], [], "of {cells}");
    // Nobody says how many of a group answered, and there are too many numbers to try them all
    // (docs/disclosure.md).
    let some = needless_plain.len();
    assert!(some * 100 <= *plain, "{needless_plain:?} of {plain} where nobody is weighted");
}

#[test]
fn a_second_release_of_the_same_answers_hides_the_same_cells_whatever_the_seed() {
    let mut differed = 0;
    for seed in 1..=60 {
        let survey = made_up(seed);
        let first = survey.publish(seed);
        let mut earlier = Earlier::default();
        earlier.add(&first.open.figures, true);
        let second = survey.publish_after(&earlier, seed + 1_000);
        assert_eq!(second.open.figures, first.open.figures, "seed {seed}");
        let unaware = survey.publish(seed + 1_000);
        differed += u32::from(unaware.open.figures != first.open.figures);
    }
    assert!(differed > 0, "the seed decides nothing, and the earlier release neither");
}
