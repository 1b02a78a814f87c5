//! Whom a survey's results speak of: people the targets count. Others are left out before weighting, and
//! counted.

use std::collections::BTreeSet;

use crate::response::record::Background;
use crate::response::targets::{Targets, Variable};
use crate::survey::model::Survey;

/// The district of people who live elsewhere (design: Machine-readable forms).
const OUTSIDE: &str = "outside";
/// What the shipped background questions call "I would rather not say".
const UNSTATED: &str = "unstated";

/// The population, as far as a background can tell who belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// None where nothing is known of the population.
    population: Option<Population>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Population {
    /// Empty where the targets do not tell districts apart.
    districts: BTreeSet<String>,
    /// Districts that say nothing of where somebody lives.
    unstated: BTreeSet<String>,
    /// The lowest age that is counted.
    youngest: Option<u32>,
}

impl Scope {
    /// Of a survey that is weighted by `targets`; without them nobody is out of scope.
    pub fn of(targets: Option<&Targets>, survey: &Survey) -> Scope {
        let population = targets.map(|targets| {
            let ids = |variable| -> BTreeSet<String> {
                let margin = targets.margin(variable);
                margin.iter().flat_map(|it| &it.categories).map(|it| it.id.clone()).collect()
            };
            let asked = survey.questions().find(|one| one.maps.as_deref() == Some("district"));
            let choices = asked.iter().flat_map(|question| &question.choices);
            let unstated = choices.filter(|choice| choice.dontknow || choice.id == UNSTATED);
            Population {
                districts: ids(Variable::District),
                unstated: unstated.map(|choice| choice.id.clone()).collect(),
                youngest: ids(Variable::Age).iter().filter_map(|group| bounds(group)?.0).min(),
            }
        });
        Scope { population }
    }

    /// Whether somebody with this background may belong to the population: where they did not say, they
    /// do.
    pub fn holds(&self, background: &Background) -> bool {
        let Some(population) = &self.population else { return true };
        population.lives_there(background.district.as_deref())
            && population.is_old_enough(background.age.as_deref())
    }
}

impl Population {
    fn lives_there(&self, district: Option<&str>) -> bool {
        let Some(district) = district else { return true };
        match self.districts.is_empty() {
            true => district != OUTSIDE,
            false => {
                let known = self.districts.contains(district);
                known || self.unstated.contains(district) || district == UNSTATED
            }
        }
    }

    fn is_old_enough(&self, age: Option<&str>) -> bool {
        let oldest = age.and_then(bounds).and_then(|(_, to)| to);
        match (oldest, self.youngest) {
            (Some(oldest), Some(youngest)) => oldest >= youngest,
            _ => true,
        }
    }
}

/// The lowest and highest age of a group: `15-24`, `75+`; none where it is no group of ages.
fn bounds(group: &str) -> Option<(Option<u32>, Option<u32>)> {
    if let Some(from) = group.strip_suffix('+') {
        return Some((Some(from.parse().ok()?), None));
    }
    let (from, to) = group.split_once('-')?;
    Some((Some(from.parse().ok()?), Some(to.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# source: made up\n# date: 2026-01-01\n# population: 16 years and older\n\
        variable,category,population\ndistrict,valby,60\ndistrict,vanloese,40\n\
        age,16-24,30\nage,25+,70\n";

    fn who(district: Option<&str>, age: Option<&str>) -> Background {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Background { district: own(district), age: own(age), ..Background::default() }
    }

    #[test]
    fn people_of_other_cities_and_the_too_young_are_out_of_scope() {
        let targets = Targets::read(FILE).expect("a good file");
        let scope = Scope::of(Some(&targets), &Survey::default());
        assert!(scope.holds(&who(Some("valby"), Some("16-24"))));
        assert!(!scope.holds(&who(Some("outside"), Some("25+"))));
        assert!(!scope.holds(&who(Some("valby"), Some("12-15"))));
    }

    #[test]
    fn who_does_not_say_is_in_scope() {
        let targets = Targets::read(FILE).expect("a good file");
        let scope = Scope::of(Some(&targets), &Survey::default());
        assert!(scope.holds(&who(None, None)));
        assert!(scope.holds(&who(Some("unstated"), Some("15-24"))));
    }

    #[test]
    fn without_targets_everybody_is() {
        assert!(Scope::of(None, &Survey::default()).holds(&who(Some("outside"), Some("0-5"))));
    }
}
