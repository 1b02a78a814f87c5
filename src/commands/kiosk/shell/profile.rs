//! The folder a browser lives in: fresh for each, nobody else's, and gone with it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};

/// Begins the folders' names; the process's number follows.
const PREFIX: &str = "kiosk-shell-";

/// How often a folder is removed in which a process that is ending still writes.
const TRIES_MAX: u32 = 20;
const TRY_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// A folder that nobody else may enter.
pub struct Profile(PathBuf);

impl Profile {
    /// In the unit's runtime folder, which is memory; else in the temporary one.
    pub fn make() -> Result<Profile> {
        let name = format!("{PREFIX}{}-{:08x}", std::process::id(), fastrand::u32(..));
        let folder = parent().join(name);
        make_private(&folder).during_at("make the browser's folder", &folder)?;
        Ok(Profile(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// Where something of it is left: then no other visitor may come.
    pub fn remove(self) -> Result<()> {
        self.try_to_remove().during_at("remove the browser's folder", &self.0)
    }

    fn try_to_remove(&self) -> std::io::Result<()> {
        for _ in 1..TRIES_MAX {
            if !self.0.exists() || fs::remove_dir_all(&self.0).is_ok() {
                return Ok(());
            }
            std::thread::sleep(TRY_PAUSE);
        }
        fs::remove_dir_all(&self.0)
    }
}

impl Drop for Profile {
    /// For the ways that end in an error.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn parent() -> PathBuf {
    // systemd lists several, where a unit has several.
    let named = std::env::var("RUNTIME_DIRECTORY").ok();
    let first = named.as_deref().and_then(|all| all.split(':').next()).filter(|it| !it.is_empty());
    first.map_or_else(std::env::temp_dir, PathBuf::from)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir(folder)
}

/// Removes those of shells that were killed: what a visitor did may be in them.
pub fn remove_stale() {
    let Ok(entries) = fs::read_dir(parent()) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_stale) {
            // Another user's stays where it is.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_stale(name: &str) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let number = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
    let pid = number.and_then(|number| number.parse().ok()).and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_stale(_: &str) -> bool {
    false
}
