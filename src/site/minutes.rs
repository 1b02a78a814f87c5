//! How long a survey takes: the promise on its start page.
//!
//! The constants are our own rule, not measured yet: seconds to read and answer a question of each
//! kind on a phone, guessed high rather than low, since a broken promise costs more than a modest
//! one. Real durations (`duration_s` of the responses) should replace them. Reading is counted at
//! 200 words a minute, a little under the average of adults, as many read on their feet.

use crate::survey::{Question, Survey};

const WORDS_PER_SECOND: f64 = 200.0 / 60.0;

/// Whole minutes, at least one, rounded up from the estimate.
pub fn minutes(survey: &Survey) -> u32 {
    let mut seconds = words(survey.intro.as_ref().map_or("", |text| &text.plain));
    for page in &survey.pages {
        let reading = words(page.intro.as_ref().map_or("", |text| &text.plain));
        let answering: f64 = page.questions.iter().map(question_seconds).sum();
        // A conditional part meets some people only: half of them, for want of knowledge.
        seconds += (reading + answering) * share(page.condition.is_some());
    }
    // Bounded by the size of a file, far below the limits of u32.
    ((seconds / 60.0).ceil() as u32).max(1)
}

fn question_seconds(question: &Question) -> f64 {
    let reading = words(&question.text.plain)
        + words(question.help.as_ref().map_or("", |text| &text.plain))
        + words(question.note.as_ref().map_or("", |text| &text.plain));
    let choices = question.choices.len() as f64;
    let answering = match question.kind.rules().name() {
        "multiple" => 4.0 + 1.2 * choices,
        "matrix" => 4.0 + 5.0 * question.rows.len() as f64,
        "longtext" => 30.0,
        "text" => 12.0,
        "number" | "year" => 6.0,
        "scale" => 5.0,
        "consent" => 4.0,
        _ if question.dropdown => 6.0,
        _ => 3.0 + 0.8 * choices,
    };
    (reading + answering) * share(question.condition.is_some())
}

fn share(conditional: bool) -> f64 {
    if conditional { 0.5 } else { 1.0 }
}

fn words(text: &str) -> f64 {
    text.split_whitespace().count() as f64 / WORDS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Text;

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
}
