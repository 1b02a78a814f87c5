//! A site served in this process, for a browser to visit: the shipped content and one survey of the
//! tests' own, `/s/proeve/`.

use std::path::Path;
use std::sync::{Arc, Mutex};

use borgerpanel::clock::FixedClock;
use borgerpanel::response::{Response, SetApart};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::collect::{Collector, Refused, State};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::limits::Limits;
use borgerpanel::site;
use borgerpanel::site::config::OwnTimes;
use borgerpanel::survey::Definition;

use crate::authors::{self, Desk};

/// A running site, and what it was sent.
pub struct Place {
    kept: Arc<Kept>,
    _running: Running,
    _desk: Desk,
    address: String,
}

/// Keeps responses in memory.
#[derive(Default)]
struct Kept(Mutex<Vec<Response>>);

impl Collector for Kept {
    fn store(&self, response: &Response, _: &[SetApart], _: &Definition) -> Result<(), Refused> {
        self.0.lock().expect("no test panics here").push(response.clone());
        Ok(())
    }

    fn state(&self) -> State {
        State { can_store: true, word: "ok".to_owned(), unsynced: 0, disk_free_bytes: None }
    }
}

impl Place {
    /// Serves the site; on a kiosk the idle clock runs out in 2 and 2 more seconds.
    pub fn open(channel: Channel) -> Place {
        Place::with_times(
            channel,
            Some(OwnTimes { idle_seconds: Some(2), idle_warning_seconds: Some(2) }),
        )
    }

    /// Serves the site with its own idle times.
    pub fn patient(channel: Channel) -> Place {
        Place::with_times(channel, None)
    }

    fn with_times(channel: Channel, times: Option<OwnTimes>) -> Place {
        let desk = Desk::new();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/browser");
        authors::copy(&fixtures, &desk.path("content/surveys"));
        Place::of(desk, channel, times)
    }

    /// Serves the content of this desk.
    pub fn of(desk: Desk, channel: Channel, times: Option<OwnTimes>) -> Place {
        let kept = Arc::new(Kept::default());
        let options = Options {
            channel,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(FixedClock("2026-11-24T10:00:00Z".parse().expect("a time"))),
            collector: kept.clone(),
            api: None,
        };
        let app = Arc::new(App::new(options, published(&desk, times)));
        let handler = app.clone();
        let answer = Arc::new(move |request: &_| handler.answer(request));
        let running = Server::start("127.0.0.1:0", answer, Limits::default()).expect("a free port");
        app.allow(Hosts::new(running.address(), &[]));
        let address = format!("http://{}", running.address());
        Place { kept, _running: running, _desk: desk, address }
    }

    /// The whole address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Every response stored so far.
    pub fn responses(&self) -> Vec<Response> {
        self.kept.0.lock().expect("no test panics here").clone()
    }
}

fn published(desk: &Desk, times: Option<OwnTimes>) -> Published {
    let options = site::Options {
        kiosk: times,
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
    };
    let site = site::build(&options).expect("a build").site.expect("no mistakes");
    let versions =
        site.surveys.iter().map(|survey| (survey.version.clone(), survey.clone())).collect();
    Published { site, versions, release: "test".to_owned() }
}
