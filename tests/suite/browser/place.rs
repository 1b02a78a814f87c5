//! A site served in this process, for a browser to visit: the shipped content and one survey of the
//! tests' own, `/s/proeve/`.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use borgerpanel::clock::{Clock, FixedClock};
use borgerpanel::response::{ByLetter, Response as Answered, SetApart};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::collect::{Collector, Refused, State};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::http::{Handler, Request, Response};
use borgerpanel::server::kiosk::Corner;
use borgerpanel::server::limits::Limits;
use borgerpanel::server::versions::Versions;
use borgerpanel::site;
use borgerpanel::site::config::OwnRules;
use borgerpanel::survey::Definition;

use crate::authors::{self, Desk};

/// A kiosk that asks after three seconds and starts afresh after four more: long enough for a busy
/// machine to go on, and still sooner than a test's patience ends.
pub const HASTY: OwnRules =
    OwnRules { idle_seconds: Some(3), idle_warning_seconds: Some(4), screen_width_mm: None };

/// The shipped content and the tests' own surveys.
pub fn desk() -> Desk {
    let desk = Desk::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/browser");
    authors::copy(&fixtures, &desk.path("content/surveys"));
    desk
}

/// What a response goes through on its way to the browser.
type Way = Box<dyn Fn(&str, Response) -> Response + Send + Sync>;

/// A running site, and what it was sent.
pub struct Place {
    kept: Arc<Kept>,
    heard: Arc<Mutex<Vec<String>>>,
    way: Arc<OnceLock<Way>>,
    answer: Handler,
    /// None while the server is down.
    running: Mutex<Option<Running>>,
    _desk: Desk,
    address: SocketAddr,
}

/// Keeps responses in memory, or refuses them.
#[derive(Default)]
struct Kept {
    responses: Mutex<Vec<Answered>>,
    refusing: Mutex<Option<Refused>>,
}

impl Collector for Kept {
    fn store(&self, response: &Answered, _: &[SetApart], _: &Definition) -> Result<(), Refused> {
        if let Some(refused) = self.refusing.lock().expect("no test panics here").clone() {
            return Err(refused);
        }
        self.responses.lock().expect("no test panics here").push(response.clone());
        Ok(())
    }

    fn store_by_letter(&self, letter: &ByLetter) -> Result<(), Refused> {
        self.responses.lock().expect("no test panics here").push(letter.response.clone());
        Ok(())
    }

    fn state(&self) -> State {
        State { can_store: true, word: "ok".to_owned(), unsynced: 0, disk_free_bytes: None }
    }
}

impl Place {
    /// Serves the site; on a kiosk the idle clock runs out in 3 and 4 more seconds.
    pub fn open(channel: Channel) -> Place {
        Place::of(desk(), channel, Some(HASTY))
    }

    /// Serves the site with its own idle times.
    pub fn patient(channel: Channel) -> Place {
        Place::of(desk(), channel, None)
    }

    /// Serves the site with a theme of `themes/`, named in its settings as a city does.
    pub fn themed(channel: Channel, theme: &str) -> Place {
        let desk = desk();
        let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
        authors::copy(&themes.join(theme), &desk.path("themes").join(theme));
        let path = desk.path("content/site.toml");
        let settings = fs::read_to_string(&path).expect("the settings");
        let named = settings.replace("theme = \"default\"", &format!("theme = \"{theme}\""));
        fs::write(path, named).expect("written");
        Place::of(desk, channel, None)
    }

    /// Serves the content of this desk.
    pub fn of(desk: Desk, channel: Channel, times: Option<OwnRules>) -> Place {
        let now = FixedClock("2026-11-24T10:00:00Z".parse().expect("a time"));
        Place::at_a_time(desk, channel, times, Arc::new(now), None)
    }

    /// A kiosk with its corner and a clock that the test sets.
    pub fn with_corner(clock: Arc<dyn Clock>, corner: Corner, times: Option<OwnRules>) -> Place {
        Place::at_a_time(Desk::new(), Channel::Kiosk, times, clock, Some(corner))
    }

    fn at_a_time(
        desk: Desk,
        channel: Channel,
        times: Option<OwnRules>,
        clock: Arc<dyn Clock>,
        corner: Option<Corner>,
    ) -> Place {
        let kept = Arc::new(Kept::default());
        let options = Options {
            channel,
            kiosk: None,
            surveys: Vec::new(),
            clock,
            collector: kept.clone(),
            api: None,
        };
        let app = App::new(options, published(&desk, times));
        let app = Arc::new(match corner {
            Some(corner) => app.with_corner(corner),
            None => app,
        });
        let handler = app.clone();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = heard.clone();
        let way: Arc<OnceLock<Way>> = Arc::default();
        let taken = way.clone();
        let answer: Handler = Arc::new(move |request: &Request| {
            log.lock().expect("no test panics here").push(request.path.clone());
            let response = handler.answer(request);
            match taken.get() {
                Some(way) => way(&request.path, response),
                None => response,
            }
        });
        let running = Server::start("127.0.0.1:0", answer.clone(), Limits::default());
        let running = running.expect("a free port");
        let address = running.address();
        app.allow(Hosts::new(address, &[]));
        Place { kept, heard, way, answer, running: Mutex::new(Some(running)), _desk: desk, address }
    }

    /// Each response from now on goes through `way`, with the path that was asked for.
    pub fn by_way_of(
        self,
        way: impl Fn(&str, Response) -> Response + Send + Sync + 'static,
    ) -> Place {
        assert!(self.way.set(Box::new(way)).is_ok(), "one way");
        self
    }

    /// Takes the server down, as a restart or a lost network does.
    pub fn go_down(&self) {
        let running = self.running.lock().expect("no test panics here").take();
        drop(running.expect("it was up"));
    }

    /// Brings it up again, at the same address.
    pub fn come_back(&self) {
        let limits = Limits::default();
        let running = Server::start(&self.address.to_string(), self.answer.clone(), limits);
        *self.running.lock().expect("no test panics here") = Some(running.expect("its old port"));
    }

    /// What is sent from now on is refused, or taken again.
    pub fn refuse(&self, refused: Option<Refused>) {
        *self.kept.refusing.lock().expect("no test panics here") = refused;
    }

    /// The whole address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The path of every request so far.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no test panics here").clone()
    }

    /// Every response stored so far.
    pub fn responses(&self) -> Vec<Answered> {
        self.kept.responses.lock().expect("no test panics here").clone()
    }
}

fn published(desk: &Desk, own: Option<OwnRules>) -> Published {
    let options = site::Options {
        kiosk: own,
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
    };
    let site = site::build(&options).expect("a build").site.expect("no mistakes");
    Published { site, versions: Versions::default(), release: "test".to_owned() }
}
