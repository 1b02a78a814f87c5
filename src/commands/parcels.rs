//! The files of a stick, as commands are given them: single ones, or the folder they are in.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

/// The files that are meant, in the order of their names: a folder stands for those in it that end so.
pub fn named(given: &[PathBuf], ending: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).during_at("read the folder", path)? {
            let inside = entry.during_at("read the folder", path)?.path();
            if inside.extension().is_some_and(|extension| extension == ending) {
                found.push(inside);
            }
        }
        if found.is_empty() {
            return Err(Error::new("read the folder")
                .path(path)
                .source(format!("there is no file that ends in .{ending}"))
                .hint("name the folder on the stick that the files were written to"));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

/// What a file holds, if that is no more than `bytes_max`.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>> {
    let file = File::open(path).during_at("read", path)?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).during_at("read", path)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Error::new("read")
            .path(path)
            .source("it is far too long to be what it should be"));
    }
    Ok(bytes)
}
