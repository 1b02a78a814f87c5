//! Cryptography, in the one place that names the crates that do it. Nothing here is our own: sealed
//! boxes are libsodium's (X25519, XSalsa20-Poly1305), signatures are Ed25519, digests are SHA-256.
//!
//! - [`SealPublic`] and [`SealSecret`]: anybody with the public half can close a box, only the
//!   secret half opens it. A kiosk holds public halves alone.
//! - [`SigningKey`] and [`VerifyingKey`]: who said it. Every text is signed under a [`Purpose`], so
//!   that a signature made for one cannot be shown as another.
//! - [`Digest`]: what it was, in 32 bytes.
//! - [`TagKey`]: names for what must not be known by its own, by BLAKE2b under a key.
//! - [`PinHash`]: what a staff member knows, a PIN or a password, by Argon2id.
//! - [`totp`]: what a staff member has, a phone that shows codes.
//!
//! Key files hold one line, `borgerpanel <what> <hex>`, mode 0600. `Debug` shows a key's id, never a
//! secret.

pub mod totp;

use std::fmt;
use std::fs;
use std::path::Path;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, Params};
use blake2::digest::{KeyInit, Mac};
use blake2::{Blake2b, Blake2bMac};
use crypto_box::SalsaBox;
use crypto_box::aead::generic_array::typenum::{U10, U24};
use crypto_box::aead::rand_core::RngCore;
use crypto_box::aead::{Aead, OsRng};
use ed25519_dalek::Signer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};

/// What a sealed box adds to its content: a fresh public key (32 bytes) and an authenticator (16).
pub const SEAL_OVERHEAD_BYTES: usize = 48;

/// A box did not open, or a signature does not hold; the crates say no more, for good reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key does not fit or the bytes were changed")]
pub struct Refused;

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            digits.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    digits
}

/// The bytes of exactly `2 * N` lower-case hex digits: one way to write each.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

/// Serialises an id or a digest as the hex digits it shows.
macro_rules! serialise_as_hex {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                $name::from_hex(&text)
                    .ok_or_else(|| serde::de::Error::custom("expected hex digits of its length"))
            }
        }
    };
}

serialise_as_hex!(Digest);
serialise_as_hex!(KeyId);
serialise_as_hex!(SealPublic);
serialise_as_hex!(VerifyingKey);
serialise_as_hex!(Signature);

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(sha2::Sha256::digest(bytes).into())
    }

    /// The digest that 64 hex digits spell.
    pub fn from_hex(text: &str) -> Option<Digest> {
        unhex(text).map(Digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// A key for tags: who has it can tell which name a tag stands for, and nobody else can, whatever names they
/// know.
pub struct TagKey([u8; 32]);

impl TagKey {
    const WHAT: &str = "tag-secret";

    /// A new random key.
    pub fn generate() -> TagKey {
        TagKey(random())
    }

    /// The tag of a name in parts: 20 hex digits, the same each time.
    pub fn tag(&self, parts: &[&str]) -> String {
        let mut mac = <Blake2bMac<U10> as KeyInit>::new_from_slice(&self.0)
            .expect("a key of 32 bytes is one of BLAKE2b's");
        for part in parts {
            // Their lengths, so that no two names in parts are one text.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes())
    }

    /// Writes the key file.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_key(path, TagKey::WHAT, &self.0)
    }

    /// Reads the key file.
    pub fn load(path: &Path) -> Result<TagKey> {
        read_key(path, TagKey::WHAT).map(TagKey)
    }
}

/// Which key: the first 8 bytes of the SHA-256 of its public half.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    fn of(public: &[u8; 32]) -> KeyId {
        let Digest(digest) = Digest::of(public);
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        KeyId(id)
    }

    /// The id that 16 hex digits spell.
    pub fn from_hex(text: &str) -> Option<KeyId> {
        unhex(text).map(KeyId)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The half of a sealing key that closes boxes.
#[derive(Clone, PartialEq, Eq)]
pub struct SealPublic(crypto_box::PublicKey);

impl SealPublic {
    /// Which key it is.
    pub fn id(&self) -> KeyId {
        KeyId::of(self.0.as_bytes())
    }

    /// A sealed box of `content`: [`SEAL_OVERHEAD_BYTES`] longer, different every time.
    pub fn seal(&self, content: &[u8]) -> Vec<u8> {
        self.0
            .seal(&mut OsRng, content)
            .expect("sealing fails only beyond the cipher's length limit of 256 GiB")
    }

    /// The key that 64 hex digits spell.
    pub fn from_hex(text: &str) -> Option<SealPublic> {
        unhex(text).map(|bytes: [u8; 32]| SealPublic(bytes.into()))
    }
}

impl fmt::Display for SealPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for SealPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealPublic({})", self.id())
    }
}

/// The half of a sealing key that opens boxes.
#[derive(Clone)]
pub struct SealSecret {
    secret: crypto_box::SecretKey,
    /// Kept: working it out anew for every box would take a third of the time that opening takes.
    public: SealPublic,
    id: KeyId,
}

impl From<crypto_box::SecretKey> for SealSecret {
    fn from(secret: crypto_box::SecretKey) -> SealSecret {
        let public = SealPublic(secret.public_key());
        SealSecret { secret, id: public.id(), public }
    }
}

impl SealSecret {
    /// A new random key.
    pub fn generate() -> SealSecret {
        crypto_box::SecretKey::generate(&mut OsRng).into()
    }

    /// The half to hand out.
    pub fn public(&self) -> SealPublic {
        self.public.clone()
    }

    /// Which key it is.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The content of a box that was closed for this key. The nonce of a sealed box is BLAKE2b, 24 bytes, over
    /// its fresh public key and this one: <https://doc.libsodium.org/public-key_cryptography/sealed_boxes>
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, Refused> {
        // What `crypto_box`'s own `unseal` does, but for our public half, which that works out for every box.
        let (ephemeral, closed) = sealed.split_first_chunk::<32>().ok_or(Refused)?;
        let public = crypto_box::PublicKey::from(*ephemeral);
        let nonce = Blake2b::<U24>::new_with_prefix(ephemeral)
            .chain_update(self.public.0.as_bytes())
            .finalize();
        SalsaBox::new(&public, &self.secret).decrypt(&nonce, closed).map_err(|_| Refused)
    }

    /// Writes the key for its owner's eyes.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_key(path, "seal-secret", &self.secret.to_bytes())
    }

    /// Reads what [`SealSecret::save`] wrote.
    pub fn load(path: &Path) -> Result<SealSecret> {
        Ok(crypto_box::SecretKey::from(read_key(path, "seal-secret")?).into())
    }
}

impl fmt::Debug for SealSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealSecret({}, …)", self.id)
    }
}

/// What a signature is for. The name goes into what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A kiosk asks how far the central is.
    Question,
    /// A kiosk sends a batch.
    Batch,
    /// The central says how far it is.
    Standing,
    /// The central has stored a batch.
    Receipt,
    /// A kiosk shows, while enrolling, that it holds its key.
    Enrolment,
    /// The central gives kiosks a site to show.
    Release,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Question => "question",
            Purpose::Batch => "batch",
            Purpose::Standing => "standing",
            Purpose::Receipt => "receipt",
            Purpose::Enrolment => "enrolment",
            Purpose::Release => "release",
        }
    }

    fn message(self, text: &[u8]) -> Vec<u8> {
        [b"borgerpanel 1 ", self.name().as_bytes(), b"\n", text].concat()
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// The signature that 128 hex digits spell.
    pub fn from_hex(text: &str) -> Option<Signature> {
        unhex(text).map(Signature)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({}…)", hex(&self.0[..8]))
    }
}

/// The secret half of a signing key.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new random key.
    pub fn generate() -> SigningKey {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&random()))
    }

    /// The half to hand out.
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Signs `text` for `purpose`.
    pub fn sign(&self, purpose: Purpose, text: &[u8]) -> Signature {
        Signature(self.0.sign(&purpose.message(text)).to_bytes())
    }

    /// Writes the key for its owner's eyes.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_key(path, "sign-secret", &self.0.to_bytes())
    }

    /// Reads what [`SigningKey::save`] wrote.
    pub fn load(path: &Path) -> Result<SigningKey> {
        Ok(SigningKey(ed25519_dalek::SigningKey::from_bytes(&read_key(path, "sign-secret")?)))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.verifying().id())
    }
}

/// The public half of a signing key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Which key it is.
    pub fn id(&self) -> KeyId {
        KeyId::of(self.0.as_bytes())
    }

    /// Strict: no malleable signature, no weak key.
    pub fn verify(
        &self,
        purpose: Purpose,
        text: &[u8],
        signature: &Signature,
    ) -> Result<(), Refused> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(&purpose.message(text), &signature).map_err(|_| Refused)
    }

    /// The key that 64 hex digits spell; none where they are no point of the curve or a weak one.
    pub fn from_hex(text: &str) -> Option<VerifyingKey> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&unhex(text)?).ok()?;
        (!key.is_weak()).then_some(VerifyingKey(key))
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.id())
    }
}

/// The hash of a PIN, in the form of its setting: `$argon2id$v=19$m=19456,t=2,p=1$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash(String);

impl PinHash {
    /// The hash of `pin` under a fresh salt. The costs are the least that OWASP advises for Argon2id
    /// (19 MiB, two passes): a tenth of a second on a small kiosk.
    pub fn of(pin: &str) -> PinHash {
        let salt = SaltString::encode_b64(&random::<16>()).expect("16 bytes are a salt's length");
        let hash = Argon2::default().hash_password(pin.as_bytes(), &salt);
        PinHash(hash.expect("the default costs are within their bounds").to_string())
    }

    /// The hash that a setting spells; none where it is no Argon2id hash, or one so dear that whoever
    /// asks for it could keep the kiosk busy.
    pub fn read(text: &str) -> Option<PinHash> {
        let hash = PasswordHash::new(text).ok()?;
        let costs = Params::try_from(&hash).ok()?;
        let bearable = costs.m_cost() <= 256 * 1024 && costs.t_cost() <= 16;
        let whole = hash.algorithm.as_str() == "argon2id" && hash.hash.is_some();
        (bearable && whole).then(|| PinHash(text.to_owned()))
    }

    /// Whether `pin` is the one. Takes the same time wherever it differs.
    pub fn fits(&self, pin: &str) -> bool {
        let hash = PasswordHash::new(&self.0).expect("`of` and `read` let only hashes in");
        Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok()
    }
}

impl fmt::Display for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(…)")
    }
}

fn write_key(path: &Path, what: &str, bytes: &[u8; 32]) -> Result<()> {
    let line = format!("borgerpanel {what} {}\n", hex(bytes));
    replace_file(path, line.as_bytes(), Access::Private)
}

fn read_key(path: &Path, what: &str) -> Result<[u8; 32]> {
    require_private(path)?;
    let text = fs::read_to_string(path).during_at("read the key", path)?;
    let digits = text.trim_end().strip_prefix(&format!("borgerpanel {what} "));
    digits.and_then(unhex).ok_or_else(|| {
        Error::new("use the key").path(path).hint(format!(
            "it should hold one line, `borgerpanel {what}` and 64 hex digits; restore it from its copy"
        ))
    })
}

/// Refuses a key that others on the machine can read: it may be theirs already.
#[cfg(unix)]
fn require_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).during_at("read the key", path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new("use the key")
        .path(path)
        .source(format!("others may read it (mode {:03o})", mode & 0o777))
        .hint(format!("make it private with `chmod 600 {}`", path.display())))
}

#[cfg(not(unix))]
fn require_private(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_a_box_with_its_key_alone() {
        let (ours, theirs) = (SealSecret::generate(), SealSecret::generate());
        let sealed = ours.public().seal(b"svar");
        assert_eq!(sealed.len(), 4 + SEAL_OVERHEAD_BYTES);
        assert_eq!(ours.open(&sealed).expect("the right key"), b"svar");
        assert_eq!(theirs.open(&sealed), Err(Refused));
        assert_eq!(ours.open(&sealed[..20]), Err(Refused));
    }

    #[test]
    fn opens_just_the_boxes_that_the_crate_itself_opens() {
        let key = SealSecret::generate();
        for length in [0, 1, 31, 32, 1024] {
            let mut sealed = key.public().seal(&vec![7; length]);
            assert_eq!(key.open(&sealed).ok(), key.secret.unseal(&sealed).ok());
            for at in 0..sealed.len().min(64) {
                sealed[at] ^= 1;
                assert_eq!(
                    (key.open(&sealed), key.secret.unseal(&sealed).is_err()),
                    (Err(Refused), true)
                );
                sealed[at] ^= 1;
                assert_eq!(key.open(&sealed[..at]), Err(Refused));
            }
        }
    }

    #[test]
    fn refuses_a_signature_shown_for_another_purpose() {
        let key = SigningKey::generate();
        let signature = key.sign(Purpose::Receipt, b"text");
        let verifying = VerifyingKey::from_hex(&key.verifying().to_string()).expect("a key");
        assert_eq!(verifying.verify(Purpose::Receipt, b"text", &signature), Ok(()));
        assert_eq!(verifying.verify(Purpose::Standing, b"text", &signature), Err(Refused));
        assert_eq!(verifying.verify(Purpose::Receipt, b"texT", &signature), Err(Refused));
    }

    #[test]
    fn key_files_come_back_and_say_what_they_are() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sign.key");
        let key = SigningKey::generate();
        key.save(&path).expect("written");
        assert_eq!(SigningKey::load(&path).expect("read").verifying(), key.verifying());
        let error = SealSecret::load(&path).expect_err("another kind of key");
        assert!(error.to_string().contains("seal-secret"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_key_others_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("seal.key");
        SealSecret::generate().save(&path).expect("written");
        let mode = fs::metadata(&path).expect("its mode").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("opened up");
        let error = SealSecret::load(&path).expect_err("readable by others");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn tags_are_the_same_under_one_key_and_tell_parts_apart() {
        let (ours, theirs) = (TagKey::generate(), TagKey::generate());
        let tag = ours.tag(&["0123", "q"]);
        assert_eq!((tag.len(), &tag), (20, &ours.tag(&["0123", "q"])));
        assert_ne!(tag, theirs.tag(&["0123", "q"]));
        assert_ne!(ours.tag(&["a", "bc"]), ours.tag(&["ab", "c"]));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("themes.key");
        ours.save(&path).expect("written");
        assert_eq!(TagKey::load(&path).expect("read").tag(&["0123", "q"]), tag);
    }

    #[test]
    fn debug_shows_no_secret() {
        let (seal, sign) = (SealSecret::generate(), SigningKey::generate());
        let shown = format!("{seal:?} {sign:?}");
        assert!(!shown.contains(&hex(&seal.secret.to_bytes())), "{shown}");
        assert!(!shown.contains(&hex(&sign.0.to_bytes())), "{shown}");
    }

    #[test]
    fn a_pin_fits_its_hash_alone() {
        let hash = PinHash::of("483920");
        assert_ne!(hash, PinHash::of("483920"), "the salt is fresh");
        let read = PinHash::read(&hash.to_string()).expect("a hash");
        assert!(read.fits("483920") && !read.fits("483921") && !read.fits(""));
        assert_eq!(format!("{read:?}"), "PinHash(…)");
    }

    #[test]
    fn refuses_what_is_no_hash_of_a_pin() {
        let hash = PinHash::of("1").to_string();
        for text in [
            "",
            "483920",
            &hash[..40],
            &hash.replace("argon2id", "argon2i"),
            &hash.replace("m=19456", "m=9999999"),
            "$pbkdf2-sha256$i=1000$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        ] {
            assert_eq!(PinHash::read(text), None, "{text}");
        }
    }

    #[test]
    fn hex_is_exact() {
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some([0, 255, 16]));
        assert_eq!(unhex::<1>("0"), None);
        assert_eq!(unhex::<1>("+1"), None);
        assert_eq!(unhex::<1>("AB"), None);
        assert_eq!(unhex::<1>("æ"), None);
    }
}
