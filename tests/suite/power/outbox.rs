//! The outbox, cut off at every sync of a run: what was acknowledged is there, whole, once, in a sound
//! database. The same run with WAL and `synchronous=NORMAL`, or on a disk that lies, loses answers.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use borgerpanel::crypto::SealSecret;
use borgerpanel::durable::{Access, replace_file};
use borgerpanel::store::aside;
use borgerpanel::store::outbox::{Acknowledgement, FILE, Form};
use borgerpanel::store::record::{CentralId, Kind, Sealed, Uid};
use borgerpanel::store::salvage::{self, wal::Tail};
use borgerpanel::store::{Mixing, Outbox, Stored};
use borgerpanel::sync::envelope;
use rusqlite::Connection;

use super::{Disk, seconds, seed};
use crate::store::{sealed_as, twin};

const CENTRAL: CentralId = CentralId([7; 16]);
/// What `durable::replace_file` replaces.
const NOTE: &str = "staff.json";

/// Who stores, and what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Four visitors' forms with private records, and all that a kiosk does beside.
    Everything,
    /// One visitor's long answers, until SQLite moves its log into the database by itself.
    Long,
    /// Everything, but through a connection with `synchronous=NORMAL`.
    Normal,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Work::Everything => "everything",
            Work::Long => "long",
            Work::Normal => "normal",
        }
    }
}

/// What the process had promised when a sync began.
#[derive(Debug, Clone, Default)]
struct Promised {
    stored: BTreeSet<String>,
    epoch: Option<String>,
    heard: u64,
    emptied: u64,
    replaced: u64,
}

impl Promised {
    /// Takes in a line of the process. Other lines are the test harness's.
    fn hear(&mut self, line: &str) {
        let Some((_, words)) = line.split_once("promise: ") else { return };
        let (what, value) = words.split_once(' ').expect("a word and a value");
        let number = || value.parse().expect("a number");
        match what {
            "stored" => _ = self.stored.insert(value.to_owned()),
            "epoch" => (self.epoch, self.heard) = (Some(value.to_owned()), 0),
            "heard" => self.heard = number(),
            "emptied" => self.emptied = number(),
            "replaced" => self.replaced = number(),
            other => panic!("no promise is called {other}"),
        }
    }
}

/// Not a test of its own: what the others run over the shim.
#[test]
#[ignore = "run by other tests"]
fn promise_and_tell() {
    let folder = std::env::var_os("POWER_FOLDER").expect("set by the other test");
    let (folder, work) = (Path::new(&folder), std::env::var("POWER_WORK").expect("set, too"));
    let forms = std::env::var("POWER_FORMS").expect("set, too").parse().expect("a number");
    for round in 0..2 {
        // A disk that fails may fail here, too; then the kiosk is started again.
        let outbox = (0..20).find_map(|_| Outbox::open(folder).ok()).expect("the fault has ended");
        let (left, over) = (AtomicUsize::new(forms), AtomicBool::new(false));
        let next = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        thread::scope(|scope| {
            let writers: Vec<_> = (0..if work == "long" { 1 } else { 4 })
                .map(|_| {
                    scope.spawn(|| match work.as_str() {
                        "normal" => store_carelessly(outbox.path(), || next().is_ok()),
                        "long" => store(&outbox, long, || next().is_ok()),
                        _ => {
                            store(&outbox, |uid| sealed_as(Kind::Response, uid), || next().is_ok())
                        }
                    })
                })
                .collect();
            if work != "long" {
                scope.spawn(|| chores(&outbox, folder, round, work == "everything", &over));
            }
            writers.into_iter().for_each(|writer| writer.join().expect("a writer"));
            over.store(true, Ordering::Relaxed);
        });
    }
}

/// Not a test of its own: a start, over the shim.
#[test]
#[ignore = "run by another test"]
fn start_and_end() {
    let folder = std::env::var_os("POWER_FOLDER").expect("set by the other test");
    drop(Outbox::open(Path::new(&folder)).expect("started"));
}

fn store(outbox: &Outbox, sealed: impl Fn(Uid) -> Sealed, is_next: impl Fn() -> bool) {
    while is_next() {
        let uid = Uid::random();
        let apart = vec![sealed_as(Kind::Private, twin(uid))];
        if outbox.store(Form { record: sealed(uid), apart }) == Ok(Stored::New) {
            println!("promise: stored {uid}");
        }
    }
}

/// As long as an answer can be: 16 of them fill the log.
fn long(uid: Uid) -> Sealed {
    let noise: String = (0..180_000).map(|_| fastrand::alphanumeric()).collect();
    let label = sealed_as(Kind::Response, uid).label;
    envelope::seal(label, &noise, &[SealSecret::generate().public()]).expect("sealed")
}

/// The rows the outbox would have written, by a connection that syncs at checkpoints only.
fn store_carelessly(path: &Path, is_next: impl Fn() -> bool) {
    let desk = Connection::open(path).expect("opened");
    desk.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL").expect("set");
    while is_next() {
        let uid = Uid::random();
        let form = [(uid, "response"), (twin(uid), "private")];
        desk.execute_batch("BEGIN IMMEDIATE").expect("begun");
        for ((uid, kind), table) in form.into_iter().zip(["outbox (", "waiting (key, opens, "]) {
            let keys = if table.starts_with('o') { "" } else { "abs(random()), 1, " };
            let body = sealed_as(Kind::Response, uid).body;
            let sql = format!(
                "INSERT INTO {table}uid, kind, survey, version, kiosk, epoch, body, sha256)
                 VALUES ({keys}?1, ?2, 's', 'v', 'k', x'00', ?3, zeroblob(32))"
            );
            desk.execute(&sql, rusqlite::params![uid.0, kind, body]).expect("a row");
        }
        desk.execute_batch("COMMIT").expect("committed");
        println!("promise: stored {uid}");
    }
}

/// What a kiosk does beside storing. What fails is not promised.
fn chores(outbox: &Outbox, folder: &Path, round: u64, is_all: bool, over: &AtomicBool) {
    let log = Connection::open(outbox.path()).expect("opened");
    log.busy_timeout(std::time::Duration::from_secs(5)).expect("set");
    for turn in 1.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        if is_all {
            sync_round(outbox, turn);
            let (number, note) = (round * 1000 + turn, folder.join(NOTE));
            let text = format!("{number};").repeat(1500);
            if replace_file(&note, text.as_bytes(), Access::Private).is_ok() {
                println!("promise: replaced {number}");
            }
        }
        let checkpoint = if turn % 2 == 0 { "PASSIVE" } else { "TRUNCATE" };
        // Another connection at work makes it wait, and a failed disk fail: both are the kiosk's lot.
        let _ = log.query_row(&format!("PRAGMA wal_checkpoint({checkpoint})"), [], |_| Ok(()));
    }
}

fn sync_round(outbox: &Outbox, turn: u64) {
    let _ = outbox.mix_in(Mixing::All);
    let Ok(life) = outbox.life() else { return };
    let news = Acknowledgement {
        central: CENTRAL,
        epoch: life.epoch,
        high_seq: life.last,
        receipt: Some("signed".to_owned()),
        at: "2026-11-24T10:00:00Z".to_owned(),
    };
    if outbox.acknowledge(&news).is_ok() {
        println!("promise: heard {}", life.last);
    }
    if outbox.empty_through(life.epoch, life.last / 2).is_ok() {
        println!("promise: emptied {}", life.last / 2);
    }
    if turn.is_multiple_of(3)
        && let Ok(next) = outbox.begin_epoch(life.epoch)
    {
        println!("promise: epoch {}", next.epoch);
    }
}

/// What a run left: where its snapshots are, and what had been promised at each.
struct Run {
    place: tempfile::TempDir,
    at: Vec<(String, Promised)>,
}

fn run(work: Work, forms: usize, seed: u64, more: &[(&'static str, String)]) -> Run {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut disk = Disk::under(&place.path().join("kiosk"))
        .with("POWER_SNAPSHOTS", place.path().display())
        .with("POWER_SEED", seed);
    for (name, value) in more {
        disk = disk.with(name, value);
    }
    let mut program = Command::new(std::env::current_exe().expect("this test"));
    program
        .args(["power::outbox::promise_and_tell", "--exact", "--ignored", "--nocapture"])
        .envs([("POWER_WORK", work.name()), ("POWER_FORMS", &forms.to_string())])
        .stdout(Stdio::piped());
    let mut child = disk.beneath(&mut program).spawn().expect("started");
    let (mut promised, mut at) = (Promised::default(), Vec::new());
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let line = line.expect("UTF-8");
        match line.strip_prefix("sync ") {
            Some(number) => at.push((number.to_owned(), promised.clone())),
            None => promised.hear(&line),
        }
    }
    assert!(child.wait().expect("reaped").success(), "the run itself failed");
    Run { place, at }
}

impl Run {
    /// What is wrong after a cut at each sync, all of it lost or a part.
    fn faults(&self) -> Vec<String> {
        let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some((sync, promised)) =
                        self.at.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        for mode in ["lost", "torn"] {
                            let folder = self.place.path().join(format!("{sync}-{mode}"));
                            if let Err(wrong) = judge(&folder, promised) {
                                faults
                                    .lock()
                                    .expect("the list")
                                    .push(format!("sync {sync}, {mode}: {wrong}"));
                            }
                        }
                    }
                });
            }
        });
        faults.into_inner().expect("the list")
    }
}

/// Starts a kiosk's store on what the cut left.
fn judge(folder: &Path, promised: &Promised) -> Result<(), String> {
    let outbox = Outbox::open(folder).map_err(|error| error.to_string())?;
    let desk = Connection::open(folder.join(FILE)).map_err(|error| error.to_string())?;
    let texts = |sql: &str| -> Result<Vec<String>, String> {
        let mut query = desk.prepare(sql).map_err(|error| error.to_string())?;
        let rows = query.query_map([], |row| row.get(0)).map_err(|error| error.to_string())?;
        rows.collect::<Result<_, _>>().map_err(|error| error.to_string())
    };
    let sound = texts("PRAGMA integrity_check")?;
    ensure(sound == ["ok"], || format!("{sound:?}"))?;
    let responses = texts("SELECT lower(hex(uid)) FROM outbox WHERE kind = 'response'")?;
    let unique: BTreeSet<String> = responses.iter().cloned().collect();
    ensure(unique.len() == responses.len(), || "something is there twice".to_owned())?;
    let lost = promised.stored.difference(&unique).count();
    ensure(lost == 0, || format!("{lost} of {} acknowledged are lost", promised.stored.len()))?;
    let private = texts(
        "SELECT lower(hex(uid)) FROM outbox WHERE kind = 'private' UNION ALL
         SELECT lower(hex(uid)) FROM waiting",
    )?;
    let twins: BTreeSet<String> =
        unique.iter().map(|uid| twin(Uid::from_hex(uid).expect("a uid")).to_string()).collect();
    let whole = private.len() == twins.len() && private.iter().all(|uid| twins.contains(uid));
    ensure(whole, || format!("{} private records to {} forms", private.len(), twins.len()))?;
    let gaps = texts(
        "SELECT (coalesce(max(seq) - min(seq) + 1 - count(*), 0) - coalesce(
             (SELECT sum(last - first + 1) FROM torn WHERE last < (SELECT max(seq) FROM outbox)), 0))
             || '' FROM outbox",
    )?;
    ensure(gaps == ["0"], || format!("{gaps:?} numbers are missing, and none says why"))?;
    let life = outbox.life().map_err(|error| error.to_string())?;
    let is_told = promised.epoch.as_ref() == Some(&life.epoch.to_string());
    let heard = outbox.acknowledged(CENTRAL).map_err(|error| error.to_string())?;
    ensure(!is_told || heard >= promised.heard, || format!("{heard}, not {promised:?}"))?;
    let kept = texts(&format!(
        "SELECT seq || '' FROM outbox WHERE state = 'kept' AND seq <= {}",
        promised.emptied
    ))?;
    ensure(kept.is_empty(), || format!("{kept:?} are not emptied"))?;
    replaced_whole(&folder.join(NOTE), promised.replaced)
}

fn replaced_whole(note: &Path, promised: u64) -> Result<(), String> {
    let text = std::fs::read_to_string(note).unwrap_or_default();
    let number = text.split(';').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    ensure(number >= promised, || format!("{number} stands where {promised} was written"))?;
    let whole = text == format!("{number};").repeat(1500) || (text.is_empty() && promised == 0);
    ensure(whole, || "half of a file stands where a whole one was".to_owned())
}

fn ensure(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

#[test]
fn the_power_may_go_at_every_sync() {
    let seed = seed();
    let forms = 12 * seconds(5) as usize;
    for (work, forms) in [(Work::Everything, forms), (Work::Long, 18)] {
        let run = run(work, forms, seed, &[]);
        let promises: usize = run.at.last().map_or(0, |(_, promised)| promised.stored.len());
        println!("{}: {} syncs, {promises} acknowledged", work.name(), run.at.len());
        assert!(promises > forms / 2, "the run was too short to tell anything");
        let faults = run.faults();
        assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), run.at.len(), faults.join("\n"));
    }
}

/// Mending writes to the log in which the torn transaction lies: the ends of both must not be taken for
/// transactions that were promised and then damaged.
#[test]
fn the_power_may_go_again_while_what_it_tore_is_mended() {
    let run = run(Work::Everything, 40, seed(), &[]);
    let is_torn = |folder: &Path| {
        salvage::read_tail(&folder.join(FILE)).is_ok_and(|(tail, _)| tail == Tail::Torn)
    };
    let (mut starts, mut cuts) = (0, 0);
    for (sync, promised) in &run.at {
        let folder = run.place.path().join(format!("{sync}-torn"));
        if !is_torn(&folder) || starts == 8 {
            continue;
        }
        starts += 1;
        let place = tempfile::tempdir().expect("a temporary folder");
        let disk = Disk::under(&folder).with("POWER_SNAPSHOTS", place.path().display());
        let mut program = Command::new(std::env::current_exe().expect("this test"));
        program.args(["power::outbox::start_and_end", "--exact", "--ignored"]);
        let status = disk.beneath(program.stdout(Stdio::null())).status().expect("started");
        assert!(status.success(), "sync {sync}: it does not start");
        for left in std::fs::read_dir(place.path()).expect("a folder") {
            let left = left.expect("an entry").path();
            let judged = judge(&left, promised);
            assert_eq!(judged, Ok(()), "sync {sync}, then {}", left.display());
            assert!(
                !left.join(aside::FOLDER).exists(),
                "sync {sync}, then {}: damaged",
                left.display()
            );
            cuts += 1;
        }
    }
    println!("{starts} starts after a torn log, cut off {cuts} times");
    assert!(cuts > 0, "no log was torn");
}

/// Without these two nobody could know that the test above can fail.
#[test]
fn less_than_full_syncs_and_lying_disks_lose_what_was_acknowledged() {
    let seed = seed();
    let lies = [("POWER_LIES", "-wal".to_owned())];
    let controls: [(Work, &[_]); 2] = [(Work::Normal, &[]), (Work::Everything, &lies)];
    for (work, settings) in controls {
        let faults = run(work, 40, seed, settings).faults();
        let lost = faults.iter().filter(|fault| fault.contains("acknowledged are lost")).count();
        println!("{}: {lost} of {} cuts lost something", work.name(), faults.len());
        assert!(lost > 0, "{} {settings:?} loses nothing: {faults:?}", work.name());
    }
}

#[test]
fn a_sync_or_write_that_fails_once_or_for_a_while_loses_nothing_that_was_acknowledged() {
    let seed = seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    for round in 0..seconds(8) {
        let what = ["sync", "write"][round as usize % 2];
        let errno = [5, 28][rng.usize(0..2)];
        let (at, times) = (rng.u64(1..60), [1, 1, 5][rng.usize(0..3)]);
        let fault = format!("{what}:{errno}:{at}:{times}");
        let run = run(Work::Everything, 30, rng.u64(..), &[("POWER_FAULT", fault.clone())]);
        let faults = run.faults();
        assert!(faults.is_empty(), "{fault}:\n{}", faults.join("\n"));
        let promises: usize = run.at.last().map_or(0, |(_, promised)| promised.stored.len());
        assert!(promises > 0, "{fault}: the store did not recover");
    }
}

/// As a database is made every step counts: SQLite once stayed in another journal mode without a word.
#[test]
fn a_disk_that_fails_at_any_step_of_making_the_database_loses_nothing_either() {
    let seed = seed();
    for (what, steps) in [("sync", 1..=10), ("write", 1..=8)] {
        for at in steps {
            let fault = format!("{what}:28:{at}:1");
            let run = run(Work::Everything, 3, seed, &[("POWER_FAULT", fault.clone())]);
            let faults = run.faults();
            assert!(faults.is_empty(), "{fault}:\n{}", faults.join("\n"));
            let promises = run.at.last().map_or(0, |(_, promised)| promised.stored.len());
            assert!(promises > 0, "{fault}: the store did not recover");
        }
    }
}
