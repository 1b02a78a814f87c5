//! The proof that nothing is missing: per kiosk and epoch the numbers are without a gap, every row
//! that came is somewhere, every batch was signed by the kiosk, and the log is whole.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::{Central, fleet, log};
use crate::crypto::{Purpose, Signature, VerifyingKey};
use crate::store::error::StoreError;
use crate::store::record::{Epoch, Kind, SALVAGED, TORN, Uid};

/// What came from one epoch of a kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub kiosk: String,
    pub epoch: Epoch,
    /// The epoch begins after this number.
    pub base: u64,
    pub high_seq: u64,
    /// What the kiosk has stored but not sent, as it last said.
    pub unsent: u64,
}

/// The sums over all kiosks and homes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Contents that came from kiosks: different uids, and second contents under one.
    pub received: u64,
    /// Of these, responses and private records with their answers, and what stays sealed.
    pub stored: u64,
    pub erased: u64,
    /// Of these, waiting for a survey's version: [`Sums::held`].
    pub quarantined: u64,
    pub held: u64,
    /// Responses that came straight from homes.
    pub homes: u64,
    /// Private records that came straight from homes.
    pub homes_private: u64,
}

/// Something that a person has to look at. The word is stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Finding {
    /// Numbers that should have come and did not.
    Missing { kiosk: String, epoch: Epoch, first: u64, last: u64 },
    /// Numbers the kiosk itself gave up. Those whose rows it salvaged come in a later epoch.
    Lost { kiosk: String, epoch: Epoch, first: u64, last: u64, reason: String },
    /// Two machines go by one name and key.
    Cloned { kiosk: String },
    /// A row came, and is nowhere.
    Vanished { kiosk: String, epoch: Epoch, seq: u64, uid: Uid },
    /// A batch whose signature does not hold.
    Forged { key: String },
    /// A line of the audit log does not follow from the one before.
    LogBroken { line: i64 },
    /// Received is not stored + erased + quarantined.
    Unbalanced { received: u64, accounted: u64 },
}

/// The whole audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    pub accounts: Vec<Account>,
    pub sums: Sums,
    pub quarantine: Vec<Quarantine>,
    /// Empty where all is well.
    pub findings: Vec<Finding>,
    /// Lost numbers that were being given as a kiosk's power went: good to know, nothing to do.
    pub torn: Vec<Finding>,
}

/// What is in quarantine, by reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quarantine {
    pub kiosk: String,
    pub survey: String,
    pub reason: String,
    pub rows: u64,
}

impl Central {
    /// Audits everything, in one read transaction, so that work going on meanwhile does not show.
    pub fn audit(&self) -> Result<Audit, StoreError> {
        // Of its own: it takes seconds where there are a million rows, and nobody waits for it.
        let mut desk = super::connect(&self.path, &self.options)?;
        let desk = desk.transaction()?;
        let accounts = accounts(&desk)?;
        let mut findings = Vec::new();
        for account in &accounts {
            gaps(&desk, account, &mut findings)?;
        }
        let (torn, lost) = lost(&desk)?.into_iter().partition(is_torn);
        findings.extend::<Vec<_>>(lost);
        cloned(&desk, &mut findings)?;
        vanished(&desk, &mut findings)?;
        forged(&desk, &mut findings)?;
        findings.extend(log::first_broken(&desk)?.map(|line| Finding::LogBroken { line }));
        let sums = sums(&desk)?;
        let accounted = sums.stored + sums.erased + sums.quarantined;
        if sums.received != accounted {
            findings.push(Finding::Unbalanced { received: sums.received, accounted });
        }
        Ok(Audit { accounts, sums, quarantine: quarantine(&desk)?, findings, torn })
    }
}

fn accounts(desk: &Connection) -> Result<Vec<Account>, StoreError> {
    let mut query = desk.prepare(
        "SELECT kiosk, epoch, base, high_seq, last - high_seq FROM watermark ORDER BY kiosk, ordinal",
    )?;
    let accounts = query.query_map([], |row| {
        Ok(Account {
            kiosk: row.get(0)?,
            epoch: Epoch(row.get(1)?),
            base: row.get::<_, i64>(2)? as u64,
            high_seq: row.get::<_, i64>(3)? as u64,
            unsent: row.get::<_, i64>(4)?.max(0) as u64,
        })
    })?;
    Ok(accounts.collect::<Result<_, _>>()?)
}

/// Walks over what came and what was given up, in order, from the epoch's base to the highest number
/// known here.
fn gaps(
    desk: &Connection,
    account: &Account,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT seq, seq FROM received WHERE kiosk = ?1 AND epoch = ?2
         UNION SELECT first, last FROM received_range WHERE kiosk = ?1 AND epoch = ?2
         UNION SELECT first, last FROM lost WHERE kiosk = ?1 AND epoch = ?2 ORDER BY 1, 2",
    )?;
    let mut rows = query.query(params![account.kiosk, account.epoch.0])?;
    let mut reached = account.base;
    let mut missing = |first: u64, last: u64| {
        let (kiosk, epoch) = (account.kiosk.clone(), account.epoch);
        findings.push(Finding::Missing { kiosk, epoch, first, last });
    };
    if account.base > 0 && !has_come_before(desk, account)? {
        missing(1, account.base);
    }
    while let Some(row) = rows.next()? {
        let (first, last) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
        if first > reached + 1 {
            missing(reached + 1, first - 1);
        }
        reached = reached.max(last);
    }
    if reached < account.high_seq {
        missing(reached + 1, account.high_seq);
    }
    Ok(())
}

/// What lies before an epoch's base was in a backup once; then an earlier epoch reaches as far.
fn has_come_before(desk: &Connection, account: &Account) -> Result<bool, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT 1 FROM watermark WHERE kiosk = ?1 AND epoch <> ?2 AND high_seq >= ?3",
    )?;
    Ok(query.exists(params![account.kiosk, account.epoch.0, account.base as i64])?)
}

fn is_torn(finding: &Finding) -> bool {
    matches!(finding, Finding::Lost { reason, .. } if reason == TORN)
}

fn lost(desk: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut query =
        desk.prepare("SELECT kiosk, epoch, first, last, reason FROM lost WHERE reason <> ?1")?;
    let lost = query.query_map([SALVAGED], |row| {
        Ok(Finding::Lost {
            kiosk: row.get(0)?,
            epoch: Epoch(row.get(1)?),
            first: row.get::<_, i64>(2)? as u64,
            last: row.get::<_, i64>(3)? as u64,
            reason: row.get(4)?,
        })
    })?;
    Ok(lost.collect::<Result<_, _>>()?)
}

fn cloned(desk: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut query = desk.prepare("SELECT kiosk FROM kiosk_flag WHERE flag = ?1 ORDER BY kiosk")?;
    let cloned = query.query_map([fleet::CLONED], |row| row.get(0))?;
    for kiosk in cloned {
        findings.push(Finding::Cloned { kiosk: kiosk? });
    }
    Ok(())
}

fn vanished(desk: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut query = desk.prepare(
        "SELECT kiosk, epoch, seq, uid FROM received AS r
         WHERE NOT EXISTS (SELECT 1 FROM response WHERE uid = r.uid)
           AND NOT EXISTS (SELECT 1 FROM private WHERE uid = r.uid)
           AND NOT EXISTS (SELECT 1 FROM sealed WHERE uid = r.uid)
           AND NOT EXISTS (SELECT 1 FROM quarantine WHERE uid = r.uid)
           AND NOT EXISTS (SELECT 1 FROM erased_elsewhere WHERE uid = r.uid
                OR sha256 = (SELECT sha256 FROM record WHERE uid = r.uid))",
    )?;
    let vanished = query.query_map([], |row| {
        Ok(Finding::Vanished {
            kiosk: row.get(0)?,
            epoch: Epoch(row.get(1)?),
            seq: row.get::<_, i64>(2)? as u64,
            uid: Uid(row.get(3)?),
        })
    })?;
    for finding in vanished {
        findings.push(finding?);
    }
    Ok(())
}

fn forged(desk: &Connection, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let mut query = desk.prepare(
        "SELECT d.head, d.signature, k.key, lower(hex(d.key))
         FROM delivery AS d LEFT JOIN kiosk_key AS k ON k.id = d.key",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let head: String = row.get(0)?;
        let signature = Signature::from_hex(&row.get::<_, String>(1)?);
        let key = row.get::<_, Option<String>>(2)?.and_then(|key| VerifyingKey::from_hex(&key));
        let holds = key.zip(signature).is_some_and(|(key, signature)| {
            key.verify(Purpose::Batch, head.as_bytes(), &signature).is_ok()
        });
        if !holds {
            findings.push(Finding::Forged { key: row.get(3)? });
        }
    }
    Ok(())
}

/// What came is what was counted as it came, in a row of its own, so that a row that went missing since does not
/// take its count along. A second content under a uid is a row of its own in quarantine.
fn sums(desk: &Connection) -> Result<Sums, StoreError> {
    let count = |sql: &str| -> Result<u64, StoreError> {
        Ok(desk.query_row(sql, [], |row| row.get::<_, i64>(0))? as u64)
    };
    let both = |condition: &str| -> Result<u64, StoreError> {
        let of = |table| {
            count(&format!(
                "SELECT count(*) FROM {table} JOIN record USING (uid) WHERE {condition}"
            ))
        };
        Ok(of("response")? + of("private")?)
    };
    let from_homes = |table| {
        count(&format!(
            "SELECT count(*) FROM {table} AS t WHERE NOT EXISTS
                 (SELECT 1 FROM record WHERE uid = t.uid)"
        ))
    };
    let sealed_from_homes = |kind: Kind| {
        count(&format!(
            "SELECT count(*) FROM sealed WHERE sender IS NULL AND kind = '{}'
                 AND uid NOT IN (SELECT uid FROM record)",
            kind.name()
        ))
    };
    let emptied = count(
        "SELECT count(*) FROM quarantine WHERE settled ->> 'verdict' IN ('rejected', 'erased')",
    )?;
    let kept_away =
        count("SELECT count(*) FROM record WHERE sha256 IN (SELECT sha256 FROM erased_elsewhere)")?;
    Ok(Sums {
        received: count("SELECT coalesce(sum(received), 0) FROM kiosk")?
            + count("SELECT opened FROM central")?,
        stored: both("erased IS NULL")?
            + count("SELECT count(*) FROM sealed JOIN record USING (uid)")?,
        erased: both("erased IS NOT NULL")? + emptied + kept_away,
        quarantined: count("SELECT count(*) FROM quarantine WHERE settled IS NULL")?,
        held: count(
            "SELECT count(*) FROM quarantine WHERE reason = 'unknown-version' AND settled IS NULL",
        )?,
        homes: from_homes("response")? + sealed_from_homes(Kind::Response)?,
        homes_private: from_homes("private")? + sealed_from_homes(Kind::Private)?,
    })
}

fn quarantine(desk: &Connection) -> Result<Vec<Quarantine>, StoreError> {
    let mut query = desk.prepare(
        "SELECT sender, survey, reason, count(*) FROM quarantine WHERE settled IS NULL
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )?;
    let rows = query.query_map([], |row| {
        Ok(Quarantine {
            kiosk: row.get(0)?,
            survey: row.get(1)?,
            reason: row.get(2)?,
            rows: row.get::<_, i64>(3)? as u64,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
