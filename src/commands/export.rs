//! `borgerpanel export`

use serde_json::json;

use crate::cli::{ExportArgs, ExportFormat, Verdict};
use crate::console::say;
use crate::diag::Diagnostic;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::foreign::xlsform::write;
use crate::site::content;
use crate::survey::Definition;

/// Runs the command: writes the file, and says what the other format has no place for.
pub fn run(args: &ExportArgs) -> Result<Verdict> {
    if args.format != ExportFormat::Xlsform {
        return Err(Error::new("export answers yet").hint(
            "`--format xlsform` is built: the survey itself, as a form for ODK or KoboToolbox",
        ));
    }
    let definition = find(args)?;
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

fn find(args: &ExportArgs) -> Result<Definition> {
    let content = content::load(&args.content)?;
    let found = content.surveys.into_iter().find(|survey| survey.slug == args.survey);
    found.ok_or_else(|| {
        let path = args.content.join("surveys").join(format!("{}.md", args.survey));
        let hint = if content.diagnostics.iter().any(Diagnostic::is_error) {
            "it, or something it needs, has errors: see `borgerpanel check`"
        } else {
            "there is no survey of that name"
        };
        Error::new("export").path(path).hint(hint)
    })
}
