//! `borgerpanel central release`: builds the content, signs it, and keeps it for the kiosks.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::run::judge;
use crate::cli::{CentralReleaseArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::serving;
use crate::console::{complain, say};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::site::build::{self, Options};
use crate::site::{Site, tree};
use crate::store::{self, Central};
use crate::sync::keys;
use crate::sync::reception::Reception;
use crate::sync::release::desk::Desk;
use crate::sync::release::file::{self, Maker};
use crate::sync::release::manifest::{BESIDE, PUBLIC};
use crate::sync::release::shelf::Entry;

/// A site, and its files by their paths in a release.
pub type Built = (Site, BTreeMap<String, Vec<u8>>);

/// Runs the command. The verdict is no where the content has mistakes.
pub fn run(args: &CentralReleaseArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let central = std::sync::Arc::new(Central::open(data, store::Options::default())?);
    let keys = keys::load(data)?;
    let desk = Desk::of(data);
    std::fs::create_dir_all(desk.folder()).during_at("make the folder", desk.folder())?;
    let Some((site, files)) = built(&args.content, args.theme.as_deref(), desk.folder())? else {
        return Ok(Verdict::No);
    };
    let now = SystemClock.now();
    let maker = Maker {
        central: central.id(),
        key: &keys.sign,
        number: desk.next_number(now.as_second())?,
        made: now.to_string(),
    };
    let what = format!("make a release of {}", args.content.display());
    let (manifest, bytes) = file::write(&files, &maker).map_err(|flaw| flaw.during(what))?;
    // Known here before any kiosk can send an answer to them.
    for definition in &site.surveys {
        let registered = central.register(definition);
        registered.map_err(|error| error.at("register a survey in", central.path()))?;
    }
    let in_use = desk.current()?.map(|current| current.now);
    let unchanged = in_use.filter(|now| now.id == manifest.id && desk.file(now).is_file());
    let (entry, is_new) = match unchanged {
        Some(entry) => (entry, false),
        None => (desk.keep(&manifest, &bytes)?, true),
    };
    if let Some(out) = &args.out {
        let path = desk.file(&entry);
        let bytes = std::fs::read(&path).during_at("read", &path)?;
        replace_file(out, &bytes, Access::Shared)?;
    }
    judge_held(data, central, keys, &site)?;
    tell(args, &desk, &entry, is_new, files.len())?;
    Ok(Verdict::Fine)
}

fn tell(
    args: &CentralReleaseArgs,
    desk: &Desk,
    entry: &Entry,
    is_new: bool,
    files: usize,
) -> Result<()> {
    let path = desk.file(entry);
    let bytes = std::fs::metadata(&path).during_at("read", &path)?.len();
    if args.json {
        let shown = json!({
            "release": entry.id, "number": entry.number, "made": entry.made, "new": is_new,
            "files": files, "bytes": bytes, "file": args.out.as_ref().unwrap_or(&path),
        });
        return say!("{shown}");
    }
    if is_new {
        say!("release {} (number {}): {files} files, {bytes} bytes", entry.id, entry.number)?;
    } else {
        say!("nothing has changed: release {} of {} stays", entry.id, entry.made)?;
    }
    say!("  {}", path.display())?;
    match &args.out {
        Some(out) => say!("  {}: `borgerpanel kiosk release FILE` takes it", out.display()),
        None => say!("kiosks fetch it when they sync next"),
    }
}

/// The site and its files by their paths in a release; none where the content has mistakes, which were
/// printed. Built in a folder of its own inside `beside`, so that nothing of an earlier build comes along.
pub fn built(content: &Path, theme: Option<&Path>, beside: &Path) -> Result<Option<Built>> {
    let place = beside.join(format!("making.{}", std::process::id()));
    let built = build_in(&place, content, theme);
    // What the release needs of it is in memory.
    if let Err(error) = std::fs::remove_dir_all(&place)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        complain!("borgerpanel: {}", Error::new("remove").path(&place).source(error));
    }
    built
}

fn build_in(place: &Path, content: &Path, theme: Option<&Path>) -> Result<Option<Built>> {
    let out = place.join(PUBLIC);
    std::fs::create_dir_all(place).during_at("make the folder", place)?;
    let outcome = build::release(
        &Options {
            content: content.to_owned(),
            theme: theme.map(Path::to_owned),
            out: out.clone(),
            kiosk: None,
        },
        &SystemClock,
    )?;
    serving::show_mistakes(&outcome);
    let Some(site) = outcome.site else {
        complain!("borgerpanel: the content has mistakes; no release was made");
        return Ok(None);
    };
    let mut files = BTreeMap::new();
    for (name, folder) in [(PUBLIC, &out), (BESIDE, &site.release)] {
        let tree = tree::read(folder)?;
        files.extend(tree.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
    }
    Ok(Some((site, files)))
}

/// Rows of a survey that is known by now waited for this.
fn judge_held(
    data: &Path,
    central: std::sync::Arc<Central>,
    keys: crate::sync::reception::Keys,
    site: &Site,
) -> Result<()> {
    let zone = site.renderer.config().zone();
    let clock: std::sync::Arc<dyn Clock> = std::sync::Arc::new(SystemClock);
    let intake = judge(data, &central, &clock, &zone)?;
    let reception = Reception { central: central.clone(), keys, intake, clock, zone };
    let judged = reception.retry_held();
    judged.map(|_| ()).map_err(|error| error.at("judge what waited in", central.path()))
}
