//! Which cells of an item are hidden, so that nobody can tell that fewer than a handful of people gave, or
//! did not give, an answer.
//!
//! 1. [`layout`]: groups and choices are merged until there is little to hide.
//! 2. Primary: cells with too few people in them, or too few outside.
//! 3. Targets: such a cell must be able to be 0, and able to be 5, for whoever reads what is published
//!    ([`case`](super::case), [`search`]). While one is not, the cheapest other cells are hidden with it.
//! 4. Refinement: each of those is shown again unless a target then fails; at last whatever the worlds of
//!    all tables together allow ([`spare`]), so that none is hidden needlessly.
//! 5. What cannot be made safe is merged further, and then not published.

mod plain;
mod spare;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::bounds::{percent_of, rounded};
use super::case::{Case, Spot, Sum};
use super::figure::Figure;
use super::item::Choice;
use super::layout::{self, Rows};
use super::pattern::{Pattern, Withheld};
use super::search::{self, Goal, Target, Witness};
use super::table::{Released, Stack, Table};
use crate::response::targets::Variable;

/// The thresholds; a site may raise them, never lower them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Fewer people than this in a cell, or outside it, are hidden.
    pub threshold: u32,
    /// The smallest group that is published.
    pub min_group: u32,
    /// The fewest answers that have results at all.
    pub min_answers: u32,
    /// The fewest answers that have tables by groups.
    pub min_for_groups: u32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { threshold: 5, min_group: 30, min_answers: 30, min_for_groups: 50 }
    }
}

/// From this size on, a group of whom next to nobody gave an answer may say 0 %: 5 of 1,000 say it too.
const LARGE_GROUP: u32 = 1_000;

/// What earlier releases of the same data said: hidden once stays hidden, and what was shown is known.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    hidden: HashSet<Place>,
    shown: HashSet<Place>,
    /// Shown of other answers: hidden now, what was said of most of them would help to find the rest.
    said: HashSet<Place>,
    /// By question and row, the groups of each variable that had a table.
    groups: HashMap<(String, Option<String>), Tables>,
    /// For each release of other answers, by person of the sample: whether they have come since.
    came: Vec<Vec<bool>>,
}

/// By variable, the categories of its groups.
type Tables = HashMap<String, Vec<Vec<String>>>;

/// Where a figure stands, whatever it says: question, row, measure, choices, variable, group.
type Place = (String, Option<String>, &'static str, Vec<String>, String, Vec<String>);

impl Earlier {
    /// Takes in a release; `is_same` where it was made from the same answers.
    pub fn add(&mut self, figures: &[Figure], is_same: bool) {
        for figure in figures {
            let (variable, group) = named(figure);
            let item = (figure.question.clone(), figure.row.clone());
            let groups = self.groups.entry(item).or_default().entry(variable).or_default();
            if !groups.contains(&group) {
                groups.push(group);
            }
            let place = stands(figure);
            match figure.value {
                None => self.hidden.insert(place),
                Some(_) if is_same => self.shown.insert(place),
                Some(_) => self.said.insert(place),
            };
        }
        self.shown.retain(|place| !self.hidden.contains(place));
        self.said.retain(|place| !self.hidden.contains(place));
    }

    /// Takes in who has come since a release of other answers, by person of the sample.
    pub fn add_newcomers(&mut self, came: Vec<bool>) {
        self.came.push(came);
    }

    /// See [`Earlier::add_newcomers`]; one list for each such release.
    pub fn newcomers(&self) -> &[Vec<bool>] {
        &self.came
    }

    /// The variables of which a share is hidden that a release of other answers showed: beside that one the
    /// table would say more than it does alone. "" is everybody.
    pub fn told(&self, figures: &[Figure]) -> Vec<String> {
        let is_told = |figure: &&Figure| {
            figure.value.is_none()
                && figure.measure.is_share()
                && self.said.contains(&stands(figure))
        };
        figures.iter().filter(is_told).map(|figure| named(figure).0).collect()
    }

    /// Whether an item may have a table by this variable: one that was left out before stays out, since
    /// whoever has both releases would have it all the same.
    pub fn allows(&self, question: &str, row: Option<&str>, variable: Variable) -> bool {
        let tables = self.groups.get(&(question.to_owned(), row.map(str::to_owned)));
        self.groups.is_empty() || tables.is_some_and(|tables| tables.contains_key(variable.name()))
    }
}

fn named(figure: &Figure) -> (String, Vec<String>) {
    match &figure.group {
        Some(group) => (group.variable.clone(), group.categories.clone()),
        None => (String::new(), Vec::new()),
    }
}

fn stands(figure: &Figure) -> Place {
    let (variable, group) = named(figure);
    let Figure { question, row, measure, choices, .. } = figure;
    (question.clone(), row.clone(), measure.name(), choices.clone(), variable, group)
}

/// A pattern, and what only the auditor of this house may see beside it.
#[derive(Debug, Clone)]
pub struct Protected {
    pub pattern: Pattern,
    pub secret: Secret,
}

/// The harder case that the pattern has to stand: whole percents of unweighted counts, and where the
/// small cells are. Never published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secret {
    /// By table of the pattern.
    pub tables: Vec<SecretTable>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretTable {
    /// Who was asked, by group; the residual last.
    pub asked: Vec<u32>,
    /// By part, choice and group: unweighted, of those who were asked (of those who answered where nobody
    /// is weighted); none where it is hidden.
    pub percents: Vec<Vec<Vec<Option<u32>>>>,
    pub targets: Vec<Small>,
}

/// A cell that too few people are in, or outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Small {
    pub part: usize,
    /// A choice; after the last, those who left it open.
    pub row: usize,
    /// A group; after the last, the residual.
    pub column: usize,
    pub outside: bool,
}

/// The pattern of an item.
///
/// `seed` decides between cells that would serve as well; whoever knew it could tell more than chance from
/// which was taken.
pub fn protect(stack: &Stack, rules: &Rules, earlier: &Earlier, seed: u64) -> Protected {
    let answered = stack.total().answered;
    if answered < rules.min_answers {
        return withheld(stack, Withheld::FewAnswers);
    }
    let rows = layout::merge_choices(stack);
    let mut stack = layout::with_rows(stack, &rows);
    let mut out = Vec::new();
    prepare_tables(&mut stack, rules, earlier, &mut out);
    loop {
        let table = match sparest(&stack, &rows, rules, earlier, seed) {
            Ok(maker) => return maker.release(out),
            Err(table) => table,
        };
        if table == 0 && stack.tables.len() == 1 {
            return withheld(&stack, Withheld::NotSafe);
        }
        give_way(&mut stack, table, &mut out);
    }
}

/// The patterns of all items, on as many threads as the machine has processors.
pub fn protect_all(
    stacks: &[Stack],
    rules: &Rules,
    earlier: &Earlier,
    seed: u64,
) -> Vec<Protected> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = stacks.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = stacks
            .chunks(share)
            .map(|stacks| {
                scope.spawn(move || {
                    let one = |stack: &Stack| protect(stack, rules, earlier, seed);
                    stacks.iter().map(one).collect::<Vec<Protected>>()
                })
            })
            .collect();
        let made =
            parts.into_iter().map(|part| part.join().expect("making a pattern does not panic"));
        made.flatten().collect()
    })
}

/// How many orders of the targets are tried: what is hidden for one often serves the next.
const TRIES: u64 = 4;
/// How often part of the best pattern is made anew.
const REWORKED: u64 = 12;

/// The pattern that hides least among those found, or the table that could not be made safe.
fn sparest<'a>(
    stack: &'a Stack,
    rows: &'a Rows,
    rules: &'a Rules,
    earlier: &Earlier,
    seed: u64,
) -> Result<Maker<'a>, usize> {
    let mut best: Option<Maker> = None;
    for attempt in 0..TRIES {
        let mut maker = Maker::new(stack, rows, rules, earlier, seed ^ attempt);
        maker.secure(attempt)?;
        maker.refine();
        if best.as_ref().is_none_or(|best| maker.hidden() < best.hidden()) {
            best = Some(maker);
        }
        if best.as_ref().is_some_and(|best| best.hidden() == best.primary.len()) {
            break;
        }
    }
    let mut best = best.expect("there is more than no try");
    let mut rng = fastrand::Rng::with_seed(seed);
    for _ in 0..REWORKED {
        let Some(other) = best.reworked(&mut rng) else { break };
        // One that hides as many elsewhere is a step too: it may lead to one that hides fewer.
        if other.hidden() <= best.hidden() {
            best = other;
        }
    }
    best.spare();
    Ok(best)
}

/// Merges small groups, and takes out the variables that have none large enough.
fn prepare_tables(
    stack: &mut Stack,
    rules: &Rules,
    earlier: &Earlier,
    out: &mut Vec<(Option<Variable>, Withheld)>,
) {
    let has_few = stack.total().answered < rules.min_for_groups;
    let before = earlier.groups.get(&(stack.question.clone(), stack.row.clone()));
    for table in stack.tables.iter_mut().skip(1) {
        let name = table.variable.map_or("", Variable::name);
        match before.and_then(|tables| tables.get(name)) {
            Some(groups) => layout::adopt_groups(table, groups),
            None => layout::enlarge_groups(table, rules),
        }
    }
    stack.tables.retain(|table| {
        let groups = table.groups.len();
        let is_small = table.state.columns.iter().any(|column| column.asked < rules.min_group);
        let is_everybody = groups == 1 && table.state.residual.asked == 0;
        let why = match table.variable {
            None => None,
            Some(_) if has_few => Some(Withheld::FewForGroups),
            // It was not published then, so it is not now.
            Some(own) if before.is_some_and(|tables| !tables.contains_key(own.name())) => {
                Some(Withheld::NotSafe)
            }
            Some(_) if groups == 0 || is_everybody || is_small => Some(Withheld::SmallGroups),
            Some(_) => None,
        };
        out.extend(why.map(|why| (table.variable, why)));
        why.is_none()
    });
}

/// Makes the table that could not be made safe coarser, or drops it. Everybody's table gives way last: the
/// table with the most groups goes instead.
fn give_way(stack: &mut Stack, table: usize, out: &mut Vec<(Option<Variable>, Withheld)>) {
    let table = if table > 0 {
        table
    } else {
        let sizes = stack.tables.iter().map(|table| table.groups.len()).enumerate().skip(1);
        sizes.max_by_key(|(_, groups)| *groups).map_or(1, |(at, _)| at)
    };
    let merged = match layout::smallest_group(&stack.tables[table]) {
        Some(group) => layout::merge_group(&mut stack.tables[table], group),
        None => false,
    };
    if !merged {
        let dropped = stack.tables.remove(table);
        out.push((dropped.variable, Withheld::NotSafe));
    }
}

fn withheld(stack: &Stack, why: Withheld) -> Protected {
    let pattern = Pattern {
        question: stack.question.clone(),
        row: stack.row.clone(),
        shape: stack.shape,
        routed: stack.routed,
        required: stack.required,
        choices: stack.choices.iter().map(|choice| vec![choice.clone()]).collect(),
        tables: Vec::new(),
        withheld: vec![(None, why)],
    };
    Protected { pattern, secret: Secret::default() }
}

/// A pattern in the making.
#[derive(Clone)]
struct Maker<'a> {
    case: Case<'a>,
    rows: &'a Rows,
    rules: &'a Rules,
    seed: u64,
    /// Hidden for their own sake.
    primary: HashSet<Spot>,
    /// Shown by an earlier release: hiding them now would hide nothing, or next to nothing.
    known: HashSet<Spot>,
    demands: Vec<Demand>,
}

/// Something that must be possible, and a world in which it is.
#[derive(Clone)]
struct Demand {
    /// One of these.
    any: Vec<Target>,
    /// Only while this cell is hidden.
    owner: Option<Spot>,
    witness: Witness,
}

impl Demand {
    fn counts(&self, case: &Case) -> bool {
        self.owner.is_none_or(|spot| case.is_hidden(spot))
    }
}

impl<'a> Maker<'a> {
    fn new(
        stack: &'a Stack,
        rows: &'a Rows,
        rules: &'a Rules,
        earlier: &Earlier,
        seed: u64,
    ) -> Self {
        let mut case = Case::new(stack, rows.choices.len());
        let (mut primary, mut known) = (HashSet::new(), HashSet::new());
        for spot in case.spots() {
            let place = place(stack, rows, spot);
            let is_row_hidden = spot.table > 0 && rows.hidden[spot.choice];
            if earlier.shown.contains(&place) {
                known.insert(spot);
            } else if is_row_hidden
                || earlier.hidden.contains(&place)
                || is_small(&case, spot, rules)
            {
                primary.insert(spot);
            } else if earlier.said.contains(&place) {
                known.insert(spot);
            }
        }
        primary.iter().for_each(|&spot| case.set(spot, true));
        Maker { case, rows, rules, seed, primary, known, demands: Vec::new() }
    }

    /// Hides cells until every target is safe, or says which table cannot be made so.
    fn secure(&mut self, attempt: u64) -> Result<(), usize> {
        let mut targets = self.small_cells();
        match attempt {
            0 => {}
            1 => targets.reverse(),
            _ => fastrand::Rng::with_seed(self.seed).shuffle(&mut targets),
        }
        for target in targets {
            self.secure_one(target)?;
        }
        self.loosen();
        self.blur()
    }

    fn secure_one(&mut self, target: Target) -> Result<(), usize> {
        let witness = self.make_room(&target)?;
        self.demands.push(Demand { any: vec![target], owner: None, witness });
        Ok(())
    }

    /// A world for the target; where there is none yet, the cheapest cells that leave it one are hidden.
    fn make_room(&mut self, target: &Target) -> Result<Witness, usize> {
        loop {
            if let Some(witness) = search::find(&self.case, target) {
                return Ok(witness);
            }
            let known = &self.known;
            let fixed = |spot: Spot| known.contains(&spot);
            let found = search::unlock(&self.case, target, self.seed, &fixed);
            let is_shown = |spot: &Spot| !self.case.is_hidden(*spot);
            let more: Vec<Spot> = found.into_iter().flatten().filter(is_shown).collect();
            // Each turn hides something, or it is the last.
            match Some(more).filter(|more| !more.is_empty()) {
                Some(more) => more.into_iter().for_each(|spot| self.case.set(spot, true)),
                // What an earlier release showed can neither be hidden nor merged away. That release was
                // safe, so there is a witness that was not found here; the auditor has the last word.
                None if !self.known.is_empty() => return Ok(Witness::default()),
                None => return Err(target.table),
            }
        }
    }

    /// Every cell with too few people in it or outside it, and the two things that each must be able to be.
    fn small_cells(&self) -> Vec<Target> {
        let few = self.rules.threshold as i32;
        let mut targets = Vec::new();
        for (at, block) in self.case.blocks.iter().enumerate() {
            let has_rest = block.sum == Sum::Partition && self.case.has_rest();
            let rows = block.rest() + usize::from(has_rest);
            for (table, truth) in block.truth.iter().enumerate() {
                let columns = block.limits[table].columns;
                for cell in 0..rows * columns {
                    let base = self.case.base(table, cell % columns) as i32;
                    let count = truth.cells[cell];
                    let mut goals = Vec::new();
                    if count < few {
                        goals.extend([Goal::AtMost(0), Goal::AtLeast(few.min(base))]);
                    }
                    if base - count < few {
                        goals.extend([Goal::AtMost((base - few).max(0)), Goal::AtLeast(base)]);
                    }
                    let target = |goal| Target { block: at, table, cell, goal };
                    targets.extend(goals.into_iter().filter(|_| base > 0).map(target));
                }
            }
        }
        targets
    }

    /// Shows again what need not be hidden.
    fn refine(&mut self) {
        self.show_again(Maker::hold);
    }

    /// Shows again what is hidden for others, the largest first, unless something then does not hold.
    fn show_again(&mut self, mut holds: impl FnMut(&mut Self, Spot) -> bool) {
        let spots = self.case.spots().filter(|spot| self.is_secondary(*spot));
        let mut spots: Vec<Spot> = spots.collect();
        spots.sort_by_key(|&spot| std::cmp::Reverse((self.case.count(spot), spot)));
        for spot in spots {
            self.case.set(spot, false);
            if !holds(self, spot) {
                self.case.set(spot, true);
            }
        }
    }

    /// The same with what is hidden for others in one table, group or row hidden anew. None where nothing
    /// is hidden for others, or no way was found.
    fn reworked(&self, rng: &mut fastrand::Rng) -> Option<Self> {
        let spots = self.case.spots().filter(|&spot| self.is_secondary(spot));
        let secondary: Vec<Spot> = spots.collect();
        let pivot = *rng.choice(&secondary)?;
        let reach = rng.u8(0..3);
        let is_near = |spot: &&Spot| match reach {
            0 => spot.table == pivot.table,
            1 => (spot.table, spot.group) == (pivot.table, pivot.group),
            _ => (spot.part, spot.choice) == (pivot.part, pivot.choice),
        };
        let mut other = self.clone();
        other.seed = rng.u64(..);
        secondary.iter().filter(is_near).for_each(|&spot| other.case.set(spot, false));
        let (kept, mut broken): (Vec<_>, Vec<_>) = std::mem::take(&mut other.demands)
            .into_iter()
            .filter(|demand| demand.owner.is_none())
            .partition(|demand| demand.witness.is_possible(&other.case));
        other.demands = kept;
        rng.shuffle(&mut broken);
        let mut again = broken.into_iter().flat_map(|demand| demand.any);
        again.try_for_each(|target| other.secure_one(target)).ok()?;
        other.loosen();
        other.blur().ok()?;
        other.refine();
        Some(other)
    }

    fn hidden(&self) -> usize {
        self.case.spots().filter(|&spot| self.case.is_hidden(spot)).count()
    }

    fn is_secondary(&self, spot: Spot) -> bool {
        self.case.is_hidden(spot) && !self.primary.contains(&spot)
    }

    /// Whether everything that must be possible is with `spot` shown; only that is looked at again whose witness
    /// it rules out.
    fn hold(&mut self, spot: Spot) -> bool {
        if self.is_too_tight(spot) {
            return false;
        }
        let mut renewed = Vec::new();
        for (at, demand) in self.demands.iter().enumerate() {
            if !demand.counts(&self.case) || demand.witness.allows(&self.case, spot) {
                continue;
            }
            match demand.any.iter().find_map(|target| search::find(&self.case, target)) {
                Some(witness) => renewed.push((at, witness)),
                None => return false,
            }
        }
        self.renew(renewed);
        true
    }

    fn renew(&mut self, witnesses: Vec<(usize, Witness)>) {
        for (at, witness) in witnesses {
            self.demands[at].witness = witness;
        }
    }

    fn release(self, withheld: Vec<(Option<Variable>, Withheld)>) -> Protected {
        let stack = self.case.stack;
        let tables = (0..stack.tables.len()).map(|table| self.released(table)).collect();
        let row = |row: &Vec<usize>| -> Vec<Choice> {
            row.iter().map(|&choice| stack.choices[choice].clone()).collect()
        };
        let secret =
            Secret { tables: (0..stack.tables.len()).map(|table| self.secret(table)).collect() };
        let pattern = Pattern {
            question: stack.question.clone(),
            row: stack.row.clone(),
            shape: stack.shape,
            routed: stack.routed,
            required: stack.required,
            choices: self.rows.choices.iter().map(row).collect(),
            tables,
            withheld,
        };
        Protected { pattern, secret }
    }

    fn released(&self, table: usize) -> Table<Released> {
        let stack = self.case.stack;
        let own = &stack.tables[table];
        let n = own.state.columns.iter().map(|column| match (own.variable, stack.routed) {
            (None, false) => rounded(column.answered, column.asked),
            (None, true) => rounded(column.answered, column.people),
            (Some(_), true) => rounded(column.asked, column.people),
            (Some(_), false) => column.asked,
        });
        let state = Released {
            n: n.collect(),
            shown: self.cells(table, |spot| !self.case.is_hidden(spot)),
        };
        Table { variable: own.variable, groups: own.groups.clone(), state }
    }

    fn cells<T>(&self, table: usize, what: impl Fn(Spot) -> T) -> Vec<Vec<Vec<T>>> {
        let groups = self.case.stack.tables[table].groups.len();
        let parts = self.case.stack.parts().len();
        let cell = |part, choice, group| what(Spot { part, choice, table, group });
        let row = |part, choice| (0..groups).map(|group| cell(part, choice, group)).collect();
        let rows = |part| (0..self.rows.choices.len()).map(|choice| row(part, choice)).collect();
        (0..parts).map(rows).collect()
    }

    fn secret(&self, table: usize) -> SecretTable {
        let groups = self.case.stack.tables[table].groups.len();
        let percent = |spot: Spot| {
            let base = self.case.base(table, spot.group);
            let percent = percent_of(self.case.count(spot), base);
            (!self.case.is_hidden(spot)).then_some(percent)
        };
        let mut targets = self.small(table);
        targets.sort_unstable();
        SecretTable {
            asked: (0..=groups).map(|group| self.case.column(table, group).asked).collect(),
            percents: self.cells(table, percent),
            targets,
        }
    }

    /// The small cells of a table, those who left the question open as a row of the first part.
    fn small(&self, table: usize) -> Vec<Small> {
        let case = &self.case;
        let groups = case.stack.tables[table].groups.len();
        let (parts, rows) = (case.stack.parts().len(), self.rows.choices.len());
        let few = self.rules.threshold;
        let mut targets = Vec::new();
        for column in (0..=groups).filter(|&column| case.column(table, column).asked > 0) {
            let base = case.base(table, column);
            for (part, row) in (0..parts).flat_map(|part| (0..rows).map(move |row| (part, row))) {
                let count = case.column(table, column).counts[part][row];
                let sides = [(count < few, false), (base - count < few, true)];
                let small = sides.into_iter().filter(|(is_small, _)| *is_small && base > 0);
                targets.extend(small.map(|(_, outside)| Small { part, row, column, outside }));
            }
            if !case.stack.required && parts > 0 && case.column(table, column).open() < few {
                targets.push(Small { part: 0, row: rows, column, outside: false });
            }
        }
        targets
    }
}

/// Too few people in a cell, or too few outside: unless the group is so large that its whole percent is the
/// same for none and for five.
fn is_small(case: &Case, spot: Spot, rules: &Rules) -> bool {
    let (base, count) = (case.base(spot.table, spot.group), case.count(spot));
    let edge = match (count < rules.threshold, base - count < rules.threshold) {
        (true, _) => 0,
        (_, true) => 100,
        _ => return false,
    };
    let weighted = case.column(spot.table, spot.group).percent(spot.part, spot.choice);
    let unweighted = percent_of(count, base);
    !(base >= LARGE_GROUP && weighted == edge && unweighted == edge)
}

fn place(stack: &Stack, rows: &Rows, spot: Spot) -> Place {
    let table = &stack.tables[spot.table];
    let choices = rows.choices[spot.choice].iter();
    (
        stack.question.clone(),
        stack.row.clone(),
        stack.parts()[spot.part].measure.name(),
        choices.map(|&choice| stack.choices[choice].id.clone()).collect(),
        table.variable.map_or(String::new(), |variable| variable.name().to_owned()),
        table.groups[spot.group].clone(),
    )
}
