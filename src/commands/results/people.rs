//! Respondents from a CSV of somebody's own, weighed to a targets file.

use std::fs;
use std::path::Path;

use crate::cli::ResultsSample;
use crate::console::complain;
use crate::error::{Context, Result};
use crate::response::targets::Targets;
use crate::results::frame::Column;
use crate::results::weights::{Weights, weigh};

/// A table by columns.
pub struct Table {
    pub names: Vec<String>,
    columns: Vec<Vec<String>>,
    rows: usize,
}

/// Who is in scope, and how much each of them counts.
pub struct Weighed {
    pub people: Table,
    pub targets: Targets,
    pub weights: Weights,
    pub out_of_scope: usize,
    /// Where the population's figures come from.
    pub source: String,
}

/// Reads both files and weighs. None where something in them is wrong, after saying what.
pub fn weighed(sample: &ResultsSample) -> Result<Option<Weighed>> {
    let at = &sample.targets;
    let text = fs::read_to_string(at).during_at("read the targets in", at)?;
    let targets = match Targets::read_any(&text) {
        Ok(targets) => targets,
        Err(faults) => {
            faults.iter().for_each(|fault| complain!("{}: {fault}", at.display()));
            return Ok(None);
        }
    };
    let Some(source) = source(sample, &targets) else { return Ok(None) };
    let Some(mut people) = Table::read(&sample.respondents)? else { return Ok(None) };
    let Some(out_of_scope) = leave_out(sample, &mut people) else { return Ok(None) };
    let weighed = columns(sample, &people, &targets).and_then(|columns| {
        let weights = weigh(&columns, people.rows, sample.cap);
        weights.map_err(|fault| complain!("{}: {fault}", sample.respondents.display())).ok()
    });
    Ok(weighed.map(|weights| Weighed { people, targets, weights, out_of_scope, source }))
}

/// Figures without a source are not weighed to.
fn source(sample: &ResultsSample, targets: &Targets) -> Option<String> {
    let given = sample.source.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let own = || {
        let about = targets.about.as_ref()?;
        Some(format!("{}, {} ({})", about.source, about.date, about.population))
    };
    let source = given.map(str::to_owned).or_else(own);
    if source.is_none() {
        complain!(
            "{}: it does not say where its figures come from: begin it with the lines `# source: …`, \
             `# date: 2026-01-01` and `# population: …`, or say it with --source TEXT",
            sample.targets.display()
        );
    }
    source
}

/// Takes out who is not of the population, and counts them.
fn leave_out(sample: &ResultsSample, people: &mut Table) -> Option<usize> {
    let before = people.rows;
    for (name, value) in &sample.out_of_scope {
        let column = find(sample, people, name, "--out-of-scope names it")?;
        let kept: Vec<bool> = column.iter().map(|it| it != value).collect();
        people.keep(&kept);
    }
    Some(before - people.rows)
}

fn columns<'a>(
    sample: &ResultsSample,
    people: &Table,
    targets: &'a Targets,
) -> Option<Vec<Column<'a>>> {
    let column = |margin: &'a crate::response::targets::Margin| {
        let given = find(sample, people, &margin.variable, "the targets file has such a variable")?;
        Some(Column::of(margin, given.iter().map(|it| Some(it.as_str()))))
    };
    targets.margins.iter().map(column).collect()
}

/// The column of this name; says which there are where there is none.
fn find<'a>(
    sample: &ResultsSample,
    people: &'a Table,
    name: &str,
    why: &str,
) -> Option<&'a [String]> {
    let found = people.column(name);
    if found.is_none() {
        let at = sample.respondents.display();
        complain!(
            "{at}: there is no column `{name}`, and {why}; there are {}",
            people.names.join(", ")
        );
    }
    found
}

impl Table {
    /// None where it is no table, after saying why.
    fn read(path: &Path) -> Result<Option<Table>> {
        let text = fs::read_to_string(path).during_at("read the respondents in", path)?;
        match Table::of(&text) {
            Ok(table) => Ok(Some(table)),
            Err(why) => {
                complain!("{}: {why}", path.display());
                Ok(None)
            }
        }
    }

    fn of(text: &str) -> std::result::Result<Table, String> {
        let text = text.trim_start_matches('\u{feff}');
        let separator = separator(text.lines().next().unwrap_or_default());
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.delimiter(separator).trim(csv::Trim::All);
        let mut reader = reader.from_reader(text.as_bytes());
        let names: Vec<String> =
            reader.headers().map_err(said)?.iter().map(str::to_owned).collect();
        if let Some(name) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
            return Err(format!("there are two columns `{}`", names[name]));
        }
        let mut table = Table { columns: vec![Vec::new(); names.len()], names, rows: 0 };
        for row in reader.records() {
            let row = row.map_err(said)?;
            let fields = table.columns.iter_mut().zip(&row);
            fields.for_each(|(column, field)| column.push(field.to_owned()));
            table.rows += 1;
        }
        Ok(table)
    }

    pub fn column(&self, name: &str) -> Option<&[String]> {
        let at = self.names.iter().position(|it| it == name)?;
        Some(&self.columns[at])
    }

    fn keep(&mut self, kept: &[bool]) {
        for column in &mut self.columns {
            let mut kept = kept.iter();
            column.retain(|_| kept.next().is_some_and(|it| *it));
        }
        self.rows = kept.iter().filter(|it| **it).count();
    }
}

/// The sign that stands between the names of columns most often, but for names in quotes: spreadsheets
/// write commas, semicolons or tabs, and of two that stand there as often the rarer sign.
fn separator(head: &str) -> u8 {
    let outside: String = head.split('"').step_by(2).collect();
    let count = |sign: &u8| outside.bytes().filter(|it| it == sign).count();
    let most = [b',', b';', b'\t'].into_iter().max_by_key(count);
    most.unwrap_or(b',')
}

/// What `csv` found, with the line.
fn said(error: csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(pos), expected_len, len } => {
            let line = pos.line();
            format!("line {line}: there are {len} fields where the first row has {expected_len}")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_be_quoted_spaced_and_from_an_office_program() {
        let table = Table::of("\u{feff}id;By \r\n1;\"a;b\"\r\n 2 ; c\r\n").expect("a table");
        assert_eq!(table.names, ["id", "By"]);
        assert_eq!(table.column("By").expect("a column"), ["a;b", "c"]);
        assert_eq!(table.column("by"), None);
        let table = Table::of("id\tBy, bydel\n1\tValby\n").expect("a table");
        assert_eq!(table.column("By, bydel").expect("a column"), ["Valby"]);
        let table = Table::of("id;\"a,b,c\"\n1;x\n").expect("a table");
        assert_eq!(table.names, ["id", "a,b,c"]);
    }

    #[test]
    fn what_is_no_table_is_said_with_the_line() {
        let refused = |text: &str| Table::of(text).err().expect("no table");
        assert_eq!(
            refused("a,b\n1,2\n1\n"),
            "line 3: there are 1 fields where the first row has 2"
        );
        assert_eq!(refused("a,b,a\n"), "there are two columns `a`");
    }
}
