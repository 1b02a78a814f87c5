//! `borgerpanel check --watch`: a report for every burst of changes, until it is stopped.
//!
//! Nothing is cleared from the terminal: what was said before can be scrolled back to. Printing and
//! stopping happen on one thread, so that a report is never cut in half.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

use super::{
    Found, chosen, json, look, print, refuse_missing, site_folder, summary, verdict, words,
};
use crate::cli::{CheckArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::watch::{self, Depth};
use crate::console::complain;
use crate::diag::Language;
use crate::error::{Context, Result};

enum Event {
    Changed,
    Stop,
}

/// Checks now and after every change; ends with the last verdict.
///
/// # Errors
/// Where the first look fails, or the folder cannot be watched.
pub fn run(args: &CheckArgs) -> Result<Verdict> {
    let (sender, events) = channel();
    let stop = sender.clone();
    let stopped = move || {
        // A second Ctrl-C may find that everything has ended.
        let _ = stop.send(Event::Stop);
    };
    ctrlc::set_handler(stopped).during("watch for Ctrl-C")?;
    refuse_missing(&args.path)?;
    let (folder, depth) = watched(&args.path);
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let changed = move |paths: Vec<PathBuf>| {
        let concerns = depth == Depth::All || paths.is_empty() || paths.iter().any(is_markdown);
        if concerns {
            let _ = sender.send(Event::Changed);
        }
    };
    // Before the first look: a file saved meanwhile is looked at again, not missed.
    let _watch = watch::watch(&[folder], depth, changed)?;
    let mut last = report(&look(&args.path)?, args)?;
    while let Ok(Event::Changed) = events.recv() {
        match look(&args.path) {
            Ok(found) => last = report(&found, args)?,
            // Files that move while they are read: the next change looks again.
            Err(error) => complain!("borgerpanel: {error}"),
        }
    }
    Ok(last)
}

/// The folder whose changes matter: the site's, as a block's change is felt in every survey; beside a
/// file that stands alone, only what lies there.
fn watched(path: &Path) -> (PathBuf, Depth) {
    if let Some(folder) = site_folder(path) {
        return (folder, Depth::All);
    }
    let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    (beside.unwrap_or(Path::new(".")).to_owned(), Depth::Folder)
}

fn report(found: &Found, args: &CheckArgs) -> Result<Verdict> {
    if args.json {
        print(&format!("{}\n", json(found, args)))?;
    } else {
        let language = chosen(args.lang, found.language);
        let when = SystemClock.here(&found.zone).strftime("%H:%M:%S");
        // Where a report begins and ends, for editors that read along (docs/editors.md).
        let begins = match language {
            Language::English => "checking",
            Language::Danish => "kontrollerer",
        };
        let (words, summary) = (words(found, language), summary(found, language, args.strict));
        print(&format!("{when}  {begins}\n{words}{when}  {summary}"))?;
    }
    Ok(verdict(found, args))
}
