//! How long a survey takes: the promise on its start page.
//!
//! The constants are our own rule, not measured yet: seconds to read and answer a question of each
//! kind on a phone, guessed high rather than low, since a broken promise costs more than a modest
//! one. Real durations (`duration_s` of the responses) should replace them. Reading is counted at
//! 200 words a minute, a little under the average of adults, as many read on their feet.

use super::model::{Page, Question, Survey, Text};

const WORDS_PER_SECOND: f64 = 200.0 / 60.0;

/// Whole minutes, at least one, rounded up from the estimate.
pub fn minutes(survey: &Survey) -> u32 {
    let mut seconds = reading(&survey.intro);
    for page in &survey.pages {
        // A conditional part meets some people only: half of them, for want of knowledge.
        seconds += page_seconds(page) * share(page.condition.is_some());
    }
    // Bounded by the size of a file, far below the limits of u32.
    ((seconds / 60.0).ceil() as u32).max(1)
}

/// How long a page takes whoever comes to it.
pub fn page_seconds(page: &Page) -> f64 {
    let answering: f64 = page.questions.iter().map(question_seconds).sum();
    reading(&page.intro) + answering
}

fn question_seconds(question: &Question) -> f64 {
    let reading = words(&question.text.plain) + reading(&question.help) + reading(&question.note);
    (reading + answering(question)) * share(question.condition.is_some())
}

fn answering(question: &Question) -> f64 {
    let choices = question.choices.len() as f64;
    let rows = question.rows.len() as f64;
    let pictures = question.choices.iter().filter(|choice| choice.image.is_some()).count() as f64;
    // A picture is looked at, which takes longer than its words.
    let looking = 1.5 * pictures;
    looking
        + match question.kind.rules().name() {
            "multiple" => 4.0 + 1.2 * choices,
            "matrix" | "differential" => 4.0 + 5.0 * rows,
            "matrix-multiple" => 4.0 + 8.0 * rows,
            // Each place is a look through those that are left.
            "ranking" => 6.0 + 1.2 * choices + 3.0 * question.top.map_or(choices, f64::from),
            // A number is typed for each, and the sum is set right at the end.
            "points" => 12.0 + 5.0 * choices,
            "place" => 10.0,
            "longtext" => 30.0,
            "email" | "text" => 12.0,
            "tel" => 10.0,
            "date" => 8.0,
            "number" | "year" | "time" | "postcode" => 6.0,
            "scale" => 5.0,
            "consent" => 4.0,
            _ if question.dropdown => 6.0,
            _ => 3.0 + 0.8 * choices,
        }
}

fn share(conditional: bool) -> f64 {
    if conditional { 0.5 } else { 1.0 }
}

fn reading(text: &Option<Text>) -> f64 {
    words(text.as_ref().map_or("", |text| &text.plain))
}

fn words(text: &str) -> f64 {
    text.split_whitespace().count() as f64 / WORDS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Choice;
    use crate::survey::kinds::Kind;

    #[test]
    fn an_empty_survey_takes_a_minute() {
        assert_eq!(minutes(&Survey::default()), 1);
    }

    #[test]
    fn reading_counts() {
        let plain = "ord ".repeat(500);
        let intro = Some(Text { html: String::new(), plain });
        assert_eq!(minutes(&Survey { intro, ..Survey::default() }), 3);
    }

    #[test]
    fn every_kind_takes_some_time_and_none_takes_minutes() {
        for rules in crate::survey::kinds::ALL {
            let kind = Kind::named(rules.name()).expect("a kind");
            let seconds = answering(&Question::new("a", kind, Text::default()));
            assert!((3.0..=30.0).contains(&seconds), "{}: {seconds}", rules.name());
        }
    }

    #[test]
    fn choices_count_and_pictures_count_more() {
        let kind = Kind::named("multiple").expect("a kind");
        let mut question = Question::new("a", kind, Text::default());
        question.choices = vec![Choice::default(); 40];
        let of = |question: &Question| {
            let questions = vec![question.clone()];
            minutes(&Survey {
                pages: vec![Page { questions, ..Page::default() }],
                ..Survey::default()
            })
        };
        assert_eq!(of(&question), 1);
        for choice in &mut question.choices {
            choice.image = Some(Default::default());
        }
        assert_eq!(of(&question), 2);
    }
}
