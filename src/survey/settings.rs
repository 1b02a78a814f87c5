//! What a survey's front matter says, checked.

use std::collections::BTreeMap;

use jiff::ZonedDateTime;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Whom a survey is open to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sample {
    /// Anybody.
    #[default]
    Open,
    /// Invited members.
    Panel,
}

/// Where the background (district, gender, age, education) comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// The block of background questions is asked.
    Ask,
    /// From the member.
    Panel,
    /// Not at all.
    #[default]
    None,
}

/// What happens to the answers of somebody who leaves half-way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Partial {
    #[default]
    Discard,
    Keep,
}

/// A moment in the site's timezone; without a time of day it means the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    Day(Date),
    Time(DateTime),
}

impl Moment {
    /// Its beginning.
    pub fn start(self) -> DateTime {
        match self {
            Moment::Day(day) => day.to_datetime(time(0, 0, 0, 0)),
            Moment::Time(at) => at,
        }
    }

    /// The first moment after it: a day counts to its end.
    pub fn end(self) -> DateTime {
        match self {
            Moment::Day(day) => {
                let next = day.tomorrow().unwrap_or(Date::MAX);
                next.to_datetime(time(0, 0, 0, 0))
            }
            Moment::Time(at) => at,
        }
    }
}

/// Whether a survey takes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Coming,
    Open,
    Closed,
}

/// A survey's front matter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Title and summary by language are texts of the surveys; these decide the rest.
    pub order: i64,
    pub opens: Option<Moment>,
    pub closes: Option<Moment>,
    pub sample: Sample,
    pub background: Background,
    pub panels: Vec<String>,
    pub target: Option<String>,
    pub targets: Option<String>,
    pub owner: Option<String>,
    pub purpose: BTreeMap<String, String>,
    pub legal_basis: BTreeMap<String, String>,
    pub contact: Option<String>,
    pub keep_answers_months: Option<u32>,
    pub sensitive: bool,
    pub channels: Vec<String>,
    pub kiosks: Vec<String>,
    pub partial: Partial,
}

impl Settings {
    /// Whether the survey takes answers at `now`. `closes: DATE` includes that day.
    pub fn phase(&self, now: DateTime) -> Phase {
        if self.closes.is_some_and(|closes| now >= closes.end()) {
            Phase::Closed
        } else if self.opens.is_some_and(|opens| now < opens.start()) {
            Phase::Coming
        } else {
            Phase::Open
        }
    }

    /// [`Settings::phase`] for a moment in `zone`.
    pub fn phase_at(&self, now: &ZonedDateTime, zone: &TimeZone) -> Phase {
        self.phase(now.with_time_zone(zone.clone()).datetime())
    }
}
