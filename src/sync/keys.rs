//! The central's keys, in the folder `keys` beside its database.
//!
//! | file | what | who needs it |
//! |---|---|---|
//! | `seal.key` | opens what kiosks send | the central, always |
//! | `sign.key` | signs receipts | the central, always |
//! | `recovery.key` | opens the same, should `seal.key` be lost | a safe, and nobody else |
//! | `recovery.pub` | its public half, which kiosks seal for | the central |

use std::path::{Path, PathBuf};

use super::reception::Keys;
use crate::crypto::{SealPublic, SealSecret, SigningKey};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};

const FOLDER: &str = "keys";
const SEAL: &str = "seal.key";
const SIGN: &str = "sign.key";
const RECOVERY: &str = "recovery.key";
const RECOVERY_PUBLIC: &str = "recovery.pub";

/// The files a central cannot run without, as seen from its folder: what belongs into a backup.
pub const NEEDED: [&str; 3] = ["keys/seal.key", "keys/sign.key", "keys/recovery.pub"];

/// Makes the keys that are missing. A key that is there is never replaced: answers sealed for it
/// would be lost.
pub fn make(folder: &Path) -> Result<()> {
    let keys = prepare(folder)?;
    if !keys.join(SEAL).exists() {
        SealSecret::generate().save(&keys.join(SEAL))?;
    }
    if !keys.join(SIGN).exists() {
        SigningKey::generate().save(&keys.join(SIGN))?;
    }
    if !keys.join(RECOVERY_PUBLIC).exists() {
        let recovery = keys.join(RECOVERY);
        if !recovery.exists() {
            SealSecret::generate().save(&recovery)?;
        }
        // The secret half first: a public half without it would seal for nobody.
        let line = format!("borgerpanel seal-public {}\n", SealSecret::load(&recovery)?.public());
        replace_file(&keys.join(RECOVERY_PUBLIC), line.as_bytes(), Access::Shared)?;
    }
    Ok(())
}

/// Makes the folder that holds them, for its owner alone.
pub fn prepare(folder: &Path) -> Result<PathBuf> {
    let keys = folder.join(FOLDER);
    crate::durable::create_folder(&keys).during_at("make the folder", &keys)?;
    make_private(&keys)?;
    Ok(keys)
}

/// The keys a central needs to run.
pub fn load(folder: &Path) -> Result<Keys> {
    let keys = folder.join(FOLDER);
    if !keys.exists() {
        return Err(Error::new("find the central's keys in")
            .path(&keys)
            .source("there is no such folder")
            .hint("make them with `borgerpanel central init`, or restore them from their copy"));
    }
    let open = SealSecret::load(&keys.join(SEAL))?;
    let recovery = load_public(&keys.join(RECOVERY_PUBLIC))?;
    Ok(Keys {
        sign: SigningKey::load(&keys.join(SIGN))?,
        seal: vec![open.public(), recovery],
        open: vec![open],
    })
}

/// The recovery key, where it still lies beside the key it is to replace.
pub fn recovery_left_here(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(FOLDER).join(RECOVERY);
    path.exists().then_some(path)
}

fn load_public(path: &Path) -> Result<SealPublic> {
    let text = std::fs::read_to_string(path).during_at("read the key", path)?;
    text.trim_end()
        .strip_prefix("borgerpanel seal-public ")
        .and_then(SealPublic::from_hex)
        .ok_or_else(|| Error::new("use the key").path(path).hint("restore it from its copy"))
}

#[cfg(unix)]
fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let owner_only = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder, owner_only).during_at("make private", folder)
}

#[cfg(not(unix))]
fn make_private(_folder: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_recovery_may_leave() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(load(folder.path()).is_err());
        make(folder.path()).expect("made");
        let first = load(folder.path()).expect("loaded");
        std::fs::remove_file(recovery_left_here(folder.path()).expect("here")).expect("moved");
        make(folder.path()).expect("nothing to make");
        let second = load(folder.path()).expect("loaded");
        assert_eq!(first.seal, second.seal);
        assert_eq!(first.sign.verifying(), second.sign.verifying());
        assert_eq!(recovery_left_here(folder.path()), None);
    }
}
