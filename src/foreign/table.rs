//! Rows of text with their places, and which of them were read: the accounting that lets nothing be
//! dropped silently. Whatever no reader asked for is reported at the end ([`Table::unread`]).

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use super::report::Place;

/// A cell that is not empty.
#[derive(Debug)]
struct Entry {
    text: String,
    read: Cell<bool>,
}

/// A row: what stands in which column (from 1).
#[derive(Debug, Default)]
pub struct Row {
    /// From 1.
    pub number: u32,
    cells: BTreeMap<u32, Entry>,
}

impl Row {
    pub fn new(number: u32) -> Row {
        Row { number, cells: BTreeMap::new() }
    }

    /// Puts a text into a column; spaces around it do not count, and nothing is no cell.
    pub fn put(&mut self, column: u32, text: &str) {
        let text = text.trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}');
        if !text.is_empty() {
            let read = Cell::new(false);
            self.cells.insert(column, Entry { text: text.to_owned(), read });
        }
    }

    /// The text in a column, which is then accounted for; empty where there is none.
    pub fn read(&self, column: u32) -> &str {
        self.cells.get(&column).map_or("", |entry| {
            entry.read.set(true);
            entry.text.as_str()
        })
    }

    /// The text in a column, which somebody else has to account for.
    pub fn peek(&self, column: u32) -> &str {
        self.cells.get(&column).map_or("", |entry| entry.text.as_str())
    }

    /// Every cell of the row: column and text, none accounted for.
    pub fn cells(&self) -> impl Iterator<Item = (u32, &str)> {
        self.cells.iter().map(|(column, entry)| (*column, entry.text.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// A table whose first row names its columns.
#[derive(Debug, Default)]
pub struct Table {
    /// The sheet's name; none for a file that is one table.
    pub sheet: Option<String>,
    /// The first row that is not empty.
    pub head: Row,
    pub rows: Vec<Row>,
    /// Its columns are fields with names, and have no numbers in the file.
    pub is_fields: bool,
}

impl Table {
    /// A table of these rows; empty ones have no meaning.
    pub fn new(sheet: Option<&str>, rows: Vec<Row>) -> Table {
        let mut rows = rows.into_iter().filter(|row| !row.is_empty());
        let head = rows.next().unwrap_or_default();
        let sheet = sheet.map(str::to_owned);
        Table { sheet, head, rows: rows.collect(), is_fields: false }
    }

    /// Where a cell is.
    pub fn place(&self, row: &Row, column: u32) -> Place {
        let header = self.head.peek(column).to_owned();
        let column = if self.is_fields { 0 } else { column };
        Place { sheet: self.sheet.clone(), row: row.number, column, header }
    }

    /// How many cells are not empty, the head's included.
    pub fn count(&self) -> usize {
        self.head.cells.len() + self.rows.iter().map(|row| row.cells.len()).sum::<usize>()
    }

    /// The cells that nobody read, with their texts. A column's name is read with the first of its
    /// cells.
    pub fn unread(&self) -> Vec<(Place, String)> {
        let mut named: HashSet<u32> = HashSet::new();
        let mut found = Vec::new();
        for row in &self.rows {
            for (column, entry) in &row.cells {
                named.insert(*column);
                if !entry.read.get() {
                    found.push((self.place(row, *column), entry.text.clone()));
                }
            }
        }
        let lone = self
            .head
            .cells
            .iter()
            .filter(|(column, entry)| !entry.read.get() && !named.contains(*column));
        found.extend(
            lone.map(|(column, entry)| (self.place(&self.head, *column), entry.text.clone())),
        );
        found
    }
}
