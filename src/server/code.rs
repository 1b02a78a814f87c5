//! `/kode/`: the code of a letter, typed in; `/i/<code>`: what it opens.
//!
//! Its form is judged first, so that a mistyped code is told before anything else is asked. What it opens
//! is known at a central alone (`invited`).

use super::app::{App, Place, Published};
use super::form;
use super::http::{Method, Request, Response};
use super::invited;
use crate::error::Result;
use crate::panel::code::Code;
use crate::site::Mode;
use crate::site::member::Note;
use crate::store::members::Token;

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
        ["i", token] | ["i", token, ""] => {
            let known = match &app.post {
                Some(post) => invited::answer(post, app, published, place.lang, token, request)?,
                None => None,
            };
            match known {
                Some(reply) => reply,
                None => unknown(app, published, place.lang, token)?,
            }
        }
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
    let mode = app.options.channel.mode();
    if mode == Mode::Web && Token::from_hex(code).is_some() {
        let page = published.site.renderer.note(lang, Note::Uninvited)?;
        return Ok(Response::html(404, page));
    }
    // What is no code is not repeated: the page would say whatever a link wants it to say.
    let Ok(code) = Code::read(code) else { return Ok(app.fault(published, 404, lang)) };
    let page = published.site.renderer.code_unknown(lang, mode, &code.to_string())?;
    Ok(Response::html(404, page))
}
