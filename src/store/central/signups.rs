//! Sign-ups that came from kiosks and wait, sealed, to be taken to the panel; what is left of one is its
//! number.

use rusqlite::{TransactionBehavior, params};

use super::Central;
use super::sealed::label;
use crate::store::error::StoreError;
use crate::store::record::{Kind, Sealed, Uid};
use crate::store::sqlite::fold_log;

impl Central {
    /// Sealed records of this kind that have their content, after `after`, at most `rows_max`.
    pub fn waiting(
        &self,
        kind: Kind,
        after: Option<Uid>,
        rows_max: usize,
    ) -> Result<Vec<Sealed>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT kind, uid, survey, version, kiosk, epoch, body FROM sealed
             WHERE kind = ?1 AND uid > ?2 AND length(body) > 0 ORDER BY uid LIMIT ?3",
        )?;
        let after = after.map_or_else(Vec::new, |uid| uid.0.to_vec());
        let mut rows = query.query(params![kind.name(), after, rows_max as i64])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push(Sealed { label: label(row, 0)?, body: row.get(6)? });
        }
        Ok(waiting)
    }

    /// They are where they belong: their content goes, their numbers stay, so that nothing comes twice.
    pub fn empty_waiting(&self, uids: &[Uid]) -> Result<(), StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for uid in uids {
                transaction.execute("UPDATE sealed SET body = x'' WHERE uid = ?1", [uid.0])?;
            }
            transaction.commit()?;
            fold_log(desk)
        })
    }

    /// A record that cannot be taken where it belongs waits for a person.
    pub fn set_aside(&self, sealed: &Sealed, reason: &str, day: &str) -> Result<(), StoreError> {
        self.write(|desk| {
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = desk.transaction_with_behavior(behavior)?;
        let uid = sealed.label.uid.0;
        let is_moved = transaction.execute(
            "INSERT INTO quarantine (uid, sha256, sender, kind, survey, version, kiosk, epoch, body,
                 reason, day)
             SELECT uid, ?2, coalesce(sender, 'web'), kind, survey, version, kiosk, epoch, body, ?3, ?4
             FROM sealed WHERE uid = ?1 ON CONFLICT DO NOTHING",
            params![uid, sealed.digest().0, reason, day],
        )?;
        if is_moved == 1 {
            transaction.execute("DELETE FROM sealed WHERE uid = ?1", [uid])?;
        }
        Ok(transaction.commit()?)
        })
    }

    /// Answers of those who were invited, in one transaction, each once.
    pub fn store_invited(
        &self,
        answers: &[super::response::OpenForm],
    ) -> Result<usize, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut stored = 0;
            for form in answers {
                if super::response::exists(&transaction, form.accepted.uid()?)? {
                    continue;
                }
                super::response::insert(&transaction, &form.accepted)?;
                for record in &form.private {
                    super::private::insert(&transaction, record)?;
                }
                stored += 1;
            }
            transaction.commit()?;
            Ok(stored)
        })
    }
}
