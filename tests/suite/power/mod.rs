//! What becomes of answers when the power goes, or the disk fails, at every moment it can: real
//! processes over `shim.c`, a disk that forgets what was not synced.
//!
//! 1. [`Disk`]: the shim, compiled once, and what it is told.
//! 2. [`outbox`]: the store alone, cut at every sync of a run, with two controls that must lose answers.
//! 3. [`kiosk`]: the whole kiosk over HTTP, cut, refused by its disk, and healed.
//! 4. [`central`]: a central whose disk is full.
//! 5. [`torture`]: what the owner's own test finds out about an honest disk and one that lies.
//!
//! Not libfiu: it fails calls at random and forgets nothing, where the shim also drops what a failed
//! sync left behind, ends the fault when told to, and can be run again with its seed.

mod central;
mod kiosk;
mod outbox;
mod torture;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What the shim ends a process with when the power goes.
pub const CUT: i32 = 99;

/// A disk under one folder, as `shim.c` plays it.
pub struct Disk {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

impl Disk {
    /// An honest one that never fails. The folder is made.
    pub fn under(folder: &Path) -> Disk {
        std::fs::create_dir_all(folder).expect("the folder");
        Disk { folder: folder.canonicalize().expect("its real path"), settings: Vec::new() }
    }

    /// See the head of `shim.c`.
    pub fn with(mut self, setting: &'static str, value: impl ToString) -> Disk {
        self.settings.push((setting, value.to_string()));
        self
    }

    /// Lets the program run on this disk.
    pub fn beneath<'c>(&self, program: &'c mut Command) -> &'c mut Command {
        program.env("LD_PRELOAD", shim()).env("POWER_FOLDER", &self.folder);
        program.envs(self.settings.iter().map(|(name, value)| (name, value)))
    }
}

/// How long tests of this kind may run: the seconds in `POWER_TESTS_SECONDS`, or few.
pub fn seconds(few: u64) -> u64 {
    let asked = std::env::var("POWER_TESTS_SECONDS").ok();
    asked.and_then(|seconds| seconds.parse().ok()).unwrap_or(few)
}

/// The seed of this run: the one in `POWER_TESTS_SEED`, or a new one. Printed, so that a failure can be
/// had again.
pub fn seed() -> u64 {
    let asked = std::env::var("POWER_TESTS_SEED").ok();
    let seed = asked.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("POWER_TESTS_SEED={seed}");
    seed
}

/// The shim, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_folder, shim) = SHIM.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shim = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/power/shim.c");
        let compiled = Command::new("cc")
            .args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", "-o"])
            .args([&shim, &source])
            .output()
            .expect("a C compiler, which SQLite needs too");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        (folder, shim)
    });
    shim
}
