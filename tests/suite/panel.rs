//! The panel, from an empty machine to answers in the central's database: the real commands and a real
//! central, a survey by invitation, tokens as they stand in mails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use borgerpanel::store::members::Members;
use borgerpanel::store::members::outgoing::Due;
use rusqlite::Connection;

use crate::authors::Desk;
use crate::chain::{free_address, serve};
use crate::collecting::encode;
use crate::postbox::{Mail, Postbox};
use crate::preview::{Running, fetch, get};

const SURVEY: &str = "---\ntitle: Parker\nsample: panel\npanels: [kbh]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2099-01-01\nkeep_answers_months: 24\n---\n\n\
    ## Hvor ofte går du i parken? {#often required}\n\n- Hver dag {#daily}\n- Sjældnere {#rarely}\n\n\
    ## Hvor mange gange i år? {#times number min=0 max=999}\n";
const ENGLISH: &str = "---\ntitle: Parks\n---\n\n\
    ## How often do you go to the park? {#often}\n\n- Every day {#daily}\n- Less often {#rarely}\n\n\
    ## How many times this year? {#times}\n";

/// A central with members, and a survey they can be invited to.
pub struct Office {
    pub desk: Desk,
    pub address: String,
}

impl Office {
    pub fn new() -> Office {
        let desk = Desk::new();
        fs::write(desk.path("content/surveys/parker.md"), SURVEY).expect("a survey");
        fs::write(desk.path("content/surveys/parker.en.md"), ENGLISH).expect("a survey");
        desk.says(&["central", "init"], 0);
        Office { desk, address: free_address() }
    }

    pub fn run(&self) -> Running {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        command.args(["central", "run", "--listen", &self.address]).current_dir(self.desk.path(""));
        serve(command, &self.address)
    }

    pub fn members(&self) -> Members {
        Members::open(&self.desk.path("data/central")).expect("the panel's database")
    }

    /// The mails that wait, by template.
    pub fn mails(&self) -> BTreeMap<String, Vec<Due>> {
        let members = self.members();
        let mut mails: BTreeMap<String, Vec<Due>> = BTreeMap::new();
        while let Some(due) = members.next_mail(i64::MAX).expect("read") {
            members.mail_handing_over(due.id).expect("noted");
            members.mail_sent(due.id, "2026-11-27").expect("noted");
            mails.entry(due.name.clone()).or_default().push(due);
        }
        mails
    }

    /// Posts a form to one of the central's pages: the status, and the whole reply.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let (host, body) = (&self.address, encode(&fields));
        let length = body.len();
        let reply = fetch(
            host,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: \
                 application/x-www-form-urlencoded\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n\r\n{body}"
            ),
        );
        let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), reply)
    }

    pub fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    /// Signs somebody up, by the form.
    pub fn sign_up(&self, email: &str, born: &str, district: &str) -> u16 {
        let page = self.get("/panel/kbh/");
        let version = hidden(&page, "_v");
        self.post(
            "/panel/kbh/",
            &[
                ("_v", &version),
                ("_id", &borgerpanel::crypto::hex(&borgerpanel::crypto::random::<16>())),
                ("email", email),
                ("born", born),
                ("old-enough", "yes"),
                ("keep", "yes"),
                ("district", district),
                ("gender", "female"),
            ],
        )
        .0
    }

    /// Confirms all that wait to be.
    pub fn confirm_all(&self) {
        for mail in self.mails().remove("confirm").unwrap_or_default() {
            let path = format!("/panel/confirm/{}", mail.token.expect("a link").to_hex());
            assert_eq!(self.post(&path, &[]).0, 200);
        }
    }

    /// Answers the survey by an invitation's token.
    pub fn answer(&self, token: &str, uid: &str) -> (u16, String) {
        self.answer_with(token, uid, "", "da")
    }

    /// With an answer that is nobody else's, in this language.
    pub fn answer_with(&self, token: &str, uid: &str, times: &str, lang: &str) -> (u16, String) {
        let version = self.version();
        let (id, d) = (uid, "95");
        let fields =
            [("_v", &*version), ("_id", id), ("_d", d), ("often", "daily"), ("times", times)];
        self.post(&format!("/i/{token}"), &[&fields[..], &[("_lang", lang)]].concat())
    }

    fn version(&self) -> String {
        self.texts("SELECT version FROM survey_version WHERE survey = 'parker'")[0].clone()
    }

    pub fn texts(&self, sql: &str) -> Vec<String> {
        let path = self.desk.path("data/central/central.db");
        let database = Connection::open(path).expect("the central's database");
        let mut query = database.prepare(sql).expect("a query");
        let rows = query.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    }
}

/// The value of a hidden field in a page.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let value = page.split_once(&mark).map(|(_, rest)| rest.split('"').next().unwrap_or_default());
    value.unwrap_or_default().to_owned()
}

pub fn uid(number: u32) -> String {
    format!("{number:032x}")
}

#[test]
fn members_sign_up_confirm_are_invited_answer_and_are_parted_from_their_answers() {
    let office = Office::new();
    let running = office.run();
    for number in 0..12 {
        let email = format!("medlem{number}@example.dk");
        assert_eq!(office.sign_up(&email, "1970", "valby"), 303);
    }
    assert_eq!(office.sign_up("medlem0@example.dk", "1970", "valby"), 303, "twice is fine");
    office.confirm_all();
    let list = office.desk.says(&["panel", "list"], 0);
    assert!(list.contains("kbh: 12 members, 0 not confirmed"), "{list}");

    let told = office.desk.says(&["invite", "parker", "--dry-run"], 0);
    assert!(told.contains("12 would be invited"), "{told}");
    assert!(office.mails().is_empty(), "a dry run sends nothing");
    let told = office.desk.says(&["invite", "parker", "--size", "10"], 0);
    assert!(told.contains("10 are invited"), "{told}");
    let told = office.desk.says(&["invite", "parker"], 0);
    assert!(told.contains("2 are invited"), "{told}");
    office.desk.says(&["invite", "parker"], 1);
    let invitations = office.mails().remove("invitation").expect("mails");
    assert_eq!(invitations.len(), 12);
    let tokens: Vec<String> =
        invitations.iter().map(|one| one.token.expect("a link").to_hex()).collect();

    let page = office.get(&format!("/i/{}", tokens[0]));
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Hvor ofte går du i parken?"));
    assert!(page.contains("Dine svar er fortrolige") && !page.contains("bydel"), "{page}");
    for (number, token) in tokens.iter().enumerate().take(8) {
        assert_eq!(office.answer(token, &uid(number as u32)).0, 303);
        assert_eq!(office.answer(token, &uid(number as u32)).0, 303, "the same form again");
        assert_eq!(office.answer(token, &uid(1000)).0, 409, "another answer");
        assert!(office.get(&format!("/i/{token}")).starts_with("HTTP/1.1 409"));
    }
    assert!(office.texts("SELECT uid FROM response").is_empty(), "they wait in the spool");
    let told = office.desk.says(&["invite", "parker", "--remind"], 0);
    assert!(told.contains("4 will be reminded"), "{told}");
    let told = office.desk.says(&["invite", "parker", "--remind"], 1);
    assert!(told.contains("0 will be reminded"), "once a day: {told}");

    close(&office, running);
    let rows = office.texts("SELECT body FROM response");
    assert_eq!(rows.len(), 8);
    for body in &rows {
        assert!(
            body.contains("\"invited\":true") && body.contains("\"day\":\"2026-01-02\""),
            "{body}"
        );
        assert!(body.contains("valby") && body.contains("55-64"), "twelve alike hide each other");
        assert!((0..8).all(|number| !body.contains(&uid(number))), "under another number");
    }
    office.desk.says(&["central", "audit"], 0);
}

/// Closes the survey, and waits until its answers are where they belong.
pub fn close(office: &Office, running: Running) {
    drop(running);
    let path = office.desk.path("content/surveys/parker.md");
    let text = fs::read_to_string(&path).expect("the survey");
    fs::write(&path, text.replace("2099-01-01", "2026-01-02")).expect("written");
    let running = office.run();
    let spool = Connection::open(office.desk.path("data/central/spool.db")).expect("the spool");
    let left = || -> i64 {
        spool.query_row("SELECT count(*) FROM waiting", [], |row| row.get(0)).expect("a number")
    };
    let begun = Instant::now();
    while left() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing left the spool");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(running);
}

impl Office {
    /// Mails are handed in at this server.
    pub fn mails_to(&self, postbox: &Postbox) {
        let settings = format!(
            "[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
             from = \"Borgerpanelet <panel@example.dk>\"\nper_minute = 60000\n",
            postbox.port
        );
        fs::write(self.desk.path("data/central/central.toml"), settings).expect("settings");
    }
}

/// The link of a mail that leads to this page, without the host.
fn link(mail: &Mail, page: &str) -> String {
    let links = mail.links();
    let found = links.iter().find_map(|link| Some(&link[link.find(page)?..]));
    found.unwrap_or_else(|| panic!("no {page} in {links:?}: {}", mail.text())).to_owned()
}

fn about(mails: &[Mail], page: &str) -> Vec<Mail> {
    mails.iter().filter(|mail| mail.text().contains(page)).cloned().collect()
}

/// From an empty machine: three hundred people sign up by the form, confirm by a mail of a real server, are
/// invited by target, answer by token; the rest is reminded; the survey closes and is published.
#[test]
fn three_hundred_members_from_the_form_to_their_answers() {
    let office = Office::new();
    let path = office.desk.path("content/surveys/parker.md");
    let text = fs::read_to_string(&path).expect("the survey");
    let targeted =
        text.replace("panels: [kbh]", "panels: [kbh]\ntarget: district in (valby, vanloese)");
    fs::write(&path, targeted).expect("written");
    let postbox = Postbox::open();
    office.mails_to(&postbox);
    let running = office.run();
    let districts = ["valby", "vanloese", "oesterbro"];
    std::thread::scope(|scope| {
        for share in 0..4 {
            let office = &office;
            scope.spawn(move || {
                for number in (share..303).step_by(4) {
                    let district = districts[number % 3];
                    let (email, born) = (format!("m{number}@example.dk"), 1940 + number % 60);
                    assert_eq!(office.sign_up(&email, &born.to_string(), district), 303);
                }
            });
        }
    });
    let mails = postbox.wait_for(303);
    for mail in &mails {
        assert_eq!(office.get(&link(mail, "/panel/confirm/")).matches("Er du klar").count(), 2);
        assert_eq!(office.post(&link(mail, "/panel/confirm/"), &[]).0, 200);
    }
    let told = office.desk.says(&["invite", "parker"], 0);
    assert!(told.contains("202 are invited"), "{told}");
    let mails = about(&postbox.wait_for(505), "/i/");
    let to: BTreeSet<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!((to.len(), mails.len()), (202, 202), "one each");
    assert!(mails.iter().all(|mail| mail.header("List-Unsubscribe-Post").contains("One-Click")));
    for (number, mail) in mails.iter().enumerate().take(120) {
        let token = link(mail, "/i/").trim_start_matches("/i/").to_owned();
        assert_eq!(office.answer(&token, &uid(number as u32)).0, 303);
    }
    let told = office.desk.says(&["invite", "parker", "--remind"], 0);
    assert!(told.contains("202 were invited, 82 will be reminded"), "{told}");
    let reminders = postbox.wait_for(587)[505..].to_vec();
    let answered: BTreeSet<&str> = mails[..120].iter().map(|mail| mail.to.as_str()).collect();
    assert!(reminders.iter().all(|mail| !answered.contains(mail.to.as_str())));
    // Either token of the two answers once.
    let token = link(&reminders[0], "/i/").trim_start_matches("/i/").to_owned();
    assert_eq!(office.answer(&token, &uid(900)).0, 303);
    let first = mails.iter().find(|mail| mail.to == reminders[0].to).expect("invited");
    let token = link(first, "/i/").trim_start_matches("/i/").to_owned();
    assert_eq!(office.answer(&token, &uid(901)).0, 409);
    // One press in a mail program: no origin, no form.
    let leave = link(&reminders[1], "/panel/stop/");
    assert!(office.get(&leave).starts_with("HTTP/1.1 200"));
    assert_eq!(office.post(&leave, &[("List-Unsubscribe", "One-Click")]).0, 200);
    let list = office.desk.says(&["panel", "list"], 0);
    assert!(list.contains("kbh: 302 members"), "{list}");
    close(&office, running);
    assert_eq!(office.texts("SELECT body FROM response").len(), 121);
    let backgrounds = office.texts("SELECT background FROM response");
    for own in &backgrounds {
        let alike = backgrounds.iter().filter(|other| *other == own).count();
        assert!(alike >= 5, "{own} is shared by {alike}");
    }
    office.desk.says(&["central", "audit"], 0);
    publish(&office);
}

/// Publishes the survey, and looks at what everybody can see of it.
fn publish(office: &Office) {
    fs::create_dir_all(office.desk.path("content/results")).expect("a folder");
    let found = "- Alle går i parken hver dag.\n\n## Det gør kommunen\n\nVi sætter bænke op.\n";
    fs::write(office.desk.path("content/results/parker.md"), found).expect("written");
    let told = office.desk.says(&["results", "parker", "--out", "content/results/parker"], 0);
    assert!(told.contains("121 answers count"), "{told}");
    office.desk.says(&["results", "audit", "content/results/parker"], 0);
    office.desk.says(&["build", "--out", "public"], 0);
    let page = fs::read_to_string(office.desk.path("public/r/parker/index.html")).expect("a page");
    for said in ["121 af 201 inviterede", "Alle går i parken hver dag.", "Vi sætter bænke op."] {
        assert!(page.contains(said), "no {said}");
    }
    let data = office.desk.path("public/r/parker/data/results.csv");
    let data = fs::read_to_string(data).expect("data");
    assert!(data.contains("parker,often,,daily,,,120,percent,") && !data.contains(",district,"));
}

#[test]
fn killing_the_central_while_it_sends_doubles_no_mail_and_forgets_none() {
    const MEMBERS: usize = 60;
    let office = Office::new();
    let postbox = Postbox::open();
    office.mails_to(&postbox);
    let mut running = office.run();
    for number in 0..MEMBERS {
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", "valby"), 303);
    }
    for mail in postbox.wait_for(MEMBERS) {
        office.post(&link(&mail, "/panel/confirm/"), &[]);
    }
    office.desk.says(&["invite", "parker"], 0);
    let seed = std::env::var("BORGERPANEL_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("BORGERPANEL_SEED={seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    for _ in 0..6 {
        let before = postbox.mails().len();
        let begun = Instant::now();
        while postbox.mails().len() < before + rng.usize(1..8)
            && begun.elapsed() < Duration::from_secs(12)
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Killed with -9.
        drop(running);
        running = office.run();
    }
    let members = office.members();
    let begun = Instant::now();
    while members.post(Some("parker")).expect("read").queued > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "not all are sent");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(running);
    let mails = about(&postbox.mails(), "/i/");
    let to: BTreeSet<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to.len(), mails.len(), "nobody got it twice");
    let post = members.post(Some("parker")).expect("read");
    assert_eq!(post.sent + post.unsure, MEMBERS as u64, "every mail is accounted for");
    assert!(to.len() as u64 >= post.sent, "what is called sent has arrived");
    assert!(post.unsure <= 6, "no more than one a crash is unsure");
    if post.unsure > 0 {
        let told = office.desk.says(&["invite", "parker", "--unsure"], 0);
        assert!(told.contains("go once more"), "{told}");
    }
}

/// Every file below a folder in which this stands.
fn files_with(folder: &std::path::Path, what: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, what));
        } else if fs::read(&path)
            .unwrap_or_default()
            .windows(what.len())
            .any(|part| part.eq_ignore_ascii_case(what.as_bytes()))
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn who_leaves_is_in_no_file_any_more_and_no_backup_brings_them_back() {
    let office = Office::new();
    let has_age = crate::backup::has_age();
    if has_age {
        let public = crate::backup::key_in(&office.desk, "safe");
        let settings = format!("[backup]\nrecipients = [\"{public}\"]\n");
        fs::write(office.desk.path("data/central/central.toml"), settings).expect("settings");
    }
    let running = office.run();
    for (email, born) in [("anna.blom@example.dk", "1960"), ("bo.holm@example.dk", "1961")] {
        assert_eq!(office.sign_up(email, born, "valby"), 303);
    }
    office.confirm_all();
    if has_age {
        office.desk.says(&["central", "backup", "night.age"], 0);
    }
    office.desk.says(&["invite", "parker"], 0);
    assert_eq!(office.post("/panel/me/", &[("email", "anna.blom@example.dk")]).0, 200);
    let mails = office.mails();
    let me = format!("/panel/me/{}", mails["me"][0].token.expect("a link").to_hex());
    let page = office.get(&me);
    assert!(page.contains("anna.blom@example.dk") && page.contains("value=\"1960\""), "{page}");
    let (status, copy) = office.post(&me, &[("do", "copy")]);
    assert!(status == 200 && copy.contains("attachment") && copy.contains("\"birth_year\": 1960"));
    let year = [("do", "save"), ("birth-year", "2020"), ("lang", "en")];
    assert_eq!(office.post(&me, &year).0, 422, "too young");
    let year = [("do", "save"), ("birth-year", "1959"), ("lang", "en"), ("district", "vanloese")];
    assert_eq!(office.post(&me, &year).0, 200);
    let shown = office.desk.says(&["panel", "show", "anna.blom@example.dk"], 0);
    assert!(shown.contains("1959") && shown.contains("vanloese") && shown.contains("\"en\""));
    assert_eq!(office.post(&me, &[("do", "erase")]).0, 200, "it asks whether one is sure");
    office.desk.says(&["panel", "show", "anna.blom@example.dk"], 0);
    assert_eq!(office.post(&me, &[("do", "erase"), ("sure", "yes")]).0, 200);
    assert!(office.get(&me).starts_with("HTTP/1.1 404"));
    office.desk.says(&["panel", "show", "anna.blom@example.dk"], 1);
    office.desk.says(&["panel", "erase", "bo.holm@example.dk"], 0);
    drop(running);
    let data = office.desk.path("data");
    for name in ["anna.blom", "bo.holm"] {
        assert_eq!(files_with(&data, name), Vec::<std::path::PathBuf>::new(), "{name}");
    }
    let log = office.texts("SELECT action FROM audit_log");
    assert!(log.iter().any(|action| action == "member-erased"));
    if has_age {
        let roll = office.desk.path("erased.jsonl");
        fs::copy(office.desk.path("data/central/erased.jsonl"), &roll).expect("kept");
        fs::remove_dir_all(office.desk.path("data/central")).expect("the disk died");
        let args = ["central", "restore", "night.age", "--identity", "safe"];
        let told = office.desk.says(&[&args[..], &["--erased", "erased.jsonl"]].concat(), 0);
        assert!(told.contains("restored"), "{told}");
        let list = office.desk.says(&["panel", "list"], 0);
        assert!(list.contains("nobody has signed up"), "{list}");
        let left = files_with(&office.desk.path("data/central"), "anna.blom");
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn what_cannot_be_is_said_kindly_and_nobody_learns_who_is_a_member() {
    let office = Office::new();
    let running = office.run();
    assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303);
    office.confirm_all();
    assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303, "the same page");
    assert_eq!(office.mails()["known"].len(), 1, "and another mail");
    for (email, born) in [
        ("anna", "1970"),
        ("anna@nowhere", "1970"),
        ("bo@example.dk", "2090"),
        ("bo@example.dk", "2020"),
    ] {
        assert_eq!(office.sign_up(email, born, "valby"), 422, "{email} {born}");
    }
    for email in ["anna@example.dk", "nobody@example.dk"] {
        let (status, page) = office.post("/panel/me/", &[("email", email)]);
        assert!(status == 200 && page.contains("Er du medlem, har vi sendt dig en mail"), "{page}");
    }
    assert_eq!(office.post("/panel/me/", &[("email", "nobody")]).0, 422);
    for path in [
        "/panel/me/00000000000000000000000000000000",
        "/panel/confirm/00000000000000000000000000000000",
        "/panel/confirm/x",
        "/panel/stop/00000000000000000000000000000000/kbh",
        "/i/00000000000000000000000000000000",
        "/i/7K3M9-2QXT4",
        "/panel/nowhere/",
    ] {
        assert!(office.get(path).starts_with("HTTP/1.1 404"), "{path}");
        assert!([404, 405].contains(&office.post(path, &[("often", "daily")]).0), "{path}");
    }
    // Somebody else writes other things under an address: the first mail vouches for nothing any more.
    assert_eq!(office.sign_up("eva@example.dk", "1970", "valby"), 303);
    assert_eq!(office.sign_up("EVA@example.dk", "1950", "vanloese"), 303);
    let mails = office.mails().remove("confirm").expect("two mails");
    let links = mails.iter().map(|one| one.token.expect("a link").to_hex());
    let told: Vec<u16> =
        links.map(|token| office.post(&format!("/panel/confirm/{token}"), &[]).0).collect();
    assert!(told.contains(&404) && told.contains(&200), "{told:?}");
    office.desk.says(&["panel", "erase", "eva@example.dk"], 0);
    // Three mails a day, whoever asks for them.
    for _ in 0..5 {
        assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303);
    }
    assert!(office.mails().values().map(Vec::len).sum::<usize>() <= 2);
    // A mail scanner that opens every link changes nothing.
    assert_eq!(office.sign_up("ida@example.dk", "1980", "valby"), 303);
    let mails = office.mails();
    let confirm = format!("/panel/confirm/{}", mails["confirm"][0].token.expect("a link").to_hex());
    for _ in 0..3 {
        assert!(office.get(&confirm).starts_with("HTTP/1.1 200"));
    }
    let list = office.desk.says(&["panel", "list"], 0);
    assert!(list.contains("kbh: 1 members, 1 not confirmed"), "{list}");
    drop(running);
}

#[test]
fn who_left_the_panel_that_invited_them_is_not_reminded() {
    let office = Office::new();
    let running = office.run();
    for email in ["anna@example.dk", "bo@example.dk"] {
        assert_eq!(office.sign_up(email, "1970", "valby"), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker"], 0);
    assert_eq!(office.mails()["invitation"].len(), 2);
    let (members, today) = (office.members(), jiff::Timestamp::now().to_string()[..10].to_owned());
    let email = borgerpanel::panel::email::Email::read("anna@example.dk").expect("an address");
    let anna = members.by_email(&email).expect("read").expect("a member");
    members.join(anna.id, "oesterbro", "1", &today).expect("joined");
    let stop = format!("/panel/stop/{}/kbh", anna.stop.to_hex());
    assert_eq!(office.post(&stop, &[]).0, 200, "one press");
    let told = office.desk.says(&["invite", "parker", "--remind"], 0);
    assert!(told.contains("1 will be reminded"), "{told}");
    drop(running);
}

#[test]
fn an_invitation_that_waited_in_a_backup_does_not_go_twice_when_it_comes_back() {
    if !crate::backup::has_age() {
        return;
    }
    let office = Office::new();
    let public = crate::backup::key_in(&office.desk, "safe");
    let settings = format!("[backup]\nrecipients = [\"{public}\"]\n");
    fs::write(office.desk.path("data/central/central.toml"), settings).expect("settings");
    let running = office.run();
    assert_eq!(office.sign_up("anna@example.dk", "1970", "valby"), 303);
    office.confirm_all();
    drop(running);
    office.desk.says(&["invite", "parker"], 0);
    office.desk.says(&["central", "backup", "night.age"], 0);
    assert_eq!(office.mails()["invitation"].len(), 1, "it goes");
    fs::remove_dir_all(office.desk.path("data/central")).expect("the disk died");
    let restore = ["central", "restore", "night.age", "--identity", "safe"];
    let told = office.desk.says(&restore, 0);
    assert!(told.contains("1 mails of surveys waited in the backup"), "{told}");
    assert!(office.mails().is_empty());
    office.desk.says(&["invite", "parker", "--unsure"], 0);
    assert_eq!(office.mails()["invitation"].len(), 1, "staff decided so");
}
