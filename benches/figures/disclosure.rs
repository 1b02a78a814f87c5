//! Hiding and auditing 60 questions by 4 variables of 10 groups: the office waits for it once a survey.

use std::time::{Duration, Instant};

use borgerpanel::response::targets::Variable;
use borgerpanel::results::audit;
use borgerpanel::results::companion::Companion;
use borgerpanel::results::figure::Value;
use borgerpanel::results::item::{Choice, Given, Item, Person, Shape, Ticks};
use borgerpanel::results::pattern::Shown;
use borgerpanel::results::protect::{Earlier, Rules, protect_all};
use borgerpanel::results::sheet::{Known, Open};
use borgerpanel::results::table::{Frame, Split, Stack, count};
use fastrand::Rng;

const QUESTIONS: usize = 60;
const PEOPLE: usize = 2_000;
const GROUPS: usize = 10;
const CHOICES: usize = 6;

pub fn run() {
    let mut seeded = Rng::with_seed(60);
    let people: Vec<Person> = (0..PEOPLE).map(|_| person(&mut seeded)).collect();
    let items: Vec<Item> = (0..QUESTIONS).map(|at| item(&mut seeded, at)).collect();
    let weights = vec![1.0; PEOPLE];
    let groups: Vec<String> = (0..GROUPS).map(|group| format!("g{group}")).collect();
    let splits = Variable::ALL.map(|variable| Split::ordered(variable, groups.clone()));
    let frame = Frame { splits: &splits, weights: Some(&weights), required: false };
    let (stacks, floor) =
        timed(|| -> Vec<Stack> { items.iter().map(|item| count(item, &people, &frame)).collect() });
    let (made, protected) =
        timed(|| protect_all(&stacks, &Rules::default(), &Earlier::default(), 7));
    let mut open = Open {
        survey: "bench".to_owned(),
        districts: Vec::new(),
        people: PEOPLE as u32,
        threshold: 5,
        min_group: 30,
        weights: Some((0.2, 5.0)),
        items: Vec::new(),
        figures: Vec::new(),
    };
    let mut companion = Companion::new("bench");
    for ((item, made), at) in items.iter().zip(&made).zip(0..) {
        companion.add(&made.pattern, &made.secret);
        // Equal weights: what is published is what the companion says.
        let shares = shares(&companion, at);
        let mut shares = shares.into_iter().flatten();
        let figures = made.pattern.figures(|slot| {
            let share = slot.choice.and_then(|_| shares.next());
            share.map(|percent| Shown { value: Value::Percent(percent as u8), interval: None })
        });
        open.figures.extend(figures);
        open.items.push(Known::of(&item.question, None, item.shape, &item.choices));
    }
    let (report, audited) = timed(|| audit::audit(&open, Some(&companion)));
    println!("{QUESTIONS} questions, 4 variables of {GROUPS} groups, {PEOPLE} people");
    println!("  floor: counting them      {floor:>10.2?}");
    println!(
        "  protect                   {protected:>10.2?}  {:>6.1} floors",
        ratio(protected, floor)
    );
    println!("  audit                     {audited:>10.2?}  {:>6.1} floors", ratio(audited, floor));
    println!(
        "  {} small cells, {} worlds, {} unsafe\n",
        report.targets,
        report.witnesses,
        report.r#unsafe.len() + report.broken.len()
    );
}

/// The percents of an item's shown cells, in the order in which figures are made.
fn shares(companion: &Companion, at: usize) -> Vec<Vec<u32>> {
    let tables = companion.items[at].tables.iter();
    let group = |table: &borgerpanel::results::companion::CompanionTable, group: usize| {
        table.percents[0].iter().filter_map(|row| row[group]).collect::<Vec<u32>>()
    };
    tables.flat_map(|table| (0..table.groups.len()).map(move |at| group(table, at))).collect()
}

fn person(seeded: &mut Rng) -> Person {
    // The later, the rarer; everybody in a group of at least a few dozen.
    let mut pick = || {
        let last = (0..GROUPS).find(|_| seeded.f64() < 0.16).unwrap_or(0);
        Some(format!("g{last}"))
    };
    let mut person = Person::default();
    person.background.district = pick();
    person.background.gender = pick();
    person.background.age = pick();
    person.background.education = pick();
    person
}

fn item(seeded: &mut Rng, at: usize) -> Item {
    let choice = |at: usize| Choice { id: format!("c{at}"), ..Choice::default() };
    let given = |seeded: &mut Rng| match seeded.f64() {
        open if open < 0.03 => Given::Open,
        _ => Given::One((0..CHOICES).find(|_| seeded.f64() < 0.42).unwrap_or(0)),
    };
    Item {
        question: format!("q{at}"),
        row: None,
        shape: Shape::Single,
        choices: (0..CHOICES).map(choice).collect(),
        routed: false,
        ticks: Ticks::default(),
        totals_only: false,
        given: (0..PEOPLE).map(|_| given(seeded)).collect(),
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let made = act();
    (made, begun.elapsed())
}

fn ratio(one: Duration, floor: Duration) -> f64 {
    one.as_secs_f64() / floor.as_secs_f64()
}
