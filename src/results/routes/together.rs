//! What several routes tell of one question that they lead from. Each of them tells how many gave some of its
//! answers; two of them also tell by how many those differ, and all of them how many gave none.

use super::{Frame, Look, Lost, Side, Stage};
use crate::results::bounds::counts_of;
use crate::results::item::Person;
use crate::results::table::{Released, Table};
use crate::survey::model::Survey;

/// Worlds are looked for in so many steps; those that take longer count as not found.
const STEPS_MAX: usize = 50_000;

/// A row of the leading question: by route, whether it is asked of those in it.
type Sides = Vec<Side>;

/// Of the first item that, with those before it, tells of a question that leads to them all.
pub(super) fn lost(
    survey: &Survey,
    stages: &[Stage],
    people: &[Person],
    frame: Frame,
) -> Vec<Lost> {
    let mut lost = vec![Lost::default(); stages.len()];
    let looks: Vec<Option<Look>> =
        stages.iter().map(|own| Look::of(survey, stages, people, frame, own)).collect();
    for at in 0..stages.len() {
        let Some(own) = &looks[at] else { continue };
        let found = Together::of(own, &looks[..at]).map(|together| together.lost());
        if let Some(found) = found.filter(|found| !found.is_none()) {
            lost[at] = found;
            break;
        }
    }
    lost
}

/// Items behind different answers of one question: each is asked for what that one was answered, and for
/// nothing else.
struct Together<'a> {
    lead: &'a Stage<'a>,
    /// The last of them is the one that may be lost.
    routes: Vec<&'a Look<'a>>,
    /// By row of the lead and choice in it: the sides, and how many gave it.
    rows: Vec<Vec<(Sides, usize)>>,
    /// By route: whether who left the lead open is asked.
    asks_open: Vec<bool>,
}

impl<'a> Together<'a> {
    fn of(own: &'a Look<'a>, before: &'a [Option<Look<'a>>]) -> Option<Together<'a>> {
        let lead = own.only_lead()?;
        let mut routes: Vec<&Look> = Vec::new();
        for one in before.iter().flatten().chain([own]) {
            let is_of_it = one.only_lead().is_some_and(|other| std::ptr::eq(other, lead));
            let is_own = std::ptr::eq(one, own);
            let is_like = |other: &&Look| other.is_alike(one.own);
            if is_of_it && (is_own || !own.is_alike(one.own)) && !routes.iter().any(is_like) {
                routes.push(one);
            }
        }
        let (mut sides, mut asks_open) = (Vec::new(), Vec::new());
        for one in &routes {
            let route = one.route(one.own.item)?;
            asks_open.push(route.asks(one.survey, lead.item, None));
            sides.push(one.sides(&route, true, lead));
        }
        let row = |row: usize| {
            let choices = 0..lead.pattern.choices[row].len();
            let of = |choice: usize| {
                let all = sides.iter().map(|own| own[row][choice].0);
                (all.collect(), sides[0][row][choice].1)
            };
            choices.map(of).collect()
        };
        let is_known = routes.len() > 1 && sides.iter().all(|own| !own.is_empty());
        let rows = 0..lead.pattern.choices.len();
        is_known.then(|| Together { lead, rows: rows.map(row).collect(), routes, asks_open })
    }

    fn own(&self) -> &Look<'a> {
        self.routes[self.routes.len() - 1]
    }

    fn lost(&self) -> Lost {
        let all = Lost { variables: Vec::new(), is_all: true };
        if self.is_hidden_told() || self.is_open_told(0, 0) {
            return all;
        }
        let tables = self.own().own.pattern.tables.iter().enumerate();
        let is_lost = |(at, table): &(usize, &Table<Released>)| {
            table.variable.is_some()
                && (0..table.groups.len()).any(|group| self.is_open_told(*at, group))
        };
        let variables = tables.filter(is_lost).filter_map(|(_, table)| table.variable).collect();
        Lost { variables, is_all: false }
    }

    /// Whether a hidden cell of the lead would be known: another one that all routes treat alike has to be there
    /// to take its people. So do a few people in a row of choices that some route tells apart.
    fn is_hidden_told(&self) -> bool {
        let least = self.own().frame.least;
        let total = &self.lead.pattern.tables[0];
        if total.is_whole(0) {
            let is_part_small = |row: &Vec<(Sides, usize)>| {
                let of = |sides: &Sides| -> usize {
                    row.iter().filter(|one| one.0 == *sides).map(|one| one.1).sum()
                };
                row.iter().any(|one| one.0 != row[0].0) && row.iter().any(|one| of(&one.0) < least)
            };
            return self.rows.iter().any(is_part_small);
        }
        let people = |row: usize| self.rows[row].iter().map(|one| one.1).sum::<usize>();
        let sides = |row: usize| &self.rows[row][0].0;
        let hidden: Vec<usize> =
            (0..self.rows.len()).filter(|row| !total.is_shown(0, *row, 0)).collect();
        let has_partner = |row: &usize| {
            hidden.iter().any(|other| {
                other != row
                    && sides(*other) == sides(*row)
                    && people(*row) + people(*other) >= least
            })
        };
        !hidden.iter().all(has_partner) || self.own().is_lone(sides, self.lead)
    }

    /// Whether the numbers asked tell, beside the lead's percents, how many of a group left the lead open, where
    /// they are few.
    fn is_open_told(&self, table: usize, group: usize) -> bool {
        let own = self.own();
        let least = own.frame.least as u32;
        let place = &own.own.pattern.tables[table];
        let same = |one: &Stage| {
            let tables = one.pattern.tables.iter().enumerate();
            tables.filter(|(_, one)| one.variable == place.variable).find_map(|(at, one)| {
                let group = one.groups.iter().position(|ids| *ids == place.groups[group])?;
                Some((at, group))
            })
        };
        let is_clear = |row: &Vec<(Sides, usize)>| {
            row.iter().all(|one| one.0 == row[0].0 && !one.0.contains(&Side::Both))
        };
        let Some(theirs) = same(self.lead) else { return false };
        let (people, open) = own.open(self.lead, theirs);
        if self.lead.required
            || !self.rows.iter().all(is_clear)
            || open >= least
            || people < 2 * least
        {
            return false;
        }
        // Who was asked what: by route that is told of this group.
        let mut asked: Vec<(usize, Vec<u32>)> = Vec::new();
        for (at, one) in self.routes.iter().enumerate() {
            if let Some((table, group)) = same(one.own) {
                asked.push((at, one.asked(table, group)));
            }
        }
        if asked.iter().any(|(_, asked)| asked.is_empty()) {
            return false;
        }
        let may = |open: u32| self.has_world(theirs, people, open, &asked);
        !may(0) || !(least..own.open_end(self.lead)).any(may)
    }

    fn has_world(
        &self,
        (table, group): (usize, usize),
        people: u32,
        open: u32,
        asked: &[(usize, Vec<u32>)],
    ) -> bool {
        let Some(answered) = people.checked_sub(open) else { return false };
        let base = if self.own().frame.is_weighted { people } else { answered };
        let percents = &self.lead.secret.tables[table].percents[0];
        // Rows that all routes treat alike are one.
        let mut classes: Vec<(&Sides, u32, u32)> = Vec::new();
        for (row, own) in self.rows.iter().enumerate() {
            let (low, high) = match percents[row][group] {
                Some(percent) => counts_of(percent, base),
                None => (0, answered),
            };
            if low > high {
                return false;
            }
            match classes.iter_mut().find(|class| *class.0 == own[0].0) {
                Some(class) => (class.1, class.2) = (class.1 + low, class.2 + high),
                None => classes.push((&own[0].0, low, high)),
            }
        }
        let told = asked.iter().map(|(route, numbers)| {
            let in_it = classes.iter().map(|class| class.0[*route] == Side::Asked);
            let plus = if self.asks_open[*route] { open } else { 0 };
            (in_it.collect(), plus, numbers.as_slice())
        });
        let told: Vec<(Vec<bool>, u32, &[u32])> = told.collect();
        let ranges: Vec<(u32, u32)> = classes.iter().map(|class| (class.1, class.2)).collect();
        let mut steps = STEPS_MAX;
        fill(&ranges, answered, &mut Vec::new(), &told, &mut steps)
    }
}

/// Whether numbers in the ranges add up to `left`, and those of each route to one that it may have asked.
fn fill(
    ranges: &[(u32, u32)],
    left: u32,
    found: &mut Vec<u32>,
    told: &[(Vec<bool>, u32, &[u32])],
    steps: &mut usize,
) -> bool {
    let Some((low, high)) = ranges.get(found.len()) else {
        let fits = |(in_it, plus, numbers): &(Vec<bool>, u32, &[u32])| {
            let own = found.iter().zip(in_it).filter(|(_, is_in)| **is_in).map(|(one, _)| one);
            numbers.binary_search(&(own.sum::<u32>() + plus)).is_ok()
        };
        return left == 0 && told.iter().all(fits);
    };
    let after = &ranges[found.len() + 1..];
    let (least, most) =
        after.iter().fold((0, 0), |sums, range| (sums.0 + range.0, sums.1 + range.1));
    let low = (*low).max(left.saturating_sub(most));
    let high = (*high).min(left.saturating_sub(least));
    for number in low..=high {
        if *steps == 0 || left < least {
            return false;
        }
        *steps -= 1;
        found.push(number);
        if fill(ranges, left - number, found, told, steps) {
            return true;
        }
        found.pop();
    }
    false
}
