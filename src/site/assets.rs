//! The files a page fetches, each under a name made from its bytes, so that they never go stale.

use std::collections::BTreeMap;

use serde::Serialize;

use super::contrast;
use super::theme::Theme;
use crate::crypto;

/// The style sheets in the order of their rules; the theme's tokens first.
const STYLES: &[&str] = &[contrast::THEME_FILE, "css/base.css", "css/survey.css", "css/kiosk.css"];
/// `evaluate.js` is a part of its own because tests run it without a page.
const SCRIPTS: &[&str] = &["js/evaluate.js", "js/app.js"];
/// What only a kiosk's pages fetch, so that phones need not.
const KIOSK_SCRIPTS: &[&str] = &["js/kiosk.js"];

/// Where the pages find their assets: addresses such as `/assets/app.0a1b2c3d4e5f.css`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Addresses {
    pub css: String,
    pub js: String,
    pub kiosk_js: String,
    /// By the stem of the file: `icon`, `scene`.
    pub images: BTreeMap<String, String>,
    /// To be preloaded: what every page shows text in.
    pub fonts: Vec<String>,
}

/// Every asset of a theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub addresses: Addresses,
    /// By path without the leading `/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Assets {
    /// Joins, squeezes and names the theme's files.
    pub fn of(theme: &Theme) -> Assets {
        let mut assets = Assets::default();
        let mut css = style_sheet(theme);
        for (name, bytes) in theme.in_folder("fonts/") {
            if let Some(stem) = name.strip_suffix(".woff2") {
                let address = assets.add(stem, "woff2", bytes.to_vec());
                css = css.replace(&format!("../fonts/{name}"), &address);
                assets.addresses.fonts.push(address);
            } else {
                // Licences keep their names: people look for them.
                assets.files.insert(format!("assets/fonts/{name}"), bytes.to_vec());
            }
        }
        for (name, bytes) in theme.in_folder("images/") {
            if let Some(stem) = name.strip_suffix(".svg") {
                let address = assets.add(stem, "svg", bytes.to_vec());
                css = css.replace(&format!("../images/{name}"), &address);
                assets.addresses.images.insert(stem.to_owned(), address);
            }
        }
        assets.addresses.css = assets.add("app", "css", css.into_bytes());
        assets.addresses.js = assets.add("app", "js", script(theme, SCRIPTS));
        assets.addresses.kiosk_js = assets.add("kiosk", "js", script(theme, KIOSK_SCRIPTS));
        assets
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

fn script(theme: &Theme, names: &[&str]) -> Vec<u8> {
    names.iter().map(|name| squeeze_script(&theme.text(name))).collect::<String>().into_bytes()
}

fn style_sheet(theme: &Theme) -> String {
    let mut css = String::new();
    for name in STYLES {
        css.push_str(&squeeze(&theme.text(name)));
    }
    let tokens = theme.text(contrast::THEME_FILE);
    let high = contrast::blocks(&tokens).into_iter().find(|(name, _)| name.contains("high"));
    if let Some((_, block)) = high {
        // The system's wish is the same set of colours, written once by the theme.
        css.push_str("@media (prefers-contrast:more){:root:not([data-contrast=normal]){");
        css.push_str(&squeeze(&tokens[block]));
        css.push_str("}}\n");
    }
    css
}

/// Drops comments, indentation and empty lines: half of a readable style sheet. Shorter forms are
/// left to compression, as getting them wrong costs more than they save.
fn squeeze(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut out = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(&line.replace(": ", ":").replace(" {", "{").replace(", ", ","));
        if line.ends_with('}') {
            out.push('\n');
        }
    }
    out
}

/// Drops lines that are comments, and indentation. Nothing is moved or joined, so that what a line
/// means cannot change; a template string keeps its lines as they are.
fn squeeze_script(js: &str) -> String {
    let mut out = String::with_capacity(js.len());
    let (mut in_comment, mut in_template) = (false, false);
    for line in js.lines() {
        let bare = line.trim();
        if in_template {
            out.push_str(line);
            out.push('\n');
        } else if in_comment || bare.starts_with("/*") {
            // What follows a comment's end on its own line is kept.
            let (ended, rest) = match bare.split_once("*/") {
                Some((_, rest)) => (true, rest.trim()),
                None => (false, ""),
            };
            in_comment = !ended;
            if !rest.is_empty() {
                out.push_str(rest);
                out.push('\n');
            }
            continue;
        } else if !bare.is_empty() && !bare.starts_with("//") {
            out.push_str(bare);
            out.push('\n');
        } else {
            continue;
        }
        in_template ^= line.replace("\\`", "").matches('`').count() % 2 == 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_the_bytes() {
        let mut theme = Theme::builtin();
        let before = Assets::of(&theme).addresses;
        theme.replace("js/app.js".into(), b"1".to_vec());
        let after = Assets::of(&theme).addresses;
        assert_eq!(before.css, after.css);
        assert_ne!(before.js, after.js);
    }

    #[test]
    fn the_style_sheet_points_at_hashed_fonts_and_fits_its_budget() {
        let assets = Assets::of(&Theme::builtin());
        let css = &assets.files[assets.addresses.css.trim_start_matches('/')];
        let css = std::str::from_utf8(css).expect("a style sheet is text");
        assert!(!css.contains("../"), "an address was not replaced");
        assert!(assets.addresses.fonts.iter().all(|font| css.contains(font)));
        assert!(css.len() <= 20_000, "{} bytes", css.len());
    }

    #[test]
    fn a_script_loses_comments_and_nothing_else() {
        let js = "// a\n/** b\n * c */\nconst x = \"// d\"; // e\n\n  let t = `f\n    // g\n  `;\n/* h */ y();\n";
        let want = "const x = \"// d\"; // e\nlet t = `f\n    // g\n  `;\ny();\n";
        assert_eq!(squeeze_script(js), want);
    }

    #[test]
    fn the_script_of_a_phone_fits_its_budget() {
        let assets = Assets::of(&Theme::builtin());
        let js = &assets.files[assets.addresses.js.trim_start_matches('/')];
        assert!(js.len() <= 20 * 1024, "{} bytes", js.len());
    }

    #[test]
    fn squeezing_keeps_the_rules() {
        let css = "/* a */\n.a {\n  color: red; /* b */\n}\n\n.b, .c {\n  margin: 0 auto;\n}\n";
        assert_eq!(squeeze(css), ".a{color:red;}\n.b,.c{margin:0 auto;}\n");
    }
}
