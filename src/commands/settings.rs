//! Reading `kiosk.toml` and `central.toml`: every key is known, or it is an error that names the
//! nearest one. A missing file means the defaults.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::site::settings_keys::Key;

/// The settings in the file at `path`.
pub fn read<T: DeserializeOwned + Default>(path: &Path, keys: &[Key]) -> Result<T> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
        read => parse(&read.during_at("read the settings", path)?, keys)
            .map_err(|error| error.path(path)),
    }
}

fn parse<T: DeserializeOwned>(text: &str, keys: &[Key]) -> Result<T> {
    let wrong = |error: toml::de::Error| {
        Error::new("read the settings").source(error.to_string().trim_end().to_owned())
    };
    let table: Table = toml::from_str(text).map_err(wrong)?;
    let mut unknown = Vec::new();
    collect_unknown(&table, "", keys, &mut unknown);
    if unknown.is_empty() {
        return toml::from_str(text).map_err(wrong);
    }
    let named: Vec<String> = unknown.iter().map(|path| format!("`{path}`")).collect();
    let hints: Vec<String> = unknown
        .iter()
        .filter_map(|path| Some(format!("did you mean `{}`?", nearest(path, keys)?)))
        .collect();
    let hint =
        if hints.is_empty() { "docs/settings.md lists all".to_owned() } else { hints.join(" ") };
    Err(Error::new("read the settings")
        .source(format!("unknown key {}", named.join(", ")))
        .hint(hint))
}

fn collect_unknown(table: &Table, prefix: &str, keys: &[Key], unknown: &mut Vec<String>) {
    for (name, value) in table {
        let path = format!("{prefix}{name}");
        let inside = format!("{path}.");
        match value {
            Value::Table(table) if keys.iter().any(|key| key.path.starts_with(&inside)) => {
                collect_unknown(table, &inside, keys, unknown);
            }
            _ if keys.iter().any(|key| key.path == path) => {}
            _ => unknown.push(path),
        }
    }
}

/// The key that is nearest, where one is near enough to be meant.
fn nearest(path: &str, keys: &[Key]) -> Option<&'static str> {
    keys.iter()
        .map(|key| (strsim::damerau_levenshtein(key.path, path), key.path))
        .min()
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1) + 1)
        .map(|(_, known)| known)
}

/// Writes a file with every setting as a comment, unless there is one already.
pub fn write_example(path: &Path, keys: &[Key]) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    replace_file(path, example(keys).as_bytes(), Access::Shared)
}

fn example(keys: &[Key]) -> String {
    let mut out =
        String::from("# All settings, with their defaults. docs/settings.md says more.\n");
    let mut table = "";
    for key in keys {
        let (inside, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if inside != table {
            out.push_str(&format!("\n#[{inside}]\n"));
            table = inside;
        }
        let default = if key.default.is_empty() { "…" } else { key.default };
        out.push_str(&format!("# {} ({})\n#{name} = {default}\n", key.meaning, key.unit));
    }
    out
}

/// The settings as a Markdown table, for docs/settings.md.
pub fn reference(file: &str, about: &str, keys: &[Key]) -> String {
    let mut out = format!(
        "# Settings in {file}\n\n{about} Unknown keys are errors.\n\n\
         | key | default | unit | meaning |\n|---|---|---|---|\n"
    );
    for key in keys {
        let default = match key.default {
            "" => String::new(),
            written => format!("`{written}`"),
        };
        out.push_str(&format!("| `{}` | {default} | {} | {} |\n", key.path, key.unit, key.meaning));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::central::settings as central;
    use crate::commands::kiosk::settings as kiosk;

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_one() {
        let error = parse::<kiosk::KioskSettings>("sync_every_secs = 5", kiosk::KEYS)
            .expect_err("unknown")
            .to_string();
        assert!(error.contains("`sync_every_secs`"), "{error}");
        assert!(error.contains("did you mean `sync_every_seconds`?"), "{error}");
        let error = parse::<central::CentralSettings>("[smtp]\nhots = \"a\"", central::KEYS)
            .expect_err("unknown")
            .to_string();
        assert!(error.contains("did you mean `smtp.host`?"), "{error}");
    }

    #[test]
    fn every_key_can_be_set_and_the_example_reads_as_the_defaults() {
        let kiosk: kiosk::KioskSettings =
            parse(&example(kiosk::KEYS), kiosk::KEYS).expect("comments only");
        assert_eq!(kiosk, kiosk::KioskSettings::default());
        let central: central::CentralSettings =
            parse(&example(central::KEYS), central::KEYS).expect("comments only");
        assert_eq!(central, central::CentralSettings::default());
        let uncommented = example(kiosk::KEYS)
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
            .filter(|line| !line.ends_with('…'))
            .collect::<Vec<_>>()
            .join("\n");
        let set: kiosk::KioskSettings = parse(&uncommented, kiosk::KEYS).expect("the defaults");
        assert_eq!(set, kiosk::KioskSettings::default());
    }

    #[test]
    fn the_documentation_lists_every_setting() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        for reference in [kiosk::reference(), central::reference()] {
            assert!(written.contains(&reference), "docs/settings.md should hold:\n{reference}");
        }
    }
}
