//! The panel's database, `panel.db`: members and what they let be sent to them. A file of its own, which no
//! query joins to `central.db`.
//!
//! 1. [`member`]: signing up, confirming, correcting, leaving. [`import`]: by the hundred, from elsewhere.
//!    [`link`]: what opens a member's page.
//! 2. [`invitation`]: who was invited to what. Who has answered is in `spool` until a survey is over.
//! 3. [`outgoing`]: mails on their way.
//! 4. [`tally`]: how many of all that.

pub mod import;
pub mod invitation;
pub mod link;
pub mod member;
pub mod outgoing;
pub mod tally;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::error::StoreError;
use super::sqlite::{self, Options, Schema};
use crate::crypto::{self, Digest};
use crate::error::{Context, Result};

/// The file's name in the central's folder.
pub const FILE: &str = "panel.db";

const SCHEMA: Schema = Schema {
    what: "panel",
    application_id: 0x4250_5031, // "BPP1"
    steps: &[
        include_str!("schema.sql"),
        // The day on which whoever was invited was told what came of it: all of them, answered or not.
        "ALTER TABLE invitation ADD COLUMN findings TEXT;",
        // Of a survey that is over: the panel and the invited by one variable at a time, in tens (JSON).
        "CREATE TABLE steps (survey TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;",
        // How many members left a panel in a month (YYYY-MM), and nothing about any of them.
        "CREATE TABLE departure (
            panel TEXT NOT NULL,
            month TEXT NOT NULL,
            members INTEGER NOT NULL,
            PRIMARY KEY (panel, month)
        ) STRICT, WITHOUT ROWID;",
    ],
};

/// A random token of a link, as it stands in a mail; the database keeps its [`Token::hash`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token(pub [u8; 16]);

impl Token {
    /// A new random one.
    pub fn random() -> Token {
        Token(crypto::random())
    }

    /// The one that 32 hex digits spell.
    pub fn from_hex(text: &str) -> Option<Token> {
        crypto::unhex(text).map(Token)
    }

    /// As it stands in an address.
    pub fn to_hex(self) -> String {
        crypto::hex(&self.0)
    }

    /// What the database knows it by.
    pub fn hash(self) -> Digest {
        Digest::of(&self.0)
    }
}

impl std::fmt::Debug for Token {
    /// Whoever has it can do what it is for: it stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The panel's database. Share it by `Arc`; other processes may have it open too.
pub struct Members {
    path: PathBuf,
    desk: Mutex<Connection>,
}

impl Members {
    /// Opens or makes `panel.db` in the central's folder.
    pub fn open(folder: &Path) -> Result<Members> {
        crate::durable::create_folder(folder).during_at("make the folder", folder)?;
        let path = folder.join(FILE);
        let desk = sqlite::open(&path, &SCHEMA, &Options::default())
            .map_err(|error| error.at("open the panel's database", &path))?;
        Ok(Members { path, desk: Mutex::new(desk) })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole database as it is at one moment, for backups: never a plain file of its own.
    pub fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        let mut own = sqlite::open(&self.path, &SCHEMA, &Options::default())?;
        Ok(own.serialize("main")?.to_vec())
    }

    fn desk(&self) -> MutexGuard<'_, Connection> {
        // A panic under this lock leaves a connection whose transaction is rolled back.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
