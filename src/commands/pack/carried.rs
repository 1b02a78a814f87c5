//! What a packed program carries behind itself:
//!
//! `the program | START | n × (length of name, u16 | name | length, u64 | bytes) | length of all from START
//! on, u64 | SHA-256 of it | END`, integers little endian.
//!
//! [`unpack`] puts it into a kiosk's folder: the settings and the enrolment where there are none yet, the
//! release once for each pack. A release that came this way is not asked for a central's signature: whoever
//! could change it could change the program around it as well.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::commands::kiosk::settings;
use crate::console::{complain, say};
use crate::crypto::Digest;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::sync::enrol;
use crate::sync::release::manifest::Trust;
use crate::sync::release::shelf::Shelf;

/// The release's name among the items.
pub const RELEASE: &str = "release";
/// In the kiosk's folder: the digest of the pack whose release was unpacked last.
const NOTE: &str = "packed";
/// Length, digest, [`end`].
const FOOTER: usize = 8 + 32 + 16;

/// Where the cargo begins and ends. Turned over in the program's own text, so that they stand in a file
/// only where a pack was made.
const fn mark(text: [u8; 16]) -> [u8; 16] {
    let mut turned = text;
    let mut at = 0;
    while at < turned.len() {
        turned[at] = !turned[at];
        at += 1;
    }
    turned
}

const TURNED_START: [u8; 16] = mark(*b"\nBP-PACK-START1\n");
const TURNED_END: [u8; 16] = mark(*b"\nBP-PACK-END-01\n");

fn start() -> [u8; 16] {
    std::hint::black_box(TURNED_START).map(|byte| !byte)
}

fn end() -> [u8; 16] {
    std::hint::black_box(TURNED_END).map(|byte| !byte)
}

/// A file that is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// All that is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cargo {
    pub items: Vec<Item>,
}

impl Cargo {
    /// `program` with this behind it.
    pub fn behind(&self, program: &[u8]) -> Vec<u8> {
        let mut cargo = start().to_vec();
        for Item { name, bytes } in &self.items {
            let length = u16::try_from(name.len()).expect("names are our own, and short");
            cargo.extend(length.to_le_bytes());
            cargo.extend(name.bytes());
            cargo.extend((bytes.len() as u64).to_le_bytes());
            cargo.extend(bytes);
        }
        let length = (cargo.len() as u64).to_le_bytes();
        let digest = Digest::of(&cargo).0;
        [program, &cargo, &length, &digest, &end()].concat()
    }

    fn read(cargo: &[u8]) -> Option<Cargo> {
        let mut rest = cargo.strip_prefix(&start())?;
        let mut items = Vec::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (name, after) = after.split_at_checked(u16::from_le_bytes(*length).into())?;
            let (length, after) = after.split_first_chunk::<8>()?;
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            let (bytes, after) = after.split_at_checked(length)?;
            let name = String::from_utf8(name.to_vec()).ok()?;
            items.push(Item { name, bytes: bytes.to_vec() });
            rest = after;
        }
        Some(Cargo { items })
    }

    fn item(&self, name: &str) -> Option<&[u8]> {
        self.items.iter().find(|item| item.name == name).map(|item| item.bytes.as_slice())
    }
}

/// Where the cargo of a file lies.
struct Footer {
    /// Where the program ends.
    begins: u64,
    length: u64,
    digest: Digest,
}

impl Footer {
    /// None where the file carries nothing.
    fn of(file: &mut File) -> std::io::Result<Option<Footer>> {
        let whole = file.metadata()?.len();
        let Some(at) = whole.checked_sub(FOOTER as u64) else { return Ok(None) };
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = [0; FOOTER];
        file.read_exact(&mut bytes)?;
        if bytes[40..] != end() {
            return Ok(None);
        }
        let (length, rest) = bytes.split_first_chunk::<8>().expect("longer than that");
        let (digest, _) = rest.split_first_chunk::<32>().expect("longer than that");
        let length = u64::from_le_bytes(*length);
        // A length that is no such thing makes an empty cargo, which is told as damaged.
        let begins = at.saturating_sub(length);
        Ok(Some(Footer { begins, length: at - begins, digest: Digest(*digest) }))
    }
}

/// This program without anything it carries.
pub fn own_program() -> Result<Vec<u8>> {
    let (mut file, path) = own_file()?;
    let footer = Footer::of(&mut file).during_at("read the program", &path)?;
    let length = footer.map_or(u64::MAX, |footer| footer.begins);
    let mut bytes = Vec::new();
    let read =
        file.seek(SeekFrom::Start(0)).and_then(|_| file.take(length).read_to_end(&mut bytes));
    read.during_at("read the program", &path)?;
    Ok(bytes)
}

/// What this program carries, with its digest; none where it carries nothing.
///
/// # Errors
/// Where it was damaged.
pub fn own_cargo() -> Result<Option<(Cargo, Digest)>> {
    let (mut file, path) = own_file()?;
    let footer = Footer::of(&mut file).during_at("read the program", &path)?;
    let Some(Footer { begins, length, digest }) = footer else { return Ok(None) };
    let mut bytes = Vec::new();
    let read =
        file.seek(SeekFrom::Start(begins)).and_then(|_| file.take(length).read_to_end(&mut bytes));
    read.during_at("read the program", &path)?;
    let cargo = Cargo::read(&bytes).filter(|_| Digest::of(&bytes) == digest);
    cargo.map(|cargo| Some((cargo, digest))).ok_or_else(|| damaged(&path))
}

/// Whether this program was a pack once, and has lost its end: a copy that was broken off.
///
/// # Errors
/// It was.
pub fn refuse_broken_off() -> Result<()> {
    let (mut file, path) = own_file()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).during_at("read the program", &path)?;
    let start = start();
    match bytes.windows(start.len()).any(|bytes| bytes == start) {
        true => Err(damaged(&path)),
        false => Ok(()),
    }
}

fn own_file() -> Result<(File, std::path::PathBuf)> {
    let path = std::env::current_exe().during("find the program's own file")?;
    let file = File::open(&path).during_at("read the program", &path)?;
    Ok((file, path))
}

fn damaged(path: &Path) -> Error {
    Error::new("unpack the kiosk in")
        .path(path)
        .source("the file is damaged or was not copied to its end")
        .hint("copy it again, and wait until the stick may be taken out; answers stored here stay")
}

/// Puts what this program carries into the kiosk's folder `data`; does nothing where it carries nothing.
pub fn unpack(data: &Path) -> Result<()> {
    let Some((cargo, digest)) = own_cargo()? else { return Ok(()) };
    crate::durable::create_folder(data).during_at("make the folder", data)?;
    // The key before the enrolment that speaks of it.
    for (name, access) in [
        (settings::FILE, Access::Shared),
        (enrol::KEY_FILE, Access::Private),
        (enrol::FILE, Access::Shared),
    ] {
        let path = data.join(name);
        if let Some(bytes) = cargo.item(name).filter(|_| !path.exists()) {
            replace_file(&path, bytes, access)?;
        }
    }
    let note = data.join(NOTE);
    let noted = std::fs::read_to_string(&note).unwrap_or_default();
    let Some(release) = cargo.item(RELEASE).filter(|_| noted.trim() != digest.to_string()) else {
        return Ok(());
    };
    let path = data.join("packed.release");
    replace_file(&path, release, Access::Shared)?;
    let installed = Shelf::of(data).install(&path, Trust::Carried);
    // It has been unpacked, or is inside the program still.
    let _ = std::fs::remove_file(&path);
    match installed {
        Ok((entry, _)) => {
            replace_file(&note, format!("{digest}\n").as_bytes(), Access::Shared)?;
            say!("unpacked the release {} into {}", entry.id, data.display())
        }
        Err(flaw) => {
            let error = flaw.during("use the release in this program");
            match Shelf::of(data).current() {
                // What is shown here goes on.
                Ok(Some(_)) => complain!("borgerpanel: {error}"),
                _ => return Err(error),
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo() -> Cargo {
        let item = |name: &str, bytes: &[u8]| Item { name: name.to_owned(), bytes: bytes.to_vec() };
        Cargo { items: vec![item(RELEASE, b"\0\x01\x02"), item("kiosk.toml", b"")] }
    }

    #[test]
    fn cargo_comes_back_and_the_program_before_it_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("packed");
        let bytes = cargo().behind(b"program");
        std::fs::write(&path, &bytes).expect("written");
        let footer = Footer::of(&mut File::open(&path).expect("there")).expect("read");
        let footer = footer.expect("it carries something");
        assert_eq!(footer.begins, 7);
        let inside = &bytes[7..7 + footer.length as usize];
        assert_eq!(Digest::of(inside), footer.digest);
        assert_eq!(Cargo::read(inside), Some(cargo()));
        for length in 0..inside.len() {
            let cut = Cargo::read(&inside[..length]);
            assert!(cut.is_none_or(|cut| cut.items.len() < 2), "{length}");
        }
    }

    #[test]
    fn the_program_itself_holds_no_mark() {
        assert!(refuse_broken_off().is_ok());
        assert_eq!(own_cargo().expect("read"), None);
    }
}
