//! What the log hears of messages that were refused: how many for which reason. Nothing of what they
//! said and not where they came from; and however many come, a line a minute for each reason.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::console::complain;

/// Between two lines about one reason.
const EVERY_SECONDS: i64 = 60;

/// Those not told yet, by reason.
#[derive(Default)]
pub struct Refused(Mutex<HashMap<&'static str, Told>>);

struct Told {
    at: i64,
    /// Since then.
    untold: u64,
}

impl Refused {
    /// Hears of a refusal; `reason` is its stable word, `now` in Unix seconds.
    pub fn note(&self, reason: &'static str, now: i64) {
        if let Some(line) = self.line(reason, now) {
            complain!("borgerpanel: {line}");
        }
    }

    fn line(&self, reason: &'static str, now: i64) -> Option<String> {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = reasons.entry(reason).or_insert(Told { at: i64::MIN, untold: 0 });
        told.untold += 1;
        // A clock that was set back does not silence it.
        if (told.at..told.at.saturating_add(EVERY_SECONDS)).contains(&now) {
            return None;
        }
        let count = std::mem::replace(told, Told { at: now, untold: 0 }).untold;
        Some(match count {
            1 => format!("a message in a kiosk's name was refused: {reason}"),
            more => format!("{more} messages in kiosks' names were refused: {reason}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_line_a_minute() {
        let refused = Refused::default();
        let lines: Vec<_> = (0..150).filter_map(|second| refused.line("forged", second)).collect();
        assert_eq!(
            lines,
            [
                "a message in a kiosk's name was refused: forged",
                "60 messages in kiosks' names were refused: forged",
                "60 messages in kiosks' names were refused: forged",
            ]
        );
        assert!(refused.line("revoked", 149).is_some(), "each reason by itself");
        assert!(refused.line("forged", 10).is_some(), "a clock set back");
    }
}
