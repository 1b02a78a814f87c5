//! Every row of the fault table, one by one, and then all of them at random: whatever happens on the
//! way, the central has every acknowledged answer exactly once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use borgerpanel::crypto::{Digest, SealSecret};
use borgerpanel::response::Response;
use borgerpanel::store::Stored;
use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::central::fleet::Kiosk;
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::outbox::Row;
use borgerpanel::store::record::{Epoch, Kind, Label, Lost, Uid};
use borgerpanel::sync::bundle;
use borgerpanel::sync::envelope;
use borgerpanel::sync::exchange::{SyncError, Transport, TransportError};
use borgerpanel::sync::message::{Head, PROTOCOL, Receipt, Signed};
use borgerpanel::sync::reception::Refusal;

use crate::fleet::{Fault, Line, Machine, NEW_VERSION, Town, copy_files, copy_of, response};

fn town_with_kiosk() -> (Town, Machine) {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    (town, kiosk)
}

fn store(kiosk: &Machine, number: usize) {
    (0..number).for_each(|_| kiosk.store(Uid::random()));
}

fn listed(town: &Town) -> Kiosk {
    town.central().kiosks().expect("listed").remove(0)
}

fn findings(town: &Town) -> Vec<Finding> {
    town.central().audit().expect("audited").findings
}

fn unsynced(town: &Town, kiosk: &Machine) -> u64 {
    kiosk.outbox().status(Some(town.central().id())).expect("figures").unsynced
}

/// A bundle of these rows, as the kiosk would send it.
fn bundle_of(town: &Town, kiosk: &Machine, rows: &[Row], lost: Vec<Lost>) -> Vec<u8> {
    let numbers = || rows.iter().map(|row| row.seq).chain(lost.iter().map(|lost| lost.first));
    let head = Head {
        v: PROTOCOL,
        kiosk: kiosk.enrolment.admission.kiosk.clone(),
        key: kiosk.key.verifying().id(),
        central_id: town.central().id(),
        epoch: kiosk.outbox().life().expect("a life").epoch,
        base: 0,
        first: numbers().min().expect("something"),
        last: numbers().chain(lost.iter().map(|lost| lost.last)).max().expect("something"),
        n: 0,
        sha256: Digest::of(b""),
        lost,
        past: false,
    };
    bundle::write(head, rows, &kiosk.key).1
}

fn rows(kiosk: &Machine) -> Vec<Row> {
    kiosk.outbox().rows_after(0, 1000, usize::MAX).expect("read")
}

fn take(town: &Town, bundle: &[u8]) -> Receipt {
    town.reception().take(bundle).expect("taken in").claimed().expect("a receipt")
}

#[test]
fn everything_arrives_and_is_acknowledged() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 7);
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.dup, report.batches), (7, 0, 1));
    assert_eq!(town.uids(), kiosk.uids());
    assert_eq!(unsynced(&town, &kiosk), 0);
    assert_eq!(kiosk.outbox().status(None).expect("figures").acknowledged, 7);
    assert_eq!((listed(&town).high_seq, listed(&town).received), (7, 7));
    assert_eq!(findings(&town), []);
    let again = kiosk.sync(&Line::good(&town)).expect("nothing to send");
    assert_eq!(again.batches, 0);
}

#[test]
fn a_long_queue_goes_in_several_batches() {
    let (town, kiosk) = town_with_kiosk();
    std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(|| store(&kiosk, 80)))));
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.batches), (640, 2));
    assert_eq!(town.uids(), kiosk.uids());
}

/// Whoever reads holds one thing, whoever writes another, and whoever folds the log a third: no two wait for
/// each other. Rows that come again count as well, so that the log is folded, too.
#[test]
fn batches_visitors_and_readers_at_once_never_stop_each_other() {
    const REPEATS: usize = 9;
    const VISITORS: usize = 200;
    let town = Arc::new(Town::new());
    let kiosks = ["valby", "vanløse", "amager", "nørrebro"].map(|name| {
        let kiosk = Machine::enrolled(&town, name);
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(|| store(&kiosk, 32)))));
        kiosk
    });
    let (tell, told) = channel();
    let at_work = |work: Box<dyn FnOnce(&Town) + Send>| {
        let (town, tell) = (Arc::clone(&town), tell.clone());
        thread::spawn(move || {
            work(&town);
            tell.send(()).expect("heard");
        });
    };
    for kiosk in &kiosks {
        let bundle = bundle_of(&town, kiosk, &rows(kiosk), vec![]);
        at_work(Box::new(move |town| {
            (0..REPEATS).for_each(|_| drop(take(town, &bundle)));
        }));
    }
    for _ in 0..2 {
        at_work(Box::new(|town| {
            for _ in 0..VISITORS / 2 {
                let stored = town.central().store_response(from_a_home(Uid::random()));
                assert_eq!(stored, Ok(Stored::New));
            }
        }));
    }
    at_work(Box::new(|town| {
        for _ in 0..20 {
            assert_eq!(listed(town).kiosk, "amager");
            assert_eq!(findings(town), []);
        }
    }));
    at_work(Box::new(|town| {
        for _ in 0..20 {
            town.code("valby");
        }
    }));
    for _ in 0..kiosks.len() + 4 {
        let ended = told.recv_timeout(Duration::from_secs(120));
        ended.expect("nobody waits for ever, and nobody panicked");
    }
    let came: Vec<u64> =
        town.central().kiosks().expect("listed").iter().map(|kiosk| kiosk.received).collect();
    assert_eq!(came, [256; 4]);
    assert_eq!(town.uids().len(), kiosks.len() * 256 + VISITORS);
    assert_eq!(findings(&town), []);
}

fn from_a_home(uid: Uid) -> Accepted {
    let label = Label {
        kind: Kind::Response,
        uid,
        survey: "trafik".to_owned(),
        version: "v1".to_owned(),
        kiosk: String::new(),
        epoch: Epoch::random(),
    };
    let response = Response { channel: "web".to_owned(), kiosk: None, ..response(&label) };
    Accepted { structure: "s1".to_owned(), response, flags: Vec::new() }
}

#[test]
fn faults_on_the_way_lose_nothing_and_double_nothing() {
    use Fault::*;
    for fault in [Lost, ReplyLost, Truncated, Changed, Portal] {
        let (town, kiosk) = town_with_kiosk();
        store(&kiosk, 3);
        let cut = kiosk.sync(&Line::with(&town, &[None, fault]));
        assert!(cut.is_err(), "{fault:?}");
        assert_eq!(unsynced(&town, &kiosk), 3, "{fault:?}: only a receipt counts");
        let came = town.uids().len();
        assert_eq!(came, if fault == ReplyLost { 3 } else { 0 }, "{fault:?}");
        kiosk.sync(&Line::good(&town)).expect("sent");
        assert_eq!(unsynced(&town, &kiosk), 0);
        assert_eq!(town.uids(), kiosk.uids());
        assert_eq!(findings(&town), []);
    }
}

#[test]
fn a_duplicate_and_a_replay_change_nothing() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 3);
    let line = Line::with(&town, &[Fault::None, Fault::Twice]);
    let report = kiosk.sync(&line).expect("sent");
    assert_eq!((report.stored, report.dup), (0, 3), "the second receipt is the one that came");
    let receipt = take(&town, &line.heard.borrow()[0]);
    assert_eq!((receipt.stored, receipt.dup, receipt.high_seq), (0, 3, 3));
    assert_eq!(town.uids().len(), 3);
    assert_eq!(listed(&town).received, 3);
    assert_eq!(findings(&town), []);
}

#[test]
fn a_gap_is_stored_named_and_filled() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 6);
    let rows = rows(&kiosk);
    let early = take(&town, &bundle_of(&town, &kiosk, &rows[3..], vec![]));
    assert_eq!((early.stored, early.high_seq), (3, 0));
    assert!(matches!(findings(&town)[..], [Finding::Missing { first: 1, last: 3, .. }]));
    kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!(listed(&town).high_seq, 6);
    assert_eq!(findings(&town), []);
}

#[test]
fn another_content_under_a_known_uid_is_quarantined() {
    let (town, kiosk) = town_with_kiosk();
    let other = Machine::enrolled(&town, "oesterbro");
    kiosk.store(Uid([1; 16]));
    other.store(Uid([1; 16]));
    kiosk.sync(&Line::good(&town)).expect("sent");
    let report = other.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.quarantined), (0, 1));
    let again = take(&town, &bundle_of(&town, &other, &rows(&other), vec![]));
    assert_eq!((again.dup, again.quarantined), (1, 0));
    let kiosks = town.central().kiosks().expect("listed");
    assert_eq!(kiosks[0].kiosk, "oesterbro");
    assert_eq!((kiosks[0].received, kiosks[0].quarantined), (1, 1));
    assert_eq!(kiosks[0].flags, ["other-content"]);
    assert_eq!(unsynced(&town, &other), 0);
    assert_eq!(findings(&town), []);
}

#[test]
fn poison_rows_are_quarantined_alone() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 1);
    let seal = |json| kiosk.seal(Uid::random(), "v1", Kind::Response, Some(json));
    kiosk.outbox().store(seal("{\"not\": \"a response\"}")).expect("stored");
    let mut bent = seal("{}");
    bent.body.truncate(100);
    kiosk.outbox().store(bent).expect("stored");
    let mut relabelled = kiosk.seal(Uid::random(), "v1", Kind::Response, None);
    relabelled.label.survey = "en-anden".to_owned();
    kiosk.outbox().store(relabelled).expect("stored");
    let label = kiosk.seal(Uid::random(), "v1", Kind::Response, None).label;
    let strange = envelope::seal(label, "{}", &[SealSecret::generate().public()]);
    kiosk.outbox().store(strange.expect("sealed")).expect("stored");
    store(&kiosk, 1);
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.quarantined), (2, 4));
    assert_eq!(unsynced(&town, &kiosk), 0);
    let audit = town.central().audit().expect("audited");
    let reasons: Vec<_> = audit.quarantine.iter().map(|rows| rows.reason.as_str()).collect();
    assert_eq!(reasons, ["inside-differs", "malformed", "other-keys", "unsound"]);
    assert_eq!(audit.findings, []);
}

#[test]
fn a_kiosk_set_back_begins_another_epoch_and_sends_all() {
    let (town, mut kiosk) = town_with_kiosk();
    store(&kiosk, 4);
    kiosk.stop();
    let backup = copy_of(kiosk.folder.path());
    kiosk.start();
    store(&kiosk, 3);
    kiosk.sync(&Line::good(&town)).expect("sent");
    let before = town.uids();
    for more in [0, 5] {
        kiosk.stop();
        copy_files(backup.path(), kiosk.folder.path());
        kiosk.start();
        store(&kiosk, more);
        let report = kiosk.sync(&Line::good(&town)).expect("sent");
        assert!(report.has_begun_epoch, "with {more} more");
        assert_eq!((report.stored, report.dup), (more as u64, 4));
    }
    assert!(town.uids().is_superset(&before) && town.uids().is_superset(&kiosk.uids()));
    assert_eq!(town.uids().len(), 12);
    assert_eq!(listed(&town).flags, ["new-epoch"]);
    assert_eq!(findings(&town), []);
}

/// `kiosk sync` beside `kiosk run`: while the one's question is on its way, the other stores and sends.
#[test]
fn two_processes_that_send_at_once_are_no_old_copy() {
    struct Slow<'a> {
        town: &'a Town,
        kiosk: &'a Machine,
        is_first: std::cell::Cell<bool>,
    }
    impl Transport for Slow<'_> {
        fn ask(&self, question: &Signed) -> Result<Signed, TransportError> {
            if self.is_first.take() {
                store(self.kiosk, 3);
                self.kiosk.sync(&Line::good(self.town)).expect("sent");
            }
            Line::good(self.town).ask(question)
        }

        fn push(&self, bundle: &[u8]) -> Result<Signed, TransportError> {
            Line::good(self.town).push(bundle)
        }
    }
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 2);
    let is_first = std::cell::Cell::new(true);
    let report = kiosk.sync(&Slow { town: &town, kiosk: &kiosk, is_first }).expect("sent");
    assert_eq!((report.has_begun_epoch, report.batches), (false, 0));
    assert_eq!((listed(&town).received, unsynced(&town, &kiosk)), (5, 0));
    assert!(listed(&town).flags.is_empty(), "{:?}", listed(&town).flags);
}

#[test]
fn a_central_set_back_is_served_again() {
    let (mut town, kiosk) = town_with_kiosk();
    store(&kiosk, 4);
    kiosk.sync(&Line::good(&town)).expect("sent");
    town.stop();
    let backup = copy_of(town.folder.path());
    town.start();
    store(&kiosk, 4);
    kiosk.sync(&Line::good(&town)).expect("sent");
    town.stop();
    copy_files(backup.path(), town.folder.path());
    town.start();
    assert_eq!(town.uids().len(), 4);
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.has_begun_epoch), (4, false));
    assert_eq!(town.uids(), kiosk.uids());
    assert_eq!(findings(&town), []);
}

#[test]
fn a_cloned_card_keeps_both_and_is_flagged() {
    let (town, mut kiosk) = town_with_kiosk();
    store(&kiosk, 2);
    kiosk.stop();
    let twin = Machine::at(copy_of(kiosk.folder.path()));
    kiosk.start();
    store(&kiosk, 2);
    store(&twin, 3);
    kiosk.sync(&Line::good(&town)).expect("sent");
    let receipt = take(&town, &bundle_of(&town, &twin, &rows(&twin), vec![]));
    assert_eq!((receipt.stored, receipt.dup), (3, 2));
    assert_eq!(town.uids().len(), 7);
    assert_eq!(listed(&town).flags, ["cloned"]);
    assert!(findings(&town).contains(&Finding::Cloned { kiosk: "valby".to_owned() }));
}

#[test]
fn clones_that_take_turns_are_flagged_too() {
    let (town, mut kiosk) = town_with_kiosk();
    kiosk.stop();
    let twin = Machine::at(copy_of(kiosk.folder.path()));
    kiosk.start();
    for _ in 0..3 {
        store(&kiosk, 2);
        store(&twin, 3);
        kiosk.sync(&Line::good(&town)).expect("sent");
        twin.sync(&Line::good(&town)).expect("sent");
    }
    assert_eq!(town.uids().len(), 15);
    assert!(listed(&town).flags.contains(&"cloned".to_owned()));
    // The card is enrolled again under a name of its own, and all is well.
    let entry = borgerpanel::store::central::log::Entry {
        at: "2026-11-23T10:00:00Z".to_owned(),
        actor: "console".to_owned(),
        action: "revoked",
        detail: "valby".to_owned(),
    };
    assert!(town.central().revoke("valby", &entry).expect("revoked"));
    let refused = kiosk.sync(&Line::good(&town));
    assert!(matches!(refused, Err(SyncError::Transport(_))), "{refused:?}");
}

#[test]
fn a_jump_of_the_clock_is_recorded_and_changes_nothing() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 2);
    kiosk.sync(&Line::good(&town)).expect("sent");
    kiosk.clock.0.fetch_sub(86_400, Ordering::Relaxed);
    store(&kiosk, 2);
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!(report.stored, 2);
    assert_eq!(listed(&town).skew_s, Some(-86_400));
}

#[test]
fn rows_of_an_unknown_version_wait_sealed_and_settle_by_themselves() {
    let (town, kiosk) = town_with_kiosk();
    kiosk.store_as(Uid::random(), NEW_VERSION);
    store(&kiosk, 1);
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.quarantined), (1, 1));
    assert_eq!((unsynced(&town, &kiosk), listed(&town).quarantined), (0, 1));
    assert_eq!(town.reception().retry_held(), Ok(0));
    assert_eq!(town.central().audit().expect("audited").sums.held, 1);
    let mut definition = crate::responses::shipped().remove(0);
    definition.version = NEW_VERSION.to_owned();
    assert_eq!(town.central().register(&definition), Ok(true));
    assert_eq!(town.central().register(&definition), Ok(false));
    assert_eq!(town.reception().retry_held(), Ok(1));
    assert_eq!(town.uids(), kiosk.uids());
    assert_eq!(listed(&town).quarantined, 0);
    assert_eq!(findings(&town), []);
}

#[test]
fn a_closed_survey_is_no_reason_to_refuse() {
    let (town, kiosk) = town_with_kiosk();
    let mut sealed = kiosk.seal(Uid::random(), "v1", Kind::Response, None);
    let mut late = crate::fleet::response(&sealed.label);
    late.day = "2026-12-24".to_owned();
    let json = serde_json::to_string(&late).expect("JSON");
    sealed = kiosk.seal(sealed.label.uid, "v1", Kind::Response, Some(&json));
    kiosk.outbox().store(sealed).expect("stored");
    assert_eq!(kiosk.sync(&Line::good(&town)).expect("sent").stored, 1);
    let desk = rusqlite::Connection::open(town.central().path()).expect("opened");
    let flags: String = desk.query_row("SELECT flags FROM response", [], |row| row.get(0)).unwrap();
    assert_eq!(flags, r#"["late"]"#);
}

#[test]
fn signups_stay_sealed_and_never_touch_the_responses() {
    let (town, kiosk) = town_with_kiosk();
    let signup = kiosk.seal(Uid::random(), "v1", Kind::Signup, Some("{\"email\":\"a@b.dk\"}"));
    kiosk.outbox().store(signup).expect("stored");
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!(report.stored, 1);
    assert!(town.uids().is_empty());
    assert_eq!(findings(&town), []);
}

#[test]
fn a_hole_that_cannot_be_filled_is_signed_for_and_named() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 5);
    let desk = rusqlite::Connection::open(kiosk.outbox().path()).expect("opened");
    desk.execute("DELETE FROM outbox WHERE seq IN (2, 3, 5)", []).expect("damaged");
    kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!(unsynced(&town, &kiosk), 0);
    assert_eq!((listed(&town).high_seq, listed(&town).received), (5, 2));
    assert_eq!(listed(&town).flags, ["lost"]);
    let lost: Vec<_> = findings(&town)
        .into_iter()
        .filter_map(|finding| match finding {
            Finding::Lost { first, last, reason, .. } => Some((first, last, reason)),
            _ => None,
        })
        .collect();
    assert_eq!(lost, [(2, 3, "missing".to_owned()), (5, 5, "missing".to_owned())]);
    store(&kiosk, 1);
    assert_eq!(kiosk.sync(&Line::good(&town)).expect("goes on").stored, 1);
}

#[test]
fn strangers_are_refused() {
    let (town, kiosk) = town_with_kiosk();
    let elsewhere = Town::new();
    let stranger = Machine::enrolled(&elsewhere, "valby");
    store(&stranger, 1);
    let bundle = bundle_of(&town, &stranger, &rows(&stranger), vec![]);
    assert_eq!(town.reception().take(&bundle).unwrap_err(), Refusal::UnknownKey);
    store(&kiosk, 1);
    let bundle = bundle_of(&elsewhere, &kiosk, &rows(&kiosk), vec![]);
    assert_eq!(town.reception().take(&bundle).unwrap_err(), Refusal::OtherCentral);
    let impostor = Machine { key: stranger.key.clone(), ..Machine::enrolled(&town, "sundby") };
    store(&impostor, 1);
    assert!(impostor.sync(&Line::good(&town)).is_err());
    assert!(town.uids().is_empty());
}

#[test]
fn a_reply_of_another_central_does_not_count() {
    let (town, kiosk) = town_with_kiosk();
    let elsewhere = Town::new();
    store(&kiosk, 1);
    // The other central knows the kiosk's key, but the kiosk does not know the other central's.
    let code = elsewhere.code("valby");
    let request = borgerpanel::sync::enrol::Request::new(&code, &kiosk.key);
    elsewhere.reception().admit(&request).expect("let in");
    let refused = kiosk.sync(&Line::good(&elsewhere));
    assert!(matches!(refused, Err(SyncError::Reply(_))), "{refused:?}");
    assert_eq!(unsynced(&town, &kiosk), 1);
}

#[test]
fn a_code_lets_in_once_and_only_in_time() {
    use borgerpanel::crypto::SigningKey;
    use borgerpanel::sync::enrol::{CODE_SECONDS, Request};
    let town = Town::new();
    let code = town.code("valby");
    let request = Request::new(&code, &SigningKey::generate());
    assert!(town.reception().admit(&request).is_ok());
    assert_eq!(town.reception().admit(&request), Err(Refusal::WrongCode));
    let late = Request::new(&town.code("sundby"), &SigningKey::generate());
    town.clock.0.fetch_add(CODE_SECONDS, Ordering::Relaxed);
    assert_eq!(town.reception().admit(&late), Err(Refusal::WrongCode));
}

#[test]
fn an_audit_notices_what_was_taken_away() {
    let (town, kiosk) = town_with_kiosk();
    store(&kiosk, 5);
    kiosk.sync(&Line::good(&town)).expect("sent");
    let desk = rusqlite::Connection::open(town.central().path()).expect("opened");
    desk.execute("DELETE FROM response WHERE id = (SELECT min(id) FROM response)", [])
        .expect("taken away");
    let found = findings(&town);
    assert!(matches!(found[0], Finding::Vanished { .. }), "{found:?}");
    assert!(matches!(found[1], Finding::Unbalanced { received: 5, accounted: 4 }), "{found:?}");
    desk.execute("DELETE FROM received WHERE seq = 5", []).expect("taken away");
    assert!(findings(&town).iter().any(|found| matches!(found, Finding::Missing { first: 5, .. })));
    desk.execute("UPDATE audit_log SET detail = 'sundby' WHERE id = 1", []).expect("changed");
    assert!(findings(&town).contains(&Finding::LogBroken { line: 1 }));
    desk.execute("UPDATE delivery SET head = replace(head, 'valby', 'sundby')", []).expect("bent");
    assert!(findings(&town).iter().any(|found| matches!(found, Finding::Forged { .. })));
}
