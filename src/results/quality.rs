//! What looks careless or made up: flagged, never deleted. [`unflagged`] is the mask for the run that
//! shows what the results would be without it.
//!
//! A response has a day and no time of day (docs/privacy.md), so two of the rules are held to a kiosk's
//! day instead of its minutes: the same answers twice on one day, and five hurried answers that fit into
//! five minutes. Both flag a little more than the clock would, and nobody loses by a flag.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::item::Person;
use crate::response::record::Response;
use crate::survey::answer::Answer;
use crate::survey::model::{Choice, Question, Survey, Text};

pub const SPEEDER: &str = "speeder";
pub const STRAIGHT_LINING: &str = "straight-lining";
pub const DUPLICATE: &str = "duplicate";
pub const BURST: &str = "burst";
pub const NEAR_EMPTY: &str = "near-empty";

/// Every flag, in the order in which they are told.
pub const ALL: [&str; 5] = [SPEEDER, STRAIGHT_LINING, DUPLICATE, BURST, NEAR_EMPTY];

/// So many of the same route make a median (results, "Quality flags").
const ROUTE_MIN: usize = 50;
/// Nobody reads a word in less, in seconds.
const WORD_S: f64 = 0.3;
/// Rows of a matrix whose answers are all the same by chance no more.
const STRAIGHT_ROWS_MIN: usize = 5;
/// Answers that are all the same by chance no more.
const SAME_ANSWERS_MIN: usize = 6;
/// Answers that make a burst, and the seconds they fit into.
const BURST_MIN: usize = 5;
const BURST_S: u32 = 300;

/// What is kept of a response to judge it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Which questions were asked.
    route: u64,
    /// What was answered.
    answers: u64,
    /// The kiosk and the day; none elsewhere.
    kiosk_day: Option<u64>,
    words: usize,
    /// Questions, without those of the background.
    asked: usize,
    answered: usize,
    /// Matrices with the same answer in every row.
    straight: usize,
}

/// How many words each question of a survey shows, by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordCounts(HashMap<String, usize>);

impl WordCounts {
    /// Of a survey in one language.
    pub fn of(survey: &Survey) -> WordCounts {
        WordCounts(survey.questions().map(|one| (one.id.clone(), words(one))).collect())
    }
}

impl Trace {
    /// Of a complete response; `shown` are the words of the survey in its language.
    pub fn of(survey: &Survey, shown: &WordCounts, response: &Response) -> Trace {
        let questions = survey.questions();
        let asked: Vec<(&Question, &Answer)> = questions
            .filter_map(|question| Some((question, response.answers.get(&question.id)?)))
            .collect();
        let own = || asked.iter().filter(|(question, _)| question.maps.is_none());
        let answered: Vec<&(&Question, &Answer)> =
            own().filter(|(_, answer)| answer.is_answered()).collect();
        let mut said = DefaultHasher::new();
        for (question, answer) in &answered {
            question.id.hash(&mut said);
            hash_answer(answer, &mut said);
        }
        let counted = asked.iter().filter_map(|(question, _)| shown.0.get(&question.id));
        Trace {
            route: digest(&asked.iter().map(|(question, _)| &question.id).collect::<Vec<_>>()),
            answers: said.finish(),
            kiosk_day: response.kiosk.as_ref().map(|kiosk| digest(&(kiosk, &response.day))),
            words: counted.sum(),
            asked: own().count(),
            answered: answered.len(),
            straight: own().filter(|(_, answer)| is_straight(answer)).count(),
        }
    }
}

fn hash_answer(answer: &Answer, hasher: &mut DefaultHasher) {
    let bits = |number: &serde_json::Number| number.as_f64().map(f64::to_bits);
    match answer {
        Answer::Unanswered => {}
        Answer::Number(number) => bits(number).hash(hasher),
        Answer::Text(text) => text.hash(hasher),
        Answer::Choices(codes) => codes.hash(hasher),
        Answer::Rows(rows) => rows.hash(hasher),
        Answer::RowChoices(rows) => rows.hash(hasher),
        Answer::Points(points) => {
            points.iter().for_each(|(code, number)| (code, bits(number)).hash(hasher));
        }
    }
}

fn digest(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// How many words a question shows.
fn words(question: &Question) -> usize {
    let count = |text: &Text| text.plain.split_whitespace().count();
    let listed = |list: &[Choice]| list.iter().map(|choice| count(&choice.text)).sum::<usize>();
    let rows = question.rows.iter();
    let rows = rows.map(|row| count(&row.text) + row.right.as_ref().map_or(0, count));
    let own = [Some(&question.text), question.help.as_ref(), question.note.as_ref()];
    // Nobody reads a list that drops down from its first entry to its last.
    let choices = if question.dropdown { 0 } else { listed(&question.choices) };
    own.into_iter().flatten().map(count).sum::<usize>()
        + rows.sum::<usize>()
        + choices
        + listed(&question.columns)
}

fn is_straight(answer: &Answer) -> bool {
    let Answer::Rows(rows) = answer else { return false };
    let mut columns = rows.values();
    let first = columns.next();
    rows.len() >= STRAIGHT_ROWS_MIN && columns.all(|column| Some(column) == first)
}

/// Those of a response's own flags that are about its quality.
pub fn kept(flags: &[String]) -> Vec<String> {
    flags.iter().filter(|flag| ALL.contains(&flag.as_str())).cloned().collect()
}

/// True for everybody without a flag.
pub fn unflagged(people: &[Person]) -> Vec<bool> {
    people.iter().map(|person| person.flags.is_empty()).collect()
}

/// Adds the flags of people whose traces stand at the same places.
pub(super) fn mark(people: &mut [Person], traces: &[Trace]) {
    let hurried = speeders(people, traces);
    let burst = bursts(people, traces, &hurried);
    let duplicate = duplicates(traces);
    for (at, (person, trace)) in people.iter_mut().zip(traces).enumerate() {
        let straight = trace.straight >= 2 || trace.straight == 1 && hurried[at];
        let found = [
            (SPEEDER, hurried[at]),
            (STRAIGHT_LINING, straight),
            (DUPLICATE, duplicate[at]),
            (BURST, burst[at]),
            (NEAR_EMPTY, 2 * trace.answered < trace.asked),
        ];
        for (flag, _) in found.into_iter().filter(|(_, found)| *found) {
            if !person.flags.iter().any(|known| known == flag) {
                person.flags.push(flag.to_owned());
            }
        }
    }
}

/// Under a third of the median of the same route, where that has enough people; or faster than anybody
/// reads.
fn speeders(people: &[Person], traces: &[Trace]) -> Vec<bool> {
    let mut routes: HashMap<u64, Vec<u32>> = HashMap::new();
    for (person, trace) in people.iter().zip(traces) {
        if let Some(seconds) = person.duration_s {
            routes.entry(trace.route).or_default().push(seconds);
        }
    }
    let enough = routes.into_iter().filter(|(_, times)| times.len() >= ROUTE_MIN);
    let medians: HashMap<u64, u32> = enough
        .map(|(route, mut times)| {
            times.sort_unstable();
            (route, times[times.len() / 2])
        })
        .collect();
    let is_one = |(person, trace): (&Person, &Trace)| {
        let Some(seconds) = person.duration_s else { return false };
        let hurried = medians.get(&trace.route).is_some_and(|median| 3 * seconds < *median);
        hurried || f64::from(seconds) < WORD_S * trace.words as f64
    };
    people.iter().zip(traces).map(is_one).collect()
}

/// Hurried answers of one kiosk and day, five of which fit into five minutes.
fn bursts(people: &[Person], traces: &[Trace], hurried: &[bool]) -> Vec<bool> {
    let mut days: HashMap<u64, Vec<(u32, usize)>> = HashMap::new();
    for (at, trace) in traces.iter().enumerate().filter(|(at, _)| hurried[*at]) {
        if let (Some(day), Some(seconds)) = (trace.kiosk_day, people[at].duration_s) {
            days.entry(day).or_default().push((seconds, at));
        }
    }
    let mut found = vec![false; people.len()];
    for mut day in days.into_values() {
        day.sort_unstable();
        let shortest = day.get(..BURST_MIN).into_iter().flatten();
        let together: u32 = shortest.map(|(seconds, _)| *seconds).sum();
        if day.len() >= BURST_MIN && together <= BURST_S {
            day.iter().for_each(|(_, at)| found[*at] = true);
        }
    }
    found
}

/// All but the first of the same answers from one kiosk on one day.
fn duplicates(traces: &[Trace]) -> Vec<bool> {
    let mut seen: HashSet<(u64, u64)> = HashSet::new();
    let is_one = |trace: &Trace| {
        let day = trace.kiosk_day.filter(|_| trace.answered >= SAME_ANSWERS_MIN);
        day.is_some_and(|day| !seen.insert((day, trace.answers)))
    };
    traces.iter().map(is_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(route: u64, answers: u64) -> Trace {
        let kiosk_day = Some(1);
        Trace { route, answers, kiosk_day, words: 100, asked: 10, answered: 10, straight: 0 }
    }

    fn who(duration_s: Option<u32>) -> Person {
        Person { duration_s, ..Person::default() }
    }

    fn flags(people: &[(Option<u32>, Trace)]) -> Vec<Vec<String>> {
        let traces: Vec<Trace> = people.iter().map(|(_, trace)| trace.clone()).collect();
        let mut people: Vec<Person> = people.iter().map(|(time, _)| who(*time)).collect();
        mark(&mut people, &traces);
        people.into_iter().map(|person| person.flags).collect()
    }

    #[test]
    fn a_third_of_the_median_of_the_same_route_is_hurried() {
        let mut people: Vec<_> = (0..50).map(|at| (Some(180), trace(1, at))).collect();
        people.push((Some(55), trace(1, 100)));
        people.push((Some(65), trace(1, 101)));
        // Another route, which takes no longer.
        people.push((Some(55), trace(2, 102)));
        let flags = flags(&people);
        assert_eq!(flags[50], [SPEEDER]);
        assert!(flags[51].is_empty() && flags[52].is_empty());
    }

    #[test]
    fn nobody_reads_faster_than_three_words_a_second() {
        let flags = flags(&[(Some(25), trace(1, 1)), (Some(30), trace(1, 2)), (None, trace(1, 3))]);
        assert_eq!(flags, [vec![SPEEDER.to_owned()], vec![], vec![]]);
    }

    #[test]
    fn straight_lines_need_two_matrices_or_hurry() {
        let straight = |many| Trace { straight: many, ..trace(1, many as u64) };
        let flags = flags(&[
            (Some(100), straight(2)),
            (Some(100), straight(1)),
            (Some(10), Trace { answers: 3, ..straight(1) }),
        ]);
        assert_eq!(flags[0], [STRAIGHT_LINING]);
        assert!(flags[1].is_empty());
        assert_eq!(flags[2], [SPEEDER, STRAIGHT_LINING]);
    }

    #[test]
    fn the_same_answers_of_one_kiosk_and_day_are_flagged_but_the_first() {
        let mut short = trace(1, 9);
        short.answered = 5;
        let elsewhere = Trace { kiosk_day: Some(2), ..trace(1, 7) };
        let people = [trace(1, 7), trace(1, 7), elsewhere, short.clone(), short];
        let flags = flags(&people.map(|trace| (None, trace)));
        assert_eq!(flags[1], [DUPLICATE]);
        assert!([0, 2, 3, 4].iter().all(|at| !flags[*at].contains(&DUPLICATE.to_owned())));
    }

    #[test]
    fn five_hurried_answers_of_one_kiosk_are_a_burst() {
        let some = |many: u64| -> Vec<_> { (0..many).map(|at| (Some(20), trace(1, at))).collect() };
        assert!(flags(&some(4)).iter().all(|flags| flags == &[SPEEDER]));
        assert!(flags(&some(5)).iter().all(|flags| flags == &[SPEEDER, BURST]));
    }

    #[test]
    fn less_than_half_answered_is_near_empty() {
        let of = |answered| Trace { answered, ..trace(1, answered as u64) };
        let flags = flags(&[(None, of(4)), (None, of(5))]);
        assert_eq!(flags, [vec![NEAR_EMPTY.to_owned()], vec![]]);
    }

    #[test]
    fn the_mask_leaves_flagged_people_out() {
        let flagged = Person { flags: vec![SPEEDER.to_owned()], ..Person::default() };
        assert_eq!(unflagged(&[flagged, Person::default()]), [false, true]);
    }
}
