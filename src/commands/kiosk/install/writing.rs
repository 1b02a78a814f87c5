//! Writing what was planned, and leaving alone what somebody changed.
//!
//! What was written is remembered by its digest, as `sha256sum` writes it: a file that still has it is
//! ours to renew, any other is somebody's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::{Content, Planned};
use crate::crypto::sha256_hex;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};

/// Where the digests are, from the root.
const LEDGER: &str = "etc/borgerpanel/installed.sha256";

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Written,
    Unchanged,
    /// Ours from before, in a new version.
    Updated,
    /// Somebody's: left as it was.
    Kept,
    /// Somebody's: written over, as was wished; theirs is beside it.
    Replaced,
}

impl Done {
    /// For the list that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Done::Written => "written",
            Done::Unchanged => "unchanged",
            Done::Updated => "updated",
            Done::Kept => "kept",
            Done::Replaced => "replaced",
        }
    }
}

/// Writes below a root.
pub struct Installer {
    root: PathBuf,
    force: bool,
    /// Path to digest.
    ledger: BTreeMap<String, String>,
}

impl Installer {
    /// With what is remembered there. With `force`, what somebody changed is written over.
    pub fn at(root: &Path, force: bool) -> Result<Installer> {
        let path = root.join(LEDGER);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.during_at("read what was installed before from", &path)?,
        };
        let lines = text.lines().filter_map(|line| line.split_once("  "));
        let ledger = lines.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect();
        Ok(Installer { root: root.to_owned(), force, ledger })
    }

    /// Brings one file there, or leaves it.
    pub fn install(&mut self, file: &Planned) -> Result<Done> {
        let bytes = match &file.content {
            Content::Text(text) => text.clone().into_bytes(),
            Content::Program => own_program()?,
        };
        let target = self.root.join(file.path.trim_start_matches('/'));
        let done = self.judge(file.path, &target, &bytes)?;
        if done == Done::Kept {
            return Ok(done);
        }
        if done == Done::Replaced {
            let beside = PathBuf::from(format!("{}.before", target.display()));
            fs::rename(&target, &beside).during_at("keep what was there as", &beside)?;
        }
        if done != Done::Unchanged {
            write(&target, &bytes)?;
        }
        set_mode(&target, file.mode)?;
        self.ledger.insert(file.path.to_owned(), sha256_hex(&bytes));
        Ok(done)
    }

    fn judge(&self, path: &str, target: &Path, bytes: &[u8]) -> Result<Done> {
        let there = match fs::read(target) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Done::Written),
            read => read.during_at("read what is there at", target)?,
        };
        if there == bytes {
            return Ok(Done::Unchanged);
        }
        let is_ours = self.ledger.get(path).is_some_and(|digest| *digest == sha256_hex(&there));
        Ok(match (is_ours, self.force) {
            (true, _) => Done::Updated,
            (false, true) => Done::Replaced,
            (false, false) => Done::Kept,
        })
    }

    /// Remembers what was written.
    pub fn finish(self) -> Result<()> {
        let lines = self.ledger.iter().map(|(path, digest)| format!("{digest}  {path}\n"));
        let path = self.root.join(LEDGER);
        write(&path, lines.collect::<String>().as_bytes())?;
        set_mode(&path, 0o644)
    }
}

fn own_program() -> Result<Vec<u8>> {
    let path = std::env::current_exe().during("find this program")?;
    fs::read(&path).during_at("read this program", &path)
}

fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = target.parent() {
        make_folder(folder)?;
    }
    replace_file(target, bytes, Access::Shared)
}

/// Folders that are new can be entered by everybody, whatever the installing person's umask is.
fn make_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    fs::create_dir(folder).during_at("make the folder", folder)?;
    set_mode(folder, 0o755)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).during_at("set the mode of", path)
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<()> {
    Ok(())
}
