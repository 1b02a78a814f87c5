//! The sync, simulated: random histories of a town with every fault there is, and after each of them
//! the question whether everything that was promised was kept (`promise`).
//!
//! 1. `step`: what can happen; a history is made from its seed.
//! 2. `town`: kiosks, two centrals, lines (`line`), sticks; the protocol is the real one
//!    (`sync::exchange`, `sync::reception`, `store::central::ledger`).
//! 3. `stores`: over `memory`, which is quick, and over `disk`, which is SQLite, signed, sealed; that
//!    both do the same is a test, too.
//! 4. `bug`: planted mistakes, to see that the simulation can fail. `shrink` makes a failing history
//!    short.
//!
//! A failing history prints its seed, and itself, shrunk. `BORGERPANEL_SEED=n` replays it, and
//! `BORGERPANEL_HISTORIES=n` runs more of them (docs/sync.md).

mod bug;
mod disk;
mod fuse;
mod line;
mod memory;
mod promise;
mod shrink;
mod step;
mod stores;
mod town;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use bug::Bug;
use line::Words;
use step::{Fault, Sort, Step};
use stores::{Device, Registry};
use town::Town;

/// How many of each are run where nobody says otherwise.
const IN_MEMORY: u64 = 100_000;
const SIGNED_IN_MEMORY: u64 = 500;
const ON_DISK: u64 = 25;
/// A planted mistake is found within so many.
const TO_FIND_A_BUG: u64 = 3_000;

/// Runs a history, and says what was broken by it.
fn run<D: Device, R: Registry>(
    history: &[Step],
    words: Words,
    bug: Option<Bug>,
) -> Result<Vec<String>, String> {
    let run = || {
        let mut town: Town<D, R> = Town::new(words, bug);
        history.iter().try_for_each(|step| town.carry_out(step))?;
        town.settle()?;
        promise::judge(&town)?;
        Ok(town.outcome())
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("a panic: {}", said.unwrap_or("without words")))
    })
}

fn in_memory(history: &[Step], bug: Option<Bug>) -> Result<Vec<String>, String> {
    run::<memory::Kiosk, memory::Central>(history, Words::Typed, bug)
}

fn signed_in_memory(history: &[Step]) -> Result<Vec<String>, String> {
    run::<memory::Kiosk, memory::Central>(history, Words::Signed, None)
}

fn on_disk(history: &[Step]) -> Result<Vec<String>, String> {
    run::<disk::Kiosk, disk::Central>(history, Words::Signed, None)
}

/// A history that broke a promise, as short as it could be made.
struct Broken {
    seed: u64,
    steps: usize,
    history: Vec<Step>,
    what: String,
}

impl Broken {
    fn new(
        seed: u64,
        what: String,
        run: impl Fn(&[Step]) -> Result<Vec<String>, String>,
    ) -> Broken {
        let history = step::history(seed);
        let steps = history.len();
        let history = shrink::shrink(history, |history| run(history).is_err());
        let what = run(&history).err().unwrap_or(what);
        Broken { seed, steps, history, what }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Broken { seed, steps, history, what } = self;
        writeln!(f, "history {seed}: {what}")?;
        writeln!(f, "replay it with BORGERPANEL_SEED={seed} cargo test --test suite simulation")?;
        writeln!(f, "of its {steps} steps these do it:")?;
        for (number, step) in (1..).zip(history) {
            writeln!(f, "  {number}. {step}")?;
        }
        write!(f, "and then all is mended, and every kiosk sends")
    }
}

/// Runs the histories of these seeds, on every processor, and returns the first that breaks a promise.
fn first_broken(
    seeds: std::ops::Range<u64>,
    run: impl Fn(&[Step]) -> Result<Vec<String>, String> + Sync,
) -> Option<Broken> {
    let (next, broken) = (AtomicU64::new(seeds.start), AtomicU64::new(u64::MAX));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || seed > broken.load(Ordering::Relaxed) {
                return;
            }
            if run(&step::history(seed)).is_err() {
                broken.fetch_min(seed, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let seed = broken.into_inner();
    (seed < u64::MAX).then(|| {
        let what = run(&step::history(seed)).err().unwrap_or("only once".to_owned());
        Broken::new(seed, what, run)
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `BORGERPANEL_HISTORIES` counts those in memory; of the dearer ones as many more are run.
fn seeds(usual: u64) -> std::ops::Range<u64> {
    if let Some(seed) = number("BORGERPANEL_SEED") {
        return seed..seed + 1;
    }
    0..number("BORGERPANEL_HISTORIES").map_or(usual, |wanted| wanted * usual / IN_MEMORY)
}

fn hold(seeds: std::ops::Range<u64>, run: impl Fn(&[Step]) -> Result<Vec<String>, String> + Sync) {
    if let Some(broken) = first_broken(seeds, run) {
        panic!("{broken}");
    }
}

#[test]
fn whatever_happens_every_promise_is_kept() {
    hold(seeds(IN_MEMORY), |history| in_memory(history, None));
}

#[test]
fn whatever_happens_to_the_bytes_that_travel_every_promise_is_kept() {
    hold(seeds(SIGNED_IN_MEMORY), signed_in_memory);
}

#[test]
fn whatever_happens_every_promise_is_kept_by_the_real_databases() {
    hold(seeds(ON_DISK), on_disk);
}

/// Leaves out what cannot be compared: the order in which private records are mixed, and what a salvage
/// of real pages finds.
fn is_comparable(step: &Step) -> bool {
    !matches!(step, Step::Collect { sort: Sort::Private, .. } | Step::Damage { .. })
}

#[test]
fn the_stores_in_memory_do_what_the_real_databases_do() {
    hold(seeds(ON_DISK), |history| {
        let history: Vec<Step> =
            history.iter().filter(|step| is_comparable(step)).cloned().collect();
        let (here, there) = (in_memory(&history, None)?, on_disk(&history)?);
        let differs = here.iter().zip(&there).find(|(here, there)| here != there);
        match differs {
            Some((here, there)) => Err(format!("in memory {here}, on the disk {there}")),
            None if here.len() == there.len() => Ok(here),
            None => Err("one of the two says more".to_owned()),
        }
    });
}

#[test]
fn planted_mistakes_are_found() {
    for bug in Bug::ALL {
        let broken = first_broken(0..TO_FIND_A_BUG, |history| in_memory(history, Some(bug)));
        let broken = broken.unwrap_or_else(|| panic!("{bug:?} was not found"));
        println!("{bug:?}: {broken}\n");
        assert!(broken.history.len() <= 12, "{bug:?} is not shown shortly: {broken}");
    }
}

/// The power goes at each call to a store during one round of sending, at the kiosk and at the central.
#[test]
fn the_power_may_go_at_any_moment_of_a_round() {
    use fuse::Moment;
    let moments = (0..24).map(Moment::Within).chain([Moment::Before, Moment::After]);
    for moment in moments {
        for (at_central, calls) in (0..20).flat_map(|calls| [(false, calls), (true, calls)]) {
            let cut = Some(step::Cut { at_central, calls, moment });
            let history = [
                Step::Collect { kiosk: 0, forms: 3, sort: Sort::Plain },
                Step::Sync { kiosk: 0, faults: vec![], cut: None },
                Step::BackUp { central: 0 },
                Step::CopyKiosk { kiosk: 0 },
                Step::Collect { kiosk: 0, forms: 2, sort: Sort::Private },
                Step::LoseRows { kiosk: 0, nth: 3, rows: 1 },
                Step::Sync { kiosk: 0, faults: vec![Fault::None, Fault::Twice], cut },
                Step::SetKioskBack { kiosk: 0 },
                Step::Collect { kiosk: 0, forms: 2, sort: Sort::NewVersion },
                Step::Sync { kiosk: 0, faults: vec![], cut },
            ];
            if let Err(what) = in_memory(&history, None) {
                panic!("{cut:?}: {what}");
            }
        }
    }
}
