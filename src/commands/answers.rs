//! Where the answers to a survey are read from: the central's database, or a file with a response a line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::error::{Context, Error, Result};
use crate::response::Response;
use crate::results::sample::read_line;
use crate::site::content::{self, Content};
use crate::store::{Central, Options};
use crate::survey::Definition;

/// The answers to one survey, and the versions of it that asked for them.
pub struct Answers {
    /// At least one, the newest last.
    pub definitions: Vec<Definition>,
    source: Source,
}

enum Source {
    Central(Box<Central>),
    File(PathBuf),
}

impl Answers {
    /// Of the central whose folder is `data`, which knows every version it took answers to. The newest is
    /// the one that `content` has now, where the central ever had it: what was built by mistake in between
    /// was made known later.
    pub fn of_central(data: &Path, survey: &str, content: &Content) -> Result<Answers> {
        let central = Central::open(data, Options::default())?;
        let mut definitions =
            central.definitions().map_err(|error| error.at("read", central.path()))?;
        definitions.retain(|definition| definition.slug == survey);
        if definitions.is_empty() {
            return Err(Error::new(format!("read the answers to {survey}"))
                .path(central.path())
                .hint("this central never had a survey of that name; `central run` tells it of those in its content folder"));
        }
        let now = content.surveys.iter().find(|one| one.slug == survey);
        if let Some(place) =
            definitions.iter().position(|one| Some(&one.version) == now.map(|now| &now.version))
        {
            let newest = definitions.remove(place);
            definitions.push(newest);
        }
        Ok(Answers { definitions, source: Source::Central(Box::new(central)) })
    }

    /// Of a file with a response as JSON on every line, to the survey as it stands in `content`.
    pub fn of_file(file: &Path, content: &Path, survey: &str) -> Result<Answers> {
        let definition = in_content(content, survey)?;
        Ok(Answers { definitions: vec![definition], source: Source::File(file.to_owned()) })
    }

    /// The survey as it was asked last.
    pub fn newest(&self) -> &Definition {
        self.definitions.last().expect("there is one")
    }

    /// The version that a response answered; the newest where it is not known.
    pub fn asked(&self, response: &Response) -> &Definition {
        let known = self.definitions.iter().find(|one| one.version == response.version);
        known.unwrap_or(self.newest())
    }

    /// Whether the central was made by the demo.
    pub fn are_made_up(&self) -> Result<bool> {
        match &self.source {
            Source::Central(central) => central
                .has_logged("example-data")
                .map_err(|error| error.at("read the log of", central.path())),
            Source::File(_) => Ok(false),
        }
    }

    /// Gives `each` one response after the other, in no order that means anything; how many there were.
    pub fn each(&self, mut each: impl FnMut(Response)) -> Result<usize> {
        match &self.source {
            Source::Central(central) => central
                .each_response(&self.newest().slug, |kept| each(kept.response))
                .map_err(|error| error.at("read the answers in", central.path())),
            Source::File(path) => each_line(path, each),
        }
    }
}

fn each_line(path: &Path, mut each: impl FnMut(Response)) -> Result<usize> {
    let file = File::open(path).during_at("open", path)?;
    let mut count = 0;
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let line = line.during_at("read", path)?;
        let Some(response) = read_line(at, &line) else { continue };
        each(response.map_err(|fault| {
            Error::new("read the responses in")
                .path(path)
                .source(fault)
                .hint("each line is one response as docs/survey-json.md has it")
        })?);
        count += 1;
    }
    Ok(count)
}

/// The survey as a content folder has it.
pub fn in_content(folder: &Path, survey: &str) -> Result<Definition> {
    let content = content::load(folder)?;
    let found = content.surveys.into_iter().find(|one| one.slug == survey);
    found.ok_or_else(|| {
        let path = folder.join("surveys").join(format!("{survey}.md"));
        let hint = if content.diagnostics.iter().any(Diagnostic::is_error) {
            "it, or something it needs, has errors: see `borgerpanel check`"
        } else {
            "there is no survey of that name"
        };
        Error::new("find the survey").path(path).hint(hint)
    })
}
