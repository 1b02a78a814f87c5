//! What a running kiosk remembers over a restart, in small files: here wrong PINs, and whether staff
//! closed the screen; in [`news`](super::news) how things went.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::attempts::Attempts;
use crate::console::complain;
use crate::durable::{Access, replace_file};
use crate::error::Context;

/// The file's name in the kiosk's folder.
pub const FILE: &str = "staff.json";

/// Something that is remembered, in a file of its own.
pub trait Remembered: Clone + Default + PartialEq + Serialize + DeserializeOwned {
    /// The file's name in the kiosk's folder.
    const FILE: &'static str;
}

/// What the staff corner remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    pub attempts: Attempts,
    pub is_closed: bool,
}

impl Remembered for Memory {
    const FILE: &'static str = FILE;
}

/// The memory and its file. Without a folder (in tests) it lasts as long as the program.
#[derive(Debug, Default)]
pub struct Kept<M = Memory> {
    memory: Mutex<M>,
    path: Option<PathBuf>,
}

impl<M: Remembered> Kept<M> {
    /// What the file in `folder` says; nothing where there is none. One that cannot be read is said to
    /// be so and passed over: the kiosk itself must go on.
    pub fn load(folder: &Path) -> Kept<M> {
        let path = folder.join(M::FILE);
        let memory = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(M::default()),
            read => read
                .during_at("read", &path)
                .and_then(|bytes| serde_json::from_slice(&bytes).during_at("understand", &path)),
        };
        let memory = memory.unwrap_or_else(|error| {
            complain!("borgerpanel: {error}");
            M::default()
        });
        Kept { memory: Mutex::new(memory), path: Some(path) }
    }

    /// What is remembered just now.
    pub fn memory(&self) -> M {
        self.lock().clone()
    }

    /// Holds whoever else would change it until `change` is through, and writes what it changed.
    pub fn change<T>(&self, change: impl FnOnce(&mut M) -> T) -> T {
        let mut memory = self.lock();
        let before = memory.clone();
        let result = change(&mut memory);
        if let Some(path) = self.path.as_ref().filter(|_| *memory != before) {
            let json = serde_json::to_vec(&*memory).expect("numbers, words and times are JSON");
            // On a disk that is full it is remembered until the next start, and that is something.
            if let Err(error) = replace_file(path, &json, Access::Private) {
                complain!("borgerpanel: {error}");
            }
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, M> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_after_a_restart_and_a_broken_file_is_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        Kept::<Memory>::load(folder.path()).change(|memory| memory.is_closed = true);
        assert!(Kept::<Memory>::load(folder.path()).memory().is_closed);
        std::fs::write(folder.path().join(FILE), "{").expect("written");
        assert_eq!(Kept::<Memory>::load(folder.path()).memory(), Memory::default());
    }
}
