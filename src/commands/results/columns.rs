//! Which columns of a CSV are questions, and of what kind: there is no survey to say so.
//!
//! - `q2_1`, `q2_none` with 0 and 1 alone (−1: not asked, blank: not answered) are options of one question
//!   `q2`: `opt1`, `none`. A column of that kind by itself is a question with the one category `1`.
//! - `q6_r1` to `q6_r5` with the places 1, 2, 3 … of each respondent, and 0 for what has none, are a ranking
//!   `q6`: `top3_1`, `first_1` and `borda_1` (3, 2, 1 points).
//! - Numbers alone are a number: its mean, the mean after winsorising, quantiles.
//! - Anything else is a choice, its base whoever is not blank. With more than 60 different texts it is
//!   free text, which has no shares.

use std::collections::{BTreeMap, BTreeSet};

use crate::results::estimate::Kind;

/// Nobody reads the shares of so many different answers.
const CATEGORIES_MAX: usize = 60;

/// What is estimated of a question.
pub struct Asked {
    pub question: String,
    pub category: String,
    pub kind: Kind,
    /// By person; none is not in the base.
    pub given: Vec<Option<f64>>,
    pub form: Form,
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One of the texts of a question that everybody has at most one of.
    Choice,
    /// Also has quantiles, and a mean that the largest values do not move.
    Number,
    /// Yes or no, by itself or among others; a place in a ranking.
    Other,
}

/// All questions among these columns, in their order.
pub fn questions(columns: &[(&str, &[String])]) -> Vec<Asked> {
    let rankings = rankings(columns);
    let options = options(columns);
    let mut asked = Vec::new();
    for (name, fields) in columns {
        let ranking =
            rankings.iter().find(|(_, ranking)| ranking.columns.iter().any(|(_, it)| it == name));
        if let Some((question, ranking)) = ranking {
            if ranking.columns[0].1 == *name {
                asked.extend(ranking.asked(question, columns));
            }
        } else if is_yes_or_no(fields) {
            let of = |it: &String| number(it).filter(|it| *it >= 0.0);
            let (question, category) = option(name, &options);
            let given = fields.iter().map(of).collect();
            asked.push(Asked { question, category, kind: Kind::Share, given, form: Form::Other });
        } else if fields.iter().all(|it| it.is_empty() || number(it).is_some()) {
            let given: Vec<Option<f64>> = fields.iter().map(|it| number(it)).collect();
            if given.iter().any(Option::is_some) {
                let (question, category) = ((*name).to_owned(), "mean".to_owned());
                asked.push(Asked {
                    question,
                    category,
                    kind: Kind::Mean,
                    given,
                    form: Form::Number,
                });
            }
        } else {
            asked.extend(choices(name, fields));
        }
    }
    asked
}

fn number(field: &str) -> Option<f64> {
    field.parse::<f64>().ok().filter(|it| it.is_finite())
}

fn is_yes_or_no(fields: &[String]) -> bool {
    let is_known = |it: &String| matches!(it.as_str(), "" | "0" | "1" | "-1");
    fields.iter().all(is_known) && fields.iter().any(|it| it == "0" || it == "1")
}

fn choices(name: &str, fields: &[String]) -> Vec<Asked> {
    let texts: BTreeSet<&String> = fields.iter().filter(|it| !it.is_empty()).collect();
    if texts.len() > CATEGORIES_MAX {
        return Vec::new();
    }
    let choice = |text: &&String| {
        let of = |it: &String| (!it.is_empty()).then(|| f64::from(u8::from(it == *text)));
        Asked {
            question: name.to_owned(),
            category: (*text).clone(),
            kind: Kind::Share,
            given: fields.iter().map(of).collect(),
            form: Form::Choice,
        }
    };
    texts.iter().map(choice).collect()
}

/// How many yes-or-no columns each question has.
fn options<'a>(columns: &[(&'a str, &[String])]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    let yes_or_no = columns.iter().filter(|(_, fields)| is_yes_or_no(fields));
    for (question, _) in yes_or_no.filter_map(|(name, _)| name.rsplit_once('_')) {
        *counts.entry(question).or_default() += 1;
    }
    counts
}

/// The question and the category of a yes-or-no column.
fn option(name: &str, options: &BTreeMap<&str, usize>) -> (String, String) {
    let shared = name.rsplit_once('_').filter(|(question, _)| options[question] > 1);
    match shared {
        Some((question, at)) if at.bytes().all(|byte| byte.is_ascii_digit()) => {
            (question.to_owned(), format!("opt{at}"))
        }
        Some((question, at)) => (question.to_owned(), at.to_owned()),
        None => (name.to_owned(), "1".to_owned()),
    }
}

/// Columns that are one ranking.
struct Ranking<'a> {
    /// What stands after `_r`, and the column.
    columns: Vec<(&'a str, &'a str)>,
    /// How many are ranked at most.
    places: usize,
}

fn rankings<'a>(columns: &[(&'a str, &[String])]) -> Vec<(&'a str, Ranking<'a>)> {
    let mut found: Vec<(&str, Ranking)> = Vec::new();
    for (name, _) in columns {
        let Some((question, at)) = name.rsplit_once("_r") else { continue };
        if at.is_empty() || !at.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        match found.iter_mut().find(|(it, _)| *it == question) {
            Some((_, ranking)) => ranking.columns.push((at, name)),
            None => found.push((question, Ranking { columns: vec![(at, name)], places: 0 })),
        }
    }
    found.retain_mut(|(_, ranking)| match ranking.ranks(columns) {
        Some(ranks) if ranking.columns.len() > 1 => {
            ranking.places = ranks.iter().flatten().flatten().copied().max().unwrap_or(0);
            ranking.places > 0
        }
        _ => false,
    });
    found
}

impl Ranking<'_> {
    /// By person, the place of each column; none for who left any of it blank. None where these are
    /// no places.
    fn ranks(&self, columns: &[(&str, &[String])]) -> Option<Vec<Option<Vec<usize>>>> {
        let of = |name: &str| columns.iter().find(|(it, _)| *it == name).map(|(_, fields)| *fields);
        let fields: Vec<&[String]> =
            self.columns.iter().map(|(_, name)| of(name)).collect::<Option<_>>()?;
        let person = |at: usize| {
            let own = fields.iter().map(|column| column[at].as_str());
            if own.clone().any(str::is_empty) {
                return Some(None);
            }
            let ranks: Vec<usize> = own.map(|it| it.parse().ok()).collect::<Option<_>>()?;
            let mut places: Vec<usize> = ranks.iter().copied().filter(|it| *it > 0).collect();
            places.sort_unstable();
            places.iter().copied().eq(1..=places.len()).then_some(Some(ranks))
        };
        (0..fields.first()?.len()).map(person).collect()
    }

    fn asked(&self, question: &str, columns: &[(&str, &[String])]) -> Vec<Asked> {
        let ranks = self.ranks(columns).unwrap_or_default();
        let places = self.places;
        let mut asked = Vec::new();
        for (column, (at, _)) in self.columns.iter().enumerate() {
            let mut push = |category: String, kind, of: &dyn Fn(usize) -> usize| {
                let own = |ranks: &Option<Vec<usize>>| Some(of(ranks.as_ref()?[column]) as f64);
                let given = ranks.iter().map(own).collect();
                let question = question.to_owned();
                asked.push(Asked { question, category, kind, given, form: Form::Other });
            };
            push(format!("top{places}_{at}"), Kind::Share, &|rank| usize::from(rank > 0));
            push(format!("first_{at}"), Kind::Share, &|rank| usize::from(rank == 1));
            let points = |rank: usize| if rank > 0 { places + 1 - rank } else { 0 };
            push(format!("borda_{at}"), Kind::Mean, &points);
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `question/category` and what is given, of one table.
    fn read(columns: &[(&str, &[&str])]) -> Vec<(String, Vec<Option<f64>>)> {
        let own: Vec<(&str, Vec<String>)> = columns
            .iter()
            .map(|(name, fields)| (*name, fields.iter().map(|it| (*it).to_owned()).collect()))
            .collect();
        let columns: Vec<(&str, &[String])> =
            own.iter().map(|(name, fields)| (*name, fields.as_slice())).collect();
        let name = |it: Asked| (format!("{}/{}", it.question, it.category), it.given);
        questions(&columns).into_iter().map(name).collect()
    }

    #[test]
    fn a_column_is_a_choice_a_number_or_an_option() {
        let read = read(&[
            ("q1", &["yes", "no", "", "yes"]),
            ("q2_1", &["1", "0", "-1", ""]),
            ("q2_none", &["0", "1", "-1", ""]),
            ("alone", &["0", "1", "1", "0"]),
            ("q3", &["10", "", "-2", "1.5"]),
            ("blank", &["", "", "", ""]),
        ]);
        let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["q1/no", "q1/yes", "q2/opt1", "q2/none", "alone/1", "q3/mean"]);
        assert_eq!(read[1].1, [Some(1.0), Some(0.0), None, Some(1.0)]);
        assert_eq!(read[2].1, [Some(1.0), Some(0.0), None, None]);
        assert_eq!(read[5].1, [Some(10.0), None, Some(-2.0), Some(1.5)]);
    }

    #[test]
    fn places_of_each_respondent_are_a_ranking_and_other_numbers_are_not() {
        let ranked = read(&[("q6_r1", &["1", "0", ""]), ("q6_r2", &["2", "1", "1"])]);
        let names: Vec<&str> = ranked.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["q6/top2_1", "q6/first_1", "q6/borda_1", "q6/top2_2", "q6/first_2", "q6/borda_2"]
        );
        assert_eq!(ranked[2].1, [Some(2.0), Some(0.0), None]);
        assert_eq!(ranked[5].1, [Some(1.0), Some(2.0), None]);
        let twice = read(&[("q6_r1", &["2", "2", "1"]), ("q6_r2", &["2", "1", "3"])]);
        assert_eq!(twice[0].0, "q6_r1/mean");
    }

    #[test]
    fn free_text_has_no_shares() {
        let texts: Vec<String> = (0..=CATEGORIES_MAX).map(|at| format!("text {at}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(read(&[("why", &texts)]).is_empty());
        assert_eq!(read(&[("why", &texts[1..])]).len(), CATEGORIES_MAX);
    }
}
