//! Numbers that belong to somebody: CPR numbers and phone numbers, in whatever groups and signs.

use super::Finding;
use super::word::Word;

/// More signs than this between two groups of digits, and they are two numbers.
const GAP_MAX: usize = 4;
/// A number of so many digits without a gap counts nothing that people talk about.
const LONG: usize = 8;

/// Digits without a gap.
struct Group {
    digits: String,
    /// Belongs to the group before.
    goes_on: bool,
    /// `+` stands before it.
    is_abroad: bool,
}

/// The first number that may be somebody's.
pub(super) fn find(words: &[Word]) -> Option<Finding> {
    let groups = groups(words);
    let chains = || groups.chunk_by(|_, next| next.goes_on);
    let windows = || chains().flat_map(windows);
    if windows().any(|digits| is_cpr(&digits)) {
        return Some(Finding::Cpr);
    }
    let is_abroad = |chain: &[Group]| {
        chain.iter().any(|group| group.is_abroad)
            && chain.iter().map(|group| group.digits.len()).sum::<usize>() >= LONG
    };
    if windows().any(|digits| is_phone(&digits)) || chains().any(is_abroad) {
        return Some(Finding::Phone);
    }
    groups.iter().any(|group| group.digits.len() >= LONG).then_some(Finding::LongNumber)
}

fn groups(words: &[Word]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut was_number = false;
    for word in words {
        let digits = digits_of(&word.lower);
        let is_near = word.gap.chars().count() <= GAP_MAX;
        if let Some(digits) = &digits {
            groups.push(Group {
                digits: digits.clone(),
                goes_on: was_number && is_near,
                is_abroad: word.gap.contains('+'),
            });
        }
        was_number = digits.is_some();
    }
    groups
}

/// The digits of every row of whole groups that follow each other, as far as a number can be long.
fn windows(chain: &[Group]) -> impl Iterator<Item = String> + '_ {
    let from = |start: usize| {
        let mut digits = String::new();
        let longer = chain[start..].iter().map_while(move |group| {
            digits.push_str(&group.digits);
            (digits.len() <= 14).then(|| digits.clone())
        });
        longer.collect::<Vec<_>>()
    };
    (0..chain.len()).flat_map(from)
}

/// The digits that a word is read as: digits themselves, with letters among them that look like some, or a
/// number in words.
fn digits_of(word: &str) -> Option<String> {
    let looks = |sign: char| match sign {
        'o' => Some('0'),
        'l' | 'i' => Some('1'),
        sign => sign.is_ascii_digit().then_some(sign),
    };
    if word.contains(|sign: char| sign.is_ascii_digit()) {
        let digits: Option<String> = word.chars().map(looks).collect();
        // `12b`, `5c`: the digits alone.
        return digits.or_else(|| {
            Some(word.chars().filter(char::is_ascii_digit).collect())
                .filter(|digits: &String| !digits.is_empty())
        });
    }
    if matches!(word, "o" | "l" | "i") {
        return None;
    }
    in_words(word).map(|number| number.to_string())
}

const UNITS: [&[&str]; 20] = [
    &["nul", "zero"],
    &["en", "et", "een", "ét", "én", "one"],
    &["to", "two"],
    &["tre", "three"],
    &["fire", "four"],
    &["fem", "five"],
    &["seks", "six"],
    &["syv", "seven"],
    &["otte", "eight"],
    &["ni", "nine"],
    &["ti", "ten"],
    &["elleve", "eleven"],
    &["tolv", "twelve"],
    &["tretten", "thirteen"],
    &["fjorten", "fourteen"],
    &["femten", "fifteen"],
    &["seksten", "sixteen"],
    &["sytten", "seventeen"],
    &["atten", "eighteen"],
    &["nitten", "nineteen"],
];

const TENS: [&[&str]; 8] = [
    &["tyve", "twenty"],
    &["tredive", "thirty"],
    &["fyrre", "forty"],
    &["halvtreds", "fifty"],
    &["tres", "sixty"],
    &["halvfjerds", "seventy"],
    &["firs", "eighty"],
    &["halvfems", "ninety"],
];

/// 0 to 99 as Danish and English write them.
pub(super) fn in_words(word: &str) -> Option<u32> {
    let unit = |word: &str| UNITS.iter().position(|names| names.contains(&word)).map(|n| n as u32);
    let tens = |word: &str| {
        TENS.iter().position(|names| names.contains(&word)).map(|n| 10 * (n as u32 + 2))
    };
    let both = || {
        let places = word.match_indices("og").map(|(at, _)| (&word[..at], &word[at + 2..]));
        let mut read = places.filter_map(|(one, ten)| Some(unit(one)? + tens(ten)?));
        read.next()
    };
    unit(word).or_else(|| tens(word)).or_else(both)
}

/// Ten digits that begin with a day (CPR-kontoret: DDMMYY-XXXX, and a day of 60 more for those without a
/// number of their own). The check digit is no help: since 2007 there are numbers without.
fn is_cpr(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits[from..to].parse::<u32>().unwrap_or_default();
    match digits.len() {
        10 => is_day(number(0, 2), number(2, 4), &[1800, 1900, 2000].map(|it| it + number(4, 6))),
        12 => {
            (1858..2100).contains(&number(4, 8))
                && is_day(number(0, 2), number(2, 4), &[number(4, 8)])
        }
        _ => false,
    }
}

fn is_day(day: u32, month: u32, years: &[u32]) -> bool {
    let day = if day > 60 { day - 60 } else { day };
    let is_date = |year: u32| jiff::civil::Date::new(year as i16, month as i8, day as i8).is_ok();
    month <= 12 && day <= 31 && years.iter().any(|year| is_date(*year))
}

/// Eight digits that begin with 2 to 9 (the Danish numbering plan), with or without the country's.
fn is_phone(digits: &str) -> bool {
    let own = match digits.len() {
        8 => Some(digits),
        10 => digits.strip_prefix("45"),
        12 => digits.strip_prefix("0045"),
        _ => None,
    };
    own.is_some_and(|own| own.starts_with(|sign: char| ('2'..='9').contains(&sign)))
}
