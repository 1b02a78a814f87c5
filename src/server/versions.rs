//! The versions of surveys that are still answered: somebody may have a page of an earlier build open.
//!
//! Those shown today are in the site. The earlier ones stay on the disk until somebody answers one: a
//! kiosk with a hundred surveys would carry a month of every wording of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::console::complain;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};
use crate::survey::Definition;

/// How long answers to a version that is no longer shown are taken.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The versions of earlier builds, in a folder.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    folder: PathBuf,
    names: BTreeSet<String>,
    /// The kiosk's pages of the build before, whose style sheets and scripts somebody still fetches.
    assets: Option<PathBuf>,
}

impl Versions {
    /// The earlier version called `version`; none where it is not kept any more. The name may come from a
    /// visitor: only those that were found in the folder are looked for there.
    pub fn read(&self, version: &str) -> Option<Definition> {
        let name = self.names.get(version)?;
        // A file cut off by a power failure is one version less, not a kiosk that does not start.
        let json = fs::read(file(&self.folder, name)).ok()?;
        let definition: Definition = serde_json::from_slice(&json).ok()?;
        (definition.version == version).then_some(definition)
    }

    /// With the pages of the build before.
    #[must_use]
    pub fn with_assets(self, assets: Option<PathBuf>) -> Versions {
        Versions { assets, ..self }
    }

    /// A style sheet, a script or a picture of the build before, by `names` below its pages.
    pub fn asset(&self, names: &[String]) -> Option<Vec<u8>> {
        let path = self.assets.as_ref()?.join(names.iter().collect::<PathBuf>());
        (names.first()? == "assets").then(|| fs::read(path).ok()).flatten()
    }

    /// All of them, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Definition> + '_ {
        self.names.iter().filter_map(|name| self.read(name))
    }
}

/// Adds `surveys` to the versions kept in `folder`, forgets those that have not been shown for 30
/// days, and gives the earlier ones that are left. `now` is the machine's time.
///
/// # Errors
/// Where the folder cannot be read.
pub fn keep(folder: &Path, surveys: &[&Definition], now: SystemTime) -> Result<Versions> {
    fs::create_dir_all(folder).during_at("make the folder", folder)?;
    for definition in surveys {
        // A full disk costs a later start this version, not today's visitors the site.
        if let Err(error) = show(&file(folder, &definition.version), definition, now) {
            complain!("borgerpanel: {error}");
        }
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).during_at("list", folder)? {
        let path = entry.during_at("list", folder)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let Some(name) = stem.filter(|_| path.extension().is_some_and(|ending| ending == "json"))
        else {
            continue;
        };
        let shown =
            fs::metadata(&path).and_then(|data| data.modified()).during_at("read", &path)?;
        if now.duration_since(shown).is_ok_and(|age| age > KEPT) {
            // On a read-only disk it stays.
            if let Err(error) = fs::remove_file(&path).during_at("remove", &path) {
                complain!("borgerpanel: {error}");
            }
            continue;
        }
        if !surveys.iter().any(|survey| survey.version == name) {
            names.insert(name.to_owned());
        }
    }
    Ok(Versions { folder: folder.to_owned(), names, assets: None })
}

fn file(folder: &Path, version: &str) -> PathBuf {
    folder.join(format!("{version}.json"))
}

/// Notes that `definition` is shown now: the file's age is how long ago that was. A file is named by
/// what is in it, so one that is there needs no more than a new age.
fn show(path: &Path, definition: &Definition, now: SystemTime) -> Result<()> {
    let there = fs::metadata(path).is_ok_and(|data| data.len() > 0);
    if there && File::open(path).and_then(|file| file.set_modified(now)).is_ok() {
        return Ok(());
    }
    let json = serde_json::to_vec(definition).during("write a survey as JSON")?;
    replace_file(path, &json, Access::Shared)
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
    fn a_version_that_cannot_be_written_stops_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = keep(folder.path(), &[&definition("no-such-folder/one")], SystemTime::now());
        assert_eq!(kept.expect("kept").iter().count(), 0);
    }

    #[test]
    fn keeps_what_was_shown_in_the_last_thirty_days() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now();
        keep(folder.path(), &[&definition("one")], now).expect("kept");
        let earlier = keep(folder.path(), &[&definition("two")], now).expect("kept");
        assert_eq!(earlier.read("one").map(|found| found.version).as_deref(), Some("one"));
        assert!(earlier.read("two").is_none() && earlier.iter().count() == 1);
        let later = now + KEPT + Duration::from_secs(60);
        let shown = keep(folder.path(), &[&definition("two")], later).expect("kept");
        assert_eq!(shown.iter().count(), 0);
        let left = keep(folder.path(), &[], later).expect("kept");
        assert_eq!(left.iter().count(), 1, "shown again, `two` is young again");
    }

    #[test]
    fn a_name_from_outside_leads_to_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let json = serde_json::to_vec(&definition("../secret")).expect("JSON");
        fs::write(folder.path().join("secret.json"), json).expect("written");
        let versions = keep(&folder.path().join("versions"), &[], SystemTime::now());
        assert!(versions.expect("kept").read("../secret").is_none());
    }
}
