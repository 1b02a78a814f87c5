//! `borgerpanel fmt`

mod desk;

use std::path::{Path, PathBuf};

use super::check;
use crate::cli::{FmtArgs, Verdict};
use crate::console::{complain, say};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::site::content;
use crate::survey::source::with_lf;
use desk::Desk;

/// Runs the command: names each file it changed, or would change.
pub fn run(args: &FmtArgs) -> Result<Verdict> {
    let mut verdict = Verdict::Fine;
    let mut desk = Desk::open(&args.path)?;
    for path in files(&args.path)? {
        match tidy(&mut desk, &path)? {
            Tidied::Same => {}
            Tidied::Wrong => {
                complain!("{}: has errors, left as it is; see `borgerpanel check`", path.display());
                verdict = Verdict::No;
            }
            Tidied::Changed(_) if args.check => {
                say!("would change {}", path.display())?;
                verdict = Verdict::No;
            }
            Tidied::Changed(text) => {
                replace_file(&path, text.as_bytes(), Access::Shared)?;
                say!("changed {}", path.display())?;
            }
        }
    }
    Ok(verdict)
}

enum Tidied {
    Same,
    /// It has mistakes: tidying could change what its author meant.
    Wrong,
    Changed(String),
}

/// The surveys and blocks under `path`, sorted; `path` itself where it is a file.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return Err(Error::new("tidy")
            .path(path)
            .hint("name a content folder or a survey in one: this does not exist"));
    }
    let root = check::site_folder(path).unwrap_or_else(|| path.to_owned());
    let in_survey = |file: &PathBuf| {
        let inside = file.strip_prefix(&root).unwrap_or(file);
        inside.starts_with("surveys") || inside.starts_with("blocks")
    };
    let all = content::markdown_files(path)?;
    Ok(all.into_iter().map(|name| path.join(name)).filter(in_survey).collect())
}

fn tidy(desk: &mut Desk, path: &Path) -> Result<Tidied> {
    let bytes = std::fs::read(path).during_at("read", path)?;
    let Ok(raw) = std::str::from_utf8(&bytes) else { return Ok(Tidied::Wrong) };
    // What the author's editor writes stays: the mark at the beginning and the line ends.
    let (mark, text) = match raw.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", raw),
    };
    let crlf = text.contains("\r\n");
    let text = with_lf(text);
    let Some(tidied) = desk.tidied(path, &text)? else { return Ok(Tidied::Wrong) };
    let tidied = if crlf { tidied.replace('\n', "\r\n") } else { tidied };
    let tidied = format!("{mark}{tidied}");
    Ok(if tidied == raw { Tidied::Same } else { Tidied::Changed(tidied) })
}
