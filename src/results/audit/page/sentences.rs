//! The page's sentences about figures: which groups differ, and what has changed.

use super::{Check, squeezed};
use crate::results::remarks::Remarks;

impl Check<'_> {
    /// They are those of `results.json`, of which it is known which figures they are made of.
    pub(super) fn sentences(&mut self, remarks: &Remarks) {
        let said = squeezed(&self.page.said);
        let words = squeezed(&self.page.words);
        let languages = languages(remarks);
        let left = languages.iter().map(|lang| left(&said, remarks, lang));
        let left = left.min_by_key(|left| left.len()).unwrap_or(&said);
        if !left.is_empty() {
            let start: String = left.chars().take(60).collect();
            self.fault(format!("says of groups what results.json does not: `{start}`"));
        }
        for trend in &remarks.trends {
            let is_said = |words_of: &String| words.contains(&squeezed(words_of));
            if !trend.words.values().any(is_said) {
                let question = &trend.question;
                self.fault(format!("does not say of {question} over time what results.json does"));
            }
        }
    }
}

fn languages(remarks: &Remarks) -> Vec<&String> {
    let mut languages: Vec<&String> =
        remarks.differences.iter().flat_map(|remark| remark.words.keys()).collect();
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// What is left of the page's sentences behind those of `results.json`, in their order. A question of which nothing is
/// shown has none on the page.
fn left<'s>(said: &'s str, remarks: &Remarks, lang: &str) -> &'s str {
    let words = remarks.differences.iter().filter_map(|remark| remark.words.get(lang));
    words.fold(said, |left, words| left.strip_prefix(squeezed(words).as_str()).unwrap_or(left))
}
