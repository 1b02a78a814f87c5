//! A copy becomes a central's database again: what was erased since it was made is erased in it too, before
//! it stands where a central would open it. What is not in it and was erased elsewhere stays known by its
//! number and digest, and is not stored when it comes.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use super::Central;
use super::erase::Place;
use super::log::{self, Entry};
use super::private::Erasure;
use super::roll::{Deed, Erased};
use crate::crypto::Digest;
use crate::store::error::StoreError;
use crate::store::record::Uid;
use crate::store::sqlite::Options;

/// A copy that was [unpacked](super::backup::unpack), on its way to be a central's database.
pub struct Returning(Connection);

/// What the roll came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Records whose content was in the copy and is gone now.
    pub erased: usize,
    /// Records that are not in the copy and will not be stored when they come.
    pub elsewhere: usize,
}

impl Returning {
    /// Opens the copy and brings it up to today's schema.
    pub fn open(path: &Path) -> Result<Returning, StoreError> {
        Ok(Returning(super::connect(path, &Options::default())?))
    }

    /// What the copy itself knows to be erased.
    pub fn erased(&self) -> Result<Vec<Deed>, StoreError> {
        erased(&self.0)
    }

    /// Erases what the roll says, in one transaction with the line of the log.
    pub fn replay(&mut self, deeds: &[Deed], entry: &Entry) -> Result<Replayed, StoreError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut replayed = Replayed::default();
        for deed in deeds {
            for record in &deed.records {
                if erase_again(&transaction, &deed.erasure, *record)? {
                    replayed.erased += 1;
                } else if keep_away(&transaction, &deed.erasure, *record)? {
                    replayed.elsewhere += 1;
                }
            }
        }
        let Replayed { erased, elsewhere } = replayed;
        let detail = format!("{}: {erased} erased again, {elsewhere} kept away", entry.detail);
        log::append(&transaction, &Entry { detail, ..entry.clone() })?;
        transaction.commit()?;
        Ok(replayed)
    }

    /// Puts all into the one file, with no log beside it.
    pub fn close(self) -> Result<(), StoreError> {
        super::backup::without_log(&self.0)
    }
}

impl Central {
    /// All that is known to be erased.
    pub fn erased(&self) -> Result<Vec<Deed>, StoreError> {
        erased(&self.desk())
    }
}

/// Empties this very content, wherever it is. The uid alone does not do: under it there may be another
/// content, which nobody erased. True where there was any.
fn erase_again(desk: &Connection, erasure: &Erasure, record: Erased) -> Result<bool, StoreError> {
    let (uid, sha256) = (record.uid.0, record.sha256.map(|digest| digest.0));
    let mut count = 0;
    for place in [Place::Responses, Place::Private] {
        let sql = format!(
            "{} AND uid = ?2 AND (SELECT sha256 FROM record WHERE uid = ?2) IS ?3",
            place.emptying()
        );
        let mut empty = desk.prepare_cached(&sql)?;
        count += empty.execute(params![place.left(erasure), uid, sha256])?;
    }
    // Accepted out of quarantine it had a number of its own; its digest is the same.
    let mut empty =
        desk.prepare_cached(&format!("{} AND sha256 = ?2", Place::Quarantine.emptying()))?;
    count += empty.execute(params![Place::Quarantine.left(erasure), sha256])?;
    Ok(count > 0)
}

/// Notes what is not here. False where it is, erased already.
fn keep_away(desk: &Connection, erasure: &Erasure, record: Erased) -> Result<bool, StoreError> {
    let (uid, sha256) = (record.uid.0, record.sha256.map(|digest| digest.0));
    let is_here: bool = desk
        .prepare_cached(
            "SELECT (SELECT sha256 FROM record WHERE uid = ?1) IS ?2
                    AND (EXISTS (SELECT 1 FROM response WHERE uid = ?1)
                         OR EXISTS (SELECT 1 FROM private WHERE uid = ?1))
                 OR EXISTS (SELECT 1 FROM quarantine WHERE sha256 = ?2)",
        )?
        .query_row(params![uid, sha256], |row| row.get(0))?;
    if is_here {
        return Ok(false);
    }
    let noted = desk
        .prepare_cached(
            "INSERT INTO erased_elsewhere (uid, sha256, erased) VALUES (?1, coalesce(?2, x''), ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![uid, sha256, Place::Responses.left(erasure)])?;
    Ok(noted == 1)
}

/// Whether this very content was erased before it came.
pub(super) fn is_content_erased(desk: &Connection, digest: Digest) -> Result<bool, StoreError> {
    let mut query = desk.prepare_cached("SELECT 1 FROM erased_elsewhere WHERE sha256 = ?1")?;
    Ok(query.exists([digest.0])?)
}

/// Whether something under this uid was erased before it came.
pub(super) fn is_uid_erased(desk: &Connection, uid: Uid) -> Result<bool, StoreError> {
    let mut query = desk.prepare_cached("SELECT 1 FROM erased_elsewhere WHERE uid = ?1")?;
    Ok(query.exists([uid.0])?)
}

fn erased(desk: &Connection) -> Result<Vec<Deed>, StoreError> {
    let mut query = desk.prepare(
        "SELECT erased, uid, sha256 FROM response LEFT JOIN record USING (uid)
             WHERE erased IS NOT NULL
         UNION ALL SELECT erased, uid, sha256 FROM private LEFT JOIN record USING (uid)
             WHERE erased IS NOT NULL
         UNION ALL SELECT settled, uid, sha256 FROM quarantine
             WHERE settled ->> 'verdict' IN ('rejected', 'erased')
         UNION ALL SELECT erased, uid, nullif(sha256, x'') FROM erased_elsewhere",
    )?;
    let mut rows = query.query([])?;
    let mut found: BTreeMap<[String; 3], Vec<Erased>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let left: Value = serde_json::from_str(&row.get::<_, String>(0)?).unwrap_or_default();
        let word = |name: &str| left[name].as_str().map(str::to_owned);
        let reason = word("reason").or_else(|| word("verdict")).unwrap_or_default();
        let sha256: Option<[u8; 32]> = row.get(2)?;
        let record = Erased { uid: Uid(row.get(1)?), sha256: sha256.map(Digest) };
        let why = [reason, word("day").unwrap_or_default(), word("by").unwrap_or_default()];
        found.entry(why).or_default().push(record);
    }
    let deed = |([reason, day, by], mut records): ([String; 3], Vec<Erased>)| {
        records.sort_unstable();
        Deed { erasure: Erasure { reason, day, by }, records }
    };
    Ok(found.into_iter().map(deed).collect())
}
