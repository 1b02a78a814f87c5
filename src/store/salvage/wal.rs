//! A write-ahead log, read without SQLite: which frames count, and whether something was behind them.
//!
//! SQLite believes a log up to the first frame whose checksum does not hold, and forgets the rest
//! without a word. After a power cut that is right: what was being written was promised to nobody. A
//! damaged frame in the middle takes everything after it along, and that was promised.

use std::path::{Path, PathBuf};

use super::cell::be32;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// What our databases have, and all that can be assumed where a header is gone.
pub(super) const PAGE_BYTES: usize = 4096;

/// A page as the log has it.
pub(super) struct Frame<'a> {
    pub page: u32,
    pub content: &'a [u8],
    /// The last of a transaction.
    pub commits: bool,
    /// Of the log's present round, not a leftover of an earlier one.
    pub is_present: bool,
    /// It follows from what the frame before says of itself, whether that one is whole or not.
    pub is_whole: bool,
}

/// A log's frames, all that lie in it.
pub(super) struct Log<'a> {
    pub frames: Vec<Frame<'a>>,
    /// So many of them SQLite would take.
    pub valid: usize,
    has_header: bool,
}

/// What SQLite would pass over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    Nothing,
    /// The end of the one transaction that was being written, or was the last to be.
    Torn,
    /// Transactions that were on the disk, each before the next began.
    Damaged,
}

/// The log beside a database.
pub fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

impl<'a> Log<'a> {
    /// Finds the frames in `bytes`.
    pub fn read(bytes: &'a [u8]) -> Log<'a> {
        let size = FRAME_HEADER + PAGE_BYTES;
        let seed = header_checksum(bytes);
        let salts = bytes.get(16..24);
        let (mut sum, mut holds) = (seed.unwrap_or_default(), seed.is_some());
        let (mut frames, mut valid) = (Vec::new(), 0);
        for chunk in bytes.get(HEADER..).unwrap_or_default().chunks_exact(size) {
            let (head, content) = chunk.split_at(FRAME_HEADER);
            let is_present = Some(&head[8..16]) == salts;
            let commits = be32(head, 4) != Some(0);
            sum = checksum(checksum(sum, &head[..8], is_big(bytes)), content, is_big(bytes));
            let said = (be32(head, 16).unwrap_or(0), be32(head, 20).unwrap_or(0));
            let is_whole = is_present && said == sum;
            holds = holds && is_whole;
            sum = said;
            let page = be32(head, 0).unwrap_or(0);
            frames.push(Frame { page, content, commits, is_present, is_whole });
            if holds && commits {
                valid = frames.len();
            }
        }
        Log { frames, valid, has_header: seed.is_some() }
    }

    /// What is in it beyond what SQLite would take.
    pub fn tail(&self) -> Tail {
        let behind = &self.frames[self.valid..];
        if !self.has_header {
            return if behind.is_empty() { Tail::Nothing } else { Tail::Damaged };
        }
        let present = || behind.iter().filter(|frame| frame.is_present);
        match present().filter(|frame| frame.commits).count() {
            _ if present().next().is_none() => Tail::Nothing,
            0 | 1 => Tail::Torn,
            _ => Tail::Damaged,
        }
    }
}

/// The checksum the frames go on from, where the header is sound and of our page size.
fn header_checksum(bytes: &[u8]) -> Option<(u32, u32)> {
    let is_log = matches!(be32(bytes, 0), Some(0x377f_0682 | 0x377f_0683))
        && be32(bytes, 8) == Some(PAGE_BYTES as u32);
    let sum = checksum((0, 0), bytes.get(..24)?, is_big(bytes));
    let holds = be32(bytes, 24) == Some(sum.0) && be32(bytes, 28) == Some(sum.1);
    (is_log && holds).then_some(sum)
}

fn is_big(bytes: &[u8]) -> bool {
    bytes.get(3).is_some_and(|byte| byte & 1 == 1)
}

fn checksum((mut one, mut two): (u32, u32), bytes: &[u8], is_big: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().expect("four bytes");
        if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        one = one.wrapping_add(word(&pair[..4])).wrapping_add(two);
        two = two.wrapping_add(word(&pair[4..])).wrapping_add(one);
    }
    (one, two)
}
