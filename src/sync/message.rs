//! What kiosk and central say to each other. Each message is one line of JSON that is signed as it
//! stands, so that there is nothing to canonicalise: [`Signed`] keeps text and signature together.
//!
//! | message | from | says |
//! |---|---|---|
//! | [`Question`] | kiosk | how far are you? |
//! | [`Standing`] | central | this far |
//! | [`Head`] | kiosk | these rows follow (`bundle`) |
//! | [`Receipt`] | central | they are stored |

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, KeyId, Purpose, Signature, SigningKey, VerifyingKey};
use crate::store::record::{CentralId, Epoch, Lost, Told};

/// The version of every message here.
pub const PROTOCOL: u32 = 1;

/// Why a message does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("it is no such message")]
    Malformed,
    #[error("it was made by another version of borgerpanel")]
    OtherVersion,
    #[error("its signature does not hold")]
    Forged,
}

/// A text and its signature, as they travel: `{"text": "…", "signature": "128 hex digits"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub text: String,
    pub signature: Signature,
}

/// Something that is signed for one purpose.
pub trait Message: Serialize + DeserializeOwned {
    const PURPOSE: Purpose;

    /// The protocol's version it was made with.
    fn version(&self) -> u32;

    /// Signs the message with its sender's key.
    fn sign(&self, key: &SigningKey) -> Signed {
        let text = serde_json::to_string(self).expect("messages are texts and numbers");
        let signature = key.sign(Self::PURPOSE, text.as_bytes());
        Signed { text, signature }
    }
}

impl Signed {
    /// The message as it was said, before anybody knows by whom: only to find the key to verify by.
    pub fn claimed<M: Message>(&self) -> Result<M, MessageError> {
        let message: M = serde_json::from_str(&self.text).map_err(|_| MessageError::Malformed)?;
        match message.version() {
            PROTOCOL => Ok(message),
            _ => Err(MessageError::OtherVersion),
        }
    }

    /// The message, if `key` signed it.
    pub fn verify<M: Message>(&self, key: &VerifyingKey) -> Result<M, MessageError> {
        key.verify(M::PURPOSE, self.text.as_bytes(), &self.signature)
            .map_err(|_| MessageError::Forged)?;
        self.claimed()
    }
}

/// A kiosk asks how far a central is with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub v: u32,
    pub kiosk: String,
    pub key: KeyId,
    pub epoch: Epoch,
    /// The highest `seq` the kiosk ever gave: what is above the central's is not sent yet.
    pub last: u64,
    /// The kiosk's clock, Unix seconds. Recorded, never decided by.
    pub clock: i64,
    /// Random, 32 hex digits; the standing repeats it, so that an old standing does not count.
    pub nonce: String,
    /// How the kiosk is. Recorded, never decided by; earlier kiosks do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// How far a central is with one kiosk's epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub v: u32,
    pub central_id: CentralId,
    pub kiosk: String,
    pub epoch: Epoch,
    /// Everything up to here is there, without a gap.
    pub high_seq: u64,
    /// The digest of the row at `high_seq`: tells a kiosk that is an old copy of itself, and has
    /// collected on, from one that merely missed a receipt.
    pub tip: Option<Digest>,
    /// Everything up to here is in a backup, so the kiosk may let go of it.
    pub backed_up_seq: u64,
    /// The id of the release the kiosk should serve; none before the first.
    pub release: Option<String>,
    /// The central's clock, Unix seconds.
    pub clock: i64,
    pub nonce: String,
}

/// What stands before a batch of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub v: u32,
    pub kiosk: String,
    pub key: KeyId,
    pub central_id: CentralId,
    pub epoch: Epoch,
    /// The epoch begins after this `seq`.
    pub base: u64,
    /// The `seq` of the first and last row, lost ones included.
    pub first: u64,
    pub last: u64,
    /// How many rows follow.
    pub n: u32,
    /// Of the rows as they are written in the bundle.
    pub sha256: Digest,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Lost>,
    /// The epoch is over: its database was damaged and set aside, and this says what became of its
    /// numbers. Nothing will come in it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
}

/// The central has stored a batch: the only thing that marks rows as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub v: u32,
    pub central_id: CentralId,
    pub kiosk: String,
    pub epoch: Epoch,
    /// The digest of the head's text it answers, and where that batch began.
    pub head: Digest,
    pub first: u64,
    pub high_seq: u64,
    /// The digest of the row at `high_seq`, as in a [`Standing`].
    pub tip: Option<Digest>,
    /// New rows.
    pub stored: u64,
    /// Rows that were there already.
    pub dup: u64,
    /// New rows that a person, or a survey's version, has to free.
    pub quarantined: u64,
    pub backed_up_seq: u64,
}

/// The same for every message: its purpose, and that it carries its version in `v`.
macro_rules! message {
    ($name:ident, $purpose:ident) => {
        impl Message for $name {
            const PURPOSE: Purpose = Purpose::$purpose;

            fn version(&self) -> u32 {
                self.v
            }
        }
    };
}

message!(Question, Question);
message!(Standing, Standing);
message!(Head, Batch);
message!(Receipt, Receipt);

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            v: PROTOCOL,
            central_id: CentralId([1; 16]),
            kiosk: "valby".to_owned(),
            epoch: Epoch([2; 16]),
            head: Digest::of(b"head"),
            first: 1,
            high_seq: 3,
            tip: None,
            stored: 3,
            dup: 0,
            quarantined: 0,
            backed_up_seq: 0,
        }
    }

    #[test]
    fn a_message_counts_only_as_its_sender_signed_it() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let signed = receipt().sign(&key);
        assert_eq!(signed.verify(&key.verifying()), Ok(receipt()));
        let forged = signed.verify::<Receipt>(&other.verifying());
        assert_eq!(forged, Err(MessageError::Forged));
        let changed = Signed { text: signed.text.replace("3", "4"), ..signed.clone() };
        assert_eq!(changed.verify::<Receipt>(&key.verifying()), Err(MessageError::Forged));
        assert_eq!(signed.verify::<Standing>(&key.verifying()), Err(MessageError::Forged));
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let key = SigningKey::generate();
        let signed = Receipt { v: 2, ..receipt() }.sign(&key);
        assert_eq!(signed.verify::<Receipt>(&key.verifying()), Err(MessageError::OtherVersion));
    }
}
