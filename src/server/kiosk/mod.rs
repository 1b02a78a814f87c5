//! What a kiosk's server does beside showing surveys: opening hours, the staff corner, and the page's
//! sign of life.
//!
//! 1. [`Corner`] is its state: what [`kept`] carries over a restart, the [`session`] of whoever typed
//!    the right PIN ([`attempts`] limits the wrong ones), the test mode, the [`pulse`].
//! 2. [`Corner::screen`] says whether visitors are served now, by [`hours`] and by staff.
//! 3. `answer` takes the requests that are the kiosk's alone; `staff` those of the staff page, which
//!    shows how the kiosk is ([`standing`]).

pub mod attempts;
mod fit;
pub mod hours;
pub mod kept;
pub mod news;
pub mod pulse;
pub mod session;
mod staff;
pub mod standing;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde_json::json;

use super::app::{App, Place, Published};
use super::http::{Body, Method, Request, Response};
use crate::crypto::{PinHash, hex, random};
use crate::error::Result;
use crate::site::config::{KioskRules, OwnRules};
use crate::site::kiosk::with_test_banner;
use crate::sync::background::Sent;
use hours::Hours;
use kept::Kept;
use news::News;
use pulse::Pulse;
use session::Sessions;

/// The test mode ends after this time without a request.
const TEST_PATIENCE: SignedDuration = SignedDuration::from_secs(10 * 60);

/// What a kiosk is told about itself.
#[derive(Default)]
pub struct Setup {
    /// Its data folder; tests of pages alone have none.
    pub folder: Option<PathBuf>,
    /// Its name in the settings.
    pub name: Option<String>,
    /// None: always open.
    pub hours: Option<Hours>,
    /// None: no staff functions.
    pub pin: Option<PinHash>,
    /// Sends what waits, now.
    pub send: Option<Box<dyn Fn() -> Sent + Send + Sync>>,
    /// Ends the program gracefully; only where something starts it again.
    pub restart: Option<Box<dyn Fn() + Send + Sync>>,
    /// Its own patience and screen, where the site was made for every kiosk.
    pub own: OwnRules,
    /// How things went.
    pub news: Arc<Kept<News>>,
}

/// The state of a kiosk's own pages.
pub struct Corner {
    setup: Setup,
    kept: Kept,
    sessions: Sessions,
    pulse: Pulse,
    /// The last request of the test mode, while it lasts.
    tested: Mutex<Option<Timestamp>>,
    /// Names this run of the program: a page that waits for the next sees another.
    run: String,
    /// In the form that asks for the PIN, which nobody else can read.
    gate: String,
}

/// Whether visitors are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Open,
    ClosedByStaff,
    /// Answers cannot be kept: nobody should fill in a survey for nothing.
    CannotStore,
    /// Outside the hours; it opens again then, as the wall says.
    ClosedUntil(Option<DateTime>),
}

impl Corner {
    /// A corner with its memory from the kiosk's folder.
    pub fn new(setup: Setup) -> Corner {
        Corner {
            kept: setup.folder.as_deref().map(Kept::load).unwrap_or_default(),
            setup,
            sessions: Sessions::default(),
            pulse: Pulse::default(),
            tested: Mutex::default(),
            run: hex(&random::<8>()),
            gate: hex(&random::<16>()),
        }
    }

    /// What the screen shows now.
    pub fn screen(&self, now: &ZonedDateTime) -> Screen {
        if self.kept.memory().is_closed {
            return Screen::ClosedByStaff;
        }
        match &self.setup.hours {
            Some(hours) if !hours.is_open(now.datetime()) => {
                Screen::ClosedUntil(hours.next_opening(now).map(|at| at.datetime()))
            }
            _ => Screen::Open,
        }
    }

    /// Whether answers are made by staff, who try the kiosk out.
    pub fn is_testing(&self, now: Timestamp) -> bool {
        let mut tested = self.tested();
        let lasts = |last: Timestamp| {
            let idle = now.duration_since(last);
            // A clock that was set back ends it: no answer is lost to a test that nobody makes.
            !idle.is_negative() && idle < TEST_PATIENCE
        };
        *tested = tested.filter(|last| lasts(*last));
        tested.is_some()
    }

    /// The test mode lives on by what people ask for, but not by what pages ask by themselves.
    pub(super) fn hear(&self, request: &Request, now: Timestamp) {
        let quiet = ["/healthz", "/kiosk/heartbeat", "/kiosk/state"];
        let is_quiet = quiet.contains(&&*request.path) || request.path.starts_with("/assets/");
        if !is_quiet && self.is_testing(now) {
            *self.tested() = Some(now);
        }
    }

    fn test(&self, from: Option<Timestamp>) {
        *self.tested() = from;
    }

    /// The page with the banner of the test mode, where that is on.
    pub(super) fn mark(&self, response: Response, built: KioskRules, now: Timestamp) -> Response {
        let response = fit::fit(response, built, self.setup.own);
        let is_page = response.headers.iter().any(|(_, value)| value.starts_with("text/html"));
        match response {
            Response { body: Body::Bytes(page), status, headers }
                if is_page && self.is_testing(now) =>
            {
                let page = match String::from_utf8(page) {
                    Ok(page) => with_test_banner(&page).into_bytes(),
                    Err(bytes) => bytes.into_bytes(),
                };
                Response { status, headers, body: Body::Bytes(page) }
            }
            other => other,
        }
    }

    /// How things went.
    pub fn news(&self) -> News {
        self.setup.news.memory()
    }

    /// For how many seconds the page has given no sign of life.
    pub fn page_seen_s(&self) -> Option<u64> {
        self.pulse.silent_s()
    }

    fn tested(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.tested.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reply to what is a kiosk's alone; none where the request is like any other.
pub(super) fn answer(
    app: &App,
    published: &Published,
    corner: &Corner,
    place: &Place,
    request: &Request,
) -> Result<Option<Response>> {
    let is_post = request.method == Method::Post;
    let segments: Vec<&str> = place.segments.iter().map(String::as_str).collect();
    let reply = match (segments.as_slice(), is_post) {
        (["kiosk", "heartbeat"], true) => beat(app, published, corner, request),
        (["kiosk", "heartbeat"], false) => {
            app.fault(published, 405, place.lang).with("Allow", "POST")
        }
        (["kiosk", "state"], false) => state(app, published, corner),
        (["kiosk", "status", rest @ ..], _) => {
            return staff::answer(app, published, corner, place.lang, rest, request);
        }
        ([""] | ["kiosk", ""] | ["s", _, ""] | ["kode", ""] | ["i", ..], false) => {
            return screen(app, published, corner, place, request);
        }
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

fn beat(app: &App, published: &Published, corner: &Corner, request: &Request) -> Response {
    if !app.is_own_origin(request) {
        return app.fault(published, 403, "");
    }
    corner.pulse.beat();
    Response::bytes(204, "text/plain", "")
}

/// What the screen shows: closed by people or hours, or else by a disk that keeps nothing.
fn seen(app: &App, corner: &Corner, now: &ZonedDateTime) -> Screen {
    match corner.screen(now) {
        Screen::Open if !app.options.collector.takes_answers() => Screen::CannotStore,
        screen => screen,
    }
}

/// What a page that waits for somebody asks every few seconds.
fn state(app: &App, published: &Published, corner: &Corner) -> Response {
    let now = app.now(published);
    let body = json!({
        "closed": seen(app, corner, &now) != Screen::Open,
        "testing": corner.is_testing(now.timestamp()),
        "run": corner.run,
    });
    Response::json(200, &body)
}

/// The closed screen in place of the pages where somebody would begin. Whoever is in the middle may
/// finish: what is posted is taken as ever.
fn screen(
    app: &App,
    published: &Published,
    corner: &Corner,
    place: &Place,
    request: &Request,
) -> Result<Option<Response>> {
    let now = app.now(published);
    let closed = |opens| {
        let page = published.site.renderer.kiosk_closed(place.lang, now.date(), opens)?;
        Ok::<_, crate::error::Error>(Some(Response::html(200, page)))
    };
    let reply = match seen(app, corner, &now) {
        Screen::Open => None,
        Screen::CannotStore => {
            let page = published.site.renderer.kiosk_cannot_store(place.lang)?;
            Some(Response::html(200, page))
        }
        Screen::ClosedByStaff => closed(None)?,
        Screen::ClosedUntil(opens) => closed(opens)?,
    };
    // Back at the start, whoever typed the PIN has gone.
    let is_start = place.segments.first().is_some_and(|first| first == "kiosk");
    if is_start && corner.sessions.visit(request, now.timestamp()).is_some() {
        let cookie = corner.sessions.end();
        let reply = reply.map_or_else(|| super::pages::start(app, published, place.lang), Ok)?;
        return Ok(Some(reply.with("Set-Cookie", cookie)));
    }
    Ok(reply)
}
