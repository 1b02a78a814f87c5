//! The cases as CSV, for any program: UTF-8, a comma between cells, one line a case.

use super::{Cell, Microdata, Variable};

/// The whole table with a head of names.
pub fn csv(data: &Microdata) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let names = data.variables.iter().map(|variable| variable.name.as_str());
    out.write_record(names).expect("writing to memory cannot fail");
    for case in &data.cases {
        let cells = data.variables.iter().zip(case);
        out.write_record(cells.map(|(variable, cell)| shown(variable, cell)))
            .expect("every case has all columns");
    }
    out.into_inner().expect("writing to memory cannot fail")
}

/// A column's cell as text; whole numbers without a point.
pub fn shown(variable: &Variable, cell: &Cell) -> String {
    match cell {
        Cell::Code(code) => code.to_string(),
        Cell::Missing(missing) => variable.missing(*missing).to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Words(words) => words.clone(),
    }
}
