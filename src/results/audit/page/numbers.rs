//! Numbers as people read them, in whatever language: `1.240`, `1,240` and `1 240` are one number, and so are `3,4` and
//! `3.4`, since nothing that is published has three decimals.

use crate::results::figure::Value;

/// What may stand between thousands, or before decimals.
const SEPARATORS: [char; 6] = ['.', ',', '\u{a0}', '\u{202f}', '’', '\''];

/// A value as [`of`] reads it: `3.0` is 3.
pub fn written(value: Value) -> String {
    let text = value.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The numbers of a text, in their order. What is a number and none of ours (`½`, `4,25`) is one as it stands.
pub fn of(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let digits = |from: usize| signs[from..].iter().take_while(|sign| sign.is_numeric()).count();
    let mut found = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        if !signs[at].is_numeric() {
            at += 1;
            continue;
        }
        let is_negative = match at.checked_sub(1).map(|before| signs[before]) {
            Some('−') => true,
            Some('-') => at < 2 || !signs[at - 2].is_alphanumeric(),
            _ => false,
        };
        let mut number = if is_negative { "-".to_owned() } else { String::new() };
        loop {
            let many = digits(at);
            number.extend(&signs[at..at + many]);
            at += many;
            let follow = if at + 1 < signs.len() { digits(at + 1) } else { 0 };
            if follow == 0 || !SEPARATORS.contains(&signs[at]) {
                break;
            }
            at += 1;
            if follow != 3 {
                let decimals: String = signs[at..at + follow].iter().collect();
                at += follow;
                if decimals.contains(|sign| sign != '0') {
                    number = format!("{number}.{}", decimals.trim_end_matches('0'));
                }
                break;
            }
        }
        found.push(number);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_languages() {
        for (text, numbers) in [
            ("47 %", &["47"][..]),
            ("47\u{a0}%Usikkerhed: 44–50 %", &["47", "44", "50"]),
            ("1.240", &["1240"]),
            ("1,240", &["1240"]),
            ("1\u{202f}240", &["1240"]),
            ("−0,4", &["-0.4"]),
            ("-0.4", &["-0.4"]),
            ("3,0", &["3"]),
            ("47,3 %", &["47.3"]),
            ("47,31", &["47.31"]),
            ("15-24", &["15", "24"]),
            ("½", &["½"]),
            ("· vises ikke", &[]),
        ] {
            assert_eq!(of(text), numbers, "{text}");
        }
        assert_eq!(written(Value::Tenths(30)), "3");
        assert_eq!(written(Value::Tenths(-4)), "-0.4");
        assert_eq!(written(Value::Percent(47)), "47");
    }
}
