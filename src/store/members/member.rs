//! A member's life: signing up, confirming, correcting, joining and leaving panels, leaving for good.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde::Serialize;

use super::link::{self, Purpose};
use super::outgoing::{self, Letter};
use super::tally::note_departure;
use super::{Members, Token};
use crate::crypto;
use crate::panel::email::Email;
use crate::panel::member::{self, MemberId};
use crate::store::central::private::Erasure;
use crate::store::central::roll::{self, Deed, Erased};
use crate::store::error::StoreError;
use crate::store::record::Uid;
use crate::store::sqlite::fold_log;

/// Somebody who wants to be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The sign-up's own number: it counts once, however often a stick brings it.
    pub uid: Uid,
    pub fields: Fields,
    pub panel: String,
    /// The version of the form, whose words were agreed to.
    pub consent: String,
}

/// What is known of a member, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fields {
    pub email: Email,
    pub birth_year: i16,
    pub gender: Option<String>,
    pub district: Option<String>,
    pub education: Option<String>,
    pub lang: String,
}

/// A member as the database has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    pub id: MemberId,
    #[serde(flatten)]
    pub fields: Fields,
    /// The day on which the address was confirmed.
    pub confirmed: Option<String>,
    pub seen: String,
    pub asked: Option<String>,
    pub bounced: Option<String>,
    pub memberships: Vec<Membership>,
    #[serde(skip)]
    pub stop: Token,
}

impl Member {
    /// As the panel's rules see them: with the panels they have confirmed.
    pub fn in_panel(&self) -> member::Member {
        let joined = self.memberships.iter().filter(|one| one.confirmed);
        let since = |day: &str| day.parse().unwrap_or(jiff::civil::Date::MIN);
        member::Member {
            id: self.id,
            email: self.fields.email.clone(),
            birth_year: self.fields.birth_year,
            gender: self.fields.gender.clone(),
            district: self.fields.district.clone(),
            education: self.fields.education.clone(),
            lang: self.fields.lang.clone(),
            memberships: joined
                .map(|one| member::Membership {
                    panel: one.panel.clone(),
                    since: since(&one.since),
                    consent: one.consent.clone(),
                })
                .collect(),
        }
    }
}

/// That somebody is in a panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Membership {
    pub panel: String,
    pub consent: String,
    pub since: String,
    pub confirmed: bool,
}

/// A moment: the day here, and seconds since 1970 for what runs out.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    pub day: &'a str,
    pub now: i64,
}

/// Mails about signing up that one address gets on one day, whoever asks for them.
const MAILS_A_DAY_MAX: i64 = 3;

/// All that is known of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dossier {
    #[serde(flatten)]
    pub member: Member,
    pub invitations: Vec<Asked>,
    pub mails: Vec<Mailed>,
}

/// What a member was invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub survey: String,
    pub panel: String,
    pub day: String,
    /// `mail` or `letter`.
    pub by: String,
    pub reminded: Option<String>,
}

/// A mail to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mailed {
    pub name: String,
    pub day: String,
    pub state: String,
}

/// A panel's members, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    pub panel: String,
    pub members: u64,
    pub unconfirmed: u64,
}

impl Members {
    /// The panels somebody has signed up for.
    pub fn sizes(&self) -> Result<Vec<Size>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT panel, sum(confirmed), sum(1 - confirmed) FROM membership GROUP BY panel
             ORDER BY panel",
        )?;
        let rows = query.query_map([], |row| {
            Ok(Size {
                panel: row.get(0)?,
                members: row.get::<_, i64>(1)? as u64,
                unconfirmed: row.get::<_, i64>(2)? as u64,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes in a sign-up and queues the mail that it calls for: to confirm, or where the address is a
    /// member's of that panel already, a link to their page. Nobody who asks learns which.
    pub fn sign_up(&self, applicant: &Applicant, at: Moment) -> Result<(), StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let is_new = desk.execute(
            "INSERT INTO signup (uid) VALUES (?1) ON CONFLICT DO NOTHING",
            [applicant.uid.0],
        )?;
        if is_new == 1 {
            admit(&desk, applicant, at)?;
        }
        Ok(desk.commit()?)
    }

    /// Confirms the address, and the panel that the link is for. The member's panel; none where the link
    /// does not hold.
    pub fn confirm(&self, token: Token, at: Moment) -> Result<Option<String>, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(link) = link::find(&desk, token, Purpose::Confirm, at.now)? else {
            return Ok(None);
        };
        let panel = link.panel.unwrap_or_default();
        desk.execute(
            "UPDATE member SET confirmed = coalesce(confirmed, ?2), seen = ?2, asked = NULL,
                 bounced = NULL WHERE id = ?1",
            params![link.member.bytes(), at.day],
        )?;
        desk.execute(
            "UPDATE membership SET confirmed = 1 WHERE member = ?1 AND panel = ?2",
            params![link.member.bytes(), panel],
        )?;
        desk.commit()?;
        Ok(Some(panel))
    }

    /// Queues a link to their page for a confirmed member of this address. Nothing tells whether there is
    /// one, nor does the time it takes.
    pub fn ask_for_page(&self, email: &Email, at: Moment) -> Result<(), StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id: Option<[u8; 16]> = desk
            .query_row(
                "SELECT id FROM member WHERE identity = ?1 AND confirmed IS NOT NULL",
                [email.identity()],
                |row| row.get(0),
            )
            .optional()?;
        let id =
            id.map(MemberId::of).filter(|id| !is_pestered(&desk, *id, at, PAGE).unwrap_or(true));
        match id {
            Some(id) => {
                let token = link::make(&desk, id, Purpose::Me, None, at.now)?;
                outgoing::queue(&desk, &Letter::new("me", id).opening(token), at)?;
            }
            // Something for the disk here, too: waiting for it is nearly all of the time that this takes.
            None => {
                let nothing = crypto::random::<16>();
                desk.execute("INSERT INTO signup (uid) VALUES (?1)", [nothing])?;
                desk.execute("DELETE FROM signup WHERE uid = ?1", [nothing])?;
            }
        }
        Ok(desk.commit()?)
    }

    /// The member of this id.
    pub fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        one(&self.desk(), "id = ?1", params![id.bytes()])
    }

    /// Everything that is known of a member, for whoever asks what that is: also what they were invited to,
    /// and what was mailed.
    pub fn dossier(&self, id: MemberId) -> Result<Option<Dossier>, StoreError> {
        let Some(member) = self.member(id)? else { return Ok(None) };
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT survey, panel, day, road, reminded FROM invitation WHERE member = ?1 ORDER BY day",
        )?;
        let invitations = query.query_map([id.bytes()], |row| {
            Ok(Asked {
                survey: row.get(0)?,
                panel: row.get(1)?,
                day: row.get(2)?,
                by: row.get(3)?,
                reminded: row.get(4)?,
            })
        })?;
        let invitations = invitations.collect::<Result<_, _>>()?;
        let mut query =
            desk.prepare("SELECT name, day, state FROM mail WHERE member = ?1 ORDER BY day, id")?;
        let mails = query.query_map([id.bytes()], |row| {
            Ok(Mailed { name: row.get(0)?, day: row.get(1)?, state: row.get(2)? })
        })?;
        Ok(Some(Dossier { member, invitations, mails: mails.collect::<Result<_, _>>()? }))
    }

    /// The member with this address.
    pub fn by_email(&self, email: &Email) -> Result<Option<Member>, StoreError> {
        one(&self.desk(), "identity = ?1", params![email.identity()])
    }

    /// The member whose mails have this token to leave by.
    pub fn by_stop(&self, stop: Token) -> Result<Option<Member>, StoreError> {
        one(&self.desk(), "stop = ?1", params![stop.0])
    }

    /// Every confirmed member, with their confirmed memberships, in the order of their random ids.
    pub fn all(&self) -> Result<Vec<Member>, StoreError> {
        let desk = self.desk();
        let mut members = {
            let mut query = desk.prepare(&format!(
                "SELECT {COLUMNS} FROM member WHERE confirmed IS NOT NULL ORDER BY id"
            ))?;
            query.query_map([], read)?.collect::<Result<Vec<_>, _>>()?
        };
        let mut query = desk.prepare(
            "SELECT member, panel, consent, since, confirmed FROM membership WHERE confirmed = 1
             ORDER BY member, panel",
        )?;
        let mut rows = query.query([])?;
        let mut at = 0;
        while let Some(row) = rows.next()? {
            let member = MemberId::of(row.get(0)?);
            while members.get(at).is_some_and(|known| known.id < member) {
                at += 1;
            }
            if let Some(known) = members.get_mut(at).filter(|known| known.id == member) {
                known.memberships.push(read_membership(row, 1)?);
            }
        }
        Ok(members)
    }

    /// Writes what a member, or staff on their behalf, corrected; the address is not changed by it.
    pub fn correct(&self, id: MemberId, fields: &Fields, day: &str) -> Result<(), StoreError> {
        let desk = self.desk();
        update(&desk, id, fields, day)?;
        fold_log(&desk)
    }

    /// A member joins a panel, on the words of this version of its form.
    pub fn join(
        &self,
        id: MemberId,
        panel: &str,
        consent: &str,
        day: &str,
    ) -> Result<(), StoreError> {
        self.desk().execute(
            "INSERT INTO membership (member, panel, consent, since, confirmed)
             VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (member, panel) DO UPDATE SET confirmed = 1",
            params![id.bytes(), panel, consent, day],
        )?;
        Ok(())
    }

    /// A member leaves a panel; whoever is in none any more is erased. True where that is so.
    pub fn leave(&self, id: MemberId, panel: &str, day: &str) -> Result<bool, StoreError> {
        self.end_membership(id, panel, "member", day)
    }

    /// The same, with whoever did it on the roll.
    pub fn end_membership(
        &self,
        id: MemberId,
        panel: &str,
        by: &str,
        day: &str,
    ) -> Result<bool, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        note_departure(&transaction, id, Some(panel), day)?;
        transaction.execute(
            "DELETE FROM membership WHERE member = ?1 AND panel = ?2",
            params![id.bytes(), panel],
        )?;
        // Ten thousand invitations take hours to go: whoever left meanwhile gets none.
        transaction.execute(
            "DELETE FROM mail WHERE member = ?1 AND panel = ?2 AND state = 'queued'",
            params![id.bytes(), panel],
        )?;
        let is_in_another = transaction
            .prepare_cached("SELECT 1 FROM membership WHERE member = ?1 AND confirmed = 1")?
            .exists([id.bytes()])?;
        let is_gone = !is_in_another
            && transaction.execute("DELETE FROM member WHERE id = ?1", [id.bytes()])? == 1;
        if is_gone {
            self.note_on_roll(&[id], by, day)?;
        }
        transaction.commit()?;
        fold_log(&desk)?;
        Ok(is_gone)
    }

    /// A sign of life.
    pub fn note_seen(&self, id: MemberId, day: &str) -> Result<(), StoreError> {
        self.desk().execute(
            "UPDATE member SET seen = ?2, asked = NULL WHERE id = ?1",
            params![id.bytes(), day],
        )?;
        Ok(())
    }

    /// Erases members and all that belongs to them; `by` says who did. Their random ids go on the roll first,
    /// so that an older backup does not bring them back. Returns how many there were.
    pub fn erase(&self, ids: &[MemberId], by: &str, day: &str) -> Result<usize, StoreError> {
        self.note_on_roll(ids, by, day)?;
        self.forget(ids, Some(day))
    }

    fn note_on_roll(&self, ids: &[MemberId], by: &str, day: &str) -> Result<(), StoreError> {
        let records: Vec<Erased> =
            ids.iter().map(|id| Erased { uid: Uid(*id.bytes()), sha256: None }).collect();
        let erasure =
            Erasure { reason: "member".to_owned(), day: day.to_owned(), by: by.to_owned() };
        roll::append(&roll::beside(self.path()), &Deed { erasure, records })
    }

    /// Erases those that the roll says, after a backup brought them back.
    pub fn erase_again(&self, deeds: &[Deed]) -> Result<usize, StoreError> {
        let records = deeds.iter().flat_map(|deed| &deed.records);
        let ids: Vec<MemberId> = records.map(|record| MemberId::of(record.uid.0)).collect();
        self.forget(&ids, None)
    }

    /// `day` is the one on which they leave; none where they had left before.
    fn forget(&self, ids: &[MemberId], day: Option<&str>) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut erased = 0;
        for id in ids {
            if let Some(day) = day {
                note_departure(&transaction, *id, None, day)?;
            }
            erased += transaction.execute("DELETE FROM member WHERE id = ?1", [id.bytes()])?;
        }
        transaction.commit()?;
        fold_log(&desk)?;
        Ok(erased)
    }

    /// Erases who is due: never confirmed and signed up before `unconfirmed` (a day), or asked whether to stay
    /// before `asked` and silent since. Also sign-ups for a further panel that nobody confirmed.
    pub fn erase_overdue(
        &self,
        unconfirmed: &str,
        asked: &str,
        day: &str,
    ) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .execute("DELETE FROM membership WHERE confirmed = 0 AND since < ?1", [unconfirmed])?;
        let ids: Vec<MemberId> = transaction
            .prepare("SELECT id FROM member WHERE (confirmed IS NULL AND seen < ?1) OR asked < ?2")?
            .query_map([unconfirmed, asked], |row| row.get(0).map(MemberId::of))?
            .collect::<Result<_, _>>()?;
        if !ids.is_empty() {
            // Under the lock: who says that they stay meanwhile comes after, and finds nobody.
            self.note_on_roll(&ids, "retention", day)?;
            for id in &ids {
                note_departure(&transaction, *id, None, day)?;
                transaction.execute("DELETE FROM member WHERE id = ?1", [id.bytes()])?;
            }
        }
        transaction.commit()?;
        fold_log(&desk)?;
        Ok(ids.len())
    }

    /// Asks whoever was last seen before `seen` (a day) whether to stay; once more where the last question was
    /// queued on `again` or before, and nobody knows that it went. Returns how many.
    pub fn ask_inactive(&self, seen: &str, again: &str, at: Moment) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let ids: Vec<MemberId> = desk
            .prepare(
                "SELECT id FROM member AS m WHERE confirmed IS NOT NULL AND asked IS NULL AND seen < ?1
                 AND NOT EXISTS (SELECT 1 FROM mail WHERE member = m.id AND name = 'inactive'
                     AND (state = 'queued' OR day > ?2))",
            )?
            .query_map([seen, again], |row| row.get(0).map(MemberId::of))?
            .collect::<Result<_, _>>()?;
        for id in &ids {
            let token = Token::random();
            // The question may lie in a mailbox for weeks.
            desk.execute(
                "INSERT INTO link (hash, member, purpose, expires) VALUES (?1, ?2, 'me', ?3)",
                params![token.hash().0, id.bytes(), at.now + 60 * 24 * 3600],
            )?;
            outgoing::queue(&desk, &Letter::new("inactive", *id).opening(token), at)?;
        }
        desk.commit()?;
        Ok(ids.len())
    }

    /// Links that have run out, and mails that are done with, go.
    pub fn tidy(&self, now: i64, mails_before: &str) -> Result<(), StoreError> {
        let desk = self.desk();
        desk.execute("DELETE FROM link WHERE expires <= ?1", [now])?;
        desk.execute(
            "DELETE FROM mail WHERE state IN ('sent', 'refused') AND day < ?1",
            [mails_before],
        )?;
        fold_log(&desk)
    }
}

fn admit(desk: &Connection, applicant: &Applicant, at: Moment) -> Result<(), StoreError> {
    let known = one(desk, "identity = ?1", params![applicant.fields.email.identity()])?;
    let id = match &known {
        Some(member) => member.id,
        None => insert(desk, &applicant.fields, at.day)?,
    };
    let is_in = known.as_ref().is_some_and(|member| {
        let here = |one: &Membership| one.panel == applicant.panel && one.confirmed;
        member.confirmed.is_some() && member.memberships.iter().any(here)
    });
    if !is_in {
        let before = known.filter(|member| member.confirmed.is_none());
        if let Some(before) = before {
            update(desk, id, &applicant.fields, at.day)?;
            if before.fields != applicant.fields {
                // Nobody has vouched for what was written before, and no earlier link may vouch for this.
                desk.execute(
                    "DELETE FROM link WHERE member = ?1 AND purpose = 'confirm'",
                    [id.bytes()],
                )?;
            }
        }
        desk.execute(
            "INSERT INTO membership (member, panel, consent, since, confirmed)
             VALUES (?1, ?2, ?3, ?4, 0)
             ON CONFLICT (member, panel) DO UPDATE SET consent = ?3, since = ?4 WHERE confirmed = 0",
            params![id.bytes(), applicant.panel, applicant.consent, at.day],
        )?;
    }
    if is_pestered(desk, id, at, SIGNING_UP)? {
        return Ok(());
    }
    let (name, token) = match is_in {
        true => ("known", link::make(desk, id, Purpose::Me, None, at.now)?),
        false => {
            ("confirm", link::make(desk, id, Purpose::Confirm, Some(&applicant.panel), at.now)?)
        }
    };
    outgoing::queue(desk, &Letter::new(name, id).about(&applicant.panel).opening(token), at)
}

/// Mails that are counted together: strangers can ask for those of signing up, and must not use up a
/// member's own.
const SIGNING_UP: &str = "'confirm', 'known'";
const PAGE: &str = "'me'";

/// Whether an address got as many of these mails today as somebody else may have sent to it.
fn is_pestered(
    desk: &Connection,
    id: MemberId,
    at: Moment,
    names: &str,
) -> Result<bool, StoreError> {
    let today: i64 = desk.query_row(
        &format!("SELECT count(*) FROM mail WHERE member = ?1 AND day = ?2 AND name IN ({names})"),
        params![id.bytes(), at.day],
        |row| row.get(0),
    )?;
    Ok(today >= MAILS_A_DAY_MAX)
}

pub(super) fn insert(
    desk: &Connection,
    fields: &Fields,
    day: &str,
) -> Result<MemberId, StoreError> {
    let id = MemberId::of(crypto::random());
    desk.execute(
        "INSERT INTO member (id, email, identity, birth_year, gender, district, education, lang,
             seen, stop)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id.bytes(),
            fields.email.to_string(),
            fields.email.identity(),
            fields.birth_year,
            fields.gender,
            fields.district,
            fields.education,
            fields.lang,
            day,
            crypto::random::<16>()
        ],
    )?;
    Ok(id)
}

pub(super) fn update(
    desk: &Connection,
    id: MemberId,
    fields: &Fields,
    day: &str,
) -> Result<(), StoreError> {
    desk.execute(
        "UPDATE member SET birth_year = ?2, gender = ?3, district = ?4, education = ?5, lang = ?6,
             seen = ?7, asked = NULL WHERE id = ?1",
        params![
            id.bytes(),
            fields.birth_year,
            fields.gender,
            fields.district,
            fields.education,
            fields.lang,
            day
        ],
    )?;
    Ok(())
}

const COLUMNS: &str = "id, email, birth_year, gender, district, education, lang, confirmed, seen, asked, stop, bounced";

pub(super) fn one(
    desk: &Connection,
    which: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Option<Member>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM member WHERE {which}");
    let found = desk.prepare_cached(&sql)?.query_row(values, read).optional()?;
    let Some(mut member) = found else { return Ok(None) };
    let mut query = desk.prepare_cached(
        "SELECT panel, consent, since, confirmed FROM membership WHERE member = ?1 ORDER BY panel",
    )?;
    let rows = query.query_map([member.id.bytes()], |row| read_membership(row, 0))?;
    member.memberships = rows.collect::<Result<_, _>>()?;
    Ok(Some(member))
}

fn read(row: &Row) -> rusqlite::Result<Member> {
    Ok(Member {
        id: MemberId::of(row.get(0)?),
        fields: Fields {
            email: read_email(row.get(1)?)?,
            birth_year: row.get(2)?,
            gender: row.get(3)?,
            district: row.get(4)?,
            education: row.get(5)?,
            lang: row.get(6)?,
        },
        confirmed: row.get(7)?,
        seen: row.get(8)?,
        asked: row.get(9)?,
        stop: Token(row.get(10)?),
        bounced: row.get(11)?,
        memberships: Vec::new(),
    })
}

/// Every address was judged before it was stored.
fn read_email(text: String) -> rusqlite::Result<Email> {
    Email::read(&text).map_err(|wrong| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(wrong))
    })
}

fn read_membership(row: &Row, first: usize) -> rusqlite::Result<Membership> {
    Ok(Membership {
        panel: row.get(first)?,
        consent: row.get(first + 1)?,
        since: row.get(first + 2)?,
        confirmed: row.get(first + 3)?,
    })
}
