//! Invitations: who was asked to answer what. Nothing here says who has answered: while a survey is open
//! that stands in `spool.db`, and when it is over it is nowhere any more.

use jiff::civil::Date;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::member::Moment;
use super::outgoing::{self, Letter};
use super::{Members, Token};
use crate::crypto::Digest;
use crate::panel::cap::Invited;
use crate::panel::member::MemberId;
use crate::response::record::Background;
use crate::response::steps::Steps;
use crate::store::error::StoreError;
use crate::store::record::InvitationId;
use crate::store::sqlite::fold_log;

/// One who is to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    pub member: MemberId,
    /// The panel by which they are invited.
    pub panel: String,
    /// The hash of the code in a letter; none where a mail goes.
    pub code: Option<Digest>,
}

/// An invitation that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub survey: String,
    pub member: MemberId,
    pub panel: String,
    pub day: String,
    /// By letter, not by mail.
    pub by_letter: bool,
    pub reminded: Option<String>,
}

/// How many of a group were invited to a survey, and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    /// Shared by at least five who were invited.
    pub background: Background,
    pub invited: u64,
    pub answered: u64,
}

impl Members {
    /// Invites them all, in one transaction, and queues their mails. Whoever was invited to this survey
    /// before is passed over. Those that are new.
    pub fn invite(
        &self,
        survey: &str,
        invitees: &[Invitee],
        at: Moment,
    ) -> Result<Vec<MemberId>, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut invited = Vec::new();
        for invitee in invitees {
            let id = InvitationId::random();
            let road = if invitee.code.is_some() { "letter" } else { "mail" };
            let is_new = desk
                .prepare_cached(
                    "INSERT INTO invitation (id, survey, member, panel, day, road)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    id.0,
                    survey,
                    invitee.member.bytes(),
                    invitee.panel,
                    at.day,
                    road
                ])?;
            if is_new == 0 {
                continue;
            }
            invited.push(invitee.member);
            match invitee.code {
                Some(hash) => add_token(&desk, id, hash)?,
                None => {
                    let token = Token::random();
                    add_token(&desk, id, token.hash())?;
                    let letter = Letter::new("invitation", invitee.member).about(&invitee.panel);
                    outgoing::queue(&desk, &letter.to(survey).opening(token), at)?;
                }
            }
        }
        desk.commit()?;
        Ok(invited)
    }

    /// Reminds by mail: with a token of its own, as only the hash of the first is known. Returns how many.
    pub fn remind(&self, invitations: &[InvitationId], at: Moment) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut reminded = 0;
        for id in invitations {
            let found = desk
                .prepare_cached(
                    "UPDATE invitation SET reminded = ?2
                     WHERE id = ?1 AND road = 'mail' RETURNING member, panel, survey",
                )?
                .query_row(params![id.0, at.day], |row| {
                    let member = MemberId::of(row.get(0)?);
                    Ok((member, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })
                .optional()?;
            let Some((member, panel, survey)) = found else { continue };
            let token = Token::random();
            add_token(&desk, *id, token.hash())?;
            let letter = Letter::new("reminder", member).about(&panel).to(&survey);
            outgoing::queue(&desk, &letter.opening(token), at)?;
            reminded += 1;
        }
        desk.commit()?;
        Ok(reminded)
    }

    /// Invitations to a survey whose receivers have not been told what came of it, and may be: they are in the
    /// panel still that invited them, and their mail arrives. Who has answered makes no difference.
    pub fn untold(&self, survey: &str) -> Result<Vec<InvitationId>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT i.id FROM invitation AS i JOIN member AS m ON m.id = i.member
             JOIN membership AS p ON p.member = i.member AND p.panel = i.panel AND p.confirmed = 1
             WHERE i.survey = ?1 AND i.findings IS NULL AND m.bounced IS NULL ORDER BY i.id",
        )?;
        let rows = query.query_map([survey], |row| row.get(0).map(InvitationId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Queues the mail with the findings for these, each once for good. Returns how many.
    pub fn tell_findings(
        &self,
        invitations: &[InvitationId],
        at: Moment,
    ) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let desk = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut told = 0;
        for id in invitations {
            let found = desk
                .prepare_cached(
                    "UPDATE invitation SET findings = ?2 WHERE id = ?1 AND findings IS NULL
                     RETURNING member, panel, survey",
                )?
                .query_row(params![id.0, at.day], |row| {
                    let member = MemberId::of(row.get(0)?);
                    Ok((member, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })
                .optional()?;
            let Some((member, panel, survey)) = found else { continue };
            let letter = Letter::new("findings", member).about(&panel).to(&survey);
            outgoing::queue(&desk, &letter, at)?;
            told += 1;
        }
        desk.commit()?;
        Ok(told)
    }

    /// The invitation that a token or a code opens, by its hash.
    pub fn invitation(&self, hash: Digest) -> Result<Option<Invitation>, StoreError> {
        let desk = self.desk();
        let sql = format!(
            "SELECT {COLUMNS} FROM invite_token AS t JOIN invitation AS i ON i.id = t.invitation
             WHERE t.hash = ?1"
        );
        Ok(desk.prepare_cached(&sql)?.query_row([hash.0], read).optional()?)
    }

    /// All who were invited to a survey, in the order of random ids.
    pub fn invited(&self, survey: &str) -> Result<Vec<Invitation>, StoreError> {
        let desk = self.desk();
        let sql =
            format!("SELECT {COLUMNS} FROM invitation AS i WHERE i.survey = ?1 ORDER BY i.id");
        let mut query = desk.prepare_cached(&sql)?;
        let rows = query.query_map([survey], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whom each invitation since a day was for, and to which survey; those to `survey` however old. Nothing
    /// else is read: a large panel has hundreds of thousands.
    pub fn history(&self, day: &str, survey: &str) -> Result<Vec<(MemberId, Invited)>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT member, survey, day FROM invitation WHERE day >= ?1 OR survey = ?2",
        )?;
        let mut rows = query.query([day, survey])?;
        let mut history = Vec::new();
        while let Some(row) = rows.next()? {
            let day: Date = row
                .get_ref(2)?
                .as_str()
                .ok()
                .and_then(|day| day.parse().ok())
                .ok_or_else(|| StoreError::Corrupt("an invitation's day".to_owned()))?;
            history.push((MemberId::of(row.get(0)?), Invited { survey: row.get(1)?, day }));
        }
        Ok(history)
    }

    /// The surveys for which somebody still has an invitation that opens.
    pub fn open_surveys(&self) -> Result<Vec<String>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT DISTINCT i.survey FROM invitation AS i
             JOIN invite_token AS t ON t.invitation = i.id ORDER BY i.survey",
        )?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A survey is over: its invitations open nothing any more, mails that wait do not go, and of who
    /// answered counts by group are left.
    pub fn close(&self, survey: &str, counts: &[GroupCount]) -> Result<(), StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Counted once, also where this was cut short.
        let is_counted = transaction
            .prepare_cached("SELECT 1 FROM answer_count WHERE survey = ?1")?
            .exists([survey])?;
        for count in counts.iter().filter(|_| !is_counted) {
            let background = serde_json::to_string(&count.background)
                .map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
            transaction.execute(
                "INSERT INTO answer_count (survey, background, invited, answered)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                params![survey, background, count.invited as i64, count.answered as i64],
            )?;
        }
        transaction.execute(
            "DELETE FROM invite_token WHERE invitation IN
                 (SELECT id FROM invitation WHERE survey = ?1)",
            [survey],
        )?;
        // Whoever was not reminded where others were has answered.
        transaction.execute("UPDATE invitation SET reminded = NULL WHERE survey = ?1", [survey])?;
        transaction
            .execute("DELETE FROM mail WHERE survey = ?1 AND name = 'reminder'", [survey])?;
        transaction.execute(
            "DELETE FROM mail WHERE survey = ?1 AND state <> 'sent'
                 AND name = 'invitation'",
            [survey],
        )?;
        transaction.commit()?;
        fold_log(&desk)
    }

    /// Keeps how the panel and the invited were made up, the first time only.
    pub fn keep_steps(&self, survey: &str, steps: &Steps) -> Result<(), StoreError> {
        let body =
            serde_json::to_string(steps).map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        self.desk().execute(
            "INSERT INTO steps (survey, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [survey, &body],
        )?;
        Ok(())
    }

    /// What was kept of a survey that is over.
    pub fn steps(&self, survey: &str) -> Result<Option<Steps>, StoreError> {
        let desk = self.desk();
        let body: Option<String> = desk
            .prepare_cached("SELECT body FROM steps WHERE survey = ?1")?
            .query_row([survey], |row| row.get(0))
            .optional()?;
        body.map(|body| read_steps(&body)).transpose()
    }

    /// What was kept of all surveys that are over, in no order.
    pub fn all_steps(&self) -> Result<Vec<Steps>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare("SELECT body FROM steps")?;
        let bodies = query.query_map([], |row| row.get(0))?;
        bodies.map(|body: rusqlite::Result<String>| read_steps(&body?)).collect()
    }

    /// The counts of all surveys that are over, for the response rates of groups.
    pub fn counts(&self) -> Result<Vec<GroupCount>, StoreError> {
        let desk = self.desk();
        let mut query = desk
            .prepare("SELECT background, invited, answered FROM answer_count ORDER BY 1, 2, 3")?;
        let mut rows = query.query([])?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next()? {
            let background: String = row.get(0)?;
            let background = serde_json::from_str(&background)
                .map_err(|wrong| StoreError::Corrupt(format!("a count's background: {wrong}")))?;
            let (invited, answered) = (row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64);
            counts.push(GroupCount { background, invited, answered });
        }
        Ok(counts)
    }
}

const COLUMNS: &str = "i.id, i.survey, i.member, i.panel, i.day, i.road, i.reminded";

fn read_steps(body: &str) -> Result<Steps, StoreError> {
    serde_json::from_str(body)
        .map_err(|wrong| StoreError::Corrupt(format!("a survey's steps: {wrong}")))
}

fn read(row: &rusqlite::Row) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(row.get(0)?),
        survey: row.get(1)?,
        member: MemberId::of(row.get(2)?),
        panel: row.get(3)?,
        day: row.get(4)?,
        by_letter: row.get::<_, String>(5)? == "letter",
        reminded: row.get(6)?,
    })
}

fn add_token(
    desk: &rusqlite::Connection,
    id: InvitationId,
    hash: Digest,
) -> Result<(), StoreError> {
    desk.prepare_cached("INSERT INTO invite_token (hash, invitation) VALUES (?1, ?2)")?
        .execute(params![hash.0, id.0])?;
    Ok(())
}
