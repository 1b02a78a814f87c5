//! Weights and estimates: against R's figures, against what the solution must look like, as a command.

mod commands;
mod conditions;
mod reference;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weighting").join(name)
}

fn fixture(name: &str) -> String {
    fs::read_to_string(path(name)).expect("a fixture")
}

/// A CSV file by columns.
struct Table {
    columns: Vec<(String, Vec<String>)>,
}

impl Table {
    fn read(name: &str) -> Table {
        Table::of(&fixture(name))
    }

    fn of(text: &str) -> Table {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head = reader.headers().expect("a head").clone();
        let mut columns: Vec<_> = head.iter().map(|name| (name.to_owned(), Vec::new())).collect();
        for row in reader.records() {
            let row = row.expect("a row");
            columns.iter_mut().zip(&row).for_each(|((_, rows), field)| rows.push(field.to_owned()));
        }
        Table { columns }
    }

    fn len(&self) -> usize {
        self.columns[0].1.len()
    }

    fn column(&self, name: &str) -> &[String] {
        let found = self.columns.iter().find(|(it, _)| it == name);
        &found.unwrap_or_else(|| panic!("no column {name}")).1
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name).iter().map(|it| it.parse().expect("a number")).collect()
    }

    fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        for (_, rows) in &mut self.columns {
            let kept = std::mem::take(rows).into_iter().enumerate().filter(|(at, _)| is_kept(*at));
            *rows = kept.map(|(_, field)| field).collect();
        }
    }

    fn rows(&self) -> impl Iterator<Item = HashMap<String, String>> + '_ {
        (0..self.len()).map(|at| {
            self.columns.iter().map(|(name, rows)| (name.clone(), rows[at].clone())).collect()
        })
    }
}
