//! The door: who knocks is counted before they are judged, and whether a name is known shows neither in the
//! answer nor in the time it takes.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::super::http::Response;
use super::super::permits::Permits;
use super::password::{self, Weak, normal};
use super::session::{Forms, Opening, Sessions, take_back};
use super::waits::Waits;
use super::{Inside, Visit};
use crate::crypto::totp::Secret;
use crate::crypto::{PinHash, hex, random};
use crate::error::Result;
use crate::site::staff::{Factor, StaffFrame, Trouble};
use crate::store::central::staff::{Account, Password, read_name};
use crate::survey::Fields;

/// Passwords that are compared at a time: each takes 19 MiB and a good part of a core.
const HASHING_MAX: usize = 2;
/// How long one may wait for its turn.
const HASHING_PATIENCE: Duration = Duration::from_secs(5);

/// What a login needs, in memory alone.
pub(super) struct Door {
    pub(super) sessions: Sessions,
    forms: Forms,
    waits: Mutex<Waits>,
    hashing: Arc<Permits>,
    /// The hash that a password is compared with where nobody is called so. Made once, as it takes its time.
    nobody: OnceLock<PinHash>,
}

impl Default for Door {
    fn default() -> Door {
        Door {
            sessions: Sessions::default(),
            forms: Forms::default(),
            waits: Mutex::default(),
            hashing: Permits::new(HASHING_MAX),
            nobody: OnceLock::new(),
        }
    }
}

/// A form that was not taken: the status, and what is said over it.
type Refused = (u16, Trouble);

/// Too many passwords are compared just now.
const BUSY: Refused = (503, Trouble::Wait { seconds: 5 });

impl Visit<'_> {
    /// The login page, and what is typed there.
    pub(super) fn login(&self, form: Option<&Fields>) -> Result<Response> {
        let Some(form) = form else {
            if self.who()?.is_some() {
                return Ok(self.go(""));
            }
            return self.login_page("", (200, Trouble::None));
        };
        let typed = form.first("user").unwrap_or_default();
        if !self.desk.door.forms.fits(self.request, form.first("_csrf").unwrap_or_default()) {
            return self.login_page(typed, (403, Trouble::Said("door_stale")));
        }
        let password = form.first("password").unwrap_or_default();
        let code = form.first("code").unwrap_or_default();
        let name = read_name(typed);
        let known = match &name {
            Some(name) => self.desk.store(self.desk.means.central.account(name))?,
            None => None,
        };
        let counted = name.unwrap_or_else(|| typed.to_owned());
        let fits = match self.compare(&counted, known.as_ref(), password) {
            Ok(fits) => fits,
            Err(refused) => return self.login_page(typed, refused),
        };
        match known {
            Some(account) if fits && self.has_factor(&account, code)? => self.enter(&account),
            known => {
                let actor = known.as_ref().map_or("nobody", |account| &account.staff.name);
                self.log(actor, "login-failed", "")?;
                self.login_page(typed, (422, Trouble::Said("door_wrong")))
            }
        }
    }

    /// Whether the password is that of the account, after it was counted as an attempt in the name that was
    /// typed; or why it was not looked at.
    fn compare(
        &self,
        name: &str,
        account: Option<&Account>,
        password: &str,
    ) -> std::result::Result<bool, Refused> {
        let door = &self.desk.door;
        let now = self.now().as_second();
        let admitted = door.waits().admit(name, self.request.peer, now);
        admitted.map_err(|seconds| (429, Trouble::Wait { seconds }))?;
        let _turn = door.hashing.take(HASHING_PATIENCE).ok_or(BUSY)?;
        // Made whoever comes first, or the first who is unknown would wait for two.
        let nobody = door.nobody.get_or_init(|| PinHash::of(&hex(&random::<16>())));
        let hash = account.map_or(nobody, |account| &account.hash);
        let fits = hash.fits(&normal(password));
        Ok(fits && account.is_some())
    }

    /// Whether the code is the account's, and not used before; or none is needed.
    fn has_factor(&self, account: &Account, code: &str) -> Result<bool> {
        let Some(secret) = &account.factor else { return Ok(true) };
        let Some(step) = secret.step_of(code, self.now().as_second()) else { return Ok(false) };
        self.desk.store(self.desk.means.central.use_step(&account.staff.name, step))
    }

    fn enter(&self, account: &Account) -> Result<Response> {
        let name = &account.staff.name;
        let detail = if account.factor.is_some() { "with a second factor" } else { "" };
        // Nobody comes in without a line in the log.
        self.log(name, "login", detail)?;
        self.desk.door.waits().forgive(name, self.request.peer);
        let cookie = self.begin(account, None);
        let there = if account.must_change { "password" } else { "" };
        Ok(self.go(there).with("Set-Cookie", cookie))
    }

    /// Begins a session, and gives the header with its cookie.
    fn begin(&self, account: &Account, note: Option<&'static str>) -> String {
        let (name, stamp, is_secure) = (&*account.staff.name, account.stamp, self.is_secure());
        self.desk.door.sessions.begin(&Opening { name, stamp, note, is_secure }, self.now())
    }

    fn login_page(&self, typed: &str, (status, trouble): Refused) -> Result<Response> {
        let (csrf, cookie) = self.desk.door.forms.token(self.request, self.is_secure());
        let note = (self.request.query == "out").then_some("door_out");
        let frame = StaffFrame { csrf: &csrf, note, path: "login", ..self.frame() };
        let page = self.published.site.renderer.staff_login(&frame, typed, trouble)?;
        let reply = with_wait(Response::html(status, page), trouble);
        Ok(match cookie {
            Some(cookie) => reply.with("Set-Cookie", cookie),
            None => reply,
        })
    }

    fn log(&self, actor: &str, action: &'static str, detail: &str) -> Result<()> {
        let entry = self.desk.entry(actor, action, detail);
        self.desk.store(self.desk.means.central.log(&entry))
    }
}

impl Door {
    fn waits(&self) -> std::sync::MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside<'_> {
    /// Ends the session; by a form alone, as links are opened by whoever wants to help.
    pub(super) fn leave(&self, is_form: bool) -> Result<Response> {
        if !is_form {
            return Ok(self.visit.go(""));
        }
        self.visit.log(&self.account.staff.name, "logout", "")?;
        self.visit.desk.door.sessions.end(self.ticket);
        Ok(self.visit.go("login?out").with("Set-Cookie", take_back()))
    }

    /// The page where the password is changed.
    pub(super) fn password(&self, form: Option<&Fields>) -> Result<Response> {
        let Some(form) = form else { return self.password_page((200, Trouble::None)) };
        let new = normal(form.first("new").unwrap_or_default());
        if let Err(key) = self.judge_new(&new, form) {
            return self.password_page((422, Trouble::Said(key)));
        }
        // Who comes with a one-time password has just shown that they know it.
        if !self.account.must_change
            && let Err(refused) = self.shows_password(form)?
        {
            return self.password_page(refused);
        }
        let hash = {
            let Some(_turn) = self.visit.desk.door.hashing.take(HASHING_PATIENCE) else {
                return self.password_page(BUSY);
            };
            // The one-time password again would leave it as it is.
            if self.account.hash.fits(&new) {
                return self.password_page((422, Trouble::Said("door_weak_same")));
            }
            PinHash::of(&new)
        };
        let name = &self.account.staff.name;
        let entry = self.visit.desk.entry(name, "password-changed", "");
        let central = &self.visit.desk.means.central;
        let changed = central.set_password(name, &Password::Own(hash), &entry);
        self.visit.desk.store(changed)?;
        self.begin_anew("", "door_changed")
    }

    fn judge_new(&self, new: &str, form: &Fields) -> std::result::Result<(), &'static str> {
        let judged = password::judge(new, &self.account.staff.name);
        judged.map_err(|weak| match weak {
            Weak::Short => "door_weak_short",
            Weak::Long => "door_weak_long",
            Weak::Name => "door_weak_name",
            Weak::Common => "door_weak_common",
        })?;
        let again = normal(form.first("again").unwrap_or_default());
        if again == new { Ok(()) } else { Err("door_not_again") }
    }

    /// Whether the form holds the present password, counted like a login.
    fn shows_password(&self, form: &Fields) -> Result<std::result::Result<(), Refused>> {
        let name = &self.account.staff.name;
        let password = form.first("password").unwrap_or_default();
        Ok(match self.visit.compare(name, Some(self.account), password) {
            Ok(true) => {
                self.visit.desk.door.waits().forgive(name, self.visit.request.peer);
                Ok(())
            }
            Ok(false) => {
                self.visit.log(name, "password-failed", "")?;
                Err((422, Trouble::Said("door_present_wrong")))
            }
            Err(refused) => Err(refused),
        })
    }

    fn password_page(&self, (status, trouble): Refused) -> Result<Response> {
        let renderer = &self.visit.published.site.renderer;
        let page = renderer.staff_password(&self.frame(), self.account.must_change, trouble)?;
        Ok(with_wait(Response::html(status, page), trouble))
    }

    /// The page of the second factor.
    pub(super) fn second_factor(&self, form: Option<&Fields>) -> Result<Response> {
        let Some(form) = form else { return self.factor_page((200, Trouble::None)) };
        match (form.first("do").unwrap_or_default(), &self.account.factor, &self.ticket.offered) {
            ("begin", None, _) => {
                self.visit.desk.door.sessions.offer(self.ticket, Secret::generate());
                Ok(self.visit.go("second-factor"))
            }
            ("confirm", None, Some(offered)) => self.confirm(offered, form),
            ("off", Some(_), _) => match self.shows_password(form)? {
                Ok(()) => self.set_factor(None),
                Err(refused) => self.factor_page(refused),
            },
            // Done meanwhile, in another window.
            _ => Ok(self.visit.go("second-factor")),
        }
    }

    /// Turns it on once a code shows that the phone has the secret. Nobody guesses here: it is their own.
    fn confirm(&self, offered: &Secret, form: &Fields) -> Result<Response> {
        let code = form.first("code").unwrap_or_default();
        match offered.step_of(code, self.visit.now().as_second()) {
            Some(step) => self.set_factor(Some((offered, step))),
            None => self.factor_page((422, Trouble::Said("door_factor_code_wrong"))),
        }
    }

    fn set_factor(&self, factor: Option<(&Secret, i64)>) -> Result<Response> {
        let (action, note) = match factor {
            Some(_) => ("second-factor-on", "door_factor_now_on"),
            None => ("second-factor-off", "door_factor_now_off"),
        };
        let name = &self.account.staff.name;
        let entry = self.visit.desk.entry(name, action, "");
        self.visit.desk.store(self.visit.desk.means.central.set_factor(name, factor, &entry))?;
        self.begin_anew("second-factor", note)
    }

    fn factor_page(&self, (status, trouble): Refused) -> Result<Response> {
        let renderer = &self.visit.published.site.renderer;
        let issuer = &renderer.config().name;
        let offered = self.ticket.offered.as_ref();
        let offered = offered
            .map(|secret| (secret.base32(), secret.address(issuer, &self.account.staff.name)));
        let factor = match (&self.account.factor, &offered) {
            (Some(_), _) => Factor::On,
            (None, Some((letters, address))) => Factor::Offered { letters, address },
            (None, None) => Factor::Off,
        };
        let page = renderer.staff_factor(&self.frame(), factor, trouble)?;
        Ok(with_wait(Response::html(status, page), trouble))
    }

    /// After what ends all of somebody's sessions: a new one for whoever did it.
    fn begin_anew(&self, there: &str, note: &'static str) -> Result<Response> {
        let (visit, name) = (self.visit, &self.account.staff.name);
        visit.desk.door.sessions.end_all(name);
        let account = visit.desk.store(visit.desk.means.central.account(name))?;
        Ok(match account {
            Some(account) => visit.go(there).with("Set-Cookie", visit.begin(&account, Some(note))),
            // Removed in this very moment.
            None => visit.go("login").with("Set-Cookie", take_back()),
        })
    }
}

/// The page, and for programs how long to wait.
fn with_wait(reply: Response, trouble: Trouble) -> Response {
    match trouble {
        Trouble::Wait { seconds } => reply.with("Retry-After", seconds.to_string()),
        Trouble::None | Trouble::Said(_) => reply,
    }
}
