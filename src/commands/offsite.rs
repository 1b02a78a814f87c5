//! What is for the house alone is never written where a web server, or the next build, would find it.

use std::path::{Component, Path, PathBuf};

use crate::error::{Context, Error, Result};

/// Refuses a place that a build publishes, or that is built from.
pub fn stay_off_the_site(doing: &str, out: &Path, content: &Path) -> Result<()> {
    stay_out_of(doing, out, content, |_| false)
}

/// Refuses also every folder of results, which is published as it is, and `results` where they are about to
/// be written: for what tells of single people.
pub fn stay_unpublished(
    doing: &str,
    out: &Path,
    content: &Path,
    results: Option<&Path>,
) -> Result<()> {
    let about: Vec<PathBuf> = results.into_iter().flat_map(known).collect();
    let has_results = |folder: &Path| {
        folder.join("data").join("results.json").is_file()
            || about.iter().any(|results| results == folder)
    };
    stay_out_of(doing, out, content, has_results)
}

/// Whether two paths lead to the same file or folder, be it there or not.
pub fn is_same_place(one: &Path, other: &Path) -> bool {
    let ways: Vec<PathBuf> = known(other).collect();
    known(one).any(|way| ways.contains(&way))
}

/// A path as it is with links followed, and as it is written.
fn known(path: &Path) -> impl Iterator<Item = PathBuf> {
    let plain = std::path::absolute(path).map(|path| without_dots(&path)).ok();
    let followed = path.canonicalize().ok();
    let plain_followed = plain.as_ref().and_then(|plain| plain.canonicalize().ok());
    [followed, plain_followed, plain].into_iter().flatten()
}

fn stay_out_of(
    doing: &str,
    out: &Path,
    content: &Path,
    is_published: impl Fn(&Path) -> bool,
) -> Result<()> {
    let out = std::path::absolute(out).during_at("find", out)?;
    let content = content.canonicalize().ok();
    let is_inside = |folder: &Path| {
        content.as_deref() == Some(folder) || is_site(folder) || is_site(&release_of(folder))
    };
    let is_inside = |folder: &Path| is_inside(folder) || is_published(folder);
    let ways = ways(&out);
    let inside = folders(&ways).find(|folder| is_inside(folder));
    match inside {
        None => Ok(()),
        Some(folder) => Err(Error::new(doing)
            .path(&out)
            .source(match is_published(folder) {
                true => {
                    format!("{} has results in it, and so is part of the site", folder.display())
                }
                false => format!("{} is part of the site", folder.display()),
            })
            .hint("write them where no web server looks, as in ~/analyse/")),
    }
}

/// Refuses a place in the content folder that is not `own`, where the build looks for what is written: in any other
/// it would find pages that it cannot read.
pub fn stay_in_its_place(doing: &str, out: &Path, content: &Path, own: &Path) -> Result<()> {
    let Some(whole) = content.canonicalize().ok() else { return Ok(()) };
    let whole_out = std::path::absolute(out).during_at("find", out)?;
    let ways = ways(&whole_out);
    let is_inside = folders(&ways).any(|folder| folder == whole);
    if !is_inside || is_same_place(out, own) {
        return Ok(());
    }
    Err(Error::new(doing)
        .path(out)
        .source(format!("{} is what the site is built from", content.display()))
        .hint(format!(
            "write them to {}, where the next build finds them, or to a folder outside of {}",
            own.display(),
            content.display()
        )))
}

/// As it is written, where `..` may lead through a folder that is not there yet; and as far as the way is
/// there, with links followed.
fn ways(out: &Path) -> [Option<PathBuf>; 3] {
    let plain = without_dots(out);
    let followed = |path: &Path| path.ancestors().find_map(|folder| folder.canonicalize().ok());
    [followed(&plain), followed(out), Some(plain)]
}

fn folders(ways: &[Option<PathBuf>; 3]) -> impl Iterator<Item = &Path> {
    ways.iter().flatten().flat_map(|way| way.ancestors())
}

/// The path with each `..` taken together with what stands before it.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// A build's folder for servers, and so the one beside it that is published.
fn is_site(folder: &Path) -> bool {
    folder.join("built.json").is_file()
}

fn release_of(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".release");
    PathBuf::from(name)
}
