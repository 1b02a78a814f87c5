//! Counting members for whoever looks after a panel. Numbers alone: what of them may be shown, and how
//! coarsely, is decided by whoever shows them.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Members;
use crate::panel::member::MemberId;
use crate::store::error::StoreError;

/// How a panel is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// With a confirmed address.
    pub members: u64,
    /// Signed up, and not confirmed yet.
    pub waiting: u64,
    /// Members whose mail does not arrive.
    pub bounced: u64,
    /// Members who left in the month that was asked for, or were erased.
    pub left: u64,
}

/// How many were invited to a survey.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    pub by_mail: u64,
    pub by_letter: u64,
}

impl Sent {
    pub fn all(self) -> u64 {
        self.by_mail + self.by_letter
    }
}

impl Members {
    /// How a panel is; `month` is YYYY-MM.
    pub fn standing(&self, panel: &str, month: &str) -> Result<Standing, StoreError> {
        let desk = self.desk();
        let count = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<u64, StoreError> {
            Ok(desk.prepare_cached(sql)?.query_row(values, |row| row.get::<_, i64>(0))? as u64)
        };
        Ok(Standing {
            members: count(
                "SELECT count(*) FROM membership WHERE panel = ?1 AND confirmed = 1",
                &[&panel],
            )?,
            waiting: count(
                "SELECT count(*) FROM membership WHERE panel = ?1 AND confirmed = 0",
                &[&panel],
            )?,
            bounced: count(
                "SELECT count(*) FROM membership AS p JOIN member AS m ON m.id = p.member
                 WHERE p.panel = ?1 AND p.confirmed = 1 AND m.bounced IS NOT NULL",
                &[&panel],
            )?,
            left: count(
                "SELECT coalesce(sum(members), 0) FROM departure WHERE panel = ?1 AND month = ?2",
                &[&panel, &month],
            )?,
        })
    }

    /// How many members of a panel have had how many invitations since a day, from whichever panel.
    pub fn loads(&self, panel: &str, since: &str) -> Result<BTreeMap<u64, u64>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT had, count(*) FROM (
                 SELECT (SELECT count(*) FROM invitation AS i
                         WHERE i.member = p.member AND i.day >= ?2) AS had
                 FROM membership AS p WHERE p.panel = ?1 AND p.confirmed = 1)
             GROUP BY had",
        )?;
        let rows = query.query_map([panel, since], |row| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many were invited to a survey.
    pub fn count_invited(&self, survey: &str) -> Result<Sent, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT coalesce(sum(road = 'mail'), 0), coalesce(sum(road = 'letter'), 0)
             FROM invitation WHERE survey = ?1",
        )?;
        Ok(query.query_row([survey], |row| {
            let (mail, letter): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(Sent { by_mail: mail as u64, by_letter: letter as u64 })
        })?)
    }
}

/// Counts that a member leaves, before they do: `panel`, or all of theirs. The number of a
/// month is all that is left of it.
pub(super) fn note_departure(
    desk: &Connection,
    member: MemberId,
    panel: Option<&str>,
    day: &str,
) -> Result<(), StoreError> {
    desk.prepare_cached(
        "INSERT INTO departure (panel, month, members)
         SELECT panel, substr(?3, 1, 7), 1 FROM membership
         WHERE member = ?1 AND confirmed = 1 AND (?2 IS NULL OR panel = ?2)
         ON CONFLICT (panel, month) DO UPDATE SET members = members + 1",
    )?
    .execute(params![member.bytes(), panel, day])?;
    Ok(())
}
