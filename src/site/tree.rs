//! A tree of files brought to disk: what changed is written, what a build no longer makes removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::theme::slashed;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};

/// Files by relative path with `/`.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// What bringing a tree to disk took, in files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
}

impl Changes {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Changes) -> Changes {
        Changes {
            written: self.written + other.written,
            unchanged: self.unchanged + other.unchanged,
            removed: self.removed + other.removed,
        }
    }
}

/// The paths earlier builds made, so that files of others are never removed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Made {
    pub files: BTreeSet<String>,
}

/// Makes `folder` hold `tree`. Of the rest only what `made` names is removed.
pub fn write(folder: &Path, tree: &Tree, made: &BTreeSet<String>) -> Result<Changes> {
    let mut changes = Changes::default();
    for (path, bytes) in tree {
        if write_one(&folder.join(path), bytes)? {
            changes.written += 1;
        } else {
            changes.unchanged += 1;
        }
    }
    // Last, so that a page is never without what it names.
    for path in made.iter().filter(|path| !tree.contains_key(*path) && is_inside(path)) {
        if remove(folder, path)? {
            changes.removed += 1;
        }
    }
    Ok(changes)
}

/// Every file below `folder`.
pub fn read(folder: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.during_at("list", folder)?;
        if entry.file_type().is_file() {
            let path = entry.path();
            let name = slashed(path.strip_prefix(folder).unwrap_or(path));
            tree.insert(name, fs::read(path).during_at("read", path)?);
        }
    }
    Ok(tree)
}

/// True where the file had to be written.
fn write_one(path: &Path, bytes: &[u8]) -> Result<bool> {
    // Whatever stops reading will be told by writing.
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).during_at("make the folder", parent)?;
    }
    replace_file(path, bytes, Access::Shared)?;
    Ok(true)
}

/// Names of a damaged list must not lead out of the folder.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn remove(folder: &Path, path: &str) -> Result<bool> {
    let file = folder.join(path);
    match fs::remove_file(&file) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).during_at("remove", &file),
    }
    let mut parent: Option<PathBuf> = file.parent().map(Path::to_owned);
    // Folders that are empty now; one that is not stops it, and that is fine.
    while let Some(empty) = parent.filter(|parent| parent != folder) {
        if fs::remove_dir(&empty).is_err() {
            break;
        }
        parent = empty.parent().map(Path::to_owned);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn writes_what_changed_and_removes_what_it_made() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = tree(&[("a/b/index.html", "1"), ("c.html", "2")]);
        write(folder.path(), &first, &BTreeSet::new()).expect("written");
        fs::write(folder.path().join("mine.txt"), "3").expect("a file of somebody else");
        let second = tree(&[("c.html", "2")]);
        let made = first.keys().cloned().collect();
        let changes = write(folder.path(), &second, &made).expect("written");
        assert_eq!(changes, Changes { written: 0, unchanged: 1, removed: 1 });
        assert!(!folder.path().join("a").exists());
        assert!(folder.path().join("mine.txt").exists());
    }

    #[test]
    fn a_damaged_list_leads_nowhere_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = folder.path().join("out");
        fs::create_dir(&out).expect("a folder");
        fs::write(folder.path().join("keep.txt"), "1").expect("a file");
        let made = BTreeSet::from(["../keep.txt".to_owned(), "/etc/hostname".to_owned()]);
        let changes = write(&out, &Tree::new(), &made).expect("nothing to do");
        assert_eq!(changes.removed, 0);
        assert!(folder.path().join("keep.txt").exists());
    }
}
