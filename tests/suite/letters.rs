//! Codes of letters at a kiosk without network, on real processes: the kiosk knows neither members nor codes, the
//! central decides when the answers come, and no table or backup has a code beside an answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use borgerpanel::clock::FixedClock;
use borgerpanel::crypto::Digest;
use borgerpanel::panel::code::Code;
use borgerpanel::response::{Circumstances, Context, Response, compose, evaluate};
use borgerpanel::server::chores::Chores;
use borgerpanel::store::central::fleet::Contact;
use borgerpanel::store::members::Members;
use borgerpanel::store::members::invitation::Invitee;
use borgerpanel::store::members::member::Moment;
use borgerpanel::store::record::{Epoch, Uid};
use borgerpanel::store::spool::{Spool, Waiting};
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::{Definition, Fields};
use borgerpanel::sync::{envelope, keys};
use rusqlite::Connection;
use serde_json::Value;

use crate::chain::{free_address, serve};
use crate::collecting::{encode, published};
use crate::panel::{Office, close, hidden, uid};
use crate::preview::{Running, fetch, get};

const OTHER: &str = "---\ntitle: Havnebad\nsample: panel\npanels: [kbh]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2099-01-01\nkeep_answers_months: 24\n---\n\n\
    ## Hvor ofte bader du i havnen? {#often required}\n\n- Hver dag {#daily}\n- Sjældnere {#rarely}\n\n\
    ## Må vi skrive til dig? {#contact email private}\n";

const ENGLISH: &str = "---\ntitle: Harbour baths\n---\n\n\
    ## How often do you swim in the harbour? {#often}\n\n- Every day {#daily}\n- Less often {#rarely}\n\n\
    ## May we write to you? {#contact}\n";

/// A kiosk of an office's central, in the same folder.
struct Kiosk<'o> {
    office: &'o Office,
    address: String,
}

impl Kiosk<'_> {
    /// Enrolled while the central runs.
    fn enrolled(office: &Office) -> Kiosk<'_> {
        let json = office.desk.says(&["central", "enroll", "valby", "--json"], 0);
        let reply: Value = serde_json::from_str(&json).expect("JSON");
        let (central, code) = (format!("http://{}", office.address), &reply["code"]);
        let code = code.as_str().expect("a code");
        office.desk.says(&["kiosk", "enroll", "--central", &central, "--code", code], 0);
        Kiosk { office, address: free_address() }
    }

    fn run(&self) -> Running {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        command.args(["kiosk", "run", "--listen", &self.address]);
        command.current_dir(self.office.desk.path(""));
        serve(command, &self.address)
    }

    fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    /// Posts a form: the status, and where it leads, or the page.
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let (host, body) = (&self.address, encode(&fields));
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close";
        let reply = fetch(
            host,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{kind}\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        );
        let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok());
        let place = reply.lines().find_map(|line| line.strip_prefix("Location: "));
        (status.expect("a status"), place.map_or(reply.clone(), str::to_owned))
    }

    /// Types a code in, opens the survey, answers it.
    fn answer(&self, code: &str, survey: &str, number: u32) {
        let (status, place) = self.post("/kode/", &[("code", code)]);
        assert_eq!(status, 303, "{code}: {place}");
        let page = self.get(&format!("{place}/{survey}/"));
        assert!(page.starts_with("HTTP/1.1 200"), "{place}: {page}");
        let (version, id) = (hidden(&page, "_v"), uid(number));
        let fields = [("_v", &*version), ("_id", &id), ("often", "daily"), ("contact", "a@b.dk")];
        let (status, place) = self.post(&format!("{place}/{survey}/"), &fields);
        assert_eq!((status, &*place), (303, &*format!("/s/{survey}/tak/")), "{code}");
    }
}

/// The codes of a letters' file.
fn codes(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("letters");
    let cell = |line: &str| line.split(';').nth(4).map(|cell| cell.trim_matches('"').to_owned());
    text.lines().skip(1).filter_map(cell).collect()
}

fn quarantined(office: &Office) -> BTreeMap<String, Vec<String>> {
    let json = office.desk.says(&["central", "quarantine", "list", "--json"], 0);
    let all: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in all {
        let text = |name: &str| one[name].as_str().expect("a text").to_owned();
        assert_eq!(text("kiosk"), "valby");
        by_reason.entry(text("reason")).or_default().push(text("id"));
    }
    by_reason
}

/// What the central's key opens of all that lies in `central.db`.
fn opened(office: &Office) -> Vec<String> {
    let data = office.desk.path("data/central");
    let central = Central::open(&data, Options::default()).expect("the central's database");
    let open = keys::load(&data).expect("the keys").open;
    let waiting = central.quarantine().expect("read").into_iter().map(|one| one.sealed);
    let sealed = central.sealed_after(None, 1000).expect("read").into_iter().map(|one| one.sealed);
    let all = waiting.chain(sealed);
    all.map(|sealed| envelope::open(&sealed, &open).expect("it opens")).collect()
}

fn spooled(office: &Office) -> Vec<String> {
    let spool = Connection::open(office.desk.path("data/central/spool.db")).expect("the spool");
    let mut query =
        spool.prepare("SELECT survey || ' ' || apart FROM waiting ORDER BY 1").expect("it");
    let rows = query.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

#[test]
fn codes_typed_in_at_a_kiosk_without_network_are_decided_by_the_central() {
    let office = Office::new();
    fs::write(office.desk.path("content/surveys/bad.md"), OTHER).expect("a survey");
    fs::write(office.desk.path("content/surveys/bad.en.md"), ENGLISH).expect("a survey");
    let central = office.run();
    for number in 0..9 {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker", "--letters", "parker.csv"], 0);
    let codes = codes(&office.desk.path("parker.csv"));
    assert_eq!(codes.len(), 9);
    let kiosk = Kiosk::enrolled(&office);
    let running = kiosk.run();
    drop(central);

    // The way in, from the first screen, in both languages; what is no code is told at once.
    assert!(kiosk.get("/kiosk/").contains("href=\"/kode/\""));
    assert!(kiosk.get("/kode/").contains("Vi tjekker den, når terminalen har sendt dit svar"));
    assert!(kiosk.get("/en/kode/").contains("We check it once this kiosk has sent your answer"));
    let bent = if codes[0].starts_with('0') { "1" } else { "0" }.to_owned() + &codes[0][1..];
    assert_eq!(kiosk.post("/kode/", &[("code", &bent)]).0, 422);
    assert_eq!(kiosk.post("/i/1234567890/parker/", &[]).0, 404);
    // Nobody here knows which survey a code is for, so it is asked.
    let plain = codes[0].replace('-', "");
    let page = kiosk.get(&format!("/i/{plain}"));
    assert!(page.contains("Hvilken undersøgelse står i dit brev?"), "{page}");
    for survey in ["parker", "bad"] {
        assert!(page.contains(&format!("href=\"/i/{plain}/{survey}/\"")), "{page}");
    }
    let page = kiosk.get(&format!("/en/i/{plain}"));
    assert!(page.contains(&format!("href=\"/en/i/{plain}/bad/\"")), "{page}");
    let page = kiosk.get(&format!("/i/{plain}/parker/"));
    assert!(page.contains("Hvor ofte går du i parken?") && !page.contains("bydel"), "{page}");
    assert!(kiosk.get(&format!("/i/{plain}/groenne-omraader/")).starts_with("HTTP/1.1 404"));
    assert!(kiosk.get("/s/parker/").starts_with("HTTP/1.1 404"), "not without a code");
    assert!(kiosk.get("/s/parker/tak/").contains("Tak"), "but everybody may be thanked");

    kiosk.answer(&codes[0].to_lowercase(), "parker", 1);
    kiosk.answer(&codes[0], "parker", 2);
    kiosk.answer(&codes[1], "bad", 3);
    kiosk.answer(&codes[1], "parker", 4);
    let unknown = Code::of([7; 5]);
    assert!(codes.iter().all(|code| *code != unknown.to_string()));
    kiosk.answer(&unknown.plain(), "parker", 5);
    for (number, code) in (13..).zip(&codes[3..8]) {
        kiosk.answer(code, "parker", number);
    }
    drop(running);
    office.desk.says(&["kiosk", "export", "stick"], 0);
    let central = office.run();
    // Somebody was quicker at home.
    let (status, reply) = office.answer(&codes[2].replace('-', ""), &uid(100));
    assert_eq!(status, 303, "{reply}");
    assert!(office.get("/s/parker/tak/").starts_with("HTTP/1.1 200"), "and is thanked");
    let running = kiosk.run();
    kiosk.answer(&codes[2], "parker", 6);
    drop(running);
    for _ in 0..2 {
        office.desk.says(&["kiosk", "sync", "--all"], 0);
        // The same once more, by another road.
        office.desk.says(&["central", "import", "stick"], 0);
        let reasons: Vec<(String, usize)> =
            quarantined(&office).into_iter().map(|(why, ids)| (why, ids.len())).collect();
        let wanted = [("code-of-other-survey", 1), ("unknown-code", 1), ("used-code", 2)];
        assert_eq!(reasons, wanted.map(|(why, count)| (why.to_owned(), count)));
        // The first of two uses, the second try of the second code, the home's, and five others.
        assert_eq!(spooled(&office), vec!["parker []"; 8]);
    }
    assert!(office.texts("SELECT uid FROM response").is_empty(), "they wait in the spool");
    assert!(office.texts("SELECT uid FROM private").is_empty());
    // Nothing that the central's key opens names a letter, nor does the database as it lies there.
    let database = ["central.db", "central.db-wal"]
        .map(|name| fs::read(office.desk.path("data/central").join(name)).unwrap_or_default());
    let all = opened(&office);
    assert_eq!(all.len(), 4, "what is in quarantine, and nothing else");
    for code in codes.iter().map(|code| code.replace('-', "")).chain([unknown.plain()]) {
        assert!(all.iter().all(|body| !body.contains(&code)), "{all:?}");
        let is_in = |file: &Vec<u8>| file.windows(code.len()).any(|part| part == code.as_bytes());
        assert!(!database.iter().any(is_in));
    }
    // What does not count is not stored by a person's word either; it can be thrown away.
    let (_, ids) = quarantined(&office).pop_last().expect("used codes");
    let told = office.desk.says(&["central", "quarantine", "accept", &ids[0]], 1);
    assert!(told.contains("used-code") && told.contains("reject"), "{told}");
    office.desk.says(&["central", "quarantine", "reject", &ids[0]], 0);
    let told = office.desk.says(&["central", "audit"], 0);
    assert!(told.contains("quarantined 3"), "{told}");

    // One is answered before the end, and comes when the answers have been parted.
    let running = kiosk.run();
    drop(central);
    kiosk.answer(&codes[8], "parker", 7);
    drop(running);
    close(&office, office.run());
    let central = office.run();
    office.desk.says(&["kiosk", "sync", "--all"], 0);
    assert_eq!(quarantined(&office)["late-code"].len(), 1);
    assert!(opened(&office).iter().all(|body| !body.contains(&codes[8].replace('-', ""))));
    let rows = office.texts("SELECT body FROM response");
    assert_eq!(rows.len(), 8);
    let numbers: Vec<String> = (0..200).map(uid).collect();
    for body in &rows {
        assert!(
            numbers.iter().all(|number| !body.contains(number)),
            "under another number: {body}"
        );
        let alike = ["\"channel\":\"web\"", "\"invited\":true", "valby", "2026-01-02"];
        assert!(alike.iter().all(|part| body.contains(part)), "{body}");
        assert!(!body.contains("\"kiosk\""), "not where: {body}");
    }
    let told = office.desk.says(&["central", "audit"], 0);
    assert!(told.contains("quarantined 4"), "{told}");
    drop(central);
}

#[test]
fn where_one_survey_is_open_a_code_leads_to_it_and_half_an_answer_is_none() {
    let office = Office::new();
    let central = office.run();
    let kiosk = Kiosk::enrolled(&office);
    let running = kiosk.run();
    let code = Code::of([9; 5]).plain();
    let (status, place) = kiosk.post("/kode/", &[("code", &code)]);
    assert_eq!((status, &*place), (303, &*format!("/i/{code}")));
    let page = kiosk.get(&place);
    assert!(page.contains(&format!("Location: /i/{code}/parker/")), "{page}");
    // The other language keeps the code, and stores nothing.
    let page = kiosk.get(&format!("/i/{code}/parker/"));
    let version = hidden(&page, "_v");
    let fields = [("_v", &*version), ("often", "daily"), ("_switch", "en")];
    let (status, page) = kiosk.post(&format!("/i/{code}/parker/"), &fields);
    assert!(status == 200 && page.contains("How often do you go to the park?"), "{page}");
    let (status, page) = kiosk.post(&format!("/i/{code}/parker/"), &[("_v", &version)]);
    assert!(status == 422 && page.contains("Hvor ofte går du i parken?"), "{page}");
    let status = office.desk.says(&["kiosk", "status", "--json"], 0);
    assert!(status.contains("\"stored\":0") || status.contains("\"stored\": 0"), "{status}");
    drop((running, central));
}

#[test]
fn an_answer_whose_survey_version_is_unknown_waits_and_keeps_its_code_until_it_is_known() {
    let office = Office::new();
    let central = office.run();
    for number in 0..2 {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker", "--letters", "parker.csv"], 0);
    let codes = codes(&office.desk.path("parker.csv"));
    let kiosk = Kiosk::enrolled(&office);
    drop(central);
    let running = kiosk.run();
    kiosk.answer(&codes[0], "parker", 1);
    kiosk.answer(&codes[0], "parker", 2);
    drop(running);
    // A central that was set up anew, with another wording, and never built this one.
    let survey = office.desk.path("content/surveys/parker.md");
    let text = fs::read_to_string(&survey).expect("the survey");
    fs::write(&survey, text.replace("i parken", "i en park")).expect("written");
    for folder in ["site", "versions"] {
        fs::remove_dir_all(office.desk.path("data/central").join(folder)).expect("what was built");
    }
    let database = Connection::open(office.desk.path("data/central/central.db")).expect("it");
    database.execute("DELETE FROM survey_version", []).expect("forgotten");
    let import = |stick: &str| {
        office.desk.says(&["kiosk", "export", stick], 0);
        office.desk.says(&["central", "import", stick], 0)
    };
    import("stick");
    assert_eq!(quarantined(&office)["unknown-version"].len(), 2);
    assert!(spooled(&office).is_empty());
    fs::write(&survey, text).expect("written");
    office.desk.says(&["central", "release"], 0);
    assert_eq!(spooled(&office), ["parker []"]);
    let left = quarantined(&office);
    assert_eq!(left.into_keys().collect::<Vec<_>>(), ["used-code"], "of two uses one counts");
    let plain = codes[0].replace('-', "");
    assert!(opened(&office).iter().all(|body| !body.contains(&plain)));
    import("stick-again");
    assert_eq!(spooled(&office), ["parker []"]);
    office.desk.says(&["central", "audit"], 0);
}

fn response(definition: &Definition) -> Response {
    let context = Context { today: "2026-05-30".to_owned(), channel: "kiosk".to_owned() };
    let fields = Fields(vec![("often".to_owned(), "daily".to_owned())]);
    let survey = definition.base();
    let evaluation = evaluate(survey, &fields, &context);
    let about = Circumstances {
        uid: Uid::random().to_string(),
        kiosk: None,
        lang: "da".to_owned(),
        duration_s: None,
        shown: BTreeMap::new(),
        context,
    };
    compose(survey, &evaluation, about, &[])
}

#[test]
fn answers_are_not_parted_before_kiosks_have_said_that_they_have_sent_all() {
    let office = Office::new();
    let running = office.run();
    assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303);
    office.confirm_all();
    drop(running);
    let survey = office.desk.path("content/surveys/parker.md");
    let text = fs::read_to_string(&survey).expect("the survey");
    fs::write(&survey, text.replace("2099-01-01", "2026-06-01")).expect("written");
    let out = tempfile::tempdir().expect("a folder");
    let published = published(&office.desk.path("content"), out.path());
    let data = office.desk.path("data/central");
    let central = Arc::new(Central::open(&data, Options::default()).expect("a central"));
    let members = Arc::new(Members::open(&data).expect("the panel"));
    let spool = Arc::new(Spool::open(&data).expect("the spool"));
    let member = members.all().expect("read").remove(0).id;
    let code = Code::of([1; 5]);
    let invitee = Invitee {
        member,
        panel: "kbh".to_owned(),
        code: Some(Digest::of(code.plain().as_bytes())),
    };
    let at = Moment { day: "2026-05-01", now: 0 };
    members.invite("parker", &[invitee], at).expect("invited");
    let invitation = members.invited("parker").expect("read").remove(0).id;
    let definition = published.site.survey("parker").expect("the survey");
    let response = response(definition);
    let waiting = Waiting {
        invitation,
        uid: Uid::random(),
        survey: "parker".to_owned(),
        structure: definition.structure.clone(),
        response: serde_json::to_string(&response).expect("JSON"),
        apart: "[]".to_owned(),
    };
    spool.store(&waiting).expect("stored");
    let database = Connection::open(data.join("central.db")).expect("the database");
    database.execute("INSERT INTO kiosk (name) VALUES ('valby')", []).expect("a kiosk");
    let key = "INSERT INTO kiosk_key (id, kiosk, key, enrolled)
               VALUES (zeroblob(8), 'valby', 'k', '2026-01-01')";
    database.execute(key, []).expect("its key");
    let seen = |moment: &str| {
        let contact = Contact {
            kiosk: "valby".to_owned(),
            epoch: Epoch([1; 16]),
            last: 0,
            skew_s: 0,
            told: None,
            at: moment.to_owned(),
        };
        central.note_contact(&contact).expect("noted");
    };
    let waits = |moment: &str| {
        let clock = Arc::new(FixedClock(moment.parse().expect("a moment")));
        let (central, members, spool) = (central.clone(), members.clone(), spool.clone());
        let chores = Chores { central, members, spool: spool.clone(), open: Vec::new(), clock };
        chores.close_over(&published).expect("done");
        spool.has(invitation).expect("read")
    };
    // The last day ends at ten in the evening by this clock.
    seen("2026-06-01T21:59:00Z");
    assert!(waits("2026-06-01T22:30:00Z"), "the kiosk has not spoken since");
    assert!(waits("2026-06-08T21:00:00Z"), "seven days");
    seen("2026-06-01T22:00:01Z");
    assert!(!waits("2026-06-01T22:30:00Z"), "it has, and has nothing left");
    // The same of a kiosk that never speaks again.
    spool.store(&waiting).expect("stored");
    seen("2026-05-01T00:00:00Z");
    assert!(!waits("2026-06-08T22:00:01Z"), "nobody is waited for any longer");
}
