//! Every link of every page, followed: inside the site something must answer, and a kiosk's pages
//! must not lead out of it.

use std::collections::BTreeSet;

use super::catalogue;
use super::tree::Tree;
use crate::diag::{Diagnostic, Sources};
use crate::survey::source::nearest;

/// What may stand in the pages of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// https, mailto and tel are fine.
    Allowed,
    /// A kiosk: nobody could come back.
    Refused,
}

/// The links of `tree` that lead nowhere, or out where they must not. `sources` are the authors'
/// files, to say where a link was written.
pub fn check(tree: &Tree, leaving: Leaving, sources: &Sources) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for (page, bytes) in tree.iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = String::from_utf8_lossy(bytes);
        for link in links(&html) {
            if let Some(mut wrong) = judge(tree, page, &html, &link, leaving)
                && told.insert((link.clone(), slug_of(page).to_owned()))
            {
                let (file, span) = origin(page, &link, sources);
                (wrong.file, wrong.span) = (file, span);
                found.push(wrong);
            }
        }
    }
    found
}

fn judge(tree: &Tree, page: &str, html: &str, link: &str, leaving: Leaving) -> Option<Diagnostic> {
    if let Some(scheme) = scheme(link) {
        let known = ["https", "mailto", "tel"].contains(&scheme.to_ascii_lowercase().as_str());
        return match (known, leaving) {
            (false, _) => Some(wrong(&catalogue::LINK_SCHEME, link)),
            (true, Leaving::Refused) => Some(wrong(&catalogue::KIOSK_LINK, link)),
            (true, Leaving::Allowed) => None,
        };
    }
    if link.starts_with("//") {
        return Some(wrong(&catalogue::LINK_SCHEME, link));
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    let target = if path.is_empty() { Some(page.to_owned()) } else { resolve(tree, page, path) };
    let Some(target) = target else {
        let mut broken = wrong(&catalogue::BROKEN_LINK, link);
        let addresses: Vec<String> = tree.keys().filter_map(|path| address(path)).collect();
        if let Some(near) = nearest(path, addresses.iter().map(String::as_str)) {
            broken.arg("nearest", near);
        }
        return Some(broken);
    };
    let other = tree.get(&target).map(|bytes| String::from_utf8_lossy(bytes));
    let text = if target == page { html } else { other.as_deref().unwrap_or_default() };
    let missing = !fragment.is_empty() && !text.contains(&format!("id=\"{fragment}\""));
    missing.then(|| wrong(&catalogue::BROKEN_LINK, link))
}

fn wrong(entry: &'static crate::diag::Entry, link: &str) -> Diagnostic {
    let mut wrong = Diagnostic::new("", 0..0, entry);
    wrong.arg("link", link);
    wrong
}

fn scheme(link: &str) -> Option<&str> {
    let (scheme, _) = link.split_once(':')?;
    let sound = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (!scheme.is_empty() && scheme.chars().all(sound)).then_some(scheme)
}

/// The file that answers at `path`, seen from `page`.
fn resolve(tree: &Tree, page: &str, path: &str) -> Option<String> {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> =
        if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    let name = parts.join("/");
    let index =
        if name.is_empty() { "index.html".to_owned() } else { format!("{name}/index.html") };
    [index, name].into_iter().find(|candidate| tree.contains_key(candidate))
}

fn address(path: &str) -> Option<String> {
    path.strip_suffix("index.html").map(|folder| format!("/{folder}"))
}

/// The values of `href` and `src` in our own, well-formed HTML.
fn links(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    for name in [" href=\"", " src=\""] {
        for part in html.split(name).skip(1) {
            let value = part.split('"').next().unwrap_or_default();
            out.push(value.replace("&amp;", "&").replace("&#x2F;", "/"));
        }
    }
    out
}

fn slug_of(page: &str) -> &str {
    page.trim_end_matches("index.html").trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Where an author wrote the link, best guess first: the file of the page's name, then any other.
fn origin(page: &str, link: &str, sources: &Sources) -> (String, std::ops::Range<usize>) {
    let written = format!("]({link}");
    let slug = slug_of(page);
    let mut holding: Vec<_> = sources.iter().filter(|(_, text)| text.contains(&written)).collect();
    holding.sort_by_key(|(file, _)| slug.is_empty() || !file.contains(slug));
    match holding.first().and_then(|(file, text)| Some((file, text.find(&written)?))) {
        Some((file, at)) => ((*file).clone(), at + 2..at + 2 + link.len()),
        None => (page.to_owned(), 0..0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Language;

    fn told(pages: &[(&str, &str)], leaving: Leaving) -> Vec<String> {
        let tree = pages.iter().map(|(path, html)| ((*path).to_owned(), html.as_bytes().to_vec()));
        let tree: Tree = tree.collect();
        let found = check(&tree, leaving, &Sources::new());
        found.iter().map(|one| one.message(Language::English)).collect()
    }

    #[test]
    fn follows_absolute_and_relative_links_and_fragments() {
        let pages = [
            (
                "index.html",
                r##"<a href="/om/">a</a> <a href="om/#x">b</a> <a href="#y">c</a><i id="y">"##,
            ),
            ("om/index.html", r#"<a href="../">a</a> <p id="x">"#),
        ];
        assert_eq!(told(&pages, Leaving::Allowed), Vec::<String>::new());
    }

    #[test]
    fn names_what_leads_nowhere() {
        let pages = [("index.html", r##"<a href="/omm/">a</a> <a href="#z">b</a>"##)];
        let found = told(&pages, Leaving::Allowed);
        assert_eq!(found, ["nothing answers at `/omm/`", "nothing answers at `#z`"]);
    }

    #[test]
    fn a_kiosk_page_never_leads_out() {
        let pages = [("s/a/index.html", r#"<a href="https://example.dk">a</a>"#)];
        assert_eq!(told(&pages, Leaving::Allowed).len(), 0);
        assert_eq!(told(&pages, Leaving::Refused).len(), 1);
        let pages = [("index.html", r#"<img src="//example.dk/x.png">"#)];
        assert_eq!(told(&pages, Leaving::Allowed).len(), 1);
    }
}
