//! Sync over HTTP: rows a second from a full outbox into `central.db`, every one opened, judged and
//! stored; beside the floor of opening and judging alone.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use borgerpanel::clock::{Clock, SystemClock};
use borgerpanel::crypto::{self, SealPublic, SealSecret, SigningKey};
use borgerpanel::response::revalidate::revalidate;
use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::server::api::Api;
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::homes::Judge;
use borgerpanel::server::limits::Limits;
use borgerpanel::site;
use borgerpanel::store::central::log::Entry;
use borgerpanel::store::record::{Epoch, Kind, Label, Sealed, Uid};
use borgerpanel::store::{Central, Options, Outbox};
use borgerpanel::survey::Definition;
use borgerpanel::sync::enrol::{Code, Enrolment, Request};
use borgerpanel::sync::envelope;
use borgerpanel::sync::exchange::Kiosk;
use borgerpanel::sync::push::Http;
use borgerpanel::sync::reception::{Keys, Reception};
use jiff::tz::TimeZone;

const ROWS: usize = 5_000;

pub fn run() {
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in("target").expect("a folder");
    let survey = survey(folder.path());
    let secret = SealSecret::generate();
    let recipients = [secret.public(), SealSecret::generate().public()];
    let outbox = Outbox::open(&folder.path().join("kiosk")).expect("an outbox");
    fill(&outbox, &survey, &recipients);
    let floor = opening(&outbox, &survey, &secret);
    let keys = Keys { open: vec![secret], sign: SigningKey::generate(), seal: recipients.to_vec() };
    let (api, running) = central(folder.path(), &survey, keys);
    let key = SigningKey::generate();
    let enrolment = enrol(&api, &key, format!("http://{}", running.address()));
    let kiosk = Kiosk {
        outbox: &outbox,
        enrolment: &enrolment,
        key: &key,
        clock: &SystemClock,
        told: None,
    };
    let begun = Instant::now();
    let report = kiosk.send_all(&Http::new(&enrolment.central)).expect("sent");
    let rate = ROWS as f64 / begun.elapsed().as_secs_f64();
    assert_eq!((report.stored, report.quarantined), (ROWS as u64, 0));
    println!("sync of {ROWS} rows over HTTP in {} batches", report.batches);
    println!("  {rate:.0} rows/s; floor: opening and judging alone {floor:.0} rows/s");
    println!("  ratio {:.2}\n", rate / floor);
}

pub fn survey(folder: &Path) -> Definition {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let options = site::Options { content, theme: None, out: folder.join("public"), kiosk: None };
    let site = site::build(&options).expect("a build").site.expect("no errors");
    site.survey("groenne-omraader").expect("the survey").clone()
}

/// Threads by the dozen, so that their commits are grouped.
fn fill(outbox: &Outbox, survey: &Definition, recipients: &[SealPublic]) {
    let epoch = outbox.life().expect("a life").epoch;
    let each = ROWS / 50;
    std::thread::scope(|scope| {
        for seed in 0..50 {
            scope.spawn(move || {
                let mut rng = fastrand::Rng::with_seed(seed);
                for _ in 0..each {
                    outbox
                        .store(response(survey, epoch, recipients, "bench", &mut rng))
                        .expect("stored");
                }
            });
        }
    });
}

/// A made-up response, sealed as a kiosk of this name does.
pub fn response(
    survey: &Definition,
    epoch: Epoch,
    recipients: &[SealPublic],
    kiosk: &str,
    rng: &mut fastrand::Rng,
) -> Sealed {
    let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
    let fields = sample::fill_in(survey.base(), &context, rng);
    let evaluation = evaluate(survey.base(), &fields, &context);
    let uid = Uid::random();
    let about = Circumstances {
        uid: crypto::hex(&uid.0),
        kiosk: Some(kiosk.to_owned()),
        lang: "da".to_owned(),
        duration_s: Some(120),
        shown: std::collections::BTreeMap::new(),
        context,
    };
    let response = compose(survey.base(), &evaluation, about, &[]);
    let label = Label {
        kind: Kind::Response,
        uid,
        survey: survey.slug.clone(),
        version: survey.version.clone(),
        kiosk: kiosk.to_owned(),
        epoch,
    };
    let json = serde_json::to_string(&response).expect("JSON");
    envelope::seal(label, &json, recipients).expect("sealed")
}

fn opening(outbox: &Outbox, survey: &Definition, secret: &SealSecret) -> f64 {
    let rows = outbox.rows_after(0, ROWS, usize::MAX).expect("rows");
    let begun = Instant::now();
    for row in &rows {
        let json = envelope::open(&row.sealed, std::slice::from_ref(secret)).expect("opened");
        revalidate(json.as_bytes(), survey).expect("sound");
    }
    rows.len() as f64 / begun.elapsed().as_secs_f64()
}

type Door = Arc<Api<Judge>>;

fn central(folder: &Path, survey: &Definition, keys: Keys) -> (Door, Running) {
    let central = Central::create(&folder.join("central"), Options::default()).expect("a central");
    let central = Arc::new(central);
    central.register(survey).expect("registered");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let api = Arc::new(Api::new(Reception {
        central: central.clone(),
        keys,
        intake: Judge::new(central, clock.clone(), TimeZone::UTC),
        clock,
        zone: TimeZone::UTC,
    }));
    let handler = api.clone();
    let answer = Arc::new(move |request: &_| handler.answer(request));
    (api, Server::start("127.0.0.1:0", answer, Limits::default()).expect("a server"))
}

fn enrol(api: &Door, key: &SigningKey, central: String) -> Enrolment {
    let (code, now) = (Code::random(), SystemClock.now());
    let entry = Entry {
        at: now.to_string(),
        actor: "bench".to_owned(),
        action: "code",
        detail: String::new(),
    };
    let until = now.as_second() + 600;
    api.reception.central.add_code(code.hash(), "bench", until, &entry).expect("a code");
    let request = Request::new(&code, key);
    let reply = api.reception.admit(&request).expect("admitted");
    let admission = reply.verify(&code, &request).expect("the central's word");
    Enrolment { central, admission, enrolled: now.to_string() }
}
