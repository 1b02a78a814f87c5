//! `/kode/`: the code of a letter, typed in; `/i/<code>`: what it opens.
//!
//! Its form is judged first, so that a mistyped code is told before anything else is asked. What it opens
//! is known at a central alone (`invited`). A kiosk takes it as it is: it asks which survey the letter is
//! about, where several are open, and the answer travels with the code, sealed, to be judged there.

use super::app::{App, Channel, Place, Published};
use super::collect::{self, Invited};
use super::form;
use super::http::{Method, Request, Response};
use super::invited;
use super::pages;
use crate::error::Result;
use crate::panel::code::Code;
use crate::site::member::Note;
use crate::site::{Listed, Mode, SurveyPage};
use crate::store::members::Token;
use crate::survey::{Definition, Fields, Phase};

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
        ["i", code] | ["i", code, ""] if app.options.channel == Channel::Kiosk => {
            choose(app, published, place.lang, code)?
        }
        ["i", code, slug, ""] if app.options.channel == Channel::Kiosk => {
            answer_survey(app, published, place.lang, (code, slug), request)?
        }
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

/// Surveys that somebody with a letter can answer at this kiosk now.
fn open<'p>(app: &'p App, published: &'p Published) -> Vec<Listed<'p>> {
    let all = published.site.surveys.iter().filter(|one| app.invites_to(one));
    let listed = all.map(|definition| app.listed(published, definition));
    listed.filter(|one| one.phase == Some(Phase::Open)).collect()
}

/// The way from a code to its survey, at a kiosk: a code does not say which it is for.
fn choose(app: &App, published: &Published, lang: &str, code: &str) -> Result<Response> {
    let Ok(read) = Code::read(code) else { return Ok(app.fault(published, 404, lang)) };
    let renderer = &published.site.renderer;
    let path = |listed: &Listed| format!("/i/{}/{}/", read.plain(), listed.definition.slug);
    match &open(app, published)[..] {
        [] => unknown(app, published, lang, code),
        [only] => Ok(Response::see_other(renderer.address(&path(only), lang))),
        several => {
            let choices: Vec<(String, &Listed)> =
                several.iter().map(|listed| (path(listed), listed)).collect();
            let switch = format!("/i/{}", read.plain());
            Ok(Response::html(200, renderer.code_choice(lang, &switch, &choices)?))
        }
    }
}

/// The survey that a letter is about, at a kiosk: its page, and the answer with the letter's code.
fn answer_survey(
    app: &App,
    published: &Published,
    lang: &str,
    (code, slug): (&str, &str),
    request: &Request,
) -> Result<Response> {
    let Ok(code) = Code::read(code) else { return Ok(app.fault(published, 404, lang)) };
    let found = published.site.survey(slug).filter(|one| app.invites_to(one));
    let Some(definition) = found else { return Ok(app.fault(published, 404, lang)) };
    if request.method == Method::Post {
        if !app.is_own_origin(request) {
            return Ok(app.fault(published, 403, lang));
        }
        let invited = Invited::Letter(code);
        return collect::take_invited(app, published, definition, lang, request, invited);
    }
    show(app, published, definition, lang)
}

fn show(app: &App, published: &Published, definition: &Definition, lang: &str) -> Result<Response> {
    let (renderer, mode) = (&published.site.renderer, app.options.channel.mode());
    let listed = app.listed(published, definition);
    if listed.phase != Some(Phase::Open) {
        return Ok(Response::html(410, renderer.unavailable(&listed, lang, mode)?));
    }
    let kept = &Fields::default();
    let page = SurveyPage { definition, lang, mode, kept, problems: &[], nudges: &[] };
    let page = Response::html(200, renderer.survey(&page)?);
    Ok(pages::with_id(page, &pages::fresh_id()))
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
