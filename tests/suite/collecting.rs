//! Collecting over HTTP: a real edge, a real outbox, forms as browsers send them and as they do not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use borgerpanel::clock::FixedClock;
use borgerpanel::crypto::SealSecret;
use borgerpanel::response::{Context, sample};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::limits::Limits;
use borgerpanel::server::outbox::{Recipients, SealedOutbox};
use borgerpanel::server::versions::{self, Versions};
use borgerpanel::site;
use borgerpanel::store::outbox::Outbox;
use borgerpanel::store::sqlite;
use borgerpanel::survey::{Definition, Fields};
use borgerpanel::sync::envelope;

use crate::preview::{fetch, get};

/// A kiosk as the program runs it, in this process, with the key to look into what it stored.
pub struct Kiosk {
    _folder: tempfile::TempDir,
    app: Arc<App>,
    pub outbox: Arc<Outbox>,
    secret: SealSecret,
    _running: Running,
    pub address: String,
}

pub struct Setup {
    pub content: PathBuf,
    pub enrolled: bool,
    pub store: sqlite::Options,
}

pub fn shipped() -> Setup {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    Setup { content, enrolled: true, store: sqlite::Options::default() }
}

pub fn published(content: &Path, folder: &Path) -> Published {
    let out = folder.join("public");
    let options = site::Options { content: content.to_owned(), theme: None, out, kiosk: None };
    let site = site::build(&options).expect("a build").site.expect("no errors");
    Published { site, versions: Versions::default(), release: "test".to_owned() }
}

impl Kiosk {
    pub fn start(setup: Setup) -> Kiosk {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Arc::new(Outbox::open_with(folder.path(), setup.store).expect("an outbox"));
        let secret = SealSecret::generate();
        let recipients = setup.enrolled.then(|| Recipients {
            kiosk: "hovedbiblioteket".to_owned(),
            keys: vec![secret.public()],
        });
        let options = Options {
            channel: Channel::Kiosk,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(FixedClock("2026-11-24T10:00:00Z".parse().expect("a time"))),
            collector: Arc::new(SealedOutbox::new(outbox.clone(), recipients)),
            api: None,
        };
        let app = Arc::new(App::new(options, published(&setup.content, folder.path())));
        let handler = app.clone();
        let running = Server::start(
            "127.0.0.1:0",
            Arc::new(move |request| handler.answer(request)),
            Limits::default(),
        )
        .expect("a server");
        app.allow(Hosts::new(running.address(), &[]));
        let address = running.address().to_string();
        Kiosk { _folder: folder, app, outbox, secret, _running: running, address }
    }

    pub fn survey(&self, slug: &str) -> Definition {
        self.app.published().site.survey(slug).expect("the survey").clone()
    }

    fn post_raw(&self, path: &str, kind: &str, body: &str) -> String {
        fetch(
            &self.address,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nContent-Type: {kind}\r\n\
                 Content-Length: {1}\r\nConnection: close\r\n\r\n{body}",
                self.address,
                body.len()
            ),
        )
    }

    pub fn post(&self, path: &str, fields: &[(String, String)]) -> String {
        self.post_raw(path, "application/x-www-form-urlencoded", &encode(fields))
    }

    /// What was stored, opened.
    pub fn responses(&self) -> Vec<serde_json::Value> {
        let rows = self.outbox.rows_after(0, 10_000, 100_000_000).expect("rows");
        rows.iter()
            .map(|row| envelope::open(&row.sealed, std::slice::from_ref(&self.secret)))
            .map(|json| serde_json::from_str(&json.expect("opened")).expect("JSON"))
            .collect()
    }
}

pub fn encode(fields: &[(String, String)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}

pub fn filled(definition: &Definition, seed: u64) -> Vec<(String, String)> {
    let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
    let mut rng = fastrand::Rng::with_seed(seed);
    let Fields(mut fields) = sample::fill_in(definition.base(), &context, &mut rng);
    fields.push(("_v".to_owned(), definition.version.clone()));
    fields.push(("_lang".to_owned(), "da".to_owned()));
    fields
}

fn with(mut fields: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

pub fn status(reply: &str) -> u16 {
    reply.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status")
}

const PARKS: &str = "/s/groenne-omraader/";

#[test]
fn an_answer_is_stored_sealed_once_however_often_it_is_posted() {
    let kiosk = Kiosk::start(shipped());
    let survey = kiosk.survey("groenne-omraader");
    let fields = with(with(filled(&survey, 3), "_id", &"ab".repeat(16)), "_d", "183");
    for _ in 0..3 {
        let reply = kiosk.post(PARKS, &fields);
        assert_eq!(status(&reply), 303, "{reply}");
        assert!(reply.contains("Location: /s/groenne-omraader/tak/"), "{reply}");
    }
    let stored = kiosk.responses();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["uid"], "ab".repeat(16));
    assert_eq!(stored[0]["kiosk"], "hovedbiblioteket");
    assert_eq!(stored[0]["day"], "2026-11-24");
    assert_eq!(stored[0]["duration_s"], 185);
    assert!(get(&kiosk.address, "/s/groenne-omraader/tak/").contains("Tak"));
}

#[test]
fn every_fresh_page_has_an_id_of_its_own() {
    let kiosk = Kiosk::start(shipped());
    let id = || {
        let page = get(&kiosk.address, PARKS);
        let at = page.find("name=\"_id\" value=\"").expect("the field") + 18;
        page[at..at + 32].to_owned()
    };
    let (one, two) = (id(), id());
    assert_ne!(one, two);
    assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    let head = get(&kiosk.address, PARKS);
    assert!(head.contains("Cache-Control: no-store"), "{head}");
    assert!(head.contains("Content-Security-Policy: default-src 'none'"), "{head}");
}

#[test]
fn what_is_missing_is_said_and_what_was_answered_is_kept() {
    let kiosk = Kiosk::start(shipped());
    let survey = kiosk.survey("trafik-og-transport");
    let required = survey.base().questions().find(|q| q.required).expect("one").id.clone();
    let mut fields = filled(&survey, 5);
    fields.retain(|(name, _)| *name != required && !name.starts_with(&format!("{required}.")));
    let id = "cd".repeat(16);
    let reply = kiosk.post("/s/trafik-og-transport/", &with(fields.clone(), "_id", &id));
    assert_eq!(status(&reply), 422);
    assert!(reply.contains("Der er et problem"), "{reply}");
    assert!(reply.contains(&format!("#q-{required}")), "{reply}");
    assert!(reply.contains(&format!("name=\"_id\" value=\"{id}\"")), "the same id again");
    assert!(reply.contains(" checked"), "answers are kept");
    assert!(kiosk.responses().is_empty());
}

#[test]
fn the_language_is_switched_with_the_answers_kept_and_nothing_stored() {
    let kiosk = Kiosk::start(shipped());
    let survey = kiosk.survey("groenne-omraader");
    let reply = kiosk.post(PARKS, &with(filled(&survey, 4), "_switch", "en"));
    assert_eq!(status(&reply), 200);
    assert!(reply.contains("<html lang=\"en\""), "{reply}");
    assert!(reply.contains(" checked"), "answers are kept");
    assert!(!reply.contains("class=\"problem\" id=\"problem-often\">"), "no errors are shown");
    assert!(kiosk.responses().is_empty());
}

#[test]
fn an_unknown_version_brings_the_page_of_today_with_the_answers() {
    let kiosk = Kiosk::start(shipped());
    let survey = kiosk.survey("groenne-omraader");
    let mut fields = filled(&survey, 6);
    fields.retain(|(name, _)| name != "_v");
    for fields in [fields.clone(), with(fields, "_v", &"0".repeat(64))] {
        let reply = kiosk.post(PARKS, &fields);
        assert_eq!(status(&reply), 422);
        assert!(reply.contains("Undersøgelsen er ændret"), "{reply}");
        assert!(reply.contains(&survey.version) && reply.contains(" checked"), "{reply}");
    }
}

#[test]
fn bad_input_gets_a_page_people_understand_and_nothing_is_stored() {
    let kiosk = Kiosk::start(shipped());
    let form = "application/x-www-form-urlencoded";
    let survey = kiosk.survey("groenne-omraader");
    let unknown = with(filled(&survey, 2), "often", "never-heard-of");
    let cases: Vec<(u16, String)> = vec![
        (404, kiosk.post_raw("/s/findes-ikke/", form, "a=b")),
        (404, get(&kiosk.address, "/s/findes-ikke/")),
        (405, kiosk.post_raw("/kiosk/", form, "a=b")),
        (410, kiosk.post_raw("/s/cykelparkering/", form, "a=b")),
        (410, get(&kiosk.address, "/s/cykelparkering/")),
        (410, kiosk.post_raw("/s/havnebade/", form, "a=b")),
        (200, get(&kiosk.address, "/s/havnebade/")),
        (415, kiosk.post_raw(PARKS, "application/json", "{}")),
        (413, kiosk.post_raw(PARKS, form, &"a".repeat(1_100_000))),
        (400, kiosk.post_raw(PARKS, form, "often=%zz")),
        (400, kiosk.post_raw(PARKS, form, "often=%ff%fe")),
        (400, get(&kiosk.address, "/s/%2e%2e/%2e%2e/etc/passwd")),
        (422, kiosk.post(PARKS, &unknown)),
    ];
    for (number, (expected, reply)) in cases.iter().enumerate() {
        assert_eq!(status(reply), *expected, "case {number}: {}", &reply[..reply.len().min(300)]);
        assert!(reply.contains("<h1"), "case {number} is a page");
        assert!(!reply.contains("borgerpanel:") && !reply.contains("panicked"), "case {number}");
    }
    assert!(kiosk.responses().is_empty());
}

#[test]
fn other_origins_and_hosts_are_refused() {
    let kiosk = Kiosk::start(shipped());
    let survey = kiosk.survey("groenne-omraader");
    let body = encode(&filled(&survey, 1));
    let post = |host: &str, origin: &str| {
        let origin = if origin.is_empty() { String::new() } else { format!("{origin}\r\n") };
        let request = format!(
            "POST {PARKS} HTTP/1.1\r\nHost: {host}\r\n{origin}Content-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        status(&fetch(&kiosk.address, &request))
    };
    assert_eq!(post(&kiosk.address, "Origin: http://evil.example"), 403);
    assert_eq!(post(&kiosk.address, "Origin: null\r\nSec-Fetch-Site: cross-site"), 403);
    assert_eq!(post("evil.example", ""), 400);
    assert!(kiosk.responses().is_empty());
    assert_eq!(post(&kiosk.address, ""), 303);
    assert_eq!(post(&kiosk.address, "Origin: null\r\nSec-Fetch-Site: same-origin"), 303);
}

#[test]
fn a_built_file_is_not_shown_past_its_page_and_the_health_is_only_read() {
    let kiosk = Kiosk::start(shipped());
    let reply = get(&kiosk.address, "/s/groenne-omraader/index.html");
    assert_eq!(status(&reply), 303);
    assert!(reply.contains("Location: /s/groenne-omraader/\r\n"), "{reply}");
    assert_eq!(status(&kiosk.post("/healthz", &[])), 405);
}

#[test]
fn a_kiosk_without_a_central_refuses_answers_and_shows_the_site() {
    let kiosk = Kiosk::start(Setup { enrolled: false, ..shipped() });
    assert_eq!(status(&get(&kiosk.address, PARKS)), 200);
    let reply = kiosk.post(PARKS, &filled(&kiosk.survey("groenne-omraader"), 1));
    assert_eq!(status(&reply), 503);
    assert!(reply.contains("kan ikke gemme svar"), "{reply}");
    let health = get(&kiosk.address, "/healthz");
    assert!(health.contains("\"status\":\"not-enrolled\""), "{health}");
}

#[test]
fn a_full_disk_is_said_kindly_and_what_is_stored_stays() {
    let store = sqlite::Options { max_pages: Some(24) };
    let kiosk = Kiosk::start(Setup { store, ..shipped() });
    let survey = kiosk.survey("groenne-omraader");
    let mut thanked = 0;
    let refused = (0..200).find_map(|seed| {
        let reply = kiosk.post(PARKS, &filled(&survey, seed));
        match status(&reply) {
            303 => {
                thanked += 1;
                None
            }
            _ => Some(reply),
        }
    });
    let refused = refused.expect("the disk gets full");
    assert_eq!(status(&refused), 503);
    assert!(refused.contains("Retry-After") && refused.contains("kan ikke gemme"), "{refused}");
    assert!(thanked > 0);
    assert_eq!(kiosk.responses().len(), thanked);
    assert!(get(&kiosk.address, "/healthz").contains("disk-full"));
}

/// A kiosk that has just been given a changed survey, the survey as it was, and where the new one lies.
fn with_a_change(from: &str, to: &str) -> (Kiosk, Definition, tempfile::TempDir) {
    let kiosk = Kiosk::start(shipped());
    let old = kiosk.survey("groenne-omraader");
    let folder = tempfile::tempdir().expect("a folder");
    let content = folder.path().join("content");
    crate::authors::copy(&shipped().content, &content);
    let path = content.join("surveys/groenne-omraader.md");
    let text = std::fs::read_to_string(&path).expect("the survey");
    std::fs::write(&path, text.replace(from, to)).expect("written");
    let mut new = published(&content, folder.path());
    assert_ne!(new.site.survey("groenne-omraader").expect("it").version, old.version);
    let kept = folder.path().join("versions");
    new.versions = versions::keep(&kept, &[&old], SystemTime::now())
        .and_then(|_| {
            versions::keep(&kept, &new.site.surveys.iter().collect::<Vec<_>>(), SystemTime::now())
        })
        .expect("kept");
    kiosk.app.publish(new);
    (kiosk, old, folder)
}

#[test]
fn a_page_of_the_build_before_that_is_sent_back_has_its_looks() {
    // Another script: nothing is shuffled any more.
    let (kiosk, old, _folder) = with_a_change(" shuffle", "");
    let sent = [("_v".to_owned(), old.version.clone())];
    let page = kiosk.post(PARKS, &sent);
    assert_eq!(status(&page), 422);
    let fetched = page.split('"').filter(|part| {
        part.starts_with("/assets/survey.") && (part.ends_with(".js") || part.ends_with(".css"))
    });
    let fetched: Vec<&str> = fetched.collect();
    assert_eq!(fetched.len(), 2, "{fetched:?}");
    for path in fetched {
        assert_eq!(status(&get(&kiosk.address, path)), 200, "{path}");
    }
    assert_eq!(status(&get(&kiosk.address, "/assets/survey.0a1b2c3d4e5f.js")), 404);
}

#[test]
fn a_page_of_the_build_before_is_still_answered() {
    let (kiosk, old, _folder) = with_a_change("Hvor ofte", "Hvor tit");
    let reply = kiosk.post(PARKS, &filled(&old, 9));
    assert_eq!(status(&reply), 303, "{reply}");
    assert_eq!(kiosk.responses()[0]["version"], old.version);
}
