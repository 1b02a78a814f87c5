//! The cases as SPSS' system file (`.sav`), with labels, missing values and sets of choices.
//!
//! Laid out as the PSPP developers' guide describes it ("System File Format"): a head, a record a column,
//! the labels, extensions, then the cases, uncompressed. Texts are UTF-8 and little-endian numbers
//! doubles throughout.

use std::collections::HashSet;

use jiff::civil::Date;

use super::codebook::all_codes;
use super::table::shown;
use super::variable::{Content, Variable};
use super::{Cell, Microdata, Missing};

/// The longest text in a column, in bytes: longer ones would need columns of several parts.
const WORDS_MAX: usize = 255;
/// The longest label of a column, and of a value.
const LABEL_MAX: usize = 252;
const VALUE_LABEL_MAX: usize = 120;

/// The formats of numbers and texts.
const FORMAT_F: u32 = 5;
const FORMAT_A: u32 = 1;

/// A column as this file has it.
struct Column<'a> {
    variable: &'a Variable,
    /// At most eight letters and digits, of its own.
    short: String,
    /// 0 of a number, else the bytes of a text.
    width: usize,
    /// Its place among elements of eight bytes, from 1.
    element: usize,
}

impl Column<'_> {
    fn elements(&self) -> usize {
        self.width.div_ceil(8).max(1)
    }
}

/// The whole file. `day` is when it was made.
pub fn file(data: &Microdata, day: Date) -> Vec<u8> {
    let columns = columns(data);
    let mut out = head(data, &columns, day);
    for column in &columns {
        describe(&mut out, column);
    }
    for column in columns.iter().filter(|column| column.width == 0) {
        label_values(&mut out, column);
    }
    extend(&mut out, data, &columns);
    int(&mut out, 999);
    int(&mut out, 0);
    for case in &data.cases {
        for (column, cell) in columns.iter().zip(case) {
            write_cell(&mut out, column, cell);
        }
    }
    out
}

fn columns(data: &Microdata) -> Vec<Column<'_>> {
    let mut taken = HashSet::new();
    let mut element = 1;
    let mut columns = Vec::new();
    for (place, variable) in data.variables.iter().enumerate() {
        let short = short(&variable.name, &mut taken);
        let width = match variable.content {
            Content::Words => longest(data, place),
            Content::Codes { .. } | Content::Number => 0,
        };
        let column = Column { variable, short, width, element };
        element += column.elements();
        columns.push(column);
    }
    columns
}

/// The bytes of the longest text in a column, at least one.
fn longest(data: &Microdata, place: usize) -> usize {
    let variable = &data.variables[place];
    let bytes = data.cases.iter().map(|case| shown(variable, &case[place]).len());
    bytes.max().unwrap_or_default().clamp(1, WORDS_MAX)
}

/// Eight capitals or digits that no other column has.
fn short(name: &str, taken: &mut HashSet<String>) -> String {
    let upper: String = name.to_ascii_uppercase();
    let mut short: String = upper.chars().take(8).collect();
    let mut number = 1;
    while !taken.insert(short.clone()) {
        let tail = format!("_{number}");
        short = upper.chars().take(8 - tail.len()).collect::<String>() + &tail;
        number += 1;
    }
    short
}

fn head(data: &Microdata, columns: &[Column], day: Date) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(b"$FL2");
    padded(&mut out, "@(#) SPSS DATA FILE borgerpanel", 60);
    int(&mut out, 2);
    int(&mut out, columns.iter().map(Column::elements).sum::<usize>() as i32);
    int(&mut out, 0); // not compressed
    int(&mut out, 0); // no column is a weight
    int(&mut out, i32::try_from(data.cases.len()).unwrap_or(-1));
    double(&mut out, 100.0); // the bias of compressed files; readers expect it in others, too
    padded(&mut out, &day.strftime("%d %b %y").to_string(), 9);
    padded(&mut out, "00:00:00", 8);
    padded(&mut out, cut(&data.title, 64), 64);
    out.extend([0; 3]);
    out
}

/// The record of a column, and for a longer text those that only hold its place.
fn describe(out: &mut Vec<u8>, column: &Column) {
    let label = cut(&column.variable.label, LABEL_MAX);
    // Codes for what is missing are numbers; a text's would have to be told apart by its words.
    let codes = Missing::codes(column.variable.least);
    let missing = if column.width == 0 { &codes[..] } else { &[] };
    int(out, 2);
    int(out, column.width as i32);
    int(out, 1); // has a label
    int(out, missing.len() as i32);
    let format = format(column);
    out.extend(format.to_le_bytes());
    out.extend(format.to_le_bytes());
    padded(out, &column.short, 8);
    int(out, label.len() as i32);
    padded(out, label, label.len().next_multiple_of(4));
    missing.iter().for_each(|(code, _)| double(out, *code as f64));
    for _ in 1..column.elements() {
        int(out, 2);
        int(out, -1);
        [0; 4].into_iter().for_each(|nothing| int(out, nothing));
        padded(out, "", 8);
    }
}

/// Kind, width and decimals in one number.
fn format(column: &Column) -> u32 {
    match (&column.variable.content, column.width) {
        (Content::Number, _) => FORMAT_F << 16 | 10 << 8 | 2,
        (_, 0) => FORMAT_F << 16 | 8 << 8,
        (_, width) => FORMAT_A << 16 | (width as u32) << 8,
    }
}

fn label_values(out: &mut Vec<u8>, column: &Column) {
    let codes = all_codes(column.variable);
    if codes.is_empty() {
        return;
    }
    int(out, 3);
    int(out, codes.len() as i32);
    for (code, label) in codes {
        let label = cut(label, VALUE_LABEL_MAX);
        double(out, code as f64);
        out.push(label.len() as u8);
        padded(out, label, (label.len() + 1).next_multiple_of(8) - 1);
    }
    int(out, 4);
    int(out, 1);
    int(out, column.element as i32);
}

/// What later versions of the format added.
fn extend(out: &mut Vec<u8>, data: &Microdata, columns: &[Column]) {
    extension(out, 3, 4, &integers(&[1, 0, 0, -1, 1, 1, 2, 65001]));
    let mut floats = Vec::new();
    double(&mut floats, f64::MIN);
    double(&mut floats, f64::MAX);
    double(&mut floats, f64::MIN.next_up());
    extension(out, 4, 8, &floats);
    let sets: String = data.sets.iter().map(|set| written_set(set, columns)).collect();
    if !sets.is_empty() {
        extension(out, 7, 1, sets.as_bytes());
    }
    let shown: Vec<i32> = columns.iter().flat_map(display).collect();
    extension(out, 11, 4, &integers(&shown));
    let names: Vec<String> =
        columns.iter().map(|column| format!("{}={}", column.short, column.variable.name)).collect();
    extension(out, 13, 1, names.join("\t").as_bytes());
    let cases = [1u64, data.cases.len() as u64].map(u64::to_le_bytes).concat();
    extension(out, 16, 8, &cases);
    extension(out, 20, 1, b"UTF-8");
}

/// Measure (nominal, ordinal, scale), width and alignment in a table.
fn display(column: &Column) -> [i32; 3] {
    match column.variable.content {
        Content::Number => [3, 10, 1],
        Content::Codes { is_ordered: true, .. } => [2, 8, 1],
        Content::Codes { .. } => [1, 8, 1],
        Content::Words => [1, column.width.min(40) as i32, 0],
    }
}

/// A set of columns in which 1 means ticked.
fn written_set(set: &super::Set, columns: &[Column]) -> String {
    let members: Vec<String> =
        set.members.iter().map(|place| columns[*place].short.to_lowercase()).collect();
    let label = cut(&set.label, LABEL_MAX);
    format!("${}=D1 1 {} {label} {}\n", set.name, label.len(), members.join(" "))
}

fn extension(out: &mut Vec<u8>, kind: i32, size: usize, bytes: &[u8]) {
    int(out, 7);
    int(out, kind);
    int(out, size as i32);
    int(out, (bytes.len() / size) as i32);
    out.extend(bytes);
}

fn write_cell(out: &mut Vec<u8>, column: &Column, cell: &Cell) {
    match cell {
        _ if column.width > 0 => {
            let words = shown(column.variable, cell);
            padded(out, cut(&words, WORDS_MAX), column.elements() * 8);
        }
        Cell::Code(code) => double(out, *code as f64),
        Cell::Missing(missing) => double(out, column.variable.missing(*missing) as f64),
        Cell::Number(number) => double(out, *number),
        // A column of numbers holds none: SPSS' own "missing".
        Cell::Words(_) => double(out, f64::MIN),
    }
}

/// As much of a text as fits into so many bytes, whole letters only.
fn cut(text: &str, bytes_max: usize) -> &str {
    match text.len() <= bytes_max {
        true => text,
        false => {
            let whole = (0..=bytes_max).rev().find(|at| text.is_char_boundary(*at));
            &text[..whole.unwrap_or_default()]
        }
    }
}

fn padded(out: &mut Vec<u8>, text: &str, bytes: usize) {
    let text = cut(text, bytes);
    out.extend(text.as_bytes());
    out.extend(std::iter::repeat_n(b' ', bytes - text.len()));
}

fn int(out: &mut Vec<u8>, number: i32) {
    out.extend(number.to_le_bytes());
}

fn double(out: &mut Vec<u8>, number: f64) {
    out.extend(number.to_le_bytes());
}

fn integers(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
