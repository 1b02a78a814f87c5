//! What a disk that lost its power kept, held against what it had acknowledged.

use super::trail::{Found, SLOTS, Slot};

/// The judgement of one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the disk had acknowledged: the number noted, or what it kept itself proves.
    pub acknowledged: u64,
    /// Every number up to this one is there, at all its places.
    pub kept: u64,
    /// What is wrong, in sentences. Empty: the disk keeps its word.
    pub faults: Vec<String>,
}

/// Judges; `noted` is the number somebody saw, or 0.
pub fn judge(found: &Found, noted: u64) -> Judgement {
    let updated_to = updated_to(found);
    let database = &found.database;
    let kept = found.appended_to.min(updated_to).min(database.whole_to);
    // The steps of a number come one after the other, so a later step proves the earlier ones.
    let slots_highest = found.slots.iter().map(|slot| held(*slot)).max().unwrap_or(0);
    let proven = [
        database.highest,
        slots_highest.saturating_sub(1),
        found.appended_highest.saturating_sub(1),
    ];
    let acknowledged = proven.into_iter().fold(noted, u64::max);
    let mut faults = Vec::new();
    let places = [
        ("appended records", found.appended_to),
        ("records that were updated in place", updated_to),
        ("the database", database.whole_to),
    ];
    for (what, to) in places.into_iter().filter(|(_, to)| *to < acknowledged) {
        faults.push(format!("{what}: acknowledged up to {acknowledged}, kept up to {to}"));
    }
    if kept < acknowledged && noted <= kept {
        faults.push(
            "wrong order: something written later was kept, something acknowledged earlier was not"
                .to_owned(),
        );
    }
    // The one that was being written when the power went may be torn; no other.
    let is_in_flight = |slot: u64| slot == (kept + 1) % SLOTS;
    let torn =
        (0..).zip(&found.slots).filter(|(n, slot)| **slot == Slot::Torn && !is_in_flight(*n));
    for (slot, _) in torn {
        faults.push(format!("torn: slot {slot} holds neither the old record nor the new one"));
    }
    if let Some(unsound) = &database.unsound {
        faults.push(format!("the database is damaged: {unsound}"));
    }
    Judgement { acknowledged, kept, faults }
}

/// The last number up to which every slot holds what it must.
fn updated_to(found: &Found) -> u64 {
    (0..SLOTS)
        .map(|n| match found.slots.get(n as usize).copied().unwrap_or(Slot::Empty) {
            Slot::Number(number) => number + SLOTS - 1,
            // The first number that belongs here was not written.
            Slot::Empty => {
                if n == 0 {
                    SLOTS - 1
                } else {
                    n - 1
                }
            }
            // Its record was written to the log before.
            Slot::Torn => newest_here(n, found.appended_highest).saturating_sub(1),
        })
        .min()
        .unwrap_or(0)
}

/// The highest number up to `last` that belongs into slot `n`.
fn newest_here(n: u64, last: u64) -> u64 {
    last - (last + SLOTS - n) % SLOTS
}

fn held(slot: Slot) -> u64 {
    match slot {
        Slot::Number(number) => number,
        Slot::Empty | Slot::Torn => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trial::Remains;

    /// All three places up to `last`.
    fn honest(last: u64) -> Found {
        let newest = |n| match n {
            n if n > last || last == 0 => Slot::Empty,
            0 if last < SLOTS => Slot::Empty,
            n => Slot::Number(newest_here(n, last)),
        };
        Found {
            appended_to: last,
            appended_highest: last,
            slots: (0..SLOTS).map(newest).collect(),
            database: Remains { whole_to: last, highest: last, unsound: None },
        }
    }

    #[test]
    fn keeps_its_word_whichever_step_was_cut_off() {
        for last in [0, 1, 5, 63, 64, 65, 1000] {
            let clean = judge(&honest(last), last);
            assert_eq!((clean.kept, clean.faults.len()), (last, 0), "{last}: {clean:?}");
            let mut cut = honest(last);
            (cut.appended_to, cut.appended_highest) = (last + 1, last + 1);
            assert_eq!(judge(&cut, last).faults, Vec::<String>::new(), "{last}, appended");
            cut.slots[((last + 1) % SLOTS) as usize] = Slot::Torn;
            assert_eq!(judge(&cut, last).faults, Vec::<String>::new(), "{last}, torn");
            cut.slots[((last + 1) % SLOTS) as usize] = Slot::Number(last + 1);
            assert_eq!(judge(&cut, last).faults, Vec::<String>::new(), "{last}, updated");
        }
    }

    #[test]
    fn finds_what_is_missing_without_a_number_too() {
        let less = judge(&honest(90), 100);
        assert_eq!((less.acknowledged, less.kept, less.faults.len()), (100, 90, 3));
        // Each place alone has lost something that another one proves.
        let mut logless = honest(100);
        logless.appended_to = 80;
        let mut rowless = honest(100);
        rowless.database.whole_to = 80;
        let mut old = honest(100);
        old.slots[10] = Slot::Number(10);
        let mut torn = honest(100);
        torn.slots[50] = Slot::Torn;
        let mut unsound = honest(100);
        unsound.database.unsound = Some("row 3 missing from index".to_owned());
        for found in [logless, rowless, old, torn, unsound] {
            assert!(!judge(&found, 0).faults.is_empty(), "{found:?}");
        }
    }
}
