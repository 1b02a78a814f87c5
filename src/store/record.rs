//! A record: one sealed thing that a kiosk keeps and a central receives, and what is written on its
//! outside.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::crypto::{self, Digest};

/// What is inside. Also the outside's number on the wire and in the database: never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Answers to a survey.
    Response,
    /// Somebody wants to be a member.
    Signup,
    /// An answer that is kept away from the response: a prize draw, "kontakt mig".
    Private,
}

impl Kind {
    /// The name in databases and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Response => "response",
            Kind::Signup => "signup",
            Kind::Private => "private",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        [Kind::Response, Kind::Signup, Kind::Private].into_iter().find(|kind| kind.name() == name)
    }
}

/// A record's own random number, filled into the page as it is served, so that a repeated POST is
/// safe. Never ordered by time: it must not tell when somebody answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub [u8; 16]);

/// A life of a kiosk's database: random, made with it and again when it turns out to be an old copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub [u8; 16]);

/// A central: random, made with its database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CentralId(pub [u8; 16]);

/// That somebody was invited to a survey: random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvitationId(pub [u8; 16]);

/// The same for each id of 16 bytes: random, 32 hex digits as text.
macro_rules! sixteen_bytes {
    ($name:ident) => {
        impl $name {
            /// A new random one.
            pub fn random() -> $name {
                $name(crypto::random())
            }

            /// The one that 32 hex digits spell.
            pub fn from_hex(text: &str) -> Option<$name> {
                crypto::unhex(text).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&crypto::hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                $name::from_hex(&text)
                    .ok_or_else(|| serde::de::Error::custom("expected 32 hex digits"))
            }
        }
    };
}

sixteen_bytes!(Uid);
sixteen_bytes!(Epoch);
sixteen_bytes!(CentralId);
sixteen_bytes!(InvitationId);

/// What is written on the outside of a record, and inside it too: compared on opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub kind: Kind,
    pub uid: Uid,
    /// The survey's slug.
    pub survey: String,
    /// The survey's version, 64 hex digits.
    pub version: String,
    /// The kiosk's name when it sealed the record.
    pub kiosk: String,
    /// The database's epoch when it sealed the record. A record that is sent again in a later epoch
    /// keeps it.
    pub epoch: Epoch,
}

/// A range of a kiosk's numbers whose records it had and cannot give any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    pub first: u64,
    pub last: u64,
    /// `missing` or `damaged` (the disk lost it), `emptied` (after a backup the central no longer
    /// has), `waiting` (private records that had no number yet; these they would have got),
    /// `end-unknown` (from here on nobody can tell what there was), [`SALVAGED`] or [`TORN`].
    pub reason: String,
}

/// What a kiosk tells of itself, for whoever looks after it: nothing about anybody who answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The program's.
    pub version: String,
    /// The id of what it shows; none where that is a folder of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Bytes that its disk has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free: Option<u64>,
    /// Where it stands, as its settings have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What is wrong, in stable words (`kiosk status`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
}

impl Told {
    /// The longest text of a kiosk, and the most alarms, that are sent and kept: a question travels in an address.
    const CHARS_MAX: usize = 60;
    const ALARMS_MAX: usize = 8;

    /// With nothing in it that is longer than it should be.
    #[must_use]
    pub fn cut(self) -> Told {
        let plain = |letter: &char| !letter.is_control();
        let cut =
            |text: String| -> String { text.chars().filter(plain).take(Told::CHARS_MAX).collect() };
        Told {
            version: cut(self.version),
            release: self.release.map(cut),
            disk_free: self.disk_free.map(|bytes| bytes.min(i64::MAX as u64)),
            place: self.place.map(cut),
            alarms: self.alarms.into_iter().take(Told::ALARMS_MAX).map(cut).collect(),
        }
    }
}

/// The reason of numbers that are not lost: their rows live on in a later epoch.
pub const SALVAGED: &str = "salvaged";

/// The reason of numbers that were being given as the power went: with a disk that keeps its word
/// nobody was thanked for them.
pub const TORN: &str = "torn";

/// A record that only the central and the recovery key can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub label: Label,
    /// An envelope (`sync::envelope`).
    pub body: Vec<u8>,
}

impl Sealed {
    /// Over the sealed bytes: of the plain text it would be a guessing oracle on a stolen kiosk.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.body)
    }

    /// Over the label, too: proves on the kiosk's disk that all of the record is as it was stored.
    pub fn proof(&self) -> Digest {
        let mut bytes = serde_json::to_vec(&self.label).expect("a label is made of texts");
        bytes.extend(self.digest().0);
        Digest::of(&bytes)
    }
}
