//! The trials of `tests/suite/edge` against the program as it is released: every attack with the memory
//! a kiosk has, and the whole of two days' requests.

use crate::real::{Kiosk, Standing};
use crate::siege;
use crate::soak::{TWO_DAYS, Town};

pub fn besiege() {
    let kiosk = Kiosk::start(4_096);
    println!("attacks on a real kiosk, and how long a visitor's page and answer took meanwhile");
    let (before, after, peak) = siege::lay(&kiosk, |name, longest, peak| {
        println!("  {name:<48} {longest:>8.0?}   peak {:>3} MB", peak / 1_000_000);
    });
    println!("  before {}", shown(before));
    println!("  after  {}   peak {} MB\n", shown(after), peak / 1_000_000);
}

pub fn soak() {
    let town = Town::start();
    println!("two days of a busy kiosk and its central: {TWO_DAYS:?}, a sync every second");
    let report = town.soak(TWO_DAYS);
    println!("  {} requests in {:.1?}; after each part:", report.requests, report.took);
    for (kiosk, central) in &report.held {
        println!("  kiosk {:<34} central {}", shown(*kiosk), shown(*central));
    }
    report.check();
    println!();
}

fn shown(standing: Standing) -> String {
    let Standing { memory, threads, files } = standing;
    format!("{:.1} MB, {threads} threads, {files} files", memory as f64 / 1e6)
}
