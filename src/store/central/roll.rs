//! The roll of what was erased: a file beside the database that is in no backup, so that what was erased
//! after a backup stays so when the backup comes back ([`restore`](super::restore)).
//!
//! It has a line for each deed: why, when and by whom, and the number and digest of each record. It only
//! grows, and each line is on the disk before its erasure is committed: a deed that did not come to pass
//! may stand in it, and one that did always does.
//!
//! The numbers stand there as they are. They are random and name nobody; a digest is of sealed bytes, and
//! nobody can guess one from an answer. Hashes under a key would need their key beside them, and would not
//! do: the numbers themselves keep a late stick from bringing the same again.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::private::Erasure;
use crate::crypto::Digest;
use crate::durable;
use crate::error::{Context, Error, Result};
use crate::store::error::StoreError;
use crate::store::record::Uid;

/// The file's name in the central's folder.
pub const FILE: &str = "erased.jsonl";

/// A record that was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    pub uid: Uid,
    /// Of what was sealed; none where it came straight from a home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

/// A line of the roll: records that were erased together, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    pub erasure: Erasure,
    pub records: Vec<Erased>,
}

/// The roll beside this database.
pub(crate) fn beside(database: &Path) -> PathBuf {
    database.with_file_name(FILE)
}

/// Adds a line, which is on the disk when this returns.
pub(crate) fn append(path: &Path, deed: &Deed) -> std::result::Result<(), StoreError> {
    let at = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull => StoreError::DiskFull,
        _ => StoreError::Io(format!("{}: {error}", path.display())),
    };
    let mut line = serde_json::to_vec(deed).expect("a deed is made of texts");
    line.push(b'\n');
    write(path, &line).map_err(at)
}

fn write(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // Until it is closed: two commands may erase at a time.
    file.lock()?;
    cut_torn(&mut file)?;
    file.write_all(line)?;
    file.sync_all()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    durable::sync_folder(folder.unwrap_or(Path::new(".")))
}

/// Takes away a last line without its end: the power went as it was written, and nothing was erased.
fn cut_torn(file: &mut File) -> io::Result<()> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = whole_lines(&bytes).len();
    if whole < bytes.len() { file.set_len(whole as u64) } else { Ok(()) }
}

fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    &bytes[..end]
}

/// All deeds of the roll at `path`; none where there is no file.
pub fn read(path: &Path) -> Result<Vec<Deed>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.during_at("read", path)?,
    };
    let lines = whole_lines(&bytes).split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty());
    let deed = |(number, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|wrong| {
            Error::new(format!("understand line {} of", number + 1))
                .path(path)
                .source(wrong)
                .hint("it is no list of what was erased, or somebody changed it: take another copy")
        })
    };
    lines.map(deed).collect()
}

/// Adds what the roll at `path` has not. Returns all that stands in it now.
pub fn complete(path: &Path, deeds: &[Deed]) -> Result<Vec<Deed>> {
    let mut all = read(path)?;
    let mut known: HashSet<Erased> = all.iter().flat_map(|deed| &deed.records).copied().collect();
    for deed in deeds {
        let mut records = deed.records.clone();
        records.retain(|record| known.insert(*record));
        if records.is_empty() {
            continue;
        }
        let deed = Deed { erasure: deed.erasure.clone(), records };
        append(path, &deed).map_err(|error| error.at("write to", path))?;
        all.push(deed);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(number: u8) -> Deed {
        let erasure = Erasure {
            reason: "retention".to_owned(),
            day: "2026-11-27".to_owned(),
            by: "console".to_owned(),
        };
        let sha256 = (number > 1).then(|| Digest::of(&[number]));
        Deed { erasure, records: vec![Erased { uid: Uid([number; 16]), sha256 }] }
    }

    #[test]
    fn a_line_that_was_cut_short_is_nobodys_deed_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        assert_eq!(read(&path).expect("nothing yet"), []);
        append(&path, &deed(1)).expect("written");
        let first = std::fs::read(&path).expect("a line");
        append(&path, &deed(2)).expect("written");
        let both = std::fs::read(&path).expect("two lines");
        for end in first.len()..both.len() {
            std::fs::write(&path, &both[..end]).expect("cut");
            assert_eq!(read(&path).expect("the first"), [deed(1)], "cut at {end}");
            append(&path, &deed(3)).expect("written");
            assert_eq!(read(&path).expect("two"), [deed(1), deed(3)], "cut at {end}");
        }
        let mut damaged = both;
        damaged[3] = b'#';
        std::fs::write(&path, damaged).expect("written");
        let told = read(&path).expect_err("the first line is not JSON").to_string();
        assert!(told.contains("line 1 of") && told.contains(FILE), "{told}");
    }

    #[test]
    fn what_stands_there_already_is_not_added_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        append(&path, &deed(1)).expect("written");
        let all = complete(&path, &[deed(1), deed(2), deed(2)]).expect("completed");
        assert_eq!(all, [deed(1), deed(2)]);
        assert_eq!(read(&path).expect("the same"), all);
    }
}
