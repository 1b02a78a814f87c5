//! The staff page: the PIN, then how the kiosk is and what can be done about it.
//!
//! Every POST carries the token of its form. An attempt at the PIN is counted on the disk before it is
//! judged.

use super::super::app::{App, Published};
use super::super::cookies::is_same;
use super::super::form;
use super::super::http::{Method, Request, Response};
use super::Corner;
use super::session::Ticket;
use super::standing::Standing;
use crate::console::complain;
use crate::crypto::PinHash;
use crate::error::Result;
use crate::site::kiosk::{PinNotice, PinPage, StaffFigures, StatusPage};
use crate::store::aside;
use crate::survey::Fields;
use crate::sync::background::Sent;

/// Longer than any PIN that `kiosk pin` takes.
const DIGITS_MAX: usize = 12;

/// The reply at `/kiosk/status`, and at `/kiosk/status/en` in another language.
pub(super) fn answer(
    app: &App,
    published: &Published,
    corner: &Corner,
    lang: &str,
    rest: &[&str],
    request: &Request,
) -> Result<Option<Response>> {
    // At a street event the network is everybody's, and what is typed can be read on the air.
    if !app.is_own_machine(request) {
        return Ok(Some(app.fault(published, 403, lang)));
    }
    let config = published.site.renderer.config();
    let lang = match rest {
        // The cookie does not go to `/en/kiosk/`.
        [] | [""] if lang != config.default_language => {
            let address = published.site.renderer.staff_address(lang);
            return Ok(Some(Response::see_other(address)));
        }
        [] => lang,
        [other] if config.languages.iter().any(|known| known == other) => *other,
        _ => return Ok(None),
    };
    let desk = Desk { app, published, corner, lang };
    let reply = match request.method {
        Method::Post => desk.take(request)?,
        Method::Get | Method::Head => desk.show(request)?,
    };
    Ok(Some(reply))
}

struct Desk<'a> {
    app: &'a App,
    published: &'a Published,
    corner: &'a Corner,
    lang: &'a str,
}

impl Desk<'_> {
    fn now(&self) -> jiff::Timestamp {
        self.app.now(self.published).timestamp()
    }

    fn show(&self, request: &Request) -> Result<Response> {
        match self.corner.sessions.visit(request, self.now()) {
            Some(ticket) => self.status(&ticket),
            None => self.pin_page(200, "", self.lock().unwrap_or(PinNotice::None)),
        }
    }

    fn take(&self, request: &Request) -> Result<Response> {
        if !self.app.is_own_origin(request) {
            return Ok(self.app.fault(self.published, 403, self.lang));
        }
        let fields = match form::read(request) {
            Ok(fields) => fields,
            Err(wrong) => return Ok(self.app.fault(self.published, wrong.status(), self.lang)),
        };
        let csrf = fields.first("_csrf").unwrap_or_default();
        match (&self.corner.setup.pin, self.corner.sessions.visit(request, self.now())) {
            (None, _) => self.pin_page(403, "", PinNotice::Off),
            (_, Some(ticket)) if is_same(csrf, &ticket.csrf) => self.act(&fields),
            (_, Some(_)) => Ok(self.app.fault(self.published, 403, self.lang)),
            (Some(hash), None) if is_same(csrf, &self.corner.gate) => self.enter(hash, &fields),
            (Some(_), None) => self.pin_page(403, "", PinNotice::Stale),
        }
    }

    /// Digits one by one, or the whole PIN.
    fn enter(&self, hash: &PinHash, fields: &Fields) -> Result<Response> {
        if self.lock().is_some() {
            return self.show_locked();
        }
        let pin = fields.first("pin").unwrap_or_default().trim();
        if let Some(digit) = fields.first("digit") {
            return self.pin_page(200, &with_digit(pin, digit), PinNotice::None);
        }
        let now = self.now();
        // In one turn: attempts that come together must not all see the lock open.
        let counted = self.corner.kept.change(|memory| {
            let attempts = &mut memory.attempts;
            attempts.seconds_left(now).is_none().then(|| {
                attempts.count(now);
                attempts.left()
            })
        });
        let Some(left) = counted else { return self.show_locked() };
        if hash.fits(pin) {
            self.corner.kept.change(|memory| memory.attempts = Default::default());
            let cookie = self.corner.sessions.begin(now);
            return Ok(self.back().with("Set-Cookie", cookie));
        }
        match left {
            0 => self.show_locked(),
            _ => self.pin_page(422, "", PinNotice::Wrong { tries_left: left }),
        }
    }

    fn show_locked(&self) -> Result<Response> {
        self.pin_page(429, "", self.lock().unwrap_or(PinNotice::None))
    }

    fn lock(&self) -> Option<PinNotice> {
        let now = self.now();
        let left = self.corner.kept.change(|memory| memory.attempts.seconds_left(now));
        left.map(|seconds| PinNotice::Locked { seconds })
    }

    /// What a button does. The page after it says what came of it.
    fn act(&self, fields: &Fields) -> Result<Response> {
        let corner = self.corner;
        let note = match fields.first("do").unwrap_or_default() {
            "done" => {
                let start = Response::see_other("/kiosk/");
                return Ok(start.with("Set-Cookie", corner.sessions.end()));
            }
            "test" => {
                corner.test(Some(self.now()));
                "staff_test_begun"
            }
            "end-test" => {
                corner.test(None);
                "staff_test_ended"
            }
            "close" => self.close(true),
            "open" => self.close(false),
            "send" => self.send(),
            "restart" => return self.restart(),
            _ => return Ok(self.app.fault(self.published, 400, self.lang)),
        };
        corner.sessions.note(note);
        Ok(self.back())
    }

    fn close(&self, is_closed: bool) -> &'static str {
        self.corner.kept.change(|memory| memory.is_closed = is_closed);
        if is_closed { "staff_closed" } else { "staff_opened" }
    }

    fn send(&self) -> &'static str {
        match self.corner.setup.send.as_ref().map(|send| send()) {
            Some(Sent::Done) => "staff_sent",
            Some(Sent::Underway) => "staff_sending",
            Some(Sent::Failed) | None => "staff_not_sent",
        }
    }

    fn restart(&self) -> Result<Response> {
        let Some(restart) = &self.corner.setup.restart else {
            return Ok(self.app.fault(self.published, 400, self.lang));
        };
        let renderer = &self.published.site.renderer;
        let page = renderer.kiosk_restarting(self.lang, &self.corner.run)?;
        let cookie = self.corner.sessions.end();
        // What is inside is finished before the program ends, and this reply is.
        restart();
        Ok(Response::html(200, page).with("Set-Cookie", cookie))
    }

    fn back(&self) -> Response {
        Response::see_other(self.published.site.renderer.staff_address(self.lang))
    }

    fn pin_page(&self, status: u16, typed: &str, notice: PinNotice) -> Result<Response> {
        let notice = if self.corner.setup.pin.is_none() { PinNotice::Off } else { notice };
        let csrf = &self.corner.gate;
        let page = PinPage { csrf, typed, notice };
        let page = self.published.site.renderer.kiosk_pin(self.lang, &page)?;
        let reply = Response::html(status, page);
        Ok(match notice {
            PinNotice::Locked { seconds } => reply.with("Retry-After", seconds.to_string()),
            _ => reply,
        })
    }

    fn status(&self, ticket: &Ticket) -> Result<Response> {
        let page = StatusPage {
            csrf: &ticket.csrf,
            figures: &self.figures(),
            note: ticket.note,
            is_testing: self.corner.is_testing(self.now()),
            is_closed: self.corner.kept.memory().is_closed,
            can_send: self.corner.setup.send.is_some(),
            can_restart: self.corner.setup.restart.is_some(),
        };
        Ok(Response::html(200, self.published.site.renderer.kiosk_status(self.lang, &page)?))
    }

    fn figures(&self) -> StaffFigures {
        let setup = &self.corner.setup;
        let state = self.app.options.collector.state();
        let read = setup.folder.as_ref().map(|at| Standing::read(at, setup.name.clone()));
        let standing =
            read.and_then(|read| read.inspect_err(|error| complain!("borgerpanel: {error}")).ok());
        let mut figures = StaffFigures {
            kiosk: setup.name.clone(),
            store: state.word.clone(),
            unsynced: state.unsynced,
            disk_free_bytes: state.disk_free_bytes,
            release: self.published.release.clone(),
            hours: setup.hours.as_ref().map(ToString::to_string),
            page_seen_s: self.corner.page_seen_s(),
            ..StaffFigures::default()
        };
        let Some(standing) = standing else { return figures };
        let zone = self.published.site.renderer.config().zone();
        let here = |at: jiff::Timestamp| at.to_zoned_datetime(zone.clone()).datetime();
        figures.card = standing.card(Some(&self.published.release));
        figures.is_enrolled = standing.central.is_some();
        figures.disk_free_bytes = standing.disk_free_bytes;
        figures.room_answers = standing.room_answers();
        figures.last_answer = standing.news.last_answer;
        figures.trouble = standing
            .news
            .trouble
            .as_ref()
            .map(|trouble| (trouble.word.clone(), here(trouble.since)));
        figures.clock_skew_s = standing.news.clock_skew_s;
        figures.is_clock_wrong = standing.news.is_clock_wrong();
        figures.temperature_c = standing.temperature_c;
        figures.damage = aside::sums(&standing.set_aside);
        figures.kiosk = standing.kiosk;
        // The running program knows of limits that a look at the file does not show.
        if state.can_store {
            figures.store = standing.health.name().to_owned();
        }
        if let Some(status) = standing.status {
            figures.stored = status.stored;
            figures.unsynced = status.unsynced;
            let at = status.last_sync.and_then(|at| at.parse::<jiff::Timestamp>().ok());
            figures.last_contact = at.map(here);
        }
        figures
    }
}

/// What is typed after one key of the pad.
fn with_digit(typed: &str, key: &str) -> String {
    let mut digits: String = typed.chars().filter(char::is_ascii_digit).take(DIGITS_MAX).collect();
    match key {
        "erase" => {
            digits.pop();
        }
        key => digits.extend(key.chars().take(1).filter(char::is_ascii_digit)),
    }
    digits.truncate(DIGITS_MAX);
    digits
}

#[cfg(test)]
mod tests {
    use super::with_digit;

    #[test]
    fn the_pad_adds_and_takes_away() {
        assert_eq!(with_digit("", "4"), "4");
        assert_eq!(with_digit("48", "erase"), "4");
        assert_eq!(with_digit("", "erase"), "");
        assert_eq!(with_digit("1<2", "x"), "12");
        assert_eq!(with_digit("123456789012", "3"), "123456789012");
    }
}
