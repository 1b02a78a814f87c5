//! What is for the house alone is never written where a web server, or the next build, would find it.

use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

/// Refuses a place that a build publishes, or that is built from.
pub fn stay_off_the_site(doing: &str, out: &Path, content: &Path) -> Result<()> {
    let whole = |path: &Path| std::path::absolute(path).during_at("find", path);
    let out = whole(out)?;
    // As far as the way is there, links are followed.
    let there = out.ancestors().find_map(|folder| folder.canonicalize().ok()).unwrap_or_default();
    let content = content.canonicalize().ok();
    let is_inside = |folder: &Path| {
        content.as_deref() == Some(folder) || is_site(folder) || is_site(&release_of(folder))
    };
    let inside = there.ancestors().chain(out.ancestors().skip(1)).find(|folder| is_inside(folder));
    match inside {
        None => Ok(()),
        Some(folder) => Err(Error::new(doing)
            .path(&out)
            .source(format!("{} is part of the site", folder.display()))
            .hint("write them where no web server looks, as in ~/analyse/")),
    }
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
