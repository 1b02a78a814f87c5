//! The central's keys, in the folder `keys` beside its database.
//!
//! | file | what | who needs it |
//! |---|---|---|
//! | `seal.key` | opens what kiosks send | the central; with `keep_sealed` the inner machine alone |
//! | `seal.pub` | its public half, which kiosks and the central seal for | the central |
//! | `sign.key` | signs receipts | the central, always |
//! | `recovery.key` | opens the same, should `seal.key` be lost | a safe, and nobody else |
//! | `recovery.pub` | its public half, which kiosks seal for | the central |
//! | `themes.key` | which text of a coded sheet is whose answer | `results`, once texts are coded |

use std::path::{Path, PathBuf};

use super::reception::Keys;
use crate::crypto::{SealPublic, SealSecret, SigningKey};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};

/// The folder, as seen from the central's.
pub const FOLDER: &str = "keys";
const SEAL: &str = "seal.key";
const SEAL_PUBLIC: &str = "seal.pub";
const SIGN: &str = "sign.key";
const RECOVERY: &str = "recovery.key";
const RECOVERY_PUBLIC: &str = "recovery.pub";

/// The files a central cannot run without, as seen from its folder: what belongs into a backup. The
/// first is elsewhere where answers are kept sealed.
pub const NEEDED: [&str; 4] =
    ["keys/seal.key", "keys/seal.pub", "keys/sign.key", "keys/recovery.pub"];

/// Made with the first sheet of texts; without it coded ones fit no answer any more.
pub const THEMES: &str = "keys/themes.key";

/// Makes the keys that are missing. A key that is there is never replaced: answers sealed for it
/// would be lost.
pub fn make(folder: &Path) -> Result<()> {
    let keys = prepare(folder)?;
    if !keys.join(SEAL).exists() {
        SealSecret::generate().save(&keys.join(SEAL))?;
    }
    publish(folder)?;
    make_sign(&keys)?;
    if !keys.join(RECOVERY_PUBLIC).exists() {
        let recovery = keys.join(RECOVERY);
        if !recovery.exists() {
            SealSecret::generate().save(&recovery)?;
        }
        // The secret half first: a public half without it would seal for nobody.
        save_public(&keys.join(RECOVERY_PUBLIC), SealSecret::load(&recovery)?.public())?;
    }
    Ok(())
}

/// Writes the public half of the key that opens, where it is missing: centrals of before it was needed.
pub fn publish(folder: &Path) -> Result<()> {
    let keys = folder.join(FOLDER);
    if keys.join(SEAL_PUBLIC).exists() {
        return Ok(());
    }
    save_public(&keys.join(SEAL_PUBLIC), SealSecret::load(&keys.join(SEAL))?.public())
}

/// The keys of a central that opens nothing: `from` is a folder with the public halves that the inner
/// machine made. Those that are there already are never replaced.
pub fn make_outer(folder: &Path, from: &Path) -> Result<()> {
    let keys = prepare(folder)?;
    for name in [SEAL_PUBLIC, RECOVERY_PUBLIC] {
        let public = load_public(&from.join(name))?;
        let own = keys.join(name);
        if !own.exists() {
            save_public(&own, public)?;
        } else if load_public(&own)? != public {
            return Err(Error::new("take over the key").path(from.join(name)).source(format!(
                "{} is another, and answers may be sealed for it",
                own.display()
            )));
        }
    }
    make_sign(&keys)
}

fn make_sign(keys: &Path) -> Result<()> {
    if !keys.join(SIGN).exists() {
        SigningKey::generate().save(&keys.join(SIGN))?;
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

/// The keys a central needs to run. Without the one that opens there are none in [`Keys::open`].
pub fn load(folder: &Path) -> Result<Keys> {
    let keys = folder.join(FOLDER);
    if !keys.exists() {
        return Err(Error::new("find the central's keys in")
            .path(&keys)
            .source("there is no such folder")
            .hint("make them with `borgerpanel central init`, or restore them from their copy"));
    }
    let open = match secret(folder) {
        None if keys.join(SEAL_PUBLIC).exists() => None,
        // Also where there is none: the error names it.
        _ => Some(SealSecret::load(&keys.join(SEAL))?),
    };
    let own = match &open {
        Some(secret) => secret.public(),
        None => load_public(&keys.join(SEAL_PUBLIC))?,
    };
    Ok(Keys {
        sign: SigningKey::load(&keys.join(SIGN))?,
        seal: vec![own, load_public(&keys.join(RECOVERY_PUBLIC))?],
        open: open.into_iter().collect(),
    })
}

/// The key that opens, where it lies here.
pub fn secret(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(FOLDER).join(SEAL);
    path.exists().then_some(path)
}

/// The recovery key, where it still lies beside the key it is to replace.
pub fn recovery_left_here(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(FOLDER).join(RECOVERY);
    path.exists().then_some(path)
}

fn save_public(path: &Path, key: SealPublic) -> Result<()> {
    let line = format!("borgerpanel seal-public {key}\n");
    replace_file(path, line.as_bytes(), Access::Shared)
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

    #[test]
    fn an_outer_central_seals_for_the_inner_ones_keys_and_opens_nothing() {
        let (inner, outer) = (folder(), folder());
        make(inner.path()).expect("made");
        make_outer(outer.path(), &inner.path().join(FOLDER)).expect("made");
        let (inner_keys, outer_keys) = (load(inner.path()), load(outer.path()));
        let (inner_keys, outer_keys) = (inner_keys.expect("loaded"), outer_keys.expect("loaded"));
        assert_eq!(outer_keys.seal, inner_keys.seal);
        assert!(outer_keys.open.is_empty());
        assert_ne!(outer_keys.sign.verifying(), inner_keys.sign.verifying());
        let other = folder();
        make(other.path()).expect("made");
        make_outer(outer.path(), &other.path().join(FOLDER)).expect_err("another key");
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }
}
