//! Watching folders: one call for each burst of changes.
//!
//! Folders, not files: editors save by renaming a new file over the old one, and a watch on the
//! old file would go on watching something that is gone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::error::{Error, Result};

/// A burst is over when nothing has changed for so long: a saving editor takes some milliseconds.
const QUIET: Duration = Duration::from_millis(50);

/// A burst that does not end (a large copy) is told after so long all the same.
const BURST_MAX: Duration = Duration::from_secs(2);

/// Watches until it is dropped.
pub struct Watch {
    /// Owns the sending end: dropping it ends the thread.
    _watcher: RecommendedWatcher,
}

/// How far down is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What lies straight in a folder.
    Folder,
    /// That and everything below.
    All,
}

/// Calls `on_change` with the changed paths (sorted, each once), once for every burst of changes
/// in `folders`. What changes during a call is told by the next one.
///
/// # Errors
/// Where a folder is missing or the system allows no more watches.
pub fn watch<F>(folders: &[PathBuf], depth: Depth, on_change: F) -> Result<Watch>
where
    F: FnMut(Vec<PathBuf>) + Send + 'static,
{
    let (sender, receiver) = channel();
    let told = move |event: notify::Result<Event>| {
        // The receiver is gone only while everything ends.
        let _ = sender.send(event.map_or_else(|_| None, |event| changed(&event)));
    };
    let mut watcher = notify::recommended_watcher(told)
        .map_err(|error| Error::new("watch for changes").source(error))?;
    let mode = match depth {
        Depth::Folder => RecursiveMode::NonRecursive,
        Depth::All => RecursiveMode::Recursive,
    };
    for folder in folders {
        watcher.watch(folder, mode).map_err(|error| {
            Error::new("watch").path(folder).source(error).hint(
                "the folder must exist; on Linux fs.inotify.max_user_watches may need to be larger",
            )
        })?;
    }
    let named = thread::Builder::new().name("watch".to_owned());
    let begun = named.spawn(move || tell_bursts(&receiver, on_change));
    begun.map_err(|error| Error::new("start the watching thread").source(error))?;
    Ok(Watch { _watcher: watcher })
}

/// What an event changed: `None` where nothing did, an empty list where it is not known what.
fn changed(event: &Event) -> Option<Vec<PathBuf>> {
    if event.need_rescan() {
        return Some(Vec::new());
    }
    let writes = match event.kind {
        // The build itself reads every file: that is no change.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) => true,
        EventKind::Remove(_) | EventKind::Other => true,
    };
    let paths = event.paths.iter().filter(|path| !is_editors_own(path));
    let paths: Vec<PathBuf> = paths.cloned().collect();
    (writes && !paths.is_empty()).then_some(paths)
}

/// Swap files, backups and probes that editors leave beside what they edit.
fn is_editors_own(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let ending = ["~", ".swp", ".swx", ".tmp", ".bak"].iter().any(|ending| name.ends_with(ending));
    // 4913 is how vim tries whether it may write here.
    ending || name.starts_with(['.', '#']) || name == "4913"
}

fn tell_bursts(events: &Receiver<Option<Vec<PathBuf>>>, mut on_change: impl FnMut(Vec<PathBuf>)) {
    while let Ok(event) = events.recv() {
        let Some(mut paths) = event else { continue };
        let begun = Instant::now();
        let mut last = begun;
        while begun.elapsed() < BURST_MAX && last.elapsed() < QUIET {
            match events.recv_timeout(QUIET.saturating_sub(last.elapsed())) {
                Ok(Some(more)) => {
                    paths.extend(more);
                    last = Instant::now();
                }
                Ok(None) => {}
                Err(_) => break,
            }
        }
        paths.sort();
        paths.dedup();
        on_change(paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn watched() -> (tempfile::TempDir, Watch, Receiver<Vec<PathBuf>>) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("surveys")).expect("a subfolder");
        fs::write(folder.path().join("surveys/a.md"), "old").expect("a file");
        let (sender, receiver) = channel();
        let told = move |paths| sender.send(paths).expect("the test listens");
        let watch = watch(&[folder.path().to_owned()], Depth::All, told).expect("a watch");
        (folder, watch, receiver)
    }

    #[test]
    fn tells_a_burst_once() {
        let (sender, events) = channel();
        for round in 0..20 {
            let path = PathBuf::from(format!("surveys/{}.md", round % 4));
            sender.send((round % 3 > 0).then(|| vec![path])).expect("an event");
        }
        drop(sender);
        let mut calls = Vec::new();
        tell_bursts(&events, |paths| calls.push(paths.len()));
        assert_eq!(calls, [4], "one call, each path once");
    }

    #[test]
    fn sees_every_save_of_an_editor_that_renames() {
        let (folder, _watch, told) = watched();
        let file = folder.path().join("surveys/a.md");
        for round in 0..3 {
            let beside = folder.path().join("surveys/a.md~");
            fs::write(&beside, round.to_string()).expect("written beside");
            fs::rename(&beside, &file).expect("renamed over");
            let paths = told.recv_timeout(PATIENCE).expect("a save");
            assert!(paths.contains(&file), "save {round}: {paths:?}");
        }
    }

    #[test]
    fn sees_files_in_new_folders_and_removals() {
        let (folder, _watch, told) = watched();
        let new = folder.path().join("surveys/billeder");
        fs::create_dir(&new).expect("a folder");
        told.recv_timeout(PATIENCE).expect("the folder");
        fs::write(new.join("a.svg"), "x").expect("a file");
        assert_eq!(told.recv_timeout(PATIENCE).expect("the file"), [new.join("a.svg")]);
        fs::remove_file(folder.path().join("surveys/a.md")).expect("removed");
        told.recv_timeout(PATIENCE).expect("the removal");
    }

    #[test]
    fn reading_and_swap_files_are_no_changes() {
        let (folder, _watch, told) = watched();
        fs::read(folder.path().join("surveys/a.md")).expect("a read");
        fs::read_dir(folder.path()).expect("a listing").count();
        fs::write(folder.path().join("surveys/.a.md.swp"), "x").expect("a swap file");
        assert!(told.recv_timeout(6 * QUIET).is_err());
    }

    #[test]
    fn names_a_folder_that_is_missing() {
        let error =
            watch(&[PathBuf::from("/nowhere/at/all")], Depth::All, |_| {}).err().expect("an error");
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
