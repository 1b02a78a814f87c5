//! What staff found in a survey's answers, `content/results/<slug>.md`, as its mail shows it. The page of
//! results reads the same file:
//!
//! ```text
//! - Syv ud af ti bruger et grønt område hver uge.
//! - De fleste savner træer langs gaderne.
//!
//! ## Det gør kommunen
//!
//! I 2027 plantes 400 træer.
//! ```

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diag::{self, Sources};
use crate::error::{Context, Error, Result};
use crate::site::theme::slashed;
use crate::survey::prose;
use crate::survey::source::{self, Notes};

/// The file of a survey; in another language than the site's with `.en` before its ending.
pub fn path(content: &Path, slug: &str, lang: Option<&str>) -> PathBuf {
    let name = match lang {
        Some(lang) => format!("{slug}.{lang}.md"),
        None => format!("{slug}.md"),
    };
    content.join("results").join(name)
}

/// The findings in `lang`, or where they are not written in it in the site's language, as HTML; none where
/// nobody has written any.
///
/// # Errors
/// Where the file has mistakes, or cannot be read.
pub fn read(
    content: &Path,
    slug: &str,
    lang: &str,
    default_language: &str,
) -> Result<Option<String>> {
    let translation = (lang != default_language).then(|| path(content, slug, Some(lang)));
    let base = path(content, slug, None);
    for path in translation.into_iter().chain([base]) {
        match std::fs::read(&path) {
            Ok(bytes) => return html(&path, &bytes).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).during_at("read the findings in", &path),
        }
    }
    Ok(None)
}

fn html(path: &Path, bytes: &[u8]) -> Result<String> {
    let file = slashed(path);
    let (text, wrong) = source::decode(&file, bytes);
    let mut notes = Notes::new(&file);
    let html = prose::paragraphs(&text, 0..text.len(), &mut notes).html;
    let wrong: Vec<_> = wrong.into_iter().chain(std::mem::take(&mut notes.list)).collect();
    let refuse = |why: String| {
        Err(Error::new("use the findings in")
            .path(path)
            .source(why)
            .hint("mend them; nothing was sent"))
    };
    if wrong.iter().any(diag::Diagnostic::is_error) {
        let sources = Sources::from([(file.clone(), text.clone())]);
        return refuse(diag::report(&wrong, &sources, diag::Language::English));
    }
    if !notes.pipes.is_empty() {
        return refuse("there is no answer here that braces could show".to_owned());
    }
    match text.trim().is_empty() {
        true => refuse("there is nothing in it".to_owned()),
        false => Ok(html),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_and_what_the_city_does_are_read_in_the_members_language_where_they_are() {
        let content = tempfile::tempdir().expect("a folder");
        let folder = content.path().join("results");
        std::fs::create_dir(&folder).expect("a folder");
        let find = |lang: &str| read(content.path(), "parker", lang, "da");
        assert_eq!(find("da").expect("read"), None);
        let danish = "- Syv ud af ti\n- Flere træer\n\n## Det gør kommunen\n\nDer plantes.\n";
        std::fs::write(folder.join("parker.md"), danish).expect("written");
        let html = find("en").expect("read").expect("findings");
        for part in ["<li>Syv ud af ti</li>", "Det gør kommunen</h2>", "<p>Der plantes.</p>"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        std::fs::write(folder.join("parker.en.md"), "- Seven in ten\n").expect("written");
        assert!(find("en").expect("read").expect("findings").contains("Seven in ten"));
        for wrong in ["<script>", "  \n", "- Du svarede {{often}}\n"] {
            std::fs::write(folder.join("parker.md"), wrong).expect("written");
            let told = find("da").expect_err(wrong).to_string();
            assert!(told.contains("parker.md"), "{wrong}: {told}");
        }
    }
}
