//! The ways to a central: lines that fail as they are told, late messages, sticks. In `Words::Typed`
//! what is said is handed over as it is, and what did not come through whole is simply refused; in
//! `Words::Signed` every message is the bytes that travel in earnest, signed, sealed, cut off, changed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use borgerpanel::crypto::{Digest, Signature, SigningKey};
use borgerpanel::response::{Private, Response};
use borgerpanel::store::central::receive::{Item, Judged};
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::outbox::Row;
use borgerpanel::store::record::{Kind, Sealed};
use borgerpanel::sync::bundle;
use borgerpanel::sync::envelope;
use borgerpanel::sync::exchange::{Brought, SyncError, Talk, TransportError};
use borgerpanel::sync::message::{Head, Message, Question, Receipt, Signed, Standing};
use borgerpanel::sync::reception::{Intake, Reception, Refusal, Verdict};

use super::bug::Bug;
use super::fuse::Guarded;
use super::step::Fault;
use super::stores::Registry;
use crate::fleet::{NEW_VERSION, response};

/// How much of the wire is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Typed,
    Signed,
}

/// What is inside of a record that no central can accept.
pub const UNSOUND: &str = "unsound";

/// Takes what parses, and knows a version where its central does.
pub struct Judge<R>(pub Arc<Guarded<R>>);

impl<R: Registry> Judge<R> {
    fn knows(&self, version: &str) -> bool {
        version != NEW_VERSION || self.0.books.is_registered()
    }

    /// For records that were never sealed.
    fn judge_plain(&self, sealed: &Sealed) -> Judged {
        let label = &sealed.label;
        match label.kind {
            Kind::Signup => Judged::Sealed,
            _ if !self.knows(&label.version) => Judged::UnknownVersion,
            _ if sealed.body.ends_with(UNSOUND.as_bytes()) => Judged::Refused(UNSOUND.to_owned()),
            Kind::Private => Judged::Private(Box::new(Private {
                v: 1,
                uid: label.uid.to_string(),
                survey: label.survey.clone(),
                version: label.version.clone(),
                answers: Default::default(),
            })),
            Kind::Response => Judged::Response(Box::new(Accepted {
                structure: String::new(),
                response: response(label),
                flags: Vec::new(),
            })),
        }
    }
}

impl<R: Registry> Intake for Judge<R> {
    fn judge(&self, _: &str, version: &str, body: &str) -> Verdict {
        if !self.knows(version) {
            return Verdict::UnknownVersion;
        }
        match serde_json::from_str::<Response>(body) {
            Ok(response) => Verdict::Accepted {
                structure: "structure".to_owned(),
                response: Box::new(response),
                flags: Vec::new(),
            },
            Err(_) => Verdict::Refused(UNSOUND.to_owned()),
        }
    }

    fn judge_private(&self, _: &str, version: &str, body: &str) -> Verdict {
        if !self.knows(version) {
            return Verdict::UnknownVersion;
        }
        match serde_json::from_str::<Private>(body) {
            Ok(private) => Verdict::Private(Box::new(private)),
            Err(_) => Verdict::Refused(UNSOUND.to_owned()),
        }
    }
}

/// A batch under way, wherever it goes.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Which central it is for.
    pub central: usize,
    pub head: Head,
    pub signed: Signed,
    rows: Vec<Row>,
    /// In `Words::Signed`.
    bytes: Option<Vec<u8>>,
}

impl Parcel {
    pub fn new(central: usize, head: Head, rows: &[Row], key: &SigningKey, words: Words) -> Parcel {
        match words {
            Words::Typed => {
                let head = Head { n: rows.len() as u32, ..head };
                let text = serde_json::to_string(&head).expect("texts and numbers");
                let signature = Signature::from_hex(&"0".repeat(128)).expect("128 digits");
                let signed = Signed { text, signature };
                Parcel { central, head, signed, rows: rows.to_vec(), bytes: None }
            }
            Words::Signed => {
                let (signed, bytes) = bundle::write(head, rows, key);
                let head = signed.claimed().expect("as it was signed");
                Parcel { central, head, signed, rows: rows.to_vec(), bytes: Some(bytes) }
            }
        }
    }

    pub fn digest(&self) -> Digest {
        Digest::of(self.signed.text.as_bytes())
    }

    /// Only a part of it arrives, or a bit of it is another.
    fn damaged(&self) -> Option<Vec<u8>> {
        let mut bytes = self.bytes.clone()?;
        let at = self.head.last as usize * 977 % bytes.len();
        if at.is_multiple_of(2) {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1;
        }
        Some(bytes)
    }
}

/// A central where it is received.
pub type Post<R> = Reception<Judge<R>, Guarded<R>>;

/// Brings a parcel to a central.
pub fn deliver<R: Registry>(post: &Post<R>, parcel: &Parcel) -> Result<Receipt, Refusal> {
    match &parcel.bytes {
        Some(bytes) => take(post, bytes),
        None => {
            post.key_of(parcel.head.key, &parcel.head.kiosk)?;
            post.must_be_here(&parcel.head)?;
            let item = |row: &Row| Item::new(row.clone(), post.intake.judge_plain(&row.sealed));
            let items = parcel.rows.iter().map(item).collect();
            post.receive(parcel.head.clone(), &parcel.signed, items)
        }
    }
}

/// Brings a part of a parcel.
pub fn deliver_damaged<R: Registry>(post: &Post<R>, parcel: &Parcel) -> Result<Receipt, Refusal> {
    match parcel.damaged() {
        Some(bytes) => take(post, &bytes),
        None => Err(Refusal::Damaged),
    }
}

fn take<R: Registry>(post: &Post<R>, bytes: &[u8]) -> Result<Receipt, Refusal> {
    let receipt = post.take(bytes)?;
    Ok(receipt.verify(&post.keys.sign.verifying()).expect("its own signature"))
}

/// Judges a row that was held, again.
pub fn judge_again<R: Registry>(post: &Post<R>, sealed: &Sealed, words: Words) -> Judged {
    match words {
        Words::Typed => post.intake.judge_plain(sealed),
        Words::Signed => match envelope::open(sealed, &post.keys.open) {
            Ok(_) => post.intake.judge_plain(&Sealed { body: Vec::new(), ..sealed.clone() }),
            Err(error) => Judged::Refused(error.name().to_owned()),
        },
    }
}

/// What was on the lines so far.
#[derive(Default)]
pub struct Traffic {
    /// Delivered or not: may come again.
    pub parcels: Vec<Parcel>,
    /// Taken for lost, and still under way.
    pub late: Vec<Parcel>,
    pub receipts: Vec<Receipt>,
    standings: Vec<Standing>,
}

/// A kiosk's line to its central.
pub struct Line<'a, R> {
    pub post: &'a Post<R>,
    pub central: usize,
    pub key: &'a SigningKey,
    pub words: Words,
    pub faults: RefCell<VecDeque<Fault>>,
    pub traffic: &'a RefCell<Traffic>,
    pub bug: Option<Bug>,
    /// The kiosk's own row at a number.
    pub own: &'a dyn Fn(u64) -> Option<Digest>,
    /// An earlier receipt came again, for the very batch it is about. A central that was set back in
    /// between does not have it; the next question tells, as a standing cannot be replayed.
    pub is_deceived: Cell<bool>,
}

impl<R: Registry> Line<'_, R> {
    fn carry<T>(
        &self,
        deliver: impl Fn() -> Result<T, Refusal>,
        damage: impl Fn() -> Result<T, Refusal>,
        earlier: impl Fn() -> Option<T>,
        delay: impl Fn(),
    ) -> Result<T, TransportError> {
        let gone = || Err(TransportError::Unreachable("a cut".to_owned()));
        let fault = self.faults.borrow_mut().pop_front().unwrap_or(Fault::None);
        let said = match fault {
            Fault::None => deliver(),
            Fault::Twice => {
                let _ = deliver();
                deliver()
            }
            Fault::Truncated => damage(),
            Fault::Lost => return gone(),
            Fault::ReplyLost => {
                let _ = deliver();
                return gone();
            }
            Fault::Late => {
                delay();
                return gone();
            }
            Fault::OldReply => return earlier().map_or_else(gone, Ok),
            Fault::Portal => return Err(TransportError::Nonsense("<html>".to_owned())),
        };
        if self.post.central.fuse.is_dead() {
            return gone();
        }
        said.map_err(|refusal| TransportError::Refused { status: 400, problem: word(&refusal) })
    }

    fn answer(&self, question: &Question) -> Result<Standing, Refusal> {
        match self.words {
            Words::Typed => {
                self.post.key_of(question.key, &question.kiosk)?;
                self.post.answer(question.clone())
            }
            Words::Signed => {
                let standing = self.post.stand(&question.sign(self.key))?;
                Ok(standing.verify(&self.post.keys.sign.verifying()).expect("its own signature"))
            }
        }
    }

    /// What a kiosk with a mistake takes a standing for.
    fn misheard(&self, mut standing: Standing, last: u64) -> Standing {
        match self.bug {
            Some(Bug::EmptiesEarly) => standing.backed_up_seq = standing.high_seq,
            Some(Bug::NoTip) => standing.tip = (self.own)(standing.high_seq),
            Some(Bug::OldCopyUnnoticed) if standing.high_seq > last => {
                standing.high_seq = last;
                standing.tip = (self.own)(last);
            }
            Some(Bug::NoRewind) => {
                let traffic = self.traffic.borrow();
                let of_this = traffic.standings.iter().filter(|known| {
                    known.epoch == standing.epoch && known.central_id == standing.central_id
                });
                if let Some(highest) = of_this.map(|known| known.high_seq.min(last)).max()
                    && highest > standing.high_seq
                {
                    standing.high_seq = highest;
                    standing.tip = (self.own)(highest);
                }
            }
            _ => {}
        }
        standing
    }
}

impl<R: Registry> Talk for Line<'_, R> {
    fn ask(&self, question: &Question) -> Result<Standing, SyncError> {
        let standing = self.carry(
            || self.answer(question),
            || Err(Refusal::Malformed),
            || self.traffic.borrow().standings.first().cloned(),
            || {},
        )?;
        let standing = self.misheard(standing, question.last);
        self.traffic.borrow_mut().standings.push(standing.clone());
        Ok(standing)
    }

    fn push(&self, head: Head, rows: &[Row]) -> Result<Brought, SyncError> {
        let parcel = Parcel::new(self.central, head, rows, self.key, self.words);
        let mut receipt = self.carry(
            || deliver(self.post, &parcel),
            || deliver_damaged(self.post, &parcel),
            || {
                let receipt = self.traffic.borrow().receipts.last().cloned()?;
                self.is_deceived.set(receipt.head == parcel.digest());
                Some(receipt)
            },
            || self.traffic.borrow_mut().late.push(parcel.clone()),
        )?;
        let (head, digest) = (parcel.head.clone(), parcel.digest());
        self.traffic.borrow_mut().parcels.push(parcel);
        self.traffic.borrow_mut().receipts.push(receipt.clone());
        match self.bug {
            Some(Bug::EmptiesEarly) => receipt.backed_up_seq = receipt.high_seq,
            Some(Bug::AnyReceipt) => {
                let (kiosk, epoch) = (head.kiosk.clone(), head.epoch);
                let (central_id, high_seq) = (head.central_id, receipt.high_seq.min(head.last));
                receipt = Receipt { central_id, kiosk, epoch, head: digest, high_seq, ..receipt };
            }
            _ => {}
        }
        Ok(Brought { head, digest, receipt, kept: String::new() })
    }
}

/// The stable word for a refusal that a kiosk acts on.
fn word(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Revoked => "revoked",
        Refusal::UnknownKey => "unknown-key",
        Refusal::OtherCentral => "other-central",
        _ => "refused",
    }
    .to_owned()
}
