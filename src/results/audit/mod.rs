//! The independent auditor: reads what is published as an attacker would, and says whether any small group
//! of people could be found in it. Shares nothing with the protector but the reader of the files.
//!
//! 1. [`facts`]: what the files say of an item. Audit A is the outsider: published percents are weighted,
//!    and weights may lie anywhere between their bounds. Audit B is the insider who has guessed the weights:
//!    the same pattern of hidden cells, with the unweighted percents of the companion file.
//! 2. A target is a cell that fewer than a handful of people are in, or outside. For each, two worlds are
//!    looked for in which everything published is as it is: one where the cell is empty, one where it is
//!    not small ([`world`], by flows in a [`network`]; [`program`], the stacked problem whole).
//! 3. [`agree`]: the files say the same, and nothing finer; [`page`]: so do the pages, place by place.
//! 4. [`check`] verifies every world. No world, no safety: a solver that errs makes a refusal, never a leak.

pub mod agree;
pub mod beside;
pub mod check;
pub mod facts;
pub mod network;
pub mod page;
pub mod program;
pub mod remarks;
pub mod target;
pub mod world;

use serde::Serialize;

use self::beside::{Beside, Bound};
use self::check::{Wish, World};
use self::facts::{Facts, name_of};
use self::target::Target;
use super::companion::Companion;
use super::sheet::{Known, Open};

/// Who attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Attacker {
    /// Has the published files.
    Outsider,
    /// Has guessed the weights, too.
    Insider,
}

/// A target that is not safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsafe {
    pub attacker: Attacker,
    pub question: String,
    /// Empty: everybody.
    pub variable: String,
    pub group: String,
    pub choice: String,
    pub why: String,
}

/// What the audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub items: usize,
    pub targets: usize,
    /// Worlds that were found and verified.
    pub witnesses: usize,
    pub r#unsafe: Vec<Unsafe>,
    /// What is wrong with the files themselves.
    pub broken: Vec<String>,
}

impl Report {
    pub fn is_safe(&self) -> bool {
        self.r#unsafe.is_empty() && self.broken.is_empty()
    }

    fn add(&mut self, other: Report) {
        self.items += other.items;
        self.targets += other.targets;
        self.witnesses += other.witnesses;
        self.r#unsafe.extend(other.r#unsafe);
        self.broken.extend(other.broken);
    }
}

/// Audits a release by itself.
pub fn audit(open: &Open, companion: Option<&Companion>) -> Report {
    audit_within(open, companion, &[])
}

/// Audits a release beside those of other surveys that the same people may have answered ([`beside`]): with
/// what they say of its counts; and what it says of theirs must tell nothing either.
pub fn audit_beside(open: &Open, companion: Option<&Companion>, others: &[Open]) -> Report {
    let all: Vec<Beside> = others.iter().map(|other| beside::beside(open, other)).collect();
    let bounds: Vec<Bound> = all.iter().flat_map(|beside| beside.own.iter().cloned()).collect();
    let mut report = audit_within(open, companion, &bounds);
    for (other, beside) in others.iter().zip(all) {
        let breaches = beside.breaches.into_iter();
        report.r#unsafe.extend(breaches.map(|(question, variable, group, why)| Unsafe {
            attacker: Attacker::Outsider,
            question,
            variable,
            group,
            choice: String::new(),
            why,
        }));
        let is_local = !open.districts.is_empty();
        report.r#unsafe.extend(told(other, &beside.theirs).into_iter().map(|cell| Unsafe {
            variable: if is_local { String::new() } else { "district".to_owned() },
            why: format!("of {} {}, {}: {}", other.survey, cell.group, cell.choice, cell.why),
            ..cell
        }));
    }
    report
}

/// What is found in a release with what another says of its counts, and is not found without.
fn told(open: &Open, bounds: &[Bound]) -> Vec<Unsafe> {
    if bounds.is_empty() {
        return Vec::new();
    }
    let mut part = open.clone();
    part.items.retain(|known| bounds.iter().any(|bound| bound.item == name_of(known)));
    let alone = audit_within(&part, None, &[]).r#unsafe;
    let mut found = audit_within(&part, None, bounds).r#unsafe;
    let place = |cell: &Unsafe| {
        (cell.question.clone(), cell.variable.clone(), cell.group.clone(), cell.choice.clone())
    };
    let known: Vec<_> = alone.iter().map(place).collect();
    found.retain(|cell| !known.contains(&place(cell)));
    found
}

/// Audits every item, on as many threads as the machine has processors.
fn audit_within(open: &Open, companion: Option<&Companion>, bounds: &[Bound]) -> Report {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = open.items.len().div_ceil(threads).max(1);
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let parts: Vec<_> = open
            .items
            .chunks(share)
            .map(|items| scope.spawn(move || audit_items(open, companion, bounds, items)))
            .collect();
        for part in parts {
            report.add(part.join().expect("an audit does not panic"));
        }
    });
    report
}

fn audit_items(
    open: &Open,
    companion: Option<&Companion>,
    bounds: &[Bound],
    items: &[Known],
) -> Report {
    let mut report = Report::default();
    for known in items {
        report.add(audit_item(open, companion, bounds, known));
    }
    report
}

fn audit_item(
    open: &Open,
    companion: Option<&Companion>,
    bounds: &[Bound],
    known: &Known,
) -> Report {
    let mut report = Report { items: 1, ..Report::default() };
    let Some(mut published) = Facts::published(open, known) else { return report };
    published.bind(bounds);
    let secret = companion.map(|companion| {
        let own = |item: &&super::companion::CompanionItem| {
            item.question == known.question && item.row == known.row
        };
        companion.items.iter().find(own)
    });
    let secret = match secret {
        Some(None) => {
            report.broken.push(format!("{}: the companion does not know it", name_of(known)));
            return report;
        }
        Some(Some(secret)) => Some(secret),
        None => None,
    };
    let threshold = open.threshold;
    let targets = match secret {
        Some(secret) => target::known(&published, known, secret),
        None => target::hidden(&published, known),
    };
    examine(&published, Attacker::Outsider, &targets, threshold, &mut report);
    // Where nobody is weighted the two attackers know the same.
    if let (Some(secret), Some(_)) = (secret, open.weights) {
        match Facts::guessed(open, known, secret) {
            Some(mut guessed) => {
                guessed.bind(bounds);
                let targets = target::guessed(&guessed, known, secret);
                examine(&guessed, Attacker::Insider, &targets, threshold, &mut report);
            }
            None => {
                report.broken.push(format!("{}: the companion is of another table", name_of(known)))
            }
        }
    }
    report
}

/// Looks for both worlds of every target.
fn examine(
    facts: &Facts,
    attacker: Attacker,
    targets: &[Target],
    threshold: u32,
    report: &mut Report,
) {
    let first =
        world::find(facts, None, None).or_else(|| verified(facts, program::find(facts, None)));
    let Some(first) = first else {
        let who =
            if attacker == Attacker::Outsider { "its figures" } else { "the companion's figures" };
        report.broken.push(format!("{}: {who} contradict each other", facts.name));
        return;
    };
    let mut worlds = vec![first];
    report.targets += targets.len();
    for target in targets {
        if let Some(why) = objection(facts, target, threshold, &mut worlds, report) {
            report.r#unsafe.push(Unsafe {
                attacker,
                question: facts.name.clone(),
                variable: facts.tables[target.table].variable.clone(),
                group: target.group_name(facts),
                choice: target.row_name(facts),
                why,
            });
        }
    }
}

/// Why a target is not safe.
fn objection(
    facts: &Facts,
    target: &Target,
    threshold: u32,
    worlds: &mut Vec<World>,
    report: &mut Report,
) -> Option<String> {
    let wishes = target.wishes(facts, &worlds[0], threshold);
    let quickly =
        |wish: &Wish, worlds: &mut Vec<World>| is_granted(facts, wish, worlds, Depth::Flows);
    if quickly(&wishes[0], worlds) && target.is_wide(facts, threshold, |wish| quickly(wish, worlds))
    {
        report.witnesses += 2;
        return None;
    }
    let missing = wishes.iter().position(|wish| !is_granted(facts, wish, worlds, Depth::Program));
    report.witnesses += missing.unwrap_or(wishes.len());
    let missing = missing?;
    let deeply = |wish: &Wish| is_granted(facts, wish, worlds, Depth::Program);
    if missing == 1 && target.is_far(facts, threshold, deeply) {
        report.witnesses += 1;
        return None;
    }
    target.objection(facts, &wishes[missing], missing, threshold)
}

/// How hard a world is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Flows,
    Program,
}

/// Whether some world fulfils a wish; those that were found serve again.
fn is_granted(facts: &Facts, wish: &Wish, worlds: &mut Vec<World>, depth: Depth) -> bool {
    if worlds.iter().any(|world| world.fulfils(facts, wish)) {
        return true;
    }
    let found = world::find(facts, Some(wish), Some(&worlds[0]))
        .or_else(|| match depth {
            Depth::Flows => None,
            Depth::Program => verified(facts, program::find(facts, Some(wish))),
        })
        .filter(|world| world.fulfils(facts, wish));
    let is_found = found.is_some();
    worlds.extend(found);
    is_found
}

fn verified(facts: &Facts, world: Option<World>) -> Option<World> {
    world.filter(|world| world.is_possible(facts))
}
