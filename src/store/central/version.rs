//! The surveys' definitions, and the rows that came before theirs was known.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::receive::{Judged, OTHER_CONTENT, UNKNOWN_VERSION};
use super::{Central, private, response, sealed, view};
use crate::crypto::Digest;
use crate::store::error::StoreError;
use crate::store::record::{Sealed, Uid};
use crate::store::sqlite::fold_log;
use crate::survey::Definition;

impl Central {
    /// Makes a definition known, which is only ever one that was built or released here: a kiosk's
    /// is never accepted. The survey's views follow. True where it is new; then rows may be waiting
    /// for it ([`Central::held`]).
    pub fn register(&self, definition: &Definition) -> Result<bool, StoreError> {
        let json = serde_json::to_string(definition)
            .map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let is_new = transaction.execute(
                "INSERT INTO survey_version (version, survey, structure, definition)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (version) DO NOTHING",
                [&definition.version, &definition.slug, &definition.structure, &json],
            )?;
            match is_new {
                1 if definition.is_signup() => {}
                1 => view::renew(&transaction, definition)?,
                _ => keep_up(&transaction, definition)?,
            }
            view::count_no_tests(&transaction)?;
            // Also of a version known before this table was.
            let questions = definition.base().questions();
            for question in questions.filter(|_| !definition.is_signup()) {
                transaction.execute(
                    "INSERT INTO question (survey, structure, id, shape) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
                    [&definition.slug, &definition.structure, &question.id, &question.shape()],
                )?;
            }
            transaction.commit()?;
            Ok(is_new == 1)
        })
    }

    /// The definition of this version.
    pub fn definition(&self, version: &str) -> Result<Option<Definition>, StoreError> {
        let json: Option<String> = self
            .desk()
            .prepare_cached("SELECT definition FROM survey_version WHERE version = ?1")?
            .query_row([version], |row| row.get(0))
            .optional()?;
        let read = |json: String| {
            serde_json::from_str(&json).map_err(|wrong| {
                StoreError::Corrupt(format!("the definition of version {version}: {wrong}"))
            })
        };
        json.map(read).transpose()
    }

    /// Every definition, oldest first.
    pub fn definitions(&self) -> Result<Vec<Definition>, StoreError> {
        let versions: Vec<String> = {
            let desk = self.desk();
            let mut query = desk.prepare("SELECT version FROM survey_version ORDER BY ordinal")?;
            query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        versions.iter().filter_map(|version| self.definition(version).transpose()).collect()
    }

    /// Some rows that waited for a version that is known now, at most `rows_max`. `after` is the
    /// last one seen, so that a row that stays does not come again.
    pub fn held(&self, after: Option<Uid>, rows_max: usize) -> Result<Vec<Sealed>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT kind, uid, survey, version, kiosk, epoch, body FROM quarantine
             WHERE reason = ?1 AND settled IS NULL AND uid > ?2 AND version IN (SELECT version FROM survey_version)
             ORDER BY uid LIMIT ?3",
        )?;
        let after = after.map_or_else(Vec::new, |uid| uid.0.to_vec());
        let mut found = query.query(params![UNKNOWN_VERSION, after, rows_max as i64])?;
        let mut held = Vec::new();
        while let Some(row) = found.next()? {
            let label = sealed::label(row, 0)?;
            held.push(Sealed { label, body: row.get(6)? });
        }
        Ok(held)
    }

    /// Lets a held row go where it belongs, or gives the reason why it stays: also where its uid was
    /// answered from a home meanwhile. What stays has `body` from then on: the same record, without what
    /// must not lie here. True where it went.
    pub fn settle_held(
        &self,
        record: &Sealed,
        judged: &Judged,
        body: &[u8],
    ) -> Result<bool, StoreError> {
        let digest = record.digest();
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let uid = record.label.uid;
            let is_sound = !matches!(judged, Judged::UnknownVersion | Judged::Refused(_));
            let is_taken = response::exists(&transaction, uid)?
                || private::exists(&transaction, uid)?
                || sealed::exists(&transaction, uid)?;
            if is_sound && is_taken {
                yield_to_home(&transaction, record, digest)?;
                transaction.commit()?;
                return Ok(false);
            }
            match judged {
                Judged::UnknownVersion => return Ok(false),
                Judged::Refused(reason) => {
                    transaction.execute(
                        "UPDATE quarantine SET reason = ?3, body = ?4
                         WHERE uid = ?1 AND sha256 = ?2 AND settled IS NULL",
                        params![uid.0, digest.0, reason, body],
                    )?;
                }
                Judged::Response(accepted) => {
                    if free(&transaction, record, digest)? {
                        response::insert(&transaction, accepted)?;
                    }
                }
                Judged::Private(apart) => {
                    if free(&transaction, record, digest)? {
                        private::insert(&transaction, apart)?;
                    }
                }
                Judged::Sealed | Judged::Spooled => {
                    let sender = sender(&transaction, record, digest)?;
                    let keep = match judged {
                        Judged::Spooled => sealed::insert_empty,
                        _ => sealed::insert,
                    };
                    if free(&transaction, record, digest)? {
                        keep(&transaction, record, sender.as_deref())?;
                    }
                }
            }
            transaction.commit()?;
            if *body != record.body {
                fold_log(desk)?;
            }
            Ok(!matches!(judged, Judged::Refused(_)))
        })
    }
}

/// What a version does not decide may have changed since: until when it is open, and for how long answers
/// are kept. Of two such promises the shorter holds: somebody was given it.
fn keep_up(desk: &rusqlite::Connection, definition: &Definition) -> Result<(), StoreError> {
    let known: String = desk.query_row(
        "SELECT definition FROM survey_version WHERE version = ?1",
        [&definition.version],
        |row| row.get(0),
    )?;
    let Ok(mut kept) = serde_json::from_str::<Definition>(&known) else { return Ok(()) };
    let before = kept.settings.clone();
    let promises = [before.keep_answers_months, definition.settings.keep_answers_months];
    kept.settings = definition.settings.clone();
    kept.settings.keep_answers_months = promises.into_iter().flatten().min();
    if kept.settings != before {
        let json =
            serde_json::to_string(&kept).map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        desk.execute(
            "UPDATE survey_version SET definition = ?2 WHERE version = ?1",
            [&definition.version, &json],
        )?;
    }
    Ok(())
}

/// The row is the second content under its uid now, as if it had come after the home's.
fn yield_to_home(
    desk: &rusqlite::Connection,
    sealed: &Sealed,
    digest: Digest,
) -> Result<(), StoreError> {
    let key = params![sealed.label.uid.0, digest.0, UNKNOWN_VERSION, OTHER_CONTENT];
    let yielded = desk.execute(
        "UPDATE quarantine SET reason = ?4 WHERE uid = ?1 AND sha256 = ?2 AND reason = ?3",
        key,
    )?;
    if yielded == 1 {
        desk.execute("DELETE FROM content WHERE uid = ?1", [sealed.label.uid.0])?;
        desk.execute(
            "INSERT INTO kiosk_flag (kiosk, flag, day)
             SELECT sender, reason, day FROM quarantine JOIN kiosk ON kiosk.name = sender
             WHERE uid = ?1 AND sha256 = ?2
             ON CONFLICT DO NOTHING",
            params![sealed.label.uid.0, digest.0],
        )?;
    }
    Ok(())
}

/// The kiosk that brought a held row, if it is still here.
fn sender(
    desk: &rusqlite::Connection,
    sealed: &Sealed,
    digest: Digest,
) -> Result<Option<String>, StoreError> {
    Ok(desk
        .prepare_cached("SELECT sender FROM quarantine WHERE uid = ?1 AND sha256 = ?2")?
        .query_row(params![sealed.label.uid.0, digest.0], |row| row.get(0))
        .optional()?)
}

/// Takes a row out of quarantine; false where another process was quicker.
fn free(desk: &rusqlite::Connection, sealed: &Sealed, digest: Digest) -> Result<bool, StoreError> {
    let freed = desk.execute(
        "DELETE FROM quarantine WHERE uid = ?1 AND sha256 = ?2 AND reason = ?3",
        params![sealed.label.uid.0, digest.0, UNKNOWN_VERSION],
    )?;
    Ok(freed == 1)
}
