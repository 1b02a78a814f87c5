//! Figures for docs/performance.md, each beside a floor measured in the same run: the machines are
//! noisy and shared, so ratios say more than rates.
//!
//! `cargo bench`, or `cargo bench -- posts` for one part.

mod building;
mod checking;
mod disclosure;
mod floor;
mod load;
mod posts;
#[path = "../../tests/suite/edge/real.rs"]
mod real;
mod rush;
#[path = "../../tests/suite/edge/siege.rs"]
mod siege;
#[path = "../../tests/suite/edge/soak.rs"]
mod soak;
mod start;
mod sync;
mod tallied;
mod trials;
mod weights;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| part == name);
    if is_wanted("build") {
        building::run();
    }
    if is_wanted("check") {
        checking::run();
    }
    if is_wanted("disclosure") {
        disclosure::run();
    }
    if is_wanted("posts") {
        posts::run();
    }
    if is_wanted("sync") {
        sync::run();
    }
    if is_wanted("rush") {
        rush::run();
    }
    if is_wanted("start") {
        start::run();
    }
    if is_wanted("tallied") {
        tallied::run();
    }
    if is_wanted("weights") {
        weights::run();
    }
    if is_wanted("siege") {
        trials::besiege();
    }
    if is_wanted("soak") {
        trials::soak();
    }
}
