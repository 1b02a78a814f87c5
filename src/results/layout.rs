//! The first step of protection: groups large enough to be published at all, and choices that somebody
//! gave. What is left to hide afterwards is little.

use super::item::Shape;
use super::protect::Rules;
use super::table::{Column, Raw, Stack, Table};

/// Fewer answers in all than this, and a choice is put together with others or hidden in every group.
const ROW_MIN: u32 = 10;

/// The choice that takes small ones in, where a question has it.
const OTHERS: [&str; 2] = ["other", "andet"];

/// Merges groups until each has the smallest size; what cannot be merged joins the residual.
pub fn enlarge_groups(table: &mut Table<Raw>, rules: &Rules) {
    loop {
        let sizes = table.state.columns.iter().map(|column| column.asked).enumerate();
        let small = sizes.filter(|(_, size)| *size < rules.min_group).min_by_key(|(_, size)| *size);
        let Some((group, _)) = small else { return };
        if !merge_group(table, group) {
            table.groups.remove(group);
            table.state.neighbours.remove(group);
            let column = table.state.columns.remove(group);
            table.state.residual.join(&column);
            for neighbour in table.state.neighbours.iter_mut().flatten() {
                *neighbour -= usize::from(*neighbour > group);
            }
        }
    }
}

/// Merges a group with the one that it joins; false where it joins none.
pub fn merge_group(table: &mut Table<Raw>, group: usize) -> bool {
    let raw = &mut table.state;
    let Some(into) =
        raw.neighbours[group].filter(|&into| into != group && into < raw.columns.len())
    else {
        return false;
    };
    let column = raw.columns.remove(group);
    let categories = table.groups.remove(group);
    let theirs = raw.neighbours.remove(group);
    let moved = |at: usize| if at == group { into } else { at };
    let shifted = |at: usize| moved(at) - usize::from(moved(at) > group);
    let home = shifted(into);
    raw.columns[home].join(&column);
    if group < into {
        table.groups[home].splice(0..0, categories);
    } else {
        table.groups[home].extend(categories);
    }
    // Where the two would have joined each other, the pair joins what lies beside it.
    if raw.neighbours[home] == Some(group) {
        raw.neighbours[home] = theirs.filter(|&at| at != into);
    }
    for neighbour in raw.neighbours.iter_mut().flatten() {
        *neighbour = shifted(*neighbour);
    }
    let beside =
        if home > 0 { Some(home - 1) } else { (raw.columns.len() > 1).then_some(home + 1) };
    if raw.neighbours[home].is_none_or(|at| at == home) {
        raw.neighbours[home] = beside;
    }
    true
}

/// Takes the groups of an earlier release; whoever is in none of them is in the residual.
pub fn adopt_groups(table: &mut Table<Raw>, groups: &[Vec<String>]) {
    let raw = &mut table.state;
    let mut columns: Vec<Option<Column>> = vec![None; groups.len()];
    for (categories, column) in table.groups.iter().zip(&raw.columns) {
        let home = groups.iter().position(|group| categories.iter().all(|id| group.contains(id)));
        match home.map(|home| &mut columns[home]) {
            Some(Some(joined)) => joined.join(column),
            Some(empty) => *empty = Some(column.clone()),
            None => raw.residual.join(column),
        }
    }
    let found = groups.iter().zip(columns).filter_map(|(group, column)| Some((group, column?)));
    (table.groups, raw.columns) = found.map(|(group, column)| (group.clone(), column)).unzip();
    // They are what they were: no merging further.
    raw.neighbours = vec![None; table.groups.len()];
}

/// The smallest group that joins another, where at least two are left afterwards.
pub fn smallest_group(table: &Table<Raw>) -> Option<usize> {
    let raw = &table.state;
    let joins = (0..raw.columns.len()).filter(|&group| raw.neighbours[group].is_some());
    joins.min_by_key(|&group| raw.columns[group].asked).filter(|_| raw.columns.len() > 2)
}

/// Which choices make each row of the item's tables, and which rows no group shows.
pub struct Rows {
    pub choices: Vec<Vec<usize>>,
    pub hidden: Vec<bool>,
}

/// Puts choices that hardly anybody gave into one row, unless their order is the question's meaning.
pub fn merge_choices(stack: &Stack) -> Rows {
    let total = stack.total();
    let mut choices: Vec<Vec<usize>> =
        (0..stack.choices.len()).map(|choice| vec![choice]).collect();
    let size = |row: &[usize]| -> u32 { row.iter().map(|&choice| total.counts[0][choice]).sum() };
    if stack.shape == Shape::Single {
        let others = |row: &[usize]| OTHERS.contains(&stack.choices[row[0]].id.as_str());
        let (small, mut large): (Vec<_>, Vec<_>) =
            choices.into_iter().partition(|row| size(row) < ROW_MIN);
        let merged: Vec<usize> = small.iter().flatten().copied().collect();
        let home = large.iter_mut().find(|row| others(row)).filter(|_| !merged.is_empty());
        match home {
            Some(home) => home.extend(&merged),
            None if merged.is_empty() => {}
            None => large.push(merged),
        }
        large.iter_mut().for_each(|row| row.sort_unstable());
        large.sort_unstable();
        choices = large;
    }
    let is_counted = !total.counts.is_empty();
    let hidden = choices.iter().map(|row| is_counted && size(row) < ROW_MIN).collect();
    Rows { choices, hidden }
}

/// The stack with its choices merged.
pub fn with_rows(stack: &Stack, rows: &Rows) -> Stack {
    let mut merged = stack.clone();
    let columns = merged.tables.iter_mut().flat_map(|table| {
        let Raw { columns, residual, .. } = &mut table.state;
        columns.iter_mut().chain(std::iter::once(residual))
    });
    columns.for_each(|column: &mut Column| column.merge_rows(&rows.choices));
    merged
}

#[cfg(test)]
mod tests {
    use super::super::item::{Choice, Given, Item, Person, Ticks};
    use super::super::table::{Frame, Split, count};
    use super::*;
    use crate::response::record::Background;
    use crate::response::targets::Variable;

    fn table(sizes: &[usize], is_fixed: bool) -> Table<Raw> {
        let ids: Vec<String> = (0..sizes.len()).map(|at| format!("g{at}")).collect();
        let people: Vec<Person> = sizes
            .iter()
            .zip(&ids)
            .flat_map(|(&size, id)| {
                let background = Background { age: Some(id.clone()), ..Background::default() };
                vec![Person { background, ..Person::default() }; size]
            })
            .collect();
        let item = Item {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Single,
            choices: vec![Choice::default()],
            routed: false,
            ticks: Ticks::default(),
            totals_only: false,
            given: vec![Given::One(0); people.len()],
        };
        let make = if is_fixed { Split::fixed } else { Split::ordered };
        let splits = [make(Variable::Age, ids)];
        let frame = Frame { splits: &splits, weights: None, required: false };
        count(&item, &people, &frame).tables.remove(1)
    }

    #[test]
    fn a_group_of_twenty_nine_is_never_published_alone() {
        let mut merged = table(&[40, 29, 50], false);
        enlarge_groups(&mut merged, &Rules::default());
        assert_eq!(merged.groups, [vec!["g0".to_owned(), "g1".to_owned()], vec!["g2".to_owned()]]);
        let mut left_out = table(&[40, 29, 50], true);
        enlarge_groups(&mut left_out, &Rules::default());
        assert_eq!(left_out.groups, [["g0"], ["g2"]]);
        assert_eq!(left_out.state.residual.asked, 29);
    }

    #[test]
    fn groups_are_merged_until_each_is_large_enough_and_nobody_is_lost() {
        for sizes in
            [vec![1, 1, 1, 100], vec![0, 0, 31, 2], vec![3, 4], vec![29, 29, 29, 29], vec![5]]
        {
            let mut merged = table(&sizes, false);
            enlarge_groups(&mut merged, &Rules::default());
            let raw = &merged.state;
            assert!(raw.columns.iter().all(|column| column.asked >= 30), "{sizes:?}");
            let kept: u32 = raw.columns.iter().map(|column| column.asked).sum();
            assert_eq!(
                (kept + raw.residual.asked) as usize,
                sizes.iter().sum::<usize>(),
                "{sizes:?}"
            );
            let ids: Vec<&String> = merged.groups.iter().flatten().collect();
            assert!(ids.is_sorted(), "{ids:?}");
        }
    }
}
