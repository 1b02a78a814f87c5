//! The files a page fetches, each under a name made from its bytes, so that they never go stale.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::parts::Parts;
use super::render::Mode;
use super::screen;
use super::squeeze::{self, squeeze, squeeze_script};
use super::theme::Theme;
use super::tokens::{self, Tokens};
use crate::crypto;
use crate::error::{Error, Result};

/// The style sheets of every page in the order of their rules; the theme's tokens first.
const STYLES: &[&str] = &[tokens::FILE, "css/base.css"];
/// What a page of text adds, what a survey's does, and what a kiosk's; a part's own come last.
const TEXT_STYLES: &[&str] = &["css/texts.css"];
const SURVEY_STYLES: &[&str] = &["css/survey.css"];
const KIOSK_STYLES: &[&str] =
    &["css/kiosk.css", "css/keyboard.css", "css/corner.css", SCREEN_STYLE];
/// Written by the build, for a screen of known width.
const SCREEN_STYLE: &str = "css/screen.css";
/// What pages other than surveys add: the field for a code, a member's pages; and a kiosk's: its staff page.
const PLAIN_STYLES: &[&str] = &["css/code.css", "css/member.css"];
const STAFF_STYLES: &[&str] = &["css/staff.css"];
/// What published results add to pages of text: nobody else needs to fetch it.
const RESULTS_STYLES: &[&str] = &["css/results.css"];
/// What the central's staff pages add; they show results, too.
const DESK_STYLES: &[&str] = &["css/desk.css", "css/rooms.css"];
/// What the paper version is printed with; it shares nothing but the theme's tokens.
const PAPER_STYLES: &[&str] = &[tokens::FILE, "css/paper.css"];
/// The script of every page.
const SCRIPTS: &[&str] = &["js/page.js"];
/// What a page fetches for whoever wants it read aloud.
const ALOUD_SCRIPTS: &[&str] = &["js/aloud.js"];
/// What a survey's page adds, around the readers of its kinds. `evaluate.js` is a part of its own
/// because tests run it without a page.
const EVALUATOR: &str = "js/evaluate.js";
const SURVEY_SCRIPTS: &[&str] =
    &["js/app.js", "js/problems.js", "js/answers.js", "js/review.js", "js/sending.js"];
/// What only a kiosk's pages fetch, so that phones need not.
const KIOSK_SCRIPTS: &[&str] = &[
    "js/kiosk/visit.js",
    "js/kiosk/heartbeat.js",
    "js/kiosk/barrier.js",
    "js/kiosk/layouts.js",
    "js/kiosk/keyboard.js",
    "js/kiosk/corner.js",
];

/// Where the pages find their assets: addresses such as `/assets/app.0a1b2c3d4e5f.css`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Addresses {
    pub css: String,
    /// The style sheet of paper versions.
    pub paper_css: String,
    /// The style sheet of published results, in place of `css`.
    pub results_css: String,
    /// The style sheet of the central's staff pages, in place of `css`.
    pub staff_css: String,
    pub js: String,
    /// A kiosk's style sheet, in place of `css`, and what its pages fetch besides `js`.
    pub kiosk_css: String,
    pub kiosk_js: String,
    /// Fetched by nobody but those who want it.
    pub aloud_js: String,
    /// By the stem of the file: `icon`, `scene`.
    pub images: BTreeMap<String, String>,
    /// In the header, where the theme has one.
    pub logo: Option<Logo>,
    /// To be preloaded: what every page shows text in.
    pub fonts: Vec<String>,
}

/// A city's own mark: `images/logo.svg`, with its size in whatever unit it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Logo {
    pub url: String,
    pub width: u32,
    pub height: u32,
}

/// Every asset of a theme but the bundles of surveys.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    pub addresses: Addresses,
    /// By path without the leading `/`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The styles, squeezed, and the scripts, as they are, by their names in the theme.
    sources: BTreeMap<String, String>,
    /// Bundles made so far: a server that sends a page back must not make them anew.
    made: Arc<Mutex<BTreeMap<(Parts, Mode), Bundle>>>,
}

/// The style sheet and the script of one survey's page, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub css: (String, Vec<u8>),
    pub js: (String, Vec<u8>),
}

impl Assets {
    /// Joins, squeezes and names the theme's files, for a kiosk's screen of this width where one is
    /// known.
    ///
    /// # Errors
    /// Where one of its scripts is no JavaScript.
    pub fn of(theme: &Theme, screen_width_mm: Option<u32>) -> Result<Assets> {
        let mut assets = Assets { sources: styles(theme), ..Assets::default() };
        let sizes = screen_width_mm.map(screen::style);
        assets.sources.extend(sizes.map(|css| (SCREEN_STYLE.to_owned(), css)));
        assets.sources.extend(scripts(theme)?);
        let css = theme.text(tokens::FILE);
        let tokens = tokens::plain(&css);
        let mut moved = assets.add_fonts(theme, &tokens);
        moved.append(&mut assets.add_images(theme, &tokens));
        let images = &assets.addresses.images;
        let logo = theme.logo().ok().flatten().zip(images.get("logo").cloned());
        assets.addresses.logo = logo.map(|((width, height), url)| Logo { url, width, height });
        for source in assets.sources.values_mut() {
            for (from, to) in &moved {
                *source = source.replace(from, to);
            }
        }
        let text = [TEXT_STYLES, PLAIN_STYLES].concat();
        let css = assets.join(STYLES.iter().chain(&text));
        assets.addresses.css = assets.add("page", "css", css);
        let kiosk = [KIOSK_STYLES, STAFF_STYLES].concat();
        let css = assets.join(STYLES.iter().chain(&text).chain(&kiosk));
        assets.addresses.kiosk_css = assets.add("page", "css", css);
        let css = assets.join(STYLES.iter().chain(TEXT_STYLES).chain(RESULTS_STYLES));
        assets.addresses.results_css = assets.add("results", "css", css);
        let text = [TEXT_STYLES, RESULTS_STYLES].concat();
        let css = assets.join(STYLES.iter().chain(&text).chain(DESK_STYLES));
        assets.addresses.staff_css = assets.add("staff", "css", css);
        let css = assets.join(PAPER_STYLES);
        assets.addresses.paper_css = assets.add("paper", "css", css);
        let js = assets.join_scripts(SCRIPTS);
        assets.addresses.js = assets.add("page", "js", js);
        let kiosk = assets.join_scripts(KIOSK_SCRIPTS);
        assets.addresses.kiosk_js = assets.add("kiosk", "js", kiosk);
        let aloud = assets.join_scripts(ALOUD_SCRIPTS);
        assets.addresses.aloud_js = assets.add("aloud", "js", aloud);
        Ok(assets)
    }

    /// The fonts, as (name in a style sheet, address).
    fn add_fonts(&mut self, theme: &Theme, tokens: &Tokens<'_>) -> Vec<(String, String)> {
        let mut moved = Vec::new();
        for (name, bytes) in theme.in_folder("fonts/") {
            let Some(stem) = name.strip_suffix(".woff2") else {
                // Licences keep their names: people look for them.
                self.files.insert(format!("assets/fonts/{name}"), bytes.to_vec());
                continue;
            };
            let address = self.add(stem, "woff2", bytes.to_vec());
            if self.is_spoken_of(name, tokens) {
                self.addresses.fonts.push(address.clone());
            }
            moved.push((format!("../fonts/{name}"), address));
        }
        moved
    }

    /// Whether the font in this file is one of those the theme's text is in: a city may leave the
    /// built-in one for one that its readers' machines have.
    fn is_spoken_of(&self, file: &str, tokens: &Tokens<'_>) -> bool {
        let Some((_, font)) = tokens.get("--font") else { return true };
        let faces = self.sources.values().flat_map(|style| style.split("@font-face").skip(1));
        let mut own = faces.map(|rest| rest.split('}').next().unwrap_or_default());
        own.find(|face| face.contains(file)).is_some_and(|face| {
            let family = face.split("font-family:").nth(1).and_then(|rest| rest.split(';').next());
            family.is_some_and(|family| font.contains(family.trim().trim_matches('"')))
        })
    }

    /// The drawings, as (name in a style sheet, address). An empty file leaves a drawing out.
    fn add_images(&mut self, theme: &Theme, tokens: &Tokens<'_>) -> Vec<(String, String)> {
        let mut moved = Vec::new();
        for (name, bytes) in theme.in_folder("images/") {
            let Some(stem) = name.strip_suffix(".svg").filter(|_| !bytes.is_empty()) else {
                continue;
            };
            let drawing = theme.text(&format!("images/{name}"));
            let drawing = tokens::paint(&drawing, tokens);
            let address = self.add(stem, "svg", drawing.as_bytes().to_vec());
            self.addresses.images.insert(stem.to_owned(), address.clone());
            moved.push((format!("../images/{name}"), address));
        }
        moved
    }

    /// What the page of a survey with these parts fetches; the same parts give the same files.
    pub fn bundle(&self, parts: &Parts, mode: Mode) -> Bundle {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry((parts.clone(), mode)).or_insert_with(|| self.make_bundle(parts, mode)).clone()
    }

    /// A file of a bundle made since the start, by path.
    pub fn made(&self, path: &str) -> Option<Vec<u8>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = made.values().flat_map(|bundle| [&bundle.css, &bundle.js]);
        files.find(|(name, _)| name == path).map(|(_, bytes)| bytes.clone())
    }

    fn make_bundle(&self, parts: &Parts, mode: Mode) -> Bundle {
        let of_parts = |folder: &str, ending: &str| -> Vec<String> {
            parts.iter().map(|part| format!("{folder}/{part}.{ending}")).collect()
        };
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let kiosk = if mode == Mode::Kiosk { KIOSK_STYLES } else { &[] };
        let styles = of_parts("css/kinds", "css");
        let css = self.join(&[own(STYLES), own(SURVEY_STYLES), own(kiosk), styles].concat());
        let (readers, widgets) = (of_parts("js/kinds", "js"), of_parts("js/widgets", "js"));
        let before = [own(SCRIPTS), own(&[EVALUATOR]), readers].concat();
        let js = self.join_scripts(&[before, own(SURVEY_SCRIPTS), widgets].concat());
        Bundle {
            css: (hashed_path("survey", "css", &css), css),
            js: (hashed_path("survey", "js", &js), js),
        }
    }

    /// Files that the theme has, one after the other; not every part has every file.
    fn join<'n, N: AsRef<str> + 'n>(&self, names: impl IntoIterator<Item = &'n N>) -> Vec<u8> {
        let found = names.into_iter().filter_map(|name| self.sources.get(name.as_ref()));
        found.map(String::as_str).collect::<String>().into_bytes()
    }

    /// The same as one squeezed module.
    fn join_scripts<'n, N: AsRef<str> + 'n>(
        &self,
        names: impl IntoIterator<Item = &'n N>,
    ) -> Vec<u8> {
        let joined = String::from_utf8(self.join(names)).expect("scripts were read as text");
        // Nobody imports from a page's script: what tests do loses its name, too.
        let joined = joined.replace("\nexport ", "\n");
        // Each of them was read before ([`scripts`]); what cannot be read together stays as it is.
        squeeze_script(&joined).unwrap_or(joined).into_bytes()
    }

    fn add(&mut self, stem: &str, ending: &str, bytes: Vec<u8>) -> String {
        let path = hashed_path(stem, ending, &bytes);
        let address = format!("/{path}");
        self.files.insert(path, bytes);
        address
    }
}

/// `assets/<stem>.<12 hex digits>.<ending>`: 48 bits are enough, as nobody gains by a collision.
pub fn hashed_path(stem: &str, ending: &str, bytes: &[u8]) -> String {
    let digest = crypto::sha256_hex(bytes);
    format!("assets/{stem}.{}.{ending}", &digest[..12])
}

fn styles(theme: &Theme) -> BTreeMap<String, String> {
    let styles = theme.in_folder("css/").map(|(name, _)| {
        let name = format!("css/{name}");
        let style = if name == tokens::FILE { with_wishes } else { squeeze };
        let squeezed = style(&theme.text(&name));
        (name, squeezed)
    });
    styles.collect()
}

fn scripts(theme: &Theme) -> Result<Vec<(String, String)>> {
    let scripts = theme.in_folder("js/").map(|(name, _)| {
        let name = format!("js/{name}");
        let js = theme.text(&name).into_owned();
        squeeze::check_script(&js).map_err(|wrong| {
            Error::new(format!("read the theme's script, {wrong}"))
                .path(&name)
                .hint("mend the script, or leave it out to use the built-in one")
        })?;
        Ok((name, js + "\n"))
    });
    scripts.collect()
}

/// The theme's tokens, and what the build makes of them.
fn with_wishes(css: &str) -> String {
    let mut out = squeeze(css);
    let plain = tokens::plain(css);
    if let Some((_, header)) = plain.get("--header") {
        out.push_str(&format!(":root{{--plate:{header}}}\n"));
    }
    let high = tokens::blocks(css).into_iter().find(|(selector, _)| tokens::is_high(selector));
    if let Some((_, block)) = high {
        // The system's wish is the same set of colours, written once by the theme.
        out.push_str("@media (prefers-contrast:more){:root:not([data-contrast=normal]){");
        out.push_str(&squeeze(&css[block]));
        out.push_str("}}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::kinds;

    /// Of a survey with everything.
    fn everything() -> Parts {
        let kinds = kinds::ALL.iter().map(|rules| rules.name());
        kinds
            .chain(["age", "check", "dropdown", "formatted", "pictures", "piping", "shuffle"])
            .collect()
    }

    #[test]
    fn names_change_with_the_bytes() {
        let mut theme = Theme::builtin();
        let before = Assets::of(&theme, None).expect("sound scripts").addresses;
        theme.replace("js/page.js".into(), b"1".to_vec());
        let after = Assets::of(&theme, None).expect("sound scripts").addresses;
        assert_eq!(before.css, after.css);
        assert_ne!(before.js, after.js);
    }

    #[test]
    fn the_style_sheet_points_at_hashed_fonts() {
        let assets = Assets::of(&Theme::builtin(), None).expect("sound scripts");
        let css = assets.bundle(&everything(), Mode::Kiosk).css.1;
        let css = std::str::from_utf8(&css).expect("a style sheet is text");
        assert!(!css.contains("../"), "an address was not replaced");
        assert!(assets.addresses.fonts.iter().all(|font| css.contains(font)));
        assert!(css.contains("prefers-contrast"));
    }

    #[test]
    fn a_survey_fetches_its_own_kinds_and_no_others() {
        let assets = Assets::of(&Theme::builtin(), None).expect("sound scripts");
        let script = |parts: &[&'static str]| {
            let parts = parts.iter().copied().collect();
            String::from_utf8(assets.bundle(&parts, Mode::Web).js.1).expect("text")
        };
        let plain = script(&["single"]);
        assert!(!plain.contains("ranking-twice") && !plain.contains("rank_full"));
        let ranking = script(&["ranking", "single"]);
        let places = ["unknown-choice", "ranking-twice", "pageshow", "rank_full"];
        let places = places.map(|part| ranking.find(part));
        assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
        assert_eq!(ranking, script(&["single", "ranking"]));
    }
}
