//! How things went with a running kiosk, for `kiosk status` beside it and over a restart: when somebody
//! last answered, by the hour; how far the clock is from the central's; since when nothing can be sent,
//! and why.
//!
//! The hour, and only of the last answer: whoever reads the disk learns that somebody was here between
//! 14 and 15, and staff see whether the screen is used.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, Unit, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::kept::{Kept, Remembered};

/// A clock that is further off than this is wrong: whoever winds a clock by hand comes closer.
pub const SKEW_MAX_S: i64 = 10 * 60;
/// The latest moment known moves on in steps, so that the file is not written at every round.
const KNOWN_STEP: SignedDuration = SignedDuration::from_hours(1);

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct News {
    /// The hour in which somebody last answered, as the wall showed it.
    pub last_answer: Option<DateTime>,
    /// Seconds that this kiosk's clock is ahead of the central's, as it was last heard.
    pub clock_skew_s: Option<i64>,
    /// The central's clock as it was last heard, to the hour: it was never earlier since.
    pub latest: Option<Timestamp>,
    pub trouble: Option<Trouble>,
}

/// Why nothing can be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// A stable word (`SyncError::name`).
    pub word: String,
    pub since: Timestamp,
}

impl Remembered for News {
    const FILE: &'static str = "news.json";
}

impl News {
    /// Whether the clock is so wrong that somebody should set it.
    pub fn is_clock_wrong(&self) -> bool {
        self.clock_skew_s.is_some_and(|skew| skew.abs() > SKEW_MAX_S)
    }
}

impl Kept<News> {
    /// Somebody answered.
    pub fn answered(&self, now: &ZonedDateTime) {
        let hour = now.datetime().with().minute(0).second(0).subsec_nanosecond(0).build();
        self.change(|news| news.last_answer = hour.ok().or(news.last_answer));
    }

    /// The central was heard at `now`, and said that it is `central`, in Unix seconds.
    pub fn heard(&self, central: i64, now: Timestamp) {
        let Ok(latest) = Timestamp::from_second(central) else { return };
        let skew = now.as_second().saturating_sub(central);
        self.change(|news| {
            news.trouble = None;
            // A second more or less is the way there.
            if news.clock_skew_s.is_none_or(|before| (before - skew).abs() > 5) {
                news.clock_skew_s = Some(skew);
            }
            if news.latest.is_none_or(|before| latest.duration_since(before).abs() > KNOWN_STEP) {
                news.latest = Some(latest.round(Unit::Second).unwrap_or(latest));
            }
        });
    }

    /// Nothing could be sent, for this reason; of a series the first moment counts.
    pub fn failed(&self, word: &str, now: Timestamp) {
        self.change(|news| {
            let since = news.trouble.as_ref().map_or(now, |trouble| trouble.since);
            news.trouble = Some(Trouble { word: word.to_owned(), since });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_last_answer_the_hour_is_kept_and_nothing_finer() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = Kept::<News>::load(folder.path());
        let now: ZonedDateTime =
            "2026-11-27T14:37:59[Europe/Copenhagen]".parse().expect("a moment");
        kept.answered(&now);
        let file = std::fs::read_to_string(folder.path().join(News::FILE)).expect("written");
        assert!(file.contains("2026-11-27T14:00:00") && !file.contains("37"), "{file}");
        assert_eq!(Kept::<News>::load(folder.path()).memory(), kept.memory());
    }

    #[test]
    fn trouble_counts_from_its_first_moment_and_ends_when_the_central_is_heard() {
        let kept = Kept::<News>::default();
        let at = |second| Timestamp::from_second(second).expect("a moment");
        kept.failed("unreachable", at(100));
        kept.failed("revoked", at(200));
        let trouble = kept.memory().trouble.expect("in trouble");
        assert_eq!((&*trouble.word, trouble.since), ("revoked", at(100)));
        kept.heard(300, at(300 + 3600));
        let news = kept.memory();
        assert_eq!((news.trouble.as_ref(), news.clock_skew_s), (None, Some(3600)));
        assert!(news.is_clock_wrong());
    }
}
