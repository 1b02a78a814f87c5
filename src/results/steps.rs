//! The steps from the population to the weighted answers, beside one another: what the page shows of them, the
//! same as a file, and the R-indicator of a survey that is over.

use std::collections::BTreeMap;

use super::page::{Represented, Shares};
use super::represent::{Standing, Turnout, r_indicator};
use super::sheet::HIDDEN;
use crate::response::record::Background;
use crate::response::steps::{Steps, Tens, percents};
use crate::response::targets::Variable;

/// As far as the tens of those who could answer must be from those who did.
const APART: u32 = 10;
/// Of fewer answers nothing is said of how evenly they came.
const ANSWERS_MIN: usize = 50;

/// Puts the panel's and the invited's shares beside the answers'. By a variable of which nearly all of a group
/// answered there are none: they could say that all of them did. `answered` gives how many of a variable's group
/// did, by the group's place.
pub fn add_steps(
    represented: &mut [Represented],
    steps: &Steps,
    answered: impl Fn(&str, usize) -> u32,
) {
    for one in represented {
        let groups: Vec<Vec<String>> = one.rows.iter().map(|row| row.categories.clone()).collect();
        let told = |of: &Tens| {
            let known = of.get(&one.variable)?;
            let many =
                |group: &Vec<String>| group.iter().filter_map(|id| known.get(id)).sum::<u32>();
            let is_some_way_off = |(at, group)| {
                let many = many(group);
                // Of a group that is not told there is nothing to compare.
                many == 0 || many >= answered(&one.variable, at) + APART
            };
            let is_safe = groups.iter().enumerate().all(is_some_way_off);
            percents(of, &one.variable, &groups).filter(|_| is_safe)
        };
        let (panel, invited) = (told(&steps.panel), told(&steps.invited));
        for (at, row) in one.rows.iter_mut().enumerate() {
            row.panel = panel.as_ref().and_then(|percents| percents[at]);
            row.invited = invited.as_ref().and_then(|percents| percents[at]);
        }
    }
}

/// How evenly members answered, whatever their background, in hundredths (the R-indicator of
/// [`super::represent`]): who answered stands beside each background.
pub fn evenness<'a>(members: impl IntoIterator<Item = (&'a Background, bool)>) -> Option<u8> {
    let mut known: [BTreeMap<&str, usize>; Variable::ALL.len()] = Default::default();
    let mut turnouts: BTreeMap<Vec<usize>, (f64, f64)> = BTreeMap::new();
    let mut answers = 0;
    for (background, has_answered) in members {
        let each = Variable::ALL.into_iter().zip(&mut known);
        let classes = each.map(|(variable, known)| match variable.of(background) {
            // Whoever did not say is a class, too.
            None => 0,
            Some(category) => {
                let next = known.len() + 1;
                *known.entry(category).or_insert(next)
            }
        });
        let (members, answered) = turnouts.entry(classes.collect()).or_default();
        *members += 1.0;
        *answered += f64::from(u8::from(has_answered));
        answers += usize::from(has_answered);
    }
    let turnout = |(classes, (members, answered))| Turnout { classes, members, answered };
    let turnouts: Vec<Turnout> = turnouts.into_iter().map(turnout).collect();
    let found = r_indicator(&turnouts).filter(|_| answers >= ANSWERS_MIN)?;
    Some((100.0 * found.clamp(0.0, 1.0)).round() as u8)
}

/// A group's share of the answers by its share of the population, in tenths, with its word: made of whole
/// percents, as whoever reads them would. None where the population's is 0.
pub fn ratio(row: &Shares) -> Option<(u16, Standing)> {
    if row.population == 0 {
        return None;
    }
    let ratio = f64::from(row.answered) / f64::from(row.population);
    let standing = match ratio {
        ratio if ratio < 0.8 => Standing::Under,
        ratio if ratio > 1.25 => Standing::Over,
        _ => Standing::Fair,
    };
    Some(((10.0 * ratio).round() as u16, standing))
}

/// Cohen's effect size in tenths, of whole percents too: 1 is a small difference, 3 a medium, 5 a large one.
pub fn effect(one: &Represented) -> u16 {
    let square = |row: &Shares| {
        let apart = f64::from(row.answered) - f64::from(row.population);
        apart * apart / f64::from(row.population)
    };
    let known = one.rows.iter().filter(|row| row.population > 0);
    let squares: f64 = known.map(square).sum();
    (10.0 * (squares / 100.0).sqrt()).round() as u16
}

/// As a file: what the page shows, and nothing finer.
pub fn csv(represented: &[Represented], evenness: Option<u8>) -> String {
    let mut out = "variable,group,measure,value\n".to_owned();
    let or_hidden = |value: Option<u8>| value.map_or(HIDDEN.to_owned(), |it| it.to_string());
    for one in represented {
        let has = |step: fn(&Shares) -> Option<u8>| one.rows.iter().any(|row| step(row).is_some());
        let (has_panel, has_invited) = (has(|row| row.panel), has(|row| row.invited));
        for row in &one.rows {
            let mut line = |measure: &str, value: String| {
                let group = row.categories.join("+");
                out += &format!("{},{group},{measure},{value}\n", one.variable);
            };
            line("population", row.population.to_string());
            if has_panel {
                line("panel", or_hidden(row.panel));
            }
            if has_invited {
                line("invited", or_hidden(row.invited));
            }
            line("answered", row.answered.to_string());
            line("weighted", or_hidden(row.weighted));
            if let Some((tenths, _)) = ratio(row) {
                line("ratio", format!("{}.{}", tenths / 10, tenths % 10));
            }
        }
        let tenths = effect(one);
        out += &format!("{},,dissimilarity,{}\n", one.variable, one.dissimilarity);
        out += &format!("{},,effect,{}.{}\n", one.variable, tenths / 10, tenths % 10);
    }
    if let Some(hundredths) = evenness {
        out += &format!(",,evenness,{hundredths}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::steps::tens;

    fn one() -> Represented {
        let row = |id: &str, population, answered| Shares {
            categories: vec![id.to_owned()],
            population,
            answered,
            weighted: Some(population),
            ..Shares::default()
        };
        Represented {
            variable: "age".to_owned(),
            rows: vec![row("15-24", 13, 6), row("25-64", 62, 54), row("65+", 25, 40)],
            dissimilarity: 15,
        }
    }

    #[test]
    fn ratio_and_effect_are_of_the_percents_that_are_shown() {
        let one = one();
        let ratios: Vec<_> = one.rows.iter().map(ratio).collect();
        let known = [(5, Standing::Under), (9, Standing::Fair), (16, Standing::Over)];
        assert_eq!(ratios, known.map(Some));
        // √((7²/13 + 8²/62 + 15²/25) / 100), by hand.
        assert_eq!(effect(&one), 4);
        assert_eq!(ratio(&Shares::default()), None);
    }

    #[test]
    fn the_steps_stand_beside_one_another_and_the_file_has_what_the_page_has() {
        let member = |age: &str, n| {
            let one = Background { age: Some(age.to_owned()), ..Background::default() };
            vec![one; n]
        };
        let panel = [member("15-24", 81), member("25-64", 399), member("65+", 320)].concat();
        let steps = Steps {
            panel: tens(&panel),
            invited: tens(&member("25-64", 120)),
            evenness: Some(83),
            ..Steps::default()
        };
        let mut all = [one()];
        add_steps(&mut all, &steps, |_, _| 60);
        let shares: Vec<_> = all[0].rows.iter().map(|row| (row.panel, row.invited)).collect();
        assert_eq!(shares, [(Some(10), None), (Some(50), Some(92)), (Some(40), None)]);
        let file = csv(&all, steps.evenness);
        for line in
            ["age,15-24,panel,10", "age,15-24,invited,·", "age,65+,ratio,1.6", ",,evenness,83"]
        {
            assert!(file.lines().any(|own| own == line), "no {line} in {file}");
        }
        assert_eq!(crate::results::audit::agree::too_fine("a.csv", &file), None);
    }

    #[test]
    fn nothing_beside_the_answers_says_that_a_whole_group_gave_them() {
        let member = |age: &str, n| {
            let one = Background { age: Some(age.to_owned()), ..Background::default() };
            vec![one; n]
        };
        // Thirty-four young people were invited, which is 30 in tens.
        let invited = [member("15-24", 34), member("25-64", 399), member("65+", 320)].concat();
        let steps = Steps { invited: tens(&invited), ..Steps::default() };
        let told = |of_young: u32| {
            let mut all = [one()];
            add_steps(&mut all, &steps, |_, at| if at == 0 { of_young } else { 60 });
            all[0].rows.iter().any(|row| row.invited.is_some())
        };
        assert!(told(20) && !told(21) && !told(34));
    }

    #[test]
    fn answering_is_even_where_each_group_answered_alike() {
        let member = |age: &str| Background { age: Some(age.to_owned()), ..Background::default() };
        let (young, old) = (member("15-24"), member("65+"));
        let panel = |of_young: usize, of_old: usize| {
            let own = |one, answered: usize| (0..200).map(move |at| (one, at < answered));
            evenness(own(&young, of_young).chain(own(&old, of_old)))
        };
        assert_eq!(panel(60, 60), Some(100));
        assert_eq!(panel(40, 160), Some(40));
        assert_eq!(panel(20, 20), None, "of a few nothing is said");
    }
}
