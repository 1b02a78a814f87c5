//! The central's staff pages, `/staff/…`: nothing of them without a login.
//!
//! 1. `answer` finds the language, checks where a form comes from and who asks;
//! 2. `login` is the door: passwords, second factors, leaving; `waits` is how often it may be tried,
//!    `password` what will do as one, `session` who is inside;
//! 3. `rooms` is what is behind it: `start`, `fleet`, `surveys`, `results`, `panels`, `members`,
//!    `log`. What takes long is worked out in the `workshop`, what needs more than a server knows by the
//!    `bureau`.
//!
//! A GET changes nothing. Every login, also one that failed, and every change is in the audit log.

pub mod bureau;
mod fleet;
mod keeping;
mod log;
mod login;
mod members;
mod outlook;
mod panels;
mod password;
mod results;
mod rooms;
mod session;
mod start;
mod surveys;
mod telling;
mod waits;
pub mod workshop;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::app::{App, Place, Published};
use super::form;
use super::http::{Method, Request, Response};
use crate::clock::Clock;
use crate::error::Result;
use crate::site::staff::{STAFF, StaffFrame};
use crate::store::central::log::Entry;
use crate::store::central::staff::{Account, Staff};
use crate::store::members::Members;
use crate::store::spool::Spool;
use crate::store::{Central, StoreError};
use crate::survey::Fields;

use super::cookies::is_same;
use bureau::Bureau;
use keeping::{Checked, checked, counted};
use login::Door;
pub use rooms::Room;
use session::Ticket;
use workshop::Workshop;

/// After so many seconds a page that waits for something asks again.
const LOOK_AGAIN_S: &str = "4";

/// What staff pages are made from.
pub struct Means {
    pub central: Arc<Central>,
    pub members: Arc<Members>,
    pub spool: Arc<Spool>,
    pub bureau: Arc<dyn Bureau>,
    pub workshop: Arc<Workshop>,
    pub clock: Arc<dyn Clock>,
    /// The central's folder.
    pub data: PathBuf,
    /// Where the surveys are written.
    pub content: PathBuf,
}

/// The staff pages of one central.
pub struct StaffDesk {
    pub means: Means,
    door: Door,
    /// The answers are made up, and every page says so.
    is_example: bool,
}

impl StaffDesk {
    /// The staff pages of a central, with nobody inside.
    ///
    /// # Errors
    /// Where the central's log cannot be read.
    pub fn new(means: Means) -> Result<StaffDesk> {
        let marked = means.central.has_logged("example-data");
        let is_example = marked.map_err(|error| error.at("read", means.central.path()))?;
        Ok(StaffDesk { means, door: Door::default(), is_example })
    }

    /// What a database's trouble is called in the console; the visitor gets the page for it.
    pub fn store<T>(&self, done: std::result::Result<T, StoreError>) -> Result<T> {
        done.map_err(|error| error.at("read or write", self.means.central.path()))
    }

    /// A line of the audit log, of now.
    fn entry(&self, actor: &str, action: &'static str, detail: &str) -> Entry {
        Entry {
            at: self.means.clock.now().to_string(),
            actor: actor.to_owned(),
            action,
            detail: detail.to_owned(),
        }
    }
}

/// Somebody who is logged in, and what they ask for.
pub struct Caller<'a> {
    pub desk: &'a StaffDesk,
    pub published: &'a Published,
    pub request: &'a Request,
    pub lang: &'a str,
    pub who: &'a Staff,
    /// What `_csrf` of each form on the page has to be.
    pub csrf: &'a str,
    /// What was posted, if something was.
    pub form: Option<&'a Fields>,
    ticket: &'a Ticket,
}

impl Caller<'_> {
    /// Where `path`, below `/staff/`, is in the caller's language.
    pub fn address(&self, path: &str) -> String {
        self.published.site.renderer.staff_url(self.lang, path)
    }

    /// The words of this key.
    pub fn words(&self, key: &str) -> String {
        self.published.site.renderer.staff_words(self.lang, key)
    }

    /// After a form was taken: the way to `path`, below `/staff/`, whose page says once what came of it, by the
    /// key of its words.
    pub fn taken(&self, path: &str, note: &'static str) -> Room {
        self.desk.door.sessions.note(self.ticket, note);
        Room::Other(Response::see_other(self.address(path)))
    }

    /// A line of the audit log for what the caller does just now.
    pub fn entry(&self, action: &'static str, detail: &str) -> Entry {
        self.desk.entry(&self.who.name, action, detail)
    }
}

/// One request for a staff page.
struct Visit<'a> {
    desk: &'a StaffDesk,
    app: &'a App,
    published: &'a Published,
    request: &'a Request,
    lang: &'a str,
    /// Below `/staff/`, without the language.
    path: String,
}

/// The reply to what is about staff pages; none where the request is about something else.
pub(super) fn answer(
    desk: &StaffDesk,
    app: &App,
    published: &Published,
    place: &Place,
    request: &Request,
) -> Result<Option<Response>> {
    let config = published.site.renderer.config();
    let Some(("staff", rest)) = place.segments.split_first().map(|(one, all)| (one.as_str(), all))
    else {
        return Ok(None);
    };
    // The cookie does not go to `/en/staff/`.
    if place.lang != config.default_language {
        let rest = request.path.strip_prefix(&format!("/{}{STAFF}", place.lang));
        let there = published.site.renderer.staff_url(place.lang, rest.unwrap_or_default());
        return Ok(Some(Response::see_other(there)));
    }
    let is_prefix = |lang: &str| {
        lang != config.default_language && config.languages.iter().any(|known| known == lang)
    };
    let (lang, rest) = match rest {
        [lang, rest @ ..] if is_prefix(lang) => (lang.as_str(), rest),
        _ => (place.lang, rest),
    };
    let mut rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    if rest.len() > 1 && rest.last() == Some(&"") {
        rest.pop();
    }
    let visit = Visit { desk, app, published, request, lang, path: rest.join("/") };
    visit.reply(&rest).map(Some)
}

impl Visit<'_> {
    fn reply(&self, rest: &[&str]) -> Result<Response> {
        let form = match self.form() {
            Ok(form) => form,
            Err(refused) => return refused,
        };
        match rest {
            [] => return Ok(self.go("")),
            ["login"] => return self.login(form.as_ref()),
            _ => {}
        }
        let Some((ticket, account)) = self.who()? else { return Ok(self.go("login")) };
        let token = form.as_ref().map(|form| form.first("_csrf").unwrap_or_default());
        if token.is_some_and(|token| !is_same(token, &ticket.csrf)) {
            return self.message(403, "door_refused");
        }
        let inside = Inside { visit: self, ticket: &ticket, account: &account };
        match rest {
            ["logout"] => inside.leave(form.is_some()),
            ["password"] => inside.password(form.as_ref()),
            _ if account.must_change => Ok(self.go("password")),
            ["second-factor"] => inside.second_factor(form.as_ref()),
            _ => inside.room(rest, form.as_ref()),
        }
    }

    fn now(&self) -> Timestamp {
        self.desk.means.clock.now()
    }

    /// What was posted, if it came from a page of ours; or the page that refuses it.
    fn form(&self) -> std::result::Result<Option<Fields>, Result<Response>> {
        if self.request.method != Method::Post {
            return Ok(None);
        }
        if !self.app.is_own_origin(self.request) {
            return Err(self.message(403, "door_refused"));
        }
        let read = form::read(self.request);
        read.map(Some).map_err(|wrong| self.message(wrong.status(), "door_refused"))
    }

    /// Whoever is logged in, as they are in the database by now: who was removed, or has another password,
    /// is nobody any more.
    fn who(&self) -> Result<Option<(Ticket, Account)>> {
        let sessions = &self.desk.door.sessions;
        let Some(ticket) = sessions.visit(self.request, self.now()) else { return Ok(None) };
        let account = self.desk.store(self.desk.means.central.account(&ticket.name))?;
        let account = account.filter(|account| account.stamp == ticket.stamp);
        if account.is_none() {
            sessions.end(&ticket);
        }
        Ok(account.map(|account| (ticket, account)))
    }

    fn go(&self, path: &str) -> Response {
        Response::see_other(self.published.site.renderer.staff_url(self.lang, path))
    }

    /// The browser came by https, as the proxy says. The gate drops everybody else's word.
    fn is_secure(&self) -> bool {
        self.request.header("x-forwarded-proto").is_some_and(|proto| proto == "https")
    }

    /// The frame of a page for whom nobody is known.
    fn frame(&self) -> StaffFrame<'_> {
        StaffFrame {
            lang: self.lang,
            path: &self.path,
            who: None,
            csrf: "",
            ways: &[],
            note: None,
            is_example: self.desk.is_example,
        }
    }

    /// A page of a few words, by the beginning of their keys.
    fn message(&self, status: u16, words: &str) -> Result<Response> {
        let (title, text) = (format!("{words}_title"), format!("{words}_text"));
        let page = self.published.site.renderer.staff_message(&self.frame(), &title, &text)?;
        Ok(Response::html(status, page))
    }
}

/// A visit of somebody who is logged in.
struct Inside<'a> {
    visit: &'a Visit<'a>,
    ticket: &'a Ticket,
    account: &'a Account,
}

impl Inside<'_> {
    fn frame(&self) -> StaffFrame<'_> {
        let staff = &self.account.staff;
        StaffFrame {
            who: Some(&staff.name),
            csrf: &self.ticket.csrf,
            // Who has to choose a password first can go nowhere else.
            ways: if self.account.must_change { &[] } else { rooms::ways(staff) },
            note: self.ticket.note,
            ..self.visit.frame()
        }
    }

    fn room(&self, rest: &[&str], form: Option<&Fields>) -> Result<Response> {
        let visit = self.visit;
        let renderer = &visit.published.site.renderer;
        let caller = Caller {
            desk: visit.desk,
            published: visit.published,
            request: visit.request,
            lang: visit.lang,
            who: &self.account.staff,
            csrf: &self.ticket.csrf,
            form,
            ticket: self.ticket,
        };
        Ok(match rooms::show(&caller, rest)? {
            Some(Room::Page { status, title, body }) => {
                Response::html(status, renderer.staff_room(&self.frame(), &title, &body)?)
            }
            Some(Room::Soon { title, body }) => {
                let page = renderer.staff_room(&self.frame(), &title, &body)?;
                Response::html(200, page).with("Refresh", LOOK_AGAIN_S)
            }
            Some(Room::Other(response)) => response,
            None => {
                let (title, text) = ("door_lost_title", "door_lost_text");
                Response::html(404, renderer.staff_message(&self.frame(), title, text)?)
            }
        })
    }
}
