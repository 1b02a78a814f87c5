//! The folder that backups are kept in, and how long each may stay there.
//!
//! Two promises meet here: that who was erased is gone from the backups within `keep_days`, and that there
//! is a backup. An old one goes as soon as a newer one is whole, and where backups are made each night that is
//! all that ever happens. Where they fail, the newest stays: until `keep_days` after the first erasure since
//! it was made. Then it goes as well, as members were told so, while the database that it is a copy of is
//! still there; staff have been told of each failure by then.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::durable::{create_folder, sync_folder};
use crate::error::{Context, Error, Result};
use crate::store::record::CentralId;

/// In a file's name: UTC, and names are in the order of time.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// What `age` writes first.
const HEAD: &[u8] = b"age-encryption.org/v1\n";
/// So much before its time a backup goes, as nobody looks every second.
const EARLY: SignedDuration = SignedDuration::from_hours(1);
/// A backup that says it is from later than this was made by a wrong clock.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(1);

/// A folder with the backups of one central; what else lies there is left alone.
pub struct Shelf {
    folder: PathBuf,
    /// What the names of its backups begin with.
    prefix: String,
}

/// A backup on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    /// From its name, which copying does not change: the moment before the copy was begun.
    pub made: Timestamp,
    /// False where it does not begin as a backup does: it counts for nothing.
    pub is_whole: bool,
}

impl Kept {
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Why a backup goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is a newer one.
    Replaced,
    /// There is none, and somebody was erased on this day, whom it holds.
    Promised(Date),
}

impl Shelf {
    /// The shelf of this central. The folder is made where the one above it is there: a disk that is not
    /// mounted must not go unnoticed.
    pub fn open(folder: &Path, central: CentralId) -> Result<Shelf> {
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
        if !folder.is_dir() && above.is_some_and(|above| !above.is_dir()) {
            return Err(Error::new("keep backups in")
                .path(folder)
                .source("neither it nor the folder above is there")
                .hint("mount its disk, or make the folder; `backup.directory` in central.toml names it"));
        }
        create_folder(folder).during_at("make the folder", folder)?;
        let id = central.to_string();
        let prefix = format!("central-{}-", id.get(..8).unwrap_or(&id));
        Ok(Shelf { folder: folder.to_owned(), prefix })
    }

    /// Where a backup that is begun now goes.
    pub fn place(&self, now: Timestamp) -> PathBuf {
        let stamp = now.to_zoned_datetime(TimeZone::UTC).strftime(STAMP).to_string();
        self.folder.join(format!("{}{stamp}.age", self.prefix))
    }

    /// All backups, the oldest first.
    pub fn kept(&self) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for name in self.names()? {
            let Some(made) = self.made(&name) else { continue };
            let path = self.folder.join(name);
            let is_whole = begins_well(&path).during_at("read", &path)?;
            kept.push(Kept { path, made, is_whole });
        }
        kept.sort_by(|a, b| (a.made, &a.path).cmp(&(b.made, &b.path)));
        Ok(kept)
    }

    fn names(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.folder).during_at("list", &self.folder)?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.during_at("list", &self.folder)?;
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            names.extend(is_file.then(|| entry.file_name().into_string().ok()).flatten());
        }
        Ok(names)
    }

    /// When the backup of this name was made; none where it is none of ours.
    fn made(&self, name: &str) -> Option<Timestamp> {
        let stamp = name.strip_prefix(&self.prefix)?.strip_suffix(".age")?;
        let made = TimeZone::UTC.to_timestamp(DateTime::strptime(STAMP, stamp).ok()?).ok()?;
        // Only as it is written here.
        (self.place(made).file_name()?.to_str()? == name).then_some(made)
    }

    /// Takes away what a backup left that was killed. Only for who alone makes backups here.
    pub fn sweep(&self) -> Result<()> {
        for name in self.names()? {
            let halves = name.strip_suffix(".tmp").and_then(|name| name.rsplit_once('.'));
            let is_half = halves.is_some_and(|(name, process)| {
                self.made(name).is_some() && process.bytes().all(|byte| byte.is_ascii_digit())
            });
            if is_half {
                self.remove(&self.folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Dates back to `now` what a wrong clock dated later, or it would stay for years. Returns how many.
    pub fn date_back(&self, now: Timestamp) -> Result<usize> {
        let ahead = self.kept()?.into_iter().filter(|one| one.made > now + AHEAD_MAX);
        let mut dated = 0;
        for one in ahead {
            let free = (0..).map(|seconds| self.place(now - SignedDuration::from_secs(seconds)));
            let to = free.into_iter().find(|path| !path.exists()).expect("a second that is free");
            fs::rename(&one.path, &to).during_at("rename", &one.path)?;
            dated += 1;
        }
        sync_folder(&self.folder).during_at("sync the folder", &self.folder)?;
        Ok(dated)
    }

    /// Takes a file away, also from what a power cut leaves.
    pub fn remove(&self, path: &Path) -> Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).during_at("delete", path)
            }
            _ => sync_folder(&self.folder).during_at("sync the folder", &self.folder),
        }
    }
}

fn begins_well(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD.len() as u64).read_to_end(&mut head)?;
    Ok(head == HEAD)
}

/// Which of these, the oldest first, go now. `erased_since` has the first day on which anybody was erased
/// whom a backup of this moment may hold.
pub fn overdue(
    kept: &[Kept],
    now: Timestamp,
    keep_days: u32,
    erased_since: impl Fn(Timestamp) -> Option<Date>,
) -> Vec<(Kept, Why)> {
    let time = SignedDuration::from_hours(24 * i64::from(keep_days)) - EARLY;
    let newest = kept.iter().rposition(|one| one.is_whole);
    let why = |at: usize, one: &Kept| {
        if now.duration_since(one.made) < time {
            return None;
        }
        if newest != Some(at) && (newest > Some(at) || !one.is_whole) {
            return Some(Why::Replaced);
        }
        let day = erased_since(one.made)?;
        let begun = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        (now.duration_since(begun) >= time).then_some(Why::Promised(day))
    };
    let each = kept.iter().enumerate();
    each.filter_map(|(at, one)| Some((one.clone(), why(at, one)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn shelf(folder: &Path) -> Shelf {
        Shelf::open(folder, CentralId([7; 16])).expect("a shelf")
    }

    fn put(shelf: &Shelf, at: &str, bytes: &[u8]) -> PathBuf {
        let path = shelf.place(moment(at));
        fs::write(&path, bytes).expect("written");
        path
    }

    const NOW: &str = "2026-11-28T03:00:00Z";

    #[test]
    fn names_are_in_the_order_of_time_and_others_files_are_no_backups() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        let newer = put(&shelf, "2026-11-28T03:00:00Z", HEAD);
        let older = put(&shelf, "2026-01-02T23:59:59Z", HEAD);
        assert_eq!(older.file_name().expect("a name"), "central-07070707-20260102T235959Z.age");
        assert!(older < newer);
        let own = "central-07070707-20260102T235959Z";
        let others = [
            "night.age",
            "central-08080808-20200101T000000Z.age",
            "central-07070707-20200101T000000Z.age.old",
            "central-07070707-2020-01-01.age",
            "central-07070707-20201301T000000Z.age",
            "central-07070707-20200101T000000Z.age.tmp",
            "central-07070707-20200101T000000Z.age.x1.tmp",
        ];
        for name in others {
            fs::write(folder.path().join(name), HEAD).expect("written");
        }
        fs::create_dir(folder.path().join("central-07070707-20200101T000000Z.age")).expect("made");
        let half = folder.path().join(format!("{own}.age.4711.tmp"));
        fs::write(&half, "").expect("written");
        let kept: Vec<PathBuf> =
            shelf.kept().expect("listed").into_iter().map(|one| one.path).collect();
        assert_eq!(kept, [older, newer]);
        shelf.sweep().expect("swept");
        assert!(!half.exists());
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }

    /// The names' days of those that go, with the reason.
    fn gone(shelf: &Shelf, now: &str, erased: &[&str]) -> Vec<(String, Why)> {
        let erased: Vec<Date> = erased.iter().map(|day| day.parse().expect("a day")).collect();
        let since = |made: Timestamp| {
            let day = made.to_zoned_datetime(TimeZone::UTC).date();
            erased.iter().copied().filter(|one| *one >= day).min()
        };
        let kept = shelf.kept().expect("listed");
        let day = |one: &Kept| one.made.to_string()[..10].to_owned();
        let gone = overdue(&kept, moment(now), 30, since);
        gone.iter().map(|(one, why)| (day(one), *why)).collect()
    }

    #[test]
    fn the_old_go_once_there_is_a_newer_one_that_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        put(&shelf, "2026-10-28T03:00:00Z", HEAD);
        put(&shelf, "2026-10-30T03:00:00Z", HEAD);
        assert_eq!(gone(&shelf, NOW, &[]), [("2026-10-28".into(), Why::Replaced)]);
        // The one that goes on the 29th goes an hour before.
        assert_eq!(gone(&shelf, "2026-11-29T01:59:59Z", &[]).len(), 1);
        put(&shelf, "2026-11-20T03:00:00Z", HEAD);
        assert_eq!(gone(&shelf, "2026-11-29T02:00:00Z", &[]).len(), 2);
        // An empty file is no backup, however new.
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = super::tests::shelf(folder.path());
        put(&shelf, "2026-10-01T03:00:00Z", HEAD);
        put(&shelf, "2026-11-27T03:00:00Z", b"");
        assert_eq!(gone(&shelf, NOW, &[]), []);
    }

    #[test]
    fn the_last_one_stays_until_somebody_who_was_erased_has_waited_for_long_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        put(&shelf, "2026-01-01T03:00:00Z", HEAD);
        let day: Date = "2026-11-20".parse().expect("a day");
        assert_eq!(gone(&shelf, NOW, &[]), [], "nobody was erased");
        assert_eq!(gone(&shelf, NOW, &["2025-12-31"]), [], "before it was made");
        assert_eq!(gone(&shelf, NOW, &["2026-11-20"]), [], "the promise is not due");
        let told = gone(&shelf, "2026-12-19T23:00:00Z", &["2026-11-20", "2026-12-01"]);
        assert_eq!(told, [("2026-01-01".into(), Why::Promised(day))]);
    }

    #[test]
    fn what_a_wrong_clock_dated_years_ahead_does_not_stay_for_years() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path());
        put(&shelf, "2036-01-01T03:00:00Z", HEAD);
        put(&shelf, NOW, HEAD);
        assert_eq!(shelf.date_back(moment(NOW)).expect("dated"), 1);
        let made: Vec<String> =
            shelf.kept().expect("listed").iter().map(|one| one.made.to_string()).collect();
        assert_eq!(made, ["2026-11-28T02:59:59Z", NOW]);
    }

    #[test]
    fn a_disk_that_is_not_there_is_said_and_not_made_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = Shelf::open(&folder.path().join("mount/backups"), CentralId([7; 16]));
        let told = refused.map(|_| ()).expect_err("no disk").to_string();
        assert!(told.contains("mount its disk"), "{told}");
        Shelf::open(&folder.path().join("backups"), CentralId([7; 16])).expect("made");
    }
}
