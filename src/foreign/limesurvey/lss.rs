//! The XML structure: tables of rows of fields, which become the rows of the tab-separated one.

use std::collections::{BTreeMap, HashMap, HashSet};

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

/// What is looked up by which field.
const LOOKED_UP: [(&str, &str); 7] = [
    ("group_l10ns", "gid"),
    ("question_l10ns", "qid"),
    ("answer_l10ns", "aid"),
    ("questions", "gid"),
    ("subquestions", "parent_qid"),
    ("answers", "qid"),
    ("question_attributes", "qid"),
];

/// Fields of a question that are read, or that only say where it is kept.
const OF_QUESTION: [&str; 21] = [
    "qid",
    "parent_qid",
    "sid",
    "gid",
    "type",
    "title",
    "question",
    "preg",
    "help",
    "other",
    "mandatory",
    "encrypted",
    "question_order",
    "scale_id",
    "same_default",
    "same_script",
    "relevance",
    "language",
    "question_theme_name",
    "modulename",
    "id",
];

struct Writer<'x> {
    tables: &'x HashMap<&'x str, Vec<Fields<'x>>>,
    /// The rows of a table by the value of the field it is looked up by.
    index: HashMap<(&'static str, &'x str), Vec<&'x Fields<'x>>>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

impl<'x> Writer<'x> {
    fn new(tables: &'x HashMap<&'x str, Vec<Fields<'x>>>) -> Writer<'x> {
        let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        let mut index: HashMap<(&str, &str), Vec<&Fields>> = HashMap::new();
        for (table, key) in LOOKED_UP {
            for row in tables.get(table).map_or(&[][..], Vec::as_slice) {
                index.entry((table, field(&row.0, key))).or_default().push(row);
            }
        }
        Writer { tables, index, columns, rows: Vec::new() }
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

    /// The rows of a table with this value in the field it is looked up by.
    fn with(&self, table: &'static str, value: &'x str) -> Vec<&'x Fields<'x>> {
        self.index.get(&(table, value)).cloned().unwrap_or_default()
    }

    fn write(&mut self) {
        for (fields, line) in self.of("surveys") {
            for (key, value) in fields {
                self.row(*line, &[("class", "S"), ("name", key), ("text", value)]);
            }
        }
        for (fields, line) in self.of("surveys_languagesettings") {
            let language = field(fields, "surveyls_language");
            for (key, value) in fields {
                let cells =
                    [("class", "SL"), ("name", *key), ("text", *value), ("language", language)];
                self.row(*line, &cells);
            }
        }
        let mut groups: Vec<&Fields> = self.of("groups").iter().collect();
        groups.sort_by_key(|(fields, _)| whole(field(fields, "group_order")));
        let mut known: HashSet<&str> = HashSet::new();
        for group in groups {
            self.group(group, known.insert(field(&group.0, "gid")));
        }
        self.other_tables();
    }

    /// Quotas, assessments, defaults: nothing here is like them, but they are named.
    fn other_tables(&mut self) {
        const READ: [&str; 10] = [
            "surveys",
            "surveys_languagesettings",
            "groups",
            "group_l10ns",
            "questions",
            "question_l10ns",
            "subquestions",
            "answers",
            "answer_l10ns",
            "question_attributes",
        ];
        let mut names: Vec<&str> =
            self.tables.keys().copied().filter(|name| !READ.contains(name)).collect();
        names.sort_unstable();
        for name in names {
            for (fields, line) in self.of(name) {
                let all: Vec<String> =
                    fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let class = match name {
                    "quota" | "quota_members" | "quota_languagesettings" => "QTA",
                    "conditions" => "C",
                    "assessments" => "AS",
                    _ => name,
                };
                self.row(*line, &[("class", class), ("name", name), ("text", &all.join(" "))]);
            }
        }
    }

    /// Texts are in the row itself, one row a language, or in a table of their own (since version 4).
    fn texts(
        &self,
        own: &'x Fields<'x>,
        table: &'static str,
        key: &str,
        names: &[&str],
    ) -> Vec<(String, u32, Vec<String>)> {
        let (fields, line) = own;
        let id = field(fields, key);
        let here = |fields: &BTreeMap<&str, &str>, line: u32| {
            let texts = names.iter().map(|name| field(fields, name).to_owned()).collect();
            (field(fields, "language").to_owned(), line, texts)
        };
        let apart = self.with(table, id);
        let found: Vec<_> = apart.into_iter().map(|(fields, line)| here(fields, *line)).collect();
        if found.is_empty() { vec![here(fields, *line)] } else { found }
    }

    /// A group that has a row for each language has its questions once, behind the `first`.
    fn group(&mut self, own: &'x Fields<'x>, first: bool) {
        let (fields, _) = own;
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
        let mut questions = if first { self.with("questions", gid) } else { Vec::new() };
        questions.sort_by_key(|(fields, _)| whole(field(fields, "question_order")));
        for question in questions {
            self.question(question, "Q");
        }
    }

    fn question(&mut self, own: &'x Fields<'x>, class: &str) {
        let (fields, _) = own;
        let qid = field(fields, "qid");
        let kind = if class == "Q" { field(fields, "type") } else { field(fields, "scale_id") };
        let attributes = self.with("question_attributes", qid);
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
            let own = |attribute: &&&Fields| {
                let spoken = field(&attribute.0, "language");
                let name = field(&attribute.0, "attribute");
                (spoken.is_empty() || spoken == language) && !name.is_empty()
            };
            cells.extend(
                attributes.iter().filter(own).map(|(attribute, _)| {
                    (field(attribute, "attribute"), field(attribute, "value"))
                }),
            );
            cells.extend(
                fields.iter().filter(|(key, _)| !OF_QUESTION.contains(key)).map(|(k, v)| (*k, *v)),
            );
            self.row(line, &cells);
        }
        if class != "Q" {
            return;
        }
        for name in ["subquestions", "answers"] {
            let order = if name == "answers" { "sortorder" } else { "question_order" };
            // Where each language has its own rows, so have the parts of the question.
            let same = |other: &BTreeMap<&str, &str>| {
                let language = field(other, "language");
                language.is_empty() || language == field(fields, "language")
            };
            let mut parts = self.with(name, qid);
            parts.retain(|(other, _)| same(other));
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
