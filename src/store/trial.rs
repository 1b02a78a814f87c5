//! The store's part in the pull-the-plug test (`kiosk torture`): numbers stored through the very code
//! that stores answers, and what a power cut left of them.

use std::path::Path;

use super::error::StoreError;
use super::outbox::{FILE, Outbox};
use super::record::{Epoch, Kind, Label, Sealed, Uid};
use super::sqlite;
use crate::error::Result;

/// Rows read at a time.
const ROWS: usize = 1000;

/// An outbox that is filled with numbers instead of answers.
pub struct Trial(Outbox);

/// What is there after the plug was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// Every number from 1 to this one is there, in order, with its own content.
    pub whole_to: u64,
    /// The highest that is there at all.
    pub highest: u64,
    /// What SQLite's own check finds wrong.
    pub unsound: Option<String>,
}

impl Trial {
    /// Makes the database in `folder`.
    pub fn begin(folder: &Path) -> Result<Trial> {
        Outbox::open(folder).map(Trial)
    }

    /// Returns when the number is on the disk, if the disk does not lie.
    pub fn store(&self, number: u64, content: &[u8]) -> Result<(), StoreError> {
        self.0.store(sealed(number, content.to_vec())).map(|_| ())
    }
}

/// Looks at what the database in `folder` kept; `content` is what a number was stored with.
pub fn remains(folder: &Path, content: impl Fn(u64) -> Vec<u8>) -> Remains {
    let mut remains = Remains { whole_to: 0, highest: 0, unsound: None };
    if let Err(error) = read(folder, content, &mut remains) {
        remains.unsound = Some(error.to_string());
    }
    remains
}

/// The check comes first: opening the outbox would set a damaged database aside.
fn read(folder: &Path, content: impl Fn(u64) -> Vec<u8>, remains: &mut Remains) -> Result<()> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(());
    }
    remains.unsound = fault(&path).map_err(|error| error.at("check the database", &path))?;
    if remains.unsound.is_some() {
        return Ok(());
    }
    let outbox = Outbox::open(folder)?;
    let mut after = 0;
    loop {
        let rows = outbox.rows_after(after, ROWS, usize::MAX);
        let rows = rows.map_err(|error| error.at("read the database", &path))?;
        let Some(last) = rows.last() else { return Ok(()) };
        (after, remains.highest) = (last.seq, last.seq);
        for row in &rows {
            let is_next = row.seq == remains.whole_to + 1;
            if is_next && row.sealed == sealed(row.seq, content(row.seq)) {
                remains.whole_to = row.seq;
            }
        }
    }
}

fn fault(path: &Path) -> Result<Option<String>, StoreError> {
    let desk = rusqlite::Connection::open(path)?;
    desk.busy_timeout(sqlite::BUSY_TIMEOUT)?;
    let said: String = desk.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

fn sealed(number: u64, body: Vec<u8>) -> Sealed {
    let label = Label {
        kind: Kind::Response,
        uid: Uid(u128::from(number).to_be_bytes()),
        survey: "torture".to_owned(),
        version: "0".repeat(64),
        kiosk: "torture".to_owned(),
        epoch: Epoch([0; 16]),
    };
    Sealed { label, body }
}
