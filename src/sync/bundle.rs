//! A batch of rows under one signed head: the body of a POST, and a file on a USB stick.
//!
//! ```text
//! "BPSB" | version 1 | length of head, u32 | {"text":…,"signature":…} | rows to the end
//! row: seq, u64 | sha256, 32 | length of label, u16 | label as JSON | length of body, u32 | body
//! ```
//! Integers are little endian. [`write()`] makes one, [`Bundle::read`] takes one apart: safe on any
//! bytes, and nothing is believed before [`Bundle::verify`].

use crate::crypto::{Digest, SigningKey, VerifyingKey};
use crate::store::outbox::Row;
use crate::store::record::{Lost, Sealed};

use super::message::{Head, Message, MessageError, Signed};

const MAGIC: &[u8; 5] = b"BPSB\x01";

/// The most rows of a batch.
pub const ROWS_MAX: usize = 500;
/// The most bytes of rows in a batch, but for a single larger row: with its head below the edge's
/// 1 MB.
pub const BYTES_MAX: usize = 900_000;

/// Why a range is lost is a word, and is kept for good.
const REASON_BYTES_MAX: usize = 40;

/// Why a batch does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    #[error("it is no batch")]
    Malformed,
    /// Cut off, or changed on the way.
    #[error("its rows are not what its head says")]
    Damaged,
    #[error("its head does not count: {0}")]
    Head(#[from] MessageError),
}

/// Writes `rows` under `head`, whose `n` and `sha256` are set here.
pub fn write(head: Head, rows: &[Row], key: &SigningKey) -> (Signed, Vec<u8>) {
    let mut written = Vec::new();
    rows.iter().for_each(|row| write_row(row, &mut written));
    let head = Head { n: rows.len() as u32, sha256: Digest::of(&written), ..head };
    let signed = head.sign(key);
    let text = serde_json::to_vec(&signed).expect("two texts");
    let length = (text.len() as u32).to_le_bytes();
    (signed, [MAGIC.as_slice(), &length, &text, &written].concat())
}

/// A batch as it came.
#[derive(Debug)]
pub struct Bundle<'a> {
    pub head: Signed,
    rows: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// Finds head and rows.
    pub fn read(bytes: &'a [u8]) -> Result<Bundle<'a>, BundleError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(BundleError::Malformed)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(BundleError::Malformed)?;
        let (head, rows) = rest
            .split_at_checked(u32::from_le_bytes(*length) as usize)
            .ok_or(BundleError::Malformed)?;
        let head = serde_json::from_slice(head).map_err(|_| BundleError::Malformed)?;
        Ok(Bundle { head, rows })
    }

    /// The head and its rows, if `key` signed it and all of it came through: size, digest and
    /// signature are checked before anything is stored.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(Head, Vec<Row>), BundleError> {
        let head: Head = self.head.verify(key)?;
        let is_word = |lost: &Lost| lost.reason.len() <= REASON_BYTES_MAX;
        if head.n as usize > ROWS_MAX || !head.lost.iter().all(is_word) {
            return Err(BundleError::Malformed);
        }
        if Digest::of(self.rows) != head.sha256 {
            return Err(BundleError::Damaged);
        }
        let rows = read_rows(self.rows).ok_or(BundleError::Malformed)?;
        if is_ordered(&head, &rows) { Ok((head, rows)) } else { Err(BundleError::Malformed) }
    }
}

/// Numbers rise, stay between first and last, and with the lost ones leave no gap.
fn is_ordered(head: &Head, rows: &[Row]) -> bool {
    let lost = head.lost.iter().map(|lost| (lost.first, lost.last));
    let mut ranges: Vec<_> = rows.iter().map(|row| (row.seq, row.seq)).chain(lost).collect();
    ranges.sort_unstable();
    let rising = rows.windows(2).all(|pair| pair[0].seq < pair[1].seq);
    let mut next = Some(head.first);
    for (first, last) in ranges {
        if next != Some(first) || last < first {
            return false;
        }
        next = last.checked_add(1);
    }
    // SQLite counts to 2^63 - 1.
    let countable = head.base < head.first && head.last <= i64::MAX as u64;
    rising && countable && rows.len() == head.n as usize && next == head.last.checked_add(1)
}

fn write_row(row: &Row, to: &mut Vec<u8>) {
    let label = serde_json::to_vec(&row.sealed.label).expect("a label is made of texts");
    to.extend(row.seq.to_le_bytes());
    to.extend(row.digest.0);
    // A label that sealed was shorter than this: `envelope::seal` checks.
    to.extend((label.len() as u16).to_le_bytes());
    to.extend(label);
    to.extend((row.sealed.body.len() as u32).to_le_bytes());
    to.extend(&row.sealed.body);
}

fn read_rows(mut bytes: &[u8]) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let (row, rest) = read_row(bytes)?;
        rows.push(row);
        bytes = rest;
    }
    Some(rows)
}

fn read_row(bytes: &[u8]) -> Option<(Row, &[u8])> {
    let (seq, rest) = bytes.split_first_chunk::<8>()?;
    let (digest, rest) = rest.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (label, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let sealed = Sealed { label: serde_json::from_slice(label).ok()?, body: body.to_vec() };
    Some((Row { seq: u64::from_le_bytes(*seq), sealed, digest: Digest(*digest) }, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::record::{CentralId, Epoch, Kind, Label, Uid};
    use crate::sync::message::PROTOCOL;

    fn rows(seqs: &[u64]) -> Vec<Row> {
        let row = |seq: &u64| {
            let label = Label {
                kind: Kind::Response,
                uid: Uid::random(),
                survey: "trafik".to_owned(),
                version: "cd".repeat(32),
                kiosk: "valby".to_owned(),
                epoch: Epoch([2; 16]),
            };
            let sealed = Sealed { label, body: vec![*seq as u8; 40] };
            Row { seq: *seq, digest: sealed.digest(), sealed }
        };
        seqs.iter().map(row).collect()
    }

    fn head(first: u64, last: u64, lost: Vec<Lost>) -> Head {
        Head {
            v: PROTOCOL,
            kiosk: "valby".to_owned(),
            key: SigningKey::generate().verifying().id(),
            central_id: CentralId([1; 16]),
            epoch: Epoch([2; 16]),
            base: 0,
            first,
            last,
            n: 0,
            sha256: Digest::of(b""),
            lost,
            past: false,
        }
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let key = SigningKey::generate();
        let lost = vec![Lost { first: 5, last: 6, reason: "missing".to_owned() }];
        let rows = rows(&[3, 4, 7]);
        let (_, bytes) = write(head(3, 7, lost), &rows, &key);
        let bundle = Bundle::read(&bytes).expect("a batch");
        let (head, read) = bundle.verify(&key.verifying()).expect("in order");
        assert_eq!((head.n, read), (3, rows));
    }

    #[test]
    fn cut_off_or_changed_anywhere_it_does_not_count() {
        let key = SigningKey::generate();
        let (_, bytes) = write(head(1, 2, vec![]), &rows(&[1, 2]), &key);
        let accepted = |bytes: &[u8]| {
            Bundle::read(bytes).is_ok_and(|bundle| bundle.verify(&key.verifying()).is_ok())
        };
        assert!(accepted(&bytes));
        for at in 0..bytes.len() {
            assert!(!accepted(&bytes[..at]), "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(!accepted(&changed), "changed at {at}");
        }
    }

    #[test]
    fn a_gap_must_be_named() {
        let key = SigningKey::generate();
        for (seqs, first, last) in
            [(&[1, 3][..], 1, 3), (&[2, 1], 1, 2), (&[1], 1, 2), (&[0], 0, 0)]
        {
            let (_, bytes) = write(head(first, last, vec![]), &rows(seqs), &key);
            let refused = Bundle::read(&bytes).expect("a batch").verify(&key.verifying());
            assert_eq!(refused, Err(BundleError::Malformed), "{seqs:?}");
        }
    }

    #[test]
    fn a_reason_is_a_word() {
        let key = SigningKey::generate();
        for (length, wanted) in [(40, Ok(())), (41, Err(BundleError::Malformed))] {
            let lost = vec![Lost { first: 2, last: 2, reason: "x".repeat(length) }];
            let (_, bytes) = write(head(1, 2, lost), &rows(&[1]), &key);
            let verified = Bundle::read(&bytes).expect("a batch").verify(&key.verifying());
            assert_eq!(verified.map(|_| ()), wanted, "{length}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            let framed = [MAGIC.as_slice(), &bytes].concat();
            prop_assert!(Bundle::read(&bytes).is_err());
            let _ = Bundle::read(&framed);
            let _ = read_rows(&bytes);
        }
    }
}
