//! Mails on their way. A mail is a row until it went: what it says is made when it goes, so that nothing
//! personal lies in a queue, and an address that was erased meanwhile gets none.
//!
//! `queued` → `handing-over` → `sent` or `refused`. The middle one is committed before the mail's last byte
//! goes out: whatever a crash leaves in `queued` was certainly not sent, whatever it leaves in
//! `handing-over` may have been, is never sent again by itself and is shown to staff.

use rusqlite::{Connection, OptionalExtension, params};

use super::member::Moment;
use super::{Members, Token};
use crate::crypto;
use crate::panel::member::MemberId;
use crate::store::error::StoreError;

/// A mail's number: random.
pub type MailId = i64;

/// A mail to be queued.
#[derive(Debug, Clone)]
pub(super) struct Letter<'a> {
    name: &'a str,
    member: MemberId,
    panel: Option<&'a str>,
    survey: Option<&'a str>,
    token: Option<Token>,
    waits: bool,
}

impl<'a> Letter<'a> {
    /// A mail after this template.
    pub fn new(name: &'a str, member: MemberId) -> Letter<'a> {
        Letter { name, member, panel: None, survey: None, token: None, waits: false }
    }

    /// About a panel.
    pub fn about(self, panel: &'a str) -> Letter<'a> {
        Letter { panel: Some(panel), ..self }
    }

    /// To a survey.
    pub fn to(self, survey: &'a str) -> Letter<'a> {
        Letter { survey: Some(survey), ..self }
    }

    /// Behind those that somebody has just asked for: staff sent it to many.
    pub fn waiting(self) -> Letter<'a> {
        Letter { waits: true, ..self }
    }

    /// With a link.
    pub fn opening(self, token: Token) -> Letter<'a> {
        Letter { token: Some(token), ..self }
    }
}

/// Mails that somebody has just asked for.
const URGENT: [&str; 3] = ["confirm", "known", "me"];

/// Puts a mail into the queue.
pub(super) fn queue(desk: &Connection, letter: &Letter, at: Moment) -> Result<(), StoreError> {
    desk.prepare_cached(
        "INSERT INTO mail (id, member, name, panel, survey, token, due, day)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        (u64::from_le_bytes(crypto::random()) >> 1) as i64,
        letter.member.bytes(),
        letter.name,
        letter.panel,
        letter.survey,
        letter.token.map(|token| token.0),
        // Whoever waits for a link goes before ten thousand invitations.
        if URGENT.contains(&letter.name) && !letter.waits { 0 } else { at.now },
        at.day
    ])?;
    Ok(())
}

/// A mail that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: MailId,
    pub member: MemberId,
    /// The template's name.
    pub name: String,
    pub panel: Option<String>,
    pub survey: Option<String>,
    pub token: Option<Token>,
    /// How often it was tried.
    pub attempts: u32,
}

/// How many mails there are of each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Post {
    pub queued: u64,
    pub unsure: u64,
    pub sent: u64,
    pub refused: u64,
}

/// What became of a mail that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounced {
    /// `is_dead`: the address is what was refused, and is not written to any more.
    Noted { is_dead: bool },
    /// It was noted before.
    Known,
    /// No mail of ours, or of more than 90 days ago, or of somebody who has left.
    Strange,
}

/// 5.1.X is about the address (RFC 3463); everything else may be the server's own doing.
fn is_about_address(why: &str) -> bool {
    why.contains("5.1.")
}

impl Members {
    /// The mail that is due first; none where nothing is.
    pub fn next_mail(&self, now: i64) -> Result<Option<Due>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT id, member, name, panel, survey, token, attempts FROM mail
             WHERE state = 'queued' AND due <= ?1 ORDER BY due, id LIMIT 1",
        )?;
        let found = query.query_row([now], |row| {
            Ok(Due {
                id: row.get(0)?,
                member: MemberId::of(row.get(1)?),
                name: row.get(2)?,
                panel: row.get(3)?,
                survey: row.get(4)?,
                token: row.get::<_, Option<[u8; 16]>>(5)?.map(Token),
                attempts: row.get(6)?,
            })
        });
        Ok(found.optional()?)
    }

    /// When the next mail is due, seconds; none where none waits.
    pub fn next_due(&self) -> Result<Option<i64>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached("SELECT min(due) FROM mail WHERE state = 'queued'")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    /// From here on it is unsure whether the mail went, until [`Members::mail_sent`].
    pub fn mail_handing_over(&self, id: MailId) -> Result<(), StoreError> {
        self.set(id, "state = 'handing-over'", &[])
    }

    /// The mail went; what it opened stands here no more.
    ///
    /// Only now a silent member counts as asked.
    pub fn mail_sent(&self, id: MailId, day: &str) -> Result<(), StoreError> {
        self.set(id, "state = 'sent', token = NULL", &[])?;
        self.note_asked(id, day)
    }

    /// The mail cannot be delivered, and will not be tried again. The member's address is marked where it
    /// is what was refused; a silent member counts as asked then, as no question would ever reach them.
    pub fn mail_refused(&self, id: MailId, why: &str, day: &str) -> Result<(), StoreError> {
        self.set(id, "state = 'refused', token = NULL, why = ?2", &[&why])?;
        if !is_about_address(why) {
            return Ok(());
        }
        self.desk().execute(
            "UPDATE member SET bounced = coalesce(bounced, ?2)
             WHERE id = (SELECT member FROM mail WHERE id = ?1)",
            params![id, day],
        )?;
        self.note_asked(id, day)
    }

    /// Where this mail asks a silent member whether to stay: they have so long from this day on. Not who came by
    /// while it waited.
    fn note_asked(&self, id: MailId, day: &str) -> Result<(), StoreError> {
        self.desk().execute(
            "UPDATE member SET asked = coalesce(asked, ?2)
             WHERE id = (SELECT member FROM mail WHERE id = ?1 AND name = 'inactive')
               AND seen < (SELECT day FROM mail WHERE id = ?1)",
            params![id, day],
        )?;
        Ok(())
    }

    /// A mail of ours came back: what [`Members::mail_refused`] notes, once, however often it is told. `id` is
    /// the one of its `Message-ID`.
    pub fn mail_bounced(&self, id: MailId, why: &str, day: &str) -> Result<Bounced, StoreError> {
        let state: Option<String> = self
            .desk()
            .query_row("SELECT state FROM mail WHERE id = ?1", [id], |row| row.get(0))
            .optional()?;
        match state.as_deref() {
            Some("sent" | "handing-over") => {
                self.mail_refused(id, why, day)?;
                Ok(Bounced::Noted { is_dead: is_about_address(why) })
            }
            Some("refused") => Ok(Bounced::Known),
            // One that still waits can hardly have come back.
            Some(_) | None => Ok(Bounced::Strange),
        }
    }

    /// The mail cannot be written just now, for no fault of its own: it waits until `due`, seconds.
    pub fn mail_waits(&self, id: MailId, due: i64, why: &str) -> Result<(), StoreError> {
        self.set(id, "due = ?2, why = ?3", &[&due, &why])
    }

    /// Mails of which nobody knows whether they went.
    pub fn unsure_mails(&self) -> Result<Vec<MailId>, StoreError> {
        let desk = self.desk();
        let mut query =
            desk.prepare_cached("SELECT id FROM mail WHERE state = 'handing-over' ORDER BY id")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The mail is tried again at `due`, seconds.
    pub fn mail_later(&self, id: MailId, due: i64, why: &str) -> Result<(), StoreError> {
        self.set(id, "state = 'queued', attempts = attempts + 1, due = ?2, why = ?3", &[&due, &why])
    }

    /// Mails whose end is unsure are queued again: a person decided so. Returns how many.
    pub fn send_unsure(&self, survey: &str, now: i64) -> Result<usize, StoreError> {
        Ok(self.desk().execute(
            "UPDATE mail SET state = 'queued', due = ?2 WHERE survey = ?1 AND state = 'handing-over'",
            params![survey, now],
        )?)
    }

    /// After a backup came back: mails of surveys that wait in it may have gone since, and go by themselves no
    /// more. Returns how many. The others do no harm twice.
    pub fn doubt_queued(&self) -> Result<usize, StoreError> {
        Ok(self.desk().execute(
            "UPDATE mail SET state = 'handing-over' WHERE state = 'queued' AND survey IS NOT NULL",
            [],
        )?)
    }

    /// How the mails of a survey stand; all mails where none is named.
    pub fn post(&self, survey: Option<&str>) -> Result<Post, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT state, count(*) FROM mail WHERE ?1 IS NULL OR survey = ?1 GROUP BY state",
        )?;
        let mut rows = query.query([survey])?;
        let mut post = Post::default();
        while let Some(row) = rows.next()? {
            let count = row.get::<_, i64>(1)? as u64;
            match row.get::<_, String>(0)?.as_str() {
                "queued" => post.queued = count,
                "handing-over" => post.unsure = count,
                "sent" => post.sent = count,
                _ => post.refused = count,
            }
        }
        Ok(post)
    }

    fn set(
        &self,
        id: MailId,
        what: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<(), StoreError> {
        let desk = self.desk();
        let mut update = desk.prepare_cached(&format!("UPDATE mail SET {what} WHERE id = ?1"))?;
        let id: &dyn rusqlite::ToSql = &id;
        let all: Vec<_> = std::iter::once(id).chain(values.iter().copied()).collect();
        update.execute(all.as_slice())?;
        Ok(())
    }
}
