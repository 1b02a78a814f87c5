//! `borgerpanel kiosk torture`: the owner's pull-the-plug test. No software helps a disk that says
//! "written" and is not; this finds such a disk before the citizens do.
//!
//! 1. The first run writes numbers ([`trail`]) and tells each one that the disk has acknowledged
//!    ([`witness`]) until the plug is pulled.
//! 2. The next run looks at what is there, judges ([`verdict`]), and keeps the score ([`book`]).

mod book;
mod trail;
mod verdict;
mod witness;

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::{KioskTortureArgs, Verdict};
use crate::console::{complain, say};
use crate::crypto;
use crate::error::{Context, Error, Result};

use book::{Book, Round};
use trail::{Seed, Trail};
use verdict::{Judgement, judge};
use witness::{Ear, Witness};

/// In the folder that is named, so that nothing else in it is touched.
const FOLDER: &str = "borgerpanel-torture";
/// So many numbers are written as fast as the disk goes, to measure it.
const MEASURED: u64 = 200;
/// Then one in this time: an hour of them fits on a small card.
const PACE: Duration = Duration::from_millis(5);
const SHOWN_EVERY: Duration = Duration::from_millis(500);
/// A disk without a capacitor cannot write to flash so often: 0.2 ms each.
const SYNCS_CREDIBLE: u64 = 5000;

/// Runs the command. The verdict is no where the disk lost what it had acknowledged.
pub fn run(args: &KioskTortureArgs) -> Result<Verdict> {
    if !args.disk.is_dir() {
        // Made by us, it would lie on whatever disk is there where the right one is not mounted.
        return Err(Error::new("find the folder")
            .path(&args.disk)
            .hint("name a folder that is there, on the disk to be tested"));
    }
    let folder = args.disk.join(FOLDER);
    let witness = args.witness.as_deref().map(Witness::read);
    let book = Book::load(&folder);
    if book.open.is_some() || args.acknowledged.is_some() {
        return look(&folder, book, noted(args, witness.as_ref())?);
    }
    write(args, &folder, book, witness.as_ref())?;
    Ok(Verdict::Fine)
}

/// Writes until the plug is pulled, or the time is over.
fn write(
    args: &KioskTortureArgs,
    folder: &Path,
    mut book: Book,
    witness: Option<&Witness>,
) -> Result<()> {
    crate::durable::create_folder(folder).during_at("make the folder", folder)?;
    let mut ear = Ear::open(witness, folder)?;
    let seed: Seed = crypto::random();
    let syncs_per_second = measure(folder)?;
    book.open = Some(Round { seed: crypto::hex(&seed), syncs_per_second });
    let mut trail = Trail::begin(folder, seed)?;
    book.save(folder)?;
    say!("this disk acknowledges {syncs_per_second} syncs a second")?;
    if syncs_per_second > SYNCS_CREDIBLE {
        complain!(
            "borgerpanel: more than {SYNCS_CREDIBLE} a second is more than flash can write: it has \
             power-loss protection, or it lies\n  help: pull the plug several times, while numbers run"
        );
    }
    say!("pull the plug while the numbers run; then start this again with --acknowledged NUMBER")?;
    let begun = Instant::now();
    let mut shown: Option<Instant> = None;
    for number in 1.. {
        let (started, is_over) = (Instant::now(), begun.elapsed().as_secs() >= args.seconds);
        if is_over {
            break;
        }
        trail.write(number)?;
        ear.tell(number)?;
        if shown.is_none_or(|shown| shown.elapsed() >= SHOWN_EVERY) {
            witness::show(number)?;
            shown = Some(Instant::now());
        }
        thread::sleep(PACE.saturating_sub(started.elapsed()));
    }
    say!(
        "nobody pulled the plug in {} seconds: start this again, which looks at what is there",
        args.seconds
    )
}

/// How many syncs of a small file the disk acknowledges in a second.
fn measure(folder: &Path) -> Result<u64> {
    use std::io::{Seek, SeekFrom, Write};
    let path = folder.join("measured");
    let mut file = std::fs::File::create(&path).during_at("make", &path)?;
    let begun = Instant::now();
    for number in 0..MEASURED {
        let synced = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&number.to_le_bytes().repeat(512)))
            .and_then(|()| file.sync_data());
        synced.during_at("write", &path)?;
    }
    let rate = MEASURED as f64 / begun.elapsed().as_secs_f64().max(1e-6);
    std::fs::remove_file(&path).during_at("remove", &path)?;
    Ok(rate.round() as u64)
}

/// Judges what the pull left, and says so.
fn look(folder: &Path, mut book: Book, noted: u64) -> Result<Verdict> {
    let seed = book.open.as_ref().and_then(|round| crypto::unhex(&round.seed));
    let judgement = match &seed {
        Some(seed) => judge(&trail::look(folder, seed)?, noted),
        // Numbers are told only after the round was written down.
        None => Judgement {
            acknowledged: noted,
            kept: 0,
            faults: vec!["not even the beginning of the round is there".to_owned()],
        },
    };
    book.judged(&judgement);
    crate::durable::create_folder(folder).during_at("make the folder", folder)?;
    tell(&judgement, noted)?;
    trail::clear(folder)?;
    book.save(folder)?;
    book.show()?;
    Ok(if judgement.faults.is_empty() { Verdict::Fine } else { Verdict::No })
}

fn tell(judgement: &Judgement, noted: u64) -> Result<()> {
    let Judgement { acknowledged, kept, faults } = judgement;
    if faults.is_empty() {
        say!("kept all up to {kept}: this disk kept its word (the number noted was {noted})")?;
        return say!("once is not proof: pull it ten times, at different moments");
    }
    say!("this disk lies: it acknowledged up to {acknowledged} and kept {kept}")?;
    for fault in faults {
        say!("  {fault}")?;
    }
    say!("  help: do not let it keep answers; use another model, or one with power-loss protection")
}

/// The number somebody noted: from the command line, the witness, or asked for.
fn noted(args: &KioskTortureArgs, witness: Option<&Witness>) -> Result<u64> {
    if let Some(number) = args.acknowledged {
        return Ok(number);
    }
    if let Some(number) = witness.map(Witness::last).transpose()?.flatten() {
        return Ok(number);
    }
    if !io::stdin().is_terminal() {
        return Ok(0);
    }
    say!("which number did you note? (Enter where there is none)")?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).during("read the number")?;
    match line.trim() {
        "" => Ok(0),
        number => number.parse().map_err(|error| {
            Error::new("read the number").source(error).hint("it has digits only, as in 12345")
        }),
    }
}
