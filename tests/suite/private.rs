//! Private answers, from the form to the central: out of the response, whole or not at all, once, and
//! in no order that tells whose they are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use borgerpanel::clock::{FixedClock, SystemClock};
use borgerpanel::response::revalidate::{revalidate, revalidate_private};
use borgerpanel::response::{
    Circumstances, Context, Private, Response, compose, evaluate, set_apart,
};
use borgerpanel::server::collect::Collector;
use borgerpanel::server::homes::{Homes, Judge};
use borgerpanel::store::members::Members;
use borgerpanel::store::outbox::{Form, Outbox, Row};
use borgerpanel::store::record::{Epoch, Kind, Label, Sealed, Uid};
use borgerpanel::store::waiting::{CROWD, DAYS};
use borgerpanel::store::{Central, Mixing, Options, StoreError, Stored};
use borgerpanel::survey::{Answer, Definition, Fields};
use borgerpanel::sync::bundle::Bundle;
use borgerpanel::sync::envelope;
use borgerpanel::sync::reception::{Intake, Verdict};
use jiff::tz::TimeZone;

use crate::authors::{self, Desk};
use crate::collecting::{Kiosk, Setup, shipped, status};
use crate::fleet::{Fault, Line, Machine, NEW_VERSION, Town, copy_files, copy_of};
use crate::language::Site;

/// A survey with two private questions; everybody answers the first.
pub const SLUG: &str = "lod";
const DANISH: &str = "---\ntitle: Lodtrækning\nopens: 2026-01-01\nkeep_answers_months: 6\n---\n\
    ## Hvor ofte? {#often}\n\n- Dagligt {#daily}\n- Aldrig {#never}\n\n\
    ## Din e-mail? {#contact required private maxlength=80}\n\n____\n\n\
    ## Hvilken præmie? {#prize private shuffle}\n\n- Bog {#book}\n- Andet: ____ {#other}\n";
const ENGLISH: &str = "---\ntitle: Prize draw\n---\n\
    ## How often? {#often}\n\n- Daily {#daily}\n- Never {#never}\n\n\
    ## Your e-mail? {#contact}\n\n____\n\n\
    ## Which prize? {#prize}\n\n- Book {#book}\n- Other: ____ {#other}\n";

/// Adds the survey to a content folder.
pub fn add_survey(content: &Path) {
    for (name, text) in [("lod.md", DANISH), ("lod.en.md", ENGLISH)] {
        std::fs::write(content.join("surveys").join(name), text).expect("written");
    }
}

/// The survey, compiled.
pub fn survey() -> Definition {
    let site = Site::new().with("surveys/lod.md", DANISH).with("surveys/lod.en.md", ENGLISH);
    let compiled = site.compile(SLUG, &["da", "en"]);
    compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn fields(given: &[(&str, &str)]) -> Fields {
    Fields(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

const FILLED: &[(&str, &str)] = &[
    ("often", "daily"),
    ("contact", "anna@example.dk"),
    ("prize", "other"),
    ("prize.other.text", "Cykel"),
    ("_o.prize", "other,book"),
];

fn context() -> Context {
    Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() }
}

/// What is stored of a form: the response, and the private records under made-up uids.
fn taken(definition: &Definition, given: &[(&str, &str)]) -> (Response, Vec<Private>) {
    let evaluation = evaluate(definition.base(), &fields(given), &context());
    assert!(evaluation.problems.is_empty(), "{:?}", evaluation.problems);
    let about = Circumstances {
        uid: Uid::random().to_string(),
        kiosk: None,
        lang: "da".to_owned(),
        duration_s: Some(60),
        shown: BTreeMap::from([("prize".to_owned(), vec!["other".to_owned(), "book".to_owned()])]),
        context: context(),
    };
    let apart = set_apart(definition.base(), &evaluation);
    let record = |apart: &borgerpanel::response::SetApart| {
        apart.under(Uid::random().to_string(), &definition.slug, &definition.version)
    };
    let private = apart.iter().map(record).collect();
    (compose(definition.base(), &evaluation, about, &[]), private)
}

#[test]
fn nothing_private_stays_in_the_response() {
    let definition = survey();
    let (response, private) = taken(&definition, FILLED);
    let answers: Vec<_> = response.answers.keys().map(String::as_str).collect();
    assert_eq!(answers, ["often"]);
    assert!(response.shown.is_empty() && response.flags.is_empty(), "{response:?}");
    let answers: Vec<String> = private
        .iter()
        .map(|record| serde_json::to_string(&record.answers).expect("JSON"))
        .collect();
    assert_eq!(
        answers,
        [r#"{"contact":"anna@example.dk"}"#, r#"{"prize":"other","prize.other":"Cykel"}"#]
    );
    let json = serde_json::to_value(&private[0]).expect("JSON");
    let keys: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["answers", "survey", "uid", "v", "version"]);
    // Whether somebody took part in the draw is not to be seen either.
    let (without, few) = taken(&definition, &FILLED[..2]);
    assert_eq!(few.len(), 1);
    assert_eq!(without.answers, response.answers);
}

#[test]
fn each_is_judged_by_itself() {
    let definition = survey();
    let (response, private) = taken(&definition, FILLED);
    let judged =
        |response: &Response| revalidate(&serde_json::to_vec(response).expect("JSON"), &definition);
    let judged_private = |record: &Private| {
        revalidate_private(&serde_json::to_vec(record).expect("JSON"), &definition)
    };
    assert_eq!(judged(&response).as_ref(), Ok(&response));
    for record in &private {
        assert_eq!(judged_private(record).as_ref(), Ok(record));
    }
    // A response with private answers in it is forged, or made by a kiosk that knows no better.
    for (id, answer) in private.iter().flat_map(|record| &record.answers) {
        for status in [response.status, borgerpanel::response::record::Status::Partial] {
            let mut forged = response.clone();
            forged.status = status;
            forged.answers.insert(id.clone(), answer.clone());
            assert!(judged(&forged).is_err(), "{id} as {status:?}");
        }
    }
    let text = |text: &str| Answer::Text(text.to_owned());
    let forgeries: [&[(&str, Answer)]; 9] = [
        &[],
        &[("often", text("daily"))],
        &[("contact", Answer::Unanswered)],
        &[("contact", text(&"x".repeat(81)))],
        &[("contact", text("a@b.dk")), ("often", text("daily"))],
        &[("contact", text("a@b.dk")), ("prize", text("book"))],
        &[("prize", text("car"))],
        &[("prize.other", text("Cykel"))],
        &[("prize", text("other")), ("prize.other", text(&"x".repeat(501)))],
    ];
    for forgery in forgeries {
        let answers = forgery.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone()));
        let forged = Private { answers: answers.collect(), ..private[0].clone() };
        assert!(judged_private(&forged).is_err(), "{forgery:?}");
    }
    let other = Private { version: "0".repeat(64), ..private[0].clone() };
    assert!(judged_private(&other).is_err());
}

#[test]
fn a_limit_that_is_today_cannot_be_held_against_a_record_without_a_day() {
    let text = "---\ntitle: A\n---\n## Hvornår må vi ringe? {#call date private min=today}\n";
    let definition = Site::new().with("surveys/a.md", text).compile("a", &[]).definition;
    let definition = definition.expect("it compiles");
    let judged = |day: &str| {
        let record = Private {
            v: 1,
            uid: Uid::random().to_string(),
            survey: "a".to_owned(),
            version: definition.version.clone(),
            answers: BTreeMap::from([("call".to_owned(), Answer::Text(day.to_owned()))]),
        };
        revalidate_private(&serde_json::to_vec(&record).expect("JSON"), &definition)
    };
    judged("2026-11-25").expect("sound");
    assert!(judged("2026-11-31").is_err());
}

/// A kiosk that shows the survey, too.
fn kiosk() -> (tempfile::TempDir, Kiosk) {
    let folder = tempfile::tempdir().expect("a folder");
    authors::copy(&shipped().content, folder.path());
    add_survey(folder.path());
    let kiosk = Kiosk::start(Setup { content: folder.path().to_owned(), ..shipped() });
    (folder, kiosk)
}

fn form(kiosk: &Kiosk, id: &str) -> Vec<(String, String)> {
    let mut fields = fields(FILLED).0;
    fields.push(("_v".to_owned(), kiosk.survey(SLUG).version));
    fields.push(("_id".to_owned(), id.to_owned()));
    fields
}

#[test]
fn a_form_sent_again_makes_no_second_private_record() {
    let (_folder, kiosk) = kiosk();
    let id = "ab".repeat(16);
    for _ in 0..3 {
        assert_eq!(status(&kiosk.post("/s/lod/", &form(&kiosk, &id))), 303);
    }
    let figures = kiosk.outbox.status(None).expect("figures");
    assert_eq!((figures.stored, figures.unsynced, figures.waiting), (3, 3, 2));
    assert!(crate::preview::get(&kiosk.address, "/healthz").contains("\"unsynced\":3"));
    assert_eq!(kiosk.responses().len(), 1, "what waits is not sent");
    let bytes = std::fs::read_dir(kiosk.outbox.path().parent().expect("a folder"))
        .expect("listed")
        .filter_map(|file| std::fs::read(file.expect("a file").path()).ok())
        .collect::<Vec<_>>()
        .concat();
    for plain in ["anna@example.dk", "Cykel"] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain.as_bytes()), "{plain}");
    }
    assert_eq!(kiosk.outbox.mix_in(Mixing::All), Ok(2));
    // Also once they are in the outbox.
    assert_eq!(status(&kiosk.post("/s/lod/", &form(&kiosk, &id))), 303);
    let stored = kiosk.responses();
    let private: Vec<_> = stored.iter().filter(|record| record.get("day").is_none()).collect();
    assert_eq!((stored.len(), private.len()), (3, 2));
    assert!(private.iter().all(|record| record["uid"] != id && record["survey"] == SLUG));
    assert!(stored.iter().all(|record| record["answers"] != serde_json::json!({})));
}

#[test]
fn what_is_private_of_a_form_that_was_not_sent_is_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    authors::copy(&shipped().content, folder.path());
    add_survey(folder.path());
    let path = folder.path().join("surveys/lod.md");
    let text =
        std::fs::read_to_string(&path).expect("read").replacen("---\n", "---\npartial: keep\n", 1);
    std::fs::write(&path, text).expect("written");
    let kiosk = Kiosk::start(Setup { content: folder.path().to_owned(), ..shipped() });
    let mut fields = form(&kiosk, &"cd".repeat(16));
    fields.push(("_part".to_owned(), "1".to_owned()));
    assert_eq!(status(&kiosk.post("/s/lod/", &fields)), 204);
    assert_eq!(kiosk.outbox.status(None).expect("figures").stored, 1);
    let stored = kiosk.responses();
    assert_eq!(stored[0]["answers"], serde_json::json!({"often": "daily"}));
    fields.retain(|(name, _)| name != "_part");
    assert_eq!(status(&kiosk.post("/s/lod/", &fields)), 303);
    assert_eq!(kiosk.outbox.status(None).expect("figures").waiting, 2);
}

/// A form as the kiosk's collector makes it; the private record says which one it is.
fn numbered(kiosk: &Machine, number: usize, survey: &str) -> Form {
    let label = |kind| Label {
        kind,
        uid: Uid::random(),
        survey: survey.to_owned(),
        version: "v1".to_owned(),
        kiosk: "valby".to_owned(),
        epoch: kiosk.outbox().life().expect("a life").epoch,
    };
    let keys = &kiosk.enrolment.admission.seal_keys;
    let response = label(Kind::Response);
    let json = serde_json::to_string(&crate::fleet::response(&response)).expect("JSON");
    let private = label(Kind::Private);
    let record = Private {
        v: 1,
        uid: private.uid.to_string(),
        survey: survey.to_owned(),
        version: "v1".to_owned(),
        answers: BTreeMap::from([("contact".to_owned(), Answer::Text(number.to_string()))]),
    };
    let private_json = serde_json::to_string(&record).expect("JSON");
    Form {
        record: envelope::seal(response, &json, keys).expect("sealed"),
        apart: vec![envelope::seal(private, &private_json, keys).expect("sealed")],
    }
}

/// Pearson's r of what each is and where it stands.
fn correlation(found: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let places: Vec<f64> = (0..found.len()).map(|place| place as f64).collect();
    let (mean_found, mean_place) = (mean(found), mean(&places));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let pairs = found.iter().zip(&places);
        pairs.map(|(a, b)| of(a - mean_found, b - mean_place)).sum()
    };
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

fn rows(kiosk: &Machine) -> Vec<Row> {
    kiosk.outbox().rows_after(0, 100_000, usize::MAX).expect("read")
}

#[test]
fn private_records_travel_in_crowds_and_in_no_order() {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    let line = Line::good(&town);
    // Which form a private record came with; only the test knows.
    let mut numbers = HashMap::new();
    for number in 0..400 {
        let survey = if number % 3 == 0 { "draw" } else { "call" };
        let form = numbered(&kiosk, number, survey);
        numbers.insert(form.apart[0].label.uid, number);
        assert_eq!(kiosk.outbox().store(form), Ok(Stored::New));
        if number % 4 == 0 {
            kiosk.sync(&line).expect("sent");
        }
    }
    let is_private = |row: &Row| row.sealed.label.kind == Kind::Private;
    let mut deviations = Vec::new();
    for run in rows(&kiosk).chunk_by(|a, b| is_private(a) == is_private(b)) {
        for survey in ["draw", "call"] {
            let of_survey = |row: &&Row| is_private(row) && row.sealed.label.survey == survey;
            let run: Vec<f64> = run
                .iter()
                .filter(of_survey)
                .map(|row| numbers[&row.sealed.label.uid] as f64)
                .collect();
            assert!(run.is_empty() || run.len() as u64 >= CROWD, "{} of {survey}", run.len());
            if !run.is_empty() {
                deviations.push(correlation(&run));
            }
        }
    }
    assert!(deviations.len() > 20, "{} runs", deviations.len());
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
    // r of ten in random order has a deviation of 1/3; of the mean of 20 and more, below 0.075.
    assert!(mean.abs() < 0.4, "the runs are in an order: {mean}");
    for bundle in line.heard.borrow().iter() {
        let (_, rows) =
            Bundle::read(bundle).expect("one").verify(&kiosk.key.verifying()).expect("whole");
        let count = rows.iter().filter(|row| is_private(row)).count() as u64;
        assert!(count == 0 || count >= CROWD, "a batch with {count}");
    }
    at_the_central(&town, &numbers);
}

/// What the central's tables tell of the order: nothing, even with everything opened.
fn at_the_central(town: &Town, numbers: &HashMap<Uid, usize>) {
    let desk = rusqlite::Connection::open(town.central().path()).expect("opened");
    let mut query = desk.prepare("SELECT uid FROM private").expect("a table");
    let uids: Vec<Uid> =
        query.query_map([], |row| row.get(0).map(Uid)).expect("rows").map(Result::unwrap).collect();
    let found: Vec<f64> = uids.iter().map(|uid| numbers[uid] as f64).collect();
    assert!(found.len() > 300, "{} came", found.len());
    let r = correlation(&found);
    // Five deviations of r over 300 and more in random order.
    assert!(r.abs() < 0.29, "the table is in an order: {r}");
    let columns: Vec<String> = query_texts(&desk, "SELECT name FROM pragma_table_info('private')");
    assert_eq!(columns, ["uid", "survey", "version", "body", "erased"]);
    let audit = town.central().audit().expect("audited");
    assert_eq!(audit.findings, []);
    assert_eq!(audit.sums.received, town.uids().len() as u64 + found.len() as u64);
}

fn query_texts(desk: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut query = desk.prepare(sql).expect("prepared");
    query.query_map([], |row| row.get(0)).expect("rows").map(Result::unwrap).collect()
}

#[test]
fn a_few_wait_for_days_that_a_wrong_clock_cannot_shorten_or_for_a_person() {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    let mix_in = |day: &str| kiosk.outbox().mix_in(Mixing::Due { day }).expect("mixed in");
    for round in 0..3 {
        kiosk.outbox().store(numbered(&kiosk, round, "draw")).expect("stored");
        // The same day again and again is one day; a jump there and back is two.
        let days = (0..100).map(|day| format!("20{:02}-11-24", day * 37 % 100));
        let waited = days
            .enumerate()
            .find(|(_, day)| (0..5).map(|_| mix_in(day)).sum::<usize>() > 0)
            .expect("not for ever");
        assert!(waited.0 <= usize::from(*DAYS.end()) + 1, "{} days", waited.0);
        assert!(round > 0 || waited.0 >= usize::from(*DAYS.start()), "{} days", waited.0);
    }
    kiosk.outbox().store(numbered(&kiosk, 4, "draw")).expect("stored");
    assert_eq!(kiosk.outbox().mix_in(Mixing::All), Ok(1));
    assert_eq!(kiosk.outbox().mix_in(Mixing::All), Ok(0));
    assert_eq!(kiosk.sync(&Line::good(&town)).expect("sent").stored, 8);
    assert_eq!(kiosk.outbox().status(None).expect("figures").unsynced, 0);
}

#[test]
fn an_old_copy_of_a_kiosk_and_faults_on_the_way_double_no_private_record() {
    let town = Town::new();
    let mut kiosk = Machine::enrolled(&town, "valby");
    for number in 0..12 {
        kiosk.outbox().store(numbered(&kiosk, number, "draw")).expect("stored");
    }
    kiosk.stop();
    let backup = copy_of(kiosk.folder.path());
    kiosk.start();
    let cut = kiosk.sync(&Line::with(&town, &[Fault::None, Fault::ReplyLost]));
    assert!(cut.is_err());
    kiosk.sync(&Line::with(&town, &[Fault::None, Fault::Twice])).expect("sent");
    // In the copy they still wait, and get other numbers.
    kiosk.stop();
    copy_files(backup.path(), kiosk.folder.path());
    kiosk.start();
    kiosk.outbox().store(numbered(&kiosk, 12, "draw")).expect("stored");
    kiosk.sync(&Line::good(&town)).expect("sent");
    let desk = rusqlite::Connection::open(town.central().path()).expect("opened");
    let bodies = query_texts(&desk, "SELECT body FROM private");
    let unique: HashSet<&String> = bodies.iter().collect();
    assert_eq!((bodies.len(), unique.len()), (13, 13));
    assert_eq!(town.central().audit().expect("audited").findings, []);
}

/// The same private record gets the same number in both copies, behind another response in each.
#[test]
fn a_record_that_waits_in_two_copies_hides_no_answer() {
    let town = Town::new();
    let mut kiosk = Machine::enrolled(&town, "valby");
    kiosk.outbox().store(numbered(&kiosk, 0, "draw")).expect("stored");
    kiosk.stop();
    let twin = Machine::at(copy_of(kiosk.folder.path()));
    kiosk.start();
    for machine in [&kiosk, &twin] {
        machine.store(Uid::random());
        machine.outbox().mix_in(Mixing::All).expect("mixed in");
    }
    assert_eq!(rows(&kiosk)[2].sealed, rows(&twin)[2].sealed);
    for machine in [&kiosk, &twin] {
        machine.sync(&Line::good(&town)).expect("sent");
    }
    let copies = &kiosk.everything() | &twin.everything();
    assert_eq!((town.everything(), copies.len()), (copies, 4));
}

#[test]
fn a_version_nobody_knows_yet_and_a_record_that_is_not_sound_are_set_aside() {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    let store = |version: &str, json: Option<&str>| {
        let sealed = kiosk.seal(Uid::random(), version, Kind::Private, json);
        kiosk.outbox().store(sealed).expect("stored");
    };
    store("v1", Some("{\"email\":\"a@b.dk\"}"));
    let uid = Uid::random();
    let record = Private {
        v: 1,
        uid: uid.to_string(),
        survey: "trafik".to_owned(),
        version: NEW_VERSION.to_owned(),
        answers: BTreeMap::new(),
    };
    let json = serde_json::to_string(&record).expect("JSON");
    kiosk.outbox().store(kiosk.seal(uid, NEW_VERSION, Kind::Private, Some(&json))).expect("stored");
    // Another uid inside than outside.
    store(NEW_VERSION, Some(&json));
    // A response that goes as a private record, to get around its own judge.
    let response = kiosk.seal(Uid::random(), "v1", Kind::Response, None);
    store("v1", Some(&serde_json::to_string(&crate::fleet::response(&response.label)).expect("J")));
    let report = kiosk.sync(&Line::good(&town)).expect("sent");
    assert_eq!((report.stored, report.quarantined), (0, 4));
    let mut definition = survey();
    definition.version = NEW_VERSION.to_owned();
    assert_eq!(town.central().register(&definition), Ok(true));
    assert_eq!(town.reception().retry_held(), Ok(1));
    let audit = town.central().audit().expect("audited");
    assert_eq!((audit.sums.stored, audit.sums.quarantined, audit.findings.len()), (1, 3, 0));
}

#[test]
fn the_central_judges_by_its_own_definition() {
    let folder = tempfile::tempdir().expect("a folder");
    let central = Arc::new(Central::create(folder.path(), Options::default()).expect("made"));
    let clock = Arc::new(FixedClock("2026-11-24T10:00:00Z".parse().expect("a time")));
    let definition = survey();
    let (_, private) = taken(&definition, FILLED);
    let body = serde_json::to_string(&private[0]).expect("JSON");
    let judge = Judge::new(central.clone(), clock, TimeZone::UTC);
    let say = |survey: &str, body: &str| judge.judge_private(survey, &definition.version, body);
    assert_eq!(say(SLUG, &body), Verdict::UnknownVersion);
    central.register(&definition).expect("registered");
    assert_eq!(say(SLUG, &body), Verdict::Private(Box::new(private[0].clone())));
    assert_eq!(say("trafik", &body), Verdict::Refused("other-survey".to_owned()));
    let bent = body.replace("\"anna@example.dk\"", "7");
    assert_eq!(say(SLUG, &bent), Verdict::Refused("unsound-answers".to_owned()));
}

#[test]
fn a_home_sends_once_and_staff_list_and_erase() {
    let desk = Desk::new();
    desk.says(&["central", "init"], 0);
    let folder = desk.path("data/central");
    let central = Arc::new(Central::open(&folder, Options::default()).expect("opened"));
    let definition = survey();
    central.register(&definition).expect("registered");
    let evaluation = evaluate(definition.base(), &fields(FILLED), &context());
    let apart = set_apart(definition.base(), &evaluation);
    let (response, _) = taken(&definition, FILLED);
    let homes = Homes {
        central: central.clone(),
        sealed_for: None,
        members: Arc::new(Members::open(&folder).expect("opened")),
        clock: Arc::new(SystemClock),
    };
    for _ in 0..3 {
        homes.store(&response, &apart, &definition).expect("stored");
    }
    let sums = central.audit().expect("audited").sums;
    assert_eq!((sums.received, sums.homes, sums.homes_private), (0, 1, 2));
    let json = desk.says(&["central", "private", SLUG, "--json"], 0);
    let listed: Vec<Private> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|record| record.uid != response.uid));
    let csv = desk.says(&["central", "private", SLUG, "--csv"], 0);
    assert!(csv.starts_with("question,answer,text\n"), "{csv}");
    assert!(csv.contains("contact,anna@example.dk,\n") && csv.contains("Cykel"), "{csv}");
    let warned = desk.run(&["central", "private", SLUG]);
    assert!(String::from_utf8_lossy(&warned.stderr).contains("personal data"));
    desk.says(&["central", "private", SLUG, "--erase"], 0);
    assert_eq!(desk.says(&["central", "private", SLUG, "--json"], 1).trim(), "[]");
    // Sent once more after all: the form is known, and nothing comes back.
    homes.store(&response, &apart, &definition).expect("known");
    desk.says(&["central", "private", SLUG, "--erase"], 1);
    assert_eq!(central.audit().expect("audited").sums, sums);
    desk.says(&["central", "audit"], 0);
    drop((homes, central));
    let bytes = std::fs::read(folder.join("central.db")).expect("read");
    assert!(!bytes.windows(5).any(|window| window == b"anna@"), "erased is gone from the file");
}

#[test]
fn what_was_erased_is_accounted_for_and_does_not_come_back() {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    for number in 0..10 {
        kiosk.outbox().store(numbered(&kiosk, number, "draw")).expect("stored");
    }
    let line = Line::good(&town);
    kiosk.sync(&line).expect("sent");
    let entry = borgerpanel::store::central::log::Entry {
        at: "2026-11-23T10:00:00Z".to_owned(),
        actor: "console".to_owned(),
        action: "erased-private",
        detail: "draw".to_owned(),
    };
    let erasure = borgerpanel::store::central::private::Erasure {
        reason: "used".to_owned(),
        day: "2026-11-23".to_owned(),
        by: "console".to_owned(),
    };
    assert_eq!(town.central().erase_private("draw", &erasure, &entry), Ok(10));
    for bundle in line.heard.borrow().iter() {
        town.reception().take(bundle).expect("a replay is no harm");
    }
    assert!(town.central().private("draw", &entry).expect("listed").is_empty());
    let audit = town.central().audit().expect("audited");
    assert_eq!((audit.sums.received, audit.sums.stored, audit.sums.erased), (20, 10, 10));
    assert_eq!(audit.findings, []);
}

fn sealed(kind: Kind, uid: Uid) -> Sealed {
    let key = borgerpanel::crypto::SealSecret::generate().public();
    let label = Label {
        kind,
        uid,
        survey: "draw".to_owned(),
        version: "v1".to_owned(),
        kiosk: "valby".to_owned(),
        epoch: Epoch([1; 16]),
    };
    envelope::seal(label, "{}", &[key]).expect("sealed")
}

#[test]
fn a_full_disk_keeps_a_form_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = Options { max_pages: Some(40) };
    let outbox = Outbox::open_with(folder.path(), small).expect("made");
    let mut count = 0;
    let refused = loop {
        let apart =
            vec![sealed(Kind::Private, Uid::random()), sealed(Kind::Private, Uid::random())];
        let form = Form { record: sealed(Kind::Response, Uid::random()), apart };
        match outbox.store(form) {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
        assert!(count < 1000, "40 pages do not hold this much");
    };
    assert_eq!(refused, StoreError::DiskFull);
    drop(outbox);
    let outbox = Outbox::open(folder.path()).expect("opened");
    let status = outbox.status(None).expect("figures");
    assert_eq!((status.stored, status.waiting), (3 * count, 2 * count));
    assert_eq!(outbox.mix_in(Mixing::All), Ok(2 * count as usize));
    assert_eq!(outbox.life().expect("a life").last, 3 * count, "the numbers have no gap");
}
