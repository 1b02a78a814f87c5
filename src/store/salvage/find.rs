//! Puts together what the pages of a damaged database say. Of a row that is there in several versions
//! the first one counts: pages come newest first.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cell::{self, Value};
use super::{Found, Pages, Waiting};
use crate::crypto::Digest;
use crate::store::outbox::Row;
use crate::store::record::{Epoch, Kind, Label, Sealed, Uid};

#[derive(Default)]
pub(super) struct Find {
    found: Found,
    /// Epoch, base, and how many records waited.
    lives: Vec<(Epoch, u64, u64)>,
    counts: Vec<u64>,
    /// What the index on uid says.
    numbers: HashMap<Uid, u64>,
    centrals: HashSet<Uid>,
    /// Rows of the first two schemas' that prove themselves by their sha256 alone; private ones by
    /// that of the row before, too.
    unproven: BTreeMap<u64, Row>,
    /// Each row's sha256, sound or not.
    digests: BTreeMap<u64, Digest>,
}

/// The columns that all records have, in their order.
struct Columns {
    sealed: Sealed,
    digest: Digest,
    proof: Option<Digest>,
}

impl Find {
    pub fn look_at(&mut self, page: u32, content: &[u8], pages: &Pages) {
        for cell in cell::table_cells(content, page == 1) {
            let mut records = pages.records(&cell);
            let sound = records.iter().position(|record| self.take(cell.rowid, record));
            if sound.is_none() && records.pop().is_some_and(|record| record.len() >= 10) {
                self.found.unsound += 1;
            }
        }
        for record in cell::index_records(content) {
            if let [Value::Blob(uid), Value::Integer(seq)] = record.as_slice()
                && let (Ok(uid), Ok(seq)) = (uid.as_slice().try_into(), u64::try_from(*seq))
            {
                self.numbers.entry(Uid(uid)).or_insert(seq);
            }
        }
    }

    /// Takes a record of any of the tables. False where it is of none, or not sound.
    fn take(&mut self, rowid: i64, record: &[Value]) -> bool {
        let number = u64::try_from(rowid).ok().filter(|number| *number > 0);
        match record {
            [Value::Text(table), Value::Integer(last)] if table == "outbox" => {
                self.counts.extend(u64::try_from(*last));
                true
            }
            [Value::Null, Value::Blob(epoch), Value::Integer(base), waiting @ ..]
                if waiting.len() <= 1 =>
            {
                let waiting = match waiting {
                    [Value::Integer(waiting)] => u64::try_from(*waiting).unwrap_or(0),
                    _ => 0,
                };
                let numbers = (epoch.as_slice().try_into(), u64::try_from(*base));
                if let (Ok(epoch), Ok(base)) = numbers {
                    self.lives.push((Epoch(epoch), base, waiting));
                }
                true
            }
            [Value::Blob(central), Value::Blob(_), Value::Integer(_), _, Value::Text(_)] => {
                self.centrals.extend(central.as_slice().try_into().map(Uid).ok());
                true
            }
            [Value::Null, Value::Integer(opens), rest @ ..] => {
                columns(rest, 0).is_some_and(|columns| self.take_waiting(*opens == 1, columns))
            }
            [Value::Null, rest @ ..] => match (number, columns(rest, 1), rest.get(8)) {
                (Some(seq), Some(columns), Some(Value::Text(state))) => {
                    self.take_row(seq, state, columns)
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn take_waiting(&mut self, opens: bool, columns: Columns) -> bool {
        let is_sound = match columns.proof {
            Some(proof) => proof == columns.sealed.proof(),
            None => columns.digest == columns.sealed.digest(),
        };
        if is_sound {
            let uid = columns.sealed.label.uid;
            let waiting = Waiting { opens, sealed: columns.sealed };
            self.found.waiting.entry(uid).or_insert(waiting);
        }
        is_sound
    }

    fn take_row(&mut self, seq: u64, state: &str, columns: Columns) -> bool {
        let Columns { sealed, digest, proof } = columns;
        self.digests.entry(seq).or_insert(digest);
        let row = Row { seq, sealed, digest };
        if state == "emptied" && row.sealed.body.is_empty() {
            self.found.emptied.entry(seq).or_insert(row);
            return true;
        }
        match proof {
            Some(proof) if proof == row.sealed.proof() => {
                self.found.rows.entry(seq).or_insert(row);
                true
            }
            Some(_) => false,
            None => {
                self.unproven.entry(seq).or_insert(row);
                true
            }
        }
    }

    /// `room` is how many pages there are: no more rows can have been than fit into them.
    pub fn into_found(mut self, room: u64) -> Found {
        self.prove_the_old();
        self.numbers.retain(|uid, _| !self.centrals.contains(uid));
        self.unsettle_rows();
        self.found.rows.retain(|seq, _| !self.found.emptied.contains_key(seq));
        let rows = || self.found.rows.values().chain(self.found.emptied.values());
        let named = rows().map(|row| row.seq).chain(self.numbers.values().copied());
        let named = named.max().unwrap_or(0);
        // A count that is far from every row is damaged itself.
        let is_near = |count: &u64| *count <= named.saturating_add(room.saturating_mul(16));
        let count = self.counts.iter().copied().filter(is_near).max();
        let life = self.lives.first().copied();
        self.found.is_last_sure = life.is_some() && count.is_some_and(|count| count >= named);
        self.found.last = count.unwrap_or(0).max(named);
        let newest = rows().max_by_key(|row| row.seq).map(|row| row.sealed.label.epoch);
        self.found.epoch = life.map(|(epoch, ..)| epoch).or(newest);
        self.found.base = life.map_or(0, |(_, base, _)| base).min(self.found.last);
        let numbered: HashSet<Uid> = rows().map(|row| row.sealed.label.uid).collect();
        self.found.waiting.retain(|uid, _| !numbered.contains(uid));
        let waited = life.map_or(0, |(.., waiting)| waiting).min(room.saturating_mul(16));
        self.found.waited = life.map(|(.., waiting)| waiting);
        self.found.lost_waiting = waited.saturating_sub(self.found.waiting.len() as u64);
        self.found
    }

    /// Rows that were stored before there were proofs.
    fn prove_the_old(&mut self) {
        for (seq, row) in std::mem::take(&mut self.unproven) {
            let own = row.sealed.digest();
            let before = seq.checked_sub(1).and_then(|seq| self.digests.get(&seq));
            let behind = before.copied().unwrap_or(Digest([0; 32]));
            let chained = Digest::of(&[behind.0, own.0].concat());
            if row.digest == own || row.sealed.label.kind == Kind::Private && row.digest == chained
            {
                self.found.rows.entry(seq).or_insert(row);
            } else {
                self.found.unsound += 1;
            }
        }
    }

    /// A row's number is outside of its proof. Where the index has it under another, neither counts.
    fn unsettle_rows(&mut self) {
        let Found { rows, loose, .. } = &mut self.found;
        rows.retain(|seq, row| {
            let known = self.numbers.get(&row.sealed.label.uid);
            let differs = known.is_some_and(|known| known != seq);
            if differs {
                loose.push(row.sealed.clone());
            }
            !differs
        });
    }
}

/// `uid, kind, survey, version, kiosk, epoch, body, sha256`, then `between` others, then the proof.
fn columns(values: &[Value], between: usize) -> Option<Columns> {
    let [uid, kind, survey, version, kiosk, epoch, body, digest, rest @ ..] = values else {
        return None;
    };
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let label = Label {
        kind: Kind::named(&text(kind)?)?,
        uid: Uid(bytes(uid)?),
        survey: text(survey)?,
        version: text(version)?,
        kiosk: text(kiosk)?,
        epoch: Epoch(bytes(epoch)?),
    };
    let Value::Blob(body) = body else { return None };
    let proof = match rest.get(between) {
        Some(Value::Null) | None => None,
        Some(proof) => Some(Digest(bytes(proof)?)),
    };
    let sealed = Sealed { label, body: body.clone() };
    Some(Columns { sealed, digest: Digest(bytes(digest)?), proof })
}

fn bytes<const N: usize>(value: &Value) -> Option<[u8; N]> {
    match value {
        Value::Blob(bytes) => bytes.as_slice().try_into().ok(),
        _ => None,
    }
}
