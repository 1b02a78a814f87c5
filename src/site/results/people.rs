//! What groups of people are called in the middle of a sentence.

use super::names::Names;

impl Names<'_> {
    /// `de 15–24-årige`, `folk i Valby`, `kvinder`; of what has no such words, its name in quotes.
    pub(super) fn people(&self, variable: &str, categories: &[String]) -> String {
        let words = self.words;
        let named = || {
            let group = self.group(variable, categories);
            words.fill("results_people_other", &[("group", &group)])
        };
        match (variable, categories) {
            ("age", _) => match ages(categories) {
                Some((from, Some(to))) => {
                    words.fill("results_people_age", &[("from", from), ("to", to)])
                }
                Some((from, None)) => words.fill("results_people_older", &[("from", from)]),
                None => named(),
            },
            ("district", _) => {
                let group = self.group(variable, categories);
                words.fill("results_people_district", &[("group", &group)])
            }
            ("gender" | "channel", [id]) => {
                let key = format!("results_people_{id}");
                match words.ui(&key) {
                    unknown if unknown == key => named(),
                    people => people.to_owned(),
                }
            }
            _ => named(),
        }
    }
}

/// From the youngest to the oldest year of groups that follow each other; no last year in `75+`.
pub(super) fn ages(categories: &[String]) -> Option<(&str, Option<&str>)> {
    let each: Option<Vec<(&str, Option<&str>)>> = categories.iter().map(|id| years(id)).collect();
    let each = each?;
    let number = |years: &str| years.parse::<u32>().ok();
    let is_next = |two: &[(&str, Option<&str>)]| {
        two[0].1.and_then(number).is_some_and(|to| Some(to + 1) == number(two[1].0))
    };
    let ((from, _), (_, to)) = (each.first()?, each.last()?);
    each.windows(2).all(is_next).then_some((*from, *to))
}

fn years(id: &str) -> Option<(&str, Option<&str>)> {
    match id.split_once('-') {
        Some((from, to)) => (is_years(from) && is_years(to)).then_some((from, Some(to))),
        None => id.strip_suffix('+').filter(|from| is_years(from)).map(|from| (from, None)),
    }
}

fn is_years(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit())
}

/// With a capital letter, as at the beginning of a sentence.
pub(super) fn begun(sentence: &str) -> String {
    let mut signs = sentence.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_years_that_were_merged_are_one_span() {
        let of = |ids: &[&str]| -> Vec<String> { ids.iter().map(|id| (*id).to_owned()).collect() };
        assert_eq!(ages(&of(&["15-24", "25-34"])), Some(("15", Some("34"))));
        assert_eq!(ages(&of(&["65-74", "75+"])), Some(("65", None)));
        assert_eq!(ages(&of(&["young"])), None);
        assert_eq!(ages(&of(&["15-24", "45-54"])), None, "nobody in between is named");
        assert_eq!(begun("ældre end 75"), "Ældre end 75");
    }
}
