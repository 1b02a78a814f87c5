//! Replacing a file so that after a power cut the old or the new one is there, whole.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

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
    let beside = beside(path);
    let written = write_synced(&beside, bytes, access).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The error that matters is the one above; a leftover is overwritten by the next try.
        let _ = fs::remove_file(&beside);
    }
    written.during_at("write", path)?;
    sync_parent(path).during_at("sync the folder of", path)
}

/// Replaces files that belong together: not one of them is touched before all are on the disk, so that a
/// full disk, or a process that is ended while it writes, leaves the old ones. Only the renames, which follow
/// one another at once, can be cut short.
pub fn replace_files(files: &[(PathBuf, Vec<u8>)], access: Access) -> Result<()> {
    let beside: Vec<PathBuf> = files.iter().map(|(path, _)| beside(path)).collect();
    let written = files.iter().zip(&beside).try_for_each(|((path, bytes), beside)| {
        write_synced(beside, bytes, access).during_at("write", path)
    });
    let renamed = written.and_then(|()| {
        files
            .iter()
            .zip(&beside)
            .try_for_each(|((path, _), beside)| fs::rename(beside, path).during_at("write", path))
    });
    if renamed.is_err() {
        // The error that matters is the one above.
        beside.iter().for_each(|path| drop(fs::remove_file(path)));
    }
    renamed?;
    files.iter().try_for_each(|(path, _)| sync_parent(path).during_at("sync the folder of", path))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
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
    fn of_files_that_belong_together_none_is_replaced_where_one_cannot_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "old").expect("written");
        let files =
            |second: &str| vec![(path("a"), b"new".to_vec()), (path(second), b"new".to_vec())];
        let failed = replace_files(&files("missing/b"), Access::Shared);
        assert!(failed.is_err_and(|error| error.to_string().contains("missing")));
        assert_eq!(fs::read_to_string(path("a")).expect("read"), "old");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left over");
        replace_files(&files("b"), Access::Shared).expect("replaced");
        assert_eq!(fs::read_to_string(path("a")).expect("read"), "new");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 2);
    }

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
