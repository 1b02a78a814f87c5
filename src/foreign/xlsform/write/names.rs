//! Names for a form, where questions, groups and rows of tables share one space: `${name}` has to
//! find one thing.

use std::collections::{HashMap, HashSet};

use crate::survey::Survey;

/// Names that mean something to a form by themselves.
const RESERVED: [&str; 4] = ["meta", "instanceid", "instancename", "audit"];

/// The names by what they stand for.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    questions: HashMap<String, String>,
    pages: HashMap<String, String>,
    /// By question and row, or question and choice.
    parts: HashMap<(String, String), String>,
}

impl Names {
    /// Names every question first, since they keep their ids where they can.
    pub fn of(survey: &Survey) -> Names {
        let mut names = Names::default();
        for question in survey.questions() {
            let name = names.free(&question.id);
            names.questions.insert(question.id.clone(), name);
        }
        for page in &survey.pages {
            let name = names.free(&page.id);
            names.pages.insert(page.id.clone(), name);
        }
        for question in survey.questions() {
            let rows = question.rows.iter().map(|row| &row.id);
            let shares = question.choices.iter().filter(|_| question.share.is_some());
            let shares = shares.map(|choice| &choice.id);
            let others = question.choices.iter().filter(|choice| choice.other).map(|c| &c.id);
            for (part, tail) in
                rows.chain(shares).map(|id| (id, "")).chain(others.map(|id| (id, "_text")))
            {
                let name = names.free(&format!("{}_{part}{tail}", question.id));
                names.parts.insert((question.id.clone(), part.clone()), name);
            }
        }
        names
    }

    /// `wanted`, or the first of `wanted_2`, `wanted_3` … that is free.
    pub fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while RESERVED.contains(&name.to_lowercase().as_str())
            || !self.taken.insert(name.to_lowercase())
        {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }

    pub fn question(&self, id: &str) -> &str {
        self.questions.get(id).map_or("", String::as_str)
    }

    pub fn page(&self, id: &str) -> &str {
        self.pages.get(id).map_or("", String::as_str)
    }

    /// A row of a matrix, a choice of points to share, or the text field of a choice.
    pub fn part(&self, question: &str, part: &str) -> &str {
        let key = (question.to_owned(), part.to_owned());
        self.parts.get(&key).map_or("", String::as_str)
    }
}
