//! Releases: a built site that a central has signed, in one file, on its way to kiosks.
//!
//! 1. [`manifest`]: what is in one, who says so, and what it must not hold.
//! 2. [`file`](mod@file): the one file, written and read back; nothing of it is believed before it is verified.
//! 3. [`shelf`]: where a kiosk keeps them; the switch is one file replaced.
//! 4. [`desk`]: where a central keeps its own.
//! 5. [`fetch`]: from one to the other, piece by piece, over a line that breaks.
//!
//! docs/releases.md has the format and the rules.

pub mod desk;
pub mod fetch;
pub mod file;
pub mod manifest;
pub mod shelf;

use std::path::PathBuf;

use crate::store::record::CentralId;
use crate::sync::message::MessageError;

/// Why a file is not installed, or not read. The words are for whoever looks after the kiosk.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    #[error("it is no release")]
    NoRelease,
    #[error("it was made by a newer borgerpanel (format {0})")]
    Newer(u64),
    #[error("its signature does not hold: it is another central's, or was changed")]
    Forged,
    #[error("it is of another central ({0})")]
    OtherCentral(CentralId),
    #[error("it was damaged on the way: {0}")]
    Damaged(String),
    #[error("it cannot be read: {0}")]
    Unread(std::io::Error),
    #[error("it ends too early")]
    CutOff,
    #[error("it holds the path `{0}`, which a release may not")]
    Path(String),
    #[error("it is larger than a release may be: {0}")]
    TooLarge(String),
    #[error("it is older than the one in use (number {number}, here is {here})")]
    Older { number: u64, here: u64 },
    #[error("its site cannot be opened: {0}")]
    Unusable(String),
    #[error("{path}: {error}")]
    Disk { path: PathBuf, error: std::io::Error },
}

impl Flaw {
    /// What whoever looks after the kiosk can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Flaw::Newer(_) => "put the newer program on this machine first",
            Flaw::Forged | Flaw::OtherCentral(_) => {
                "take the file that the kiosk's own central wrote with `borgerpanel central release`"
            }
            Flaw::Unread(_) => "look whether the file is there and the stick is in",
            Flaw::NoRelease | Flaw::Damaged(_) | Flaw::CutOff => "copy or fetch the file again",
            Flaw::Older { .. } => {
                "to go back, make a new release of the old content at the central"
            }
            Flaw::Path(_) | Flaw::TooLarge(_) | Flaw::Unusable(_) => {
                "make another release at the central; the site in use stays"
            }
            Flaw::Disk { .. } => "make room on the disk; the site in use stays",
        }
    }

    /// This flaw as the operator reads it.
    pub fn during(self, what: impl Into<String>) -> crate::error::Error {
        let advice = self.advice();
        crate::error::Error::new(what).source(self).hint(advice)
    }
}

impl From<MessageError> for Flaw {
    fn from(error: MessageError) -> Flaw {
        match error {
            MessageError::Forged => Flaw::Forged,
            MessageError::Malformed | MessageError::OtherVersion => Flaw::NoRelease,
        }
    }
}
