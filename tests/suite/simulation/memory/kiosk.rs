//! A kiosk's store in memory, as `store::outbox` and `store::waiting` have it.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use borgerpanel::crypto::Digest;
use borgerpanel::store::aside::{Account, Salvage, SetAside};
use borgerpanel::store::outbox::{Acknowledgement, Form, Life, Row};
use borgerpanel::store::record::{CentralId, Epoch, Kind, Lost, SALVAGED, Sealed, Uid};
use borgerpanel::store::waiting::CROWD;
use borgerpanel::store::{Mixing, StoreError, Stored};
use borgerpanel::sync::queue::Queue;

use crate::simulation::bug::Bug;
use crate::simulation::stores::{Content, Device};

#[derive(Clone)]
struct Kept {
    row: Row,
    /// Of the record alone.
    own: Digest,
    is_emptied: bool,
}

#[derive(Clone)]
pub struct State {
    life: Life,
    /// In the order of their numbers; a number that is not there was lost by the disk.
    rows: Vec<Kept>,
    waiting: Vec<Sealed>,
    acknowledged: Vec<(CentralId, Epoch, u64)>,
    aside: Vec<SetAside>,
}

/// The store. A crash takes nothing back: each call is durable when it returns.
pub struct Kiosk {
    state: RefCell<State>,
    bug: Option<Bug>,
}

thread_local! {
    static EPOCHS: Cell<u64> = const { Cell::new(0) };
}

/// Each another one, and none by chance.
fn next_epoch() -> Epoch {
    let number = EPOCHS.with(|epochs| epochs.replace(epochs.get() + 1));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Epoch(bytes)
}

impl State {
    fn new() -> State {
        State {
            life: Life { epoch: next_epoch(), base: 0, last: 0 },
            rows: Vec::new(),
            waiting: Vec::new(),
            acknowledged: Vec::new(),
            aside: Vec::new(),
        }
    }

    fn knows(&self, uid: Uid) -> bool {
        self.rows.iter().any(|kept| kept.row.sealed.label.uid == uid)
    }

    fn number(&mut self, sealed: Sealed) {
        let own = sealed.digest();
        let digest = match sealed.label.kind {
            Kind::Private => {
                let before = self.rows.last().map_or([0; 32], |kept| kept.row.digest.0);
                Digest::of(&[before, own.0].concat())
            }
            Kind::Response | Kind::Signup => own,
        };
        self.life.last += 1;
        let row = Row { seq: self.life.last, sealed, digest };
        self.rows.push(Kept { row, own, is_emptied: false });
    }
}

impl Device for Kiosk {
    type Image = State;

    fn new(bug: Option<Bug>) -> Kiosk {
        Kiosk { state: RefCell::new(State::new()), bug }
    }

    fn store(&self, form: Form) -> Result<Stored, StoreError> {
        let mut state = self.state.borrow_mut();
        if state.knows(form.record.label.uid) {
            return Ok(Stored::Known);
        }
        state.number(form.record);
        state.waiting.extend(form.apart);
        Ok(Stored::New)
    }

    fn restart(&mut self) {}

    fn image(&mut self) -> State {
        self.state.borrow().clone()
    }

    fn on(image: &State, bug: Option<Bug>) -> Kiosk {
        Kiosk { state: RefCell::new(image.clone()), bug }
    }

    fn set_back(&mut self, image: &State) {
        self.state = RefCell::new(image.clone());
    }

    fn lose(&mut self, numbers: &[u64]) {
        self.state.borrow_mut().rows.retain(|kept| !numbers.contains(&kept.row.seq));
    }

    fn damage(&mut self) {
        let mut state = self.state.borrow_mut();
        let old = std::mem::replace(&mut *state, State::new());
        let mut found = Salvage::default();
        if !old.rows.is_empty() && old.rows.iter().any(|kept| kept.is_emptied) {
            state.rows.extend(old.rows.iter().filter(|kept| kept.is_emptied).cloned());
            for (seq, kept) in (1..).zip(&mut state.rows) {
                kept.row.seq = seq;
            }
            let last = state.rows.len() as u64;
            (state.life.base, state.life.last) = (last, last);
        }
        for kept in old.rows.iter().filter(|kept| !kept.is_emptied) {
            state.number(kept.row.sealed.clone());
            found.brought_over += 1;
        }
        state.waiting = old.waiting;
        state.aside = old.aside;
        let folder = PathBuf::from(format!("damaged/{}", state.aside.len() + 1));
        let account = Account {
            epoch: Some(old.life.epoch),
            base: old.life.base,
            last: old.life.last,
            numbers: numbers(&old.rows, old.life),
            salvage: found,
            told: Vec::new(),
            looked: false,
        };
        state.aside.push(SetAside { folder, account: Some(account) });
    }

    fn kept(&self) -> Vec<(Option<u64>, Content)> {
        let state = self.state.borrow();
        let rows = state.rows.iter().filter(|kept| !kept.is_emptied);
        let rows = rows.map(|kept| (Some(kept.row.seq), (kept.row.sealed.label.uid, kept.own)));
        let waiting = state.waiting.iter();
        rows.chain(waiting.map(|sealed| (None, (sealed.label.uid, sealed.digest())))).collect()
    }
}

/// What became of each number of a database that was set aside.
fn numbers(rows: &[Kept], life: Life) -> Vec<Lost> {
    (life.base + 1..=life.last)
        .map(|seq| {
            let kept = rows.iter().find(|kept| kept.row.seq == seq);
            let reason = match kept {
                None => "damaged",
                Some(kept) if kept.is_emptied => "emptied",
                Some(_) => SALVAGED,
            };
            Lost { first: seq, last: seq, reason: reason.to_owned() }
        })
        .collect()
}

impl Queue for Kiosk {
    fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError> {
        let mut state = self.state.borrow_mut();
        let goes = match mixing {
            Mixing::All => true,
            Mixing::Due { .. } => state.waiting.len() as u64 >= CROWD,
        };
        let waiting = if goes { std::mem::take(&mut state.waiting) } else { Vec::new() };
        let mixed_in = waiting.len();
        for sealed in waiting {
            if !state.knows(sealed.label.uid) {
                state.number(sealed);
            }
        }
        Ok(mixed_in)
    }

    fn life(&self) -> Result<Life, StoreError> {
        Ok(self.state.borrow().life)
    }

    fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        let mut state = self.state.borrow_mut();
        if state.life.epoch == from {
            let emptied = state.rows.iter().rev().find(|kept| kept.is_emptied);
            let mut base = emptied.map_or(0, |kept| kept.row.seq);
            if self.bug == Some(Bug::NewEpochSendsNothing) {
                base = state.life.last;
            }
            state.life = Life { epoch: next_epoch(), base, ..state.life };
        }
        Ok(state.life)
    }

    fn rows_after(&self, seq: u64, rows_max: usize, _: usize) -> Result<Vec<Row>, StoreError> {
        let state = self.state.borrow();
        let rows = state.rows.iter().filter(|kept| kept.row.seq > seq && !kept.is_emptied);
        Ok(rows.take(rows_max).map(|kept| kept.row.clone()).collect())
    }

    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        let state = self.state.borrow();
        Ok(state.rows.iter().find(|kept| kept.row.seq == seq).map(|kept| kept.row.digest))
    }

    fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError> {
        if self.bug == Some(Bug::HidesLost) {
            return Ok(SALVAGED);
        }
        let state = self.state.borrow();
        let kept = state.rows.iter().find(|kept| kept.row.seq == seq);
        Ok(kept.map_or("missing", |kept| if kept.is_emptied { "emptied" } else { "damaged" }))
    }

    fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        let state = self.state.borrow();
        let epoch = state.life.epoch;
        let mut known = state.acknowledged.iter();
        let known = known.find(|(id, of, _)| *id == central && *of == epoch);
        Ok(known.map_or(0, |(_, _, high_seq)| *high_seq))
    }

    fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        let mut state = self.state.borrow_mut();
        if state.life.epoch == news.epoch {
            state.acknowledged.retain(|(central, ..)| *central != news.central);
            state.acknowledged.push((news.central, news.epoch, news.high_seq));
        }
        Ok(())
    }

    fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError> {
        let mut state = self.state.borrow_mut();
        if state.life.epoch != epoch {
            return Ok(0);
        }
        let mut emptied = 0;
        for kept in state.rows.iter_mut().filter(|kept| kept.row.seq <= seq && !kept.is_emptied) {
            kept.is_emptied = true;
            kept.row.sealed.body = Vec::new();
            emptied += 1;
        }
        Ok(emptied)
    }

    fn set_aside(&self) -> Vec<SetAside> {
        self.state.borrow().aside.clone()
    }

    fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError> {
        self.change_accounts(|aside, told| {
            if aside == folder && !told.contains(&central) {
                told.push(central);
            }
        })
    }

    fn tell_again(&self, central: CentralId) -> Result<(), StoreError> {
        self.change_accounts(|_, told| told.retain(|known| *known != central))
    }
}

impl Kiosk {
    fn change_accounts(
        &self,
        change: impl Fn(&Path, &mut Vec<CentralId>),
    ) -> Result<(), StoreError> {
        for aside in &mut self.state.borrow_mut().aside {
            let account = aside.account.as_mut().expect("each has one");
            change(&aside.folder, &mut account.told);
        }
        Ok(())
    }
}
