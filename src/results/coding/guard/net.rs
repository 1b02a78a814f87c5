//! Addresses of mail and of the web, also where they are spelled out.

use super::Finding;

/// Ends of names in the net that Danes write; more of them would be words of other sentences.
const ENDS: [&str; 28] = [
    "dk", "com", "net", "org", "eu", "info", "nu", "io", "de", "se", "no", "me", "uk", "fi", "gl",
    "fo", "app", "dev", "biz", "tv", "nl", "fr", "pl", "xyz", "online", "shop", "site", "gov",
];
/// Ends that are also words which a sentence may begin with.
const WORDS: [&str; 4] = ["de", "se", "no", "me"];
/// Ends that stand for themselves even with a space before them.
const SURE: [&str; 6] = ["dk", "com", "net", "org", "eu", "info"];
const DOTS: [&str; 4] = ["punktum", "prik", "dot", "punkt"];

/// An address in a text.
pub(super) fn find(text: &str) -> Option<Finding> {
    let lower = text.to_lowercase();
    let is_link = has_link(text, &lower);
    if has_mail(&lower) || (is_link && has_word(&lower, "at") && has_dot(&lower)) {
        return Some(Finding::Mail);
    }
    is_link.then_some(Finding::Link)
}

fn has_mail(lower: &str) -> bool {
    let together: String = lower.chars().filter(|sign| !sign.is_whitespace()).collect();
    let spelled = ["snabel", "krøllealfa", "alfakrølle", "(at)", "[at]", "{at}", "<at>"];
    lower.contains('@') || spelled.iter().any(|sign| together.contains(sign))
}

fn has_link(text: &str, lower: &str) -> bool {
    let signs = ["://", "http", "www"];
    signs.iter().any(|sign| lower.contains(sign)) || has_domain(text) || has_dot(lower)
}

fn has_word(lower: &str, word: &str) -> bool {
    lower.split(|sign: char| !sign.is_alphanumeric()).any(|one| one == word)
}

/// `punktum dk`.
fn has_dot(lower: &str) -> bool {
    let words: Vec<&str> =
        lower.split(|sign: char| !sign.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    words.windows(2).any(|two| DOTS.contains(&two[0]) && ENDS.contains(&two[1]))
}

/// `anna.dk`, `anna . dk`; not `godt.De`, where only a space is missing.
fn has_domain(text: &str) -> bool {
    text.match_indices('.').any(|(at, _)| {
        let before = text[..at].trim_end().chars().next_back();
        let after = &text[at + 1..];
        let tail = after.trim_start_matches(' ');
        let end = tail.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(tail.len());
        let word = &tail[..end];
        let lower = word.to_lowercase();
        let is_sentence = word.starts_with(char::is_uppercase) && WORDS.contains(&lower.as_str());
        let is_end = match tail.len() == after.len() {
            true => ENDS.contains(&lower.as_str()) && !is_sentence,
            false => SURE.contains(&lower.as_str()) && word == lower,
        };
        is_end && before.is_some_and(char::is_alphanumeric)
    })
}
