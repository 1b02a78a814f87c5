//! The versions of surveys that are still answered: somebody may have a page of an earlier build open.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::console::complain;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};
use crate::survey::Definition;

/// How long answers to a version that is no longer shown are taken.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Adds `surveys` to the versions kept in `folder`, forgets those that have not been shown for 30
/// days, and gives all that are left, by version. `now` is the machine's time.
pub fn keep(
    folder: &Path,
    surveys: &[Definition],
    now: SystemTime,
) -> Result<BTreeMap<String, Definition>> {
    fs::create_dir_all(folder).during_at("make the folder", folder)?;
    for definition in surveys {
        let path = folder.join(format!("{}.json", definition.version));
        let json = serde_json::to_vec(definition).during("write a survey as JSON")?;
        // Written anew each time: its age is how long ago it was last shown.
        if let Err(error) = replace_file(&path, &json, Access::Shared) {
            // A full disk costs a later start this version, not today's visitors the site.
            complain!("borgerpanel: {error}");
        }
    }
    let shown = surveys.iter().map(|survey| (survey.version.clone(), survey.clone()));
    let mut versions: BTreeMap<String, Definition> = shown.collect();
    for entry in fs::read_dir(folder).during_at("list", folder)? {
        let path = entry.during_at("list", folder)?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let shown =
            fs::metadata(&path).and_then(|data| data.modified()).during_at("read", &path)?;
        if now.duration_since(shown).is_ok_and(|age| age > KEPT) {
            // On a read-only disk it stays.
            if let Err(error) = fs::remove_file(&path).during_at("remove", &path) {
                complain!("borgerpanel: {error}");
            }
            continue;
        }
        let json = fs::read(&path).during_at("read", &path)?;
        // A file cut off by a power failure is one version less, not a kiosk that does not start.
        if let Ok(definition) = serde_json::from_slice::<Definition>(&json) {
            versions.insert(definition.version.clone(), definition);
        }
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(version: &str) -> Definition {
        Definition {
            slug: "a".to_owned(),
            version: version.to_owned(),
            structure: String::new(),
            settings: crate::survey::Settings::default(),
            languages: Vec::new(),
            maps: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_shown_is_answered_though_it_cannot_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = keep(folder.path(), &[definition("no-such-folder/one")], SystemTime::now());
        assert!(kept.expect("kept").contains_key("no-such-folder/one"));
    }

    #[test]
    fn keeps_what_was_shown_in_the_last_thirty_days() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now();
        keep(folder.path(), &[definition("one")], now).expect("kept");
        let both = keep(folder.path(), &[definition("two")], now).expect("kept");
        assert_eq!(both.keys().collect::<Vec<_>>(), ["one", "two"]);
        let later = now + KEPT + Duration::from_secs(60);
        let left = keep(folder.path(), &[], later).expect("kept");
        assert!(left.is_empty());
    }
}
