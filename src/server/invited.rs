//! `/i/<token>`: the page of an invitation, and the answer to it. The answer waits in the spool with its
//! invitation until the survey is over; nothing about who asked or when is kept.

use std::sync::Arc;

use super::app::{App, Published};
use super::collect::{self, Invited};
use super::http::{Method, Request, Response};
use super::pages;
use crate::crypto::Digest;
use crate::error::{Context, Result};
use crate::panel::code::Code;
use crate::site::member::Note;
use crate::store::members::{Members, Token};
use crate::store::spool::Spool;
use crate::survey::{Definition, Phase};

/// Where invitations are known, and where their answers wait.
pub struct Post {
    pub members: Arc<Members>,
    pub spool: Arc<Spool>,
}

/// What the database knows a token of a mail, or a letter's code, by; none where it is neither.
pub fn hash(token: &str) -> Option<Digest> {
    let of_code = || Code::read(token).ok().map(|code| Digest::of(code.plain().as_bytes()));
    Token::from_hex(token).map(Token::hash).or_else(of_code)
}

/// The reply at an invitation's address; none where nobody knows it.
pub(super) fn answer(
    post: &Post,
    app: &App,
    published: &Published,
    lang: &str,
    token: &str,
    request: &Request,
) -> Result<Option<Response>> {
    let Some(hash) = hash(token) else { return Ok(None) };
    let found = post.members.invitation(hash);
    let at =
        |error: crate::store::StoreError| error.at("look up an invitation in", post.members.path());
    let Some(invitation) = found.map_err(at)? else { return Ok(None) };
    let note =
        |status, note| Ok(Some(Response::html(status, published.site.renderer.note(lang, note)?)));
    let Some(definition) = published.site.survey(&invitation.survey) else {
        return note(404, Note::Uninvited);
    };
    if request.method == Method::Post {
        if !app.is_own_origin(request) {
            return Ok(Some(app.fault(published, 403, lang)));
        }
        let invited = Invited::Known { invitation: invitation.id, spool: &post.spool };
        return collect::take_invited(app, published, definition, lang, request, invited).map(Some);
    }
    let is_used = post.spool.has(invitation.id);
    if is_used.map_err(|error| error.at("look into", post.spool.path()))? {
        return note(409, Note::Used);
    }
    show(app, published, definition, lang).map(Some)
}

/// The survey's page without the questions about oneself: the panel knows them.
fn show(app: &App, published: &Published, definition: &Definition, lang: &str) -> Result<Response> {
    let renderer = &published.site.renderer;
    let listed = app.listed(published, definition);
    match listed.phase {
        Some(Phase::Open) => {}
        phase => {
            let page = renderer.unavailable(&listed, lang, app.options.channel.mode())?;
            return Ok(Response::html(if phase == Some(Phase::Coming) { 200 } else { 410 }, page));
        }
    }
    let address = renderer.address(&definition.address(), lang);
    let built = published.site.release.join("invited").join(address.trim_start_matches('/'));
    let path = built.join("index.html");
    let page = std::fs::read(&path).during_at("read", &path)?;
    Ok(pages::with_id(Response::html(200, page), &pages::fresh_id()))
}
