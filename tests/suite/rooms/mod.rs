//! What is behind the door of the staff pages: a real central with a kiosk that synced, members, an open and a
//! closed survey, and staff of all of it, of one panel, of another.

mod kept;
mod reach;
mod said;
mod seen;

use std::collections::BTreeSet;
use std::fs;

use borgerpanel::clock::{Clock, SystemClock};
use borgerpanel::crypto::{hex, random};
use borgerpanel::panel::email::Email;
use borgerpanel::response::Response;
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::members::Members;
use borgerpanel::store::members::member::{Applicant, Fields, Moment};
use borgerpanel::store::record::Uid;
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::Definition;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::chain::Town;
use crate::preview::Running;
use crate::staff::{OWN, Reply, Visitor, password_in};

/// Open, by invitation to the city's panel.
const OPEN: &str = "---\ntitle: Parker\nsample: panel\npanels: [kbh]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2099-01-01\nkeep_answers_months: 24\n---\n\n\
    ## Hvor ofte går du i parken? {#often required}\n\n- Hver dag {#daily}\n- Sjældnere {#rarely}\n";
const OPEN_EN: &str = "---\ntitle: Parks\n---\n\n\
    ## How often do you go to the park? {#often}\n\n- Every day {#daily}\n- Less often {#rarely}\n";
/// Open, by invitation to a local panel.
const LOCAL: &str = "---\ntitle: Gaden\nsample: panel\npanels: [oesterbro]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2099-01-01\nkeep_answers_months: 24\n---\n\n\
    ## Hvor ofte går du på gaden? {#often required}\n\n- Hver dag {#daily}\n- Sjældnere {#rarely}\n";
const LOCAL_EN: &str = "---\ntitle: The street\n---\n\n\
    ## How often do you walk? {#often}\n\n- Every day {#daily}\n- Less often {#rarely}\n";
/// Over, with answers, and nobody has said how long they may be kept.
const OVER: &str = "---\ntitle: Havnen\nsample: panel\npanels: [kbh]\nbackground: panel\n\
    opens: 2026-01-01\ncloses: 2026-02-01\n---\n\n\
    ## Bader du i havnen? {#swim required}\n\n- Ja {#yes}\n- Nej {#no}\n\n\
    ## Hvad mangler der? {#wish}\n\n____\n";
const OVER_EN: &str = "---\ntitle: The harbour\n---\n\n\
    ## Do you swim in the harbour? {#swim}\n\n- Yes {#yes}\n- No {#no}\n\n\
    ## What is missing? {#wish}\n\n____\n";

/// Nobody may read it on any page.
pub const SAID: &str = "hemmelighed-om-badebroen";
/// Where the kiosk stands.
pub const PLACE: &str = "Valby Bibliotek, 1. sal";

pub const BOTH: &str = "anna@begge.example.dk";
pub const CITY: &str = "bo@byen.example.dk";
pub const LOCALS: &str = "cille@gaden.example.dk";
/// Signed up, and never confirmed.
pub const UNSURE: &str = "dan@byen.example.dk";

/// All of it, running.
pub struct Hall {
    pub town: Town,
    /// Ends with the hall.
    central: Running,
    pub boss: Visitor,
    /// Of the city's panel.
    pub kirsten: Visitor,
    /// Of the local one.
    pub olga: Visitor,
}

impl Hall {
    pub fn new() -> Hall {
        let town = Town::new();
        let surveys =
            [("parker", OPEN, OPEN_EN), ("gaden", LOCAL, LOCAL_EN), ("havnen", OVER, OVER_EN)];
        for (slug, danish, english) in surveys {
            let path = |end: &str| town.desk.path(&format!("content/surveys/{slug}{end}"));
            fs::write(path(".md"), danish).expect("a survey");
            fs::write(path(".en.md"), english).expect("a survey");
        }
        let central = town.central();
        fs::create_dir_all(town.desk.path("data/kiosk")).expect("a folder");
        let settings = format!("location = \"{PLACE}\"\n");
        fs::write(town.desk.path("data/kiosk/kiosk.toml"), settings).expect("settings");
        town.enrol();
        {
            let _kiosk = town.kiosk();
            town.wait_until_ready();
            (0..3).for_each(|seed| drop(town.answer(seed)));
        }
        town.drain();
        answer(&town);
        join(&town);
        town.desk.says(&["invite", "parker"], 0);
        let somebody = |name: &str, panels: &[&str]| {
            let panels = panels.iter().flat_map(|panel| ["--panel", panel]);
            let args: Vec<&str> =
                ["central", "staff", "add", name].into_iter().chain(panels).collect();
            let told = town.desk.says(&args, 0);
            let visitor = Visitor::at(town.central_address());
            assert_eq!(visitor.log_in(name, &password_in(&told), "").status, 303);
            assert_eq!(visitor.choose(OWN).status, 303);
            visitor
        };
        let (boss, kirsten) = (somebody("boss", &[]), somebody("kirsten", &["kbh"]));
        let olga = somebody("olga", &["oesterbro"]);
        Hall { town, central, boss, kirsten, olga }
    }

    /// With a central that was started anew, and has looked at nothing yet.
    pub fn restarted(self) -> Hall {
        let Hall { town, central, .. } = self;
        drop(central);
        let central = town.central();
        let again = |name: &str| {
            let visitor = Visitor::at(town.central_address());
            assert_eq!(visitor.log_in(name, OWN, "").status, 303);
            visitor
        };
        let (boss, kirsten, olga) = (again("boss"), again("kirsten"), again("olga"));
        Hall { town, central, boss, kirsten, olga }
    }

    pub fn members(&self) -> Members {
        Members::open(&self.town.desk.path("data/central")).expect("the panel's database")
    }

    /// Asks the running central for backups, of which there is none yet.
    pub fn keep_backups(&self) {
        let path = self.town.desk.path("data/central/central.toml");
        let settings = std::fs::read_to_string(&path).expect("settings");
        let more = "\n[backup]\ndirectory = \"kept\"\n";
        std::fs::write(&path, settings + more).expect("written");
    }

    pub fn database(&self) -> Central {
        let data = self.town.desk.path("data/central");
        Central::open(&data, Options::default()).expect("the central's database")
    }

    /// What may stand on no page: what was answered, numbers of answers, addresses, what opens a member's page.
    pub fn secrets(&self) -> BTreeSet<String> {
        let mut secrets: BTreeSet<String> = self.town.uids().into_iter().collect();
        secrets.insert(SAID.to_owned());
        for member in self.members().all().expect("read") {
            secrets.insert(member.fields.email.to_string());
            secrets.insert(member.stop.to_hex());
        }
        secrets.insert(UNSURE.to_owned());
        secrets
    }

    /// Looks a member up.
    pub fn look_up(&self, who: &Visitor, email: &str) -> Reply {
        self.with_member(who, &[("email", email)])
    }

    pub fn with_member(&self, who: &Visitor, fields: &[(&str, &str)]) -> Reply {
        let csrf = who.get("/staff/members").csrf();
        who.post("/staff/members", &[fields, &[("_csrf", &csrf)]].concat())
    }
}

fn definition(central: &Central, slug: &str) -> Definition {
    let all = central.definitions().expect("read");
    all.into_iter().rfind(|one| one.slug == slug).expect("a survey that it knows")
}

/// Eighty answers to the survey that is over, in its last days, each with a free text.
fn answer(town: &Town) {
    let data = town.desk.path("data/central");
    let central = Central::open(&data, Options::default()).expect("the central's database");
    let definition = definition(&central, "havnen");
    for number in 0..80 {
        let (genders, ages) = (["female", "male"], ["25-34", "45-54", "65-74"]);
        let districts = ["valby", "vanloese", "amager-oest", "indre-by"];
        let response = json!({
            "v": 1, "uid": hex(&random::<16>()), "survey": "havnen",
            "version": definition.version, "channel": "web", "invited": true, "assisted": false,
            "status": if number == 79 { "partial" } else { "complete" },
            "lang": "da", "day": if number < 77 { "2026-01-31" } else { "2026-01-30" },
            "duration_s": 90,
            "background": {
                "gender": genders[number % 2], "age": ages[number % 3],
                "district": districts[number % 4]
            },
            "answers": { "swim": if number % 3 == 0 { "yes" } else { "no" }, "wish": SAID },
            "shown": {}, "flags": []
        });
        let response: Response = serde_json::from_value(response).expect("a response");
        let structure = definition.structure.clone();
        let flags = if number < 6 { vec!["late".to_owned()] } else { Vec::new() };
        let accepted = Accepted { structure, response, flags };
        central.store_response(accepted).expect("stored");
    }
}

fn today() -> (String, i64) {
    (SystemClock.today(&TimeZone::UTC).to_string(), SystemClock.now().as_second())
}

/// As by the form.
pub fn sign_up(members: &Members, email: &str, panel: &str) {
    let applicant = Applicant {
        uid: Uid::random(),
        fields: Fields {
            email: Email::read(email).expect("an address"),
            birth_year: 1970,
            gender: Some("female".to_owned()),
            district: Some("oesterbro".to_owned()),
            education: None,
            lang: "da".to_owned(),
        },
        panel: panel.to_owned(),
        consent: "1".to_owned(),
    };
    let (day, now) = today();
    members.sign_up(&applicant, Moment { day: &day, now }).expect("signed up");
}

/// Members of one panel, of the other, of both; thirty more of the city's.
fn join(town: &Town) {
    let members = Members::open(&town.desk.path("data/central")).expect("the panel's database");
    // Of today: whoever does not confirm is forgotten after two weeks.
    let (day, now) = today();
    let at = Moment { day: &day, now };
    let sign_up = |email: &str, panel: &str| sign_up(&members, email, panel);
    for (email, panel) in [(CITY, "kbh"), (LOCALS, "oesterbro"), (BOTH, "kbh"), (BOTH, "oesterbro")]
    {
        sign_up(email, panel);
    }
    (0..30).for_each(|number| sign_up(&format!("nr{number}@byen.example.dk"), "kbh"));
    while let Some(mail) = members.next_mail(i64::MAX).expect("read") {
        members.mail_handing_over(mail.id).expect("noted");
        members.mail_sent(mail.id, &day).expect("noted");
        members.confirm(mail.token.expect("a link"), at).expect("confirmed");
    }
    sign_up(UNSURE, "kbh");
}

/// A page that is there.
pub fn page(who: &Visitor, path: &str) -> String {
    let reply = who.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    reply.body
}

/// The page once what it waits for is worked out.
pub fn ready(who: &Visitor, path: &str) -> String {
    let begun = std::time::Instant::now();
    loop {
        let body = page(who, path);
        if !body.contains("bliver regnet ud") && !body.contains("bliver talt") {
            return body;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{path}: {body}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

/// Every address behind the door that takes a GET, and who may go there: boss, kirsten, olga.
pub const ADDRESSES: [(&str, [bool; 3]); 25] = [
    ("", [true, true, true]),
    ("fleet", [true, false, false]),
    ("fleet/valby", [true, false, false]),
    ("surveys", [true, true, true]),
    ("surveys/parker", [true, true, false]),
    ("surveys/parker/invite", [true, true, false]),
    ("surveys/gaden", [true, false, true]),
    ("surveys/gaden/invite", [true, false, true]),
    ("surveys/havnen", [true, true, false]),
    ("surveys/lod", [true, false, false]),
    ("results", [true, true, true]),
    ("results/parker", [true, true, false]),
    ("results/gaden", [true, false, true]),
    ("results/havnen", [true, true, false]),
    ("results/lod", [true, false, false]),
    ("panels", [true, true, true]),
    ("panels/kbh", [true, true, false]),
    ("panels/oesterbro", [true, false, true]),
    ("members", [true, true, true]),
    ("log", [true, false, false]),
    ("fleet/nowhere", [false, false, false]),
    ("surveys/nothing", [false, false, false]),
    ("surveys/lod/invite", [false, false, false]),
    ("results/nothing", [false, false, false]),
    ("panels/nobody", [false, false, false]),
];
