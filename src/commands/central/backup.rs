//! `borgerpanel central backup FILE` and `central restore FILE`: the database and what a central needs
//! beside it, encrypted for the keys in central.toml.

pub mod rotation;
mod shelf;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::settings::{self, Backup, CentralSettings};
use crate::cli::{CentralBackupArgs, CentralRestoreArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::age;
use crate::console::say;
use crate::durable::{Access, create_folder, replace_file, sync_folder};
use crate::error::{Context, Error, Result};
use crate::store::central::backup::{Beside, unpack};
use crate::store::central::restore::{Replayed, Returning};
use crate::store::central::roll::Deed;
use crate::store::central::{self, log::Entry, roll};
use crate::store::members::{self, Members};
use crate::store::{Central, Options, StoreError};
use crate::sync::keys;

/// The plain copy, for as long as it has a name: a moment in a backup, until it is whole in a restore. And
/// what is locked meanwhile: two at a time would take each other's copy for their own.
const COPY: &str = "central.db.copy";
const LOCK: &str = "backup.lock";

/// Backs up. Beside a running central.
pub fn run(args: &CentralBackupArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let settings = CentralSettings::load(data)?.checked(data)?.backup;
    let central = Central::open(data, Options::default())?;
    let Some(file) = &args.file else { return rotate(&central, data, &settings) };
    let _alone = alone(data)?;
    let bytes = make(&central, data, file, &settings.recipients)?;
    say!(
        "{} written and opened again: {:.1} MB for {} keys",
        file.display(),
        bytes as f64 / 1e6,
        settings.recipients.len()
    )?;
    say!("keep it on another machine; kiosks may now let go of what is in it")?;
    Ok(Verdict::Fine)
}

/// A round by hand, as `central run` makes them.
fn rotate(central: &Central, data: &Path, settings: &Backup) -> Result<Verdict> {
    let (done, tried) = rotation::round(central, data, settings, &SystemClock, |_| true)?;
    rotation::tell(&done);
    tried?;
    if let Some((name, _)) = &done.made {
        say!("{name} written and opened again; {} old ones deleted", done.gone.len())?;
    }
    Ok(Verdict::Fine)
}

/// Makes a backup, for whoever is [`alone`], and opens it again. Returns its bytes.
fn make(central: &Central, data: &Path, file: &Path, recipients: &[String]) -> Result<u64> {
    if recipients.is_empty() {
        return Err(Error::new("make a backup")
            .path(data.join(settings::FILE))
            .source("`[backup] recipients` names nobody who could open it")
            .hint("make a key with `age-keygen`, keep its secret half elsewhere, and write the public one there"));
    }
    keep_roll_whole(central, data)?;
    let left = Copy::of(data);
    let (copy, marks) = central
        .copy(&left.path, || {
            // After the database: a sign-up that goes to the panel meanwhile is in both, not in neither.
            beside(data).map_err(|error| StoreError::Io(error.to_string()))
        })
        .map_err(|error| error.at("copy the central's database", central.path()))?;
    age::encrypt(&copy, file, recipients)?;
    // Gone now, and its room on the disk with it.
    drop(copy);
    central
        .note_backup(&marks, &entry("backed-up", file))
        .and_then(|()| central.thin(&marks))
        .map_err(|error| error.at("note the backup in", central.path()))?;
    Ok(fs::metadata(file).during_at("look at", file)?.len())
}

/// Restores into a folder that has no central.
pub fn restore(args: &CentralRestoreArgs) -> Result<Verdict> {
    let data = &args.at.data;
    refuse_over_another(data)?;
    create_folder(data).during_at("make the folder", data)?;
    let _alone = alone(data)?;
    let database = data.join(central::FILE);
    let copy = Copy::of(data);
    replace_file(&copy.path, b"", Access::Private)?;
    age::decrypt(&args.file, &copy.path, &args.identity)?;
    let files = unpack(&copy.path).map_err(|error| error.at("read the backup", &args.file))?;
    let (deeds, replayed) = erase_again(args, &copy.path)?;
    keys::prepare(data)?;
    for (name, bytes) in &files {
        put_beside(data, name, bytes)?;
    }
    if data.join(members::FILE).exists() {
        let members = Members::open(data)?;
        members.erase_again(&deeds).map_err(|error| error.at("erase in", members.path()))?;
        let doubted = members.doubt_queued().map_err(|error| error.at("write", members.path()))?;
        if doubted > 0 {
            say!(
                "{doubted} mails of surveys waited in the backup, and may have gone since: nobody gets one twice, \
                 unless `borgerpanel invite SURVEY --unsure` sends them"
            )?;
        }
    }
    fs::rename(&copy.path, &database).during_at("write", &database)?;
    sync_folder(data).during_at("sync the folder", data)?;
    tell(data, &replayed)?;
    Ok(Verdict::Fine)
}

/// Erases in the copy what the roll says, before it stands where a central would open it. The roll ends up
/// in the new folder, with all that the copy knows to be erased.
fn erase_again(args: &CentralRestoreArgs, copy: &Path) -> Result<(Vec<Deed>, Replayed)> {
    let mut deeds = match &args.erased {
        Some(file) if !file.exists() => {
            return Err(Error::new("read the list of what was erased")
                .path(file)
                .source("it does not exist")
                .hint(format!("it is `{}` in the old central's folder", roll::FILE)));
        }
        Some(file) => roll::read(file)?,
        None => Vec::new(),
    };
    let at = |error: StoreError| error.at("erase in", copy);
    let mut returning = Returning::open(copy).map_err(at)?;
    deeds.extend(returning.erased().map_err(at)?);
    let deeds = roll::complete(&args.at.data.join(roll::FILE), &deeds)?;
    let replayed = returning.replay(&deeds, &entry("restored", &args.file)).map_err(at)?;
    returning.close().map_err(at)?;
    Ok((deeds, replayed))
}

/// Before there was a roll things were erased, too; and somebody may have taken it away.
fn keep_roll_whole(central: &Central, data: &Path) -> Result<()> {
    let erased = central.erased().map_err(|error| error.at("read", central.path()))?;
    roll::complete(&data.join(roll::FILE), &erased).map(drop)
}

fn tell(data: &Path, replayed: &Replayed) -> Result<()> {
    say!(
        "restored into {}; what came from kiosks since, they send again by themselves",
        data.display()
    )?;
    match replayed {
        Replayed { erased: 0, elsewhere: 0 } => say!(
            "nothing was erased in it again: what was erased since is back, unless `--erased FILE` (the old \
             folder's {}) says what it was",
            roll::FILE
        )?,
        Replayed { erased, elsewhere } => {
            say!("{erased} that were erased since the backup are erased again")?;
            say!(
                "{elsewhere} that were erased and are not in it will not be stored when they come"
            )?;
        }
    }
    say!(
        "answers from homes since the backup are gone; `borgerpanel central audit` says whether anything \
         is missing"
    )
}

/// A log that was left behind would be taken for the restored database's, and keys for those it was made with.
fn refuse_over_another(data: &Path) -> Result<()> {
    let ends = ["", "-wal", "-shm", "-journal"];
    let database = ends.map(|end| format!("{}{end}", central::FILE));
    let members = ends.map(|end| format!("{}{end}", members::FILE));
    let mut left = database.into_iter().chain(members).chain(keys::NEEDED.map(str::to_owned));
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
    keys::NEEDED.into_iter().chain([keys::THEMES, settings::FILE]).map(str::to_owned)
}

fn beside(data: &Path) -> Result<Vec<Beside>> {
    let mut files = Vec::new();
    for name in names() {
        let path = data.join(&name);
        if path.exists() {
            files.push((name, fs::read(&path).during_at("read", &path)?));
        }
    }
    if data.join(members::FILE).exists() {
        // Never the spool: answers stand in it beside those who gave them.
        let members = Members::open(data)?;
        let bytes = members.bytes().map_err(|error| error.at("copy", members.path()))?;
        files.push((members::FILE.to_owned(), bytes));
    }
    Ok(files)
}

/// A file out of a backup: one of those that are known, and never over one that is there.
fn put_beside(data: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = data.join(name);
    let is_known = name == members::FILE || names().any(|known| known == name);
    if !is_known || path.exists() {
        return Ok(());
    }
    replace_file(&path, bytes, Access::Private)
}

/// Takes away what a restore left behind that was killed; a restore that is at work is left alone.
pub fn sweep(data: &Path) {
    if let Ok(_alone) = alone(data) {
        Copy::of(data).remove();
    }
}

/// A plain copy that must not be left behind, nor be there from an earlier time.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(data: &Path) -> Copy {
        let copy = Copy { path: data.join(COPY) };
        copy.remove();
        copy
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.path.clone().into_os_string();
            name.push(end);
            // What is not there need not go.
            let _ = fs::remove_file(name);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}
