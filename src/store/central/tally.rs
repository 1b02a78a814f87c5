//! Counting answers for whoever looks after a survey: by day, channel, kiosk, status and flag. Never what
//! somebody answered, nor who.

use std::collections::BTreeMap;

use super::Central;
use crate::store::error::StoreError;

/// How many there are of each.
pub type Counts = BTreeMap<String, u64>;

/// The answers to one survey, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that are kept, without those of staff who tried a kiosk out.
    pub all: u64,
    /// Of these, by invitation.
    pub invited: u64,
    pub days: Counts,
    pub channels: Counts,
    pub kiosks: Counts,
    /// `complete`, `partial`, `screened`.
    pub statuses: Counts,
    /// As they were set when the answers came; an answer may have several.
    pub flags: Counts,
    /// By staff who tried a kiosk out.
    pub tried: u64,
    pub erased: u64,
    /// Still sealed here, to be opened elsewhere.
    pub sealed: u64,
}

/// The answers to all surveys, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    pub surveys: BTreeMap<String, Tally>,
    /// By kiosk, and then by day.
    pub kiosk_days: BTreeMap<String, Counts>,
}

impl Central {
    /// Counts everything, beside whoever else reads or writes. Reads the table through once: with a million
    /// answers that takes seconds, so whoever asks often keeps what comes of it.
    pub fn tally(&self) -> Result<Tallies, StoreError> {
        let desk = super::connect(&self.path, &self.options)?;
        let mut tallies = Tallies::default();
        let mut query = desk.prepare(
            "SELECT survey, day, channel, kiosk, status, invited, flags, body IS NULL, count(*)
             FROM response GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let group = Group {
                survey: row.get(0)?,
                day: row.get(1)?,
                channel: row.get(2)?,
                kiosk: row.get(3)?,
                status: row.get(4)?,
                is_invited: row.get(5)?,
                flags: row.get(6)?,
                is_erased: row.get(7)?,
                count: row.get::<_, i64>(8)? as u64,
            };
            tallies.add(group);
        }
        let mut query =
            desk.prepare("SELECT survey, count(*) FROM sealed WHERE kind = 'response' GROUP BY 1")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let count = row.get::<_, i64>(1)? as u64;
            tallies.surveys.entry(row.get(0)?).or_default().sealed = count;
        }
        Ok(tallies)
    }
}

/// Answers that are alike in all that is counted.
struct Group {
    survey: String,
    day: String,
    channel: String,
    kiosk: Option<String>,
    status: String,
    is_invited: bool,
    flags: String,
    is_erased: bool,
    count: u64,
}

impl Tallies {
    fn add(&mut self, group: Group) {
        let count = group.count;
        let tally = self.surveys.entry(group.survey).or_default();
        if group.is_erased {
            tally.erased += count;
            return;
        }
        if group.channel == "preview" {
            tally.tried += count;
            return;
        }
        tally.all += count;
        if group.is_invited {
            tally.invited += count;
        }
        let flags: Vec<String> = serde_json::from_str(&group.flags).unwrap_or_default();
        flags.into_iter().for_each(|flag| note(&mut tally.flags, flag, count));
        note(&mut tally.days, group.day.clone(), count);
        note(&mut tally.channels, group.channel, count);
        note(&mut tally.statuses, group.status, count);
        if let Some(kiosk) = group.kiosk {
            note(self.kiosk_days.entry(kiosk.clone()).or_default(), group.day, count);
            note(&mut tally.kiosks, kiosk, count);
        }
    }
}

fn note(counts: &mut Counts, key: String, count: u64) {
    *counts.entry(key).or_default() += count;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(status: &str, channel: &str, flags: &str, count: u64) -> Group {
        Group {
            survey: "parker".to_owned(),
            day: "2026-11-24".to_owned(),
            channel: channel.to_owned(),
            kiosk: (channel == "kiosk").then(|| "valby".to_owned()),
            status: status.to_owned(),
            is_invited: false,
            flags: flags.to_owned(),
            is_erased: false,
            count,
        }
    }

    #[test]
    fn what_staff_tried_and_what_is_erased_counts_apart() {
        let mut tallies = Tallies::default();
        tallies.add(group("complete", "kiosk", r#"["late","speeder"]"#, 3));
        tallies.add(group("partial", "web", "[]", 2));
        tallies.add(group("complete", "preview", "[]", 7));
        tallies.add(Group { is_erased: true, ..group("complete", "kiosk", "[]", 5) });
        let tally = &tallies.surveys["parker"];
        assert_eq!((tally.all, tally.tried, tally.erased), (5, 7, 5));
        assert_eq!(tally.days["2026-11-24"], 5);
        assert_eq!((tally.kiosks["valby"], tally.flags["late"]), (3, 3));
        assert_eq!(tallies.kiosk_days["valby"]["2026-11-24"], 3);
        assert_eq!(tally.statuses.len() + tally.channels.len(), 4);
    }
}
