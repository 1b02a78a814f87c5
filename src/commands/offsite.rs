//! What is for the house alone is never written where a web server, or the next build, would find it.

use std::path::{Component, Path, PathBuf};

use crate::error::{Context, Error, Result};

/// Refuses a place that a build publishes, or that is built from.
pub fn stay_off_the_site(doing: &str, out: &Path, content: &Path) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).during_at("find", path);
    let out = whole(out)?;
    let content = content.canonicalize().ok();
    let is_inside = |folder: &Path| {
        content.as_deref() == Some(folder) || is_site(folder) || is_site(&release_of(folder))
    };
    // As it is written, where `..` may lead through a folder that is not there yet; and as far as the way
    // is there, with links followed.
    let plain = without_dots(&out);
    let followed = |path: &Path| path.ancestors().find_map(|folder| folder.canonicalize().ok());
    let ways = [Some(plain.clone()), followed(&plain), followed(&out)];
    let folders = || ways.iter().flatten().flat_map(|way| way.ancestors());
    let inside = folders().find(|folder| is_inside(folder));
    match inside {
        None => Ok(()),
        Some(folder) => Err(Error::new(doing)
            .path(&out)
            .source(format!("{} is part of the site", folder.display()))
            .hint("write them where no web server looks, as in ~/analyse/")),
    }
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
