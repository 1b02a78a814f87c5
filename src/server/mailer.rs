//! The mails of the panel on their way: what waits in `panel.db` is written as it goes, and handed in at the
//! city's mail server. One process sends at a time.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::app::Published;
use crate::clock::Clock;
use crate::error::{Context, Error, Result};
use crate::mail::findings;
use crate::mail::message::Message;
use crate::mail::outgoing::{self, Outgoing, Pace, Queue, Report};
use crate::mail::settings::Smtp;
use crate::mail::template::{self, NAMES, Name, Templates};
use crate::site::config::SiteConfig;
use crate::store::StoreError;
use crate::store::members::member::Member;
use crate::store::members::outgoing::Due;
use crate::store::members::{Members, Token};
use crate::survey::minutes::minutes;
use crate::survey::settings::Moment;

/// What is locked while somebody sends.
const LOCK: &str = "mail.lock";
/// What could not be written, as its survey is not there, is tried again after so many seconds.
const WAITS_S: i64 = 600;
/// A silent member has so long to say that they stay.
const ASKED_DAYS: i64 = 60;

/// What mails are sent with.
pub struct Mailer {
    pub members: Arc<Members>,
    pub smtp: Smtp,
    /// The central's folder.
    pub data: PathBuf,
    /// Whose `mail/` has the city's own texts.
    pub content: PathBuf,
    /// What links begin with, as in `https://panel.example.dk`.
    pub base: String,
    pub clock: Arc<dyn Clock>,
}

impl Mailer {
    /// Sends what is due; none where somebody else does, or no server is set. `wait` passes the time between
    /// two mails, and says whether to go on.
    pub fn send(
        &self,
        published: &dyn Fn() -> Arc<Published>,
        wait: &mut dyn FnMut(Duration) -> bool,
    ) -> Result<Option<Report>> {
        if self.smtp.host.is_none() || self.is_idle()? {
            return Ok(None);
        }
        let Some(_alone) = alone(&self.data)? else { return Ok(None) };
        let site = published();
        let language = &site.site.renderer.config().default_language;
        let templates = template::load(&self.content, language)?.checked()?;
        let server = self.smtp.server(&self.data)?;
        let mut desk = Desk { mailer: self, renew: published, published: site.clone(), templates };
        let mut pace = Pace { per_minute: self.smtp.per_minute, wait };
        outgoing::send(&mut desk, &server, &*self.clock, &mut pace).map(Some)
    }

    /// Whether no mail is due.
    pub fn is_idle(&self) -> Result<bool> {
        let due = self.members.next_due().map_err(|error| self.at(error))?;
        Ok(due.is_none_or(|due| due > self.clock.now().as_second()))
    }

    fn at(&self, error: StoreError) -> Error {
        error.at("read or write", self.members.path())
    }
}

/// Nobody else sends for as long as this is held; none where somebody does.
fn alone(data: &Path) -> Result<Option<File>> {
    let path = data.join(LOCK);
    let file = File::create(&path).during_at("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).during_at("lock", &path),
    }
}

/// The queue as the mail room sees it: rows become mails as they go.
struct Desk<'a> {
    mailer: &'a Mailer,
    /// What is served now: staff may add a survey while thousands of mails go.
    renew: &'a dyn Fn() -> Arc<Published>,
    published: Arc<Published>,
    templates: Templates,
}

impl Desk<'_> {
    fn store<T>(&self, done: std::result::Result<T, StoreError>) -> Result<T> {
        done.map_err(|error| self.mailer.at(error))
    }

    fn config(&self) -> &SiteConfig {
        self.published.site.renderer.config()
    }

    fn today(&self) -> Date {
        self.mailer.clock.today(&self.config().zone())
    }

    /// The mail that a row stands for; the error says why there can be none.
    fn write(&self, due: &Due, member: &Member) -> Result<Message> {
        let named = NAMES.iter().find(|(_, file)| *file == due.name).map(|(name, _)| *name);
        let name = named.ok_or_else(|| Error::new(format!("write a mail {:?}", due.name)))?;
        let renderer = &self.published.site.renderer;
        let lang = renderer.language(&member.fields.lang).to_owned();
        let panel =
            due.panel.as_deref().or_else(|| member.memberships.first().map(|one| &*one.panel));
        let panel = panel.unwrap_or_default();
        let leave = self.address(&format!("/panel/stop/{}/{panel}", member.stop.to_hex()), &lang);
        let mut values = vec![
            ("link", self.address(&link(name, due), &lang)),
            ("panel", self.panel_name(panel)),
            ("who", self.config().controller.name.clone()),
            ("contact", self.config().accessibility.email.clone()),
        ];
        if let Some(slug) = &due.survey {
            let missing = || Error::new(format!("write to members about {slug:?}"));
            let definition = self.published.site.survey(slug).ok_or_else(missing)?;
            let survey = definition.in_language(&lang);
            values.push(("survey", survey.title.plain.clone()));
            values.push(("minutes", template::minutes(minutes(survey), &lang)));
            let closes = definition.settings.closes.map(|closes| renderer.moment(closes, &lang));
            values.push(("closes", closes.unwrap_or_default()));
            values.push(("unsubscribe", leave.clone()));
            if let Some(contact) = &definition.settings.contact {
                values.retain(|(name, _)| *name != "contact");
                values.push(("contact", contact.clone()));
            }
        }
        if name == Name::Findings {
            values.push(("findings", self.findings(due, &lang)?));
        }
        if name == Name::Inactive {
            let last = self.today().saturating_add(jiff::Span::new().days(ASKED_DAYS));
            values.push(("closes", renderer.moment(Moment::Day(last), &lang)));
        }
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let filled = self.templates.fill(name, &lang, &values)?;
        Ok(Message {
            to: member.fields.email.mailbox(),
            subject: filled.subject,
            text: filled.text,
            html: filled.html,
            id: format!("{:016x}", due.id),
            lang,
            date: self.mailer.clock.now(),
            unsubscribe: due.survey.is_some().then_some(leave),
            bounce_to: None,
        })
    }

    /// What was found, as HTML whose links lead to the site.
    fn findings(&self, due: &Due, lang: &str) -> Result<String> {
        let slug = due.survey.as_deref().unwrap_or_default();
        let default = &self.config().default_language;
        let html = findings::read(&self.mailer.content, slug, lang, default)?;
        let html = html.ok_or_else(|| {
            Error::new(format!("write to members what was found of {slug:?}"))
                .path(findings::path(&self.mailer.content, slug, None))
                .source("there is no such file")
        })?;
        Ok(html.replace("href=\"/", &format!("href=\"{}/", self.mailer.base)))
    }

    fn address(&self, path: &str, lang: &str) -> String {
        format!("{}{}", self.mailer.base, self.published.site.renderer.address(path, lang))
    }

    fn panel_name(&self, slug: &str) -> String {
        self.config().panels.get(slug).map_or_else(|| slug.to_owned(), |panel| panel.name.clone())
    }
}

/// The page a mail leads to.
fn link(name: Name, due: &Due) -> String {
    let token = due.token.map(Token::to_hex).unwrap_or_default();
    match name {
        Name::Confirm => format!("/panel/confirm/{token}"),
        Name::Me | Name::Known | Name::Inactive => format!("/panel/me/{token}"),
        Name::Invitation | Name::Reminder => format!("/i/{token}"),
        Name::Findings => format!("/r/{}/", due.survey.as_deref().unwrap_or_default()),
        Name::Goodbye => "/".to_owned(),
    }
}

impl Queue for Desk<'_> {
    fn next(&mut self, now: Timestamp) -> Result<Option<Outgoing>> {
        loop {
            let found = self.mailer.members.next_mail(now.as_second());
            let Some(due) = self.store(found)? else { return Ok(None) };
            let member = self.store(self.mailer.members.member(due.member))?;
            // A member who leaves takes their mails along.
            let Some(member) = member else { continue };
            self.published = (self.renew)();
            if let Some(token) = due.token {
                let goes = self.mailer.members.link_goes(token, now.as_second());
                self.store(goes)?;
            }
            match self.write(&due, &member) {
                Ok(message) => {
                    return Ok(Some(Outgoing { id: due.id, message, attempts: due.attempts }));
                }
                Err(error) => {
                    crate::console::complain!("borgerpanel: {error}");
                    let (again, why) = (now.as_second() + WAITS_S, "it could not be written");
                    self.store(self.mailer.members.mail_waits(due.id, again, why))?;
                }
            }
        }
    }

    fn handing_over(&mut self, id: i64) -> Result<()> {
        self.store(self.mailer.members.mail_handing_over(id))
    }

    fn sent(&mut self, id: i64) -> Result<()> {
        let day = self.today().to_string();
        self.store(self.mailer.members.mail_sent(id, &day))
    }

    fn refused(&mut self, id: i64, why: &str) -> Result<()> {
        let day = self.today().to_string();
        self.store(self.mailer.members.mail_refused(id, why, &day))
    }

    fn later(&mut self, id: i64, when: Timestamp, why: &str) -> Result<()> {
        self.store(self.mailer.members.mail_later(id, when.as_second(), why))
    }

    fn unsure(&mut self) -> Result<Vec<i64>> {
        self.store(self.mailer.members.unsure_mails())
    }
}
