//! The audit log: who did what to this central. Each line's hash covers the line before, so that
//! nothing can be changed or taken out of the middle unnoticed.

use rusqlite::{Connection, OptionalExtension, params};

use super::Central;
use crate::crypto::Digest;
use crate::store::error::StoreError;

/// A line of the log. Nothing about a single answer belongs here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// RFC 3339.
    pub at: String,
    /// A kiosk's or a person's name, or `console`.
    pub actor: String,
    /// A stable word, as in `enrolled`.
    pub action: &'static str,
    pub detail: String,
}

/// A line as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1, without a gap.
    pub id: i64,
    pub at: String,
    pub actor: String,
    pub action: String,
    pub detail: String,
}

/// Which lines somebody wants to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub actor: Option<&'a str>,
    pub action: Option<&'a str>,
    /// Those before the line of this number.
    pub before: Option<i64>,
}

/// The words that lines can be picked by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    pub actors: Vec<String>,
    pub actions: Vec<String>,
}

impl Central {
    /// The newest lines of those that are wanted, the newest first, at most `max`.
    pub fn log_lines(&self, wanted: Wanted, max: usize) -> Result<Vec<Line>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT id, at, actor, action, detail FROM audit_log
             WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2)
               AND (?3 IS NULL OR id < ?3)
             ORDER BY id DESC LIMIT ?4",
        )?;
        let values = params![wanted.actor, wanted.action, wanted.before, max as i64];
        let lines = query.query_map(values, |row| {
            Ok(Line {
                id: row.get(0)?,
                at: row.get(1)?,
                actor: row.get(2)?,
                action: row.get(3)?,
                detail: row.get(4)?,
            })
        })?;
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// Who and what there is in the log, by the alphabet.
    pub fn log_index(&self) -> Result<Index, StoreError> {
        let desk = self.desk();
        let all = |column: &str| -> Result<Vec<String>, StoreError> {
            let mut query =
                desk.prepare(&format!("SELECT DISTINCT {column} FROM audit_log ORDER BY 1"))?;
            let words = query.query_map([], |row| row.get(0))?;
            Ok(words.collect::<Result<_, _>>()?)
        };
        Ok(Index { actors: all("actor")?, actions: all("action")? })
    }

    /// The number of the first line that does not follow from the one before; none where all is whole.
    pub fn log_break(&self) -> Result<Option<i64>, StoreError> {
        first_broken(&super::connect(&self.path, &self.options)?)
    }

    /// Adds a line.
    pub fn log(&self, entry: &Entry) -> Result<(), StoreError> {
        self.write(|desk| {
            let behavior = rusqlite::TransactionBehavior::Immediate;
            let transaction = desk.transaction_with_behavior(behavior)?;
            append(&transaction, entry)?;
            Ok(transaction.commit()?)
        })
    }

    /// Whether this was ever done here.
    pub fn has_logged(&self, action: &str) -> Result<bool, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare("SELECT 1 FROM audit_log WHERE action = ?1 LIMIT 1")?;
        Ok(query.exists([action])?)
    }
}

/// Adds a line inside the transaction of what it tells about.
pub(super) fn append(desk: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let before: Option<[u8; 32]> = desk
        .query_row("SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    let hash = link(before.map(Digest), [&entry.at, &entry.actor, entry.action, &entry.detail]);
    desk.execute(
        "INSERT INTO audit_log (at, actor, action, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![entry.at, entry.actor, entry.action, entry.detail, hash.0],
    )?;
    Ok(())
}

/// The number of the first line that does not follow from the one before.
pub(super) fn first_broken(desk: &Connection) -> Result<Option<i64>, StoreError> {
    let mut query =
        desk.prepare("SELECT id, at, actor, action, detail, hash FROM audit_log ORDER BY id")?;
    let mut rows = query.query([])?;
    let (mut before, mut next_id) = (None, 1);
    while let Some(row) = rows.next()? {
        let texts: [String; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        let (id, hash) = (row.get::<_, i64>(0)?, Digest(row.get(5)?));
        if id != next_id || link(before, texts.each_ref().map(String::as_str)) != hash {
            return Ok(Some(id));
        }
        (before, next_id) = (Some(hash), id + 1);
    }
    // SQLite counts on, whatever is taken away at the end.
    let given: Option<i64> = desk
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'audit_log'", [], |row| row.get(0))
        .optional()?;
    Ok(given.filter(|given| *given >= next_id).map(|_| next_id))
}

/// The lengths keep one field's end from being moved into the next.
fn link(before: Option<Digest>, fields: [&str; 4]) -> Digest {
    let mut text = before.unwrap_or(Digest([0; 32])).0.to_vec();
    for field in fields {
        text.extend((field.len() as u64).to_le_bytes());
        text.extend(field.as_bytes());
    }
    Digest::of(&text)
}
