//! The spool, `spool.db`: answers of those who were invited, with their invitations, until the survey is
//! over. The one place where the two stand together: outside every backup, and emptied as soon as they
//! have been parted.
//!
//! They all go at once, when nobody can answer any more. Were they moved night by night, whoever compares
//! two backups would see which few answers came between them; and whoever knows who got a reminder knows
//! who had answered by then.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::error::StoreError;
use super::record::{InvitationId, Uid};
use super::sqlite::{self, Options, Schema, fold_log};
use crate::error::{Context, Result};

/// The file's name in the central's folder.
pub const FILE: &str = "spool.db";

const SCHEMA: Schema = Schema {
    what: "spool",
    application_id: 0x4250_5331, // "BPS1"
    steps: &["
    -- `uid` is the page's, so that the same form sent again is known; `moved` is the one it is stored
    -- under in the end, which nobody has seen before. JSON in `response` and `apart`.
    CREATE TABLE waiting (
        invitation BLOB PRIMARY KEY CHECK (length(invitation) = 16),
        uid BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
        survey TEXT NOT NULL,
        structure TEXT NOT NULL,
        response TEXT NOT NULL,
        apart TEXT NOT NULL,
        moved BLOB UNIQUE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX waiting_by_survey ON waiting (survey);
"],
};

/// An answer with its invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub invitation: InvitationId,
    pub uid: Uid,
    pub survey: String,
    /// The structure of the version that was answered.
    pub structure: String,
    /// The response's JSON.
    pub response: String,
    /// What was set apart from it, as JSON.
    pub apart: String,
}

/// What came of storing an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spooled {
    New,
    /// This very form was stored before.
    Known,
    /// The invitation has another answer.
    Used,
}

/// The spool. Share it by `Arc`; other processes may have it open too.
pub struct Spool {
    path: PathBuf,
    desk: Mutex<Connection>,
}

impl Spool {
    /// Opens or makes `spool.db` in the central's folder.
    pub fn open(folder: &Path) -> Result<Spool> {
        crate::durable::create_folder(folder).during_at("make the folder", folder)?;
        let path = folder.join(FILE);
        let desk = sqlite::open(&path, &SCHEMA, &Options::default())
            .map_err(|error| error.at("open the spool", &path))?;
        Ok(Spool { path, desk: Mutex::new(desk) })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores an answer. When this returns it is on the disk. The first one counts.
    pub fn store(&self, waiting: &Waiting) -> Result<Spooled, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<[u8; 16]> = desk
            .query_row(
                "SELECT uid FROM waiting WHERE invitation = ?1",
                [waiting.invitation.0],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(known) = known {
            let is_same = known == waiting.uid.0;
            return Ok(if is_same { Spooled::Known } else { Spooled::Used });
        }
        // The very form was sent with another invitation before: it answers one.
        if desk.prepare_cached("SELECT 1 FROM waiting WHERE uid = ?1")?.exists([waiting.uid.0])? {
            return Ok(Spooled::Used);
        }
        desk.execute(
            "INSERT INTO waiting (invitation, uid, survey, structure, response, apart)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                waiting.invitation.0,
                waiting.uid.0,
                waiting.survey,
                waiting.structure,
                waiting.response,
                waiting.apart
            ],
        )?;
        desk.commit()?;
        Ok(Spooled::New)
    }

    /// Whether this invitation has been answered.
    pub fn has(&self, invitation: InvitationId) -> Result<bool, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached("SELECT 1 FROM waiting WHERE invitation = ?1")?;
        Ok(query.exists([invitation.0])?)
    }

    /// Which invitations to a survey have been answered.
    pub fn answered(&self, survey: &str) -> Result<Vec<InvitationId>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached("SELECT invitation FROM waiting WHERE survey = ?1")?;
        let rows = query.query_map([survey], |row| row.get(0).map(InvitationId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many answers to a survey wait here.
    pub fn count(&self, survey: &str) -> Result<u64, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached("SELECT count(*) FROM waiting WHERE survey = ?1")?;
        Ok(query.query_row([survey], |row| row.get::<_, i64>(0))? as u64)
    }

    /// All answers to a survey, each with the number it is to be stored under: a fresh random one, the same
    /// again after a crash. In the order of those numbers, which says nothing.
    pub fn leaving(&self, survey: &str) -> Result<Vec<(Uid, Waiting)>, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        desk.execute(
            "UPDATE waiting SET moved = randomblob(16) WHERE survey = ?1 AND moved IS NULL",
            [survey],
        )?;
        let leaving = desk
            .prepare(
                "SELECT moved, invitation, uid, survey, structure, response, apart
                 FROM waiting WHERE survey = ?1 ORDER BY moved",
            )?
            .query_map([survey], |row| {
                let waiting = Waiting {
                    invitation: InvitationId(row.get(1)?),
                    uid: Uid(row.get(2)?),
                    survey: row.get(3)?,
                    structure: row.get(4)?,
                    response: row.get(5)?,
                    apart: row.get(6)?,
                };
                Ok((Uid(row.get(0)?), waiting))
            })?
            .collect::<std::result::Result<Vec<_>, _>>()?;
        desk.commit()?;
        Ok(leaving)
    }

    /// They are where they belong: nothing of them stays here.
    pub fn empty(&self, survey: &str) -> Result<(), StoreError> {
        let desk = self.desk();
        // What came while they were parted goes the next time.
        desk.execute("DELETE FROM waiting WHERE survey = ?1 AND moved IS NOT NULL", [survey])?;
        fold_log(&desk)
    }

    /// The surveys whose answers wait here.
    pub fn surveys(&self) -> Result<Vec<String>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare("SELECT DISTINCT survey FROM waiting ORDER BY survey")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    fn desk(&self) -> MutexGuard<'_, Connection> {
        // A panic under this lock leaves a connection whose transaction is rolled back.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
