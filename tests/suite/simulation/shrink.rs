//! Makes a failing history short: whatever can be left out or made simpler while it still fails, is.

use super::step::{Sort, Step};

/// The shortest history that can be had from `history` by leaving out and simplifying.
pub fn shrink(mut history: Vec<Step>, fails: impl Fn(&[Step]) -> bool) -> Vec<Step> {
    loop {
        let before = history.clone();
        leave_out(&mut history, &fails);
        simplify(&mut history, &fails);
        if history == before {
            return history;
        }
    }
}

/// Halves first, then quarters, at last single steps.
fn leave_out(history: &mut Vec<Step>, fails: &impl Fn(&[Step]) -> bool) {
    let mut size = history.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < history.len() {
            let end = (at + size).min(history.len());
            let rest = [&history[..at], &history[end..]].concat();
            if fails(&rest) {
                *history = rest;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}

fn simplify(history: &mut [Step], fails: &impl Fn(&[Step]) -> bool) {
    for at in 0..history.len() {
        for simpler in simpler(&history[at]) {
            let before = std::mem::replace(&mut history[at], simpler);
            if fails(history) {
                break;
            }
            history[at] = before;
        }
    }
}

/// Simpler steps that may do the same, the simplest first.
fn simpler(step: &Step) -> Vec<Step> {
    let lower = |number: usize| [0, 1, 2].into_iter().take_while(move |lower| *lower < number);
    let mut all: Vec<Step> = match step.kiosk() {
        Some(kiosk) => lower(kiosk).map(|kiosk| step.clone().at_kiosk(kiosk)).collect(),
        None => Vec::new(),
    };
    all.extend(plainer(step));
    all
}

fn plainer(step: &Step) -> Vec<Step> {
    let mut all = match step.clone() {
        Step::Sync { kiosk, faults, cut } => vec![
            Step::Sync { kiosk, faults: Vec::new(), cut: None },
            Step::Sync { kiosk, faults: Vec::new(), cut },
            Step::Sync { kiosk, faults, cut: None },
        ],
        Step::Collect { kiosk, forms, sort } => vec![
            Step::Collect { kiosk, forms: 1, sort: Sort::Plain },
            Step::Collect { kiosk, forms: 1, sort },
            Step::Collect { kiosk, forms, sort: Sort::Plain },
        ],
        Step::LoseRows { kiosk, nth, .. } => vec![Step::LoseRows { kiosk, nth, rows: 1 }],
        _ => Vec::new(),
    };
    // What is as it is needs no further try.
    if let Some(same) = all.iter().position(|simpler| simpler == step) {
        all.truncate(same);
    }
    all
}
