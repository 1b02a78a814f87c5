//! `borgerpanel kiosk pin`: makes the line for kiosk.toml that lets staff in.

use std::io::{self, BufRead, IsTerminal};

use super::settings;
use crate::cli::Verdict;
use crate::console::{complain, say};
use crate::crypto::PinHash;
use crate::error::{Context, Error, Result};

/// Long enough that five tries and a quarter of an hour's wait after each further one hold for weeks.
const DIGITS_MIN: usize = 4;
/// What the pad of the page takes.
const DIGITS_MAX: usize = 12;

/// Runs the command.
pub fn run() -> Result<Verdict> {
    if io::stdin().is_terminal() {
        complain!("Type the PIN, {DIGITS_MIN} to {DIGITS_MAX} digits, and press Enter:");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).during("read the PIN from standard input")?;
    let pin = line.trim();
    if let Some(why) = fault(pin) {
        return Err(Error::new("use this PIN").source(why).hint(format!(
            "choose {DIGITS_MIN} to {DIGITS_MAX} digits that nobody tries first; six are better than four"
        )));
    }
    say!("pin_hash = \"{}\"", PinHash::of(pin))?;
    if io::stdout().is_terminal() {
        complain!("Put this line into {}, then start the kiosk again.", settings::FILE);
    }
    Ok(Verdict::Fine)
}

/// Why nobody should use this PIN.
fn fault(pin: &str) -> Option<&'static str> {
    let digits: Vec<u8> = pin.bytes().collect();
    if !digits.iter().all(u8::is_ascii_digit) || digits.is_empty() {
        return Some("it is not made of digits alone");
    }
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) {
        return Some("it is too short or too long");
    }
    let steps = digits.windows(2).map(|two| i16::from(two[1]) - i16::from(two[0]));
    let mut steps: Vec<i16> = steps.collect();
    steps.dedup();
    matches!(*steps, [-1..=1]).then_some("it is among the first that anybody tries")
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn takes_digits_that_nobody_tries_first() {
        for pin in ["4839", "483920", "112233", "909090909090"] {
            assert_eq!(fault(pin), None, "{pin}");
        }
        for pin in ["", "12", "48 39", "kode", "½⅓¼⅕", "1234567890123", "0000", "1234", "987654"]
        {
            assert!(fault(pin).is_some(), "{pin}");
        }
    }
}
