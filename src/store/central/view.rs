//! Views for people with SQL tools: one per structure of a survey, a column per question in the
//! survey's order. `survey_groenne_omraader` is the newest structure; older ones carry its first
//! eight digits, as in `survey_groenne_omraader_1a2b3c4d`.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension};

use crate::store::error::StoreError;
use crate::survey::{Definition, Question};

/// SQLite's limit is 2,000 columns in a result; a survey beyond it is cut, its answers are not.
const COLUMNS_MAX: usize = 1_900;

/// What is counted: all responses but those of staff who tried a kiosk out.
const COUNTED: &str = "counted";

/// Every view begins with these: name, expression.
const COMMON: &[(&str, &str)] = &[
    ("response", "id"),
    ("channel", "channel"),
    ("kiosk", "kiosk"),
    ("invited", "invited"),
    ("status", "status"),
    ("day", "day"),
    ("lang", "lang"),
    ("duration_s", "duration_s"),
    ("district", "background ->> '$.district'"),
    ("gender", "background ->> '$.gender'"),
    ("age", "background ->> '$.age'"),
    ("education", "background ->> '$.education'"),
    ("flags", "flags"),
];

/// A column: its name and how it is computed from a row of `response`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    expression: String,
}

/// Makes the view of `definition`, which was just registered and so is its survey's newest, and gives
/// the view of the structure before its longer name.
pub(super) fn renew(desk: &Connection, definition: &Definition) -> Result<(), StoreError> {
    let before: Option<String> = desk
        .query_row(
            "SELECT definition FROM survey_version WHERE survey = ?1 AND structure <> ?2
             ORDER BY ordinal DESC LIMIT 1",
            [&definition.slug, &definition.structure],
            |row| row.get(0),
        )
        .optional()?;
    let before = before.and_then(|json| serde_json::from_str::<Definition>(&json).ok());
    if let Some(before) = before {
        create(desk, &format!("{}_{}", name(&before), digits(&before.structure)), &before)?;
    }
    create(desk, &name(definition), definition)
}

/// Views that were made before there was a test mode count no tests either.
pub(super) fn count_no_tests(desk: &Connection) -> Result<(), StoreError> {
    let older: Vec<(String, String)> = {
        let mut query = desk.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'view' AND name GLOB 'survey_*'",
        )?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for (name, sql) in older {
        // As `create` wrote it; a view of somebody's own is left alone.
        let counted = sql.replacen("FROM response WHERE survey", "FROM counted WHERE survey", 1);
        if counted != sql {
            desk.execute_batch(&format!("DROP VIEW {}; {counted};", quoted(&name)))?;
        }
    }
    Ok(())
}

fn create(desk: &Connection, name: &str, definition: &Definition) -> Result<(), StoreError> {
    let columns: Vec<String> = columns(definition)
        .iter()
        .map(|column| format!("{} AS {}", column.expression, quoted(&column.name)))
        .collect();
    Ok(desk.execute_batch(&format!(
        "DROP VIEW IF EXISTS {name}; CREATE VIEW {name} AS SELECT {columns}
         FROM {COUNTED} WHERE survey = {survey} AND structure = {structure}
         AND body IS NOT NULL;",
        name = quoted(name),
        columns = columns.join(",\n"),
        survey = literal(&definition.slug),
        structure = literal(&definition.structure),
    ))?)
}

fn name(definition: &Definition) -> String {
    format!("survey_{}", readable(&definition.slug))
}

fn digits(structure: &str) -> &str {
    structure.get(..8).unwrap_or(structure)
}

fn columns(definition: &Definition) -> Vec<Column> {
    let common = COMMON.iter().map(|(name, expression)| Column {
        name: (*name).into(),
        expression: (*expression).into(),
    });
    let asked = definition.base().questions().filter(|question| !is_taken_out(question));
    let mut columns: Vec<Column> = common.chain(asked.flat_map(question_columns)).collect();
    columns.truncate(COLUMNS_MAX);
    make_unique(&mut columns);
    columns
}

/// What becomes background has its column among the common ones, under the field's own name; what is
/// private is in no response.
fn is_taken_out(question: &Question) -> bool {
    question.maps.is_some() || question.private
}

fn question_columns(question: &Question) -> Vec<Column> {
    let id = &question.id;
    let mut columns = match question.kind.rules().name() {
        "multiple" => {
            let choice = |choice: &crate::survey::Choice| ticked(&[id], &choice.id);
            question.choices.iter().map(choice).collect()
        }
        "ranking" => {
            (1..=question.top.unwrap_or_default()).map(|place| ranked(id, place)).collect()
        }
        "points" => question.choices.iter().map(|choice| answered(&[id, &choice.id])).collect(),
        "matrix" | "differential" => {
            question.rows.iter().map(|row| answered(&[id, &row.id])).collect()
        }
        "matrix-multiple" => {
            let cells = question.rows.iter().flat_map(|row| {
                question.columns.iter().map(|column| ticked(&[id, &row.id], &column.id))
            });
            cells.collect()
        }
        _ => vec![answered(&[id])],
    };
    for choice in question.choices.iter().filter(|choice| choice.other) {
        columns.push(Column {
            name: readable(&format!("{id}_{}_text", choice.id)),
            expression: value(&path(&[&format!("{id}.{}", choice.id)])),
        });
    }
    columns
}

/// An answer as it is: numbers are numbers, codes and texts are texts.
fn answered(parts: &[&str]) -> Column {
    Column { name: readable(&parts.join("_")), expression: value(&path(parts)) }
}

/// What stands at a place of a ranking: `rank_1`.
fn ranked(question: &str, place: u32) -> Column {
    let path = format!("$.answers.\"{}\"[{}]", question.replace('"', ""), place - 1);
    Column { name: readable(&format!("{question}_{place}")), expression: value(&literal(&path)) }
}

/// 1 or 0 whether a choice of several is ticked; null where nothing was answered or asked.
fn ticked(parts: &[&str], choice: &str) -> Column {
    let path = path(parts);
    Column {
        name: readable(&format!("{}_{choice}", parts.join("_"))),
        expression: format!(
            "CASE json_type(body, {path}) WHEN 'array' THEN EXISTS (SELECT 1 \
             FROM json_each(body, {path}) WHERE value = {}) END",
            literal(choice)
        ),
    }
}

fn value(path: &str) -> String {
    format!("json_extract(body, {path})")
}

/// A path into the answers, as SQL. Ids hold no quotation marks: the compiler lets letters, digits,
/// hyphens and underscores through. Should one come all the same, its column is empty, not an error.
fn path(parts: &[&str]) -> String {
    let keys: String = parts.iter().map(|part| format!(".\"{}\"", part.replace('"', ""))).collect();
    literal(&format!("$.answers{keys}"))
}

fn readable(name: &str) -> String {
    name.replace(['-', '.'], "_")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Where two columns would have one name (SQLite ignores case), the later gets a number.
fn make_unique(columns: &mut [Column]) {
    let mut taken = HashSet::new();
    for column in columns {
        let wanted = column.name.clone();
        let mut number = 2;
        while !taken.insert(column.name.to_lowercase()) {
            column.name = format!("{wanted}_{number}");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_and_differ() {
        let column = |name: &str| Column { name: readable(name), expression: String::new() };
        let mut columns = [column("day"), column("Day"), column("a-b"), column("a_b")];
        make_unique(&mut columns);
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["day", "Day_2", "a_b", "a_b_2"]);
    }

    #[test]
    fn quotation_marks_stay_inside() {
        assert_eq!(literal("d'accord"), "'d''accord'");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(path(&["q", "a.b"]), "'$.answers.\"q\".\"a.b\"'");
    }
}
