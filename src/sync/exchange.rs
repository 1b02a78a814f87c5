//! One round of sending: carries out what [`Session`] decides, between a [`Queue`] and a central at the
//! other end of a [`Talk`], which in earnest is [`Signing`] over a [`Transport`]. May run in several processes at once; nothing is lost by that, or counted twice.
//! What became of databases that were set aside is told first (`past`).

use jiff::tz::TimeZone;

use super::bundle::{self, BYTES_MAX, ROWS_MAX};
use super::enrol::Enrolment;
use super::message::{Head, Message, MessageError, PROTOCOL, Question, Receipt, Signed, Standing};
use super::queue::Queue;
use super::release::manifest::Id;
use super::session::{Next, Session, Stuck};
use crate::clock::Clock;
use crate::crypto::{self, Digest, SigningKey, VerifyingKey};
use crate::store::outbox::{Acknowledgement, Life, Row};
use crate::store::record::{Epoch, Lost, Told};
use crate::store::{Mixing, Outbox, StoreError};

/// The way to a central.
pub trait Transport {
    /// Brings a [`Question`], takes back a [`Standing`].
    fn ask(&self, question: &Signed) -> Result<Signed, TransportError>;

    /// Brings a bundle, takes back a [`Receipt`].
    fn push(&self, bundle: &[u8]) -> Result<Signed, TransportError>;
}

/// Why nothing came back that could count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("the central cannot be reached: {0}")]
    Unreachable(String),
    /// The central said no; `problem` is its stable word.
    #[error("the central refused it ({status} {problem})")]
    Refused { status: u16, problem: String },
    /// Something answered that is no central, like a captive portal.
    #[error("what answered is no central: {0}")]
    Nonsense(String),
}

/// Why a round ended early. Everything acknowledged so far stays so.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("the reply does not count: {0}")]
    Reply(#[from] MessageError),
    #[error("the reply is about something else")]
    Mismatch,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Stuck(#[from] Stuck),
}

impl SyncError {
    /// A stable word for status pages.
    pub fn name(&self) -> &'static str {
        match self {
            SyncError::Transport(TransportError::Unreachable(_)) => "unreachable",
            SyncError::Transport(TransportError::Nonsense(_)) => "no-central",
            SyncError::Transport(TransportError::Refused { problem, .. }) => match &**problem {
                "revoked" => "revoked",
                "unknown-key" => "unknown-key",
                "other-central" => "other-central",
                _ => "refused",
            },
            SyncError::Reply(_) | SyncError::Mismatch => "other-keys",
            SyncError::Store(_) => "store",
            SyncError::Stuck(_) => "stuck",
        }
    }

    /// What the owner can do.
    pub fn advice(&self) -> &'static str {
        match self {
            SyncError::Transport(TransportError::Refused { status: 403, .. }) => {
                "enrol this kiosk again: `central enroll NAME` there, `kiosk enroll` here"
            }
            SyncError::Transport(TransportError::Refused { status: 409, .. }) => {
                "the central was made anew: enrol this kiosk again; all answers will be sent"
            }
            SyncError::Transport(TransportError::Refused { .. }) => "look at the central's log",
            SyncError::Transport(_) => {
                "check the network and the central's address; answers wait here until then"
            }
            SyncError::Reply(_) | SyncError::Mismatch => {
                "somebody else answers in the central's place, or it has new keys: enrol again"
            }
            SyncError::Store(error) => error.advice(),
            SyncError::Stuck(_) => "run `central audit` there",
        }
    }
}

/// What an exchange says, and what is heard in return, of which every word was verified.
pub trait Talk {
    /// How far are you?
    fn ask(&self, question: &Question) -> Result<Standing, SyncError>;

    /// Here are rows, under a head whose `n` and `sha256` are yet to be set.
    fn push(&self, head: Head, rows: &[Row]) -> Result<Brought, SyncError>;
}

/// A batch that was brought.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Its head as it was signed, and the digest of that text.
    pub head: Head,
    pub digest: Digest,
    pub receipt: Receipt,
    /// The receipt as it came, for audits.
    pub kept: String,
}

/// Signs all that is said and verifies all that is heard.
pub struct Signing<'a, T> {
    pub key: &'a SigningKey,
    pub theirs: &'a VerifyingKey,
    pub transport: &'a T,
}

impl<T: Transport> Talk for Signing<'_, T> {
    fn ask(&self, question: &Question) -> Result<Standing, SyncError> {
        let reply = self.transport.ask(&question.sign(self.key))?;
        Ok(reply.verify(self.theirs)?)
    }

    fn push(&self, head: Head, rows: &[Row]) -> Result<Brought, SyncError> {
        let (signed, bundle) = bundle::write(head, rows, self.key);
        let reply = self.transport.push(&bundle)?;
        Ok(Brought {
            head: signed.claimed()?,
            digest: Digest::of(signed.text.as_bytes()),
            receipt: reply.verify(self.theirs)?,
            kept: serde_json::to_string(&reply).expect("two texts"),
        })
    }
}

/// Who talks to whom.
pub struct Kiosk<'a, Q = Outbox> {
    pub outbox: &'a Q,
    pub enrolment: &'a Enrolment,
    pub key: &'a SigningKey,
    pub clock: &'a dyn Clock,
    /// What the central hears of how the kiosk is.
    pub told: Option<&'a Told>,
}

/// What a round came to, by the central's receipts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    pub stored: u64,
    pub dup: u64,
    pub quarantined: u64,
    pub batches: u64,
    pub has_begun_epoch: bool,
    /// Accounts of damaged databases that the central has signed for.
    pub accounts: u64,
    /// The release the central would have the kiosk serve.
    pub announced: Option<Id>,
    /// The central's clock, Unix seconds.
    pub clock: Option<i64>,
}

impl<Q: Queue> Kiosk<'_, Q> {
    /// Sends everything that is stored now, but for private records that wait for a crowd.
    pub fn send_all(&self, transport: &impl Transport) -> Result<Report, SyncError> {
        let theirs = &self.enrolment.admission.verifying_key;
        self.talk(&Signing { key: self.key, theirs, transport })
    }

    /// [`Kiosk::send_all`], however it is said.
    pub fn talk(&self, talk: &impl Talk) -> Result<Report, SyncError> {
        let day = self.clock.today(&TimeZone::UTC).to_string();
        let mixed_in = self.outbox.mix_in(Mixing::Due { day: &day });
        let told = self.tell_past(talk);
        let report = self.send_numbered(talk)?;
        // Neither a disk that could not be written to nor a central that does not understand what
        // became of an earlier database is a reason to keep back what has its number.
        mixed_in?;
        // Once more, as the central may have turned out to be an old copy.
        Ok(Report { accounts: told? + self.tell_past(talk)?, ..report })
    }

    fn send_numbered(&self, talk: &impl Talk) -> Result<Report, SyncError> {
        let mut session = Session::new(self.outbox.life()?);
        let mut report = Report::default();
        let mut next = Next::Ask;
        loop {
            next = match next {
                Next::Ask => self.ask(&mut session, talk, &mut report)?,
                Next::BeginEpoch => {
                    report.has_begun_epoch = true;
                    session.begin_epoch(self.outbox.begin_epoch(session.life().epoch)?)
                }
                Next::Send { after } => self.send(&mut session, after, talk, &mut report)?,
                Next::Done => return Ok(report),
            }
        }
    }

    fn ask(
        &self,
        session: &mut Session,
        talk: &impl Talk,
        report: &mut Report,
    ) -> Result<Next, SyncError> {
        let life = session.life();
        let standing = self.standing(life.epoch, life.last, talk)?;
        report.announced = standing.release.as_deref().and_then(Id::from_hex);
        report.clock = Some(standing.clock);
        session.catch_up(self.outbox.life()?);
        if session.life().epoch != life.epoch {
            // The answer is about an epoch that another process has left.
            return Ok(Next::Ask);
        }
        let own = self.outbox.digest_at(standing.high_seq)?;
        let next = session.hear_standing(&standing, own)?;
        if next != Next::BeginEpoch {
            if standing.high_seq < self.outbox.acknowledged(standing.central_id)? {
                // An old copy of the central: it may have forgotten what it was told, too.
                self.outbox.tell_again(standing.central_id)?;
            }
            self.note(life, standing.high_seq, standing.backed_up_seq, None)?;
        }
        Ok(next)
    }

    /// How far the central is with an epoch.
    pub(super) fn standing(
        &self,
        epoch: Epoch,
        last: u64,
        talk: &impl Talk,
    ) -> Result<Standing, SyncError> {
        let question = Question {
            v: PROTOCOL,
            kiosk: self.enrolment.admission.kiosk.clone(),
            key: self.key.verifying().id(),
            epoch,
            last,
            clock: self.clock.now().as_second(),
            nonce: crypto::hex(&crypto::random::<16>()),
            told: self.told.cloned().map(Told::cut),
        };
        let standing = talk.ask(&question)?;
        let is_ours = standing.central_id == self.enrolment.admission.central_id
            && standing.kiosk == question.kiosk
            && standing.epoch == question.epoch
            && standing.nonce == question.nonce;
        if is_ours { Ok(standing) } else { Err(SyncError::Mismatch) }
    }

    /// Brings a batch. What comes back is about this very one, or does not count.
    pub(super) fn push(
        &self,
        head: Head,
        rows: &[Row],
        talk: &impl Talk,
    ) -> Result<Brought, SyncError> {
        let brought = talk.push(head, rows)?;
        let (head, receipt) = (&brought.head, &brought.receipt);
        let is_ours = receipt.central_id == head.central_id
            && receipt.kiosk == head.kiosk
            && receipt.epoch == head.epoch
            && receipt.head == brought.digest;
        if is_ours { Ok(brought) } else { Err(SyncError::Mismatch) }
    }

    fn send(
        &self,
        session: &mut Session,
        after: u64,
        talk: &impl Talk,
        report: &mut Report,
    ) -> Result<Next, SyncError> {
        let life = session.life();
        let (head, rows) = self.batch(life, after)?;
        let Brought { head, receipt, kept, .. } = self.push(head, &rows, talk)?;
        let next = session.hear_receipt(&head, &receipt)?;
        // Asking again means that the number may be another copy's; then it is not ours to note.
        if next != Next::Ask {
            self.note(life, receipt.high_seq, receipt.backed_up_seq, Some(kept))?;
        }
        report.stored += receipt.stored;
        report.dup += receipt.dup;
        report.quarantined += receipt.quarantined;
        report.batches += 1;
        Ok(next)
    }

    /// The next rows after this number, as many as a batch holds, and the head over them.
    pub fn batch(&self, life: Life, after: u64) -> Result<(Head, Vec<Row>), SyncError> {
        let rows = self.outbox.rows_after(after, ROWS_MAX, BYTES_MAX)?;
        Ok((self.head(life, after, &rows)?, rows))
    }

    fn head(&self, life: Life, after: u64, rows: &[Row]) -> Result<Head, SyncError> {
        // Where nothing is left to read, all up to the last number is gone.
        let last = rows.last().map_or(life.last, |row| row.seq);
        let lost = gaps(after, rows, last)
            .into_iter()
            .map(|(first, last)| {
                let reason = self.outbox.why_lost(first)?.to_owned();
                Ok(Lost { first, last, reason })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Head {
            v: PROTOCOL,
            kiosk: self.enrolment.admission.kiosk.clone(),
            key: self.key.verifying().id(),
            central_id: self.enrolment.admission.central_id,
            epoch: life.epoch,
            base: life.base,
            first: after + 1,
            last,
            n: 0,
            sha256: Digest::of(b""),
            lost,
            past: false,
        })
    }

    /// Notes how far the central is.
    pub(super) fn note(
        &self,
        life: Life,
        high_seq: u64,
        backed_up_seq: u64,
        receipt: Option<String>,
    ) -> Result<(), StoreError> {
        self.outbox.acknowledge(&Acknowledgement {
            central: self.enrolment.admission.central_id,
            epoch: life.epoch,
            high_seq,
            receipt,
            at: self.clock.now().to_string(),
        })?;
        // Never beyond what is acknowledged, whatever is said of backups.
        let through = backed_up_seq.min(high_seq);
        if through > 0 {
            self.outbox.empty_through(life.epoch, through)?;
        }
        Ok(())
    }
}

/// The ranges after `after` up to `last` that no row fills. The writer makes no gaps: these are
/// damage, or were emptied.
fn gaps(after: u64, rows: &[Row], last: u64) -> Vec<(u64, u64)> {
    let mut next = after + 1;
    let mut gaps = Vec::new();
    for row in rows {
        if row.seq > next {
            gaps.push((next, row.seq - 1));
        }
        next = row.seq + 1;
    }
    if next <= last {
        gaps.push((next, last));
    }
    gaps
}
