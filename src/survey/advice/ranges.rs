//! Choices that are ranges of numbers: two that hold the same number, or a number that none holds.
//!
//! Only ranges that follow one another and count the same thing are compared; times of day, decimals
//! and ranges out of order are left alone.

/// What a choice holds: whole numbers, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    low: i64,
    high: i64,
    /// Both ends are written.
    closed: bool,
    /// What is counted, in lower case.
    unit: String,
}

/// What is wrong between two neighbouring choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Both hold these.
    Overlap(i64, i64),
    /// Neither holds these.
    Gap(i64, i64),
}

/// The faults of a list, each at the later choice of a pair in the order of the list.
pub fn faults(choices: &[&str]) -> Vec<(usize, Fault)> {
    let spans: Vec<Option<Span>> = choices.iter().map(|choice| read(choice)).collect();
    let closed = spans.iter().flatten().filter(|span| span.closed).count();
    let mut found = Vec::new();
    for at in 1..spans.len() {
        let (Some(a), Some(b)) = (&spans[at - 1], &spans[at]) else { continue };
        if closed >= 2 && a.unit == b.unit {
            found.extend(between(a, b).map(|fault| (at, fault)));
        }
    }
    found
}

fn between(a: &Span, b: &Span) -> Option<Fault> {
    let (lower, upper) = if a.low <= b.low { (a, b) } else { (b, a) };
    // One inside the other is no ladder of ranges.
    if upper.low <= lower.low || upper.high <= lower.high {
        return None;
    }
    if upper.low <= lower.high {
        Some(Fault::Overlap(upper.low, lower.high))
    } else if upper.low > lower.high + 1 {
        Some(Fault::Gap(lower.high + 1, upper.low - 1))
    } else {
        None
    }
}

const UNDER: &[&str] = &["under", "less than", "fewer than", "mindre end", "færre end"];
const OVER: &[&str] = &["over", "more than", "mere end", "flere end"];
const AT_LEAST: &[&str] = &["mindst", "at least"];
const OR_MORE: &[&str] = &[
    "eller mere",
    "eller flere",
    "eller derover",
    "eller ældre",
    "og derover",
    "og opefter",
    "og ældre",
    "or more",
    "or over",
    "or older",
    "and over",
    "and above",
    "and older",
];

/// Far beyond what a choice holds.
const FAR: i64 = 1 << 40;

fn read(choice: &str) -> Option<Span> {
    let text = choice.trim().to_lowercase().replace(['–', '—', '−'], "-");
    if is_time(&text) {
        return None;
    }
    if let Some((number, unit)) = behind(UNDER, &text) {
        return open(-FAR, number - 1, unit);
    }
    if let Some((number, unit)) = behind(OVER, &text) {
        return open(number + 1, FAR, unit);
    }
    if let Some((number, unit)) = behind(AT_LEAST, &text) {
        return open(number, FAR, unit);
    }
    let (low, rest) = number(&text)?;
    if let Some(rest) = rest.strip_prefix('+') {
        return open(low, FAR, rest.trim());
    }
    if let Some(unit) = OR_MORE.iter().find_map(|more| rest.trim().strip_suffix(more)) {
        return open(low, FAR, unit.trim());
    }
    let rest = rest.trim_start();
    let rest = ["-", "til ", "to "].iter().find_map(|dash| rest.strip_prefix(dash))?;
    let (high, unit) = number(rest)?;
    (low < high).then(|| Span { low, high, closed: true, unit: unit.trim().to_owned() })
}

fn open(low: i64, high: i64, unit: &str) -> Option<Span> {
    Some(Span { low, high, closed: false, unit: unit.to_owned() })
}

fn is_time(text: &str) -> bool {
    let mut words = text.split(|sign: char| !sign.is_alphanumeric());
    text.contains(':') || words.any(|word| ["kl", "am", "pm", "uhr", "klokken"].contains(&word))
}

fn behind<'t>(starts: &[&str], text: &'t str) -> Option<(i64, &'t str)> {
    let rest = starts.iter().find_map(|start| text.strip_prefix(start)?.strip_prefix(' '))?;
    let (number, unit) = number(rest)?;
    Some((number, unit.trim()))
}

/// A whole number at the start, with or without dots between thousands, and what follows.
fn number(text: &str) -> Option<(i64, &str)> {
    let text = text.trim_start();
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let mut groups = digits.trim_end_matches('.').split('.');
    let first = groups.next()?;
    // `3.5` and `3,5` are no whole numbers, and what is after `1.` is a date's month.
    let whole = groups.all(|group| group.len() == 3) && !digits.ends_with('.');
    let decimal =
        rest.starts_with(',') && rest[1..].starts_with(|sign: char| sign.is_ascii_digit());
    if first.is_empty() || !whole || decimal || digits.len() > 12 {
        return None;
    }
    Some((digits.replace('.', "").parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ladders_of_ranges_are_fine() {
        for choices in [
            &["0-10", "11-20", "21-30"][..],
            &["Under 18 år", "18-29 år", "30-64 år", "65 år eller mere"],
            &["1-2 gange om ugen", "1-3 gange om måneden", "4-10 gange om året"],
            &["0–999 kr.", "1.000–4.999 kr.", "5.000+ kr."],
            &["Kl. 8-10", "Kl. 12-14", "Kl. 14-16"],
            &["8:00-10:00", "10:00-12:00"],
            &["0-1,5 km", "1,5-3 km"],
            &["1.-7. juni", "10.-17. juni"],
            &["65 år eller ældre", "30-64 år", "15-29 år"],
            &["20-30", "0-10"][..1],
            &["1 barn", "2-3 børn", "4 børn eller flere"],
            &["2010-2014", "2015-2019", "2020-2024"],
            &["0-5 km", "0-20 km", "5-40 km"][..2],
        ] {
            assert_eq!(faults(choices), [], "{choices:?}");
        }
    }

    #[test]
    fn overlaps_and_gaps_are_found() {
        assert_eq!(faults(&["0-10", "10-20"]), [(1, Fault::Overlap(10, 10))]);
        assert_eq!(faults(&["0 til 10 km", "15 til 20 km"]), [(1, Fault::Gap(11, 14))]);
        assert_eq!(faults(&["30-40", "20-30"]), [(1, Fault::Overlap(30, 30))]);
        assert_eq!(
            faults(&["Under 18", "18-30", "30-40", "Over 41"]),
            [(2, Fault::Overlap(30, 30)), (3, Fault::Gap(41, 41))]
        );
        assert_eq!(faults(&["1-4 år", "4-8 år", "8+ år"]).len(), 2);
    }
}
