//! `borgerpanel central backup FILE` and `central restore FILE`: the database and what a central needs
//! beside it, encrypted for the keys in central.toml.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::settings::{self, CentralSettings};
use crate::cli::{CentralBackupArgs, CentralRestoreArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::age;
use crate::console::say;
use crate::durable::{Access, create_folder, replace_file, sync_folder};
use crate::error::{Context, Error, Result};
use crate::store::central::backup::{Beside, unpack};
use crate::store::central::{self, log::Entry};
use crate::store::{Central, Options};
use crate::sync::keys;

/// The plain copy, for as long as it is worked on, and what is locked meanwhile: two backups at a time would
/// take each other's copy for their own.
const COPY: &str = "central.db.copy";
const LOCK: &str = "backup.lock";

/// Backs up. Beside a running central.
pub fn run(args: &CentralBackupArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let recipients = CentralSettings::load(data)?.backup.recipients;
    if recipients.is_empty() {
        return Err(Error::new("make a backup")
            .path(data.join(settings::FILE))
            .source("`[backup] recipients` names nobody who could open it")
            .hint("make a key with `age-keygen`, keep its secret half elsewhere, and write the public one there"));
    }
    let central = Central::open(data, Options::default())?;
    let _alone = alone(data)?;
    let copy = data.join(COPY);
    let marks = {
        let _removed = Removed::before_and_after(&copy);
        replace_file(&copy, b"", Access::Private)?;
        let marks = central
            .copy(&copy, &beside(data)?)
            .map_err(|error| error.at("copy the central's database", central.path()))?;
        age::encrypt(&copy, &args.file, &recipients)?;
        marks
    };
    let entry = entry("backed-up", &args.file);
    central
        .note_backup(&marks, &entry)
        .map_err(|error| error.at("note the backup in", central.path()))?;
    let bytes = fs::metadata(&args.file).during_at("look at", &args.file)?.len();
    say!(
        "{} written and opened again: {:.1} MB for {} keys",
        args.file.display(),
        bytes as f64 / 1e6,
        recipients.len()
    )?;
    say!("keep it on another machine; kiosks may now let go of what is in it")?;
    Ok(Verdict::Fine)
}

/// Restores into a folder that has no central.
pub fn restore(args: &CentralRestoreArgs) -> Result<Verdict> {
    let data = &args.at.data;
    refuse_over_another(data)?;
    create_folder(data).during_at("make the folder", data)?;
    let _alone = alone(data)?;
    let database = data.join(central::FILE);
    let copy = data.join(COPY);
    let _removed = Removed::before_and_after(&copy);
    replace_file(&copy, b"", Access::Private)?;
    age::decrypt(&args.file, &copy, &args.identity)?;
    let files = unpack(&copy).map_err(|error| error.at("read the backup", &args.file))?;
    keys::prepare(data)?;
    for (name, bytes) in &files {
        put_beside(data, name, bytes)?;
    }
    fs::rename(&copy, &database).during_at("write", &database)?;
    sync_folder(data).during_at("sync the folder", data)?;
    let central = Central::open(data, Options::default())?;
    central
        .log(&entry("restored", &args.file))
        .map_err(|error| error.at("write to", central.path()))?;
    say!(
        "restored into {}; what came from kiosks since, they send again by themselves",
        data.display()
    )?;
    say!(
        "answers from homes and what was erased since the backup are as they were then; \
         `borgerpanel central audit` says whether anything is missing"
    )?;
    Ok(Verdict::Fine)
}

/// A log that was left behind would be taken for the restored database's, and keys for those it was made with.
fn refuse_over_another(data: &Path) -> Result<()> {
    let database = ["", "-wal", "-shm", "-journal"].map(|end| format!("{}{end}", central::FILE));
    let mut left = database.into_iter().chain(keys::NEEDED.map(str::to_owned));
    let Some(name) = left.find(|name| data.join(name).exists()) else { return Ok(()) };
    Err(Error::new("restore a central")
        .path(data.join(name))
        .source("there is one already, or a part of one")
        .hint("it may hold answers that the backup has not: move its folder away, and keep it"))
}

/// Nobody else works on a copy for as long as this is held.
fn alone(data: &Path) -> Result<File> {
    let path = data.join(LOCK);
    let file = File::create(&path).during_at("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new("begin")
            .path(&path)
            .source("another backup or restore is at work here")
            .hint("wait for its end")),
        Err(TryLockError::Error(error)) => Err(error).during_at("lock", &path),
    }
}

fn entry(action: &'static str, file: &Path) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action,
        detail: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// What a central needs beside its database, but for the recovery key: that is kept where backups are not.
fn names() -> impl Iterator<Item = String> {
    keys::NEEDED.into_iter().map(str::to_owned).chain([settings::FILE.to_owned()])
}

fn beside(data: &Path) -> Result<Vec<Beside>> {
    let mut files = Vec::new();
    for name in names() {
        let path = data.join(&name);
        if path.exists() {
            files.push((name, fs::read(&path).during_at("read", &path)?));
        }
    }
    Ok(files)
}

/// A file out of a backup: one of those that are known, and never over one that is there.
fn put_beside(data: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = data.join(name);
    if !names().any(|known| known == name) || path.exists() {
        return Ok(());
    }
    replace_file(&path, bytes, Access::Private)
}

/// A plain copy that must not be left behind, however this ends.
struct Removed(PathBuf);

impl Removed {
    fn before_and_after(path: &Path) -> Removed {
        let removed = Removed(path.to_owned());
        removed.remove();
        removed
    }

    fn remove(&self) {
        // What is not there need not go.
        let _ = fs::remove_file(&self.0);
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        self.remove();
    }
}
