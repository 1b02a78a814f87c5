//! Personal data in free text: found to warn before sending and to mark for staff, never to refuse.

use crate::survey::answer::{Answer, Answers};

/// The flag of a response whose free text seems to hold personal data.
pub const FLAG: &str = "personal-data";

/// The flags that free texts call for.
pub fn flags(answers: &Answers) -> Vec<String> {
    let found = answers.values().any(|answer| match answer {
        Answer::Text(text) => seems_personal(text),
        _ => false,
    });
    if found { vec![FLAG.to_owned()] } else { Vec::new() }
}

/// Whether a text seems to hold a CPR number, an e-mail address or a Danish phone number.
pub fn seems_personal(text: &str) -> bool {
    has_email(text) || digit_runs(text).iter().any(|run| is_cpr(run) || is_phone(run))
}

fn has_email(text: &str) -> bool {
    text.split(|sign: char| sign.is_whitespace() || "<>()[],;:!?\"".contains(sign)).any(|word| {
        let Some((name, host)) = word.split_once('@') else { return false };
        let (_, top) = host.trim_end_matches('.').rsplit_once('.').unwrap_or(("", ""));
        !name.is_empty() && top.len() >= 2 && top.chars().all(char::is_alphabetic)
    })
}

/// Digits that belong together: single spaces and hyphens between them do not part them.
fn digit_runs(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let mut runs = vec![String::new()];
    for (at, sign) in signs.iter().enumerate() {
        let last = runs.last_mut().expect("there is always a run");
        let joins = " -\u{a0}".contains(*sign)
            && signs.get(at + 1).is_some_and(|next| next.is_ascii_digit());
        if sign.is_ascii_digit() {
            last.push(*sign);
        } else if !joins && !last.is_empty() {
            runs.push(String::new());
        }
    }
    runs
}

/// Ten digits that begin with a day and a month (CPR-kontoret: DDMMYY-XXXX; the check digit is no
/// longer reliable, since numbers without one are given out since 2007).
fn is_cpr(run: &str) -> bool {
    let part = |from: usize| run.get(from..from + 2).and_then(|part| part.parse::<u32>().ok());
    run.len() == 10
        && part(0).is_some_and(|day| (1..=31).contains(&day))
        && part(2).is_some_and(|month| (1..=12).contains(&month))
}

/// Eight digits, with or without 45 before them; Danish numbers begin with 2 to 9.
fn is_phone(run: &str) -> bool {
    let number = run.strip_prefix("0045").or(run.strip_prefix("45").filter(|n| n.len() == 8));
    let number = number.unwrap_or(run);
    number.len() == 8 && number.starts_with(|sign: char| ('2'..='9').contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_cpr_numbers_addresses_and_phones() {
        for text in [
            "Mit nummer er 010190-1234.",
            "0101901234",
            "skriv til anna.b@example.dk!",
            "ring 33 12 34 56",
            "+45 33123456",
        ] {
            assert!(seems_personal(text), "{text}");
        }
    }

    #[test]
    fn leaves_ordinary_numbers_alone() {
        for text in
            ["12 bænke og 3 træer", "i 2024 kom der 1000 cykler", "bus 5C @ Nørrebro", "12345"]
        {
            assert!(!seems_personal(text), "{text}");
        }
    }
}
