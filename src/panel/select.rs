//! Whom a survey speaks of on a day, and who of them may be invited: [`select`], for the preview, the
//! draw and the simulation alike.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cap::{Caps, Held, Invited, load};
use super::member::Member;
use super::target::Target;

/// Members are promised 5 to 10 surveys a year: below this many invitations in a year somebody is left
/// out (design: "lists who is under 5").
pub const LOAD_MIN: usize = 5;

/// A member with their invitations so far, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    pub member: &'a Member,
    pub history: &'a [Invited],
}

/// A survey about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Its slug.
    pub survey: &'a str,
    pub target: &'a Target,
    pub caps: &'a Caps,
    pub day: Date,
}

/// What became of a list of members; they are named by their places in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those the survey is for.
    pub meant: Vec<usize>,
    /// Those of them who may be invited today.
    pub free: Vec<usize>,
    /// How many may not, and why.
    pub held: BTreeMap<Held, usize>,
    /// Those of `meant` with fewer than [`LOAD_MIN`] invitations in the year up to today.
    pub under: Vec<usize>,
}

/// Judges each of `members`.
pub fn select(members: &[Standing], occasion: Occasion) -> Selection {
    let Occasion { survey, target, caps, day } = occasion;
    let mut selection = Selection::default();
    for (at, Standing { member, history }) in members.iter().enumerate() {
        if !target.includes(member, day) {
            continue;
        }
        selection.meant.push(at);
        if load(history, day) < LOAD_MIN {
            selection.under.push(at);
        }
        match caps.judge(survey, &target.panels_of(member), history, day) {
            Ok(()) => selection.free.push(at),
            Err(held) => *selection.held.entry(held).or_default() += 1,
        }
    }
    selection
}

#[cfg(test)]
mod tests {
    use super::super::cap::Cap;
    use super::super::sample;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn tells_who_is_meant_who_is_free_and_why_others_are_not() {
        let (day, panels) = (date(2026, 11, 27), ["kbh".to_owned()]);
        let target = Target::read(&panels, Some("age >= 30")).expect("a target");
        let cap = Cap { max_per_year: 10, min_days_between: 14 };
        let caps = Caps([("kbh".to_owned(), cap)].into());
        let child = Member { birth_year: 2010, ..sample::member(0, &["kbh"]) };
        let other = sample::member(1, &["oesterbro"]);
        let asked = |survey: &str, day| vec![Invited { survey: survey.to_owned(), day }];
        let histories = [
            (&child, Vec::new()),
            (&other, Vec::new()),
            (&sample::member(2, &["kbh"]), Vec::new()),
            (&sample::member(3, &["kbh"]), asked("parks", date(2025, 1, 1))),
            (&sample::member(4, &["kbh"]), asked("baths", date(2026, 11, 20))),
            (
                &sample::member(5, &["kbh"]),
                (1..=5).flat_map(|month| asked("x", date(2026, month, 1))).collect(),
            ),
        ];
        let members: Vec<Standing> =
            histories.iter().map(|(member, history)| Standing { member, history }).collect();
        let occasion = Occasion { survey: "parks", target: &target, caps: &caps, day };
        let selection = select(&members, occasion);
        assert_eq!(selection.meant, [2, 3, 4, 5]);
        assert_eq!(selection.free, [2, 5]);
        assert_eq!(selection.under, [2, 3, 4]);
        assert_eq!(selection.held, [(Held::Before, 1), (Held::Lately, 1)].into());
    }
}
