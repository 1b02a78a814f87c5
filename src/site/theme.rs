//! The look: the files of `themes/default`, built in, each of which a folder may replace.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::catalogue;
use crate::diag::Diagnostic;
use crate::error::{Context, Result};
use crate::survey::map;

/// A city's own mark, which the built-in theme has none of.
pub const LOGO: &str = "images/logo.svg";
/// The most it may weigh, in bytes: every page fetches it.
const LOGO_MAX: usize = 20_000;

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../themes/default/", $name)).as_slice())),*]
    };
}

/// Every file of the built-in theme: the one table of what can be replaced.
const BUILTIN: &[(&str, &[u8])] = embed![
    "css/theme.css",
    "css/base.css",
    "css/texts.css",
    "css/survey.css",
    "css/kiosk.css",
    "css/code.css",
    "css/member.css",
    "css/results.css",
    "css/corner.css",
    "css/desk.css",
    "css/rooms.css",
    "css/staff.css",
    "css/keyboard.css",
    "css/kinds/differential.css",
    "css/kinds/dropdown.css",
    "css/kinds/matrix.css",
    "css/kinds/pictures.css",
    "css/kinds/place.css",
    "css/kinds/points.css",
    "css/kinds/ranking.css",
    "css/kinds/scale.css",
    "js/page.js",
    "js/aloud.js",
    "js/evaluate.js",
    "js/app.js",
    "js/kiosk/barrier.js",
    "js/kiosk/corner.js",
    "js/kiosk/heartbeat.js",
    "js/kiosk/keyboard.js",
    "js/kiosk/layouts.js",
    "js/kiosk/visit.js",
    "js/problems.js",
    "js/answers.js",
    "js/review.js",
    "js/sending.js",
    "js/kinds/age.js",
    "js/kinds/check.js",
    "js/kinds/date.js",
    "js/kinds/differential.js",
    "js/kinds/email.js",
    "js/kinds/formatted.js",
    "js/kinds/matrix-multiple.js",
    "js/kinds/matrix.js",
    "js/kinds/multiple.js",
    "js/kinds/number.js",
    "js/kinds/place.js",
    "js/kinds/points.js",
    "js/kinds/postcode.js",
    "js/kinds/ranking.js",
    "js/kinds/scale.js",
    "js/kinds/tel.js",
    "js/kinds/time.js",
    "js/kinds/year.js",
    "js/widgets/date.js",
    "js/widgets/dropdown.js",
    "js/widgets/piping.js",
    "js/widgets/place.js",
    "js/widgets/points.js",
    "js/widgets/ranking.js",
    "js/widgets/shuffle.js",
    "fonts/IBMPlexSans-Regular-Latin1.woff2",
    "fonts/IBMPlexSans-SemiBold-Latin1.woff2",
    "fonts/OFL.txt",
    "images/icon.svg",
    "images/scene.svg",
    "text/da.toml",
    "text/en.toml",
    "text/rooms.da.toml",
    "text/rooms.en.toml",
    "templates/base.html",
    "templates/card.html",
    "templates/choice.html",
    "templates/closed.html",
    "templates/code.html",
    "templates/desk.html",
    "templates/desk-factor.html",
    "templates/desk-login.html",
    "templates/desk-password.html",
    "templates/desk-room.html",
    "templates/desk-sheet.html",
    "templates/desk-start.html",
    "templates/code-choice.html",
    "templates/code-unknown.html",
    "templates/member-ask.html",
    "templates/member-note.html",
    "templates/member.html",
    "templates/signed-up.html",
    "templates/error.html",
    "templates/field.html",
    "templates/home.html",
    "templates/kiosk.html",
    "templates/kiosk-closed.html",
    "templates/kiosk-pin.html",
    "templates/kiosk-restart.html",
    "templates/kiosk-status.html",
    "templates/phone.html",
    "templates/other.html",
    "templates/page.html",
    "templates/result.html",
    "templates/results.html",
    "templates/results-alone.html",
    "templates/results-body.html",
    "templates/results-index.html",
    "templates/results-panel.html",
    "templates/results-question.html",
    "templates/results-table.html",
    "templates/rows.html",
    "templates/question.html",
    "templates/survey.html",
    "templates/thanks.html",
    "templates/was.html",
    "templates/kinds/consent.html",
    "templates/kinds/date.html",
    "templates/kinds/differential.html",
    "templates/kinds/dropdown.html",
    "templates/kinds/email.html",
    "templates/kinds/longtext.html",
    "templates/kinds/matrix.html",
    "templates/kinds/matrix-multiple.html",
    "templates/kinds/multiple.html",
    "templates/kinds/number.html",
    "templates/kinds/place.html",
    "templates/kinds/points.html",
    "templates/kinds/postcode.html",
    "templates/kinds/ranking.html",
    "templates/kinds/scale.html",
    "templates/kinds/single.html",
    "templates/kinds/tel.html",
    "templates/kinds/text.html",
    "templates/kinds/time.html",
    "templates/kinds/year.html",
    "css/paper.css",
    "templates/paper.html",
    "templates/paper/amounts.html",
    "templates/paper/boxes.html",
    "templates/paper/choices.html",
    "templates/paper/lines.html",
    "templates/paper/question.html",
    "templates/paper/scale.html",
    "templates/paper/table.html",
    "templates/qr.html",
];

/// A theme: names such as `css/theme.css` and what stands in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    replaced: Vec<String>,
}

impl Theme {
    /// The built-in theme as it is.
    pub fn builtin() -> Theme {
        let files = BUILTIN.iter().map(|(name, bytes)| ((*name).to_owned(), Cow::Borrowed(*bytes)));
        Theme { files: files.collect(), replaced: Vec::new() }
    }

    /// The built-in theme with the files of `folder` in their places. Files that replace nothing
    /// are warned about, as they are most likely misspelt.
    pub fn load(folder: Option<&Path>) -> Result<(Theme, Vec<Diagnostic>)> {
        let mut theme = Theme::builtin();
        let mut warnings = Vec::new();
        let Some(folder) = folder else { return Ok((theme, warnings)) };
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.during_at("read the theme", folder)?;
            if !entry.file_type().is_file() {
                continue;
            }
            let name = slashed(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
            if theme.has_place_for(&name) {
                let bytes = std::fs::read(entry.path()).during_at("read", entry.path())?;
                theme.replace(name, bytes);
            } else if !hidden(&name) {
                let file = entry.path().display().to_string();
                warnings.push(unknown_file(&file, &name));
            }
        }
        Ok((theme, warnings))
    }

    /// Puts `bytes` in the place of the file called `name`.
    pub fn replace(&mut self, name: String, bytes: Vec<u8>) {
        if !self.replaced.contains(&name) {
            self.replaced.push(name.clone());
        }
        self.files.insert(name, Cow::Owned(bytes));
    }

    /// Known names, a language's texts, a drawing, or the template or style of a question kind.
    fn has_place_for(&self, name: &str) -> bool {
        let in_folder = |folder: &str, ending: &str| {
            name.strip_prefix(folder)
                .and_then(|rest| rest.strip_suffix(ending))
                .is_some_and(|stem| !stem.is_empty() && !stem.contains('/'))
        };
        self.files.contains_key(name)
            || in_folder("text/", ".toml")
            || in_folder("images/", ".svg")
            || in_folder("templates/kinds/", ".html")
            || in_folder("css/kinds/", ".css")
    }

    /// The names that do not come from the built-in theme, with their bytes.
    pub fn replaced(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.replaced.iter().map(|name| (name.as_str(), self.bytes(name)))
    }

    /// The bytes of a file; empty where there is none.
    pub fn bytes(&self, name: &str) -> &[u8] {
        self.files.get(name).map(|bytes| &**bytes).unwrap_or_default()
    }

    /// The logo's width and height in whatever unit it has; none where the theme has no logo.
    ///
    /// # Errors
    /// Says what is wrong with it. A picture beside a page runs no script and fetches nothing, so that
    /// its elements need no judge.
    pub fn logo(&self) -> std::result::Result<Option<(u32, u32)>, String> {
        match self.bytes(LOGO) {
            [] => Ok(None),
            bytes if bytes.len() > LOGO_MAX => {
                Err(format!("{} bytes, but {LOGO_MAX} are the most", bytes.len()))
            }
            _ => match map::size(&self.text(LOGO)) {
                Some((width @ 1.., height @ 1..)) => Ok(Some((width, height))),
                _ => Err("it is no SVG with a viewBox, or a width and a height".to_owned()),
            },
        }
    }

    /// A file as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(name))
    }

    /// Every file in `folder` (`templates/`), as the rest of its name and its bytes, sorted.
    pub fn in_folder<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        self.files
            .iter()
            .filter_map(move |(name, bytes)| Some((name.strip_prefix(folder)?, &**bytes)))
    }

    /// The built-in text of a file, whatever replaced it.
    pub fn builtin_text(name: &str) -> &'static str {
        let bytes = BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes);
        std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }
}

/// A path with `/` on every system; names that are not UTF-8 get a replacement sign.
pub fn slashed(path: &Path) -> String {
    let shown = path.to_string_lossy();
    if cfg!(windows) { shown.replace('\\', "/") } else { shown.into_owned() }
}

fn hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part.ends_with('~'))
}

fn unknown_file(file: &str, name: &str) -> Diagnostic {
    let mut warning = Diagnostic::new(file, 0..0, &catalogue::UNKNOWN_THEME_FILE);
    warning.arg("name", name);
    let near = BUILTIN
        .iter()
        .map(|(known, _)| (strsim::damerau_levenshtein(known, name), *known))
        .min()
        .filter(|(distance, _)| *distance <= 4);
    if let Some((_, known)) = near {
        warning.arg("nearest", known);
    }
    warning
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Language;

    #[test]
    fn one_file_is_replaced_and_the_rest_stay() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("css")).expect("a folder");
        std::fs::write(folder.path().join("css/theme.css"), ":root{}").expect("a file");
        let (theme, warnings) = Theme::load(Some(folder.path())).expect("a theme");
        assert!(warnings.is_empty());
        assert_eq!(theme.text("css/theme.css"), ":root{}");
        assert_eq!(theme.text("css/base.css"), Theme::builtin().text("css/base.css"));
    }

    #[test]
    fn warns_about_a_file_that_replaces_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("css")).expect("a folder");
        std::fs::write(folder.path().join("css/themes.css"), "").expect("a file");
        let (_, warnings) = Theme::load(Some(folder.path())).expect("a theme");
        assert_eq!(warnings[0].help(Language::English), "did you mean `css/theme.css`?");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = Theme::load(Some(Path::new("/no/theme/here"))).expect_err("it is missing");
        assert!(error.to_string().contains("/no/theme/here"), "{error}");
    }
}
