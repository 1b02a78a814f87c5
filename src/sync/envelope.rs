//! Envelope v1: how a record is sealed before it is stored. The kiosk cannot open it again.
//!
//! ```text
//! "BPSE" | version 1 | recipients n | n × ( key id, 8 bytes | length, u32 | sealed box )
//! ```
//! Each box holds the same content: `length of what follows, u32 | deflated inside | zeros`, padded
//! to 512 bytes, 1 KiB, 2 KiB, 4 KiB …, so that a length tells next to nothing about an answer. The
//! inside is `length of the label, u16 | the label as JSON | the record's JSON`. Integers are little
//! endian. [`seal`] makes it, [`open`] takes it apart and compares the label with the outside.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::crypto::{KeyId, SEAL_OVERHEAD_BYTES, SealPublic, SealSecret};
use crate::store::record::{Label, Sealed};

const MAGIC: &[u8; 4] = b"BPSE";
const VERSION: u8 = 1;
const PADDED_BYTES_MIN: usize = 512;
/// With three recipients an envelope still fits into a batch of 1 MB.
const PADDED_BYTES_MAX: usize = 256 * 1024;
/// The most that is unpacked: four times what a visitor's form may hold.
const INSIDE_BYTES_MAX: usize = 4 * 1024 * 1024;
const RECIPIENTS_MAX: usize = 3;
/// What fits into 1 KiB as it is, with the stored block's five bytes and the length's four.
const STORED_BYTES_MAX: usize = 1024 - 5 - 4;
/// zlib's middle way; a response of 2 kB takes 0.1 ms.
const COMPRESSION_LEVEL: u8 = 6;

/// Why a record could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the answer is too long to be sealed")]
    TooLong,
    #[error("there must be one to three recipients")]
    Recipients,
}

/// Why an envelope could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("it is no envelope or is cut off")]
    Malformed,
    #[error("it was made by a newer borgerpanel")]
    Newer,
    #[error("it is sealed for other keys")]
    OtherKeys,
    #[error("it was changed after sealing")]
    Damaged,
    #[error("its inside is broken")]
    Inside,
    #[error("its inside differs from its outside")]
    Differs,
}

impl OpenError {
    /// A stable word for databases.
    pub fn name(self) -> &'static str {
        match self {
            OpenError::Malformed => "malformed",
            OpenError::Newer => "newer",
            OpenError::OtherKeys => "other-keys",
            OpenError::Damaged => "damaged",
            OpenError::Inside => "inside-broken",
            OpenError::Differs => "inside-differs",
        }
    }
}

/// Seals `json`, the record itself, for each of `recipients` (the central's key and the recovery
/// key).
pub fn seal(label: Label, json: &str, recipients: &[SealPublic]) -> Result<Sealed, SealError> {
    if recipients.is_empty() || recipients.len() > RECIPIENTS_MAX {
        return Err(SealError::Recipients);
    }
    let content = pad(&pack(&inside(&label, json)?))?;
    let box_bytes = content.len() + SEAL_OVERHEAD_BYTES;
    let mut body = Vec::with_capacity(6 + recipients.len() * (12 + box_bytes));
    body.extend_from_slice(MAGIC);
    body.extend([VERSION, recipients.len() as u8]);
    for recipient in recipients {
        body.extend(recipient.id().0);
        body.extend((box_bytes as u32).to_le_bytes());
        body.extend(recipient.seal(&content));
    }
    Ok(Sealed { label, body })
}

/// The record's JSON, opened with whichever of `keys` it was sealed for. Safe on any bytes.
pub fn open(sealed: &Sealed, keys: &[SealSecret]) -> Result<String, OpenError> {
    let (key, closed) = find_box(&sealed.body, keys)?;
    let content = key.open(closed).map_err(|_| OpenError::Damaged)?;
    let (label, json) = read_inside(&unpad(&content)?)?;
    if label == sealed.label { Ok(json) } else { Err(OpenError::Differs) }
}

fn inside(label: &Label, json: &str) -> Result<Vec<u8>, SealError> {
    let label = serde_json::to_vec(label).expect("a label is made of texts");
    let label_bytes = u16::try_from(label.len()).map_err(|_| SealError::TooLong)?;
    if json.len() > INSIDE_BYTES_MAX - 2 - label.len() {
        return Err(SealError::TooLong);
    }
    Ok([&label_bytes.to_le_bytes(), label.as_slice(), json.as_bytes()].concat())
}

/// `inside` as a deflate stream. Where it is short it is one stored block: compressing takes longer than
/// all else but the boxes, and the padding would take back what it saved.
fn pack(inside: &[u8]) -> Vec<u8> {
    match u16::try_from(inside.len()) {
        Ok(length) if inside.len() <= STORED_BYTES_MAX => {
            // RFC 1951, 3.2.4: the last block, stored; its length, and that with every bit turned.
            let head = [[1].as_slice(), &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
            [&head, inside].concat()
        }
        _ => compress_to_vec(inside, COMPRESSION_LEVEL),
    }
}

fn read_inside(bytes: &[u8]) -> Result<(Label, String), OpenError> {
    let (length, rest) = bytes.split_first_chunk::<2>().ok_or(OpenError::Inside)?;
    let label_bytes = usize::from(u16::from_le_bytes(*length));
    let (label, json) = rest.split_at_checked(label_bytes).ok_or(OpenError::Inside)?;
    let label = serde_json::from_slice(label).map_err(|_| OpenError::Inside)?;
    let json = String::from_utf8(json.to_vec()).map_err(|_| OpenError::Inside)?;
    Ok((label, json))
}

fn pad(packed: &[u8]) -> Result<Vec<u8>, SealError> {
    let bytes = (packed.len() + 4).next_power_of_two().max(PADDED_BYTES_MIN);
    if bytes > PADDED_BYTES_MAX {
        return Err(SealError::TooLong);
    }
    let mut padded = Vec::with_capacity(bytes);
    padded.extend((packed.len() as u32).to_le_bytes());
    padded.extend_from_slice(packed);
    padded.resize(bytes, 0);
    Ok(padded)
}

fn unpad(padded: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (length, rest) = padded.split_first_chunk::<4>().ok_or(OpenError::Inside)?;
    let packed = rest.get(..u32::from_le_bytes(*length) as usize).ok_or(OpenError::Inside)?;
    decompress_to_vec_with_limit(packed, INSIDE_BYTES_MAX).map_err(|_| OpenError::Inside)
}

/// The box for one of `keys`; the whole envelope must be in order, to its last byte.
fn find_box<'a, 'k>(
    body: &'a [u8],
    keys: &'k [SealSecret],
) -> Result<(&'k SealSecret, &'a [u8]), OpenError> {
    let rest = body.strip_prefix(MAGIC).ok_or(OpenError::Malformed)?;
    let (&version, rest) = rest.split_first().ok_or(OpenError::Malformed)?;
    if version != VERSION {
        return Err(OpenError::Newer);
    }
    let (&recipients, mut rest) = rest.split_first().ok_or(OpenError::Malformed)?;
    if recipients == 0 || usize::from(recipients) > RECIPIENTS_MAX {
        return Err(OpenError::Malformed);
    }
    let mut found = None;
    for _ in 0..recipients {
        let (id, closed, after) = split_box(rest).ok_or(OpenError::Malformed)?;
        let key = keys.iter().find(|key| key.id() == id);
        found = found.or(key.map(|key| (key, closed)));
        rest = after;
    }
    if !rest.is_empty() {
        return Err(OpenError::Malformed);
    }
    found.ok_or(OpenError::OtherKeys)
}

fn split_box(bytes: &[u8]) -> Option<(KeyId, &[u8], &[u8])> {
    let (id, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (closed, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((KeyId(*id), closed, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::record::{Epoch, Kind, Uid};

    fn label() -> Label {
        Label {
            kind: Kind::Response,
            uid: Uid([7; 16]),
            survey: "groenne-omraader".to_owned(),
            version: "ab".repeat(32),
            kiosk: "hovedbiblioteket".to_owned(),
            epoch: Epoch([9; 16]),
        }
    }

    fn forged(inside: &[u8], key: &SealSecret) -> Sealed {
        let content = pad(&compress_to_vec(inside, 9)).expect("short enough");
        let closed = key.public().seal(&content);
        let length = (closed.len() as u32).to_le_bytes();
        let id = key.public().id().0;
        let body = [MAGIC.as_slice(), &[VERSION, 1], &id, &length, &closed].concat();
        Sealed { label: label(), body }
    }

    #[test]
    fn each_recipient_opens_it_and_nobody_else() {
        let (central, recovery, other) =
            (SealSecret::generate(), SealSecret::generate(), SealSecret::generate());
        let sealed = seal(label(), "{\"æ\":1}", &[central.public(), recovery.public()])
            .expect("two recipients");
        assert_eq!(open(&sealed, &[other.clone(), central]).as_deref(), Ok("{\"æ\":1}"));
        assert_eq!(open(&sealed, &[recovery]).as_deref(), Ok("{\"æ\":1}"));
        assert_eq!(open(&sealed, &[other]), Err(OpenError::OtherKeys));
    }

    #[test]
    fn short_or_long_it_opens_to_what_was_sealed() {
        let key = SealSecret::generate();
        for length in (0..=1_500).step_by(7).chain(STORED_BYTES_MAX - 400..=STORED_BYTES_MAX) {
            let json = format!("{{\"text\":\"{}\"}}", "bænke ".repeat(length / 7));
            let sealed = seal(label(), &json, &[key.public()]).expect("sealed");
            assert_eq!(open(&sealed, std::slice::from_ref(&key)), Ok(json));
        }
    }

    #[test]
    fn lengths_are_hidden_in_steps() {
        let key = SealSecret::generate().public();
        let length = |json: &str| {
            seal(label(), json, std::slice::from_ref(&key)).expect("sealed").body.len()
        };
        assert_eq!(length("{}"), length(r#"{"text":"Der mangler bænke i parken"}"#));
        assert_eq!(length("{}"), 6 + 12 + SEAL_OVERHEAD_BYTES + 512);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let key = SealSecret::generate().public();
        let noise: String = (0..600_000).map(|_| fastrand::alphanumeric()).collect();
        assert_eq!(seal(label(), &noise, &[key]), Err(SealError::TooLong));
        assert_eq!(seal(label(), "{}", &[]), Err(SealError::Recipients));
    }

    #[test]
    fn a_label_that_was_exchanged_is_noticed() {
        let key = SealSecret::generate();
        let mut sealed = seal(label(), "{}", &[key.public()]).expect("sealed");
        sealed.label.survey = "en-anden".to_owned();
        assert_eq!(open(&sealed, &[key]), Err(OpenError::Differs));
    }

    #[test]
    fn a_decompression_bomb_is_refused() {
        let key = SealSecret::generate();
        let bomb = vec![0; 100 * 1024 * 1024];
        assert_eq!(open(&forged(&bomb, &key), &[key]), Err(OpenError::Inside));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn random_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let key = SealSecret::generate();
            let sealed = Sealed { label: label(), body: body.clone() };
            prop_assert!(open(&sealed, std::slice::from_ref(&key)).is_err());
            prop_assert!(open(&forged(&body, &key), &[key]).is_err());
        }

        #[test]
        fn one_changed_byte_is_noticed(at in 0usize..578, by in 1u8..) {
            let key = SealSecret::generate();
            let mut sealed = seal(label(), "{}", &[key.public()]).expect("sealed");
            sealed.body[at] ^= by;
            prop_assert!(open(&sealed, &[key]).is_err());
        }

        #[test]
        fn cut_off_is_noticed(length in 0usize..578) {
            let key = SealSecret::generate();
            let mut sealed = seal(label(), "{}", &[key.public()]).expect("sealed");
            sealed.body.truncate(length);
            prop_assert!(open(&sealed, &[key]).is_err());
        }
    }
}
