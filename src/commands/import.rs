//! `borgerpanel import`

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{ImportArgs, Verdict};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::foreign::{self, Imported, Unreadable, archive};

/// Runs the command: writes the survey, and says everything that did not come over as it was.
pub fn run(args: &ImportArgs) -> Result<Verdict> {
    let bytes = read(&args.file)?;
    let stem = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let imported = foreign::import(&bytes, &stem.unwrap_or_default())
        .map_err(|wrong| unreadable(&args.file, wrong))?;
    let paths: Vec<PathBuf> = imported.files.iter().map(|file| args.to.join(&file.name)).collect();
    if !args.force {
        refuse_existing(&paths)?;
    }
    std::fs::create_dir_all(&args.to).during_at("make the folder", &args.to)?;
    for (path, file) in paths.iter().zip(&imported.files) {
        replace_file(path, file.text.as_bytes(), Access::Shared)?;
    }
    if args.json {
        report_json(&paths, &imported)?
    } else {
        report(&paths, &imported)?
    }
    let whole = imported.report.is_whole();
    Ok(if whole { Verdict::Fine } else { Verdict::No })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).during_at("read", path)?.len();
    if size > archive::FILE_BYTES_MAX as u64 {
        let why = "it is larger than a form can be";
        let cure = "take pictures and data out of it, and save it again";
        return Err(unreadable(path, Unreadable::new(why, cure)));
    }
    std::fs::read(path).during_at("read", path)
}

fn unreadable(path: &Path, wrong: Unreadable) -> Error {
    let cure = wrong.cure.clone();
    Error::new("import").path(path).source(wrong).hint(cure)
}

fn refuse_existing(paths: &[PathBuf]) -> Result<()> {
    let there: Vec<String> =
        paths.iter().filter(|path| path.exists()).map(|path| path.display().to_string()).collect();
    if there.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!("write over {}", there.join(", ")))
        .hint("name another folder with `--to`, or write over them with `--force`"))
}

fn report(paths: &[PathBuf], imported: &Imported) -> Result<()> {
    for item in &imported.report.items {
        say!("{item}")?;
    }
    for path in paths {
        say!("wrote {}", path.display())?;
    }
    let count = imported.report.items.len();
    match count {
        0 => say!("everything was carried over"),
        _ if imported.report.is_whole() => {
            say!("everything was carried over, {count} names in another spelling")
        }
        _ => say!("{count} parts did not come over as they were; see the list above"),
    }?;
    say!("next: read the result through, then `borgerpanel check` and `borgerpanel preview`")
}

fn report_json(paths: &[PathBuf], imported: &Imported) -> Result<()> {
    let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let whole = imported.report.is_whole();
    say!("{:#}", json!({ "files": files, "whole": whole, "items": imported.report.items }))
}
