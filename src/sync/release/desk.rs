//! A central's releases, in the folder `releases` of its own: `<number>-<id>.release`, the newest and the
//! one before, and `current` that names them. A running central reads it anew at every question.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::manifest::{Id, Manifest};
use super::shelf::{self, Current, Entry, FOLDER};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};

/// The most of a release that goes out at a time: on a line of 1 kB/s this is a minute.
pub const CHUNK_BYTES: u64 = 64 * 1024;

/// The folder.
#[derive(Debug, Clone)]
pub struct Desk {
    folder: PathBuf,
}

impl Desk {
    /// The one in a central's folder.
    pub fn of(data: &Path) -> Desk {
        Desk { folder: data.join(FOLDER) }
    }

    /// Where releases are made, and kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The newest release; none before the first.
    pub fn current(&self) -> Result<Option<Current>> {
        shelf::read(&self.folder.join("current"))
    }

    /// The file of `entry`.
    pub fn file(&self, entry: &Entry) -> PathBuf {
        self.folder.join(format!("{}.release", entry.name()))
    }

    /// The number of the next release: higher than the last, and than any that a copy of this central made
    /// from which the last has been restored since, as long as the clock is about right.
    pub fn next_number(&self, now_s: i64) -> Result<u64> {
        let last = self.current()?.map_or(0, |current| current.now.number);
        Ok((last + 1).max(u64::try_from(now_s).unwrap_or_default()))
    }

    /// Keeps a release, and says to kiosks from now on that it is the newest.
    pub fn keep(&self, manifest: &Manifest, bytes: &[u8]) -> Result<Entry> {
        crate::durable::create_folder(&self.folder).during_at("make the folder", &self.folder)?;
        let entry = Entry::of(manifest);
        replace_file(&self.file(&entry), bytes, Access::Shared)?;
        let old = self.current()?;
        let current = Current {
            now: entry.clone(),
            before: old.as_ref().map(|old| old.now.clone()),
            is_broken: false,
        };
        shelf::write(&self.folder.join("current"), &current)?;
        if let Some(gone) = old.and_then(|old| old.before) {
            // A file too many harms nobody.
            let _ = std::fs::remove_file(self.file(&gone));
        }
        Ok(entry)
    }

    /// A piece of the release `id`, the newest or the one before, from the byte `from`; none where there
    /// is no such.
    pub fn piece(&self, id: Id, from: u64) -> Result<Option<Vec<u8>>> {
        let Some(current) = self.current()? else { return Ok(None) };
        let mut kept = [Some(current.now), current.before].into_iter().flatten();
        let Some(entry) = kept.find(|entry| entry.id == id) else { return Ok(None) };
        let path = self.file(&entry);
        let mut file = File::open(&path).during_at("read", &path)?;
        file.seek(SeekFrom::Start(from)).during_at("read", &path)?;
        let mut bytes = Vec::new();
        file.take(CHUNK_BYTES).read_to_end(&mut bytes).during_at("read", &path)?;
        Ok(Some(bytes))
    }
}
