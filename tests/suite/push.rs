//! Kiosk and central over real HTTP, through the gate: enrolment, sending, sending by itself.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use borgerpanel::crypto::SigningKey;
use borgerpanel::server::api::Api;
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::limits::Limits;
use borgerpanel::store::record::{Told, Uid};
use borgerpanel::store::{Central, Outbox};
use borgerpanel::sync::background::{Background, Plan, Round, Sent};
use borgerpanel::sync::enrol::{self, Code, Enrolment, Request};
use borgerpanel::sync::exchange::{SyncError, Transport, TransportError};
use borgerpanel::sync::message::Signed;
use borgerpanel::sync::push::Http;
use borgerpanel::sync::release::fetch::Source;
use borgerpanel::sync::release::file::{self, Maker};
use borgerpanel::sync::release::manifest::Id;

use crate::fleet::{Hand, Machine, Town};

/// A central that listens.
struct Listening {
    town: Town,
    central: Arc<Central>,
    running: Running,
}

impl Listening {
    fn start() -> Listening {
        let mut town = Town::new();
        let reception = town.reception.take().expect("made");
        let central = Arc::clone(&reception.central);
        let api = Arc::new(Api::new(reception));
        let handler = Arc::new(move |request: &_| api.answer(request));
        let running = Server::start("127.0.0.1:0", handler, Limits::default()).expect("listening");
        // The same database again, for making codes.
        town.start();
        Listening { town, central, running }
    }

    fn address(&self) -> String {
        format!("http://{}", self.running.address())
    }

    fn enrol(&self, folder: &std::path::Path, name: &str) {
        let code = self.town.code(name);
        let request = Request::new(&code, &enrol::own_key(folder).expect("a key"));
        let reply = Http::new(&self.address()).enrol(&request).expect("let in");
        let enrolment = Enrolment {
            central: self.address(),
            admission: reply.verify(&code, &request).expect("genuine"),
            enrolled: "2026-11-23T10:00:00Z".to_owned(),
        };
        enrolment.save(folder).expect("saved");
    }

    fn kiosk(&self, name: &str) -> Machine {
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.enrol(folder.path(), name);
        Machine::at(folder)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.running.stop();
    }
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} takes too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_kiosk_enrols_and_sends_over_http() {
    let listening = Listening::start();
    let kiosk = listening.kiosk("valby");
    for _ in 0..30 {
        kiosk.store(Uid::random());
    }
    let http = Http::new(&listening.address());
    let report = kiosk.sync(&http).expect("sent");
    assert_eq!((report.stored, report.batches), (30, 1));
    assert_eq!(kiosk.sync(&http).expect("nothing left").batches, 0);
    assert_eq!(listening.town.uids(), kiosk.uids());
    assert_eq!(listening.central.audit().expect("audited").findings, []);
}

#[test]
fn the_largest_records_pass_the_gate() {
    let listening = Listening::start();
    let kiosk = listening.kiosk("valby");
    let noise: String = (0..250_000).map(|_| fastrand::alphanumeric()).collect();
    for _ in 0..5 {
        // What stays sealed is not judged by its inside.
        let kind = borgerpanel::store::record::Kind::Signup;
        let sealed = kiosk.seal(Uid::random(), "v1", kind, Some(&noise));
        assert!(sealed.body.len() > 250_000);
        kiosk.outbox().store(sealed).expect("stored");
    }
    let report = kiosk.sync(&Http::new(&listening.address())).expect("sent");
    assert_eq!(report.stored, 5);
}

#[test]
fn guessing_codes_is_stopped() {
    let listening = Listening::start();
    let http = Http::new(&listening.address());
    let statuses: Vec<u16> = (0..7)
        .map(|_| match http.enrol(&Request::new(&Code::random(), &SigningKey::generate())) {
            Err(TransportError::Refused { status, .. }) => status,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429, 429]);
}

#[test]
fn what_is_no_message_is_refused() {
    let listening = Listening::start();
    let kiosk = listening.kiosk("valby");
    let http = Http::new(&listening.address());
    let refused = http.push(b"<html>");
    let wanted = TransportError::Refused { status: 400, problem: "malformed".to_owned() };
    assert_eq!(refused, Err(wanted.clone()));
    let signature = kiosk.key.sign(borgerpanel::crypto::Purpose::Question, b"{}");
    assert_eq!(http.ask(&Signed { text: "{}".to_owned(), signature }), Err(wanted));
}

#[test]
fn a_page_in_the_centrals_place_does_not_count() {
    use borgerpanel::server::http::Response;
    let portal = Arc::new(|_: &_| Response::html(200, "<title>Log in to the Wi-Fi</title>"));
    let running = Server::start("127.0.0.1:0", portal, Limits::default()).expect("listening");
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    kiosk.store(Uid::random());
    let sent = kiosk.sync(&Http::new(&format!("http://{}", running.address())));
    let nonsense = matches!(sent, Err(SyncError::Transport(TransportError::Nonsense(_))));
    assert!(nonsense, "{sent:?}");
    running.stop();
}

#[test]
fn a_running_kiosk_sends_by_itself_once_it_is_enrolled() {
    let listening = Listening::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Arc::new(Outbox::open(folder.path()).expect("made"));
    let rounds = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&rounds);
    let background = Background::start(Plan {
        outbox: Arc::clone(&outbox),
        folder: folder.path().to_owned(),
        address: None,
        every: Duration::from_secs(3600),
        takes_releases: false,
        clock: Arc::new(Hand::new()),
        tell: Box::new(Told::default),
        told: Box::new(move |round| {
            heard.lock().expect("no panic").push(match round {
                Round::Enrolled(enrolment) => enrolment.admission.kiosk.clone(),
                Round::Sent(report) => format!("sent {}", report.stored),
                Round::Failed { error, .. } => format!("failed: {error}"),
                Round::Released(_) | Round::Refused(_) => "releases are not taken".to_owned(),
            });
        }),
    })
    .expect("started");
    let said = |word: &str| rounds.lock().expect("no panic").iter().any(|round| round == word);
    listening.enrol(folder.path(), "valby");
    eventually("noticing the enrolment", || said("valby") && said("sent 0"));
    let beside = Machine::at(crate::fleet::copy_of(folder.path()));
    outbox
        .store(beside.seal(Uid::random(), "v1", borgerpanel::store::record::Kind::Response, None))
        .expect("stored");
    eventually("sending what is new", || said("sent 1"));
    background.stop();
    assert_eq!(outbox.status(Some(listening.central.id())).expect("figures").unsynced, 0);
}

#[test]
fn kiosks_that_come_at_once_are_all_served_and_visitors_beside_them() {
    use borgerpanel::store::central::response::Accepted;
    let listening = Listening::start();
    let kiosks: Vec<Machine> =
        (0..40).map(|number| listening.kiosk(&format!("kiosk-{number}"))).collect();
    for kiosk in &kiosks {
        (0..3).for_each(|_| kiosk.store(Uid::random()));
    }
    let served = Arc::new(Mutex::new(0));
    let running: Vec<Background> = kiosks
        .into_iter()
        .map(|mut kiosk| {
            let served = Arc::clone(&served);
            let plan = Plan {
                outbox: Arc::new(kiosk.outbox.take().expect("open")),
                folder: kiosk.folder.path().to_owned(),
                address: None,
                every: Duration::from_secs(3600),
                takes_releases: false,
                clock: Arc::new(Hand::new()),
                tell: Box::new(Told::default),
                told: Box::new(move |round| {
                    // The folder lives as long as the thread.
                    let _folder = &kiosk.folder;
                    *served.lock().expect("no panic") += u32::from(matches!(round, Round::Sent(_)));
                }),
            };
            Background::start(plan).expect("started")
        })
        .collect();
    let visitors = 20;
    for _ in 0..visitors {
        let label = borgerpanel::store::record::Label {
            kind: borgerpanel::store::record::Kind::Response,
            uid: Uid::random(),
            survey: "trafik".to_owned(),
            version: "v1".to_owned(),
            kiosk: String::new(),
            epoch: borgerpanel::store::record::Epoch([0; 16]),
        };
        let (structure, response) = ("structure".to_owned(), crate::fleet::response(&label));
        let accepted = Accepted { structure, response, flags: Vec::new() };
        listening.central.store_response(accepted).expect("stored");
    }
    eventually("serving all", || *served.lock().expect("no panic") == 40);
    running.into_iter().for_each(Background::stop);
    assert_eq!(listening.town.uids().len(), 40 * 3 + visitors);
    let audit = listening.central.audit().expect("audited");
    assert_eq!((audit.findings, audit.sums.received), (vec![], 120));
}

#[test]
fn a_kiosk_without_a_central_says_so_once_and_stops_at_once() {
    let town = Town::new();
    let mut kiosk = Machine::enrolled(&town, "valby");
    let outbox = Arc::new(kiosk.outbox.take().expect("open"));
    let failures = Arc::new(Mutex::new(0));
    let heard = Arc::clone(&failures);
    let background = Background::start(Plan {
        outbox,
        folder: kiosk.folder.path().to_owned(),
        // Nobody listens on port 1.
        address: Some("http://127.0.0.1:1".to_owned()),
        every: Duration::from_millis(1),
        takes_releases: false,
        clock: Arc::new(Hand::new()),
        tell: Box::new(Told::default),
        told: Box::new(move |round| {
            assert!(matches!(round, Round::Enrolled(_) | Round::Failed { .. }), "{round:?}");
            *heard.lock().expect("no panic") += u32::from(matches!(round, Round::Failed { .. }));
        }),
    })
    .expect("started");
    eventually("failing", || *failures.lock().expect("no panic") == 1);
    std::thread::sleep(Duration::from_millis(50));
    background.stop();
    assert_eq!(*failures.lock().expect("no panic"), 1);
}

#[test]
fn staff_who_cannot_wait_send_at_once() {
    let listening = Listening::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outbox = Arc::new(Outbox::open(folder.path()).expect("made"));
    let plan = |address: Option<&str>| Plan {
        outbox: Arc::clone(&outbox),
        folder: folder.path().to_owned(),
        address: address.map(str::to_owned),
        every: Duration::from_secs(3600),
        takes_releases: false,
        clock: Arc::new(Hand::new()),
        tell: Box::new(Told::default),
        told: Box::new(|_| {}),
    };
    listening.enrol(folder.path(), "valby");
    let background = Background::start(plan(Some("http://127.0.0.1:1"))).expect("started");
    let patience = Duration::from_secs(15);
    // After failures, too, when the thread has hours to go.
    assert_eq!(background.hurry().send(patience), Sent::Failed);
    assert_eq!(background.hurry().send(patience), Sent::Failed);
    background.stop();
    let background = Background::start(plan(None)).expect("started");
    let hurry = background.hurry();
    assert_eq!(hurry.send(patience), Sent::Done);
    let beside = Machine::at(crate::fleet::copy_of(folder.path()));
    outbox
        .store(beside.seal(Uid::random(), "v1", borgerpanel::store::record::Kind::Response, None))
        .expect("stored");
    assert_eq!(hurry.send(patience), Sent::Done);
    assert_eq!(outbox.status(Some(listening.central.id())).expect("figures").unsynced, 0);
    background.stop();
    assert_eq!(hurry.send(Duration::ZERO), Sent::Underway, "nobody sends any more");
}

#[test]
fn a_release_goes_out_in_pieces_to_whoever_knows_its_id() {
    let listening = Listening::start();
    let desk = listening.town.reception().desk();
    let mut noise = fastrand::Rng::with_seed(5);
    let picture: Vec<u8> = (0..150_000).map(|_| noise.u8(..)).collect();
    let files = std::collections::BTreeMap::from([("public/a.png".to_owned(), picture)]);
    let key = SigningKey::generate();
    let maker =
        Maker { central: listening.central.id(), key: &key, number: 1, made: String::new() };
    let (manifest, bytes) = file::write(&files, &maker).expect("a release");
    desk.keep(&manifest, &bytes).expect("kept");
    let (http, mut fetched) = (Http::new(&listening.address()), Vec::new());
    while fetched.len() < bytes.len() {
        fetched.extend(http.piece(manifest.id, fetched.len() as u64).expect("a piece"));
    }
    assert_eq!(fetched, bytes);
    let refused = |id: Id| http.piece(id, 0).expect_err("no such release");
    assert!(matches!(refused(Id([7; 8])), TransportError::Refused { status: 404, .. }));
    let address = listening.address().replace("http://", "");
    for (path, status) in [("x?from=0", 400), ("0101010101010101", 400), ("../sync?from=0", 400)] {
        let reply = crate::preview::get(&address, &format!("/api/v1/release/{path}"));
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {reply}");
    }
}
