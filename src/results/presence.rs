//! Who is in a release: kept in the house beside the companion, so that a later release can be held against
//! it. Of everybody there is a keyed digest of the number of their response, which nobody can turn back, and
//! in which groups they are; of whoever is erased not even that ([`Presence::forget`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::releases::Turnover;
use super::sample::Sample;
use super::sheet::Open;
use crate::crypto;
use crate::response::targets::Variable;

/// Everybody in a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// 64 hex digits, the same in all releases of a survey, and nowhere else.
    pub key: String,
    /// The items that not everybody was asked.
    pub routed: Vec<String>,
    /// Sorted, so that their order says nothing: the digest, the category by each variable, and for each
    /// routed item whether they were asked, with `|` between them.
    pub people: Vec<String>,
}

/// In a survey of fewer people the residual of a table, which is not published, can be had by subtraction
/// nearly exactly; in a larger one the total's whole percent is at least ten people wide.
const RESIDUAL_TELLS: u32 = 1_000;

/// All that groups of releases are by.
const VARIABLES: [Variable; 5] =
    [Variable::District, Variable::Gender, Variable::Age, Variable::Education, Variable::Channel];

/// A group of a release: of which routed item, if any; by which variable; its categories, none for
/// everybody who is in no published one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    item: Option<String>,
    variable: String,
    categories: Vec<String>,
    /// Those in none of `categories`.
    is_residual: bool,
}

impl Presence {
    /// Of a sample, under `key`, or a new one.
    pub fn of(sample: &Sample, key: Option<&str>) -> Presence {
        let key = key.map_or_else(|| crypto::hex(&crypto::random::<32>()), str::to_owned);
        let routed: Vec<&Item> = sample.items.iter().filter(|item| item.routed).collect();
        let person = |at: usize| {
            let who = &sample.people[at];
            let mut fields = vec![digest(&key, &sample.uids[at])];
            fields
                .extend(VARIABLES.map(|variable| who.category(variable).unwrap_or("").to_owned()));
            let asked = routed.iter().map(|item| item.given[at].is_asked());
            fields.push(asked.map(|is| if is { '1' } else { '0' }).collect());
            fields.join("|")
        };
        let mut people: Vec<String> = (0..sample.uids.len()).map(person).collect();
        people.sort_unstable();
        Presence { routed: routed.iter().map(|item| name_of(item)).collect(), people, key }
    }

    /// How many came to and went from each group that the earlier release or the new one publishes, of
    /// those where anybody did. `self` is who was in the earlier one.
    pub fn turnover(&self, earlier: &Open, now: &Presence, open: &Open) -> Turnover {
        let before: HashMap<&str, Who> = self.who();
        let after: HashMap<&str, Who> = now.who();
        let moved: BTreeSet<&str> = before
            .iter()
            .filter(|(code, who)| after.get(**code) != Some(*who))
            .map(|(code, _)| *code)
            .chain(after.keys().copied().filter(|code| !before.contains_key(code)))
            .collect();
        let keys: BTreeSet<Key> = keys(earlier).into_iter().chain(keys(open)).collect();
        let of_key = |key: Key| {
            let is_in = |who: Option<&Who>| who.is_some_and(|who| who.is_in(&key));
            let (mut gained, mut lost) = (0, 0);
            for code in &moved {
                match (is_in(before.get(code)), is_in(after.get(code))) {
                    (false, true) => gained += 1,
                    (true, false) => lost += 1,
                    _ => {}
                }
            }
            ((key.variable_name(), key.group_name()), (gained, lost))
        };
        let counted = keys.into_iter().map(of_key);
        counted.filter(|(_, moved)| *moved != (0, 0)).collect()
    }

    /// Of each person of a later sample: whether they were not in this release.
    pub fn newcomers(&self, sample: &Sample) -> Vec<bool> {
        let known = self.who();
        sample.uids.iter().map(|uid| !known.contains_key(&*digest(&self.key, uid))).collect()
    }

    fn who(&self) -> HashMap<&str, Who<'_>> {
        let one = |line| {
            let (code, rest) = str::split_once(line, '|')?;
            let mut fields = rest.split('|');
            let categories = VARIABLES.map(|_| fields.next().unwrap_or(""));
            let asked = fields.next().unwrap_or("").bytes();
            let asked = self.routed.iter().zip(asked).filter(|(_, is)| *is == b'1');
            let asked = asked.map(|(name, _)| name.as_str()).collect();
            Some((code, Who { categories, asked }))
        };
        self.people.iter().filter_map(|line| one(line)).collect()
    }

    /// Takes the digests of erased responses away: that somebody was there is still counted, and nobody can
    /// tell who. Returns how many there were.
    pub fn forget(&mut self, erased: &[String]) -> usize {
        let erased: BTreeSet<String> = erased.iter().map(|uid| digest(&self.key, uid)).collect();
        let mut forgotten = 0;
        for line in &mut self.people {
            let Some((code, rest)) = line.split_once('|') else { continue };
            if erased.contains(code) {
                *line = format!("{}|{rest}", crypto::hex(&crypto::random::<8>()));
                forgotten += 1;
            }
        }
        self.people.sort_unstable();
        forgotten
    }
}

/// 64 bits of the digest: two of a million people share one with a chance of 1 in 37 million.
fn digest(key: &str, uid: &str) -> String {
    crypto::sha256_hex(format!("{key}|{uid}").as_bytes())[..16].to_owned()
}

fn name_of(item: &Item) -> String {
    match &item.row {
        Some(row) => format!("{}.{row}", item.question),
        None => item.question.clone(),
    }
}

/// One person of a release.
#[derive(Debug, PartialEq, Eq)]
struct Who<'a> {
    categories: [&'a str; VARIABLES.len()],
    asked: BTreeSet<&'a str>,
}

impl Who<'_> {
    fn is_in(&self, key: &Key) -> bool {
        let is_asked = key.item.as_ref().is_none_or(|item| self.asked.contains(item.as_str()));
        let place = VARIABLES.iter().position(|one| one.name() == key.variable);
        let is_one = place.is_none_or(|place| {
            let own = self.categories[place];
            key.categories.iter().any(|id| id == own) != key.is_residual
        });
        is_asked && is_one
    }
}

impl Key {
    fn variable_name(&self) -> String {
        match (&self.item, self.variable.as_str()) {
            (None, variable) => variable.to_owned(),
            (Some(item), "") => item.clone(),
            (Some(item), variable) => format!("{item}, {variable}"),
        }
    }

    fn group_name(&self) -> String {
        match (self.is_residual, &self.item) {
            (true, _) => "(in no group)".to_owned(),
            (false, Some(_)) if self.variable.is_empty() => "(everybody asked)".to_owned(),
            _ => self.categories.join("+"),
        }
    }
}

/// Everybody, every published group, those behind routes too; and who is in none, where that can be told.
fn keys(open: &Open) -> Vec<Key> {
    let everybody = |item: Option<String>| Key {
        item,
        variable: String::new(),
        categories: Vec::new(),
        is_residual: false,
    };
    let mut keys = vec![everybody(None)];
    let mut grouped: BTreeMap<(Option<String>, String), BTreeSet<String>> = BTreeMap::new();
    for figure in &open.figures {
        let routed = open
            .items
            .iter()
            .find(|item| item.routed && item.question == figure.question && item.row == figure.row);
        let item = routed.map(|item| match &item.row {
            Some(row) => format!("{}.{row}", item.question),
            None => item.question.clone(),
        });
        let Some(group) = &figure.group else {
            keys.extend(item.map(|item| everybody(Some(item))));
            continue;
        };
        let all = grouped.entry((item.clone(), group.variable.clone())).or_default();
        all.extend(group.categories.iter().cloned());
        keys.push(Key {
            item,
            variable: group.variable.clone(),
            categories: group.categories.clone(),
            is_residual: false,
        });
    }
    if open.people < RESIDUAL_TELLS {
        let residual = |((item, variable), all): (_, BTreeSet<String>)| Key {
            item,
            variable,
            categories: all.into_iter().collect(),
            is_residual: true,
        };
        keys.extend(grouped.into_iter().map(residual));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::record::Background;
    use crate::results::item::Person;

    fn sample(people: &[(u32, &str)]) -> Sample {
        let person = |age: &str| Person {
            background: Background { age: Some(age.to_owned()), ..Background::default() },
            ..Person::default()
        };
        Sample {
            people: people.iter().map(|(_, age)| person(age)).collect(),
            uids: people.iter().map(|(uid, _)| format!("{uid:032x}")).collect(),
            ..Sample::default()
        }
    }

    fn open() -> Open {
        let group = |age: &str| super::super::figure::Figure {
            question: "q".to_owned(),
            row: None,
            choices: vec!["yes".to_owned()],
            group: Some(super::super::figure::Group {
                variable: "age".to_owned(),
                categories: vec![age.to_owned()],
            }),
            n: 30,
            measure: super::super::figure::Measure::Percent,
            value: None,
            low: None,
            high: None,
        };
        Open {
            survey: "s".to_owned(),
            districts: Vec::new(),
            people: 4,
            threshold: 5,
            min_group: 30,
            weights: None,
            items: Vec::new(),
            figures: vec![group("young"), group("old")],
        }
    }

    #[test]
    fn who_came_and_went_is_counted_by_group_and_whoever_was_erased_has_gone() {
        let first = sample(&[(1, "young"), (2, "young"), (3, "old"), (4, "other")]);
        let mut before = Presence::of(&first, None);
        let same = Presence::of(&first, Some(&before.key));
        assert_eq!(before, same);
        assert!(before.turnover(&open(), &same, &open()).is_empty());
        let second = sample(&[(1, "young"), (3, "old"), (5, "old"), (4, "young")]);
        let after = Presence::of(&second, Some(&before.key));
        let of = |variable: &str, group: &str| (variable.to_owned(), group.to_owned());
        let told = before.turnover(&open(), &after, &open());
        let all = [
            (of("", ""), (1, 1)),
            (of("age", "(in no group)"), (0, 1)),
            (of("age", "old"), (1, 0)),
            (of("age", "young"), (1, 1)),
        ];
        assert_eq!(told, Turnover::from(all));
        // How people answered is a group like any other.
        let mut by_channel = open();
        for figure in &mut by_channel.figures {
            let group = figure.group.as_mut().expect("each has one");
            *group = super::super::figure::Group {
                variable: "channel".to_owned(),
                categories: vec![
                    if group.categories == ["old"] { "web" } else { "kiosk" }.to_owned(),
                ],
            };
        }
        let mut moved = first.clone();
        moved.people.iter_mut().for_each(|person| person.channel = "web".to_owned());
        let all_web = Presence::of(&moved, Some(&before.key));
        moved.people[2].channel = "kiosk".to_owned();
        let told =
            all_web.turnover(&by_channel, &Presence::of(&moved, Some(&before.key)), &by_channel);
        let one = [(of("channel", "kiosk"), (1, 0)), (of("channel", "web"), (0, 1))];
        assert_eq!(told, Turnover::from(one));
        // The number is left as a tombstone, and leads to nobody in the release any more.
        assert_eq!(before.forget(&[format!("{:032x}", 3)]), 1);
        assert_eq!(before.forget(&[format!("{:032x}", 3)]), 0);
        let told = before.turnover(&open(), &same, &open());
        assert_eq!(told[&of("age", "old")], (1, 1));
    }
}
