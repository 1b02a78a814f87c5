//! What went wrong, where, and what to do: the one error that reaches the user (exit code 2).

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of everything that can fail to run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An operation that could not be done.
///
/// Author mistakes are [`crate::diag::Diagnostic`]s and clients' are problems with a page of their
/// own; this is for the operator. Texts are lower case without a full stop, as they are joined.
#[derive(Debug)]
pub struct Error {
    op: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    hint: Option<String>,
}

impl Error {
    /// `op` says what could not be done, as in "read the survey".
    pub fn new(op: impl Into<String>) -> Error {
        Error { op: op.into(), path: None, source: None, hint: None }
    }

    /// The file or folder it was about.
    #[must_use]
    pub fn path(mut self, path: impl AsRef<Path>) -> Error {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// Why it failed.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// What to do about what the system says of a file, where nobody knew better.
    fn usual_hint(&self) -> Option<&'static str> {
        let error = self.source.as_deref()?.downcast_ref::<io::Error>()?;
        match error.kind() {
            io::ErrorKind::NotFound => Some("look whether the name is right, and its folder there"),
            io::ErrorKind::IsADirectory => Some("name a file; this is a folder"),
            io::ErrorKind::InvalidData if error.to_string().contains("UTF-8") => {
                Some("save it as UTF-8; spreadsheets call it “CSV UTF-8”")
            }
            _ => None,
        }
    }

    /// True where the reader of our output went away (`borgerpanel … | head`), which is fine.
    pub fn is_broken_pipe(&self) -> bool {
        let mut source = self.source.as_deref().map(|source| source as &(dyn StdError + 'static));
        while let Some(error) = source {
            if let Some(io) = error.downcast_ref::<std::io::Error>()
                && io.kind() == std::io::ErrorKind::BrokenPipe
            {
                return true;
            }
            source = error.source();
        }
        false
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.op)?;
        if let Some(path) = &self.path {
            write!(f, " {}", path.display())?;
        }
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        if let Some(hint) = self.hint.as_deref().or_else(|| self.usual_hint()) {
            write!(f, "\n  help: {hint}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Turns a failure into an [`Error`] where it happens, with what was being done.
pub trait Context<T> {
    /// `op` as in [`Error::new`].
    fn during(self, op: impl Into<String>) -> Result<T>;

    /// `op` as in [`Error::new`]; `path` is the file it was about.
    fn during_at(self, op: impl Into<String>, path: impl AsRef<Path>) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for std::result::Result<T, E> {
    fn during(self, op: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::new(op).source(source))
    }

    fn during_at(self, op: impl Into<String>, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|source| Error::new(op).path(path).source(source))
    }
}
