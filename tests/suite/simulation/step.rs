//! What can happen in a town, one thing at a time. A history is a list of these, made from a seed; any
//! part of it is a history, too, which is what makes shrinking possible: numbers count round.

use std::fmt;

use fastrand::Rng;

use super::fuse::Moment;

/// What a visitor leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Plain,
    /// With a private answer set apart.
    Private,
    /// Of a version that the centrals do not know yet.
    NewVersion,
    /// That no central can accept.
    Unsound,
    Signup,
    /// Sent twice by the browser.
    Twice,
    /// Under a uid that another content has already, at any kiosk.
    TakenUid,
}

/// What happens to one message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    Lost,
    ReplyLost,
    Twice,
    Truncated,
    /// A captive portal answers.
    Portal,
    /// It is taken for lost, and arrives some time later.
    Late,
    /// An earlier reply comes back instead.
    OldReply,
}

/// Where the power goes, after how many calls to the store, and when in the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    pub at_central: bool,
    pub calls: u32,
    pub moment: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Collect {
        kiosk: usize,
        forms: u8,
        sort: Sort,
    },
    /// The power goes as a form is stored, before or after it is on the disk.
    CollectCut {
        kiosk: usize,
        is_stored: bool,
    },
    Home {
        central: usize,
        is_taken: bool,
    },
    Sync {
        kiosk: usize,
        faults: Vec<Fault>,
        cut: Option<Cut>,
    },
    /// What was late arrives; what was on the line before comes again.
    Arrive {
        message: usize,
    },
    Replay {
        message: usize,
    },
    Export {
        kiosk: usize,
    },
    Import {
        file: usize,
        is_cut: bool,
    },
    Receipt {
        file: usize,
        kiosk: usize,
    },
    Restart {
        kiosk: usize,
    },
    CopyKiosk {
        kiosk: usize,
    },
    SetKioskBack {
        kiosk: usize,
    },
    Clone {
        kiosk: usize,
    },
    LoseRows {
        kiosk: usize,
        nth: usize,
        rows: usize,
    },
    Damage {
        kiosk: usize,
    },
    FillKiosk {
        kiosk: usize,
        is_full: bool,
    },
    FillCentral {
        central: usize,
        is_full: bool,
    },
    CopyCentral {
        central: usize,
    },
    SetCentralBack {
        central: usize,
    },
    BackUp {
        central: usize,
    },
    RestoreBackup {
        central: usize,
    },
    Register {
        central: usize,
    },
    KioskClock {
        kiosk: usize,
        seconds: i64,
    },
    CentralClock {
        central: usize,
        seconds: i64,
    },
    Revoke {
        kiosk: usize,
    },
    Enrol {
        kiosk: usize,
        is_renamed: bool,
        other_central: bool,
    },
    MixIn {
        kiosk: usize,
    },
}

impl Step {
    /// Which kiosk it is about, if it is about one.
    pub fn kiosk(&self) -> Option<usize> {
        let mut step = self.clone();
        step.kiosk_mut().copied()
    }

    /// The same at another kiosk.
    pub fn at_kiosk(mut self, number: usize) -> Step {
        if let Some(kiosk) = self.kiosk_mut() {
            *kiosk = number;
        }
        self
    }

    fn kiosk_mut(&mut self) -> Option<&mut usize> {
        match self {
            Step::Collect { kiosk, .. }
            | Step::CollectCut { kiosk, .. }
            | Step::Sync { kiosk, .. }
            | Step::Export { kiosk }
            | Step::Receipt { kiosk, .. }
            | Step::Restart { kiosk }
            | Step::CopyKiosk { kiosk }
            | Step::SetKioskBack { kiosk }
            | Step::Clone { kiosk }
            | Step::LoseRows { kiosk, .. }
            | Step::Damage { kiosk }
            | Step::FillKiosk { kiosk, .. }
            | Step::KioskClock { kiosk, .. }
            | Step::Revoke { kiosk }
            | Step::Enrol { kiosk, .. }
            | Step::MixIn { kiosk } => Some(kiosk),
            _ => None,
        }
    }
}

/// How many kinds of steps there are, and how often each comes of a hundred.
const WEIGHTS: [u32; 27] =
    [22, 3, 3, 22, 3, 3, 4, 5, 4, 1, 2, 2, 1, 2, 1, 1, 1, 2, 2, 3, 2, 2, 1, 1, 1, 2, 2];
/// Kinds that no town is without.
const ALWAYS: [usize; 2] = [0, 3];

/// Which kinds of steps a history has: not all have all, so that what comes of a few is seen too.
#[derive(Debug, Clone)]
struct Mix([u32; 27]);

impl Mix {
    fn new(rng: &mut Rng) -> Mix {
        let share = rng.f32();
        let mut weights = WEIGHTS;
        for (kind, weight) in weights.iter_mut().enumerate() {
            if !ALWAYS.contains(&kind) && rng.f32() > share {
                *weight = 0;
            }
        }
        Mix(weights)
    }

    fn pick(&self, rng: &mut Rng) -> usize {
        let mut at = rng.u32(..self.0.iter().sum::<u32>());
        let reaches = |weight: &u32| {
            let is_it = at < *weight;
            at = at.saturating_sub(*weight);
            is_it
        };
        self.0.iter().position(reaches).expect("below the sum")
    }
}

/// The history of a seed.
pub fn history(seed: u64) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed);
    let mix = Mix::new(&mut rng);
    let steps = rng.usize(6..36);
    (0..steps).map(|_| step(&mix, &mut rng)).collect()
}

fn step(mix: &Mix, rng: &mut Rng) -> Step {
    let (kiosk, central) = (rng.usize(..6), rng.usize(..2));
    let seconds = rng.i64(-40_000_000..40_000_000);
    match mix.pick(rng) {
        0 => Step::Collect { kiosk, forms: rng.u8(1..4), sort: sort(rng) },
        1 => Step::CollectCut { kiosk, is_stored: rng.bool() },
        2 => Step::Home { central, is_taken: rng.u8(..4) == 0 },
        3 => Step::Sync { kiosk, faults: faults(rng), cut: cut(rng) },
        4 => Step::Arrive { message: rng.usize(..8) },
        5 => Step::Replay { message: rng.usize(..8) },
        6 => Step::Export { kiosk },
        7 => Step::Import { file: rng.usize(..4), is_cut: rng.u8(..6) == 0 },
        8 => Step::Receipt { file: rng.usize(..4), kiosk },
        9 => Step::Restart { kiosk },
        10 => Step::CopyKiosk { kiosk },
        11 => Step::SetKioskBack { kiosk },
        12 => Step::Clone { kiosk },
        13 => Step::LoseRows { kiosk, nth: rng.usize(..8), rows: rng.usize(1..4) },
        14 => Step::Damage { kiosk },
        15 => Step::FillKiosk { kiosk, is_full: rng.u8(..3) > 0 },
        16 => Step::FillCentral { central, is_full: rng.u8(..3) > 0 },
        17 => Step::CopyCentral { central },
        18 => Step::SetCentralBack { central },
        19 => Step::BackUp { central },
        20 => Step::RestoreBackup { central },
        21 => Step::Register { central },
        22 => Step::KioskClock { kiosk, seconds },
        23 => Step::CentralClock { central, seconds },
        24 => Step::Revoke { kiosk },
        25 => Step::Enrol { kiosk, is_renamed: rng.u8(..3) == 0, other_central: rng.u8(..3) == 0 },
        _ => Step::MixIn { kiosk },
    }
}

fn sort(rng: &mut Rng) -> Sort {
    use Sort::*;
    let all = [Plain, Plain, Plain, Plain, Private, NewVersion, Unsound, Signup, Twice, TakenUid];
    all[rng.usize(..all.len())]
}

fn faults(rng: &mut Rng) -> Vec<Fault> {
    use Fault::*;
    let all = [None, None, None, Lost, ReplyLost, Twice, Truncated, Portal, Late, OldReply];
    match rng.u8(..3) {
        0 => (0..rng.usize(1..5)).map(|_| all[rng.usize(..all.len())]).collect(),
        _ => Vec::new(),
    }
}

fn cut(rng: &mut Rng) -> Option<Cut> {
    if rng.u8(..8) > 0 {
        return None;
    }
    let moment = match rng.u8(..4) {
        0 => Moment::Before,
        1 => Moment::After,
        _ => Moment::Within(rng.u32(..24)),
    };
    Some(Cut { at_central: rng.bool(), calls: rng.u32(..14), moment })
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Collect { kiosk, forms, sort } => {
                write!(f, "kiosk {kiosk} takes {forms} forms ({sort:?})")
            }
            Step::CollectCut { kiosk, is_stored: true } => {
                write!(f, "kiosk {kiosk} stores a form, and the power goes before it can say so")
            }
            Step::CollectCut { kiosk, is_stored: false } => {
                write!(f, "kiosk {kiosk} loses its power as it is about to store a form")
            }
            Step::Home { central, is_taken: false } => {
                write!(f, "somebody answers at home, at central {central}")
            }
            Step::Home { central, is_taken: true } => {
                write!(f, "central {central} gets an answer from a home under a kiosk's uid")
            }
            Step::Sync { kiosk, faults, cut } => write_sync(f, *kiosk, faults, cut.as_ref()),
            Step::Arrive { message } => write!(f, "late message {message} arrives"),
            Step::Replay { message } => write!(f, "batch {message} comes again"),
            Step::Export { kiosk } => write!(f, "kiosk {kiosk} writes a stick"),
            Step::Import { file, is_cut: false } => write!(f, "stick {file} is imported"),
            Step::Import { file, is_cut: true } => write!(f, "stick {file} is imported, cut off"),
            Step::Receipt { file, kiosk } => {
                write!(f, "kiosk {kiosk} is given receipt {file} on a stick")
            }
            Step::Restart { kiosk } => write!(f, "kiosk {kiosk} is started again"),
            Step::CopyKiosk { kiosk } => write!(f, "the disk of kiosk {kiosk} is copied"),
            Step::SetKioskBack { kiosk } => write!(f, "kiosk {kiosk} gets its old copy back"),
            Step::Clone { kiosk } => write!(f, "the card of kiosk {kiosk} is cloned"),
            Step::LoseRows { kiosk, nth, rows } => {
                write!(f, "the disk of kiosk {kiosk} loses {rows} rows from its {nth}th on")
            }
            Step::Damage { kiosk } => {
                write!(f, "the database of kiosk {kiosk} is damaged and set aside")
            }
            Step::FillKiosk { kiosk, is_full: true } => {
                write!(f, "the disk of kiosk {kiosk} is full")
            }
            Step::FillKiosk { kiosk, is_full: false } => write!(f, "kiosk {kiosk} has room"),
            Step::FillCentral { central, is_full: true } => {
                write!(f, "the disk of central {central} is full")
            }
            Step::FillCentral { central, is_full: false } => {
                write!(f, "central {central} has room")
            }
            Step::CopyCentral { central } => write!(f, "central {central} is copied"),
            Step::SetCentralBack { central } => {
                write!(f, "central {central} gets its old copy back")
            }
            Step::BackUp { central } => write!(f, "central {central} is backed up"),
            Step::RestoreBackup { central } => {
                write!(f, "central {central} is restored from its newest backup")
            }
            Step::Register { central } => {
                write!(f, "central {central} learns of the new version")
            }
            Step::KioskClock { kiosk, seconds } => {
                write!(f, "the clock of kiosk {kiosk} jumps by {seconds} s")
            }
            Step::CentralClock { central, seconds } => {
                write!(f, "the clock of central {central} jumps by {seconds} s")
            }
            Step::Revoke { kiosk } => write!(f, "kiosk {kiosk} is revoked"),
            Step::Enrol { kiosk, is_renamed, other_central } => {
                let name = if *is_renamed { " under a new name" } else { "" };
                let place = if *other_central { " at the other central" } else { "" };
                write!(f, "kiosk {kiosk} is enrolled again{name}{place}")
            }
            Step::MixIn { kiosk } => write!(f, "kiosk {kiosk} mixes its private records in"),
        }
    }
}

fn write_sync(
    f: &mut fmt::Formatter<'_>,
    kiosk: usize,
    faults: &[Fault],
    cut: Option<&Cut>,
) -> fmt::Result {
    write!(f, "kiosk {kiosk} sends")?;
    if !faults.is_empty() {
        write!(f, ", on the way: {faults:?}")?;
    }
    if let Some(Cut { at_central, calls, moment }) = cut {
        let whose = if *at_central { "the central's" } else { "its" };
        write!(f, ", {whose} power goes after {calls} calls to the store, {moment:?} the next")?;
    }
    Ok(())
}
