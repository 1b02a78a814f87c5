//! POST: a form becomes a stored response, or the page comes back with what to put right.
//!
//! The order is the promise: judged, composed, stored durably, and only then thanked for. A form
//! that cannot be taken loses nothing: its answers stand in the page that says why.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use super::app::{App, Channel, Published};
use super::form;
use super::http::{Request, Response};
use super::pages;
use crate::console::complain;
use crate::error::{Context as _, Result};
use crate::panel::admission;
use crate::panel::code::Code;
use crate::response::record::Status;
use crate::response::{
    self, ByLetter, Circumstances, Context, Evaluation, SetApart, SignUp, compose, evaluate,
    set_apart,
};
use crate::site::config::Panel;
use crate::site::member::Note;
use crate::site::{Fault, SurveyPage};
use crate::store::StoreError;
use crate::store::record::{InvitationId, Uid};
use crate::store::spool::{Spool, Spooled, Waiting};
use crate::survey::settings::Partial;
use crate::survey::{Answers, Definition, Fields, Phase, Problem, Question, Survey};

/// Where responses go.
pub trait Collector: Send + Sync {
    /// Stores a response to `definition`, and what was set apart from it, durably and all or nothing.
    /// A known uid is fine and changes nothing, so nothing that was set apart is stored twice.
    fn store(
        &self,
        response: &response::Response,
        apart: &[SetApart],
        definition: &Definition,
    ) -> std::result::Result<(), Refused>;

    /// Stores an answer that was given with a letter's code, durably: whether the code opens anything is
    /// decided elsewhere, later. Refused where it is decided at once.
    fn store_by_letter(&self, _: &ByLetter) -> std::result::Result<(), Refused> {
        Err(Refused::NotEnrolled)
    }

    /// Takes in a sign-up, durably. A known uid is fine and changes nothing. Refused where nobody can join.
    fn sign_up(&self, _: &SignUp, _: &Definition) -> std::result::Result<(), Refused> {
        Err(Refused::NotEnrolled)
    }

    /// How it is.
    fn state(&self) -> State;

    /// False where answers are known to be refused just now, and will be until something about the disk
    /// changes. Asked for every page, so it has to be quick.
    fn takes_answers(&self) -> bool {
        true
    }

    /// Damaged databases that were set aside and that nobody has looked at.
    fn set_aside(&self) -> usize {
        0
    }
}

/// Why a response was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No central's key to seal it for.
    NotEnrolled,
    /// Too much at once: worth trying again by itself.
    Busy,
    /// Too many answers from one address; the next is taken after so many seconds.
    TooMany(i64),
    /// More than fits into a record.
    TooLong,
    /// The disk is full, read-only or broken.
    Disk(String),
}

/// For `/healthz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub can_store: bool,
    /// `ok`, or what is wrong.
    pub word: String,
    pub unsynced: u64,
    pub disk_free_bytes: Option<u64>,
}

/// Seconds after which a browser, or a person, may try again.
const RETRY_SECONDS: &str = "5";

/// Takes the form posted to `definition`'s page.
pub(super) fn take(
    app: &App,
    published: &Published,
    definition: &Definition,
    lang: &str,
    request: &Request,
) -> Result<Response> {
    let fields = match form::read(request) {
        Ok(fields) => fields,
        Err(wrong) => return Ok(app.fault(published, wrong.status(), lang)),
    };
    let lang = spoken(definition, fields.first("_lang")).unwrap_or(lang);
    let is_testing = app.is_testing();
    let peer = request.peer;
    let invited = None;
    let intake =
        Intake { app, published, definition, lang, fields: &fields, peer, is_testing, invited };
    intake.run()
}

/// By what somebody was invited.
#[derive(Clone, Copy)]
pub(super) enum Invited<'a> {
    /// Whose invitation is answered, and where the answer waits.
    Known { invitation: InvitationId, spool: &'a Spool },
    /// A letter's code, which nobody here can look up.
    Letter(Code),
}

/// The same for whoever was invited.
pub(super) fn take_invited(
    app: &App,
    published: &Published,
    definition: &Definition,
    lang: &str,
    request: &Request,
    invited: Invited,
) -> Result<Response> {
    let fields = match form::read(request) {
        Ok(fields) => fields,
        Err(wrong) => return Ok(app.fault(published, wrong.status(), lang)),
    };
    let lang = spoken(definition, fields.first("_lang")).unwrap_or(lang);
    let (fields, peer) = (&fields, request.peer);
    // Only a kiosk is tried out, and there nothing is known of an invitation.
    let (is_testing, invited) = (app.is_testing(), Some(invited));
    Intake { app, published, definition, lang, fields, peer, is_testing, invited }.run()
}

/// The language if the survey has it.
fn spoken<'d>(definition: &'d Definition, lang: Option<&str>) -> Option<&'d str> {
    definition
        .languages
        .iter()
        .map(|survey| survey.lang.as_str())
        .find(|known| Some(*known) == lang)
}

struct Intake<'a> {
    app: &'a App,
    published: &'a Published,
    /// As it is today.
    definition: &'a Definition,
    lang: &'a str,
    fields: &'a Fields,
    peer: IpAddr,
    /// Staff try the kiosk out.
    is_testing: bool,
    invited: Option<Invited<'a>>,
}

impl Intake<'_> {
    fn run(&self) -> Result<Response> {
        let listed = self.app.listed(self.published, self.definition);
        if listed.phase != Some(Phase::Open) {
            let mode = self.app.options.channel.mode();
            let page = self.published.site.renderer.unavailable(&listed, self.lang, mode)?;
            return Ok(Response::html(410, page));
        }
        if let Some(lang) = spoken(self.definition, self.fields.first("_switch")) {
            let answered = self.answered();
            let asked = answered.as_deref().unwrap_or(self.definition);
            let page = self.page(asked, lang, &[], &[])?;
            return Ok(self.keep_id(Response::html(200, page)));
        }
        let Some(answered) = self.answered() else {
            return self.again(self.definition, &[Problem::new("stale", "")], &[]);
        };
        let answered = &*answered;
        let survey = answered.in_language(self.lang);
        let context = Context {
            today: self.app.today(self.published),
            channel: self.app.options.channel.name().to_owned(),
        };
        let evaluation = evaluate(survey, self.fields, &context);
        if self.fields.first("_part") == Some("1") {
            return self.keep_part(answered, survey, evaluation, context);
        }
        if !evaluation.problems.is_empty() || !evaluation.nudges.is_empty() {
            return self.again(answered, &evaluation.problems, &evaluation.nudges);
        }
        if let Some(panel) = answered.panel() {
            return self.sign_up(answered, panel, &evaluation, context);
        }
        let ending = evaluation.ending.clone();
        let mut response = self.compose(survey, &evaluation, context);
        // Nothing of a test goes where it could not be told apart, such as into a prize draw.
        let apart = if self.is_testing { Vec::new() } else { set_apart(survey, &evaluation) };
        let stored = match self.invited {
            Some(Invited::Known { invitation, spool }) => {
                return self.spool(
                    invitation,
                    spool,
                    response,
                    &apart,
                    answered,
                    ending.as_deref(),
                );
            }
            Some(Invited::Letter(code)) if !self.is_testing => {
                let letter = ByLetter::new(code.plain(), response, &apart);
                self.app.options.collector.store_by_letter(&letter)
            }
            // A code that staff try is nobody's answer, and goes nowhere.
            Some(Invited::Letter(_)) | None => self.store(&mut response, &apart, answered),
        };
        match stored {
            Ok(()) => Ok(self.thanks(ending.as_deref())),
            Err(refused) => Ok(self.refuse(&refused)),
        }
    }

    /// Puts the answer of somebody who was invited where it waits for the end of the survey.
    fn spool(
        &self,
        invitation: InvitationId,
        spool: &Spool,
        mut response: response::Response,
        apart: &[SetApart],
        answered: &Definition,
        ending: Option<&str>,
    ) -> Result<Response> {
        let now = self.app.options.clock.now();
        if let Err(seconds) = self.app.doorkeeper.admit(self.peer, now) {
            return Ok(self.refuse(&Refused::TooMany(seconds)));
        }
        response.invited = true;
        let apart: Vec<&Answers> = apart.iter().map(|one| &one.answers).collect();
        let json = |value: serde_json::Result<String>| value.during("write an answer down");
        let waiting = Waiting {
            invitation,
            uid: Uid::from_hex(&response.uid).expect("a response's uid is 32 hex digits"),
            survey: response.survey.clone(),
            structure: answered.structure.clone(),
            response: json(serde_json::to_string(&response))?,
            apart: json(serde_json::to_string(&apart))?,
        };
        match spool.store(&waiting) {
            Ok(Spooled::New | Spooled::Known) => Ok(self.thanks(ending)),
            Ok(Spooled::Used) => {
                let page = self.published.site.renderer.note(self.lang, Note::Used)?;
                Ok(Response::html(409, page))
            }
            Err(StoreError::Busy) => Ok(self.refuse(&Refused::Busy)),
            Err(other) => Ok(self.refuse(&Refused::Disk(format!("{other}; {}", other.advice())))),
        }
    }

    /// Somebody wants to be a member. What is said afterwards is the same for everybody.
    fn sign_up(
        &self,
        answered: &Definition,
        panel: &str,
        evaluation: &Evaluation,
        context: Context,
    ) -> Result<Response> {
        let survey = answered.in_language(self.lang);
        let config = self.published.site.renderer.config();
        let day = self.app.now(self.published).date();
        let signup = SignUp::compose(survey, evaluation, self.uid(), context);
        let rules = config.panels.get(panel).map(Panel::rules).unwrap_or_default();
        let barred = admission::barred(&signup.told(survey), rules, day);
        let problems: Vec<Problem> = barred
            .into_iter()
            .map(|barred| {
                let at = |question: &&Question| question.maps.as_deref() == Some(barred.field());
                let question = survey.questions().find(at).map_or("", |question| &question.id);
                let age = rules.minimum_age.to_string();
                Problem::new(barred.code(), question).with("age", &age)
            })
            .collect();
        if !problems.is_empty() {
            return self.again(answered, &problems, &[]);
        }
        if self.is_testing || self.app.options.channel == Channel::Preview {
            return Ok(self.thanks(None));
        }
        let now = self.app.options.clock.now();
        let stored = match self.app.options.channel {
            Channel::Web => self.app.doorkeeper.admit(self.peer, now).map_err(Refused::TooMany),
            _ => Ok(()),
        };
        match stored.and_then(|()| self.app.options.collector.sign_up(&signup, answered)) {
            Ok(()) => Ok(self.thanks(None)),
            Err(refused) => Ok(self.refuse(&refused)),
        }
    }

    /// Stores a response, with the flags that its moment and sender call for.
    fn store(
        &self,
        response: &mut response::Response,
        apart: &[SetApart],
        answered: &Definition,
    ) -> std::result::Result<(), Refused> {
        let (keeper, now) = (&self.app.doorkeeper, self.app.options.clock.now());
        let channel = self.app.options.channel;
        if channel == Channel::Web {
            keeper.admit(self.peer, now).map_err(Refused::TooMany)?;
        }
        if self.is_testing || channel == Channel::Preview {
            return self.app.options.collector.store(response, apart, answered);
        }
        // A kiosk is one sender, whoever stands before it.
        let sender = (channel == Channel::Web).then_some(self.peer);
        response.flags.extend(keeper.flags(sender, response, now));
        let stored = self.app.options.collector.store(response, apart, answered);
        if stored.is_err() {
            keeper.forget(sender, response);
        }
        stored
    }

    /// The version the form was made from, if it is still known.
    fn answered(&self) -> Option<Cow<'_, Definition>> {
        let version = self.fields.first("_v")?;
        let known = self.published.version(version)?;
        (known.slug == self.definition.slug).then_some(known)
    }

    fn compose(
        &self,
        survey: &Survey,
        evaluation: &Evaluation,
        context: Context,
    ) -> response::Response {
        let about = Circumstances {
            uid: self.uid(),
            kiosk: self.app.options.kiosk.clone(),
            lang: survey.lang.clone(),
            duration_s: self.fields.first("_d").and_then(|seconds| seconds.parse().ok()),
            shown: shown(self.fields),
            context,
        };
        let groups = &self.published.site.renderer.config().age_groups;
        let mut response = compose(survey, evaluation, about, groups);
        if self.is_testing {
            // Asked as any visitor is, but never counted.
            response.channel = Channel::Preview.name().to_owned();
        }
        response
    }

    /// What somebody answered who left half-way; kept only where the survey says so. Private answers
    /// are not: nobody sent them, and the whole form that may follow has them again.
    fn keep_part(
        &self,
        answered: &Definition,
        survey: &Survey,
        evaluation: Evaluation,
        context: Context,
    ) -> Result<Response> {
        // Of somebody who was invited nothing is kept that was not sent.
        let is_begun = self.invited.is_none()
            && evaluation.answers.values().any(crate::survey::Answer::is_answered);
        if self.definition.settings.partial == Partial::Keep && is_begun {
            let mut response = self.compose(survey, &evaluation, context);
            response.status = Status::Partial;
            // Under the page's own id it would take the place of the whole answer that may follow.
            response.uid = pages::fresh_id();
            if let Err(refused) = self.store(&mut response, &[], answered) {
                return Ok(self.refuse(&refused));
            }
        }
        Ok(Response::bytes(204, "text/plain", ""))
    }

    /// The id the page was given; one of the server's where it had none.
    fn uid(&self) -> String {
        let given = self.fields.first("_id").filter(|id| is_uid(id));
        given.map_or_else(pages::fresh_id, str::to_owned)
    }

    /// The page again, answers kept, with what to put right and what is asked for once more.
    fn again(
        &self,
        definition: &Definition,
        problems: &[Problem],
        nudges: &[Problem],
    ) -> Result<Response> {
        let page = self.page(definition, self.lang, problems, nudges)?;
        Ok(self.keep_id(Response::html(422, page)))
    }

    fn page(
        &self,
        definition: &Definition,
        lang: &str,
        problems: &[Problem],
        nudges: &[Problem],
    ) -> Result<String> {
        self.published.site.renderer.survey(&SurveyPage {
            definition,
            lang,
            mode: self.app.options.channel.mode(),
            kept: self.fields,
            problems,
            nudges,
        })
    }

    fn keep_id(&self, response: Response) -> Response {
        pages::with_id(response, &self.uid())
    }

    fn thanks(&self, ending: Option<&str>) -> Response {
        let tail = ending.map(|ending| format!("{ending}/")).unwrap_or_default();
        let path = format!("{}tak/{tail}", self.definition.address());
        Response::see_other(self.published.site.renderer.address(&path, self.lang))
    }

    fn refuse(&self, refused: &Refused) -> Response {
        let fault = |fault, status| self.app.fault_page(self.published, fault, status, self.lang);
        match refused {
            Refused::NotEnrolled => fault(Fault::NotEnrolled, 503),
            Refused::TooLong => fault(Fault::Status(413), 413),
            Refused::Busy => fault(Fault::Status(503), 503).with("Retry-After", RETRY_SECONDS),
            Refused::TooMany(seconds) => {
                fault(Fault::Status(429), 429).with("Retry-After", seconds.to_string())
            }
            Refused::Disk(why) => {
                complain!("borgerpanel: an answer could not be stored: {why}");
                fault(Fault::Status(503), 503).with("Retry-After", RETRY_SECONDS)
            }
        }
    }
}

fn is_uid(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The orders of choices: `_o.what=dog,sport`.
fn shown(fields: &Fields) -> BTreeMap<String, Vec<String>> {
    let orders = fields.0.iter().filter_map(|(name, order)| {
        let question = name.strip_prefix("_o.")?;
        let codes = order.split([',', ' ']).filter(|code| !code.is_empty());
        Some((question.to_owned(), codes.map(str::to_owned).collect()))
    });
    orders.collect()
}
