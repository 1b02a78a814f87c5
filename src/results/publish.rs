//! From a sample to what is published of it: weights, patterns, figures, and what the auditor needs.
//!
//! 1. [`splits`]: the background variables that tables are made by.
//! 2. [`publish`] weighs the sample, protects each item and estimates the figures that its pattern has a
//!    place for, and no other; a table that the auditor is not convinced of is left out.
//! 3. [`represented`]: how like the population those who answered are.

mod crosstab;
mod together;

use std::cell::OnceCell;

use super::alike;
use super::audit::audit_beside;
use super::companion::Companion;
use super::estimate::{Estimate, Kind, quantiles, winsorised};
use super::figure::{Figure, Group, Measure, Value};
use super::frame::{self, Fault, is_gender};
use super::item::{Choice, Given, Item, Person, Shape};
use super::missed;
use super::newcomers;
use super::page::{NotWeighted, Represented, Shares, Weighting, Withheld};
use super::pattern::{Pattern, Shown, Slot};
use super::printed::{self, Base};
use super::protect::{Earlier, Rules, Secret, protect};
use super::quality;
use super::represent::weighed;
use super::routes;
use super::sample::Sample;
use super::sheet::{Known, Open};
use super::step::{Dropped, Step};
use super::table::{Frame, Places, Released, Split, Table, count_at};
use super::tenths;
use super::weights::{Cap, Weights, weigh};
use crate::response::targets::{Margin, Targets, Variable};
use crate::survey::model::Survey;
use crosstab::Crosstab;

/// A mean stands beside no fewer people, and no single one may make up more than this share of it
/// (results, "Disclosure control", 6).
const MEAN_PEOPLE_MIN: usize = 30;
const MEAN_SHARE_MAX: f64 = 0.25;

/// How a sample is published.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    pub survey: &'a Survey,
    pub targets: Option<&'a Targets>,
    pub splits: &'a [Split],
    pub cap: Cap,
    pub rules: Rules,
    pub earlier: &'a Earlier,
    /// Where everybody lives who was asked: the districts of a local panel; empty, anywhere.
    pub districts: &'a [String],
    /// What other surveys have published that the same people may have answered.
    pub beside: &'a [Open],
    /// Secret: it decides between cells that would serve as well.
    pub seed: u64,
}

/// What is published of a sample, and what only the house's own auditor sees.
#[derive(Debug, Clone)]
pub struct Publication {
    pub figures: Vec<Figure>,
    pub open: Open,
    /// Never published.
    pub companion: Companion,
    pub weights: Weights,
    /// Variables whose table of an item is not published.
    pub withheld: Vec<Withheld>,
}

/// The variables that tables are made by: those the targets have, or where there are none, those the survey
/// asks for. `without` are the ones that decide who was asked at all.
pub fn splits(
    survey: &Survey,
    targets: Option<&Targets>,
    age_groups: &[String],
    without: &[Variable],
) -> Vec<Split> {
    let wanted = Variable::ALL.into_iter().filter(|variable| !without.contains(variable));
    let split = |variable| match targets {
        Some(targets) => targets.margin(variable).map(|margin| of_margin(variable, margin)),
        None => of_survey(variable, survey, age_groups),
    };
    wanted.filter_map(split).collect()
}

fn of_margin(variable: Variable, margin: &Margin) -> Split {
    let ids: Vec<String> = margin.categories.iter().map(|one| one.id.clone()).collect();
    if is_gender(&margin.variable) {
        return Split::fixed(variable, ids);
    }
    let mut split = Split::ordered(variable, ids);
    for (place, category) in margin.categories.iter().enumerate() {
        if let Some(with) = category.merge_with.as_deref().and_then(|id| margin.place(id)) {
            split.neighbours[place] = Some(with);
        }
    }
    split
}

/// Without targets nobody is out of scope; who lives elsewhere, or would not say, makes no group.
fn of_survey(variable: Variable, survey: &Survey, age_groups: &[String]) -> Option<Split> {
    const NO_GROUP: [&str; 3] = ["outside", "unstated", "other"];
    let field = match variable {
        Variable::Age => "birth-year",
        variable => variable.name(),
    };
    let question = survey.questions().find(|one| one.maps.as_deref() == Some(field))?;
    let ids: Vec<String> = match variable {
        Variable::Age => age_groups.to_vec(),
        _ => {
            let named = question.choices.iter().filter(|one| !one.dontknow);
            named.map(|one| one.id.clone()).filter(|id| !NO_GROUP.contains(&id.as_str())).collect()
        }
    };
    Some(match variable {
        Variable::Gender => Split::fixed(variable, ids),
        _ => Split::ordered(variable, ids),
    })
}

/// The publication of a sample.
///
/// # Errors
/// Where the sample cannot be weighed to its targets.
pub fn publish(sample: &Sample, plan: &Plan) -> Result<Publication, Fault> {
    let weights = weights_of(&sample.people, plan)?;
    let mut publication = Publication {
        figures: Vec::new(),
        open: open(sample, plan, &weights),
        companion: Companion::new(&plan.survey.slug),
        weights,
        withheld: Vec::new(),
    };
    let crowd = Crowd {
        sample,
        weights: &publication.weights,
        places: Places::of(plan.splits, &sample.people),
    };
    for done in together::treat_all(&crowd, plan) {
        let Treated { known, pattern, secret, figures, given_up } = done;
        let not_made = pattern.withheld.iter().map(|(variable, _)| *variable);
        for variable in not_made.chain(given_up.into_iter().map(Some)) {
            publication.withheld.push(Withheld {
                question: pattern.question.clone(),
                row: pattern.row.clone(),
                variable: variable.map_or_else(String::new, |one| one.name().to_owned()),
            });
        }
        if pattern.tables.is_empty() {
            continue;
        }
        publication.companion.add(&pattern, &secret);
        publication.open.items.push(known);
        publication.figures.extend(figures);
    }
    publication.open.figures = publication.figures.clone();
    Ok(publication)
}

/// Everybody counts as much as the population wants; the same where there is none.
fn weights_of(people: &[Person], plan: &Plan) -> Result<Weights, Fault> {
    match plan.targets {
        Some(targets) if !people.is_empty() => {
            weigh(&frame::columns(targets, people), people.len(), plan.cap)
        }
        _ => Ok(Weights::even(people.len())),
    }
}

fn open(sample: &Sample, plan: &Plan, weights: &Weights) -> Open {
    Open {
        survey: plan.survey.slug.clone(),
        districts: plan.districts.to_vec(),
        people: sample.people.len() as u32,
        threshold: plan.rules.threshold,
        min_group: plan.rules.min_group,
        weights: (!weights.is_even()).then_some((weights.low, weights.high)),
        items: Vec::new(),
        figures: Vec::new(),
    }
}

/// The people of a sample, and what is known of them before the first item is counted.
struct Crowd<'a> {
    sample: &'a Sample,
    weights: &'a Weights,
    places: Places<'a>,
}

/// An item as it is published, and what only the house sees.
struct Treated {
    known: Known,
    pattern: Pattern,
    secret: Secret,
    figures: Vec<Figure>,
    /// Variables whose table the auditor was not convinced of.
    given_up: Vec<Variable>,
}

/// Protects an item until the auditor finds nobody in it: a table that it is not convinced of is left out,
/// and where it is everybody's, the item.
fn treat(item: &Item, crowd: &Crowd, plan: &Plan) -> Treated {
    let people = &crowd.sample.people;
    let mut splits = plan.splits.to_vec();
    let row = item.row.as_deref();
    splits.retain(|_| !item.totals_only);
    splits.retain(|split| plan.earlier.allows(&item.question, row, split.variable));
    loop {
        let mut treated = attempt(item, crowd, plan, &splits);
        let mut doubtful = doubtful(&treated, crowd, plan);
        doubtful.extend(alone(&treated.pattern));
        doubtful.extend(computable(item, people, &treated.pattern));
        let least = plan.rules.threshold as usize;
        doubtful.extend(alike::told(item, people, &treated.pattern, least));
        doubtful.extend(plan.earlier.told(&treated.figures));
        for came in plan.earlier.newcomers() {
            doubtful.extend(newcomers::told(item, people, came, &treated.pattern, least));
        }
        let before = splits.len();
        splits.retain(|split| !doubtful.iter().any(|one| one == split.variable.name()));
        if !doubtful.is_empty() && splits.len() == before {
            treated.pattern.tables.clear();
            treated.figures.clear();
        } else if !doubtful.is_empty() {
            continue;
        }
        let is_left = |variable: &Variable| splits.iter().any(|split| split.variable == *variable);
        let all = plan.splits.iter().filter(|_| !item.totals_only).map(|split| split.variable);
        treated.given_up = all.filter(|variable| !is_left(variable)).collect();
        return treated;
    }
}

fn attempt(item: &Item, crowd: &Crowd, plan: &Plan, splits: &[Split]) -> Treated {
    let weights = crowd.weights;
    // Whoever had to answer did, but for those whose answer was taken out because it cannot be; and where nearly
    // everybody was asked, the others count as having left it open.
    let may_be_open = !item.routed && routes::is_routed(plan.survey, item);
    let must = plan.survey.question(&item.question).is_some_and(|question| question.required);
    let required = must && !may_be_open && !item.given.contains(&Given::Open);
    let weighed = (!weights.is_even()).then_some(weights.w.as_slice());
    let frame = Frame { splits, weights: weighed, required };
    let stack = count_at(item, &crowd.places, &frame);
    let protected = protect(&stack, &plan.rules, plan.earlier, plan.seed);
    let mut desk = Desk::of(item, crowd, &protected.pattern);
    let mut figures = protected.pattern.figures(|slot| desk.estimate(slot));
    let people = &crowd.sample.people;
    tenths::silence(item, people, &protected.pattern, plan.rules.threshold, &mut figures);
    if weights.is_even() && !required && !item.routed {
        missed::silence(item, plan.rules.threshold, &mut figures);
    }
    let mut known = Known::of(&item.question, item.row.as_deref(), item.shape, &item.choices);
    (known.routed, known.required, known.ticks) = (item.routed, required, stack.ticks);
    let (pattern, secret) = (protected.pattern, protected.secret);
    Treated { known, pattern, secret, figures, given_up: Vec::new() }
}

/// The variables of which one group is left: it compares with nothing.
fn alone(pattern: &Pattern) -> impl Iterator<Item = String> {
    let variables = pattern.tables.iter().filter(|table| table.groups.len() < 2);
    variables.filter_map(|table| table.variable).map(|variable| variable.name().to_owned())
}

/// The variables by which a few people are in no group, of items that have means alone: total and groups
/// would give theirs away by subtraction, and no table of counts is there to protect.
fn computable<'a>(
    item: &'a Item,
    people: &'a [Person],
    pattern: &'a Pattern,
) -> impl Iterator<Item = String> + 'a {
    let has_counts = !pattern.parts().is_empty();
    let tables = pattern.tables.iter().filter(move |_| !has_counts);
    let of = |table: &Table<Released>| {
        let variable = table.variable?;
        let answers = people.iter().zip(&item.given).filter(|(_, given)| given.is_answered());
        let left = answers.filter(|(person, _)| table.has(person, None)).count();
        (1..MEAN_PEOPLE_MIN).contains(&left).then(|| variable.name().to_owned())
    };
    tables.filter_map(of)
}

/// The variables in whose tables the auditor finds somebody; "" is everybody.
fn doubtful(treated: &Treated, crowd: &Crowd, plan: &Plan) -> Vec<String> {
    let mut open = open(crowd.sample, plan, crowd.weights);
    open.items.push(treated.known.clone());
    open.figures = treated.figures.clone();
    let mut companion = Companion::new(&plan.survey.slug);
    companion.add(&treated.pattern, &treated.secret);
    if treated.known.routed {
        add_sizes(&mut open, treated, crowd.sample);
    }
    let mut doubtful = Vec::new();
    // Whoever audits what is published without the companion takes every hidden cell for a small one, and shall
    // find nobody either.
    for companion in [Some(&companion), None] {
        let report = audit_beside(&open, companion, plan.beside);
        doubtful.extend(report.r#unsafe.into_iter().map(|cell| cell.variable));
        // The auditor found no world at all, not even the true one: with fewer tables it has less to look for.
        doubtful.extend((!report.broken.is_empty()).then(|| largest(&treated.pattern)));
    }
    doubtful
}

/// How many people are in each group, as questions that everybody was asked tell beside a routed one.
fn add_sizes(open: &mut Open, treated: &Treated, sample: &Sample) {
    let beside = "everybody was asked";
    open.items.push(Known::of(beside, None, Shape::Number, &[]));
    for table in &treated.pattern.tables {
        let Some(variable) = table.variable else { continue };
        for (group, categories) in table.groups.iter().enumerate() {
            let is_in = |person: &&Person| table.has(person, Some(group));
            let variable = variable.name().to_owned();
            open.figures.push(Figure {
                question: beside.to_owned(),
                row: None,
                choices: Vec::new(),
                group: Some(Group { variable, categories: categories.clone() }),
                n: sample.people.iter().filter(is_in).count() as u32,
                measure: Measure::Mean,
                value: None,
                low: None,
                high: None,
            });
        }
    }
}

/// The variable with the most groups, of two the later one; "" where there is none.
fn largest(pattern: &Pattern) -> String {
    let tables = pattern.tables.iter().filter(|table| table.variable.is_some());
    let largest = tables.max_by_key(|table| table.groups.len());
    let variable = largest.and_then(|table| table.variable);
    variable.map_or_else(String::new, |variable| variable.name().to_owned())
}

/// Estimates the figures of one item.
struct Desk<'a> {
    item: &'a Item,
    crowd: &'a Crowd<'a>,
    pattern: &'a Pattern,
    /// How many of everybody were asked, and answered.
    all: (u32, u32),
    /// By the variable that was asked for last.
    crosstab: Crosstab,
    /// The group that was asked for last: its places in the variable.
    group: Vec<usize>,
    /// By person, whether they are of it and answered; found once a mean asks for it.
    domain: OnceCell<Vec<bool>>,
}

impl<'a> Desk<'a> {
    fn of(item: &'a Item, crowd: &'a Crowd, pattern: &'a Pattern) -> Desk<'a> {
        let crosstab = Crosstab::of(item, crowd, pattern, None);
        let all = (crosstab.asked(&[0]), crosstab.answered(&[0]));
        Desk { item, crowd, pattern, all, crosstab, group: vec![0], domain: OnceCell::new() }
    }

    fn estimate(&mut self, slot: &Slot) -> Option<Shown> {
        self.turn_to(slot);
        match slot.measure {
            Measure::Percent if self.item.shape == Shape::Budget => self.budget(slot),
            Measure::Percent | Measure::First | Measure::Top => self.share(slot),
            Measure::Mean => self.mean(),
            Measure::Median => self.quantile(0.5),
            Measure::Q1 => self.quantile(0.25),
            Measure::Q3 => self.quantile(0.75),
            Measure::Borda => self.borda(slot),
        }
    }

    fn turn_to(&mut self, slot: &Slot) {
        let is_other = self.crosstab.variable != slot.variable;
        if is_other {
            self.crosstab = Crosstab::of(self.item, self.crowd, self.pattern, slot.variable);
        }
        let group = self.crosstab.group(slot);
        if is_other || self.group != group {
            (self.group, self.domain) = (group, OnceCell::new());
        }
    }

    /// Who of the slot's group answered.
    fn domain(&self) -> &[bool] {
        let by = self.crosstab.variable.map(|variable| self.crowd.places.by(variable).1);
        let is_in = |at: usize| by.is_none_or(|places| self.group.contains(&places[at]));
        let answered = |(at, given): (usize, &Given)| given.is_answered() && is_in(at);
        self.domain.get_or_init(|| self.item.given.iter().enumerate().map(answered).collect())
    }

    /// Of whom the group's shares are.
    fn base(&self) -> Base {
        let (all_asked, all_answered) = self.all;
        Base {
            asked: self.crosstab.asked(&self.group),
            all_asked,
            all_answered,
            is_routed: self.item.routed,
            is_weighted: !self.crowd.weights.is_even(),
        }
    }

    /// The places in the item of the choices that the slot's row of the pattern stands for.
    fn chosen(&self, slot: &Slot) -> Vec<usize> {
        slot.choice.map(|row| chosen(self.item, &self.pattern.choices[row])).unwrap_or_default()
    }

    fn share(&self, slot: &Slot) -> Option<Shown> {
        let tally = self.crosstab.tally(self.pattern, slot, &self.group);
        let estimate = tally.estimate(Kind::Share, self.crowd.weights);
        estimate.map(|found| printed::share(&found, self.base()))
    }

    /// The mean over those who gave a number, or a choice that counts as one.
    fn mean(&self) -> Option<Shown> {
        let number = |given: &Given| match given {
            Given::Number(number) => Some(*number),
            Given::One(choice) => self.item.choices[*choice].value,
            _ => None,
        };
        let numbers: Vec<Option<f64>> = self.item.given.iter().map(number).collect();
        match self.shares() {
            Some(shares) if self.crowd.weights.is_even() => {
                self.mean_of(&numbers, false, |estimate| {
                    printed::mean_of_shares(estimate, &shares, self.base())
                })
            }
            _ => self.mean_of(&numbers, self.item.shape == Shape::Number, printed::mean),
        }
    }

    /// Of a scale, what each choice counts as, and its whole percent.
    fn shares(&self) -> Option<Vec<(f64, f64)>> {
        let is_scale = self.item.shape == Shape::Ordered;
        let choices = self.item.choices.iter().enumerate();
        let of =
            |(place, choice): (usize, &Choice)| Some((choice.value?, self.percent(place, false)));
        is_scale.then(|| choices.filter_map(of).collect())
    }

    /// The whole percent that gave a choice, where nobody is weighted.
    fn percent(&self, choice: usize, first: bool) -> f64 {
        let gave = |given: &&Given| counts(given, &[choice], first);
        let both = self.item.given.iter().zip(self.domain());
        let answers: Vec<&Given> =
            both.filter(|(_, is_in)| **is_in).map(|(given, _)| given).collect();
        let (many, all) = (answers.iter().copied().filter(gave).count(), answers.len());
        (100.0 * many as f64 / all.max(1) as f64).round()
    }

    /// Points by place, of who ranked anything: as many as there are places for the first, none where it is
    /// not among the best.
    fn borda(&self, slot: &Slot) -> Option<Shown> {
        let Shape::Ranking { places } = self.item.shape else { return None };
        let [choice] = self.chosen(slot)[..] else { return None };
        let points = |given: &Given| match given {
            Given::Ranked(ranked) => {
                let rank = ranked.iter().position(|one| *one == choice);
                Some(rank.map_or(0.0, |rank| f64::from(places) - rank as f64))
            }
            _ => None,
        };
        let points: Vec<Option<f64>> = self.item.given.iter().map(points).collect();
        let (first, top) = (self.percent(choice, true), self.percent(choice, false));
        let even = |estimate: &Estimate| printed::points(estimate, places, first, top, self.base());
        match self.crowd.weights.is_even() {
            true => self.mean_of(&points, false, even),
            false => self.mean_of(&points, false, printed::mean),
        }
    }

    fn budget(&self, slot: &Slot) -> Option<Shown> {
        let choices = self.chosen(slot);
        let share = |given: &Given| match given {
            Given::Points(points) => {
                let all: f64 = points.iter().sum();
                let own: f64 = choices.iter().map(|choice| points[*choice]).sum();
                (all > 0.0).then(|| own / all)
            }
            _ => None,
        };
        let shares: Vec<Option<f64>> = self.item.given.iter().map(share).collect();
        self.mean_of(&shares, false, printed::mean_share)
    }

    /// None where it would say too much of one person.
    fn mean_of(
        &self,
        numbers: &[Option<f64>],
        is_winsorised: bool,
        print: impl Fn(&Estimate) -> Shown,
    ) -> Option<Shown> {
        let in_both = self.domain().iter().zip(numbers).map(|(is_in, one)| *is_in && one.is_some());
        let domain: Vec<bool> = in_both.collect();
        let y: Vec<f64> = numbers.iter().map(|one| one.unwrap_or_default()).collect();
        if !self.is_of_many(&y, &domain) {
            return None;
        }
        let estimate = match is_winsorised {
            true => winsorised(&y, &domain, self.crowd.weights),
            false => super::estimate::mean(&y, &domain, self.crowd.weights),
        };
        estimate.map(|estimate| print(&estimate))
    }

    /// Whether enough people make up a mean, and nobody too much of it.
    fn is_of_many(&self, y: &[f64], domain: &[bool]) -> bool {
        let parts = y.iter().zip(&self.crowd.weights.w).zip(domain);
        let parts = parts.filter(|(_, is_in)| **is_in).map(|((y, w), _)| (y * w).abs());
        let (mut people, mut all, mut most) = (0, 0.0, 0.0_f64);
        for part in parts {
            people += 1;
            all += part;
            most = most.max(part);
        }
        people >= MEAN_PEOPLE_MIN && most <= MEAN_SHARE_MAX * all
    }

    fn quantile(&self, p: f64) -> Option<Shown> {
        let number = |given: &Given| match given {
            Given::Number(number) => *number,
            _ => 0.0,
        };
        let x: Vec<f64> = self.item.given.iter().map(number).collect();
        if self.domain().iter().filter(|is_in| **is_in).count() < MEAN_PEOPLE_MIN {
            return None;
        }
        let found = quantiles(&x, self.domain(), self.crowd.weights, &[p])?;
        Some(Shown { value: Value::of_mean(found[0]), interval: None })
    }
}

/// The places in the item of some of its choices.
fn chosen(item: &Item, choices: &[Choice]) -> Vec<usize> {
    let place = |choice: &Choice| item.choices.iter().position(|one| one.id == choice.id);
    choices.iter().filter_map(place).collect()
}

/// Whether somebody counts in a share of these choices.
pub(super) fn counts(given: &Given, choices: &[usize], first: bool) -> bool {
    match given {
        Given::One(choice) => choices.contains(choice),
        Given::Ranked(ranked) if first => ranked.first().is_some_and(|one| choices.contains(one)),
        Given::Many(chosen) | Given::Ranked(chosen) => {
            chosen.iter().any(|one| choices.contains(one))
        }
        _ => false,
    }
}

/// How the answers were weighted, for a page's method box; none where they were not.
pub fn weighting(weights: &Weights, targets: &Targets) -> Option<Weighting> {
    let about = targets.about.as_ref()?;
    let raked = weights.groupings.iter().filter(|one| one.is_raked);
    let merged = raked.clone().flat_map(|one| {
        let several = one.groups.iter().filter(|group| group.len() > 1);
        several.map(|group| (one.variable.clone(), group.clone()))
    });
    let forced = |step: &Step| matches!(step, Step::Merged { is_forced: true, .. });
    let raised = weights.steps.iter().find_map(|step| match step {
        Step::Cap { from, .. } => Some(*from),
        _ => None,
    });
    let tenths = |bound: f64| (bound * 10.0).round() as u32;
    let is_bound = weights.high.is_finite();
    Some(Weighting {
        source: about.source.clone(),
        date: about.date.to_string(),
        population: about.population.clone(),
        variables: raked.clone().map(|one| one.variable.clone()).collect(),
        dropped: weights.steps.iter().filter_map(not_weighted).collect(),
        merged: merged.collect(),
        is_merged_by_force: weights.steps.iter().any(forced),
        raised_from_tenths: raised.map(tenths),
        bounds_tenths: is_bound.then(|| (tenths(weights.low), tenths(weights.high))),
    })
}

fn not_weighted(step: &Step) -> Option<(String, NotWeighted)> {
    let Step::Dropped { variable, why } = step else { return None };
    let why = match why {
        Dropped::Unknown { .. } => NotWeighted::Unknown,
        Dropped::NeverMerged { .. } => NotWeighted::SmallGroup,
        Dropped::OneGroup => NotWeighted::OneGroup,
        Dropped::Unreachable { .. } => NotWeighted::Unreachable,
    };
    Some((variable.clone(), why))
}

/// What was done so that weights exist, in words.
pub fn steps(weights: &Weights) -> Vec<String> {
    weights.steps.iter().map(Step::to_string).collect()
}

/// The population, those who answered, and those weighted, by each variable that was weighted by, in whole
/// percents; none by one of which a group has fewer than `min_group` people.
pub fn represented(weights: &Weights, min_group: u32) -> Vec<Represented> {
    let percent = |share: f64| (100.0 * share).round() as u8;
    let one = |grouping: &super::weights::Grouping| {
        let (answered, weighted) = weighed(&grouping.variable, weights)?;
        let rows = grouping.groups.iter().zip(answered.places.iter().zip(&weighted.places));
        let rows = rows.map(|(categories, (answered, weighted))| Shares {
            categories: categories.clone(),
            population: percent(answered.population),
            panel: None,
            invited: None,
            answered: percent(answered.here),
            weighted: Some(percent(weighted.here)),
        });
        Some(Represented {
            variable: grouping.variable.clone(),
            rows: rows.collect(),
            dissimilarity: answered.dissimilarity.round() as u8,
        })
    };
    let is_shown = |grouping: &&super::weights::Grouping| {
        let groups = 0..grouping.groups.len();
        grouping.is_raked
            && groups.into_iter().all(|group| grouping.people(group) >= min_group as usize)
    };
    weights.groupings.iter().filter(is_shown).filter_map(one).collect()
}

/// The sample without those whose answers are marked; none where nobody is, or hardly anybody else.
pub fn unflagged(sample: &Sample, people_min: u32) -> Option<Sample> {
    let mask = quality::unflagged(&sample.people);
    let kept = mask.iter().filter(|is_kept| **is_kept).count();
    if kept == mask.len() || kept < people_min as usize {
        return None;
    }
    // Named one by one: a copy of the whole item would first be one of everybody's answers.
    let keep = |item: &Item| Item {
        question: item.question.clone(),
        row: item.row.clone(),
        shape: item.shape,
        choices: item.choices.clone(),
        routed: item.routed,
        ticks: item.ticks,
        totals_only: item.totals_only,
        given: kept_of(&item.given, &mask),
    };
    Some(Sample {
        people: kept_of(&sample.people, &mask),
        items: sample.items.iter().map(keep).collect(),
        offers: sample.offers.clone(),
        counted: sample.counted.clone(),
        uids: kept_of(&sample.uids, &mask),
        words: Vec::new(),
    })
}

fn kept_of<T: Clone>(all: &[T], mask: &[bool]) -> Vec<T> {
    all.iter().zip(mask).filter(|(_, is_kept)| **is_kept).map(|(one, _)| one.clone()).collect()
}
