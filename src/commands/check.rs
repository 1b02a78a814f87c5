//! `borgerpanel check`

mod watching;

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::cli::{CheckArgs, MessageLanguage, Verdict};
use crate::diag::{self, Diagnostic, Language, Sources};
use crate::error::{Context, Error, Result};
use crate::mail::template;
use crate::site::config::SiteConfig;
use crate::site::content::{self, Unsaved};
use crate::site::theme::slashed;
use crate::survey::minutes::minutes;
use crate::survey::{Definition, advice};

/// What was found, before it is shown.
struct Found {
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
    /// The surveys that compile, each with the path of its base file.
    surveys: Vec<(String, Definition)>,
    /// The site's own language.
    language: Language,
    zone: TimeZone,
}

/// Runs the command: people's report to stdout, or JSON; exit 1 where something is wrong.
pub fn run(args: &CheckArgs) -> Result<Verdict> {
    if args.watch {
        return watching::run(args);
    }
    let found = look(&args.path)?;
    let text = if args.json {
        format!("{:#}\n", json(&found, args))
    } else {
        let language = chosen(args.lang, found.language);
        words(&found, language) + &summary(&found, language, args.strict)
    };
    print(&text)?;
    Ok(verdict(&found, args))
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).during("write the report")
}

fn verdict(found: &Found, args: &CheckArgs) -> Verdict {
    let wrong = found.diagnostics.iter().any(|note| note.is_error() || args.strict);
    if wrong { Verdict::No } else { Verdict::Fine }
}

/// The language that was asked for, else the site's own.
pub fn chosen(asked: Option<MessageLanguage>, own: Language) -> Language {
    match asked {
        Some(MessageLanguage::Da) => Language::Danish,
        Some(MessageLanguage::En) => Language::English,
        None => own,
    }
}

fn json(found: &Found, args: &CheckArgs) -> serde_json::Value {
    let language = chosen(args.lang, found.language);
    let mut json = diag::to_json(&found.diagnostics, &found.sources, language);
    if args.strict {
        call_errors(&mut json);
    }
    json
}

/// With `--strict` a warning is an error, to a script too.
fn call_errors(list: &mut serde_json::Value) {
    for note in list.as_array_mut().into_iter().flatten() {
        note["severity"] = "error".into();
    }
}

/// What is said before the summary.
fn words(found: &Found, language: Language) -> String {
    diag::report(&found.diagnostics, &found.sources, language) + &surveys(found, language)
}

/// A line for each survey: what its authors are asked about it most often.
fn surveys(found: &Found, language: Language) -> String {
    let line = |(path, definition): &(String, Definition)| {
        let base = definition.base();
        let questions = base.questions().count();
        let (minutes, lix) = (minutes(base), advice::lix(base));
        match language {
            Language::English => {
                let question = if questions == 1 { "question" } else { "questions" };
                let minute = if minutes == 1 { "minute" } else { "minutes" };
                format!("{path}: {questions} {question}, about {minutes} {minute}, LIX {lix}\n")
            }
            Language::Danish => {
                let minute = if minutes == 1 { "minut" } else { "minutter" };
                format!("{path}: {questions} spørgsmål, cirka {minutes} {minute}, lixtal {lix}\n")
            }
        }
    };
    found.surveys.iter().map(line).collect()
}

fn summary(found: &Found, language: Language, strict: bool) -> String {
    let errors = found.diagnostics.iter().filter(|note| note.is_error()).count();
    let warnings = found.diagnostics.len() - errors;
    let files = found.sources.len();
    let count = |number: usize, [one, many]: [&str; 2]| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    let [read, wrong, warned] = match language {
        Language::English => [["files"; 2], ["error", "errors"], ["warning", "warnings"]],
        Language::Danish => [["filer"; 2], ["fejl", "fejl"], ["advarsel", "advarsler"]],
    };
    let verb = if language == Language::Danish { "læst" } else { "read" };
    let (files, errors) = (count(files, read), count(errors, wrong));
    let strict = match (strict && warnings > 0, language) {
        (false, _) => "",
        (true, Language::English) => " (which count as errors: --strict)",
        (true, Language::Danish) => " (der tæller som fejl: --strict)",
    };
    format!("{files} {verb}: {errors}, {}{strict}\n", count(warnings, warned))
}

fn refuse_missing(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    Err(Error::new("check")
        .path(path)
        .hint("name a content folder, or a Markdown file in one: this does not exist"))
}

/// Checks a content folder, a part of one, or a file that stands alone.
fn look(path: &Path) -> Result<Found> {
    refuse_missing(path)?;
    let Some(folder) = site_folder(path) else { return lone(path) };
    let content = content::load(&folder)?;
    let (language, zone) = (language_of(&content.config), content.config.zone());
    let mails = template::load(&folder, &content.config.default_language)?;
    let (mut diagnostics, mut sources) = (content.diagnostics, content.sources);
    diagnostics.extend(mails.diagnostics);
    sources.extend(mails.sources);
    diag::sort(&mut diagnostics);
    let mut surveys = with_paths(content.surveys, &folder.join("surveys"));
    if folder != path {
        diagnostics.retain(|note| belongs(Path::new(&note.file), path));
        surveys.retain(|(file, _)| belongs(Path::new(file), path));
    }
    Ok(Found { diagnostics, sources, surveys, language, zone })
}

fn with_paths(surveys: Vec<Definition>, folder: &Path) -> Vec<(String, Definition)> {
    let path = |slug: &str| slashed(&folder.join(format!("{slug}.md")));
    surveys.into_iter().map(|survey| (path(&survey.slug), survey)).collect()
}

/// The language a site speaks to its authors.
pub fn language_of(config: &SiteConfig) -> Language {
    if config.default_language == "da" { Language::Danish } else { Language::English }
}

/// The folder with `site.toml`, upwards from `path`.
pub fn site_folder(path: &Path) -> Option<PathBuf> {
    let holds = |folder: &&Path| folder.join("site.toml").is_file();
    let start = if path.is_dir() { Some(path) } else { path.parent() };
    let ancestors = start?.ancestors();
    let found = ancestors.filter(|folder| !folder.as_os_str().is_empty()).find(holds);
    // A relative path has an end before the file system does.
    let here = || Path::new(".").join("site.toml").is_file().then(|| PathBuf::from("."));
    found.map(Path::to_owned).or_else(|| if path.is_relative() { here() } else { None })
}

/// Whether `file` is `path`, one of its translations or its base, or lies under it.
pub fn belongs(file: &Path, path: &Path) -> bool {
    if path.is_dir() {
        return file.starts_with(path);
    }
    let stem = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| name.split('.').next().map(str::to_owned))
    };
    file.parent().map(normal) == path.parent().map(normal) && stem(file) == stem(path)
}

fn normal(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != std::path::Component::CurDir).collect()
}

/// A file without a site around it: what only a site knows is not judged.
fn lone(path: &Path) -> Result<Found> {
    if path.is_dir() {
        return Err(Error::new("find the settings")
            .path(path.join("site.toml"))
            .hint("name the folder that holds site.toml"));
    }
    let checked = content::load_lone(path, &Unsaved::new())?;
    Ok(Found {
        surveys: with_paths(checked.surveys, &checked.folder),
        language: language_of(&checked.config),
        zone: checked.config.zone(),
        diagnostics: checked.diagnostics,
        sources: checked.sources,
    })
}
