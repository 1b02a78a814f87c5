//! The cases as a Frictionless data package (<https://specs.frictionlessdata.io/data-package/>): the tables
//! as they are, and a description that programs read.

use serde_json::{Value, json};

use super::variable::{Content, Variable};
use super::{MISSING, Microdata};

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
    if let Content::Codes { labels, .. } = &variable.content {
        let codes = labels.iter().map(|(code, _)| *code).chain(MISSING.map(|(code, _)| code));
        field["constraints"] = json!({ "enum": codes.collect::<Vec<i64>>() });
        let label = |(code, label): (i64, &str)| format!("{code} {label}");
        let own = labels.iter().map(|(code, label)| (*code, label.as_str()));
        field["description"] = own.chain(MISSING).map(label).collect::<Vec<_>>().join("; ").into();
    }
    field
}
