//! The one file: `"BPRL" | format, 1 byte | length of the manifest, u32 | {"text", "signature"} | parts`.
//! Integers are little endian; each part is deflated by itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::Flaw;
use super::manifest::{FORMAT, Id, Listed, Manifest, Part, Trust, is_path};
use crate::crypto::{Digest, SigningKey};
use crate::durable::sync_folder;
use crate::store::record::CentralId;
use crate::sync::message::Signed;

const MAGIC: &[u8; 4] = b"BPRL";
/// Before the manifest.
const START: usize = 4 + 1 + 4;
/// Of the manifest: some 300 bytes for each of as many files as there may be.
const MANIFEST_BYTES_MAX: u32 = 8 * 1024 * 1024;
/// The manifest and what is before it have no more bytes.
pub const HEAD_BYTES_MAX: u64 = START as u64 + MANIFEST_BYTES_MAX as u64;
/// 9 would take twice the time for one part in a hundred.
const LEVEL: u8 = 8;

/// Who makes a release, and which one it is.
pub struct Maker<'a> {
    pub central: CentralId,
    pub key: &'a SigningKey,
    pub number: u64,
    pub made: String,
}

/// A release of `files`, by path, as one file's bytes.
pub fn write(
    files: &BTreeMap<String, Vec<u8>>,
    maker: &Maker,
) -> Result<(Manifest, Vec<u8>), Flaw> {
    let listed = |(path, bytes): (&String, &Vec<u8>)| Listed {
        path: path.clone(),
        sha256: Digest::of(bytes),
        length: bytes.len() as u64,
    };
    let mut manifest = Manifest {
        format: FORMAT,
        central_id: maker.central,
        id: Id([0; 8]),
        number: maker.number,
        made: maker.made.clone(),
        files: files.iter().map(listed).collect(),
        parts: Vec::new(),
    };
    manifest.id = Id::of(&manifest.files);
    let mut body = Vec::new();
    for (file, bytes) in manifest.files.iter().zip(files.values()) {
        if manifest.parts.iter().any(|part| part.sha256 == file.sha256) {
            continue;
        }
        let packed = compress_to_vec(bytes, LEVEL);
        manifest.parts.push(Part {
            sha256: file.sha256,
            length: file.length,
            packed_sha256: Digest::of(&packed),
            packed: packed.len() as u64,
        });
        body.extend(packed);
    }
    manifest.check()?;
    let signed = serde_json::to_vec(&manifest.sign(maker.key)).expect("a text and a signature");
    let length = u32::try_from(signed.len()).ok().filter(|length| *length <= MANIFEST_BYTES_MAX);
    let length = length.ok_or_else(|| Flaw::TooLarge(format!("{} files", files.len())))?;
    let head = [MAGIC.as_slice(), &[FORMAT as u8], &length.to_le_bytes(), &signed].concat();
    Ok((manifest, [head, body].concat()))
}

/// How many bytes of a release its manifest's end is at; none where `bytes` are too few to say.
fn manifest_end(bytes: &[u8]) -> Result<Option<usize>, Flaw> {
    let Some(start) = bytes.get(..START) else { return Ok(None) };
    if !start.starts_with(MAGIC) {
        return Err(Flaw::NoRelease);
    }
    if u64::from(start[4]) != FORMAT {
        return Err(Flaw::Newer(start[4].into()));
    }
    let length = u32::from_le_bytes([start[5], start[6], start[7], start[8]]);
    if length > MANIFEST_BYTES_MAX {
        return Err(Flaw::TooLarge(format!("a manifest of {length} bytes")));
    }
    Ok(Some(START + length as usize))
}

/// The manifest at the beginning of a release of which `bytes` are there, and how long the whole is;
/// none where they are too few.
pub fn begun(bytes: &[u8], trust: Trust) -> Result<Option<(Manifest, u64)>, Flaw> {
    let Some(end) = manifest_end(bytes)? else { return Ok(None) };
    let Some(signed) = bytes.get(START..end) else { return Ok(None) };
    let signed: Signed = serde_json::from_slice(signed)
        .map_err(|_| Flaw::Damaged("its manifest cannot be read".to_owned()))?;
    let manifest = Manifest::read(&signed, trust)?;
    let whole = end as u64 + manifest.body_bytes();
    Ok(Some((manifest, whole)))
}

/// A release whose manifest was verified.
pub struct Release<R> {
    pub manifest: Manifest,
    body: R,
}

/// Opens the release at `path`.
pub fn open(path: &Path, trust: Trust) -> Result<Release<BufReader<File>>, Flaw> {
    let file = File::open(path).map_err(Flaw::Unread)?;
    read(BufReader::new(file), trust)
}

/// Reads and verifies a manifest; what follows it stays to be unpacked.
pub fn read<R: Read>(mut source: R, trust: Trust) -> Result<Release<R>, Flaw> {
    let mut bytes = vec![0; START];
    take(&mut source, &mut bytes)?;
    let end = manifest_end(&bytes)?.ok_or(Flaw::CutOff)?;
    bytes.resize(end, 0);
    take(&mut source, &mut bytes[START..])?;
    let (manifest, _) = begun(&bytes, trust)?.ok_or(Flaw::CutOff)?;
    Ok(Release { manifest, body: source })
}

impl<R: Read> Release<R> {
    /// Unpacks into `folder`, which must be new; when this returns all of it is on the disk. What was
    /// written before a flaw was found lies there still.
    pub fn unpack(mut self, folder: &Path) -> Result<Manifest, Flaw> {
        let mut folders = vec![folder.to_owned()];
        make_folder(folder)?;
        for part in &self.manifest.parts {
            let bytes = part_of(&mut self.body, part)?;
            for file in self.manifest.files.iter().filter(|file| file.sha256 == part.sha256) {
                put(folder, &file.path, &bytes, &mut folders)?;
            }
        }
        if self.body.read(&mut [0]).map_err(Flaw::Unread)? != 0 {
            return Err(Flaw::Damaged("something follows its end".to_owned()));
        }
        folders.sort();
        folders.dedup();
        for folder in folders.iter().rev() {
            sync_folder(folder).map_err(|error| disk(folder, error))?;
        }
        Ok(self.manifest)
    }
}

/// The next part, verified before it is inflated and after.
fn part_of(body: &mut impl Read, part: &Part) -> Result<Vec<u8>, Flaw> {
    let damaged = || Flaw::Damaged(format!("the part {}", part.sha256));
    // Both lengths were held against the limits when the manifest was read.
    let length = |bytes: u64| usize::try_from(bytes).map_err(|_| damaged());
    let mut packed = vec![0; length(part.packed)?];
    take(body, &mut packed)?;
    if Digest::of(&packed) != part.packed_sha256 {
        return Err(damaged());
    }
    let bytes =
        decompress_to_vec_with_limit(&packed, length(part.length)?).map_err(|_| damaged())?;
    match bytes.len() as u64 == part.length && Digest::of(&bytes) == part.sha256 {
        true => Ok(bytes),
        false => Err(damaged()),
    }
}

fn put(folder: &Path, path: &str, bytes: &[u8], made: &mut Vec<PathBuf>) -> Result<(), Flaw> {
    if !is_path(path) {
        return Err(Flaw::Path(path.to_owned()));
    }
    let path = folder.join(path);
    let mut parent = path.parent();
    while let Some(inner) = parent.filter(|inner| *inner != folder) {
        made.push(inner.to_owned());
        parent = inner.parent();
    }
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    // New in any case: two paths that a disk takes for one are told.
    let written = File::create_new(&path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| disk(&path, error))
}

fn make_folder(folder: &Path) -> Result<(), Flaw> {
    crate::durable::create_folder(folder).map_err(|error| disk(folder, error))
}

fn take(source: &mut impl Read, bytes: &mut [u8]) -> Result<(), Flaw> {
    source.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Flaw::CutOff,
        _ => Flaw::Unread(error),
    })
}

pub(super) fn disk(path: &Path, error: std::io::Error) -> Flaw {
    Flaw::Disk { path: path.to_owned(), error }
}
