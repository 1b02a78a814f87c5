//! What each column is: its question word for word in every language and version, its codes, who was asked,
//! and how many answered.

use super::variable::{Content, Variable};
use super::{Cell, Microdata, Missing};

/// The names of its columns.
pub const HEAD: [&str; 11] = [
    "variable",
    "label",
    "type",
    "question",
    "version",
    "language",
    "wording",
    "route",
    "asked",
    "code",
    "code_label",
];

/// The codebook as CSV: a line a column, one for each further wording, and one for each code.
pub fn csv(data: &Microdata) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    for line in table(data) {
        out.write_record(line).expect("every line has all columns");
    }
    out.into_inner().expect("writing to memory cannot fail")
}

/// The same as lines, the head first.
pub fn table(data: &Microdata) -> Vec<[String; 11]> {
    let columns = data.variables.iter().enumerate();
    let lines = columns.flat_map(|(place, variable)| lines(variable, asked(data, place)));
    std::iter::once(HEAD.map(str::to_owned)).chain(lines).collect()
}

/// How many cases were asked: the base.
pub fn asked(data: &Microdata, place: usize) -> usize {
    data.cases.iter().filter(|case| case[place] != Cell::Missing(Missing::NotAsked)).count()
}

/// How many cases gave an answer, "don't know" among them.
pub fn answered(data: &Microdata, place: usize) -> usize {
    let is_open =
        |cell: &Cell| matches!(cell, Cell::Missing(Missing::NotAsked | Missing::NotAnswered));
    data.cases.iter().filter(|case| !is_open(&case[place])).count()
}

fn lines(variable: &Variable, asked: usize) -> Vec<[String; 11]> {
    let name = &variable.name;
    let question = variable.question.as_ref();
    let mut first = [(); 11].map(|()| String::new());
    first[0] = name.clone();
    first[1] = variable.label.clone();
    first[2] = kind(&variable.content).to_owned();
    first[3] = question.map(|question| question.id.clone()).unwrap_or_default();
    first[7] = question.and_then(|question| question.route.clone()).unwrap_or_default();
    first[8] = asked.to_string();
    let mut lines = vec![first];
    for (place, wording) in question.iter().flat_map(|one| &one.wordings).enumerate() {
        if place > 0 {
            let mut further = [(); 11].map(|()| String::new());
            further[0] = name.clone();
            lines.push(further);
        }
        let line = lines.last_mut().expect("the first is there");
        line[4] = wording.version.clone();
        line[5] = wording.lang.clone();
        line[6] = wording.text.clone();
    }
    let code = |(code, label): (i64, &str)| {
        let mut line = [(); 11].map(|()| String::new());
        (line[0], line[9], line[10]) = (name.clone(), code.to_string(), label.to_owned());
        line
    };
    lines.extend(all_codes(variable).into_iter().map(code));
    lines
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Codes { is_ordered: true, .. } => "ordered codes",
        Content::Codes { .. } => "codes",
        Content::Number => "number",
        Content::Words => "text",
    }
}

/// The codes that a column's cells can be, those of what is missing last.
pub fn all_codes(variable: &Variable) -> Vec<(i64, &str)> {
    let labels = match &variable.content {
        Content::Codes { labels, .. } => labels.as_slice(),
        Content::Number => &[],
        // What every response has as text is never missing.
        Content::Words if variable.question.is_none() => return Vec::new(),
        Content::Words => &[],
    };
    let own = labels.iter().map(|(code, label)| (*code, label.as_str()));
    own.chain(Missing::codes(variable.least)).collect()
}
