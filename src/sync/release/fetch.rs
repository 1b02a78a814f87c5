//! A kiosk fetches the release that its central announced, piece by piece: what has come stays on the disk
//! over cuts of the line and of the power, and answers that wait to be sent go first.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::Flaw;
use super::desk::CHUNK_BYTES;
use super::file::{self, HEAD_BYTES_MAX};
use super::manifest::{Id, Trust};
use super::shelf::{Current, Entry, Shelf};
use crate::error::{Context, Error, Result};
use crate::sync::enrol::Enrolment;
use crate::sync::exchange::TransportError;

/// Rounds before a release that was refused is looked at again: a quarter of an hour at first, then four
/// times as long each time, up to a day.
const PAUSE_FIRST: u32 = 15;
const PAUSE_MAX: u32 = 24 * 60;

/// The way pieces come.
pub trait Source {
    /// Up to [`CHUNK_BYTES`] of the release from the byte `from`.
    fn piece(&self, id: Id, from: u64) -> Result<Vec<u8>, TransportError>;
}

/// Fetches for one kiosk.
pub struct Fetcher {
    shelf: Shelf,
    sulk: Option<Sulk>,
}

/// A release that was refused, and how long it is left alone.
struct Sulk {
    id: Id,
    rounds: u32,
    next: u32,
}

impl Fetcher {
    /// For the kiosk of this folder.
    pub fn new(data: &Path) -> Fetcher {
        Fetcher { shelf: Shelf::of(data), sulk: None }
    }

    /// Brings the release `id` here, if it is not the one in use, and puts it in use; none where there is
    /// nothing to do, or `goes_on` said that something else comes first. At least one piece is fetched.
    ///
    /// # Errors
    /// Where it cannot be fetched, or is refused. The one in use stays.
    pub fn look(
        &mut self,
        id: Id,
        source: &impl Source,
        enrolment: &Enrolment,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Option<Entry>> {
        let admission = &enrolment.admission;
        let in_use = self.shelf.current().ok().flatten();
        let is_here = in_use.is_some_and(|Current { now, is_broken, .. }| {
            now.id == id && now.central_id == admission.central_id && !is_broken
        });
        if is_here || self.leaves_alone(id) {
            return Ok(None);
        }
        let trust = Trust::Pinned { key: &admission.verifying_key, central: admission.central_id };
        let path = self.shelf.folder().join(format!("{id}.fetched"));
        let fetched = self.fetch(id, source, trust, &path, goes_on);
        let installed = match fetched {
            Ok(false) => return Ok(None),
            Ok(true) => self.shelf.install(&path, trust).map_err(Stopped::Flaw),
            Err(stopped) => Err(stopped),
        };
        match installed {
            Ok((entry, _)) => {
                self.sulk = None;
                // It has been unpacked.
                let _ = fs::remove_file(&path);
                Ok(Some(entry))
            }
            Err(Stopped::Line(error)) => Err(Error::new(format!("fetch the release {id}"))
                .source(error)
                .hint("what came stays; it goes on from there at the next sync")),
            Err(Stopped::Flaw(flaw)) => {
                let _ = fs::remove_file(&path);
                self.shelf.refuse(Some(id), &flaw);
                self.sulk(id);
                Err(flaw.during(format!("use the release {id} of the central")))
            }
            Err(Stopped::Disk(error)) => {
                self.sulk(id);
                Err(error)
            }
        }
    }

    /// Whether all of it is in the file at `path` now.
    fn fetch(
        &self,
        id: Id,
        source: &impl Source,
        trust: Trust,
        path: &PathBuf,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<bool, Stopped> {
        self.sweep(path);
        let folder = self.shelf.folder();
        crate::durable::create_folder(folder).during_at("make the folder", folder)?;
        let mut here = fs::metadata(path).map_or(0, |data| data.len());
        // The manifest is at its beginning; the rest of it is not needed here.
        let mut head = Vec::new();
        if let Ok(file) = File::open(path) {
            file.take(HEAD_BYTES_MAX).read_to_end(&mut head).during_at("read", path)?;
        }
        let mut whole = None;
        loop {
            if whole.is_none()
                && let Some((manifest, bytes)) = file::begun(&head, trust)?
            {
                self.refuse_older(&manifest.id, manifest.number, manifest.central_id, id)?;
                (whole, head) = (Some(bytes), Vec::new());
            }
            match whole {
                Some(whole) if here == whole => return Ok(true),
                Some(whole) if here > whole => return Err(Flaw::Damaged(too_long()).into()),
                _ => {}
            }
            let piece = source.piece(id, here)?;
            let wanted = whole.map_or(CHUNK_BYTES, |whole| CHUNK_BYTES.min(whole - here));
            let is_sound = match whole {
                Some(_) => piece.len() as u64 == wanted,
                None => !piece.is_empty() && piece.len() as u64 <= wanted,
            };
            if !is_sound {
                return Err(Flaw::Damaged(format!("a piece of {} bytes came", piece.len())).into());
            }
            append(path, &piece).during_at("write", path)?;
            here += piece.len() as u64;
            if whole.is_none() {
                head.extend(piece);
            }
            if !goes_on() {
                return Ok(false);
            }
        }
    }

    /// Before the rest of it is fetched for nothing.
    fn refuse_older(
        &self,
        id: &Id,
        number: u64,
        central: crate::store::CentralId,
        wanted: Id,
    ) -> Result<(), Flaw> {
        if *id != wanted {
            return Err(Flaw::Damaged(format!("the release {id} came in its place")));
        }
        match self.shelf.current().ok().flatten().map(|current| current.now) {
            Some(now) if now.central_id == central && now.number > number => {
                Err(Flaw::Older { number, here: now.number })
            }
            _ => Ok(()),
        }
    }

    fn leaves_alone(&mut self, id: Id) -> bool {
        match &mut self.sulk {
            Some(sulk) if sulk.id == id && sulk.rounds > 0 => {
                sulk.rounds -= 1;
                true
            }
            _ => false,
        }
    }

    fn sulk(&mut self, id: Id) {
        let rounds = match &self.sulk {
            Some(sulk) if sulk.id == id => sulk.next,
            _ => PAUSE_FIRST,
        };
        self.sulk = Some(Sulk { id, rounds, next: (rounds * 4).min(PAUSE_MAX) });
    }

    /// Removes what has come of other releases: the central has a newer one by now.
    fn sweep(&self, kept: &Path) {
        let Ok(entries) = fs::read_dir(self.shelf.folder()) else { return };
        let others = entries.flatten().map(|entry| entry.path()).filter(|path| {
            path != kept && path.extension().is_some_and(|ending| ending == "fetched")
        });
        for path in others {
            let _ = fs::remove_file(path);
        }
    }
}

/// Why fetching ended.
enum Stopped {
    Line(TransportError),
    Flaw(Flaw),
    Disk(Error),
}

impl From<TransportError> for Stopped {
    fn from(error: TransportError) -> Stopped {
        Stopped::Line(error)
    }
}

impl From<Flaw> for Stopped {
    fn from(flaw: Flaw) -> Stopped {
        Stopped::Flaw(flaw)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Stopped {
        Stopped::Disk(error)
    }
}

/// Not synced: after a power cut a digest tells what is missing.
fn append(path: &Path, piece: &[u8]) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(piece)
}

fn too_long() -> String {
    "more came than it has bytes".to_owned()
}
