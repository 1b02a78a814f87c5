//! The kiosk's outbox on a real disk: groups, a full disk, a killed process, damaged files.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use borgerpanel::crypto::{Digest, SealSecret};
use borgerpanel::store::outbox::Form;
use borgerpanel::store::record::{Epoch, Kind, Label, Sealed, Uid};
use borgerpanel::store::{Central, Health, Mixing, Options, Outbox, StoreError, Stored};
use borgerpanel::sync::envelope;

/// A sealed record with some text in it.
fn sealed(uid: Uid) -> Sealed {
    sealed_as(Kind::Response, uid)
}

pub fn sealed_as(kind: Kind, uid: Uid) -> Sealed {
    let key = SealSecret::generate().public();
    let label = Label {
        kind,
        uid,
        survey: "groenne-omraader".to_owned(),
        version: "ab".repeat(32),
        kiosk: "hovedbiblioteket".to_owned(),
        epoch: Epoch([1; 16]),
    };
    envelope::seal(label, r#"{"answers":{"often":"daily"}}"#, &[key]).expect("sealed")
}

fn uids(folder: &Path) -> HashSet<Uid> {
    let outbox = Outbox::open(folder).expect("opened");
    let rows = outbox.rows_after(0, usize::MAX >> 1, usize::MAX).expect("read");
    let mut last = Digest([0; 32]);
    for row in &rows {
        let (own, is_private) = (row.sealed.digest(), row.sealed.label.kind == Kind::Private);
        let behind = Digest::of(&[last.0, own.0].concat());
        assert_eq!(row.digest, if is_private { behind } else { own });
        last = row.digest;
    }
    assert!(rows.iter().zip(1..).all(|(row, seq)| row.seq == seq), "the numbers have no gap");
    rows.iter().map(|row| row.sealed.label.uid).collect()
}

#[test]
fn many_writers_share_their_commits() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Arc::new(Outbox::open(folder.path()).expect("made"));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(outbox.store(sealed(Uid::random())), Ok(Stored::New));
                }
            });
        }
    });
    let progress = outbox.progress();
    assert_eq!(progress.rows, 320);
    assert!(progress.groups < 320, "at least two rows shared a commit: {progress:?}");
    assert_eq!(outbox.status(None).expect("figures").unsynced, 320);
}

#[test]
fn a_known_uid_keeps_its_first_content_and_uses_no_number() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Outbox::open(folder.path()).expect("made");
    let first = sealed(Uid([1; 16]));
    assert_eq!(outbox.store(first.clone()), Ok(Stored::New));
    assert_eq!(outbox.store(sealed(Uid([1; 16]))), Ok(Stored::Known));
    assert_eq!(outbox.store(sealed(Uid([2; 16]))), Ok(Stored::New));
    let rows = outbox.rows_after(0, 10, 1_000_000).expect("read");
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[0].sealed, first);
}

#[test]
fn the_plain_text_is_nowhere_on_the_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Outbox::open(folder.path()).expect("made");
    outbox.store(sealed(Uid([1; 16]))).expect("stored");
    for file in std::fs::read_dir(folder.path()).expect("listed") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        assert!(!bytes.windows(5).any(|window| window == b"daily"));
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let small = Options { max_pages: Some(40) };
    let outbox = Outbox::open_with(folder.path(), small).expect("made");
    let mut acknowledged = HashSet::new();
    let refused = loop {
        let uid = Uid::random();
        match outbox.store(sealed(uid)) {
            Ok(_) => acknowledged.insert(uid),
            Err(error) => break error,
        };
        assert!(acknowledged.len() < 1000, "40 pages do not hold this much");
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert_eq!(outbox.progress().health, Health::DiskFull);
    assert!(acknowledged.len() > 10);
    assert_eq!(outbox.status(None).expect("still readable").stored, acknowledged.len() as u64);
    drop(outbox);
    assert_eq!(uids(folder.path()), acknowledged);
    let roomy = Outbox::open(folder.path()).expect("opened");
    assert_eq!(roomy.store(sealed(Uid::random())), Ok(Stored::New), "and goes on with more space");
}

/// Not a test of its own: what `a_killed_kiosk_keeps_what_it_acknowledged` runs and kills.
#[test]
#[ignore = "run by another test"]
fn acknowledge_until_killed() {
    let folder = std::env::var_os("BORGERPANEL_TEST_FOLDER").expect("set by the other test");
    let outbox = Outbox::open(Path::new(&folder)).expect("opened");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let uid = Uid::random();
                    let apart = vec![sealed_as(Kind::Private, twin(uid))];
                    outbox.store(Form { record: sealed(uid), apart }).expect("stored");
                    println!("acknowledged {uid}");
                }
            });
        }
    });
}

#[test]
fn a_killed_kiosk_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut acknowledged = HashSet::new();
    for lines in [1, 40, 150] {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["store::acknowledge_until_killed", "--exact", "--ignored", "--nocapture"])
            .env("BORGERPANEL_TEST_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut said = output.lines().map_while(Result::ok);
        // The harness may put its own words before ours on a line.
        let heard = |line: String| {
            let (_, uid) = line.split_once("acknowledged ")?;
            Uid::from_hex(uid)
        };
        acknowledged.extend(said.by_ref().filter_map(heard).take(lines));
        child.kill().expect("killed");
        acknowledged.extend(said.filter_map(heard));
        child.wait().expect("reaped");
    }
    assert!(acknowledged.len() >= 191);
    let responses = uids(folder.path());
    assert!(responses.is_superset(&acknowledged));
    let outbox = Outbox::open(folder.path()).expect("opened");
    assert_eq!(outbox.mix_in(Mixing::All), Ok(responses.len()));
    drop(outbox);
    // Each form is there whole, also those that were cut off before they were acknowledged.
    let twins: HashSet<Uid> = responses.iter().map(|uid| twin(*uid)).collect();
    assert_eq!(&uids(folder.path()) - &responses, twins);
}

/// The uid of what was set apart from a form; only tests can tell.
pub fn twin(Uid(uid): Uid) -> Uid {
    Uid(uid.map(|byte| !byte))
}

#[test]
fn another_life_begins_once_and_sends_all_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Outbox::open(folder.path()).expect("made");
    for _ in 0..5 {
        outbox.store(sealed(Uid::random())).expect("stored");
    }
    let before = outbox.life().expect("a life");
    assert_eq!(outbox.empty_through(Epoch::random(), 2), Ok(0), "another life's numbers");
    assert_eq!(outbox.empty_through(before.epoch, 2).expect("emptied"), 2);
    let after = outbox.begin_epoch(before.epoch).expect("begun");
    assert_ne!(after.epoch, before.epoch);
    assert_eq!((after.base, after.last), (2, 5));
    assert_eq!(outbox.begin_epoch(before.epoch).expect("nothing to do"), after);
    assert_eq!(outbox.status(None).expect("figures").unsynced, 3);
}

/// Makes a database as an earlier schema left it.
fn restore(file: &Path, dump: &str) {
    let desk = rusqlite::Connection::open(file).expect("made");
    desk.execute_batch(dump).expect("the dump");
}

#[test]
fn a_kiosk_of_the_first_schema_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    restore(&folder.path().join("kiosk.db"), include_str!("../fixtures/databases/kiosk-1.sql"));
    assert_eq!(uids(folder.path()).len(), 4);
    let outbox = Outbox::open(folder.path()).expect("opened");
    let before = outbox.status(None).expect("figures");
    assert_eq!((before.stored, before.unsynced, before.waiting), (4, 1, 0));
    let form =
        Form { record: sealed(Uid([1; 16])), apart: vec![sealed_as(Kind::Private, Uid([2; 16]))] };
    assert_eq!(outbox.store(form), Ok(Stored::New));
    assert_eq!(outbox.mix_in(Mixing::All), Ok(1));
    assert_eq!(outbox.life().expect("a life").last, 6);
    drop(outbox);
    assert_eq!(uids(folder.path()).len(), 6);
}

#[test]
fn a_central_of_the_first_schema_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    restore(&folder.path().join("central.db"), include_str!("../fixtures/databases/central-1.sql"));
    let central = Central::open(folder.path(), Options::default()).expect("opened");
    let audit = central.audit().expect("audited");
    assert_eq!(audit.findings, []);
    assert_eq!((audit.sums.received, audit.sums.stored, audit.sums.held), (3, 2, 1));
    assert_eq!(audit.sums.homes_private, 0);
}
