//! A central's own answers: collected from homes, stored without a detour; and the judge of what
//! kiosks send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;

use super::collect::{Collector, Refused, State};
use super::invited::Post;
use super::outbox::free_bytes;
use super::seal::{Seal, WEB};
use crate::clock::Clock;
use crate::crypto::{Digest, SealPublic};
use crate::panel::code::Code;
use crate::panel::email::Email;
use crate::response::revalidate::{Unsound, check_by_letter, revalidate, revalidate_private};
use crate::response::{ByLetter, Response, SetApart, SignUp};
use crate::store::Central;
use crate::store::central::response::{Accepted, Form, OpenForm};
use crate::store::error::{Health, StoreError};
use crate::store::members::Members;
use crate::store::members::member::{Applicant, Fields, Moment};
use crate::store::record::{Epoch, Uid};
use crate::store::spool::{Spooled, Waiting};
use crate::survey::{Definition, Phase};
use crate::sync::reception::{
    Admitted, Intake, LATE_CODE, OTHER_CODE, UNKNOWN_CODE, USED_CODE, Verdict,
};

/// Stores answers from homes in `central.db`.
pub struct Homes {
    pub central: Arc<Central>,
    /// Whom to seal for, where they are opened elsewhere.
    pub sealed_for: Option<Vec<SealPublic>>,
    pub members: Arc<Members>,
    pub clock: Arc<dyn Clock>,
}

impl Collector for Homes {
    fn store(
        &self,
        response: &Response,
        apart: &[SetApart],
        definition: &Definition,
    ) -> Result<(), Refused> {
        let form = match &self.sealed_for {
            Some(keys) => sealed(keys, response, apart)?,
            None => Form::Open(Box::new(open(response, apart, definition))),
        };
        self.central.store_response(form).map(|_| ()).map_err(refused)
    }

    fn sign_up(&self, signup: &SignUp, definition: &Definition) -> Result<(), Refused> {
        if let Some(keys) = &self.sealed_for {
            let seal = Seal { keys, place: WEB, epoch: Epoch([0; 16]) };
            let form = Form::Sealed { response: seal.signup(signup)?, apart: Vec::new() };
            return self.central.store_response(form).map(|_| ()).map_err(refused);
        }
        let at = Moment { day: &signup.day, now: self.clock.now().as_second() };
        // Judged before it came here.
        let Some(applicant) = applicant(signup, definition) else { return Ok(()) };
        self.members.sign_up(&applicant, at).map_err(refused)
    }

    fn state(&self) -> State {
        let health = self.central.progress().health;
        State {
            can_store: health == Health::Fine,
            word: health.name().to_owned(),
            unsynced: 0,
            disk_free_bytes: free_bytes(self.central.path()),
        }
    }
}

fn refused(error: StoreError) -> Refused {
    match error {
        StoreError::Busy => Refused::Busy,
        other => Refused::Disk(format!("{other}; {}", other.advice())),
    }
}

/// The one who wants to be a member, out of a sign-up that was judged against its form; none where mail could
/// not be sent to the address.
pub fn applicant(signup: &SignUp, definition: &Definition) -> Option<Applicant> {
    let told = signup.told(definition.in_language(&signup.lang));
    Some(Applicant {
        uid: Uid::from_hex(&signup.uid).expect("a sign-up's uid is 32 hex digits"),
        fields: Fields {
            email: Email::read(&told.email).ok()?,
            birth_year: told.birth_year.unwrap_or_default(),
            gender: told.gender,
            district: told.district,
            education: told.education,
            lang: signup.lang.clone(),
        },
        panel: definition.panel().unwrap_or_default().to_owned(),
        consent: signup.version.clone(),
    })
}

fn open(response: &Response, apart: &[SetApart], definition: &Definition) -> OpenForm {
    let accepted = Accepted {
        structure: definition.structure.clone(),
        response: response.clone(),
        flags: Vec::new(),
    };
    // Random uids, as at a kiosk: a form that is sent again is known by the response's.
    let record = |apart: &SetApart| {
        apart.under(Uid::random().to_string(), &response.survey, &response.version)
    };
    OpenForm { accepted, private: apart.iter().map(record).collect() }
}

fn sealed(keys: &[SealPublic], response: &Response, apart: &[SetApart]) -> Result<Form, Refused> {
    let seal = Seal { keys, place: WEB, epoch: Epoch([0; 16]) };
    Ok(Form::Sealed {
        response: seal.response(response)?,
        apart: apart.iter().map(|apart| seal.private(apart, response)).collect::<Result<_, _>>()?,
    })
}

/// Judges what kiosks send by the definitions the central itself registered, never by theirs.
pub struct Judge {
    central: Arc<Central>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    /// Where letters' codes are known, and where answers with them wait.
    post: Option<Post>,
    /// By version: definitions never change.
    known: Mutex<HashMap<String, Arc<Definition>>>,
}

impl Judge {
    /// `zone` is the site's: whether a survey is closed is decided in it.
    pub fn new(central: Arc<Central>, clock: Arc<dyn Clock>, zone: TimeZone) -> Judge {
        Judge { central, clock, zone, post: None, known: Mutex::default() }
    }

    /// A judge who knows invitations.
    #[must_use]
    pub fn with_post(self, post: Post) -> Judge {
        Judge { post: Some(post), ..self }
    }

    fn definition(&self, version: &str) -> Option<Arc<Definition>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = known.get(version) {
            return Some(definition.clone());
        }
        // A database that cannot be read just now makes the row wait, not fail.
        let definition = Arc::new(self.central.definition(version).ok()??);
        known.insert(version.to_owned(), definition.clone());
        Some(definition)
    }
}

impl Judge {
    /// The definition of this version of this survey, or what to say without it.
    fn find(&self, survey: &str, version: &str) -> Result<Arc<Definition>, Verdict> {
        let definition = self.definition(version).ok_or(Verdict::UnknownVersion)?;
        match definition.slug == survey {
            true => Ok(definition),
            false => Err(Verdict::Refused("other-survey".to_owned())),
        }
    }
}

impl Intake for Judge {
    fn judge(&self, survey: &str, version: &str, body: &str) -> Verdict {
        let definition = match self.find(survey, version) {
            Ok(definition) => definition,
            Err(verdict) => return verdict,
        };
        if let Some(letter) = ByLetter::read(body.as_bytes()) {
            return match check_by_letter(&letter, &definition) {
                Ok(()) => Verdict::ByLetter(Box::new(letter)),
                Err(unsound) => Verdict::Refused(word(&unsound).to_owned()),
            };
        }
        match revalidate(body.as_bytes(), &definition) {
            Ok(response) => {
                let late = self.is_over(&definition);
                Verdict::Accepted {
                    structure: definition.structure.clone(),
                    response: Box::new(response),
                    flags: late.then(|| "late".to_owned()).into_iter().collect(),
                }
            }
            Err(unsound) => Verdict::Refused(word(&unsound).to_owned()),
        }
    }

    fn judge_private(&self, survey: &str, version: &str, body: &str) -> Verdict {
        let definition = match self.find(survey, version) {
            Ok(definition) => definition,
            Err(verdict) => return verdict,
        };
        match revalidate_private(body.as_bytes(), &definition) {
            Ok(private) => Verdict::Private(Box::new(private)),
            Err(unsound) => Verdict::Refused(word(&unsound).to_owned()),
        }
    }

    fn admit(&self, letter: &ByLetter) -> Result<Admitted, StoreError> {
        let response = &letter.response;
        let Some(post) = &self.post else { return Ok(Admitted::NoPanel) };
        let code = Code::read(&letter.code).ok();
        let (Some(code), Some(definition)) = (code, self.definition(&response.version)) else {
            return Ok(Admitted::Refused(UNKNOWN_CODE));
        };
        let invitation = post.members.invitation(Digest::of(code.plain().as_bytes()))?;
        let Some(invitation) = invitation else {
            // Once a survey is over, its codes are forgotten.
            let is_over = self.is_over(&definition);
            return Ok(Admitted::Refused(if is_over { LATE_CODE } else { UNKNOWN_CODE }));
        };
        if invitation.survey != response.survey {
            return Ok(Admitted::Refused(OTHER_CODE));
        }
        let json = |value: serde_json::Result<String>| {
            value.map_err(|wrong| StoreError::Sql(wrong.to_string()))
        };
        let spooled = post.spool.store(&Waiting {
            invitation: invitation.id,
            uid: Uid::from_hex(&response.uid).expect("it was compared with its label's"),
            survey: response.survey.clone(),
            structure: definition.structure.clone(),
            response: json(serde_json::to_string(response))?,
            apart: json(serde_json::to_string(&letter.apart))?,
        })?;
        Ok(match spooled {
            Spooled::New | Spooled::Known => Admitted::Spooled,
            Spooled::Used => Admitted::Refused(USED_CODE),
        })
    }
}

impl Judge {
    fn is_over(&self, definition: &Definition) -> bool {
        let now = self.clock.here(&self.zone).datetime();
        definition.settings.phase(now) == Phase::Closed
    }
}

/// A stable word: what exactly was wrong may hold what somebody wrote.
fn word(unsound: &Unsound) -> &'static str {
    match unsound {
        Unsound::Unreadable(_) => "unreadable",
        Unsound::OtherSurvey(_) => "other-survey",
        Unsound::Answers(_) => "unsound-answers",
        Unsound::Circumstances(_) => "unsound-circumstances",
    }
}
