//! Damaged kiosk databases, set aside and never deleted: `damaged/1`, `damaged/2` … in the kiosk's
//! folder, each with the files as they were and an [`Account`] of what became of its numbers.
//!
//! The account is written last. A folder without one was left in the middle, by a power cut or a full
//! disk: salvage is done again, which the uids make safe.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::outbox::{self, FILE};
use super::record::{CentralId, Epoch, Lost, SALVAGED};
use super::salvage::{self, Found};
use super::waiting;
use super::writer::Stored;
use crate::durable::{Access, replace_file};
use crate::error::Context;

/// In the kiosk's folder.
pub const FOLDER: &str = "damaged";
const ACCOUNT: &str = "account.json";
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What became of the numbers of a database that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The life it was in; none where nothing in it tells: then no central can be told.
    pub epoch: Option<Epoch>,
    pub base: u64,
    pub last: u64,
    /// All numbers after `base` up to `last`.
    pub numbers: Vec<Lost>,
    pub salvage: Salvage,
    /// The centrals that were told of it.
    #[serde(default)]
    pub told: Vec<CentralId>,
    /// A person has looked: no alarm any more.
    #[serde(default)]
    pub looked: bool,
}

impl Account {
    /// The numbers whose rows are gone, as far as this disk can tell; a central may have some.
    pub fn losses(&self) -> impl Iterator<Item = &Lost> {
        let is_lost = |range: &&Lost| !matches!(range.reason.as_str(), SALVAGED | "emptied");
        self.numbers.iter().filter(is_lost)
    }

    /// Whether there are any, or nothing at all could be told.
    pub fn has_losses(&self) -> bool {
        self.epoch.is_none() || self.losses().next().is_some()
    }
}

/// What a salvage brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// Rows whose checksum held, waiting private records among them.
    pub found: u64,
    /// Of these, those that were not in the new database yet.
    pub brought_over: u64,
    pub known: u64,
    /// Numbers whose rows are gone.
    pub lost: u64,
    /// Numbers whose rows a central has, and in a backup.
    pub emptied: u64,
}

/// A database that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    pub folder: PathBuf,
    /// None where the salvage is still to be done.
    pub account: Option<Account>,
}

impl SetAside {
    /// Whether a person should look.
    pub fn alarms(&self) -> bool {
        self.account.as_ref().is_none_or(|account| !account.looked)
    }

    /// For people and scripts.
    pub fn shown(&self) -> serde_json::Value {
        let salvage = self.account.as_ref().map(|account| &account.salvage);
        serde_json::json!({
            "folder": self.folder,
            "epoch": self.account.as_ref().and_then(|account| account.epoch),
            "brought_over": salvage.map(|salvage| salvage.brought_over),
            "lost": salvage.map(|salvage| salvage.lost),
            "looked": self.account.as_ref().is_some_and(|account| account.looked),
        })
    }

    /// Writes the account, durably.
    pub fn save(&self) -> crate::error::Result<()> {
        let json = serde_json::to_string_pretty(&self.account).expect("numbers and texts");
        replace_file(&self.folder.join(ACCOUNT), json.as_bytes(), Access::Private)
    }
}

/// How many answers were brought over from these, and how many are lost; none where there are none.
pub fn sums(set_aside: &[SetAside]) -> Option<(u64, u64)> {
    let salvages = || set_aside.iter().filter_map(|aside| Some(&aside.account.as_ref()?.salvage));
    let brought = salvages().map(|salvage| salvage.brought_over).sum();
    let lost = salvages().map(|salvage| salvage.lost).sum();
    (!set_aside.is_empty()).then_some((brought, lost))
}

/// What was set aside in the kiosk's folder, the oldest first. What cannot be read is left out: it
/// must not keep a kiosk from going on.
pub fn list(data: &Path) -> Vec<SetAside> {
    let numbers = (1..).map(|number: u64| data.join(FOLDER).join(number.to_string()));
    let folders = numbers.take_while(|folder| folder.is_dir());
    let read = |folder: PathBuf| {
        let account = fs::read(folder.join(ACCOUNT)).ok();
        let account = account.and_then(|json| serde_json::from_slice(&json).ok());
        SetAside { folder, account }
    };
    folders.map(read).collect()
}

/// Moves the database and what lies beside it into a folder of its own. Nobody may have it open. The
/// main file goes first: what is left where the power goes in between is recognised by
/// [`finish_move`].
pub(super) fn set_aside(data: &Path) -> io::Result<PathBuf> {
    let number = list(data).len() + 1;
    let folder = data.join(FOLDER).join(number.to_string());
    crate::durable::create_folder(&folder)?;
    sync(&data.join(FOLDER))?;
    move_into(data, &folder)?;
    Ok(folder)
}

/// A log without its database: the rest of a move that was cut off, or of a database that somebody or
/// the disk took away. SQLite would delete it.
pub(super) fn finish_move(data: &Path) -> io::Result<()> {
    let size = |path: PathBuf| fs::metadata(path).map_or(0, |found| found.len());
    if size(data.join(FILE)) > 0 || size(salvage::wal::beside(&data.join(FILE))) == 0 {
        return Ok(());
    }
    let is_open = |aside: &SetAside| {
        aside.account.is_none() && !salvage::wal::beside(&aside.folder.join(FILE)).exists()
    };
    match list(data).last().filter(|aside| is_open(aside)) {
        Some(aside) => move_into(data, &aside.folder),
        None => set_aside(data).map(|_| ()),
    }
}

fn move_into(data: &Path, folder: &Path) -> io::Result<()> {
    let beside = BESIDE.iter().map(|end| format!("{FILE}{end}"));
    for name in [FILE.to_owned()].into_iter().chain(beside) {
        let (from, to) = (data.join(&name), folder.join(&name));
        if from.exists() && !to.exists() {
            fs::rename(from, to)?;
            sync(folder)?;
            sync(data)?;
        }
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Salvages what was set aside and has no account yet.
pub(super) fn salvage_pending(desk: &mut Connection, data: &Path) -> Result<(), StoreError> {
    for mut aside in list(data).into_iter().filter(|aside| aside.account.is_none()) {
        let found = salvage::read(&aside.folder.join(FILE))?;
        let brought = take_over(desk, &found)?;
        aside.account = Some(account(&found, brought));
        aside.save().map_err(|error| StoreError::Io(error.to_string()))?;
    }
    Ok(())
}

/// Puts what was found into the database, in one transaction.
pub(super) fn take_over(desk: &mut Connection, found: &Found) -> Result<Salvage, StoreError> {
    let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut salvage = Salvage::default();
    remember_emptied(&transaction, found)?;
    let rows = found.rows.values().map(|row| &row.sealed).chain(&found.loose);
    for sealed in rows {
        waiting::forget(&transaction, sealed.label.uid)?;
        salvage.count(outbox::insert(&transaction, sealed)?);
    }
    for waiting in found.waiting.values() {
        salvage.count(waiting::insert_found(&transaction, waiting)?);
    }
    transaction.commit()?;
    Ok(salvage)
}

impl Salvage {
    fn count(&mut self, stored: Stored) {
        self.found += 1;
        match stored {
            Stored::New => self.brought_over += 1,
            Stored::Known => self.known += 1,
        }
    }
}

/// A database that is new takes over the uids of emptied rows, so that a late repetition is still
/// known; its epoch begins after them.
fn remember_emptied(transaction: &Transaction, found: &Found) -> Result<(), StoreError> {
    let first = transaction.query_row("SELECT min(seq) FROM outbox", [], |row| row.get(0));
    let first: Option<i64> = first.optional()?.flatten();
    if first.is_some() || found.emptied.is_empty() {
        return Ok(());
    }
    for row in found.emptied.values() {
        outbox::insert_emptied(transaction, row)?;
    }
    transaction.execute("UPDATE life SET base = (SELECT max(seq) FROM outbox)", [])?;
    Ok(())
}

/// Keeps the account of a database that was found elsewhere, so that centrals are told.
pub(super) fn keep(data: &Path, account: &Account) -> crate::error::Result<()> {
    let known = list(data);
    let knows =
        |aside: &SetAside| aside.account.as_ref().is_some_and(|known| known.epoch == account.epoch);
    if known.iter().any(knows) {
        return Ok(());
    }
    let folder = data.join(FOLDER).join((known.len() + 1).to_string());
    crate::durable::create_folder(&folder).during_at("make the folder", &folder)?;
    // A person is looking just now.
    SetAside { folder, account: Some(Account { looked: true, ..account.clone() }) }.save()
}

/// Says of each number what became of it.
pub(super) fn account(found: &Found, mut salvage: Salvage) -> Account {
    let mut numbers: Vec<Lost> = Vec::new();
    let mut name = |first: u64, last: u64, reason: &str| match numbers.last_mut() {
        Some(before) if before.last + 1 == first && before.reason == reason => before.last = last,
        _ => numbers.push(Lost { first, last, reason: reason.to_owned() }),
    };
    let kept = found.rows.keys().map(|seq| (*seq, SALVAGED));
    let emptied = found.emptied.keys().map(|seq| (*seq, "emptied"));
    let mut known: Vec<(u64, &str)> = kept.chain(emptied).collect();
    known.sort_unstable();
    let mut next = found.base + 1;
    for (seq, reason) in known.into_iter().filter(|(seq, _)| *seq > found.base) {
        if seq > next {
            name(next, seq - 1, "damaged");
        }
        name(seq, seq, reason);
        next = seq + 1;
    }
    if next <= found.last {
        name(next, found.last, "damaged");
    }
    let mut last = found.last;
    if found.lost_waiting > 0 {
        // The numbers they would have got.
        name(last + 1, last + found.lost_waiting, "waiting");
        last += found.lost_waiting;
    }
    if !found.is_last_sure {
        last += 1;
        name(last, last, "end-unknown");
    }
    let sum = |wanted: &dyn Fn(&str) -> bool| -> u64 {
        let ranges = numbers.iter().filter(|range| wanted(&range.reason));
        ranges.map(|range| range.last - range.first + 1).sum()
    };
    salvage.lost = sum(&|reason| matches!(reason, "damaged" | "waiting"));
    salvage.emptied = sum(&|reason| reason == "emptied");
    Account {
        epoch: found.epoch,
        base: found.base,
        last,
        numbers,
        salvage,
        told: Vec::new(),
        looked: false,
    }
}
