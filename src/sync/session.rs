//! What a kiosk does next, decided without any IO: the words of a central go in, a [`Next`] comes
//! out. [`exchange`](super::exchange) carries it out; a simulation can, too.
//!
//! | the central says | the kiosk |
//! |---|---|
//! | everything up to its last | is done |
//! | less, lower than it said before (restored from a backup) | sends from there |
//! | more than the kiosk ever had, or another row at its number, or a row where the kiosk has none (it is an old copy, a clone, or its disk lost what tells) | begins another epoch and sends all |
//! | a receipt below the batch (a gap) | sends from the gap |

use super::message::{Head, Receipt, Standing};
use crate::crypto::Digest;
use crate::store::outbox::Life;

/// Gaps that are filled in one session before a person should look.
const REWINDS_MAX: u32 = 3;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask how far the central is.
    Ask,
    /// Begin another epoch, then ask.
    BeginEpoch,
    /// Send the rows after this number.
    Send { after: u64 },
    /// Everything is there.
    Done,
}

/// The two would talk for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the central keeps saying that it has less than it was sent")]
pub struct Stuck;

/// A kiosk's talk with a central.
#[derive(Debug, Clone)]
pub struct Session {
    life: Life,
    has_begun_epoch: bool,
    rewinds: u32,
}

impl Session {
    /// A talk about what is stored now; what comes meanwhile is for the next one.
    pub fn new(life: Life) -> Session {
        Session { life, has_begun_epoch: false, rewinds: 0 }
    }

    /// The life it is about.
    pub fn life(&self) -> Life {
        self.life
    }

    /// Another epoch was begun, as was told.
    pub fn begin_epoch(&mut self, life: Life) -> Next {
        self.life = life;
        self.has_begun_epoch = true;
        Next::Ask
    }

    /// How it stands with the kiosk now that an answer came. Others may have sent meanwhile what was stored
    /// meanwhile, and a central that knows it is no sign of an old copy; or they have begun another epoch.
    pub fn catch_up(&mut self, life: Life) {
        self.has_begun_epoch |= life.epoch != self.life.epoch;
        self.life = life;
    }

    /// The central says how far it is. `own` is the digest of the kiosk's row at that number, if it
    /// has one that is sound.
    pub fn hear_standing(
        &mut self,
        standing: &Standing,
        own: Option<Digest>,
    ) -> Result<Next, Stuck> {
        let is_old_copy = is_old_copy(self.life, standing.high_seq, standing.tip, own);
        match (is_old_copy, self.has_begun_epoch) {
            (true, true) => Err(Stuck),
            (true, false) => Ok(Next::BeginEpoch),
            (false, _) => Ok(self.send_after(standing.high_seq)),
        }
    }

    /// The central has stored the batch under `sent`.
    pub fn hear_receipt(&mut self, sent: &Head, receipt: &Receipt) -> Result<Next, Stuck> {
        if receipt.high_seq > sent.last {
            // It knew more than it had said: it may know another copy of this kiosk.
            return self.count_rewind().map(|()| Next::Ask);
        }
        if receipt.high_seq < sent.last {
            self.count_rewind()?;
        }
        Ok(self.send_after(receipt.high_seq))
    }

    fn count_rewind(&mut self) -> Result<(), Stuck> {
        self.rewinds += 1;
        if self.rewinds > REWINDS_MAX { Err(Stuck) } else { Ok(()) }
    }

    fn send_after(&self, high_seq: u64) -> Next {
        let after = high_seq.max(self.life.base);
        if after >= self.life.last { Next::Done } else { Next::Send { after } }
    }
}

/// Whether a central that is at `high_seq`, with the row digest `tip` there, knows another copy of the kiosk
/// than this one, whose row there has the digest `own`. Where one of the two has no row, its disk lost it, or
/// both have lost theirs: what is before it may be another copy's, too, and would be taken for sent.
pub(super) fn is_old_copy(
    life: Life,
    high_seq: u64,
    tip: Option<Digest>,
    own: Option<Digest>,
) -> bool {
    let is_another = match (tip, own) {
        (Some(tip), Some(own)) => tip != own,
        (None, None) => false,
        // What lies before the base has no row at the central.
        (Some(_), None) | (None, Some(_)) => high_seq > life.base,
    };
    high_seq > life.last || is_another
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SigningKey;
    use crate::store::record::{CentralId, Epoch};
    use crate::sync::message::PROTOCOL;

    fn session(base: u64, last: u64) -> Session {
        Session::new(Life { epoch: Epoch([2; 16]), base, last })
    }

    fn standing(high_seq: u64, tip: Option<Digest>) -> Standing {
        Standing {
            v: PROTOCOL,
            central_id: CentralId([1; 16]),
            kiosk: "valby".to_owned(),
            epoch: Epoch([2; 16]),
            high_seq,
            tip,
            backed_up_seq: 0,
            release: None,
            clock: 0,
            nonce: String::new(),
        }
    }

    fn exchange(first: u64, last: u64, high_seq: u64) -> (Head, Receipt) {
        let (central_id, epoch) = (CentralId([1; 16]), Epoch([2; 16]));
        let key = SigningKey::generate().verifying().id();
        let (kiosk, nothing) = ("valby".to_owned(), Digest::of(b""));
        let head = Head {
            v: PROTOCOL,
            kiosk: kiosk.clone(),
            key,
            central_id,
            epoch,
            base: 0,
            first,
            last,
            n: 0,
            sha256: nothing,
            lost: Vec::new(),
            past: false,
        };
        let receipt = Receipt {
            v: PROTOCOL,
            central_id,
            kiosk,
            epoch,
            head: nothing,
            first,
            high_seq,
            tip: None,
            stored: 0,
            dup: 0,
            quarantined: 0,
            backed_up_seq: 0,
        };
        (head, receipt)
    }

    #[test]
    fn sends_what_is_missing_and_knows_when_it_is_done() {
        assert_eq!(
            session(0, 5).hear_standing(&standing(0, None), None),
            Ok(Next::Send { after: 0 })
        );
        assert_eq!(
            session(3, 5).hear_standing(&standing(0, None), None),
            Ok(Next::Send { after: 3 })
        );
        assert_eq!(session(0, 5).hear_standing(&standing(5, None), None), Ok(Next::Done));
        assert_eq!(session(0, 0).hear_standing(&standing(0, None), None), Ok(Next::Done));
    }

    #[test]
    fn a_row_that_one_of_the_two_has_is_no_proof() {
        let some = Some(Digest::of(b"row"));
        assert_eq!(session(0, 4).hear_standing(&standing(3, some), None), Ok(Next::BeginEpoch));
        assert_eq!(session(0, 4).hear_standing(&standing(3, None), some), Ok(Next::BeginEpoch));
        // Named as lost by this very kiosk.
        assert_eq!(
            session(0, 4).hear_standing(&standing(3, None), None),
            Ok(Next::Send { after: 3 })
        );
        // Emptied: the central knows the number as the epoch's beginning.
        assert_eq!(
            session(3, 4).hear_standing(&standing(3, None), some),
            Ok(Next::Send { after: 3 })
        );
    }

    #[test]
    fn an_old_copy_begins_another_epoch_once() {
        let (ours, theirs) = (Digest::of(b"ours"), Digest::of(b"theirs"));
        let mut shorter = session(0, 4);
        assert_eq!(shorter.hear_standing(&standing(5, Some(theirs)), None), Ok(Next::BeginEpoch));
        let mut longer = session(0, 9);
        let same = longer.hear_standing(&standing(5, Some(ours)), Some(ours));
        assert_eq!(same, Ok(Next::Send { after: 5 }));
        let other = standing(5, Some(theirs));
        assert_eq!(longer.hear_standing(&other, Some(ours)), Ok(Next::BeginEpoch));
        longer.begin_epoch(Life { epoch: Epoch([3; 16]), base: 0, last: 9 });
        assert_eq!(longer.hear_standing(&other, Some(ours)), Err(Stuck));
    }

    #[test]
    fn what_others_sent_meanwhile_is_no_sign_of_an_old_copy() {
        let mut session = session(0, 4);
        session.catch_up(Life { epoch: Epoch([2; 16]), base: 0, last: 6 });
        assert_eq!(session.hear_standing(&standing(6, None), None), Ok(Next::Done));
        assert_eq!(session.hear_standing(&standing(7, None), None), Ok(Next::BeginEpoch));
        session.catch_up(Life { epoch: Epoch([3; 16]), base: 0, last: 6 });
        assert_eq!(session.hear_standing(&standing(7, None), None), Err(Stuck));
    }

    #[test]
    fn a_gap_is_filled_but_not_for_ever() {
        let mut session = session(0, 9);
        let (head, receipt) = exchange(6, 9, 2);
        assert_eq!(session.hear_receipt(&head, &receipt), Ok(Next::Send { after: 2 }));
        let (head, receipt) = exchange(3, 9, 9);
        assert_eq!(session.hear_receipt(&head, &receipt), Ok(Next::Done));
        let (head, receipt) = exchange(3, 9, 2);
        assert!((0..9).any(|_| session.hear_receipt(&head, &receipt) == Err(Stuck)));
    }
}
