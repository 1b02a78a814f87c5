//! What choices, rows and groups are called, in the language of the page.

use super::super::words::Words;
use super::people::ages;
use crate::results::page::{Report, Voice};
use crate::survey::model::{Choice, Definition, Question, Survey, Text};

/// The words of a survey and of the forms that name its groups.
pub(super) struct Names<'a> {
    pub(super) survey: &'a Survey,
    pub(super) words: &'a Words,
    pub(super) coded: &'a [Voice],
    /// The survey first: what it asked itself is called as it asked.
    forms: Vec<&'a Survey>,
}

impl<'a> Names<'a> {
    pub(super) fn of(report: &Report<'a>, survey: &'a Survey, words: &'a Words) -> Names<'a> {
        let forms = report.named_by.iter().map(|form| form.in_language(&survey.lang));
        let coded = report.coded;
        Names { survey, words, coded, forms: std::iter::once(survey).chain(forms).collect() }
    }

    /// Those of sign-up forms alone, `survey` being one of them.
    pub(super) fn of_forms(
        forms: &'a [Definition],
        survey: &'a Survey,
        words: &'a Words,
    ) -> Names<'a> {
        let others = forms.iter().map(|form| form.in_language(&survey.lang));
        Names { survey, words, coded: &[], forms: others.collect() }
    }

    /// A question by its words; its id where it is gone.
    pub(super) fn question(&self, id: &str) -> String {
        self.survey.question(id).map_or_else(|| id.to_owned(), |it| it.text.plain.clone())
    }

    /// The choice or column of a question.
    pub(super) fn choice_of(&self, question: &'a Question, id: &str) -> Option<&'a Choice> {
        question.choices.iter().chain(&question.columns).find(|choice| choice.id == id)
    }

    /// One choice, or several that were merged.
    pub(super) fn choices(&self, question: &str, ids: &[String]) -> String {
        let question = self.survey.question(question);
        let name = |id: &String| {
            let Some(question) = question else { return id.clone() };
            match self.choice_of(question, id) {
                Some(choice) => choice.text.plain.clone(),
                None => point(question, id).unwrap_or_else(|| id.clone()),
            }
        };
        self.joined(ids.iter().map(name))
    }

    /// A row of a matrix; of a differential both of its ends.
    pub(super) fn row(&self, question: &str, id: &str) -> String {
        let rows = self.survey.question(question).map_or(&[][..], |question| &question.rows);
        let Some(row) = rows.iter().find(|row| row.id == id) else { return id.to_owned() };
        let right = row.right.as_ref().map(|Text { plain, .. }| plain.as_str());
        right
            .map_or_else(|| row.text.plain.clone(), |right| format!("{} – {right}", row.text.plain))
    }

    /// `district` as readers know it.
    pub(super) fn variable(&self, variable: &str) -> String {
        self.words.ui(&format!("results_by_{variable}")).to_owned()
    }

    /// One group, or several that were merged.
    pub(super) fn group(&self, variable: &str, categories: &[String]) -> String {
        if variable == "age"
            && let Some(years) = span(categories)
        {
            return self.words.fill("results_years", &[("group", &years)]);
        }
        let asked = self.forms.iter().filter_map(|form| {
            form.questions().find(|question| question.maps.as_deref() == Some(variable))
        });
        let asked: Vec<&Question> = asked.collect();
        let name = |id: &String| {
            let choice = asked.iter().find_map(|question| question.choice(id));
            match choice {
                Some(choice) => choice.text.plain.clone(),
                None if variable == "age" => {
                    self.words.fill("results_years", &[("group", &id.replace('-', "–"))])
                }
                None if variable == "channel" => {
                    self.words.ui(&format!("results_at_{id}")).to_owned()
                }
                None => id.clone(),
            }
        };
        self.joined(categories.iter().map(name))
    }

    fn joined(&self, names: impl Iterator<Item = String>) -> String {
        let names: Vec<String> = names.collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} {} {last}", before.join(", "), self.words.ui("or"))
            }
            _ => names.concat(),
        }
    }
}

/// `15–34` of groups of years that were merged.
fn span(categories: &[String]) -> Option<String> {
    match ages(categories)? {
        (from, Some(to)) => Some(format!("{from}–{to}")),
        (from, None) => Some(format!("{from}+")),
    }
}

/// A point of a scale, with its label where it has one.
fn point(question: &Question, id: &str) -> Option<String> {
    let value: i64 = id.parse().ok()?;
    let labels = &question.scale.as_ref()?.labels;
    let label = labels.iter().find(|label| label.value == value);
    Some(label.map_or_else(|| id.to_owned(), |label| format!("{id}: {}", label.text.plain)))
}
