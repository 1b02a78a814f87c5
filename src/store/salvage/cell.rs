//! SQLite's file format, as far as rows can be read from a page that is all there is: varints, cells
//! and records. Safe on any bytes: what does not fit is left out.

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row of a table as it lies in a leaf: its rowid and the part of its record that is in the page.
pub(super) struct Cell<'a> {
    pub rowid: i64,
    pub local: &'a [u8],
    /// How long the whole record is, and the page it goes on in where that is more.
    pub length: usize,
    pub overflow: Option<u32>,
}

/// The longest record that can be one of ours: an envelope is at most 513 KiB.
const RECORD_BYTES_MAX: u64 = 2_000_000;

const TABLE_LEAF: u8 = 0x0d;
const INDEX_LEAF: u8 = 0x0a;
const INDEX_INNER: u8 = 0x02;

/// The rows in `page`, if it is a leaf of a table. `first` is the page that begins after the file's
/// header of 100 bytes.
pub(super) fn table_cells(page: &[u8], first: bool) -> Vec<Cell<'_>> {
    let start = if first { 100 } else { 0 };
    let read = |at: usize| table_cell(page, at);
    match page.get(start) {
        Some(&TABLE_LEAF) => pointers(page, start, 8).filter_map(read).collect(),
        _ => Vec::new(),
    }
}

/// The records in `page`, if it belongs to an index.
pub(super) fn index_records(page: &[u8]) -> Vec<Vec<Value>> {
    let (head, child) = match page.first() {
        Some(&INDEX_LEAF) => (8, 0),
        Some(&INDEX_INNER) => (12, 4),
        _ => return Vec::new(),
    };
    let read = |at: usize| {
        let (length, at) = varint(page, at + child)?;
        let length = usize::try_from(length).ok()?;
        record(page.get(at..at.checked_add(length)?)?)
    };
    pointers(page, 0, head).filter_map(read).collect()
}

/// Where the cells of the b-tree page that starts at `start` begin.
fn pointers(page: &[u8], start: usize, head: usize) -> impl Iterator<Item = usize> + '_ {
    let count = be16(page, start + 3).unwrap_or(0);
    (0..count).filter_map(move |number| be16(page, start + head + 2 * number))
}

fn table_cell(page: &[u8], at: usize) -> Option<Cell<'_>> {
    let (length, at) = varint(page, at)?;
    let (rowid, at) = varint(page, at)?;
    if length > RECORD_BYTES_MAX {
        return None;
    }
    let (length, usable) = (length as usize, page.len());
    let most = usable - 35;
    if length <= most {
        let local = page.get(at..at + length)?;
        return Some(Cell { rowid: rowid as i64, local, length, overflow: None });
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let some = least + (length - least) % (usable - 4);
    let kept = if some <= most { some } else { least };
    let local = page.get(at..at + kept)?;
    let next = be32(page, at + kept)?;
    Some(Cell { rowid: rowid as i64, local, length, overflow: Some(next) })
}

/// The values of a record, if all of it is here.
pub(super) fn record(bytes: &[u8]) -> Option<Vec<Value>> {
    let (head, mut at) = varint(bytes, 0)?;
    let head = usize::try_from(head).ok().filter(|head| *head <= bytes.len())?;
    let (mut values, mut body) = (Vec::new(), head);
    while at < head {
        let (kind, next) = varint(bytes, at)?;
        let length = length_of(kind)?;
        let content = bytes.get(body..body.checked_add(length)?)?;
        values.push(value(kind, content)?);
        (at, body) = (next, body + length);
    }
    (at == head).then_some(values)
}

fn length_of(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind as usize),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

fn value(kind: u64, content: &[u8]) -> Option<Value> {
    Some(match kind {
        0 => Value::Null,
        1..=6 => {
            let negative = content.first().is_some_and(|byte| byte & 0x80 != 0);
            let begin = if negative { -1 } else { 0 };
            Value::Integer(content.iter().fold(begin, |sum, byte| sum << 8 | i64::from(*byte)))
        }
        8 | 9 => Value::Integer(kind as i64 - 8),
        // We store no fractions.
        7 => return None,
        _ if kind.is_multiple_of(2) => Value::Blob(content.to_vec()),
        _ => Value::Text(String::from_utf8(content.to_vec()).ok()?),
    })
}

/// A number of one to nine bytes, and where the next thing begins.
fn varint(bytes: &[u8], start: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for (count, at) in (start..).take(9).enumerate() {
        let byte = *bytes.get(at)?;
        if count == 8 {
            return Some((number << 8 | u64::from(byte), at + 1));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes([two[0], two[1]])))
}

/// Four bytes as a number, the highest first.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_values_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x81], 0), None);
        let bytes = [5, 0, 1, 9, 15, 0xff, b'a'];
        let values = [Value::Null, Value::Integer(-1), Value::Integer(1), Value::Text("a".into())];
        assert_eq!(record(&bytes), Some(values.to_vec()));
        assert_eq!(record(&bytes[..6]), None);
    }

    #[test]
    fn random_bytes_are_no_rows_and_no_panic() {
        fastrand::seed(7);
        for _ in 0..2000 {
            let mut page: Vec<u8> = (0..512).map(|_| fastrand::u8(..)).collect();
            page[0] = [TABLE_LEAF, INDEX_LEAF, INDEX_INNER][fastrand::usize(..3)];
            for cell in table_cells(&page, false) {
                record(cell.local);
            }
            index_records(&page);
        }
    }
}
