//! Replacing a file so that after a power cut the old or the new one is there, whole.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::error::{Context, Result};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The process's usual mode.
    Shared,
    /// Its owner alone (0600): keys and passwords.
    Private,
}

/// Writes beside, fsyncs, renames, fsyncs the directory; cleans up on error.
pub fn replace_file(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write_synced(&beside, bytes, access).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The error that matters is the one above; a leftover is overwritten by the next try.
        let _ = fs::remove_file(&beside);
    }
    written.during_at("write", path)?;
    sync_parent(path).during_at("sync the folder of", path)
}

fn write_synced(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if access == Access::Private {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = access;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a rename in `path`'s directory survive a power cut. Windows has no such call and needs none.
fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    sync_folder(parent.unwrap_or(Path::new(".")))
}

/// Makes what was made, renamed or removed in `folder` survive a power cut.
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

/// Makes the folder, and those above it that are missing, so that they survive a power cut: what is
/// synced in a folder whose own name is not may be gone with it.
pub fn create_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        create_folder(above)?;
    }
    match fs::create_dir(path) {
        // Another process was quicker; its name is synced all the same.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    sync_parent(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.txt");
        replace_file(&path, b"one", Access::Shared).expect("first write");
        replace_file(&path, b"two", Access::Private).expect("second write");
        assert_eq!(fs::read(&path).expect("read back"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("list").count(), 1);
    }

    #[test]
    fn makes_folders_that_are_missing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a/b/c");
        create_folder(&path).expect("made");
        create_folder(&path).expect("there already");
        assert!(path.is_dir());
        fs::write(folder.path().join("file"), "").expect("written");
        create_folder(&folder.path().join("file")).expect_err("a file stands there");
    }

    #[test]
    fn says_which_file_could_not_be_written() {
        let error = replace_file(Path::new("/nowhere/at/all.txt"), b"", Access::Shared)
            .expect_err("the folder does not exist");
        assert!(error.to_string().contains("/nowhere/at/all.txt"), "{error}");
    }
}
