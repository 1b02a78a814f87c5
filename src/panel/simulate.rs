//! A year of surveys over a made-up panel, with and without the balanced draw: [`Plan::run`].
//!
//! Who may be invited ([`select`]), who is ([`draw`]) and what is learned of the rates ([`Rates`]) is
//! decided by the very code that real invitations go through; only the people are made up
//! ([`super::synthetic`]). Both years begin with the same members, and with what one survey before the
//! year told of their rates.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::cap::{Cap, Caps, Invited, YEAR_DAYS, load};
use super::composition::Composition;
use super::draw;
use super::rates::{Count, Rates};
use super::select::{LOAD_MIN, Occasion, Selection, Standing, select};
use super::synthetic::{Person, Town, Unfit};
use super::target::Target;
use crate::response::record::Background;
use crate::response::targets::Targets;

const PANEL: &str = "simulated";

/// What the panel promises: the defaults of `[panels.<slug>]`.
const CAP: Cap = Cap { max_per_year: 10, min_days_between: 14 };

/// The first day of the year that is simulated.
const BEGINNING: Date = date(2026, 1, 1);

/// Each invitation of the last year makes an answer less likely: log-odds.
const TIREDNESS: f64 = -0.04;

/// One of so many leaves the panel from survey to survey; of those who were asked and did not answer,
/// twice as many.
const LEAVING: f64 = 0.005;
const LEAVING_SILENT: f64 = 0.01;

/// So many join from survey to survey, of those in the panel at the beginning.
const JOINING: f64 = 0.01;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// In the panel at the beginning.
    pub members: usize,
    /// In the year, evenly spaced.
    pub surveys: usize,
    /// Invited to each.
    pub size: usize,
    pub seed: u64,
}

/// One survey of the year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sent {
    pub day: Date,
    pub members: usize,
    pub may_be_invited: usize,
    pub invited: usize,
    /// Answers, as the rates known before promised them.
    pub expected: f64,
    pub answered: usize,
    /// The largest gap to the population of any category, in percentage points.
    pub gap_panel: f64,
    pub gap_invited: f64,
    pub gap_expected: f64,
    pub gap_answers: f64,
}

/// How one category came through the year, each as a share of 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Passage {
    pub variable: &'static str,
    pub category: String,
    pub population: f64,
    pub panel: f64,
    pub invited: f64,
    pub answers: f64,
    /// Answers by invitations; none where nobody was invited.
    pub rate: Option<f64>,
}

/// How many members at the end had how many invitations in the year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    pub none: usize,
    pub one_to_four: usize,
    pub five_to_ten: usize,
    /// Never, as the cap is 10.
    pub more: usize,
    pub most: usize,
}

/// A year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Year {
    pub surveys: Vec<Sent>,
    pub groups: Vec<Passage>,
    pub load: Load,
    pub joined: usize,
    pub left: usize,
    /// Means over the surveys, in percentage points.
    pub mean_gap_expected: f64,
    pub mean_gap_answers: f64,
}

/// The same year twice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Always: nobody in it exists.
    pub synthetic: bool,
    pub random: Year,
    pub balanced: Year,
}

impl Plan {
    /// Goes through the year with draws at random, and again with balanced draws.
    ///
    /// # Errors
    /// Where no people can be made up by `targets`.
    pub fn run(self, targets: &Targets) -> Result<Comparison, Unfit> {
        let year = |is_balanced| Ok(Course::new(self, targets, is_balanced)?.run());
        Ok(Comparison { synthetic: true, random: year(false)?, balanced: year(true)? })
    }
}

/// A member on their way through the year.
struct Life {
    person: Person,
    background: Background,
    history: Vec<Invited>,
}

impl Life {
    fn standing(&self) -> Standing<'_> {
        Standing { member: &self.person.member, history: &self.history }
    }
}

/// A year on its way.
struct Course<'a> {
    plan: Plan,
    targets: &'a Targets,
    is_balanced: bool,
    town: Town,
    rng: fastrand::Rng,
    lives: Vec<Life>,
    target: Target,
    caps: Caps,
    /// Invited and answered, by background.
    counts: BTreeMap<Background, (u32, u32)>,
    joined: usize,
    left: usize,
}

impl<'a> Course<'a> {
    fn new(plan: Plan, targets: &'a Targets, is_balanced: bool) -> Result<Course<'a>, Unfit> {
        let town = Town::of(targets, BEGINNING, plan.seed)?;
        let target = Target::read(&[PANEL.to_owned()], None).expect("no condition can be wrong");
        let mut course = Course {
            plan,
            targets,
            is_balanced,
            town,
            rng: fastrand::Rng::with_seed(plan.seed ^ 0x5eed),
            lives: Vec::new(),
            target,
            caps: Caps([(PANEL.to_owned(), CAP)].into()),
            counts: BTreeMap::new(),
            joined: 0,
            left: 0,
        };
        course.join(plan.members, BEGINNING);
        Ok(course)
    }

    fn run(mut self) -> Year {
        self.survey_before();
        // What was learned counts for the rates, not for the year.
        let before = self.counts.clone();
        let step = YEAR_DAYS / i32::try_from(self.plan.surveys.max(1)).unwrap_or(YEAR_DAYS).max(1);
        let mut surveys = Vec::new();
        for number in 0..self.plan.surveys {
            let day = BEGINNING + (step * i32::try_from(number).unwrap_or(i32::MAX)).days();
            surveys.push(self.send(&format!("survey-{number}"), day));
        }
        let mean = |of: &dyn Fn(&Sent) -> f64| {
            surveys.iter().map(of).sum::<f64>() / surveys.len().max(1) as f64
        };
        let (mean_gap_expected, mean_gap_answers) =
            (mean(&|sent| sent.gap_expected), mean(&|sent| sent.gap_answers));
        let groups = self.passages(&before);
        let load = self.load();
        let Course { joined, left, .. } = self;
        Year { surveys, groups, load, joined, left, mean_gap_expected, mean_gap_answers }
    }

    /// A survey a year before, to as many, at random: what a panel that has been there knows.
    fn survey_before(&mut self) {
        let day = BEGINNING - YEAR_DAYS.days();
        let invited = draw::at_random(self.lives.len(), self.plan.size, &mut self.rng);
        self.invite("before", day, &invited);
    }

    fn send(&mut self, survey: &str, day: Date) -> Sent {
        let selection = self.select(survey, day);
        let free = selection.free;
        let rates = self.rates();
        let backgrounds: Vec<&Background> =
            free.iter().map(|at| &self.lives[*at].background).collect();
        let (size, rng) = (self.plan.size, &mut self.rng);
        let places = match self.is_balanced {
            true => draw::balanced(&backgrounds, &rates, self.targets, size, rng),
            false => draw::at_random(free.len(), size, rng),
        };
        let invited: Vec<usize> = places.into_iter().map(|place| free[place]).collect();
        let expecting = self.composition(&invited, &|background| rates.rate(background));
        let asked = self.composition(&invited, &|_| 1.0);
        let everybody: Vec<usize> = (0..self.lives.len()).collect();
        let panel = self.composition(&everybody, &|_| 1.0);
        let answered = self.invite(survey, day, &invited);
        let answers = self.composition(&answered, &|_| 1.0);
        let sent = Sent {
            day,
            members: self.lives.len(),
            may_be_invited: free.len(),
            invited: invited.len(),
            expected: expecting.total,
            answered: answered.len(),
            gap_panel: 100.0 * panel.largest_gap(),
            gap_invited: 100.0 * asked.largest_gap(),
            gap_expected: 100.0 * expecting.largest_gap(),
            gap_answers: 100.0 * answers.largest_gap(),
        };
        self.leave(&invited, &answered);
        let joining = (JOINING * self.plan.members as f64).round() as usize;
        self.join(joining, day);
        self.joined += joining;
        sent
    }

    fn select(&self, survey: &str, day: Date) -> Selection {
        let members: Vec<Standing> = self.lives.iter().map(Life::standing).collect();
        let occasion = Occasion { survey, target: &self.target, caps: &self.caps, day };
        select(&members, occasion)
    }

    fn rates(&self) -> Rates {
        let count = |(background, (invited, answered)): (&Background, &(u32, u32))| Count {
            background: background.clone(),
            invited: *invited,
            answered: *answered,
        };
        Rates::of(&self.counts.iter().map(count).collect::<Vec<Count>>())
    }

    fn composition(&self, of: &[usize], weight: &dyn Fn(&Background) -> f64) -> Composition {
        let people = of.iter().map(|at| &self.lives[*at].background);
        Composition::of(people.map(|background| (background, weight(background))), self.targets)
    }

    /// Invites these, and says who of them answered.
    fn invite(&mut self, survey: &str, day: Date, invited: &[usize]) -> Vec<usize> {
        let mut answered = Vec::new();
        for at in invited {
            let life = &mut self.lives[*at];
            let tired = TIREDNESS * load(&life.history, day) as f64;
            let chance = 1.0 / (1.0 + (-life.person.willing - tired).exp());
            let count = self.counts.entry(life.background.clone()).or_default();
            count.0 += 1;
            if self.rng.f64() < chance {
                count.1 += 1;
                answered.push(*at);
            }
            life.history.push(Invited { survey: survey.to_owned(), day });
        }
        answered
    }

    fn leave(&mut self, invited: &[usize], answered: &[usize]) {
        let before = self.lives.len();
        let mut silent = vec![false; before];
        invited.iter().for_each(|at| silent[*at] = true);
        answered.iter().for_each(|at| silent[*at] = false);
        let mut silent = silent.into_iter();
        let rng = &mut self.rng;
        self.lives.retain(|_| {
            let is_silent = silent.next().expect("one for each");
            rng.f64() >= if is_silent { LEAVING_SILENT } else { LEAVING }
        });
        self.left += before - self.lives.len();
    }

    fn join(&mut self, count: usize, day: Date) {
        for _ in 0..count {
            let person = self.town.joins(PANEL, day);
            let background = person.member.background(BEGINNING, self.town.age_groups());
            self.lives.push(Life { person, background, history: Vec::new() });
        }
    }

    /// Population, panel, invited and answers of the whole year, side by side.
    fn passages(&self, before: &BTreeMap<Background, (u32, u32)>) -> Vec<Passage> {
        let of_year = |background: &Background| {
            let (invited, answered) = self.counts[background];
            let (old_invited, old_answered) = before.get(background).copied().unwrap_or_default();
            (f64::from(invited - old_invited), f64::from(answered - old_answered))
        };
        let counted = |pick: &dyn Fn((f64, f64)) -> f64| {
            let people =
                self.counts.keys().map(|background| (background, pick(of_year(background))));
            Composition::of(people, self.targets)
        };
        let everybody: Vec<usize> = (0..self.lives.len()).collect();
        let panel = self.composition(&everybody, &|_| 1.0);
        let (invited, answers) =
            (counted(&|(invited, _)| invited), counted(&|(_, answered)| answered));
        let sides = panel.groups.into_iter().zip(invited.groups).zip(answers.groups);
        sides
            .map(|((panel, invited), answers)| Passage {
                variable: panel.variable.name(),
                category: panel.category,
                population: panel.target,
                panel: panel.share,
                invited: invited.share,
                answers: answers.share,
                rate: (invited.count > 0.0).then(|| answers.count / invited.count),
            })
            .collect()
    }

    fn load(&self) -> Load {
        let last = BEGINNING + (YEAR_DAYS - 1).days();
        let mut all = Load::default();
        for had in self.lives.iter().map(|life| load(&life.history, last)) {
            match had {
                0 => all.none += 1,
                1..LOAD_MIN => all.one_to_four += 1,
                _ if had <= CAP.max_per_year as usize => all.five_to_ten += 1,
                _ => all.more += 1,
            }
            all.most = all.most.max(had);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn balanced_draws_halve_the_largest_gap_of_a_year() {
        let targets = sample::targets();
        for seed in 1..=3 {
            let plan = Plan { members: 6000, surveys: 4, size: 1500, seed };
            let Comparison { random, balanced, .. } = plan.run(&targets).expect("a town");
            let expected = balanced.mean_gap_expected / random.mean_gap_expected;
            let answers = balanced.mean_gap_answers / random.mean_gap_answers;
            assert!(expected < 0.5, "seed {seed}: expected answers, {expected}");
            assert!(answers < 0.5, "seed {seed}: answers, {answers}");
        }
    }

    #[test]
    fn the_cap_holds_over_the_year_and_a_seed_gives_one_year() {
        let plan = Plan { members: 400, surveys: 26, size: 390, seed: 7 };
        let years = plan.run(&sample::targets()).expect("a town");
        for year in [&years.random, &years.balanced] {
            assert_eq!((year.load.more, year.load.most), (0, 10));
            let Load { none, one_to_four, five_to_ten, more, .. } = year.load;
            let last = year.surveys.last().expect("26");
            assert_eq!(400 + year.joined - year.left, none + one_to_four + five_to_ten + more);
            assert!(last.may_be_invited < last.members);
        }
        assert_eq!(plan.run(&sample::targets()).expect("a town"), years);
    }
}
