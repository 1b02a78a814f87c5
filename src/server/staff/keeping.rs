//! What several rooms need: their pages made of sheets, and what is counted or audited once for all of them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::rooms::Room;
use super::telling::Teller;
use super::workshop::{Age, Found, Order};
use super::{Caller, StaffDesk};
use crate::error::Result;
use crate::site::sheet::{Link, Sheet};
use crate::store::StoreError;
use crate::store::central::audit::Finding;
use crate::store::central::tally::Tallies;

/// How long a page waits for a count, or for the audit.
const PATIENCE: Duration = Duration::from_millis(1500);
/// A count is made anew after this time, in seconds, and not before so many times what it took: pages that
/// many people look at all day cost a twentieth of a core at most.
const COUNT_S: i64 = 5;
const SHARE: u64 = 20;
/// The audit reads everything there is.
const AUDIT_S: i64 = 5 * 60;

/// What the audit of the central says.
pub(super) struct Checked {
    pub findings: Vec<Finding>,
    /// Records that wait for a person.
    pub quarantined: u64,
}

impl StaffDesk {
    /// As [`StaffDesk::store`], of the panel's database.
    pub(super) fn panel<T>(&self, done: std::result::Result<T, StoreError>) -> Result<T> {
        done.map_err(|error| error.at("read or write", self.means.members.path()))
    }
}

impl Caller<'_> {
    /// A page whose title is a word of the rooms.
    pub(super) fn sheet(&self, title: &str, sheet: &Sheet) -> Result<Room> {
        self.titled(Teller::of(self).word(title), sheet)
    }

    pub(super) fn titled(&self, title: String, sheet: &Sheet) -> Result<Room> {
        self.with_status(200, title, sheet)
    }

    pub(super) fn with_status(&self, status: u16, title: String, sheet: &Sheet) -> Result<Room> {
        let renderer = &self.published.site.renderer;
        let body = renderer.sheet(sheet, self.lang, self.csrf)?;
        Ok(Room::Page { status, title, body })
    }

    /// A page that says that something is being worked out, and looks again by itself.
    pub(super) fn wait(&self, title: &str) -> Result<Room> {
        let tell = Teller::of(self);
        let mut sheet = Sheet::new();
        sheet.text(tell.word("room_working"));
        sheet.links(vec![Link {
            url: self.request.path.clone(),
            title: tell.word("room_look_again"),
            note: String::new(),
            bad: false,
        }]);
        let body = self.published.site.renderer.sheet(&sheet, self.lang, self.csrf)?;
        Ok(Room::Soon { title: tell.word(title), body })
    }
}

/// How many answers there are of each kind, and when they were counted; none where counting takes longer than a
/// page waits.
pub(super) fn counted(caller: &Caller) -> Option<(Arc<Tallies>, Timestamp)> {
    let central = caller.desk.means.central.clone();
    let is_fresh = |age: Age| {
        let cost = i64::try_from(SHARE * age.took.as_secs()).unwrap_or(i64::MAX);
        age.seconds < COUNT_S.max(cost)
    };
    let order = Order { key: "tally".to_owned(), mark: 0, patience: PATIENCE, is_fresh: &is_fresh };
    let work = move || central.tally().map_err(|error| error.at("count in", central.path()));
    ready(caller.desk.means.workshop.order(&order, work))
}

/// What the audit says, and of when.
pub(super) fn checked(caller: &Caller) -> Option<(Arc<Checked>, Timestamp)> {
    let central = caller.desk.means.central.clone();
    let is_fresh = |age: Age| age.seconds < AUDIT_S;
    let order = Order { key: "audit".to_owned(), mark: 0, patience: PATIENCE, is_fresh: &is_fresh };
    let work = move || {
        let audit = central.audit().map_err(|error| error.at("audit", central.path()))?;
        let quarantined = audit.sums.quarantined;
        Ok(Checked { findings: audit.findings, quarantined })
    };
    ready(caller.desk.means.workshop.order(&order, work))
}

fn ready<T>(found: Found<T>) -> Option<(Arc<T>, Timestamp)> {
    match found {
        Found::Ready { thing, at } => Some((thing, at)),
        Found::Underway | Found::Failed => None,
    }
}
