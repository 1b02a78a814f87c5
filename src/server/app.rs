//! What a kiosk and a central serve to people: pages by GET, answers by POST.
//!
//! 1. [`App::answer`] checks the host and finds the route.
//! 2. [`kiosk`] takes what only a kiosk answers: the closed screen, the staff corner.
//! 3. `pages` sends the built files, with a fresh `_id` in each form.
//! 4. [`collect`] judges a form and stores a response, or sends the page back (422).
//!
//! The site it serves is swapped as a whole ([`App::publish`]), so that a request sees one build.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread;

use serde_json::json;

use super::code;
use super::collect::{self, Collector};
use super::headers::Hosts;
use super::http::{Handler, Method, Request, Response};
use super::intake::Doorkeeper;
use super::invited;
use super::kiosk::{self, Corner, Setup};
use super::member;
use super::pages;
use super::path;
use super::staff::{self, StaffDesk};
use super::versions::Versions;
use crate::clock::Clock;
use crate::console::complain;
use crate::error::Result;
use crate::site::{Fault, Listed, Mode, Site};
use crate::survey::{Definition, Phase};

/// Where answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Kiosk,
    Web,
    /// Authors trying a survey out; never counted.
    Preview,
}

impl Channel {
    /// The word in a response and in conditions.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Kiosk => "kiosk",
            Channel::Web => "web",
            Channel::Preview => "preview",
        }
    }

    /// The look of its pages.
    pub fn mode(self) -> Mode {
        match self {
            Channel::Kiosk => Mode::Kiosk,
            Channel::Web | Channel::Preview => Mode::Web,
        }
    }
}

/// What staff have to look at, for `/healthz`: words, none where all is well.
#[derive(Debug, Default)]
pub struct Alarm(Mutex<BTreeSet<&'static str>>);

impl Alarm {
    /// `word` is stable, as in `backup`.
    pub fn raise(&self, word: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(word);
    }

    /// All is well again.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn words(&self) -> BTreeSet<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an [`App`] is made of.
pub struct Options {
    pub channel: Channel,
    /// The kiosk's name; decides about surveys for certain kiosks.
    pub kiosk: Option<String>,
    /// The kiosk's own choice of surveys; empty for all.
    pub surveys: Vec<String>,
    pub clock: Arc<dyn Clock>,
    pub collector: Arc<dyn Collector>,
    /// Answers everything under `/api/`; a kiosk has none.
    pub api: Option<Handler>,
}

/// A site with the versions of its surveys that are still answered.
#[derive(Clone)]
pub struct Published {
    pub site: Site,
    /// Those of earlier builds: somebody may have a page of them open.
    pub versions: Versions,
    /// Names the build, for `/healthz`.
    pub release: String,
}

impl Published {
    /// The survey of this version, shown today or in an earlier build.
    pub fn version(&self, version: &str) -> Option<Cow<'_, Definition>> {
        let shown = self.site.all().find(|survey| survey.version == version);
        shown.map(Cow::Borrowed).or_else(|| self.versions.read(version).map(Cow::Owned))
    }
}

/// The application behind the edge.
pub struct App {
    pub(super) options: Options,
    published: RwLock<Arc<Published>>,
    /// A central's, where members are; others have none.
    member: Option<member::Desk>,
    /// A central's, where its staff pages are served; others have none.
    staff: Option<Staffed>,
    /// A central's, where people are invited; others have none.
    pub(super) post: Option<invited::Post>,
    /// A kiosk's; others have none.
    pub(super) corner: Option<Corner>,
    pub(super) doorkeeper: Doorkeeper,
    /// A central's; others have none.
    alarm: Option<Arc<Alarm>>,
    hosts: OnceLock<Hosts>,
    /// The pages of the edge's refusals, made so far from what is published.
    refusals: Mutex<BTreeMap<u16, String>>,
}

/// Where staff pages are served.
enum Staffed {
    /// Beside the site.
    Beside(StaffDesk),
    /// At an address of their own, with nothing else.
    Alone(StaffDesk),
}

/// What a request is about, its path taken apart.
pub(super) struct Place<'a> {
    pub lang: &'a str,
    /// Without the language's prefix; a trailing slash makes a last, empty one.
    pub segments: &'a [String],
}

impl App {
    /// An application that serves `published`. Hosts are set by [`App::allow`], once the address
    /// listened on is known.
    pub fn new(options: Options, published: Published) -> App {
        let corner = (options.channel == Channel::Kiosk).then(|| Corner::new(Setup::default()));
        App {
            options,
            published: RwLock::new(Arc::new(published)),
            corner,
            member: None,
            staff: None,
            post: None,
            doorkeeper: Doorkeeper::default(),
            alarm: None,
            hosts: OnceLock::new(),
            refusals: Mutex::default(),
        }
    }

    /// With the opening hours and the staff corner of one kiosk, in place of one without either.
    #[must_use]
    pub fn with_corner(mut self, corner: Corner) -> App {
        self.corner = Some(corner);
        self
    }

    /// With a limit on the answers from one address, in place of none.
    #[must_use]
    pub fn with_doorkeeper(mut self, doorkeeper: Doorkeeper) -> App {
        self.doorkeeper = doorkeeper;
        self
    }

    /// With invitations.
    #[must_use]
    pub fn with_post(mut self, post: invited::Post) -> App {
        self.post = Some(post);
        self
    }

    /// With what staff have to look at.
    #[must_use]
    pub fn with_alarm(mut self, alarm: Arc<Alarm>) -> App {
        self.alarm = Some(alarm);
        self
    }

    /// With members' pages.
    #[must_use]
    pub fn with_members(mut self, desk: member::Desk) -> App {
        self.member = Some(desk);
        self
    }

    /// With staff pages beside the site.
    #[must_use]
    pub fn with_staff(mut self, desk: StaffDesk) -> App {
        self.staff = Some(Staffed::Beside(desk));
        self
    }

    /// Another application beside this one, for an address of its own: staff pages, and nothing else but the
    /// style sheet and the fonts they fetch.
    #[must_use]
    pub fn staff_alone(&self, desk: StaffDesk) -> App {
        let own = &self.options;
        App {
            options: Options {
                channel: own.channel,
                kiosk: None,
                surveys: Vec::new(),
                clock: own.clock.clone(),
                collector: own.collector.clone(),
                api: None,
            },
            published: RwLock::new(self.published()),
            corner: None,
            member: None,
            staff: Some(Staffed::Alone(desk)),
            alarm: self.alarm.clone(),
            post: None,
            doorkeeper: Doorkeeper::default(),
            hosts: OnceLock::new(),
            refusals: Mutex::default(),
        }
    }

    /// Takes the next visitor for one who comes so much later: [`Doorkeeper::let_time_pass`].
    pub fn let_time_pass(&self, seconds: u32) {
        self.doorkeeper.let_time_pass(seconds);
    }

    /// Says which hosts requests may name.
    pub fn allow(&self, hosts: Hosts) {
        // Set once, right after the server began to listen.
        let _ = self.hosts.set(hosts);
    }

    /// Serves another build from now on.
    pub fn publish(&self, published: Published) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(published);
        self.refusals().clear();
    }

    /// What is served just now.
    pub fn published(&self) -> Arc<Published> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether somebody at this very machine asks. Before an address is listened on there is nobody else.
    pub(super) fn is_own_machine(&self, request: &Request) -> bool {
        self.hosts.get().map_or(request.peer.is_loopback(), |hosts| hosts.is_own_machine(request))
    }

    /// The response to `request`.
    pub fn answer(&self, request: &Request) -> Response {
        let published = self.published();
        let now = self.options.clock.now();
        if let Some(corner) = &self.corner {
            corner.hear(request, now);
        }
        let reply = self.route(request, &published);
        let reply = reply.unwrap_or_else(|error| {
            complain!("borgerpanel: {error}");
            self.fault(&published, 500, "")
        });
        match &self.corner {
            Some(corner) => corner.mark(reply, published.site.renderer.config().kiosk, now),
            None => reply,
        }
    }

    fn route(&self, request: &Request, published: &Published) -> Result<Response> {
        let Some(segments) = path::segments(&request.path) else {
            return Ok(self.fault(published, 400, ""));
        };
        let place = self.place(published, &segments);
        // Before the address is known nothing has been served yet either.
        if !self.hosts.get().is_some_and(|hosts| hosts.host_allowed(request)) {
            return Ok(self.fault(published, 400, place.lang));
        }
        if let Some(Staffed::Beside(desk) | Staffed::Alone(desk)) = &self.staff
            && let Some(reply) = staff::answer(desk, self, published, &place, request)?
        {
            return Ok(reply);
        }
        let first = segments[0].as_str();
        if matches!(self.staff, Some(Staffed::Alone(_))) && !["assets", "healthz"].contains(&first)
        {
            return Ok(self.fault(published, 404, place.lang));
        }
        match (first, &self.options.api) {
            ("healthz", _) if segments.len() == 1 && request.method != Method::Post => {
                return Ok(self.health(published));
            }
            ("healthz", _) if segments.len() == 1 => {
                return Ok(self.fault(published, 405, place.lang).with("Allow", "GET, HEAD"));
            }
            ("api", Some(api)) => return Ok(api(request)),
            _ => {}
        }
        if let Some(corner) = &self.corner
            && let Some(reply) = kiosk::answer(self, published, corner, &place, request)?
        {
            return Ok(reply);
        }
        if let Some(desk) = &self.member
            && let Some(reply) = member::answer(desk, self, published, &place, request)?
        {
            return Ok(reply);
        }
        if let Some(reply) = code::answer(self, published, &place, request)? {
            return Ok(reply);
        }
        if request.method != Method::Post {
            return pages::show(self, published, &place, &request.path);
        }
        let Some(definition) = self.survey_at(published, &place) else {
            let known = pages::exists(self, published, &place);
            let status = if known { 405 } else { 404 };
            let reply = self.fault(published, status, place.lang);
            return Ok(if known { reply.with("Allow", "GET, HEAD") } else { reply });
        };
        if !self.is_own_origin(request) {
            return Ok(self.fault(published, 403, place.lang));
        }
        collect::take(self, published, definition, place.lang, request)
    }

    /// Whether a POST comes from a page of ours.
    pub(super) fn is_own_origin(&self, request: &Request) -> bool {
        self.hosts.get().is_some_and(|hosts| hosts.origin_allowed(request))
    }

    /// Whether answers are staff's, who try the kiosk out.
    pub(super) fn is_testing(&self) -> bool {
        let now = self.options.clock.now();
        self.corner.as_ref().is_some_and(|corner| corner.is_testing(now))
    }

    /// The language's prefix taken off.
    fn place<'a>(&self, published: &'a Published, segments: &'a [String]) -> Place<'a> {
        let config = published.site.renderer.config();
        let prefix = segments[0].as_str();
        let is_language = prefix != config.default_language
            && segments.len() > 1
            && config.languages.iter().any(|lang| lang == prefix);
        match is_language {
            true => Place { lang: prefix, segments: &segments[1..] },
            false => Place { lang: &config.default_language, segments },
        }
    }

    /// The survey whose page this is, `/s/<slug>/`, or the sign-up form, `/panel/<slug>/`.
    pub(super) fn survey_at<'p>(
        &'p self,
        published: &'p Published,
        place: &Place,
    ) -> Option<&'p Definition> {
        match place.segments {
            [s, slug, end] if s == "s" && end.is_empty() => self.survey(published, slug),
            [panel, slug, end] if panel == "panel" && end.is_empty() => {
                self.signup(published, slug)
            }
            _ => None,
        }
    }

    /// The survey of this slug, if it is asked here.
    pub(super) fn survey<'p>(
        &'p self,
        published: &'p Published,
        slug: &str,
    ) -> Option<&'p Definition> {
        self.surveys(published).find(|definition| definition.slug == slug)
    }

    /// The sign-up form of this panel, if people can join it here.
    pub(super) fn signup<'p>(
        &self,
        published: &'p Published,
        panel: &str,
    ) -> Option<&'p Definition> {
        let channel = self.shown_on();
        let mut signups = published.site.signups.iter();
        signups.find(|one| {
            one.panel() == Some(panel) && crate::site::pages::is_on(&one.settings, channel)
        })
    }

    /// The surveys asked here, in the order of lists.
    pub(super) fn surveys<'p>(
        &'p self,
        published: &'p Published,
    ) -> impl Iterator<Item = &'p Definition> + 'p {
        let asked = crate::site::pages::listed(&published.site.surveys, self.shown_on());
        asked.filter(|definition| self.is_shown_here(definition))
    }

    fn shown_on(&self) -> &'static str {
        match self.options.channel {
            Channel::Kiosk => "kiosk",
            Channel::Web | Channel::Preview => "web",
        }
    }

    fn is_shown_here(&self, definition: &Definition) -> bool {
        let own = &self.options.surveys;
        let kiosks = &definition.settings.kiosks;
        let here = self.options.kiosk.as_ref().is_none_or(|name| kiosks.contains(name));
        (own.is_empty() || own.contains(&definition.slug)) && (kiosks.is_empty() || here)
    }

    /// The surveys with their phases today, and those by invitation: they lead to the page for codes,
    /// and are shown once their results are published.
    pub(super) fn list<'p>(&'p self, published: &'p Published) -> Vec<Listed<'p>> {
        let asked: Vec<_> =
            self.surveys(published).map(|definition| self.listed(published, definition)).collect();
        let is_asked = |slug: &str| asked.iter().any(|one| one.definition.slug == slug);
        let others = published.site.surveys.iter().filter(|one| !is_asked(&one.slug));
        let others = others.map(|definition| self.listed(published, definition));
        let shown = others.filter(|one| {
            one.results && one.phase == Some(Phase::Closed) || self.invites_to(one.definition)
        });
        let shown: Vec<_> = shown.collect();
        asked.into_iter().chain(shown).collect()
    }

    /// Whether somebody with an invitation can answer it here.
    pub(super) fn invites_to(&self, definition: &Definition) -> bool {
        crate::site::pages::is_by_invitation(definition, self.shown_on())
            && self.is_shown_here(definition)
    }

    /// A survey as it is today.
    pub(super) fn listed<'p>(
        &self,
        published: &Published,
        definition: &'p Definition,
    ) -> Listed<'p> {
        let home = self.options.channel != Channel::Kiosk;
        Listed {
            definition,
            phase: Some(self.phase(published, definition)),
            results: home && published.site.has_results(&definition.slug),
        }
    }

    /// The present moment as the wall shows it here.
    pub(super) fn now(&self, published: &Published) -> jiff::ZonedDateTime {
        self.options.clock.here(&published.site.renderer.config().zone())
    }

    /// Whether a survey takes answers now, by this server's clock.
    pub(super) fn phase(&self, published: &Published, definition: &Definition) -> Phase {
        definition.settings.phase(self.now(published).datetime())
    }

    /// The day here, `YYYY-MM-DD`.
    pub(super) fn today(&self, published: &Published) -> String {
        let zone = published.site.renderer.config().zone();
        self.options.clock.today(&zone).to_string()
    }

    /// A page for something that went wrong.
    pub(super) fn fault(&self, published: &Published, status: u16, lang: &str) -> Response {
        self.fault_page(published, Fault::Status(status), status, lang)
    }

    pub(super) fn fault_page(
        &self,
        published: &Published,
        fault: Fault,
        status: u16,
        lang: &str,
    ) -> Response {
        match published.site.renderer.fault(fault, lang, self.options.channel.mode()) {
            Ok(page) => Response::html(status, page),
            // The theme's own page is broken; the visitor is still told something.
            Err(_) => super::error_page::plain(status),
        }
    }

    /// The page of a refusal the edge makes before a request is whole. Each is made once: two thousand
    /// slow clients are refused at the same time, and templates want more of a stack than the gate's
    /// threads have.
    pub fn refusal(&self, status: u16) -> Response {
        let mut made = self.refusals();
        if let Some(page) = made.get(&status) {
            return Response::html(status, page.as_str());
        }
        let mode = self.options.channel.mode();
        let render = || self.published().site.renderer.fault(Fault::Status(status), "", mode);
        let page = thread::scope(|scope| {
            let begun =
                thread::Builder::new().name("refusal".to_owned()).spawn_scoped(scope, render);
            begun.ok()?.join().ok()?.ok()
        });
        // No thread to be had, or the theme's own page is broken: the visitor is still told something.
        let Some(page) = page else { return super::error_page::plain(status) };
        made.insert(status, page.clone());
        Response::html(status, page)
    }

    fn refusals(&self) -> MutexGuard<'_, BTreeMap<u16, String>> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self, published: &Published) -> Response {
        let state = self.options.collector.state();
        let status = if state.can_store { 200 } else { 503 };
        let mut body = json!({
            "status": state.word,
            "unsynced": state.unsynced,
            "disk_free": state.disk_free_bytes,
            "release": published.release,
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let Some(alarm) = &self.alarm {
            body["alarms"] = json!(alarm.words());
        }
        if let Some(corner) = &self.corner {
            let news = corner.news();
            body["page_seen_s"] = json!(corner.page_seen_s());
            body["clock_skew_s"] = json!(news.clock_skew_s);
            body["trouble"] = json!(news.trouble);
            body["set_aside"] = json!(self.options.collector.set_aside());
        }
        Response::json(status, &body)
    }
}
