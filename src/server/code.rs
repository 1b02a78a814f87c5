//! `/kode/`: the code of a letter, typed in; `/i/<code>`: what it opens.
//!
//! Here only its form is judged, so that a mistyped code is told before anything else is asked. There
//! are no invitations yet, so that no code opens anything.

use super::app::{App, Place, Published};
use super::form;
use super::http::{Method, Request, Response};
use crate::error::Result;
use crate::panel::code::Code;

/// The field's name.
const FIELD: &str = "code";

/// The reply to what is about codes; none where the request is about something else.
pub(super) fn answer(
    app: &App,
    published: &Published,
    place: &Place,
    request: &Request,
) -> Result<Option<Response>> {
    let segments: Vec<&str> = place.segments.iter().map(String::as_str).collect();
    let is_post = request.method == Method::Post;
    let reply = match segments.as_slice() {
        ["kode", ""] if is_post => take(app, published, place.lang, request)?,
        ["i", code] | ["i", code, ""] => unknown(app, published, place.lang, code)?,
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

fn take(app: &App, published: &Published, lang: &str, request: &Request) -> Result<Response> {
    if !app.is_own_origin(request) {
        return Ok(app.fault(published, 403, lang));
    }
    let fields = match form::read(request) {
        Ok(fields) => fields,
        Err(wrong) => return Ok(app.fault(published, wrong.status(), lang)),
    };
    let typed = fields.first(FIELD).unwrap_or_default();
    let renderer = &published.site.renderer;
    match Code::read(typed) {
        Ok(code) => {
            let path = format!("/i/{}", code.plain());
            Ok(Response::see_other(renderer.address(&path, lang)))
        }
        Err(wrong) => {
            let page = renderer.code(lang, app.options.channel.mode(), typed, Some(wrong))?;
            Ok(Response::html(422, page))
        }
    }
}

fn unknown(app: &App, published: &Published, lang: &str, code: &str) -> Result<Response> {
    // What is no code is not repeated: the page would say whatever a link wants it to say.
    let Ok(code) = Code::read(code) else { return Ok(app.fault(published, 404, lang)) };
    let mode = app.options.channel.mode();
    let page = published.site.renderer.code_unknown(lang, mode, &code.to_string())?;
    Ok(Response::html(404, page))
}
