//! Made-up members who join, answer and leave as people of real panels do: the older and the longer at
//! school, the more likely; for tests and for the simulation.
//!
//! The figures are invented. That the young are few in panels and answer less, and that invitations tire,
//! is known of Københavns Borgerpanel and of every other; how much, here, is not.

use jiff::civil::Date;

use super::email::Email;
use super::member::{Member, MemberId, Membership};
use crate::response::record::{Background, group_of};
use crate::response::targets::{Category, Margin, Targets, Variable};

/// How much likelier, in log-odds, the last category of a variable joins than the first, and answers.
const JOINING: [(Variable, f64); 2] = [(Variable::Age, 1.6), (Variable::Education, 1.2)];
const ANSWERING: [(Variable, f64); 2] = [(Variable::Age, 1.4), (Variable::Education, 0.6)];

/// The same of districts and genders: at random, with this spread.
const SPREAD: f64 = 0.25;

/// People differ in ways no background shows.
const PERSONAL_SPREAD: f64 = 0.7;

/// Log-odds of answering in the middle of all this: 0.4.
const ANSWERING_MEAN: f64 = -0.4;

/// The oldest of an open age group.
const AGE_MAX: i16 = 95;

/// Why no people can be made up by a targets file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("there is no margin of {}: a made-up member has all four", .0.name())]
    NoMargin(Variable),
    #[error("`{0}` is no age group, as in 15-24 or 75+")]
    NoAgeGroup(String),
}

/// A made-up member, and what nobody could know of a real one.
#[derive(Debug, Clone)]
pub struct Person {
    pub member: Member,
    /// Log-odds of answering while they are not tired.
    pub willing: f64,
}

/// Where people come from.
#[derive(Debug, Clone)]
pub struct Town {
    margins: Vec<Source>,
    age_groups: Vec<String>,
    year: i16,
    born: u64,
    rng: fastrand::Rng,
}

/// A variable's categories, how likely a new member is of each, and how that changes answering.
#[derive(Debug, Clone)]
struct Source {
    variable: Variable,
    ids: Vec<String>,
    joining: Vec<f64>,
    answering: Vec<f64>,
}

impl Town {
    /// A town with the population of `targets`, in the year of `day`; a seed gives one town.
    ///
    /// # Errors
    /// Where the targets are not of all four variables, or their ages no groups.
    pub fn of(targets: &Targets, day: Date, seed: u64) -> Result<Town, Unfit> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let source = |variable: Variable| {
            let margin = targets.margin(variable).ok_or(Unfit::NoMargin(variable))?;
            Ok(Source::of(variable, margin, &mut rng))
        };
        let margins: Vec<Source> =
            Variable::ALL.into_iter().map(source).collect::<Result<_, Unfit>>()?;
        let age_groups =
            targets.margin(Variable::Age).into_iter().flat_map(|margin| &margin.categories);
        let age_groups: Vec<String> = age_groups.map(|category| category.id.clone()).collect();
        match age_groups.iter().find(|group| bounds(group).is_none()) {
            Some(group) => Err(Unfit::NoAgeGroup(group.clone())),
            None => Ok(Town { margins, age_groups, year: day.year(), born: 0, rng }),
        }
    }

    /// The ages' groups, as a site's settings have them.
    pub fn age_groups(&self) -> &[String] {
        &self.age_groups
    }

    /// Somebody who joins `panel` on `day`.
    pub fn joins(&mut self, panel: &str, day: Date) -> Person {
        let mut background = Background::default();
        let mut willing = ANSWERING_MEAN + PERSONAL_SPREAD * normal(&mut self.rng);
        for source in &self.margins {
            let place = one_of(&source.joining, &mut self.rng);
            willing += source.answering[place];
            let id = Some(source.ids[place].clone());
            match source.variable {
                Variable::District => background.district = id,
                Variable::Gender => background.gender = id,
                Variable::Age => background.age = id,
                Variable::Education => background.education = id,
                Variable::Channel => {}
            }
        }
        self.born += 1;
        let (from, to) = background.age.as_deref().and_then(bounds).expect("checked in `of`");
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.born.to_be_bytes());
        let member = Member {
            id: MemberId::of(id),
            email: Email::read(&format!("member{}@example.dk", self.born)).expect("an address"),
            birth_year: self.year - self.rng.i16(from..=to),
            gender: background.gender,
            district: background.district,
            education: background.education,
            lang: "da".to_owned(),
            memberships: vec![Membership {
                panel: panel.to_owned(),
                since: day,
                consent: "1".to_owned(),
            }],
        };
        Person { member, willing }
    }
}

impl Source {
    fn of(variable: Variable, margin: &Margin, rng: &mut fastrand::Rng) -> Source {
        let count = margin.categories.len();
        let mut terms = |slopes: &[(Variable, f64)]| -> Vec<f64> {
            let slope = slopes.iter().find(|(of, _)| *of == variable);
            let place = |at: usize| at as f64 / (count.max(2) - 1) as f64 - 0.5;
            (0..count)
                .map(|at| match slope {
                    Some((_, slope)) => slope * place(at),
                    None => SPREAD * normal(rng),
                })
                .collect()
        };
        let (joining, answering) = (terms(&JOINING), terms(&ANSWERING));
        let people = |(at, category): (usize, &Category)| category.population * joining[at].exp();
        Source {
            variable,
            ids: margin.categories.iter().map(|category| category.id.clone()).collect(),
            joining: margin.categories.iter().enumerate().map(people).collect(),
            answering,
        }
    }
}

/// The first and last age of a group.
fn bounds(group: &str) -> Option<(i16, i16)> {
    let groups = [group.to_owned()];
    let is_in = |age: &i16| group_of(f64::from(*age), &groups).is_some();
    let mut ages = (0..=AGE_MAX).filter(is_in);
    let first = ages.next()?;
    Some((first, ages.next_back().unwrap_or(first)))
}

/// A place, as likely as its weight.
fn one_of(weights: &[f64], rng: &mut fastrand::Rng) -> usize {
    let mut left = rng.f64() * weights.iter().sum::<f64>();
    let is_it = |weight: &f64| {
        left -= weight;
        left < 0.0
    };
    weights.iter().position(is_it).unwrap_or(weights.len() - 1)
}

/// About normal: twelve uniform numbers have a variance of 1 (Irwin and Hall).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

#[cfg(test)]
mod tests {
    use super::super::composition::Composition;
    use super::super::sample;
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 1, 1);

    #[test]
    fn the_young_are_few_and_answer_less() {
        let targets = sample::targets();
        let mut town = Town::of(&targets, DAY, 1).expect("four margins");
        let people: Vec<Person> = (0..5000).map(|_| town.joins("kbh", DAY)).collect();
        let backgrounds: Vec<Background> =
            people.iter().map(|one| one.member.background(DAY, town.age_groups())).collect();
        let panel = Composition::of(backgrounds.iter().map(|one| (one, 1.0)), &targets);
        assert!(panel.total == 5000.0 && panel.largest_gap() > 0.05);
        let ages: Vec<_> = panel.of_variable(Variable::Age).collect();
        assert!(
            ages[0].share < ages[0].target
                && ages.iter().map(|age| age.count).sum::<f64>() == 5000.0
        );
        let mean = |age: &str| {
            let of_age =
                people.iter().zip(&backgrounds).filter(|(_, it)| it.age.as_deref() == Some(age));
            let willing: Vec<f64> = of_age.map(|(person, _)| person.willing).collect();
            willing.iter().sum::<f64>() / willing.len() as f64
        };
        assert!(mean("15-24") < mean("65-74"));
    }

    #[test]
    fn a_file_without_age_groups_is_refused() {
        let rows =
            "variable,category,population\ndistrict,a,1\ngender,a,1\nage,young,1\neducation,a,1\n";
        let targets = Targets::read_any(rows).expect("targets");
        assert_eq!(Town::of(&targets, DAY, 1).err(), Some(Unfit::NoAgeGroup("young".to_owned())));
        let targets = Targets::read_any("age,population\n15+,1\n").expect("targets");
        assert_eq!(Town::of(&targets, DAY, 1).err(), Some(Unfit::NoMargin(Variable::District)));
    }
}
