//! The project's files, as they lie in a clean clone.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of results, not of sources.
const NOT_SOURCES: [&str; 6] = ["target", "public", "public.release", "data", ".git", "corpus"];

/// A text of the project.
pub struct File {
    /// From the project's root, with `/` between the parts.
    pub path: String,
    pub text: String,
}

impl File {
    /// Whether the name ends like one of `endings`, as in `.rs`.
    pub fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// Where the project lies.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text under the root, sorted by path. Fonts and pictures are no texts.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 100, "found {} files only: the walk is broken", files.len());
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let name = entry.file_name().into_string().expect("file names of the project are UTF-8");
        if NOT_SOURCES.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().unwrap_or_else(|e| panic!("{path}: {e}"));
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}
