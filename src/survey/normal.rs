//! One form for texts and numbers that people write in many: what is compared, counted and stored.
//!
//! The browser does the same (`themes/default/js/evaluate.js`); `tests/vectors` hold the two
//! together.

/// Line ends as `\n`, no control characters but `\n` and tab, no space at the ends.
///
/// A browser's POST has CRLF where its script sees LF, so this comes before any counting.
pub fn text(raw: &str) -> String {
    let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String =
        lines.chars().filter(|sign| *sign >= ' ' || *sign == '\n' || *sign == '\t').collect();
    kept.trim_matches(is_space).to_owned()
}

/// Unicode White_Space and the byte order mark: the set of JavaScript's `\s` and Rust's
/// `is_whitespace` together (they differ in U+0085 and U+FEFF).
fn is_space(sign: char) -> bool {
    sign.is_whitespace() || sign == '\u{feff}'
}

/// How long a text is, in Unicode code points.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// A decimal number: `digits × 10^-places`. Exact, so that 0.3 is a multiple of 0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    places: u32,
}

/// More digits than this a JSON number does not hold.
const DIGITS_MAX: usize = 15;

/// Reads `12`, `-3,5` and `3.5` (U+2212 too is a minus). Thousands separators are refused: `1.000`
/// would be a thousand to some and one to others, and is read as one here.
pub fn decimal(raw: &str) -> Option<Decimal> {
    let text = text(raw).replace('\u{2212}', "-");
    let (sign, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, text.as_str()),
    };
    let (whole, part) = unsigned.split_once([',', '.']).unwrap_or((unsigned, ""));
    let has_mark = whole.len() < unsigned.len();
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || (has_mark && part.is_empty()) || !all_digits(whole) || !all_digits(part)
    {
        return None;
    }
    let digits = format!("{}{part}", whole.trim_start_matches('0'));
    if digits.trim_start_matches('0').len() > DIGITS_MAX || part.len() > DIGITS_MAX {
        return None;
    }
    let digits = if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? };
    Some(Decimal { digits: sign * digits, places: part.len() as u32 })
}

impl Decimal {
    /// The number an author wrote as a limit. They are short, so their shortest form is exact.
    pub fn of(value: f64) -> Decimal {
        decimal(&format!("{value}")).unwrap_or(Decimal { digits: value as i128, places: 0 })
    }

    /// Both as whole numbers of the same unit.
    fn aligned(self, other: Decimal) -> (i128, i128) {
        let places = self.places.max(other.places);
        let scaled = |value: Decimal| value.digits * 10i128.pow(places - value.places);
        (scaled(self), scaled(other))
    }

    /// Whether it is smaller than `other`.
    pub fn is_below(self, other: Decimal) -> bool {
        let (left, right) = self.aligned(other);
        left < right
    }

    /// Whether it is `base` plus a whole number of `step`s.
    pub fn is_on_step(self, base: Decimal, step: Decimal) -> bool {
        let places = self.places.max(base.places).max(step.places);
        let scaled = |value: Decimal| value.digits * 10i128.pow(places - value.places);
        step.digits == 0 || (scaled(self) - scaled(base)) % scaled(step) == 0
    }

    /// As JSON: a whole number without a decimal point.
    pub fn to_json(self) -> serde_json::Number {
        let unit = 10i128.pow(self.places);
        if self.digits % unit == 0 {
            let whole = i64::try_from(self.digits / unit).unwrap_or(i64::MAX);
            return serde_json::Number::from(whole);
        }
        let value = self.digits as f64 / 10f64.powi(self.places as i32);
        serde_json::Number::from_f64(value).expect("at most 15 digits are finite")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_one_form() {
        assert_eq!(text("\u{a0} a\r\nb\rc\u{0}\u{feff} "), "a\nb\nc");
        assert_eq!(length("e\u{301}👍🏽"), 4);
    }

    #[test]
    fn numbers_are_read_as_danes_and_others_write_them() {
        let json = |raw| decimal(raw).map(|number| number.to_json().to_string());
        assert_eq!(json(" 3,50 ").as_deref(), Some("3.5"));
        assert_eq!(json("\u{2212}2").as_deref(), Some("-2"));
        assert_eq!(json("007.0").as_deref(), Some("7"));
        assert_eq!(json("-0").as_deref(), Some("0"));
        for wrong in ["", "1.000,5", "1e3", "3,", ",5", "abc", "1 000", "0x1", "1234567890123456"] {
            assert_eq!(json(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn steps_are_exact() {
        let on = |value: &str, base: f64, step: f64| {
            decimal(value).expect("a number").is_on_step(Decimal::of(base), Decimal::of(step))
        };
        assert!(on("0,3", 0.0, 0.1));
        assert!(!on("0.35", 0.0, 0.1));
        assert!(on("7", 1.0, 2.0));
        assert!(on("-3", 1.0, 2.0));
    }
}
