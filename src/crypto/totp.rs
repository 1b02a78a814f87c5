//! The codes of six digits that an app on a phone shows for 30 seconds each: RFC 6238 over HMAC-SHA-1, the
//! one set of choices that all common apps follow (Microsoft's and older ones of Google's take no other, and
//! show wrong codes without a word). SHA-1's weakness, that two texts may have one digest, does not touch HMAC.

use std::fmt;

use ring::hmac;

use super::random;

/// How long a code is shown, in seconds.
const STEP_S: i64 = 30;
/// Steps before and after the present one whose codes are taken, too: clocks go wrong, people type slowly.
const SKEW: i64 = 1;
/// 160 bits, as long as the digest (RFC 4226, section 4).
const SECRET_BYTES: usize = 20;
/// Base32 of RFC 4648, which apps read secrets in.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a phone and a central both know. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// A new random one.
    pub fn generate() -> Secret {
        Secret(random())
    }

    /// The secret of these bytes; none where they are not as many as it has.
    pub fn from_bytes(bytes: &[u8]) -> Option<Secret> {
        bytes.try_into().ok().map(Secret)
    }

    /// To be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a person types it into an app: 32 letters and digits.
    pub fn base32(&self) -> String {
        base32(&self.0)
    }

    /// What a QR code holds for an app: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>.
    /// `issuer` and `name` are shown by the app.
    pub fn address(&self, issuer: &str, name: &str) -> String {
        let (issuer, name) = (escape(issuer), escape(name));
        format!("otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}", self.base32())
    }

    /// The step whose code `typed` is, at `now` (Unix seconds); none where it is none that may be taken.
    /// Whoever asks sees to it that no step is used twice.
    pub fn step_of(&self, typed: &str, now: i64) -> Option<i64> {
        let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        let typed: u32 = typed
            .parse()
            .ok()
            .filter(|_| typed.len() == 6 && typed.bytes().all(|digit| digit.is_ascii_digit()))?;
        let step = now.div_euclid(STEP_S);
        (step - SKEW..=step + SKEW).find(|step| self.code(*step) == typed)
    }

    /// The six digits of the step that `now` (Unix seconds) is in, as an app shows them.
    pub fn code_at(&self, now: i64) -> String {
        format!("{:06}", self.code(now.div_euclid(STEP_S)))
    }

    /// RFC 4226, section 5.3: four bytes of the digest from where its last half byte says.
    fn code(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let digest = tag.as_ref();
        let from = usize::from(digest[digest.len() - 1] & 15);
        let four: [u8; 4] = digest[from..from + 4].try_into().expect("four bytes of twenty");
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Five bits a letter; without the padding, as 20 bytes need none.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    text
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte))
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret, and eight digits of which ours are the last six.
    #[test]
    fn gives_the_codes_of_the_standard() {
        let secret = Secret(*b"12345678901234567890");
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(now), code, "{now}");
            assert_eq!(secret.step_of(code, now), Some(now / 30), "{now}");
        }
    }

    #[test]
    fn takes_the_step_before_and_after_and_no_other() {
        let secret = Secret::generate();
        let now = 1_790_000_010;
        let taken = |seconds: i64| secret.step_of(&secret.code_at(now + seconds), now).is_some();
        assert!(taken(-30) && taken(0) && taken(30));
        // One in half a million is the same by chance.
        assert!([-90, -60, 60, 90].into_iter().filter(|off| taken(*off)).count() <= 1);
    }

    #[test]
    fn reads_six_digits_and_nothing_else() {
        let secret = Secret(*b"12345678901234567890");
        assert_eq!(secret.step_of(" 287 082 ", 59), Some(1));
        for wrong in ["", "87082", "0287082", "+87082", "２８７０８２", "287082x"] {
            assert_eq!(secret.step_of(wrong, 59), None, "{wrong}");
        }
    }

    /// RFC 4648, section 10, and the secret that the RFC's digits spell.
    #[test]
    fn is_typed_in_base32() {
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        let secret = Secret(*b"12345678901234567890");
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            secret.address("Københavns Borgerpanel", "anna@kk.dk"),
            "otpauth://totp/K%C3%B8benhavns%20Borgerpanel:anna%40kk.dk\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=K%C3%B8benhavns%20Borgerpanel"
        );
    }
}
