//! An R script that reads the table: factors with labels, and what is missing as NA.

use std::fmt::Write;

use super::variable::Content;
use super::{Microdata, Missing};

/// The script; `table` is the name of the CSV file beside it.
pub fn r(data: &Microdata, table: &str) -> String {
    let mut out = format!(
        "# {}\n# Read with source(\"...\", encoding = \"UTF-8\") from the folder of {table}.\n\
         # NA: {}; in columns with such answers the codes that stand there.\n\
         # The codes themselves are in d_codes.\n\
         d_codes <- read.csv({}, fileEncoding = \"UTF-8\", stringsAsFactors = FALSE)\n\
         d <- d_codes\n",
        data.title.replace('\n', " "),
        Missing::codes(0.0).map(|(code, label)| format!("{code} {label}")).join(", "),
        text(table),
    );
    for variable in &data.variables {
        let column = format!("d[[{}]]", text(&variable.name));
        let missing = Missing::codes(variable.least).map(|(code, _)| code.to_string()).join(", ");
        match &variable.content {
            Content::Codes { labels, is_ordered, .. } => {
                let codes: Vec<String> = labels.iter().map(|(code, _)| code.to_string()).collect();
                let words: Vec<String> = labels.iter().map(|(_, label)| text(label)).collect();
                let ordered = if *is_ordered { ", ordered = TRUE" } else { "" };
                let _ = writeln!(
                    out,
                    "{column} <- factor({column}, levels = c({}),\n  labels = c({}){ordered})",
                    codes.join(", "),
                    words.join(", "),
                );
            }
            Content::Number => {
                let _ = writeln!(out, "{column}[{column} %in% c({missing})] <- NA");
            }
            Content::Words if variable.question.is_some() => {
                let _ = writeln!(out, "{column}[{column} %in% as.character(c({missing}))] <- NA");
            }
            Content::Words => {}
        }
        let _ = writeln!(out, "attr({column}, \"label\") <- {}", text(&variable.label));
    }
    out
}

/// A text as R writes it.
fn text(words: &str) -> String {
    let mut out = String::from("\"");
    for sign in words.chars() {
        match sign {
            '"' | '\\' => out.extend(['\\', sign]),
            '\n' => out.push_str("\\n"),
            sign if sign.is_control() => out.push(' '),
            sign => out.push(sign),
        }
    }
    out + "\""
}
