//! The cases as a Frictionless data package (<https://specs.frictionlessdata.io/data-package/>): the tables
//! as they are, and a description that programs read.

use serde_json::{Value, json};

use super::Microdata;
use super::codebook::all_codes;
use super::variable::{Content, Variable};

/// The cases' file in the package.
pub const TABLE: &str = "cases.csv";
/// The codebook's.
pub const CODEBOOK: &str = "codebook.csv";

/// `datapackage.json`.
pub fn describe(data: &Microdata) -> String {
    let fields: Vec<Value> = data.variables.iter().map(field).collect();
    let described = json!({
        "profile": "data-package",
        "name": data.slug,
        "title": data.title,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "cases",
                "path": TABLE,
                "encoding": "utf-8",
                "schema": { "fields": fields },
            },
            {
                "profile": "tabular-data-resource",
                "name": "codebook",
                "path": CODEBOOK,
                "encoding": "utf-8",
                "schema": { "fields": super::codebook::HEAD.map(
                    |name| json!({ "name": name, "type": "string" })) },
            },
        ],
    });
    format!("{described:#}\n")
}

fn field(variable: &Variable) -> Value {
    let kind = match variable.content {
        Content::Codes { .. } => "integer",
        Content::Number => "number",
        Content::Words => "string",
    };
    let mut field = json!({ "name": variable.name, "title": variable.label, "type": kind });
    let codes = all_codes(variable);
    if matches!(variable.content, Content::Codes { .. }) {
        let all: Vec<i64> = codes.iter().map(|(code, _)| *code).collect();
        field["constraints"] = json!({ "enum": all });
    }
    if !codes.is_empty() {
        let label = |(code, label): (i64, &str)| format!("{code} {label}");
        field["description"] = codes.into_iter().map(label).collect::<Vec<_>>().join("; ").into();
    }
    field
}
