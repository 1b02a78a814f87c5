//! Where the answers to a survey are read from: the central's database, or a file with a response a line.

mod doubts;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::diag::Diagnostic;
use crate::error::{Context, Error, Result};
use crate::response::Response;
use crate::response::background::Known;
use crate::response::possible::Impossible;
use crate::response::targets::Targets;
use crate::results::sample::read_line;
use crate::site::content::{self, Content};
use crate::store::{Central, Options};
use crate::survey::Definition;
use doubts::Doubts;

/// The answers to one survey, and the versions of it that asked for them.
pub struct Answers {
    /// At least one, the newest last.
    pub definitions: Vec<Definition>,
    source: Source,
}

enum Source {
    /// Every response was judged when it came in.
    Central(Box<Central>),
    /// Nothing was; and these are the codes of background that there are.
    File(PathBuf, Known),
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
    pub fn of_file(file: &Path, content: &Content, survey: &str) -> Result<Answers> {
        let definition = find(content, survey)?;
        let known = doubts::known(&definition, content);
        Ok(Answers { definitions: vec![definition], source: Source::File(file.to_owned(), known) })
    }

    /// Codes of these are known, too.
    pub fn know(&mut self, targets: &Targets) {
        if let Source::File(_, known) = &mut self.source {
            known.add_targets(targets);
        }
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
            Source::File(..) => Ok(false),
        }
    }

    /// Gives `each` one response after the other, in no order that means anything, and what was taken out of
    /// it because it cannot have been given; how many there were. What a file has of that is said.
    pub fn each(&self, mut each: impl FnMut(Response, &[Impossible])) -> Result<usize> {
        match &self.source {
            Source::Central(central) => {
                let slug = &self.newest().slug;
                read_ahead(
                    |give| central.each_response(slug, |kept| give(kept.response)),
                    |response| each(response, &[]),
                )
                .map_err(|error| error.at("read the answers in", central.path()))
            }
            Source::File(path, known) => {
                let mut doubts = Doubts::of(self.newest(), known);
                let count = read_ahead(
                    |give| each_line(path, &mut doubts, give),
                    |(response, taken): (Response, Vec<Impossible>)| each(response, &taken),
                )?;
                doubts.tell(path);
                Ok(count)
            }
        }
    }
}

/// So many are handed over at once.
const HANDFUL: usize = 64;

/// So many handfuls are read before anybody takes them.
const AHEAD: usize = 4;

/// Has `read` give one after the other in a thread of its own, so that the next are read and understood while
/// `each` counts those before: either takes about half of the time.
fn read_ahead<T: Send, R: Send>(
    read: impl FnOnce(&mut dyn FnMut(T)) -> R + Send,
    each: impl FnMut(T),
) -> R {
    let (sender, receiver) = sync_channel::<Vec<T>>(AHEAD);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            // Nobody takes them any more only where `each` panicked.
            let hand_over = |full| drop(sender.send(full));
            let mut handful = Vec::with_capacity(HANDFUL);
            let outcome = read(&mut |one| {
                handful.push(one);
                if handful.len() == HANDFUL {
                    hand_over(std::mem::replace(&mut handful, Vec::with_capacity(HANDFUL)));
                }
            });
            hand_over(handful);
            outcome
        });
        receiver.into_iter().flatten().for_each(each);
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn each_line(
    path: &Path,
    doubts: &mut Doubts,
    give: &mut dyn FnMut((Response, Vec<Impossible>)),
) -> Result<usize> {
    let file = File::open(path).during_at("open", path)?;
    let mut count = 0;
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let line = line.during_at("read", path)?;
        let Some(response) = read_line(at, &line) else { continue };
        let mut response = response.map_err(|fault| {
            Error::new("read the responses in")
                .path(path)
                .source(fault)
                .hint("each line is one response as docs/survey-json.md has it")
        })?;
        let taken = doubts.settle(at + 1, &mut response);
        give((response, taken));
        count += 1;
    }
    Ok(count)
}

/// The survey as a content folder has it.
pub fn in_content(folder: &Path, survey: &str) -> Result<Definition> {
    find(&content::load(folder)?, survey)
}

fn find(content: &Content, survey: &str) -> Result<Definition> {
    let found = content.surveys.iter().find(|one| one.slug == survey);
    found.cloned().ok_or_else(|| {
        let path = content.folder.join("surveys").join(format!("{survey}.md"));
        let hint = if content.diagnostics.iter().any(Diagnostic::is_error) {
            "it, or something it needs, has errors: see `borgerpanel check`"
        } else {
            "there is no survey of that name"
        };
        Error::new("find the survey").path(path).hint(hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_ahead_comes_in_its_order_and_all_of_it() {
        for many in [0, 1, HANDFUL, HANDFUL * AHEAD * 3 + 1] {
            let mut taken = Vec::new();
            let read = |give: &mut dyn FnMut(usize)| {
                (0..many).for_each(give);
                Err::<(), usize>(many)
            };
            // A reader that fails has given what it read before.
            assert_eq!(read_ahead(read, |one| taken.push(one)), Err(many));
            assert!(taken.into_iter().eq(0..many), "{many}");
        }
    }
}
