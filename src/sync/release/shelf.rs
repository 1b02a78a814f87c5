//! A kiosk's releases, in the folder `releases` of its own: the one in use, the one before, and the file
//! `current` that names them. It is replaced as a whole, so that at every moment one release is in use.
//!
//! | name | what |
//! |---|---|
//! | `<number>-<id>/` | an unpacked release, whole and on the disk |
//! | `current` | which one is in use, and which one was before |
//! | `refused` | the last one that was not taken, and why |
//! | `….part/` | being unpacked; swept away by the next one |
//! | `<id>.fetched` | as much of the next one as has come from the central |

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Flaw;
use super::file::{self, disk};
use super::manifest::{Id, Manifest, PUBLIC, Trust};
use crate::durable::{Access, replace_file, sync_folder};
use crate::error::{Context, Error, Result};
use crate::site::{self, Site, build::release_folder};
use crate::store::record::CentralId;

/// In the folder of a kiosk, or of a central.
pub const FOLDER: &str = "releases";
const CURRENT: &str = "current";
const REFUSED: &str = "refused";
const LOCK: &str = "lock";

/// A release, as those who keep it name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: Id,
    pub number: u64,
    pub made: String,
    pub central_id: CentralId,
}

impl Entry {
    /// Of this manifest.
    pub fn of(manifest: &Manifest) -> Entry {
        Entry {
            id: manifest.id,
            number: manifest.number,
            made: manifest.made.clone(),
            central_id: manifest.central_id,
        }
    }

    /// Its folder's or file's name: content that comes back is another release.
    pub fn name(&self) -> String {
        format!("{}-{}", self.number, self.id)
    }
}

/// What the file `current` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    pub now: Entry,
    pub before: Option<Entry>,
    /// It can no longer be opened, and there was none before: it has to be brought again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_broken: bool,
}

/// A release that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// None where not even that could be read.
    pub id: Option<Id>,
    pub why: String,
}

/// The folder.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// The one in a kiosk's folder, which need not be there yet.
    pub fn of(data: &Path) -> Shelf {
        Shelf { folder: data.join(FOLDER) }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The release in use; none where there never was one.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn current(&self) -> Result<Option<Current>> {
        read(&self.folder.join(CURRENT))
    }

    /// The last one that was not taken.
    pub fn refused(&self) -> Option<Refused> {
        read(&self.folder.join(REFUSED)).ok().flatten()
    }

    /// The site of an unpacked release.
    pub fn open(&self, entry: &Entry) -> Result<Site> {
        site_in(&self.folder.join(entry.name()))
    }

    /// The pages of `entry` as they are served, for what somebody still fetches.
    pub fn folder_of(&self, entry: &Entry) -> PathBuf {
        self.folder.join(entry.name())
    }

    /// Verifies the release at `path`, unpacks it beside, and puts it in use. What was in use stays, as the
    /// one before; what was before that goes. True where it is new here. A flaw changes nothing but the
    /// note of it.
    pub fn install(&self, path: &Path, trust: Trust) -> Result<(Entry, bool), Flaw> {
        let installed = self.try_install(path, trust);
        match &installed {
            // A name that was mistyped is no release that was refused.
            Err(Flaw::Unread(_)) => {}
            Err(flaw) => {
                let id = file::open(path, trust).ok().map(|release| release.manifest.id);
                self.refuse(id, flaw);
            }
            // A better one came: the note has been answered.
            Ok(_) => drop(fs::remove_file(self.folder.join(REFUSED))),
        }
        installed
    }

    fn try_install(&self, path: &Path, trust: Trust) -> Result<(Entry, bool), Flaw> {
        let release = file::open(path, trust)?;
        let entry = Entry::of(&release.manifest);
        crate::durable::create_folder(&self.folder).map_err(|error| disk(&self.folder, error))?;
        // The stick beside a running kiosk that fetches: one after the other.
        let _lock = self.lock()?;
        let current = self.current().ok().flatten();
        if let Some(Current { now, .. }) = &current {
            let is_here = now.name() == entry.name() && self.open(now).is_ok();
            if is_here && now.central_id == entry.central_id {
                return Ok((entry, false));
            }
            // What came inside the program was put here by hand.
            let is_rival = matches!(trust, Trust::Pinned { .. })
                && now.central_id == entry.central_id
                && now.number >= entry.number;
            if is_rival && now.name() != entry.name() {
                return Err(Flaw::Older { number: entry.number, here: now.number });
            }
        }
        self.unpack(release, &entry)?;
        let before = current.map(|current| match current.now.name() == entry.name() {
            true => current.before,
            false => Some(current.now),
        });
        let current = Current { now: entry.clone(), before: before.flatten(), is_broken: false };
        self.put_in_use(&current).map_err(|error| unusable(&error))?;
        self.sweep(&current);
        Ok((entry, true))
    }

    fn unpack<R: std::io::Read>(
        &self,
        release: file::Release<R>,
        entry: &Entry,
    ) -> Result<(), Flaw> {
        let (beside, folder) =
            (self.folder.join(format!("{}.part", entry.name())), self.folder.join(entry.name()));
        // Left by a power cut, or damaged since.
        for left in [&beside, &folder] {
            remove(left).map_err(|error| disk(left, error))?;
        }
        let unpacked = release.unpack(&beside).and_then(|_| {
            site_in(&beside).map_err(|error| unusable(&error))?;
            fs::rename(&beside, &folder)
                .and_then(|()| sync_folder(&self.folder))
                .map_err(|error| disk(&folder, error))
        });
        if unpacked.is_err() {
            // The flaw is what matters; what is left is removed by the next one.
            let _ = remove(&beside);
        }
        unpacked
    }

    /// The site in use. Where it cannot be opened (a damaged disk) the one before takes its place.
    pub fn open_current(&self) -> Result<Option<(Current, Site)>> {
        let Some(current) = self.current()? else { return Ok(None) };
        let error = match self.open(&current.now) {
            Ok(site) => return Ok(Some((current, site))),
            Err(error) => error,
        };
        let why = format!("{error}");
        let refused = Refused { id: Some(current.now.id), why: why.clone() };
        let Some(before) = current.before.clone() else {
            // Noted so that it is fetched again, and an older one still is not taken for it.
            let _ = self.put_in_use(&Current { is_broken: true, ..current });
            return Err(Error::new("open the release").source(why).hint(
                "bring it again: `borgerpanel kiosk sync`, or `borgerpanel kiosk release FILE`",
            ));
        };
        let site = self.open(&before)?;
        let back = Current { now: before, before: None, is_broken: false };
        // A disk that takes no note is no reason to show nothing.
        if self.put_in_use(&back).is_ok() {
            let _ = self.write_note(&refused);
        }
        Ok(Some((back, site)))
    }

    fn put_in_use(&self, current: &Current) -> Result<()> {
        write(&self.folder.join(CURRENT), current)
    }

    fn lock(&self) -> Result<File, Flaw> {
        let path = self.folder.join(LOCK);
        // Whoever made it may be another user: the kiosk's own, or root with a stick.
        let file = File::open(&path).or_else(|_| File::create(&path));
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| disk(&path, error))
    }

    /// Notes that a release was not taken.
    pub(super) fn refuse(&self, id: Option<Id>, flaw: &Flaw) {
        let refused = Refused { id, why: flaw.to_string() };
        // On a full disk nothing can be noted either; whoever asked is told.
        let _ = self.write_note(&refused);
    }

    fn write_note(&self, refused: &Refused) -> Result<()> {
        crate::durable::create_folder(&self.folder).during_at("make the folder", &self.folder)?;
        write(&self.folder.join(REFUSED), refused)
    }

    /// Removes every release but these two. What cannot be removed now is tried again by the next one.
    fn sweep(&self, current: &Current) {
        let kept: Vec<String> = [Some(&current.now), current.before.as_ref()]
            .into_iter()
            .flatten()
            .map(Entry::name)
            .collect();
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !kept.iter().any(|kept| **kept == name) {
                let _ = fs::remove_dir_all(&path);
            }
        }
    }
}

/// The site in the folder of an unpacked release.
fn site_in(folder: &Path) -> Result<Site> {
    let public = folder.join(PUBLIC);
    site::release::open(&release_folder(&public)?, &public)
}

fn unusable(error: &Error) -> Flaw {
    Flaw::Unusable(error.to_string())
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What the JSON file at `path` says; none where there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.during_at("read", path)?,
    };
    serde_json::from_slice(&bytes).map(Some).during_at("read", path)
}

pub(super) fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut json = serde_json::to_vec(value).during_at("write as JSON", path)?;
    json.push(b'\n');
    replace_file(path, &json, Access::Shared)
}
