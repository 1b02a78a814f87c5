//! A kiosk's staff corner over HTTP, as a browser without a script uses it and as an attacker does.

mod closed;
mod codes;
mod deeds;
mod pin;
mod program;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use borgerpanel::crypto::{PinHash, SealSecret};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::kiosk::hours::Hours;
use borgerpanel::server::kiosk::{Corner, Setup};
use borgerpanel::server::limits::Limits;
use borgerpanel::server::outbox::{Recipients, SealedOutbox};
use borgerpanel::store::Outbox;
use borgerpanel::sync::background::Sent;
use borgerpanel::sync::envelope;

use crate::collecting::{encode, filled, published};
use crate::fleet::Hand;
use crate::preview::{fetch, get};

pub const PIN: &str = "483920";
pub const STATUS: &str = "/kiosk/status";
const PARKS: &str = "/s/groenne-omraader/";

/// A Tuesday, 10:00 UTC and 11:00 in Copenhagen.
const TUESDAY: &str = "2026-11-24T10:00:00Z";

/// A kiosk with a PIN and a clock that the test sets.
struct Kiosk {
    folder: tempfile::TempDir,
    clock: Hand,
    app: Arc<App>,
    outbox: Arc<Outbox>,
    secret: SealSecret,
    restarts: Arc<AtomicUsize>,
    _running: Running,
    address: String,
}

/// The site of this content: built once for all tests, as most of them want the shipped one.
fn built(content: &Path) -> Published {
    static BUILT: Mutex<BTreeMap<PathBuf, (tempfile::TempDir, Published)>> =
        Mutex::new(BTreeMap::new());
    let mut all = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, made) = all.entry(content.to_owned()).or_insert_with(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let made = published(content, folder.path());
        (folder, made)
    });
    Published {
        site: made.site.clone(),
        versions: made.versions.clone(),
        release: made.release.clone(),
    }
}

fn content() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("content")
}

impl Kiosk {
    fn new() -> Kiosk {
        Kiosk::with(Channel::Kiosk, &content(), None)
    }

    fn with(channel: Channel, content: &Path, hours: Option<&str>) -> Kiosk {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Hand::new();
        Kiosk::start(folder, clock, channel, content, hours)
    }

    /// The same machine after a restart.
    fn again(self) -> Kiosk {
        let Kiosk { folder, clock, app, outbox, _running, .. } = self;
        _running.stop();
        _running.wait();
        drop((app, outbox, _running));
        let time = clock.0.load(Ordering::Relaxed);
        let kiosk = Kiosk::start(folder, clock, Channel::Kiosk, &content(), None);
        kiosk.clock.0.store(time, Ordering::Relaxed);
        kiosk
    }

    fn start(
        folder: tempfile::TempDir,
        clock: Hand,
        channel: Channel,
        content: &Path,
        hours: Option<&str>,
    ) -> Kiosk {
        let outbox = Arc::new(Outbox::open(folder.path()).expect("an outbox"));
        let secret = SealSecret::generate();
        let recipients =
            Recipients { kiosk: "hovedbiblioteket".to_owned(), keys: vec![secret.public()] };
        let restarts = Arc::new(AtomicUsize::new(0));
        let restarted = restarts.clone();
        let corner = Corner::new(Setup {
            folder: Some(folder.path().to_owned()),
            name: Some("hovedbiblioteket".to_owned()),
            hours: hours.map(|hours| Hours::read(hours).expect("hours")),
            pin: Some(PinHash::of(PIN)),
            send: Some(Box::new(|| Sent::Failed)),
            restart: Some(Box::new(move || {
                restarted.fetch_add(1, Ordering::Relaxed);
            })),
            ..Setup::default()
        });
        let options = Options {
            channel,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(clock.clone()),
            collector: Arc::new(SealedOutbox::new(outbox.clone(), Some(recipients))),
            api: None,
        };
        let app = App::new(options, built(content));
        let app = Arc::new(if channel == Channel::Kiosk { app.with_corner(corner) } else { app });
        let handler = app.clone();
        let running = Server::start(
            "127.0.0.1:0",
            Arc::new(move |request| handler.answer(request)),
            Limits::default(),
        )
        .expect("a server");
        app.allow(Hosts::new(running.address(), &[]));
        let address = running.address().to_string();
        let kiosk =
            Kiosk { folder, clock, app, outbox, secret, restarts, _running: running, address };
        kiosk.set(TUESDAY);
        kiosk
    }

    fn set(&self, time: &str) {
        let time = time.parse::<jiff::Timestamp>().expect("a time").as_second();
        self.clock.0.store(time, Ordering::Relaxed);
    }

    fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    fn get_with(&self, path: &str, cookie: &str) -> String {
        let host = &self.address;
        fetch(
            host,
            &format!(
                "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
            ),
        )
    }

    fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
        let owned = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let origin = format!("Origin: http://{}\r\nCookie: {cookie}\r\n", self.address);
        self.post_raw(path, &origin, &encode(&owned.collect::<Vec<_>>()))
    }

    fn post_raw(&self, path: &str, headers: &str, body: &str) -> String {
        let host = &self.address;
        fetch(
            host,
            &format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Type: \
                 application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ),
        )
    }

    /// Types a PIN into a fresh page.
    fn try_pin(&self, pin: &str) -> String {
        let csrf = token(&self.get(STATUS));
        self.post(STATUS, "", &[("_csrf", &csrf), ("pin", pin)])
    }

    /// Types the right one; the cookie.
    fn enter(&self) -> String {
        let reply = self.try_pin(PIN);
        assert_eq!(status(&reply), 303, "{reply}");
        cookie(&reply)
    }

    /// Presses a button of the page.
    fn press(&self, cookie: &str, deed: &str) -> String {
        let csrf = token(&self.get_with(STATUS, cookie));
        self.post(STATUS, cookie, &[("_csrf", &csrf), ("do", deed)])
    }

    fn answer(&self, seed: u64) -> String {
        let survey = self.app.published().site.survey("groenne-omraader").expect("it").clone();
        let headers = format!("Origin: http://{}\r\n", self.address);
        self.post_raw(PARKS, &headers, &encode(&filled(&survey, seed)))
    }

    /// The channels of what was stored.
    fn channels(&self) -> Vec<String> {
        let channel =
            |record: &serde_json::Value| record["channel"].as_str().expect("one").to_owned();
        self.opened().iter().map(channel).collect()
    }

    /// What was stored, as the central's key opens it.
    fn opened(&self) -> Vec<serde_json::Value> {
        let rows = self.outbox.rows_after(0, 100, 10_000_000).expect("rows");
        let open = |row: &borgerpanel::store::outbox::Row| {
            let json = envelope::open(&row.sealed, std::slice::from_ref(&self.secret));
            serde_json::from_str(&json.expect("opened")).expect("JSON")
        };
        rows.iter().map(open).collect()
    }
}

fn status(reply: &str) -> u16 {
    reply[9..12].parse().expect("a status")
}

/// The token of a page's form.
pub fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"_csrf\" value=\"").expect("a form with a token");
    rest.split('"').next().expect("its end").to_owned()
}

/// The cookie a reply gives, as a browser sends it back.
pub fn cookie(reply: &str) -> String {
    let (_, rest) = reply.split_once("Set-Cookie: ").expect("a cookie");
    rest.split(';').next().expect("its end").to_owned()
}
