//! What a file of responses has that cannot be. Nobody judged it before: a central does that on receipt. A file is never
//! refused for it; whoever runs the command is told, once.

use std::path::Path;

use crate::console::complain;
use crate::panel::coarsen;
use crate::response::Response;
use crate::response::background::Known;
use crate::response::possible::{Impossible, Judge, is_day};
use crate::response::targets::Variable;
use crate::site::content::Content;
use crate::survey::Definition;

/// So many of each are named.
const EXAMPLES: usize = 5;

/// Judges the lines of a file, and keeps what there is to say.
pub struct Doubts<'a> {
    judge: Judge,
    known: &'a Known,
    answers: Found,
    days: Found,
    codes: Found,
}

/// How many there are, and the first of them.
#[derive(Default)]
struct Found {
    many: usize,
    examples: Vec<String>,
}

impl Found {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.many += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }

    fn tell(&self, path: &Path, [one, more]: [&str; 2]) {
        let what = match self.many {
            0 => return,
            1 => format!("1 {one}"),
            many => format!("{many} {more}"),
        };
        let left = match self.many - self.examples.len() {
            0 => String::new(),
            left => format!("\n  and {left} more"),
        };
        let examples = self.examples.join("\n  ");
        complain!("borgerpanel: {}: {what}:\n  {examples}{left}", path.display());
    }
}

/// The codes of background that the survey, the sign-ups and the age groups of the site have.
pub fn known(definition: &Definition, content: &Content) -> Known {
    let mut known = Known::default();
    let forms = content.signups.iter().chain([definition]);
    forms.for_each(|form| known.add_form(form.base()));
    let ages = &content.config.age_groups;
    known.add(Variable::Age, ages.iter().cloned().chain(coarsen::bands(ages).into_values()));
    known
}

impl Doubts<'_> {
    /// Of a file of answers to this survey.
    pub fn of<'a>(definition: &Definition, known: &'a Known) -> Doubts<'a> {
        Doubts {
            judge: Judge::of(definition),
            known,
            answers: Found::default(),
            days: Found::default(),
            codes: Found::default(),
        }
    }

    /// Takes out of the response on this line what cannot be.
    pub fn settle(&mut self, line: usize, response: &mut Response) -> Vec<Impossible> {
        if !self.judge.knows(response) {
            return Vec::new();
        }
        let taken = self.judge.settle(response);
        for one in &taken {
            self.answers.add(|| match &one.row {
                Some(row) => format!("line {line}, {}.{row}: {}", one.question, one.why),
                None => format!("line {line}, {}: {}", one.question, one.why),
            });
        }
        if !is_day(&response.day) {
            self.days.add(|| format!("line {line}: `{}`", shortened(&response.day)));
        }
        for (variable, code) in self.known.unknown(&response.background) {
            self.codes.add(|| format!("line {line}, {}: `{}`", variable.name(), shortened(code)));
        }
        taken
    }

    /// Says what was found.
    pub fn tell(&self, path: &Path) {
        self.answers.tell(
            path,
            [
                "answer cannot have been given and counts as left open",
                "answers cannot have been given and count as left open",
            ],
        );
        self.days.tell(
            path,
            [
                "response has a day that does not exist and counts as if of no day",
                "responses have a day that does not exist and count as if of no day",
            ],
        );
        self.codes.tell(
            path,
            [
                "code of background is in no form and no targets of this site and is in no group",
                "codes of background are in no form and no targets of this site and are in no group",
            ],
        );
    }
}

/// Enough of it to find it in the file.
fn shortened(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(24).collect()
}
