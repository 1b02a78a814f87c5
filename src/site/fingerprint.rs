//! Whether a built site is still what its sources make: one digest over all it is made from.
//!
//! A server that starts compares it with the one noted beside the site, and opens what lies there
//! instead of making it again: a kiosk is back in a tenth of a second after a power cut. [`Note`] is
//! gone while a build writes, so that half a build is never taken for a whole one.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::build::{self, Options};
use super::content;
use super::theme::slashed;
use crate::crypto::Digest;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};

/// The file beside the site.
const FILE: &str = "built-from";

/// What the site of `options` would be made from now: every byte of its content and themes, a kiosk's
/// own rules, and the program, whose templates and compiler shape every page. None where something of
/// it cannot be read; building says what.
///
/// Bytes and not times: a copy may have old times, and a kiosk's clock may be set back.
pub fn of(options: &Options) -> Option<Digest> {
    let mut all = program()?.into_bytes();
    all.extend(format!("{:?}", options.kiosk).bytes());
    add(&mut all, &options.content)?;
    for theme in [options.theme.clone(), Some(content::themes_beside(&options.content))] {
        // The themes beside the content may be none, or more than the site names.
        if let Some(theme) = theme.filter(|theme| theme.is_dir()) {
            add(&mut all, &theme)?;
        }
    }
    Some(Digest::of(&all))
}

/// Its version, and the size and time of its file: two builds of one version may differ.
fn program() -> Option<String> {
    let about = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
    let made = about.modified().ok()?;
    Some(format!("{} {} {made:?}", env!("CARGO_PKG_VERSION"), about.len()))
}

/// Each file's name and digest, in order.
fn add(all: &mut Vec<u8>, folder: &Path) -> Option<()> {
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.ok()?;
        if !entry.file_type().is_file() {
            continue;
        }
        let name = slashed(entry.path().strip_prefix(folder).ok()?);
        let bytes = std::fs::read(entry.path()).ok()?;
        all.extend((name.len() as u64).to_le_bytes());
        all.extend(name.into_bytes());
        all.extend(Digest::of(&bytes).0);
    }
    Some(())
}

/// What a built site was made from, as noted beside it.
pub struct Note {
    path: PathBuf,
    options: Options,
}

impl Note {
    /// The note beside the site that `options` name.
    pub fn of(options: &Options) -> Note {
        Note { path: options.out.with_file_name(FILE), options: options.clone() }
    }

    /// Whether the site was made from `sources`, whole, and is still there.
    pub fn says(&self, sources: Digest) -> bool {
        let noted = std::fs::read_to_string(&self.path);
        noted.is_ok_and(|noted| noted.trim() == sources.to_string())
            && build::is_there(&self.options.out)
    }

    /// Forgets: the site is about to change.
    pub fn forget(&self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).during_at("remove", &self.path)
            }
            _ => Ok(()),
        }
    }

    /// Notes that the site was made from `sources`, after the last of it was written.
    pub fn write(&self, sources: Digest) -> Result<()> {
        replace_file(&self.path, format!("{sources}\n").as_bytes(), Access::Shared)
    }
}
