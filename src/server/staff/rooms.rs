//! What is behind the door. A room gets a [`Caller`], who is logged in and whose form, if one was posted, was
//! tied to their session and came from a page of ours; it answers with a [`Room`].

use crate::error::Result;
use crate::site::staff::Way;
use crate::store::central::staff::{Role, Staff};

use super::super::http::Response;
use super::Caller;

/// What a room answers.
pub enum Room {
    /// A page: `body` is HTML that a template of the site made.
    Page { status: u16, title: String, body: String },
    /// Anything else, such as the way to another page after a form was taken.
    Other(Response),
}

/// The bar's links for somebody.
pub(super) fn ways(_who: &Staff) -> &'static [Way] {
    const ALL: &[Way] = &[Way { path: "", words: "door_start" }];
    ALL
}

/// The room at `rest`, the path below `/staff/`; none where there is none, or none for this caller.
pub(super) fn show(caller: &Caller, rest: &[&str]) -> Result<Option<Room>> {
    match rest {
        [""] if caller.form.is_none() => start(caller).map(Some),
        _ => Ok(None),
    }
}

fn start(caller: &Caller) -> Result<Room> {
    let renderer = &caller.published.site.renderer;
    let panels = match &caller.who.role {
        Role::Administrator => None,
        Role::Panels(panels) => Some(panels.as_slice()),
    };
    let body = renderer.staff_start(caller.lang, ways(caller.who), panels)?;
    Ok(Room::Page { status: 200, title: caller.words("door_start"), body })
}
