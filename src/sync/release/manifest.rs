//! What a release says of itself. The text is signed as it stands, like every message.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Flaw;
use crate::crypto::{self, Digest, Purpose, SigningKey, VerifyingKey};
use crate::store::record::CentralId;
use crate::sync::message::{MessageError, Signed};

/// The format that this program writes, and the newest that it reads.
pub const FORMAT: u64 = 1;

/// Far above a city's site, far below a kiosk's disk.
pub const FILES_MAX: usize = 20_000;
pub const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
pub const BYTES_MAX: u64 = 512 * 1024 * 1024;
const PATH_BYTES_MAX: usize = 200;

/// The folders of a build, as they are called in a release.
pub const PUBLIC: &str = "public";
pub const BESIDE: &str = "public.release";

/// Which content: the first 8 bytes of a digest over every path and file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 8]);

impl Id {
    /// Of these files.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f Listed>) -> Id {
        let mut all = Vec::new();
        for file in files {
            all.extend((file.path.len() as u64).to_le_bytes());
            all.extend(file.path.bytes());
            all.extend(file.sha256.0);
        }
        let Digest(digest) = Digest::of(&all);
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Id(id)
    }

    /// The id that 16 hex digits spell.
    pub fn from_hex(text: &str) -> Option<Id> {
        crypto::unhex(text).map(Id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crypto::hex(&self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        Id::from_hex(&text).ok_or_else(|| serde::de::Error::custom("expected 16 hex digits"))
    }
}

/// A release without its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u64,
    pub central_id: CentralId,
    pub id: Id,
    /// Rises with every release of a central: an old one that is shown again is known by it.
    pub number: u64,
    /// RFC 3339; for people, never decided by.
    pub made: String,
    pub files: Vec<Listed>,
    /// What the files hold, each once however many files hold it, in the order of the bytes.
    pub parts: Vec<Part>,
}

/// A file, by path with `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub path: String,
    pub sha256: Digest,
    pub length: u64,
}

/// Bytes that follow the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Of the file, and its length.
    pub sha256: Digest,
    pub length: u64,
    /// Of the deflated bytes as they follow: nothing is unpacked that was not signed.
    pub packed_sha256: Digest,
    pub packed: u64,
}

/// Whose word a release needs.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// The central's that the kiosk is enrolled at.
    Pinned { key: &'a VerifyingKey, central: CentralId },
    /// Nobody's: it came inside the program itself. Its digests still count.
    Carried,
}

impl Manifest {
    /// Signs it.
    pub fn sign(&self, key: &SigningKey) -> Signed {
        let text = serde_json::to_string(self).expect("a manifest is texts and numbers");
        let signature = key.sign(Purpose::Release, text.as_bytes());
        Signed { text, signature }
    }

    /// The manifest in `signed`, if whoever `trust` names signed it and it keeps the rules.
    pub fn read(signed: &Signed, trust: Trust) -> Result<Manifest, Flaw> {
        if let Trust::Pinned { key, .. } = trust {
            key.verify(Purpose::Release, signed.text.as_bytes(), &signed.signature)
                .map_err(|_| MessageError::Forged)?;
        }
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        let text = &signed.text;
        let format: Format = serde_json::from_str(text).map_err(|_| Flaw::NoRelease)?;
        if format.format > FORMAT {
            return Err(Flaw::Newer(format.format));
        }
        let manifest: Manifest = serde_json::from_str(text).map_err(|_| Flaw::NoRelease)?;
        match trust {
            Trust::Pinned { central, .. } if manifest.central_id != central => {
                Err(Flaw::OtherCentral(manifest.central_id))
            }
            _ => manifest.check().map(|()| manifest),
        }
    }

    /// The rules that hold whoever signed: no path leads out of a folder, nothing is larger than a disk.
    pub fn check(&self) -> Result<(), Flaw> {
        if self.files.len() > FILES_MAX {
            return Err(Flaw::TooLarge(format!("{} files", self.files.len())));
        }
        let parts: BTreeMap<Digest, u64> =
            self.parts.iter().map(|part| (part.sha256, part.length)).collect();
        let (mut seen, mut used) = (BTreeSet::new(), BTreeSet::new());
        let mut bytes: u64 = 0;
        for file in &self.files {
            if !is_path(&file.path) || !seen.insert(&file.path) {
                return Err(Flaw::Path(shown(&file.path)));
            }
            if file.length > FILE_BYTES_MAX {
                return Err(Flaw::TooLarge(format!("{} has {} bytes", file.path, file.length)));
            }
            bytes += file.length;
            used.insert(file.sha256);
            if parts.get(&file.sha256) != Some(&file.length) {
                return Err(Flaw::Damaged(format!("{} is not in it", file.path)));
            }
        }
        if bytes > BYTES_MAX {
            return Err(Flaw::TooLarge(format!("{bytes} bytes")));
        }
        // What no file needs, or what grows by being packed, was not written by us.
        let sound = |part: &Part| part.packed <= part.length + part.length / 8 + 64;
        if used.len() != self.parts.len() || !self.parts.iter().all(sound) {
            return Err(Flaw::Damaged("its list of parts is not in order".to_owned()));
        }
        match Id::of(&self.files) == self.id {
            true => Ok(()),
            false => Err(Flaw::Damaged("its id is not its content's".to_owned())),
        }
    }

    /// How many bytes follow the manifest.
    pub fn body_bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.packed).sum()
    }
}

/// Whether `path` is one that a release may hold: below one of its two folders, in plain characters, with
/// no part that means another folder.
pub fn is_path(path: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-+@,=()& ".contains(letter);
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.ends_with(['.', ' '])
            && !name.starts_with(' ')
            && name.chars().all(is_plain)
    };
    let mut parts = path.split('/');
    path.len() <= PATH_BYTES_MAX
        && parts.next().is_some_and(|folder| [PUBLIC, BESIDE].contains(&folder))
        && path.contains('/')
        && parts.all(is_name)
}

/// A path from outside, as far as a line of a log goes.
fn shown(path: &str) -> String {
    path.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out() {
        for fine in ["public/index.html", "public.release/kiosk/s/grønne områder/a-1.b+c.css"] {
            assert!(is_path(fine), "{fine}");
        }
        let long = format!("public/{}", "a".repeat(200));
        for wrong in [
            "",
            "public",
            "public/",
            "/etc/passwd",
            "public/../x",
            "public/./x",
            "public//x",
            "../public/x",
            "other/x",
            "public\\x",
            "public/a\\..\\b",
            "public/c:x",
            "public/a\0b",
            "public/a\nb",
            "public/...",
            "public/a.",
            "public/ a",
            "public/a*",
            &long,
        ] {
            assert!(!is_path(wrong), "{wrong:?}");
        }
    }
}
