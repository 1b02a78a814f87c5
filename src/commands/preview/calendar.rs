//! The day that the pages are shown on: today, or another one, so that an author sees a survey that
//! has yet to open, and what people are told once it is over.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::{Clock, SystemClock};

/// The machine's clock until a day is chosen.
#[derive(Default)]
pub struct Calendar(Mutex<Option<Timestamp>>);

impl Calendar {
    /// Shows the pages as at noon of `day`; `None` is the present again.
    pub fn turn_to(&self, day: Option<Date>) {
        // Noon in UTC is the same day nearly everywhere, and so in every zone a city has.
        let noon = day.and_then(|day| format!("{day}T12:00:00Z").parse().ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = noon;
    }
}

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        let chosen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.unwrap_or_else(|| SystemClock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn shows_the_day_that_was_chosen_until_it_is_turned_back() {
        let calendar = Calendar::default();
        let day: Date = "2031-05-01".parse().expect("a day");
        calendar.turn_to(Some(day));
        assert_eq!(calendar.today(&TimeZone::UTC), day);
        calendar.turn_to(None);
        assert_ne!(calendar.today(&TimeZone::UTC), day);
    }
}
