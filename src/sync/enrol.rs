//! Enrolment: how a kiosk and a central come to know each other's keys, by a one-time code that a
//! person carries from one to the other.
//!
//! The code never travels. Both sides prove that they know it, each over what it says: whoever sits
//! between them can neither put in a key of their own nor use the code. A code has 60 random bits,
//! is good for one day and for one kiosk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::message::{MessageError, PROTOCOL};
use crate::crypto::{self, Digest, Purpose, SealPublic, Signature, SigningKey, VerifyingKey};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::store::record::CentralId;

/// The enrolment's name in the kiosk's folder.
pub const FILE: &str = "enrolment.json";
/// The kiosk's own key beside it.
pub const KEY_FILE: &str = "kiosk.key";
/// How long a code is good for.
pub const CODE_SECONDS: i64 = 24 * 60 * 60;

/// Crockford's base32: nothing that looks like something else.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 12;

/// A one-time code. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_LETTERS]);

impl Code {
    /// A new random one.
    pub fn random() -> Code {
        let bytes: [u8; CODE_LETTERS] = crypto::random();
        // 256 is a multiple of 32, so every letter is as likely.
        Code(bytes.map(|byte| LETTERS[usize::from(byte % 32)]))
    }

    /// Reads what a person typed: in any case, with or without hyphens, O for 0, I and L for 1.
    pub fn read(text: &str) -> Option<Code> {
        let letters: Vec<u8> = text
            .bytes()
            .filter(|byte| !matches!(byte, b'-' | b' '))
            .map(|byte| match byte.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                letter => letter,
            })
            .collect();
        let letters: [u8; CODE_LETTERS] = letters.try_into().ok()?;
        letters.iter().all(|letter| LETTERS.contains(letter)).then_some(Code(letters))
    }

    /// What the central keeps of it.
    pub fn hash(&self) -> Digest {
        Digest::of(&[b"borgerpanel enrolment code ", self.0.as_slice()].concat())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let groups: Vec<_> = self.0.chunks(4).map(String::from_utf8_lossy).collect();
        f.write_str(&groups.join("-"))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A kiosk asks to be let in: its key, the proof that it knows the code, and that it holds the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub v: u32,
    pub key: VerifyingKey,
    pub proof: Digest,
    pub signature: Signature,
}

impl Request {
    /// Asks with `code`.
    pub fn new(code: &Code, key: &SigningKey) -> Request {
        let proof = kiosk_proof(code.hash(), &key.verifying());
        let signature = key.sign(Purpose::Enrolment, &proof.0);
        Request { v: PROTOCOL, key: key.verifying(), proof, signature }
    }

    /// Which of the codes with these hashes it was made with. None where it is none, or where the
    /// key is not the sender's own.
    pub fn code_among(&self, hashes: &[Digest]) -> Option<Digest> {
        self.key.verify(Purpose::Enrolment, &self.proof.0, &self.signature).ok()?;
        hashes.iter().copied().find(|hash| kiosk_proof(*hash, &self.key) == self.proof)
    }
}

/// What a kiosk needs to know of its central.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    pub v: u32,
    pub central_id: CentralId,
    /// The kiosk's name.
    pub kiosk: String,
    /// By which the central signs.
    pub verifying_key: VerifyingKey,
    /// For whom records are sealed: the central's key and the recovery key.
    pub seal_keys: Vec<SealPublic>,
}

/// The central lets a kiosk in: an [`Admission`] as JSON, and the proof that it knows the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub text: String,
    pub proof: Digest,
}

impl Reply {
    /// Answers `request`, made with the code of this hash.
    pub fn new(admission: &Admission, hash: Digest, request: &Request) -> Reply {
        let text = serde_json::to_string(admission).expect("an admission is texts and numbers");
        Reply { proof: central_proof(hash, request, &text), text }
    }

    /// What it says, if it comes from where `code` comes from.
    pub fn verify(&self, code: &Code, request: &Request) -> Result<Admission, MessageError> {
        if central_proof(code.hash(), request, &self.text) != self.proof {
            return Err(MessageError::Forged);
        }
        let admission: Admission =
            serde_json::from_str(&self.text).map_err(|_| MessageError::Malformed)?;
        if admission.v == PROTOCOL { Ok(admission) } else { Err(MessageError::OtherVersion) }
    }
}

/// All parts have a fixed length, so that no two proofs are over the same bytes.
fn kiosk_proof(hash: Digest, key: &VerifyingKey) -> Digest {
    let key = Digest::of(key.to_string().as_bytes());
    Digest::of(&[b"kiosk   ".as_slice(), &hash.0, &key.0].concat())
}

fn central_proof(hash: Digest, request: &Request, text: &str) -> Digest {
    let text = Digest::of(text.as_bytes());
    Digest::of(&[b"central ".as_slice(), &hash.0, &request.proof.0, &text.0].concat())
}

/// A kiosk's enrolment, as it is kept in [`FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The central's address, without a slash at its end.
    pub central: String,
    #[serde(flatten)]
    pub admission: Admission,
    /// RFC 3339.
    pub enrolled: String,
}

impl Enrolment {
    /// The enrolment in the kiosk's folder; none where there is none yet. Cheap enough to ask again
    /// and again while waiting for it.
    pub fn load(folder: &Path) -> Result<Option<Enrolment>> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.during_at("read the enrolment", &path)?,
        };
        let enrolment: Enrolment = serde_json::from_str(&text).map_err(|wrong| {
            Error::new("read the enrolment")
                .path(&path)
                .source(wrong)
                .hint("enrol again with `borgerpanel kiosk enroll`; stored answers stay")
        })?;
        Ok(Some(enrolment))
    }

    /// Keeps it in the kiosk's folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let mut json = serde_json::to_string_pretty(self).during("write the enrolment")?;
        json.push('\n');
        replace_file(&folder.join(FILE), json.as_bytes(), Access::Shared)
    }
}

/// The kiosk's own key, made at the first call.
pub fn own_key(folder: &Path) -> Result<SigningKey> {
    let path = folder.join(KEY_FILE);
    if path.exists() {
        return SigningKey::load(&path);
    }
    crate::durable::create_folder(folder).during_at("make the folder", folder)?;
    let key = SigningKey::generate();
    key.save(&path)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SealSecret;

    fn admission() -> Admission {
        Admission {
            v: PROTOCOL,
            central_id: CentralId([1; 16]),
            kiosk: "valby".to_owned(),
            verifying_key: SigningKey::generate().verifying(),
            seal_keys: vec![SealSecret::generate().public()],
        }
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = Code::random();
        let shown = code.to_string();
        assert_eq!(shown.len(), 14);
        assert_eq!(Code::read(&shown.to_lowercase().replace('-', " ")), Some(code));
        assert_eq!(Code::read("OIL0-1234-5678"), Code::read("0110-1234-5678"));
        assert_eq!(Code::read("UUUU-1234-5678"), None);
        assert_eq!(Code::read("0110-1234"), None);
    }

    #[test]
    fn both_sides_prove_that_they_know_the_code() {
        let (code, key) = (Code::random(), SigningKey::generate());
        let request = Request::new(&code, &key);
        let hashes = [Code::random().hash(), code.hash()];
        assert_eq!(request.code_among(&hashes), Some(code.hash()));
        assert_eq!(request.code_among(&hashes[..1]), None);
        let reply = Reply::new(&admission(), code.hash(), &request);
        assert!(reply.verify(&code, &request).is_ok());
        let other = Reply::new(&admission(), Code::random().hash(), &request);
        assert_eq!(other.verify(&code, &request), Err(MessageError::Forged));
        let mixed = Reply { text: reply.text, proof: other.proof };
        assert_eq!(mixed.verify(&code, &request), Err(MessageError::Forged));
    }

    #[test]
    fn a_key_put_in_on_the_way_is_refused() {
        let (code, other) = (Code::random(), SigningKey::generate());
        let request = Request::new(&code, &SigningKey::generate());
        let exchanged = Request {
            key: other.verifying(),
            signature: other.sign(Purpose::Enrolment, &request.proof.0),
            ..request
        };
        assert_eq!(exchanged.code_among(&[code.hash()]), None);
    }

    #[test]
    fn an_enrolment_is_found_when_it_appears() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(Enrolment::load(folder.path()).expect("none yet"), None);
        let enrolment = Enrolment {
            central: "https://panel.example.dk".to_owned(),
            admission: admission(),
            enrolled: "2026-11-23T10:00:00Z".to_owned(),
        };
        enrolment.save(folder.path()).expect("saved");
        assert_eq!(Enrolment::load(folder.path()).expect("read"), Some(enrolment));
        std::fs::write(folder.path().join(FILE), "{").expect("damaged");
        let error = Enrolment::load(folder.path()).expect_err("damaged");
        assert!(error.to_string().contains("enroll"), "{error}");
    }
}
