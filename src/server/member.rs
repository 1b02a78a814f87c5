//! A member's pages at a central: confirming an address, the page behind a mailed link, leaving by one
//! press. A GET never changes anything, as mail scanners open every link; what changes something is a POST,
//! and needs a token that only a mail had.

use std::sync::Arc;

use super::app::{App, Place, Published};
use super::form;
use super::http::{Method, Request, Response};
use crate::error::{Context, Result};
use crate::panel::admission::barred;
use crate::panel::email::Email;
use crate::panel::member::MemberId;
use crate::response::signup::Told;
use crate::site::member::{Note, Shown};
use crate::store::members::link::Purpose;
use crate::store::members::member::{Fields as Kept, Member, Moment};
use crate::store::members::{Members, Token};
use crate::survey::{Definition, Fields};

/// What a member's pages are made from.
pub struct Desk {
    pub members: Arc<Members>,
}

/// One request about membership.
struct Visit<'a> {
    desk: &'a Desk,
    app: &'a App,
    published: &'a Published,
    lang: &'a str,
    request: &'a Request,
}

/// The reply to what is about members; none where the request is about something else.
pub(super) fn answer(
    desk: &Desk,
    app: &App,
    published: &Published,
    place: &Place,
    request: &Request,
) -> Result<Option<Response>> {
    let segments: Vec<&str> = place.segments.iter().map(String::as_str).collect();
    let visit = Visit { desk, app, published, lang: place.lang, request };
    let reply = match segments.as_slice() {
        ["panel", "confirm", token] | ["panel", "confirm", token, ""] => visit.confirm(token)?,
        ["panel", "me"] | ["panel", "me", ""] => visit.ask()?,
        ["panel", "me", token] | ["panel", "me", token, ""] => visit.me(token)?,
        ["panel", "stop", token, panel] | ["panel", "stop", token, panel, ""] => {
            visit.stop(token, panel)?
        }
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

impl Visit<'_> {
    fn is_post(&self) -> bool {
        self.request.method == Method::Post
    }

    fn now(&self) -> i64 {
        self.app.options.clock.now().as_second()
    }

    fn note(&self, status: u16, note: Note) -> Result<Response> {
        Ok(Response::html(status, self.published.site.renderer.note(self.lang, note)?))
    }

    /// What a database's trouble is called in the console; the visitor gets the page for it.
    fn store<T>(&self, done: std::result::Result<T, crate::store::StoreError>) -> Result<T> {
        done.map_err(|error| error.at("read or write", self.desk.members.path()))
    }

    /// The fields of a form of ours, or the page that refuses it.
    fn fields(&self) -> std::result::Result<Fields, Response> {
        if !self.app.is_own_origin(self.request) {
            return Err(self.app.fault(self.published, 403, self.lang));
        }
        form::read(self.request)
            .map_err(|wrong| self.app.fault(self.published, wrong.status(), self.lang))
    }

    fn confirm(&self, token: &str) -> Result<Response> {
        let members = &self.desk.members;
        let Some(token) = Token::from_hex(token) else { return self.note(404, Note::Expired) };
        let link = self.store(members.link(token, Purpose::Confirm, self.now()))?;
        let Some(panel) = link.and_then(|link| link.panel) else {
            return self.note(404, Note::Expired);
        };
        if !self.is_post() {
            return self.note(200, Note::Confirm(&panel));
        }
        let day = self.app.today(self.published);
        let at = Moment { day: &day, now: self.now() };
        match self.store(members.confirm(token, at))? {
            Some(panel) => self.note(200, Note::Confirmed(&panel)),
            None => self.note(404, Note::Expired),
        }
    }

    /// The page that sends a link, and the sending.
    fn ask(&self) -> Result<Response> {
        let renderer = &self.published.site.renderer;
        if !self.is_post() {
            return Ok(Response::html(200, renderer.member_ask(self.lang, "", false)?));
        }
        let fields = match self.fields() {
            Ok(fields) => fields,
            Err(refused) => return Ok(refused),
        };
        let typed = fields.first("email").unwrap_or_default();
        let Ok(email) = Email::read(typed) else {
            return Ok(Response::html(422, renderer.member_ask(self.lang, typed, true)?));
        };
        let now = self.app.options.clock.now();
        if let Err(seconds) = self.app.doorkeeper.admit(self.request.peer, now) {
            let page = self.app.fault(self.published, 429, self.lang);
            return Ok(page.with("Retry-After", seconds.to_string()));
        }
        let day = self.app.today(self.published);
        let at = Moment { day: &day, now: now.as_second() };
        self.store(self.desk.members.ask_for_page(&email, at))?;
        self.note(200, Note::Sent)
    }

    fn me(&self, token: &str) -> Result<Response> {
        let members = &self.desk.members;
        let link = match Token::from_hex(token) {
            Some(token) => self.store(members.link(token, Purpose::Me, self.now()))?,
            None => None,
        };
        let found = match link {
            Some(link) => self.store(members.member(link.member))?,
            None => None,
        };
        let Some(member) = found else { return self.note(404, Note::Expired) };
        let address = format!("/panel/me/{token}");
        if !self.is_post() {
            return self.page(&member, &address, false, false);
        }
        match self.fields() {
            Ok(fields) => self.act(member, &fields, &address),
            Err(refused) => Ok(refused),
        }
    }

    fn act(&self, member: Member, fields: &Fields, address: &str) -> Result<Response> {
        let members = &self.desk.members;
        let day = self.app.today(self.published);
        let panel = fields.first("panel").unwrap_or_default();
        match fields.first("do") {
            Some("save") => return self.save(member, fields, address),
            Some("copy") => return self.copy(&member),
            Some("join") => {
                let form = self.form(panel);
                let is_let_in = form.is_some() && self.may_join(&member.fields, panel);
                if !is_let_in {
                    return Ok(self.app.fault(self.published, 403, self.lang));
                }
                let consent = form.map_or("", |form| form.version.as_str());
                self.store(members.join(member.id, panel, consent, &day))?;
            }
            Some("leave") if self.store(members.leave(member.id, panel, &day))? => {
                return self.note(200, Note::Gone);
            }
            Some("leave") => {}
            Some("erase") if fields.first("sure") == Some("yes") => {
                self.store(members.erase(&[member.id], "member", &day))?;
                return self.note(200, Note::Gone);
            }
            Some("erase") => return self.page(&member, address, false, false),
            _ => return Ok(self.app.fault(self.published, 400, self.lang)),
        }
        self.store(members.note_seen(member.id, &day))?;
        self.again(member.id, address)
    }

    /// The page once more, with what is known now.
    fn again(&self, id: MemberId, address: &str) -> Result<Response> {
        match self.store(self.desk.members.member(id))? {
            Some(member) => self.page(&member, address, true, false),
            None => self.note(200, Note::Gone),
        }
    }

    fn save(&self, mut member: Member, fields: &Fields, address: &str) -> Result<Response> {
        let chosen = |name: &str| {
            let value = fields.first(name).filter(|value| !value.is_empty())?;
            self.is_choice(&member, name, value).then(|| value.to_owned())
        };
        let (gender, district) = (chosen("gender"), chosen("district"));
        let education = chosen("education");
        let languages = &self.published.site.renderer.config().languages;
        let lang = fields.first("lang").unwrap_or_default();
        let lang = languages.iter().find(|known| *known == lang).unwrap_or(&member.fields.lang);
        let year = fields.first("birth-year").and_then(|year| year.trim().parse::<i16>().ok());
        let wanted = Kept {
            email: member.fields.email.clone(),
            birth_year: year.unwrap_or_default(),
            gender,
            district,
            education,
            lang: lang.clone(),
        };
        let is_sound = wanted.birth_year >= 1900
            && member.memberships.iter().all(|one| self.is_old_enough(&wanted, &one.panel));
        if !is_sound {
            member.fields = Kept { birth_year: member.fields.birth_year, ..wanted };
            return self.page(&member, address, false, true);
        }
        let day = self.app.today(self.published);
        self.store(self.desk.members.correct(member.id, &wanted, &day))?;
        self.again(member.id, address)
    }

    /// Leaves a panel by one press. The POST may come from a mail program (RFC 8058), so that neither its
    /// origin nor its body says anything: the token does.
    fn stop(&self, token: &str, panel: &str) -> Result<Response> {
        let members = &self.desk.members;
        let member = match Token::from_hex(token) {
            Some(token) => self.store(members.by_stop(token))?,
            None => None,
        };
        let is_known = self.published.site.renderer.config().panels.contains_key(panel);
        let Some(member) = member.filter(|_| is_known) else {
            return self.note(404, Note::Expired);
        };
        if !self.is_post() {
            return self.note(200, Note::Stop(panel));
        }
        let day = self.app.today(self.published);
        self.store(members.leave(member.id, panel, &day))?;
        self.note(200, Note::Stopped(panel))
    }

    fn page(
        &self,
        member: &Member,
        address: &str,
        saved: bool,
        wrong_year: bool,
    ) -> Result<Response> {
        let fields = &member.fields;
        let joined = member.memberships.iter().filter(|one| one.confirmed);
        let shown = Shown {
            email: fields.email.to_string(),
            birth_year: fields.birth_year,
            gender: fields.gender.clone(),
            district: fields.district.clone(),
            education: fields.education.clone(),
            lang: fields.lang.clone(),
            panels: joined.map(|one| one.panel.clone()).collect(),
            others: self.others(member),
            address: address.to_owned(),
            saved,
            wrong_year,
        };
        let form = self.form_of(member);
        let page = self.published.site.renderer.member(&shown, self.lang, form)?;
        Ok(Response::html(if wrong_year { 422 } else { 200 }, page))
    }

    /// The panels with a form of their own that would have this member.
    fn others(&self, member: &Member) -> Vec<String> {
        let forms = self.published.site.signups.iter().filter_map(Definition::panel);
        forms.filter(|panel| self.may_join(&member.fields, panel)).map(str::to_owned).collect()
    }

    fn form(&self, panel: &str) -> Option<&Definition> {
        self.published.site.signups.iter().find(|form| form.panel() == Some(panel))
    }

    /// The form whose choices the member's page offers.
    fn form_of(&self, member: &Member) -> Option<&Definition> {
        let own = member.memberships.iter().find_map(|one| self.form(&one.panel));
        own.or_else(|| self.published.site.signups.first())
    }

    fn is_choice(&self, member: &Member, field: &str, value: &str) -> bool {
        let form = self.form_of(member).map(Definition::base);
        let mut questions = form.into_iter().flat_map(|form| form.questions());
        questions.any(|question| {
            question.maps.as_deref() == Some(field) && question.choice(value).is_some()
        })
    }

    fn may_join(&self, fields: &Kept, panel: &str) -> bool {
        self.barred(fields, panel).is_some_and(|barred| barred.is_empty())
    }

    /// Where somebody moved out of a panel's district they stay in it: that is theirs to decide.
    fn is_old_enough(&self, fields: &Kept, panel: &str) -> bool {
        let barred = self.barred(fields, panel).unwrap_or_default();
        barred.iter().all(|barred| barred.field() != "birth-year")
    }

    fn barred(&self, fields: &Kept, panel: &str) -> Option<Vec<crate::panel::admission::Barred>> {
        let rules = self.published.site.renderer.config().panels.get(panel)?.rules();
        let told = Told {
            email: fields.email.to_string(),
            birth_year: Some(fields.birth_year),
            district: fields.district.clone(),
            ..Told::default()
        };
        Some(barred(&told, rules, self.app.now(self.published).date()))
    }

    /// Everything that is known of a member, as a file.
    fn copy(&self, member: &Member) -> Result<Response> {
        let dossier = self.store(self.desk.members.dossier(member.id))?;
        let json = serde_json::to_string_pretty(&dossier);
        let json = json.during("write what is known of a member")?;
        Ok(Response::bytes(200, "application/json", json)
            .with("Content-Disposition", "attachment; filename=\"borgerpanel.json\""))
    }
}
