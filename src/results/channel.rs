//! How people answered: at a kiosk, on the web, on paper. Of an open survey, where all of them are one sample,
//! a variable like the others, whose tables go through the protector and the auditor. No single kiosk is one.

use super::page::Asked;
use super::sample::Counted;
use super::table::Split;
use crate::response::targets::Variable;

/// The channels that may be groups; none where fewer than two have enough answers. The others are in no
/// group, and so in the residual that is protected as well: total minus groups gives it.
pub fn split(counted: &Counted, min_group: u32) -> Option<Split> {
    let large = counted.channels.iter().filter(|(_, many)| **many >= min_group);
    let ids: Vec<String> = large.map(|(id, _)| id.clone()).collect();
    (ids.len() > 1).then(|| Split::fixed(Variable::Channel, ids))
}

/// Each published channel's share of all answers, in whole percents: of the numbers of people that its tables
/// show, and so nothing that they do not. Questions behind a route have rounded ones.
pub fn shares(asked: &[Asked], people: u32) -> Vec<(String, u8)> {
    let items = asked.iter().flat_map(|one| &one.items).filter(|item| !item.routed);
    let mut tables = items.flat_map(|item| &item.variables);
    let Some(table) = tables.find(|by| by.variable == Variable::Channel.name()) else {
        return Vec::new();
    };
    let percent = |n: u32| (100.0 * f64::from(n) / f64::from(people.max(1))).round() as u8;
    table.groups.iter().map(|group| (group.categories.join("+"), percent(group.n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(channels: &[(&str, u32)]) -> Counted {
        let channels = channels.iter().map(|(id, many)| ((*id).to_owned(), *many)).collect();
        Counted { channels, ..Counted::default() }
    }

    #[test]
    fn a_channel_of_twenty_nine_is_no_group_and_one_alone_compares_with_nothing() {
        let found = split(&counted(&[("kiosk", 30), ("paper", 29), ("web", 400)]), 30);
        assert_eq!(found.expect("two of them").categories, ["kiosk", "web"]);
        assert_eq!(split(&counted(&[("kiosk", 29), ("web", 400)]), 30), None);
    }
}
