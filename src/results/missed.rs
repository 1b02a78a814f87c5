//! Where nobody is weighted, whole percents leave open how many did not answer, and a mean beside them may not:
//! only some numbers of people have answers with these shares and this mean. A mean that would tell that few, or
//! none, left the question open, or that somebody did, is left out.

use super::bounds::{counts_of, missing_of, rounded};
use super::figure::{Figure, Measure, Value};
use super::item::{Item, Shape};

/// Half of the last digit of a printed mean.
const HALF: f64 = 0.05;

/// Hides such means of a question that everybody was asked and anybody could leave open; `least` people are few.
pub fn silence(item: &Item, least: u32, figures: &mut [Figure]) {
    if item.shape != Shape::Ordered {
        return;
    }
    let asked = item.given.iter().filter(|given| given.is_asked()).count() as u32;
    let answered = item.given.iter().filter(|given| given.is_answered()).count() as u32;
    let of_all = missing_of(rounded(answered, asked), asked);
    let told: Vec<usize> = (0..figures.len())
        .filter(|&at| {
            let figure = &figures[at];
            let (people, missing) = match figure.group {
                None => (asked, of_all),
                Some(_) => (figure.n, (0, of_all.1.min(figure.n))),
            };
            let Some(mean) = mean(figure) else { return false };
            let shares = Shares::beside(item, figure, figures);
            let may_miss = |missing: u32| shares.allow(people.saturating_sub(missing), mean);
            let is_safe = missing.0 >= least || may_miss(0) && (least..=missing.1).any(may_miss);
            !is_safe
        })
        .collect();
    for at in told {
        let figure = &mut figures[at];
        (figure.value, figure.low, figure.high) = (None, None, None);
    }
}

fn mean(figure: &Figure) -> Option<f64> {
    match (figure.measure, figure.value) {
        (Measure::Mean, Some(Value::Tenths(tenths))) => Some(tenths as f64 / 10.0),
        _ => None,
    }
}

/// The shares of a group: what each counts as, and its whole percent.
struct Shares(Vec<(Option<f64>, Option<u32>)>);

impl Shares {
    fn beside(item: &Item, mean: &Figure, figures: &[Figure]) -> Shares {
        let own = figures
            .iter()
            .filter(|figure| figure.measure == Measure::Percent && figure.group == mean.group);
        let share = |figure: &Figure| {
            let choice = item.choices.iter().find(|choice| figure.choices == [choice.id.as_str()]);
            let percent = match figure.value {
                Some(Value::Percent(percent)) => Some(u32::from(percent)),
                _ => None,
            };
            (choice.and_then(|choice| choice.value), percent)
        };
        Shares(own.map(share).collect())
    }

    /// Whether `answered` people can have these shares and this mean: whoever moves people between the two
    /// answers that are furthest off meets every mean between, so that the extremes decide.
    fn allow(&self, answered: u32, mean: f64) -> bool {
        let counts = |percent: &Option<u32>| match percent {
            Some(percent) => counts_of(*percent, answered),
            None => (0, answered),
        };
        let bounds: Vec<(u32, u32)> = self.0.iter().map(|(_, percent)| counts(percent)).collect();
        let most_of = |aim: &dyn Fn(f64) -> f64| {
            let weights = self.0.iter().map(|(value, _)| value.map_or(0.0, aim));
            largest(&weights.collect::<Vec<_>>(), &bounds, answered)
        };
        let above = most_of(&|value| value - (mean - HALF));
        let below = most_of(&|value| (mean + HALF) - value);
        above.zip(below).is_some_and(|(above, below)| above >= 0.0 && below >= 0.0)
    }
}

/// The largest weighted sum of counts within their bounds that add up to `all`; none where they cannot.
fn largest(weights: &[f64], bounds: &[(u32, u32)], all: u32) -> Option<f64> {
    if bounds.iter().any(|(low, high)| low > high) {
        return None;
    }
    let least: u32 = bounds.iter().map(|(low, _)| low).sum();
    let mut left = all.checked_sub(least)?;
    let mut sum: f64 = weights.iter().zip(bounds).map(|(w, (low, _))| w * f64::from(*low)).sum();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&one, &other| weights[other].total_cmp(&weights[one]));
    for at in order {
        let more = left.min(bounds[at].1 - bounds[at].0);
        sum += weights[at] * f64::from(more);
        left -= more;
    }
    (left == 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::super::item::{Choice, Given, Ticks};
    use super::*;

    /// What is published of one scale of five over everybody, with so many who left it open.
    fn published(counts: [usize; 5], open: usize) -> (Item, Vec<Figure>) {
        let answers = counts.iter().enumerate();
        let mut given: Vec<Given> =
            answers.flat_map(|(at, &count)| vec![Given::One(at); count]).collect();
        given.extend(vec![Given::Open; open]);
        let choice = |value: usize| Choice {
            id: value.to_string(),
            value: Some(value as f64),
            exclusive: false,
        };
        let answered: usize = counts.iter().sum();
        let n = rounded(answered as u32, given.len() as u32);
        let figure = |choices: Vec<String>, measure, value| Figure {
            question: "q".to_owned(),
            row: None,
            choices,
            group: None,
            n,
            measure,
            value: Some(value),
            low: None,
            high: None,
        };
        let mut figures: Vec<Figure> = (0..5)
            .map(|at| {
                let share = Value::of_share(counts[at] as f64 / answered as f64);
                figure(vec![(at + 1).to_string()], Measure::Percent, share)
            })
            .collect();
        let sum: usize = (1..=5).map(|value| value * counts[value - 1]).sum();
        let tenths = (sum as f64 / answered as f64 * 10.0).round() as i64;
        figures.push(figure(Vec::new(), Measure::Mean, Value::Tenths(tenths)));
        let item = Item {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Ordered,
            choices: (1..=5).map(choice).collect(),
            routed: false,
            ticks: Ticks::default(),
            totals_only: false,
            given,
        };
        (item, figures)
    }

    /// By hand: every number who may have left it open, and every way in which the others can have answered; with
    /// the mean and without.
    fn may_miss(figures: &[Figure], people: u32, has_mean: bool) -> Vec<u32> {
        let percents: Vec<u32> = figures[..5]
            .iter()
            .map(|figure| match figure.value {
                Some(Value::Percent(percent)) => u32::from(percent),
                _ => unreachable!("all are shown"),
            })
            .collect();
        let mean = mean(&figures[5]).expect("shown");
        let has = |answered: u32| {
            let ranges: Vec<(u32, u32)> =
                percents.iter().map(|percent| counts_of(*percent, answered)).collect();
            let mut stack = vec![(0, 0, 0)];
            while let Some((at, sum, scores)) = stack.pop() {
                if at == 5 {
                    let own = f64::from(scores) / f64::from(answered);
                    if sum == answered && (!has_mean || (own - mean).abs() <= HALF) {
                        return true;
                    }
                    continue;
                }
                let (low, high) = ranges[at];
                let next = |count| (at + 1, sum + count, scores + count * (at as u32 + 1));
                stack.extend((low..=high).map(next));
            }
            false
        };
        (0..10).filter(|missing| has(people - missing)).collect()
    }

    #[test]
    fn a_mean_that_tells_how_few_left_a_question_open_is_left_out() {
        let mut rng = fastrand::Rng::with_seed(9);
        let is_safe = |known: &[u32]| known.contains(&0) && known.iter().any(|count| *count >= 5);
        let (mut told, mut kept, mut needless) = (0, 0, 0);
        for _ in 0..200 {
            let counts = [(); 5].map(|()| rng.usize(5..30));
            let open = rng.usize(0..5);
            let (item, mut figures) = published(counts, open);
            let people = item.given.len() as u32;
            let known = may_miss(&figures, people, true);
            let is_told = !is_safe(&known) && is_safe(&may_miss(&figures, people, false));
            silence(&item, 5, &mut figures);
            let is_silent = figures[5].value.is_none();
            assert!(is_safe(&known) || is_silent, "{counts:?} and {open} open: {known:?}");
            told += u32::from(is_told);
            kept += u32::from(!is_silent);
            needless += u32::from(is_silent && is_safe(&known));
        }
        // Some are told by the mean alone, and next to none is left out that is not.
        assert!(told > 0 && kept > 20 && needless < 3, "{told} told, {kept} kept, {needless} not");
    }
}
