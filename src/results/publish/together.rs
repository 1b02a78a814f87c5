//! All items of a sample: what one of them tells of another.

use std::borrow::Cow;

use super::{Crowd, Plan, Treated, open, treat};
use crate::results::audit::audit_beside;
use crate::results::audit::facts::name_of;
use crate::results::companion::Companion;
use crate::results::item::{Given, Item, Shape};
use crate::results::pattern::{Pattern, Withheld};
use crate::results::protect::Secret;
use crate::results::routes::{self, Lost, Stage};
use crate::results::sheet::Known;
use crate::results::table::Split;

/// Protects all items: each by itself, and then until none tells of another.
pub(super) fn treat_all(crowd: &Crowd, plan: &Plan) -> Vec<Treated> {
    let sample = crowd.sample;
    let items: Vec<Cow<Item>> = sample.items.iter().map(routes::unrouted).collect();
    let mut treated = side_by_side(&items, |item| treat(item, crowd, plan));
    for (item, treated) in items.iter().zip(&mut treated) {
        if routes::is_told(item, &sample.offers, plan.rules.threshold) {
            *treated = treated.withheld();
        }
    }
    let mut kept = vec![plan.splits.to_vec(); items.len()];
    loop {
        let mut lost = lost_by_routes(&items, &treated, crowd, plan);
        if lost.iter().all(Lost::is_none) {
            lost = lost_beside_others(&treated, crowd, plan);
        }
        if lost.iter().all(Lost::is_none) {
            return treated;
        }
        for (at, lost) in lost.iter().enumerate().filter(|(_, lost)| !lost.is_none()) {
            kept[at].retain(|split| !lost.variables.contains(&split.variable));
            let fewer = Plan { splits: &kept[at], ..*plan };
            treated[at] = match lost.is_all {
                true => treated[at].withheld(),
                false => treat(&items[at], crowd, &fewer),
            };
            let is_kept = |split: &Split| kept[at].iter().any(|one| one.variable == split.variable);
            let given_up = plan.splits.iter().filter(|split| !lost.is_all && !is_kept(split));
            treated[at].given_up.extend(given_up.map(|split| split.variable));
        }
    }
}

/// What tells of a question that leads to it.
fn lost_by_routes(
    items: &[Cow<Item>],
    treated: &[Treated],
    crowd: &Crowd,
    plan: &Plan,
) -> Vec<Lost> {
    let both = items.iter().zip(treated);
    let stages = both.map(|(item, one)| Stage {
        item,
        pattern: &one.pattern,
        secret: &one.secret,
        // On paper it may have been left open all the same.
        required: one.known.required && !item.given.contains(&Given::Open),
    });
    let is_weighted = !crowd.weights.is_even();
    let frame = routes::Frame { is_weighted, least: plan.rules.threshold as usize };
    routes::lost(plan.survey, &stages.collect::<Vec<_>>(), &crowd.sample.people, frame)
}

impl Treated {
    /// The same without a figure.
    fn withheld(&self) -> Treated {
        let pattern = Pattern {
            tables: Vec::new(),
            withheld: vec![(None, Withheld::NotSafe)],
            ..self.pattern.clone()
        };
        let known = self.known.clone();
        let (secret, figures) = (Secret::default(), Vec::new());
        Treated { known, pattern, secret, figures, given_up: Vec::new() }
    }
}

/// The routed items in which the auditor finds somebody, or loses its way, when it also knows what the tables
/// of other questions tell of the sizes of groups. They are left with their totals.
fn lost_beside_others(treated: &[Treated], crowd: &Crowd, plan: &Plan) -> Vec<Lost> {
    let mut open = open(crowd.sample, plan, crowd.weights);
    let mut companion = Companion::new(&plan.survey.slug);
    let shown = |one: &&Treated| !one.pattern.tables.is_empty();
    for one in treated.iter().filter(shown) {
        let mut known = one.known.clone();
        // The others were audited: a number has no counts to look into.
        if !known.routed {
            known = Known::of(&known.question, known.row.as_deref(), Shape::Number, &[]);
        }
        open.items.push(known);
        open.figures.extend_from_slice(&one.figures);
        companion.add(&one.pattern, &one.secret);
    }
    let report = audit_beside(&open, Some(&companion), plan.beside);
    let is_lost = |one: &Treated| {
        let name = name_of(&one.known);
        one.known.routed
            && one.pattern.tables.len() > 1
            && (report.r#unsafe.iter().any(|cell| cell.question == name)
                || report.broken.iter().any(|broken| broken.starts_with(&format!("{name}: "))))
    };
    let lost = |one: &Treated| match is_lost(one) {
        true => Lost {
            variables: one.pattern.tables.iter().filter_map(|table| table.variable).collect(),
            is_all: false,
        },
        false => Lost::default(),
    };
    treated.iter().map(lost).collect()
}

/// Works on all cores; the results are in the order of the items.
fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let at_work: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let take = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let places = std::iter::repeat_with(take).take_while(|at| *at < items.len());
                    places.map(|at| (at, work(&items[at]))).collect::<Vec<_>>()
                })
            })
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<(usize, R)>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        at_work.into_iter().flat_map(join).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
