//! Reading what is left of a damaged kiosk database, page by page and without SQLite: a row counts
//! where its own checksum holds, whatever became of the tree it hung in, of the header or the log.
//! Nothing is written to the file.
//!
//! 1. [`wal`]: the frames of the log, also those that SQLite would pass over.
//! 2. `cell`: rows and records in a page.
//! 3. `find` puts together what the pages say: rows, and which numbers there were.

mod cell;
mod find;
pub mod wal;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use cell::{Value, be32};
use find::Find;
use wal::{Log, PAGE_BYTES, Tail};

use super::error::StoreError;
use super::outbox::Row;
use super::record::{Epoch, Sealed, Uid};

/// A private record that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub opens: bool,
    pub sealed: Sealed,
}

/// What a damaged database still says.
#[derive(Debug, Default)]
pub struct Found {
    /// The life it was in; none where not even a row tells.
    pub epoch: Option<Epoch>,
    pub base: u64,
    /// The highest number that anything in it names.
    pub last: u64,
    /// Whether its own counts of numbers and of waiting records were found, or too little may be named.
    pub is_last_sure: bool,
    /// Rows whose checksum holds, by number.
    pub rows: BTreeMap<u64, Row>,
    /// Rows that were emptied: a central has them, and in a backup.
    pub emptied: BTreeMap<u64, Row>,
    /// Rows whose checksum holds but whose number is not certain.
    pub loose: Vec<Sealed>,
    pub waiting: HashMap<Uid, Waiting>,
    /// How many records waited by its own count.
    pub waited: Option<u64>,
    /// So many more than were found.
    pub lost_waiting: u64,
    /// Cells that looked like rows and are not sound.
    pub unsound: u64,
}

/// Reads the database at `path` and the log beside it.
pub fn read(path: &Path) -> Result<Found, StoreError> {
    let (main, log) = (read_file(path)?, read_file(&wal::beside(path))?);
    let log = Log::read(&log);
    let mut find = Find::default();
    let pages = Pages::new(&main, &log, 0);
    pages.newest_first(|page, content| find.look_at(page, content, &pages));
    let mut found = find.into_found((main.len() / PAGE_BYTES + log.frames.len()) as u64);
    // The newest counts may be among what is damaged.
    found.is_last_sure &= log.tail() == Tail::Nothing;
    Ok(found)
}

/// What the log beside `path` holds that SQLite would pass over, and the rows and numbers in it.
pub fn read_tail(path: &Path) -> Result<(Tail, Found), StoreError> {
    let log = read_file(&wal::beside(path))?;
    let log = Log::read(&log);
    let tail = log.tail();
    if tail != Tail::Torn {
        return Ok((tail, Found::default()));
    }
    let mut find = Find::default();
    let pages = Pages::new(&[], &log, log.valid);
    pages.newest_first(|page, content| find.look_at(page, content, &pages));
    Ok((tail, find.into_found(u64::MAX / 32)))
}

/// Nothing where there is no such file.
fn read_file(path: &Path) -> Result<Vec<u8>, StoreError> {
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|error| StoreError::Io(error.to_string())),
    }
}

/// All versions of all pages.
struct Pages<'a> {
    main: &'a [u8],
    /// From the log, the newest first.
    frames: Vec<(u32, &'a [u8])>,
    newest: HashMap<u32, &'a [u8]>,
}

impl<'a> Pages<'a> {
    /// From the log those frames that come after the first `after`, all or only the whole ones.
    fn new(main: &'a [u8], log: &Log<'a>, after: usize) -> Pages<'a> {
        let counts = |frame: &&wal::Frame| after == 0 || frame.is_whole;
        let behind = log.frames[after..].iter().filter(counts);
        // Those of the present round are newer than leftovers that lie behind them.
        let mut frames: Vec<_> = behind.collect();
        frames.reverse();
        frames.sort_by_key(|frame| !frame.is_present);
        let frames: Vec<_> = frames.into_iter().map(|frame| (frame.page, frame.content)).collect();
        let newest = frames.iter().rev().copied().collect();
        Pages { main, frames, newest }
    }

    fn newest_first(&self, mut look: impl FnMut(u32, &'a [u8])) {
        self.frames.iter().for_each(|(page, content)| look(*page, content));
        let main = self.main.chunks_exact(PAGE_BYTES);
        main.zip(1..).for_each(|(content, page)| look(page, content));
    }

    fn in_main(&self, page: u32) -> Option<&'a [u8]> {
        let start = (page as usize).checked_sub(1)?.checked_mul(PAGE_BYTES)?;
        self.main.get(start..start.checked_add(PAGE_BYTES)?)
    }

    /// The cell's whole record. A page it goes on in may be in the log, in the file or in both: first
    /// the newest are tried, then those of the file alone.
    fn records(&self, cell: &cell::Cell) -> Vec<Vec<Value>> {
        let Some(next) = cell.overflow else {
            return cell::record(cell.local).into_iter().collect();
        };
        let newest = |page: u32| self.newest.get(&page).copied().or_else(|| self.in_main(page));
        let whole = [self.follow(cell, next, newest), self.follow(cell, next, |p| self.in_main(p))];
        whole.into_iter().flatten().filter_map(|bytes| cell::record(&bytes)).collect()
    }

    fn follow(
        &self,
        cell: &cell::Cell,
        mut next: u32,
        page: impl Fn(u32) -> Option<&'a [u8]>,
    ) -> Option<Vec<u8>> {
        let mut bytes = cell.local.to_vec();
        while bytes.len() < cell.length {
            let content = page(next)?;
            next = be32(content, 0)?;
            let wanted = (cell.length - bytes.len()).min(PAGE_BYTES - 4);
            bytes.extend(&content[4..4 + wanted]);
        }
        Some(bytes)
    }
}
