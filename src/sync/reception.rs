//! The central's side: what to make of a question, a batch, a request to enrol. No HTTP here;
//! `server::api` brings the bytes.

use std::io;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::books::Books;
use super::bundle::{Bundle, BundleError};
use super::enrol::{Admission, Reply, Request};
use super::envelope;
use super::message::{Head, Message, MessageError, PROTOCOL, Question, Receipt, Signed, Standing};
use super::release::desk::Desk;
use crate::clock::Clock;
use crate::console::complain;
use crate::crypto::{Digest, KeyId, SealPublic, SealSecret, SigningKey, VerifyingKey};
use crate::response::{ByLetter, Private, Response};
use crate::store::central::fleet::Contact;
use crate::store::central::log::Entry;
use crate::store::central::quarantine::Waiting;
use crate::store::central::receive::{
    Delivery, Item, Judged, OTHER_CONTENT, Outcome, UNKNOWN_VERSION,
};
use crate::store::central::response::Accepted;
use crate::store::outbox::Row;
use crate::store::record::{Epoch, Kind, Label, Sealed, Told, Uid};
use crate::store::{Central, StoreError};

/// Rows of the held that are opened at a time.
const HELD_ROWS: usize = 200;
/// Rows that are worth a thread: opening them takes some milliseconds, a thread a hundredth of that.
const THREAD_ROWS: usize = 25;
/// More threads would only take the cores from visitors.
const THREADS_MAX: usize = 8;
/// How far those threads step back: a third of the time of one that did not (of 0 to 19).
#[cfg(target_os = "linux")]
const STEP: i32 = 5;
/// The name of those threads, by which the server knows that a panic's text may hold an answer.
pub const OPENING: &str = "opening";

/// Judges what was opened against its survey, with the code that judged it at the kiosk.
pub trait Intake: Send + Sync {
    /// `body` is the response's JSON, out of an envelope that was in order.
    fn judge(&self, survey: &str, version: &str, body: &str) -> Verdict;

    /// The same for a private record.
    fn judge_private(&self, survey: &str, version: &str, body: &str) -> Verdict;

    /// Looks up the code of a sound answer, and where it opens an invitation to that survey that nobody has
    /// used, puts the answer where it waits for the survey's end: durably, and the same one again as
    /// often as it comes. Called in the order in which a kiosk took the answers: the first one counts.
    ///
    /// # Errors
    /// Where it cannot be decided now; then nothing of the batch is stored.
    fn admit(&self, _: &ByLetter) -> Result<Admitted, StoreError> {
        Ok(Admitted::NoPanel)
    }
}

/// What became of an answer with a letter's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    Spooled,
    /// Nobody here knows any code, as there is no panel: it stays as it came, sealed.
    NoPanel,
    /// The reason is a stable word.
    Refused(&'static str),
}

/// Why an answer with a letter's code is quarantined: nobody was given the code.
pub const UNKNOWN_CODE: &str = "unknown-code";
/// The code was used before.
pub const USED_CODE: &str = "used-code";
/// The code is another survey's.
pub const OTHER_CODE: &str = "code-of-other-survey";
/// The survey was over, and its answers parted from its invitations, before this one came.
pub const LATE_CODE: &str = "late-code";

impl<I: Intake + ?Sized> Intake for Arc<I> {
    fn judge(&self, survey: &str, version: &str, body: &str) -> Verdict {
        (**self).judge(survey, version, body)
    }

    fn judge_private(&self, survey: &str, version: &str, body: &str) -> Verdict {
        (**self).judge_private(survey, version, body)
    }

    fn admit(&self, letter: &ByLetter) -> Result<Admitted, StoreError> {
        (**self).admit(letter)
    }
}

/// What an intake says.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Sound. `flags` come beside its own: `late` where the survey is closed, which is never a
    /// reason to refuse.
    Accepted { structure: String, response: Box<Response>, flags: Vec<String> },
    /// A private record, sound.
    Private(Box<Private>),
    /// An answer with a letter's code, sound as far as the survey goes: [`Intake::admit`] says the rest.
    ByLetter(Box<ByLetter>),
    /// No such version is known yet: kept sealed, judged again later.
    UnknownVersion,
    /// Not sound: quarantined. The reason is a stable word.
    Refused(String),
}

/// Why a kiosk gets no for an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this is no message of a kiosk")]
    Malformed,
    #[error("the rows did not come through whole")]
    Damaged,
    #[error("this was made by another version of borgerpanel")]
    OtherVersion,
    #[error("the signature does not hold")]
    Forged,
    #[error("no kiosk is known by this key")]
    UnknownKey,
    #[error("this kiosk was revoked")]
    Revoked,
    #[error("this is meant for another central")]
    OtherCentral,
    #[error("the code is wrong, used up or expired")]
    WrongCode,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MessageError> for Refusal {
    fn from(error: MessageError) -> Refusal {
        match error {
            MessageError::Malformed => Refusal::Malformed,
            MessageError::OtherVersion => Refusal::OtherVersion,
            MessageError::Forged => Refusal::Forged,
        }
    }
}

impl From<BundleError> for Refusal {
    fn from(error: BundleError) -> Refusal {
        match error {
            BundleError::Malformed => Refusal::Malformed,
            BundleError::Damaged => Refusal::Damaged,
            BundleError::Head(error) => error.into(),
        }
    }
}

/// The central's keys.
pub struct Keys {
    /// Open what arrives: the present one first, then earlier ones.
    pub open: Vec<SealSecret>,
    /// Signs standings and receipts.
    pub sign: SigningKey,
    /// What kiosks seal for: the central's key and the recovery key.
    pub seal: Vec<SealPublic>,
}

/// Where kiosks are received.
pub struct Reception<I, C = Central> {
    pub central: Arc<C>,
    pub keys: Keys,
    pub intake: I,
    pub clock: Arc<dyn Clock>,
    /// Days are counted in this zone.
    pub zone: TimeZone,
}

impl<I: Intake, C: Books> Reception<I, C> {
    /// Answers how far this central is with a kiosk.
    pub fn stand(&self, signed: &Signed) -> Result<Signed, Refusal> {
        let claimed: Question = signed.claimed()?;
        let question = signed.verify(&self.key_of(claimed.key, &claimed.kiosk)?)?;
        Ok(self.answer(question)?.sign(&self.keys.sign))
    }

    /// What a question gets for an answer, once it is known by whom it is.
    pub fn answer(&self, question: Question) -> Result<Standing, Refusal> {
        let now = self.clock.now();
        self.central.note_contact(&Contact {
            kiosk: question.kiosk.clone(),
            epoch: question.epoch,
            last: question.last.min(i64::MAX as u64),
            skew_s: question.clock.saturating_sub(now.as_second()),
            at: now.to_string(),
            told: question.told.map(Told::cut),
        })?;
        let watermark = self.central.watermark(&question.kiosk, question.epoch)?;
        let backed_up_seq = self.central.backed_up(&question.kiosk, question.epoch)?;
        Ok(Standing {
            v: PROTOCOL,
            central_id: self.central.id(),
            kiosk: question.kiosk,
            epoch: question.epoch,
            high_seq: watermark.high_seq,
            tip: watermark.tip,
            backed_up_seq,
            release: self.announced(),
            clock: now.as_second(),
            nonce: question.nonce,
        })
    }

    /// The release that kiosks should serve, read anew so that a new one needs no restart. Its trouble is
    /// no kiosk's that only wants to send.
    fn announced(&self) -> Option<String> {
        match self.desk().current() {
            Ok(current) => current.map(|current| current.now.id.to_string()),
            Err(error) => {
                complain!("borgerpanel: {error}");
                None
            }
        }
    }

    /// Where this central's releases lie.
    pub fn desk(&self) -> Desk {
        Desk::of(self.central.folder())
    }

    /// Takes in a batch: size, digest and signature first, then everything is opened and judged,
    /// then ONE transaction, then the receipt.
    pub fn take(&self, bytes: &[u8]) -> Result<Signed, Refusal>
    where
        C: Send + Sync,
    {
        let bundle = Bundle::read(bytes)?;
        let claimed: Head = bundle.head.claimed()?;
        let (head, rows) = bundle.verify(&self.key_of(claimed.key, &claimed.kiosk)?)?;
        self.must_be_here(&head)?;
        let items = self.decide_all(self.open_all(&rows, &head.kiosk))?;
        Ok(self.receive(head, &bundle.head, items)?.sign(&self.keys.sign))
    }

    /// Whether a batch is meant for this central.
    pub fn must_be_here(&self, head: &Head) -> Result<(), Refusal> {
        if head.central_id == self.central.id() { Ok(()) } else { Err(Refusal::OtherCentral) }
    }

    /// Stores what was verified, opened and judged, and only then says so.
    pub fn receive(
        &self,
        head: Head,
        signed: &Signed,
        items: Vec<Item>,
    ) -> Result<Receipt, Refusal> {
        let outcome = self.central.receive(&Delivery {
            kiosk: head.kiosk.clone(),
            key: head.key,
            epoch: head.epoch,
            base: head.base,
            head: signed.text.clone(),
            signature: signed.signature.to_string(),
            items,
            lost: head.lost,
            past: head.past,
            day: self.clock.today(&self.zone).to_string(),
        })?;
        let backed_up_seq = self.central.backed_up(&head.kiosk, head.epoch)?;
        Ok(Receipt {
            v: PROTOCOL,
            central_id: self.central.id(),
            kiosk: head.kiosk,
            epoch: head.epoch,
            head: Digest::of(signed.text.as_bytes()),
            first: head.first,
            high_seq: outcome.watermark.high_seq,
            tip: outcome.watermark.tip,
            stored: outcome.stored,
            dup: outcome.dup,
            quarantined: outcome.quarantined,
            backed_up_seq,
        })
    }

    /// The key a kiosk signs by, if it is let in.
    pub fn key_of(&self, id: KeyId, kiosk: &str) -> Result<VerifyingKey, Refusal> {
        match self.central.kiosk_key(id)? {
            Some(known) if known.kiosk != kiosk => Err(Refusal::UnknownKey),
            Some(known) if known.is_revoked => Err(Refusal::Revoked),
            Some(known) => Ok(known.key),
            None => Err(Refusal::UnknownKey),
        }
    }

    /// Opens and judges rows side by side, before anything is locked. Each is judged by itself, so it
    /// does not matter which thread does.
    fn open_all(&self, rows: &[Row], sender: &str) -> Vec<Opened>
    where
        C: Send + Sync,
    {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
        let threads = cores.min(rows.len() / THREAD_ROWS).max(1);
        let share = rows.len().div_ceil(threads).max(1);
        let open = |rows: &[Row]| -> Vec<Opened> {
            rows.iter().map(|row| self.open(row.clone(), sender)).collect()
        };
        thread::scope(|scope| {
            let begin = |share| {
                let named = thread::Builder::new().name(OPENING.to_owned());
                let opened = move || {
                    step_back();
                    open(share)
                };
                (share, named.spawn_scoped(scope, opened))
            };
            let at_work: Vec<_> = rows.chunks(share).map(begin).collect();
            // Where there is no thread to be had it takes longer. A panic goes on here, and nothing of the
            // batch is stored.
            let finish =
                |(share, begun): (&[Row], io::Result<ScopedJoinHandle<Vec<Opened>>>)| match begun {
                    Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                    Err(_) => open(share),
                };
            at_work.into_iter().flat_map(finish).collect()
        })
    }

    fn open(&self, row: Row, sender: &str) -> Opened {
        let mut judged = match self.judge(&row.sealed) {
            Ok(judged) => judged,
            Err(letter) => return Opened::ByLetter(row, letter),
        };
        if let Judged::Response(accepted) = &mut judged
            && row.sealed.label.kiosk != sender
        {
            // Enrolled under another name since.
            accepted.flags.push("renamed".to_owned());
        }
        Opened::Judged(Item::new(row, judged))
    }

    /// Decides about letters' codes, one after the other: of two uses of a code the first counts.
    fn decide_all(&self, rows: Vec<Opened>) -> Result<Vec<Item>, StoreError> {
        let decide = |opened| match opened {
            Opened::Judged(item) => Ok(item),
            Opened::ByLetter(row, letter) => Ok(match self.intake.admit(&letter)? {
                Admitted::Spooled => Item::new(row, Judged::Spooled),
                Admitted::NoPanel => Item::new(row, Judged::Sealed),
                Admitted::Refused(reason) => {
                    let mut item = Item::new(row, Judged::Refused(reason.to_owned()));
                    item.sealed.body = self.without_code(&item.sealed.label, &letter)?;
                    item
                }
            }),
        };
        rows.into_iter().map(decide).collect()
    }

    /// The record, sealed anew without its code: whose letter it was given with must not stand beside an answer
    /// in this database, nor in its backups, also where that answer does not count.
    fn without_code(&self, label: &Label, letter: &ByLetter) -> Result<Vec<u8>, StoreError> {
        let json = serde_json::to_string(&letter.without_code())
            .map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        let sealed = envelope::seal(label.clone(), &json, &self.keys.seal)
            .map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        Ok(sealed.body)
    }

    /// What a record comes to; where that hangs on a letter's code, which has to be asked in order, the answer
    /// with it.
    fn judge(&self, sealed: &Sealed) -> Result<Judged, Box<ByLetter>> {
        // The key that opens is elsewhere: so is whoever judges.
        if self.keys.open.is_empty() {
            return Ok(Judged::Sealed);
        }
        let label = &sealed.label;
        let body = match envelope::open(sealed, &self.keys.open) {
            Ok(body) => body,
            Err(error) => return Ok(Judged::Refused(error.name().to_owned())),
        };
        let verdict = match label.kind {
            Kind::Response => self.intake.judge(&label.survey, &label.version, &body),
            Kind::Private => self.intake.judge_private(&label.survey, &label.version, &body),
            Kind::Signup => return Ok(Judged::Sealed),
        };
        Ok(match verdict {
            Verdict::ByLetter(letter) if fits(&letter.response, sealed) => {
                return Err(letter);
            }
            Verdict::UnknownVersion => Judged::UnknownVersion,
            Verdict::Refused(reason) => Judged::Refused(reason),
            Verdict::Accepted { structure, response, flags } if fits(&response, sealed) => {
                let accepted = Accepted { structure, response: *response, flags };
                Judged::Response(Box::new(accepted))
            }
            Verdict::Private(private) if fits_private(&private, sealed) => Judged::Private(private),
            Verdict::Accepted { .. } | Verdict::Private(_) | Verdict::ByLetter(_) => {
                Judged::Refused(envelope::OpenError::Differs.name().to_owned())
            }
        })
    }
}

/// Lets other threads go first: visitors, and whoever writes the batch before this one while the rest wait.
/// Opened rows are of no use before those are written.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(STEP);
}

/// A row that was opened.
enum Opened {
    Judged(Item),
    /// Whether its code opens anything has to be asked, in order.
    ByLetter(Row, Box<ByLetter>),
}

/// Lets a kiosk in that knows an open code.
pub fn admit(
    central: &Central,
    keys: &Keys,
    now: Timestamp,
    request: &Request,
) -> Result<Reply, Refusal> {
    if request.v != PROTOCOL {
        return Err(Refusal::OtherVersion);
    }
    let codes = central.open_codes(now.as_second())?;
    let code = request.code_among(&codes).ok_or(Refusal::WrongCode)?;
    let kiosk = central.enrol(code, &request.key, now)?.ok_or(Refusal::WrongCode)?;
    let admission = Admission {
        v: PROTOCOL,
        central_id: central.id(),
        kiosk,
        verifying_key: keys.sign.verifying(),
        seal_keys: keys.seal.clone(),
    };
    Ok(Reply::new(&admission, code, request))
}

impl<I: Intake> Reception<I> {
    /// Judges again what waits in quarantine, for a person who would have it stored; the reason where it
    /// still cannot be. A second content under a known uid gets one of its own.
    pub fn accept(
        &self,
        waiting: &Waiting,
        entry: &Entry,
    ) -> Result<Result<(), String>, StoreError> {
        let label = &waiting.sealed.label;
        let is_second = waiting.reason == OTHER_CONTENT;
        let uid = if is_second { Uid::random() } else { label.uid };
        // Of a letter's: what it could be stored with is gone.
        let Ok(mut judged) = self.judge(&waiting.sealed) else {
            return Ok(Err(waiting.reason.clone()));
        };
        match &mut judged {
            Judged::Response(accepted) => {
                accepted.response.uid = uid.to_string();
                accepted.flags.push("reviewed".to_owned());
            }
            Judged::Private(record) => record.uid = uid.to_string(),
            Judged::Refused(reason) => return Ok(Err(reason.clone())),
            Judged::UnknownVersion => return Ok(Err(UNKNOWN_VERSION.to_owned())),
            Judged::Sealed | Judged::Spooled => return Ok(Err("it stays sealed".to_owned())),
        }
        match self.central.free(waiting, &judged, uid, entry)? {
            true => Ok(Ok(())),
            false => Ok(Err("somebody was quicker".to_owned())),
        }
    }

    /// Opens and judges what another central kept sealed, of one sender, and stores it where it belongs.
    pub fn take_opened(&self, rows: Vec<Sealed>, sender: &str) -> Result<Outcome, StoreError> {
        let numbered = |sealed: Sealed| Row { seq: 0, digest: sealed.digest(), sealed };
        let rows: Vec<Row> = rows.into_iter().map(numbered).collect();
        self.central.take_opened(&Delivery {
            kiosk: sender.to_owned(),
            key: self.keys.sign.verifying().id(),
            epoch: Epoch([0; 16]),
            base: 0,
            head: String::new(),
            signature: String::new(),
            items: self.decide_all(self.open_all(&rows, sender))?,
            lost: Vec::new(),
            past: false,
            day: self.clock.today(&self.zone).to_string(),
        })
    }

    /// [`admit`]s a kiosk.
    pub fn admit(&self, request: &Request) -> Result<Reply, Refusal> {
        admit(&self.central, &self.keys, self.clock.now(), request)
    }

    /// Judges the rows again that waited for a version known by now. Returns how many went where
    /// they belong. To be called after [`Central::register`] told of something new, and at start.
    pub fn retry_held(&self) -> Result<u64, StoreError> {
        let (mut after, mut settled) = (None, 0);
        loop {
            let held = self.central.held(after, HELD_ROWS)?;
            let Some(last) = held.last() else { return Ok(settled) };
            after = Some(last.label.uid);
            for sealed in held {
                settled += u64::from(self.settle(sealed)?);
            }
        }
    }
}

impl<I: Intake> Reception<I> {
    fn settle(&self, held: Sealed) -> Result<bool, StoreError> {
        let row = Row { seq: 0, digest: held.digest(), sealed: held.clone() };
        let sender = held.label.kiosk.as_str();
        let items = self.decide_all(vec![self.open(row, sender)])?;
        let [item] = &items[..] else { return Ok(false) };
        self.central.settle_held(&held, &item.judged, &item.sealed.body)
    }
}

/// Whether a response says of itself what its label says.
fn fits(response: &Response, sealed: &Sealed) -> bool {
    let label = &sealed.label;
    label.kind == Kind::Response
        && response.uid == label.uid.to_string()
        && response.survey == label.survey
        && response.version == label.version
        && response.kiosk.as_ref().is_none_or(|kiosk| *kiosk == label.kiosk)
}

/// The same for a private record.
fn fits_private(private: &Private, sealed: &Sealed) -> bool {
    let label = &sealed.label;
    label.kind == Kind::Private
        && private.uid == label.uid.to_string()
        && private.survey == label.survey
        && private.version == label.version
}
