//! The answers to a survey, case by case. This is personal data, names or not: it is written for its owner
//! alone, never where a web server would find it, and the central's log has it.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{ExportArgs, ExportFormat, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::answers::Answers;
use crate::commands::inputs;
use crate::commands::offsite::stay_unpublished;
use crate::console::{complain, say};
use crate::crypto;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};
use crate::results::microdata::{Microdata, codebook, ddi, packet, sav, script, sheets, table};
use crate::site::content;
use crate::store::central::log::Entry;
use crate::store::{Central, Options};

/// A file and its bytes.
type Made = (PathBuf, Vec<u8>);

/// Writes the files of the format that was asked for.
pub fn run(args: &ExportArgs) -> Result<Verdict> {
    stay_unpublished("export single answers", &args.out, &args.content, None)?;
    let data = read(args)?;
    let files = files(args, &data)?;
    let written = files.iter().map(|(path, _)| path.as_path());
    inputs::keep("export single answers", written, &[args.responses.as_deref()])?;
    for (path, bytes) in &files {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
        }
        replace_file(path, bytes, Access::Private)?;
    }
    let names: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    let (cases, variables) = (data.cases.len(), data.variables.len());
    if args.json {
        say!("{:#}", json!({ "files": names, "cases": cases, "variables": variables }))?;
    } else {
        complain!(
            "borgerpanel: {cases} answers to {}, one by one: this is personal data, even without names\n  \
             help: keep it where few can read it, and delete it when it has been used",
            args.survey
        );
        names.iter().try_for_each(|name| say!("wrote {name}"))?;
    }
    Ok(Verdict::Fine)
}

fn read(args: &ExportArgs) -> Result<Microdata> {
    let content = content::load(&args.content)?;
    let answers = match &args.responses {
        Some(file) => Answers::of_file(file, &content, &args.survey)?,
        None => {
            log(args)?;
            Answers::of_central(&args.at.data, &args.survey, &content)?
        }
    };
    let mut data =
        Microdata::of(&answers.definitions, &content.signups, &content.config.age_groups);
    answers.each(|response, _| data.add(&response, answers.asked(&response)))?;
    data.shuffle(|| u64::from_le_bytes(crypto::random()));
    Ok(data)
}

/// Who read single answers, and when.
fn log(args: &ExportArgs) -> Result<()> {
    let central = Central::open(&args.at.data, Options::default())?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "exported",
        detail: args.survey.clone(),
    };
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))
}

fn files(args: &ExportArgs, data: &Microdata) -> Result<Vec<Made>> {
    let out = &args.out;
    let beside = |ending: &str| out.with_extension(ending);
    let name = |path: &Path| {
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let cases = beside("csv");
    Ok(match args.format {
        ExportFormat::Csv => {
            vec![(out.clone(), table::csv(data)), (beside("codebook.csv"), codebook::csv(data))]
        }
        ExportFormat::R => vec![
            (out.clone(), script::r(data, &name(&cases)).into_bytes()),
            (cases.clone(), table::csv(data)),
        ],
        ExportFormat::Sav => {
            let today = SystemClock.today(&jiff::tz::TimeZone::UTC);
            vec![(out.clone(), sav::file(data, today))]
        }
        ExportFormat::Ddi => vec![
            (out.clone(), ddi::document(data, &name(&cases))),
            (cases.clone(), table::csv(data)),
        ],
        ExportFormat::Xlsx => {
            vec![(out.clone(), sheets::book(data).during_at("write", out)?)]
        }
        ExportFormat::Datapackage => vec![
            (out.join("datapackage.json"), packet::describe(data).into_bytes()),
            (out.join(packet::TABLE), table::csv(data)),
            (out.join(packet::CODEBOOK), codebook::csv(data)),
        ],
        ExportFormat::Xlsform => Vec::new(),
    })
}
