//! `borgerpanel central open FILE…`: what a central outside keeps sealed (`keep_sealed`) is opened here, on
//! an inner machine, judged, and stored where it belongs. `FILE` is a backup of that central; the same one,
//! or a later one, may come as often as anybody likes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::run as central_run;
use crate::cli::{CentralOpenArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::age;
use crate::console::{complain, say};
use crate::durable::create_folder;
use crate::error::{Context, Error, Result};
use crate::server::homes::Judge;
use crate::server::seal::WEB;
use crate::store::central::backup::unpack;
use crate::store::central::log::Entry;
use crate::store::central::receive::Outcome;
use crate::store::record::Sealed;
use crate::store::{Central, Options};
use crate::survey::digest;
use crate::sync::keys;
use crate::sync::reception::Reception;

/// Records opened at a time: in one transaction, and in memory.
const ROWS: usize = 500;
/// Where a backup lies while it is read.
const FOLDER: &str = "opening";

/// Runs the command. The verdict is no where something went into quarantine.
pub fn run(args: &CentralOpenArgs) -> Result<Verdict> {
    let data = &args.at.data;
    if keys::secret(data).is_none() {
        return Err(Error::new("open answers")
            .path(data)
            .source("the key that opens them is not here")
            .hint("run this on the inner machine, in whose folder `keys/seal.key` lies"));
    }
    let mut verdict = Verdict::Fine;
    let mut told = Vec::new();
    for file in &args.files {
        let outcome = open(args, file)?;
        if outcome.quarantined > 0 {
            verdict = Verdict::No;
        }
        match args.json {
            true => told.push(in_json(file, &outcome)),
            false => tell(file, &outcome)?,
        }
    }
    if args.json {
        say!("{}", Value::from(told))?;
    }
    Ok(verdict)
}

fn open(args: &CentralOpenArgs, file: &Path) -> Result<Outcome> {
    let data = &args.at.data;
    let copy = Copy::of(data, file, &args.identity)?;
    let outer = Central::open(&copy.0, Options::default())?;
    take_over_surveys(&outer, data)?;
    let (reception, _) = central_run::open(data, &args.content, args.theme.as_deref())?;
    let outcome = take_all(&reception, &outer)?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "opened",
        detail: format!("{} records new, {} known", outcome.stored, outcome.dup),
    };
    let central = &reception.central;
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))?;
    Ok(outcome)
}

/// The surveys that people answered there, some perhaps in a wording that this machine never built. Not
/// taken on trust: a version is the digest of all that was shown.
fn take_over_surveys(outer: &Central, data: &Path) -> Result<()> {
    let inner = Central::open(data, Options::default())?;
    let known = outer.definitions().map_err(|error| error.at("read", outer.path()))?;
    for definition in known {
        let made = digest::version(&definition.languages, &definition.maps, &definition.settings);
        if made != definition.version {
            complain!(
                "borgerpanel: a definition of {} is not what its version says, and is passed over; \
                 answers to it wait in quarantine",
                definition.slug
            );
            continue;
        }
        inner
            .register(&definition)
            .map_err(|error| error.at("register a survey in", inner.path()))?;
    }
    Ok(())
}

fn take_all(reception: &Reception<Judge>, outer: &Central) -> Result<Outcome> {
    let (mut after, mut all) = (None, Outcome::default());
    loop {
        let rows =
            outer.sealed_after(after, ROWS).map_err(|error| error.at("read", outer.path()))?;
        let Some(last) = rows.last() else { return Ok(all) };
        after = Some(last.sealed.label.uid);
        let mut by_sender: BTreeMap<String, Vec<Sealed>> = BTreeMap::new();
        for row in rows {
            let sender = row.sender.unwrap_or_else(|| WEB.to_owned());
            by_sender.entry(sender).or_default().push(row.sealed);
        }
        for (sender, rows) in by_sender {
            let outcome = reception
                .take_opened(rows, &sender)
                .map_err(|error| error.at("store in", reception.central.path()))?;
            all.stored += outcome.stored;
            all.dup += outcome.dup;
            all.quarantined += outcome.quarantined;
        }
    }
}

fn tell(file: &Path, outcome: &Outcome) -> Result<()> {
    let Outcome { stored, dup, quarantined, .. } = outcome;
    say!("{}: {stored} new, {dup} known already, {quarantined} quarantined", file.display())?;
    if *quarantined > 0 {
        say!("`borgerpanel central quarantine` says why")?;
    }
    Ok(())
}

fn in_json(file: &Path, outcome: &Outcome) -> Value {
    json!({
        "file": file.display().to_string(),
        "stored": outcome.stored,
        "dup": outcome.dup,
        "quarantined": outcome.quarantined,
    })
}

/// A backup's database in a folder of its own, removed however this ends. Its answers are sealed.
struct Copy(PathBuf);

impl Copy {
    fn of(data: &Path, file: &Path, identity: &Path) -> Result<Copy> {
        let folder = data.join(FOLDER);
        // Left behind where the power went.
        let _ = std::fs::remove_dir_all(&folder);
        create_folder(&folder).during_at("make the folder", &folder)?;
        let copy = Copy(folder);
        let database = copy.0.join(crate::store::central::FILE);
        age::decrypt(file, &database, identity)?;
        unpack(&database).map_err(|error| error.at("read the backup", file))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // The next one removes what this cannot.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
