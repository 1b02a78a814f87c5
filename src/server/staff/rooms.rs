//! What is behind the door. A room gets a [`Caller`], who is logged in and whose form, if one was posted, was
//! tied to their session and came from a page of ours; it answers with a [`Room`].
//!
//! Kiosks and the log are the administrators'. Staff of a panel see what is of that panel alone; whatever else
//! there is gets them the page for what there is not.

use crate::error::Result;
use crate::site::staff::Way;
use crate::store::central::staff::Staff;

use super::super::http::Response;
use super::{Caller, fleet, log, members, panels, results, start, surveys};

/// What a room answers.
pub enum Room {
    /// A page: `body` is HTML that a template of the site made.
    Page { status: u16, title: String, body: String },
    /// A page that asks again by itself.
    Soon { title: String, body: String },
    /// Anything else, such as the way to another page after a form was taken.
    Other(Response),
}

const START: Way = Way { path: "", words: "door_start" };
const FLEET: Way = Way { path: "fleet", words: "door_fleet" };
const SURVEYS: Way = Way { path: "surveys", words: "door_surveys" };
const RESULTS: Way = Way { path: "results", words: "door_results" };
const PANELS: Way = Way { path: "panels", words: "door_panels" };
const MEMBERS: Way = Way { path: "members", words: "door_members" };
const LOG: Way = Way { path: "log", words: "door_log" };

/// The bar's links for somebody.
pub(super) fn ways(who: &Staff) -> &'static [Way] {
    match who.is_administrator() {
        true => &[START, FLEET, SURVEYS, RESULTS, PANELS, MEMBERS, LOG],
        false => &[START, SURVEYS, RESULTS, PANELS, MEMBERS],
    }
}

/// The room at `rest`, the path below `/staff/`; none where there is none, or none for this caller.
pub(super) fn show(caller: &Caller, rest: &[&str]) -> Result<Option<Room>> {
    let is_administrator = caller.who.is_administrator();
    match rest {
        ["members"] => members::show(caller).map(Some),
        // Nothing else takes a form.
        _ if caller.form.is_some() => Ok(None),
        [""] => start::show(caller).map(Some),
        ["surveys"] => surveys::list(caller).map(Some),
        ["surveys", slug] => surveys::one(caller, slug),
        ["surveys", slug, "invite"] => surveys::ahead(caller, slug),
        ["results"] => results::list(caller).map(Some),
        ["results", slug] => results::one(caller, slug),
        ["panels"] => panels::list(caller).map(Some),
        ["panels", slug] => panels::one(caller, slug),
        ["fleet"] if is_administrator => fleet::list(caller).map(Some),
        ["fleet", name] if is_administrator => fleet::one(caller, name),
        ["log"] if is_administrator => log::show(caller).map(Some),
        _ => Ok(None),
    }
}
