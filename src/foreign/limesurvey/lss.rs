//! The XML structure: tables of rows of fields, which become the rows of the tab-separated one.

use std::collections::{BTreeMap, HashMap};

use roxmltree::{Document, Node, ParsingOptions};

use crate::foreign::Unreadable;
use crate::foreign::table::{Row, Table};

/// The most nodes that are read.
const NODES_MAX: u32 = 2_000_000;

/// A row of a table of the file: its fields, and the line it begins on.
type Fields<'x> = (BTreeMap<&'x str, &'x str>, u32);

/// Reads the tables.
///
/// # Errors
/// Where it is no XML, or no structure.
pub fn read(text: &str) -> Result<Table, Unreadable> {
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|wrong| {
        Unreadable::new(format!("it is no sound XML ({wrong})"), "export it from LimeSurvey again")
    })?;
    let tables = tables(&document);
    if !tables.contains_key("questions") {
        return Err(Unreadable::new(
            "it is no survey structure",
            "in LimeSurvey choose Export, then “Survey structure (*.lss)”",
        ));
    }
    let mut writer = Writer::new(&tables);
    writer.write();
    Ok(writer.table())
}

fn tables<'x>(document: &'x Document) -> HashMap<&'x str, Vec<Fields<'x>>> {
    let mut found = HashMap::new();
    let lines = Lines::of(document.input_text());
    for table in document.root_element().children().filter(Node::is_element) {
        let rows = table.children().find(|node| node.has_tag_name("rows"));
        let rows = rows.into_iter().flat_map(|rows| rows.children().filter(Node::is_element));
        let rows: Vec<Fields> = rows
            .map(|row| {
                let fields = row.children().filter(Node::is_element);
                let fields =
                    fields.map(|field| (field.tag_name().name(), field.text().unwrap_or("")));
                (fields.collect(), lines.at(row.range().start))
            })
            .collect();
        found.insert(table.tag_name().name(), rows);
    }
    found
}

/// Where lines begin: asking the document for each row would read it from its top each time.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        let line = self.0.partition_point(|newline| *newline < offset) + 1;
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}

/// The columns that every structure has; attributes come behind them.
const COLUMNS: [&str; 13] = [
    "id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "encrypted",
    "other",
    "assessment_value",
];

struct Writer<'x> {
    tables: &'x HashMap<&'x str, Vec<Fields<'x>>>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

impl<'x> Writer<'x> {
    fn new(tables: &'x HashMap<&'x str, Vec<Fields<'x>>>) -> Writer<'x> {
        let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        Writer { tables, columns, rows: Vec::new() }
    }

    fn table(self) -> Table {
        let mut head = Row::new(0);
        for (number, name) in (1..).zip(&self.columns) {
            head.put(number, name);
        }
        let mut rows = vec![head];
        rows.extend(self.rows);
        Table { is_fields: true, ..Table::new(None, rows) }
    }

    fn of(&self, name: &str) -> &'x [Fields<'x>] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }

    fn write(&mut self) {
        for (fields, line) in self.of("surveys") {
            for key in ["language", "additional_languages", "sid", "format"] {
                let value = field(fields, key);
                self.row(*line, &[("class", "S"), ("name", key), ("text", value)]);
            }
        }
        for (fields, line) in self.of("surveys_languagesettings") {
            let language = field(fields, "surveyls_language");
            for (key, value) in fields {
                let known = [
                    "surveyls_title",
                    "surveyls_description",
                    "surveyls_welcometext",
                    "surveyls_endtext",
                ];
                if known.contains(key) {
                    self.row(
                        *line,
                        &[("class", "SL"), ("name", key), ("text", value), ("language", language)],
                    );
                }
            }
        }
        let mut groups: Vec<&Fields> = self.of("groups").iter().collect();
        groups.sort_by_key(|(fields, _)| whole(field(fields, "group_order")));
        for (fields, line) in groups {
            self.group(fields, *line);
        }
        for (name, what) in [("quota", "QTA"), ("conditions", "C"), ("assessments", "AS")] {
            for (fields, line) in self.of(name) {
                let all: Vec<String> =
                    fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
                self.row(*line, &[("class", what), ("name", name), ("text", &all.join(" "))]);
            }
        }
    }

    /// Texts are in the row itself, one row a language, or in a table of their own (since version 4).
    fn texts(
        &self,
        own: &'x Fields<'x>,
        table: &str,
        key: &str,
        names: &[&str],
    ) -> Vec<(String, u32, Vec<String>)> {
        let (fields, line) = own;
        let id = field(fields, key);
        let here = |fields: &BTreeMap<&str, &str>, line: u32| {
            let texts = names.iter().map(|name| field(fields, name).to_owned()).collect();
            (field(fields, "language").to_owned(), line, texts)
        };
        let apart = self.of(table).iter().filter(|(fields, _)| field(fields, key) == id);
        let found: Vec<_> = apart.map(|(fields, line)| here(fields, *line)).collect();
        if found.is_empty() { vec![here(fields, *line)] } else { found }
    }

    fn group(&mut self, fields: &'x BTreeMap<&'x str, &'x str>, line: u32) {
        let own = self.of("groups").iter().find(|(other, _)| std::ptr::eq(other, fields));
        let Some(own) = own else { return };
        let gid = field(fields, "gid");
        for (language, line, texts) in
            self.texts(own, "group_l10ns", "gid", &["group_name", "description"])
        {
            self.row(
                line,
                &[
                    ("class", "G"),
                    ("id", gid),
                    ("name", &texts[0]),
                    ("text", &texts[1]),
                    ("language", &language),
                    ("relevance", field(fields, "grelevance")),
                ],
            );
        }
        let first = self.of("groups").iter().find(|(other, _)| field(other, "gid") == gid);
        // A group that has a row for each language has its questions once.
        if first.is_some_and(|(_, at)| *at != line) {
            return;
        }
        let mut questions: Vec<&Fields> =
            self.of("questions").iter().filter(|(other, _)| field(other, "gid") == gid).collect();
        questions.sort_by_key(|(fields, _)| whole(field(fields, "question_order")));
        for question in questions {
            self.question(question, "Q");
        }
    }

    fn question(&mut self, own: &'x Fields<'x>, class: &str) {
        let (fields, _) = own;
        let qid = field(fields, "qid");
        let kind = if class == "Q" { field(fields, "type") } else { field(fields, "scale_id") };
        let mut attributes: Vec<(&str, &str)> = Vec::new();
        for (attribute, _) in self.of("question_attributes") {
            if field(attribute, "qid") == qid && !field(attribute, "attribute").is_empty() {
                attributes.push((field(attribute, "attribute"), field(attribute, "value")));
            }
        }
        for (language, line, texts) in
            self.texts(own, "question_l10ns", "qid", &["question", "help"])
        {
            let mut cells = vec![
                ("class", class),
                ("id", qid),
                ("type/scale", kind),
                ("name", field(fields, "title")),
                ("relevance", field(fields, "relevance")),
                ("text", &texts[0]),
                ("help", &texts[1]),
                ("language", &language),
                ("validation", field(fields, "preg")),
                ("mandatory", field(fields, "mandatory")),
                ("encrypted", field(fields, "encrypted")),
                ("other", field(fields, "other")),
            ];
            cells.extend(&attributes);
            self.row(line, &cells);
        }
        if class != "Q" {
            return;
        }
        for name in ["subquestions", "answers"] {
            let key = if name == "answers" { "qid" } else { "parent_qid" };
            let order = if name == "answers" { "sortorder" } else { "question_order" };
            // Where each language has its own rows, so have the parts of the question.
            let same = |other: &BTreeMap<&str, &str>| {
                let language = field(other, "language");
                language.is_empty() || language == field(fields, "language")
            };
            let mut parts: Vec<&Fields> = self
                .of(name)
                .iter()
                .filter(|(other, _)| field(other, key) == qid && same(other))
                .collect();
            parts.sort_by_key(|(fields, _)| whole(field(fields, order)));
            for part in parts {
                if name == "answers" { self.answer(part) } else { self.question(part, "SQ") }
            }
        }
    }

    fn answer(&mut self, own: &'x Fields<'x>) {
        let (fields, _) = own;
        for (language, line, texts) in self.texts(own, "answer_l10ns", "aid", &["answer"]) {
            self.row(
                line,
                &[
                    ("class", "A"),
                    ("type/scale", field(fields, "scale_id")),
                    ("name", field(fields, "code")),
                    ("text", &texts[0]),
                    ("language", &language),
                    ("assessment_value", field(fields, "assessment_value")),
                ],
            );
        }
    }

    fn row(&mut self, line: u32, cells: &[(&str, &str)]) {
        let mut row = Row::new(line);
        for (name, text) in cells {
            let at = self.columns.iter().position(|column| column == name).unwrap_or_else(|| {
                self.columns.push((*name).to_owned());
                self.columns.len() - 1
            });
            row.put(u32::try_from(at + 1).unwrap_or(u32::MAX), text);
        }
        self.rows.push(row);
    }
}

fn field<'x>(fields: &BTreeMap<&str, &'x str>, name: &str) -> &'x str {
    fields.get(name).copied().unwrap_or_default()
}

fn whole(text: &str) -> i64 {
    text.trim().parse().unwrap_or(0)
}
