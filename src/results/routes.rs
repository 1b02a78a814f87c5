//! What a routed question's figures tell of the question that leads to it. How many were asked is the number of
//! those who gave the answers that lead there: with whole percents of a small base it is known exactly, however
//! the number itself is rounded.
//!
//! 1. [`unrouted`]: where nearly everybody was asked, those who were not are counted among those who left the
//!    question open, who are protected like any other row.
//! 2. [`lost`]: else a table stands only where fewer than a handful in no group were, or were not, asked, and
//!    where the leading questions' own tables hide nothing that the number would find.

mod crossed;
mod together;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::from_str;

use super::bounds::{counts_of, rounded};
use super::item::{Given, Item, Person, Shape};
use super::pattern::Pattern;
use super::protect::Secret;
use super::table::{Kind, Released, Table};
use super::tabulate::{Offer, reason, skips};
use crate::response::evaluate::{Context, holds_of};
use crate::response::targets::Variable;
use crate::survey::answer::{Answer, Answers};
use crate::survey::condition::{Condition, Operand};
use crate::survey::model::{Choice, Question, Survey};

/// Fewer than so many who were not asked are counted as having left it open: as many as may leave a question
/// open without its base telling of them.
const NEARLY_ALL: usize = 10;

/// An item as it is counted: no longer routed where nearly everybody was asked.
pub fn unrouted(item: &Item) -> Cow<'_, Item> {
    let not_asked = item.given.iter().filter(|given| !given.is_asked()).count();
    if !item.routed || not_asked >= NEARLY_ALL {
        return Cow::Borrowed(item);
    }
    let open = |given: &Given| if given.is_asked() { given.clone() } else { Given::Open };
    let given = item.given.iter().map(open).collect();
    Cow::Owned(Item { routed: false, given, ..item.clone() })
}

/// Whether the survey leads to an item, or past it.
pub fn is_routed(survey: &Survey, item: &Item) -> bool {
    let route = Route::of(survey, &item.question, item.row.as_deref());
    route.is_some_and(|route| !route.conditions.is_empty() || !route.skips.is_empty())
}

/// Whether a choice that only some could choose tells of them: its share of all is known to be theirs, and all
/// but a few of them chose it; or nobody can say.
pub fn is_told(item: &Item, offers: &[Offer], least: u32) -> bool {
    let answered = item.given.iter().filter(|given| given.is_answered()).count() as u32;
    let few = least + answered / 100;
    let own = offers.iter().filter(|one| one.question == item.question && one.row == item.row);
    let is_few = |shown: u32, chosen: u32| shown > 0 && shown.saturating_sub(chosen) < few;
    own.into_iter().any(|one| one.shown.is_none_or(|shown| is_few(shown, one.chosen)))
}

/// An item on its way to being published.
pub struct Stage<'a> {
    pub item: &'a Item,
    pub pattern: &'a Pattern,
    pub secret: &'a Secret,
    pub required: bool,
}

/// What of an item may not be published, as it would tell of a question that leads to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost {
    pub variables: Vec<Variable>,
    pub is_all: bool,
}

impl Lost {
    pub fn is_none(&self) -> bool {
        *self == Lost::default()
    }
}

/// By item.
pub fn lost(survey: &Survey, stages: &[Stage], people: &[Person], frame: Frame) -> Vec<Lost> {
    let look = |own| Look::of(survey, stages, people, frame, own);
    let lost = |own| look(own).map_or_else(Lost::default, |look| look.lost());
    let each: Vec<Lost> = stages.iter().map(lost).collect();
    match each.iter().all(Lost::is_none) {
        true => together::lost(survey, stages, people, frame),
        false => each,
    }
}

/// How the survey is counted.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub is_weighted: bool,
    /// Fewer people than this in a cell are hidden.
    pub least: usize,
}

/// A question, or a row of one, whose answers decide who is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Lead {
    question: String,
    row: Option<String>,
}

impl Lead {
    fn is(&self, item: &Item) -> bool {
        let same_row = self.row.is_none() || item.row.is_none() || self.row == item.row;
        self.question == item.question && same_row
    }
}

/// The conditions and skips that decide whether an item is asked.
struct Route<'a> {
    conditions: Vec<&'a Condition>,
    skips: Vec<(&'a Question, &'a Choice)>,
}

impl<'a> Route<'a> {
    fn of(survey: &'a Survey, question: &str, row: Option<&str>) -> Option<Route<'a>> {
        let is_it = |one: &&Question| one.id == question;
        let (at, page, question) = survey.pages.iter().enumerate().find_map(|(at, page)| {
            page.questions.iter().find(is_it).map(|question| (at, page, question))
        })?;
        let row = question.rows.iter().find(|one| row == Some(one.id.as_str()));
        let conditions = [
            page.condition.as_ref(),
            question.condition.as_ref(),
            row.and_then(|row| row.condition.as_ref()),
        ];
        let skips = skips(survey, at, question).collect();
        Some(Route { conditions: conditions.into_iter().flatten().collect(), skips })
    }

    /// The questions that have figures, of which something is asked here.
    fn leads(&self, survey: &Survey) -> BTreeSet<Lead> {
        let asked = self.conditions.iter().flat_map(|condition| condition.operands());
        let conditions = asked.filter_map(|operand| match operand {
            Operand::Q(id) | Operand::Count(id) => Some(Lead { question: id, row: None }),
            Operand::Row([id, row]) => Some(Lead { question: id, row: Some(row) }),
            Operand::Builtin(_) => None,
        });
        let skips = self.skips.iter().map(|(one, _)| Lead { question: one.id.clone(), row: None });
        let has_figures = |lead: &Lead| {
            survey.question(&lead.question).is_some_and(|question| reason(question).is_none())
        };
        conditions.chain(skips).filter(has_figures).collect()
    }

    /// Whether it also depends on who somebody is, otherwise than the question that leads here does: of how
    /// many the leading answers are is then not known from that question.
    fn is_of_some(&self, survey: &Survey, lead: &Route) -> bool {
        let is_background = |id: &str| survey.question(id).is_some_and(|one| one.maps.is_some());
        let is_who = |operand: &Operand| match operand {
            Operand::Builtin(_) => true,
            Operand::Q(id) | Operand::Row([id, _]) | Operand::Count(id) => is_background(id),
        };
        let other = |condition: &&&Condition| {
            condition.operands().iter().any(is_who) && !lead.conditions.contains(*condition)
        };
        let is_same =
            |choice: &Choice| lead.skips.iter().any(|(_, one)| std::ptr::eq(*one, choice));
        let mut skips = self.skips.iter();
        self.conditions.iter().any(|condition| other(&condition))
            || skips.any(|(one, choice)| one.maps.is_some() && !is_same(choice))
    }

    /// Whether somebody who was asked the lead, and gave this answer or none, is asked; nothing else may lead
    /// here.
    fn asks(&self, survey: &Survey, lead: &Item, code: Option<&str>) -> bool {
        let (answers, context) = (answers_of(survey, lead, code), context());
        let is_skip = |(one, choice): &(&Question, &Choice)| {
            one.id == lead.question && code == Some(choice.id.as_str())
        };
        self.conditions.iter().all(|one| holds_of(survey, &answers, &context, one))
            && !self.skips.iter().any(is_skip)
    }
}

/// What depends on a day or a channel is not asked after here.
fn context() -> Context {
    Context { today: String::new(), channel: String::new() }
}

/// The answers of whoever gave this one to a question, or none.
fn answers_of(survey: &Survey, lead: &Item, code: Option<&str>) -> Answers {
    let kind = survey.question(&lead.question).map(|one| one.kind.rules().name());
    let answer = match (code, &lead.row, kind) {
        (None, ..) => Answer::Unanswered,
        (Some(code), Some(row), _) => {
            Answer::Rows([(row.clone(), code.to_owned())].into_iter().collect())
        }
        (Some(code), None, Some("scale")) => {
            from_str(code).map_or(Answer::Unanswered, Answer::Number)
        }
        (Some(code), None, _) => Answer::Text(code.to_owned()),
    };
    Answers::from([(lead.question.clone(), answer)])
}

/// Whether those in a row of a leading question were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Asked,
    NotAsked,
    /// Some were, or nobody can say.
    Both,
}

/// One routed item, and what may lead to it.
struct Look<'a> {
    survey: &'a Survey,
    stages: &'a [Stage<'a>],
    people: &'a [Person],
    frame: Frame,
    own: &'a Stage<'a>,
    /// Those that the same people were asked, it included.
    alike: Vec<&'a Stage<'a>>,
}

impl<'a> Look<'a> {
    /// None of an item without a route, or of which nothing is shown.
    fn of(
        survey: &'a Survey,
        stages: &'a [Stage<'a>],
        people: &'a [Person],
        frame: Frame,
        own: &'a Stage<'a>,
    ) -> Option<Look<'a>> {
        let is_shown = |one: &&Stage| one.item.routed && !one.pattern.tables.is_empty();
        let mut look = Look { survey, stages, people, frame, own, alike: Vec::new() };
        let alike = stages.iter().filter(is_shown).filter(|other| look.is_alike(other));
        look.alike = alike.collect();
        is_shown(&own).then_some(look)
    }

    /// Whether the same people were asked another item.
    fn is_alike(&self, other: &Stage) -> bool {
        let mut both = self.own.item.given.iter().zip(&other.item.given);
        both.all(|(one, other)| one.is_asked() == other.is_asked())
    }

    /// The one question that leads here, if it is one.
    fn only_lead(&self) -> Option<&'a Stage<'a>> {
        let leads = self.route(self.own.item)?.leads(self.survey);
        let lead = leads.first().filter(|_| leads.len() == 1)?;
        self.stages.iter().find(|one| lead.is(one.item) && !one.pattern.tables.is_empty())
    }

    fn lost(&self) -> Lost {
        let Some(route) = self.route(self.own.item) else { return Lost::default() };
        let direct = route.leads(self.survey);
        let mut lost = Lost::default();
        let mut leads = |all: &BTreeSet<Lead>, is_direct: bool| {
            for lead in self.stages.iter().filter(|one| all.iter().any(|own| own.is(one.item))) {
                let found = self.told(&route, direct.len() == 1, lead, is_direct);
                lost.is_all |= found.is_all;
                lost.variables.extend(found.variables);
            }
        };
        leads(&direct, true);
        leads(&self.behind(&direct), false);
        lost.variables.sort_unstable();
        lost.variables.dedup();
        lost
    }

    fn route(&self, item: &Item) -> Option<Route<'a>> {
        Route::of(self.survey, &item.question, item.row.as_deref())
    }

    /// What leads to the leads, and so on.
    fn behind(&self, direct: &BTreeSet<Lead>) -> BTreeSet<Lead> {
        let (mut found, mut next) = (direct.clone(), direct.clone());
        while let Some(lead) = next.pop_first() {
            let route = Route::of(self.survey, &lead.question, lead.row.as_deref());
            let leads = route.map_or_else(BTreeSet::new, |route| route.leads(self.survey));
            next.extend(leads.iter().filter(|one| !found.contains(one)).cloned());
            found.extend(leads);
        }
        &found - direct
    }

    /// The item's tables by groups.
    fn tables(&self) -> impl Iterator<Item = &Table<Released>> {
        self.own.pattern.tables.iter().filter(|table| table.variable.is_some())
    }

    /// What the number of those asked tells of one question that leads here.
    fn told(&self, route: &Route, is_alone: bool, lead: &Stage, is_direct: bool) -> Lost {
        let all = Lost { variables: Vec::new(), is_all: true };
        let Some(total) = lead.pattern.tables.first() else { return all };
        let is_of_some = is_direct
            && self.route(lead.item).is_some_and(|lead| route.is_of_some(self.survey, &lead));
        let sides = self.sides(route, is_alone && is_direct, lead);
        if is_of_some
            || is_direct && self.passed_over(lead, total, 0) < NEARLY_ALL
            || is_direct && self.is_crossed(route, lead, total, 0)
            || self.is_total_told(&sides, lead)
            || is_direct && self.is_open_told(route, is_alone, &sides, lead, (0, 0), (0, 0))
        {
            return all;
        }
        let is_split = (0..sides.len()).any(|row| is_split(&sides[row]));
        let is_lost = |table: &&Table<Released>| {
            let place = lead.pattern.tables.iter().position(|one| one.variable == table.variable);
            let Some(theirs) = place else { return true };
            let few = |group: &usize| self.passed_over(lead, table, *group) < self.frame.least;
            let whole = &lead.pattern.tables[theirs];
            let open = |group: &usize| {
                let same = whole.groups.iter().position(|one| *one == table.groups[*group]);
                let mine = self.place_of(table);
                same.is_some_and(|same| {
                    let (own, lead_at) = ((mine, *group), (theirs, same));
                    self.is_open_told(route, is_alone, &sides, lead, own, lead_at)
                })
            };
            let groups = 0..table.groups.len();
            is_split
                || (0..whole.groups.len()).any(|group| !whole.is_whole(group))
                || is_direct && self.is_rest_told(lead, table)
                || is_direct && groups.clone().any(|one| self.is_crossed(route, lead, table, one))
                || is_direct && groups.clone().any(|group| few(&group) || open(&group))
        };
        let variables = self.tables().filter(is_lost).filter_map(|table| table.variable).collect();
        Lost { variables, is_all: false }
    }

    fn place_of(&self, table: &Table<Released>) -> usize {
        let tables = &self.own.pattern.tables;
        tables.iter().position(|one| one.variable == table.variable).unwrap_or_default()
    }

    /// How many of a group were asked the leading question, and not this one.
    fn passed_over(&self, lead: &Stage, table: &Table<Released>, group: usize) -> usize {
        let both = self.own.item.given.iter().zip(&lead.item.given);
        let passed = both.zip(self.people).filter(|((own, lead), person)| {
            !own.is_asked() && lead.is_asked() && table.has(person, Some(group))
        });
        passed.count()
    }

    /// By row of the lead's pattern and choice in it: who was asked, and how many gave it.
    fn sides(&self, route: &Route, is_alone: bool, lead: &Stage) -> Vec<Vec<(Side, usize)>> {
        if !matches!(lead.item.shape, Shape::Single | Shape::Ordered) {
            return Vec::new();
        }
        let counted = |id: &str| {
            let place = lead.item.choices.iter().position(|one| one.id == id);
            let mut counts = (0, 0);
            for (own, given) in self.own.item.given.iter().zip(&lead.item.given) {
                let is_in = matches!(given, Given::One(at) if Some(*at) == place);
                counts.0 += usize::from(is_in && own.is_asked());
                counts.1 += usize::from(is_in && !own.is_asked());
            }
            counts
        };
        let of = |id: &str| {
            let (asked, passed) = counted(id);
            let side = match (asked, passed) {
                (1.., 0) => Side::Asked,
                (0, 1..) => Side::NotAsked,
                (0, 0) if is_alone && route.asks(self.survey, lead.item, Some(id)) => Side::Asked,
                (0, 0) if is_alone => Side::NotAsked,
                _ => Side::Both,
            };
            (side, asked + passed)
        };
        let rows = lead.pattern.choices.iter();
        rows.map(|row| row.iter().map(|choice| of(&choice.id)).collect()).collect()
    }

    /// Whether a hidden cell of the lead's total would be known to be small, or not to be, for whoever knows
    /// exactly how many were asked: another hidden cell of the same side has to be there to take its people.
    fn is_total_told(&self, sides: &[Vec<(Side, usize)>], lead: &Stage) -> bool {
        let total = &lead.pattern.tables[0];
        if !matches!(lead.item.shape, Shape::Single | Shape::Ordered) {
            return !total.is_whole(0);
        }
        let is_hidden = |row: usize| !total.is_shown(0, row, 0);
        let is_part_small = |row: &Vec<(Side, usize)>| {
            let of = |side| row.iter().filter(|one| one.0 == side).map(|one| one.1).sum::<usize>();
            is_split(row) && of(Side::Asked).min(of(Side::NotAsked)) < self.frame.least
        };
        if total.is_whole(0) {
            return sides.iter().any(is_part_small);
        }
        let people = |row: usize| sides[row].iter().map(|one| one.1).sum::<usize>();
        let side = |row: usize| sides[row][0].0;
        let rows: Vec<usize> = (0..sides.len()).filter(|row| is_hidden(*row)).collect();
        let has_partner = |row: &usize| {
            rows.iter().any(|other| {
                other != row
                    && side(*other) == side(*row)
                    && people(*row) + people(*other) >= self.frame.least
            })
        };
        let is_clear = |row: &Vec<(Side, usize)>| !is_split(row) && row[0].0 != Side::Both;
        !sides.iter().all(is_clear) || !rows.iter().all(has_partner) || self.is_lone(side, lead)
    }

    /// Whether in a group of any table of the lead a hidden cell has no other of its side beside it.
    fn is_lone<S: PartialEq>(&self, side: impl Fn(usize) -> S, lead: &Stage) -> bool {
        let tables = lead.pattern.tables.iter();
        let mut groups =
            tables.flat_map(|table| (0..table.groups.len()).map(move |at| (table, at)));
        groups.any(|(table, group)| {
            let rows = 0..lead.pattern.choices.len();
            let hidden: Vec<usize> = rows.filter(|row| !table.is_shown(0, *row, group)).collect();
            let is_alone = |row: &usize| {
                !hidden.iter().any(|other| other != row && side(*other) == side(*row))
            };
            hidden.iter().any(is_alone)
        })
    }

    /// So many, or more, have not left the lead open for all that its number of answers says: that of a few is
    /// the number of all.
    fn open_end(&self, lead: &Stage) -> u32 {
        let (_, open) = self.open(lead, (0, 0));
        let few = NEARLY_ALL as u32;
        if open < few { few } else { few + self.frame.least as u32 }
    }

    /// How many of a group of the lead's were asked it, and left it open.
    fn open(&self, lead: &Stage, (table, group): (usize, usize)) -> (u32, u32) {
        let theirs = &lead.pattern.tables[table];
        let here = self.people.iter().zip(&lead.item.given);
        let here =
            here.filter(|(person, given)| given.is_asked() && theirs.has(person, Some(group)));
        here.fold((0, 0), |(people, open), (_, given)| {
            (people + 1, open + u32::from(!given.is_answered()))
        })
    }

    /// Whether the number asked tells, beside the lead's percents, how many left the lead open where they are
    /// few: percents are of those who answered, or a row of their own is what the others leave.
    fn is_open_told(
        &self,
        route: &Route,
        is_alone: bool,
        sides: &[Vec<(Side, usize)>],
        lead: &Stage,
        own: (usize, usize),
        (table, group): (usize, usize),
    ) -> bool {
        let is_clear =
            !sides.is_empty() && sides.iter().all(|row| !is_split(row) && row[0].0 != Side::Both);
        if lead.required || !is_alone || !is_clear {
            return false;
        }
        let (people, open) = self.open(lead, (table, group));
        let least = self.frame.least as u32;
        if open >= least || people < 2 * least {
            return false;
        }
        let asked = self.asked(own.0, own.1);
        let asks_open = route.asks(self.survey, lead.item, None);
        let percents = &lead.secret.tables[table].percents[0];
        let fits = |open: u32, asked: u32| {
            let answered = people - open;
            let base = if self.frame.is_weighted { people } else { answered };
            let (mut low, mut high) = ([0; 2], [0; 2]);
            for (row, own) in sides.iter().enumerate() {
                let (least, most) = match percents[row][group] {
                    Some(percent) => counts_of(percent, base),
                    None => (0, answered),
                };
                if least > most {
                    return false;
                }
                let at = usize::from(own[0].0 == Side::NotAsked);
                low[at] += least;
                high[at] += most;
            }
            let of_answers = if asks_open { asked.checked_sub(open) } else { Some(asked) };
            let rest = of_answers.and_then(|yes| answered.checked_sub(yes));
            of_answers.zip(rest).is_some_and(|(yes, no)| {
                (low[0]..=high[0]).contains(&yes) && (low[1]..=high[1]).contains(&no)
            })
        };
        let may = |open: u32| asked.iter().any(|&asked| fits(open, asked));
        !asked.is_empty() && (!may(0) || !(least..self.open_end(lead)).any(may))
    }

    /// How many may have been asked, for all that this item and those with the same route say of it.
    fn asked(&self, table: usize, group: usize) -> Vec<u32> {
        let own = &self.own.pattern.tables[table];
        let people =
            self.people.iter().filter(|person| own.has(person, Some(group))).count() as u32;
        let mut asked: Vec<u32> = (0..=people).collect();
        for other in &self.alike {
            let find = |one: &Table<Released>| {
                let group = one.groups.iter().position(|ids| *ids == own.groups[group])?;
                (one.variable == own.variable).then_some(group)
            };
            let places = other.pattern.tables.iter().enumerate();
            let found = places.filter_map(|(at, one)| find(one).map(|group| (at, group))).next();
            let Some((at, group)) = found else { continue };
            asked.retain(|&asked| self.allows(other, at, group, people, asked));
        }
        asked
    }

    fn allows(&self, item: &Stage, table: usize, group: usize, people: u32, asked: u32) -> bool {
        let own = &item.pattern.tables[table];
        let n = own.n(group);
        if own.variable.is_none() && !item.required {
            // Of everybody it is said how many answered; that many were asked, and a few more.
            let least = n.saturating_sub(5).min(people.saturating_sub(NEARLY_ALL as u32 - 1));
            return (least..n + 5 + NEARLY_ALL as u32).contains(&asked);
        }
        if rounded(asked, people) != n {
            return false;
        }
        // Whoever left it open is in the base where people are weighted, and else in none.
        if !item.required && !self.frame.is_weighted {
            return true;
        }
        let may_be_empty = !item.required || matches!(item.item.shape, Shape::Ranking { .. });
        item.pattern.parts().iter().enumerate().all(|(part, kind)| {
            let rows = item.secret.tables[table].percents[part].iter();
            let counts = rows.map(|row| match row[group] {
                Some(percent) => counts_of(percent, asked),
                None => (0, asked),
            });
            let counts: Vec<(u32, u32)> = counts.collect();
            let low: u32 = counts.iter().map(|one| one.0).sum();
            let high: u32 = counts.iter().map(|one| one.1).sum();
            counts.iter().all(|(low, high)| low <= high)
                && (kind.kind == Kind::Multiple || low <= asked && (may_be_empty || high >= asked))
        })
    }

    /// Whether the total less the groups tells of those in no group that few of them were asked, or were not.
    fn is_rest_told(&self, lead: &Stage, table: &Table<Released>) -> bool {
        let at = self.place_of(table);
        let both = self.own.item.given.iter().zip(&lead.item.given);
        let (mut people, mut asked) = (0, 0);
        for ((own, lead), person) in both.zip(self.people) {
            let is_in = lead.is_asked() && table.has(person, None);
            people += u32::from(is_in);
            asked += u32::from(is_in && own.is_asked());
        }
        if people == 0 {
            return false;
        }
        let range = |asked: &[u32]| (asked.first().copied(), asked.last().copied());
        let (Some(low), Some(high)) = range(&self.asked(0, 0)) else { return true };
        let (mut least, mut most) = (0, 0);
        for group in 0..table.groups.len() {
            let (Some(low), Some(high)) = range(&self.asked(at, group)) else { return true };
            least += low;
            most += high;
        }
        let (low, high) = (low.saturating_sub(most), people.min(high.saturating_sub(least)));
        let few = people.min(self.frame.least as u32);
        asked < few && (low > 0 || high < few)
            || people - asked < few && (high < people || low > people - few)
    }
}

/// Whether a row was made of choices of which not all lead the same way.
fn is_split(row: &[(Side, usize)]) -> bool {
    row.len() > 1 && row.iter().any(|one| one.0 != row[0].0 || one.0 == Side::Both)
}
