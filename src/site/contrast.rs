//! The contrast of the theme's colours, pair by pair, as WCAG 2.2 measures it.
//!
//! Text needs 4.5:1 (1.4.3); borders of fields, the focus ring and the progress need 3:1 (1.4.11).

use std::collections::BTreeMap;
use std::ops::Range;

use super::catalogue;
use crate::diag::Diagnostic;

/// The theme's file of colours.
pub const THEME_FILE: &str = "css/theme.css";

const TEXT: f64 = 4.5;
const PART: f64 = 3.0;

/// The pairs that meet on a page, and the contrast each needs.
const PAIRS: &[(&str, &str, f64)] = &[
    ("--ink", "--paper", TEXT),
    ("--ink", "--surface", TEXT),
    ("--ink", "--tint", TEXT),
    ("--ink", "--problem-tint", TEXT),
    ("--muted", "--paper", TEXT),
    ("--muted", "--surface", TEXT),
    ("--on-brand", "--brand", TEXT),
    ("--brand", "--paper", TEXT),
    ("--brand", "--surface", TEXT),
    ("--brand", "--tint", TEXT),
    ("--problem", "--paper", TEXT),
    ("--problem", "--surface", TEXT),
    ("--problem", "--problem-tint", TEXT),
    ("--line", "--paper", PART),
    ("--line", "--surface", PART),
    ("--accent", "--track", PART),
    // The focus ring is an inner and an outer line: where they differ this much, one of them
    // stands out from whatever lies behind.
    ("--focus", "--accent", PART),
];

/// Everything wrong with the colours in `css`, the text of [`THEME_FILE`] at `file`. The plain
/// colours and those of high contrast are both held to `PAIRS`.
pub fn check(file: &str, css: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut plain = BTreeMap::new();
    for (name, block) in blocks(css) {
        let colours = Colours::read(css, block);
        let high = name.contains("data-contrast");
        let tokens = if high {
            plain.iter().chain(&colours.0).map(|(k, v)| (*k, v.clone())).collect()
        } else {
            plain = colours.0;
            plain.clone()
        };
        check_pairs(file, &tokens, if high { "high contrast, " } else { "" }, &mut found);
    }
    if plain.is_empty() {
        let mut wrong = Diagnostic::new(file, 0..0, &catalogue::WRONG_TOKEN);
        wrong.arg("name", ":root").arg("why", "there is no such block");
        found.push(wrong);
    }
    found
}

type Tokens<'a> = BTreeMap<&'a str, (Range<usize>, Result<[u8; 3], String>)>;

fn check_pairs(file: &str, tokens: &Tokens<'_>, prefix: &str, found: &mut Vec<Diagnostic>) {
    for (front, behind, need) in PAIRS {
        let colour = |name: &str, found: &mut Vec<Diagnostic>| match tokens.get(name) {
            Some((_, Ok(colour))) => Some(*colour),
            Some((span, Err(why))) => {
                wrong_token(file, span.clone(), name, why, found);
                None
            }
            None => {
                wrong_token(file, 0..0, name, "it is missing", found);
                None
            }
        };
        let (Some(a), Some(b)) = (colour(front, found), colour(behind, found)) else { continue };
        let figure = ratio(a, b);
        if figure < *need {
            let span = tokens.get(front).map_or(0..0, |(span, _)| span.clone());
            let mut low = Diagnostic::new(file, span, &catalogue::LOW_CONTRAST);
            // Cut, not rounded: 4.499 must not read as 4.50 and be refused all the same.
            let shown = (figure * 100.0).floor() / 100.0;
            low.arg("pair", format!("{prefix}{front} on {behind}"));
            low.arg("figure", format!("{shown:.2}")).arg("need", need);
            found.push(low);
        }
    }
}

/// Told once a token, however many pairs it is in.
fn wrong_token(file: &str, span: Range<usize>, name: &str, why: &str, found: &mut Vec<Diagnostic>) {
    let told = found.iter().any(|one| one.args.get("name").is_some_and(|known| known[0] == name));
    if !told {
        let mut wrong = Diagnostic::new(file, span, &catalogue::WRONG_TOKEN);
        wrong.arg("name", name).arg("why", why);
        found.push(wrong);
    }
}

/// The selectors in `css` that begin with `:root`, each with the bytes between its braces.
pub fn blocks(css: &str) -> Vec<(&str, Range<usize>)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(open) = css[from..].find('{').map(|at| from + at) {
        let Some(close) = css[open..].find('}').map(|at| open + at) else { break };
        let selector = css[from..open].rsplit("*/").next().unwrap_or_default().trim();
        if selector.starts_with(":root") {
            out.push((selector, open + 1..close));
        }
        from = close + 1;
    }
    out
}

struct Colours<'a>(Tokens<'a>);

impl<'a> Colours<'a> {
    fn read(css: &'a str, block: Range<usize>) -> Colours<'a> {
        let mut tokens = Tokens::new();
        let mut at = block.start;
        for declaration in css[block].split(';') {
            let start = at;
            at += declaration.len() + 1;
            let bare = declaration.rsplit("*/").next().unwrap_or_default();
            let Some((name, value)) = bare.split_once(':') else { continue };
            let from = start + declaration.len() - bare.len();
            let name_at = from + (name.len() - name.trim_start().len());
            let span = name_at..from + bare.trim_end().len();
            tokens.insert(name.trim(), (span, hex_colour(value.trim())));
        }
        Colours(tokens)
    }
}

/// `#rgb` or `#rrggbb`: others cannot be measured without a browser.
fn hex_colour(value: &str) -> Result<[u8; 3], String> {
    let unreadable = || format!("`{value}` is not a colour as in #0d3b4c");
    let digits = value.strip_prefix('#').ok_or_else(unreadable)?;
    let long: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 => digits.to_owned(),
        _ => return Err(unreadable()),
    };
    let number = u32::from_str_radix(&long, 16).map_err(|_| unreadable())?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok([red, green, blue])
}

/// The contrast ratio of WCAG 2.2 (relative luminance of sRGB), from 1 to 21.
pub fn ratio(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::super::theme::Theme;
    use super::*;
    use crate::diag::Language;

    #[test]
    fn measures_as_wcag_does() {
        assert!((ratio([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 1e-9);
        // #767676 on white is the well-known lightest grey that passes.
        assert!(ratio([0x76; 3], [255; 3]) >= 4.5);
        assert!(ratio([0x77; 3], [255; 3]) < 4.5);
    }

    #[test]
    fn the_built_in_theme_passes() {
        let found = check(THEME_FILE, Theme::builtin_text(THEME_FILE));
        let told: Vec<_> = found.iter().map(|one| one.message(Language::English)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }

    #[test]
    fn names_the_pair_and_the_figure() {
        let css = Theme::builtin_text(THEME_FILE).replace("--muted: #46535f", "--muted: #9aa5ae");
        let found = check(THEME_FILE, &css);
        let told = found[0].message(Language::English);
        assert_eq!(told, "--muted on --paper: a contrast of 2.27:1, but 4.5:1 is needed");
        assert!(css[found[0].span.clone()].starts_with("--muted: #9aa5ae"));
    }

    #[test]
    fn a_colour_it_cannot_measure_is_named_once() {
        let css = Theme::builtin_text(THEME_FILE).replace("--ink: #16222d", "--ink: navy");
        let found = check(THEME_FILE, &css);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message(Language::English).contains("`navy`"));
    }
}
