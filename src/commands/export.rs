//! `borgerpanel export`: a survey as a form for other programs, or its answers for the city's own analysts.

mod cases;

use serde_json::json;

use super::answers::in_content;
use super::inputs;
use crate::cli::{ExportArgs, ExportFormat, Verdict};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};
use crate::foreign::xlsform::write;

/// Runs the command.
pub fn run(args: &ExportArgs) -> Result<Verdict> {
    match args.format {
        ExportFormat::Xlsform => form(args),
        _ => cases::run(args),
    }
}

/// Writes the survey itself as an XLSForm, and says what that has no place for.
fn form(args: &ExportArgs) -> Result<Verdict> {
    let definition = in_content(&args.content, &args.survey)?;
    let own = args.content.join("surveys").join(format!("{}.md", args.survey));
    inputs::keep("write the form", [args.out.as_path()], &[Some(&own)])?;
    let exported = write::write(&definition)
        .during(format!("write the survey {} as an XLSForm", args.survey))?;
    if let Some(folder) = args.out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    replace_file(&args.out, &exported.bytes, Access::Shared)?;
    let report = exported.report;
    if args.json {
        let file = args.out.display().to_string();
        say!(
            "{:#}",
            json!({ "files": [file], "whole": report.is_whole(), "items": report.items })
        )?;
    } else {
        for item in &report.items {
            say!("{item}")?;
        }
        say!("wrote {}", args.out.display())?;
    }
    Ok(if report.is_whole() { Verdict::Fine } else { Verdict::No })
}
