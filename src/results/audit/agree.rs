//! Whether the files agree with each other and with the rules, before anything is solved: the pattern was
//! audited for whole percents and tenths, and anything finer anywhere would break it.

use std::collections::{BTreeMap, BTreeSet};

use crate::results::figure::Figure;
use crate::results::sheet::{Open, Sheet};

/// The smallest thresholds that there are.
const THRESHOLD: u32 = 5;
const GROUP: u32 = 30;

/// What is wrong with the figures themselves.
pub fn with_rules(open: &Open, sheet: &Sheet) -> Vec<String> {
    let mut broken = Vec::new();
    if open.threshold < THRESHOLD || open.min_group < GROUP {
        broken.push(format!(
            "the thresholds are {} and {}: they may be raised, not lowered under {THRESHOLD} and {GROUP}",
            open.threshold, open.min_group
        ));
    }
    broken.extend(unlike(open, sheet));
    broken.extend(groups_of_one_size(open));
    broken.extend(open.figures.iter().filter_map(|figure| fault(open, figure)));
    broken.extend(beside_hidden(open));
    broken
}

/// Where the two files do not say the same, up to a handful of figures.
fn unlike(open: &Open, sheet: &Sheet) -> Vec<String> {
    const FEW: usize = 5;
    let (csv, json) = (&sheet.figures, &open.figures);
    if csv.len() != json.len() {
        let first = json.iter().find(|figure| !csv.contains(figure));
        let first = first.or_else(|| csv.iter().find(|figure| !json.contains(figure)));
        let first = first.map_or(String::new(), |figure| format!("; the first: {}", place(figure)));
        let (csv, json) = (csv.len(), json.len());
        return vec![format!("results.csv has {csv} figures and results.json {json}{first}")];
    }
    let differ = csv.iter().zip(json).filter(|(csv, json)| csv != json);
    let places = differ.take(FEW).map(|(csv, _)| {
        format!("results.csv and results.json do not say the same: {}", place(csv))
    });
    places.collect()
}

/// What is wrong with one figure.
fn fault(open: &Open, figure: &Figure) -> Option<String> {
    let mut items = open.items.iter();
    let own =
        |question: &str, row: &Option<String>| question == figure.question && *row == figure.row;
    let Some(item) = items.find(|item| own(&item.question, &item.row)) else {
        return Some(format!("{}: no such question is described", figure.question));
    };
    let at = place(figure);
    if figure.group.is_some() && figure.n < open.min_group {
        return Some(format!("{at}: a group of {} people", figure.n));
    }
    if (figure.group.is_none() || item.routed) && !figure.n.is_multiple_of(10) {
        return Some(format!("{at}: {} people are not rounded to ten", figure.n));
    }
    if figure.value.is_none() && (figure.low.is_some() || figure.high.is_some()) {
        return Some(format!("{at}: an interval beside a hidden figure"));
    }
    None
}

/// A group has the same people in every question that everybody was asked.
fn groups_of_one_size(open: &Open) -> Vec<String> {
    let mut sizes: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for item in open.items.iter().filter(|item| !item.routed) {
        let own = |figure: &&Figure| figure.question == item.question && figure.row == item.row;
        for figure in open.figures.iter().filter(own) {
            if let Some(group) = &figure.group {
                let name = format!("{} {}", group.variable, group.categories.join("+"));
                sizes.entry(name).or_default().insert(figure.n);
            }
        }
    }
    let several = sizes.into_iter().filter(|(_, sizes)| sizes.len() > 1);
    several
        .map(|(name, sizes)| format!("{name} has {sizes:?} people in different questions"))
        .collect()
}

/// Means, quantiles and intervals that would help to fill in what is hidden beside them.
fn beside_hidden(open: &Open) -> Vec<String> {
    let name =
        |figure: &Figure| (figure.question.clone(), figure.row.clone(), figure.group.clone());
    let hidden: Vec<_> = open
        .figures
        .iter()
        .filter(|figure| figure.measure.is_share() && figure.value.is_none())
        .map(name)
        .collect();
    let telling = open.figures.iter().filter(|figure| {
        let is_mean = !figure.measure.is_share() && figure.value.is_some();
        (is_mean || figure.low.is_some() || figure.high.is_some()) && hidden.contains(&name(figure))
    });
    telling
        .map(|figure| {
            let what =
                if figure.measure.is_share() { "an interval" } else { figure.measure.name() };
            format!("{}: {what} beside hidden figures", place(figure))
        })
        .collect()
}

/// Which figure it is, in words.
pub fn place(figure: &Figure) -> String {
    let mut place = figure.question.clone();
    if let Some(row) = &figure.row {
        place += &format!(".{row}");
    }
    if let Some(group) = &figure.group {
        place += &format!(", {} {}", group.variable, group.categories.join("+"));
    }
    if !figure.choices.is_empty() {
        place += &format!(", {}", figure.choices.join("+"));
    }
    place
}

/// The first number of another published text that is finer than what was audited: two decimals anywhere
/// in a table of data, or one before a percent sign.
pub fn too_fine(name: &str, text: &str) -> Option<String> {
    let is_data = name.ends_with(".csv") || name.ends_with(".json") || name.ends_with(".jsonld");
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let is_point = at < bytes.len() && matches!(bytes[at], b'.' | b',');
        let decimals =
            bytes[(at + 1).min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        // A comma between two fields of a CSV is no decimal comma, and versions have two points.
        let is_comma_separated = is_data && bytes.get(at) == Some(&b',');
        if !is_point || decimals == 0 || is_comma_separated {
            continue;
        }
        let end = at + 1 + decimals;
        let is_chain = matches!(bytes.get(end), Some(b'.' | b'-'))
            || start > 0 && matches!(bytes[start - 1], b'.' | b'-' | b'/' | b'v');
        let before_percent = text
            .get(end..)
            .is_some_and(|rest| rest.trim_start_matches([' ', '\u{a0}']).starts_with('%'));
        if !is_chain && (before_percent || is_data && decimals > 1) {
            return text.get(start..end).map(str::to_owned);
        }
        at = end;
    }
    None
}

/// The first attribute of a chart of a page that has a fraction. Charts are drawn in whole numbers, and a ruler would
/// read what stands behind the point; what a theme draws besides is no chart.
pub fn finer_length(html: &str) -> Option<String> {
    let mut depth = 0;
    for rest in html.split('<').skip(1) {
        let element = rest.split_once('>').map_or(rest, |(element, _)| element);
        let is_chart = || {
            attributes(element)
                .any(|(key, value)| key == "class" && value.split(' ').any(|word| word == "chart"))
        };
        if element.starts_with("svg") && (depth > 0 || is_chart()) {
            depth += 1;
        }
        let mut lengths = attributes(element).filter(|(key, value)| {
            !matches!(*key, "id" | "class") && !key.starts_with("aria-") && has_fraction(value)
        });
        if depth > 0
            && let Some((key, value)) = lengths.next()
        {
            return Some(format!("{key}=\"{value}\""));
        }
        if depth > 0 && element.starts_with("/svg") {
            depth -= 1;
        }
    }
    None
}

/// The names and values in a tag.
fn attributes(element: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = element;
    std::iter::from_fn(move || {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some((key.rsplit(char::is_whitespace).next().unwrap_or(key), value))
    })
}

/// A point before a digit, or a negative power of ten.
fn has_fraction(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_power = |three: &[u8]| three[0].is_ascii_digit() && matches!(&three[1..], b"e-" | b"E-");
    bytes.windows(2).any(|two| two[0] == b'.' && two[1].is_ascii_digit())
        || bytes.windows(3).any(is_power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_numbers_that_are_finer_than_what_was_audited() {
        assert_eq!(too_fine("a.csv", "q,yes,31.4159,100"), Some("31.4159".to_owned()));
        assert_eq!(too_fine("a.html", "<td>31,4 %</td>"), Some("31,4".to_owned()));
        assert_eq!(too_fine("a.svg", r#"<rect width="31.4%"/>"#), Some("31.4".to_owned()));
        for (name, text) in [
            ("a.csv", "q,yes,31,100,2026-11-27"),
            ("a.csv", "q;3,4;2"),
            ("a.json", r#"{"value":3.1,"version":"1.0.12","day":"2026-11-27"}"#),
            ("a.svg", r#"<rect width="31.44"/>31 %"#),
            ("a.html", "1.981 svar, 31 %"),
        ] {
            assert_eq!(too_fine(name, text), None, "{text}");
        }
    }

    #[test]
    fn a_length_of_a_chart_has_no_fraction_and_a_picture_of_a_theme_may() {
        let chart = |bar: &str| {
            format!(
                "<svg class=\"tick\"><path d=\"M1.5 2\"/></svg><svg class=\"chart bars\" \
                 aria-labelledby=\"c-1.5\"><svg class=\"plot\" viewBox=\"0 0 100 20\"><rect \
                 class=\"value\" {bar}/></svg></svg><svg viewBox=\"0 0 1.5 1\"/>"
            )
        };
        assert_eq!(finer_length(&chart("width=\"47\" height=\"20\"")), None);
        for finer in [
            "width=\"47.3\"",
            "transform=\"scale(.473 1)\"",
            "d=\"M0 10H47.3\"",
            "width=\"473e-1\"",
        ] {
            assert_eq!(finer_length(&chart(finer)), Some(finer.to_owned()));
        }
    }
}
