//! Members who said yes elsewhere, by the hundred: all of them or none, and nobody twice, however often the same
//! table comes.

use rusqlite::{Connection, TransactionBehavior, params};

use super::Members;
use super::link::{self, Purpose};
use super::member::{Applicant, Member, Moment, insert, one, update};
use super::outgoing::{self, Letter};
use crate::panel::member::MemberId;
use crate::store::error::StoreError;

/// What became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Not known before.
    pub new: usize,
    /// Known, and in a further panel now, or asked to confirm that they are.
    pub joined: usize,
    /// Nothing changed for them.
    pub known: usize,
}

impl Members {
    /// Takes them in, in one transaction: for each person what every panel's form would have told, the same but
    /// for the panel. `vouched` says on whose word they are members at once; without it each is asked by
    /// mail, as after a sign-up. What a member is known to have said is not overwritten.
    pub fn import(
        &self,
        people: &[Vec<Applicant>],
        vouched: Option<&str>,
        at: Moment,
    ) -> Result<Imported, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut imported = Imported::default();
        for applicants in people {
            let Some(first) = applicants.first() else { continue };
            let known = one(&transaction, "identity = ?1", params![first.fields.email.identity()])?;
            let is_new = known.is_none();
            let id = match &known {
                Some(member) => member.id,
                None => insert(&transaction, &first.fields, at.day)?,
            };
            let is_changed = match vouched {
                Some(word) => vouch(&transaction, id, known.as_ref(), applicants, word, at)?,
                None => ask(&transaction, id, applicants, at)?,
            };
            match (is_new, is_changed) {
                (true, _) => imported.new += 1,
                (false, true) => imported.joined += 1,
                (false, false) => imported.known += 1,
            }
        }
        transaction.commit()?;
        Ok(imported)
    }
}

/// They are members by somebody's word. True where they were not before.
fn vouch(
    desk: &Connection,
    id: MemberId,
    known: Option<&Member>,
    applicants: &[Applicant],
    word: &str,
    at: Moment,
) -> Result<bool, StoreError> {
    if let Some(stranger) = known.filter(|member| member.confirmed.is_none()) {
        // Nobody has vouched for what was typed under this address before, and no link to it holds.
        update(desk, stranger.id, &applicants[0].fields, at.day)?;
        desk.execute("DELETE FROM link WHERE member = ?1 AND purpose = 'confirm'", [id.bytes()])?;
    }
    desk.execute(
        "UPDATE member SET confirmed = coalesce(confirmed, ?2) WHERE id = ?1",
        params![id.bytes(), at.day],
    )?;
    let mut is_changed = false;
    for applicant in applicants {
        let joined = desk.execute(
            "INSERT INTO membership (member, panel, consent, since, confirmed)
             VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (member, panel)
                 DO UPDATE SET consent = ?3, since = ?4, confirmed = 1 WHERE confirmed = 0",
            params![id.bytes(), applicant.panel, word, at.day],
        )?;
        is_changed |= joined > 0;
    }
    Ok(is_changed)
}

/// They are asked, for each panel that they have not been asked about. True where a mail goes.
fn ask(
    desk: &Connection,
    id: MemberId,
    applicants: &[Applicant],
    at: Moment,
) -> Result<bool, StoreError> {
    let mut is_asked = false;
    for applicant in applicants {
        let is_new = desk.execute(
            "INSERT INTO membership (member, panel, consent, since, confirmed)
             VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT DO NOTHING",
            params![id.bytes(), applicant.panel, applicant.consent, at.day],
        )?;
        if is_new == 1 {
            let token = link::make(desk, id, Purpose::Confirm, Some(&applicant.panel), at.now)?;
            let letter = Letter::new("confirm", id).about(&applicant.panel).opening(token);
            outgoing::queue(desk, &letter.waiting(), at)?;
            is_asked = true;
        }
    }
    Ok(is_asked)
}
