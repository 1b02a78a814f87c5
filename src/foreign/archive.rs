//! Looks at a ZIP before it is opened: how much it unpacks to, counted by unpacking it with a limit,
//! since what its own table of contents says is only a claim.

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use super::{Unreadable, survey_sheet_hint};

/// The largest file that is read.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The most that all files in the archive may unpack to.
const UNPACKED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// The most files in it.
const ENTRIES_MAX: usize = 2_000;

const END: [u8; 4] = *b"PK\x05\x06";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// Refuses what is no archive, or unpacks to more than a form can need.
pub fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let entries = entries(bytes).ok_or_else(no_archive)?;
    if entries.len() > ENTRIES_MAX {
        return Err(too_large());
    }
    let mut left = UNPACKED_BYTES_MAX;
    for entry in entries {
        let size = unpacked_size(bytes, &entry, left).ok_or_else(too_large)?;
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Ok(())
}

fn no_archive() -> Unreadable {
    Unreadable::new("it is no .xlsx workbook", survey_sheet_hint())
}

fn too_large() -> Unreadable {
    Unreadable::new(
        "it is larger than a form can be",
        "take pictures and sheets with data out of it, and save it again",
    )
}

struct Entry {
    deflated: bool,
    packed: usize,
    local: usize,
}

/// The table of contents, from the end of the file. None where there is none.
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    // The comment behind the end record is 65,535 bytes at most.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let end = bytes[from..].windows(4).rposition(|four| four == END)? + from;
    let count = usize::from(u16_at(bytes, end + 10)?);
    let mut at = usize::try_from(u32_at(bytes, end + 16)?).ok()?;
    let mut found = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at + 4)? != CENTRAL {
            return None;
        }
        found.push(Entry {
            deflated: u16_at(bytes, at + 10)? == 8,
            packed: usize::try_from(u32_at(bytes, at + 20)?).ok()?,
            local: usize::try_from(u32_at(bytes, at + 42)?).ok()?,
        });
        let tail = |offset: usize| u16_at(bytes, at + offset).map(usize::from);
        at += 46 + tail(28)? + tail(30)? + tail(32)?;
    }
    Some(found)
}

/// How much an entry unpacks to; none where that is more than `limit`. What cannot be unpacked is
/// left for the reader to refuse, with its own words.
fn unpacked_size(bytes: &[u8], entry: &Entry, limit: usize) -> Option<usize> {
    let data = || {
        let head = bytes.get(entry.local..entry.local.checked_add(30)?)?;
        if head[..4] != LOCAL {
            return None;
        }
        let tail = usize::from(u16_at(head, 26)?) + usize::from(u16_at(head, 28)?);
        let start = entry.local + 30 + tail;
        bytes.get(start..start.checked_add(entry.packed)?.min(bytes.len()))
    };
    let Some(data) = data() else { return Some(0) };
    if !entry.deflated {
        return Some(data.len());
    }
    match decompress_to_vec_with_limit(data, limit) {
        Ok(unpacked) => Some(unpacked.len()),
        Err(wrong) if wrong.status == TINFLStatus::HasMoreOutput => None,
        Err(wrong) => Some(wrong.output.len()),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16_at(bytes, at)?) | u32::from(u16_at(bytes, at.checked_add(2)?)?) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of one deflated file that claims to be empty.
    fn archive(packed: &[u8]) -> Vec<u8> {
        let size = u32::try_from(packed.len()).expect("a small file").to_le_bytes();
        let mut bytes = LOCAL.to_vec();
        bytes.extend([20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(size);
        bytes.extend([0, 0, 0, 0, 1, 0, 0, 0, b'x']);
        bytes.extend(packed);
        let start = u32::try_from(bytes.len()).expect("a small file").to_le_bytes();
        bytes.extend(CENTRAL);
        bytes.extend([20, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(size);
        bytes.extend([0; 4]);
        bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'x']);
        bytes.extend(END);
        bytes.extend([0, 0, 0, 0, 1, 0, 1, 0, 47, 0, 0, 0]);
        bytes.extend(start);
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn counts_what_an_archive_unpacks_to_and_not_what_it_says() {
        let zeros = vec![0; 2 * 1024 * 1024];
        let bytes = archive(&miniz_oxide::deflate::compress_to_vec(&zeros, 6));
        let entries = entries(&bytes).expect("a table of contents");
        assert_eq!(unpacked_size(&bytes, &entries[0], 4 * 1024 * 1024), Some(zeros.len()));
        assert_eq!(unpacked_size(&bytes, &entries[0], 1024 * 1024), None);
        assert_eq!(check(&bytes), Ok(()));
    }

    #[test]
    fn refuses_a_small_file_that_is_large() {
        let zeros = vec![0; UNPACKED_BYTES_MAX + 1];
        let bytes = archive(&miniz_oxide::deflate::compress_to_vec(&zeros, 1));
        assert!(bytes.len() < FILE_BYTES_MAX);
        assert!(check(&bytes).is_err());
    }
}
