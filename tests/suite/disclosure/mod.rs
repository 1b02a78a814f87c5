//! Nobody can be found in what is published: attacks with a twin that falls to them, random tables, the
//! reference sample, the command.

mod attacks;
mod command;
mod folder;
mod intervals;
mod leads;
mod pages;
mod panels;
mod random;
mod releases;
mod routes;
mod sample;

use borgerpanel::response::record::Background;
use borgerpanel::response::targets::Variable;
use borgerpanel::results::audit::{self, Report};
use borgerpanel::results::companion::Companion;
use borgerpanel::results::figure::{Figure, Measure, Value};
use borgerpanel::results::item::{Choice, Given, Item, Person, Shape, Ticks};
use borgerpanel::results::pattern::{Pattern, Shown, Slot};
use borgerpanel::results::protect::{Earlier, Rules, protect};
use borgerpanel::results::sheet::{Known, Open};
use borgerpanel::results::table::{Frame, Split, count};

/// A survey of one question, which everybody has to answer: published in a moment.
pub const STREET: &str = "---
title: Skal gaden lukkes for biler?
summary: Fortæl, hvad du synes.
opens: 2026-01-01
sample: open
panels: [kbh]
background: ask
order: 1
owner: kbh
purpose: Dine svar hjælper os med at bestemme det.
legal_basis: Kommunens opgaver for byen (GDPR, artikel 6, stk. 1, litra e).
contact: borgerpanelet@example.dk
keep_answers_months: 24
channels: [web]
---

# Gaden {#street}

## Skal gaden lukkes for biler? {#close required}

- ( ) Ja {#yes}
- ( ) Nej {#no}
";

/// Writes it among a desk's surveys, and leaves nobody weighted.
pub fn ask(desk: &crate::authors::Desk, slug: &str, text: &str) {
    std::fs::remove_dir_all(desk.path("content/targets")).ok();
    // A translation has the words alone.
    let own = [
        "opens",
        "sample",
        "panels",
        "background",
        "order",
        "owner",
        "contact",
        "keep",
        "channels",
    ];
    let words = text.lines().filter(|line| !own.iter().any(|key| line.starts_with(key)));
    let words: Vec<&str> = words.collect();
    for (end, text) in
        [("md", text.to_owned()), ("en.md", words.join("\n").replace(" required", ""))]
    {
        let path = desk.path("content/surveys").join(format!("{slug}.{end}"));
        std::fs::write(path, text).expect("written");
    }
}

/// A survey's answers, and how they are looked at.
#[derive(Clone)]
pub struct Survey {
    pub people: Vec<Person>,
    pub items: Vec<Item>,
    pub splits: Vec<Split>,
    /// None: nobody is weighted.
    pub weights: Option<Vec<f64>>,
    pub required: bool,
}

/// What is published of it, and the companion.
#[derive(Clone)]
pub struct Published {
    pub open: Open,
    pub companion: Companion,
    pub patterns: Vec<Pattern>,
}

impl Survey {
    /// Answers that are counted by group of age, then by choice; the last group is of people whose age is
    /// not known.
    pub fn of_ages(shape: Shape, counts: &[Vec<usize>]) -> Survey {
        let all = counts.len();
        let (mut people, mut given) = (Vec::new(), Vec::new());
        for (group, counts) in counts.iter().enumerate() {
            let age = (group + 1 < all).then(|| format!("g{group}"));
            for (choice, &count) in counts.iter().enumerate() {
                for _ in 0..count {
                    people.push(person(&age));
                    given.push(Given::One(choice));
                }
            }
        }
        let choices = counts[0].len();
        Survey::new(people, vec![item(shape, choices, given)], all - 1)
    }

    fn new(people: Vec<Person>, items: Vec<Item>, groups: usize) -> Survey {
        let ids = (0..groups).map(|group| format!("g{group}")).collect();
        let splits = vec![Split::fixed(Variable::Age, ids)];
        Survey { people, items, splits, weights: None, required: true }
    }

    pub fn publish(&self, seed: u64) -> Published {
        self.publish_after(&Earlier::default(), seed)
    }

    /// With what earlier releases have said.
    pub fn publish_after(&self, earlier: &Earlier, seed: u64) -> Published {
        self.publish_by(&Rules::default(), earlier, seed)
    }

    /// By other rules than ours.
    pub fn publish_by(&self, rules: &Rules, earlier: &Earlier, seed: u64) -> Published {
        let weights = self.weights.as_deref();
        let mut published =
            Published { open: self.blank(), companion: Companion::new("s"), patterns: Vec::new() };
        for item in &self.items {
            let frame = Frame { splits: &self.splits, weights, required: self.required };
            let stack = count(item, &self.people, &frame);
            let made = protect(&stack, rules, earlier, seed);
            published.companion.add(&made.pattern, &made.secret);
            let figures = made.pattern.figures(|slot| self.shown(item, &made.pattern, slot));
            published.open.figures.extend(figures);
            published.patterns.push(made.pattern);
        }
        published
    }

    /// Everything shown, but for cells of which `hides` says that they are hidden.
    pub fn publish_naively(&self, hides: impl Fn(u32, u32) -> bool) -> Open {
        let careful = self.publish(1);
        let mut open = careful.open;
        let items = self.items.iter().zip(&careful.patterns);
        for (item, pattern) in items {
            for figure in open.figures.iter_mut().filter(|figure| figure.question == item.question)
            {
                if let Some((inside, base)) = self.counted(item, figure) {
                    let share = f64::from(inside) / f64::from(base.max(1));
                    figure.value = (!hides(inside, base)).then(|| Value::of_share(share));
                }
            }
            assert!(!pattern.tables.is_empty());
        }
        open
    }

    fn blank(&self) -> Open {
        let known = |item: &Item| {
            let mut known =
                Known::of(&item.question, item.row.as_deref(), item.shape, &item.choices);
            known.routed = item.routed;
            known.required = self.required;
            known.ticks = item.ticks;
            known
        };
        Open {
            survey: "s".to_owned(),
            districts: Vec::new(),
            people: self.people.len() as u32,
            threshold: 5,
            min_group: 30,
            weights: self.weights.as_ref().map(|_| (0.2, 5.0)),
            items: self.items.iter().map(known).collect(),
            figures: Vec::new(),
        }
    }

    /// How many of a share's base it is of, truly.
    pub fn counted(&self, item: &Item, figure: &Figure) -> Option<(u32, u32)> {
        let group = figure.group.as_ref().map(|group| {
            (Variable::named(&group.variable).expect("a variable"), group.categories.as_slice())
        });
        let sums = self.sums(item, figure.measure, &figure.choices, group, false)?;
        Some((sums.0 as u32, sums.1 as u32))
    }

    fn sums(
        &self,
        item: &Item,
        measure: Measure,
        choices: &[String],
        group: Option<(Variable, &[String])>,
        is_weighted: bool,
    ) -> Option<(f64, f64)> {
        let rows: Vec<usize> = (0..item.choices.len())
            .filter(|&row| choices.contains(&item.choices[row].id))
            .collect();
        let (mut inside, mut base) = (0.0, 0.0);
        for (at, (person, given)) in self.people.iter().zip(&item.given).enumerate() {
            let is_here = group.is_none_or(|(variable, categories)| {
                variable
                    .of(&person.background)
                    .is_some_and(|own| categories.iter().any(|id| id == own))
            });
            if !is_here || !given.is_answered() {
                continue;
            }
            let weights = self.weights.as_ref().filter(|_| is_weighted);
            let weight = weights.map_or(1.0, |weights| weights[at]);
            base += weight;
            if is_in(given, measure, &rows)? {
                inside += weight;
            }
        }
        Some((inside, base))
    }

    fn shown(&self, item: &Item, pattern: &Pattern, slot: &Slot) -> Option<Shown> {
        let Some(choice) = slot.choice else {
            // A mean of the whole item.
            return Some(Shown { value: Value::Tenths(31), interval: None });
        };
        let group = slot.variable.map(|variable| (variable, slot.categories));
        let (inside, base) = self.sums(item, slot.measure, &pattern.ids(choice), group, true)?;
        let value = Value::of_share(if base > 0.0 { inside / base } else { 0.0 });
        let near = Some((Value::Percent(0), Value::Percent(100)));
        Some(Shown { value, interval: near.filter(|_| slot.has_interval) })
    }
}

fn person(age: &Option<String>) -> Person {
    let background = Background { age: age.clone(), ..Background::default() };
    Person { background, ..Person::default() }
}

fn item(shape: Shape, choices: usize, given: Vec<Given>) -> Item {
    let choice =
        |at: usize| Choice { id: format!("c{at}"), value: Some(at as f64 + 1.0), exclusive: false };
    Item {
        question: "q".to_owned(),
        row: None,
        shape,
        choices: (0..choices).map(choice).collect(),
        routed: false,
        ticks: Ticks::default(),
        totals_only: false,
        given,
    }
}

/// Whether somebody counts in a share; none for what is not a share of people.
fn is_in(given: &Given, measure: Measure, rows: &[usize]) -> Option<bool> {
    match (given, measure) {
        (Given::One(choice), Measure::Percent) => Some(rows.contains(choice)),
        (Given::Many(many), Measure::Percent) => Some(many.iter().any(|one| rows.contains(one))),
        (Given::Ranked(ranked), Measure::First) => {
            Some(ranked.first().is_some_and(|one| rows.contains(one)))
        }
        (Given::Ranked(ranked), Measure::Top) => Some(ranked.iter().any(|one| rows.contains(one))),
        _ => None,
    }
}

/// The audit with the companion, as it is done before anything is published.
pub fn audited(published: &Published) -> Report {
    let open = Open::from_json(&published.open.to_json()).expect("our own file");
    audit::audit(&open, Some(&published.companion))
}

/// A figure's value.
pub fn value<'a>(open: &'a mut Open, choice: &str, group: &str) -> &'a mut Option<Value> {
    let figure = open.figures.iter_mut().find(|figure| {
        let own = figure.group.as_ref().map_or(String::new(), |group| group.categories.join("+"));
        figure.choices == [choice] && own == group
    });
    &mut figure.expect("a figure").value
}
