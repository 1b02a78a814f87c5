//! GET: the built files, and the few pages that depend on the day.

use std::path::PathBuf;

use super::app::{App, Channel, Place, Published};
use super::http::{Body, Response};
use super::inner::HELD_BYTES_MAX;
use crate::crypto;
use crate::error::{Context, Result};
use crate::site::render;
use crate::survey::{Definition, Phase};

/// The page or file at `place`.
pub(super) fn show(
    app: &App,
    published: &Published,
    place: &Place,
    path: &str,
) -> Result<Response> {
    match place.segments {
        [end] if end.is_empty() => home(app, published, place.lang),
        [kiosk, end] if kiosk == "kiosk" && end.is_empty() && is_kiosk(app) => {
            start(app, published, place.lang)
        }
        [s, slug, tak, rest @ ..]
            if s == "s" && tak == "tak" && is_by_invitation(app, published, slug) =>
        {
            thanks(app, published, place, slug, rest)
        }
        [s, slug, rest @ ..] if s == "s" => {
            survey(app, published, place, app.survey(published, slug), rest, path)
        }
        [panel, slug, rest @ ..] if panel == "panel" && !rest.is_empty() => {
            survey(app, published, place, app.signup(published, slug), rest, path)
        }
        _ => file(app, published, place, path),
    }
}

/// Whether a GET would find something here: a POST there is 405, not 404.
pub(super) fn exists(app: &App, published: &Published, place: &Place) -> bool {
    let found = show(app, published, place, "/");
    found.is_ok_and(|response| response.status < 400)
}

fn is_kiosk(app: &App) -> bool {
    app.options.channel == Channel::Kiosk
}

/// The list of surveys as it is today.
fn home(app: &App, published: &Published, lang: &str) -> Result<Response> {
    if is_kiosk(app) {
        return start(app, published, lang);
    }
    let page = published.site.renderer.home(lang, &app.list(published))?;
    Ok(Response::html(200, page))
}

/// A kiosk's start page; where one survey is open, that one.
pub(super) fn start(app: &App, published: &Published, lang: &str) -> Result<Response> {
    let list = app.list(published);
    if let Some(address) = published.site.renderer.only_open(&list, lang) {
        return Ok(Response::see_other(address));
    }
    Ok(Response::html(200, published.site.renderer.kiosk_start(lang, &list)?))
}

fn survey(
    app: &App,
    published: &Published,
    place: &Place,
    definition: Option<&Definition>,
    rest: &[String],
    path: &str,
) -> Result<Response> {
    let Some(definition) = definition else {
        return Ok(app.fault(published, 404, place.lang));
    };
    let is_page = matches!(rest, [end] if end.is_empty());
    // The paper version goes with the survey: nobody should fill in a form that is not taken.
    let is_paper = matches!(rest, [paper, end] if paper == "papir" && end.is_empty());
    if !is_page && !is_paper {
        return file(app, published, place, path);
    }
    let listed = app.listed(published, definition);
    match listed.phase {
        Some(Phase::Open) => Ok(with_id(file(app, published, place, path)?, &fresh_id())),
        phase => {
            let renderer = &published.site.renderer;
            let page = renderer.unavailable(&listed, place.lang, app.options.channel.mode())?;
            // A survey that is still to come is a page like others; one that is over is gone.
            let status = if phase == Some(Phase::Coming) { 200 } else { 410 };
            Ok(Response::html(status, page))
        }
    }
}

fn is_by_invitation(app: &App, published: &Published, slug: &str) -> bool {
    published.site.survey(slug).is_some_and(|definition| app.invites_to(definition))
}

/// The thank-you of a survey that has no page of its own here, as it is by invitation.
fn thanks(
    app: &App,
    published: &Published,
    place: &Place,
    slug: &str,
    rest: &[String],
) -> Result<Response> {
    let ending = match rest {
        [end] if end.is_empty() => None,
        [ending, end] if end.is_empty() => Some(ending.as_str()),
        _ => return Ok(app.fault(published, 404, place.lang)),
    };
    let Some(definition) = published.site.survey(slug) else {
        return Ok(app.fault(published, 404, place.lang));
    };
    let survey = definition.in_language(place.lang);
    if ending.is_some_and(|ending| survey.endings.iter().all(|known| known.id != ending)) {
        return Ok(app.fault(published, 404, place.lang));
    }
    let (renderer, mode) = (&published.site.renderer, app.options.channel.mode());
    Ok(Response::html(200, renderer.thanks(definition, place.lang, mode, ending)?))
}

/// A random id for the response that a page may become.
pub(super) fn fresh_id() -> String {
    crypto::hex(&crypto::random::<16>())
}

/// The page with `id` in its form, so that posting it twice stores it once.
pub(super) fn with_id(response: Response, id: &str) -> Response {
    match response {
        Response { body: Body::Bytes(page), status, headers } => {
            let filled = match String::from_utf8(page) {
                Ok(page) => render::with_id(&page, id).into_bytes(),
                Err(bytes) => bytes.into_bytes(),
            };
            Response { status, headers, body: Body::Bytes(filled) }
        }
        other => other,
    }
}

/// A built file. `/om` leads to `/om/`, as on any web server.
fn file(app: &App, published: &Published, place: &Place, path: &str) -> Result<Response> {
    let root = match app.options.channel {
        Channel::Kiosk => published.site.release.join("kiosk"),
        Channel::Web | Channel::Preview => published.site.public.clone(),
    };
    let mut found: PathBuf = root;
    if place.lang != published.site.renderer.config().default_language {
        found.push(place.lang);
    }
    found.extend(place.segments.iter().filter(|segment| !segment.is_empty()));
    let as_folder = place.segments.last().is_some_and(String::is_empty);
    if !as_folder && found.is_file() && found.ends_with("index.html") {
        // The built file as it lies there knows neither the day nor an id: the folder's page does.
        return Ok(Response::see_other(path.trim_end_matches("index.html")));
    }
    if found.is_dir() {
        if !as_folder {
            return Ok(Response::see_other(format!("{path}/")));
        }
        found.push("index.html");
    }
    let ending = found.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !found.is_file() || (as_folder && !found.ends_with("index.html")) {
        // A page that was sent back may be of an earlier version, and so may what it fetches.
        let made = published.site.renderer.assets().made(path.trim_start_matches('/'));
        let made = made.or_else(|| published.versions.asset(place.segments));
        return Ok(match made {
            Some(bytes) => Response::bytes(200, content_type(ending), bytes),
            None => app.fault(published, 404, place.lang),
        });
    }
    let length = std::fs::metadata(&found).during_at("read", &found)?.len();
    if length > HELD_BYTES_MAX as u64 {
        // A large picture goes from the disk to its visitor piece by piece, and is never whole in memory.
        let body = Body::File(found.clone());
        return Ok(Response { body, ..Response::bytes(200, content_type(ending), "") });
    }
    let bytes = std::fs::read(&found).during_at("read", &found)?;
    Ok(Response::bytes(200, content_type(ending), bytes))
}

fn content_type(ending: &str) -> &'static str {
    match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
